//! `wave.json`: what a receiver reads of a wave of standards, and what a member reads of its own parts in one before it agrees.
//!
//! Neither names anything but the parts of the wave, what these need, and copies that the receivers hold. What a part lacks is named by
//! the part itself: a document says what it refers to.

use schemars::JsonSchema;
use serde::Serialize;

/// The document's schema.
pub const SCHEMA: &str = "tearline-wave/1";
/// The schema of what a member is shown.
pub const SHOWN_SCHEMA: &str = "tearline-wave-shown/1";

/// A wave of standards, as its receivers get it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WaveDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Title of the wave.
    pub title: String,
    /// What stands on every page.
    pub marking: String,
    /// The change of the registry after which it was put together.
    pub registry: u64,
    /// Its parts, ascending by id.
    pub parts: Vec<WavePart>,
    /// What became of copies that were handed over before.
    pub notices: Vec<WaveNotice>,
}

/// A part in a wave.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WavePart {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// `cover-document` or `standard`.
    pub kind: String,
    /// Edition, where it has one.
    pub edition: String,
    /// Version, where it has one.
    pub version: String,
    /// Date of the document, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; empty where it is not known.
    pub date: String,
    /// The body responsible for it.
    pub custodian: String,
    /// Its level.
    pub level: String,
    /// The file of its document in this release.
    pub file: String,
    /// SHA-256 of that file.
    pub document_sha256: String,
    /// Parts that it normatively needs: in this wave, or handed over before.
    pub needs: Vec<String>,
    /// Parts that it normatively needs as well and that do not come.
    pub lacks: Vec<String>,
    /// The copy whose place it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// What became of a copy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WaveNotice {
    /// The part.
    pub id: String,
    /// `superseded` or `withdrawn`.
    #[schemars(extend("enum" = ["superseded", "withdrawn"]))]
    pub became: &'static str,
    /// What stands in its place, where it was superseded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What one member is shown of its own parts in a wave before it agrees; the proposal names a salted commitment to it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ShownDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SHOWN_SCHEMA))]
    pub schema: &'static str,
    /// Title of the wave.
    pub title: String,
    /// What stands on every page.
    pub marking: String,
    /// The member.
    pub member: String,
    /// Receivers of the wave, each by itself.
    pub receivers: Vec<ShownReceiver>,
    /// The member's parts in it.
    pub parts: Vec<WavePart>,
    /// How many parts of others are in it.
    pub others: usize,
}

/// A receiver, as a member is shown it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ShownReceiver {
    /// Its code.
    pub code: String,
    /// The state under whose law and agreements it receives.
    pub state: String,
    /// The highest level that it is cleared for.
    pub clearance: String,
}
