//! Protecting a table: the search for a light pattern, and the proof that comes with it.
//!
//! Stage A protects every requirement in descending order of need, stage B takes out what can be spared, then
//! the witnesses are packed into whole tables and the exact checker judges the result. What this module
//! returns has been checked; there is no other way to a [`Protected`].
//! Source: docs/METHOD.md, "The search".

use crate::budget::{Budget, Progress, Stage, Stopped};
use crate::certificate::{self, Certificate};
use crate::checker::{self, Checked, Failure};
use crate::circuit::{Amounts, Circuit, CircuitFinder};
use crate::exchange;
use crate::local;
use crate::obstacle::{self, Obstacles};
use crate::pattern::{Pattern, Status};
use crate::problem::{Direction, Problem, Requirement};
use crate::search::{Search, Witness, WitnessId};
use crate::solver::Solver;
use crate::table::CellId;

/// A pattern with its proof.
#[derive(Debug)]
pub struct Protected {
    /// What is published of each cell.
    pub pattern: Pattern,
    /// The worlds that prove it safe.
    pub certificate: Certificate,
    /// What the checker found proved.
    pub checked: Checked,
    /// Summed weight of the secondaries.
    pub weight: u128,
    /// Why the search ended.
    pub stopped: Stopped,
    /// Candidate cells looked at.
    pub work: u64,
}

/// Why there is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotProtect {
    /// A requirement that no pattern meets, or that the search could not meet.
    #[error("cell `{cell}` cannot be protected {}: no consistent table moves it by {} or more{}", direction.word(), need, in_the_way(obstacles))]
    Requirement {
        /// The sensitive cell's codes.
        cell: String,
        /// Which way.
        direction: Direction,
        /// How far its interval must reach.
        need: i64,
        /// Cells that must stay published and stand in the way.
        obstacles: Obstacles,
    },
    /// Somebody stopped the run before every requirement was protected.
    #[error("stopped by {} before every sensitive cell was protected: {open} requirements are open", stopped.word())]
    Stopped {
        /// Who or what stopped it.
        stopped: Stopped,
        /// Requirements still open.
        open: usize,
    },
    /// The checker refused the search's own result: a defect of this program. Nothing may be released.
    #[error("the checker refused the pattern that was found ({} failures)", failures.len())]
    Refused {
        /// What the checker found.
        failures: Vec<Failure>,
    },
}

fn in_the_way(obstacles: &Obstacles) -> String {
    let named = obstacles.nearest.join("`, `");
    match obstacles.count {
        0 => String::new(),
        1 => format!("; cell `{named}`, which must stay published, stands in the way"),
        count if count == obstacles.nearest.len() => {
            format!("; {count} cells that must stay published stand in the way: `{named}`")
        }
        count => format!("; {count} cells that must stay published stand in the way, the nearest `{named}`"),
    }
}

impl CannotProtect {
    /// What the planner can do.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Requirement { obstacles, .. } if obstacles.count > 0 => {
                "let one of these cells be hidden where that is still possible, or take a coarser breakdown"
            }
            Self::Requirement { .. } => {
                "take a coarser breakdown around this cell, or ask its largest contributor for a waiver"
            }
            Self::Stopped { .. } => "give it more time",
            Self::Refused { .. } => "report this as a defect with the specification; release nothing",
        }
    }
}

/// Searches a pattern, proves it, and lets the checker judge it.
///
/// # Errors
/// A requirement that cannot be met, a run that was cancelled before all were met, or a refusal by the checker.
///
/// # Guarantee
/// What comes back satisfies [`checker::check`], whatever the solver, the time limit or a cancelled run did.
pub fn protect(
    problem: &Problem,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Result<Protected, CannotProtect> {
    let mut search = Search::new(problem);
    let mut means = Means { finder: CircuitFinder::default(), solver, hurried: false, programs: 0 };
    protect_all(&mut search, &mut means, budget)?;
    means.hurried = problem.table().len() > SMALL_TABLE;
    let stopped = exchange::improve(&mut search, &mut means, budget);
    (budget.progress)(Progress { stage: Stage::Certify, done: 0, total: 1, weight: search.weight() });
    certified(&search, stopped, means.work())
}

/// On tables up to this many cells a local program is asked beside every circuit that costs anything.
const SMALL_TABLE: usize = 40_000;

/// A circuit that adds more than this many times the sensitive cell's own weight is dear: ask a local program.
const DEAR: u64 = 8;

/// What a search has at hand.
pub(crate) struct Means<'s> {
    pub(crate) finder: CircuitFinder,
    solver: &'s dyn Solver,
    /// Ask the solver only where no circuit serves.
    hurried: bool,
    /// What local programs took, in candidate cells.
    programs: u64,
}

