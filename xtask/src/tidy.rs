//! The rules of the house that neither the compiler nor clippy checks.
//!
//! Every rule is a pure function from the files of the repository to faults, so that each one is tested on a
//! planted violation; [`run`] alone reads the disk, git's list of files and cargo's metadata. What a rule says
//! is in `docs/ARCHITECTURE.md` (arrows, absences, the one door) and `docs/DESIGN.md` (why).
//! After rust-analyzer `xtask/src/tidy.rs` and TigerBeetle `src/tidy.zig`.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

mod absent;
mod arrows;
mod door;
mod faults;
mod lexer;
mod manifest;
mod rust;
mod source;
#[cfg(test)]
mod tests;
mod text;

use arrows::Member;
use source::Source;

/// One broken rule at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// Relative to the workspace, with forward slashes.
    pub(crate) path: String,
    /// From 1; 0 when the whole file is meant.
    pub(crate) line: usize,
    /// Short name of the rule.
    pub(crate) rule: &'static str,
    /// What to do about it.
    pub(crate) advice: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.advice)
    }
}

/// Reads the workspace at `root` and applies every rule; faults come sorted by file and line.
///
/// # Errors
/// When git or cargo cannot be asked, or a listed file cannot be read.
pub(crate) fn run(root: &Path) -> anyhow::Result<Vec<Fault>> {
    let sources = read_sources(root)?;
    let members = arrows::members(root)?;
    Ok(check(&sources, &members))
}

/// Every rule over the files and the members of a workspace.
fn check(sources: &[Source], members: &[Member]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for source in sources {
        text::check(source, &mut faults);
        rust::check(source, &mut faults);
        absent::check(source, &mut faults);
        manifest::check(source, &mut faults);
    }
    text::check_links(sources, &mut faults);
    text::check_citations(sources, &mut faults);
    door::check(sources, &mut faults);
    faults::check(sources, &mut faults);
    arrows::check(members, &mut faults);
    faults.sort();
    faults.dedup();
    faults
}

/// Every file that is committed or would be with `git add --all`.
fn read_sources(root: &Path) -> anyhow::Result<Vec<Source>> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .context("git must be installed: tidy asks it which files belong to the repository")?;
    anyhow::ensure!(
        listed.status.success(),
        "git ls-files failed: {}",
        String::from_utf8_lossy(&listed.stderr).trim()
    );
    let mut sources = Vec::new();
    for name in listed.stdout.split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        let name = std::str::from_utf8(name).context("a file name is not UTF-8")?;
        let path = root.join(name);
        // A file deleted but still in the index is no longer part of what is checked.
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).with_context(|| format!("reading `{name}`"))?;
        sources.push(Source::new(name, bytes));
    }
    anyhow::ensure!(!sources.is_empty(), "git lists no file");
    Ok(sources)
}
