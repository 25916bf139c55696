//! What a package holds: a handful of named files, as one run of bytes with one digest.
//!
//! The bytes are a zip archive in one spelling, so the digest of a release does not depend on who packed it, and a receiver
//! without this program still opens it. Contents never differ between receivers: two versions of one table would undo its
//! protection.

use std::{collections::BTreeMap, fmt, io};

use ledger::Digest;

use crate::{
    unpack::{Sink, UnpackError, Unpacker},
    zip,
};

mod packed;

pub use packed::{Files, PackError, Packed};

/// Media type of a content.
pub const MEDIA_TYPE: &str = "application/zip";
/// Longest content in bytes that streams, packed: a package of it is an archive that 32 bits describe, with room for all else.
pub const STREAM_BYTES_MAX: u64 = zip::ARCHIVE_BYTES_MAX - 32 * 1024 * 1024;
/// Longest content in bytes that is held in memory as a whole.
pub const CONTENT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Most folders around a file.
const FOLDERS_MAX: usize = 4;
/// Longest name of a file with its folders.
const NAME_BYTES_MAX: usize = zip::NAME_BYTES_MAX;

/// Why files are not a content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// A name that could leave the folder it is unpacked to, or that some file system takes for another.
    #[error("`{found}` is not a plain file name")]
    Name {
        /// The name.
        found: String,
    },
    /// Nothing in it, or too much.
    #[error("a content has 1 to {} files and at most {CONTENT_BYTES_MAX} bytes", zip::MEMBERS_MAX)]
    Size,
    /// Bytes that are not a content in its one spelling.
    #[error("the bytes are not a content: {detail}")]
    Malformed {
        /// What is wrong with them.
        detail: String,
    },
}

impl ContentError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Name { .. } => "use letters, digits, `-`, `_` and `.` in names, and folders without `..`",
            Self::Size => "split the release, or leave files out",
            Self::Malformed { .. } => "ask the sender for the package again",
        }
    }
}

/// Name of a file in a content, with `/` between folders.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileName(String);

impl FileName {
    /// # Errors
    /// [`ContentError::Name`] unless each part is 1 to 100 characters out of `A-Z a-z 0-9 - _ .`, starts with a letter or digit
    /// and ends with no dot.
    pub fn new(name: &str) -> Result<Self, ContentError> {
        let plain = |part: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            let first = part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
            first
                && part.len() <= 100
                && !part.ends_with('.')
                && part.bytes().all(allowed)
                && !is_device(part)
        };
        let parts = name.split('/').take(FOLDERS_MAX + 2).collect::<Vec<_>>();
        if name.len() > NAME_BYTES_MAX || parts.len() > FOLDERS_MAX + 1 || !parts.into_iter().all(plain) {
            return Err(ContentError::Name { found: name.chars().take(NAME_BYTES_MAX).collect() });
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names that Windows takes for devices, whatever their extension.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_uppercase();
    let numbered =
        |prefix: &str| stem.strip_prefix(prefix).is_some_and(|n| matches!(n.as_bytes(), [b'0'..=b'9']));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// The files of a package, ascending by name. `Debug` shows their names and sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    files: BTreeMap<FileName, Vec<u8>>,
}

impl Content {
    /// # Errors
    /// [`ContentError::Size`] without files or with too much in them, [`ContentError::Name`] when two names differ only in case
    /// or a file has the name of a folder.
    pub fn new(files: BTreeMap<FileName, Vec<u8>>) -> Result<Self, ContentError> {
        let bytes = files.values().map(Vec::len).sum::<usize>();
        if files.is_empty() || files.len() > zip::MEMBERS_MAX || bytes > CONTENT_BYTES_MAX {
            return Err(ContentError::Size);
        }
        names_fit(files.keys())?;
        Ok(Self { files })
    }

    /// The files, ascending by name.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<FileName, Vec<u8>> {
        &self.files
    }

    /// The files as one run of bytes. Same files, same bytes.
    ///
    /// # Errors
    /// [`ContentError::Size`], when names and files together are too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ContentError> {
        let members =
            self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>();
        let bytes = zip::write(&members).map_err(|_| ContentError::Size)?;
        if bytes.len() > CONTENT_BYTES_MAX { Err(ContentError::Size) } else { Ok(bytes) }
    }

    /// The digest that a proposal names as its release: SHA-256 of [`Content::to_bytes`].
    ///
    /// # Errors
    /// Those of [`Content::to_bytes`].
    pub fn digest(&self) -> Result<Digest, ContentError> {
        Ok(Digest::of(&self.to_bytes()?))
    }

    /// Reads back what [`Content::to_bytes`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ContentError> {
        if bytes.len() > CONTENT_BYTES_MAX {
            return Err(ContentError::Size);
        }
        let mut unpacker = Unpacker::new(Memory::default());
        unpacker
            .feed(bytes)
            .and_then(|()| unpacker.finish())
            .map_err(|error| match error {
                UnpackError::Content(error) => error,
                // Memory is there, or the program ends.
                UnpackError::Sink(error) => ContentError::Malformed { detail: error.to_string() },
            })?
            .0
            .into_content()
    }
}

