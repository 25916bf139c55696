//! What the worlds still have to prove: for each attacker the shares that the true table leaves too well known.
//!
//! An attacker subtracts its own part from every base cell; what is left belongs to units outside that have a record
//! there. A unit's share can be as large as everything left in its base cells, and as small as what is left where it
//! is the only one outside (docs/METHOD.md, "Rounding"). This module finds the claims that the true table does not
//! prove and says by how much its cells have to move for each.

use super::checker::{Claim, Promise};
use crate::problem::{Direction, Requirement, UnitId};
use crate::table::{CellId, Table};

/// What is asked: of a unit's share, or of a whole cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// A share, against one attacker.
    Share(Claim),
    /// A cell, against somebody who knows only what is published.
    Cell(Requirement),
}

impl Asked {
    /// The cell.
    #[must_use]
    pub const fn cell(&self) -> CellId {
        match self {
            Self::Share(claim) => claim.cell,
            Self::Cell(requirement) => requirement.cell,
        }
    }

    /// Which way.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        match self {
            Self::Share(claim) => claim.direction,
            Self::Cell(requirement) => requirement.direction,
        }
    }

    /// How far from the truth.
    #[must_use]
    pub const fn need(&self) -> i64 {
        match self {
            Self::Share(claim) => claim.need,
            Self::Cell(requirement) => requirement.need,
        }
    }

    /// By its place among the declared attackers.
    pub(super) const fn attacker(&self) -> Option<usize> {
        match self {
            Self::Share(claim) => Some(claim.attacker),
            Self::Cell(_) => None,
        }
    }
}

/// Something that the true table does not prove.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) asked: Asked,
    /// By how much the targets together have to move, upwards or downwards; at least 1.
    pub(super) short: i64,
    /// The cells that count.
    pub(super) targets: Vec<CellId>,
    /// Base cells that may be moved for it, each with the most that it can fall for the attacker.
    pub(super) atoms: Vec<(CellId, i64)>,
}

/// Who contributed to which base cells, and what lies above them.
pub(super) struct Knowledge<'a> {
    pub(super) table: &'a Table,
    pub(super) promise: Promise<'a>,
    /// By base cell, then unit; amounts of a unit in a cell are together.
    shares: Vec<(CellId, UnitId, i64)>,
    /// The same shares by unit: places in `shares`.
    by_unit: Vec<Vec<u32>>,
    /// By base cell: the attackers that know it entirely.
    pub(super) known_by: Vec<Vec<u32>>,
    /// By base cell: itself and all cells that sum it.
    pub(super) above: Vec<Vec<CellId>>,
}

/// What one attacker sees.
pub(super) struct View {
    /// By cell: what its members contributed, for base cells.
    pub(super) own: Vec<i64>,
    /// By base cell: units outside that have a record.
    pub(super) outsiders: Vec<u32>,
}

/// Base cells that are tried for a whole cell.
const ATOMS_MAX: usize = 24;

impl<'a> Knowledge<'a> {
    /// `None` where contributions lie below the cells of linked tables.
    pub(super) fn new(table: &'a Table, promise: Promise<'a>) -> Option<Self> {
        let mut shares = Vec::new();
        if let (Some(given), Some(_)) = (promise.contributions, promise.guarantee) {
            for (row, nodes) in given.nodes.chunks_exact(given.variables.max(1)).enumerate() {
                shares.push((table.cell(nodes)?, given.units[row], given.figures[row].open()));
            }
        }
        shares.sort_unstable();
        let mut merged: Vec<(CellId, UnitId, i64)> = Vec::with_capacity(shares.len());
        for (cell, unit, amount) in shares {
            match merged.last_mut() {
                Some(last) if (last.0, last.1) == (cell, unit) => last.2 += amount,
                _ => merged.push((cell, unit, amount)),
            }
        }
        let units = merged.iter().map(|share| share.1.0 as usize + 1).max().unwrap_or(0);
        let mut by_unit = vec![Vec::new(); units];
        for (place, share) in (0_u32..).zip(&merged) {
            by_unit[share.1.0 as usize].push(place);
        }
        let mut knowledge = Self {
            table,
            promise,
            shares: merged,
            by_unit,
            known_by: vec![Vec::new(); table.len()],
            above: vec![Vec::new(); table.len()],
        };
        if table.blocks().sets().len() <= 1 {
            for cell in table.cells().filter(|&cell| table.margin_along(cell).is_empty()) {
                knowledge.above[cell.index()] = knowledge.cells_above(cell);
            }
        }
        Some(knowledge)
    }

