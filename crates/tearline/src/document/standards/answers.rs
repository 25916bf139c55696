//! What `tearline standards eligible`, `show` and `search` print with `--json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ELIGIBLE_SCHEMA, PartLine, SEARCH_SCHEMA, SHOW_SCHEMA};

/// Who may have which part, and if not, why.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EligibleDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = ELIGIBLE_SCHEMA))]
    pub schema: &'static str,
    /// The day for which it was judged.
    pub at: String,
    /// By part, then receiver.
    pub answers: Vec<AnswerLine>,
}

/// May this receiver have this part?
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnswerLine {
    /// Which part.
    #[serde(flatten)]
    pub part: PartLine,
    /// A body or a state.
    pub receiver: String,
    /// The answer.
    pub may: bool,
    /// Every reason against it; empty for a yes.
    pub reasons: Vec<ReasonLine>,
}

/// A reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, serde::Deserialize)]
pub struct ReasonLine {
    /// The stable word.
    pub code: String,
    /// The reason as a sentence.
    pub message: String,
}

/// Everything that is registered of one part.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SHOW_SCHEMA))]
    pub schema: &'static str,
    /// Which part.
    #[serde(flatten)]
    pub part: PartLine,
    /// What follows it through renamings.
    pub uuid: Option<String>,
    /// A cover document, or a standard.
    #[schemars(extend("enum" = ["cover_document", "standard"]))]
    pub kind: &'static str,
    /// Where it is in its life.
    #[schemars(extend("enum" = ["draft", "accepted", "withdrawn"]))]
    pub status: &'static str,
    /// Who publishes it.
    pub publisher: String,
    /// Edition.
    pub edition: String,
    /// Version.
    pub version: String,
    /// Date of the document.
    pub date: Option<String>,
    /// The body responsible for it.
    pub custodian: String,
    /// Members whose consent it takes; empty where the policy says whose.
    pub originators: Vec<String>,
    /// States and bodies that alone may have it; absent where it has no such caveat.
    pub releasable_to: Option<Vec<String>>,
    /// When it was added to the registry.
    pub added: Option<String>,
    /// When it was last changed there.
    pub changed: Option<String>,
    /// When it was withdrawn there.
    pub withdrawn: Option<String>,
    /// Where it is published.
    pub uri: String,
    /// What it is about.
    pub summary: String,
    /// SHA-256 of its document, where the office has it.
    pub document_sha256: Option<String>,
    /// The history of its status, oldest first.
    pub history: Vec<EventLine>,
    /// Parts it stands in a relation to.
    pub relations: Vec<NeighbourLine>,
    /// Profiles that require it.
    pub used_by: Vec<UseLine>,
    /// What states say of it.
    pub national: Vec<NationalLine>,
}

/// One step in the history of a part.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EventLine {
    /// When.
    pub date: Option<String>,
    /// What happened.
    #[schemars(extend("enum" = ["added", "changed", "deleted"]))]
    pub flag: &'static str,
    /// The change proposal.
    pub proposal: String,
    /// The version of the registry.
    pub version: String,
}

/// Which way a relation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the part that was asked about.
    To,
    /// To it.
    From,
}

/// A part in a relation to the one that was asked about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NeighbourLine {
    /// What the relation says.
    #[schemars(extend("enum" = ["covers", "has_part", "references", "supersedes"]))]
    pub relation: &'static str,
    /// Which way.
    pub direction: Direction,
    /// How binding it is.
    pub obligation: Option<&'static str>,
    /// Whether it was worked out from numbers and editions.
    pub derived: bool,
    /// The other part.
    #[serde(flatten)]
    pub part: PartLine,
}

/// A profile that requires a part.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UseLine {
    /// Id of the profile.
    pub profile: String,
    /// Its title.
    pub title: String,
    /// How binding it is.
    pub obligation: Option<&'static str>,
    /// Whether it holds already.
    #[schemars(extend("enum" = ["current", "candidate", null]))]
    pub lifecycle: Option<&'static str>,
}

/// What a state says.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NationalLine {
    /// Which.
    pub state: String,
    /// What it did.
    #[schemars(extend("enum" = ["ratified", "reserved", "not-ratifying", "implemented"]))]
    pub stance: &'static str,
    /// When.
    pub date: Option<String>,
    /// Its words.
    pub note: String,
}

/// Parts found by number or words.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SearchDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SEARCH_SCHEMA))]
    pub schema: &'static str,
    /// What was looked for.
    pub wanted: String,
    /// What was found, best first.
    pub hits: Vec<HitLine>,
}

/// A part that was found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HitLine {
    /// Which part.
    #[serde(flatten)]
    pub part: PartLine,
    /// Where it is in its life.
    #[schemars(extend("enum" = ["draft", "accepted", "withdrawn"]))]
    pub status: &'static str,
    /// How well it fits; more is better.
    pub score: u32,
    /// What of it fits: the number, its beginning, or all words.
    #[schemars(extend("enum" = ["number", "number-begins", "words"]))]
    pub why: &'static str,
}
