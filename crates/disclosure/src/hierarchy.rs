//! One spanning variable: its codes as a forest in depth-first order.
//!
//! Trees may be ragged, a node may have a single child, and there may be several roots: a code whose leaves do
//! not share a unit has no margin, and is left out by whoever builds the hierarchy. Children keep the order in
//! which they were given.

use std::collections::BTreeMap;

/// A code of one hierarchy, numbered in depth-first order from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The node as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Why codes do not form a forest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HierarchyError {
    /// No code at all.
    #[error("variable `{name}` has no codes")]
    Empty {
        /// The variable.
        name: String,
    },
    /// The same code twice.
    #[error("code `{code}` of variable `{name}` stands twice")]
    Duplicate {
        /// The variable.
        name: String,
        /// The code.
        code: String,
    },
    /// A parent index that is out of bounds.
    #[error("code `{code}` of variable `{name}` has a parent that does not exist")]
    UnknownParent {
        /// The variable.
        name: String,
        /// The code.
        code: String,
    },
    /// Codes above each other.
    #[error("codes of variable `{name}` form a cycle through `{code}`")]
    Cycle {
        /// The variable.
        name: String,
        /// A code on the cycle.
        code: String,
    },
    /// More codes, or more levels, than the engine takes.
    #[error("variable `{name}` has more than {limit} {what}")]
    TooLarge {
        /// The variable.
        name: String,
        /// What there is too much of.
        what: &'static str,
        /// The most that is taken.
        limit: usize,
    },
}

impl HierarchyError {
    /// What the owner of the code list can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "give the variable at least one code",
            Self::Duplicate { .. } => "keep one of the two, or rename one",
            Self::UnknownParent { .. } => "add the parent, or leave it empty for the root",
            Self::Cycle { .. } => "give one code on the cycle another parent",
            Self::TooLarge { .. } => "split the table",
        }
    }
}

/// One spanning variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    name: String,
    codes: Vec<String>,
    parents: Vec<Option<NodeId>>,
    children: Vec<Vec<NodeId>>,
    depths: Vec<u32>,
    index: BTreeMap<String, NodeId>,
}

impl Hierarchy {
    /// The most codes of one variable.
    pub const CODES_MAX: usize = 1_000_000;
    /// The most levels of one variable.
    pub const DEPTH_MAX: usize = 64;

    /// A forest from codes and the index of each code's parent in the same list, in any order.
    ///
    /// ```
    /// use disclosure::hierarchy::Hierarchy;
    /// let codes = [("total", None), ("land", Some(0)), ("air", Some(0)), ("tank", Some(1))];
    /// let codes = codes.map(|(code, parent)| (code.to_owned(), parent)).to_vec();
    /// let tree = Hierarchy::new("capability", codes)?;
    /// assert_eq!(tree.len(), 4);
    /// assert_eq!(tree.code(tree.children(tree.node("land").unwrap())[0]), "tank");
    /// # Ok::<(), disclosure::hierarchy::HierarchyError>(())
    /// ```
    ///
    /// # Errors
    /// Duplicates, parents out of bounds, cycles, and more than [`Self::CODES_MAX`] codes or
    /// [`Self::DEPTH_MAX`] levels.
    pub fn new(name: &str, codes: Vec<(String, Option<usize>)>) -> Result<Self, HierarchyError> {
        let name = name.to_owned();
        if codes.is_empty() {
            return Err(HierarchyError::Empty { name });
        }
        if codes.len() > Self::CODES_MAX {
            return Err(HierarchyError::TooLarge { name, what: "codes", limit: Self::CODES_MAX });
        }
        let mut given_children = vec![Vec::new(); codes.len()];
        let mut roots = Vec::new();
        for (position, (code, parent)) in codes.iter().enumerate() {
            match parent {
                None => roots.push(position),
                Some(parent) => match given_children.get_mut(*parent) {
                    Some(list) => list.push(position),
                    None => return Err(HierarchyError::UnknownParent { name, code: code.clone() }),
                },
            }
        }
        let mut tree = Self {
            name,
            codes: Vec::with_capacity(codes.len()),
            parents: Vec::with_capacity(codes.len()),
            children: vec![Vec::new(); codes.len()],
            depths: Vec::with_capacity(codes.len()),
            index: BTreeMap::new(),
        };
        let mut stack: Vec<(usize, Option<NodeId>, u32)> =
            roots.iter().rev().map(|&root| (root, None, 0)).collect();
        let mut seen = vec![false; codes.len()];
        while let Some((position, parent, depth)) = stack.pop() {
            seen[position] = true;
            let node = tree.push(&codes[position].0, parent, depth)?;
            for &child in given_children[position].iter().rev() {
                stack.push((child, Some(node), depth + 1));
            }
        }
        match seen.iter().position(|&reached| !reached) {
            Some(lost) => Err(HierarchyError::Cycle { name: tree.name, code: codes[lost].0.clone() }),
            None => Ok(tree),
        }
    }

    fn push(&mut self, code: &str, parent: Option<NodeId>, depth: u32) -> Result<NodeId, HierarchyError> {
        if depth as usize >= Self::DEPTH_MAX {
            let name = self.name.clone();
            return Err(HierarchyError::TooLarge { name, what: "levels", limit: Self::DEPTH_MAX });
        }
        // CODES_MAX is far below 2^32.
        let node = NodeId(u32::try_from(self.codes.len()).unwrap_or(u32::MAX));
        if self.index.insert(code.to_owned(), node).is_some() {
            return Err(HierarchyError::Duplicate { name: self.name.clone(), code: code.to_owned() });
        }
        self.codes.push(code.to_owned());
        self.parents.push(parent);
        self.depths.push(depth);
        if let Some(parent) = parent {
            self.children[parent.index()].push(node);
        }
        Ok(node)
    }

    /// The variable's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many codes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Never true: a hierarchy has at least one code.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// All nodes in depth-first order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.codes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// The code of a node.
    #[must_use]
    pub fn code(&self, node: NodeId) -> &str {
        &self.codes[node.index()]
    }

    /// The node of a code.
    #[must_use]
    pub fn node(&self, code: &str) -> Option<NodeId> {
        self.index.get(code).copied()
    }

    /// The parent, or `None` at a root.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.parents[node.index()]
    }

    /// The children, in the order given.
    #[must_use]
    pub fn children(&self, node: NodeId) -> &[NodeId] {
        &self.children[node.index()]
    }

    /// Levels above the node: 0 at a root.
    #[must_use]
    pub fn depth(&self, node: NodeId) -> u32 {
        self.depths[node.index()]
    }

    /// Whether the node has no children.
    #[must_use]
    pub fn is_leaf(&self, node: NodeId) -> bool {
        self.children[node.index()].is_empty()
    }

    /// The deepest level that occurs.
    #[must_use]
    pub fn depth_max(&self) -> u32 {
        self.depths.iter().copied().max().unwrap_or(0)
    }

    /// For every node its ancestor-or-self at `level`, or `None` where the node lies above that level.
    #[must_use]
    pub fn ancestors_at(&self, level: u32) -> Vec<Option<NodeId>> {
        // Depth-first order: a parent's entry stands before its children's.
        let mut at: Vec<Option<NodeId>> = Vec::with_capacity(self.len());
        for node in self.nodes() {
            let here = match self.depth(node).cmp(&level) {
                std::cmp::Ordering::Less => None,
                std::cmp::Ordering::Equal => Some(node),
                std::cmp::Ordering::Greater => self.parent(node).and_then(|parent| at[parent.index()]),
            };
            at.push(here);
        }
        at
    }
}
