//! Stage A: a witness for every requirement, one after the other, each as cheap as circuits and local programs find.
//!
//! Source: docs/METHOD.md, "Stage A".

use crate::budget::{Budget, Progress, Stage, Stopped};
use crate::circuit::{Amounts, Circuit, CircuitFinder};
use crate::local;
use crate::obstacle;
use crate::problem::{Direction, Problem, Requirement};
use crate::protect::CannotProtect;
use crate::search::{Search, Witness, WitnessId};
use crate::solver::Solver;
use crate::table::CellId;

/// On tables up to this many cells a local program is asked beside every circuit that costs anything.
pub(crate) const SMALL_TABLE: usize = 40_000;

/// On tables above this many cells the first pass is the only one, and no bound is computed.
pub(crate) const LARGE_TABLE: usize = 200_000;

/// A circuit that adds more than this many times the sensitive cell's own weight is dear: ask a local program.
const DEAR: u64 = 8;

/// What a search has at hand.
pub(crate) struct Means<'s> {
    pub(crate) finder: CircuitFinder,
    pub(crate) solver: &'s dyn Solver,
    /// Ask the solver only where no circuit serves.
    pub(crate) hurried: bool,
    /// What local programs took, in candidate cells.
    programs: u64,
}

impl<'s> Means<'s> {
    pub(crate) fn new(solver: &'s dyn Solver) -> Self {
        Self { finder: CircuitFinder::default(), solver, hurried: false, programs: 0 }
    }

    /// Candidate cells looked at, programs counted in.
    pub(crate) fn work(&self) -> u64 {
        self.finder.work.saturating_add(self.programs)
    }

    /// Counts work done elsewhere.
    pub(crate) fn spend(&mut self, work: u64) {
        self.programs = self.programs.saturating_add(work);
    }

    /// Whether a circuit of this cost is worth a local program beside it.
    fn is_dear(&self, search: &Search<'_>, cell: CellId, cost: u64) -> bool {
        let small = search.problem.table().len() <= SMALL_TABLE;
        !self.hurried && (small || cost > search.problem.weight(cell).saturating_mul(DEAR))
    }
}

/// A safe pattern as fast as it can be had: circuits, and programs only where none serves, or on the largest tables
/// only a dear one. A limit of time or work does not end it, or there would be nothing to release.
///
/// # Errors
/// A requirement that cannot be met, or a cancelled run.
pub(crate) fn quick<'p>(
    problem: &'p Problem,
    means: &mut Means<'_>,
    budget: &Budget<'_>,
) -> Result<Search<'p>, CannotProtect> {
    let mut search = Search::new(problem);
    serve_quickly(&mut search, means, budget)?;
    Ok(search)
}

/// Serves what is open in the problem in focus, as [`quick`] does.
///
/// # Errors
/// As [`quick`].
pub(crate) fn serve_quickly(
    search: &mut Search<'_>,
    means: &mut Means<'_>,
    budget: &Budget<'_>,
) -> Result<(), CannotProtect> {
    means.hurried = search.problem.table().len() <= LARGE_TABLE;
    let targets = neediest_first(search.problem);
    for (done, &target) in targets.iter().enumerate() {
        match heed(search, means, budget, done, targets.len()) {
            Some(stopped @ Stopped::Cancelled) => {
                let open = targets.iter().filter(|&&target| is_open(search, target)).count();
                return Err(CannotProtect::Stopped { stopped, open });
            }
            limit => means.hurried |= limit.is_some(),
        }
        if !protected(search, means, target) {
            return Err(unprotectable(search, means.solver, target));
        }
    }
    Ok(())
}

