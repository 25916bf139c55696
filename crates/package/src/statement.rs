//! What the office signs of a package: its parts by digest, its receiver, its marking.
//!
//! One statement holds all parts together, so that none can be taken from another package. It says nothing of the content but what
//! the label and the proposal say as well.

use ledger::{
    Digest,
    act::{Code, Title, UtcTime},
    key::KeyId,
};
use serde::{Deserialize, Serialize};

use crate::{manifest::PackageId, trust::Use};

/// Type under which the statement is signed.
pub(crate) const STATEMENT_TYPE: &str = "application/vnd.tearline.release.v1+json";
/// Longest statement in bytes; the marking is its longest part.
pub const STATEMENT_BYTES_MAX: usize = 64 * 1024;

const SCHEMA: &str = "tearline-release/1";

/// A part of the package, by digest and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    sha256: Digest,
    bytes: u64,
}

impl Part {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { sha256: Digest::of(bytes), bytes: bytes.len() as u64 }
    }

    pub(crate) fn digest(&self) -> Digest {
        self.sha256
    }
}

/// What the office says of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Id of the package.
    pub package: PackageId,
    /// Which copy of the release it is, from 1; visible to its receiver, who answers for it.
    pub copy: u32,
    /// Whether it is for exercise.
    pub kind: Use,
    /// Title of the release.
    pub title: Title,
    /// Marking to show wherever the content is shown.
    pub marking: String,
    /// Who it is for.
    pub receiver: Code,
    /// Which of the receiver's keys opens it.
    pub receiver_key: KeyId,
    /// When it was sealed.
    pub sealed_utc: UtcTime,
    pub(crate) manifest: Part,
    pub(crate) payload: Part,
    pub(crate) label: Part,
    pub(crate) decision: Part,
}

impl Statement {
    /// `None` for anything that [`Statement::to_bytes`] would not write.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > STATEMENT_BYTES_MAX {
            return None;
        }
        let wire = serde_json::from_slice::<Wire>(bytes).ok()?;
        let read = Self {
            package: PackageId::parse(&wire.package)?,
            copy: wire.copy,
            kind: if wire.exercise { Use::Exercise } else { Use::Real },
            title: wire.title,
            marking: wire.marking,
            receiver: wire.receiver,
            receiver_key: wire.receiver_key,
            sealed_utc: wire.sealed_utc,
            manifest: wire.manifest,
            payload: wire.payload,
            label: wire.label,
            decision: wire.decision,
        };
        (wire.schema == SCHEMA && read.to_bytes()? == bytes).then_some(read)
    }

    /// The statement in its one form. `None` when it is too long.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            package: self.package.to_string(),
            copy: self.copy,
            exercise: self.kind == Use::Exercise,
            title: self.title.clone(),
            marking: self.marking.clone(),
            receiver: self.receiver.clone(),
            receiver_key: self.receiver_key,
            sealed_utc: self.sealed_utc,
            manifest: self.manifest,
            payload: self.payload,
            label: self.label,
            decision: self.decision,
        };
        serde_json::to_vec(&wire).ok().filter(|bytes| bytes.len() <= STATEMENT_BYTES_MAX)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    package: String,
    copy: u32,
    exercise: bool,
    title: Title,
    marking: String,
    receiver: Code,
    receiver_key: KeyId,
    sealed_utc: UtcTime,
    manifest: Part,
    payload: Part,
    label: Part,
    decision: Part,
}
