//! Confidentiality labels: what may be done with a piece of information, in the syntax that NATO systems exchange.
//!
//! This crate knows labels as values: it reads and writes their XML and says what to print on a page. It does not know who may
//! read what, holds no policy file, and compares no label of one policy with one of another. It touches no files, clocks or
//! network.
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
//! # Guarantee
//! [`Label::from_xml`] and [`Label::to_xml`] are inverse: what is printed reads back as the same label, and what is read prints
//! as a label that reads back equal. Values outside the closed sets of the NATO and PUBLIC policies are refused, never guessed.
//!
//! # Source
//! STANAG 4774 (ADatP-4774 edition A): the elements and attributes of a label, the values of the NATO and PUBLIC policies, and
//! the markings of its table 17. The document's schema is not reproduced here.

mod classification;
mod error;
mod field;
mod information;
mod marking;
mod read;
mod write;
mod xml;

pub use crate::{
    classification::{Classification, Policy},
    error::LabelError,
    field::{Text, UtcTime},
    information::{
        Category, CategoryKind, Information, Label, Originator, OriginatorKind, Succession, Successor, Tag,
    },
};

/// Longest label in bytes of XML. A label stands inside an act of the ledger, whose entries are at most 65,535 bytes
/// (C2SP tlog-tiles), beside everything else that the act says.
pub const LABEL_BYTES_MAX: usize = 16_384;

/// XML namespace of a label (STANAG 4774).
pub const NAMESPACE: &str = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0";
