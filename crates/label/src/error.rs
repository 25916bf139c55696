//! Why bytes or values are not a label.

use crate::{
    finding::{Code, Finding},
    xml::XmlError,
};

/// Why something is not a label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Longer than a label may be.
    #[error("a label of {bytes} bytes is longer than {allowed} bytes")]
    TooLong {
        /// Length found.
        bytes: usize,
        /// Length allowed.
        allowed: usize,
    },
    /// The bytes are not text.
    #[error("the label is not UTF-8 text")]
    NotText,
    /// The text is not well-formed XML.
    #[error("the label is not well-formed XML at byte {offset}")]
    NotXml {
        /// Where reading stopped.
        offset: u64,
    },
    /// The text is not the JSON form of a label.
    #[error("the label is not JSON in the form of a label at line {line}, column {column}")]
    NotJson {
        /// Line where reading stopped.
        line: usize,
        /// Column where reading stopped.
        column: usize,
    },
    /// XML that a label has no use for and that attacks are made of.
    #[error("a label has no {construct}")]
    Forbidden {
        /// What was found: a document type, an entity, a comment and so on.
        construct: &'static str,
    },
    /// More nested or more numerous than a label can be.
    #[error("a label has at most {allowed} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        allowed: usize,
    },
    /// An element or attribute that has no place where it stands.
    #[error("`{found}` has no place in `{within}`")]
    OutOfPlace {
        /// The element or attribute.
        found: String,
        /// The element around it.
        within: String,
    },
    /// Something that a label must have.
    #[error("the label has no {what}")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// A policy outside the closed set.
    #[error("`{found}` is not a policy known here")]
    UnknownPolicy {
        /// Value found.
        found: String,
    },
    /// A classification that the policy does not have.
    #[error("`{found}` is not a classification of policy {policy}")]
    UnknownClassification {
        /// Policy of the label.
        policy: &'static str,
        /// Value found.
        found: String,
    },
    /// A category that the policy does not have, or of the wrong type.
    #[error("`{found}` is not a category of policy {policy}")]
    UnknownCategory {
        /// Policy of the label.
        policy: &'static str,
        /// Tag name or type found.
        found: String,
    },
    /// A type of category that the standard does not have.
    #[error("`{found}` is not a type of category: RESTRICTIVE, PERMISSIVE or INFORMATIVE")]
    UnknownKind {
        /// Type found.
        found: String,
    },
    /// The same category twice.
    #[error("category {tag} stands more than once")]
    DoubleCategory {
        /// Its tag name.
        tag: &'static str,
    },
    /// An identifier that belongs to another policy or category.
    #[error("the identifier `{found}` is not that of {what}")]
    WrongIdentifier {
        /// Policy or category.
        what: &'static str,
        /// Identifier found.
        found: String,
    },
    /// A text that cannot stand in a label.
    #[error(
        "a text of a label has 1 to {allowed} characters, no space at either end and nothing invisible in it"
    )]
    Text {
        /// Longest text, in characters.
        allowed: usize,
    },
    /// A time in another form.
    #[error("a time is written `YYYY-MM-DDTHH:MM:SSZ`, in UTC")]
    Time,
}

impl LabelError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::TooMany { .. } => {
                "shorten the label: fewer categories, values or shorter texts"
            }
            Self::NotText | Self::NotXml { .. } | Self::NotJson { .. } => {
                "ask the originator for the label again: this one is damaged"
            }
            Self::Forbidden { .. } | Self::OutOfPlace { .. } => {
                "keep to the elements of STANAG 4774; do not open the file with a browser or an office program"
            }
            Self::Missing { .. } => "add it: STANAG 4774 requires it",
            Self::UnknownPolicy { .. }
            | Self::UnknownClassification { .. }
            | Self::UnknownCategory { .. } => {
                "use a value of the NATO or PUBLIC policy, or have the information labelled by its originator in one of them"
            }
            Self::UnknownKind { .. } => "write the type in capitals, as the standard has it",
            Self::DoubleCategory { .. } => "put all values of a category into one element",
            Self::WrongIdentifier { .. } => "leave the URI attribute out or correct it",
            Self::Text { .. } => {
                "remove spaces at the ends, line breaks and characters that change the reading direction"
            }
            Self::Time => "write the time in UTC to the second, for example 2026-11-22T16:00:00Z",
        }
    }
}

impl From<XmlError> for LabelError {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::TooLong { bytes, allowed } => Self::TooLong { bytes, allowed },
            XmlError::NotText => Self::NotText,
            XmlError::NotXml { offset } => Self::NotXml { offset },
            XmlError::Forbidden { construct } => Self::Forbidden { construct },
            XmlError::TooMany { what, allowed } => Self::TooMany { what, allowed },
            XmlError::Undeclared { found, within } => Self::OutOfPlace { found, within },
        }
    }
}

/// A deviation from the standard, as the error that it is where none is put up with.
impl From<Finding> for LabelError {
    fn from(finding: Finding) -> Self {
        match finding.code {
            Code::CreationTimeMissing => Self::Missing { what: "creation time" },
            Code::ReviewTimeMissing => {
                Self::Missing { what: "review time, which a label without successor must have" }
            }
            Code::OriginatorKindMissing => Self::Missing { what: "kind of originator" },
            Code::CategoryEmpty => Self::Missing { what: "value in a category" },
            Code::TimeForm => Self::Time,
            Code::WhiteSpace => Self::Text { allowed: crate::field::Text::CHARS_MAX },
            _ => Self::OutOfPlace { found: finding.found, within: finding.place },
        }
    }
}
