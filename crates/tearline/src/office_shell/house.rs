//! The office's folder: the store and the keys that log, as one place on disk.
//!
//! `office/store.sqlite` holds the log and the sealed boxes, `keys/log.key` signs checkpoints, `keys/office.act.key` signs what the
//! office itself does. A demo's folder is one of these.

use std::path::{Path, PathBuf};

use ledger::act::{ActBody, UtcTime};
use ledger::act_key::Signer;
use ledger::log::LogSigner;
use office::{Command, State};
use server::journal::Journal;
use server::replay::{all_threads, replay};
use store::{SqliteStore, Store as _};

use super::keys;
use super::passphrase::{Passphrase, Purpose};
use super::{failed, with_causes};
use crate::failure::Failure;

/// Where the store is.
pub(crate) const STORE: &str = "office/store.sqlite";
/// Where the log's key is.
pub(crate) const LOG_KEY: &str = "keys/log.key";
/// Where the office's key for acts is.
pub(crate) const ACT_KEY: &str = "keys/office.act.key";

/// Whether the office's own key is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acting {
    /// The office signs acts of its own.
    Office,
    /// Acts come signed; checkpoints alone are signed.
    Others,
}

/// The journal in an office's folder.
///
/// One passphrase opens both keys; where they have two, give the act key through `tearline act`.
pub(crate) fn open(
    root: &Path,
    acting: Acting,
    passphrase_file: Option<&Path>,
) -> Result<Journal<SqliteStore>, Failure> {
    store_in(root)?;
    open_or_create(root, acting, passphrase_file)
}

/// The store in an office's folder and what its log says, for whoever logs nothing: no key is needed.
pub(crate) fn read(root: &Path) -> Result<(SqliteStore, State), Failure> {
    read_until(root, None)
}

/// The same as the log stood at a time: without what was logged after the last tick at or before it.
pub(crate) fn read_until(root: &Path, at: Option<UtcTime>) -> Result<(SqliteStore, State), Failure> {
    let path = store_in(root)?;
    let store =
        SqliteStore::open(&path).map_err(|error| Failure::failed(with_causes(&error), error.advice()))?;
    let entries = store.size().and_then(|size| store.entries(0..size));
    let mut entries = entries.map_err(|error| failed(&error, error.advice()))?;
    if let Some(at) = at {
        let later = |entry: &Vec<u8>| {
            let claimed = Command::read(entry).map(|command| command.claimed().body.clone());
            matches!(claimed, Ok(ActBody::Tick(tick)) if tick.at_utc > at)
        };
        entries.truncate(entries.iter().position(later).unwrap_or(entries.len()));
    }
    let fold = replay(&entries, all_threads(), &mut |_| ()).map_err(|(entry, refusal)| {
        let message = format!("entry {entry} should never have been logged: {}", with_causes(&refusal));
        Failure::failed(message, "keep the store as evidence, and work from a copy that verifies")
    })?;
    Ok((store, fold.into_parts().0))
}

fn store_in(root: &Path) -> Result<PathBuf, Failure> {
    let store = root.join(STORE);
    if store.is_file() {
        return Ok(store);
    }
    let message = format!("there is no office in `{}`", root.display());
    Err(Failure::usage(message, format!("name the folder that holds {STORE} and {LOG_KEY}")))
}

/// The journal, with an empty store where there is none: a log is founded there.
pub(crate) fn open_or_create(
    root: &Path,
    acting: Acting,
    passphrase_file: Option<&Path>,
) -> Result<Journal<SqliteStore>, Failure> {
    let passphrase = Passphrase::obtain(passphrase_file, Purpose::Open, "the keys of the office")?;
    let log = keys::log_signer(&keys::open(&root.join(LOG_KEY), &passphrase)?)?;
    let office: Option<Box<dyn Signer + Send>> = match acting {
        Acting::Office => Some(Box::new(keys::act_secret(&keys::open(&root.join(ACT_KEY), &passphrase)?)?)),
        Acting::Others => None,
    };
    journal(root, log, office)
}

/// The journal for a service, whose passphrase opens other keys as well; the key that signs its acts stands where it says.
pub(crate) fn open_unlocked(
    root: &Path,
    act_key: &str,
    passphrase: &Passphrase,
) -> Result<Journal<SqliteStore>, Failure> {
    store_in(root)?;
    let log = keys::log_signer(&keys::open(&root.join(LOG_KEY), passphrase)?)?;
    let office = keys::unlock_act(&root.join(act_key), passphrase)?;
    journal(root, log, Some(Box::new(office)))
}

fn journal(
    root: &Path,
    log: LogSigner,
    office: Option<Box<dyn Signer + Send>>,
) -> Result<Journal<SqliteStore>, Failure> {
    let path = root.join(STORE);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Failure::unwritable(parent, &error))?;
    }
    let store =
        SqliteStore::open(&path).map_err(|error| Failure::failed(with_causes(&error), error.advice()))?;
    Journal::open(store, log, office).map_err(|error| Failure::failed(with_causes(&error), error.advice()))
}
