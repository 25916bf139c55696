//! The iterations: which basic column leaves, which enters, and what moves with them.
//!
//! Prices `z = pi M` of all columns are kept, multipliers `pi` are not: they follow from the basis at the end.
//! `residual` is what each row fails to sum to; it is the value of the row's logical while that is basic, and zero
//! up to rounding afterwards, so that moving along `inverse * residual` also takes rounding back out.

use super::Status;
use super::edges::Edges;
use super::kernel::Kernel;
use super::matrix::Matrix;
use super::shape::Shape;

/// A basic value this far outside its segment is at fault; absolute, in the caller's units.
const FEASIBLE: f64 = 1e-9;
/// Smaller entries of the leaving row are rounding.
const PIVOT_MIN: f64 = 1e-9;
/// Ratios this close are a tie, which the larger entry wins.
const TIE: f64 = 1e-13;
/// The two ways to compute a pivot may differ by this share.
const PIVOT_DRIFT: f64 = 1e-6;
/// Slopes are spread by up to this share of themselves ...
const SPREAD_RELATIVE: f64 = 1e-6;
/// ... and this share of the steepest slope, or of 1 where that is more than 1.
const SPREAD_ABSOLUTE: f64 = 1e-8;
/// At the end, rows may fail to sum to zero by this much.
const RESIDUAL_MAX: f64 = 1e-7;

/// Where a column stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stand {
    /// At a kink.
    Rest(u8),
    /// In the basis, on a segment, standing for a slot of the kernel.
    Basic { slot: u32, segment: u8 },
}

/// What leaves the basis.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaving {
    /// The column in a slot of the kernel, from a segment.
    Slot(usize),
    /// The logical of a row.
    Row(usize),
}

/// A price on its way to the next kink.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    ratio: f64,
    size: f64,
    column: usize,
    /// The kink where the column stands by now.
    kink: usize,
    rises: bool,
}

/// Where a long step ends.
struct Turn {
    theta: f64,
    entering: Candidate,
}

/// The state of the simplex.
#[derive(Clone, Debug)]
pub(super) struct Dual {
    shapes: Vec<Shape>,
    stands: Vec<Stand>,
    values: Vec<f64>,
    prices: Vec<f64>,
    residual: Vec<f64>,
    kernel: Kernel,
    ready: bool,
    rho: Vec<f64>,
    /// The leaving row: an entry for each column, and the columns that have one.
    entries: Vec<f64>,
    touched: Vec<usize>,
    marked: Vec<bool>,
    candidates: Vec<Candidate>,
    flips: Vec<(usize, usize)>,
    alpha: Vec<f64>,
    sparse: Vec<(u32, f64)>,
    edges: Edges,
}

impl Dual {
    pub(super) fn new(matrix: &Matrix) -> Self {
        let columns = matrix.columns();
        Self {
            shapes: Vec::new(),
            stands: vec![Stand::Rest(1); columns],
            values: vec![0.0; columns],
            prices: vec![0.0; columns],
            residual: vec![0.0; matrix.rows()],
            kernel: Kernel::new(matrix.rows()),
            ready: false,
            rho: Vec::new(),
            entries: vec![0.0; columns],
            touched: Vec::new(),
            marked: vec![false; columns],
            candidates: Vec::new(),
            flips: Vec::new(),
            alpha: Vec::new(),
            sparse: Vec::new(),
            edges: Edges::new(matrix.rows()),
        }
    }

