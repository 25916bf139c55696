//! From a label to XML: one line, one form.

use crate::{
    LABEL_BYTES_MAX, NAMESPACE,
    error::LabelError,
    information::{Information, Label, Originator, Successor},
    xml::escape,
};

impl Label {
    /// The label as XML: no declaration, no line breaks, default namespace, identifiers of policy and categories written out.
    /// Equal labels have equal bytes.
    ///
    /// # Errors
    /// [`LabelError::TooLong`] past [`LABEL_BYTES_MAX`], which [`Label::from_xml`] would not read back.
    pub fn to_xml(&self) -> Result<String, LabelError> {
        let review = self.review_utc().map_or_else(String::new, |t| format!(" ReviewDateTime=\"{t}\""));
        let mut xml = format!("<originatorConfidentialityLabel xmlns=\"{NAMESPACE}\"{review}>");
        xml.push_str(&information(self.information()));
        xml.push_str(&self.originator().map_or_else(String::new, originator));
        xml.push_str(&format!("<CreationDateTime>{}</CreationDateTime>", self.created_utc()));
        if let Some(succession) = self.succession() {
            xml.push_str(&format!(
                "<SuccessionHandling><SuccessionDateTime>{}</SuccessionDateTime>{}</SuccessionHandling>",
                succession.at_utc,
                successor(&succession.successor)
            ));
        }
        xml.push_str("</originatorConfidentialityLabel>");
        if xml.len() > LABEL_BYTES_MAX {
            return Err(LabelError::TooLong { bytes: xml.len(), allowed: LABEL_BYTES_MAX });
        }
        Ok(xml)
    }
}

fn information(information: &Information) -> String {
    let policy = information.classification().policy();
    let identifier = policy.identifier().map_or_else(String::new, |uri| format!(" URI=\"{uri}\""));
    let mark = information.privacy_mark();
    let mark =
        mark.map_or_else(String::new, |m| format!("<PrivacyMark>{}</PrivacyMark>", escape(m.as_str())));
    let mut xml = format!(
        "<ConfidentialityInformation><PolicyIdentifier{identifier}>{policy}</PolicyIdentifier>\
         <Classification>{}</Classification>{mark}",
        information.classification().name()
    );
    for category in information.categories() {
        let tag = category.tag();
        xml.push_str(&format!(
            "<Category Type=\"{}\" TagName=\"{}\" URI=\"{}\">",
            tag.kind().name(),
            tag.name(),
            tag.identifier()
        ));
        for value in category.values() {
            xml.push_str(&format!("<GenericValue>{}</GenericValue>", escape(value.as_str())));
        }
        xml.push_str("</Category>");
    }
    xml.push_str("</ConfidentialityInformation>");
    xml
}

fn originator(originator: &Originator) -> String {
    format!(
        "<OriginatorID IDType=\"{}\">{}</OriginatorID>",
        originator.kind.name(),
        escape(originator.id.as_str())
    )
}

fn successor(label: &Successor) -> String {
    format!(
        "<SuccessorConfidentialityLabel>{}{}<CreationDateTime>{}</CreationDateTime></SuccessorConfidentialityLabel>",
        information(&label.information),
        label.originator.as_ref().map_or_else(String::new, originator),
        label.created_utc
    )
}
