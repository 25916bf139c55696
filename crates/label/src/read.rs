//! From XML to a label: each element in its place, each attribute known, nothing left over.

use std::str::FromStr;

use crate::{
    classification::{Classification, Policy},
    error::LabelError,
    field::{Text, UtcTime},
    information::{
        Category, CategoryKind, Information, Label, Originator, OriginatorKind, Succession, Successor, Tag,
        VALUES_MAX,
    },
    xml::Element,
};

impl Label {
    /// Reads a label. Values of the closed sets match in any case, as ADatP-4774 has it for these two policies; the elements
    /// must stand in the order of the standard.
    ///
    /// # Errors
    /// [`LabelError`], which names what is wrong. Nothing is skipped: an element or attribute not known here is an error.
    pub fn from_xml(bytes: &[u8]) -> Result<Self, LabelError> {
        let mut root = Element::parse(bytes)?;
        if root.name != "originatorConfidentialityLabel" {
            return Err(LabelError::OutOfPlace { found: root.name, within: "the label".to_owned() });
        }
        let review_utc =
            root.attributes.remove("ReviewDateTime").map(|t| UtcTime::from_str(&t)).transpose()?;
        let mut children = Children::new(root)?;
        let information =
            information(children.required("ConfidentialityInformation", "ConfidentialityInformation")?)?;
        let originator = children.optional("OriginatorID").map(originator).transpose()?;
        let created_utc = time(children.required("CreationDateTime", "creation time")?)?;
        let succession = children.optional("SuccessionHandling").map(succession).transpose()?;
        children.end()?;
        Self::new(information, originator, created_utc, review_utc, succession)
    }
}

/// The children of an element, taken from first to last.
struct Children {
    within: String,
    rest: std::iter::Peekable<std::vec::IntoIter<Element>>,
}

impl Children {
    /// # Errors
    /// [`LabelError::OutOfPlace`] when the element still has attributes, or text of its own.
    fn new(element: Element) -> Result<Self, LabelError> {
        element.no_more_attributes()?;
        if element.children.is_empty() && !element.text.trim().is_empty() {
            return Err(LabelError::OutOfPlace { found: element.text, within: element.name });
        }
        Ok(Self { within: element.name, rest: element.children.into_iter().peekable() })
    }

    fn optional(&mut self, name: &str) -> Option<Element> {
        self.rest.next_if(|e| e.name == name)
    }

    fn required(&mut self, name: &str, what: &'static str) -> Result<Element, LabelError> {
        self.optional(name).ok_or(LabelError::Missing { what })
    }

    fn end(mut self) -> Result<(), LabelError> {
        match self.rest.next() {
            Some(element) => Err(LabelError::OutOfPlace { found: element.name, within: self.within }),
            None => Ok(()),
        }
    }
}

fn information(element: Element) -> Result<Information, LabelError> {
    let mut children = Children::new(element)?;
    let policy = policy(children.required("PolicyIdentifier", "policy")?)?;
    // Its URI attribute is prohibited (ADatP-4774, table 6) and so refused like any other.
    let classification = plain_text(children.required("Classification", "classification")?)?;
    let classification = Classification::new(policy, &token(&classification))?;
    let privacy_mark = children.optional("PrivacyMark").map(plain_text).transpose()?;
    let privacy_mark = privacy_mark.map(|text| Text::new(&text)).transpose()?;
    let mut categories = Vec::new();
    while let Some(element) = children.optional("Category") {
        categories.push(category(policy, element)?);
    }
    children.end()?;
    Information::new(classification, privacy_mark, categories)
}

fn policy(mut element: Element) -> Result<Policy, LabelError> {
    let identifier = element.attributes.remove("URI");
    let policy = Policy::new(&token(&plain_text(element)?))?;
    match (identifier, policy.identifier()) {
        // No public source names the identifier of PUBLIC, so there is nothing to hold it against.
        (None, _) | (Some(_), None) => Ok(policy),
        (Some(found), Some(expected)) if found == expected => Ok(policy),
        (Some(found), Some(_)) => Err(LabelError::WrongIdentifier { what: policy.name(), found }),
    }
}

fn category(policy: Policy, mut element: Element) -> Result<Category, LabelError> {
    let unknown = |found: String| LabelError::UnknownCategory { policy: policy.name(), found };
    let kind = element.attributes.remove("Type").ok_or(LabelError::Missing { what: "type of a category" })?;
    let name =
        element.attributes.remove("TagName").ok_or(LabelError::Missing { what: "tag name of a category" })?;
    let tag = Tag::ALL.into_iter().find(|t| t.name().eq_ignore_ascii_case(&name));
    let tag = tag.ok_or_else(|| unknown(name))?;
    // The schema's enumeration of types is written in capitals, unlike the values of the policy.
    let kinds = [CategoryKind::Restrictive, CategoryKind::Permissive, CategoryKind::Informative];
    if kinds.into_iter().find(|k| k.name() == kind) != Some(tag.kind()) {
        return Err(unknown(kind));
    }
    if let Some(found) = element.attributes.remove("URI")
        && found != tag.identifier()
    {
        return Err(LabelError::WrongIdentifier { what: tag.name(), found });
    }
    let mut children = Children::new(element)?;
    let mut values = Vec::new();
    while let Some(value) = children.optional("GenericValue") {
        if values.len() >= VALUES_MAX {
            return Err(LabelError::TooMany { what: "values in a category", allowed: VALUES_MAX });
        }
        values.push(Text::new(&plain_text(value)?)?);
    }
    children.end()?;
    Category::new(tag, values)
}

fn originator(mut element: Element) -> Result<Originator, LabelError> {
    let kind =
        element.attributes.remove("IDType").ok_or(LabelError::Missing { what: "kind of originator" })?;
    let known = OriginatorKind::ALL.into_iter().find(|k| k.name() == kind);
    let Some(kind) = known else {
        return Err(LabelError::OutOfPlace { found: kind, within: "IDType".to_owned() });
    };
    Ok(Originator { kind, id: Text::new(&plain_text(element)?)? })
}

fn succession(element: Element) -> Result<Succession, LabelError> {
    let mut children = Children::new(element)?;
    let at_utc = time(children.required("SuccessionDateTime", "succession time")?)?;
    let successor = children.required("SuccessorConfidentialityLabel", "successor")?;
    children.end()?;
    let mut children = Children::new(successor)?;
    let information =
        information(children.required("ConfidentialityInformation", "ConfidentialityInformation")?)?;
    let originator = children.optional("OriginatorID").map(originator).transpose()?;
    let created_utc = time(children.required("CreationDateTime", "creation time")?)?;
    children.end()?;
    Ok(Succession { at_utc, successor: Successor { information, originator, created_utc } })
}

fn time(element: Element) -> Result<UtcTime, LabelError> {
    UtcTime::from_str(plain_text(element)?.trim())
}

fn plain_text(element: Element) -> Result<String, LabelError> {
    element.no_more_attributes()?;
    element.into_text()
}

/// White space collapsed, as XML Schema part 2, section 4.3.6, has it for tokens.
fn token(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}
