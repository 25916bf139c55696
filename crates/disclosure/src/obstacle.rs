//! What stands in the way of a requirement that cannot be met: cells that must stay published.
//!
//! The question is asked again as if they could be hidden. A witness then names those that it moves, which is a
//! sufficient set and not always the smallest one; it is found with all of them dear, so few are used. The answer
//! is advice for a planner, and no pattern comes of it.

use crate::circuit::{Amounts, Breadth, CircuitFinder};
use crate::local;
use crate::problem::{Direction, Problem, Requirement};
use crate::search::{Search, Witness};
use crate::solver::Solver;
use crate::table::CellId;

/// Cells that a message names.
const NAMED_MAX: usize = 5;

/// Cells that must stay published and stand in the way of one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Obstacles {
    /// How many; 0 where the requirement could not be met without them either.
    pub count: usize,
    /// The codes of the nearest of them.
    pub nearest: Vec<String>,
}

/// What keeps the requirement from being met. Cost: a circuit and at most a few local programs.
pub(crate) fn obstacles(problem: &Problem, solver: &dyn Solver, requirement: Requirement) -> Obstacles {
    let table = problem.table();
    if !table.cells().any(|cell| problem.must_show(cell)) {
        return Obstacles::default();
    }
    let search = Search::unrestrained(problem);
    let Some(witness) = witness(&search, solver, requirement) else { return Obstacles::default() };
    let moved = witness.deviations.iter().map(|&(cell, _)| cell);
    let mut shown: Vec<CellId> = moved.filter(|&cell| problem.must_show(cell)).collect();
    let target = problem.members(requirement.cell).first().copied().unwrap_or(requirement.cell);
    let apart = |cell: CellId| {
        let variables = 0..table.hierarchies().len();
        variables.filter(|&v| table.node(cell, v) != table.node(target, v)).count()
    };
    shown.sort_by_key(|&cell| (apart(cell), cell));
    let nearest = shown.iter().take(NAMED_MAX).map(|&cell| table.describe(cell)).collect();
    Obstacles { count: shown.len(), nearest }
}

fn witness(search: &Search<'_>, solver: &dyn Solver, requirement: Requirement) -> Option<Witness> {
    let Requirement { cell, direction, need } = requirement;
    let (amounts, signed) = match direction {
        Direction::Up => (Amounts { up: need, down: 0 }, need),
        Direction::Down => (Amounts { up: 0, down: need }, -need),
    };
    let mut finder = CircuitFinder::default();
    finder.breadth = Breadth::Wide;
    let mut work = 0;
    let circuit = match search.problem.aggregate(cell) {
        None => finder.find(search, cell, amounts, u64::MAX).map(|circuit| circuit.witness(signed)),
        Some(_) => None,
    };
    let near = |size| local::witness(search, solver, requirement, size, u64::MAX, &mut work);
    let program = circuit.or_else(|| local::SIZES.into_iter().find_map(near));
    program.or_else(|| local::witness_anywhere(search, solver, requirement, &mut 0))
}
