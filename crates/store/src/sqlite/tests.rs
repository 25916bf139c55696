//! The suite over SQLite, and what only a file can suffer: crashes, tampering, strange files, a full disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use ledger::log::LogSigner;
use ledger::note::KeyName;
use tempfile::TempDir;

use super::*;
use crate::conformance::{Place, conforms};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("store.sqlite")
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.file()).unwrap()
    }

    fn damage(&self) -> Part {
        match SqliteStore::open(&self.file()) {
            Err(StoreError::Damaged { part }) => part,
            other => panic!("expected damage, not {:?}", other.map(|_| ())),
        }
    }
}

impl Place for Folder {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.store())
    }
}

fn entries(range: Range<u64>) -> Vec<Vec<u8>> {
    range.map(|i| format!("entry {i}").into_bytes()).collect()
}

/// Signed once for each size: no two signatures of ML-DSA over the same are the same.
fn checkpoint(size: u64) -> SignedCheckpoint {
    static SIGNED: Mutex<BTreeMap<u64, SignedCheckpoint>> = Mutex::new(BTreeMap::new());
    let signer =
        || LogSigner::from_seeds(KeyName::new("office.example/log").unwrap(), &[7; 32], &[7; 32]).unwrap();
    let sign = || SignedCheckpoint::sign(size, Tree::of_entries(entries(0..size)).root(), &signer()).unwrap();
    SIGNED.lock().unwrap().entry(size).or_insert_with(sign).clone()
}

#[test]
fn sqlite_conforms() {
    conforms(&mut || Box::new(Folder::new()));
}

#[test]
fn a_connection_is_durable_and_private() {
    let folder = Folder::new();
    let store = folder.store();
    let pragma =
        |name: &str| -> i64 { store.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    let journal: String =
        store.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(
        (journal.as_str(), pragma("synchronous"), pragma("user_version")),
        ("wal", 2, schema::VERSION)
    );
    #[cfg(unix)]
    for name in ["store.sqlite", "store.sqlite-wal"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.0.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn an_unfinished_transaction_leaves_nothing() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..3)).unwrap();
    let transaction = store.connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    for i in 3..200 {
        let body = vec![i as u8; 4_000];
        let sql = "INSERT INTO entry (idx, leaf, body) VALUES (?1, ?2, ?3)";
        transaction.execute(sql, params![i, leaf_hash(&body).as_bytes(), body]).unwrap();
    }
    transaction.cache_flush().unwrap();
    // The files as a crash at this moment leaves them.
    let crashed = copy(&folder, u64::MAX);
    assert_eq!(crashed.store().entries(0..3).unwrap(), entries(0..3));
    assert_eq!(crashed.store().size().unwrap(), 3);
    drop(transaction);
    assert_eq!(store.append(3, &entries(3..4)).unwrap(), 4);
}

#[test]
fn a_write_cut_off_anywhere_keeps_the_batch_whole_or_not_at_all() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..3)).unwrap();
    store.put_checkpoint(&checkpoint(3)).unwrap();
    let before = wal_bytes(&folder);
    store.append(3, &entries(3..60)).unwrap();
    let after = wal_bytes(&folder);
    assert!(before < after);
    let mut seen = std::collections::BTreeSet::new();
    // Every cut around frame borders (24 bytes of header and a page), and some within pages.
    for cut in (before..=after).step_by(509).chain([after - 1, after]) {
        let crashed = copy(&folder, cut);
        let mut reopened = crashed.store();
        let size = reopened.size().unwrap();
        assert_eq!(reopened.entries(0..size).unwrap(), entries(0..size), "cut at {cut}");
        assert_eq!(reopened.newest_checkpoint().unwrap(), Some(checkpoint(3)));
        seen.insert(size);
        // And it goes on from there.
        assert_eq!(reopened.append(size, &entries(size..size + 2)).unwrap(), size + 2);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 60]);
}

#[test]
fn a_write_cut_off_anywhere_keeps_a_batch_with_its_checkpoint_or_neither() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append_with_checkpoint(0, &entries(0..3), &checkpoint(3)).unwrap();
    let before = wal_bytes(&folder);
    store.append_with_checkpoint(3, &entries(3..60), &checkpoint(60)).unwrap();
    let after = wal_bytes(&folder);
    let mut seen = std::collections::BTreeSet::new();
    for cut in (before..=after).step_by(509).chain([after - 1, after]) {
        let crashed = copy(&folder, cut);
        let mut reopened = crashed.store();
        let size = reopened.size().unwrap();
        assert_eq!(reopened.entries(0..size).unwrap(), entries(0..size), "cut at {cut}");
        assert_eq!(reopened.newest_checkpoint().unwrap(), Some(checkpoint(size)), "cut at {cut}");
        seen.insert(size);
        let next = size + 2;
        let appended = reopened.append_with_checkpoint(size, &entries(size..next), &checkpoint(next));
        assert_eq!(appended.unwrap(), next);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 60]);
}

