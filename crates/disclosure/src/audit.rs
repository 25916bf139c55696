//! The audit: is a pattern of any origin safe, and if not, how is it attacked?
//!
//! Each requirement is proved by a whole-number witness, found by a circuit among the blanks, by a local program,
//! or by a linear program over the connected component of the blanks; or refuted by exact multipliers. What is
//! neither proved nor refuted counts as *not safe*. Attackers know that figures are whole and at least 0.
//! Sources: Fischetti and Salazar (2000), section 2; docs/METHOD.md, "Audit".

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::attack::{self, Attack};
use crate::budget::{Budget, Progress, Stage, Stopped};
use crate::circuit::{Amounts, Breadth, CircuitFinder};
use crate::coalition::{self, Opponents, Victim};
use crate::component::{self, Component};
use crate::fraction::Fraction;
use crate::guarantee::Family;
use crate::local;
use crate::pattern::Pattern;
use crate::problem::{Direction, Problem, Requirement};
use crate::range;
use crate::search::{Search, Witness};
use crate::solver::Solver;
use crate::table::{CellId, TableError};

/// Whether the pattern may be released.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Every requirement has a witness.
    Safe,
    /// Some requirement is refuted, or not proved.
    Unsafe,
}

/// One broken requirement.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Who learns too much: the place in the list of coalitions; `None` where the rules say so of any reader.
    pub coalition: Option<usize>,
    /// Whose part a coalition learns.
    pub victim: Option<Victim>,
    /// The sensitive cell, or the cells whose sum is sensitive, ascending.
    pub cells: Vec<CellId>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a sensitive cell.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is published.
    Published,
    /// Its feasibility interval is too narrow in one direction, proved by the attack.
    Narrow {
        /// Which way.
        direction: Direction,
        /// How far the interval must reach beyond the true value.
        need: i64,
        /// The attacker's interval: proved lower end.
        low: Fraction,
        /// Proved upper end; `None` where none was proved.
        high: Option<Fraction>,
        /// The attack on the end that is too near.
        attack: Attack,
    },
    /// Neither a witness nor an attack was found.
    Unproved {
        /// Which way.
        direction: Direction,
        /// How far the interval must reach beyond the true value.
        need: i64,
        /// Why the question stayed open.
        reason: &'static str,
    },
}

/// The result of an audit.
#[derive(Debug)]
pub struct Audit {
    /// The verdict.
    pub verdict: Verdict,
    /// Every broken requirement: of the rules first, then coalition by coalition, each by ascending cell.
    pub findings: Vec<Finding>,
    /// What each coalition sees.
    pub problems: Vec<Problem>,
    /// Requirements looked at.
    pub requirements: usize,
    /// Of these, proved by a witness.
    pub proved: usize,
    /// Linear programs solved over whole components.
    pub programs: usize,
    /// Connected components of blanks.
    pub components: usize,
    /// Why the audit ended.
    pub stopped: Stopped,
}

/// Audits a pattern against the outsider.
///
/// # Guarantee
/// `Safe` is returned only when every requirement has a whole-number witness that was checked exactly.
#[must_use]
pub fn audit(problem: &Problem, pattern: &Pattern, solver: &dyn Solver, budget: &Budget<'_>) -> Audit {
    audit_all(problem, Vec::new(), &|_, _| None, pattern, solver, budget)
}

