//! Coalitions: what is left of a table when an attacker takes out what it knows, and what must be kept from it.
//!
//! An attacker knows the records of its members and who has a record where. What it can still not tell apart is the
//! table of everybody else, so protection against it is the ordinary problem on the *reduced table* (lemma 3): a cell
//! there is what units outside have, and a cell where no unit outside has a record is known. A unit's share of a cell
//! can be as much as all that units outside have in those lowest cells of it where the unit has a record (lemma 4);
//! so each unit asks that the sum of these cells can rise by what is missing. Units that are in the same lowest cells
//! share one requirement. Source: docs/METHOD.md, "Coalitions".

use std::collections::BTreeMap;

use crate::Figure;
use crate::guarantee::{Coalition, Family, Guarantee};
use crate::problem::{Aggregate, Contributions, Problem, UnitId, View};
use crate::rule::Protection;
use crate::table::{CellId, TableError};

pub mod checker;
pub mod exposure;
mod relations;
mod shares;

pub(crate) use relations::uncovered;
pub use shares::Shares;

/// Whom a table is protected against, and what is promised.
pub struct Opponents<'a> {
    /// The contributions.
    pub contributions: &'a Contributions,
    /// Who has what, made of them.
    pub shares: &'a Shares,
    /// The attackers: the outsider, each unit alone, declared coalitions.
    pub coalitions: &'a [Coalition],
    /// What is promised.
    pub guarantee: &'a Guarantee,
}

/// Whose part of some cells a coalition learns too well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Victim {
    /// The unit.
    pub unit: UnitId,
    /// Whether no other unit outside has a record there.
    pub alone: bool,
}

/// What a coalition leaves over: the numbers behind its reduced table.
pub(crate) struct Remainder {
    /// By cell: what units outside have.
    pub(crate) figures: Vec<i64>,
    /// By cell: lowest cells in it where a unit outside has a record.
    pub(crate) open_leaves: Vec<u32>,
    /// By entry: units outside with a record in its lowest cell.
    pub(crate) outsiders: Vec<u32>,
}

/// One unit's quantity: its part of a cell, or of some cells together.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Quantity {
    /// What the unit has.
    pub(crate) amount: i64,
    /// What all units outside have where the unit has a record.
    pub(crate) reach: i64,
    /// What the unit has where it is the only unit outside.
    pub(crate) alone: i64,
    /// Lowest cells where the unit has a record.
    pub(crate) leaves: u32,
    /// Whether some division of the present totals gives it another amount.
    pub(crate) loose: bool,
}

impl Quantity {
    pub(crate) fn add(&mut self, other: &Self) {
        self.amount += other.amount;
        self.reach += other.reach;
        self.alone += other.alone;
        self.leaves += other.leaves;
        self.loose |= other.loose;
    }

    /// By how much the totals must be able to rise; 0 where they need not.
    pub(crate) fn missing_above(&self, guarantee: &Guarantee) -> i64 {
        let missing = guarantee.need(self.amount).saturating_add(self.amount).saturating_sub(self.reach);
        missing.max(i64::from(!self.loose))
    }

    /// By how much the totals of cells where the unit is alone must be able to fall.
    pub(crate) fn missing_below(&self, guarantee: &Guarantee) -> i64 {
        let wanted = self.amount.saturating_sub(guarantee.need(self.amount)).max(0);
        if guarantee.two_sided { (self.alone - wanted).max(0) } else { 0 }
    }
}

