//! A security policy information file (SPIF): which values a policy has, which of them go together, and how they are shown.
//!
//! Open XML SPIF, schema versions 2.0, 2.1 and 3.0. Names of classifications, tag sets and values match labels without regard
//! to case, as ADatP-4774 wants it for the NATO and PUBLIC policies; a file in which two names differ by case alone is refused,
//! so that this decides nothing by chance. References from one value to another are resolved when the file is read: a file that
//! refers to what it does not have is refused. References to values of other policies are resolved when both files are there
//! ([`crate::equivalence`]).
//!
//! Not here: ASN.1 forms of labels, the signature of a policy file, colours.
//!
//! # Source
//! The schema that xmlspif.org publishes (its namespace is [`SPIF_NAMESPACE`]); ADatP-4774.1, section 3.3.4, on how tag types
//! become the types of categories in labels. What 3.0 adds (limits of selection, required class, dates, privacy marks) is read
//! in files of every version.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    document::{Statement, TaggedValues},
    error::LabelError,
    field::{Text, UtcTime},
    finding::{Code, Finding},
    information::CategoryKind,
    xml::XmlError,
};

mod marking;
mod read;
mod rules;

pub use marking::{Codes, Markings, Phrase, Place, Qualifier, QualifierCode};

/// Longest policy file in bytes. The public sample of the NATO policy has 87,323.
pub const SPIF_BYTES_MAX: usize = 4_194_304;

/// XML namespace of policy files.
pub const SPIF_NAMESPACE: &str = "http://www.xmlspif.org/spif";

/// Why bytes are not a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpifError {
    /// They are not XML within the limits.
    #[error("the policy file cannot be read: {0}")]
    Xml(#[from] XmlError),
    /// A text that cannot stand in a label or on a page.
    #[error("`{attribute}` of `{element}` is no text for labels: {source}")]
    Text {
        /// The element.
        element: String,
        /// The attribute, or the element's own text.
        attribute: &'static str,
        /// What is wrong with it.
        source: LabelError,
    },
    /// An element or attribute that has no place where it stands.
    #[error("`{found}` has no place in `{within}` of a policy file")]
    OutOfPlace {
        /// The element or attribute.
        found: String,
        /// The element around it.
        within: String,
    },
    /// Something that a policy file must have.
    #[error("`{within}` has no `{what}`")]
    Missing {
        /// Element or attribute that is missing.
        what: &'static str,
        /// Where.
        within: String,
    },
    /// A word outside its closed set, or something that is not a number.
    #[error("`{found}` is not a value of `{attribute}` in `{element}`")]
    Word {
        /// The element.
        element: String,
        /// The attribute, or the element's own text.
        attribute: &'static str,
        /// What stands there.
        found: String,
    },
    /// The same name or value twice.
    #[error("`{found}` stands twice as {what}")]
    Twice {
        /// What it is.
        what: &'static str,
        /// Name or value.
        found: String,
    },
    /// A reference to what the file does not have.
    #[error("`{within}` refers to `{found}`, which the file does not have")]
    Dangling {
        /// The reference.
        found: String,
        /// Where it stands.
        within: String,
    },
}

impl SpifError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Xml(error) => error.advice(),
            Self::Text { .. } => "remove line breaks, invisible characters and spaces at the ends",
            Self::OutOfPlace { .. } | Self::Missing { .. } | Self::Word { .. } => {
                "correct the file after the Open XML SPIF schema, version 2.0, 2.1 or 3.0; nothing in it is skipped, because it may be a rule"
            }
            Self::Twice { .. } => {
                "give each its own name and value; names that differ by case alone count as the same"
            }
            Self::Dangling { .. } => "correct the reference or add what it refers to",
        }
    }
}

/// Version of the schema that a file follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpifVersion {
    /// 2.0 of 2010.
    V20,
    /// 2.1, which NATO documents use.
    V21,
    /// 3.0.
    V30,
}

impl SpifVersion {
    /// Every version, ascending.
    pub const ALL: [Self; 3] = [Self::V20, Self::V21, Self::V30];

    /// As `schemaVersion` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V20 => "2.0",
            Self::V21 => "2.1",
            Self::V30 => "3.0",
        }
    }
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spif {
    pub(crate) name: Text,
    pub(crate) id: Text,
    version: SpifVersion,
    pub(crate) grades: Vec<Grade>,
    pub(crate) sets: Vec<TagSet>,
    privacy_marks: Option<Vec<PrivacyMark>>,
    pub(crate) equivalents: Vec<EquivalentPolicy>,
    markings: Markings,
}

/// A classification of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// Its name in labels.
    pub name: Text,
    /// Its number in the policy (label and certificate value).
    pub lacv: u64,
    /// Its place: a higher one is more sensitive.
    pub hierarchy: u64,
    /// No longer to be put on.
    pub obsolete: bool,
    /// What must stand beside it.
    pub(crate) required: Vec<Requirement>,
    /// What cannot stand beside it.
    pub(crate) excluded: Vec<Group>,
    /// What it is in other policies.
    pub(crate) equivalents: Vec<EquivalentGrade>,
    /// How it is shown.
    pub(crate) markings: Markings,
}

