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

use crate::{manifest::PackageId, profile::Profile, trust::Use};

/// Type under which the statement is signed.
pub(crate) const STATEMENT_TYPE: &str = "application/vnd.tearline.release.v2+json";
/// Longest statement in bytes; the marking is its longest part.
pub const STATEMENT_BYTES_MAX: usize = 64 * 1024;

const SCHEMA: &str = "tearline-release/2";

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

    pub(crate) fn new(sha256: Digest, bytes: u64) -> Self {
        Self { sha256, bytes }
    }

    pub(crate) fn digest(&self) -> Digest {
        self.sha256
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
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
    /// How the content key is wrapped.
    pub profile: Profile,
    /// Digest of the certificate that proves the release safe, as the proposal names it.
    pub certificate: Digest,
    /// Commitment to the mark that this copy's drawn forms carry, if they carry one.
    pub fingerprint: Option<Digest>,
    /// The file from its first byte to the manifest's header: what every copy of the release shares.
    pub(crate) prefix: Part,
    pub(crate) label: Part,
    pub(crate) decision: Part,
    pub(crate) manifest: Part,
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
            profile: Profile::named(&wire.profile)?,
            certificate: wire.certificate,
            fingerprint: wire.fingerprint,
            prefix: wire.prefix,
            label: wire.label,
            decision: wire.decision,
            manifest: wire.manifest,
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
            profile: self.profile.as_str().to_owned(),
            certificate: self.certificate,
            fingerprint: self.fingerprint,
            prefix: self.prefix,
            label: self.label,
            decision: self.decision,
            manifest: self.manifest,
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
    profile: String,
    certificate: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Digest>,
    prefix: Part,
    label: Part,
    decision: Part,
    manifest: Part,
}
