//! The two kinds of plain value in a label: short texts and times.

use std::{fmt, str::FromStr};

use crate::{error::LabelError, xml::is_space};

/// A short text for people: 1 to [`Text::CHARS_MAX`] characters, none of which hides or reorders the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(String);

impl Text {
    /// Longest text in characters. The longest value of the public sample of the NATO policy has 60.
    pub const CHARS_MAX: usize = 256;

    /// # Errors
    /// [`LabelError::Text`] for an empty or too long text, spaces at the ends, control characters, and characters that change
    /// the reading direction (Unicode UAX #9, section 2), with which a reader could be shown another label than was signed.
    pub fn new(text: &str) -> Result<Self, LabelError> {
        let directional = |c: char| matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
        // U+FFFE and U+FFFF cannot be written in XML at all (XML 1.0, section 2.2).
        let unwritable = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
        let chars = text.chars().take(Self::CHARS_MAX + 1).count();
        let broken = text.trim() != text || text.chars().any(|c| directional(c) || unwritable(c));
        if chars == 0 || chars > Self::CHARS_MAX || broken {
            return Err(LabelError::Text { allowed: Self::CHARS_MAX });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A text out of the closed sets of this crate.
    pub(crate) fn of_ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The text of an element or attribute, white space at its ends taken off.
    ///
    /// # Errors
    /// [`LabelError::Text`].
    pub(crate) fn trimmed(text: &str) -> Result<Self, LabelError> {
        Self::new(text.trim_matches(is_space))
    }

    /// True when both say the same. Values of the NATO and PUBLIC policies match without regard to case (ADatP-4774, chapter 5).
    #[must_use]
    pub fn says(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A time in UTC. Labels issued here name it to the second, as `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339, section 5.6), which is the only
/// form that [`FromStr`] takes; labels of others, which a [`crate::Document`] holds, may be finer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcTime(jiff::Timestamp);

impl UtcTime {
    /// A time in any form of XML Schema that says its offset from UTC.
    ///
    /// # Errors
    /// [`LabelError::Time`] for anything else; a time without offset could be any of twenty-four hours.
    pub(crate) fn of_any_form(text: &str) -> Result<Self, LabelError> {
        text.parse::<jiff::Timestamp>().map(Self).map_err(|_| LabelError::Time)
    }
}

impl FromStr for UtcTime {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let time = text.parse::<jiff::Timestamp>().map_err(|_| LabelError::Time)?;
        // One form only: offsets, fractions and lower-case letters would make two texts of one label.
        if text.len() == "YYYY-MM-DDTHH:MM:SSZ".len() && time.to_string() == text {
            Ok(Self(time))
        } else {
            Err(LabelError::Time)
        }
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_hide_something_are_refused() {
        for bad in
            ["", " ", "a ", " a", "a\nb", "a\u{0}b", "a\u{202E}b", "a\u{200B}b", "\u{FEFF}a", "a\u{FFFF}"]
        {
            assert_eq!(Text::new(bad), Err(LabelError::Text { allowed: 256 }), "{bad:?}");
        }
        assert!(Text::new(&"a".repeat(256)).is_ok());
        assert!(Text::new(&"a".repeat(257)).is_err());
        assert!(Text::new("Türkiye & <Österreich>").is_ok());
    }

    #[test]
    fn a_time_has_one_form() {
        assert_eq!("2026-11-22T16:00:00Z".parse::<UtcTime>().unwrap().to_string(), "2026-11-22T16:00:00Z");
        for bad in [
            "2026-11-22T16:00:00+00:00",
            "2026-11-22t16:00:00z",
            "2026-11-22T16:00:00.0Z",
            "2026-11-22T16:00:00.5Z",
            "2026-02-30T16:00:00Z",
            "2026-11-22 16:00:00Z",
            "2026-11-22T23:59:60Z",
            "2026-11-22",
            "",
        ] {
            assert_eq!(bad.parse::<UtcTime>(), Err(LabelError::Time), "{bad}");
        }
    }
}
