//! The state of a search: which cells are blank, and the witnesses that prove each requirement.
//!
//! INVARIANT: "protected" is never a flag. A requirement is served exactly when `served` names a live witness
//! whose deviation at the cell reaches the need, and a secondary is hidden exactly when a live witness uses it.
//! Both are kept by [`Search::adopt`] and [`Search::detach`] alone.
//!
//! A search may be against several attackers at once: one problem each over the same cells, whose figures are what
//! the attacker does not know. All share one pattern. Circuits and programs look at one of them at a time, the one in
//! focus; a witness that is found there serves every attacker who cannot exclude it either.

use std::collections::BTreeMap;

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

/// Which attacker's problem.
pub(crate) type Layer = usize;

/// A requirement of one attacker's problem.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Open {
    pub(crate) layer: Layer,
    pub(crate) requirement: Requirement,
}

/// A witness, and whose requirements it was found for.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) layer: Layer,
    pub(crate) witness: Witness,
}

pub(crate) struct Search<'p> {
    /// The problem in focus.
    pub(crate) problem: &'p Problem,
    layer: Layer,
    layers: Vec<&'p Problem>,
    hidden: Vec<bool>,
    /// Hidden in every pattern.
    kept: Vec<bool>,
    forbidden: Vec<bool>,
    /// Whether even what must stay published may move: for diagnoses.
    unrestrained: bool,
    users: Vec<Vec<WitnessId>>,
    witnesses: Vec<Option<Placed>>,
    vacant: Vec<WitnessId>,
    /// By layer, direction and target.
    served: Vec<[Vec<WitnessId>; 2]>,
    /// By layer: the sums that a cell is part of.
    sums: Vec<BTreeMap<CellId, Vec<CellId>>>,
    weight: u128,
}

const fn side(direction: Direction) -> usize {
    match direction {
        Direction::Up => 0,
        Direction::Down => 1,
    }
}

const DIRECTIONS: [Direction; 2] = [Direction::Up, Direction::Down];

impl<'p> Search<'p> {
    /// Primaries and what is blank for good hidden, nothing proved.
    pub(crate) fn new(problem: &'p Problem) -> Self {
        Self::jointly(problem, &[])
    }

    /// The same against several attackers. All problems are of the same cells, costs and settled cells.
    pub(crate) fn jointly(first: &'p Problem, others: &'p [Problem]) -> Self {
        let layers: Vec<&Problem> = std::iter::once(first).chain(others).collect();
        let cells = first.table().len();
        let kept: Vec<bool> =
            first.table().cells().map(|cell| layers.iter().any(|layer| layer.must_hide(cell))).collect();
        let served = |layer: &&Problem| {
            let targets = cells + layer.aggregates().len();
            [vec![UNSERVED; targets], vec![UNSERVED; targets]]
        };
        Self {
            problem: first,
            layer: 0,
            served: layers.iter().map(served).collect(),
            sums: layers.iter().map(|layer| sums_of(layer)).collect(),
            layers,
            hidden: kept.clone(),
            kept,
            forbidden: vec![false; cells],
            unrestrained: false,
            users: vec![Vec::new(); cells],
            witnesses: Vec::new(),
            vacant: Vec::new(),
            weight: 0,
        }
    }

    /// As [`Search::new`], except that cells may be hidden which must stay published: for diagnoses.
    pub(crate) fn unrestrained(problem: &'p Problem) -> Self {
        Self { unrestrained: true, ..Self::new(problem) }
    }

    /// Takes the pattern as it is, its cells blank and all others out of reach: the attacker's view of a release.
    pub(crate) fn confine(&mut self, pattern: &Pattern) {
        for cell in self.problem.table().cells() {
            self.hidden[cell.index()] = pattern.hidden(cell);
            self.forbidden[cell.index()] = !pattern.hidden(cell);
        }
    }

    /// The problems, one an attacker.
    pub(crate) fn layers(&self) -> &[&'p Problem] {
        &self.layers
    }

