//! Exact signed fractions for interval ends and multipliers: 128-bit, checked, in lowest terms.
//!
//! Overflow is an answer (`None`), never a wrap: a bound that cannot be computed exactly is not a bound.

use std::cmp::Ordering;
use std::fmt;

/// `numerator / denominator`, denominator positive, in lowest terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    /// Zero.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// A whole number.
    #[must_use]
    pub const fn whole(value: i128) -> Self {
        Self { numerator: value, denominator: 1 }
    }

    /// A fraction, or `None` where the denominator is zero or the sign cannot be turned.
    #[must_use]
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator, denominator)?;
        let (numerator, denominator) = (numerator / divisor, denominator / divisor);
        if denominator < 0 {
            return Some(Self {
                numerator: numerator.checked_neg()?,
                denominator: denominator.checked_neg()?,
            });
        }
        Some(Self { numerator, denominator })
    }

    /// The numerator in lowest terms.
    #[must_use]
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// The denominator in lowest terms, positive.
    #[must_use]
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// Sum, unless it overflows.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    /// Product with a whole number, unless it overflows.
    #[must_use]
    pub fn times(self, factor: i128) -> Option<Self> {
        Self::new(self.numerator.checked_mul(factor)?, self.denominator)
    }

    /// Quotient, unless it overflows or divides by zero.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.denominator)?;
        Self::new(numerator, self.denominator.checked_mul(other.numerator)?)
    }

    /// -1, 0 or 1.
    #[must_use]
    pub const fn signum(self) -> i128 {
        self.numerator.signum()
    }

    /// How the fraction compares with a whole number.
    #[must_use]
    pub fn cmp_whole(self, value: i128) -> Ordering {
        // floor(n/d) decides unless it equals the value.
        let floor = self.numerator.div_euclid(self.denominator);
        match floor.cmp(&value) {
            Ordering::Equal if self.numerator.rem_euclid(self.denominator) != 0 => Ordering::Greater,
            order => order,
        }
    }

    /// The largest whole number that is not above.
    #[must_use]
    pub const fn floor(self) -> i128 {
        self.numerator.div_euclid(self.denominator)
    }

    /// The smallest whole number that is not below.
    #[must_use]
    pub const fn ceiling(self) -> i128 {
        self.floor() + if self.numerator.rem_euclid(self.denominator) == 0 { 0 } else { 1 }
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

fn gcd(a: i128, b: i128) -> Option<i128> {
    let (mut a, mut b) = (a.checked_abs()?, b.checked_abs()?);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Some(a.max(1))
}
