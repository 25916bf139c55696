//! The structure of a document, for readers who hear it: elements under elements, and which stretch of which page they are.

/// What an element is (ISO 32000-2, 14.8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Document,
    H1,
    H2,
    P,
    Figure,
    Table,
    Tr,
    Th,
    Td,
}

impl Role {
    /// The tag, as pages name it.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Document => "Document",
            Self::H1 => "H1",
            Self::H2 => "H2",
            Self::P => "P",
            Self::Figure => "Figure",
            Self::Table => "Table",
            Self::Tr => "TR",
            Self::Th => "TH",
            Self::Td => "TD",
        }
    }
}

/// What stands under an element.
#[derive(Clone, Copy)]
pub(super) enum Kid {
    /// Another element.
    Element(usize),
    /// A stretch of a page.
    Content { page: usize, id: i32 },
}

/// An element.
pub(super) struct Element {
    pub(super) role: Role,
    pub(super) parent: Option<usize>,
    pub(super) alternative: Option<String>,
    pub(super) kids: Vec<Kid>,
}

/// All elements, the document first.
pub(super) struct Tree {
    pub(super) elements: Vec<Element>,
    open: Vec<usize>,
}

impl Tree {
    pub(super) fn new() -> Self {
        let document = Element { role: Role::Document, parent: None, alternative: None, kids: Vec::new() };
        Self { elements: vec![document], open: vec![0] }
    }

    /// Begins an element under the one that is open; its index.
    pub(super) fn open(&mut self, role: Role, alternative: Option<&str>) -> usize {
        let parent = self.open.last().copied().unwrap_or(0);
        let index = self.elements.len();
        self.elements.push(Element {
            role,
            parent: Some(parent),
            alternative: alternative.map(str::to_owned),
            kids: Vec::new(),
        });
        self.add(parent, Kid::Element(index));
        self.open.push(index);
        index
    }

    /// Ends the element that is open; never the document.
    pub(super) fn close(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
        }
    }

    pub(super) fn add(&mut self, element: usize, kid: Kid) {
        if let Some(element) = self.elements.get_mut(element) {
            element.kids.push(kid);
        }
    }
}
