//! From XML to a document: each element in its place, each attribute known; what deviates is named, nothing is guessed.

use crate::{
    LABEL_BYTES_MAX, NAMESPACE,
    document::{
        CATEGORIES_MAX, DOCUMENT_LIMITS, Document, OriginatorName, PolicyName, Reading, Replacement, Root,
        Statement, TaggedValues, VALUES_MAX,
    },
    error::LabelError,
    field::{Text, UtcTime},
    finding::{Code, Finding},
    information::{CategoryKind, OriginatorKind},
    xml::{Comments, Element, Limits, is_space, token},
};

/// Limits of labels issued here.
const LABEL_LIMITS: Limits =
    Limits { bytes: LABEL_BYTES_MAX, depth: 8, elements: 1_024, attributes: 8, comments: Comments::Refused };

impl Reading {
    /// Reads a label of any policy and any of the three roots. The elements must stand in the order of the standard.
    ///
    /// # Errors
    /// [`LabelError`] where it cannot be said what the label says: hostile or damaged XML, an element out of place, a value
    /// that hides something. Everything else is a [`Finding`].
    pub fn from_xml(bytes: &[u8]) -> Result<Self, LabelError> {
        Self::from_element(Element::parse(bytes, &DOCUMENT_LIMITS)?)
    }

    /// The same within the limits of labels issued here.
    pub(crate) fn of_ours(bytes: &[u8]) -> Result<Self, LabelError> {
        Self::from_element(Element::parse(bytes, &LABEL_LIMITS)?)
    }

    /// Reads a label that stands inside another document.
    pub(crate) fn from_element(mut root: Element) -> Result<Self, LabelError> {
        let kind = Root::ALL.into_iter().find(|r| root.is(NAMESPACE, r.name()));
        let Some(kind) = kind else {
            return Err(LabelError::OutOfPlace { found: root.name, within: "the label".to_owned() });
        };
        let mut reader = Reader::default();
        reader.strip(&mut root);
        let review = root.take("ReviewDateTime").map(|t| reader.time(&t, "ReviewDateTime")).transpose()?;
        let mut children = Children::new(root)?;
        let statement = reader.statement(&mut children)?;
        let succession =
            children.optional(NAMESPACE, "SuccessionHandling").map(|e| reader.succession(e)).transpose()?;
        children.end()?;
        let document = Document { root: kind, statement, review_utc: review, succession };
        reader.findings.extend(document.findings());
        Ok(Self { document, findings: reader.findings })
    }
}

/// The children of an element, taken from first to last.
pub(crate) struct Children {
    within: String,
    rest: std::iter::Peekable<std::vec::IntoIter<Element>>,
}

impl Children {
    /// # Errors
    /// [`LabelError::OutOfPlace`] when the element still has attributes, or text of its own.
    pub(crate) fn new(element: Element) -> Result<Self, LabelError> {
        no_more_attributes(&element)?;
        if !element.text.chars().all(is_space) {
            return Err(LabelError::OutOfPlace { found: element.text, within: element.name });
        }
        Ok(Self { within: element.name, rest: element.children.into_iter().peekable() })
    }

    pub(crate) fn optional(&mut self, namespace: &str, name: &str) -> Option<Element> {
        self.rest.next_if(|e| e.is(namespace, name))
    }

    pub(crate) fn required(
        &mut self,
        namespace: &str,
        name: &str,
        what: &'static str,
    ) -> Result<Element, LabelError> {
        self.optional(namespace, name).ok_or(LabelError::Missing { what })
    }

    pub(crate) fn end(mut self) -> Result<(), LabelError> {
        match self.rest.next() {
            Some(element) => Err(LabelError::OutOfPlace { found: element.name, within: self.within }),
            None => Ok(()),
        }
    }
}

/// What reading has found so far.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) findings: Vec<Finding>,
}

impl Reader {
    /// Takes out what belongs to other namespaces and names it once each.
    fn strip(&mut self, root: &mut Element) {
        // The tree is at most as deep as the limits allow, so that the stack stays small.
        let mut open = vec![root];
        while let Some(element) = open.pop() {
            for declaration in &element.declarations {
                if &*declaration.namespace != NAMESPACE {
                    let code = Code::ForeignNamespace;
                    self.findings.push(Finding::new(code, &*element.name, &*declaration.attribute));
                }
            }
            for attribute in element.attributes.extract_if(.., |a| a.namespace.is_some()) {
                self.findings.push(Finding::new(Code::ForeignAttribute, &*element.name, attribute.name));
            }
            open.extend(element.children.iter_mut());
        }
    }

    fn statement(&mut self, children: &mut Children) -> Result<Statement, LabelError> {
        let element =
            children.required(NAMESPACE, "ConfidentialityInformation", "ConfidentialityInformation")?;
        let mut inner = Children::new(element)?;
        let policy = self.policy(inner.required(NAMESPACE, "PolicyIdentifier", "policy")?)?;
        let mut classification = inner.required(NAMESPACE, "Classification", "classification")?;
        if let Some(found) = self.identifier(&mut classification)? {
            let code = Code::ClassificationIdentifier;
            self.findings.push(Finding::new(code, "Classification", found.as_str()));
        }
        let classification = token(&plain_text(classification)?);
        if classification.is_empty() {
            return Err(LabelError::Missing { what: "classification" });
        }
        let classification = Text::new(&classification)?;
        let privacy_mark = inner.optional(NAMESPACE, "PrivacyMark").map(|e| self.text(e)).transpose()?;
        let mut categories = Vec::new();
        while let Some(element) = inner.optional(NAMESPACE, "Category") {
            if categories.len() >= CATEGORIES_MAX {
                return Err(LabelError::TooMany { what: "categories", allowed: CATEGORIES_MAX });
            }
            categories.push(self.category(element)?);
        }
        inner.end()?;
        let originator =
            children.optional(NAMESPACE, "OriginatorID").map(|e| self.originator(e)).transpose()?;
        let created = children.optional(NAMESPACE, "CreationDateTime");
        let created = created.map(|e| self.time(&token(&plain_text(e)?), "CreationDateTime")).transpose()?;
        Ok(Statement { policy, classification, privacy_mark, categories, originator, created_utc: created })
    }

