//! Who takes part in the demo, and the code lists of its table: plain data in CSV files beside this one.
//!
//! The codes of the allies are real ones; nothing else about them is. Which ally is large or small in which capability is
//! drawn by lot ([`super::figures`]).

use ledger::act::{Code, Name};

use crate::failure::Failure;

/// The allies: `code,title`.
pub(super) const ALLIES: &str = include_str!("allies.csv");
/// The companies: `code,title`.
const COMPANIES: &str = include_str!("companies.csv");
/// The capabilities: `code,parent,title`.
pub(super) const CAPABILITIES: &str = include_str!("capability.csv");
/// The years: `code,parent,title`.
pub(super) const YEARS: &str = include_str!("year.csv");
/// What is protected, and how.
pub(super) const SPECIFICATION: &str = include_str!("spec.toml");

/// A line of a roster file.
pub(super) struct Party {
    pub(super) code: Code,
    pub(super) name: Name,
}

/// The allies, ascending by code.
pub(super) fn allies() -> Result<Vec<Party>, Failure> {
    parties(ALLIES)
}

/// The companies, ascending by code.
pub(super) fn companies() -> Result<Vec<Party>, Failure> {
    parties(COMPANIES)
}

fn parties(roster: &str) -> Result<Vec<Party>, Failure> {
    let party = |line: &str| {
        let (code, title) = line.split_once(',')?;
        Some(Party { code: Code::new(code).ok()?, name: Name::new(title).ok()? })
    };
    roster.lines().skip(1).map(party).collect::<Option<_>>().ok_or_else(|| shipped("a roster"))
}

/// The codes of a list that are nobody's parent, in the order of the list.
pub(super) fn lowest(list: &str) -> Vec<&str> {
    let rows: Vec<(&str, &str)> = list
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split(',');
            Some((fields.next()?, fields.next()?))
        })
        .collect();
    rows.iter()
        .filter(|(code, _)| rows.iter().all(|(_, parent)| parent != code))
        .map(|(code, _)| *code)
        .collect()
}

/// A fault of a file that comes with the program.
pub(super) fn shipped(what: &str) -> Failure {
    Failure::failed(format!("{what} that comes with the program is broken"), "install the program again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_two_allies_and_three_companies_stand_in_order() {
        let (allies, companies) = (allies().unwrap(), companies().unwrap());
        assert_eq!((allies.len(), companies.len()), (32, 3));
        assert!(allies.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(companies.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn lowest_codes_have_no_children() {
        assert_eq!(lowest(CAPABILITIES).len(), 13);
        assert_eq!(lowest(YEARS), ["2027", "2028", "2029", "2030", "2031", "2032", "2033", "2034"]);
    }
}
