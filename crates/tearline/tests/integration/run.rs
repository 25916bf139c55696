//! Runs the program in a folder of its own, on a copy of the invented table.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with the invented table in it; it goes away with the value.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

/// What a run left on its streams.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self::empty();
        for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/exercise")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, bench.path(path.file_name().unwrap().to_str().unwrap())).unwrap();
        }
        bench
    }

    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Rewrites a file.
    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(String) -> String) {
        self.write(name, &change(self.read(name)));
    }

    /// Everything in the folder, files and folders, by path.
    pub(crate) fn list(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(self.folder.path(), self.folder.path(), &mut found);
        found.sort();
        found
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tearline"));
        command.args(words(line)).current_dir(self.folder.path()).env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    /// Runs `tearline` with the words of `line`.
    pub(crate) fn run(&self, line: &str) -> Answer {
        Answer::of(&self.command(line).output().unwrap())
    }

    /// Runs it and expects an exit code.
    pub(crate) fn expect(&self, code: i32, line: &str) -> Answer {
        let answer = self.run(line);
        assert_eq!(answer.code, code, "tearline {line}\nstdout: {}\nstderr: {}", answer.out, answer.err);
        answer
    }
}

impl Answer {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Words between spaces; single quotes hold words together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('\'').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.strip_prefix(root).unwrap().display().to_string());
        if path.is_dir() {
            walk(root, &path, found);
        }
    }
}
