//! Protecting a table: the search for a light pattern, and the proof that comes with it.
//!
//! Stage A protects every requirement in descending order of need, stages B and C make the pattern lighter, stage D
//! bounds from below how light any can be and closes the gap where it can. Then the witnesses are packed into whole
//! tables and the exact checker judges the result. What this module returns has been checked; there is no other
//! way to a [`Protected`].
//! Source: docs/METHOD.md, "The search".

use crate::bound::{self, Proof};
use crate::budget::{Budget, Progress, Stage, Stopped, bound_enough};
use crate::certificate::{self, Certificate};
use crate::checker::{self, Checked, Failure};
use crate::coalition;
use crate::construct::{self, Means};
use crate::exchange;
use crate::obstacle::Obstacles;
use crate::pattern::{Pattern, Status};
use crate::problem::{Direction, Problem};
use crate::relax::{Descent, Relaxation};
use crate::ruin;
use crate::search::Search;
use crate::solver::Solver;

pub use crate::joint::protect_against;

/// A pattern with its proof.
pub struct Protected {
    /// What is published of each cell.
    pub pattern: Pattern,
    /// The worlds that prove it safe.
    pub certificate: Certificate,
    /// What the checker found proved.
    pub checked: Checked,
    /// Summed weight of the secondaries.
    pub weight: u128,
    /// No safe pattern is lighter than this.
    pub bound: u128,
    /// Why, for [`bound::verify`].
    pub bound_proof: Proof,
    /// Elapsed milliseconds when the first safe pattern stood.
    pub first_ms: u64,
    /// Why the search ended.
    pub stopped: Stopped,
    /// Candidate cells looked at.
    pub work: u64,
}

impl std::fmt::Debug for Protected {
    /// Shapes only: a weight by value of a single secondary is its figure.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Protected, {:?}, {:?}, search {}", self.checked, self.certificate, self.stopped.word())
    }
}

/// Why there is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotProtect {
    /// A requirement that no pattern meets, or that the search could not meet.
    #[error("cell `{cell}` cannot be protected {}{}: no consistent table moves it by {} or more{}", direction.word(), from(attacker), need, in_the_way(obstacles))]
    Requirement {
        /// From whom; nobody is named where the rules ask it.
        attacker: Option<String>,
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
    /// A cell must be hidden from somebody and must stay published.
    #[error("{message}")]
    Settled {
        /// Which cell.
        message: String,
        /// What can be done.
        advice: &'static str,
    },
    /// Every pattern that was found made known some sum that it should not.
    #[error("no pattern was found that hides what it makes known itself")]
    Unsettled,
    /// The checker refused the search's own result against coalitions: a defect of this program. Nothing may be released.
    #[error("the checker refused the pattern that was found ({} failures): {}", failures.len(), failures.first().map_or_else(String::new, ToString::to_string))]
    Exposed {
        /// What the checker found.
        failures: Vec<coalition::checker::Failure>,
    },
    /// The checker refused the search's own result: a defect of this program. Nothing may be released.
    #[error("the checker refused the pattern that was found ({} failures)", failures.len())]
    Refused {
        /// What the checker found.
        failures: Vec<Failure>,
    },
}

fn from(attacker: &Option<String>) -> String {
    attacker.as_ref().map_or_else(String::new, |attacker| format!(" from `{attacker}`"))
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
    /// The same, said of this attacker.
    pub(crate) fn by(mut self, name: Option<String>) -> Self {
        if let Self::Requirement { attacker, .. } = &mut self {
            *attacker = name;
        }
        self
    }

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
            Self::Settled { advice, .. } => advice,
            Self::Unsettled => "take a coarser breakdown, or leave the family `relations` out",
            Self::Exposed { .. } | Self::Refused { .. } => {
                "report this as a defect with the specification; release nothing"
            }
        }
    }
}

