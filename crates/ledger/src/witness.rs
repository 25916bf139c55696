//! The pure witness: what it remembers of each log, and when it cosigns.
//!
//! A witness keeps size and root of the newest tree it cosigned of each log, and cosigns another only with a proof that it
//! extends that one. It knows no HTTP, file or clock: the shell hands over bytes and gets back a status, a body, and lines.
//! The one order that matters is in the types: [`WitnessState::decide`] gives an [`Update`], the caller's write turns it into
//! [`Persisted`], and only that has the cosignatures.
//!
//! Logs are served as this crate writes them: an origin is a key name, and a checkpoint has no extension lines.
//!
//! # Guarantee
//!
//! A cosigner used through this module alone, over one state that is never set back, signs no two trees of one log of which
//! neither extends the other.
//!
//! Why it holds: `witness.proof.md`.
//!
//! # Source
//!
//! C2SP tlog-witness, "add-checkpoint"; the order of the checks is the one written there.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::Digest;
use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::cosignature::{Cosigner, TIMESTAMP_MAX};
use crate::encoding::{from_base64, from_decimal, to_base64};
use crate::log::LogVerifier;
use crate::merkle::{ConsistencyProof, empty_root};
use crate::note::{KeyName, NOTE_BYTES_MAX, NoteError, SignatureLines};

/// The most hashes of a proof in a request (C2SP tlog-witness).
pub const PROOF_HASHES_MAX: usize = 63;

/// The largest request in bytes: size line, hashes of 45 bytes each with their newline, and a checkpoint.
pub const REQUEST_BYTES_MAX: usize = NOTE_BYTES_MAX + 64 * (PROOF_HASHES_MAX + 1);

/// The most logs of one witness.
pub const LOGS_MAX: usize = 1_024;

/// The largest state file in bytes: each line has a name, a size and a root.
pub const STATE_BYTES_MAX: usize = 512 * (LOGS_MAX + 1);

/// The media type of a refusal that tells the size which the witness has.
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

/// First line of a state file.
const STATE_HEADER: &str = "tearline-witness/1";

/// The newest tree of a log that was cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Number of entries.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
}

/// What a request asks: the proof that a checkpoint extends the tree of `old` entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    old: u64,
    proof: Vec<Digest>,
    checkpoint: SignedCheckpoint,
}

impl Request {
    /// The request that a log sends to its witness.
    ///
    /// # Errors
    ///
    /// [`WitnessRefusal::Malformed`] for a proof that no request may carry.
    pub fn new(proof: &ConsistencyProof, checkpoint: SignedCheckpoint) -> Result<Self, WitnessRefusal> {
        if proof.hashes.len() > PROOF_HASHES_MAX || proof.new != checkpoint.unverified().size {
            return Err(WitnessRefusal::Malformed { line: 2 });
        }
        Ok(Self { old: proof.old, proof: proof.hashes.clone(), checkpoint })
    }

    /// Size of the tree that the proof starts from.
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The checkpoint to cosign; worth keeping as evidence when the answer is [`WitnessRefusal::Fork`] or
    /// [`WitnessRefusal::Proof`].
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// [`WitnessRefusal::Malformed`] or [`WitnessRefusal::Checkpoint`].
    pub fn from_bytes(body: &[u8]) -> Result<Self, WitnessRefusal> {
        let malformed = |line| WitnessRefusal::Malformed { line };
        if body.len() > REQUEST_BYTES_MAX {
            return Err(malformed(1));
        }
        let text = std::str::from_utf8(body).map_err(|_| malformed(1))?;
        // The first empty line ends the proof, whose lines are never empty.
        let (head, checkpoint) = text.split_once("\n\n").ok_or(malformed(1))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(from_decimal);
        let old = old.ok_or(malformed(1))?;
        let mut proof = Vec::new();
        for (i, line) in lines.enumerate() {
            match digest_of(line) {
                Some(hash) if i < PROOF_HASHES_MAX => proof.push(hash),
                _ => return Err(malformed(i + 2)),
            }
        }
        let checkpoint = SignedCheckpoint::from_text(checkpoint).map_err(WitnessRefusal::Checkpoint)?;
        Ok(Self { old, proof, checkpoint })
    }

