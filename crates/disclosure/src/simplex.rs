//! A small simplex of our own for the local programs: how cheaply, or how far, can one cell be moved?
//!
//! A program has `n` columns `y`, the deviations of cells in units of the caller's choice, and `m` rows that sum to
//! zero (a margin with 1, its parts with -1). Column `j` lies within bounds and costs `above * y` where it
//! rises and `below * y` where it falls, with `below <= above`: one column a cell, not two. Rows may be
//! redundant. Answers are floats and no verdict rests on them: whoever asks judges them again in whole numbers.
//!
//! Method: the dual simplex for piecewise linear costs with long steps. At multipliers of zero every column is
//! content at its cheapest kink, so there is no first phase. Each row starts with its own logical, fixed at zero;
//! rows are entered one by one as the movement spreads from the target, and only rows entered so far have an
//! inverse (module `kernel`). Slopes are spread by a seeded amount, which breaks the ties that relations of
//! equal weights bring, so the method neither cycles nor depends on anything but its input.
//!
//! Sources: Fourer, Math. Programming 33 (1985) and 41 (1988), simplex for piecewise linear costs; Maros (2003),
//! Computational Techniques of the Simplex Method, chapter 10, long steps in the dual.

mod adapter;
mod dual;
mod edges;
mod kernel;
mod matrix;
mod reduce;
#[cfg(feature = "test-util")]
pub mod sample;
mod shape;

pub use adapter::Small;
use dual::Dual;
use matrix::Matrix;
use reduce::Reduction;
use shape::Shape;

/// One column: how far it may go and what that costs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Column {
    /// Least value.
    pub lower: f64,
    /// Greatest value; infinity for none.
    pub upper: f64,
    /// Slope of the cost below 0.
    pub below: f64,
    /// Slope of the cost above 0, at least [`Column::below`].
    pub above: f64,
}

impl Column {
    /// A cell that may fall by `falls` and rise by `rises`, at `cost` a unit either way.
    #[must_use]
    pub const fn cell(falls: f64, rises: f64, cost: f64) -> Self {
        Self { lower: -falls, upper: rises, below: -cost, above: cost }
    }

    /// The column with its sign turned.
    fn mirrored(&self) -> Self {
        Self { lower: -self.upper, upper: -self.lower, below: -self.above, above: -self.below }
    }

    fn shape(&self) -> Shape {
        Shape::new(self.lower, self.upper, self.below, self.above)
    }

    fn cost(&self, value: f64) -> f64 {
        value * if value < 0.0 { self.below } else { self.above }
    }
}

/// What a solve came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// The answer is optimal, as far as floats can say.
    Optimal,
    /// No values satisfy rows and bounds.
    Infeasible,
    /// The cost falls without limit.
    Unbounded,
    /// The limit of iterations was reached; the values are worth nothing.
    IterationLimit,
    /// Rounding got the better of it; the values are worth nothing.
    Trouble,
}

/// What a solve found.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// What it came to; the rest means something only when that is [`Status::Optimal`].
    pub status: Status,
    /// The summed cost.
    pub objective: f64,
    /// One value a column.
    pub values: Vec<f64>,
    /// Steps of the simplex.
    pub iterations: u64,
}

/// Steps that a solve may take for each row and column, unless told otherwise.
const ITERATIONS_PER_LINE: u64 = 5;
/// Programs of more columns than this are better left to HiGHS: the dense inverse grows with the square of the rows
/// entered.
pub const COLUMNS_MAX: usize = 4_000;
/// A column that falls in cost without limit is stopped at this many times the sum of all finite bounds: no vertex of
/// relations of tables comes near it.
const REACH: f64 = 1e3;

/// A program, open for many solves.
#[derive(Clone, Debug)]
pub struct Simplex {
    matrix: Matrix,
    columns: Vec<Column>,
    reduction: Reduction,
    reduced: Matrix,
    /// The classes of the last solve.
    shapes: Vec<Shape>,
    values: Vec<f64>,
    dual: Dual,
    optimal: bool,
    iterations_max: u64,
}

