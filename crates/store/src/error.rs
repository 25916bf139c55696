//! What can go wrong with a store.

use std::error::Error;

use ledger::Digest;
use thiserror::Error;

/// Why a store refused, or could not do, what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The log has another size than the writer believed. Retry after reading on.
    #[error("the log has {found} entries, not the {expected} that the append follows")]
    Stale {
        /// Size that the writer expected.
        expected: u64,
        /// Size of the log.
        found: u64,
    },
    /// Another process holds the store. Retry.
    #[error("the store is busy with another writer")]
    Busy,
    /// An entry longer than a log can hold.
    #[error("entry {position} of the batch has {found} bytes, more than the 65535 of a log entry")]
    EntryTooLong {
        /// Position in the batch.
        position: usize,
        /// Bytes found.
        found: usize,
    },
    /// A blob longer than a store keeps.
    #[error("the blob has {found} bytes, more than 268435456")]
    BlobTooLong {
        /// Bytes found.
        found: usize,
    },
    /// Entries asked for that are not there.
    #[error("the log has {held} entries, so {start} to {end} cannot be read")]
    RangeBeyond {
        /// First entry asked for.
        start: u64,
        /// One past the last.
        end: u64,
        /// Size of the log.
        held: u64,
    },
    /// A checkpoint over more entries than there are.
    #[error("the checkpoint covers {size} entries and the log has {held}")]
    CheckpointBeyond {
        /// Size of the checkpoint.
        size: u64,
        /// Size of the log.
        held: u64,
    },
    /// A checkpoint with another root than the entries give.
    #[error("the checkpoint of {size} entries signs another log than this one")]
    CheckpointFork {
        /// Size of the checkpoint.
        size: u64,
    },
    /// Bytes that are no longer what was stored.
    #[error("the store is damaged: {part} is not what was stored")]
    Damaged {
        /// Which part.
        part: Part,
    },
    /// Written by a newer version of this program.
    #[error("the store has schema version {found}, and this program knows {known}")]
    Newer {
        /// Version found.
        found: i64,
        /// Version known.
        known: i64,
    },
    /// Some other file.
    #[error("the file is not a tearline store")]
    NotAStore,
    /// A write could not be made durable earlier, so nothing is acknowledged any more.
    #[error("the store stopped after a failed write")]
    Stopped,
    /// The backend failed.
    #[error("the store's backend failed")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}

/// A part of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The file as a whole.
    File,
    /// The entry of this index.
    Entry(u64),
    /// A checkpoint of this size.
    Checkpoint(u64),
    /// The blob of this digest.
    Blob(Digest),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Entry(index) => write!(f, "entry {index}"),
            Self::Checkpoint(size) => write!(f, "a checkpoint of size {size}"),
            Self::Blob(digest) => write!(f, "the blob {digest}"),
        }
    }
}

impl StoreError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Stale { .. } => "read the new entries, decide again, and append after them",
            Self::Busy => "wait a moment and try again",
            Self::EntryTooLong { .. } => {
                "put the long content into a sealed blob and its digest into the entry"
            }
            Self::BlobTooLong { .. } => "split the content into several packages",
            Self::RangeBeyond { .. } => "ask for entries below the size of the log",
            Self::CheckpointBeyond { .. } => {
                "restore the entries that the checkpoint covers: this store is behind"
            }
            Self::CheckpointFork { .. } => {
                "keep the checkpoint as evidence: the log's key signed two histories"
            }
            Self::Damaged { .. } => "restore the store from a backup and compare it with the published tiles",
            Self::Newer { .. } => "install the version of tearline that wrote the store",
            Self::NotAStore => "give the path of a tearline store, or of a file that does not exist yet",
            Self::Stopped => {
                "free space or replace the disk, then start again: the store checks itself on opening"
            }
            Self::Backend(_) => "see the cause; check space, permissions and the disk",
        }
    }

    /// Whether the same call may succeed later without anybody's help.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Stale { .. } | Self::Busy)
    }
}
