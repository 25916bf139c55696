//! Boundaries of every form a number may take, and arbitrary text.

use disclosure::Ratio;
use proptest::prelude::*;

use super::{NumberError, decimal_text, parse_level, parse_parameter, parse_units, times};

#[test]
fn figures_are_exact_or_refused() {
    let cases: &[(&str, u32, Result<i64, NumberError>)] = &[
        ("5", 0, Ok(5)),
        ("-5", 0, Ok(-5)),
        ("+5", 0, Ok(5)),
        ("-0", 0, Ok(0)),
        ("007", 0, Ok(7)),
        (" 5 ", 0, Ok(5)),
        ("5.0", 0, Ok(5)),
        (".5", 1, Ok(5)),
        ("0.1", 1, Ok(1)),
        ("0.1", 3, Ok(100)),
        ("2.5", 0, Err(NumberError::TooFine)),
        ("2.125", 0, Err(NumberError::TooFine)),
        ("2.25", 1, Err(NumberError::TooFine)),
        ("0.0000000000000000000000000000000000000000000001", 2, Err(NumberError::TooFine)),
        ("9007199254740993", 0, Ok(9_007_199_254_740_993)),
        ("4611686018427387903", 0, Ok(4_611_686_018_427_387_903)),
        ("4611686018427387904", 0, Err(NumberError::OutOfRange)),
        ("461168601842738790.4", 1, Err(NumberError::OutOfRange)),
        ("170141183460469231731687303715884105728", 0, Err(NumberError::OutOfRange)),
        ("1e3", 0, Ok(1000)),
        ("25e-1", 1, Ok(25)),
        ("1E+2", 2, Ok(10_000)),
        ("1e400", 0, Err(NumberError::NotANumber)),
        ("1e99999999999999999999", 0, Err(NumberError::NotANumber)),
        ("1e20", 0, Err(NumberError::NotANumber)),
        ("0e400", 0, Ok(0)),
        ("NaN", 0, Err(NumberError::NotANumber)),
        ("inf", 0, Err(NumberError::NotANumber)),
        ("-", 0, Err(NumberError::NotANumber)),
        ("5.", 0, Err(NumberError::NotANumber)),
        ("0x10", 0, Err(NumberError::NotANumber)),
        ("٥", 0, Err(NumberError::NotANumber)),
        ("1,000", 0, Err(NumberError::Ambiguous)),
        ("1.000,00", 0, Err(NumberError::Ambiguous)),
        ("1 000", 0, Err(NumberError::Ambiguous)),
        ("1.000.000", 0, Err(NumberError::Ambiguous)),
        ("1'000", 0, Err(NumberError::Ambiguous)),
        ("1.000", 0, Err(NumberError::Ambiguous)),
        ("1.000", 3, Ok(1000)),
        ("0.000", 0, Ok(0)),
        ("", 0, Err(NumberError::Empty)),
        ("  ", 0, Err(NumberError::Empty)),
    ];
    for (text, decimals, expected) in cases {
        assert_eq!(parse_units(text, *decimals), *expected, "{text} with {decimals} decimals");
    }
}

#[test]
fn parameters_keep_their_decimal_text() {
    assert_eq!(parse_parameter("0.1"), Some((false, Ratio::new(1, 10).unwrap())));
    assert_eq!(parse_parameter("1e6"), Some((false, Ratio::whole(1_000_000))));
    assert_eq!(parse_parameter("-1"), Some((true, Ratio::whole(1))));
    assert_eq!(parse_parameter("2/3"), Some((false, Ratio::new(2, 3).unwrap())));
    assert_eq!(parse_parameter("1.000"), Some((false, Ratio::whole(1))));
    assert_eq!(parse_parameter("1/0"), None);
    assert_eq!(parse_parameter("nan"), None);
    assert_eq!(parse_parameter("0.12345678901234"), None);
}

#[test]
fn levels_are_exact_fractions_of_a_unit() {
    assert_eq!(parse_level("3.7", 0), Ok(Ratio::new(37, 10).unwrap()));
    assert_eq!(parse_level("3.7", 1), Ok(Ratio::whole(37)));
    assert_eq!(parse_level("4", 2), Ok(Ratio::whole(400)));
    assert_eq!(parse_level("-4", 0), Err(NumberError::NotANumber));
    assert_eq!(parse_level("0", 0), Ok(Ratio::ZERO));
}

#[test]
fn conversions_are_exact() {
    assert_eq!(times(2, Ratio::whole(120)), Ok(240));
    assert_eq!(times(3, Ratio::new(1, 2).unwrap()), Err(NumberError::TooFine));
    assert_eq!(times(1 << 61, Ratio::whole(2)), Err(NumberError::OutOfRange));
}

proptest! {
    #[test]
    fn any_text_gives_an_answer(text in ".{0,60}", decimals in 0_u32..16) {
        let _ = parse_units(&text, decimals);
        let _ = parse_level(&text, decimals);
        let _ = parse_parameter(&text);
    }

    #[test]
    fn text_and_units_are_inverse(units in -(1_i64 << 62) + 1..1_i64 << 62, decimals in 0_u32..16) {
        let text = decimal_text(units, decimals);
        // A group of three zeros after the point is refused below three decimals only.
        prop_assert_eq!(parse_units(&text, decimals), Ok(units));
    }
}
