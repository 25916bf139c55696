//! `internal/history.json`: what a release must leave behind so that later ones can be judged together with it; and what
//! documents say of such a judgement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Code;
use super::audit::Interval;

/// The document's schema.
pub const SCHEMA: &str = "tearline-history/1";

/// What a release leaves behind, beside its statements.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HistoryDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The latest vintage of the figures; absent where they have none.
    pub vintage: Option<String>,
    /// The codes of that day, one a variable in the order of the table.
    pub variables: Vec<VariableDocument>,
    /// Whom the release withstood, the outsider first.
    pub attackers: Vec<AttackerDocument>,
    /// Digest over who had a record where, at that vintage.
    pub participation_sha256: String,
    /// Digest of `release/cells.csv`.
    pub statements_sha256: String,
    /// Digests of the statements of the releases it was judged together with.
    pub earlier_sha256: Vec<String>,
}

/// The codes of one variable.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VariableDocument {
    /// Its name.
    pub name: String,
    /// Digest over its codes and what they are below, a line each.
    pub sha256: String,
    /// Its codes, each after the one it is below.
    pub codes: Vec<CodeDocument>,
}

/// One code.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CodeDocument {
    /// The code.
    pub code: String,
    /// What it is below; absent at the top.
    pub parent: Option<String>,
}

/// One attacker.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AttackerDocument {
    /// What it is called.
    pub id: String,
    /// The protected units that pool.
    pub members: Vec<String>,
}

/// What all releases together tell.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnionDocument {
    /// Earlier releases that were taken in.
    pub releases: Vec<String>,
    /// Attackers.
    pub attackers: u64,
    /// Quantities of units, of all families and vintages.
    pub quantities: u64,
    /// Each unit that an attacker comes too close to, with the first quantity that shows it.
    pub exposed: Vec<ExposedDocument>,
    /// What can be done about it, in the order to try; nothing where nobody is exposed.
    pub remedies: Vec<String>,
}

/// A unit that an attacker comes too close to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExposedDocument {
    /// Who infers.
    pub attacker: String,
    /// Who is exposed.
    pub victim: String,
    /// `part` of a cell, `change` of it, or part of what is `hidden` below it.
    #[schemars(extend("enum" = ["part", "change", "hidden"]))]
    pub quantity: &'static str,
    /// The cell.
    pub cell: Vec<Code>,
    /// The vintages, where figures have any: one, or two of a change.
    pub vintages: Vec<String>,
    /// `exact`: nothing but the truth is possible; `up` or `down`: that end is too near; `equations`: the published
    /// equations alone give it away, whatever the figures.
    #[schemars(extend("enum" = ["exact", "up", "down", "equations"]))]
    pub fault: &'static str,
    /// The attacker's interval of the quantity; only `audit` says it.
    pub interval: Option<Interval>,
}
