//! Cases of the exact model: a small world, what was said of it and who infers, and what follows.
//!
//! A document of schema `tearline-case/1` holds one case. Numbers are whole, or texts with a whole number, a decimal or a
//! fraction; binary floats are refused. What the document expects is not looked at. [`read()`] gives the case,
//! [`Case::answers`] what [`disclosure::knowledge`] says of it; nothing is decided here.
//!
//! Guarantee: an answer is exact. A file that is not of the schema, or a statement that is not true of the records,
//! is refused with its place; no message contains a figure.

use std::collections::BTreeMap;

use disclosure::knowledge::primary::{Rule, sensitive_cells};
use disclosure::knowledge::structure::disclosed;
use disclosure::knowledge::{
    Attacker, Cell, Form, Grain, History, Policy, Quantity, Rational, Region, RegionError, Release, Untrue,
    World, WorldError, quantities,
};
use disclosure::problem::UnitId;

use crate::limits::CASE_BYTES_MAX;

mod read;
mod wire;

/// The schema this module reads.
pub const SCHEMA: &str = "tearline-case/1";

/// A case.
pub struct Case {
    id: String,
    world: World,
    grain: Grain,
    rules: Vec<(String, Rule)>,
    releases: Vec<Release>,
    attackers: Vec<Attacker>,
    policy: Policy,
    ask: Vec<Ask>,
}

/// A question: an attacker's interval.
struct Ask {
    attacker: usize,
    cell: Cell,
    unit: Option<UnitId>,
    vintage: Option<i64>,
    minus_vintage: Option<i64>,
}

/// What follows from a case. What the case does not ask for is left out.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// By rule, its sensitive cells with their levels; `None` where the rule asks for no level.
    pub sensitive: Option<BTreeMap<String, BTreeMap<String, Option<Rational>>>>,
    /// The intervals asked for, in their order.
    pub intervals: Option<Vec<Interval>>,
    /// By attacker, the units that it comes too close to: none where all is safe.
    pub violated: Option<BTreeMap<String, Vec<String>>>,
    /// By attacker, the units of which something is exact whatever the figures.
    pub structural: Option<BTreeMap<String, Vec<String>>>,
    /// By release alone (`alone:`) and by history up to it (`upto:`), and by attacker, whether all is safe.
    pub by_release: Option<BTreeMap<String, BTreeMap<String, Verdict>>>,
}

/// Whether a guarantee holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Safe,
    /// It does not.
    Unsafe,
}

/// An interval, and what it is of.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Who infers.
    pub attacker: String,
    /// Of which cell.
    pub cell: String,
    /// Of whose share of it; of the whole where left out.
    pub who: Option<String>,
    /// At which vintage, if one was named.
    pub vintage: Option<i64>,
    /// Less the cell at this vintage.
    pub minus_vintage: Option<i64>,
    /// The lower end; `None` where there is none.
    pub low: Option<Rational>,
    /// The upper end; `None` where there is none.
    pub high: Option<Rational>,
}

/// Why a case has no answers.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// More bytes than are taken.
    #[error("the case has more than {CASE_BYTES_MAX} bytes")]
    TooLarge,
    /// Not JSON, or not of this shape.
    #[error("the document is not a case")]
    Shape(#[source] serde_json::Error),
    /// Another schema.
    #[error("schema `{found}` is not known")]
    Schema {
        /// The schema named.
        found: String,
    },
    /// Something in it cannot be.
    #[error("`{place}`: {trouble}")]
    Fault {
        /// Where: the field's path from the top.
        place: String,
        /// What.
        trouble: CaseTrouble,
    },
    /// A statement that is not true of the records.
    #[error("`releases[{}].statements[{}]`: the statement is not true of the records", .0.release, .0.statement)]
    Untrue(Untrue),
    /// An attacker's view that has no answer.
    #[error("attacker `{attacker}`: {error}")]
    Attacker {
        /// Its id.
        attacker: String,
        /// Why.
        error: RegionError,
    },
}

