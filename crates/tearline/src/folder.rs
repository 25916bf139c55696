//! Results are put in place whole or not at all: written beside the target under a temporary name, synchronised,
//! renamed, the folder above synchronised.
//!
//! A process that is killed leaves at most a hidden temporary sibling; the target is never half-written. Files
//! are replaced only with force, and a folder only if the same command wrote it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use package::content::FileName;
use tempfile::TempDir;

use crate::failure::Failure;
use crate::interrupt;

/// Whether something that exists may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It is refused.
    Refuse,
    /// It is replaced in one step.
    Replace,
}

/// What `protect` puts at the top of its folder.
const OURS: [&str; 4] = ["internal", "release", "report.html", "report.json"];

/// A folder that can be written: known before the work begins, so that nobody waits for a refusal.
pub(crate) struct Target {
    path: PathBuf,
    parent: PathBuf,
    exists: bool,
}

impl Target {
    /// Checks that the folder of `protect` may be put there.
    pub(crate) fn new(path: &Path, existing: Existing) -> Result<Self, Failure> {
        Self::of(path, existing, "protect", |name| OURS.contains(&name))
    }

    /// Checks that the folder of a command may be put there; `is_ours` says what that command puts at the top of it.
    /// Anything else there belongs to somebody.
    pub(crate) fn of(
        path: &Path,
        existing: Existing,
        command: &str,
        is_ours: fn(&str) -> bool,
    ) -> Result<Self, Failure> {
        let shown = path.display();
        let Some(name) = path.file_name() else {
            let message = format!("`{shown}` does not name a folder of its own");
            return Err(Failure::usage(message, "name a folder that does not exist yet, such as `out`"));
        };
        let parent = parent_of(path);
        if !parent.is_dir() {
            let message =
                format!("there is no folder `{}` to put `{}` into", parent.display(), name.display());
            return Err(Failure::usage(message, "make that folder first"));
        }
        let exists = fs::symlink_metadata(path).is_ok();
        if exists && existing == Existing::Refuse {
            let message = format!("`{shown}` exists already");
            return Err(Failure::usage(message, "name another folder, or add --force to replace it"));
        }
        if exists && let Some(other) = not_ours(path, is_ours)? {
            let message =
                format!("`{shown}` is not replaced: `{other}` in it was not written by `{command}`");
            return Err(Failure::usage(
                message,
                "name another folder; --force replaces only earlier results",
            ));
        }
        Ok(Self { path: path.to_owned(), parent, exists })
    }

    /// Writes the files, each a path below the folder with its bytes, and puts the folder in place.
    pub(crate) fn put(&self, files: &[(impl AsRef<str>, Vec<u8>)]) -> Result<(), Failure> {
        self.put_for(Readers::Usual, files)
    }

    /// The same, for these readers.
    pub(crate) fn put_for(
        &self,
        readers: Readers,
        files: &[(impl AsRef<str>, impl AsRef<[u8]>)],
    ) -> Result<(), Failure> {
        interrupt::uninterrupted(|| self.write(readers, files))
            .map_err(|error| Failure::unwritable(&self.path, &error))
    }

    /// Begins to write the folder, file by file as they come; it is put in place by [`Staged::put`] and goes away without it.
    pub(crate) fn stage(&self) -> Result<Staged<'_>, Failure> {
        self.stage_here(Readers::Usual).map_err(|error| Failure::unwritable(&self.path, &error))
    }

    fn stage_here(&self, readers: Readers) -> io::Result<Staged<'_>> {
        let made = tempfile::Builder::new().prefix(".tearline-").suffix(".tmp").tempdir_in(&self.parent)?;
        let root = made.path().join("result");
        fs::create_dir(&root)?;
        if readers == Readers::Nobody {
            // Before anything lies in it: what is below is then out of everybody's reach, whatever its own mode.
            close_to_others(&root)?;
        }
        Ok(Staged { target: self, made, root, file: None, folders: BTreeSet::new() })
    }

    fn write(&self, readers: Readers, files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> io::Result<()> {
        let mut staged = self.stage_here(readers)?;
        for (name, bytes) in files {
            staged.begin(name.as_ref())?;
            staged.write(bytes.as_ref())?;
        }
        staged.place()
    }
}

