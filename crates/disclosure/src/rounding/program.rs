//! The integer program of a rounding: how many bases above its multiple each cell goes.
//!
//! A cell of value `z = q B + r`, `0 <= r < B`, is published as `(q + x) B` with whole `x`: 0 or 1 where `r > 0`, 0 where
//! `r = 0`; in the wider window `-1..=2` and `-1..=1`. Relations hold exactly when the `x` of the margin, less those of
//! its parts, is what the `q` leave over, and that is a whole number: `(sum of r of parts - r of margin) / B`. With
//! `x = r / B` the relaxation always has a point.
//!
//! Large tables of three variables or more are taken apart, slab by slab down one variable.

use std::cmp::Reverse;
use std::time::Duration;

use super::CannotRound;
use crate::budget::{Budget, Progress, Stage};
use crate::component::{self, Relation};
use crate::hierarchy::Hierarchy;
use crate::local::as_float;
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

/// Tables up to this many cells, and all of two variables, are tried as one program.
const WHOLE_TABLE_MAX: usize = 5_000;
/// Share of the time left that the one program may take before the table is taken apart.
const WHOLE_TABLE_SHARE: u64 = 3;

/// The multiple at or below each cell, what is left of it, and how far above it the cell goes, where that is known.
struct Parts<'a> {
    table: &'a Table,
    base: i64,
    quotients: Vec<i64>,
    rests: Vec<i64>,
    /// By cell: what moving it by one base costs.
    weights: Vec<f64>,
    steps: Vec<Option<i64>>,
}

