//! A magnitude table: its cells under crossed hierarchies and the additive relations between them.
//!
//! Shape: `n` cells in ascending key order, one key a code tuple. A code tuple without a cell is a *structural
//! zero* that everybody knows. A relation is named by a variable and a parent cell: the parent equals the sum
//! of the cells one level below it in that variable. A cell is in at most `2 d` relations, `d` variables.
//!
//! Several linked tables are one table with several blocks ([`crate::block`]): a code tuple is a cell of some block
//! when the variables outside the block stand at a root, and a relation along a variable exists where a block that
//! has the margin crosses that variable. What lies in no block is no cell and says nothing.
//!
//! Not here: rules, attackers, what is published.

use std::sync::Arc;

use crate::Figure;
use crate::block::{Blocks, Spanning, VariableSet};
use crate::hierarchy::{Hierarchy, NodeId};

/// A cell of one table, numbered in ascending key order from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct CellId(pub u32);

impl CellId {
    /// The cell as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Why cells do not form a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No spanning variable, or more than the engine takes.
    #[error("a table has 1 to {limit} variables, not {found}")]
    Variables {
        /// How many were given.
        found: usize,
        /// The most that are taken.
        limit: usize,
    },
    /// The crossed codes, or the cells, are too many.
    #[error("the table is too large: more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The most that is taken.
        limit: u64,
    },
    /// A figure or a total out of range.
    #[error("the total of cell `{cell}` is not below 2^62 units")]
    OutOfRange {
        /// The cell's codes.
        cell: String,
    },
    /// A negative figure.
    #[error("cell `{cell}` has a negative figure")]
    Negative {
        /// The cell's codes.
        cell: String,
    },
    /// The same cell twice.
    #[error("cell `{cell}` stands twice")]
    Duplicate {
        /// The cell's codes.
        cell: String,
    },
    /// A cell whose margin is missing.
    #[error("cell `{cell}` has no margin in variable `{variable}`")]
    MarginMissing {
        /// The cell's codes.
        cell: String,
        /// The variable along which the margin is missing.
        variable: String,
    },
    /// A margin that is not the sum of its parts.
    #[error("cell `{cell}` is not the sum of its parts in variable `{variable}`")]
    NotAdditive {
        /// The margin's codes.
        cell: String,
        /// The variable along which the sum fails.
        variable: String,
    },
    /// A cell that lies in none of the linked tables.
    #[error("cell `{cell}` is in none of the linked tables")]
    OutsideBlocks {
        /// The cell's codes.
        cell: String,
    },
    /// Linked tables that do not cross the variables there are.
    #[error("linked tables cross at least one of the {variables} variables each")]
    Blocks {
        /// How many variables there are.
        variables: usize,
    },
    /// A sensitive cell that may not be hidden.
    #[error("sensitive cell `{cell}` {}", reason.word())]
    SensitiveShown {
        /// The cell's codes.
        cell: String,
        /// Why it may not.
        reason: Shown,
    },
    /// Costs or figures that are not one a row.
    #[error("there are {found} costs or figures for {expected} rows")]
    Costs {
        /// How many costs were given.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// No cell at all.
    #[error("the table has no cells")]
    Empty,
}

/// Why a cell must stay published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// An earlier release said its value.
    AlreadyPublished,
    /// Its cost is infinite.
    NeverHidden,
}

impl Shown {
    const fn word(self) -> &'static str {
        match self {
            Self::AlreadyPublished => "is published already",
            Self::NeverHidden => "may never be hidden: its cost is infinite",
        }
    }
}

impl TableError {
    /// What the owner of the figures can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Variables { .. } => "cross fewer variables",
            Self::TooLarge { .. } => "split the table, or take a coarser breakdown",
            Self::OutOfRange { .. } => "declare a larger unit or fewer decimals",
            Self::Negative { .. } => "publish increases and decreases as two responses",
            Self::Duplicate { .. } => "keep one of the two",
            Self::MarginMissing { .. } => "add the margin: every cell needs its totals",
            Self::NotAdditive { .. } => "correct the margin or its parts",
            Self::OutsideBlocks { .. } => "leave the cell out, or add a table that crosses its variables",
            Self::Blocks { .. } => "name the variables of every linked table",
            Self::SensitiveShown { reason: Shown::AlreadyPublished, .. } => {
                "this figure can no longer be protected: decide with its contributors what that means, then leave \
                 the cell out of the table or have them waive their protection"
            }
            Self::SensitiveShown { reason: Shown::NeverHidden, .. } => {
                "let the cell be hidden at some cost, or take a coarser breakdown around it"
            }
            Self::Costs { .. } => "give one a row",
            Self::Empty => "give at least one figure",
        }
    }
}

