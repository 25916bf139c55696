//! What `tearline certificate check --json` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::Code;

/// The document's schema.
pub const SCHEMA: &str = "tearline-certificate-check/1";

/// The answer of the exact checker.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CheckDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// `valid`: the release is true, and its certificate proves every requirement.
    #[schemars(extend("enum" = ["valid", "invalid"]))]
    pub verdict: &'static str,
    /// Title of the specification.
    pub title: String,
    /// Digest of the specification and its files.
    pub inputs_sha256: String,
    /// Digest of `release/cells.csv`.
    pub release_sha256: String,
    /// Digest of `internal/certificate.csv`.
    pub certificate_sha256: String,
    /// Cells of the table.
    pub cells: u64,
    /// Of these, not published exactly.
    pub hidden: u64,
    /// What `internal/bound.json` proves, where it is there and sound.
    pub bound: Option<BoundDocument>,
    /// Worlds of the certificate.
    pub worlds: u64,
    /// Requirements proved; 0 when invalid.
    pub requirements: u64,
    /// What is wrong; nothing when valid.
    pub failures: Vec<FailureDocument>,
}

/// How close a pattern is to the lightest.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BoundDocument {
    /// Summed weight of the secondaries.
    pub weight: String,
    /// No safe pattern has a smaller one.
    pub bound: String,
    /// Share of the weight that lies above the bound, in per cent with two decimals, rounded up.
    pub gap: String,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FailureDocument {
    /// The cell it is about, if it is about one.
    pub cell: Option<Vec<Code>>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: String,
}
