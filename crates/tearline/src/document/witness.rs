//! What asking the witnesses came to, as data.

use schemars::JsonSchema;
use serde::Serialize;

/// Name and version of the document.
pub const WITNESS_SCHEMA: &str = "tearline-witnessed/1";

/// What `ledger witness` prints with `--json`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WitnessDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = WITNESS_SCHEMA))]
    pub schema: &'static str,
    /// What each service answered.
    pub asked: Vec<AskedLine>,
    /// Witnesses of the policy whose cosignature is missing.
    pub missing: Vec<String>,
    /// Entries of the log that enough witnesses have seen; absent where they have not.
    pub witnessed: Option<u64>,
    /// Why nothing was logged.
    pub refusal: Option<String>,
}

/// One service of witnesses.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AskedLine {
    /// Witnesses of the policy that it is.
    pub names: Vec<String>,
    /// Where it is.
    pub url: String,
    /// What it said.
    #[schemars(extend("enum" = ["cosigned", "unreachable", "refused"]))]
    pub outcome: &'static str,
    /// More about it.
    pub detail: String,
}
