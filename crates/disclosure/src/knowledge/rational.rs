//! Exact fractions of any size: 64 bits where they suffice, as they nearly always do, big integers where not.
//!
//! A fraction may be a figure, or follow from one. So it cannot be printed: no `Display`, a `Debug` that shows
//! nothing, and [`Rational::text`] as the one door to its digits. Never a float, never an overflow.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

/// A fraction in lowest terms.
#[derive(Clone, PartialEq, Eq)]
pub struct Rational(Terms);

/// INVARIANT, kept by [`Rational::small`] and [`Rational::big`]: lowest terms, positive denominator, and `Small`
/// whenever both fit, so that equal fractions are equal values.
#[derive(Clone, PartialEq, Eq)]
enum Terms {
    Small(i64, i64),
    Big(Box<num_rational::Ratio<BigInt>>),
}

impl Rational {
    /// Zero.
    pub const ZERO: Self = Self(Terms::Small(0, 1));
    /// One.
    pub const ONE: Self = Self(Terms::Small(1, 1));
    /// A hundred, for per cent.
    pub const HUNDRED: Self = Self(Terms::Small(100, 1));

    /// A whole number.
    #[must_use]
    pub const fn whole(value: i64) -> Self {
        Self(Terms::Small(value, 1))
    }

    /// A fraction; `None` where the denominator is zero.
    #[must_use]
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let sign = i128::from(denominator.signum());
        Some(Self::small(sign * i128::from(numerator), sign * i128::from(denominator)))
    }

    /// Reads `12`, `-3.25` or `7/3`: digits with an optional sign, then nothing, decimals, or a bar and digits that
    /// are not all zero. `None` for anything else, exponents included.
    ///
    /// ```
    /// use disclosure::knowledge::Rational;
    /// let half = Rational::parse("-0.50").and_then(|half| half.text().into());
    /// assert_eq!(half.as_deref(), Some("-1/2"));
    /// assert!(["", "1e3", ".5", "5.", "1/0", "1/-2", "+-1", "1 "].iter().all(|text| Rational::parse(text).is_none()));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (numerator, denominator): (BigInt, BigInt) =
            if let Some((above, below)) = unsigned.split_once('/') {
                if !digits(above) || !digits(below) {
                    return None;
                }
                (above.parse().ok()?, below.parse().ok()?)
            } else {
                let (whole, decimals) = match unsigned.split_once('.') {
                    Some((whole, decimals)) if digits(decimals) => (whole, decimals),
                    Some(_) => return None,
                    None => (unsigned, ""),
                };
                if !digits(whole) {
                    return None;
                }
                let places = u32::try_from(decimals.len()).ok()?;
                (format!("{whole}{decimals}").parse().ok()?, BigInt::from(10).pow(places))
            };
        if denominator.is_zero() {
            return None;
        }
        let numerator = if negative { -numerator } else { numerator };
        Some(Self::big(num_rational::Ratio::new(numerator, denominator)))
    }

    /// The digits: `12` or `7/3`. The one door: whoever calls this may be handling a classified figure.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.0 {
            Terms::Small(numerator, 1) => numerator.to_string(),
            Terms::Small(numerator, denominator) => format!("{numerator}/{denominator}"),
            Terms::Big(ratio) if ratio.is_integer() => ratio.numer().to_string(),
            Terms::Big(ratio) => format!("{}/{}", ratio.numer(), ratio.denom()),
        }
    }

    /// Whether it is a whole number.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Terms::Small(_, denominator) => *denominator == 1,
            Terms::Big(ratio) => ratio.is_integer(),
        }
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == Self::ZERO.0
    }

    /// Whether it is above zero.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        match &self.0 {
            Terms::Small(numerator, _) => *numerator > 0,
            Terms::Big(ratio) => ratio.is_positive(),
        }
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        !self.is_zero() && !self.is_positive()
    }

    /// Its magnitude.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// One over it; `None` for zero.
    #[must_use]
    pub fn reciprocal(&self) -> Option<Self> {
        match &self.0 {
            Terms::Small(0, _) => None,
            Terms::Small(numerator, denominator) => {
                let sign = i128::from(numerator.signum());
                Some(Self::fitted(sign * i128::from(*denominator), sign * i128::from(*numerator)))
            }
            Terms::Big(ratio) => Some(Self::big(ratio.recip())),
        }
    }

    /// `self / divisor`; `None` where the divisor is zero.
    #[must_use]
    pub fn over(&self, divisor: &Self) -> Option<Self> {
        divisor.reciprocal().map(|reciprocal| self * &reciprocal)
    }

    /// The largest whole number that is not above.
    #[must_use]
    pub fn floor(&self) -> Self {
        match &self.0 {
            Terms::Small(numerator, denominator) => Self::whole(numerator.div_euclid(*denominator)),
            Terms::Big(ratio) => Self::big(ratio.floor()),
        }
    }

    /// The smallest whole number that is not below.
    #[must_use]
    pub fn ceiling(&self) -> Self {
        -&(-self).floor()
    }

    /// The part towards zero, as a whole number.
    #[must_use]
    pub fn truncated(&self) -> Self {
        if self.is_negative() { self.ceiling() } else { self.floor() }
    }

    /// A fraction of 128-bit terms, `denominator` positive; the terms need not be the lowest.
    fn small(numerator: i128, denominator: i128) -> Self {
        if denominator == 1 {
            return Self::fitted(numerator, 1);
        }
        let divisor = divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        match i128::try_from(divisor) {
            Ok(divisor) if divisor > 1 => Self::fitted(numerator / divisor, denominator / divisor),
            _ => Self::fitted(numerator, denominator),
        }
    }

    /// A fraction of 128-bit terms that are the lowest.
    fn fitted(numerator: i128, denominator: i128) -> Self {
        match (i64::try_from(numerator), i64::try_from(denominator)) {
            (Ok(numerator), Ok(denominator)) => Self(Terms::Small(numerator, denominator)),
            _ => Self(Terms::Big(Box::new(num_rational::Ratio::new_raw(
                BigInt::from(numerator),
                BigInt::from(denominator),
            )))),
        }
    }

    fn big(ratio: num_rational::Ratio<BigInt>) -> Self {
        match (ratio.numer().to_i64(), ratio.denom().to_i64()) {
            (Some(numerator), Some(denominator)) => Self(Terms::Small(numerator, denominator)),
            _ => Self(Terms::Big(Box::new(ratio))),
        }
    }

    fn widened(&self) -> num_rational::Ratio<BigInt> {
        match &self.0 {
            Terms::Small(numerator, denominator) => {
                num_rational::Ratio::new_raw(BigInt::from(*numerator), BigInt::from(*denominator))
            }
            Terms::Big(ratio) => (**ratio).clone(),
        }
    }
}