/// Audits a pattern against the rules and against every coalition, each on its own: a finding names everybody who learns
/// too much, not only the strongest.
///
/// # Errors
/// A cell in need of protection that is out already.
///
/// # Guarantee
/// As [`audit`].
pub fn audit_against(
    base: &Problem,
    opponents: &Opponents<'_>,
    pattern: &Pattern,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Result<Audit, TableError> {
    let mut problems = opponents.problems(base, false)?;
    if opponents.guarantee.families.contains(&Family::Relations) {
        let seen = base.as_seen(pattern);
        for (number, problem) in problems.iter_mut().enumerate() {
            for aggregate in coalition::uncovered(opponents, base, number, &seen, false) {
                problem.push_aggregate(aggregate);
            }
        }
    }
    let victim = |number: usize, cells: &[CellId]| opponents.victim(base, number, cells);
    Ok(audit_all(base, problems, &victim, pattern, solver, budget))
}

/// Whose part of the cells a coalition asks about.
type VictimOf<'a> = dyn Fn(usize, &[CellId]) -> Option<Victim> + 'a;

fn audit_all(
    base: &Problem,
    problems: Vec<Problem>,
    victim: &VictimOf<'_>,
    pattern: &Pattern,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Audit {
    let seen = base.as_seen(pattern);
    let mut search = Search::jointly(base, &problems);
    search.confine(&seen);
    let mut auditor = Auditor { solver, search, finder: CircuitFinder::default(), programs: 0, work: 0 };
    let mut total = Audit {
        verdict: Verdict::Safe,
        findings: Vec::new(),
        problems: Vec::new(),
        requirements: 0,
        proved: 0,
        programs: 0,
        components: 0,
        stopped: Stopped::Finished,
    };
    // The largest coalitions first: what holds against them holds against most others.
    let mut order: Vec<usize> = (0..=problems.len()).collect();
    order.sort_by_key(|&layer| {
        layer.checked_sub(1).map_or(usize::MAX, |number| problems[number].known_cells())
    });
    order.reverse();
    for layer in order {
        auditor.search.focus(layer);
        auditor.layer(layer.checked_sub(1), &seen, victim, budget, &mut total);
    }
    total.findings.sort_by(|one, other| (one.coalition, &one.cells).cmp(&(other.coalition, &other.cells)));
    if !total.findings.is_empty() {
        total.verdict = Verdict::Unsafe;
    }
    total.programs = auditor.programs;
    drop(auditor);
    total.problems = problems;
    total
}

/// Means of finding a witness, cheapest first. Every requirement goes through one before any goes to the next:
/// a witness that is found for one often serves others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pass {
    Circuits(Breadth),
    Near(usize),
    Component,
}

const PASSES: [Pass; 7] = [
    Pass::Circuits(Breadth::Narrow),
    Pass::Circuits(Breadth::Wide),
    Pass::Near(local::SIZES[0]),
    Pass::Near(local::SIZES[1]),
    Pass::Near(local::SIZES[2]),
    Pass::Near(local::SIZES[3]),
    Pass::Component,
];

struct Auditor<'a> {
    solver: &'a dyn Solver,
    search: Search<'a>,
    finder: CircuitFinder,
    programs: usize,
    work: u64,
}

/// The blanks of one problem, split up.
struct Blanks {
    pattern: Pattern,
    components: Vec<Component>,
    /// By cell.
    component_of: Vec<u32>,
}

impl Blanks {
    fn new(problem: &Problem, pattern: &Pattern) -> Self {
        let pattern = problem.as_seen(pattern);
        let components = component::components(problem.table(), pattern.hidden_cells());
        let mut component_of = vec![u32::MAX; problem.table().len()];
        for (number, component) in (0..).zip(&components) {
            for cell in &component.cells {
                component_of[cell.index()] = number;
            }
        }
        Self { pattern, components, component_of }
    }

    /// The components of these cells, as one.
    fn around(&self, problem: &Problem, cells: &[CellId]) -> Cow<'_, Component> {
        let numbers: BTreeSet<u32> = cells.iter().map(|cell| self.component_of[cell.index()]).collect();
        let found: Vec<&Component> =
            numbers.iter().filter_map(|&number| self.components.get(number as usize)).collect();
        match found.as_slice() {
            [only] => Cow::Borrowed(only),
            several => {
                let cells = several.iter().flat_map(|component| &component.cells).copied().collect();
                Cow::Owned(Component::of_cells(problem.table(), cells))
            }
        }
    }
}

