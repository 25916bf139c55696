//! A clearance: what somebody may see under one policy.
//!
//! # Source
//! The elements are those that public software reads and writes for NATO clearances, in [`CLEARANCE_NAMESPACE`] with the
//! elements of labels inside; no text of a standard for them was seen.

use crate::{
    NAMESPACE,
    document::{CATEGORIES_MAX, DOCUMENT_BYTES_MAX, PolicyName, Statement, TaggedValues, read},
    error::LabelError,
    field::Text,
    finding::Finding,
    spif::{Place, Spif},
    xml::{Comments, Element, Limits, escape},
};

/// XML namespace of a clearance.
pub const CLEARANCE_NAMESPACE: &str = "urn:nato:stanag:4774:confidentialityclearance:1:0";

/// How many classifications a clearance may list.
const CLASSIFICATIONS_MAX: usize = 64;

const CLEARANCE_LIMITS: Limits = Limits {
    bytes: DOCUMENT_BYTES_MAX,
    depth: 8,
    elements: 4_096,
    attributes: 8,
    comments: Comments::Refused,
};

/// What somebody may see under one policy. The classifications are a list, not a ceiling: one that is not listed is not held,
/// even below one that is. [`Clearance::up_to`] lists all of them up to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    /// Whose values they are.
    pub policy: PolicyName,
    /// The classifications held.
    pub classifications: Vec<Text>,
    /// The values held.
    pub categories: Vec<TaggedValues>,
}

impl Clearance {
    /// All classifications of a policy up to one, with the values given.
    ///
    /// # Errors
    /// [`LabelError::Missing`] when the policy has no such classification.
    pub fn up_to(policy: &Spif, highest: &str, categories: Vec<TaggedValues>) -> Result<Self, LabelError> {
        let highest =
            policy.grade(highest).ok_or(LabelError::Missing { what: "classification of this name" })?;
        let held = policy.grades().iter().filter(|g| g.hierarchy <= highest.hierarchy);
        Ok(Self {
            policy: PolicyName { name: policy.name().clone(), identifier: None },
            classifications: held.map(|g| g.name.clone()).collect(),
            categories,
        })
    }

    /// Reads a clearance.
    ///
    /// # Errors
    /// [`LabelError`], which names what is wrong, findings of labels included.
    pub fn from_xml(bytes: &[u8]) -> Result<Self, LabelError> {
        let root = Element::parse(bytes, &CLEARANCE_LIMITS)?;
        if !root.is(CLEARANCE_NAMESPACE, "ConfidentialityClearance") {
            return Err(LabelError::OutOfPlace { found: root.name, within: "the clearance".to_owned() });
        }
        let mut reader = read::Reader::default();
        let mut children = read::Children::new(root)?;
        let policy = reader.policy(children.required(NAMESPACE, "PolicyIdentifier", "policy")?)?;
        let list = children.required(CLEARANCE_NAMESPACE, "ClassificationList", "list of classifications")?;
        let mut inner = read::Children::new(list)?;
        let mut classifications = Vec::new();
        while let Some(element) = inner.optional(NAMESPACE, "Classification") {
            if classifications.len() >= CLASSIFICATIONS_MAX {
                return Err(LabelError::TooMany { what: "classifications", allowed: CLASSIFICATIONS_MAX });
            }
            classifications.push(reader.text(element)?);
        }
        inner.end()?;
        let mut categories = Vec::new();
        while let Some(element) = children.optional(NAMESPACE, "Category") {
            if categories.len() >= CATEGORIES_MAX {
                return Err(LabelError::TooMany { what: "categories", allowed: CATEGORIES_MAX });
            }
            categories.push(reader.category(element)?);
        }
        children.end()?;
        match reader.findings.into_iter().next() {
            Some(finding) => Err(finding.into()),
            None => Ok(Self { policy, classifications, categories }),
        }
    }

    /// The clearance as XML: one line, one form.
    ///
    /// # Errors
    /// [`LabelError::TooLong`] past [`DOCUMENT_BYTES_MAX`].
    pub fn to_xml(&self) -> Result<String, LabelError> {
        let classifications = self.classifications.iter();
        let classifications = classifications
            .map(|c| format!("<slab:Classification>{}</slab:Classification>", escape(c.as_str())));
        let mut xml = format!(
            "<ConfidentialityClearance xmlns=\"{CLEARANCE_NAMESPACE}\" xmlns:slab=\"{NAMESPACE}\">{}\
             <ClassificationList>{}</ClassificationList>",
            crate::document::policy_xml(&self.policy, "slab:"),
            classifications.collect::<String>()
        );
        self.categories.iter().for_each(|c| xml.push_str(&crate::document::category_xml(c, "slab:")));
        xml.push_str("</ConfidentialityClearance>");
        if xml.len() > DOCUMENT_BYTES_MAX {
            return Err(LabelError::TooLong { bytes: xml.len(), allowed: DOCUMENT_BYTES_MAX });
        }
        Ok(xml)
    }

    /// The clearance as a marking shows it, for example `NATO {UNCLASSIFIED|RESTRICTED}`.
    ///
    /// # Errors
    /// What the policy does not have.
    pub fn marking(&self, policy: &Spif, language: &str, place: Place) -> Result<String, Vec<Finding>> {
        let (mut grades, mut findings) = (Vec::new(), Vec::new());
        let mut values = None;
        for classification in &self.classifications {
            let (selection, own) = policy.select(&self.statement(classification.clone()));
            findings.extend(own);
            if let Some(selection) = selection {
                grades.push(selection.grade);
                values = Some(selection.values);
            }
        }
        let values = values.unwrap_or_default();
        let listed: Vec<_> = values.iter().collect();
        if findings.is_empty() {
            Ok(policy.clearance_marking(&grades, &listed, language, place))
        } else {
            Err(findings)
        }
    }

    /// The clearance as if it were a label of one of its classifications.
    pub(crate) fn statement(&self, classification: Text) -> Statement {
        Statement {
            policy: self.policy.clone(),
            classification,
            privacy_mark: None,
            categories: self.categories.clone(),
            originator: None,
            created_utc: None,
        }
    }
}
