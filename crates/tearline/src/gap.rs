//! The gap: how far a pattern may be from the lightest possible, as a share of its own weight.
//!
//! Kept in whole millionths and rounded against the claim, so that a gap that is shown is never smaller than the true one.

use std::fmt;
use std::str::FromStr;

/// A whole, in millionths.
const WHOLE: u32 = 1_000_000;
/// Millionths of one per cent.
const PERCENT: u32 = 10_000;
/// Decimals of a share in per cent that still are whole millionths.
const DECIMALS_MAX: usize = 4;

/// A share between 0 and 100 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    ppm: u32,
}

/// Why a text is no gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GapError {
    /// Not a decimal number.
    #[error("not a share in per cent; write `5%` or `0.5%`, or `0` for the lightest pattern")]
    NotANumber,
    /// No unit, so that `5` could be a factor or per cent.
    #[error("the share has no unit; write per cent, such as `5%`")]
    NoUnit,
    /// More than the weight itself.
    #[error("the share is at most `100%`")]
    TooLarge,
    /// Finer than a millionth.
    #[error("the share has at most {DECIMALS_MAX} decimals")]
    TooFine,
}

impl Gap {
    /// None: the pattern is the lightest.
    pub const NONE: Self = Self { ppm: 0 };

    /// The share of `weight` that lies above `bound`, rounded up; none where the bound reaches the weight.
    #[must_use]
    pub fn between(weight: u128, bound: u128) -> Self {
        let Some(above) = weight.checked_sub(bound).filter(|above| *above > 0) else { return Self::NONE };
        // Past 2^108 both are cut by the same factor, the part above rounded up.
        let cut = 128_u32.saturating_sub(weight.leading_zeros()).saturating_sub(108);
        let above = (above >> cut) + u128::from(cut > 0);
        let ppm = (above * u128::from(WHOLE)).div_ceil((weight >> cut).max(1));
        Self { ppm: u32::try_from(ppm).unwrap_or(WHOLE).min(WHOLE) }
    }

    /// In millionths, as the engine takes it.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.ppm
    }

    /// As it is shown: rounded up to a hundredth of one per cent.
    #[must_use]
    pub const fn shown(self) -> Self {
        Self { ppm: self.ppm.div_ceil(PERCENT / 100) * (PERCENT / 100) }
    }

    /// In per cent with two decimals, rounded up: `4.53`.
    #[must_use]
    pub fn percent(self) -> String {
        let hundredths = self.ppm.div_ceil(PERCENT / 100);
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.percent())
    }
}

impl FromStr for Gap {
    type Err = GapError;

    fn from_str(text: &str) -> Result<Self, GapError> {
        let (number, has_unit) = match text.trim().strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (text.trim(), false),
        };
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return Err(GapError::NotANumber);
        }
        if decimals.len() > DECIMALS_MAX {
            return Err(GapError::TooFine);
        }
        let parts: u64 =
            format!("{whole}{decimals:0<DECIMALS_MAX$}").parse().map_err(|_| GapError::TooLarge)?;
        let ppm = u32::try_from(parts).ok().filter(|ppm| *ppm <= WHOLE).ok_or(GapError::TooLarge)?;
        if ppm > 0 && !has_unit {
            return Err(GapError::NoUnit);
        }
        Ok(Self { ppm })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_exactly() {
        let cases = [
            ("0", Ok(0)),
            ("0%", Ok(0)),
            ("5%", Ok(50_000)),
            (" 5 % ", Ok(50_000)),
            ("0.5%", Ok(5_000)),
            ("0.0001%", Ok(1)),
            ("100%", Ok(1_000_000)),
            ("100.0001%", Err(GapError::TooLarge)),
            ("99999999999999999999%", Err(GapError::TooLarge)),
            ("0.00001%", Err(GapError::TooFine)),
            ("5", Err(GapError::NoUnit)),
            ("0.05", Err(GapError::NoUnit)),
            ("", Err(GapError::NotANumber)),
            ("%", Err(GapError::NotANumber)),
            ("5,5%", Err(GapError::NotANumber)),
            (".5%", Err(GapError::NotANumber)),
            ("5.%", Err(GapError::NotANumber)),
            ("-1%", Err(GapError::NotANumber)),
            ("five", Err(GapError::NotANumber)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Gap>().map(Gap::ppm), expected, "{text}");
        }
    }

    #[test]
    fn a_gap_is_never_made_smaller() {
        let cases = [
            (0, 0, "0.00"),
            (952, 952, "0.00"),
            (952, 953, "0.00"),
            (1_000_000_000, 999_999_999, "0.01"),
            (100, 95, "5.00"),
            (3, 2, "33.34"),
            (7, 0, "100.00"),
            (u128::MAX, 0, "100.00"),
            (u128::MAX, u128::MAX - 1, "0.01"),
        ];
        for (weight, bound, expected) in cases {
            assert_eq!(Gap::between(weight, bound).percent(), expected, "{weight} {bound}");
        }
    }
}