#[test]
fn a_torn_page_in_the_last_write_is_not_read() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..3)).unwrap();
    let before = wal_bytes(&folder);
    store.append(3, &entries(3..60)).unwrap();
    for offset in [0, 30, 1_000] {
        let crashed = copy(&folder, u64::MAX);
        let wal = crashed.0.path().join("store.sqlite-wal");
        let mut bytes = fs::read(&wal).unwrap();
        bytes[before as usize + offset] ^= 0xff;
        fs::write(&wal, bytes).unwrap();
        assert_eq!(crashed.store().size().unwrap(), 3, "torn at {offset}");
    }
}

fn wal_bytes(folder: &Folder) -> u64 {
    fs::metadata(folder.0.path().join("store.sqlite-wal")).unwrap().len()
}

/// The database and the first `cut` bytes of its log, as a crash leaves them (without the shared memory).
fn copy(folder: &Folder, cut: u64) -> Folder {
    let copy = Folder::new();
    fs::copy(folder.file(), copy.file()).unwrap();
    let wal = fs::read(folder.0.path().join("store.sqlite-wal")).unwrap();
    let cut = wal.len().min(usize::try_from(cut).unwrap());
    fs::write(copy.0.path().join("store.sqlite-wal"), &wal[..cut]).unwrap();
    copy
}

/// A store with entries, a checkpoint and a blob, changed behind its back.
fn tampered(sql: &str) -> Folder {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..10)).unwrap();
    store.put_checkpoint(&checkpoint(8)).unwrap();
    store.put_blob(b"sealed").unwrap();
    drop(store);
    let raw = Connection::open(folder.file()).unwrap();
    let triggers =
        ["entry_fixed", "entry_kept", "entry_next", "checkpoint_fixed", "checkpoint_kept", "blob_fixed"];
    for trigger in triggers {
        raw.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    raw.execute_batch(sql).unwrap();
    folder
}

#[test]
fn tampering_is_found_on_opening() {
    let other_leaf = leaf_hash(b"forged").to_string();
    for (sql, part) in [
        ("UPDATE entry SET body = x'00' WHERE idx = 4".to_owned(), Part::Entry(4)),
        ("UPDATE entry SET leaf = zeroblob(32) WHERE idx = 9".to_owned(), Part::Entry(9)),
        ("DELETE FROM entry WHERE idx = 3".to_owned(), Part::Entry(3)),
        ("DELETE FROM entry WHERE idx >= 7".to_owned(), Part::Checkpoint(8)),
        // Body and leaf changed together: only the checkpoint still knows.
        (
            format!("UPDATE entry SET body = CAST('forged' AS BLOB), leaf = x'{other_leaf}' WHERE idx = 2"),
            Part::Checkpoint(8),
        ),
        ("UPDATE checkpoint SET text = replace(text, '8', '7')".to_owned(), Part::Checkpoint(8)),
        ("UPDATE checkpoint SET size = 7".to_owned(), Part::Checkpoint(7)),
    ] {
        assert_eq!(tampered(&sql).damage(), part, "{sql}");
    }
}

#[test]
fn a_changed_blob_is_found_on_reading() {
    let folder = tampered("UPDATE blob SET body = x'00'");
    let digest = Digest::of(b"sealed");
    let part = Part::Blob(digest);
    assert!(
        matches!(folder.store().blob(&digest), Err(StoreError::Damaged { part: found }) if found == part)
    );
}

#[test]
fn an_entry_changed_while_open_is_found_on_reading() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..4)).unwrap();
    let raw = Connection::open(folder.file()).unwrap();
    raw.execute_batch("DROP TRIGGER entry_fixed; UPDATE entry SET body = x'00' WHERE idx = 2").unwrap();
    let found = store.entries(0..4);
    assert!(matches!(found, Err(StoreError::Damaged { part: Part::Entry(2) })));
}

#[test]
fn history_cannot_be_rewritten_by_a_statement() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..4)).unwrap();
    store.put_checkpoint(&checkpoint(4)).unwrap();
    store.put_blob(b"sealed").unwrap();
    for sql in [
        "UPDATE entry SET body = x'00'",
        "DELETE FROM entry WHERE idx = 3",
        "INSERT INTO entry VALUES (5, zeroblob(32), x'')",
        "INSERT INTO entry VALUES (-1, zeroblob(32), x'')",
        "INSERT INTO entry VALUES (4, zeroblob(31), x'')",
        "UPDATE checkpoint SET size = 1",
        "DELETE FROM checkpoint",
        "UPDATE blob SET body = x'00'",
    ] {
        assert!(store.connection.execute_batch(sql).is_err(), "{sql}");
    }
}

