//! Checkpoints: what the log says of itself, signed.
//!
//! Three lines (origin, size, root) as a C2SP signed note. Extension lines are refused: this log writes none, cosignatures of
//! type `06` do not cover them, and an unread line could hide a message.
//!
//! # Source
//!
//! C2SP tlog-checkpoint, "Note text" and "Signatures".

use thiserror::Error;

use crate::Digest;
use crate::encoding::{from_base64, from_decimal, to_base64};
use crate::merkle::empty_root;
use crate::note::{KeyName, NoteError, NoteSigner, NoteVerifier, SignedNote};

/// Size and root of a log, with the log's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log; also the name of the key that signs it.
    pub origin: KeyName,
    /// Number of entries.
    pub size: u64,
    /// Root of the Merkle tree over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The text that is signed: `origin\nsize\nbase64(root)\n`.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, to_base64(self.root.as_bytes()))
    }

    /// Reads that text.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Text`] for any text that [`Checkpoint::text`] would not write.
    pub fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) =
            (lines.next(), lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Text);
        };
        let origin = KeyName::new(origin).map_err(|_| CheckpointError::Text)?;
        let size = from_decimal(size).ok_or(CheckpointError::Text)?;
        let root = from_base64(root)
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .ok_or(CheckpointError::Text)?;
        let root = Digest::from_bytes(root);
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::Text);
        }
        Ok(Self { origin, size, root })
    }
}

/// A checkpoint with its signature lines, those of unknown keys included. Parsing and printing are inverse to each other.
///
/// ```
/// use ledger::checkpoint::SignedCheckpoint;
/// use ledger::key::SigningKey;
/// use ledger::merkle::empty_root;
/// use ledger::note::{KeyName, NoteSigner};
///
/// let log = NoteSigner::new(KeyName::new("office.example/log").unwrap(), SigningKey::from_seed(&[7; 32]));
/// let signed = SignedCheckpoint::sign(0, empty_root(), &log).unwrap();
/// let read = SignedCheckpoint::from_text(&signed.to_text()).unwrap();
/// assert_eq!(read.verify(&log.verifier()).unwrap().size, 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: SignedNote,
}

impl SignedCheckpoint {
    /// Signs size and root in the name of the signer's log.
    ///
    /// The caller keeps the log's promise: it never signs a tree that is not an extension of all it signed before.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Note`] cannot happen for a checkpoint; it is there because notes of any text can fail.
    pub fn sign(size: u64, root: Digest, signer: &NoteSigner) -> Result<Self, CheckpointError> {
        let checkpoint = Checkpoint { origin: signer.name().clone(), size, root };
        let note = SignedNote::sign(&checkpoint.text(), signer)?;
        Ok(Self { checkpoint, note })
    }

    /// Reads a signed checkpoint. No signature is judged.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Note`] or [`CheckpointError::Text`].
    pub fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let note = SignedNote::from_text(text)?;
        let checkpoint = Checkpoint::from_text(note.text_unverified())?;
        Ok(Self { checkpoint, note })
    }

    /// The file `checkpoint`.
    pub fn to_text(&self) -> String {
        self.note.to_text()
    }

    /// What it says, before any signature was judged: for storing and comparing, not for believing.
    pub fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What it says, if the log's key signed it under its own name.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Origin`] when it is of another log, [`CheckpointError::Note`] when the signature is missing or does
    /// not hold.
    pub fn verify(&self, log: &NoteVerifier) -> Result<&Checkpoint, CheckpointError> {
        if self.checkpoint.origin != *log.name() {
            return Err(CheckpointError::Origin {
                found: self.checkpoint.origin.to_string(),
                wanted: log.name().to_string(),
            });
        }
        self.note.verify(log)?;
        Ok(&self.checkpoint)
    }
}

/// Why a text is not a checkpoint, or is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error("the checkpoint cannot be trusted")]
    Note(#[from] NoteError),
    /// Not origin, size and root on three lines.
    #[error("the checkpoint is not an origin, a size and a root on three lines")]
    Text,
    /// A checkpoint of another log.
    #[error("the checkpoint is of the log `{found}`, not of `{wanted}`")]
    Origin {
        /// Origin found.
        found: String,
        /// Origin of the trusted log.
        wanted: String,
    },
}

impl CheckpointError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Note(note) => note.advice(),
            Self::Text => "fetch the checkpoint again from the log",
            Self::Origin { .. } => "check that the trust file belongs to this log",
        }
    }
}

#[cfg(test)]
mod tests;