/// A lighter safe pattern, with a program beside every circuit that costs anything; `None` where the budget does not
/// reach, or the table is so large that [`quick`] did as much.
pub(crate) fn thorough<'p>(
    problem: &'p Problem,
    means: &mut Means<'_>,
    budget: &Budget<'_>,
) -> Option<Search<'p>> {
    if problem.table().len() > LARGE_TABLE {
        return None;
    }
    means.hurried = false;
    let mut search = Search::new(problem);
    let primaries = neediest_first(problem);
    for (done, &cell) in primaries.iter().enumerate() {
        if heed(&search, means, budget, done, primaries.len()).is_some()
            || !protected(&mut search, means, cell)
        {
            return None;
        }
    }
    Some(search)
}

fn neediest_first(problem: &Problem) -> Vec<CellId> {
    let mut targets: Vec<CellId> = problem.targets().collect();
    targets.sort_by_key(|&target| (std::cmp::Reverse(problem.need(target, Direction::Up)), target));
    targets
}

/// Tells of progress and asks the budget, now and then.
fn heed(
    search: &Search<'_>,
    means: &Means<'_>,
    budget: &Budget<'_>,
    done: usize,
    total: usize,
) -> Option<Stopped> {
    if done.is_multiple_of(1024) {
        let (done, total, weight) = (done as u64, total as u64, search.weight());
        (budget.progress)(Progress { stage: Stage::Protect, done, total, weight, bound: 0 });
    }
    if done.is_multiple_of(16) { budget.stopped(means.work()) } else { None }
}

fn protected(search: &mut Search<'_>, means: &mut Means<'_>, cell: CellId) -> bool {
    protect_cell(search, means, cell, u128::MAX, &mut Vec::new()) || protect_anywhere(search, means, cell)
}

/// Protects what is open at the cell by a program over the whole table.
fn protect_anywhere(search: &mut Search<'_>, means: &mut Means<'_>, cell: CellId) -> bool {
    [Direction::Up, Direction::Down].into_iter().all(|direction| {
        let need = search.open_need(cell, direction);
        let requirement = Requirement { cell, direction, need };
        let witness = (need > 0)
            .then(|| local::witness_anywhere(search, means.solver, requirement, &mut means.programs));
        match witness {
            Some(Some(witness)) => {
                search.adopt(witness);
                true
            }
            Some(None) => false,
            None => true,
        }
    })
}

fn unprotectable(search: &Search<'_>, solver: &dyn Solver, cell: CellId) -> CannotProtect {
    let direction = if search.open_need(cell, Direction::Up) > 0 { Direction::Up } else { Direction::Down };
    let problem = search.problem;
    let need = problem.need(cell, direction);
    let obstacles = obstacle::obstacles(problem, solver, Requirement { cell, direction, need });
    CannotProtect::Requirement { attacker: None, cell: problem.describe(cell), direction, need, obstacles }
}

fn is_open(search: &Search<'_>, cell: CellId) -> bool {
    search.open_need(cell, Direction::Up) > 0 || search.open_need(cell, Direction::Down) > 0
}

/// Protects whatever is still open at the cell, adding less than `room` to the weight; false if it cannot.
pub(crate) fn protect_cell(
    search: &mut Search<'_>,
    means: &mut Means<'_>,
    cell: CellId,
    room: u128,
    adopted: &mut Vec<WitnessId>,
) -> bool {
    let up = search.open_need(cell, Direction::Up);
    let down = search.open_need(cell, Direction::Down);
    if up == 0 && down == 0 {
        return true;
    }
    let limit = u64::try_from(room).unwrap_or(u64::MAX);
    if search.problem.aggregate(cell).is_some() {
        return protect_separately(search, means, cell, [up, down], limit, adopted);
    }
    let both = means.finder.find(search, cell, Amounts { up, down }, limit);
    let taken = both.as_ref().filter(|circuit| {
        circuit.cost == 0 || (up > 0 && down > 0 && !means.is_dear(search, cell, circuit.cost))
    });
    if let Some(circuit) = taken {
        adopt_circuit(search, circuit, up, down, adopted);
        return true;
    }
    let before = search.weight();
    let mut tried = Vec::new();
    let separate = protect_separately(search, means, cell, [up, down], limit, &mut tried);
    let dearer = both.as_ref().is_some_and(|circuit| before + u128::from(circuit.cost) < search.weight());
    if !separate || dearer {
        for id in tried {
            search.detach(id);
        }
        let Some(circuit) = both else { return false };
        adopt_circuit(search, &circuit, up, down, adopted);
        return true;
    }
    adopted.extend(tried);
    true
}