    /// The body of the request.
    pub fn to_text(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| to_base64(hash.as_bytes()) + "\n").collect();
        format!("old {}\n{proof}\n{}", self.old, self.checkpoint.to_text())
    }
}

/// Reads the body of a refusal with [`SIZE_MEDIA_TYPE`]: the size that the witness has.
pub fn size_of_conflict(body: &[u8]) -> Option<u64> {
    from_decimal(std::str::from_utf8(body).ok()?.strip_suffix('\n')?)
}

/// What a witness remembers: the newest cosigned tree of each log. Text form: [`WitnessState::to_text`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessState {
    /// INVARIANT: at most [`LOGS_MAX`]; a size of 0 has the root of the empty tree; kept by `from_text` and `Update`.
    logs: BTreeMap<KeyName, Latest>,
}

impl WitnessState {
    /// A witness that has cosigned nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The newest cosigned tree of a log.
    pub fn latest(&self, origin: &KeyName) -> Option<&Latest> {
        self.logs.get(origin)
    }

    /// All logs in order of name.
    pub fn logs(&self) -> impl ExactSizeIterator<Item = (&KeyName, &Latest)> {
        self.logs.iter()
    }

    /// Judges a request. Nothing is changed and nothing signed yet.
    ///
    /// `logs` are the logs that the witness serves. An origin may be there several times while its keys are being replaced;
    /// one that verifies suffices.
    ///
    /// # Errors
    ///
    /// See [`WitnessRefusal`].
    pub fn decide(&self, request: &Request, logs: &[LogVerifier]) -> Result<Update, WitnessRefusal> {
        let Checkpoint { origin, size, root } = request.checkpoint.unverified();
        let known: Vec<_> = logs.iter().filter(|log| log.name() == origin).collect();
        if known.is_empty() {
            return Err(WitnessRefusal::UnknownLog { origin: origin.to_string() });
        }
        if !known.iter().any(|log| request.checkpoint.verify(log).is_ok()) {
            return Err(WitnessRefusal::Signature { origin: origin.to_string() });
        }
        if request.old > *size {
            return Err(WitnessRefusal::Shrinks { old: request.old, new: *size });
        }
        let before = self.latest(origin).copied();
        let held = before.unwrap_or(Latest { size: 0, root: empty_root() });
        if request.old != held.size {
            return Err(WitnessRefusal::Stale { held: held.size });
        }
        if request.old == *size && held.root != *root {
            return Err(WitnessRefusal::Fork { held: held.size });
        }
        let proof = ConsistencyProof { old: request.old, new: *size, hashes: request.proof.clone() };
        if !proof.holds(&held.root, root) {
            return Err(WitnessRefusal::Proof { old: request.old, new: *size });
        }
        if before.is_none() && self.logs.len() >= LOGS_MAX {
            return Err(WitnessRefusal::Full);
        }
        Ok(Update { checkpoint: request.checkpoint.unverified().clone(), before })
    }

    /// Reads a state file.
    ///
    /// # Errors
    ///
    /// [`WitnessStateError`] with the first line at fault, for any text that [`WitnessState::to_text`] would not write.
    pub fn from_text(text: &str) -> Result<Self, WitnessStateError> {
        let fault = |line| WitnessStateError { line };
        if text.len() > STATE_BYTES_MAX {
            return Err(fault(1));
        }
        let rest =
            text.strip_prefix(STATE_HEADER).and_then(|rest| rest.strip_prefix('\n')).ok_or(fault(1))?;
        let mut logs = BTreeMap::new();
        for (i, line) in rest.split_inclusive('\n').enumerate() {
            let (origin, latest) = latest_of(line).ok_or(fault(i + 2))?;
            let ascending = logs.last_key_value().is_none_or(|(last, _)| *last < origin);
            if !ascending || logs.len() >= LOGS_MAX {
                return Err(fault(i + 2));
            }
            logs.insert(origin, latest);
        }
        Ok(Self { logs })
    }

