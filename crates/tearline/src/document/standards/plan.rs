//! A plan of waves: plan.json, and what `tearline standards plan --json` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::{PLAN_SCHEMA, PartLine, ReasonLine};

/// The next waves, what they are worth, what could be reached at best, and what is left out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = PLAN_SCHEMA))]
    pub schema: &'static str,
    /// The banner of its forms.
    pub marking: String,
    /// The day for which it was judged who may have what.
    pub at: String,
    /// Receivers, each judged by itself.
    pub receivers: Vec<String>,
    /// Effort of review that one wave has room for.
    pub capacity: u64,
    /// Parts of the registry.
    pub parts: u64,
    /// The waves, in order.
    pub waves: Vec<WaveLine>,
    /// Points over all waves: a part counts in every wave in which it is already there.
    pub value: u64,
    /// Proved: no plan has more points.
    pub bound: u64,
    /// How far the value is below the bound, in per cent of the bound, rounded up.
    pub gap_percent: String,
    /// Every part that is in no wave, with all reasons.
    pub left_out: Vec<LeftOutLine>,
}

/// One wave.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WaveLine {
    /// Its number, from 1.
    pub number: u32,
    /// Effort of its parts.
    pub effort: u64,
    /// Points of its parts.
    pub value: u64,
    /// Points of the parts of this wave and of all before it.
    pub delivered: u64,
    /// Proved: no plan has delivered more points by the end of this wave.
    pub at_best: u64,
    /// Its parts, by id.
    pub parts: Vec<PlannedLine>,
}

/// A part in a wave.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlannedLine {
    /// Which part.
    #[serde(flatten)]
    pub part: PartLine,
    /// Effort of its review.
    pub effort: u64,
    /// Its points.
    pub value: u64,
    /// Who gets it.
    pub receivers: Vec<String>,
    /// What somebody should know before it goes, for example what it lacks.
    pub flags: Vec<ReasonLine>,
    /// Why it is worth a place, and with what it travels.
    pub because: String,
    /// Why the other receivers do not get it.
    pub withheld: Vec<BecauseLine>,
}

/// A part in no wave.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LeftOutLine {
    /// Which part.
    #[serde(flatten)]
    pub part: PartLine,
    /// Every reason.
    pub reasons: Vec<BecauseLine>,
}

/// Why a part is left out, or withheld from some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BecauseLine {
    /// The stable word.
    pub code: String,
    /// For whom; empty where it is for everybody.
    pub receivers: Vec<String>,
    /// The reason as words that stand behind "because".
    pub message: String,
    /// The part at the root of it, where it is another.
    pub by: Option<String>,
    /// The way there, part by part: what it hangs on, what that hangs on, to the root.
    pub chain: Vec<String>,
    /// Parts of the way that are not listed, before the last.
    pub omitted: u64,
}
