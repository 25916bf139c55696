//! The embedded backend: one SQLite file in WAL mode, synchronised at every commit.
//!
//! One transaction a batch, begun as a writer (`IMMEDIATE`), so that the size is read under the lock that the append holds.
//! Opening checks the file, every entry against its leaf hash, and every kept checkpoint against the tree.
//!
//! # Source
//!
//! SQLite: "Write-Ahead Logging", `PRAGMA synchronous` (FULL syncs the WAL at each commit), "How To Corrupt An SQLite
//! Database File" (why the store stops after a failed write).

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use ledger::Digest;
use ledger::checkpoint::SignedCheckpoint;
use ledger::merkle::{Tree, leaf_hash};
use ledger::tile::ENTRY_BYTES_MAX;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, TransactionBehavior, params};

use crate::durable;
use crate::error::{Part, StoreError};
use crate::store::{BLOB_BYTES_MAX, Store};

mod schema;

/// How long a writer waits for another process before it answers [`StoreError::Busy`]; a commit takes milliseconds.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Between two attempts to prepare a file that another process is preparing.
const PREPARE_PAUSE: Duration = Duration::from_millis(20);

/// A [`Store`] in one SQLite file (with `-wal` and `-shm` beside it while open).
///
/// Several may be open on one file, in one process or in several; appends cannot fork the log.
pub struct SqliteStore {
    connection: Connection,
    /// The tree over the first `tree.size()` entries of the file. INVARIANT: between calls never ahead of what is committed;
    /// grown by the two appends and `catch_up` only, and cut back where a batch was not kept.
    tree: Tree,
    /// Set after a write that may not have become durable; everything is refused then, for what the operating system still
    /// shows may be gone after a restart.
    stopped: bool,
}

impl SqliteStore {
    /// Opens the store at `path`, creating it (readable by its owner only) when there is none, and checks it whole.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotAStore`], [`StoreError::Newer`], [`StoreError::Damaged`] naming the part, or the backend's.
    ///
    /// # Cost
    ///
    /// Reads the whole file once; two hashes an entry.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(backend)?;
        connection.busy_timeout(BUSY_WAIT).map_err(backend)?;
        prepared(&mut connection)?;
        let mut store = Self { connection, tree: Tree::new(), stopped: false };
        store.check()?;
        Ok(store)
    }

    /// Checks entries and checkpoints; the file itself was checked by `schema::prepare`.
    fn check(&mut self) -> Result<(), StoreError> {
        let mut tree = Tree::new();
        {
            let sql = "SELECT idx, leaf, body FROM entry ORDER BY idx";
            let mut statement = self.connection.prepare(sql).map_err(backend)?;
            let mut rows = statement.query([]).map_err(backend)?;
            while let Some(row) = rows.next().map_err(backend)? {
                let index = tree.size();
                let damaged = StoreError::Damaged { part: Part::Entry(index) };
                let (found, leaf): (i64, [u8; 32]) =
                    (row.get(0).map_err(backend)?, row.get(1).map_err(backend)?);
                let body = row.get_ref(2).map_err(backend)?;
                let body = body.as_blob().map_err(|_| StoreError::Damaged { part: Part::Entry(index) })?;
                let leaf = Digest::from_bytes(leaf);
                if u64::try_from(found) != Ok(index) || leaf_hash(body) != leaf {
                    return Err(damaged);
                }
                tree.push(leaf);
            }
        }
        for checkpoint in self.checkpoints()? {
            let said = checkpoint.unverified();
            if tree.root_at(said.size) != Ok(said.root) {
                return Err(StoreError::Damaged { part: Part::Checkpoint(said.size) });
            }
        }
        self.tree = tree;
        Ok(())
    }

    /// Reads the leaves that others appended since.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        let from = integer(self.tree.size())?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT leaf FROM entry WHERE idx >= ?1 ORDER BY idx")
            .map_err(backend)?;
        let leaves = statement.query_map([from], |row| row.get::<_, [u8; 32]>(0)).map_err(backend)?;
        for leaf in leaves {
            self.tree.push(Digest::from_bytes(leaf.map_err(backend)?));
        }
        Ok(())
    }

    /// Refuses everything once a write has failed.
    fn running(&self) -> Result<(), StoreError> {
        if self.stopped { Err(StoreError::Stopped) } else { Ok(()) }
    }

    /// Runs `write` in one transaction; remembers a failure after which nothing may be acknowledged.
    fn write<T>(
        &mut self,
        write: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.running()?;
        let outcome = (|| {
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(backend)?;
            let value = write(&transaction)?;
            transaction.commit().map_err(backend)?;
            Ok(value)
        })();
        if let Err(StoreError::Backend(source)) = &outcome {
            let code = source.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
            self.stopped = matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt));
        }
        outcome
    }
}