    /// The state file: a header, then `origin size base64(root)` for each log in order of name.
    pub fn to_text(&self) -> String {
        let line = |(origin, latest): (&KeyName, &Latest)| {
            format!("{origin} {} {}\n", latest.size, to_base64(latest.root.as_bytes()))
        };
        format!("{STATE_HEADER}\n{}", self.logs.iter().map(line).collect::<String>())
    }
}

/// One line of a state file.
fn latest_of(line: &str) -> Option<(KeyName, Latest)> {
    let mut fields = line.strip_suffix('\n')?.split(' ');
    let (origin, size, root) = (fields.next()?, fields.next()?, fields.next()?);
    let latest = Latest { size: from_decimal(size)?, root: digest_of(root)? };
    let sound = fields.next().is_none() && (latest.size > 0 || latest.root == empty_root());
    sound.then_some((KeyName::new(origin).ok()?, latest))
}

fn digest_of(text: &str) -> Option<Digest> {
    from_base64(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).map(Digest::from_bytes)
}

/// A checkpoint that may be cosigned once the witness remembers it.
#[must_use = "nothing is signed before the update is written"]
#[derive(Debug)]
pub struct Update {
    checkpoint: Checkpoint,
    before: Option<Latest>,
}

impl Update {
    /// What will be remembered.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Has the caller write the new state, and makes it the state if that worked.
    ///
    /// `write` must return `Ok` only when the state will be there after a crash. It is called at most once. Whoever holds
    /// `state` mutably across `decide` and this call has made the two atomic; if another update came in between, it is found.
    ///
    /// # Errors
    ///
    /// [`PersistError::Overtaken`] when the state is no longer the one that was judged, [`PersistError::Write`] when `write`
    /// failed. In both cases the state is unchanged and nothing can be signed.
    pub fn persist<E>(
        self,
        state: &mut WitnessState,
        write: impl FnOnce(&WitnessState) -> Result<(), E>,
    ) -> Result<Persisted, PersistError<E>> {
        let Checkpoint { origin, size, root } = &self.checkpoint;
        if state.latest(origin).copied() != self.before {
            return Err(PersistError::Overtaken);
        }
        let mut next = state.clone();
        next.logs.insert(origin.clone(), Latest { size: *size, root: *root });
        write(&next).map_err(PersistError::Write)?;
        *state = next;
        Ok(Persisted { checkpoint: self.checkpoint })
    }
}

/// A checkpoint that the witness will remember after a crash: now it may be cosigned.
#[derive(Debug)]
pub struct Persisted {
    checkpoint: Checkpoint,
}

impl Persisted {
    /// The cosignatures, at a time in seconds since 1970: the body of the answer with status 200.
    ///
    /// # Errors
    ///
    /// [`NoteError::Timestamp`] for a time of zero, which would say nothing, or beyond the bound;
    /// [`NoteError::Cryptography`] when the provider refuses.
    pub fn cosign(&self, cosigner: &Cosigner, timestamp: u64) -> Result<SignatureLines, NoteError> {
        if timestamp == 0 || timestamp > TIMESTAMP_MAX {
            return Err(NoteError::Timestamp);
        }
        cosigner.cosign(&self.checkpoint, timestamp).map(SignatureLines::new)
    }
}

/// Why an update was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PersistError<E> {
    /// Another update came first.
    #[error("the witness has cosigned another checkpoint of the log meanwhile")]
    Overtaken,
    /// The caller could not write.
    #[error("the state of the witness could not be written")]
    Write(E),
}

