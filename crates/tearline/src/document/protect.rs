//! What `tearline protect --json` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Code;
use super::error::NoteLines;
use super::history::ExposedDocument;
use super::report::Report;

/// The document's schema.
pub const SCHEMA: &str = "tearline-protect/1";

/// The answer of `protect`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProtectDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// `protected`; `cannot-be-protected`: some cell has no protection in this table; `held`: a person must decide
    /// about the input first; `exposed-by-history`: with the earlier releases it tells too much; `suggested`: a base was
    /// asked for and found. Only `protected` writes anything.
    #[schemars(extend("enum" = ["protected", "cannot-be-protected", "held", "exposed-by-history", "suggested"]))]
    pub verdict: &'static str,
    /// Folder that was written.
    pub out: Option<String>,
    /// Pattern file that was written.
    pub pattern: Option<String>,
    /// Why not, and what to do.
    pub refusal: Option<Refusal>,
    /// The bases that were tried, where one was asked for.
    pub suggestion: Option<Suggestion>,
    /// Holds and warnings of the input.
    pub notes: NoteLines,
    /// The report; also in `report.json`.
    pub report: Option<Report>,
}

/// Bases that a table was rounded to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Suggestion {
    /// The first that is safe, in the declared scale.
    pub base: Option<String>,
    /// All that were tried, ascending.
    pub tried: Vec<TriedBase>,
}

/// One base that was tried.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TriedBase {
    /// The base, in the declared scale.
    pub base: String,
    /// `unknown`: no such rounding was found, or not all of it was settled in time.
    #[schemars(extend("enum" = ["safe", "unsafe", "unknown"]))]
    pub verdict: &'static str,
}

/// Why nothing was written.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Refusal {
    /// Why.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// The cell that cannot be protected.
    pub cell: Option<Vec<Code>>,
    /// `up` or `down`.
    pub direction: Option<&'static str>,
    /// How far its interval must reach, in the declared scale.
    pub need: Option<String>,
    /// What stands in the way.
    pub obstacles: Option<ObstaclesDocument>,
    /// Who is exposed by this release and the earlier ones together.
    pub exposed: Vec<ExposedDocument>,
    /// What can be done about that, in the order to try.
    pub remedies: Vec<String>,
}

/// Cells that must stay published and without which the cell could be protected.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ObstaclesDocument {
    /// How many; 0 where the cell could not be protected without them either.
    pub count: u64,
    /// The codes of the nearest of them, joined by `|`.
    pub nearest: Vec<String>,
}
