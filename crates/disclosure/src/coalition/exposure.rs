//! What every attacker can tell of one unit's figures: the ends of its interval of each part, exactly proved.
//!
//! The unit's own figures and what a draft publishes go in; the intervals that come out hold nothing of any other
//! unit beyond that. An end is a bound in exact fractions (`attack`), so the true interval is never wider than what is
//! said here. Source: docs/METHOD.md, "Coalitions", lemma 4.

use super::Opponents;
use crate::component::{self, Component};
use crate::fraction::Fraction;
use crate::pattern::Pattern;
use crate::problem::{Direction, Problem, UnitId};
use crate::range::Ends;
use crate::solver::Solver;
use crate::table::{CellId, TableError};

/// What one attacker can tell of the unit's part of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The attacker's place in the list of coalitions.
    pub coalition: usize,
    /// The cell.
    pub cell: CellId,
    /// The least that the part can be.
    pub low: Fraction,
    /// The most; `None` where no end was proved.
    pub high: Option<Fraction>,
    /// Whether the guarantee holds of it.
    pub holds: bool,
}

/// The intervals of a unit's part of every cell that it has a record in and no smaller cell repeats, for every attacker
/// that it is no member of.
///
/// # Errors
/// A cell in need of protection that is out already.
pub fn exposures(
    opponents: &Opponents<'_>,
    base: &Problem,
    pattern: &Pattern,
    unit: UnitId,
    solver: &dyn Solver,
) -> Result<Vec<Exposure>, TableError> {
    let mut found = Vec::new();
    for number in 0..opponents.coalitions.len() {
        if !opponents.coalitions[number].has(unit) {
            found.extend(Viewpoint::new(opponents, base, pattern, number)?.all(unit, solver));
        }
    }
    Ok(found)
}

/// What one attacker sees.
struct Viewpoint<'a> {
    opponents: &'a Opponents<'a>,
    number: usize,
    problem: Problem,
    pattern: Pattern,
    components: Vec<Component>,
}

impl<'a> Viewpoint<'a> {
    fn new(
        opponents: &'a Opponents<'a>,
        base: &Problem,
        pattern: &Pattern,
        number: usize,
    ) -> Result<Self, TableError> {
        let problem = opponents.problem(base, number, false)?;
        let pattern = problem.as_seen(&base.as_seen(pattern));
        let components = component::components(problem.table(), pattern.hidden_cells());
        Ok(Self { opponents, number, problem, pattern, components })
    }

    fn all(&self, unit: UnitId, solver: &dyn Solver) -> Vec<Exposure> {
        let shares = self.opponents.shares;
        let remainder = shares.remainder(self.problem.table(), &self.opponents.coalitions[self.number]);
        let guarantee = self.opponents.guarantee;
        let mut found = Vec::new();
        for pair in shares.closed_pairs().filter(|&pair| shares.unit(pair) == unit.0) {
            let leaves = shares.leaves(pair, |_| true);
            let alone = shares.leaves(pair, |entry| remainder.outsiders[entry] == 1);
            let high = self.end(&leaves, Direction::Up, solver);
            let low = self.end(&alone, Direction::Down, solver).unwrap_or(Fraction::ZERO);
            let amount = shares.amount(pair);
            let need = i128::from(guarantee.need(amount));
            let amount = i128::from(amount);
            let reaches = high.is_none_or(|high| high.floor() >= amount + need);
            let falls = !guarantee.two_sided || low.ceiling() <= (amount - need).max(0);
            let holds = shares.waived(unit) || (reaches && falls && high != Some(low));
            found.push(Exposure { coalition: self.number, cell: shares.cell(pair), low, high, holds });
        }
        found
    }

    /// The end of what these lowest cells can be together.
    fn end(&self, leaves: &[CellId], direction: Direction, solver: &dyn Solver) -> Option<Fraction> {
        let table = self.problem.table();
        let (hidden, shown): (Vec<CellId>, Vec<CellId>) =
            leaves.iter().copied().partition(|&cell| self.pattern.hidden(cell));
        let fixed: i128 = shown.iter().map(|&cell| i128::from(table.figure(cell).open())).sum();
        let fixed = Fraction::whole(fixed);
        if hidden.is_empty() {
            return Some(fixed);
        }
        let component = self.around(&hidden);
        let mut ends = Ends::open(table, &self.pattern, &component, solver);
        let (_, bound) = ends.bound(&hidden, direction)?;
        let end = if bound.end.signum() < 0 { Fraction::ZERO } else { bound.end };
        end.plus(fixed)
    }

    fn around(&self, cells: &[CellId]) -> Component {
        let holds = |component: &&Component| cells.iter().any(|&cell| component.place(cell).is_some());
        let cells = self.components.iter().filter(holds).flat_map(|component| &component.cells).copied();
        Component::of_cells(self.problem.table(), cells.collect())
    }
}
