//! Ranges for blanks: bounds that follow from the published statements alone.
//!
//! A range says nothing new: anybody who sees the release can derive it, so publishing it changes no attacker's
//! knowledge (docs/METHOD.md, "Ranges"). Ends are rounded outwards. Wide components get the bounds that
//! follow relation by relation; small ones are tightened by linear programs whose multipliers are judged exactly.

use crate::attack::{self, Attack, Bound};
use crate::budget::{Budget, Progress, Stage};
use crate::component::{self, Component};
use crate::pattern::Pattern;
use crate::problem::Direction;
use crate::solver::{Column, Outcome, Program, Session, Solver};
use crate::table::{CellId, Table};

/// What a release says of a hidden cell: at least `low`, at most `high`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// Lower end, at least 0.
    pub low: i64,
    /// Upper end; `None` where nothing published bounds the cell from above.
    pub high: Option<i64>,
}

/// Components up to this many cells are tightened by linear programs; past it two programs a cell take longer
/// than a planner waits.
const TIGHTENED_MAX: usize = 2_500;
/// Rounds of bounds relation by relation; each only ever narrows, and any round may be the last.
const ROUNDS_MAX: usize = 60;
/// Seconds for one program.
const SECONDS: f64 = 10.0;

/// The range of every hidden cell, by ascending cell.
#[must_use]
pub fn ranges(
    table: &Table,
    pattern: &Pattern,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Vec<(CellId, Range)> {
    let components = component::components(table, pattern.hidden_cells());
    let total = components.iter().map(|component| component.cells.len() as u64).sum();
    let mut done = 0;
    let mut found = Vec::new();
    for component in &components {
        let mut bounds = Propagation::new(table, pattern, component);
        bounds.run();
        let tighten = component.cells.len() <= TIGHTENED_MAX && budget.stopped(0).is_none();
        let mut ends = tighten.then(|| Ends::open(table, pattern, component, solver));
        for (&cell, range) in component.cells.iter().zip(bounds.ranges) {
            if done % 64 == 0 {
                (budget.progress)(Progress { stage: Stage::Ranges, done, total, weight: 0, bound: 0 });
                if budget.stopped(0).is_some() {
                    ends = None;
                }
            }
            done += 1;
            found.push((cell, ends.as_mut().map_or(range, |ends| ends.tightened(cell, range))));
        }
    }
    found.sort_unstable_by_key(|&(cell, _)| cell);
    found
}

/// Bounds relation by relation, in exact whole numbers.
struct Propagation<'a> {
    component: &'a Component,
    /// What the published members of each relation add up to: margin minus parts.
    published: Vec<i128>,
    ranges: Vec<Range>,
}

impl<'a> Propagation<'a> {
    fn new(table: &Table, pattern: &Pattern, component: &'a Component) -> Self {
        let published = component
            .relations
            .iter()
            .map(|(relation, _)| {
                let amount = |cell: CellId| {
                    if pattern.hidden(cell) { 0 } else { i128::from(table.figure(cell).open()) }
                };
                let parts: i128 = table.children(relation.variable, relation.margin).map(amount).sum();
                amount(relation.margin) - parts
            })
            .collect();
        let ranges = vec![Range { low: 0, high: None }; component.cells.len()];
        Self { component, published, ranges }
    }

