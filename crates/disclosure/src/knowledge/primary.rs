//! Primary rules with exact levels, over contributions that may be any fraction.
//!
//! The rules of [`crate::rule`] round levels up to whole units, as the search needs them; here they are as the formula
//! has them, and rules against coalitions and on request stand beside them. Comparisons are strict: a tie is safe.
//!
//! Source: docs/METHOD.md, "The exact model", table of primary rules.

use std::collections::BTreeSet;

use super::Rational;
use super::world::{Cell, World};
use crate::problem::UnitId;

/// A primary rule.
#[derive(Clone, Debug)]
pub enum Rule {
    /// The p% rule with so many contributors pooling; `p` as per cent, p/q already divided.
    PPercent {
        /// Per cent of the victim's contribution.
        p: Rational,
        /// How many others pool what they know.
        pooling: usize,
    },
    /// (n,k) dominance.
    Dominance {
        /// How many of the largest.
        n: usize,
        /// Per cent of the total.
        k: Rational,
    },
    /// Fewer nonzero units than this.
    MinimumFrequency {
        /// The least that is enough.
        n: usize,
    },
    /// Records that add up to nothing.
    Zero,
    /// The p% rule against units that pool.
    Coalition {
        /// Its members.
        members: BTreeSet<UnitId>,
        /// Per cent of the victim's contribution.
        p: Rational,
    },
    /// The largest unit asked for protection and holds more than this part.
    Request {
        /// Per cent of the total.
        percent: Rational,
    },
}

/// What a rule says of a sensitive cell.
#[derive(Clone, Debug)]
pub struct Sensitive {
    /// How far up its interval must reach; `None` where the rule asks for no level.
    pub level: Option<Rational>,
}

/// Every sensitive cell of the lattice at a vintage.
#[must_use]
pub fn sensitive_cells(world: &World, vintage: i64, rule: &Rule) -> Vec<(Cell, Sensitive)> {
    let cells = world.lattice().into_iter();
    cells.filter_map(|cell| rule.judge(world, &cell, vintage).map(|sensitive| (cell, sensitive))).collect()
}

impl Rule {
    /// Whether the cell is sensitive; one without records is not.
    #[must_use]
    pub fn judge(&self, world: &World, cell: &Cell, vintage: i64) -> Option<Sensitive> {
        let shares = contributions(world, cell, vintage);
        if shares.is_empty() {
            return None;
        }
        let total = sum(shares.iter().map(|(_, amount)| amount));
        let with_level = |level: Rational| Sensitive { level: Some(level) };
        match self {
            Self::PPercent { p, pooling } => p_percent(world, &shares, &total, p, *pooling).map(with_level),
            Self::Dominance { n, k } => {
                let mut amounts: Vec<&Rational> = shares.iter().map(|(_, amount)| amount).collect();
                amounts.sort_unstable_by(|one, other| other.cmp(one));
                let top = &sum(amounts.into_iter().take(*n)) * &Rational::HUNDRED;
                let level = top.over(k).map(|least| (&least - &total).max(Rational::ZERO))?;
                (top > k * &total).then(|| with_level(level))
            }
            Self::MinimumFrequency { n } => {
                let nonzero = shares.iter().filter(|(_, amount)| !amount.is_zero()).count();
                (nonzero < *n).then(|| with_level(Rational::ZERO))
            }
            Self::Zero => total.is_zero().then_some(Sensitive { level: None }),
            Self::Coalition { members, p } => {
                let outside: Vec<_> =
                    shares.into_iter().filter(|(unit, _)| !members.contains(unit)).collect();
                let rest = sum(outside.iter().map(|(_, amount)| amount));
                let victims =
                    outside.iter().filter(|(unit, _)| !world.waived(*unit)).map(|(_, amount)| amount);
                let worst = victims.map(|amount| &percent(p, amount) - &(&rest - amount)).max()?;
                let sensitive = worst.is_positive() || outside.len() == 1 || rest.is_zero();
                sensitive.then(|| with_level(worst.max(Rational::ZERO)))
            }
            Self::Request { percent: least } => {
                let first = shares.first()?;
                let largest =
                    shares.iter().skip(1).fold(first, |most, one| if one.1 > most.1 { one } else { most });
                let name = world.units().get(largest.0.0 as usize)?;
                // A holding asks under its own name: what one part of it asks for does not bind the others.
                let asked = world.contributors().iter().any(|one| one.request && one.name == *name);
                let much = &largest.1 * &Rational::HUNDRED > least * &total;
                (asked && much).then_some(Sensitive { level: None })
            }
        }
    }
}

/// The level of the p% rule, where the cell is sensitive. Every unit is tried as the victim: with waivers the largest
/// without one is the worst, and with figures below zero nothing of the kind is known.
fn p_percent(
    world: &World,
    shares: &[(UnitId, Rational)],
    total: &Rational,
    p: &Rational,
    pooling: usize,
) -> Option<Rational> {
    let victims = shares.iter().filter(|(unit, _)| !world.waived(*unit));
    let short = victims.map(|(victim, amount)| {
        let others = shares.iter().filter(|(unit, _)| unit != victim);
        let mut others: Vec<&Rational> = others.map(|(_, amount)| amount).collect();
        others.sort_unstable_by(|one, other| other.cmp(one));
        let pooled = sum(others.into_iter().take(pooling));
        &percent(p, amount) - &(&(total - amount) - &pooled)
    });
    let worst = short.max()?;
    // Nobody but the attackers and the victim: exact, whatever the size.
    let alone = shares.len() <= pooling.saturating_add(1);
    (worst.is_positive() || alone).then(|| worst.max(Rational::ZERO))
}

fn percent(p: &Rational, amount: &Rational) -> Rational {
    (p * amount).over(&Rational::HUNDRED).unwrap_or(Rational::ZERO)
}

fn sum<'a>(amounts: impl Iterator<Item = &'a Rational>) -> Rational {
    amounts.fold(Rational::ZERO, |sum, amount| &sum + amount)
}

/// What each unit has in a cell, in the order of their first records.
fn contributions(world: &World, cell: &Cell, vintage: i64) -> Vec<(UnitId, Rational)> {
    let mut shares: Vec<(UnitId, Rational)> = Vec::new();
    for record in world.records_in(cell, vintage) {
        let (Some(unit), Some(amount)) = (world.unit_of(record), world.truth().get(record.place())) else {
            continue;
        };
        match shares.iter_mut().find(|(other, _)| *other == unit) {
            Some((_, sum)) => *sum = &*sum + amount,
            None => shares.push((unit, amount.clone())),
        }
    }
    shares
}
