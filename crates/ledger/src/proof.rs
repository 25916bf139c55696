//! Proof files: that an entry stands in the log, checkable offline.
//!
//! The text form of C2SP `tlog-proof@v1`: index, Merkle path and checkpoint in one small file. Extra data is not written and
//! not accepted: it is not authenticated, so a changed byte of it would go unnoticed.
//!
//! # Source
//!
//! C2SP tlog-proof, "Format".

use thiserror::Error;

use crate::Digest;
use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::encoding::{from_base64, from_decimal, to_base64};
use crate::log::LogVerifier;
use crate::merkle::{InclusionProof, MerkleError, Tree, leaf_hash};
use crate::note::NOTE_BYTES_MAX;

/// First line of every proof file.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The longest path in a tree whose size fits in 64 bits.
const HASHES_MAX: usize = 64;

/// The longest head: two lines of text and 45 bytes a hash, rounded up.
const HEAD_BYTES_MAX: usize = 64 * (HASHES_MAX + 2);

/// A proof file up to its checkpoint: index and path. Several proofs under one checkpoint are kept as one checkpoint and a head
/// each; head and checkpoint, one after the other, are the proof file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofHead {
    index: u64,
    /// INVARIANT: at most [`HASHES_MAX`]; kept by `from_lines` and by trees, whose size has 64 bits.
    hashes: Vec<Digest>,
}

impl ProofHead {
    /// Reads a head: everything of a proof file before the checkpoint, the empty line included.
    ///
    /// # Errors
    ///
    /// [`LogProofError::Form`].
    pub fn from_text(text: &str) -> Result<Self, LogProofError> {
        if text.len() > HEAD_BYTES_MAX {
            return Err(LogProofError::Form { line: 1 });
        }
        Self::from_lines(text.strip_suffix("\n\n").ok_or(LogProofError::Form { line: 2 })?)
    }

    fn from_lines(text: &str) -> Result<Self, LogProofError> {
        let rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let mut lines = rest.ok_or(LogProofError::Form { line: 1 })?.split('\n');
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(from_decimal)
            .ok_or(LogProofError::Form { line: 2 })?;
        let mut hashes = Vec::new();
        for (i, line) in lines.enumerate() {
            let hash = from_base64(line).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            match hash {
                Some(hash) if i < HASHES_MAX => hashes.push(Digest::from_bytes(hash)),
                _ => return Err(LogProofError::Form { line: i + 3 }),
            }
        }
        Ok(Self { index, hashes })
    }

    /// The head as text. Parsing and printing are inverse to each other.
    pub fn to_text(&self) -> String {
        let hashes: String = self.hashes.iter().map(|hash| to_base64(hash.as_bytes()) + "\n").collect();
        format!("{HEADER}\nindex {}\n{hashes}\n", self.index)
    }

    /// Index of the entry in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The whole proof.
    pub fn under(self, checkpoint: SignedCheckpoint) -> LogProof {
        LogProof { head: self, checkpoint }
    }

    /// Whether the path leads from `entry` to this checkpoint, which the caller has verified.
    #[must_use]
    pub fn leads(&self, entry: &[u8], checkpoint: &Checkpoint) -> bool {
        let path = InclusionProof { index: self.index, size: checkpoint.size, hashes: self.hashes.clone() };
        path.holds(&leaf_hash(entry), &checkpoint.root)
    }
}

/// Index, path and checkpoint. Parsing and printing are inverse to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    head: ProofHead,
    checkpoint: SignedCheckpoint,
}

impl LogProof {
    /// The proof for the entry at `index` under a checkpoint of this tree.
    ///
    /// # Errors
    ///
    /// [`LogProofError::Tree`] when the index is not under the checkpoint, [`LogProofError::Mismatch`] when the checkpoint is
    /// not of this tree.
    pub fn new(tree: &Tree, index: u64, checkpoint: SignedCheckpoint) -> Result<Self, LogProofError> {
        let Checkpoint { size, root, .. } = *checkpoint.unverified();
        if tree.root_at(size)? != root {
            return Err(LogProofError::Mismatch { index });
        }
        let head = ProofHead { index, hashes: tree.inclusion(index, size)?.hashes };
        Ok(Self { head, checkpoint })
    }

    /// Index of the entry in the log.
    pub fn index(&self) -> u64 {
        self.head.index
    }

    /// Index and path, without the checkpoint.
    pub fn head(&self) -> &ProofHead {
        &self.head
    }

    /// The checkpoint that the path leads to; judged by [`LogProof::verify`].
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Reads a proof file. Nothing is judged but its form.
    ///
    /// # Errors
    ///
    /// [`LogProofError::Form`] or [`LogProofError::Checkpoint`].
    pub fn from_text(text: &str) -> Result<Self, LogProofError> {
        if text.len() > NOTE_BYTES_MAX + HEAD_BYTES_MAX {
            return Err(LogProofError::Form { line: 1 });
        }
        if !text.starts_with(HEADER) {
            return Err(LogProofError::Form { line: 1 });
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(LogProofError::Form { line: 2 })?;
        let head = ProofHead::from_lines(head)?;
        Ok(Self { head, checkpoint: SignedCheckpoint::from_text(checkpoint)? })
    }

    /// The proof file.
    pub fn to_text(&self) -> String {
        self.head.to_text() + &self.checkpoint.to_text()
    }

    /// Checks that `entry` stands in the log of these keys at this index.
    ///
    /// # Errors
    ///
    /// [`LogProofError::Checkpoint`] when the checkpoint is not the log's, [`LogProofError::Mismatch`] when the path does not
    /// lead from the entry to it.
    ///
    /// # Guarantee
    ///
    /// The holder of the log's keys signed a tree in which exactly these bytes are entry number [`LogProof::index`].
    pub fn verify(&self, entry: &[u8], log: &LogVerifier) -> Result<&Checkpoint, LogProofError> {
        let checkpoint = self.checkpoint.verify(log)?;
        if self.head.leads(entry, checkpoint) {
            Ok(checkpoint)
        } else {
            Err(LogProofError::Mismatch { index: self.head.index })
        }
    }
}

/// Why a proof cannot be made or read, or does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LogProofError {
    /// Not a proof file.
    #[error("line {line} of the log proof is not what a log proof has there")]
    Form {
        /// First line at fault, from 1.
        line: usize,
    },
    /// The checkpoint in it.
    #[error("the checkpoint of the log proof cannot be used")]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not where the proof says.
    #[error("the log proof does not lead from entry {index} to its checkpoint")]
    Mismatch {
        /// Index claimed.
        index: u64,
    },
    /// No such entry to prove.
    #[error("the log has no such entry to prove")]
    Tree(#[from] MerkleError),
}

impl LogProofError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Form { .. } => "ask for the proof file again",
            Self::Checkpoint(error) => error.advice(),
            Self::Mismatch { .. } => {
                "do not use what the proof came with: entry, proof and checkpoint do not belong together"
            }
            Self::Tree(error) => error.advice(),
        }
    }
}

#[cfg(test)]
mod tests;
