//! Checkpoints: what the log says of itself, signed.
//!
//! Three lines (origin, size, root) as a C2SP signed note, signed by the log and cosigned by witnesses. Extension lines are refused: this log writes none, cosignatures of
//! type `06` do not cover them, and an unread line could hide a message.
//!
//! # Source
//!
//! C2SP tlog-checkpoint, "Note text" and "Signatures".

use thiserror::Error;

use crate::Digest;
use crate::cosignature::{Cosignature, CosignerKey};
use crate::encoding::{from_base64, from_decimal, to_base64};
use crate::log::{LogSigner, LogVerifier};
use crate::merkle::empty_root;
use crate::note::{KeyName, NoteError, NoteKeyId, NoteSignature, SignatureLines, SignedNote};

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
/// use ledger::log::LogSigner;
/// use ledger::merkle::empty_root;
/// use ledger::note::KeyName;
///
/// let log = LogSigner::from_seeds(KeyName::new("office.example/log").unwrap(), &[7; 32], &[8; 32]).unwrap();
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
    /// Signs size and root in the name of the signer's log, twice (see [`crate::log`]).
    ///
    /// The caller keeps the log's promise: it never signs a tree that is not an extension of all it signed before.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Note`] when the provider refuses to sign.
    pub fn sign(size: u64, root: Digest, signer: &LogSigner) -> Result<Self, CheckpointError> {
        let checkpoint = Checkpoint { origin: signer.origin().clone(), size, root };
        let note = signer.sign(&checkpoint)?;
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

    /// What it says, if the log signed it under its own name, with every key that the reader asks for.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Origin`] when it is of another log, [`CheckpointError::Note`] when the signature is missing or does
    /// not hold.
    pub fn verify(&self, log: &LogVerifier) -> Result<&Checkpoint, CheckpointError> {
        if self.checkpoint.origin != *log.name() {
            return Err(CheckpointError::Origin {
                found: self.checkpoint.origin.to_string(),
                wanted: log.name().to_string(),
            });
        }
        log.judge(&self.checkpoint, &self.note)?;
        Ok(&self.checkpoint)
    }

    /// The cosignatures by these keys, in order of the lines. Lines of other keys are ignored.
    ///
    /// Says nothing about the log's own signature: [`SignedCheckpoint::verify`] does.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Note`] when a line names one of the keys and does not hold.
    pub fn cosignatures<'a>(
        &self,
        known: impl IntoIterator<Item = &'a CosignerKey>,
    ) -> Result<Vec<Cosignature>, CheckpointError> {
        let known: Vec<_> = known.into_iter().map(|key| (key.id(), key)).collect();
        let mut held = Vec::new();
        for line in self.note.lines() {
            held.extend(self.judge(line, &known)?);
        }
        Ok(held)
    }

    /// Adds those lines that one of these keys signed, as they came from its witness, and gives them back. Lines of other
    /// keys are left out: a witness cannot fill a checkpoint with what nobody asked for. A line that is there already is not
    /// added again.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Note`] when a line names one of the keys and does not hold, or there is no room; the checkpoint is
    /// unchanged then.
    pub fn add_cosignatures<'a>(
        &mut self,
        lines: &SignatureLines,
        known: impl IntoIterator<Item = &'a CosignerKey>,
    ) -> Result<Vec<Cosignature>, CheckpointError> {
        let known: Vec<_> = known.into_iter().map(|key| (key.id(), key)).collect();
        let (mut held, mut note) = (Vec::new(), self.note.clone());
        for line in lines.iter() {
            if let Some(cosignature) = self.judge(line, &known)? {
                held.push(cosignature);
                note.add(line.clone())?;
            }
        }
        self.note = note;
        Ok(held)
    }

    /// The note, for other readers of its signatures.
    pub(crate) fn note(&self) -> &SignedNote {
        &self.note
    }

    /// Judges a line, if it names a known key.
    fn judge(
        &self,
        line: &NoteSignature,
        known: &[(NoteKeyId, &CosignerKey)],
    ) -> Result<Option<Cosignature>, CheckpointError> {
        let named = known.iter().find(|(id, key)| *id == line.id && *key.name() == line.name);
        named.map(|(_, key)| key.judge(&self.checkpoint, line).map_err(CheckpointError::Note)).transpose()
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
