//! The office's folder: the store and the keys that log, as one place on disk.
//!
//! `office/store.sqlite` holds the log and the sealed boxes, `keys/log.key` signs checkpoints, `keys/office.act.key` signs what the
//! office itself does. A demo's folder is one of these.

use std::path::Path;

use ledger::keyfile::KeyFile;
use server::journal::Journal;
use store::SqliteStore;

use super::keys::{self, Unlocked};
use super::passphrase::{Passphrase, Purpose};
use super::with_causes;
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
    let store = root.join(STORE);
    if !store.is_file() {
        let message = format!("there is no office in `{}`", root.display());
        return Err(Failure::usage(message, format!("name the folder that holds {STORE} and {LOG_KEY}")));
    }
    open_or_create(root, acting, passphrase_file)
}

/// The same, with an empty store where there is none: a log is founded there.
pub(crate) fn open_or_create(
    root: &Path,
    acting: Acting,
    passphrase_file: Option<&Path>,
) -> Result<Journal<SqliteStore>, Failure> {
    let passphrase = Passphrase::obtain(passphrase_file, Purpose::Open, "the keys of the office")?;
    let log = keys::log_signer(&unlock(&root.join(LOG_KEY), &passphrase)?)?;
    let office: Option<Box<dyn ledger::act_key::Signer + Send>> = match acting {
        Acting::Office => Some(Box::new(keys::act_secret(&unlock(&root.join(ACT_KEY), &passphrase)?)?)),
        Acting::Others => None,
    };
    let path = root.join(STORE);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Failure::unwritable(parent, &error))?;
    }
    let store =
        SqliteStore::open(&path).map_err(|error| Failure::failed(with_causes(&error), error.advice()))?;
    Journal::open(store, log, office).map_err(|error| Failure::failed(with_causes(&error), error.advice()))
}

fn unlock(path: &Path, passphrase: &Passphrase) -> Result<KeyFile, Failure> {
    match keys::unlock(path, passphrase)? {
        Unlocked::Key(key) => Ok(*key),
        Unlocked::Refused => {
            let message =
                format!("the passphrase does not open `{}`, or the file was changed", path.display());
            Err(Failure::usage(message, "give the passphrase of the key"))
        }
    }
}
