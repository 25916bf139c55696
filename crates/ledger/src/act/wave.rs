//! Standards, handed over part by part: what a release of standards says of each part, so that the log alone shows who consented to
//! what, and that nothing went out before what it needs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Code, Level, PartId, Revision};
use crate::Digest;

/// A wave: the parts of the standards that one release hands over, and what it tells of parts handed over before.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// The change of the registry after which the wave was planned, the newest one.
    pub registry: Revision,
    /// Parts by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<PartId, Part>,
    /// What became of parts that every receiver of the wave holds, by their ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notices: BTreeMap<PartId, Notice>,
}

/// A part in a wave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// SHA-256 of the document, one file of the content.
    pub document: Digest,
    /// How highly it is classified.
    pub level: Level,
    /// Members whose consent it takes; never empty.
    pub originators: BTreeSet<Code>,
    /// Parts that it normatively needs: each in this wave, or held by every receiver of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<PartId>,
    /// Parts that it normatively needs as well and that receivers do not get: the flag.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lacks: BTreeSet<PartId>,
    /// The part whose place it takes with receivers that hold that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<PartId>,
}

/// What became of a part that was handed over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "became", rename_all = "snake_case")]
pub enum Notice {
    /// Another stands in its place, whether or not receivers get that one.
    Superseded {
        /// Which.
        by: PartId,
    },
    /// It is no standard any more.
    Withdrawn,
}
