//! Certificates: a few whole-number *witness worlds* that together prove every requirement of a pattern.
//!
//! A world is an alternative table, stored as deviations from the true one. It is consistent with everything
//! published when it leaves published cells alone, satisfies every relation and has no cell below zero. A
//! requirement holds when some world moves its cell far enough. Checking that is adding whole numbers:
//! [`crate::checker`]. A certificate reveals the true table: it goes to holders of that table only.
//!
//! Packing is first fit: witnesses are added up as long as bounds hold and claims already made stay true.
//! Source: docs/METHOD.md, "Certificates".

use crate::Figure;
use crate::problem::{Direction, Problem, Requirement};
use crate::search::{Search, Witness, moves};
use crate::table::CellId;

/// One alternative table, as deviations from the true one.
#[derive(Clone, PartialEq, Eq)]
pub struct World {
    deviations: Vec<(CellId, i64)>,
}

impl World {
    /// A world from its deviations, in any order; zeros are dropped.
    #[must_use]
    pub fn new(mut deviations: Vec<(CellId, i64)>) -> Self {
        deviations.retain(|&(_, deviation)| deviation != 0);
        deviations.sort_unstable_by_key(|&(cell, _)| cell);
        Self { deviations }
    }

    /// How far the world moves a cell.
    pub(crate) fn deviation(&self, cell: CellId) -> i64 {
        let place = self.deviations.binary_search_by_key(&cell, |&(cell, _)| cell);
        place.map_or(0, |place| self.deviations[place].1)
    }

    /// Deviations other than zero, by ascending cell.
    #[must_use]
    pub fn deviations(&self) -> &[(CellId, i64)] {
        &self.deviations
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "World of {} deviations", self.deviations.len())
    }
}

/// The worlds that prove a pattern safe.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Certificate {
    /// The worlds, in the order they were packed.
    pub worlds: Vec<World>,
}

/// A world while it is being packed.
struct Packing {
    deviations: Vec<i64>,
    claimed: [Vec<bool>; 2],
    /// Sums that the world is to prove something of.
    claimed_sums: Vec<Requirement>,
}

const DIRECTIONS: [Direction; 2] = [Direction::Up, Direction::Down];

impl Packing {
    fn new(cells: usize) -> Self {
        let claimed = [vec![false; cells], vec![false; cells]];
        Self { deviations: vec![0; cells], claimed, claimed_sums: Vec::new() }
    }

    fn reaches(&self, problem: &Problem, requirement: Requirement) -> bool {
        let moved = problem.moved(requirement.cell, |cell| self.deviations[cell.index()]);
        moves(moved, requirement.direction) >= requirement.need
    }

    fn claim(&mut self, requirement: Requirement) {
        let place = usize::from(requirement.direction == Direction::Down);
        match self.claimed[place].get_mut(requirement.cell.index()) {
            Some(claimed) => *claimed = true,
            None => self.claimed_sums.push(requirement),
        }
    }

    /// Whether adding the witness keeps the world a table, keeps every claim, and proves the requirement: what
    /// is there already may move the cell the other way.
    fn takes(&self, problem: &Problem, witness: &Witness, requirement: Requirement) -> bool {
        let keeps_cells = witness.deviations.iter().all(|&(cell, deviation)| {
            let Some(sum) = self.deviations[cell.index()].checked_add(deviation) else { return false };
            let inside = sum >= -problem.table().figure(cell).open() && sum < Figure::LIMIT;
            inside
                && DIRECTIONS.into_iter().zip(&self.claimed).all(|(direction, claimed)| {
                    !claimed[cell.index()] || moves(sum, direction) >= problem.need(cell, direction)
                })
        });
        let both = |cell: CellId| self.deviations[cell.index()].saturating_add(witness.deviation(cell));
        let holds =
            |claim: &Requirement| moves(problem.moved(claim.cell, both), claim.direction) >= claim.need;
        keeps_cells && holds(&requirement) && self.claimed_sums.iter().all(holds)
    }

    fn add(&mut self, witness: &Witness) {
        for &(cell, deviation) in &witness.deviations {
            self.deviations[cell.index()] += deviation;
        }
    }

    fn into_world(self) -> World {
        let deviations = (0_u32..).map(CellId).zip(self.deviations).filter(|&(_, d)| d != 0).collect();
        World { deviations }
    }
}

/// What worlds packed for other attackers prove for one more.
struct Borrowed<'w> {
    worlds: Vec<&'w World>,
    highest: Vec<i64>,
    lowest: Vec<i64>,
}

impl<'w> Borrowed<'w> {
    fn new(problem: &Problem, worlds: &'w [World]) -> Self {
        let cells = problem.table().len();
        let worlds: Vec<&World> = worlds.iter().filter(|world| problem.allows(&world.deviations)).collect();
        let (mut highest, mut lowest) = (vec![0; cells], vec![0; cells]);
        for &(cell, deviation) in worlds.iter().flat_map(|world| &world.deviations) {
            highest[cell.index()] = deviation.max(highest[cell.index()]);
            lowest[cell.index()] = deviation.min(lowest[cell.index()]);
        }
        Self { worlds, highest, lowest }
    }

    fn reaches(&self, problem: &Problem, requirement: Requirement) -> bool {
        let Requirement { cell, direction, need } = requirement;
        if problem.aggregate(cell).is_none() {
            let end = match direction {
                Direction::Up => self.highest[cell.index()],
                Direction::Down => self.lowest[cell.index()],
            };
            return moves(end, direction) >= need;
        }
        let moved = |world: &&World| moves(problem.moved(cell, |cell| world.deviation(cell)), direction);
        self.worlds.iter().any(|world| moved(world) >= need)
    }
}

/// Packs the search's witnesses, attacker by attacker; `None` when some requirement has none.
pub(crate) fn pack(search: &mut Search<'_>) -> Option<Certificate> {
    let mut worlds: Vec<World> = Vec::new();
    for layer in 0..search.layers().len() {
        search.focus(layer);
        let packed = pack_one(search, &Borrowed::new(search.problem, &worlds))?;
        worlds.extend(packed.into_iter().map(Packing::into_world));
    }
    Some(Certificate { worlds })
}

fn pack_one(search: &Search<'_>, borrowed: &Borrowed<'_>) -> Option<Vec<Packing>> {
    let problem = search.problem;
    let mut packings: Vec<Packing> = Vec::new();
    for requirement in problem.requirements() {
        if borrowed.reaches(problem, requirement) {
            continue;
        }
        if let Some(packing) = packings.iter_mut().find(|packing| packing.reaches(problem, requirement)) {
            packing.claim(requirement);
            continue;
        }
        let witness = search.proof(requirement)?;
        let place = match packings.iter().position(|packing| packing.takes(problem, witness, requirement)) {
            Some(place) => place,
            None => {
                packings.push(Packing::new(problem.table().len()));
                packings.len() - 1
            }
        };
        packings[place].add(witness);
        packings[place].claim(requirement);
    }
    Some(packings)
}
