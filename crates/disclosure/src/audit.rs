//! The audit: is a pattern of any origin safe, and if not, how is it attacked?
//!
//! Each requirement is proved by a whole-number witness, found by a circuit among the blanks, by a local program,
//! or by a linear program over the connected component of the blanks; or refuted by exact multipliers. What is
//! neither proved nor refuted counts as *not safe*. Attackers know that figures are whole and at least 0.
//! Sources: Fischetti and Salazar (2000), section 2; docs/METHOD.md, "Audit".

use crate::attack::{self, Attack};
use crate::budget::{Budget, Progress, Stage, Stopped};
use crate::circuit::{Amounts, Breadth, CircuitFinder};
use crate::component::{self, Component};
use crate::fraction::Fraction;
use crate::local;
use crate::pattern::Pattern;
use crate::problem::{Direction, Problem, Requirement};
use crate::range;
use crate::search::{Search, Witness};
use crate::solver::Solver;
use crate::table::CellId;

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
    /// The sensitive cell.
    pub cell: CellId,
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
#[derive(Clone, Debug)]
pub struct Audit {
    /// The verdict.
    pub verdict: Verdict,
    /// Every broken requirement, by ascending cell.
    pub findings: Vec<Finding>,
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
    let pattern = &problem.as_seen(pattern);
    let mut auditor = Auditor {
        problem,
        pattern,
        solver,
        search: Search::confined(problem, pattern),
        finder: CircuitFinder::default(),
        components: component::components(problem.table(), pattern.hidden_cells()),
        component_of: Vec::new(),
        programs: 0,
        work: 0,
    };
    auditor.index_components();
    let requirements: Vec<Requirement> = problem.requirements().collect();
    let hidden: Vec<Requirement> =
        requirements.iter().copied().filter(|requirement| pattern.hidden(requirement.cell)).collect();
    let (open, stopped) = auditor.prove(hidden, budget);
    let mut findings: Vec<Finding> = problem
        .primaries()
        .filter(|&cell| !pattern.hidden(cell))
        .map(|cell| Finding { cell, fault: Fault::Published })
        .collect();
    let total = open.len() as u64;
    for (done, &requirement) in (0..).zip(&open) {
        (budget.progress)(Progress { stage: Stage::Refute, done, total, weight: 0, bound: 0 });
        let Requirement { cell, direction, need } = requirement;
        let fault = if budget.stopped(0).is_some() {
            Fault::Unproved { direction, need, reason: "the audit was stopped before this cell" }
        } else {
            auditor.refute(requirement)
        };
        findings.push(Finding { cell, fault });
    }
    findings.sort_by_key(|finding| finding.cell);
    Audit {
        verdict: if findings.is_empty() { Verdict::Safe } else { Verdict::Unsafe },
        proved: requirements
            .iter()
            .filter(|requirement| auditor.search.is_served(requirement.cell, requirement.direction))
            .count(),
        requirements: requirements.len(),
        findings,
        programs: auditor.programs,
        components: auditor.components.len(),
        stopped,
    }
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
    problem: &'a Problem,
    pattern: &'a Pattern,
    solver: &'a dyn Solver,
    search: Search<'a>,
    finder: CircuitFinder,
    components: Vec<Component>,
    component_of: Vec<u32>,
    programs: usize,
    work: u64,
}

impl Auditor<'_> {
    fn index_components(&mut self) {
        self.component_of = vec![u32::MAX; self.problem.table().len()];
        for (number, component) in (0..).zip(&self.components) {
            for cell in &component.cells {
                self.component_of[cell.index()] = number;
            }
        }
    }

    /// The requirements for which no pass found a witness, and why the passes ended.
    fn prove(&mut self, mut open: Vec<Requirement>, budget: &Budget<'_>) -> (Vec<Requirement>, Stopped) {
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
                match self.witness(requirement, pass) {
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

    fn witness(&mut self, requirement: Requirement, pass: Pass) -> Option<Witness> {
        let Requirement { cell, direction, need } = requirement;
        match pass {
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
                let component = self.components.get(self.component_of[cell.index()] as usize)?;
                self.programs += 1;
                local::witness_in(&self.search, self.solver, requirement, component, &mut self.work)
            }
        }
    }

    fn refute(&mut self, requirement: Requirement) -> Fault {
        let Requirement { cell, direction, need } = requirement;
        let open = |reason| Fault::Unproved { direction, need, reason };
        let Some(component) = self.components.get(self.component_of[cell.index()] as usize) else {
            return open("the cell is in no component");
        };
        self.programs += 2;
        let mut ends = range::Ends::open(self.problem.table(), self.pattern, component, self.solver);
        let value = i128::from(self.problem.table().figure(cell).open());
        let high = ends.bound(cell, Direction::Up);
        let low = ends.bound(cell, Direction::Down);
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

/// The attack of a finding in words, if it has one.
#[must_use]
pub fn spell_out(
    problem: &Problem,
    pattern: &Pattern,
    finding: &Finding,
    figure: &dyn Fn(Fraction) -> String,
) -> Vec<String> {
    match &finding.fault {
        Fault::Published => vec!["the cell is sensitive and published".to_owned()],
        Fault::Narrow { attack, .. } => attack::spell_out(problem.table(), pattern, attack, figure),
        Fault::Unproved { reason, .. } => vec![(*reason).to_owned()],
    }
}

#[cfg(test)]
mod tests;