/// What can be wrong at a place of a case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseTrouble {
    /// More than is taken.
    #[error("more than {limit}")]
    TooMany {
        /// The most that is taken.
        limit: usize,
    },
    /// A number that is no exact one.
    #[error("not an exact number")]
    NotExact,
    /// A number below zero, or zero where something is divided by it.
    #[error("must be above zero, or not below")]
    Negative,
    /// A field that must be there.
    #[error("is missing")]
    Missing,
    /// A field that means nothing here.
    #[error("means nothing here")]
    OutOfPlace,
    /// None or several of fields that exclude each other.
    #[error("give exactly one of {what}")]
    OneOf {
        /// The fields.
        what: &'static str,
    },
    /// A word outside its closed set.
    #[error("is not a known word")]
    UnknownWord,
    /// No codes, or one that has the sign between codes.
    #[error("needs codes, and none with `|`")]
    Codes,
    /// A cell of unknown codes.
    #[error("names no cell: one known code of each dimension, with `|` between them")]
    UnknownCell,
    /// Somebody who is no contributor.
    #[error("names nobody among the contributors")]
    UnknownContributor,
    /// A unit that is neither a holding nor a contributor of none.
    #[error("names no holding and no contributor without one")]
    UnknownUnit,
    /// An attacker that is not declared.
    #[error("names no attacker")]
    UnknownAttacker,
    /// A second thing of the same id.
    #[error("stands twice")]
    IdTwice,
    /// A term of a sum that is not factor, cell and perhaps vintage.
    #[error("is not `[factor, cell]` or `[factor, cell, vintage]`")]
    Term,
    /// Figures that are not whole, and attackers that take them to be.
    #[error("figures are not whole numbers")]
    NotWhole,
    /// Codes, contributors and records that do not fit.
    #[error(transparent)]
    World(WorldError),
}

impl CaseError {
    /// Its code, part of the interface.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Shape(_) => "not-a-case",
            Self::Schema { .. } => "unknown-schema",
            Self::Fault { .. } => "bad-field",
            Self::Untrue(_) => "untrue-statement",
            Self::Attacker { error: RegionError::Empty, .. } => "untrue-knowledge",
            Self::Attacker { .. } => "too-many-cases",
        }
    }

    /// Line and column from 1, where the text could not be read; `None` where it could.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Shape(error) => Some((error.line(), error.column())),
            _ => None,
        }
    }

    /// What the writer of the case can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLarge => "split the case: the exact model is meant for hundreds of records",
            Self::Schema { .. } => "write the schema tearline-case/1",
            Self::Shape(_) => "write it as schema tearline-case/1 has it; unknown fields are refused",
            Self::Fault { trouble: CaseTrouble::NotExact, .. } => {
                "write a whole number, or a text with a whole number, a decimal or a fraction, such as \"7/3\""
            }
            Self::Fault { .. } => "mend the field that is named",
            Self::Untrue(_) => "mend the statement or the records: everything published must be true of them",
            Self::Attacker { error: RegionError::Empty, .. } => {
                "leave out what is not true: published cells that fail the rule the attacker knows them to pass"
            }
            Self::Attacker { .. } => "give a smaller case",
        }
    }
}

/// Reads a case.
///
/// # Errors
/// The first thing that is wrong with it, with its place.
pub fn read(bytes: &[u8]) -> Result<Case, CaseError> {
    if bytes.len() > CASE_BYTES_MAX {
        return Err(CaseError::TooLarge);
    }
    let head: wire::Head = serde_json::from_slice(bytes).map_err(CaseError::Shape)?;
    if head.schema != SCHEMA {
        return Err(CaseError::Schema { found: head.schema.chars().take(40).collect() });
    }
    read::case(serde_json::from_slice(bytes).map_err(CaseError::Shape)?)
}

impl Case {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What follows from it.
    ///
    /// # Errors
    /// An untrue statement, or an attacker's view that has no answer.
    pub fn answers(&self) -> Result<Answers, CaseError> {
        let history = self.history(&self.releases)?;
        let mut answers = Answers::default();
        if !self.rules.is_empty() {
            answers.sensitive =
                Some(self.rules.iter().map(|(id, rule)| (id.clone(), self.sensitive(rule))).collect());
        }
        if !self.ask.is_empty() {
            answers.intervals = Some(self.intervals(&history)?);
        }
        if self.attackers.is_empty() {
            return Ok(answers);
        }
        let targets = quantities(&self.world, &self.releases, &self.policy);
        answers.violated = Some(self.violated(&history, &targets)?);
        if !self.releases.is_empty() {
            let structural = self.attackers.iter().map(|attacker| {
                let polytope = history.polytope(attacker, disclosure::knowledge::Numbers::Any);
                let units = disclosed(&self.world, &polytope, attacker, &targets);
                (attacker.id.clone(), self.names(units))
            });
            answers.structural = Some(structural.collect());
        }
        if self.releases.len() > 1 {
            answers.by_release = Some(self.by_release()?);
        }
        Ok(answers)
    }

