//! Numbers as people read them, and as drawings need them. Floats are for drawings only.

/// Digits before the point in groups of three, with a narrow no-break space between (ISO 80000-1, 7.3.1).
pub(crate) fn grouped(text: &str) -> String {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (unsigned, String::new()),
    };
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    // Four digits read well without a space.
    let whole = if whole.len() > 4 { grouped } else { whole.to_owned() };
    format!("{sign}{whole}{fraction}")
}

/// A share in parts of a thousand as per cent with one decimal.
pub(crate) fn percent(permille: u64) -> String {
    format!("{}.{}\u{202f}%", permille / 10, permille % 10)
}

/// Words and a number: `1 cell`, `2 cells`.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{}\u{a0}{}", grouped(&count.to_string()), if count == 1 { one } else { several })
}

/// A whole number as a length; exact below 2^53, which no drawing comes near.
#[expect(clippy::cast_precision_loss, reason = "a drawing has a few hundred steps")]
pub(crate) fn float(number: i64) -> f64 {
    number as f64
}

/// A coordinate with one decimal: the same text on every platform.
pub(super) fn coordinate(length: f64) -> String {
    format!("{length:.1}")
}

/// Text cut to `length` characters, the last of them an ellipsis where something is missing.
pub(crate) fn shortened(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(length.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_before_the_point() {
        let cases = [
            ("0", "0"),
            ("1234", "1234"),
            ("12345", "12_345"),
            ("1234567.125", "1_234_567.125"),
            ("-12345", "-12_345"),
        ];
        for (text, expected) in cases {
            assert_eq!(grouped(text).replace('\u{202f}', "_"), expected);
        }
    }

    #[test]
    fn shares_have_one_decimal() {
        assert_eq!(percent(0), "0.0\u{202f}%");
        assert_eq!(percent(417), "41.7\u{202f}%");
        assert_eq!(percent(1_000), "100.0\u{202f}%");
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        assert_eq!(shortened("armoured", 8), "armoured");
        assert_eq!(shortened("armoured vehicle", 8), "armoure…");
    }
}
