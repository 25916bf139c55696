//! What `tearline standards` prints and writes: findings, differences, waves, answers, the neighbourhood of a part, who holds what.
//!
//! Explanations are those of `office::standards`, word for word. Numbers are whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod answers;
mod check;
mod diff;
mod graph;
mod held;
mod office;
mod plan;

pub use answers::{
    AnswerLine, Direction, EligibleDocument, EventLine, HitLine, NationalLine, NeighbourLine, PartDocument,
    ReasonLine, SearchDocument, UseLine,
};
pub use check::{CheckDocument, CountLine, FindingLine};
pub use diff::{ChangedLine, DiffDocument, RenamedLine, TurnedLine};
pub use graph::{EdgeLine, GraphDocument, NodeLine};
pub use held::{BlockedLine, HeldError, HeldLine, HeldState, HeldView, ReceiverView};
pub use office::{ImportDocument, NextDocument, ReleaseLine};
pub use plan::{BecauseLine, LeftOutLine, PlanDocument, PlannedLine, WaveLine};

/// The schema of what `check` prints.
pub const CHECK_SCHEMA: &str = "tearline-standards-check/1";
/// The schema of what `diff` prints.
pub const DIFF_SCHEMA: &str = "tearline-standards-diff/1";
/// The schema of what `eligible` prints.
pub const ELIGIBLE_SCHEMA: &str = "tearline-standards-eligible/1";
/// The schema of what `graph` prints.
pub const GRAPH_SCHEMA: &str = "tearline-standards-graph/1";
/// The schema of what each receiver holds.
pub const HELD_SCHEMA: &str = "tearline-standards-held/1";
/// The schema of what `import` prints.
pub const IMPORT_SCHEMA: &str = "tearline-standards-import/1";
/// The schema of what `wave` prints.
pub const NEXT_SCHEMA: &str = "tearline-standards-wave/1";
/// The schema of a plan.
pub const PLAN_SCHEMA: &str = "tearline-standards-plan/1";
/// The schema of what `search` prints.
pub const SEARCH_SCHEMA: &str = "tearline-standards-search/1";
/// The schema of what `show` prints.
pub const SHOW_SCHEMA: &str = "tearline-standards-show/1";

/// The banner of reports unless another is asked for.
pub const MARKING_DEFAULT: &str = "INTERNAL: HANDLE AS THE STANDARDS IT WAS MADE FROM";

/// Levels as documents write them, lowest first.
pub const LEVELS: [&str; 6] =
    ["public", "unclassified", "restricted", "confidential", "secret", "top-secret"];

/// A part, as much as one needs to know which it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct PartLine {
    /// Its id, which names the edition too.
    pub id: String,
    /// Its number as published.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its marking; absent where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marking: Option<String>,
}

impl PartLine {
    /// Number and title on one line.
    pub(crate) fn name(&self) -> String {
        match (self.number.is_empty(), self.title.is_empty()) {
            (true, true) => self.id.clone(),
            (true, false) => self.title.clone(),
            (false, true) => self.number.clone(),
            (false, false) => format!("{}: {}", self.number, self.title),
        }
    }
}
