//! A label of any policy as a value: what a STANAG 4774 document says, whatever its policy means by it.
//!
//! Not here: whether the values are any policy's; that is [`crate::spif`]. A [`crate::Label`] is such a document whose values
//! are those of the two policies in which labels are issued here, and which has no [`Finding`].
//!
//! # Source
//! ADatP-4774 edition A, chapter 4: the three roots, their elements and attributes.

pub(crate) mod read;
mod write;

pub(crate) use write::{category_xml, policy_xml};

use crate::{
    field::{Text, UtcTime},
    finding::{Code, Finding},
    information::{CategoryKind, OriginatorKind},
    xml::{Comments, Limits},
};

/// How many values a category may have. The public sample of the NATO policy knows 204 values of its longest category.
pub(crate) const VALUES_MAX: usize = 256;
/// How many categories a label may have.
pub(crate) const CATEGORIES_MAX: usize = 64;
/// Longest document in bytes. Labels of others are longer than ours may be, though hardly.
pub const DOCUMENT_BYTES_MAX: usize = 262_144;

/// Limits of a label of any policy.
pub(crate) const DOCUMENT_LIMITS: Limits = Limits {
    bytes: DOCUMENT_BYTES_MAX,
    depth: 8,
    elements: 4_096,
    attributes: 8,
    comments: Comments::Refused,
};

/// What a label is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// The information, in the words of its originator.
    Originator,
    /// The information, in the words of another policy that somebody else has to apply.
    Alternative,
    /// The metadata that it is bound to, not the information.
    Metadata,
}

impl Root {
    /// Every root.
    pub const ALL: [Self; 3] = [Self::Originator, Self::Alternative, Self::Metadata];

    /// The name of the root element.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Originator => "originatorConfidentialityLabel",
            Self::Alternative => "alternativeConfidentialityLabel",
            Self::Metadata => "metadataConfidentialityLabel",
        }
    }
}

/// The policy that a label names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyName {
    /// Its name.
    pub name: Text,
    /// Its identifier, usually `urn:oid:` and an object identifier.
    pub identifier: Option<Text>,
}

/// A category as a document names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedValues {
    /// What it does to the circle of readers.
    pub kind: CategoryKind,
    /// The tag set.
    pub tag: Text,
    /// The identifier of the tag set, usually `urn:oid:` and an object identifier.
    pub identifier: Option<Text>,
    /// The values, as they stand.
    pub values: Vec<Text>,
}

/// Who put a label on, as a document names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginatorName {
    /// In what form it is named.
    pub kind: Option<OriginatorKind>,
    /// Its name.
    pub id: Text,
}

/// What a label says of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Whose values they are.
    pub policy: PolicyName,
    /// The classification.
    pub classification: Text,
    /// A mark that restricts nobody.
    pub privacy_mark: Option<Text>,
    /// The categories in the order of the document.
    pub categories: Vec<TaggedValues>,
    /// Who put it on.
    pub originator: Option<OriginatorName>,
    /// When.
    pub created_utc: Option<UtcTime>,
}

/// When and by what a label is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// From when on.
    pub at_utc: UtcTime,
    /// By what.
    pub successor: Statement,
}

/// A label of any policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is about.
    pub root: Root,
    /// What it says.
    pub statement: Statement,
    /// When it is due for review.
    pub review_utc: Option<UtcTime>,
    /// When and by what it is replaced.
    pub succession: Option<Replacement>,
}

/// A document and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub document: Document,
    /// In what it deviates from the standard, in the order of the document.
    pub findings: Vec<Finding>,
}

impl Document {
    /// What is missing in or doubled by the document, whatever syntax it came in.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.statement.findings(self.root.name());
        if self.review_utc.is_none() && self.succession.is_none() {
            findings.push(Finding::new(Code::ReviewTimeMissing, self.root.name(), ""));
        }
        if let Some(succession) = &self.succession {
            findings.extend(succession.successor.findings("SuccessorConfidentialityLabel"));
        }
        findings
    }

    /// What the label says at a time: its successor's statement from the succession on, its own until then.
    #[must_use]
    pub fn statement_at(&self, now: UtcTime) -> &Statement {
        match &self.succession {
            Some(succession) if succession.at_utc <= now => &succession.successor,
            _ => &self.statement,
        }
    }

    /// What there is to say of the label at a time.
    #[must_use]
    pub fn findings_at(&self, now: UtcTime) -> Vec<Finding> {
        let place = self.root.name();
        let mut findings = Vec::new();
        if let Some(created) = self.statement.created_utc.filter(|created| *created > now) {
            findings.push(Finding::new(Code::NotYetCreated, place, created.to_string()));
        }
        match (&self.succession, self.review_utc) {
            (Some(succession), _) if succession.at_utc <= now => {
                findings.push(Finding::new(Code::Succeeded, place, succession.at_utc.to_string()));
            }
            (_, Some(review)) if review <= now => {
                findings.push(Finding::new(Code::ReviewDue, place, review.to_string()));
            }
            _ => {}
        }
        findings
    }
}

impl Statement {
    fn findings(&self, place: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        // One tag set may hold tags of several types, so that type and tag name together tell categories apart.
        let twice = |one: &TaggedValues, before: &[TaggedValues]| {
            before.iter().any(|c| c.kind == one.kind && c.tag.says(one.tag.as_str()))
        };
        for (n, category) in self.categories.iter().enumerate() {
            let tag = category.tag.as_str();
            if self.categories.get(..n).is_some_and(|before| twice(category, before)) {
                findings.push(Finding::new(Code::CategoryTwice, "Category", tag));
            }
            if category.values.is_empty() {
                findings.push(Finding::new(Code::CategoryEmpty, tag, ""));
            }
            for (n, value) in category.values.iter().enumerate() {
                if category.values.iter().take(n).any(|v| v.says(value.as_str())) {
                    findings.push(Finding::new(Code::ValueTwice, tag, value.as_str()));
                }
            }
        }
        if self.originator.as_ref().is_some_and(|o| o.kind.is_none()) {
            findings.push(Finding::new(Code::OriginatorKindMissing, "OriginatorID", ""));
        }
        if self.created_utc.is_none() {
            findings.push(Finding::new(Code::CreationTimeMissing, place, ""));
        }
        findings
    }
}
