//! Exact non-negative fractions for rule parameters and protection levels.
//!
//! Not a general rational type: parameters are small, figures are bounded by [`crate::Figure::LIMIT`], so
//! every product used here fits 128 bits.

use std::fmt;

/// `numerator / denominator`, both non-negative, denominator positive, in lowest terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

impl Ratio {
    /// Zero.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// A fraction, or `None` where the denominator is not positive or the numerator negative.
    #[must_use]
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        if denominator <= 0 || numerator < 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Some(Self { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    /// A whole number; negative ones become zero.
    #[must_use]
    pub fn whole(value: i64) -> Self {
        Self { numerator: value.max(0), denominator: 1 }
    }

    /// The numerator in lowest terms.
    #[must_use]
    pub const fn numerator(self) -> i64 {
        self.numerator
    }

    /// The denominator in lowest terms, positive.
    #[must_use]
    pub const fn denominator(self) -> i64 {
        self.denominator
    }

    /// Whether the fraction is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// The smallest whole number that is at least the fraction: levels are rounded against us.
    #[must_use]
    pub fn ceiling(self) -> i64 {
        let whole = self.numerator / self.denominator;
        if self.numerator % self.denominator == 0 { whole } else { whole.saturating_add(1) }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}