    /// Looks at the problem of one attacker from now on.
    pub(crate) fn focus(&mut self, layer: Layer) {
        if let Some(&problem) = self.layers.get(layer) {
            (self.layer, self.problem) = (layer, problem);
        }
    }

    /// Whether the cell is blank now.
    pub(crate) fn hidden(&self, cell: CellId) -> bool {
        self.hidden[cell.index()]
    }

    /// What using the cell in a witness would add to the weight; `None` when it must stay published, or the attacker
    /// in focus knows it.
    pub(crate) fn hiding_cost(&self, cell: CellId) -> Option<u64> {
        if self.problem.is_known(cell) || (self.problem.must_show(cell) && !self.unrestrained) {
            None
        } else if self.hidden(cell) {
            Some(0)
        } else if self.forbidden[cell.index()] {
            None
        } else {
            Some(self.problem.weight(cell))
        }
    }

    /// Whether the cell is blank only to protect others.
    pub(crate) fn secondary(&self, cell: CellId) -> bool {
        self.hidden(cell) && !self.kept[cell.index()]
    }

    /// The cells blank only to protect others, ascending.
    pub(crate) fn secondaries(&self) -> impl Iterator<Item = CellId> {
        self.problem.table().cells().filter(|&cell| self.secondary(cell))
    }

    /// Forbids or allows blanking the cell; what must stay published is forbidden anyway.
    pub(crate) fn forbid(&mut self, cell: CellId, forbidden: bool) {
        self.forbidden[cell.index()] = forbidden;
    }

    /// Summed weight of the secondaries.
    pub(crate) fn weight(&self) -> u128 {
        self.weight
    }

    /// Whether a live witness proves the requirement of the problem in focus.
    pub(crate) fn is_served(&self, target: CellId, direction: Direction) -> bool {
        self.served[self.layer][side(direction)][target.index()] != UNSERVED
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
        let Some(Some(placed)) = self.witnesses.get(id.0 as usize) else { return 0 };
        let alone = |cell: &CellId| self.users[cell.index()].len() == 1 && !self.kept[cell.index()];
        let cells = placed.witness.deviations.iter().map(|&(cell, _)| cell);
        cells.filter(alone).map(|cell| u128::from(self.problem.weight(cell))).sum()
    }

    /// The live witnesses that alone use some secondary, with its weight.
    pub(crate) fn exclusive(&self) -> Vec<(WitnessId, u128)> {
        let ids = (0_u32..).map(WitnessId).take(self.witnesses.len());
        ids.map(|id| (id, self.exclusive_weight(id))).filter(|&(_, weight)| weight > 0).collect()
    }

    /// The witness that proves the requirement of the problem in focus.
    pub(crate) fn proof(&self, requirement: Requirement) -> Option<&Witness> {
        let id = self.served[self.layer][side(requirement.direction)][requirement.cell.index()];
        self.witnesses.get(id.0 as usize)?.as_ref().map(|placed| &placed.witness)
    }

    /// Takes a witness of the problem in focus in: blanks what it moves and serves every open requirement that it
    /// moves far enough, of every attacker who cannot exclude it.
    pub(crate) fn adopt(&mut self, witness: Witness) -> WitnessId {
        self.place(Placed { layer: self.layer, witness })
    }

    /// Every live witness.
    pub(crate) fn into_witnesses(self) -> Vec<Placed> {
        self.witnesses.into_iter().flatten().collect()
    }

    /// Takes a witness in again that was taken out.
    pub(crate) fn place(&mut self, placed: Placed) -> WitnessId {
        let id = self.vacant.pop().unwrap_or_else(|| {
            self.witnesses.push(None);
            // Witnesses are far fewer than 2^32: each serves a requirement of its own.
            WitnessId(u32::try_from(self.witnesses.len() - 1).unwrap_or(u32::MAX - 1))
        });
        for &(cell, _) in &placed.witness.deviations {
            if !self.hidden[cell.index()] {
                self.hidden[cell.index()] = true;
                self.weight += u128::from(self.problem.weight(cell));
            }
            self.users[cell.index()].push(id);
        }
        for layer in 0..self.layers.len() {
            if layer == placed.layer || self.layers[layer].allows(&placed.witness.deviations) {
                self.serve(layer, &placed.witness, id);
            }
        }
        self.witnesses[id.0 as usize] = Some(placed);
        id
    }