/// Searches a pattern, proves it, and lets the checker judge it.
///
/// # Errors
/// A requirement that cannot be met, a run that was cancelled before all were met, or a refusal by the checker.
///
/// # Guarantee
/// What comes back satisfies [`checker::check`], and its bound [`bound::verify`], whatever the solver, the time
/// limit or a cancelled run did. Without a time limit that strikes, the same comes back for any number of threads.
pub fn protect(
    problem: &Problem,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Result<Protected, CannotProtect> {
    let mut means = Means::new(solver);
    let search = construct::quick(problem, &mut means, budget)?;
    let first_ms = (budget.elapsed_ms)();
    let search = construct::thorough(problem, &mut means, &budget.part(CONSTRUCT_UNTIL))
        .filter(|found| found.weight() < search.weight())
        .unwrap_or(search);
    means.hurried = problem.table().len() > construct::SMALL_TABLE;
    let mut run = Run { problem, budget, means, search, bound: 0, proof: Proof::default() };
    let stopped = run.improve_and_bound(solver);
    run.tell(Stage::Certify);
    run.certified(stopped, first_ms)
}

/// Shares of the time and work limits, in percent, at which the stages end.
const CONSTRUCT_UNTIL: u64 = 25;
const IMPROVE_UNTIL: u64 = 35;
const RELAX_UNTIL: u64 = 65;
const TREE_UNTIL: u64 = 85;
/// Gaps above this many percent are not closed by case distinctions in any time that people wait ...
const TREE_GAP_PERCENT: u128 = 30;
/// ... in a table of more cells than this.
const TREE_CELLS_ANY_GAP: usize = 300;

fn tell_bound(budget: &Budget<'_>, weight: u128, bound: u128) {
    (budget.progress)(Progress { stage: Stage::Bound, done: 0, total: 1, weight, bound });
}

struct Run<'p, 'b> {
    problem: &'p Problem,
    budget: &'b Budget<'b>,
    means: Means<'b>,
    search: Search<'p>,
    bound: u128,
    proof: Proof,
}

impl<'p> Run<'p, '_> {
    fn tell(&self, stage: Stage) {
        let (weight, bound) = (self.search.weight(), self.bound);
        (self.budget.progress)(Progress { stage, done: 0, total: 1, weight, bound });
    }

    /// Why the gap is small enough to stop, if it is.
    fn closed(&self) -> Option<Stopped> {
        let weight = self.search.weight();
        if weight <= self.bound {
            return Some(Stopped::Optimal);
        }
        (self.bound >= bound_enough(weight, self.budget.gap_ppm)).then_some(Stopped::GoodEnough)
    }

    fn improve_and_bound(&mut self, solver: &dyn Solver) -> Stopped {
        if self.improve(IMPROVE_UNTIL) == Stopped::Cancelled {
            return Stopped::Cancelled;
        }
        if self.problem.table().len() > construct::LARGE_TABLE {
            return self.improve(100);
        }
        let mut relaxation = Relaxation::new(self.problem, solver, self.budget.threads);
        let descent = self.relax(&mut relaxation);
        if self.closed().is_none() && descent == Descent::Converged && self.is_near() {
            self.distinguish_cases(&mut relaxation);
        }
        self.means.spend(relaxation.work());
        if let Some(stopped) = self.closed() {
            return stopped;
        }
        let cut_short = self.budget.part(RELAX_UNTIL).stopped(self.means.work());
        let stopped = self.improve(100);
        if let Some(closed) = self.closed() {
            return closed;
        }
        match stopped {
            // Nothing lighter turned up, but the bound was given up for lack of time.
            Stopped::Finished => cut_short.unwrap_or(Stopped::Finished),
            stopped => stopped,
        }
    }

    /// Stages B and C, up to a share of the limits.
    fn improve(&mut self, percent: u64) -> Stopped {
        let part = self.budget.part(percent);
        let stopped = exchange::improve(&mut self.search, &mut self.means, &part, self.bound);
        if stopped != Stopped::Finished {
            return stopped;
        }
        ruin::improve(&mut self.search, &mut self.means, &part, self.bound)
    }

    fn relax(&mut self, relaxation: &mut Relaxation<'p>) -> Descent {
        let part = self.budget.part(RELAX_UNTIL);
        let (weight, before) = (self.search.weight(), self.means.work());
        tell_bound(&part, weight, self.bound);
        let descent = relaxation.descend(&|work| part.stopped(before + work).is_some(), &|bound| {
            tell_bound(&part, weight, bound);
        });
        self.take_bound(relaxation.proof());
        descent
    }

    /// Whether the gap is one that case distinctions may close.
    fn is_near(&self) -> bool {
        let weight = self.search.weight();
        self.problem.table().len() <= TREE_CELLS_ANY_GAP
            || (weight - self.bound.min(weight)) * 100 <= weight * TREE_GAP_PERCENT
    }

    /// Branch and bound; a lighter pattern that it finds takes the place of the present one.
    fn distinguish_cases(&mut self, relaxation: &mut Relaxation<'p>) {
        let part = self.budget.part(TREE_UNTIL);
        let before = self.means.work();
        let (problem, best) = (self.problem, self.search.weight());
        let mut lighter: Option<Search<'p>> = None;
        let mut realise = |shares: &[f64], weight: u128| {
            let found = construct::realised(problem, &mut self.means, &|cell| shares[cell.index()] > 0.5)?;
            let weight = found.weight().min(weight);
            if lighter.as_ref().is_none_or(|known| found.weight() < known.weight()) {
                lighter = Some(found);
            }
            Some(weight)
        };
        let proof = relaxation.distinguish(
            best,
            part.gap_ppm,
            &mut realise,
            &|work| part.stopped(before + work).is_some(),
            &|weight, bound| tell_bound(&part, weight, bound),
        );
        if let Some(found) = lighter.filter(|found| found.weight() < best) {
            self.search = found;
        }
        self.take_bound(proof);
    }

    /// Takes a proof that lifts the bound, after the exact arithmetic has judged it.
    fn take_bound(&mut self, proof: Proof) {
        let proved = bound::verify(self.problem, &proof).ok();
        if let Some(bound) = proved.filter(|&bound| bound > self.bound) {
            self.bound = bound;
            self.proof = proof;
        }
    }

    fn certified(self, stopped: Stopped, first_ms: u64) -> Result<Protected, CannotProtect> {
        let Self { problem, mut search, .. } = self;
        let pattern = pattern_of(&search);
        let Some(certificate) = certificate::pack(&mut search) else {
            let open = problem.requirements().filter(|&requirement| search.proof(requirement).is_none());
            return Err(CannotProtect::Stopped { stopped, open: open.count() });
        };
        match checker::check(problem, &pattern, &certificate) {
            Ok(checked) => Ok(Protected {
                pattern,
                certificate,
                checked,
                weight: search.weight(),
                bound: self.bound,
                bound_proof: self.proof,
                first_ms,
                stopped,
                work: self.means.work(),
            }),
            Err(failures) => Err(CannotProtect::Refused { failures }),
        }
    }
}

/// What the search hides. A cell is primary where some attacker's problem has it so.
pub(crate) fn pattern_of(search: &Search<'_>) -> Pattern {
    let table = search.problem.table();
    let mut pattern = Pattern::all_published(table.len());
    for cell in table.cells().filter(|&cell| search.hidden(cell)) {
        let primary = search.layers().iter().any(|layer| layer.protection(cell).is_some());
        pattern.set(cell, if primary { Status::Primary } else { Status::Secondary });
    }
    pattern
}
