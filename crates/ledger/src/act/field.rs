//! Fields of acts: codes, times, numbers and texts, each with one spelling.
//!
//! Outside data becomes one of these types once; what is inside an act needs no second look.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::OFFICE;

/// Why a text cannot stand in an act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// A code of a member, a company or the office.
    #[error("a code has 1 to 64 characters out of A-Z, a-z, 0-9, `-`, `_` and `.`")]
    Code,
    /// An id of a part of the standards.
    #[error(
        "an id of a standard has 1 to 128 characters out of A-Z, a-z, 0-9 and `. _ : + -`, the first a letter or digit"
    )]
    Part,
    /// A time.
    #[error("a time is written `YYYY-MM-DDTHH:MM:SSZ`, in UTC, from year 1970 to 9999")]
    Time,
    /// A number.
    #[error("`{name}` is a whole number from 1 to {max}")]
    Number {
        /// Which number.
        name: &'static str,
        /// Largest one allowed.
        max: u64,
    },
    /// An id of a package.
    #[error(
        "an id of a package is a UUID, written as 8, 4, 4, 4 and 12 lower-case hex digits with `-` between them"
    )]
    Uuid,
    /// A text for people.
    #[error("`{name}` has 1 to {max} characters, none of them control or direction-changing characters")]
    Text {
        /// Which text.
        name: &'static str,
        /// Longest one allowed, in characters.
        max: usize,
    },
}

/// Code of an actor: a member, a company or the office.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

impl Code {
    /// # Errors
    /// [`FieldError::Code`] unless the text has 1 to 64 characters out of `A-Z a-z 0-9 - _ .`.
    pub fn new(text: &str) -> Result<Self, FieldError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(FieldError::Code);
        }
        Ok(Self(text.to_owned()))
    }

    /// The code of the releasing office, [`OFFICE`].
    #[must_use]
    pub fn office() -> Self {
        Self(OFFICE.to_owned())
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Code {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Code {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        Self::new(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

/// Id of a part of the standards, as the registry has it: of a cover document, a covered standard or a volume, in one edition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartId(String);

impl PartId {
    /// Longest id in bytes; the longest of the public registry of interoperability standards has 46.
    pub const BYTES_MAX: usize = 128;

    /// # Errors
    /// [`FieldError::Part`] unless the text has 1 to 128 characters out of `A-Z a-z 0-9 . _ : + -`, the first a letter or digit.
    pub fn new(text: &str) -> Result<Self, FieldError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'+' | b'-');
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if !begins || text.len() > Self::BYTES_MAX || !text.bytes().all(allowed) {
            return Err(FieldError::Part);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PartId {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::new(text)
    }
}

impl TryFrom<String> for PartId {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        Self::new(&text)
    }
}

impl From<PartId> for String {
    fn from(id: PartId) -> Self {
        id.0
    }
}

/// A second in UTC, `YYYY-MM-DDTHH:MM:SSZ`. The order of the texts is the order of the times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcTime([u8; 20]);

impl UtcTime {
    /// # Errors
    /// [`FieldError::Time`] for any other form, a date that does not exist, or a leap second: `23:59:60` has no place in a log
    /// whose clocks do not agree on it.
    pub fn new(text: &str) -> Result<Self, FieldError> {
        let bytes: [u8; 20] = text.as_bytes().try_into().map_err(|_| FieldError::Time)?;
        let shape = b"dddd-dd-ddTdd:dd:ddZ";
        let shaped =
            bytes.iter().zip(shape).all(|(b, s)| if *s == b'd' { b.is_ascii_digit() } else { b == s });
        if !shaped {
            return Err(FieldError::Time);
        }
        let number = |from: usize, to: usize| {
            bytes.iter().take(to).skip(from).fold(0_u32, |sum, b| sum * 10 + u32::from(b - b'0'))
        };
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
        let exists = year >= 1970 && (1..=days_in_month(year, month)).contains(&day);
        if !exists || hour > 23 || minute > 59 || second > 59 {
            return Err(FieldError::Time);
        }
        Ok(Self(bytes))
    }

    /// Seconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
    #[must_use]
    pub fn posix_seconds(self) -> u64 {
        let number = |from: usize, to: usize| {
            let digits = self.0.iter().take(to).skip(from);
            digits.fold(0_u64, |sum, b| sum * 10 + u64::from(b - b'0'))
        };
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        // INVARIANT: `new` admits years from 1970 and months from 1 to 12 only.
        let years = year - 1970;
        let leaps = |year: u64| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
        let months: u64 = (1..month).map(|month| u64::from(days_in_month(year as u32, month as u32))).sum();
        let days = years * 365 + leaps(year) - leaps(1970) + months + day - 1;
        days * 86_400 + number(11, 13) * 3_600 + number(14, 16) * 60 + number(17, 19)
    }
}

/// Days in a month of the Gregorian calendar; 0 for a month that does not exist.
#[must_use]
pub fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| fmt::Write::write_char(f, char::from(*b)))
    }
}

