//! What a rounded release promises, and to whom: from a specification to the engine's terms.
//!
//! With `[guarantee]`, or where the rules are a p% rule alone, every unit's share of every cell is protected against the
//! outsider, each unit alone and the declared attackers, as far as the stricter of the two asks. Other rules, and cells
//! summed elsewhere, ask how far an outsider's interval of a sensitive cell must reach, as they do of blanks.

use disclosure::Ratio;
use disclosure::guarantee::{Coalition, Family, Guarantee};
use disclosure::problem::{Contributions, Requirement};
use disclosure::rounding::checker::Promise;
use disclosure::rule::{PPercent, Rules};
use intake::Content;

use crate::input::Input;

/// The promise and what it rests on.
pub(crate) struct Terms {
    contributions: Option<Contributions>,
    /// Everybody whom the release must withstand.
    pub(crate) attackers: Vec<Coalition>,
    guarantee: Option<Guarantee>,
    cells: Vec<Requirement>,
}

impl Terms {
    pub(crate) fn of(input: &Input) -> Self {
        let attackers = input.loaded.coalitions_of_units();
        let declared = input.loaded.specification.guarantee.clone();
        let implied = from_rules(&input.loaded.rules());
        let of_rules = || input.problem.requirements().collect();
        match (&input.loaded.content, &implied, declared) {
            (Content::Cells(_), ..) | (Content::Figures(_), None, None) => Self {
                contributions: None,
                attackers: vec![Coalition::outsider()],
                guarantee: None,
                cells: of_rules(),
            },
            (Content::Figures(records), implied, declared) => Self {
                contributions: Some(records.contributions()),
                attackers,
                cells: if implied.is_some() { Vec::new() } else { of_rules() },
                guarantee: stricter(declared, implied.clone()),
            },
        }
    }

    pub(crate) fn promise(&self) -> Promise<'_> {
        Promise {
            contributions: self.contributions.as_ref(),
            attackers: &self.attackers,
            guarantee: self.guarantee.as_ref(),
            cells: &self.cells,
        }
    }
}

/// The declared guarantee, with the p of the rule where that is greater.
fn stricter(declared: Option<Guarantee>, implied: Option<Guarantee>) -> Option<Guarantee> {
    let (Some(declared), Some(implied)) = (&declared, &implied) else { return declared.or(implied) };
    let product = |one: Ratio, other: Ratio| i128::from(one.numerator()) * i128::from(other.denominator());
    let by_rule = product(implied.p, declared.p) > product(declared.p, implied.p);
    Some(Guarantee { p: if by_rule { implied.p } else { declared.p }, ..declared.clone() })
}

/// The guarantee that a p% rule alone stands for.
fn from_rules(rules: &Rules) -> Option<Guarantee> {
    let Rules { p: Some(PPercent { p, q, pooling: 1 }), dominance, minimum_frequency: None, zero: false } =
        rules
    else {
        return None;
    };
    let plain = dominance.is_empty() && *q == Ratio::whole(100);
    plain.then(|| Guarantee { p: *p, floor: 0, two_sided: false, families: vec![Family::Cells] })
}
