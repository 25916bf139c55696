//! What a breakdown shows: its atoms, every sum of them, and what that is worth.

use super::lattice::{Lattice, LatticeCell};
use super::search::Breakdown;
use crate::hierarchy::{Hierarchy, NodeId};
use crate::problem::log_weight;

/// What the weight of a cell grows with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Its figure.
    Figure,
    /// How many units have a record in it: known to everybody who knows the participation.
    Units,
}

/// What showing a cell is worth: `log2(1 + measure)` in sixteenths, plus 1, times 4 for each level above the lowest
/// codes, times 2 in each variable where its code counts double. Source: docs/METHOD.md, "The finest safe breakdown".
#[derive(Clone, Debug)]
pub struct Weights {
    by_cell: Vec<u128>,
}

/// Levels that still raise a weight: products stay far below 128 bits.
const LEVELS_MAX: u32 = 24;

impl Weights {
    /// The weights of all cells; `doubled` are the codes of each variable that count double.
    #[must_use]
    pub fn new(lattice: &Lattice, measure: Measure, doubled: &[Vec<NodeId>]) -> Self {
        let trees = lattice.hierarchies();
        let heights: Vec<Vec<u32>> = trees.iter().map(heights).collect();
        let weight = |cell: LatticeCell| {
            let (mut levels, mut doubles) = (0_u32, 0_u32);
            for (variable, heights) in heights.iter().enumerate() {
                let node = lattice.node(cell, variable);
                levels += heights[node.index()];
                doubles += u32::from(doubled.get(variable).is_some_and(|nodes| nodes.contains(&node)));
            }
            let units = lattice.shares(cell).len() as u64;
            let measured = match measure {
                Measure::Figure => u64::try_from(lattice.figure(cell).open()).unwrap_or(0),
                Measure::Units => units,
            };
            u128::from(log_weight(measured + 1)) << (2 * levels.min(LEVELS_MAX) + doubles)
        };
        Self { by_cell: lattice.cells().map(weight).collect() }
    }

    /// The weight of a cell.
    #[must_use]
    pub fn of(&self, cell: LatticeCell) -> u128 {
        self.by_cell[cell.index()]
    }

    /// A remainder is worth half of the most valuable of its cells: it says something, but of no code of its own.
    pub(super) fn of_remainder(&self, cells: &[LatticeCell]) -> u128 {
        cells.iter().map(|&cell| self.of(cell)).max().unwrap_or(0) / 2
    }
}

/// By node: levels below it.
fn heights(tree: &Hierarchy) -> Vec<u32> {
    let mut heights = vec![0_u32; tree.len()];
    let nodes: Vec<NodeId> = tree.nodes().collect();
    for &node in nodes.iter().rev() {
        if let Some(parent) = tree.parent(node) {
            heights[parent.index()] = heights[parent.index()].max(heights[node.index()] + 1);
        }
    }
    heights
}

/// By cell: whether its figure is published or follows from what is.
#[derive(Clone, Debug)]
pub struct Shown {
    by_cell: Vec<bool>,
}

impl Shown {
    /// What a breakdown shows: a cell follows when atoms within it have all of its contributions.
    ///
    /// Cost: each atom once for each combination of codes above it.
    #[must_use]
    pub fn of(lattice: &Lattice, breakdown: &Breakdown) -> Self {
        let mut covered = vec![0_u64; lattice.len()];
        for atom in breakdown.atoms() {
            let rows = match atom.remainder[..] {
                [] => lattice.rows(atom.cell),
                // A cell that has two siblings has their margin, since it is at one code of each variable.
                ref cells => cells.iter().map(|&cell| lattice.rows(cell)).sum(),
            };
            for_each_above(lattice, atom.cell, &mut |cell| covered[cell.index()] += rows);
        }
        let by_cell = lattice.cells().map(|cell| covered[cell.index()] == lattice.rows(cell)).collect();
        Self { by_cell }
    }

    /// Whether one cell is shown.
    #[must_use]
    pub fn has(&self, cell: LatticeCell) -> bool {
        self.by_cell[cell.index()]
    }

    /// How many cells are shown.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_cell.iter().filter(|&&shown| shown).count()
    }

    /// What that is worth.
    #[must_use]
    pub fn utility(&self, lattice: &Lattice, weights: &Weights) -> u128 {
        lattice.cells().filter(|&cell| self.has(cell)).map(|cell| weights.of(cell)).sum()
    }
}

/// The cell and every cell above it.
fn for_each_above(lattice: &Lattice, cell: LatticeCell, visit: &mut impl FnMut(LatticeCell)) {
    let trees = lattice.hierarchies();
    let start = lattice.nodes(cell);
    let mut at = start.clone();
    loop {
        if let Some(cell) = lattice.find(&at) {
            visit(cell);
        }
        // Counts up: the first variable that has a code above moves to it, those before it start again.
        let Some((variable, parent)) =
            (0..at.len()).find_map(|variable| Some((variable, trees[variable].parent(at[variable])?)))
        else {
            return;
        };
        at[..variable].copy_from_slice(&start[..variable]);
        at[variable] = parent;
    }
}