    pub(super) fn forget(&mut self) {
        self.ready = false;
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Solves from the last basis if that is still of use, else from the start.
    pub(super) fn solve(&mut self, matrix: &Matrix, shapes: &[Shape], iterations_max: u64) -> (Status, u64) {
        self.shapes = spread(shapes);
        if !(self.ready && self.resume(matrix)) {
            self.start(matrix);
        }
        let mut iterations = 0;
        while let Some((leaving, excess)) = self.leaving() {
            if iterations >= iterations_max {
                return (Status::IterationLimit, iterations);
            }
            iterations += 1;
            self.leaving_row(matrix, leaving);
            let Some(turn) = self.ratio_test(leaving, excess) else {
                return (Status::Infeasible, iterations);
            };
            if !self.step(matrix, leaving, excess > 0.0, &turn) {
                return (Status::Trouble, iterations);
            }
        }
        self.ready = true;
        let sound = self.residual.iter().all(|residual| residual.abs() <= RESIDUAL_MAX);
        (if sound { Status::Optimal } else { Status::Trouble }, iterations)
    }

    /// The multipliers of the rows for the slopes as they were asked, not as they were spread.
    pub(super) fn multipliers(&self, shapes: &[Shape]) -> Vec<f64> {
        let mut multipliers = vec![0.0; self.residual.len()];
        self.add_multipliers(shapes, &mut multipliers);
        multipliers
    }

    fn add_multipliers(&self, shapes: &[Shape], multipliers: &mut [f64]) {
        for (slot, &column) in self.kernel.slots().iter().enumerate() {
            let Stand::Basic { segment, .. } = self.stands[column] else { continue };
            let slope = shapes[column].slopes[usize::from(segment)];
            for (&row, &entry) in self.kernel.rows().iter().zip(self.kernel.line(slot)) {
                multipliers[row] += slope * entry;
            }
        }
    }

    fn start(&mut self, matrix: &Matrix) {
        self.kernel.clear();
        self.edges.clear();
        self.prices.fill(0.0);
        for (column, shape) in self.shapes.iter().enumerate() {
            // Callers stop columns that run away, so there is a kink to rest at; 0 is one otherwise.
            let kink = shape.rest(0.0).unwrap_or(1);
            self.stands[column] = rest(kink);
            self.values[column] = if shape.kinks[kink].is_finite() { shape.kinks[kink] } else { 0.0 };
        }
        self.measure(matrix);
    }

    /// Takes the last basis over for new slopes and bounds; false if a column would have to rest at infinity.
    fn resume(&mut self, matrix: &Matrix) -> bool {
        for &column in self.kernel.slots() {
            let Stand::Basic { segment, .. } = self.stands[column] else { return false };
            if !self.shapes[column].slopes[usize::from(segment)].is_finite() {
                return false;
            }
        }
        let mut multipliers = vec![0.0; matrix.rows()];
        self.add_multipliers(&self.shapes, &mut multipliers);
        for column in 0..self.stands.len() {
            let price: f64 =
                matrix.column(column).iter().map(|&(row, value)| multipliers[row as usize] * value).sum();
            self.prices[column] = price;
            if let Stand::Rest(_) = self.stands[column] {
                let Some(kink) = self.shapes[column].rest(price) else { return false };
                self.stands[column] = rest(kink);
                self.values[column] = self.shapes[column].kinks[kink];
            }
        }
        self.measure(matrix);
        self.settle(matrix);
        true
    }

    /// The residuals of the values as they are.
    fn measure(&mut self, matrix: &Matrix) {
        for (row, residual) in self.residual.iter_mut().enumerate() {
            let sum: f64 =
                matrix.row(row).iter().map(|&(column, value)| self.values[column as usize] * value).sum();
            *residual = -sum;
        }
    }

    /// Moves the basic columns so that all rows entered sum to zero.
    fn settle(&mut self, matrix: &Matrix) {
        self.sparse.clear();
        for &row in self.kernel.rows() {
            let residual = self.residual[row];
            if residual.abs() > 0.0 {
                self.sparse.push((u32::try_from(row).unwrap_or(u32::MAX), residual));
            }
        }
        if self.sparse.is_empty() {
            return;
        }
        self.kernel.solve(&self.sparse, &mut self.alpha);
        self.shift(matrix, 1.0);
    }

    /// Moves the basic columns by `factor * alpha`.
    fn shift(&mut self, matrix: &Matrix, factor: f64) {
        for (&column, &entry) in self.kernel.slots().iter().zip(&self.alpha) {
            let by = factor * entry;
            if by.abs() > 0.0 {
                self.values[column] += by;
                for &(row, value) in matrix.column(column) {
                    self.residual[row as usize] -= value * by;
                }
            }
        }
    }

    fn carry(&mut self, matrix: &Matrix, column: usize, by: f64) {
        self.values[column] += by;
        for &(row, value) in matrix.column(column) {
            self.residual[row as usize] -= value * by;
        }
    }

    /// The basic column or logical that is farthest outside its segment, and by how much: positive above.
    fn leaving(&self) -> Option<(Leaving, f64)> {
        let mut best = None;
        let mut most = 0.0;
        for (slot, &column) in self.kernel.slots().iter().enumerate() {
            let Stand::Basic { segment, .. } = self.stands[column] else { continue };
            let kinks = &self.shapes[column].kinks;
            let value = self.values[column];
            let excess = (value - kinks[usize::from(segment) + 1]).max(0.0)
                + (value - kinks[usize::from(segment)]).min(0.0);
            if excess.abs() > FEASIBLE && excess * excess > most * self.edges.slots[slot] {
                most = excess * excess / self.edges.slots[slot];
                best = Some((Leaving::Slot(slot), excess));
            }
        }
        for (row, &residual) in self.residual.iter().enumerate() {
            if residual.abs() > FEASIBLE
                && residual * residual > most * self.edges.rows[row]
                && !self.kernel.entered(row)
            {
                most = residual * residual / self.edges.rows[row];
                best = Some((Leaving::Row(row), residual));
            }
        }
        best
    }

    /// The row of the basis inverse that leaves, and its product with every column.
    fn leaving_row(&mut self, matrix: &Matrix, leaving: Leaving) {
        for &column in &self.touched {
            self.entries[column] = 0.0;
            self.marked[column] = false;
        }
        self.touched.clear();
        self.rho.clear();
        match leaving {
            Leaving::Slot(slot) => self.rho.extend_from_slice(self.kernel.line(slot)),
            Leaving::Row(row) => {
                self.rho.resize(self.kernel.len(), 0.0);
                for &(column, value) in matrix.row(row) {
                    if let Stand::Basic { slot, .. } = self.stands[column as usize] {
                        for (sum, &entry) in self.rho.iter_mut().zip(self.kernel.line(slot as usize)) {
                            *sum -= value * entry;
                        }
                    }
                }
                self.add_row(matrix, row, 1.0);
            }
        }
        for place in 0..self.rho.len() {
            let factor = self.rho[place];
            if factor.abs() > PIVOT_MIN {
                self.add_row(matrix, self.kernel.rows()[place], factor);
            }
        }
    }

    fn add_row(&mut self, matrix: &Matrix, row: usize, factor: f64) {
        for &(column, value) in matrix.row(row) {
            let column = column as usize;
            self.entries[column] += factor * value;
            if !self.marked[column] {
                self.marked[column] = true;
                self.touched.push(column);
            }
        }
    }

    /// How far the multipliers move along the leaving row, which columns go to another kink on the way, and which
    /// enters; `None` if nothing stops them, and then no values satisfy the rows.
    fn ratio_test(&mut self, leaving: Leaving, excess: f64) -> Option<Turn> {
        let up = excess > 0.0;
        self.candidates.clear();
        self.flips.clear();
        for &column in &self.touched {
            let (entry, Stand::Rest(kink)) = (self.entries[column], self.stands[column]) else { continue };
            if entry.abs() > PIVOT_MIN {
                let rises = (entry > 0.0) == up;
                self.candidates.push(Candidate {
                    ratio: 0.0,
                    size: entry.abs(),
                    column,
                    kink: usize::from(kink),
                    rises,
                });
            }
        }
        if let Leaving::Slot(slot) = leaving {
            let column = self.kernel.slots()[slot];
            if let Stand::Basic { segment, .. } = self.stands[column] {
                let kink = usize::from(segment) + usize::from(up);
                self.candidates.push(Candidate { ratio: 0.0, size: 1.0, column, kink, rises: up });
            }
        }
        let (shapes, prices) = (&self.shapes, &self.prices);
        for candidate in &mut self.candidates {
            candidate.ratio = ratio(candidate, shapes, prices);
        }
        self.candidates.retain(|candidate| candidate.ratio.is_finite());
        let mut left = excess.abs();
        loop {
            let least = self.candidates.iter().map(|candidate| candidate.ratio).reduce(f64::min)?;
            let tied =
                self.candidates.iter().enumerate().filter(|(_, candidate)| candidate.ratio <= least + TIE);
            let (place, _) = tied.reduce(|best, next| if next.1.size > best.1.size { next } else { best })?;
            let candidate = &mut self.candidates[place];
            let kinks = &shapes[candidate.column].kinks;
            let next = if candidate.rises { candidate.kink + 1 } else { candidate.kink - 1 };
            left -= candidate.size * (kinks[next] - kinks[candidate.kink]).abs();
            if left <= FEASIBLE {
                return Some(Turn { theta: candidate.ratio, entering: *candidate });
            }
            candidate.kink = next;
            self.flips.push((candidate.column, next));
            candidate.ratio = ratio(candidate, shapes, prices);
            if candidate.ratio.is_infinite() {
                self.candidates.swap_remove(place);
            }
        }
    }

    /// Carries a turn out; false on numerical trouble.
    fn step(&mut self, matrix: &Matrix, leaving: Leaving, up: bool, turn: &Turn) -> bool {
        let along = if up { turn.theta } else { -turn.theta };
        for &column in &self.touched {
            if let Stand::Rest(_) = self.stands[column] {
                self.prices[column] += along * self.entries[column];
            }
        }
        let leaver = match leaving {
            Leaving::Slot(slot) => Some((slot, self.kernel.slots()[slot])),
            Leaving::Row(_) => None,
        };
        let mut goal = 0.0;
        if let Some((_, column)) = leaver
            && let Stand::Basic { segment, .. } = self.stands[column]
        {
            self.prices[column] += along;
            goal = self.shapes[column].kinks[usize::from(segment) + usize::from(up)];
        }
        let mut flipped = false;
        for place in 0..self.flips.len() {
            let (column, kink) = self.flips[place];
            let kink_value = self.shapes[column].kinks[kink];
            if leaver.is_some_and(|(_, own)| own == column) {
                goal = kink_value;
            } else {
                flipped = true;
                self.stands[column] = rest(kink);
                self.carry(matrix, column, kink_value - self.values[column]);
            }
        }
        if flipped {
            self.settle(matrix);
        }
        let entering = turn.entering;
        let segment = if entering.rises { entering.kink } else { entering.kink - 1 };
        let segment_small = u8::from(segment == 1);
        if let Some((slot, own)) = leaver
            && own == entering.column
        {
            // The leaving column's own price reached the slope of its next segment: it stays, over there.
            self.stands[own] = Stand::Basic { slot: small(slot), segment: segment_small };
            self.prices[own] = self.shapes[own].slopes[segment];
            return true;
        }
        self.pivot(matrix, leaving, goal, entering.column, segment_small)
    }

    fn pivot(&mut self, matrix: &Matrix, leaving: Leaving, goal: f64, column: usize, segment: u8) -> bool {
        let pivot = self.entries[column];
        self.kernel.solve(matrix.column(column), &mut self.alpha);
        let (slot, value, again, row) = match leaving {
            Leaving::Slot(slot) => {
                (slot, self.values[self.kernel.slots()[slot]], self.alpha[slot], usize::MAX)
            }
            Leaving::Row(row) => (self.kernel.len(), self.residual[row], pivot, row),
        };
        if (again - pivot).abs() > PIVOT_DRIFT * (1.0 + pivot.abs()) {
            return false;
        }
        let by = (value - goal) / pivot;
        self.carry(matrix, column, by);
        self.shift(matrix, -by);
        if let Leaving::Slot(slot) = leaving {
            let own = self.kernel.slots()[slot];
            let kinks = &self.shapes[own].kinks;
            let kink = if (goal - kinks[1]).abs() <= 0.0 {
                1
            } else if goal < kinks[1] {
                0
            } else {
                2
            };
            self.stands[own] = rest(kink);
            let off = goal - self.values[own];
            self.carry(matrix, own, off);
        }
        self.stands[column] = Stand::Basic { slot: small(slot), segment };
        self.prices[column] = self.shapes[column].slopes[usize::from(segment)];
        self.edges.update(matrix, &self.kernel, leaving, (&self.rho, &self.alpha), (column, pivot));
        self.kernel.put(slot, column, row, &self.rho, &self.alpha, pivot);
        true
    }
}

/// How far the multipliers go until the candidate's price reaches the end of its interval.
fn ratio(candidate: &Candidate, shapes: &[Shape], prices: &[f64]) -> f64 {
    let (shape, price) = (&shapes[candidate.column], prices[candidate.column]);
    let room = if candidate.rises {
        shape.greatest(candidate.kink) - price
    } else {
        price - shape.least(candidate.kink)
    };
    room.max(0.0) / candidate.size
}

const fn rest(kink: usize) -> Stand {
    Stand::Rest(match kink {
        0 => 0,
        1 => 1,
        _ => 2,
    })
}

/// Slots are fewer than rows, which are fewer than 2^32.
fn small(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX)
}

