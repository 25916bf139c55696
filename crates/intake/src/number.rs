//! Decimal text to exact whole units, and parameters to exact fractions. Nothing is ever rounded.
//!
//! Accepted: an optional sign, digits, optionally a point and decimals, optionally an exponent. Refused with a
//! reason of its own: thousands separators, which mean different things in different countries, and whatever
//! the declared number of decimals cannot hold.

use disclosure::{Figure, Ratio};

use crate::limits::{DECIMALS_MAX, PARAMETER_DIGITS_MAX};

/// Why a text is not a figure of the declared scale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NumberError {
    Empty,
    NotANumber,
    Ambiguous,
    /// Finer than the declared decimals.
    TooFine,
    OutOfRange,
}

/// Reads decimal text as whole units of `10^-decimals`, its magnitude below [`Figure::LIMIT`].
///
/// Cost: linear in the text.
pub(crate) fn parse_units(text: &str, decimals: u32) -> Result<i64, NumberError> {
    let text = text.trim_matches([' ', '\t']);
    if let Some(units) = plain(text, decimals) {
        return Ok(units);
    }
    let decimal = Decimal::parse(text)?;
    decimal.to_units(decimals)
}

/// The common case: up to 18 digits and nothing else, in a table without decimals.
fn plain(text: &str, decimals: u32) -> Option<i64> {
    if decimals != 0 || text.is_empty() || text.len() > 18 {
        return None;
    }
    text.bytes()
        .try_fold(0_i64, |units, byte| byte.is_ascii_digit().then(|| units * 10 + i64::from(byte - b'0')))
}

/// `sign 0.d1d2d3... * 10^point`, digits without leading and trailing zeros.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    /// How many digits stand before the point; negative where zeros follow the point.
    point: i64,
    /// Written as one to three digits, a point and exactly three digits: a thousand elsewhere.
    looks_grouped: bool,
    has_exponent: bool,
}

impl Decimal {
    fn parse(text: &str) -> Result<Self, NumberError> {
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        let (negative, unsigned) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(parse_exponent(exponent)?)),
            None => (unsigned, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(refusal(mantissa)),
            Some((whole, fraction)) => (whole, fraction),
            None => (mantissa, ""),
        };
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
            return Err(refusal(mantissa));
        }
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        let leading = digits.iter().take_while(|&&digit| digit == 0).count();
        digits.drain(..leading);
        let trailing = digits.iter().rev().take_while(|&&digit| digit == 0).count();
        digits.truncate(digits.len() - trailing);
        let looks_grouped = (1..=3).contains(&whole.len()) && !whole.starts_with('0') && fraction.len() == 3;
        // Fields are bounded, so lengths fit; the exponent is clamped far below the range of 64 bits.
        let point = whole.len() as i64 - leading as i64 + exponent.unwrap_or(0);
        Ok(Self { negative, digits, point, looks_grouped, has_exponent: exponent.is_some() })
    }

    fn to_units(&self, decimals: u32) -> Result<i64, NumberError> {
        if self.digits.is_empty() {
            return Ok(0);
        }
        if self.looks_grouped && decimals < 3 && self.point >= self.digits.len() as i64 {
            return Err(NumberError::Ambiguous);
        }
        let length = self.point + i64::from(decimals);
        if length > 19 {
            // An exponent is taken only when the exact value is in range.
            return Err(if self.has_exponent { NumberError::NotANumber } else { NumberError::OutOfRange });
        }
        if (self.digits.len() as i64) > length {
            return Err(NumberError::TooFine);
        }
        // At most 19 digits: below 10^19, which fits 128 bits easily.
        let mut units = self.digits.iter().fold(0_i128, |units, &digit| units * 10 + i128::from(digit));
        for _ in self.digits.len() as i64..length {
            units *= 10;
        }
        match i64::try_from(units) {
            Ok(units) if units < Figure::LIMIT => Ok(if self.negative { -units } else { units }),
            _ if self.has_exponent => Err(NumberError::NotANumber),
            _ => Err(NumberError::OutOfRange),
        }
    }
}