/// Rounds a table, cells within `reach` of their values.
pub(super) fn round(
    table: &Table,
    base: i64,
    reach: Reach,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Result<Found, CannotRound> {
    let mut parts = Parts::new(table, base)?;
    let begun_ms = (budget.elapsed_ms)();
    let left_ms = budget.time_limit_ms.saturating_sub(begun_ms).max(1);
    let all: Vec<CellId> = table.cells().collect();
    let narrow = table.hierarchies().len() <= 2;
    if narrow || table.len() <= WHOLE_TABLE_MAX {
        let seconds = Duration::from_millis(left_ms / WHOLE_TABLE_SHARE);
        match parts.solve(&all, reach, solver, seconds) {
            Found::Unknown(_) => parts.steps.fill(None),
            settled => return Ok(settled),
        }
    }
    Ok(parts.solve_slabs(reach, solver, budget))
}

impl<'a> Parts<'a> {
    fn new(table: &'a Table, base: i64) -> Result<Self, CannotRound> {
        let figures = || table.cells().map(|cell| table.figure(cell).open());
        if figures().any(|figure| figure.saturating_add(base.saturating_mul(4)) >= EXACT) {
            return Err(CannotRound::TooLarge { base });
        }
        let heights: Vec<Vec<u32>> = table.hierarchies().iter().map(heights).collect();
        let levels = |cell: CellId| -> u32 {
            heights.iter().enumerate().map(|(v, heights)| heights[table.node(cell, v).index()]).sum()
        };
        Ok(Self {
            table,
            base,
            quotients: figures().map(|figure| figure / base).collect(),
            rests: figures().map(|figure| figure % base).collect(),
            weights: table
                .cells()
                .map(|cell| f64::from(1_u32 << (2 * levels(cell).min(LEVELS_MAX))))
                .collect(),
            steps: vec![None; table.len()],
        })
    }

    /// Slab by slab down the variable with the most codes: first the cells at its roots, then those at the children of
    /// each code, whose sums are settled by then. Each slab is a small program. What is settled above may leave a slab
    /// without a rounding: that says nothing of the whole table.
    fn solve_slabs(&mut self, reach: Reach, solver: &dyn Solver, budget: &Budget<'_>) -> Found {
        let trees = self.table.hierarchies();
        let Some(variable) = (0..trees.len()).max_by_key(|&v| (trees[v].len(), Reverse(v))) else {
            return Found::Unknown("no variable");
        };
        let tree = &trees[variable];
        let mut at: Vec<Vec<CellId>> = vec![Vec::new(); tree.len()];
        for cell in self.table.cells() {
            at[self.table.node(cell, variable).index()].push(cell);
        }
        let mut slabs: Vec<Vec<CellId>> = Vec::new();
        slabs.extend(tree.nodes().filter(|&n| tree.parent(n).is_none()).map(|n| at[n.index()].clone()));
        slabs.extend(
            tree.nodes().filter(|&n| !tree.is_leaf(n)).map(|n| {
                tree.children(n).iter().flat_map(|child| at[child.index()].iter().copied()).collect()
            }),
        );
        let total = slabs.len() as u64;
        let mut found = Found::Unknown("no cells");
        for (done, slab) in (0_u64..).zip(&slabs) {
            (budget.progress)(Progress { stage: Stage::Round, done, total, weight: 0, bound: 0 });
            if let Some(stopped) = budget.stopped(0) {
                return Found::Unknown(stopped.word());
            }
            let left_ms = budget.time_limit_ms.saturating_sub((budget.elapsed_ms)()).max(1);
            found = self.solve(slab, reach, solver, Duration::from_millis(left_ms));
            match found {
                Found::Values(_) => {}
                Found::None => return Found::Unknown("a part of the table has none under its rounded sums"),
                Found::Unknown(why) => return Found::Unknown(why),
            }
        }
        found
    }

    /// Settles these cells, given those that are settled.
    fn solve(&mut self, cells: &[CellId], reach: Reach, solver: &dyn Solver, time: Duration) -> Found {
        if cells.is_empty() {
            return Found::Values(self.values());
        }
        let program = self.program(cells, reach);
        match solver.open(&program, time.as_secs_f64()).solve() {
            Outcome::Optimal(solution) | Outcome::Feasible(solution) => {
                for (&cell, &steps) in cells.iter().zip(&solution.columns) {
                    // What is far off is refused by the checker.
                    self.steps[cell.index()] = Some(whole(steps));
                }
                Found::Values(self.values())
            }
            Outcome::Infeasible => Found::None,
            Outcome::Unbounded => Found::Unknown("unbounded"),
            Outcome::Unknown(why) => Found::Unknown(why),
        }
    }

    fn values(&self) -> Vec<i64> {
        let steps = self.steps.iter().zip(&self.quotients);
        steps.map(|(steps, quotient)| (quotient + steps.unwrap_or(0)) * self.base).collect()
    }

    /// One column a cell in the order given, then the distance columns of the wider window and one that is always 1.
    fn program(&self, cells: &[CellId], reach: Reach) -> Program {
        let mut program = Program::default();
        let mut constant = 0.0;
        for cell in cells.iter().map(|cell| cell.index()) {
            let (rest, weight) = (share(self.rests[cell], self.base), self.weights[cell]);
            // At x = 0 the cell moves by `rest` bases, at 1 by `1 - rest`.
            constant += weight * rest;
            let usual = f64::from(u8::from(self.rests[cell] > 0));
            let (mut lower, mut upper) = (0.0, usual);
            if reach == Reach::TwiceBase {
                upper += 1.0;
                lower -= f64::from(u8::from(self.quotients[cell] > 0));
            }
            let cost = usual * weight * (1.0 - 2.0 * rest);
            program.columns.push(Column { lower, upper, cost, whole: true });
        }
        let one = program.columns.len();
        program.columns.push(Column { lower: 1.0, upper: 1.0, cost: constant, whole: false });
        if reach == Reach::TwiceBase {
            for (place, cell) in cells.iter().enumerate() {
                self.widen(&mut program, place, *cell);
            }
        }
        let mut place_of = vec![usize::MAX; self.table.len()];
        for (place, cell) in cells.iter().enumerate() {
            place_of[cell.index()] = place;
        }
        let mut relations: Vec<Relation> = cells
            .iter()
            .flat_map(|&cell| component::relations_of(self.table, cell))
            .map(|(relation, _)| relation)
            .collect();
        relations.sort_unstable();
        relations.dedup();
        program.rows.extend(relations.into_iter().filter_map(|relation| self.row(relation, one, &place_of)));
        program
    }

    /// x lies between 0 and its usual upper end but for what two columns take: `x = inner + over - under`.
    fn widen(&self, program: &mut Program, place: usize, cell: CellId) {
        let columns = program.columns.len();
        let cost = std::mem::replace(&mut program.columns[place].cost, 0.0);
        let upper = f64::from(u8::from(self.rests[cell.index()] > 0));
        program.columns.push(Column { lower: 0.0, upper, cost, whole: false });
        for _ in 0..2 {
            let cost = self.weights[cell.index()] * FAR;
            program.columns.push(Column { lower: 0.0, upper: 1.0, cost, whole: false });
        }
        program.rows.push(vec![(place, 1.0), (columns, -1.0), (columns + 1, -1.0), (columns + 2, 1.0)]);
    }

    /// The relation's row; none where it has a member that is neither settled nor in the program.
    fn row(&self, relation: Relation, one: usize, place_of: &[usize]) -> Option<Vec<(usize, f64)>> {
        let (mut row, mut left) = (Vec::new(), 0_i128);
        for cell in relation.members(self.table) {
            let sign = if cell == relation.margin { 1 } else { -1 };
            left += sign * i128::from(self.quotients[cell.index()]);
            match (place_of[cell.index()], self.steps[cell.index()]) {
                (usize::MAX, steps) => left += sign * i128::from(steps?),
                (place, _) => row.push((place, if sign > 0 { 1.0 } else { -1.0 })),
            }
        }
        if left != 0 {
            // A few times the number of parts: each leaves less than one base over.
            row.push((one, i64::try_from(left).map_or(f64::NAN, as_float)));
        }
        Some(row)
    }
}

/// The nearest whole number of steps.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a few steps")]
fn whole(steps: f64) -> i64 {
    steps.round().clamp(-4.0, 4.0) as i64
}

fn share(rest: i64, base: i64) -> f64 {
    as_float(rest) / as_float(base)
}

/// Levels below each node down to the lowest code under it.
fn heights(tree: &Hierarchy) -> Vec<u32> {
    let mut heights = vec![0_u32; tree.len()];
    let nodes: Vec<_> = tree.nodes().collect();
    for &node in nodes.iter().rev() {
        if let Some(parent) = tree.parent(node) {
            heights[parent.index()] = heights[parent.index()].max(heights[node.index()] + 1);
        }
    }
    heights
}
