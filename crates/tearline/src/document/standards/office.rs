//! What `tearline standards import` and `wave` print: a change for review, and the releases that go next.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{IMPORT_SCHEMA, NEXT_SCHEMA};

/// What a snapshot would change in the office's registry. Nothing took effect.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ImportDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = IMPORT_SCHEMA))]
    pub schema: &'static str,
    /// `not-imported` where rows cannot be read: their records would be withdrawn.
    #[schemars(extend("enum" = ["for-review", "not-imported"]))]
    pub verdict: &'static str,
    /// The revision that it would be.
    pub revision: u64,
    /// SHA-256 of `change.json`: who reviewed it says which one.
    pub change_sha256: String,
    /// Records that are new.
    pub added: u64,
    /// Records that say something else.
    pub changed: u64,
    /// Records that the snapshot has no more.
    pub withdrawn: u64,
    /// Records with another id.
    pub renamed: u64,
    /// Edges that are new, and edges that are no more.
    pub edges: [u64; 2],
    /// Documents that were sealed.
    pub documents: u64,
    /// What is wrong with the snapshot, by code.
    pub findings: BTreeMap<String, u64>,
    /// Where all of it was written.
    pub folder: String,
}

/// The releases that go next, none of them proposed yet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NextDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = NEXT_SCHEMA))]
    pub schema: &'static str,
    /// What they were put together for.
    #[schemars(extend("enum" = ["planned", "delta", "bulk", "again"]))]
    pub kind: &'static str,
    /// Where they were written.
    pub folder: String,
    /// One a class of receivers that get exactly the same, or several in the order in which they must go.
    pub releases: Vec<ReleaseLine>,
    /// Parts that stay because the office has no document of them.
    pub without_document: Vec<String>,
    /// Parts that stay because nobody is named whose consent could be asked.
    pub without_originator: Vec<String>,
    /// For `bulk`, parts that stay because a consent beforehand is missing, and whose.
    pub awaiting: BTreeMap<String, Vec<String>>,
    /// For `again`, parts that were taken out, and why.
    pub taken_out: BTreeMap<String, Vec<String>>,
}

/// A release that goes next.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReleaseLine {
    /// Its folder.
    pub folder: String,
    /// Its title.
    pub title: String,
    /// Who gets it.
    pub audience: Vec<String>,
    /// Whose consent it takes.
    pub originators: Vec<String>,
    /// The highest level in it.
    pub level: String,
    /// Its parts.
    pub parts: Vec<String>,
    /// Copies that it gives notice of.
    pub notices: Vec<String>,
}
