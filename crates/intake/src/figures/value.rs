//! One field to one figure or flag, and what is wrong with it.

use crate::fault::Trouble;
use crate::grid::INEXACT;
use crate::number::{NumberError, decimal_text};

/// Bounds of a figure, in whole units of the scale, both allowed.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) decimals: u32,
}

impl Bounds {
    pub(crate) fn trouble(self) -> Trouble {
        Trouble::OutOfRange {
            low: decimal_text(self.low, self.decimals),
            high: decimal_text(self.high, self.decimals),
        }
    }

    /// What is wrong with a figure, if anything.
    pub(crate) fn check(self, units: i64) -> Option<Trouble> {
        if units < 0 && self.low >= 0 {
            return Some(Trouble::NegativeValue);
        }
        (units < self.low || units > self.high).then(|| self.trouble())
    }
}

/// What to say of a text that is no figure. The text is repeated only where it has no digit, so that no message
/// carries a figure.
pub(crate) fn number_trouble(error: NumberError, text: &str, decimals: u32, bounds: Bounds) -> Trouble {
    const TEXT_CHARS_MAX: usize = 40;
    if text == INEXACT {
        return Trouble::InexactNumber;
    }
    match error {
        NumberError::Empty => Trouble::MissingValue,
        NumberError::NotANumber => {
            let has_digit = text.chars().any(char::is_numeric);
            let shown = if has_digit { String::new() } else { text.chars().take(TEXT_CHARS_MAX).collect() };
            Trouble::NotANumber { text: shown }
        }
        NumberError::Ambiguous => Trouble::AmbiguousNumber,
        NumberError::TooFine if decimals == 0 => Trouble::NotWhole,
        NumberError::TooFine => Trouble::TooManyDecimals { decimals },
        NumberError::OutOfRange => bounds.trouble(),
    }
}

/// The flag of a field; an empty one is no.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, Trouble> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "yes" | "true" => Ok(true),
        "" | "0" | "no" | "false" => Ok(false),
        _ => Err(Trouble::BadFlag),
    }
}
