//! The state of a search: which cells are blank, and the witnesses that prove each requirement.
//!
//! INVARIANT: "protected" is never a flag. A requirement is served exactly when `served` names a live witness
//! whose deviation at the cell reaches the need, and a secondary is hidden exactly when a live witness uses it.
//! Both are kept by [`Search::adopt`] and [`Search::detach`] alone.

use crate::pattern::Pattern;
use crate::problem::{Direction, Problem, Requirement};
use crate::table::CellId;

/// A deviation from the true table: consistent with every relation, zero on published cells, never below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    /// Cells in ascending order with their nonzero deviations, in units.
    pub(crate) deviations: Vec<(CellId, i64)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct WitnessId(u32);

const UNSERVED: WitnessId = WitnessId(u32::MAX);

pub(crate) struct Search<'p> {
    pub(crate) problem: &'p Problem,
    hidden: Vec<bool>,
    forbidden: Vec<bool>,
    users: Vec<Vec<WitnessId>>,
    witnesses: Vec<Option<Witness>>,
    vacant: Vec<WitnessId>,
    served: [Vec<WitnessId>; 2],
    weight: u128,
}

const fn side(direction: Direction) -> usize {
    match direction {
        Direction::Up => 0,
        Direction::Down => 1,
    }
}

impl<'p> Search<'p> {
    /// Primaries and what is blank for good hidden, nothing proved.
    pub(crate) fn new(problem: &'p Problem) -> Self {
        let cells = problem.table().len();
        let hidden = problem.table().cells().map(|cell| problem.must_hide(cell)).collect();
        let forbidden = problem.table().cells().map(|cell| problem.must_show(cell)).collect();
        Self {
            problem,
            hidden,
            forbidden,
            users: vec![Vec::new(); cells],
            witnesses: Vec::new(),
            vacant: Vec::new(),
            served: [vec![UNSERVED; cells], vec![UNSERVED; cells]],
            weight: 0,
        }
    }

    /// As [`Search::new`], except that cells may be hidden which must stay published: for diagnoses.
    pub(crate) fn unrestrained(problem: &'p Problem) -> Self {
        let mut search = Self::new(problem);
        search.forbidden.fill(false);
        search
    }

    /// Exactly the pattern's cells blank and all others out of reach: the attacker's view of a release.
    pub(crate) fn confined(problem: &'p Problem, pattern: &Pattern) -> Self {
        let mut search = Self::new(problem);
        for cell in problem.table().cells() {
            search.hidden[cell.index()] = pattern.hidden(cell);
            search.forbidden[cell.index()] = !pattern.hidden(cell);
        }
        search
    }

    /// Whether the cell is blank now.
    pub(crate) fn hidden(&self, cell: CellId) -> bool {
        self.hidden[cell.index()]
    }

    /// What using the cell in a witness would add to the weight; `None` when it must stay published.
    pub(crate) fn hiding_cost(&self, cell: CellId) -> Option<u64> {
        if self.hidden(cell) {
            Some(0)
        } else if self.forbidden[cell.index()] {
            None
        } else {
            Some(self.problem.weight(cell))
        }
    }

    /// Whether the cell is blank only to protect others.
    pub(crate) fn secondary(&self, cell: CellId) -> bool {
        self.hidden(cell) && !self.problem.must_hide(cell)
    }

    /// The cells blank only to protect others, ascending.
    pub(crate) fn secondaries(&self) -> impl Iterator<Item = CellId> {
        self.problem.table().cells().filter(|&cell| self.secondary(cell))
    }

    /// Forbids or allows blanking the cell; what must stay published stays forbidden.
    pub(crate) fn forbid(&mut self, cell: CellId, forbidden: bool) {
        self.forbidden[cell.index()] = forbidden || self.problem.must_show(cell);
    }

    /// Summed weight of the secondaries.
    pub(crate) fn weight(&self) -> u128 {
        self.weight
    }