    fn history<'a>(&'a self, releases: &'a [Release]) -> Result<History<'a>, CaseError> {
        History::new(&self.world, releases, self.grain).map_err(CaseError::Untrue)
    }

    fn key(&self, cell: &Cell) -> String {
        self.world.codes(cell).collect::<Vec<_>>().join("|")
    }

    fn names(&self, units: impl IntoIterator<Item = UnitId>) -> Vec<String> {
        let units = units.into_iter().filter_map(|unit| self.world.units().get(unit.0 as usize).cloned());
        let mut names: Vec<String> = units.collect();
        names.sort_unstable();
        names
    }

    fn sensitive(&self, rule: &Rule) -> BTreeMap<String, Option<Rational>> {
        // Primary rules look at what stands at first; later vintages are judged by the guarantee.
        let cells = sensitive_cells(&self.world, wire::first(), rule).into_iter();
        cells.map(|(cell, sensitive)| (self.key(&cell), sensitive.level)).collect()
    }

    fn intervals(&self, history: &History<'_>) -> Result<Vec<Interval>, CaseError> {
        let mut intervals: Vec<Option<Interval>> = self.ask.iter().map(|_| None).collect();
        for (number, attacker) in self.attackers.iter().enumerate() {
            let asked = self.ask.iter().zip(&mut intervals).filter(|(ask, _)| ask.attacker == number);
            let asked: Vec<_> = asked.collect();
            if asked.is_empty() {
                continue;
            }
            let failed = |error| CaseError::Attacker { attacker: attacker.id.clone(), error };
            let polytope = history.polytope(attacker, disclosure::knowledge::Numbers::Any);
            let mut region = Region::new(&polytope, disclosure::knowledge::Numbers::Any).map_err(failed)?;
            for (ask, interval) in asked {
                let (low, high) = region.interval(&self.form(ask)).map_err(failed)?;
                *interval = Some(Interval {
                    attacker: attacker.id.clone(),
                    cell: self.key(&ask.cell),
                    who: ask.unit.and_then(|unit| self.world.units().get(unit.0 as usize).cloned()),
                    vintage: ask.vintage,
                    minus_vintage: ask.minus_vintage,
                    low,
                    high,
                });
            }
        }
        Ok(intervals.into_iter().flatten().collect())
    }

    /// The form that is asked for.
    fn form(&self, ask: &Ask) -> Form {
        let of = |vintage: i64, factor: Rational| {
            let records = self.world.records_in(&ask.cell, vintage).into_iter();
            let own = records.filter(|record| ask.unit.is_none() || self.world.unit_of(*record) == ask.unit);
            own.map(move |record| (record, factor.clone()))
        };
        let at = of(ask.vintage.unwrap_or(wire::first()), Rational::ONE);
        let before = ask.minus_vintage.map(|vintage| of(vintage, Rational::whole(-1)));
        Form::new(at.chain(before.into_iter().flatten()))
    }

    fn violated(
        &self,
        history: &History<'_>,
        targets: &[Quantity],
    ) -> Result<BTreeMap<String, Vec<String>>, CaseError> {
        let each = self.attackers.iter().map(|attacker| {
            let units = history.violated(attacker, &self.policy, targets);
            let units =
                units.map_err(|error| CaseError::Attacker { attacker: attacker.id.clone(), error })?;
            Ok((attacker.id.clone(), self.names(units)))
        });
        each.collect()
    }

    /// Verdicts for each release alone and for each history that ends with it.
    fn by_release(&self) -> Result<BTreeMap<String, BTreeMap<String, Verdict>>, CaseError> {
        let mut verdicts = BTreeMap::new();
        for (number, release) in self.releases.iter().enumerate() {
            let alone = (format!("alone:{}", release.id), self.releases.get(number..=number));
            let up_to = (format!("upto:{}", release.id), self.releases.get(..=number).filter(|_| number > 0));
            for (name, part) in [alone, up_to] {
                let Some(part) = part else { continue };
                let targets = quantities(&self.world, part, &self.policy);
                let violated = self.violated(&self.history(part)?, &targets)?.into_iter();
                let verdict =
                    |units: Vec<String>| if units.is_empty() { Verdict::Safe } else { Verdict::Unsafe };
                verdicts.insert(name, violated.map(|(attacker, units)| (attacker, verdict(units))).collect());
            }
        }
        Ok(verdicts)
    }
}
