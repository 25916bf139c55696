//! A small tree of XML elements, read with hard limits.
//!
//! Not an XML library: no document types, entities beyond the five predefined ones, processing instructions, comments, marked
//! sections or second namespaces, because no label needs them and attacks do. All elements are in the namespace of labels, all
//! attributes are without namespace. Reading costs one pass over at most [`LABEL_BYTES_MAX`] bytes.

use std::collections::BTreeMap;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::{LABEL_BYTES_MAX, NAMESPACE, error::LabelError};

/// Deepest nesting. A label with successor needs 6.
const DEPTH_MAX: usize = 8;
/// Most elements. A label needs some ten, and one for every value of a category.
const ELEMENTS_MAX: usize = 1_024;
/// Most attributes of an element; a label's have three.
const ATTRIBUTES_MAX: usize = 8;

/// One element: its local name, attributes, children, and its text when it has no children.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

/// What reading has to remember.
struct Parsing {
    /// Namespace prefix that the root declared, empty for the default namespace.
    prefix: Option<String>,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Element {
    /// # Errors
    /// [`LabelError`] for anything but one element tree within the limits.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, LabelError> {
        if bytes.len() > LABEL_BYTES_MAX {
            return Err(LabelError::TooLong { bytes: bytes.len(), allowed: LABEL_BYTES_MAX });
        }
        let text = str::from_utf8(bytes).map_err(|_| LabelError::NotText)?;
        let mut reader = Reader::from_str(text);
        let mut parsing = Parsing { prefix: None, open: Vec::new(), root: None, elements: 0 };
        let mut first = true;
        loop {
            let offset = reader.buffer_position();
            let event = reader.read_event().map_err(|_| LabelError::NotXml { offset })?;
            match event {
                Event::Start(start) => parsing.start(&start, offset)?,
                Event::Empty(start) => {
                    parsing.start(&start, offset)?;
                    parsing.end(offset)?;
                }
                Event::End(_) => parsing.end(offset)?,
                Event::Text(text) => parsing.text(&text, offset)?,
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref() {
                        Ok(Some(character)) => character,
                        Ok(None) => {
                            predefined(&reference).ok_or(LabelError::Forbidden { construct: "entity" })?
                        }
                        Err(_) => return Err(LabelError::NotXml { offset }),
                    };
                    parsing.text(character.encode_utf8(&mut [0; 4]), offset)?;
                }
                // Only as the very first thing, and only for the encoding read here.
                Event::Decl(decl) => {
                    let utf8 =
                        decl.encoding().is_none_or(|e| e.is_ok_and(|e| e.eq_ignore_ascii_case("utf-8")));
                    if !first || !utf8 || decl.version().is_ok_and(|v| v != "1.0") {
                        return Err(LabelError::Forbidden {
                            construct: "declaration of another kind of XML",
                        });
                    }
                }
                Event::DocType(_) => return Err(LabelError::Forbidden { construct: "document type" }),
                Event::CData(_) => return Err(LabelError::Forbidden { construct: "marked section" }),
                Event::Comment(_) => return Err(LabelError::Forbidden { construct: "comment" }),
                Event::PI(_) => return Err(LabelError::Forbidden { construct: "processing instruction" }),
                Event::Eof => return parsing.finish(offset),
            }
            first = false;
        }
    }

    /// # Errors
    /// [`LabelError::OutOfPlace`] when this element, which holds only text, has children.
    pub(crate) fn into_text(self) -> Result<String, LabelError> {
        match self.children.into_iter().next() {
            Some(child) => Err(LabelError::OutOfPlace { found: child.name, within: self.name }),
            None => Ok(self.text),
        }
    }

    /// # Errors
    /// [`LabelError::OutOfPlace`] for the first attribute that is still there: all that are known were taken.
    pub(crate) fn no_more_attributes(&self) -> Result<(), LabelError> {
        match self.attributes.keys().next() {
            Some(found) => Err(LabelError::OutOfPlace { found: found.clone(), within: self.name.clone() }),
            None => Ok(()),
        }
    }
}

impl Parsing {
    fn start(&mut self, start: &BytesStart<'_>, offset: u64) -> Result<(), LabelError> {
        let malformed = LabelError::NotXml { offset };
        if self.root.is_some() {
            return Err(malformed);
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(LabelError::TooMany { what: "levels of elements", allowed: DEPTH_MAX });
        }
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(LabelError::TooMany { what: "elements", allowed: ELEMENTS_MAX });
        }
        let qualified = start.name();
        let (prefix, name) = split(qualified.as_ref());
        let mut attributes = BTreeMap::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| malformed.clone())?;
            let key = attribute.key.as_ref().to_owned();
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|_| LabelError::Forbidden { construct: "entity" })?;
            if attributes.insert(key, value.into_owned()).is_some() {
                return Err(malformed);
            }
            if attributes.len() > ATTRIBUTES_MAX {
                return Err(LabelError::TooMany {
                    what: "attributes of an element",
                    allowed: ATTRIBUTES_MAX,
                });
            }
        }
        if self.open.is_empty() {
            let declaration = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            if attributes.remove(&declaration).as_deref() != Some(NAMESPACE) {
                return Err(LabelError::OutOfPlace {
                    found: name.to_owned(),
                    within: "the label".to_owned(),
                });
            }
            self.prefix = Some(prefix.to_owned());
        } else if self.prefix.as_deref() != Some(prefix) {
            let within = self.open.last().map_or_else(String::new, |e| e.name.clone());
            return Err(LabelError::OutOfPlace { found: qualified.as_ref().to_owned(), within });
        }
        // Any further declaration or attribute with a prefix is still there and has no place: readers find it by its name.
        self.open.push(Element {
            name: name.to_owned(),
            attributes,
            children: Vec::new(),
            text: String::new(),
        });
        Ok(())
    }

    fn end(&mut self, offset: u64) -> Result<(), LabelError> {
        let mut element = self.open.pop().ok_or(LabelError::NotXml { offset })?;
        if !element.children.is_empty() {
            if !element.text.trim().is_empty() {
                return Err(LabelError::OutOfPlace { found: element.text, within: element.name });
            }
            element.text.clear();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, offset: u64) -> Result<(), LabelError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n')) => {}
            None => return Err(LabelError::NotXml { offset }),
        }
        Ok(())
    }

    fn finish(self, offset: u64) -> Result<Element, LabelError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(LabelError::NotXml { offset }),
        }
    }
}

/// Prefix and local name; the prefix is empty when there is none.
fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// The five entities that XML 1.0, section 4.6, predefines.
fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

/// Writes text so that it reads back as the same text, in elements and in attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
