//! The cost of one column: convex, piecewise linear, infinite outside its bounds.
//!
//! A column has three *kinks* `k0 <= k1 <= k2` and two slopes `s0 <= s1` between them; before `k0` the slope is minus
//! infinity, past `k2` infinity. The middle kink is 0 where 0 lies between the bounds. A resting column
//! stands at a kink `p` and is content while its price is within `[s(p-1), s(p)]`; a basic one stands on a
//! segment, whose slope is its price.

/// A value this close to a kink, absolutely and as a share of itself, stands at it.
const NEAR: f64 = 1e-9;

/// Kinks and slopes of one column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) kinks: [f64; 3],
    pub(super) slopes: [f64; 2],
}

impl Shape {
    /// Bounds, and slopes below and above 0.
    pub(super) fn new(lower: f64, upper: f64, below: f64, above: f64) -> Self {
        if lower < 0.0 && upper > 0.0 {
            Self { kinks: [lower, 0.0, upper], slopes: [below, above] }
        } else if lower < upper {
            let slope = if lower < 0.0 { below } else { above };
            Self { kinks: [lower, upper, upper], slopes: [slope, f64::INFINITY] }
        } else {
            Self { kinks: [lower; 3], slopes: [f64::NEG_INFINITY, f64::INFINITY] }
        }
    }

    /// The least price at which a column rests at the kink.
    pub(super) fn least(&self, kink: usize) -> f64 {
        if kink == 0 { f64::NEG_INFINITY } else { self.slopes[kink - 1] }
    }

    /// The greatest price at which a column rests at the kink.
    pub(super) fn greatest(&self, kink: usize) -> f64 {
        if kink == 2 { f64::INFINITY } else { self.slopes[kink] }
    }

    /// The kink where a column with this price rests; `None` when that is at infinity.
    pub(super) fn rest(&self, price: f64) -> Option<usize> {
        let kink = if price < self.slopes[0] {
            0
        } else if price <= self.slopes[1] {
            1
        } else {
            2
        };
        self.kinks[kink].is_finite().then_some(kink)
    }

    /// The least and the greatest price that fit a value.
    pub(super) fn prices(&self, value: f64) -> (f64, f64) {
        let near = |kink: usize| (value - self.kinks[kink]).abs() <= NEAR * (1.0 + value.abs());
        let below = (0..3).find(|&kink| near(kink) || value < self.kinks[kink]).unwrap_or(2);
        let above = (0..3).rev().find(|&kink| near(kink) || value > self.kinks[kink]).unwrap_or(0);
        (self.least(below), self.greatest(above))
    }
}
