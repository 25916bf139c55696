//! Confidentiality labels: what may be done with a piece of information, in the syntax that NATO systems exchange.
//!
//! This crate knows labels as values: those of any policy ([`Document`]) and those that are issued here ([`Label`]). With a policy
//! file ([`Spif`]) it says whether a label is allowed, what to print on a page, whether a [`Clearance`] dominates it, and what it
//! is in another policy; with a signer's key it binds a label to data ([`Binding`]). It touches no files, clocks or network.
//!
//! ```
//! use label::{Classification, Information, Label};
//!
//! let information = Information::nato(Classification::NatoUnclassified, &["INDUSTRY"]).unwrap();
//! let (created, review) = ("2026-11-22T16:00:00Z".parse().unwrap(), "2031-11-22T16:00:00Z".parse().unwrap());
//! let label = Label::reviewed(information, None, created, review);
//! assert_eq!(label.marking(), "NATO UNCLASSIFIED Releasable to INDUSTRY");
//! assert_eq!(Label::from_xml(label.to_xml().unwrap().as_bytes()).unwrap(), label);
//! ```
//!
//! A label of any policy, judged with a policy file:
//!
//! ```
//! use label::{Clearance, Place, Reading, exercise};
//! # use label::{Classification, Information, Label};
//! # let information = Information::nato(Classification::NatoUnclassified, &["CHE"]).unwrap();
//! # let (created, review) = ("2026-11-22T16:00:00Z".parse().unwrap(), "2031-11-22T16:00:00Z".parse().unwrap());
//! # let xml = Label::reviewed(information, None, created, review).to_xml().unwrap();
//! let reading = Reading::from_xml(xml.as_bytes()).unwrap();
//! let (statement, [nato, eu, _]) = (&reading.document.statement, exercise::policies().unwrap());
//! assert!(reading.findings.is_empty() && nato.allows(statement));
//! let marking = nato.marking(statement, "fr", Place::PageTop).unwrap();
//! assert_eq!(marking, "NATO SANS CLASSIFICATION Communicable à Suisse");
//! let nobody = Clearance::up_to(&nato, "RESTRICTED", Vec::new()).unwrap();
//! assert_eq!(nobody.withheld(statement, &nato).unwrap().len(), 2);
//! assert!(nato.encrypt(statement, &eu).is_ok());
//! ```
//!
//! # Guarantee
//! [`Label::from_xml`] and [`Label::to_xml`] are inverse: what is printed reads back as the same label, and what is read prints
//! as a label that reads back equal. Values outside the closed sets of the NATO and PUBLIC policies are refused, never guessed.
//!
//! # Source
//! STANAG 4774 (ADatP-4774 edition A): the elements and attributes of a label, the values of the NATO and PUBLIC policies, and
//! the markings of its table 17. The document's schema is not reproduced here.

mod binding;
mod classification;
mod clearance;
mod document;
mod dominance;
mod equivalence;
mod error;
pub mod exercise;
mod field;
mod finding;
mod information;
mod json;
mod marking;
mod refine;
mod spif;
mod xml;

pub use crate::{
    binding::{
        BINDING_BYTES_MAX, BINDING_NAMESPACE, Binding, BindingError, Bound, Certificate, Data,
        EMBEDDED_BYTES_MAX, Signer,
    },
    classification::{Classification, Policy},
    clearance::{CLEARANCE_NAMESPACE, Clearance},
    document::{
        DOCUMENT_BYTES_MAX, Document, OriginatorName, PolicyName, Reading, Replacement, Root, Statement,
        TaggedValues,
    },
    dominance::{DominanceError, Withheld},
    equivalence::{Direction, EquivalenceError, Translation},
    error::LabelError,
    field::{Text, UtcTime},
    finding::{Code, Finding, Severity},
    information::{
        Category, CategoryKind, Information, Label, Originator, OriginatorKind, Succession, Successor, Tag,
    },
    spif::{
        Codes, EquivalentPolicy, Grade, Markings, Phrase, Place, Qualifier, QualifierCode, SPIF_BYTES_MAX,
        SPIF_NAMESPACE, Spif, SpifError, SpifTag, SpifVersion, TagSet, Value,
    },
    xml::XmlError,
};

/// Longest label in bytes of XML. A label stands inside an act of the ledger, whose entries are at most 65,535 bytes
/// (C2SP tlog-tiles), beside everything else that the act says.
pub const LABEL_BYTES_MAX: usize = 16_384;

/// XML namespace of a label (STANAG 4774).
pub const NAMESPACE: &str = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0";