impl Auditor<'_> {
    /// Proves or refutes every requirement of the problem in focus.
    fn layer(
        &mut self,
        coalition: Option<usize>,
        pattern: &Pattern,
        victim: &VictimOf<'_>,
        budget: &Budget<'_>,
        audit: &mut Audit,
    ) {
        let problem = self.search.problem;
        let blanks = Blanks::new(problem, pattern);
        let requirements: Vec<Requirement> = problem.requirements().collect();
        let movable =
            |target: CellId| problem.members(target).into_iter().any(|cell| blanks.pattern.hidden(cell));
        let hidden: Vec<Requirement> =
            requirements.iter().copied().filter(|requirement| movable(requirement.cell)).collect();
        let (open, stopped) = self.prove(&blanks, hidden, budget);
        let finding = |target: CellId, fault: Fault| {
            let cells = problem.members(target);
            let victim = coalition.and_then(|number| victim(number, &cells));
            Finding { coalition, victim, cells, fault }
        };
        let published = problem.targets().filter(|&target| !movable(target));
        audit.findings.extend(published.map(|target| finding(target, Fault::Published)));
        let total = open.len() as u64;
        for (done, &requirement) in (0..).zip(&open) {
            (budget.progress)(Progress { stage: Stage::Refute, done, total, weight: 0, bound: 0 });
            let Requirement { cell, direction, need } = requirement;
            let fault = if budget.stopped(0).is_some() {
                Fault::Unproved { direction, need, reason: "the audit was stopped before this cell" }
            } else {
                self.refute(&blanks, requirement)
            };
            audit.findings.push(finding(cell, fault));
        }
        audit.requirements += requirements.len();
        let served = |found: &&Requirement| self.search.is_served(found.cell, found.direction);
        audit.proved += requirements.iter().filter(served).count();
        audit.components = audit.components.max(blanks.components.len());
        if stopped != Stopped::Finished {
            audit.stopped = stopped;
        }
    }

    /// The requirements for which no pass found a witness, and why the passes ended.
    fn prove(
        &mut self,
        blanks: &Blanks,
        mut open: Vec<Requirement>,
        budget: &Budget<'_>,
    ) -> (Vec<Requirement>, Stopped) {
        for pass in PASSES {
            let total = open.len() as u64;
            let mut left = Vec::new();
            for (done, &requirement) in (0..).zip(&open) {
                if done % 64 == 0 {
                    (budget.progress)(Progress { stage: Stage::Audit, done, total, weight: 0, bound: 0 });
                }
                if let Some(stopped) = budget.stopped(0) {
                    left.extend(open.iter().skip(usize::try_from(done).unwrap_or(usize::MAX)));
                    left.retain(|found: &Requirement| !self.search.is_served(found.cell, found.direction));
                    return (left, stopped);
                }
                if self.search.is_served(requirement.cell, requirement.direction) {
                    continue;
                }
                match self.witness(blanks, requirement, pass) {
                    Some(witness) => {
                        self.search.adopt(witness);
                    }
                    None => left.push(requirement),
                }
            }
            open = left;
        }
        open.retain(|found| !self.search.is_served(found.cell, found.direction));
        (open, Stopped::Finished)
    }

    fn witness(&mut self, blanks: &Blanks, requirement: Requirement, pass: Pass) -> Option<Witness> {
        let Requirement { cell, direction, need } = requirement;
        match pass {
            Pass::Circuits(_) if self.search.problem.aggregate(cell).is_some() => None,
            Pass::Circuits(breadth) => {
                let (amounts, signed) = match direction {
                    Direction::Up => (Amounts { up: need, down: 0 }, need),
                    Direction::Down => (Amounts { up: 0, down: need }, -need),
                };
                self.finder.breadth = breadth;
                let circuit = self.finder.find(&self.search, cell, amounts, u64::MAX)?;
                Some(circuit.witness(signed))
            }
            Pass::Near(size) => {
                local::witness(&self.search, self.solver, requirement, size, u64::MAX, &mut self.work)
            }
            Pass::Component => {
                let component = blanks.around(self.search.problem, &self.search.problem.members(cell));
                self.programs += 1;
                local::witness_in(&self.search, self.solver, requirement, &component, &mut self.work)
            }
        }
    }

    fn refute(&mut self, blanks: &Blanks, requirement: Requirement) -> Fault {
        let Requirement { cell, direction, need } = requirement;
        let open = |reason| Fault::Unproved { direction, need, reason };
        let problem = self.search.problem;
        let cells = problem.members(cell);
        let component = blanks.around(problem, &cells);
        self.programs += 2;
        let mut ends = range::Ends::open(problem.table(), &blanks.pattern, &component, self.solver);
        // Cells of a sum that are published stand still.
        let fixed = cells.iter().filter(|cell| !blanks.pattern.hidden(**cell));
        let fixed: i128 = fixed.map(|&cell| i128::from(problem.table().figure(cell).open())).sum();
        let value: i128 = cells.iter().map(|&cell| i128::from(problem.table().figure(cell).open())).sum();
        let value = value - fixed;
        let high = ends.bound(&cells, Direction::Up);
        let low = ends.bound(&cells, Direction::Down);
        let low_end = low.as_ref().map_or(Fraction::ZERO, |(_, bound)| bound.end);
        let low_end = if low_end.signum() < 0 { Fraction::ZERO } else { low_end };
        let high_end = high.as_ref().map(|(_, bound)| bound.end);
        let need_wide = i128::from(need);
        let narrow = match direction {
            // Whole figures: the attacker rounds the upper end down and the lower end up.
            Direction::Up => high_end.is_some_and(|end| end.floor() < value + need_wide),
            Direction::Down => low_end.ceiling() > value - need_wide,
        };
        let attack = match direction {
            Direction::Up => high,
            Direction::Down => low,
        };
        match attack {
            Some((attack, _)) if narrow => {
                Fault::Narrow { direction, need, low: low_end, high: high_end, attack }
            }
            _ => open("no whole-number table was found that moves the cell far enough, and no exact attack"),
        }
    }
}