fn parse_exponent(text: &str) -> Result<i64, NumberError> {
    const FAR: i64 = 1_000_000;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotANumber);
    }
    // Too long for 64 bits is as far off as a million.
    let size = digits.parse::<i64>().unwrap_or(FAR).min(FAR);
    Ok(if negative { -size } else { size })
}

/// Digits with marks between them may be a number in some country; anything else is none.
fn refusal(mantissa: &str) -> NumberError {
    let is_mark = |c: char| matches!(c, ',' | '.' | '\'' | '\u{2019}' | '_' | ' ' | '\u{a0}' | '\u{202f}');
    let is_grouped = mantissa.chars().all(|c| c.is_ascii_digit() || is_mark(c))
        && mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.ends_with(|c: char| c.is_ascii_digit());
    if is_grouped { NumberError::Ambiguous } else { NumberError::NotANumber }
}

/// A parameter: its sign, and its magnitude as an exact fraction. `None` where it is no number, or has more than
/// [`PARAMETER_DIGITS_MAX`] digits on either side of the fraction bar.
pub(crate) fn parse_parameter(text: &str) -> Option<(bool, Ratio)> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some((numerator, denominator)) = unsigned.split_once('/') {
        let ratio = Ratio::new(short_whole(numerator)?, short_whole(denominator)?)?;
        return Some((negative, ratio));
    }
    // TOML allows underscores between digits; they carry no meaning.
    let decimal = Decimal::parse(&unsigned.replace('_', "")).ok()?;
    if decimal.negative || decimal.digits.len() > PARAMETER_DIGITS_MAX {
        return None;
    }
    let decimals = u32::try_from((decimal.digits.len() as i64 - decimal.point).max(0)).ok()?;
    if decimals as usize > PARAMETER_DIGITS_MAX || decimal.point > PARAMETER_DIGITS_MAX as i64 {
        return None;
    }
    let ungrouped = Decimal { looks_grouped: false, ..decimal };
    let ratio = Ratio::new(ungrouped.to_units(decimals).ok()?, 10_i64.checked_pow(decimals)?)?;
    Some((negative, ratio))
}

fn short_whole(text: &str) -> Option<i64> {
    let digits =
        !text.is_empty() && text.len() <= PARAMETER_DIGITS_MAX && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// A level in exact fractions of a unit of the declared scale: `text * 10^decimals`.
pub(crate) fn parse_level(text: &str, decimals: u32) -> Result<Ratio, NumberError> {
    let decimal = Decimal::parse(text.trim_matches([' ', '\t']))?;
    let finer = u32::try_from((decimal.digits.len() as i64 - decimal.point - i64::from(decimals)).max(0));
    let finer = finer.ok().filter(|&finer| finer <= DECIMALS_MAX).ok_or(NumberError::TooFine)?;
    let units = decimal.to_units(decimals + finer)?;
    let ratio =
        if decimal.negative && units != 0 { None } else { Ratio::new(units.abs(), 10_i64.pow(finer)) };
    ratio.ok_or(NumberError::NotANumber)
}

/// `units * factor`, exactly, in the same scale.
pub(crate) fn times(units: i64, factor: Ratio) -> Result<i64, NumberError> {
    let product = i128::from(units) * i128::from(factor.numerator());
    let denominator = i128::from(factor.denominator());
    if product % denominator != 0 {
        return Err(NumberError::TooFine);
    }
    match i64::try_from(product / denominator) {
        Ok(units) if units.abs() < Figure::LIMIT => Ok(units),
        _ => Err(NumberError::OutOfRange),
    }
}

/// Whole units of `10^-decimals` as decimal text, for limits in messages and for reports.
#[must_use]
pub fn decimal_text(units: i64, decimals: u32) -> String {
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = decimals as usize + 1);
    let sign = if units < 0 { "-" } else { "" };
    match digits.split_at_checked(digits.len() - decimals as usize) {
        Some((whole, fraction)) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
        _ => format!("{sign}{digits}"),
    }
}

#[cfg(test)]
mod tests;
