//! Who holds what at a stated time, what of it is stale, and what is blocked: the view that holdings reports are made from.
//!
//! Whoever knows the log fills it. For one receiver there is [`HeldView::for_receiver`], which keeps nothing of what that receiver does
//! not hold: titles of parts that it may not have would tell it that there are such parts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HELD_SCHEMA, PartLine, ReasonLine};

/// What each receiver holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldView {
    /// Name and version of this document.
    #[schemars(extend("const" = HELD_SCHEMA))]
    pub schema: String,
    /// The banner of its forms.
    pub marking: String,
    /// The time that it speaks of.
    pub at_utc: String,
    /// Revision of the registry at that time.
    pub registry_revision: u64,
    /// By code.
    pub receivers: Vec<ReceiverView>,
}

/// One receiver: a body or a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiverView {
    /// Its code.
    pub code: String,
    /// What it is called; empty where only the code is known.
    #[serde(default)]
    pub name: String,
    /// What it holds, by id.
    pub parts: Vec<HeldLine>,
    /// What it does not get, and why, by id. Internal: never in what is made for a receiver.
    #[serde(default)]
    pub blocked: Vec<BlockedLine>,
}

/// How a held part stands to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HeldState {
    /// It is in force.
    Current,
    /// Another took its place, and the receiver was not told.
    Stale,
    /// It is in force no more, and the receiver was not told.
    Withdrawn,
    /// It is stale or withdrawn, and the receiver was told.
    Told,
}

impl HeldState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Current, Self::Stale, Self::Withdrawn, Self::Told];

    /// The word of documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Stale => "stale",
            Self::Withdrawn => "withdrawn",
            Self::Told => "told",
        }
    }
}

/// A part that a receiver holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldLine {
    /// Which part.
    #[serde(flatten)]
    pub part: PartLine,
    /// The edition that is held.
    pub edition: String,
    /// How it stands to the registry.
    pub state: HeldState,
    /// Id of the part that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it was delivered.
    pub delivered_utc: String,
    /// The release that it came with.
    #[serde(default)]
    pub release: String,
    /// When its receipt was acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_utc: Option<String>,
    /// Until when a receipt is due; absent once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_due_utc: Option<String>,
    /// Whether that time has passed.
    #[serde(default)]
    pub overdue: bool,
}

/// A part that a receiver does not get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockedLine {
    /// Which part.
    #[serde(flatten)]
    pub part: PartLine,
    /// Every reason.
    pub reasons: Vec<ReasonLine>,
}

impl ReceiverView {
    /// How many of its parts are in this state.
    #[must_use]
    pub fn count(&self, state: HeldState) -> u64 {
        self.parts.iter().filter(|part| part.state == state).count() as u64
    }

    /// How many receipts are overdue.
    #[must_use]
    pub fn overdue(&self) -> u64 {
        self.parts.iter().filter(|part| part.overdue).count() as u64
    }
}

/// Why bytes are no document of what is held.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// They are no such JSON.
    #[error("not a document of what receivers hold")]
    Json(#[from] serde_json::Error),
    /// They are of another schema.
    #[error("the schema is `{found}`, not `{HELD_SCHEMA}`")]
    Schema {
        /// Of which.
        found: String,
    },
}

impl HeldError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Schema { .. } => "take held.json as `tearline standards held` wrote it",
        }
    }
}

impl HeldView {
    /// Reads a document.
    ///
    /// # Errors
    /// [`HeldError`] where it is none, or one of another version.
    pub fn read(bytes: &[u8]) -> Result<Self, HeldError> {
        let view: Self = serde_json::from_slice(bytes)?;
        if view.schema != HELD_SCHEMA {
            return Err(HeldError::Schema { found: view.schema });
        }
        Ok(view)
    }

    /// The same as this receiver may read it: what it holds itself, and nothing of others, of what it does not get, or of the part that
    /// took a place where it does not hold that too. Nothing where no such receiver is listed.
    #[must_use]
    pub fn for_receiver(&self, code: &str) -> Option<Self> {
        let receiver = self.receivers.iter().find(|receiver| receiver.code == code)?;
        let holds = |id: &String| receiver.parts.iter().any(|held| held.part.id == *id);
        let own = |held: &HeldLine| HeldLine { by: held.by.clone().filter(holds), ..held.clone() };
        let receiver = ReceiverView {
            parts: receiver.parts.iter().map(own).collect(),
            blocked: Vec::new(),
            ..receiver.clone()
        };
        Some(Self { receivers: vec![receiver], ..self.clone() })
    }
}
