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
}

const DIRECTIONS: [Direction; 2] = [Direction::Up, Direction::Down];

impl Packing {
    fn new(cells: usize) -> Self {
        Self { deviations: vec![0; cells], claimed: [vec![false; cells], vec![false; cells]] }
    }

    fn reaches(&self, requirement: Requirement) -> bool {
        moves(self.deviations[requirement.cell.index()], requirement.direction) >= requirement.need
    }

    fn claim(&mut self, requirement: Requirement) {
        self.claimed[usize::from(requirement.direction == Direction::Down)][requirement.cell.index()] = true;
    }

    /// Whether adding the witness keeps the world a table, keeps every claim, and proves the requirement: what
    /// is there already may move the cell the other way.
    fn takes(&self, problem: &Problem, witness: &Witness, requirement: Requirement) -> bool {
        witness.deviations.iter().all(|&(cell, deviation)| {
            let Some(sum) = self.deviations[cell.index()].checked_add(deviation) else { return false };
            let inside = sum >= -problem.table().figure(cell).open() && sum < Figure::LIMIT;
            let proves = cell != requirement.cell || moves(sum, requirement.direction) >= requirement.need;
            inside
                && proves
                && DIRECTIONS.into_iter().zip(&self.claimed).all(|(direction, claimed)| {
                    !claimed[cell.index()] || moves(sum, direction) >= problem.need(cell, direction)
                })
        })
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

/// Packs the search's witnesses; `None` when some requirement has none.
pub(crate) fn pack(search: &Search<'_>) -> Option<Certificate> {
    let problem = search.problem;
    let mut packings: Vec<Packing> = Vec::new();
    for requirement in problem.requirements() {
        if let Some(packing) = packings.iter_mut().find(|packing| packing.reaches(requirement)) {
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
    Some(Certificate { worlds: packings.into_iter().map(Packing::into_world).collect() })
}
