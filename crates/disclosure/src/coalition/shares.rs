//! Who has what in which cell.
//!
//! An *entry* is what one unit has in one lowest cell; a *pair* is one unit in one cell of any level, with the entries
//! below it. Cost: one entry lies below as many cells as there are combinations of its ancestors.

use std::collections::BTreeMap;

use super::{Quantity, Remainder};
use crate::guarantee::Coalition;
use crate::hierarchy::NodeId;
use crate::problem::{Contributions, UnitId};
use crate::table::{CellId, Table};

/// What every unit has in every cell. It holds the figures of every contributor and cannot be printed.
pub struct Shares {
    /// By entry, ascending by lowest cell, then unit.
    leaves: Vec<CellId>,
    units: Vec<u32>,
    amounts: Vec<i64>,
    /// By pair, ascending by cell, then unit.
    pair_cells: Vec<CellId>,
    pair_units: Vec<u32>,
    /// By pair: its entries are `below[starts[pair]..starts[pair + 1]]`.
    starts: Vec<u32>,
    below: Vec<u32>,
    /// By pair: whether no smaller cell holds the same entries.
    closed: Vec<bool>,
    waived: Vec<bool>,
}

impl std::fmt::Debug for Shares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shares of {} units", self.waived.len())
    }
}

impl Shares {
    /// Sorts contributions by cell and unit. `None` where a lowest cell is not in the table: linked tables that do not
    /// cross all variables.
    #[must_use]
    pub fn new(table: &Table, contributions: &Contributions) -> Option<Self> {
        let mut sums: BTreeMap<(CellId, u32), i64> = BTreeMap::new();
        for (place, leaf) in contributions.nodes.chunks_exact(contributions.variables.max(1)).enumerate() {
            let cell = table.cell(leaf)?;
            let unit = contributions.units.get(place)?.0;
            *sums.entry((cell, unit)).or_default() += contributions.figures.get(place)?.open();
        }
        let mut shares = Self {
            leaves: sums.keys().map(|&(cell, _)| cell).collect(),
            units: sums.keys().map(|&(_, unit)| unit).collect(),
            amounts: sums.into_values().collect(),
            pair_cells: Vec::new(),
            pair_units: Vec::new(),
            starts: Vec::new(),
            below: Vec::new(),
            closed: Vec::new(),
            waived: contributions.waived.clone(),
        };
        shares.pair_up(table);
        shares.close(table);
        Some(shares)
    }