enum Lookup {
    Dense(Vec<u32>),
    Sorted,
}

const NO_CELL: u32 = u32::MAX;

/// One magnitude table, or several linked ones.
pub struct Table {
    hierarchies: Arc<Vec<Hierarchy>>,
    blocks: Blocks,
    strides: Vec<u64>,
    keys: Arc<Vec<u64>>,
    lookup: Arc<Lookup>,
    figures: Vec<Figure>,
    parents: Arc<Vec<Vec<u32>>>,
    /// By cell: the variables along which it is a margin.
    margins: Arc<Vec<VariableSet>>,
}

impl Table {
    /// The most spanning variables.
    pub const VARIABLES_MAX: usize = 6;
    /// The most cells.
    pub const CELLS_MAX: u64 = 100_000_000;

    /// A table from its cells, each a key made by [`Table::key_of`] and a figure; in any order.
    ///
    /// # Errors
    /// Duplicates, missing margins, sums that do not hold, figures out of range, negative figures, cells outside
    /// of every block.
    pub fn new(spanning: impl Into<Spanning>, mut cells: Vec<(u64, Figure)>) -> Result<Self, TableError> {
        let Spanning { hierarchies, blocks } = spanning.into();
        let strides = strides(&hierarchies)?;
        cells.sort_unstable_by_key(|&(key, _)| key);
        if cells.is_empty() {
            return Err(TableError::Empty);
        }
        if cells.len() as u64 > Self::CELLS_MAX {
            return Err(TableError::TooLarge { what: "cells", limit: Self::CELLS_MAX });
        }
        let (keys, figures): (Vec<u64>, Vec<Figure>) = cells.into_iter().unzip();
        let space = strides.first().map_or(1, |stride| stride * hierarchies[0].len() as u64);
        let lookup = lookup(&keys, space);
        let mut table = Self {
            hierarchies: Arc::new(hierarchies),
            blocks,
            strides,
            keys: Arc::new(keys),
            lookup: Arc::new(lookup),
            figures,
            parents: Arc::default(),
            margins: Arc::default(),
        };
        if let Some(twice) = table.keys.windows(2).position(|pair| pair[0] == pair[1]) {
            return Err(TableError::Duplicate { cell: table.describe_key(table.keys[twice]) });
        }
        table.check_figures()?;
        table.link_margins()?;
        table.link_parents()?;
        table.check_additive()?;
        Ok(table)
    }

    /// The same cells with other figures, one a cell in ascending order. Structure is shared, so many such tables
    /// cost little more than their figures.
    ///
    /// # Errors
    /// Negative figures or figures out of range, sums that do not hold.
    pub fn with_figures(&self, figures: Vec<Figure>) -> Result<Self, TableError> {
        if figures.len() != self.len() {
            return Err(TableError::Costs { found: figures.len(), expected: self.len() });
        }
        let table = Self {
            hierarchies: Arc::clone(&self.hierarchies),
            blocks: self.blocks.clone(),
            strides: self.strides.clone(),
            keys: Arc::clone(&self.keys),
            lookup: Arc::clone(&self.lookup),
            figures,
            parents: Arc::clone(&self.parents),
            margins: Arc::clone(&self.margins),
        };
        table.check_figures()?;
        table.check_additive()?;
        Ok(table)
    }

    fn check_figures(&self) -> Result<(), TableError> {
        for (figure, &key) in self.figures.iter().zip(self.keys.iter()) {
            if figure.open() < 0 {
                return Err(TableError::Negative { cell: self.describe_key(key) });
            }
            if figure.open() >= Figure::LIMIT {
                return Err(TableError::OutOfRange { cell: self.describe_key(key) });
            }
        }
        Ok(())
    }

    fn link_margins(&mut self) -> Result<(), TableError> {
        let mut margins = Vec::with_capacity(self.keys.len());
        for &key in self.keys.iter() {
            let (mut below_root, mut inner) = (VariableSet::EMPTY, VariableSet::EMPTY);
            for (variable, hierarchy) in self.hierarchies.iter().enumerate() {
                let node = self.node_in(key, variable);
                if hierarchy.parent(node).is_some() {
                    below_root = below_root.with(variable);
                }
                if !hierarchy.is_leaf(node) {
                    inner = inner.with(variable);
                }
            }
            if !self.blocks.cross(below_root) {
                return Err(TableError::OutsideBlocks { cell: self.describe_key(key) });
            }
            margins.push(inner.variables().filter(|&v| self.blocks.cross(below_root.with(v))).collect());
        }
        self.margins = Arc::new(margins);
        Ok(())
    }