impl fmt::Debug for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UtcTime {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::new(text)
    }
}

impl TryFrom<String> for UtcTime {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        Self::new(&text)
    }
}

impl From<UtcTime> for String {
    fn from(time: UtcTime) -> Self {
        time.to_string()
    }
}

/// A number that counts from one. `$max` stays below 2^53, so that a reader which keeps numbers as doubles reads it exactly.
macro_rules! ordinal {
    ($(#[$doc:meta])* $type:ident, $name:literal, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $type(u64);

        impl $type {
            /// The first one.
            pub const FIRST: Self = Self(1);

            /// # Errors
            /// [`FieldError::Number`] for zero and for numbers past the largest one.
            pub fn new(number: u64) -> Result<Self, FieldError> {
                if (1..=$max).contains(&number) {
                    Ok(Self(number))
                } else {
                    Err(FieldError::Number { name: $name, max: $max })
                }
            }

            /// The number.
            #[must_use]
            pub fn get(self) -> u64 {
                self.0
            }

            /// The number after this one, unless this is the largest.
            #[must_use]
            pub fn next(self) -> Option<Self> {
                Self::new(self.0 + 1).ok()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl TryFrom<u64> for $type {
            type Error = FieldError;

            fn try_from(number: u64) -> Result<Self, FieldError> {
                Self::new(number)
            }
        }

        impl From<$type> for u64 {
            fn from(number: $type) -> u64 {
                number.0
            }
        }
    };
}

ordinal! {
    /// Counts the acts that one actor has signed. It only ever rises, which bars replay.
    Counter, "counter", (1 << 53) - 1
}
ordinal! {
    /// Which time a draft circulates.
    RoundNumber, "round", u32::MAX as u64
}
ordinal! {
    /// Counts the changes of the registry of standards that took effect.
    Revision, "revision", (1 << 53) - 1
}
ordinal! {
    /// How many keys of one delegation must say the same before the delegation has said it.
    Quorum, "quorum", 64
}
ordinal! {
    /// Version of the roster.
    Epoch, "roster_epoch", u32::MAX as u64
}

/// How many lines a text for people may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

/// True for a text that shows what it says: no control characters, no characters that change the reading direction, with which a
/// signer could be shown other words than were signed.
fn is_plain(text: &str, chars_max: usize, lines: Lines) -> bool {
    let directional = |c: char| matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let broken = |c: char| c.is_control() && !(lines == Lines::Many && matches!(c, '\n' | '\t'));
    // `take` keeps the count within the bound however long the text is.
    let chars = text.chars().take(chars_max + 1).count();
    (1..=chars_max).contains(&chars)
        && !text.trim().is_empty()
        && !text.chars().any(|c| broken(c) || directional(c))
}

/// A bounded text for people.
macro_rules! plain_text {
    ($(#[$doc:meta])* $type:ident, $name:literal, $max:expr, $lines:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// # Errors
            /// [`FieldError::Text`] for an empty or too long text and for characters that hide what it says.
            pub fn new(text: &str) -> Result<Self, FieldError> {
                if is_plain(text, $max, $lines) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(FieldError::Text { name: $name, max: $max })
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = FieldError;

            fn try_from(text: String) -> Result<Self, FieldError> {
                Self::new(&text)
            }
        }

        impl From<$type> for String {
            fn from(text: $type) -> String {
                text.0
            }
        }
    };
}

plain_text! {
    /// Title of a draft, one line. Rounds of one draft share it.
    Title, "title", 200, Lines::One
}
plain_text! {
    /// Name of a company or another receiver, one line.
    Name, "name", 200, Lines::One
}
plain_text! {
    /// Why somebody objects, reserves, withdraws or revokes, or what an amendment asks for.
    Reason, "reason", 2_000, Lines::Many
}
plain_text! {
    /// A witness policy (C2SP tlog-policy). Read by [`crate::policy`], only carried here.
    PolicyText, "witnesses", 32_768, Lines::Many
}
plain_text! {
    /// A checkpoint with its signature lines (C2SP tlog-checkpoint). Read by [`crate::checkpoint`], only carried here.
    CheckpointText, "checkpoint", 40_000, Lines::Many
}
plain_text! {
    /// A confidentiality label in XML (STANAG 4774). Read by `label`, only carried here.
    LabelXml, "label", 16_384, Lines::Many
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posix_seconds_count_leap_days_and_no_leap_seconds() {
        // date -u -d TIME +%s
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:34:56Z", 951_827_696),
            ("2026-03-01T00:00:00Z", 1_772_323_200),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(UtcTime::new(text).unwrap().posix_seconds(), seconds, "{text}");
        }
    }
}