    fn cells_above(&self, cell: CellId) -> Vec<CellId> {
        let mut found = vec![cell];
        for variable in 0..self.table.hierarchies().len() {
            let chains: Vec<CellId> = found
                .iter()
                .flat_map(|&from| {
                    std::iter::successors(Some(from), |&at| self.table.parent(variable, at)).skip(1)
                })
                .collect();
            found.extend(chains);
        }
        found
    }

    /// What an attacker sees; its fully known base cells are entered.
    pub(super) fn view(&mut self, attacker: usize) -> View {
        let cells = self.table.len();
        let mut view = View { own: vec![0; cells], outsiders: vec![0; cells] };
        let Some(coalition) = self.promise.attackers.get(attacker) else { return view };
        for &(cell, unit, amount) in &self.shares {
            if coalition.has(unit) {
                view.own[cell.index()] += amount;
            } else {
                view.outsiders[cell.index()] += 1;
            }
        }
        let place = u32::try_from(attacker).unwrap_or(u32::MAX);
        for share in &self.shares {
            let known = &mut self.known_by[share.0.index()];
            if view.outsiders[share.0.index()] == 0 && !known.contains(&place) {
                known.push(place);
            }
        }
        view
    }

    /// What the true table leaves open against one attacker, unit by unit.
    pub(super) fn open_shares(&self, attacker: usize, view: &View) -> Vec<Open> {
        let Some((coalition, guarantee)) = self.promise.attackers.get(attacker).zip(self.promise.guarantee)
        else {
            return Vec::new();
        };
        let waived = self.promise.contributions.map_or(&[][..], |given| &given.waived);
        // By cell: the unit's own share, everything left in its base cells, and the share where it is alone outside.
        let mut sums = vec![(0_i64, 0_i64, 0_i64); self.table.len()];
        let mut touched: Vec<CellId> = Vec::new();
        let mut open = Vec::new();
        for (unit, rows) in (0_u32..).map(UnitId).zip(&self.by_unit) {
            if coalition.has(unit) || waived.get(unit.0 as usize) == Some(&true) {
                continue;
            }
            for &row in rows {
                let (base, _, amount) = self.shares[row as usize];
                let left = self.table.figure(base).open() - view.own[base.index()];
                let alone = if view.outsiders[base.index()] == 1 { amount } else { 0 };
                for &cell in &self.above[base.index()] {
                    touched.push(cell);
                    let sum = &mut sums[cell.index()];
                    *sum = (sum.0 + amount, sum.1 + left, sum.2 + alone);
                }
            }
            touched.sort_unstable();
            touched.dedup();
            let first = open.len();
            for &cell in &touched {
                let (share, most, least) = std::mem::take(&mut sums[cell.index()]);
                let need = guarantee.need(share).max(1);
                let up = need.saturating_sub(most - share);
                let down = if guarantee.two_sided { least - share.saturating_sub(need).max(0) } else { 0 };
                for (direction, short) in [(Direction::Up, up), (Direction::Down, down)] {
                    if short > 0 {
                        let asked = Asked::Share(Claim { attacker, unit, cell, direction, need });
                        open.push(Open { asked, short, targets: Vec::new(), atoms: Vec::new() });
                    }
                }
            }
            touched.clear();
            self.gather(rows, view, &mut open[first..]);
        }
        open
    }

    /// Gives the claims of one unit, ascending by cell, the base cells that count for each; where the unit is alone
    /// outside, its amount is all that can go.
    fn gather(&self, rows: &[u32], view: &View, open: &mut [Open]) {
        for &row in rows {
            let (base, _, amount) = self.shares[row as usize];
            for cell in &self.above[base.index()] {
                let first = open.partition_point(|open| open.asked.cell() < *cell);
                for claim in open[first..].iter_mut().take_while(|open| open.asked.cell() == *cell) {
                    if claim.asked.direction() == Direction::Up || view.outsiders[base.index()] == 1 {
                        claim.targets.push(base);
                        claim.atoms.push((base, amount));
                    }
                }
            }
        }
    }

    /// What is asked of whole cells: the true table proves none of it.
    pub(super) fn open_cells(&self) -> Vec<Open> {
        let open = self.promise.cells.iter().map(|&requirement| {
            let mut atoms = vec![requirement.cell];
            while let Some(place) = atoms.iter().position(|&cell| !self.table.margin_along(cell).is_empty()) {
                let margin = atoms.swap_remove(place);
                let along = self.table.margin_along(margin).variables().next();
                atoms.extend(along.into_iter().flat_map(|variable| self.table.children(variable, margin)));
                atoms.truncate(ATOMS_MAX);
            }
            Open {
                asked: Asked::Cell(requirement),
                short: requirement.need,
                targets: vec![requirement.cell],
                atoms: atoms.into_iter().map(|cell| (cell, self.table.figure(cell).open())).collect(),
            }
        });
        open.collect()
    }
}