    fn run(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let mut changed = false;
            for (row, (_, members)) in self.component.relations.iter().enumerate() {
                changed |= self.tighten(row, members);
            }
            if !changed {
                break;
            }
        }
    }

    /// `published + sum of sign * hidden = 0`: bounds each hidden member by the others.
    fn tighten(&mut self, row: usize, members: &[(usize, i8)]) -> bool {
        let published = self.published[row];
        // Of sign * hidden: the sum of least values, and of greatest ones with a count of the unbounded.
        let (mut least, mut least_open, mut greatest, mut greatest_open) = (0_i128, 0, 0_i128, 0);
        for &(place, sign) in members {
            let (low, high) = self.signed(place, sign);
            least += low.unwrap_or(0);
            least_open += usize::from(low.is_none());
            greatest += high.unwrap_or(0);
            greatest_open += usize::from(high.is_none());
        }
        let mut changed = false;
        for &(place, sign) in members {
            let (low, high) = self.signed(place, sign);
            // sign * hidden = -published - others.
            let others_least = (least_open == usize::from(low.is_none())).then(|| least - low.unwrap_or(0));
            let others_greatest =
                (greatest_open == usize::from(high.is_none())).then(|| greatest - high.unwrap_or(0));
            let above = others_least.map(|others| -published - others);
            let below = others_greatest.map(|others| -published - others);
            let (low, high) =
                if sign > 0 { (below, above) } else { (above.map(|end| -end), below.map(|end| -end)) };
            changed |= self.narrow(place, low, high);
        }
        changed
    }

    fn signed(&self, place: usize, sign: i8) -> (Option<i128>, Option<i128>) {
        let Range { low, high } = self.ranges[place];
        let (low, high) = (i128::from(low), high.map(i128::from));
        if sign > 0 { (Some(low), high) } else { (high.map(|end| -end), Some(-low)) }
    }

    fn narrow(&mut self, place: usize, low: Option<i128>, high: Option<i128>) -> bool {
        let range = &mut self.ranges[place];
        let before = *range;
        if let Some(low) = low.and_then(|low| i64::try_from(low).ok()) {
            range.low = range.low.max(low);
        }
        if let Some(high) = high.and_then(|high| i64::try_from(high).ok()) {
            range.high = Some(range.high.map_or(high, |present| present.min(high)));
        }
        *range != before
    }
}

/// Exact ends of the attacker's intervals in one component, by warm linear programs.
pub(crate) struct Ends<'a> {
    table: &'a Table,
    pattern: &'a Pattern,
    component: &'a Component,
    session: Box<dyn Session>,
}

impl<'a> Ends<'a> {
    pub(crate) fn open(
        table: &'a Table,
        pattern: &'a Pattern,
        component: &'a Component,
        solver: &dyn Solver,
    ) -> Self {
        let largest = component.cells.iter().map(|&cell| table.figure(cell).open()).max().unwrap_or(1).max(1);
        let scale = crate::local::as_float(largest);
        let mut program = Program::default();
        for &cell in &component.cells {
            let falls = crate::local::as_float(table.figure(cell).open()) / scale;
            program.columns.push(Column { lower: -falls, upper: f64::INFINITY, cost: 0.0, whole: false });
        }
        for (_, members) in &component.relations {
            let entries = members.iter().map(|&(place, sign)| (place, f64::from(sign))).collect();
            program.rows.push(entries);
        }
        Self { table, pattern, component, session: solver.open(&program, SECONDS) }
    }

    /// The attack that bounds the sum of the cells most tightly in one direction, with the exact bound it proves.
    pub(crate) fn bound(&mut self, cells: &[CellId], direction: Direction) -> Option<(Attack, Bound)> {
        let places: Vec<usize> = cells.iter().filter_map(|&cell| self.component.place(cell)).collect();
        let cost = match direction {
            Direction::Up => -1.0,
            Direction::Down => 1.0,
        };
        places.iter().for_each(|&place| self.session.set_cost(place, cost));
        let outcome = self.session.solve();
        places.iter().for_each(|&place| self.session.set_cost(place, 0.0));
        let Outcome::Optimal(solution) = outcome else { return None };
        let target = (places.iter().map(|&place| self.component.cells[place]).collect(), direction);
        attack::from_multipliers(self.table, self.pattern, self.component, target, &solution.multipliers)
    }

    fn tightened(&mut self, cell: CellId, range: Range) -> Range {
        let mut range = range;
        let high = self.bound(&[cell], Direction::Up).map(|(_, bound)| bound.end.ceiling());
        if let Some(high) = high.and_then(|high| i64::try_from(high).ok()) {
            range.high = Some(range.high.map_or(high, |present| present.min(high)));
        }
        let low = self.bound(&[cell], Direction::Down).map(|(_, bound)| bound.end.floor());
        if let Some(low) = low.and_then(|low| i64::try_from(low).ok()) {
            range.low = range.low.max(low);
        }
        range
    }
}

#[cfg(test)]
mod tests;
