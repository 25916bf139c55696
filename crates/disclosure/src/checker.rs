//! The exact checker: decides from a certificate alone whether a pattern is safe.
//!
//! Whole numbers only, no solver, and no code in common with the search. Cost `O(d w + r w)` for `w` nonzero
//! deviations in all worlds, `d` variables, `r` requirements. The proof note is `checker.proof.md`.
//!
//! # Guarantee
//! If [`check`] says yes, then for every requirement there is a whole-number table, at least 0 everywhere, equal
//! to the true one on every published cell, satisfying every relation, whose sensitive cell lies at least the
//! protection level away from the true value. An attacker who sees the release cannot exclude that table.

#![forbid(clippy::float_arithmetic)]

use crate::certificate::Certificate;
use crate::pattern::Pattern;
use crate::problem::{Direction, Fixed, Problem, Requirement};
use crate::table::CellId;

/// Failures listed at most; the rest is counted.
const FAILURES_MAX: usize = 100;

/// What a certificate was found to prove.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Worlds in the certificate.
    pub worlds: usize,
    /// Requirements proved.
    pub requirements: usize,
    /// Nonzero deviations in all worlds.
    pub deviations: usize,
}

/// Why a certificate does not prove a pattern safe.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// The pattern is of another table.
    #[error("the pattern speaks of {found} cells, the table has {expected}")]
    Shape {
        /// Cells of the pattern.
        found: usize,
        /// Cells of the table.
        expected: usize,
    },
    /// A sensitive cell is published.
    #[error("a sensitive cell is published")]
    PrimaryPublished {
        /// The cell.
        cell: CellId,
    },
    /// A cell that is out already is said to be hidden.
    #[error("a cell that is published already is hidden")]
    FixedHidden {
        /// The cell.
        cell: CellId,
    },
    /// A cell that is blank for good is published.
    #[error("a cell that an earlier release left blank is published")]
    FixedPublished {
        /// The cell.
        cell: CellId,
    },
    /// A world changes a published cell.
    #[error("world {world} changes a published cell")]
    PublishedMoved {
        /// The world, from 1.
        world: usize,
        /// The cell.
        cell: CellId,
    },
    /// A world has a cell below zero.
    #[error("world {world} has a cell below zero")]
    BelowZero {
        /// The world, from 1.
        world: usize,
        /// The cell.
        cell: CellId,
    },
    /// A world breaks a relation.
    #[error("world {world} breaks a relation")]
    RelationBroken {
        /// The world, from 1.
        world: usize,
        /// The variable along which the relation runs.
        variable: usize,
        /// The margin of the relation.
        margin: CellId,
    },
    /// No world proves the requirement.
    #[error("no world moves the cell far enough")]
    Unproved {
        /// The requirement.
        requirement: Requirement,
    },
    /// More failures than are listed.
    #[error("{more} more failures are not listed")]
    More {
        /// How many.
        more: usize,
    },
}

impl Failure {
    /// What the holder of the release can do.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Shape { .. } => "check the release against the specification it was made from",
            Self::FixedHidden { .. } | Self::FixedPublished { .. } => {
                "the pattern was made without the earlier releases; run `tearline protect` again"
            }
            Self::PrimaryPublished { .. } => "do not release this table; run `tearline protect` again",
            Self::Unproved { .. } => "run `tearline audit` to see whether the cell is exposed",
            Self::PublishedMoved { .. } | Self::BelowZero { .. } | Self::RelationBroken { .. } => {
                "the certificate is not of this release or was changed; do not rely on it"
            }
            Self::More { .. } => "mend the ones that are listed first",
        }
    }
}