impl Store for SqliteStore {
    fn append(&mut self, expected_size: u64, entries: &[Vec<u8>]) -> Result<u64, StoreError> {
        let leaves = leaves_of(entries)?;
        self.write(|transaction| insert_entries(transaction, expected_size, &leaves, entries))?;
        // Another writer's entries may lie between; then `catch_up` reads these too when they are needed.
        if self.tree.size() == expected_size {
            self.tree.extend(leaves);
        }
        Ok(expected_size + entries.len() as u64)
    }

    fn append_with_checkpoint(
        &mut self,
        expected_size: u64,
        entries: &[Vec<u8>],
        checkpoint: &SignedCheckpoint,
    ) -> Result<u64, StoreError> {
        self.running()?;
        let leaves = leaves_of(entries)?;
        self.catch_up()?;
        // Entries never go, so whatever was caught up stays; only the batch is taken back when it is not kept.
        let held = self.tree.size();
        if held != expected_size {
            return Err(StoreError::Stale { expected: expected_size, found: held });
        }
        self.tree.extend(leaves.iter().copied());
        let outcome = fits(&self.tree, checkpoint).and_then(|()| {
            self.write(|transaction| {
                insert_entries(transaction, expected_size, &leaves, entries)?;
                insert_checkpoint(transaction, checkpoint)
            })
        });
        if let Err(error) = outcome {
            self.tree.truncate(held);
            return Err(error);
        }
        Ok(self.tree.size())
    }

