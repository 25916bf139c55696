//! What `tearline standards diff --json` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::DIFF_SCHEMA;

/// What is different between two snapshots of a registry.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DiffDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = DIFF_SCHEMA))]
    pub schema: &'static str,
    /// Ids of the new snapshot that match nothing in the old one.
    pub added: Vec<String>,
    /// Records that are in both and differ.
    pub changed: Vec<ChangedLine>,
    /// Ids of the old snapshot that match nothing in the new one.
    pub withdrawn: Vec<String>,
    /// Records that are in both under different ids.
    pub renamed: Vec<RenamedLine>,
    /// Records of which the status changed in place.
    pub turned: Vec<TurnedLine>,
}

/// A changed record.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangedLine {
    /// Its id in the new snapshot.
    pub id: String,
    /// Its id in the old one.
    pub before: String,
    /// The columns that differ.
    pub fields: Vec<String>,
}

/// A renamed record.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RenamedLine {
    /// The old id.
    pub from: String,
    /// The new id.
    pub to: String,
}

/// A record whose status changed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TurnedLine {
    /// Its id in the new snapshot.
    pub id: String,
    /// The status before.
    pub from: String,
    /// The status after.
    pub to: String,
}
