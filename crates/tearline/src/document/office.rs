//! What `tearline key`, `tearline transfer` and `tearline demo` print with `--json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::package::CheckLine;

/// The document's schema.
pub const KEY_SCHEMA: &str = "tearline-key-made/1";
/// The document's schema.
pub const TRANSFER_SCHEMA: &str = "tearline-transfer/1";
/// The document's schema.
pub const DEMO_SCHEMA: &str = "tearline-demo/1";

/// The answer of `tearline key new` and `tearline key show`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = KEY_SCHEMA))]
    pub schema: &'static str,
    /// The key file; absent where a card alone was shown.
    pub file: Option<String>,
    /// The file of its public card.
    pub card_file: Option<String>,
    /// What the key is for.
    #[schemars(extend("enum" = ["act", "log", "witness", "seal", "open", "access", "trace"]))]
    pub kind: &'static str,
    /// Whose key it is.
    pub name: String,
    /// Its id.
    pub id: String,
}

/// The answer of `tearline transfer export` and `tearline transfer import`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TransferDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = TRANSFER_SCHEMA))]
    pub schema: &'static str,
    /// `exported`, `imported`, or `refused`: then nothing was written.
    #[schemars(extend("enum" = ["exported", "imported", "refused"]))]
    pub verdict: &'static str,
    /// Whether nothing was written because only a judgement was asked for.
    pub dry_run: bool,
    /// The side.
    pub side: String,
    /// Number of the bundle; of a refused one, the number that was due.
    pub sequence: u64,
    /// What was written: the bundle, or the packages.
    pub files: Vec<String>,
    /// Every reason why nothing goes over.
    pub refusals: Vec<RefusalLine>,
}

/// One reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RefusalLine {
    /// The guard's rule.
    #[schemars(extend("enum" = ["whole", "signed", "for-this-side", "in-order", "agreed", "labelled"]))]
    pub rule: &'static str,
    /// The package it is about, by SHA-256.
    pub package_sha256: Option<String>,
    /// What was found.
    pub detail: String,
    /// What to do.
    pub advice: String,
}

/// The answer of `tearline demo`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DemoDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = DEMO_SCHEMA))]
    pub schema: &'static str,
    /// Always: all data of the demo is invented.
    pub exercise: bool,
    /// The folder.
    pub folder: String,
    /// The story.
    pub steps: Vec<StepDocument>,
    /// What was checked again from the files; nothing without `--check`.
    pub checks: Vec<CheckLine>,
    /// Commands to try next.
    pub next: Vec<String>,
}

/// One step of the story.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepDocument {
    /// From 1.
    pub number: u32,
    /// What it is about.
    pub title: String,
    /// What was done.
    pub done: Vec<String>,
    /// What that proves.
    pub proves: Vec<String>,
    /// Where the files are.
    pub files: Vec<FileDocument>,
}

/// A file or folder that a step wrote.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FileDocument {
    /// Its path.
    pub path: String,
    /// What it is.
    pub what: String,
}