/// What the attacker can tell of the quantity of a finding, as far as it is proved: its least and greatest value. For a
/// coalition this is its victim's part, otherwise the cell.
#[must_use]
pub fn interval(audit: &Audit, finding: &Finding) -> Option<(Fraction, Option<Fraction>)> {
    let floor = |low: Fraction| match finding.victim {
        // Somebody else outside may have all of it.
        Some(Victim { alone: false, .. }) => Fraction::ZERO,
        _ => low,
    };
    match &finding.fault {
        Fault::Published => {
            let problem = audit.problems.get(finding.coalition?)?;
            let left =
                finding.cells.iter().map(|&cell| i128::from(problem.table().figure(cell).open())).sum();
            let left = Fraction::whole(left);
            Some((floor(left), Some(left)))
        }
        Fault::Narrow { low, high, .. } => Some((floor(*low), *high)),
        Fault::Unproved { .. } => None,
    }
}

/// The attack of a finding in words, if it has one.
#[must_use]
pub fn spell_out(
    audit: &Audit,
    base: &Problem,
    pattern: &Pattern,
    finding: &Finding,
    figure: &dyn Fn(Fraction) -> String,
) -> Vec<String> {
    let problem = finding.coalition.and_then(|number| audit.problems.get(number)).unwrap_or(base);
    match &finding.fault {
        Fault::Published if finding.coalition.is_none() => {
            vec!["the cell is sensitive and published".to_owned()]
        }
        Fault::Published => {
            let left =
                finding.cells.iter().map(|&cell| i128::from(problem.table().figure(cell).open())).sum();
            let whose = match finding.victim {
                Some(Victim { alone: true, .. }) => "all of it is the victim's",
                _ => "the victim's part is at most that",
            };
            let left = figure(Fraction::whole(left));
            vec![format!("it is published: less what the attacker has itself, {left} is left, and {whose}")]
        }
        Fault::Narrow { attack, .. } => {
            attack::spell_out(problem.table(), &problem.as_seen(pattern), attack, figure)
        }
        Fault::Unproved { reason, .. } => vec![(*reason).to_owned()],
    }
}

#[cfg(test)]
mod tests;
