//! All cells of all crossed levels, with what each unit has in them.
//!
//! Shape: cells in ascending order of their keys ([`Table::key_of`]); a code combination without a contribution is no
//! cell. Codes are numbered depth first, so a cell stands after every cell above it.

use std::ops::Range;

use super::safety::Safety;
use crate::Figure;
use crate::assess;
use crate::block::Spanning;
use crate::guarantee::UnitShare;
use crate::hierarchy::{Hierarchy, NodeId};
use crate::problem::Contributions;
use crate::table::{self, Table, TableError};

/// A cell of a lattice, numbered in ascending key order from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct LatticeCell(pub u32);

impl LatticeCell {
    /// The cell as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

struct Sums {
    total: Figure,
    rows: u64,
    shares: Range<usize>,
}

/// All cells of all crossed levels of one table.
pub struct Lattice {
    hierarchies: Vec<Hierarchy>,
    strides: Vec<u64>,
    keys: Vec<u64>,
    sums: Vec<Sums>,
    shares: Vec<UnitShare>,
}

impl std::fmt::Debug for Lattice {
    // Shares are classified.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lattice of {} cells in {} variables", self.keys.len(), self.hierarchies.len())
    }
}

impl Lattice {
    /// Sums contributions to every cell. Memory: 24 bytes a unit and cell.
    ///
    /// # Errors
    /// Negative figures, totals out of range, too many cells.
    pub fn new(hierarchies: Vec<Hierarchy>, contributions: &Contributions) -> Result<Self, TableError> {
        if contributions.figures.iter().any(|figure| figure.open() < 0) {
            return Err(TableError::Negative { cell: "one of the contributions".to_owned() });
        }
        let strides = table::strides(&hierarchies)?;
        let spanning: Spanning = hierarchies.into();
        let mut all: Vec<UnitShare> = Vec::new();
        let cells = assess::judged_cells(&spanning, contributions, |shares| {
            let start = all.len();
            all.extend_from_slice(shares);
            start..all.len()
        })?;
        if cells.is_empty() {
            return Err(TableError::Empty);
        }
        let keys = cells.iter().map(|cell| cell.key).collect();
        let sums =
            cells.into_iter().map(|cell| Sums { total: cell.total, rows: cell.rows, shares: cell.judged });
        let sums = sums.collect();
        Ok(Self { hierarchies: spanning.hierarchies, strides, keys, sums, shares: all })
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

    /// Never true: a lattice has at least one cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// All cells in ascending order: each after those above it.
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = LatticeCell> + use<> {
        (0..u32::try_from(self.keys.len()).unwrap_or(u32::MAX)).map(LatticeCell)
    }

    /// The cell's node in one variable.
    #[must_use]
    pub fn node(&self, cell: LatticeCell, variable: usize) -> NodeId {
        let size = self.hierarchies[variable].len() as u64;
        // The remainder is below the number of codes, which fits 32 bits.
        NodeId(u32::try_from(self.keys[cell.index()] / self.strides[variable] % size).unwrap_or(u32::MAX))
    }

    /// The cell's nodes, one a variable.
    #[must_use]
    pub fn nodes(&self, cell: LatticeCell) -> Vec<NodeId> {
        (0..self.hierarchies.len()).map(|variable| self.node(cell, variable)).collect()
    }

    /// The cell at a code combination; `None` is a zero that everybody knows.
    #[must_use]
    pub fn find(&self, nodes: &[NodeId]) -> Option<LatticeCell> {
        self.at(Table::key_of(&self.strides, nodes))
    }

    fn at(&self, key: u64) -> Option<LatticeCell> {
        let place = self.keys.binary_search(&key).ok()?;
        u32::try_from(place).ok().map(LatticeCell)
    }

    /// The cells one level below in one variable; those without a contribution are left out.
    pub fn children(&self, cell: LatticeCell, variable: usize) -> impl Iterator<Item = LatticeCell> {
        let (node, stride) = (self.node(cell, variable), self.strides[variable]);
        let key = self.keys[cell.index()] - u64::from(node.0) * stride;
        let children = self.hierarchies[variable].children(node);
        children.iter().filter_map(move |child| self.at(key + u64::from(child.0) * stride))
    }

    /// Cells at the roots of all variables: the totals, one for each table that adds up.
    pub fn roots(&self) -> impl Iterator<Item = LatticeCell> {
        self.cells().filter(|&cell| {
            (0..self.hierarchies.len())
                .all(|variable| self.hierarchies[variable].parent(self.node(cell, variable)).is_none())
        })
    }

    /// The cell's figure.
    #[must_use]
    pub fn figure(&self, cell: LatticeCell) -> Figure {
        self.sums[cell.index()].total
    }

    /// How many rows of contributions are in the cell.
    #[must_use]
    pub fn rows(&self, cell: LatticeCell) -> u64 {
        self.sums[cell.index()].rows
    }

    /// What each unit has in the cell; classified.
    #[must_use]
    pub fn shares(&self, cell: LatticeCell) -> &[UnitShare] {
        &self.shares[self.sums[cell.index()].shares.clone()]
    }

    /// By cell: whether it may be published alone.
    #[must_use]
    pub fn judge(&self, safety: &Safety<'_>) -> Vec<bool> {
        self.cells().map(|cell| safety.holds(self.shares(cell))).collect()
    }

    /// Whether the cell lies at these levels: in each variable at this level, or at a leaf above it.
    #[must_use]
    pub fn at_levels(&self, cell: LatticeCell, levels: &[u32]) -> bool {
        self.hierarchies.iter().zip(levels).enumerate().all(|(variable, (tree, &level))| {
            let node = self.node(cell, variable);
            tree.depth(node) == level || (tree.depth(node) < level && tree.is_leaf(node))
        })
    }

    /// `part` of the figures of cells in the whole of them, in parts of a thousand, rounded down; 0 of 0 is 0.
    #[must_use]
    pub fn value_permille(
        &self,
        part: impl Iterator<Item = LatticeCell>,
        whole: impl Iterator<Item = LatticeCell>,
    ) -> u64 {
        let sum = |total: i128, cell: LatticeCell| total + i128::from(self.figure(cell).open());
        let (part, whole) = (part.fold(0, sum), whole.fold(0, sum));
        if whole == 0 { 0 } else { u64::try_from(part * 1_000 / whole).unwrap_or(0) }
    }
}

/// All cells of several have these shares together, one a unit, ascending by unit.
pub(super) fn together(lattice: &Lattice, cells: &[LatticeCell]) -> Vec<UnitShare> {
    let mut all: Vec<UnitShare> = cells.iter().flat_map(|&cell| lattice.shares(cell)).copied().collect();
    all.sort_unstable_by_key(|share| share.unit);
    let sum = |shares: &[UnitShare]| {
        shares.first().map(|&first| UnitShare {
            // Totals of the cells above fit, so sums of their parts do.
            amount: shares.iter().map(|share| share.amount).sum(),
            ..first
        })
    };
    all.chunk_by(|a, b| a.unit == b.unit).filter_map(sum).collect()
}
