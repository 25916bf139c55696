//! What hiding cells costs, from a column of the file: decimals of at least 0, or `never` where a cell must stay
//! published. Costs are whole numbers of the coarsest power of ten that holds all of them exactly.

use disclosure::problem::Cost;

use crate::fault::Trouble;
use crate::limits::COST_DECIMALS_MAX;
use crate::number;

/// Costs of one file, one a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// In units of `10^-decimals`.
    pub units: Vec<Cost>,
    /// Digits after the point.
    pub decimals: u32,
}

impl Costs {
    /// Costs from units of `10^-COST_DECIMALS_MAX`.
    pub(crate) fn from_finest(mut units: Vec<Cost>) -> Self {
        let mut decimals = COST_DECIMALS_MAX;
        while decimals > 0 && units.iter().flatten().all(|cost| cost % 10 == 0) {
            for cost in units.iter_mut().flatten() {
                *cost /= 10;
            }
            decimals -= 1;
        }
        Self { units, decimals }
    }
}

/// Whether a cost may be infinite: that of a cell may, a contribution's may not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Infinite {
    Allowed,
    Refused,
}

/// The cost in a field, in units of `10^-COST_DECIMALS_MAX`.
pub(crate) fn parse(text: &str, infinite: Infinite) -> Result<Cost, Trouble> {
    let word = text.trim();
    if infinite == Infinite::Allowed && ["never", "inf"].iter().any(|known| word.eq_ignore_ascii_case(known))
    {
        return Ok(None);
    }
    let units = number::parse_units(text, COST_DECIMALS_MAX).ok().and_then(|units| u64::try_from(units).ok());
    units.map(Some).ok_or(Trouble::BadCost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_decimals_of_at_least_zero_or_never() {
        let cases = [("3", Some(Some(3_000_000))), ("0", Some(Some(0))), ("0.25", Some(Some(250_000)))];
        for (text, expected) in cases {
            assert_eq!(parse(text, Infinite::Refused).ok(), expected, "{text}");
        }
        for text in ["never", "Never", " inf "] {
            assert_eq!(parse(text, Infinite::Allowed).ok(), Some(None), "{text}");
            assert!(parse(text, Infinite::Refused).is_err(), "{text}");
        }
        for text in ["", "-1", "0.0000001", "1e9999", "dear", "nan", "infinity"] {
            assert!(parse(text, Infinite::Allowed).is_err(), "{text}");
        }
    }

    #[test]
    fn the_coarsest_scale_that_is_exact_is_kept() {
        let units = |costs: &[u64]| costs.iter().map(|&cost| Some(cost)).collect::<Vec<Cost>>();
        let halves = Costs::from_finest(units(&[2_500_000, 0, 3_000_000]));
        assert_eq!(halves, Costs { units: units(&[25, 0, 30]), decimals: 1 });
        assert_eq!(Costs::from_finest(units(&[1, 10])).decimals, COST_DECIMALS_MAX);
        assert_eq!(
            Costs::from_finest(vec![None, Some(0)]),
            Costs { units: vec![None, Some(0)], decimals: 0 }
        );
    }
}
