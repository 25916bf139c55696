//! `cells.json` of a release: what `cells.csv` says, with the titles of its codes and the marking.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// The document's schema.
pub const SCHEMA: &str = "tearline-cells/1";

/// What a release says.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CellsDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Marking to show wherever the content is shown.
    pub marking: String,
    /// Title of the release.
    pub title: String,
    /// SHA-256 of `cells.csv`, which says the same.
    pub cells_sha256: String,
    /// Spanning variables, in the order of the columns.
    pub variables: Vec<VariableDocument>,
    /// One a cell. A cell that is missing is zero, and known to be.
    pub cells: Vec<CellDocument>,
}

/// A spanning variable.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VariableDocument {
    /// Its name.
    pub name: String,
    /// Its codes.
    pub codes: Vec<CodeDocument>,
}

/// A code.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CodeDocument {
    /// The code.
    pub code: String,
    /// Code above it; absent at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What it stands for.
    pub title: String,
}

/// A cell.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CellDocument {
    /// Its code of each variable.
    pub codes: BTreeMap<String, String>,
    /// Its unit.
    pub unit: String,
    /// `published`: `value` is the sum, or near it between `low` and `high`. `suppressed`: the sum lies from `low` to `high`; without
    /// either, nothing is said.
    #[schemars(extend("enum" = ["published", "suppressed"]))]
    pub status: &'static str,
    /// Exact decimal, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Exact decimal, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<String>,
    /// Exact decimal, as text; absent beside a `low` where nothing published bounds the sum from above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<String>,
}

/// The schema of [`FormsDocument`].
pub const FORMS_SCHEMA: &str = "tearline-forms/1";

/// The answer of `tearline forms`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FormsDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = FORMS_SCHEMA))]
    pub schema: &'static str,
    /// What stands on every page and sheet.
    pub marking: String,
    /// What was written.
    pub files: Vec<super::office::FileDocument>,
}