impl Files for Content {
    fn open(&self, name: &FileName) -> io::Result<Box<dyn io::Read + Send + '_>> {
        Ok(Box::new(self.files.get(name).ok_or(io::ErrorKind::NotFound)?.as_slice()))
    }
}

/// Whether files of these names can stand side by side in a folder, wherever that is.
///
/// # Errors
/// [`ContentError::Name`] when two differ only in case or a file has the name of a folder.
pub(crate) fn names_fit<'a>(names: impl IntoIterator<Item = &'a FileName>) -> Result<(), ContentError> {
    let mut seen = BTreeMap::new();
    for name in names {
        if seen.insert(name.0.to_ascii_lowercase(), ()).is_some() {
            return Err(ContentError::Name { found: name.0.clone() });
        }
    }
    for name in seen.keys() {
        let folders = name.match_indices('/').filter_map(|(at, _)| name.get(..at));
        if let Some(folder) = folders.into_iter().find(|folder| seen.contains_key(*folder)) {
            return Err(ContentError::Name { found: folder.to_owned() });
        }
    }
    Ok(())
}

/// Keeps the files of a content in memory.
#[derive(Default)]
pub(crate) struct Memory {
    files: BTreeMap<FileName, Vec<u8>>,
    last: Option<FileName>,
}

impl Memory {
    pub(crate) fn into_content(self) -> Result<Content, ContentError> {
        Content::new(self.files)
    }
}

impl Sink for Memory {
    fn begin(&mut self, name: &FileName, _bytes: u64) -> io::Result<()> {
        // Room is taken as bytes come: a length that is only claimed costs nothing.
        self.files.insert(name.clone(), Vec::new());
        self.last = Some(name.clone());
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = self.last.as_ref().and_then(|name| self.files.get_mut(name));
        file.ok_or(io::ErrorKind::InvalidInput)?.extend_from_slice(bytes);
        Ok(())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.len()))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(names: &[&str]) -> Result<Content, ContentError> {
        let files = names.iter().map(|name| Ok((FileName::new(name)?, name.as_bytes().to_vec())));
        Content::new(files.collect::<Result<_, ContentError>>()?)
    }

    #[test]
    fn names_that_leave_the_folder_or_hide_are_refused() {
        for bad in [
            "",
            "/a",
            "a/",
            "a//b",
            "..",
            "a/../b",
            "./a",
            ".a",
            "a\\b",
            "a b",
            "ä",
            "a.",
            "con",
            "COM1.csv",
            "a/nul.txt",
            "a:b",
            "a/b/c/d/e/f",
            &"a".repeat(101),
        ] {
            assert!(FileName::new(bad).is_err(), "{bad}");
        }
        for good in ["cells.csv", "release/cells.csv", "a/b/c/d/e", "1-2_3.x", "COM10.csv"] {
            assert!(FileName::new(good).is_ok(), "{good}");
        }
        assert!(content(&["a/b", "A/B"]).is_err());
        assert!(content(&["a/b", "a"]).is_err());
        assert!(content(&["a-b", "a/c", "a"]).is_err());
        assert!(content(&[]).is_err());
    }

    #[test]
    fn contents_have_one_spelling() {
        let content = content(&["release/cells.csv", "README.txt"]).unwrap();
        let bytes = content.to_bytes().unwrap();
        assert_eq!(Content::from_bytes(&bytes).unwrap(), content);
        assert_eq!(content.digest().unwrap(), Digest::of(&bytes));
        let swapped = zip::write(&[("b", b"1"), ("a", b"2")]).unwrap();
        assert!(Content::from_bytes(&swapped).is_err());
        let twice = zip::write(&[("a", b"1"), ("a", b"2")]).unwrap();
        assert!(Content::from_bytes(&twice).is_err());
        let outside = zip::write(&[("../a", b"1")]).unwrap();
        assert!(Content::from_bytes(&outside).is_err());
        assert_eq!(format!("{content:?}"), r#"{"README.txt": 10, "release/cells.csv": 17}"#);
    }
}