fn divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Add for &Rational {
    type Output = Rational;

    fn add(self, other: Self) -> Rational {
        match (&self.0, &other.0) {
            (Terms::Small(n, d), Terms::Small(m, e)) => {
                let ([n, d], [m, e]) = ([*n, *d].map(i128::from), [*m, *e].map(i128::from));
                // Each product is below 2^126 in magnitude, so the sum fits.
                if d == e { Rational::small(n + m, d) } else { Rational::small(n * e + m * d, d * e) }
            }
            _ => Rational::big(self.widened() + other.widened()),
        }
    }
}

impl Sub for &Rational {
    type Output = Rational;

    fn sub(self, other: Self) -> Rational {
        self + &-other
    }
}

impl Mul for &Rational {
    type Output = Rational;

    fn mul(self, other: Self) -> Rational {
        match (&self.0, &other.0) {
            (Terms::Small(n, d), Terms::Small(m, e)) => {
                let ([n, d], [m, e]) = ([*n, *d].map(i128::from), [*m, *e].map(i128::from));
                Rational::small(n * m, d * e)
            }
            _ => Rational::big(self.widened() * other.widened()),
        }
    }
}

impl Neg for &Rational {
    type Output = Rational;

    fn neg(self) -> Rational {
        match &self.0 {
            Terms::Small(numerator, denominator) => {
                Rational::fitted(-i128::from(*numerator), i128::from(*denominator))
            }
            Terms::Big(ratio) => Rational::big(-(**ratio).clone()),
        }
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Terms::Small(n, d), Terms::Small(m, e)) => {
                (i128::from(*n) * i128::from(*e)).cmp(&(i128::from(*m) * i128::from(*d)))
            }
            _ => self.widened().cmp(&other.widened()),
        }
    }
}

impl fmt::Debug for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rational")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wide(rational: &Rational) -> num_rational::Ratio<BigInt> {
        rational.widened()
    }

    fn edge() -> impl Strategy<Value = i64> {
        prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0), Just(1), Just(-1), -20_i64..20, any::<i64>()]
    }

    proptest! {
        #[test]
        fn small_and_big_terms_agree(n in edge(), d in edge(), m in edge(), e in edge()) {
            let (Some(a), Some(b)) = (Rational::new(n, d), Rational::new(m, e)) else { return Ok(()) };
            let [x, y] = [wide(&a), wide(&b)];
            prop_assert!(wide(&(&a + &b)) == &x + &y);
            prop_assert!(wide(&(&a - &b)) == &x - &y);
            prop_assert!(wide(&(&a * &b)) == &x * &y);
            prop_assert!(wide(&a.floor()) == x.floor() && wide(&a.ceiling()) == x.ceil());
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
            if let Some(quotient) = a.over(&b) {
                prop_assert!(&quotient * &b == a);
            }
            prop_assert!(Rational::parse(&a.text()) == Some(a.clone()));
            // One value, one form: past 64 bits and back is where it was.
            let there = &(&a * &b) * &Rational::whole(i64::MAX);
            prop_assert!(there.over(&Rational::whole(i64::MAX)) == Some(&a * &b));
        }
    }

    #[test]
    fn nothing_is_printed() {
        assert_eq!(format!("{:?}", Rational::whole(42)), "Rational");
    }
}
