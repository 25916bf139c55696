//! The door through which named files come in: intake itself never opens one.

use std::collections::BTreeMap;

/// Why a named file gives no bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("there is no file of this name")]
    Missing,
    /// It is there, but it cannot be read; the reason is the caller's.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
}

/// Gives the bytes of a file by its name relative to the specification.
pub trait Files {
    /// The whole file.
    ///
    /// # Errors
    /// [`FileError`], which becomes the fault `file-missing` or `unreadable-file`.
    fn read(&self, name: &str) -> Result<Vec<u8>, FileError>;
}

/// Files held in memory: tests, scenarios and deposits that arrive over the network.
#[derive(Clone, Debug, Default)]
pub struct FilesInMemory {
    files: BTreeMap<String, Vec<u8>>,
}

impl FilesInMemory {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    pub fn put(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.files.insert(name.to_owned(), bytes.into());
    }
}

impl Files for FilesInMemory {
    fn read(&self, name: &str) -> Result<Vec<u8>, FileError> {
        self.files.get(name).cloned().ok_or(FileError::Missing)
    }
}