impl<E> PersistError<E> {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Overtaken => "judge the request again",
            Self::Write(_) => "stop the witness, and see to its disk; it has signed nothing",
        }
    }
}

/// A text that is not the state of a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("line {line} of the witness's state is not what stands there")]
pub struct WitnessStateError {
    /// First line at fault, from 1.
    pub line: usize,
}

impl WitnessStateError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        "restore the newest state; with an older one the witness could cosign a fork. If there is none, give the witness a new key"
    }
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WitnessRefusal {
    /// Not a request.
    #[error("line {line} of the request is not what stands there")]
    Malformed {
        /// First line at fault, from 1.
        line: usize,
    },
    /// No checkpoint in it.
    #[error("the request holds no checkpoint")]
    Checkpoint(#[source] CheckpointError),
    /// The proof would lead to a smaller tree.
    #[error("the request goes from {old} entries back to {new}")]
    Shrinks {
        /// Size from which the proof starts.
        old: u64,
        /// Size of the checkpoint.
        new: u64,
    },
    /// A log that this witness does not serve.
    #[error("the log `{origin}` is not known here")]
    UnknownLog {
        /// Origin of the checkpoint.
        origin: String,
    },
    /// No signature by the log's keys.
    #[error("the checkpoint is not signed by the keys of `{origin}`")]
    Signature {
        /// Origin of the checkpoint.
        origin: String,
    },
    /// The proof starts elsewhere than the witness stands.
    #[error("the witness has {held} entries of the log")]
    Stale {
        /// Entries of the newest cosigned tree.
        held: u64,
    },
    /// Another tree of the size that was cosigned: the log lies.
    #[error("the witness has another root for the same {held} entries")]
    Fork {
        /// Entries of the newest cosigned tree.
        held: u64,
    },
    /// The proof does not hold.
    #[error("the proof from {old} to {new} entries does not hold")]
    Proof {
        /// Size from which the proof starts.
        old: u64,
        /// Size of the checkpoint.
        new: u64,
    },
    /// No room for one more log.
    #[error("the witness remembers 1024 logs, and no more")]
    Full,
}

impl WitnessRefusal {
    /// The HTTP status of the answer (C2SP tlog-witness; 507 is ours, for a case that it does not know).
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed { .. } | Self::Checkpoint(_) | Self::Shrinks { .. } => 400,
            Self::Signature { .. } => 403,
            Self::UnknownLog { .. } => 404,
            Self::Stale { .. } | Self::Fork { .. } => 409,
            Self::Proof { .. } => 422,
            Self::Full => 507,
        }
    }

    /// The media type of the answer.
    pub fn media_type(&self) -> &'static str {
        match self {
            Self::Stale { .. } | Self::Fork { .. } => SIZE_MEDIA_TYPE,
            _ => "text/plain; charset=utf-8",
        }
    }

    /// The body of the answer: the size that the witness has, or the message as a line.
    pub fn body(&self) -> String {
        match self {
            Self::Stale { held } | Self::Fork { held } => format!("{held}\n"),
            other => format!("{other}\n"),
        }
    }

    /// What whoever asked can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Malformed { .. } | Self::Checkpoint(_) => {
                "send the request in the form of C2SP tlog-witness"
            }
            Self::Shrinks { .. } => "send the newest checkpoint: a log never shrinks",
            Self::UnknownLog { .. } => "have the witness's operator add the log's keys",
            Self::Signature { .. } => {
                "have the witness's operator compare the log's keys with its public card"
            }
            Self::Stale { .. } => "ask again with a proof from the size that the witness has",
            Self::Fork { .. } => "keep both checkpoints as evidence and tell every other member",
            Self::Proof { .. } => "make the proof again; if it stays so, the log has been rewritten",
            Self::Full => "ask another witness",
        }
    }
}

#[cfg(test)]
mod tests;