    /// Whether a live witness proves the requirement.
    pub(crate) fn is_served(&self, cell: CellId, direction: Direction) -> bool {
        self.served[side(direction)][cell.index()] != UNSERVED
    }

    /// How far the cell still has to be shown to move in one direction; 0 when that is proved or not asked.
    pub(crate) fn open_need(&self, cell: CellId, direction: Direction) -> i64 {
        if self.is_served(cell, direction) { 0 } else { self.problem.need(cell, direction) }
    }

    /// The live witnesses that use the cell.
    pub(crate) fn users(&self, cell: CellId) -> &[WitnessId] {
        &self.users[cell.index()]
    }

    /// Weight of the secondaries that only this witness uses.
    pub(crate) fn exclusive_weight(&self, id: WitnessId) -> u128 {
        let Some(Some(witness)) = self.witnesses.get(id.0 as usize) else { return 0 };
        let alone = |cell: &CellId| self.users[cell.index()].len() == 1 && !self.problem.must_hide(*cell);
        let cells = witness.deviations.iter().map(|&(cell, _)| cell);
        cells.filter(alone).map(|cell| u128::from(self.problem.weight(cell))).sum()
    }

    /// The live witnesses that alone use some secondary, with its weight.
    pub(crate) fn exclusive(&self) -> Vec<(WitnessId, u128)> {
        let ids = (0_u32..).map(WitnessId).take(self.witnesses.len());
        ids.map(|id| (id, self.exclusive_weight(id))).filter(|&(_, weight)| weight > 0).collect()
    }

    /// The witness that proves the requirement.
    pub(crate) fn proof(&self, requirement: Requirement) -> Option<&Witness> {
        let id = self.served[side(requirement.direction)][requirement.cell.index()];
        self.witnesses.get(id.0 as usize)?.as_ref()
    }

    /// Takes a witness in: blanks what it moves and serves every open requirement that it moves far enough.
    pub(crate) fn adopt(&mut self, witness: Witness) -> WitnessId {
        let id = self.vacant.pop().unwrap_or_else(|| {
            self.witnesses.push(None);
            // Witnesses are far fewer than 2^32: each serves a requirement of its own.
            WitnessId(u32::try_from(self.witnesses.len() - 1).unwrap_or(u32::MAX - 1))
        });
        for &(cell, deviation) in &witness.deviations {
            if !self.hidden[cell.index()] {
                self.hidden[cell.index()] = true;
                self.weight += u128::from(self.problem.weight(cell));
            }
            self.users[cell.index()].push(id);
            for direction in [Direction::Up, Direction::Down] {
                let need = self.open_need(cell, direction);
                if need > 0 && moves(deviation, direction) >= need {
                    self.served[side(direction)][cell.index()] = id;
                }
            }
        }
        self.witnesses[id.0 as usize] = Some(witness);
        id
    }

    /// Takes a witness out. What only it proved is open again, what only it used is published again.
    pub(crate) fn detach(&mut self, id: WitnessId) -> (Option<Witness>, Vec<Requirement>) {
        let mut opened = Vec::new();
        let Some(witness) = self.witnesses[id.0 as usize].take() else {
            return (None, opened);
        };
        for &(cell, _) in &witness.deviations {
            self.users[cell.index()].retain(|&user| user != id);
            if self.users[cell.index()].is_empty() && !self.problem.must_hide(cell) {
                self.hidden[cell.index()] = false;
                self.weight -= u128::from(self.problem.weight(cell));
            }
            for direction in [Direction::Up, Direction::Down] {
                if self.served[side(direction)][cell.index()] == id {
                    self.served[side(direction)][cell.index()] = UNSERVED;
                    opened.push(Requirement { cell, direction, need: self.problem.need(cell, direction) });
                }
            }
        }
        self.vacant.push(id);
        (Some(witness), opened)
    }
}

/// How far a deviation moves a cell in one direction.
pub(crate) const fn moves(deviation: i64, direction: Direction) -> i64 {
    match direction {
        Direction::Up => deviation,
        Direction::Down => -deviation,
    }
}
