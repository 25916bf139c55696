//! What `tearline standards check --json` prints.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::CHECK_SCHEMA;

/// What is wrong with a registry, finding by finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CheckDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = CHECK_SCHEMA))]
    pub schema: &'static str,
    /// Parts that were read.
    pub parts: u64,
    /// Edges that were kept.
    pub edges: u64,
    /// Profiles that were read.
    pub profiles: u64,
    /// The findings, by line and code.
    pub findings: Vec<FindingLine>,
    /// How many there are of each code.
    pub counts: BTreeMap<&'static str, u64>,
    /// The codes that occur, with what they mean: errors first, then the most frequent.
    pub codes: Vec<CountLine>,
}

/// One finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingLine {
    /// The stable word.
    pub code: &'static str,
    /// `error` (the record or edge was left out or cannot be trusted), `warning` (kept; somebody should look), or `note`.
    #[schemars(extend("enum" = ["error", "warning", "note"]))]
    pub severity: &'static str,
    /// The file it is of, by what is in it.
    pub file: &'static str,
    /// The part or profile it is about.
    pub id: String,
    /// The column.
    pub field: String,
    /// Line of the file; absent where it is about none.
    pub line: Option<u64>,
    /// The finding as a sentence.
    pub message: String,
}

/// A code with how often it occurs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CountLine {
    /// The stable word.
    pub code: &'static str,
    /// As of its findings.
    #[schemars(extend("enum" = ["error", "warning", "note"]))]
    pub severity: &'static str,
    /// How often.
    pub count: u64,
    /// What it means.
    pub about: String,
}
