//! A small office: keys from names, a founded log, and a store that fails when told to.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::office::Command;
use ledger::Digest;
use ledger::checkpoint::SignedCheckpoint;
use server::journal::Journal;
use store::{SqliteStore, Store, StoreError};
use tempfile::TempDir;

pub(crate) use crate::alliance::{deposit, deposit_by, log, member};
use crate::alliance::{found, journal};

/// A folder with a store whose log is founded with 32 members and dated: two entries.
pub(crate) struct Office(TempDir);

impl Office {
    /// A folder whose store is made when it is first opened.
    pub(crate) fn empty() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn founded() -> Self {
        let office = Self::empty();
        found(&mut office.journal(), 32);
        office
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("store.sqlite")
    }

    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).unwrap()
    }

    pub(crate) fn journal(&self) -> Journal<SqliteStore> {
        journal(self.store())
    }

    /// A journal over a store that fails while the switch is on.
    pub(crate) fn flaky(&self) -> (Journal<Flaky>, Arc<AtomicBool>, Arc<AtomicBool>) {
        let (fails, blind) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let store = Flaky { store: self.store(), fails: Arc::clone(&fails), blind: Arc::clone(&blind) };
        (journal(store), fails, blind)
    }

    /// All that the store holds of the log: entries and checkpoints.
    pub(crate) fn held(&self) -> (Vec<Vec<u8>>, Vec<SignedCheckpoint>) {
        let store = self.store();
        (store.entries(0..store.size().unwrap()).unwrap(), store.checkpoints().unwrap())
    }
}

pub(crate) fn commands(entries: &[Vec<u8>]) -> Vec<Command> {
    entries.iter().map(|entry| Command::read(entry).unwrap()).collect()
}

/// A store that writes nothing while `fails` is on, and reads nothing while `blind` is on.
pub(crate) struct Flaky {
    store: SqliteStore,
    fails: Arc<AtomicBool>,
    blind: Arc<AtomicBool>,
}

impl Flaky {
    fn writes(&mut self) -> Result<&mut SqliteStore, StoreError> {
        if self.fails.load(Ordering::SeqCst) { Err(broken()) } else { Ok(&mut self.store) }
    }
}

fn broken() -> StoreError {
    StoreError::Backend("the disk is gone".into())
}

impl Store for Flaky {
    fn append(&mut self, expected_size: u64, entries: &[Vec<u8>]) -> Result<u64, StoreError> {
        self.writes()?.append(expected_size, entries)
    }

    fn append_with_checkpoint(
        &mut self,
        expected_size: u64,
        entries: &[Vec<u8>],
        checkpoint: &SignedCheckpoint,
    ) -> Result<u64, StoreError> {
        self.writes()?.append_with_checkpoint(expected_size, entries, checkpoint)
    }

    fn size(&self) -> Result<u64, StoreError> {
        if self.blind.load(Ordering::SeqCst) { Err(broken()) } else { self.store.size() }
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, StoreError> {
        self.store.entries(range)
    }

    fn put_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
        self.writes()?.put_checkpoint(checkpoint)
    }

    fn checkpoints(&self) -> Result<Vec<SignedCheckpoint>, StoreError> {
        self.store.checkpoints()
    }

    fn newest_checkpoint(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        self.store.newest_checkpoint()
    }

    fn put_blob(&mut self, sealed: &[u8]) -> Result<Digest, StoreError> {
        self.writes()?.put_blob(sealed)
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.blob(digest)
    }

    fn blobs(&self) -> Result<Vec<Digest>, StoreError> {
        self.store.blobs()
    }
}