/// The shapes with slopes spread apart by a little, different for each column and the same on every run.
fn spread(shapes: &[Shape]) -> Vec<Shape> {
    let finite = shapes.iter().flat_map(|shape| shape.slopes).filter(|slope| slope.is_finite());
    let steepest = finite.map(f64::abs).fold(0.0, f64::max).min(1.0);
    let floor = if steepest > 0.0 { steepest } else { 1.0 };
    let spread_one = |(column, shape): (usize, &Shape)| {
        let share = 0.5 + 0.5 * share_of(column as u64);
        let [below, above] = shape.slopes;
        let size = |slope: f64| share * (SPREAD_RELATIVE * slope.abs() + SPREAD_ABSOLUTE * floor);
        let moved =
            |slope: f64, sign: f64| if slope.is_finite() { slope + sign * size(slope) } else { slope };
        // Away from 0 the spread is a cost, never a gain: a column that costs nothing rests at 0.
        let first = if shape.kinks[0] < 0.0 { -1.0 } else { 1.0 };
        Shape { kinks: shape.kinks, slopes: [moved(below, first), moved(above, 1.0)] }
    };
    shapes.iter().enumerate().map(spread_one).collect()
}

/// A number in [0, 1) that looks random: Steele, Lea and Flood (2014), the finaliser of SplitMix64.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit a float exactly")]
fn share_of(column: u64) -> f64 {
    let mut bits = column.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
