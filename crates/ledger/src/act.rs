//! Acts in their wire form: what a delegation, a company or the office signs.
//!
//! An entry of the log is a DSSE envelope whose payload is one [`Act`] as JSON, and nothing else. This module knows how an act is
//! written and read and how it is bound to a key. It is not the procedure: whether an act counts is decided by the crate `office`.
//!
//! Shapes: one act is one JSON object of at most [`PAYLOAD_MAX_BYTES`] bytes. Sets (audience, originators) are ascending.
//! Keys that sign acts stand in the roster in full, with what they may sign and until when; all other keys, documents and figures
//! are named by a [`crate::Digest`].
//!
//! # Guarantee
//! Every act has exactly one byte form: [`Act::from_bytes`] refuses bytes that [`Act::to_bytes`] would not have written, so
//! reordered, doubled or unknown keys, other number forms and added spaces are refused. Two envelopes that a reader takes for the
//! same act therefore differ at most in their signature.
//!
//! # Source
//! Payload rules: DSSE 1.0, `protocol.md`. Times: RFC 3339, section 5.6, in the one form `YYYY-MM-DDTHH:MM:SSZ`.
//! Characters that change reading direction: Unicode UAX #9, section 2.

use serde::{Deserialize, Serialize};

use crate::{
    act_key::{ActKey, Signer},
    dsse::{Envelope, EnvelopeError},
};

mod access;
mod body;
mod field;
mod roster;
mod wave;

pub use access::{AccessDecision, AccessRefusal, JudgedBy, KeyAccess, PackageUuid};
pub use body::{
    Acknowledge, ActBody, Ballot, Consent, Deliver, Deposit, Entrust, Extend, Found, History, Propose,
    Reasoned, Reclaim, Register, ReleaseDraft, Revoke, RosterDraft, Seal, Subject, Tick, Withdraw, Witness,
};
pub use field::{
    CheckpointText, Code, Counter, Epoch, FieldError, LabelXml, Name, PartId, PolicyText, Quorum, Reason,
    Revision, RoundNumber, Title, UtcTime, days_in_month,
};
pub use roster::{
    Change, Content, Delegate, Delegation, Eligibility, Group, Leaving, Level, Member, Membership,
    NewDelegation, NewWitnesses, Office, OfficeCards, Receiver, ReceiverKind, Roster, Scope, Succession,
};
pub use wave::{Notice, Part, Wave};

/// Payload type of every entry; names the schema of the payload and its version.
pub const PAYLOAD_TYPE: &str = "application/vnd.tearline.act.v2+json";

/// Longest payload in bytes. An entry is at most 65,535 bytes (C2SP tlog-tiles, entry bundles); base64 makes four bytes of three,
/// and the envelope around it (type, key id, one signature of at most 4,096 bytes, itself in base64) takes less than 5,700.
pub const PAYLOAD_MAX_BYTES: usize = 44_872;

/// The actor code of the releasing office. No member or receiver may carry it.
pub const OFFICE: &str = "OFFICE";

/// Why bytes or text are not an act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The envelope holds something else than an act.
    #[error("payload type `{found}` is not `{PAYLOAD_TYPE}`")]
    PayloadType {
        /// Payload type that the envelope names.
        found: String,
    },
    /// The payload is longer than an entry of the log can hold.
    #[error(
        "an act of {bytes} bytes is longer than the {PAYLOAD_MAX_BYTES} bytes that fit into an entry of the log"
    )]
    TooLong {
        /// Length of the payload.
        bytes: usize,
    },
    /// The payload is not a JSON object of the schema.
    #[error("the payload is not an act of schema `tearline-act/2`: {detail}")]
    Malformed {
        /// What the reader stumbled on, with line and column.
        detail: String,
    },
    /// The payload reads as an act but is not written in its one byte form.
    #[error("the act is not in its one byte form")]
    NotCanonical,
    /// An act has one actor, so its envelope has one signature.
    #[error("the envelope of an act carries {found} signatures instead of one")]
    Signatures {
        /// Signatures found.
        found: usize,
    },
    /// The envelope's signature is not by the given key.
    #[error("the signature does not verify under the key of `{actor}`")]
    Signature {
        /// Who the act says it is from.
        actor: Code,
        /// What is wrong with the signature.
        source: EnvelopeError,
    },
    /// The act does not go into an envelope.
    #[error("the act could not be put into an envelope")]
    Envelope(#[from] EnvelopeError),
}