/// A folder on its way into place. It goes away with this value, whatever happens before the rename.
pub(crate) struct Staged<'t> {
    target: &'t Target,
    made: TempDir,
    root: PathBuf,
    /// The file begun last.
    file: Option<File>,
    folders: BTreeSet<PathBuf>,
}

impl Staged<'_> {
    fn begin(&mut self, name: &str) -> io::Result<()> {
        self.end()?;
        let path = self.root.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
            self.folders.insert(folder.to_owned());
        }
        self.file = Some(File::create_new(&path)?);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_mut().ok_or(io::ErrorKind::InvalidInput)?.write_all(bytes)
    }

    fn end(&mut self) -> io::Result<()> {
        self.file.take().map_or(Ok(()), |file| file.sync_all())
    }

    /// Puts the folder in place.
    pub(crate) fn put(self) -> Result<(), Failure> {
        let path = &self.target.path;
        self.place().map_err(|error| Failure::unwritable(path, &error))
    }

    fn place(mut self) -> io::Result<()> {
        self.end()?;
        let Self { target, made, root, folders, .. } = self;
        for folder in &folders {
            sync_folder(folder)?;
        }
        sync_folder(&root)?;
        if target.exists {
            replace(&root, &target.path)?
        } else {
            fs::rename(&root, &target.path)?
        }
        sync_folder(&target.parent)?;
        made.close()
    }
}

impl package::Sink for Staged<'_> {
    fn begin(&mut self, name: &FileName, _bytes: u64) -> io::Result<()> {
        Staged::begin(self, name.as_str())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        Staged::write(self, bytes)
    }
}

/// Who may read a file beside its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Whoever the process's mask allows.
    Usual,
    /// Nobody.
    Nobody,
}

/// Writes one file the same way.
pub(crate) fn put_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    put_file_for(Readers::Usual, path, bytes)
}

/// Writes one file that its owner alone can read: it is so from the moment it exists.
pub(crate) fn put_secret_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    put_file_for(Readers::Nobody, path, bytes)
}

