//! From a document to XML: one line, one form.

use crate::{
    NAMESPACE,
    document::{DOCUMENT_BYTES_MAX, Document, OriginatorName, PolicyName, Statement, TaggedValues},
    error::LabelError,
    field::{Text, UtcTime},
    xml::escape,
};

impl Document {
    /// The label as XML: no declaration, no line breaks, default namespace. Equal documents have equal bytes.
    ///
    /// # Errors
    /// [`LabelError::TooLong`] past [`DOCUMENT_BYTES_MAX`], which [`crate::Reading::from_xml`] would not read back.
    pub fn to_xml(&self) -> Result<String, LabelError> {
        let xml = self.xml();
        if xml.len() > DOCUMENT_BYTES_MAX {
            return Err(LabelError::TooLong { bytes: xml.len(), allowed: DOCUMENT_BYTES_MAX });
        }
        Ok(xml)
    }

    /// The same without the limit.
    pub(crate) fn xml(&self) -> String {
        let root = self.root.name();
        let review = self.review_utc.map_or_else(String::new, |t| format!(" ReviewDateTime=\"{t}\""));
        let mut xml = format!("<{root} xmlns=\"{NAMESPACE}\"{review}>");
        xml.push_str(&statement(&self.statement));
        if let Some(succession) = &self.succession {
            xml.push_str(&format!(
                "<SuccessionHandling><SuccessionDateTime>{}</SuccessionDateTime>\
                 <SuccessorConfidentialityLabel>{}</SuccessorConfidentialityLabel></SuccessionHandling>",
                succession.at_utc,
                statement(&succession.successor)
            ));
        }
        xml.push_str(&format!("</{root}>"));
        xml
    }
}

fn identifier(identifier: Option<&Text>) -> String {
    identifier.map_or_else(String::new, |uri| format!(" URI=\"{}\"", escape(uri.as_str())))
}

fn statement(statement: &Statement) -> String {
    let mark = statement.privacy_mark.as_ref();
    let mark =
        mark.map_or_else(String::new, |m| format!("<PrivacyMark>{}</PrivacyMark>", escape(m.as_str())));
    let mut xml = format!(
        "<ConfidentialityInformation>{}<Classification>{}</Classification>{mark}",
        policy_xml(&statement.policy, ""),
        escape(statement.classification.as_str())
    );
    statement.categories.iter().for_each(|c| xml.push_str(&category_xml(c, "")));
    xml.push_str("</ConfidentialityInformation>");
    xml.push_str(&statement.originator.as_ref().map_or_else(String::new, originator));
    xml.push_str(&statement.created_utc.map_or_else(String::new, created));
    xml
}

fn created(time: UtcTime) -> String {
    format!("<CreationDateTime>{time}</CreationDateTime>")
}

/// The policy of a label; `prefix` stands before the names of elements.
pub(crate) fn policy_xml(policy: &PolicyName, prefix: &str) -> String {
    let (uri, name) = (identifier(policy.identifier.as_ref()), escape(policy.name.as_str()));
    format!("<{prefix}PolicyIdentifier{uri}>{name}</{prefix}PolicyIdentifier>")
}

/// A category of a label; `prefix` stands before the names of elements.
pub(crate) fn category_xml(category: &TaggedValues, prefix: &str) -> String {
    let values = category.values.iter();
    let values =
        values.map(|v| format!("<{prefix}GenericValue>{}</{prefix}GenericValue>", escape(v.as_str())));
    format!(
        "<{prefix}Category Type=\"{}\" TagName=\"{}\"{}>{}</{prefix}Category>",
        category.kind.name(),
        escape(category.tag.as_str()),
        identifier(category.identifier.as_ref()),
        values.collect::<String>()
    )
}

fn originator(originator: &OriginatorName) -> String {
    let kind = originator.kind.map_or_else(String::new, |k| format!(" IDType=\"{}\"", k.name()));
    format!("<OriginatorID{kind}>{}</OriginatorID>", escape(originator.id.as_str()))
}
