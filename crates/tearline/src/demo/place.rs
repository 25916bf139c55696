//! The folder in which the demo is told: what stands where, and what may be replaced.
//!
//! A folder is the demo's when its `README.txt` begins as ours does. Of an earlier demo only what a demo writes is removed;
//! any other folder that is not empty is refused. Every file and folder is put in place whole: a demo that is killed
//! leaves nothing half-written.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::folder::{self, Existing, Target};
use crate::terminal::shell_word;

/// How the README of a demo begins.
const MARK: &str = "EXERCISE EXERCISE EXERCISE\n\nThis folder was made by `tearline demo`.";

const README: &str = "
Every figure, company, key and label in it is invented. Codes of allies are real, what is said of them is not.

office side (the classified network)
  spec.toml, figures.csv, *.csv   what is protected, and the invented figures
  release/                        what may leave
  forms/                          the same as page, PDF, workbook and JSON: what is agreed to and sealed; label.xml is its label
  internal/                       which cells are primary, and the certificate: may not leave
  report.html, report.json        the report for the planner: may not leave
  exposures/                      what could be told of each ally's figures: each document for its ally alone
  office/store.sqlite             the log and the sealed boxes
  ledger/                         the log as files that anybody can verify
  sealed/                         the packages of the batch, and its index
  transfer/                       bundles for the other side
  standards/                      snapshots of the registry, the policy, packages of waves, who holds what; opened/ is the partner's
  transfer-partner/               bundles for the partner's side

outside
  witnesses/                      what the witnesses of three allies remember of the log
  trust.json                      whom receivers trust; comes to them by another way than packages
  portal/                         the guard's number and the packages it let in
  companies/                      what each company opened
  partner/                        the guard of the partner union's side and the packages it let in

keys/                             all keys of the story under one passphrase, keys/PASSPHRASE. Nobody keeps keys like this:
                                  in earnest each stands with its owner alone.
";

/// What a demo writes at the top of its folder, apart from the README.
const OURS: [&str; 23] = [
    "allies.csv",
    "capability.csv",
    "companies",
    "exposures",
    "figures.csv",
    "forms",
    "internal",
    "keys",
    "label.xml",
    "ledger",
    "office",
    "partner",
    "portal",
    "release",
    "report.html",
    "report.json",
    "sealed",
    "spec.toml",
    "standards",
    "transfer",
    "transfer-partner",
    "trust.json",
    "witnesses",
];
const YEARS: &str = "year.csv";

/// The folder of one demo.
pub(super) struct Place {
    root: PathBuf,
}

impl Place {
    /// Takes the folder: makes it, or clears an earlier demo out of it.
    pub(super) fn take(root: &Path) -> Result<Self, Failure> {
        let readme = root.join("README.txt");
        let place = Self { root: root.to_owned() };
        match fs::read_dir(root) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir(root).map_err(|error| Failure::unwritable(root, &error))?;
            }
            Err(error) => return Err(Failure::unreadable(root, &error)),
            Ok(mut entries) => {
                let ours = fs::read(&readme).is_ok_and(|bytes| bytes.starts_with(MARK.as_bytes()));
                if !ours && entries.next().is_some() {
                    let message = format!("`{}` is not empty and not a demo", root.display());
                    return Err(Failure::usage(message, "name another folder with --dir"));
                }
                place.clear()?;
            }
        }
        // First of all: whatever happens later, the folder can be told for a demo.
        folder::put_file(&readme, format!("{MARK}{README}").as_bytes())?;
        Ok(place)
    }

    fn clear(&self) -> Result<(), Failure> {
        for name in OURS.iter().chain([&YEARS]) {
            let path = self.root.join(name);
            let removed = match fs::symlink_metadata(&path) {
                Err(_) => continue,
                Ok(found) if found.is_dir() => fs::remove_dir_all(&path),
                Ok(_) => fs::remove_file(&path),
            };
            removed.map_err(|error| Failure::unwritable(&path, &error))?;
        }
        Ok(())
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A path in it.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A path in it as a shell takes it.
    pub(super) fn shown(&self, name: &str) -> String {
        shell_word(&self.at(name))
    }

    /// Writes one file.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        folder::put_file(&self.at(name), bytes)
    }

    /// Makes a folder for single files.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.at(name);
        fs::create_dir_all(&path).map_err(|error| Failure::unwritable(&path, &error))?;
        Ok(path)
    }

    /// Writes a folder whole.
    pub(super) fn put_folder(&self, name: &str, files: &[(impl AsRef<str>, Vec<u8>)]) -> Result<(), Failure> {
        Target::new(&self.at(name), Existing::Refuse)?.put(files)
    }

    /// Every file below a path, in order.
    pub(super) fn files_below(path: &Path) -> Result<Vec<PathBuf>, Failure> {
        let (mut pending, mut files) = (vec![path.to_owned()], Vec::new());
        while let Some(next) = pending.pop() {
            if next.is_file() {
                files.push(next);
                continue;
            }
            for entry in fs::read_dir(&next).map_err(|error| Failure::unreadable(&next, &error))? {
                pending.push(entry.map_err(|error| Failure::unreadable(&next, &error))?.path());
            }
        }
        files.sort();
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_demo_is_cleared_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("demo");
        let place = Place::take(&root).unwrap();
        place.put("trust.json", b"{}").unwrap();
        place.put("mine.txt", b"mine").unwrap();
        Place::take(&root).unwrap();
        assert!(!root.join("trust.json").exists());
        assert_eq!(fs::read(root.join("mine.txt")).unwrap(), b"mine");
    }

    #[test]
    fn other_folders_are_refused() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("trust.json"), "somebody's").unwrap();
        assert_eq!(Place::take(home.path()).err().unwrap().exit_code(), 2);
        assert_eq!(fs::read(home.path().join("trust.json")).unwrap(), b"somebody's");
        assert!(!home.path().join("README.txt").exists());
    }
}