    fn size(&self) -> Result<u64, StoreError> {
        self.running()?;
        size_of(&self.connection)
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, StoreError> {
        let held = self.size()?;
        if range.start > range.end || range.end > held {
            return Err(StoreError::RangeBeyond { start: range.start, end: range.end, held });
        }
        let sql = "SELECT leaf, body FROM entry WHERE idx >= ?1 AND idx < ?2 ORDER BY idx";
        let mut statement = self.connection.prepare_cached(sql).map_err(backend)?;
        let rows = statement
            .query_map([integer(range.start)?, integer(range.end)?], |row| {
                Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .map_err(backend)?;
        let mut entries = Vec::new();
        let mut index = range.start;
        for row in rows {
            let (leaf, body) = row.map_err(backend)?;
            if leaf_hash(&body).as_bytes() != &leaf {
                return Err(StoreError::Damaged { part: Part::Entry(index) });
            }
            entries.push(body);
            index += 1;
        }
        if index == range.end { Ok(entries) } else { Err(StoreError::Damaged { part: Part::Entry(index) }) }
    }

    fn put_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
        self.running()?;
        self.catch_up()?;
        fits(&self.tree, checkpoint)?;
        self.write(|transaction| insert_checkpoint(transaction, checkpoint))
    }

    fn checkpoints(&self) -> Result<Vec<SignedCheckpoint>, StoreError> {
        self.running()?;
        let sql = "SELECT size, text FROM checkpoint ORDER BY size, seq";
        let mut statement = self.connection.prepare_cached(sql).map_err(backend)?;
        let rows = statement.query_map([], checkpoint_row).map_err(backend)?;
        rows.map(|row| read_checkpoint(row.map_err(backend)?)).collect()
    }

    fn newest_checkpoint(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        self.running()?;
        let sql = "SELECT size, text FROM checkpoint ORDER BY size DESC, seq DESC LIMIT 1";
        let row = self.connection.query_row(sql, [], checkpoint_row).optional().map_err(backend)?;
        row.map(read_checkpoint).transpose()
    }

    fn put_blob(&mut self, sealed: &[u8]) -> Result<Digest, StoreError> {
        if sealed.len() > BLOB_BYTES_MAX {
            return Err(StoreError::BlobTooLong { found: sealed.len() });
        }
        let digest = Digest::of(sealed);
        self.write(|transaction| {
            let sql = "INSERT INTO blob (digest, body) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING";
            transaction.execute(sql, params![digest.as_bytes(), sealed]).map_err(backend)?;
            Ok(())
        })?;
        Ok(digest)
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.running()?;
        let sql = "SELECT body FROM blob WHERE digest = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(backend)?;
        let body: Option<Vec<u8>> =
            statement.query_row([digest.as_bytes()], |row| row.get(0)).optional().map_err(backend)?;
        match body {
            Some(body) if Digest::of(&body) != *digest => {
                Err(StoreError::Damaged { part: Part::Blob(*digest) })
            }
            body => Ok(body),
        }
    }

    fn blobs(&self) -> Result<Vec<Digest>, StoreError> {
        self.running()?;
        let mut statement =
            self.connection.prepare_cached("SELECT digest FROM blob ORDER BY digest").map_err(backend)?;
        let rows = statement.query_map([], |row| row.get::<_, [u8; 32]>(0)).map_err(backend)?;
        rows.map(|row| row.map(Digest::from_bytes).map_err(backend)).collect()
    }
}

/// Leaf hashes of a batch, none of whose entries is too long.
fn leaves_of(entries: &[Vec<u8>]) -> Result<Vec<Digest>, StoreError> {
    if let Some((position, entry)) = entries.iter().enumerate().find(|(_, e)| e.len() > ENTRY_BYTES_MAX) {
        return Err(StoreError::EntryTooLong { position, found: entry.len() });
    }
    Ok(entries.iter().map(|entry| leaf_hash(entry)).collect())
}

/// Whether the checkpoint says of its size what the tree says.
fn fits(tree: &Tree, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
    let said = checkpoint.unverified();
    match tree.root_at(said.size) {
        Err(_) => Err(StoreError::CheckpointBeyond { size: said.size, held: tree.size() }),
        Ok(root) if root != said.root => Err(StoreError::CheckpointFork { size: said.size }),
        Ok(_) => Ok(()),
    }
}

/// Adds a batch after exactly `expected_size` entries; the caller holds the writer's lock.
fn insert_entries(
    transaction: &Connection,
    expected_size: u64,
    leaves: &[Digest],
    entries: &[Vec<u8>],
) -> Result<(), StoreError> {
    let found = size_of(transaction)?;
    if found != expected_size {
        return Err(StoreError::Stale { expected: expected_size, found });
    }
    let sql = "INSERT INTO entry (idx, leaf, body) VALUES (?1, ?2, ?3)";
    let mut statement = transaction.prepare_cached(sql).map_err(backend)?;
    for (index, (leaf, entry)) in (expected_size..).zip(leaves.iter().zip(entries)) {
        statement.execute(params![integer(index)?, leaf.as_bytes(), entry]).map_err(backend)?;
    }
    Ok(())
}

fn insert_checkpoint(transaction: &Connection, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
    let sql = "INSERT INTO checkpoint (size, text) VALUES (?1, ?2) ON CONFLICT (text) DO NOTHING";
    let mut statement = transaction.prepare_cached(sql).map_err(backend)?;
    statement
        .execute(params![integer(checkpoint.unverified().size)?, checkpoint.to_text()])
        .map_err(backend)?;
    Ok(())
}

/// Prepares a file that others may be preparing as well. SQLite answers at once, without waiting, where waiting could end in a
/// deadlock, as when two connections switch one new file to a write-ahead log: so it is asked again.
fn prepared(connection: &mut Connection) -> Result<(), StoreError> {
    for _ in 0..BUSY_WAIT.as_millis() / PREPARE_PAUSE.as_millis() {
        match schema::prepare(connection) {
            Err(StoreError::Busy) => std::thread::sleep(PREPARE_PAUSE),
            done => return done,
        }
    }
    schema::prepare(connection)
}

/// Number of entries as the database says it; entries are numbered without gaps from 0.
fn size_of(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(max(idx) + 1, 0) FROM entry";
    let size: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(backend)?;
    u64::try_from(size).map_err(|_| StoreError::Damaged { part: Part::File })
}

fn checkpoint_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn read_checkpoint((size, text): (i64, String)) -> Result<SignedCheckpoint, StoreError> {
    let size = u64::try_from(size).map_err(|_| StoreError::Damaged { part: Part::File })?;
    match SignedCheckpoint::from_text(&text) {
        Ok(checkpoint) if checkpoint.unverified().size == size => Ok(checkpoint),
        _ => Err(StoreError::Damaged { part: Part::Checkpoint(size) }),
    }
}

/// SQLite's integers are signed; a log that outgrows them does not exist.
fn integer(n: u64) -> Result<i64, StoreError> {
    i64::try_from(n).map_err(|_| StoreError::RangeBeyond { start: n, end: n, held: i64::MAX as u64 })
}

/// Sorts SQLite's errors: busy is retryable, a broken file is damage, the rest is passed on as the cause.
fn backend(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore,
        _ => StoreError::Backend(Box::new(error)),
    }
}

/// Creates an empty file that only its owner reads; SQLite gives `-wal` and `-shm` the same permissions.
fn create_private(path: &Path) -> Result<(), StoreError> {
    match durable::private().create_new(true).open(path) {
        Ok(file) => file
            .sync_all()
            .and_then(|()| durable::sync_folder(path))
            .map_err(|e| StoreError::Backend(Box::new(e))),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Backend(Box::new(error))),
    }
}

#[cfg(test)]
mod tests;
