//! The tables, their version, and the state that a connection must be in.

use rusqlite::{Connection, TransactionBehavior};

use super::backend;
use crate::error::{Part, StoreError};

/// "TEAR" in ASCII: says whose file it is, for `file(1)` and for [`StoreError::NotAStore`].
const APPLICATION_ID: i64 = 0x5445_4152;

/// Raised with every change of [`TABLES`]; the log itself is never migrated, it only moves to new tables.
pub(super) const VERSION: i64 = 1;

/// Triggers refuse what no program of ours does, so that a mistake in one cannot rewrite history.
const TABLES: &str = "
CREATE TABLE entry (
  idx  INTEGER PRIMARY KEY CHECK (idx >= 0),
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  body BLOB NOT NULL CHECK (length(body) <= 65535)
) STRICT;
CREATE TABLE checkpoint (
  seq  INTEGER PRIMARY KEY AUTOINCREMENT,
  size INTEGER NOT NULL CHECK (size >= 0),
  text TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX checkpoint_size ON checkpoint (size, seq);
CREATE TABLE blob (
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  body   BLOB NOT NULL
) STRICT;
CREATE TRIGGER entry_fixed BEFORE UPDATE ON entry BEGIN SELECT raise(ABORT, 'entries never change'); END;
CREATE TRIGGER entry_kept BEFORE DELETE ON entry BEGIN SELECT raise(ABORT, 'entries never go'); END;
CREATE TRIGGER entry_next BEFORE INSERT ON entry
  WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entry)
  BEGIN SELECT raise(ABORT, 'entries have no gaps'); END;
CREATE TRIGGER checkpoint_fixed BEFORE UPDATE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoints never change'); END;
CREATE TRIGGER checkpoint_kept BEFORE DELETE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoints never go'); END;
CREATE TRIGGER blob_fixed BEFORE UPDATE ON blob BEGIN SELECT raise(ABORT, 'blobs never change'); END;
";

/// Sets the connection up, creates the tables of an empty file, and checks version and file.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    if !ours(connection)? {
        return Err(StoreError::NotAStore);
    }
    let journal: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(backend)?;
    if journal != "wal" {
        return Err(StoreError::Damaged { part: Part::File });
    }
    // FULL: the WAL is synced at each commit. EXTRA differs only in rollback-journal mode.
    connection.pragma_update(None, "synchronous", "full").map_err(backend)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(backend)?;
    connection.pragma_update(None, "cell_size_check", true).map_err(backend)?;

    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(backend)?;
    if number(&transaction, "user_version")? == 0 {
        transaction.execute_batch(TABLES).map_err(backend)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(backend)?;
        transaction.pragma_update(None, "user_version", VERSION).map_err(backend)?;
    }
    transaction.commit().map_err(backend)?;
    let found = number(connection, "user_version")?;
    if found != VERSION {
        return Err(StoreError::Newer { found, known: VERSION });
    }
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(damage)?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Damaged { part: Part::File }) }
}

/// Whether the file is empty or one of this program's; another application's database is left alone.
fn ours(connection: &mut Connection) -> Result<bool, StoreError> {
    // One snapshot: another process may be creating the tables just now, and must not be seen half done.
    let snapshot = connection.transaction().map_err(backend)?;
    let application = number(&snapshot, "application_id")?;
    let tables: i64 =
        snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(damage)?;
    snapshot.commit().map_err(backend)?;
    Ok(application == APPLICATION_ID || (application == 0 && tables == 0))
}

fn number(connection: &Connection, pragma: &str) -> Result<i64, StoreError> {
    connection.pragma_query_value(None, pragma, |row| row.get(0)).map_err(damage)
}

/// A file too broken to be asked is damage, not a failing backend.
fn damage(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => StoreError::Damaged { part: Part::File },
        _ => backend(error),
    }
}
