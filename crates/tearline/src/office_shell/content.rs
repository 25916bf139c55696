//! What would be released, as a folder of files on disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ledger::Digest;
use package::Content;
use package::content::{CONTENT_BYTES_MAX, FileName, Files, Packed};

use super::{bad_input, failed};
use crate::failure::Failure;
use crate::input;

/// Entries of a folder that are looked at: some more than a content may have files and folders.
const ENTRIES_MAX: usize = 10_000;

/// The files of a content where they lie.
pub(crate) struct ContentFolder {
    root: PathBuf,
    files: BTreeMap<FileName, PathBuf>,
}

impl ContentFolder {
    /// Finds every file below a folder. Whatever is no plain file or folder, such as a link, is refused: what is agreed to must be
    /// what lies there.
    pub(crate) fn open(root: &Path) -> Result<Self, Failure> {
        let mut found = Vec::new();
        list(root, root, &mut found)?;
        let named = |(name, path): (String, PathBuf)| {
            let shown = format!("`{}` cannot stand in a release", path.display());
            let name = FileName::new(&name).map_err(|error| bad_input(&shown, &error, error.advice()))?;
            Ok((name, path))
        };
        let files = found.into_iter().map(named).collect::<Result<_, Failure>>()?;
        Ok(Self { root: root.to_owned(), files })
    }

    /// The names of the files.
    pub(crate) fn names(&self) -> Vec<FileName> {
        self.files.keys().cloned().collect()
    }

    /// The content as it streams by.
    pub(crate) fn packed(&self) -> Result<Packed<'_>, Failure> {
        Packed::new(self.names(), self)
            .map_err(|error| bad_input(&format!("`{}`", self.root.display()), &error, error.advice()))
    }

    /// The digest by which a proposal names the content.
    pub(crate) fn digest(&self) -> Result<Digest, Failure> {
        package::digest_of(&mut self.packed()?).map_err(|error| Failure::unreadable(&self.root, &error))
    }

    /// Digests of the documents of a wave: of all files in their folder.
    pub(crate) fn documents(&self) -> Result<Vec<Digest>, Failure> {
        let documents = self.files.iter().filter(|(name, _)| package::documents::is_document(name));
        let digest = |(_, path): (&FileName, &PathBuf)| {
            let mut file = File::open(path).map_err(|error| Failure::unreadable(path, &error))?;
            package::digest_of(&mut file).map_err(|error| Failure::unreadable(path, &error))
        };
        documents.map(digest).collect()
    }

    /// The content in memory.
    pub(crate) fn read(&self) -> Result<Content, Failure> {
        let (mut files, mut left) = (BTreeMap::new(), CONTENT_BYTES_MAX);
        for (name, path) in &self.files {
            let bytes = input::read_at_most(path, left)?;
            // One byte more than asked for tells a longer file.
            left = left.checked_sub(bytes.len()).ok_or_else(|| too_large(&self.root))?;
            files.insert(name.clone(), bytes);
        }
        Content::new(files).map_err(|error| failed(&error, error.advice()))
    }
}

impl Files for ContentFolder {
    fn open(&self, name: &FileName) -> io::Result<Box<dyn Read + Send + '_>> {
        let path = self.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(File::open(path)?))
    }
}

fn too_large(folder: &Path) -> Failure {
    let message = format!("the files in `{}` have more than {CONTENT_BYTES_MAX} bytes", folder.display());
    Failure::usage(message, "split the release, or seal it without marks: it then streams")
}

/// Files below `folder` with their names relative to `root`.
fn list(root: &Path, folder: &Path, found: &mut Vec<(String, PathBuf)>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::unreadable(folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Failure::unreadable(folder, &error))?;
        let (path, kind) = (entry.path(), entry.file_type());
        let kind = kind.map_err(|error| Failure::unreadable(&path, &error))?;
        let below = path.strip_prefix(root).ok().and_then(Path::to_str);
        match below {
            Some(_) if kind.is_dir() => list(root, &path, found)?,
            Some(name) if kind.is_file() && found.len() < ENTRIES_MAX => found.push((name.to_owned(), path)),
            Some(_) | None => {
                let message = format!("`{}` cannot stand in a release", path.display());
                return Err(Failure::usage(
                    message,
                    "leave plain files with plain names in the folder, and nothing else",
                ));
            }
        }
    }
    Ok(())
}
