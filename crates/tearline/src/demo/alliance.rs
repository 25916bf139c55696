//! Who takes part in the demo, and the code lists of its table: plain data in CSV files beside this one.
//!
//! The codes of the allies are real ones; nothing else about them is. Which ally is large or small in which capability is
//! drawn by lot ([`super::figures`]).

use ledger::act::{Code, Level, Name, ReceiverKind};

use office::standards::read_marking;

use crate::failure::Failure;

/// The allies: `code,title`.
pub(super) const ALLIES: &str = include_str!("allies.csv");
/// The companies: `code,title,state`; the state's delegation sponsors them.
const COMPANIES: &str = include_str!("companies.csv");
/// Bodies of the partner union: `code,title,state,sponsor,clearance`; one of them under a state that is no ally.
const PARTNERS: &str = include_str!("partners.csv");
/// The capabilities: `code,parent,title`.
pub(super) const CAPABILITIES: &str = include_str!("capability.csv");
/// The years: `code,parent,title`.
pub(super) const YEARS: &str = include_str!("year.csv");
/// What is protected, and how.
pub(super) const SPECIFICATION: &str = include_str!("spec.toml");

/// An ally.
pub(super) struct Ally {
    pub(super) code: Code,
}

/// A company, or a body of the partner union.
pub(super) struct Firm {
    pub(super) code: Code,
    pub(super) name: Name,
    pub(super) kind: ReceiverKind,
    /// Under whose law it receives.
    pub(super) state: Code,
    /// The ally that sponsors it.
    pub(super) sponsor: Code,
    /// The highest level that it is cleared for.
    pub(super) clearance: Level,
}

/// The allies, ascending by code.
pub(super) fn allies() -> Result<Vec<Ally>, Failure> {
    let ally = |line: &str| Some(Ally { code: Code::new(line.split_once(',')?.0).ok()? });
    ALLIES.lines().skip(1).map(ally).collect::<Option<_>>().ok_or_else(|| shipped("a roster"))
}

/// The companies, ascending by code.
pub(super) fn companies() -> Result<Vec<Firm>, Failure> {
    let firm = |line: &str| {
        let mut fields = line.split(',');
        let (code, name, state) = (fields.next()?, fields.next()?, Code::new(fields.next()?).ok()?);
        let (code, name, sponsor) = (Code::new(code).ok()?, Name::new(name).ok()?, state.clone());
        let (kind, clearance) = (ReceiverKind::Company, Level::Restricted);
        Some(Firm { code, name, kind, state, sponsor, clearance })
    };
    COMPANIES.lines().skip(1).map(firm).collect::<Option<_>>().ok_or_else(|| shipped("a roster"))
}

/// Bodies of the partner union, ascending by code.
pub(super) fn partners() -> Result<Vec<Firm>, Failure> {
    let body = |line: &str| {
        let mut fields = line.split(',');
        let (code, name) = (Code::new(fields.next()?).ok()?, Name::new(fields.next()?).ok()?);
        let (state, sponsor) = (Code::new(fields.next()?).ok()?, Code::new(fields.next()?).ok()?);
        let clearance = read_marking(fields.next()?)?;
        Some(Firm { code, name, kind: ReceiverKind::Partner, state, sponsor, clearance })
    };
    PARTNERS.lines().skip(1).map(body).collect::<Option<_>>().ok_or_else(|| shipped("a roster"))
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
    fn partner_bodies_stand_in_order_each_under_a_state_of_its_own() {
        let partners = partners().unwrap();
        assert!(
            partners.windows(2).all(|pair| pair[0].code < pair[1].code && pair[0].state != pair[1].state)
        );
    }

    #[test]
    fn lowest_codes_have_no_children() {
        assert_eq!(lowest(CAPABILITIES).len(), 13);
        assert_eq!(lowest(YEARS), ["2027", "2028", "2029", "2030", "2031", "2032", "2033", "2034"]);
    }
}
