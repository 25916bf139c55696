//! What every backend does.

use std::ops::Range;

use ledger::Digest;
use ledger::checkpoint::SignedCheckpoint;

use crate::StoreError;

/// The largest blob in bytes; a sealed package of the largest release fits many times.
pub const BLOB_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A log with its checkpoints and the blobs that it names. All calls block until done.
///
/// Entries and checkpoints are never changed or deleted. Blobs are named by the SHA-256 of their (sealed) bytes.
pub trait Store: Send {
    /// Adds `entries` to a log of exactly `expected_size` entries, all or none; gives the new size.
    ///
    /// # Errors
    ///
    /// [`StoreError::Stale`] when the log has another size: somebody else appended; read on and decide again.
    /// [`StoreError::EntryTooLong`] for an entry that no bundle could hold.
    fn append(&mut self, expected_size: u64, entries: &[Vec<u8>]) -> Result<u64, StoreError>;

    /// Adds `entries` like [`Store::append`] and keeps a checkpoint over the log with them, in one step: after a crash either
    /// both are there or neither. This is how a log never acknowledges an entry that no checkpoint covers, nor publishes a
    /// checkpoint over an entry that is gone.
    ///
    /// # Errors
    ///
    /// Those of [`Store::append`] and of [`Store::put_checkpoint`]; then neither was kept.
    fn append_with_checkpoint(
        &mut self,
        expected_size: u64,
        entries: &[Vec<u8>],
        checkpoint: &SignedCheckpoint,
    ) -> Result<u64, StoreError>;

    /// Number of entries.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    fn size(&self) -> Result<u64, StoreError>;

    /// The entries of `range`, in order, each compared with its leaf hash.
    ///
    /// # Errors
    ///
    /// [`StoreError::RangeBeyond`] when the log does not have them all, [`StoreError::Damaged`] for one that changed.
    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Keeps a checkpoint; one that is kept already is not kept twice. The signature is the caller's to judge.
    ///
    /// # Errors
    ///
    /// [`StoreError::CheckpointBeyond`] or [`StoreError::CheckpointFork`] when the entries here do not give its root.
    fn put_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError>;

    /// All checkpoints ever kept, by size and then in the order in which they came; the newest is last.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] for one that cannot be read.
    fn checkpoints(&self) -> Result<Vec<SignedCheckpoint>, StoreError>;

    /// The checkpoint of the largest size, of several the one that came last.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when it cannot be read.
    fn newest_checkpoint(&self) -> Result<Option<SignedCheckpoint>, StoreError>;

    /// Keeps sealed bytes under their digest; the same bytes are kept once.
    ///
    /// # Errors
    ///
    /// [`StoreError::BlobTooLong`].
    fn put_blob(&mut self, sealed: &[u8]) -> Result<Digest, StoreError>;

    /// The sealed bytes of this digest, if they are here, compared with it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when they changed.
    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError>;

    /// The digests of all blobs, in ascending order.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    fn blobs(&self) -> Result<Vec<Digest>, StoreError>;
}
