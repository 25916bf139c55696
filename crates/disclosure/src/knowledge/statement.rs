//! What has been said: releases of statements about cells, each of which becomes a row over the records.
//!
//! A statement must be true of the records; one that is not is refused. Source: docs/METHOD.md, "The exact model".

use super::Rational;
use super::form::{Form, Row};
use super::world::{Cell, World};

/// Statements made together.
#[derive(Clone, Debug)]
pub struct Release {
    /// What it is called.
    pub id: String,
    /// The vintage of the records that it is about, unless a statement says otherwise.
    pub vintage: i64,
    /// Its statements.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// About a cell.
    Cell {
        /// The cell.
        cell: Cell,
        /// The vintage, if it is not the release's.
        vintage: Option<i64>,
        /// Factors by contributor, by place; others count once. `None` for the plain total.
        weights: Option<Vec<(usize, Rational)>>,
        /// What is said.
        says: Says,
    },
    /// A sum of cells with factors.
    Sum {
        /// Factor, cell, and vintage if it is not the release's.
        terms: Vec<(Rational, Cell, Option<i64>)>,
        /// The sum.
        value: Rational,
    },
    /// How many times one cell is another.
    Ratio {
        /// Above the bar: cell and vintage.
        numerator: (Cell, i64),
        /// Below the bar.
        denominator: (Cell, i64),
        /// The ratio.
        value: Rational,
    },
}

/// What is said of a cell.
#[derive(Clone, Debug)]
pub enum Says {
    /// Its value.
    Value(Rational),
    /// That it is not said.
    Hidden,
    /// That it is within these ends; an end may be absent.
    Range(Option<Rational>, Option<Rational>),
    /// A rounded value.
    Rounded {
        /// What is published.
        value: Rational,
        /// The base.
        base: Rational,
        /// How it was rounded.
        mode: Rounding,
    },
}

/// How a value was rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To one of the two neighbouring multiples: less than a base away.
    Controlled,
    /// To the nearest multiple, halves upwards.
    Nearest,
}

/// Whether figures are counted or measured; rounding says more of the former.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Whole numbers.
    Counted,
    /// Any number.
    Measured,
}

/// A statement that is not true of the records: its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("statement {statement} of release {release} is not true of the records")]
pub struct Untrue {
    /// Place of the release.
    pub release: usize,
    /// Place of the statement.
    pub statement: usize,
}

/// The rows of all statements, in their order; what is hidden has none.
///
/// # Errors
/// The first statement that is not true.
pub(super) fn rows(world: &World, releases: &[Release], grain: Grain) -> Result<Vec<Row>, Untrue> {
    let mut rows = Vec::new();
    for (number, release) in releases.iter().enumerate() {
        for (place, statement) in release.statements.iter().enumerate() {
            let Some(row) = statement.row(world, release.vintage, grain) else { continue };
            if !row.admits(&row.form.value(world.truth())) {
                return Err(Untrue { release: number, statement: place });
            }
            rows.push(row);
        }
    }
    Ok(rows)
}

impl Statement {
    /// What the statement says of the records; `None` where it says nothing.
    fn row(&self, world: &World, vintage: i64, grain: Grain) -> Option<Row> {
        match self {
            Self::Cell { cell, vintage: own, weights, says } => {
                let records = world.records_in(cell, own.unwrap_or(vintage)).into_iter();
                let weight = |who: Option<usize>| {
                    let mut given = weights.iter().flatten();
                    given
                        .find(|(other, _)| Some(*other) == who)
                        .map_or(Rational::ONE, |(_, weight)| weight.clone())
                };
                let form = Form::new(records.map(|record| (record, weight(world.contributor_of(record)))));
                let (low, high) = says.ends(world, grain)?;
                Some(Row { form, low, high })
            }
            Self::Sum { terms, value } => {
                let parts = terms.iter().flat_map(|(factor, cell, own)| {
                    let records = world.records_in(cell, own.unwrap_or(vintage)).into_iter();
                    records.map(move |record| (record, factor.clone()))
                });
                Some(Row::equal(Form::new(parts), value.clone()))
            }
            Self::Ratio { numerator, denominator, value } => {
                let above = world.records_in(&numerator.0, numerator.1).into_iter();
                let below = world.records_in(&denominator.0, denominator.1).into_iter();
                let above = above.map(|record| (record, Rational::ONE));
                let below = below.map(|record| (record, -value));
                Some(Row::equal(Form::new(above.chain(below)), Rational::ZERO))
            }
        }
    }

    /// The cell and its vintage, where its plain value is said.
    pub(crate) fn plain_value(&self, vintage: i64) -> Option<(&Cell, i64, &Rational)> {
        match self {
            Self::Cell { cell, vintage: own, weights: None, says: Says::Value(value) } => {
                Some((cell, own.unwrap_or(vintage), value))
            }
            _ => None,
        }
    }
}

impl Says {
    /// The ends between which the form then lies; `None` where nothing is said.
    fn ends(&self, world: &World, grain: Grain) -> Option<(Option<Rational>, Option<Rational>)> {
        match self {
            Self::Value(value) => Some((Some(value.clone()), Some(value.clone()))),
            Self::Hidden => None,
            Self::Range(low, high) => Some((low.clone(), high.clone())),
            Self::Rounded { value, base, mode } => {
                let unit = if grain == Grain::Counted { Rational::ONE } else { Rational::ZERO };
                let (low, high) = match (mode, grain) {
                    (Rounding::Controlled, _) => (&(value - base) + &unit, &(value + base) - &unit),
                    (Rounding::Nearest, Grain::Counted) => {
                        let half = half(&base.truncated()).floor();
                        (value - &half, &(&(value + base) - &half) - &unit)
                    }
                    (Rounding::Nearest, Grain::Measured) => (value - &half(base), value + &half(base)),
                };
                let from_zero = value.is_zero() && world.domain().low.as_ref().is_some_and(Rational::is_zero);
                Some((Some(if from_zero { Rational::ZERO } else { low }), Some(high)))
            }
        }
    }
}

fn half(amount: &Rational) -> Rational {
    amount.over(&Rational::whole(2)).unwrap_or(Rational::ZERO)
}
