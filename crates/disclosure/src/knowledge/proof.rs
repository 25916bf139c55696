//! The exact judge of verdicts over records: worlds for what is safe, multipliers for what is not.
//!
//! It adds and multiplies fractions, compares, and does nothing else: no program is solved here, and no code is
//! shared with the modules that solve them. A world is checked against every bound and every row; multipliers are
//! checked by weak duality, with whatever factors they leave bounded record by record.
//!
//! Source: docs/METHOD.md, "The exact model"; Chvatal, Linear Programming (1983), chapter 5.

use super::Rational;
use super::form::Form;
use super::polytope::Polytope;
use super::region::Numbers;

/// What the guarantee asks of a quantity's interval.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The quantity's value.
    pub truth: Rational,
    /// The interval must reach up to this.
    pub high: Rational,
    /// And, if two-sided, down to this.
    pub low: Option<Rational>,
}

/// Multipliers of the polytope's rows, by place: they bound a form from one side.
#[derive(Clone, Debug)]
pub struct Bound(pub Vec<(usize, Rational)>);

/// Why a verdict is right.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// Safe: possible worlds, an amount a record, that reach as far as asked.
    Worlds(Vec<Vec<Rational>>),
    /// Unsafe: nothing is possible but one value.
    Exact {
        /// It is not lower.
        low: Bound,
        /// It is not higher.
        high: Bound,
    },
    /// Unsafe: nothing is possible as high as asked.
    Upper(Bound),
    /// Unsafe: nothing is possible as low as asked.
    Lower(Bound),
}

/// Whether the evidence proves what it says of the form. `polytope` has its bounds rounded inwards already where
/// numbers are whole.
#[must_use]
pub fn verify(
    polytope: &Polytope,
    numbers: Numbers,
    form: &Form,
    demand: &Demand,
    evidence: &Evidence,
) -> bool {
    match evidence {
        Evidence::Worlds(worlds) => worlds_suffice(polytope, numbers, form, demand, worlds),
        Evidence::Exact { low, high } => {
            let low = end(polytope, numbers, form, low, false);
            low.is_some() && low == end(polytope, numbers, form, high, true)
        }
        Evidence::Upper(bound) => {
            end(polytope, numbers, form, bound, true).is_some_and(|high| high < demand.high)
        }
        Evidence::Lower(bound) => {
            let low = end(polytope, numbers, form, bound, false);
            low.zip(demand.low.as_ref()).is_some_and(|(low, asked)| low > *asked)
        }
    }
}

fn worlds_suffice(
    polytope: &Polytope,
    numbers: Numbers,
    form: &Form,
    demand: &Demand,
    worlds: &[Vec<Rational>],
) -> bool {
    let whole = |world: &Vec<Rational>| numbers == Numbers::Any || world.iter().all(Rational::is_whole);
    if !worlds.iter().all(|world| whole(world) && polytope.contains(world)) {
        return false;
    }
    let mut values: Vec<Rational> = worlds.iter().map(|world| form.value(world)).collect();
    if polytope.contains(&polytope.truth) {
        values.push(form.value(&polytope.truth));
    }
    let apart = values.iter().any(|value| Some(value) != values.first());
    let high = values.iter().any(|value| *value >= demand.high);
    let low = demand.low.as_ref().is_none_or(|low| values.iter().any(|value| value <= low));
    apart && high && low
}

/// The end of the form that the multipliers prove; `None` where they prove none.
///
/// For the upper end: `c x = y (A x) + (c - y A) x`, and each of the two terms is bounded item by item.
fn end(polytope: &Polytope, numbers: Numbers, form: &Form, bound: &Bound, upper: bool) -> Option<Rational> {
    let mut rest = form.clone();
    let mut sum = Rational::ZERO;
    for (place, multiplier) in &bound.0 {
        let row = polytope.rows.get(*place)?;
        let side = if multiplier.is_positive() == upper { &row.high } else { &row.low };
        sum = &sum + &(multiplier * side.as_ref()?);
        let less = row.form.terms().iter().map(|(record, factor)| (*record, -&(multiplier * factor)));
        rest = Form::new(rest.terms().iter().cloned().chain(less));
    }
    for (record, factor) in rest.terms() {
        let ends = if factor.is_positive() == upper { &polytope.highs } else { &polytope.lows };
        sum = &sum + &(factor * ends.get(record.place())?.as_ref()?);
    }
    let steps = numbers == Numbers::Whole && form.terms().iter().all(|(_, factor)| factor.is_whole());
    Some(match (steps, upper) {
        (false, _) => sum,
        (true, true) => sum.floor(),
        (true, false) => sum.ceiling(),
    })
}
