//! What `tearline audit --json` prints: the verdict, and each broken requirement with the attack on it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Code;
use super::error::NoteLines;
use super::history::UnionDocument;

/// The document's schema.
pub const SCHEMA: &str = "tearline-audit/1";

/// The answer of an audit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// `safe` only when every requirement has a whole-number witness that was checked exactly.
    #[schemars(extend("enum" = ["safe", "unsafe"]))]
    pub verdict: &'static str,
    /// Title of the specification.
    pub title: String,
    /// Digest of the specification and its files.
    pub inputs_sha256: String,
    /// Cells of the table.
    pub cells: u64,
    /// Of these, hidden by the pattern.
    pub hidden: u64,
    /// Requirements: one a sensitive cell and direction.
    pub requirements: u64,
    /// Of these, proved by a witness.
    pub proved: u64,
    /// Connected components of the blanks.
    pub components: u64,
    /// Linear programs solved over whole components.
    pub programs: u64,
    /// `finished`, `work limit`, `time limit` or `cancelled`; what was not reached counts as unsafe.
    pub stopped: &'static str,
    /// Every broken requirement, by cell.
    pub findings: Vec<FindingDocument>,
    /// What this table and the earlier releases tell together, where there are any; `verdict` covers it.
    pub history: Option<UnionDocument>,
    /// Holds and warnings of the input.
    pub notes: NoteLines,
}

/// The structural document's schema.
pub const STRUCTURAL_SCHEMA: &str = "tearline-structural/1";

/// The answer of a structural audit: what equations give away whatever the figures.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StructuralDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = STRUCTURAL_SCHEMA))]
    pub schema: &'static str,
    /// Whether the equations give `something` or `nothing` away.
    #[schemars(extend("enum" = ["nothing", "something"]))]
    pub verdict: &'static str,
    /// Title of the specification.
    pub title: String,
    /// Digest of the specification and its files.
    pub inputs_sha256: String,
    /// Cells of the table.
    pub cells: u64,
    /// Of these, hidden by the pattern.
    pub hidden: u64,
    /// What is given away, by attacker.
    pub union: UnionDocument,
    /// Holds and warnings of the input.
    pub notes: NoteLines,
}

/// One broken requirement.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingDocument {
    /// The sensitive cell.
    pub cell: Vec<Code>,
    /// Further cells, where it is their sum that is sensitive.
    pub with: Vec<Vec<Code>>,
    /// `published`, `narrow` (an attack proves it) or `unproved` (neither witness nor attack was found).
    #[schemars(extend("enum" = ["published", "narrow", "unproved"]))]
    pub fault: &'static str,
    /// Who infers: `outsider`, a contributor or holding alone, or a declared attacker.
    pub attacker: String,
    /// Who is exposed: for rules, the contributors of the cell.
    pub victim: String,
    /// `up` or `down`: which end of the interval is too near; absent where the cell is published.
    pub direction: Option<&'static str>,
    /// How far that end must lie from the true value.
    pub need: Option<String>,
    /// The attacker's interval, as proved: of the cell for rules, of the victim's part for attackers.
    pub interval: Option<Interval>,
    /// The attack in words and numbers, one line a step.
    pub attack: Vec<String>,
    /// The relations of the attack with their factors.
    pub steps: Vec<Step>,
}

/// An interval; ends are exact, as decimals or fractions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    pub low: String,
    /// Upper end; absent where none is proved.
    pub high: Option<String>,
}

/// One relation of an attack.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Step {
    /// What `margin - parts = 0` is multiplied by, whole or `a/b`.
    pub factor: String,
    /// The variable along which the parts are added.
    pub variable: String,
    /// The margin.
    pub margin: Vec<Code>,
}
