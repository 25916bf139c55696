//! Protecting a table against several attackers at once, with one pattern.
//!
//! Each attacker has a problem of its own over the same cells (see [`crate::coalition`]). The strongest comes first:
//! its witnesses hold against most others. Then what the pattern itself makes known, the hidden parts of published
//! margins, is protected as well, until nothing is left to mend. Stages B and C work on all problems together.
//! Source: docs/METHOD.md, "Coalitions".

use crate::bound::Proof;
use crate::budget::{Budget, Progress, Stage, Stopped};
use crate::certificate;
use crate::checker::{self as rules, Checked};
use crate::coalition::{self, Opponents, checker};
use crate::construct::{self, Means};
use crate::exchange;
use crate::guarantee::Family;
use crate::pattern::Pattern;
use crate::problem::{Aggregate, Problem};
use crate::protect::{CannotProtect, Protected, pattern_of};
use crate::ruin;
use crate::search::{Placed, Search};
use crate::solver::Solver;

/// Times that what a pattern makes known is protected and looked at again.
const MENDINGS_MAX: usize = 200;

/// Searches one pattern that is safe against every opponent, proves it, and lets the exact checker judge it.
///
/// # Errors
/// A requirement that cannot be met, a run that was cancelled before all were met, or a refusal by the checker.
///
/// # Guarantee
/// What comes back satisfies [`coalition::checker::check`].
pub fn protect_against(
    base: &Problem,
    opponents: &Opponents<'_>,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Result<Protected, CannotProtect> {
    let problems = opponents
        .problems(base, true)
        .map_err(|error| CannotProtect::Settled { message: error.to_string(), advice: error.advice() })?;
    let mut run = Run { base, opponents, problems, budget, means: Means::new(solver) };
    let mut best = run.mended(Vec::new())?;
    let first_ms = (budget.elapsed_ms)();
    let (lighter, mut stopped) = run.improved(best.witnesses.clone());
    match run.mended(lighter) {
        Ok(found) if found.weight < best.weight => best = found,
        Ok(_) => {}
        Err(CannotProtect::Stopped { stopped: why, .. }) => stopped = why,
        Err(error) => return Err(error),
    }
    (budget.progress)(Progress { stage: Stage::Certify, done: 0, total: 1, weight: best.weight, bound: 0 });
    run.certified(best, stopped, first_ms)
}

/// A pattern with the witnesses that prove it.
struct Found {
    witnesses: Vec<Placed>,
    pattern: Pattern,
    weight: u128,
    /// Sums in the problems when it was found.
    aggregates: Vec<usize>,
}

struct Run<'a> {
    base: &'a Problem,
    opponents: &'a Opponents<'a>,
    /// One a coalition.
    problems: Vec<Problem>,
    budget: &'a Budget<'a>,
    means: Means<'a>,
}

impl Run<'_> {
    /// Protects everything that is open, and again what the pattern made known, until nothing is.
    fn mended(&mut self, mut witnesses: Vec<Placed>) -> Result<Found, CannotProtect> {
        for _ in 0..MENDINGS_MAX {
            let search = self.served(witnesses)?;
            let pattern = pattern_of(&search);
            let weight = search.weight();
            witnesses = search.into_witnesses();
            if !self.mend(&pattern) {
                let aggregates = self.problems.iter().map(|problem| problem.aggregates().len()).collect();
                return Ok(Found { witnesses, pattern, weight, aggregates });
            }
        }
        Err(CannotProtect::Unsettled)
    }

    /// A search with these witnesses and whatever else is needed to serve every requirement.
    fn served(&mut self, witnesses: Vec<Placed>) -> Result<Search<'_>, CannotProtect> {
        let mut search = Search::jointly(self.base, &self.problems);
        for placed in witnesses {
            search.place(placed);
        }
        let mut order: Vec<usize> = (0..=self.problems.len()).collect();
        let coalitions = self.opponents.coalitions;
        let members =
            |layer: usize| layer.checked_sub(1).map_or(0, |number| coalitions[number].members.len());
        order.sort_by_key(|&layer| std::cmp::Reverse(members(layer)));
        for layer in order {
            search.focus(layer);
            construct::serve_quickly(&mut search, &mut self.means, self.budget).map_err(|error| {
                let attacker = layer.checked_sub(1).map(|number| coalitions[number].id.clone());
                error.by(attacker)
            })?;
        }
        Ok(search)
    }

    /// Takes up what the pattern makes known; whether there was something.
    fn mend(&mut self, pattern: &Pattern) -> bool {
        if !self.opponents.guarantee.families.contains(&Family::Relations) {
            return false;
        }
        let mut mended = false;
        for number in 0..self.problems.len() {
            let found = coalition::uncovered(self.opponents, self.base, number, pattern, true);
            for aggregate in found {
                if !is_asked(&self.problems[number], &aggregate) {
                    self.problems[number].push_aggregate(aggregate);
                    mended = true;
                }
            }
        }
        mended
    }

    /// Stages B and C on all problems together.
    fn improved(&mut self, witnesses: Vec<Placed>) -> (Vec<Placed>, Stopped) {
        let mut search = Search::jointly(self.base, &self.problems);
        for placed in witnesses {
            search.place(placed);
        }
        self.means.hurried = false;
        let part = self.budget.part(IMPROVE_UNTIL);
        let mut stopped = exchange::improve(&mut search, &mut self.means, &part, 0);
        if stopped == Stopped::Finished {
            stopped = ruin::improve(&mut search, &mut self.means, &part, 0);
        }
        (search.into_witnesses(), stopped)
    }

    fn certified(mut self, best: Found, stopped: Stopped, first_ms: u64) -> Result<Protected, CannotProtect> {
        for (problem, &count) in self.problems.iter_mut().zip(&best.aggregates) {
            problem.keep_aggregates(count);
        }
        let mut search = Search::jointly(self.base, &self.problems);
        for placed in best.witnesses {
            search.place(placed);
        }
        let Some(certificate) = certificate::pack(&mut search) else {
            return Err(CannotProtect::Stopped { stopped, open: 1 });
        };
        let &Opponents { coalitions, guarantee, contributions, .. } = self.opponents;
        let claim = checker::Claim { problem: self.base, pattern: &best.pattern, coalitions, guarantee };
        if self.base.requirements().next().is_some() {
            rules::check(self.base, &best.pattern, &certificate)
                .map_err(|failures| CannotProtect::Refused { failures })?;
        }
        let checked = checker::check(&claim, contributions, &certificate)
            .map_err(|failures| CannotProtect::Exposed { failures })?;
        Ok(Protected {
            pattern: best.pattern,
            checked: Checked {
                worlds: checked.worlds,
                requirements: checked.quantities,
                deviations: checked.deviations,
            },
            certificate,
            weight: best.weight,
            bound: 0,
            bound_proof: Proof::default(),
            first_ms,
            stopped,
            work: self.means.work(),
        })
    }
}

/// Share of the limits at which the search for lighter patterns ends: what it breaks has to be mended.
const IMPROVE_UNTIL: u64 = 70;

fn is_asked(problem: &Problem, aggregate: &Aggregate) -> bool {
    let same = |known: &Aggregate| {
        known.cells == aggregate.cells && known.upper >= aggregate.upper && known.lower >= aggregate.lower
    };
    problem.aggregates().iter().any(same)
}
