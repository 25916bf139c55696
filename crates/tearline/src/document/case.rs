//! What `tearline case` prints: id of each case to what follows from it.
//!
//! Numbers are exact: whole ones as they are, others as text `a/b` in lowest terms. What a case does not ask for is
//! left out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use disclosure::knowledge::Rational;
use intake::case::{Answers, Verdict};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// The document's schema.
pub const SCHEMA: &str = "tearline-case-answers/1";

/// Answers by id of the case.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct CasesDocument(pub BTreeMap<String, AnswersDocument>);

/// What follows from one case.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnswersDocument {
    /// By rule, the sensitive cells of the whole lattice, in alphabetical order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<BTreeMap<String, Vec<String>>>,
    /// By rule, the upper protection levels of those that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection: Option<BTreeMap<String, BTreeMap<String, Exact>>>,
    /// Intervals asked for, in the order of the questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intervals: Option<Vec<IntervalDocument>>,
    /// By attacker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<BTreeMap<String, VerdictDocument>>,
    /// By attacker, the units that it comes too close to, in alphabetical order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violated: Option<BTreeMap<String, Vec<String>>>,
    /// By attacker, the units of which something is exact whatever the figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structural: Option<BTreeMap<String, Vec<String>>>,
    /// `alone:` and `upto:` each release, by attacker; where there are several releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_release: Option<BTreeMap<String, BTreeMap<String, VerdictDocument>>>,
}

/// Whether the guarantee holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VerdictDocument {
    /// It does.
    Safe,
    /// It does not.
    Unsafe,
}

/// An attacker's interval: the question, and its ends.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IntervalDocument {
    /// Who infers.
    pub attacker: String,
    /// Codes of the cell, `|` between them.
    pub cell: String,
    /// Whose share of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// At which vintage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vintage: Option<i64>,
    /// Less the cell at this vintage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minus_vintage: Option<i64>,
    /// The lower end; null where there is none.
    pub lo: Option<Exact>,
    /// The upper end; null where there is none.
    pub hi: Option<Exact>,
}

/// An exact number in digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact(String);

impl From<&Rational> for Exact {
    fn from(number: &Rational) -> Self {
        Self(number.text())
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole numbers past 64 bits go as text: few readers of JSON keep them.
        match self.0.parse::<i64>() {
            Ok(whole) => serializer.serialize_i64(whole),
            Err(_) => serializer.serialize_str(&self.0),
        }
    }
}

impl JsonSchema for Exact {
    fn schema_name() -> Cow<'static, str> {
        "Exact".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer" }, { "type": "string", "pattern": "^-?[0-9]+(/[0-9]+)?$" }] })
    }
}

impl From<Verdict> for VerdictDocument {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Safe => Self::Safe,
            Verdict::Unsafe => Self::Unsafe,
        }
    }
}

impl From<Answers> for AnswersDocument {
    fn from(answers: Answers) -> Self {
        let sensitive = answers.sensitive.as_ref();
        let verdict = |units: &Vec<String>| {
            if units.is_empty() { VerdictDocument::Safe } else { VerdictDocument::Unsafe }
        };
        let levels = |cells: &BTreeMap<String, Option<Rational>>| {
            let levels =
                cells.iter().filter_map(|(cell, level)| Some((cell.clone(), Exact::from(level.as_ref()?))));
            levels.collect()
        };
        Self {
            sensitive: sensitive.map(|rules| {
                rules.iter().map(|(rule, cells)| (rule.clone(), cells.keys().cloned().collect())).collect()
            }),
            protection: sensitive
                .map(|rules| rules.iter().map(|(rule, cells)| (rule.clone(), levels(cells))).collect()),
            intervals: answers
                .intervals
                .map(|intervals| intervals.into_iter().map(IntervalDocument::from).collect()),
            verdict: answers
                .violated
                .as_ref()
                .map(|all| all.iter().map(|(attacker, units)| (attacker.clone(), verdict(units))).collect()),
            violated: answers.violated,
            structural: answers.structural,
            by_release: answers.by_release.map(|releases| {
                let row = |verdicts: BTreeMap<String, Verdict>| {
                    verdicts.into_iter().map(|(attacker, verdict)| (attacker, verdict.into())).collect()
                };
                releases.into_iter().map(|(release, verdicts)| (release, row(verdicts))).collect()
            }),
        }
    }
}

impl From<intake::case::Interval> for IntervalDocument {
    fn from(interval: intake::case::Interval) -> Self {
        Self {
            attacker: interval.attacker,
            cell: interval.cell,
            who: interval.who,
            vintage: interval.vintage,
            minus_vintage: interval.minus_vintage,
            lo: interval.low.as_ref().map(Exact::from),
            hi: interval.high.as_ref().map(Exact::from),
        }
    }
}
