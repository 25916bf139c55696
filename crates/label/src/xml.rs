//! A small tree of XML elements with their namespaces, read with hard limits.
//!
//! Not an XML library: no document types, no entities beyond the five predefined ones, no processing instructions, no marked
//! sections, and comments only where [`Limits`] says so, because none of the documents read here needs them and attacks do.
//! Reading costs one pass over at most [`Limits::bytes`] bytes and memory in proportion to them.
//!
//! # Source
//! XML 1.0 (fifth edition); Namespaces in XML 1.0 (third edition), of which section 6.3, unique attributes, is checked.

use std::rc::Rc;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

/// The namespace that the prefix `xml` stands for everywhere.
pub(crate) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace that the prefix `xmlns` stands for everywhere; it cannot be declared.
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// How much of everything a document may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of the whole.
    pub(crate) bytes: usize,
    /// Elements inside each other.
    pub(crate) depth: usize,
    /// Elements of the whole.
    pub(crate) elements: usize,
    /// Attributes of one element, declarations of namespaces included.
    pub(crate) attributes: usize,
    /// Whether comments may stand in it; they are dropped.
    pub(crate) comments: Comments,
}

/// What happens to comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comments {
    /// They are an error: a comment inside a value splits it, and readers disagree about what is left.
    Refused,
    /// They are left out.
    Dropped,
}

/// Why bytes are not one element tree within the limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Longer than such a document may be.
    #[error("{bytes} bytes are longer than {allowed} bytes")]
    TooLong {
        /// Length found.
        bytes: usize,
        /// Length allowed.
        allowed: usize,
    },
    /// The bytes are not text.
    #[error("this is not UTF-8 text")]
    NotText,
    /// The text is not well-formed XML.
    #[error("this is not well-formed XML at byte {offset}")]
    NotXml {
        /// Where reading stopped.
        offset: u64,
    },
    /// XML that is not needed here and that attacks are made of.
    #[error("a {construct} has no place here")]
    Forbidden {
        /// What was found: a document type, an entity and so on.
        construct: &'static str,
    },
    /// More nested or more numerous than allowed.
    #[error("at most {allowed} {what} are allowed")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        allowed: usize,
    },
    /// A prefix that no element around declares.
    #[error("the prefix of `{found}` in `{within}` is not declared")]
    Undeclared {
        /// The element or attribute.
        found: String,
        /// The element around it.
        within: String,
    },
}

impl XmlError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::TooMany { .. } => {
                "shorten the file: fewer elements or shorter texts"
            }
            Self::NotText | Self::NotXml { .. } | Self::Undeclared { .. } => {
                "ask for the file again: this one is damaged"
            }
            Self::Forbidden { .. } => {
                "have it written as plain XML 1.0 in UTF-8, without document type, entities and the like"
            }
        }
    }
}

/// A declaration of a namespace as it stands in an element.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    /// `xmlns` or `xmlns:prefix`.
    pub(crate) attribute: String,
    /// What it stands for.
    pub(crate) namespace: Rc<str>,
}

/// An attribute that is no declaration.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    /// Its namespace; attributes without prefix have none.
    pub(crate) namespace: Option<Rc<str>>,
    /// Its name without prefix.
    pub(crate) name: String,
    /// Its value, references resolved.
    pub(crate) value: String,
}

/// One element: its name, attributes, children, and its text when it has no children.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) namespace: Rc<str>,
    pub(crate) name: String,
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    /// # Errors
    /// [`XmlError`] for anything but one element tree within the limits.
    pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, XmlError> {
        if bytes.len() > limits.bytes {
            return Err(XmlError::TooLong { bytes: bytes.len(), allowed: limits.bytes });
        }
        let text = str::from_utf8(bytes).map_err(|_| XmlError::NotText)?;
        let mut reader = Reader::from_str(text);
        let mut parsing = Parsing { limits, scope: Vec::new(), open: Vec::new(), root: None, elements: 0 };
        let mut first = true;
        loop {
            let offset = reader.buffer_position();
            let event = reader.read_event().map_err(|_| XmlError::NotXml { offset })?;
            if matches!(event, Event::Eof) {
                return parsing.finish(offset);
            }
            parsing.event(event, first, offset)?;
            first = false;
        }
    }

    /// True for an element of this namespace and name.
    pub(crate) fn is(&self, namespace: &str, name: &str) -> bool {
        &*self.namespace == namespace && self.name == name
    }

    /// Takes an attribute without namespace out of the element.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.attributes.iter().position(|a| a.namespace.is_none() && a.name == name)?;
        Some(self.attributes.remove(at).value)
    }

    /// Takes an attribute of a namespace out of the element.
    pub(crate) fn take_in(&mut self, namespace: &str, name: &str) -> Option<String> {
        let same = |a: &Attribute| a.namespace.as_deref() == Some(namespace) && a.name == name;
        let at = self.attributes.iter().position(same)?;
        Some(self.attributes.remove(at).value)
    }
}

