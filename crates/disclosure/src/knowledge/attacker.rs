//! Attackers of the exact model: what they hold, what they know beside it, and the worlds they cannot rule out.

use std::collections::BTreeSet;

use super::Rational;
use super::form::{Form, Row};
use super::polytope::Polytope;
use super::statement::Release;
use super::world::{Cell, World};
use crate::problem::UnitId;

/// Somebody who infers. Without members and knowledge it is the outsider.
#[derive(Clone, Debug, Default)]
pub struct Attacker {
    /// What it is called.
    pub id: String,
    /// Units whose records it knows, at every vintage.
    pub members: BTreeSet<UnitId>,
    /// Per cent within which it knows every other record beforehand.
    pub prior_pct: Option<Rational>,
    /// Sums that it knows.
    pub knows: Vec<Knowledge>,
    /// The p of the p% rule that it knows every published cell to have passed.
    pub rule_known: Option<Rational>,
}

/// A sum that an attacker knows exactly.
#[derive(Clone, Debug)]
pub struct Knowledge {
    /// Whose records in which cell: contributors, by place.
    pub of: Vec<(usize, Cell)>,
    /// At which vintage.
    pub vintage: i64,
}

impl Attacker {
    /// The worlds that the attacker cannot rule out. `rows` are those of all statements of `releases`.
    #[must_use]
    pub fn polytope(&self, world: &World, releases: &[Release], rows: &[Row]) -> Polytope {
        let domain = world.domain();
        let truth = world.truth().to_vec();
        let mut lows = vec![domain.low.clone(); truth.len()];
        let mut highs = vec![domain.high.clone(); truth.len()];
        for (record, amount) in (0_u32..).map(super::RecordId).zip(&truth) {
            let at = record.place();
            if world.unit_of(record).is_some_and(|unit| self.members.contains(&unit)) {
                lows[at] = Some(amount.clone());
                highs[at] = Some(amount.clone());
            } else if let Some(prior) = &self.prior_pct {
                let (low, high) = within(amount, prior);
                lows[at] = Some(domain.low.as_ref().map_or(low.clone(), |end| low.max(end.clone())));
                highs[at] = Some(domain.high.as_ref().map_or(high.clone(), |end| high.min(end.clone())));
            }
        }
        let mut rows = rows.to_vec();
        if let Some(p) = &self.rule_known {
            rows.extend(rows_of_rule(world, releases, p));
        }
        for known in &self.knows {
            let records = known.of.iter().flat_map(|(who, cell)| {
                let inside = world.records_in(cell, known.vintage).into_iter();
                inside.filter(|record| world.contributor_of(*record) == Some(*who))
            });
            let form = Form::sum(records);
            let value = form.value(&truth);
            rows.push(Row::equal(form, value));
        }
        Polytope { lows, highs, rows, truth }
    }
}

/// The amount less and more so many per cent of it.
fn within(amount: &Rational, percent: &Rational) -> (Rational, Rational) {
    let part = (amount * percent).over(&Rational::HUNDRED).unwrap_or(Rational::ZERO).abs();
    (amount - &part, amount + &part)
}

/// What "this cell was published, so it passed the p% rule" says: `(1 + p/100) x_s + x_r <= X` for all units
/// `s` and `r` of the cell. Source: docs/METHOD.md, "The exact model", lemma 8.
fn rows_of_rule(world: &World, releases: &[Release], p: &Rational) -> Vec<Row> {
    let mut rows = Vec::new();
    let Some(part) = p.over(&Rational::HUNDRED) else { return rows };
    let factor = &Rational::ONE + &part;
    for release in releases {
        for statement in &release.statements {
            let Some((cell, vintage, value)) = statement.plain_value(release.vintage) else { continue };
            let records = world.records_in(cell, vintage);
            let units: BTreeSet<UnitId> =
                records.iter().filter_map(|record| world.unit_of(*record)).collect();
            for victim in &units {
                for rival in units.iter().filter(|rival| *rival != victim) {
                    let terms = records.iter().filter_map(|record| match world.unit_of(*record)? {
                        unit if unit == *victim => Some((*record, factor.clone())),
                        unit if unit == *rival => Some((*record, Rational::ONE)),
                        _ => None,
                    });
                    rows.push(Row { form: Form::new(terms), low: None, high: Some(value.clone()) });
                }
            }
        }
    }
    rows
}