impl Means<'_> {
    /// Candidate cells looked at, programs counted in.
    pub(crate) fn work(&self) -> u64 {
        self.finder.work.saturating_add(self.programs)
    }

    /// Whether a circuit of this cost is worth a local program beside it.
    fn is_dear(&self, search: &Search<'_>, cell: CellId, cost: u64) -> bool {
        let small = search.problem.table().len() <= SMALL_TABLE;
        !self.hurried && (small || cost > search.problem.weight(cell).saturating_mul(DEAR))
    }
}

fn protect_all(
    search: &mut Search<'_>,
    means: &mut Means<'_>,
    budget: &Budget<'_>,
) -> Result<(), CannotProtect> {
    let problem = search.problem;
    let mut primaries: Vec<CellId> = problem.primaries().collect();
    primaries.sort_by_key(|&cell| (std::cmp::Reverse(problem.need(cell, Direction::Up)), cell));
    let total = primaries.len() as u64;
    for (done, &cell) in (0..).zip(&primaries) {
        if done % 64 == 0 {
            if done % 1024 == 0 {
                (budget.progress)(Progress { stage: Stage::Protect, done, total, weight: search.weight() });
            }
            match budget.stopped(means.work()) {
                Some(Stopped::Cancelled) => {
                    let open = primaries.iter().filter(|&&cell| is_open(search, cell)).count();
                    return Err(CannotProtect::Stopped { stopped: Stopped::Cancelled, open });
                }
                // A limit does not end this stage, or there would be nothing to release: it goes on in haste.
                limit => means.hurried |= limit.is_some(),
            }
        }
        let near = protect_cell(search, means, cell, u128::MAX, &mut Vec::new());
        if !near && !protect_anywhere(search, means, cell) {
            return Err(unprotectable(search, means.solver, cell));
        }
    }
    Ok(())
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
    CannotProtect::Requirement { cell: problem.table().describe(cell), direction, need, obstacles }
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
    let separate = [(Direction::Up, up), (Direction::Down, down)].into_iter().all(|(direction, need)| {
        need == 0
            || search.is_served(cell, direction)
            || protect_one(search, means, Requirement { cell, direction, need }, limit, &mut tried)
    });
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
    let circuit = means.finder.find(search, cell, amounts, limit);
    let satisfied = circuit
        .as_ref()
        .is_some_and(|circuit| circuit.cost == 0 || !means.is_dear(search, cell, circuit.cost));
    let mut best: Option<(u128, Witness)> =
        circuit.map(|circuit| (u128::from(circuit.cost), circuit.witness(signed)));
    if !satisfied {
        // An exchange that needs a wide neighbourhood will not pay.
        let sizes = if limit == u64::MAX { &local::SIZES[..] } else { &local::SIZES[..1] };
        for &size in sizes {
            if let Some(witness) =
                local::witness(search, means.solver, requirement, size, &mut means.programs)
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

fn certified(search: &Search<'_>, stopped: Stopped, work: u64) -> Result<Protected, CannotProtect> {
    let problem = search.problem;
    let table = problem.table();
    let mut pattern = Pattern::all_published(table.len());
    for cell in table.cells().filter(|&cell| search.hidden(cell)) {
        let primary = problem.protection(cell).is_some();
        pattern.set(cell, if primary { Status::Primary } else { Status::Secondary });
    }
    let Some(certificate) = certificate::pack(search) else {
        let open = problem.requirements().filter(|&requirement| search.proof(requirement).is_none());
        return Err(CannotProtect::Stopped { stopped, open: open.count() });
    };
    match checker::check(problem, &pattern, &certificate) {
        Ok(checked) => {
            Ok(Protected { pattern, certificate, checked, weight: search.weight(), stopped, work })
        }
        Err(failures) => Err(CannotProtect::Refused { failures }),
    }
}