/// A tag set: the tags of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSet {
    /// Its name in labels.
    pub name: Text,
    /// Its object identifier.
    pub id: Text,
    /// Its tags.
    pub tags: Vec<SpifTag>,
}

/// A tag: values of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpifTag {
    /// Its name in the file.
    pub name: Text,
    /// What its values do to the circle of readers.
    pub kind: CategoryKind,
    /// Fewest values of it in a label that has any.
    pub values_min: usize,
    /// Most values of it in a label.
    pub values_max: Option<usize>,
    /// Its values in the order in which labels are shown.
    pub values: Vec<Value>,
    /// Names, in lower case, of the values.
    pub(crate) by_name: BTreeMap<String, usize>,
    /// How its values are joined.
    pub(crate) markings: Markings,
}

/// A value of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its name in labels.
    pub name: Text,
    /// Its number in the tag (label and certificate value).
    pub lacv: u64,
    /// No longer to be put on.
    pub obsolete: bool,
    /// People write the value themselves (for example a date); the name only says what is meant.
    pub free: bool,
    /// From when on it may be put on.
    pub not_before: Option<UtcTime>,
    /// Until when it may be put on.
    pub not_after: Option<UtcTime>,
    /// Classifications beside which it cannot stand, by index.
    pub(crate) excluded_grades: BTreeSet<usize>,
    /// Lowest classification beside which it can stand, by index.
    pub(crate) required_grade: Option<usize>,
    /// What must stand beside it.
    pub(crate) required: Vec<Requirement>,
    /// What cannot stand beside it.
    pub(crate) excluded: Vec<Group>,
    /// What it is in other policies.
    pub(crate) equivalents: Vec<EquivalentValue>,
    /// How it is shown.
    pub(crate) markings: Markings,
}

/// A privacy mark that the policy lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrivacyMark {
    pub(crate) name: Text,
    pub(crate) markings: Markings,
}

/// Values of this policy, any one of which will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) set: usize,
    /// Tags of the set that have the type asked for.
    pub(crate) tags: Vec<usize>,
    /// One value of them, or any.
    pub(crate) value: Option<usize>,
}

/// How many of several groups must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    OnlyOne,
    OneOrMore,
    All,
}

/// A rule over groups of this policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requirement {
    pub(crate) operation: Operation,
    pub(crate) groups: Vec<Group>,
}

/// Values of another policy, by the words of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignGroup {
    pub(crate) set: Text,
    pub(crate) kind: CategoryKind,
    pub(crate) lacv: Option<u64>,
}

/// A rule over groups of another policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignRequirement {
    pub(crate) operation: Operation,
    pub(crate) groups: Vec<ForeignGroup>,
}

/// Another policy, to or from which labels can be translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EquivalentPolicy {
    /// What this file calls it.
    pub name: Text,
    /// Its object identifier.
    pub id: Text,
    /// What every translated label must have.
    pub(crate) required: Vec<ForeignRequirement>,
}

/// In which direction an equivalence holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Applied {
    /// From this policy to the other.
    pub(crate) encrypt: bool,
    /// From the other to this.
    pub(crate) decrypt: bool,
}

/// What a classification is in another policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EquivalentGrade {
    pub(crate) policy: usize,
    pub(crate) lacv: u64,
    pub(crate) applied: Applied,
    pub(crate) required: Vec<ForeignRequirement>,
}

/// What a value is in another policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EquivalentValue {
    pub(crate) policy: usize,
    pub(crate) applied: Applied,
    /// Nothing, when it is to be left out.
    pub(crate) target: Option<EquivalentTarget>,
}

/// A value of another policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EquivalentTarget {
    pub(crate) set_id: Text,
    pub(crate) kind: CategoryKind,
    pub(crate) lacv: u64,
}

/// Where a value stands in the policy; the order is that of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ValueId {
    pub(crate) set: usize,
    pub(crate) tag: usize,
    pub(crate) value: usize,
}

/// The policy's own values that a label picks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Index of the classification.
    pub(crate) grade: usize,
    /// The values, each with what people wrote for a free one.
    pub(crate) values: BTreeMap<ValueId, Vec<Text>>,
}

impl Spif {
    /// The policy's name in labels.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// The policy's object identifier.
    #[must_use]
    pub fn id(&self) -> &Text {
        &self.id
    }

    /// Version of the schema that the file follows.
    #[must_use]
    pub fn version(&self) -> SpifVersion {
        self.version
    }

    /// The classifications in the order of the file.
    #[must_use]
    pub fn grades(&self) -> &[Grade] {
        &self.grades
    }

    /// The tag sets in the order of the file.
    #[must_use]
    pub fn tag_sets(&self) -> &[TagSet] {
        &self.sets
    }

    /// The policies to or from which labels can be translated.
    #[must_use]
    pub fn equivalent_policies(&self) -> &[EquivalentPolicy] {
        &self.equivalents
    }