/// Protects both directions one after the other.
fn protect_separately(
    search: &mut Search<'_>,
    means: &mut Means<'_>,
    cell: CellId,
    needs: [i64; 2],
    limit: u64,
    adopted: &mut Vec<WitnessId>,
) -> bool {
    [Direction::Up, Direction::Down].into_iter().zip(needs).all(|(direction, need)| {
        need == 0
            || search.is_served(cell, direction)
            || protect_one(search, means, Requirement { cell, direction, need }, limit, adopted)
    })
}

fn adopt_circuit(
    search: &mut Search<'_>,
    circuit: &Circuit,
    up: i64,
    down: i64,
    adopted: &mut Vec<WitnessId>,
) {
    if up > 0 {
        adopted.push(search.adopt(circuit.witness(up)));
    }
    if down > 0 {
        adopted.push(search.adopt(circuit.witness(-down)));
    }
}

/// The cheaper of a circuit and a local program for one requirement.
fn protect_one(
    search: &mut Search<'_>,
    means: &mut Means<'_>,
    requirement: Requirement,
    limit: u64,
    adopted: &mut Vec<WitnessId>,
) -> bool {
    let Requirement { cell, direction, need } = requirement;
    let (amounts, signed) = match direction {
        Direction::Up => (Amounts { up: need, down: 0 }, need),
        Direction::Down => (Amounts { up: 0, down: need }, -need),
    };
    let circuit = match search.problem.aggregate(cell) {
        None => means.finder.find(search, cell, amounts, limit),
        Some(_) => None,
    };
    let satisfied = circuit
        .as_ref()
        .is_some_and(|circuit| circuit.cost == 0 || !means.is_dear(search, cell, circuit.cost));
    let mut best: Option<(u128, Witness)> =
        circuit.map(|circuit| (u128::from(circuit.cost), circuit.witness(signed)));
    if !satisfied {
        // An exchange that needs a wide neighbourhood will not pay.
        let small = search.problem.table().len() <= SMALL_TABLE;
        let sizes = match (limit == u64::MAX, small) {
            (true, true) => &local::SIZES[1..],
            (true, false) => &local::SIZES[..],
            (false, true) => &local::SIZES[1..2],
            (false, false) => &local::SIZES[..1],
        };
        for &size in sizes {
            if let Some(witness) =
                local::witness(search, means.solver, requirement, size, limit, &mut means.programs)
            {
                let cost = local::added_weight(search, &witness);
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, witness));
                }
            }
            if best.is_some() {
                break;
            }
        }
    }
    match best {
        Some((cost, witness)) if cost < u128::from(limit) || limit == u64::MAX => {
            adopted.push(search.adopt(witness));
            true
        }
        _ => false,
    }
}

/// Protects every requirement within the cells of a pattern that is said to be safe; `None` where no whole witnesses
/// are found. Cells that no witness needs stay published.
pub(crate) fn realised<'p>(
    problem: &'p Problem,
    means: &mut Means<'_>,
    hidden: &dyn Fn(CellId) -> bool,
) -> Option<Search<'p>> {
    let mut search = Search::new(problem);
    let table = problem.table();
    for cell in table.cells().filter(|&cell| !problem.must_hide(cell) && !hidden(cell)) {
        search.forbid(cell, true);
    }
    if !neediest_first(problem).into_iter().all(|cell| protected(&mut search, means, cell)) {
        return None;
    }
    for cell in table.cells() {
        search.forbid(cell, false);
    }
    Some(search)
}
