//! What a witness must never forget: its state, durably, in one file.
//!
//! A witness that forgets can be shown a second history and will cosign it. So its state is on disk before the witness
//! answers, and a second process on the same file is refused: two would each hold half of what was promised.
//! What the state says is not read here; it is bytes, in the form that `ledger` gives it.
//!
//! # Guarantee
//!
//! What [`WitnessRecord::keep`] has acknowledged survives a crash of the process or the machine. At any moment the file is
//! whole, with either the old state or the new one. A file of which any byte changed is refused.
//!
//! # Source
//!
//! C2SP tlog-witness, "add-checkpoint": the witness persists the new checkpoint before it answers. Write, sync, rename, sync
//! the folder: as in FiloSottile/sunlight, `internal/durable`.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ledger::Digest;
use thiserror::Error;

use crate::durable;

/// The last line names the digest of everything before it.
const TRAILER: &[u8] = b"sha256 ";

/// Bytes of the last line: its name, 64 digits and the line's end.
const TRAILER_BYTES: usize = TRAILER.len() + 64 + 1;

/// The longest state in bytes: a thousand logs with a kilobyte each.
pub const STATE_BYTES_MAX: usize = 1024 * 1024;

/// The record of one witness, open in one process at a time.
#[derive(Debug)]
pub struct WitnessRecord {
    path: PathBuf,
    /// Held, not read: its lock goes when it is closed, also when the process is killed.
    _lock: File,
    /// INVARIANT: what the file holds, unless `stopped`.
    state: Option<Vec<u8>>,
    /// Set after a write that may not have become durable; from then on nothing is promised.
    stopped: bool,
}

impl WitnessRecord {
    /// Opens the record at `path`, which need not exist yet, and holds it against other processes by the lock file beside it
    /// (`.lock`).
    ///
    /// # Errors
    ///
    /// [`WitnessRecordError::Busy`] while another holds it, [`WitnessRecordError::Damaged`], or
    /// [`WitnessRecordError::Files`].
    pub fn open(path: &Path) -> Result<Self, WitnessRecordError> {
        let lock = durable::private().create(true).open(beside(path, ".lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(WitnessRecordError::Busy),
            Err(TryLockError::Error(source)) => return Err(source.into()),
        }
        let state = match File::open(path) {
            Ok(file) => {
                let mut bytes = Vec::new();
                // One byte more than there may be, so that a longer file is not read as its beginning.
                file.take((STATE_BYTES_MAX + TRAILER_BYTES) as u64 + 1).read_to_end(&mut bytes)?;
                Some(state_of(&bytes).ok_or(WitnessRecordError::Damaged)?.to_vec())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { path: path.to_owned(), _lock: lock, state, stopped: false })
    }

    /// The state that was kept last; none before the first.
    pub fn state(&self) -> Option<&[u8]> {
        self.state.as_deref()
    }

    /// Keeps a state in place of the one before. It is durable when this returns.
    ///
    /// # Errors
    ///
    /// [`WitnessRecordError::TooLong`], after which all is as it was; [`WitnessRecordError::Files`] when it could not be
    /// written, after which nothing is kept any more ([`WitnessRecordError::Stopped`]) until the record is opened again.
    ///
    /// # Cost
    ///
    /// Two syncs.
    pub fn keep(&mut self, state: &[u8]) -> Result<(), WitnessRecordError> {
        if self.stopped {
            return Err(WitnessRecordError::Stopped);
        }
        if state.len() > STATE_BYTES_MAX {
            return Err(WitnessRecordError::TooLong);
        }
        if let Err(source) = self.write(&[state, &trailer_of(state)].concat()) {
            self.stopped = true;
            return Err(source.into());
        }
        self.state = Some(state.to_vec());
        Ok(())
    }

    /// A name of its own is not needed for the new file: the lock is held, and what a crash left there is written over.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let fresh = beside(&self.path, ".new");
        let mut file = durable::private().create(true).truncate(true).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&fresh, &self.path)?;
        durable::sync_folder(&self.path)
    }
}

/// The state in the bytes of a file, if they are whole.
fn state_of(file: &[u8]) -> Option<&[u8]> {
    let (state, trailer) = file.split_at_checked(file.len().checked_sub(TRAILER_BYTES)?)?;
    (state.len() <= STATE_BYTES_MAX && trailer == trailer_of(state)).then_some(state)
}

fn trailer_of(state: &[u8]) -> Vec<u8> {
    [TRAILER, Digest::of(state).to_string().as_bytes(), b"\n"].concat()
}

/// The path with something added to its last name.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Why a record cannot be opened or written.
#[derive(Debug, Error)]
pub enum WitnessRecordError {
    /// Another process holds it.
    #[error("another process holds the witness's record")]
    Busy,
    /// Bytes that no record has.
    #[error("the witness's record is damaged, or is not one")]
    Damaged,
    /// More bytes than a record holds.
    #[error("the witness's state is too long to be kept")]
    TooLong,
    /// A write failed earlier.
    #[error("the witness's record stopped after a failed write")]
    Stopped,
    /// The file system failed.
    #[error("the witness's record could not be read or written")]
    Files(#[from] io::Error),
}

impl WitnessRecordError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Busy => "stop the other process; one witness has one record",
            Self::Damaged => {
                "restore the newest state; with an older one the witness could cosign a fork; without any, give the witness a new key"
            }
            Self::TooLong => "follow fewer logs with one witness",
            Self::Stopped | Self::Files(_) => {
                "see the cause; check space, permissions and the disk, then start again"
            }
        }
    }
}

#[cfg(test)]
mod tests;