    fn pair_up(&mut self, table: &Table) {
        let mut triples: Vec<(CellId, u32, u32)> = Vec::new();
        let mut above: (Option<CellId>, Vec<CellId>) = (None, Vec::new());
        for (entry, (&leaf, &unit)) in (0_u32..).zip(self.leaves.iter().zip(&self.units)) {
            if above.0 != Some(leaf) {
                above = (Some(leaf), cells_above(table, leaf));
            }
            triples.extend(above.1.iter().map(|&cell| (cell, unit, entry)));
        }
        triples.sort_unstable();
        for same in triples.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1)) {
            self.pair_cells.push(same[0].0);
            self.pair_units.push(same[0].1);
            self.starts.push(u32::try_from(self.below.len()).unwrap_or(u32::MAX));
            self.below.extend(same.iter().map(|triple| triple.2));
        }
        self.starts.push(u32::try_from(self.below.len()).unwrap_or(u32::MAX));
    }

    /// A pair is closed unless one of the cells directly below has all of its entries.
    fn close(&mut self, table: &Table) {
        self.closed = vec![true; self.pair_cells.len()];
        for pair in 0..self.pair_cells.len() {
            for variable in 0..table.hierarchies().len() {
                let Some(margin) = table.parent(variable, self.pair_cells[pair]) else { continue };
                let Some(larger) = self.pair(margin, self.pair_units[pair]) else { continue };
                if self.entries(larger).len() == self.entries(pair).len() {
                    self.closed[larger] = false;
                }
            }
        }
    }

    /// The pairs that no smaller cell repeats.
    pub(crate) fn closed_pairs(&self) -> impl Iterator<Item = usize> {
        (0..self.pair_cells.len()).filter(|&pair| self.closed[pair])
    }

    pub(crate) fn pairs(&self) -> std::ops::Range<usize> {
        0..self.pair_cells.len()
    }

    /// The pairs of one cell.
    pub(crate) fn pairs_of(&self, cell: CellId) -> std::ops::Range<usize> {
        let start = self.pair_cells.partition_point(|&other| other < cell);
        let end = self.pair_cells.partition_point(|&other| other <= cell);
        start..end
    }

    pub(crate) fn pair(&self, cell: CellId, unit: u32) -> Option<usize> {
        let range = self.pairs_of(cell);
        let place = self.pair_units[range.clone()].binary_search(&unit).ok()?;
        Some(range.start + place)
    }

    pub(crate) fn cell(&self, pair: usize) -> CellId {
        self.pair_cells[pair]
    }

    pub(crate) fn unit(&self, pair: usize) -> u32 {
        self.pair_units[pair]
    }

    pub(crate) fn entries(&self, pair: usize) -> &[u32] {
        &self.below[self.starts[pair] as usize..self.starts[pair + 1] as usize]
    }

    /// The lowest cells of a pair's entries, ascending.
    pub(crate) fn leaves(&self, pair: usize, which: impl Fn(usize) -> bool) -> Vec<CellId> {
        let entries = self.entries(pair).iter().map(|&entry| entry as usize).filter(|&entry| which(entry));
        entries.map(|entry| self.leaves[entry]).collect()
    }

    /// Whether the unit has waived its protection.
    #[must_use]
    pub fn waived(&self, unit: UnitId) -> bool {
        self.waived.get(unit.0 as usize).copied().unwrap_or(false)
    }

    /// How many units there are.
    #[must_use]
    pub fn units_len(&self) -> usize {
        self.waived.len()
    }

    /// What a pair's unit has in its cell.
    pub(crate) fn amount(&self, pair: usize) -> i64 {
        self.entries(pair).iter().map(|&entry| self.amounts[entry as usize]).sum()
    }

    /// What a unit has in a cell; `None` where it has no record.
    #[must_use]
    pub fn amount_of(&self, cell: CellId, unit: UnitId) -> Option<i64> {
        self.pair(cell, unit.0).map(|pair| self.amount(pair))
    }

    /// What a coalition leaves over.
    pub(crate) fn remainder(&self, table: &Table, coalition: &Coalition) -> Remainder {
        let is_member: Vec<bool> =
            (0_u32..).take(self.waived.len()).map(|unit| coalition.has(UnitId(unit))).collect();
        let outside = |unit: u32| !is_member.get(unit as usize).copied().unwrap_or(false);
        let mut outsiders_of = vec![0_u32; table.len()];
        let mut figures = vec![0_i64; table.len()];
        for (place, &leaf) in self.leaves.iter().enumerate() {
            if outside(self.units[place]) {
                outsiders_of[leaf.index()] += 1;
            }
        }
        for pair in self.pairs().filter(|&pair| outside(self.pair_units[pair])) {
            figures[self.pair_cells[pair].index()] += self.amount(pair);
        }
        let mut open_leaves = vec![0_u32; table.len()];
        let mut last = None;
        for &leaf in &self.leaves {
            if last != Some(leaf) && outsiders_of[leaf.index()] > 0 {
                for cell in cells_above(table, leaf) {
                    open_leaves[cell.index()] += 1;
                }
            }
            last = Some(leaf);
        }
        let outsiders = self.leaves.iter().map(|leaf| outsiders_of[leaf.index()]).collect();
        Remainder { figures, open_leaves, outsiders }
    }

    /// Every pair's quantity, as a coalition with this remainder sees it.
    pub(crate) fn quantities(&self, remainder: &Remainder) -> Vec<Quantity> {
        let of_entry = |&entry: &u32| {
            let entry = entry as usize;
            let (amount, outsiders) = (self.amounts[entry], remainder.outsiders[entry]);
            let reach = remainder.figures[self.leaves[entry].index()];
            Quantity {
                amount,
                reach,
                alone: if outsiders == 1 { amount } else { 0 },
                leaves: 1,
                loose: outsiders > 1 && reach > 0,
            }
        };
        self.pairs()
            .map(|pair| {
                self.entries(pair).iter().map(of_entry).fold(Quantity::default(), |mut sum, next| {
                    sum.add(&next);
                    sum
                })
            })
            .collect()
    }
}

/// The cell and every cell above it, in any order.
pub(crate) fn cells_above(table: &Table, leaf: CellId) -> Vec<CellId> {
    let mut keys = vec![0_u64];
    for (variable, (tree, stride)) in table.hierarchies().iter().zip(table.strides()).enumerate() {
        let nodes: Vec<NodeId> =
            std::iter::successors(Some(table.node(leaf, variable)), |&node| tree.parent(node)).collect();
        keys = keys
            .iter()
            .flat_map(|&key| nodes.iter().map(move |node| key + stride * u64::from(node.0)))
            .collect();
    }
    keys.into_iter().filter_map(|key| table.find(key)).collect()
}