    /// The `URI` of an element, which the public samples write `URL`.
    fn identifier(&mut self, element: &mut Element) -> Result<Option<Text>, LabelError> {
        let found = match (element.take("URI"), element.take("URL")) {
            (Some(uri), None) => Some(uri),
            (None, Some(url)) => {
                self.findings.push(Finding::new(Code::AttributeUrl, &*element.name, &*url));
                Some(url)
            }
            (None, None) => None,
            (Some(_), Some(_)) => {
                return Err(LabelError::OutOfPlace { found: "URL".to_owned(), within: element.name.clone() });
            }
        };
        found.map(|text| Text::new(&text)).transpose()
    }

    pub(crate) fn policy(&mut self, mut element: Element) -> Result<PolicyName, LabelError> {
        let identifier = self.identifier(&mut element)?;
        let name = token(&plain_text(element)?);
        if name.is_empty() {
            return Err(LabelError::Missing { what: "policy" });
        }
        Ok(PolicyName { name: Text::new(&name)?, identifier })
    }

    pub(crate) fn category(&mut self, mut element: Element) -> Result<TaggedValues, LabelError> {
        let kind = element.take("Type").ok_or(LabelError::Missing { what: "type of a category" })?;
        // The schema's enumeration of types is written in capitals, unlike the values of the policy.
        let known = CategoryKind::ALL.into_iter().find(|k| k.name() == kind);
        let Some(kind) = known else {
            return Err(LabelError::UnknownKind { found: kind });
        };
        let tag = element.take("TagName").ok_or(LabelError::Missing { what: "tag name of a category" })?;
        let tag = Text::new(&tag)?;
        let identifier = self.identifier(&mut element)?;
        let mut children = Children::new(element)?;
        let mut values = Vec::new();
        while let Some(value) = children.optional(NAMESPACE, "GenericValue") {
            if values.len() >= VALUES_MAX {
                return Err(LabelError::TooMany { what: "values in a category", allowed: VALUES_MAX });
            }
            values.push(self.text(value)?);
        }
        children.end()?;
        Ok(TaggedValues { kind, tag, identifier, values })
    }

    fn originator(&mut self, mut element: Element) -> Result<OriginatorName, LabelError> {
        let kind = match element.take("IDType") {
            None => None,
            Some(word) => match OriginatorKind::ALL.into_iter().find(|k| k.name() == word) {
                Some(kind) => Some(kind),
                None => return Err(LabelError::OutOfPlace { found: word, within: "IDType".to_owned() }),
            },
        };
        Ok(OriginatorName { kind, id: self.text(element)? })
    }

    fn succession(&mut self, element: Element) -> Result<Replacement, LabelError> {
        let mut children = Children::new(element)?;
        let at = plain_text(children.required(NAMESPACE, "SuccessionDateTime", "succession time")?)?;
        let at_utc = self.time(&token(&at), "SuccessionDateTime")?;
        let successor = children.required(NAMESPACE, "SuccessorConfidentialityLabel", "successor")?;
        children.end()?;
        let mut children = Children::new(successor)?;
        let successor = self.statement(&mut children)?;
        children.end()?;
        Ok(Replacement { at_utc, successor })
    }

    fn time(&mut self, text: &str, place: &str) -> Result<UtcTime, LabelError> {
        text.parse().or_else(|_| {
            let time = UtcTime::of_any_form(text)?;
            self.findings.push(Finding::new(Code::TimeForm, place, text));
            Ok(time)
        })
    }

    pub(crate) fn text(&mut self, element: Element) -> Result<Text, LabelError> {
        let place = element.name.clone();
        let text = plain_text(element)?;
        let trimmed = Text::trimmed(&text)?;
        if trimmed.as_str() != text {
            self.findings.push(Finding::new(Code::WhiteSpace, place, trimmed.as_str()));
        }
        Ok(trimmed)
    }
}

/// # Errors
/// [`LabelError::OutOfPlace`] when this element, which holds only text, has children or attributes.
fn plain_text(element: Element) -> Result<String, LabelError> {
    no_more_attributes(&element)?;
    match element.children.into_iter().next() {
        Some(child) => Err(LabelError::OutOfPlace { found: child.name, within: element.name }),
        None => Ok(element.text),
    }
}

/// # Errors
/// [`LabelError::OutOfPlace`] for the first attribute that is still there: all that are known were taken.
fn no_more_attributes(element: &Element) -> Result<(), LabelError> {
    match element.attributes.first() {
        Some(found) => {
            Err(LabelError::OutOfPlace { found: found.name.clone(), within: element.name.clone() })
        }
        None => Ok(()),
    }
}