impl Opponents<'_> {
    /// The problem of each coalition: its reduced table, and what must be kept from it. With `pruned`, a victim that a
    /// larger coalition attacks as well is left to that one (lemma 6).
    ///
    /// # Errors
    /// A cell in need of protection that must stay published.
    pub(crate) fn problems(&self, base: &Problem, pruned: bool) -> Result<Vec<Problem>, TableError> {
        (0..self.coalitions.len()).map(|number| self.problem(base, number, pruned)).collect()
    }

    pub(crate) fn problem(&self, base: &Problem, number: usize, pruned: bool) -> Result<Problem, TableError> {
        let coalition = &self.coalitions[number];
        let remainder = self.shares.remainder(base.table(), coalition);
        let quantities = self.shares.quantities(&remainder);
        let mut wanted = Wanted::new(base.table().len());
        let shares = self.shares;
        let has_cells = self.guarantee.families.contains(&Family::Cells);
        for pair in shares.closed_pairs().filter(|_| has_cells) {
            let victim = shares.unit(pair);
            if self.is_victim(number, victim, pruned) {
                let quantity = &quantities[pair];
                let above = quantity.missing_above(self.guarantee);
                if above > 0 {
                    self.want(&mut wanted, &remainder, pair, quantity, above);
                }
                let below = quantity.missing_below(self.guarantee);
                if below > 0 {
                    self.want_below(&mut wanted, &remainder, pair, below);
                }
            }
        }
        let figures = remainder.figures.iter().map(|&figure| Figure::new(figure)).collect();
        let known = remainder.open_leaves.iter().map(|&leaves| leaves == 0).collect();
        let aggregates = wanted.aggregates();
        base.seen_by(View { figures, protections: wanted.protections, known, aggregates })
    }

    fn want(&self, wanted: &mut Wanted, remainder: &Remainder, pair: usize, quantity: &Quantity, above: i64) {
        let cell = self.shares.cell(pair);
        if quantity.leaves == remainder.open_leaves[cell.index()] {
            wanted.cell(cell, above, 0);
        } else {
            wanted.sum(self.shares.leaves(pair, |_| true), above, 0);
        }
    }

    fn want_below(&self, wanted: &mut Wanted, remainder: &Remainder, pair: usize, below: i64) {
        let alone = self.shares.leaves(pair, |entry| remainder.outsiders[entry] == 1);
        let cell = self.shares.cell(pair);
        match alone.as_slice() {
            [only] => wanted.cell(*only, 0, below),
            leaves if leaves.len() == remainder.open_leaves[cell.index()] as usize => {
                wanted.cell(cell, 0, below);
            }
            _ => wanted.sum(alone, 0, below),
        }
    }

    /// The unit whose part of the cells is largest among those outside that have records wherever anybody outside has:
    /// the worst victim of a requirement on these cells together.
    pub(crate) fn victim(&self, base: &Problem, number: usize, cells: &[CellId]) -> Option<Victim> {
        let remainder = self.shares.remainder(base.table(), &self.coalitions[number]);
        let open: u32 = cells.iter().map(|cell| remainder.open_leaves[cell.index()]).sum();
        let mut units: BTreeMap<u32, (i64, usize)> = BTreeMap::new();
        for pair in cells.iter().flat_map(|&cell| self.shares.pairs_of(cell)) {
            let unit = units.entry(self.shares.unit(pair)).or_default();
            *unit = (unit.0 + self.shares.amount(pair), unit.1 + self.shares.entries(pair).len());
        }
        let victims = units
            .into_iter()
            .filter(|&(unit, (_, leaves))| leaves == open as usize && self.is_victim(number, unit, false));
        let (unit, _) = victims.max_by_key(|&(unit, (amount, _))| (amount, std::cmp::Reverse(unit)))?;
        let pairs = cells.iter().filter_map(|&cell| self.shares.pair(cell, unit));
        let mut entries = pairs.flat_map(|pair| self.shares.entries(pair));
        let alone = entries.all(|&entry| remainder.outsiders[entry as usize] == 1);
        Some(Victim { unit: UnitId(unit), alone })
    }

    /// Whether the coalition is asked about the unit.
    pub(crate) fn is_victim(&self, number: usize, unit: u32, pruned: bool) -> bool {
        let coalition = &self.coalitions[number];
        let unit = UnitId(unit);
        if coalition.has(unit) || self.shares.waived(unit) {
            return false;
        }
        let larger = |(other, rival): (usize, &Coalition)| {
            let more = rival.members.len() > coalition.members.len()
                || (rival.members.len() == coalition.members.len() && other < number);
            more && !rival.has(unit) && coalition.members.iter().all(|&member| rival.has(member))
        };
        !(pruned && self.coalitions.iter().enumerate().any(larger))
    }
}

/// Requirements as they come together.
struct Wanted {
    protections: Vec<Option<Protection>>,
    sums: BTreeMap<Vec<CellId>, (i64, i64)>,
}

impl Wanted {
    fn new(cells: usize) -> Self {
        Self { protections: vec![None; cells], sums: BTreeMap::new() }
    }

    fn cell(&mut self, cell: CellId, upper: i64, lower: i64) {
        let present = self.protections[cell.index()].get_or_insert(Protection { upper: 0, lower: 0 });
        present.upper = present.upper.max(upper);
        present.lower = present.lower.max(lower);
    }

    fn sum(&mut self, cells: Vec<CellId>, upper: i64, lower: i64) {
        let present = self.sums.entry(cells).or_default();
        *present = (present.0.max(upper), present.1.max(lower));
    }

    fn aggregates(&mut self) -> Vec<Aggregate> {
        let sums = std::mem::take(&mut self.sums).into_iter();
        sums.map(|(cells, (upper, lower))| Aggregate { cells, upper, lower }).collect()
    }
}