/// What reading has to remember.
struct Parsing<'l> {
    limits: &'l Limits,
    /// Prefixes in scope, innermost last, each with the depth of the element that declares it.
    scope: Vec<(usize, String, Rc<str>)>,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Parsing<'_> {
    fn event(&mut self, event: Event<'_>, first: bool, offset: u64) -> Result<(), XmlError> {
        match event {
            Event::Start(start) => self.start(&start, offset),
            Event::Empty(start) => {
                self.start(&start, offset)?;
                self.end(offset)
            }
            Event::End(_) => self.end(offset),
            Event::Text(text) => self.text(&text, offset),
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => character,
                    Ok(None) => predefined(&reference).ok_or(XmlError::Forbidden { construct: "entity" })?,
                    Err(_) => return Err(XmlError::NotXml { offset }),
                };
                self.text(character.encode_utf8(&mut [0; 4]), offset)
            }
            // Only as the very first thing, and only for the encoding read here.
            Event::Decl(decl) => {
                let utf8 = decl.encoding().is_none_or(|e| e.is_ok_and(|e| e.eq_ignore_ascii_case("utf-8")));
                if !first || !utf8 || decl.version().is_ok_and(|v| v != "1.0") {
                    return Err(XmlError::Forbidden { construct: "declaration of another kind of XML" });
                }
                Ok(())
            }
            Event::DocType(_) => Err(XmlError::Forbidden { construct: "document type" }),
            Event::CData(_) => Err(XmlError::Forbidden { construct: "marked section" }),
            Event::Comment(_) if self.limits.comments == Comments::Dropped => Ok(()),
            Event::Comment(_) => Err(XmlError::Forbidden { construct: "comment" }),
            Event::PI(_) => Err(XmlError::Forbidden { construct: "processing instruction" }),
            Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, offset: u64) -> Result<(), XmlError> {
        let malformed = XmlError::NotXml { offset };
        if self.root.is_some() {
            return Err(malformed);
        }
        if self.open.len() >= self.limits.depth {
            return Err(XmlError::TooMany { what: "levels of elements", allowed: self.limits.depth });
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(XmlError::TooMany { what: "elements", allowed: self.limits.elements });
        }
        let mut declarations = Vec::new();
        let mut plain = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| malformed.clone())?;
            let key = attribute.key.as_ref().to_owned();
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|_| XmlError::Forbidden { construct: "entity" })?;
            if declarations.len() + plain.len() >= self.limits.attributes {
                return Err(XmlError::TooMany {
                    what: "attributes of an element",
                    allowed: self.limits.attributes,
                });
            }
            if key == "xmlns" || key.starts_with("xmlns:") {
                declarations.push(self.declare(key, &value).ok_or_else(|| malformed.clone())?);
            } else {
                plain.push((key, value.into_owned()));
            }
        }
        let qualified = start.name();
        let (prefix, name) = split(qualified.as_ref());
        let namespace = self.lookup(prefix).ok_or_else(|| self.undeclared(qualified.as_ref()))?;
        let attributes = self.attributes(plain, &malformed)?;
        self.open.push(Element {
            namespace,
            name: name.to_owned(),
            declarations,
            attributes,
            children: Vec::new(),
            text: String::new(),
        });
        Ok(())
    }

    /// Brings a declaration into scope; `None` for one that Namespaces in XML forbids.
    fn declare(&mut self, attribute: String, namespace: &str) -> Option<Declaration> {
        let prefix = attribute.strip_prefix("xmlns:").unwrap_or("").to_owned();
        let reserved = [XML_NAMESPACE, XMLNS_NAMESPACE].contains(&namespace);
        let unnamed = attribute != "xmlns" && (prefix.is_empty() || namespace.is_empty());
        if reserved || unnamed || prefix == "xml" || prefix == "xmlns" || prefix.contains(':') {
            return None;
        }
        let namespace: Rc<str> = namespace.into();
        self.scope.push((self.open.len(), prefix, Rc::clone(&namespace)));
        Some(Declaration { attribute, namespace })
    }

    /// The namespace of a prefix; the empty prefix has the default namespace, which may be none.
    fn lookup(&self, prefix: &str) -> Option<Rc<str>> {
        if prefix == "xml" {
            return Some(XML_NAMESPACE.into());
        }
        let found = self.scope.iter().rev().find(|(_, p, _)| p == prefix);
        match found {
            Some((_, _, namespace)) => Some(Rc::clone(namespace)),
            None => prefix.is_empty().then(|| "".into()),
        }
    }

    fn attributes(
        &self,
        plain: Vec<(String, String)>,
        malformed: &XmlError,
    ) -> Result<Vec<Attribute>, XmlError> {
        let mut attributes: Vec<Attribute> = Vec::with_capacity(plain.len());
        for (key, value) in plain {
            let (prefix, name) = split(&key);
            let namespace = match prefix {
                "" => None,
                prefix => Some(self.lookup(prefix).ok_or_else(|| self.undeclared(&key))?),
            };
            if attributes.iter().any(|a| a.name == name && a.namespace == namespace) {
                return Err(malformed.clone());
            }
            attributes.push(Attribute { namespace, name: name.to_owned(), value });
        }
        Ok(attributes)
    }

    fn undeclared(&self, found: &str) -> XmlError {
        let within = self.open.last().map_or_else(String::new, |e| e.name.clone());
        XmlError::Undeclared { found: found.to_owned(), within }
    }

    fn end(&mut self, offset: u64) -> Result<(), XmlError> {
        let element = self.open.pop().ok_or(XmlError::NotXml { offset })?;
        let depth = self.open.len();
        while self.scope.pop_if(|(declared, _, _)| *declared >= depth).is_some() {}
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, offset: u64) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.chars().all(is_space) => {}
            None => return Err(XmlError::NotXml { offset }),
        }
        Ok(())
    }

    fn finish(self, offset: u64) -> Result<Element, XmlError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(XmlError::NotXml { offset }),
        }
    }
}

/// White space of XML (XML 1.0, section 2.3), which is less than what Unicode calls so.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// White space collapsed, as XML Schema part 2, section 4.3.6, has it for tokens.
pub(crate) fn token(text: &str) -> String {
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
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