#[test]
fn every_flipped_byte_of_the_file_is_found_or_harmless() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..20)).unwrap();
    store.put_checkpoint(&checkpoint(20)).unwrap();
    drop(store);
    let bytes = fs::read(folder.file()).unwrap();
    let mut found = 0;
    for position in (0..bytes.len()).step_by(37) {
        let mut changed = bytes.clone();
        changed[position] ^= 0x01;
        let copy = Folder::new();
        fs::write(copy.file(), changed).unwrap();
        // Free space in pages may change; what was stored may not.
        match SqliteStore::open(&copy.file()) {
            Ok(store) => {
                assert_eq!(store.entries(0..20).unwrap(), entries(0..20), "byte {position}");
                assert_eq!(store.checkpoints().unwrap(), [checkpoint(20)], "byte {position}");
            }
            Err(_) => found += 1,
        }
    }
    assert!(found > 20);
}

#[test]
fn strange_files_are_left_alone() {
    let folder = Folder::new();
    fs::write(folder.file(), b"not a database, but long enough to look like one".repeat(30)).unwrap();
    assert!(matches!(SqliteStore::open(&folder.file()), Err(StoreError::NotAStore)));
    let folder = Folder::new();
    Connection::open(folder.file()).unwrap().execute_batch("CREATE TABLE mine (x)").unwrap();
    let before = fs::read(folder.file()).unwrap();
    assert!(matches!(SqliteStore::open(&folder.file()), Err(StoreError::NotAStore)));
    assert_eq!(fs::read(folder.file()).unwrap(), before);
    let folder = Folder::new();
    drop(folder.store());
    Connection::open(folder.file()).unwrap().pragma_update(None, "user_version", 2).unwrap();
    assert!(matches!(SqliteStore::open(&folder.file()), Err(StoreError::Newer { found: 2, known: 1 })));
    let nowhere = folder.0.path().join("absent").join("store.sqlite");
    assert!(matches!(SqliteStore::open(&nowhere), Err(StoreError::Backend(_))));
}

#[test]
fn a_full_disk_loses_the_batch_and_nothing_else() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..3)).unwrap();
    let pages: i64 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.connection.pragma_update_and_check(None, "max_page_count", pages + 4, |_| Ok(())).unwrap();
    let big: Vec<Vec<u8>> = (0..20).map(|_| vec![1; 60_000]).collect();
    assert!(matches!(store.append(3, &big), Err(StoreError::Backend(_))));
    assert!(matches!(store.put_blob(&vec![1; 100_000]), Err(StoreError::Backend(_))));
    assert_eq!(store.entries(0..3).unwrap(), entries(0..3));
    // Space again: it goes on.
    store.connection.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).unwrap();
    assert_eq!(store.append(3, &entries(3..4)).unwrap(), 4);
}

#[test]
fn a_full_disk_loses_a_batch_together_with_its_checkpoint() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append_with_checkpoint(0, &entries(0..3), &checkpoint(3)).unwrap();
    let pages: i64 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.connection.pragma_update_and_check(None, "max_page_count", pages + 1, |_| Ok(())).unwrap();
    let signed = checkpoint(2_000);
    let refused = store.append_with_checkpoint(3, &entries(3..2_000), &signed);
    assert!(matches!(refused, Err(StoreError::Backend(_))));
    assert_eq!((store.size().unwrap(), store.checkpoints().unwrap()), (3, vec![checkpoint(3)]));
    store.connection.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).unwrap();
    assert_eq!(store.append_with_checkpoint(3, &entries(3..2_000), &signed).unwrap(), 2_000);
    assert_eq!(folder.store().tree, store.tree);
}

#[test]
fn nothing_is_done_after_a_failed_write() {
    let folder = Folder::new();
    let mut store = folder.store();
    store.append(0, &entries(0..3)).unwrap();
    let failed = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    let outcome: Result<(), _> = store.write(|_| Err(backend(rusqlite::Error::SqliteFailure(failed, None))));
    assert!(matches!(outcome, Err(StoreError::Backend(_))));
    assert!(matches!(store.append(3, &entries(3..4)), Err(StoreError::Stopped)));
    assert!(matches!(store.size(), Err(StoreError::Stopped)));
    assert!(matches!(store.blobs(), Err(StoreError::Stopped)));
    assert_eq!(folder.store().size().unwrap(), 3);
}

#[test]
fn a_batch_and_its_tree_stay_together() {
    let folder = Folder::new();
    let mut store = folder.store();
    for (from, to) in [(0, 1), (1, 7), (7, 7), (7, 40)] {
        store.append(from, &entries(from..to)).unwrap();
        assert_eq!(store.tree.root(), Tree::of_entries(entries(0..to)).root());
    }
    assert_eq!(folder.store().tree, store.tree);
}
