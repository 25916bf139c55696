//! `exposure.json`: what attackers can tell of one contributor's figures, were a draft released; for that contributor.
//!
//! It holds the contributor's own figures, what the draft says, and what follows from these. An attacker's interval also
//! follows from the attacker's own figures, so its exact ends would tell the contributor about those: of attackers
//! other than the outsider it is only said whether they are kept as far off as was promised.

use schemars::JsonSchema;
use serde::Serialize;

use super::Code;
use super::audit::Interval;

/// The document's schema.
pub const SCHEMA: &str = "tearline-exposure/1";

/// What attackers can tell of one contributor's figures.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExposureDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Title of the specification.
    pub title: String,
    /// Banner of the page.
    pub marking: String,
    /// The contributor, or its holding.
    pub unit: String,
    /// `safe` when every attacker is kept as far off as was promised, in every cell.
    #[schemars(extend("enum" = ["safe", "unsafe", "waived"]))]
    pub verdict: &'static str,
    /// Per cent that every interval must reach past the truth.
    pub p: String,
    /// The least that it must reach past the truth.
    pub floor: String,
    /// Whether it must reach below the truth as well.
    pub two_sided: bool,
    /// Attackers that the contributor is no member of.
    pub attackers: Vec<String>,
    /// Every cell where the contributor has a record and no smaller cell says the same.
    pub cells: Vec<ExposedCell>,
    /// Digest of the specification and its files.
    pub inputs_sha256: String,
    /// Digest of `release/cells.csv`.
    pub release_sha256: String,
}

/// One cell.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExposedCell {
    /// The cell.
    pub cell: Vec<Code>,
    /// Unit of the figures.
    pub unit: String,
    /// What the contributor has in it.
    pub own: String,
    /// How far intervals must reach above that.
    pub need: String,
    /// Whether the draft shows the cell's value.
    pub shown: bool,
    /// What an outsider can tell of the contributor's part.
    pub outsider: Interval,
    /// Attackers that come closer than was promised.
    pub broken_by: Vec<String>,
}