/// Checks every world and every requirement.
///
/// # Errors
/// Every failure found, the first hundred of them listed.
pub fn check(
    problem: &Problem,
    pattern: &Pattern,
    certificate: &Certificate,
) -> Result<Checked, Vec<Failure>> {
    let table = problem.table();
    if pattern.len() != table.len() {
        return Err(vec![Failure::Shape { found: pattern.len(), expected: table.len() }]);
    }
    let mut failures = Vec::new();
    for cell in problem.primaries().filter(|&cell| !pattern.hidden(cell)) {
        failures.push(Failure::PrimaryPublished { cell });
    }
    failures.extend(unsettled(problem, pattern));
    let mut highest = vec![0_i64; table.len()];
    let mut lowest = vec![0_i64; table.len()];
    let mut deviations = 0;
    for (number, world) in (1..).zip(&certificate.worlds) {
        let before = failures.len();
        check_world(problem, pattern, number, world.deviations(), &mut failures);
        if failures.len() > before {
            continue;
        }
        deviations += world.deviations().len();
        for &(cell, deviation) in world.deviations() {
            highest[cell.index()] = highest[cell.index()].max(deviation);
            lowest[cell.index()] = lowest[cell.index()].min(deviation);
        }
    }
    let mut requirements = 0;
    for requirement in problem.requirements() {
        let cell = requirement.cell.index();
        let reached = match requirement.direction {
            Direction::Up => highest[cell] >= requirement.need,
            Direction::Down => lowest[cell] <= -requirement.need,
        };
        requirements += 1;
        if !reached {
            failures.push(Failure::Unproved { requirement });
        }
    }
    if failures.is_empty() {
        return Ok(Checked { worlds: certificate.worlds.len(), requirements, deviations });
    }
    let more = failures.len().saturating_sub(FAILURES_MAX);
    if more > 0 {
        failures.truncate(FAILURES_MAX);
        failures.push(Failure::More { more });
    }
    Err(failures)
}

/// What is wrong with the worlds and the settled cells alone, whatever is to be proved.
pub(crate) fn check_worlds(problem: &Problem, pattern: &Pattern, certificate: &Certificate) -> Vec<Failure> {
    let table = problem.table();
    if pattern.len() != table.len() {
        return vec![Failure::Shape { found: pattern.len(), expected: table.len() }];
    }
    let mut failures: Vec<Failure> = unsettled(problem, pattern).collect();
    for (number, world) in (1..).zip(&certificate.worlds) {
        check_world(problem, pattern, number, world.deviations(), &mut failures);
    }
    failures
}

/// Cells that the pattern treats otherwise than earlier releases settled.
fn unsettled(problem: &Problem, pattern: &Pattern) -> impl Iterator<Item = Failure> {
    problem.table().cells().filter_map(|cell| match problem.fixed(cell)? {
        Fixed::Published => pattern.hidden(cell).then_some(Failure::FixedHidden { cell }),
        Fixed::Blank => (!pattern.hidden(cell)).then_some(Failure::FixedPublished { cell }),
    })
}

fn check_world(
    problem: &Problem,
    pattern: &Pattern,
    world: usize,
    deviations: &[(CellId, i64)],
    failures: &mut Vec<Failure>,
) {
    let table = problem.table();
    for &(cell, deviation) in deviations {
        if cell.index() >= table.len() {
            failures.push(Failure::Shape { found: cell.index() + 1, expected: table.len() });
            return;
        }
        if !pattern.hidden(cell) {
            failures.push(Failure::PublishedMoved { world, cell });
        }
        if i128::from(table.figure(cell).open()) + i128::from(deviation) < 0 {
            failures.push(Failure::BelowZero { world, cell });
        }
    }
    // The true table is additive (`Table::new` refuses any other), so the world is additive exactly when its
    // deviations are: margin minus parts must be zero in every relation that a deviation touches.
    for variable in 0..table.hierarchies().len() {
        let mut excess = vec![0_i128; table.len()];
        for &(cell, deviation) in deviations {
            if table.is_margin(variable, cell) {
                excess[cell.index()] += i128::from(deviation);
            }
            if let Some(margin) = table.parent(variable, cell) {
                excess[margin.index()] -= i128::from(deviation);
            }
        }
        for margin in table.cells().filter(|margin| excess[margin.index()] != 0) {
            failures.push(Failure::RelationBroken { world, variable, margin });
        }
    }
}

#[cfg(test)]
mod tests;