impl ActError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::PayloadType { .. } => "submit the envelope of a signed act",
            Self::TooLong { .. } => "keep long texts as documents and name them by digest",
            Self::Malformed { .. } | Self::NotCanonical => {
                "prepare the act again with this version of tearline and sign it anew"
            }
            Self::Signatures { .. } => "let the actor alone sign its act",
            Self::Signature { .. } => "sign with the key that stands on the roster for this party",
            Self::Envelope(error) => error.advice(),
        }
    }
}

/// The schema of an act; a new version is a new variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Schema {
    /// `tearline-act/2`.
    #[serde(rename = "tearline-act/2")]
    V2,
}

/// One act: who, the how-many-th act of that actor, and what. Fields stand in the order of the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Schema and version.
    pub schema: Schema,
    /// The party that acts; the envelope is signed with a key of it.
    pub actor: Code,
    /// Above every counter that the signing key has used before.
    pub counter: Counter,
    /// What is done.
    pub body: ActBody,
}

impl Act {
    /// An act of the present schema.
    #[must_use]
    pub fn new(actor: Code, counter: Counter, body: ActBody) -> Self {
        Self { schema: Schema::V2, actor, counter, body }
    }

    /// The one byte form of this act.
    ///
    /// # Errors
    /// [`ActError::TooLong`] when it would not fit into an entry of the log.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ActError> {
        let bytes =
            serde_json::to_vec(self).map_err(|error| ActError::Malformed { detail: error.to_string() })?;
        if bytes.len() > PAYLOAD_MAX_BYTES {
            return Err(ActError::TooLong { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads an act from its one byte form. Says nothing about who signed it.
    ///
    /// # Errors
    /// [`ActError::TooLong`], [`ActError::Malformed`], [`ActError::NotCanonical`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ActError> {
        if bytes.len() > PAYLOAD_MAX_BYTES {
            return Err(ActError::TooLong { bytes: bytes.len() });
        }
        let act = match read_in_order(bytes) {
            Some(act) => act,
            None => serde_json::from_slice(bytes)
                .map_err(|error| ActError::Malformed { detail: error.to_string() })?,
        };
        if act.to_bytes()? != bytes {
            return Err(ActError::NotCanonical);
        }
        Ok(act)
    }

    /// Signs the act into an envelope, ready to be an entry.
    ///
    /// # Errors
    /// [`ActError::TooLong`], [`ActError::Envelope`].
    pub fn sign(&self, key: &dyn Signer) -> Result<Envelope, ActError> {
        Ok(Envelope::sign(PAYLOAD_TYPE, &self.to_bytes()?, key)?)
    }

    /// Reads the act that an envelope claims to hold, **without** verifying its signature: only to learn whose key to verify with.
    ///
    /// # Errors
    /// [`ActError::PayloadType`], [`ActError::Signatures`] and those of [`Act::from_bytes`].
    pub fn claimed(envelope: &Envelope) -> Result<Self, ActError> {
        if envelope.payload_type() != PAYLOAD_TYPE {
            return Err(ActError::PayloadType { found: envelope.payload_type().to_owned() });
        }
        // A second signature would change the digest by which others name this act without changing the act.
        let found = envelope.signers().count();
        if found != 1 {
            return Err(ActError::Signatures { found });
        }
        Self::from_bytes(envelope.payload_unverified())
    }

    /// Reads the act of an envelope that `key` signed.
    ///
    /// # Errors
    /// [`ActError::Signature`] and those of [`Act::claimed`].
    pub fn verified(envelope: &Envelope, key: &ActKey) -> Result<Self, ActError> {
        let act = Self::claimed(envelope)?;
        envelope.verify(key).map_err(|source| ActError::Signature { actor: act.actor.clone(), source })?;
        Ok(act)
    }
}

/// Reads an act whose keys stand in their one order, several times as fast as serde, which must first find the tag of a body among
/// its keys. `None` for everything else; what it gives is compared with its one byte form like any other.
fn read_in_order(bytes: &[u8]) -> Option<Act> {
    let text = std::str::from_utf8(bytes).ok()?;
    let rest = text.strip_prefix(r#"{"schema":"tearline-act/2","actor":""#)?;
    let (actor, rest) = rest.split_once(r#"","counter":"#)?;
    let (counter, rest) = rest.split_once(r#","body":{"act":""#)?;
    let (tag, fields) = rest.split_once('"')?;
    let fields = fields.strip_prefix(',')?.strip_suffix("}}")?;
    let body = format!("{{{fields}}}");
    let actor = Code::new(actor).ok()?;
    let counter = Counter::new(counter.parse().ok()?).ok()?;
    Some(Act { schema: Schema::V2, actor, counter, body: ActBody::tagged(tag, &body)? })
}

#[cfg(test)]
mod tests;