/// Writes one file the same way, piece by piece: `fill` writes into a temporary file that is thrown away when it fails.
pub(crate) fn put_file_by<T, E>(
    path: &Path,
    fill: impl FnOnce(&mut dyn io::Write) -> Result<T, E>,
) -> Result<Result<T, E>, Failure> {
    let unwritable = |error| Failure::unwritable(path, &error);
    let mut file = temporary(Readers::Usual, &parent_of(path)).map_err(unwritable)?;
    match fill(&mut file) {
        Ok(filled) => {
            interrupt::uninterrupted(|| put_in_place(file, path)).map_err(unwritable)?;
            Ok(Ok(filled))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// Writes one file the same way, for these readers.
pub(crate) fn put_file_for(readers: Readers, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = interrupt::uninterrupted(|| {
        let mut file = temporary(readers, &parent_of(path))?;
        file.write_all(bytes)?;
        put_in_place(file, path)
    });
    written.map_err(|error| Failure::unwritable(path, &error))
}

fn temporary(readers: Readers, parent: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tearline-").suffix(".tmp");
    #[cfg(unix)]
    if readers == Readers::Usual {
        use std::os::unix::fs::PermissionsExt as _;
        // The mask takes away from this; without it a temporary file is its owner's alone.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(parent)
}

fn put_in_place(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(&parent_of(path))
}

/// Refuses a file that exists, unless it is to be replaced or holds nothing.
pub(crate) fn check_file(path: &Path, existing: Existing) -> Result<(), Failure> {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(Failure::usage(format!("`{shown}` is not a file"), "name a file, or `-` for stdout"))
        }
        // A file that holds nothing was made to be filled.
        Ok(found) if existing == Existing::Refuse && found.len() > 0 => {
            Err(Failure::usage(format!("`{shown}` exists already"), "name another file, or add --force"))
        }
        _ if !parent_of(path).is_dir() => {
            let message = format!("there is no folder `{}`", parent_of(path).display());
            Err(Failure::usage(message, "make that folder first"))
        }
        _ => Ok(()),
    }
}

/// Takes a folder from everybody but its owner.
fn close_to_others(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        Ok(())
    }
}

fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The first thing in the folder that the command does not write.
fn not_ours(path: &Path, is_ours: fn(&str) -> bool) -> Result<Option<String>, Failure> {
    let entries = fs::read_dir(path).map_err(|error| Failure::unreadable(path, &error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Failure::unreadable(path, &error))?;
        names.push(entry.file_name().display().to_string());
    }
    names.sort();
    Ok(names.into_iter().find(|name| !is_ours(name)))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes many files below a folder durable: where the system can, all that waits for their disk at once.
pub(crate) fn sync_files(folder: &Path, files: &[PathBuf]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        let _ = files;
        Ok(rustix::fs::syncfs(File::open(folder)?)?)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        files.iter().try_for_each(|file| File::options().write(true).open(file)?.sync_all())
    }
}

/// Puts `new` where `old` is, and `old` where `new` was, whence it is removed with its temporary folder.
fn replace(new: &Path, old: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            // Some file systems cannot exchange; two renames then come as near as they allow.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let aside = new.with_file_name("replaced");
    fs::rename(old, &aside)?;
    fs::rename(new, old).inspect_err(|_| {
        // The old result goes back; if even that fails it stays in the temporary folder's place.
        let _ = fs::rename(&aside, old);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().display().to_string())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_appears_whole_and_nothing_is_left_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("out");
        let target = Target::new(&path, Existing::Refuse).unwrap();
        target.put(&[("release/cells.csv", b"a".to_vec()), ("report.json", b"{}".to_vec())]).unwrap();
        assert_eq!(fs::read(path.join("release/cells.csv")).unwrap(), b"a");
        assert_eq!(names(home.path()), ["out"]);
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("out");
        let target = Target::new(&path, Existing::Refuse).unwrap();
        // The second file cannot be created: its folder is a file.
        let files = [("release", b"a".to_vec()), ("release/cells.csv", b"b".to_vec())];
        assert_eq!(target.put(&files).unwrap_err().exit_code(), 1);
        assert!(names(home.path()).is_empty());
    }

    #[test]
    fn a_result_is_replaced_only_with_force_and_only_if_it_is_ours() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("out");
        Target::new(&path, Existing::Refuse).unwrap().put(&[("report.json", b"1".to_vec())]).unwrap();
        assert!(Target::new(&path, Existing::Refuse).is_err());
        Target::new(&path, Existing::Replace).unwrap().put(&[("report.html", b"2".to_vec())]).unwrap();
        assert_eq!(names(&path), ["report.html"]);
        assert_eq!(names(home.path()), ["out"]);
        fs::write(path.join("diary.txt"), "mine").unwrap();
        let refused = Target::new(&path, Existing::Replace).err().unwrap();
        assert!(refused.to_string().contains("diary.txt"), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(home.path().join(name)).unwrap().permissions().mode() & 0o777;
        put_secret_file(&home.path().join("key"), b"a").unwrap();
        put_file(&home.path().join("card"), b"a").unwrap();
        fs::write(home.path().join("usual"), b"a").unwrap();
        assert_eq!(mode("key"), 0o600);
        assert_eq!(mode("card"), mode("usual"));
    }

    #[test]
    fn a_file_is_replaced_only_with_force_or_when_empty() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("pattern.csv");
        check_file(&path, Existing::Refuse).unwrap();
        put_file(&path, b"").unwrap();
        check_file(&path, Existing::Refuse).unwrap();
        put_file(&path, b"a").unwrap();
        assert!(check_file(&path, Existing::Refuse).is_err());
        check_file(&path, Existing::Replace).unwrap();
        assert!(check_file(home.path(), Existing::Replace).is_err());
        assert_eq!(names(home.path()), ["pattern.csv"]);
    }
}
