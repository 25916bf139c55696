//! The integer program of a rounding: how many bases above its multiple each cell goes.
//!
//! A cell of value `z = q B + r`, `0 <= r < B`, is published as `(q + x) B` with whole `x`: 0 or 1 where `r > 0`, 0 where
//! `r = 0`; in the wider window `-1..=2` and `-1..=1`. Relations hold exactly when the `x` of the margin, less those of
//! its parts, is what the `q` leave over, and that is a whole number: `(sum of r of parts - r of margin) / B`. With
//! `x = r / B` the relaxation always has a point.

use super::CannotRound;
use crate::budget::Budget;
use crate::solver::{Column, Outcome, Program, Solver};
use crate::table::{CellId, Table};

/// How far cells may move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    /// Less than the base.
    Base,
    /// Less than twice the base.
    TwiceBase,
}

impl Reach {
    pub(super) const fn factor(self) -> i64 {
        match self {
            Self::Base => 1,
            Self::TwiceBase => 2,
        }
    }
}

/// What the solver came to.
pub(super) enum Found {
    /// One value a cell.
    Values(Vec<i64>),
    /// There is none.
    None,
    /// Nothing is known.
    Unknown(&'static str),
}

/// Levels above the lowest codes that weigh more than the one below; further ones no longer do.
const LEVELS_MAX: u32 = 8;
/// Moving further than the base costs so many times its distance: only where nothing else adds up.
const FAR: f64 = 16.0;
/// Whole numbers up to here are exact as floats.
const EXACT: i64 = 1 << 53;

/// The multiple at or below each cell, and what is left of it.
struct Parts {
    quotients: Vec<i64>,
    rests: Vec<i64>,
}

pub(super) fn round(
    table: &Table,
    base: i64,
    reach: Reach,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Result<Found, CannotRound> {
    let figures = || table.cells().map(|cell| table.figure(cell).open());
    if figures().any(|figure| figure.saturating_add(base.saturating_mul(4)) >= EXACT) {
        return Err(CannotRound::TooLarge { base });
    }
    let parts = Parts {
        quotients: figures().map(|figure| figure / base).collect(),
        rests: figures().map(|figure| figure % base).collect(),
    };
    let program = program(table, base, reach, &parts);
    let left_ms = budget.time_limit_ms.saturating_sub((budget.elapsed_ms)());
    let seconds = std::time::Duration::from_millis(left_ms.max(1)).as_secs_f64();
    let outcome = solver.open(&program, seconds).solve();
    Ok(match outcome {
        Outcome::Optimal(solution) | Outcome::Feasible(solution) => {
            let values = solution.columns.iter().zip(&parts.quotients).map(|(&steps, &quotient)| {
                // A value that is far off is refused by the checker.
                (quotient + whole(steps)) * base
            });
            Found::Values(values.collect())
        }
        Outcome::Infeasible => Found::None,
        Outcome::Unbounded => Found::Unknown("unbounded"),
        Outcome::Unknown(why) => Found::Unknown(why),
    })
}

/// The nearest whole number of steps.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a few steps")]
fn whole(steps: f64) -> i64 {
    steps.round().clamp(-4.0, 4.0) as i64
}

/// One column a cell in the table's order, then the distance columns of the wider window and one that is always 1.
fn program(table: &Table, base: i64, reach: Reach, parts: &Parts) -> Program {
    let mut program = Program::default();
    let depths: Vec<Vec<u32>> = table.hierarchies().iter().map(heights).collect();
    let mut constant = 0.0;
    let mut extra = Vec::new();
    for cell in table.cells() {
        let levels: u32 =
            depths.iter().enumerate().map(|(v, depth)| depth[table.node(cell, v).index()]).sum();
        let weight = f64::from(1_u32 << (2 * levels.min(LEVELS_MAX)));
        let rest = share(parts.rests[cell.index()], base);
        // At x = 0 the cell moves by `rest` bases, at 1 by `1 - rest`.
        constant += weight * rest;
        let up = weight * (1.0 - 2.0 * rest);
        let exact = parts.rests[cell.index()] == 0;
        let (lower, upper) = match reach {
            Reach::Base => (0.0, if exact { 0.0 } else { 1.0 }),
            Reach::TwiceBase => {
                let upper = if exact { 1.0 } else { 2.0 };
                let lower = if parts.quotients[cell.index()] > 0 { -1.0 } else { 0.0 };
                extra.push((cell, if exact { 0.0 } else { 1.0 }, weight));
                (lower, upper)
            }
        };
        program.columns.push(Column { lower, upper, cost: if exact { 0.0 } else { up }, whole: true });
    }
    let one = program.columns.len();
    program.columns.push(Column { lower: 1.0, upper: 1.0, cost: constant, whole: false });
    // x lies between 0 and its usual upper end but for what these two take: x = inner + over - under.
    for (cell, usual, weight) in extra {
        let columns = program.columns.len();
        let cost = std::mem::replace(&mut program.columns[cell.index()].cost, 0.0);
        program.columns.push(Column { lower: 0.0, upper: usual, cost, whole: false });
        for _ in 0..2 {
            program.columns.push(Column { lower: 0.0, upper: 1.0, cost: weight * FAR, whole: false });
        }
        program.rows.push(vec![
            (cell.index(), 1.0),
            (columns, -1.0),
            (columns + 1, -1.0),
            (columns + 2, 1.0),
        ]);
    }
    for variable in 0..table.hierarchies().len() {
        for margin in table.cells().filter(|&cell| table.is_margin(variable, cell)) {
            program.rows.push(relation(table, variable, margin, one, parts));
        }
    }
    program
}

fn relation(table: &Table, variable: usize, margin: CellId, one: usize, parts: &Parts) -> Vec<(usize, f64)> {
    let mut row = vec![(margin.index(), 1.0)];
    let mut left = i128::from(parts.quotients[margin.index()]);
    for part in table.children(variable, margin) {
        row.push((part.index(), -1.0));
        left -= i128::from(parts.quotients[part.index()]);
    }
    if left != 0 {
        // At most the number of parts: each leaves less than one base over.
        row.push((one, i64::try_from(left).map_or(f64::NAN, crate::local::as_float)));
    }
    row
}

fn share(rest: i64, base: i64) -> f64 {
    crate::local::as_float(rest) / crate::local::as_float(base)
}

/// Levels below each node down to the lowest code under it.
fn heights(tree: &crate::hierarchy::Hierarchy) -> Vec<u32> {
    let mut heights = vec![0_u32; tree.len()];
    let nodes: Vec<_> = tree.nodes().collect();
    for &node in nodes.iter().rev() {
        if let Some(parent) = tree.parent(node) {
            heights[parent.index()] = heights[parent.index()].max(heights[node.index()] + 1);
        }
    }
    heights
}