impl Simplex {
    /// A program of these columns and rows; each row is a list of (column, coefficient) and sums to zero.
    ///
    /// Entries of columns that do not exist are left out.
    #[must_use]
    pub fn new<R>(columns: Vec<Column>, rows: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item = (usize, f64)>,
    {
        let matrix = Matrix::new(columns.len(), rows);
        let lines = (columns.len() + matrix.rows()) as u64;
        let reduction = Reduction::new(&matrix);
        let reduced = reduction.matrix(&matrix);
        let dual = Dual::new(&reduced);
        Self {
            values: vec![0.0; columns.len()],
            matrix,
            columns,
            reduction,
            reduced,
            shapes: Vec::new(),
            dual,
            optimal: false,
            iterations_max: ITERATIONS_PER_LINE * lines,
        }
    }

    /// The columns as they are now.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Changes one column, keeping what the last solve learnt; a column outside the program changes nothing.
    pub fn set_column(&mut self, column: usize, to: Column) {
        if let Some(place) = self.columns.get_mut(column) {
            *place = to;
            self.optimal = false;
        }
    }

    /// Limits the steps of each later solve.
    pub fn set_iterations_max(&mut self, iterations_max: u64) {
        self.iterations_max = iterations_max;
    }

    /// Forgets the last solve: the next one starts from nothing.
    pub fn forget(&mut self) {
        self.dual.forget();
    }

    /// Minimises the summed cost.
    ///
    /// # Guarantee
    /// The same answer for the same program and the same calls before, on every run.
    pub fn solve(&mut self) -> Answer {
        self.values.fill(0.0);
        let Some(classes) = self.classes() else {
            self.dual.forget();
            return self.answer(Status::Infeasible, 0);
        };
        let reach = reach(&classes);
        self.shapes.clear();
        self.shapes
            .extend(classes.iter().map(|column| limited(column, reach).unwrap_or_else(|| column.shape())));
        let (mut status, mut iterations) = self.dual.solve(&self.reduced, &self.shapes, self.iterations_max);
        if status == Status::Trouble {
            self.dual.forget();
            let (again, more) = self.dual.solve(&self.reduced, &self.shapes, self.iterations_max);
            status = again;
            iterations += more;
        }
        if status != Status::Optimal {
            // What is left behind is no basis to start from.
            self.dual.forget();
        }
        for (column, value) in self.values.iter_mut().enumerate() {
            *value =
                self.reduction.class(column).map_or(0.0, |(class, sign)| sign * self.dual.values()[class]);
        }
        let ran_away =
            |(column, &value): (&Column, &f64)| limited(column, reach).is_some() && value.abs() >= reach;
        if status == Status::Optimal && classes.iter().zip(self.dual.values()).any(ran_away) {
            status = Status::Unbounded;
        }
        self.answer(status, iterations)
    }

    fn answer(&mut self, status: Status, iterations: u64) -> Answer {
        self.optimal = status == Status::Optimal;
        let costs = self.columns.iter().zip(&self.values).map(|(column, &value)| column.cost(value));
        Answer { status, objective: costs.sum(), values: self.values.clone(), iterations }
    }

    /// One multiplier a row for the last solve; none if that was not optimal or a column was changed since. Every column at a value between its kinks has
    /// the slope that the multipliers of its rows add up to, and one at a kink a slope between its two.
    #[must_use]
    pub fn multipliers(&self) -> Vec<f64> {
        if !self.optimal {
            return Vec::new();
        }
        let left = self.dual.multipliers(&self.shapes);
        let mut missing: Vec<f64> = (0..self.reduction.classes())
            .map(|class| {
                self.reduced.column(class).iter().map(|&(row, value)| left[row as usize] * value).sum()
            })
            .collect();
        let mut prices = Vec::with_capacity(self.columns.len());
        let mut ranges = Vec::with_capacity(self.columns.len());
        for (place, (column, &value)) in self.columns.iter().zip(&self.values).enumerate() {
            let (least, greatest) = column.shape().prices(value);
            let price = 0.0_f64.max(least).min(greatest);
            if let Some((class, sign)) = self.reduction.class(place) {
                missing[class] -= sign * price;
            }
            prices.push(price);
            ranges.push((least, greatest));
        }
        // Columns at a kink take what the prices of their class still lack.
        for (place, (price, (least, greatest))) in prices.iter_mut().zip(ranges).enumerate() {
            if let Some((class, sign)) = self.reduction.class(place) {
                let moved = (*price + sign * missing[class]).max(least).min(greatest);
                missing[class] -= sign * (moved - *price);
                *price = moved;
            }
        }
        self.reduction.multipliers(&self.matrix, &left, &prices)
    }

    /// The columns of each class as one; `None` if no value suits all of them.
    fn classes(&self) -> Option<Vec<Column>> {
        let free = Column { lower: f64::NEG_INFINITY, upper: f64::INFINITY, below: 0.0, above: 0.0 };
        let mut classes = vec![free; self.reduction.classes()];
        for (place, column) in self.columns.iter().enumerate() {
            if column.lower > column.upper {
                return None;
            }
            let Some((class, sign)) = self.reduction.class(place) else {
                if column.lower > 0.0 || column.upper < 0.0 {
                    return None;
                }
                continue;
            };
            let column = if sign < 0.0 { column.mirrored() } else { *column };
            let class = classes.get_mut(class)?;
            class.lower = class.lower.max(column.lower);
            class.upper = class.upper.min(column.upper);
            class.below += column.below;
            class.above += column.above;
            if class.lower > class.upper {
                return None;
            }
        }
        Some(classes)
    }
}

fn reach(columns: &[Column]) -> f64 {
    let bounds = columns.iter().flat_map(|column| [column.lower, column.upper]);
    REACH * (1.0 + bounds.filter(|bound| bound.is_finite()).map(f64::abs).sum::<f64>())
}

/// The shape of a column that would run away, stopped at `reach`; `None` for all others.
fn limited(column: &Column, reach: f64) -> Option<Shape> {
    let up = column.upper.is_infinite() && column.above < 0.0;
    let down = column.lower.is_infinite() && column.below > 0.0;
    if !up && !down {
        return None;
    }
    let lower = if down { -reach } else { column.lower };
    let upper = if up { reach } else { column.upper };
    Some(Shape::new(lower, upper, column.below, column.above))
}

#[cfg(test)]
mod tests;