    fn serve(&mut self, layer: Layer, witness: &Witness, id: WitnessId) {
        let problem = self.layers[layer];
        let served = &mut self.served[layer];
        let mut serve = |target: CellId, deviation: i64| {
            for direction in DIRECTIONS {
                let place = &mut served[side(direction)][target.index()];
                let need = if *place == UNSERVED { problem.need(target, direction) } else { 0 };
                if need > 0 && moves(deviation, direction) >= need {
                    *place = id;
                }
            }
        };
        for &(cell, deviation) in &witness.deviations {
            serve(cell, deviation);
        }
        for target in self.sums_touched(layer, witness) {
            self.serve_sum(layer, target, witness, id);
        }
    }

    fn serve_sum(&mut self, layer: Layer, target: CellId, witness: &Witness, id: WitnessId) {
        let problem = self.layers[layer];
        let moved = problem.moved(target, |cell| witness.deviation(cell));
        for direction in DIRECTIONS {
            let place = &mut self.served[layer][side(direction)][target.index()];
            let need = problem.need(target, direction);
            if *place == UNSERVED && need > 0 && moves(moved, direction) >= need {
                *place = id;
            }
        }
    }

    /// The sums of one problem that the witness may move, each once.
    fn sums_touched(&self, layer: Layer, witness: &Witness) -> Vec<CellId> {
        let sums = &self.sums[layer];
        if sums.is_empty() {
            return Vec::new();
        }
        let cells = witness.deviations.iter().filter_map(|(cell, _)| sums.get(cell));
        let mut touched: Vec<CellId> = cells.flatten().copied().collect();
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// Takes a witness out. What only it proved is open again, what only it used is published again.
    pub(crate) fn detach(&mut self, id: WitnessId) -> (Option<Placed>, Vec<Open>) {
        let mut opened = Vec::new();
        let Some(placed) = self.witnesses[id.0 as usize].take() else {
            return (None, opened);
        };
        for &(cell, _) in &placed.witness.deviations {
            self.users[cell.index()].retain(|&user| user != id);
            if self.users[cell.index()].is_empty() && !self.kept[cell.index()] {
                self.hidden[cell.index()] = false;
                self.weight -= u128::from(self.problem.weight(cell));
            }
        }
        for layer in 0..self.layers.len() {
            let cells = placed.witness.deviations.iter().map(|&(cell, _)| cell);
            let targets: Vec<CellId> = cells.chain(self.sums_touched(layer, &placed.witness)).collect();
            for target in targets {
                for direction in DIRECTIONS {
                    let place = &mut self.served[layer][side(direction)][target.index()];
                    if *place == id {
                        *place = UNSERVED;
                        let need = self.layers[layer].need(target, direction);
                        opened
                            .push(Open { layer, requirement: Requirement { cell: target, direction, need } });
                    }
                }
            }
        }
        self.vacant.push(id);
        (Some(placed), opened)
    }
}

impl Witness {
    /// How far it moves a cell.
    pub(crate) fn deviation(&self, cell: CellId) -> i64 {
        let place = self.deviations.binary_search_by_key(&cell, |&(cell, _)| cell);
        place.map_or(0, |place| self.deviations[place].1)
    }
}

fn sums_of(problem: &Problem) -> BTreeMap<CellId, Vec<CellId>> {
    let mut sums: BTreeMap<CellId, Vec<CellId>> = BTreeMap::new();
    for (target, aggregate) in problem.aggregate_ids().zip(problem.aggregates()) {
        for &cell in &aggregate.cells {
            sums.entry(cell).or_default().push(target);
        }
    }
    sums
}

/// How far a deviation moves a cell in one direction.
pub(crate) const fn moves(deviation: i64, direction: Direction) -> i64 {
    match direction {
        Direction::Up => deviation,
        Direction::Down => -deviation,
    }
}