    /// The classification of this name.
    #[must_use]
    pub fn grade(&self, name: &str) -> Option<&Grade> {
        self.grades.iter().find(|g| g.name.says(name))
    }

    /// True when a label of `statement` is of this policy, by its name.
    #[must_use]
    pub fn governs(&self, statement: &Statement) -> bool {
        self.name.says(statement.policy.name.as_str())
    }

    /// The value at a place.
    pub(crate) fn value(&self, id: ValueId) -> Option<(&TagSet, &SpifTag, &Value)> {
        let set = self.sets.get(id.set)?;
        let tag = set.tags.get(id.tag)?;
        Some((set, tag, tag.values.get(id.value)?))
    }

    /// What a label picks of the policy, and what of it the policy does not have. Without a classification of the policy there
    /// is nothing to pick.
    pub(crate) fn select(&self, statement: &Statement) -> (Option<Selection>, Vec<Finding>) {
        let mut findings = Vec::new();
        if !self.governs(statement) {
            findings.push(Finding::new(
                Code::PolicyOther,
                "PolicyIdentifier",
                statement.policy.name.as_str(),
            ));
            return (None, findings);
        }
        if let Some(found) = statement.policy.identifier.as_ref().filter(|i| !names(i, &self.id)) {
            findings.push(Finding::new(Code::IdentifierOther, "PolicyIdentifier", found.as_str()));
        }
        let grade = self.grades.iter().position(|g| g.name.says(statement.classification.as_str()));
        let Some(grade) = grade else {
            let found = statement.classification.as_str();
            findings.push(Finding::new(Code::ClassificationUnknown, "Classification", found));
            return (None, findings);
        };
        let mut values = BTreeMap::new();
        for category in &statement.categories {
            self.select_category(category, &mut values, &mut findings);
        }
        (Some(Selection { grade, values }), findings)
    }

    fn select_category(
        &self,
        category: &TaggedValues,
        values: &mut BTreeMap<ValueId, Vec<Text>>,
        findings: &mut Vec<Finding>,
    ) {
        let tag_name = category.tag.as_str();
        let Some(set) = self.sets.iter().position(|s| s.name.says(tag_name)) else {
            findings.push(Finding::new(Code::CategoryUnknown, "Category", tag_name));
            return;
        };
        let Some(tag_set) = self.sets.get(set) else { return };
        if let Some(found) = category.identifier.as_ref().filter(|i| !names(i, &tag_set.id)) {
            findings.push(Finding::new(Code::IdentifierOther, tag_name, found.as_str()));
        }
        let tags = || tag_set.tags.iter().enumerate().filter(|(_, t)| t.kind == category.kind);
        if tags().next().is_none() {
            findings.push(Finding::new(Code::CategoryKind, tag_name, category.kind.name()));
            return;
        }
        for value in &category.values {
            let named = tags().find_map(|(tag, t)| Some((tag, t.named(value.as_str())?)));
            let free = || tags().find_map(|(tag, t)| Some((tag, t.values.iter().position(|v| v.free)?)));
            match named.or_else(free) {
                Some((tag, at)) => {
                    values.entry(ValueId { set, tag, value: at }).or_default().push(value.clone())
                }
                None => findings.push(Finding::new(Code::ValueUnknown, tag_name, value.as_str())),
            }
        }
    }

    /// What a selection says as a statement of this policy: identifiers written out, values in the order of the file.
    pub(crate) fn state(&self, selection: &Selection) -> Option<Statement> {
        let grade = self.grades.get(selection.grade)?;
        let mut categories: Vec<TaggedValues> = Vec::new();
        for (id, written) in &selection.values {
            let (set, tag, value) = self.value(*id)?;
            let names = if value.free { written.clone() } else { vec![value.name.clone()] };
            match categories.last_mut().filter(|c| c.tag == set.name && c.kind == tag.kind) {
                Some(category) => category.values.extend(names),
                None => categories.push(TaggedValues {
                    kind: tag.kind,
                    tag: set.name.clone(),
                    identifier: Some(urn(&set.id)),
                    values: names,
                }),
            }
        }
        Some(Statement {
            policy: crate::document::PolicyName { name: self.name.clone(), identifier: Some(urn(&self.id)) },
            classification: grade.name.clone(),
            privacy_mark: None,
            categories,
            originator: None,
            created_utc: None,
        })
    }
}

impl SpifTag {
    /// The value of a name; a free value is not found by what it is called.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }
}

/// True when an identifier in a label is this object identifier, plain or as `urn:oid:`.
fn names(identifier: &Text, id: &Text) -> bool {
    let plain = identifier.as_str();
    plain.strip_prefix("urn:oid:").unwrap_or(plain) == id.as_str()
}

/// An object identifier as labels have it; what is a URI already stays.
fn urn(id: &Text) -> Text {
    let text = id.as_str();
    let dotted = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if dotted { Text::new(&format!("urn:oid:{text}")).unwrap_or_else(|_| id.clone()) } else { id.clone() }
}