    fn link_parents(&mut self) -> Result<(), TableError> {
        let mut parents = Vec::with_capacity(self.hierarchies.len());
        for (variable, hierarchy) in self.hierarchies.iter().enumerate() {
            let mut links = Vec::with_capacity(self.keys.len());
            for &key in self.keys.iter() {
                let node = self.node_in(key, variable);
                let Some(parent) = hierarchy.parent(node) else {
                    links.push(NO_CELL);
                    continue;
                };
                let above = key - u64::from(node.0 - parent.0) * self.strides[variable];
                match self.find(above) {
                    Some(cell) => links.push(cell.0),
                    None => {
                        return Err(TableError::MarginMissing {
                            cell: self.describe_key(key),
                            variable: hierarchy.name().to_owned(),
                        });
                    }
                }
            }
            parents.push(links);
        }
        self.parents = Arc::new(parents);
        Ok(())
    }

    fn check_additive(&self) -> Result<(), TableError> {
        for (variable, hierarchy) in self.hierarchies.iter().enumerate() {
            let mut sums = vec![0_i128; self.len()];
            for (cell, figure) in self.figures.iter().enumerate() {
                let parent = self.parents[variable][cell];
                if parent != NO_CELL {
                    sums[parent as usize] += i128::from(figure.open());
                }
            }
            for cell in self.cells() {
                if self.is_margin(variable, cell)
                    && sums[cell.index()] != i128::from(self.figure(cell).open())
                {
                    return Err(TableError::NotAdditive {
                        cell: self.describe(cell),
                        variable: hierarchy.name().to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The key of a code tuple, one node a variable.
    #[must_use]
    pub fn key_of(strides: &[u64], nodes: &[NodeId]) -> u64 {
        strides.iter().zip(nodes).map(|(&stride, node)| stride * u64::from(node.0)).sum()
    }

    /// The spanning variables.
    #[must_use]
    pub fn hierarchies(&self) -> &[Hierarchy] {
        &self.hierarchies
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Never true: a table has at least one cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// All cells in ascending order.
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = CellId> + use<> {
        (0..u32::try_from(self.keys.len()).unwrap_or(u32::MAX)).map(CellId)
    }

    /// The cell's node in one variable.
    #[must_use]
    pub fn node(&self, cell: CellId, variable: usize) -> NodeId {
        self.node_in(self.keys[cell.index()], variable)
    }

    /// The cell's nodes, one a variable.
    #[must_use]
    pub fn coordinates(&self, cell: CellId) -> Vec<NodeId> {
        (0..self.hierarchies.len()).map(|variable| self.node(cell, variable)).collect()
    }

    /// The cell's codes, one a variable.
    pub fn codes(&self, cell: CellId) -> impl Iterator<Item = &str> {
        let key = self.keys[cell.index()];
        self.hierarchies
            .iter()
            .enumerate()
            .map(move |(variable, hierarchy)| hierarchy.code(self.node_in(key, variable)))
    }

    /// The cell's codes joined by `|`, for messages.
    #[must_use]
    pub fn describe(&self, cell: CellId) -> String {
        self.describe_key(self.keys[cell.index()])
    }

    fn describe_key(&self, key: u64) -> String {
        let codes: Vec<&str> = self
            .hierarchies
            .iter()
            .enumerate()
            .map(|(variable, hierarchy)| hierarchy.code(self.node_in(key, variable)))
            .collect();
        codes.join("|")
    }

    fn node_in(&self, key: u64, variable: usize) -> NodeId {
        let size = self.hierarchies[variable].len() as u64;
        // The remainder is below the number of codes, which fits 32 bits.
        NodeId(u32::try_from(key / self.strides[variable] % size).unwrap_or(u32::MAX))
    }

    /// The cell of a code tuple; `None` is a structural zero.
    #[must_use]
    pub fn cell(&self, nodes: &[NodeId]) -> Option<CellId> {
        self.find(Self::key_of(&self.strides, nodes))
    }

    /// The cell's figure.
    #[must_use]
    pub fn figure(&self, cell: CellId) -> Figure {
        self.figures[cell.index()]
    }

    /// The blocks in which the variables cross; an ordinary table has one.
    #[must_use]
    pub fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    fn below_root(&self, cell: CellId) -> VariableSet {
        (0..self.hierarchies.len()).filter(|&variable| self.parent(variable, cell).is_some()).collect()
    }

    /// The blocks that have the cell: those that cross every variable in which it lies below a root.
    pub fn blocks_of(&self, cell: CellId) -> impl Iterator<Item = VariableSet> {
        let below_root = self.below_root(cell);
        self.blocks.sets().iter().copied().filter(move |block| below_root.is_within(*block))
    }

    /// The key of the cell or, where no block crosses its variables with this one, of the nearest margin above it
    /// that a block breaks down by this variable.
    #[must_use]
    pub(crate) fn crossing_key(&self, cell: CellId, variable: usize) -> u64 {
        let below_root = self.below_root(cell);
        let key = self.key(cell);
        if self.blocks.cross(below_root.with(variable)) {
            return key;
        }
        let with_variable = self.blocks.sets().iter().filter(|block| block.has(variable));
        let kept = with_variable.max_by_key(|block| block.variables().filter(|&v| below_root.has(v)).count());
        let raised = below_root.variables().filter(|&v| !kept.is_some_and(|block| block.has(v)));
        raised.fold(key, |key, variable| {
            let node = self.node(cell, variable);
            let tree = &self.hierarchies[variable];
            let root = std::iter::successors(Some(node), |&node| tree.parent(node)).last().unwrap_or(node);
            key - u64::from(node.0 - root.0) * self.strides[variable]
        })
    }

    /// Whether there is a relation along the variable of which the cell is the margin.
    #[must_use]
    pub fn is_margin(&self, variable: usize, cell: CellId) -> bool {
        self.margins[cell.index()].has(variable)
    }

    /// The variables along which the cell is a margin.
    #[must_use]
    pub fn margin_along(&self, cell: CellId) -> VariableSet {
        self.margins[cell.index()]
    }

    /// The margin directly above the cell in one variable, or `None` at a root.
    #[must_use]
    pub fn parent(&self, variable: usize, cell: CellId) -> Option<CellId> {
        let parent = self.parents[variable][cell.index()];
        (parent != NO_CELL).then_some(CellId(parent))
    }

    /// The cells directly below the cell in one variable; structural zeros are left out.
    pub fn children(&self, variable: usize, cell: CellId) -> impl Iterator<Item = CellId> {
        let key = self.keys[cell.index()];
        let node = self.node_in(key, variable);
        let stride = self.strides[variable];
        self.hierarchies[variable]
            .children(node)
            .iter()
            .filter_map(move |child| self.find(key + u64::from(child.0 - node.0) * stride))
    }

    /// Steps between neighbouring codes of each variable within a key.
    #[must_use]
    pub fn strides(&self) -> &[u64] {
        &self.strides
    }

    /// The cell's key.
    #[must_use]
    pub fn key(&self, cell: CellId) -> u64 {
        self.keys[cell.index()]
    }

    /// The cell at a key; `None` is a structural zero.
    #[must_use]
    pub fn find(&self, key: u64) -> Option<CellId> {
        match &*self.lookup {
            Lookup::Dense(cells) => {
                let cell = *cells.get(usize::try_from(key).ok()?)?;
                (cell != NO_CELL).then_some(CellId(cell))
            }
            Lookup::Sorted => {
                let position = self.keys.binary_search(&key).ok()?;
                u32::try_from(position).ok().map(CellId)
            }
        }
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table of {} cells in {} variables", self.len(), self.hierarchies.len())
    }
}

/// Steps of each variable within a key: the last variable runs fastest.
///
/// # Errors
/// No or too many variables; a product of code counts past 2^62.
pub fn strides(hierarchies: &[Hierarchy]) -> Result<Vec<u64>, TableError> {
    let found = hierarchies.len();
    if found == 0 || found > Table::VARIABLES_MAX {
        return Err(TableError::Variables { found, limit: Table::VARIABLES_MAX });
    }
    let mut strides = vec![1_u64; found];
    let mut space = 1_u64;
    for (stride, hierarchy) in strides.iter_mut().zip(hierarchies).rev() {
        *stride = space;
        space = space
            .checked_mul(hierarchy.len() as u64)
            .filter(|&space| space < 1 << 62)
            .ok_or(TableError::TooLarge { what: "crossed codes", limit: 1 << 62 })?;
    }
    Ok(strides)
}

fn lookup(keys: &[u64], space: u64) -> Lookup {
    // Sixteen empty places a cell cost 64 bytes and save a binary search at every step of the search.
    let dense_max = keys.len() as u64 * 16 + (1 << 20);
    if space > dense_max {
        return Lookup::Sorted;
    }
    let mut cells = vec![NO_CELL; usize::try_from(space).unwrap_or(0)];
    for (position, &key) in keys.iter().enumerate() {
        if let (Ok(key), Ok(cell)) = (usize::try_from(key), u32::try_from(position)) {
            cells[key] = cell;
        }
    }
    Lookup::Dense(cells)
}
