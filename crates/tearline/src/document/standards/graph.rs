//! The reference graph around one part: what `tearline standards graph --json` prints, and what its page is drawn from.

use schemars::JsonSchema;
use serde::Serialize;

use super::{GRAPH_SCHEMA, PartLine};

/// A part and what stands around it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GraphDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = GRAPH_SCHEMA))]
    pub schema: &'static str,
    /// The banner of the page.
    pub marking: String,
    /// Id of the part that was asked about.
    pub centre: String,
    /// Steps from it.
    pub depth: u32,
    /// The parts, by distance and id.
    pub nodes: Vec<NodeLine>,
    /// Edges between them.
    pub edges: Vec<EdgeLine>,
    /// Parts within the depth that are left out, because there are too many to draw.
    pub left_out: u64,
}

/// A part in the graph.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NodeLine {
    /// Which part.
    #[serde(flatten)]
    pub part: PartLine,
    /// A cover document, or a standard.
    #[schemars(extend("enum" = ["cover_document", "standard"]))]
    pub kind: &'static str,
    /// Where it is in its life.
    #[schemars(extend("enum" = ["draft", "accepted", "withdrawn"]))]
    pub status: &'static str,
    /// Ids of later parts that take its place.
    pub superseded_by: Vec<String>,
    /// Steps from the part that was asked about.
    pub distance: u32,
}

/// An edge of the graph.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EdgeLine {
    /// The subject.
    pub from: String,
    /// What the edge says.
    #[schemars(extend("enum" = ["covers", "has_part", "references", "supersedes"]))]
    pub relation: &'static str,
    /// The object.
    pub to: String,
    /// How binding it is.
    pub obligation: Option<&'static str>,
    /// Whether it was worked out from numbers and editions.
    pub derived: bool,
}
