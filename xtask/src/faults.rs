//! Plants faults in the office's rules, one at a time, and writes down which test finds each.
//!
//! A rule that no test would miss is no rule. The list (`xtask/src/faults/office.toml`) names for each rule of `Refusal::RULES`, and
//! for each promise of `crates/office/src/decide.proof.md`, a piece of code and what to put in its place. This chore works on a copy of the repository below
//! the target folder and never touches the working tree but for `docs/faults.md`. Each worker has a copy and a target folder of its
//! own: cargo names what it builds without regard to where the workspace lies, and two copies would take each other's binaries.
//!
//! Two rounds a fault: first everything but the slow walks, with the office compiled quickly; then, if nothing failed, the model,
//! the simulator and the laws, compiled as ever.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;

/// Where the list is.
pub(crate) const LIST: &str = "xtask/src/faults/office.toml";
/// What its `file`s are relative to.
pub(crate) const BELOW: &str = "crates/office/src";
/// Where the table goes.
const TABLE: &str = "docs/faults.md";
/// Tests that walk for seconds: asked only when the others have found nothing.
const SLOW: &str = "test(tests::model) + test(tests::simulator) + test(tests::laws)";
/// One builds while the other tests.
const WORKERS: usize = 2;

/// One fault.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Planted {
    /// A rule of `Refusal::RULES`, or a promise in words.
    pub(crate) rule: String,
    /// Below [`BELOW`].
    pub(crate) file: String,
    /// What becomes possible.
    pub(crate) what: String,
    /// Code that stands exactly once in the file.
    pub(crate) original: String,
    /// What takes its place.
    pub(crate) planted: String,
}

/// The list as it stands in its file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    fault: Vec<Planted>,
}

/// Reads the list.
///
/// # Errors
/// When it is not of the form that it has.
pub(crate) fn read(text: &str) -> anyhow::Result<Vec<Planted>> {
    Ok(toml::from_str::<List>(text).context("the list of faults does not read")?.fault)
}

/// What became of a fault.
enum Fate {
    /// By these tests.
    Caught(Vec<String>),
    /// By nothing.
    Survived,
    /// It is no fault: it does not compile, or its place is gone.
    Broken(String),
}

/// Plants every fault whose rule or file contains `only` (all for an empty one); true if each was caught. The table is written
/// after each; rows of faults that were not planted this time stay as they were.
///
/// # Errors
/// When the copy cannot be made or cargo cannot be asked.
pub(crate) fn run(root: &Path, only: &str, say: &(dyn Fn(&str) + Sync)) -> anyhow::Result<bool> {
    let list = read(&std::fs::read_to_string(root.join(LIST)).context(LIST)?)?;
    let meant = |fault: &&Planted| fault.rule.contains(only) || fault.file.contains(only);
    let planted: Vec<&Planted> = list.iter().filter(meant).collect();
    anyhow::ensure!(!planted.is_empty(), "no fault of the list contains `{only}`");
    let target = target(root)?;
    let copies: Vec<PathBuf> =
        (0..WORKERS).map(|number| target.join("faults").join(number.to_string())).collect();
    for copy in &copies {
        copy_repository(root, copy)?;
    }
    match ask(copies.first().context("no copy")?, Round::Quick)? {
        Fate::Survived => {}
        fate => anyhow::bail!("tests do not pass before anything is planted: {}", words(&fate)),
    }
    let before = std::fs::read_to_string(root.join(TABLE)).unwrap_or_default();
    let rows = Mutex::new(before.lines().map(str::to_owned).collect::<Vec<_>>());
    let (next, caught) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = |copy: &Path| -> anyhow::Result<()> {
        while let Some(fault) = planted.get(next.fetch_add(1, Ordering::Relaxed)) {
            let fate = plant(copy, fault)?;
            say(&format!("{}: {}: {}", fault.rule, fault.what, words(&fate)));
            caught.fetch_add(usize::from(matches!(fate, Fate::Caught(_))), Ordering::Relaxed);
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            rows.retain(|row| !row.starts_with(&head(fault)));
            rows.push(row(fault, &fate));
            std::fs::write(root.join(TABLE), table(&list, &rows)).context(TABLE)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = copies.iter().map(|copy| scope.spawn(|| work(copy))).collect();
        let ended = workers.into_iter().map(|worker| {
            worker.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a worker stopped in the middle")))
        });
        ended.collect::<anyhow::Result<Vec<()>>>()
    })?;
    Ok(caught.into_inner() == planted.len())
}

/// The target folder that cargo uses here.
fn target(root: &Path) -> anyhow::Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root).no_deps().exec()?;
    Ok(metadata.target_directory.into_std_path_buf())
}

/// Every file that belongs to the repository, as it is in the working tree.
fn copy_repository(root: &Path, copy: &Path) -> anyhow::Result<()> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .context("git must be installed: it says which files belong to the repository")?;
    for name in listed.stdout.split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        let name = std::str::from_utf8(name).context("a file name is not UTF-8")?;
        let (from, to) = (root.join(name), copy.join(name));
        if !from.is_file() {
            continue;
        }
        let content = std::fs::read(&from).with_context(|| name.to_owned())?;
        // An unchanged file keeps its time, so that cargo does not build it again.
        if std::fs::read(&to).ok().as_ref() != Some(&content) {
            std::fs::create_dir_all(to.parent().context("a file in no folder")?)?;
            std::fs::write(&to, content).with_context(|| name.to_owned())?;
        }
    }
    Ok(())
}

/// Plants one fault, asks the tests, and takes it out again.
fn plant(copy: &Path, fault: &Planted) -> anyhow::Result<Fate> {
    let path = copy.join(BELOW).join(&fault.file);
    let text = std::fs::read_to_string(&path).with_context(|| fault.file.clone())?;
    if text.matches(&fault.original).count() != 1 {
        return Ok(Fate::Broken("its place is not there exactly once".to_owned()));
    }
    std::fs::write(&path, text.replacen(&fault.original, &fault.planted, 1))?;
    let fate = judge(copy);
    std::fs::write(&path, text)?;
    fate
}

/// What the tests say about a copy as it stands.
fn judge(copy: &Path) -> anyhow::Result<Fate> {
    let quick = ask(copy, Round::Quick)?;
    if matches!(quick, Fate::Survived) { ask(copy, Round::Slow) } else { Ok(quick) }
}

/// Which tests are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// All but the slow ones, with the office compiled in a hurry.
    Quick,
    /// The slow ones.
    Slow,
}

fn ask(copy: &Path, round: Round) -> anyhow::Result<Fate> {
    let (which, hurry): (String, &[&str]) = match round {
        Round::Quick => (
            format!("all() - ({SLOW})"),
            &[
                "--config=profile.release.package.office.opt-level=0",
                "--config=profile.release.package.office.debug=0",
            ],
        ),
        Round::Slow => (SLOW.to_owned(), &[]),
    };
    let output = Command::new("cargo")
        .args(["nextest", "run", "--package", "office", "--lib", "--release", "--locked", "--offline"])
        .args(hurry)
        .args(["--max-fail", "1:immediate", "--status-level", "fail", "--final-status-level", "none"])
        .args(["--failure-output", "never", "--color", "never", "--filterset", &which])
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .env("CARGO_INCREMENTAL", "1")
        .current_dir(copy)
        .output()
        .context("cargo nextest must be installed")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let failed = said
        .lines()
        .filter(|line| ["FAIL [", "SIGABRT ["].iter().any(|word| line.trim_start().starts_with(word)));
    let mut tests: Vec<String> =
        failed.filter_map(|line| line.rsplit(' ').next()).map(str::to_owned).collect();
    tests.sort();
    tests.dedup();
    Ok(match (output.status.success(), tests.is_empty()) {
        (true, _) => Fate::Survived,
        (false, false) => Fate::Caught(tests),
        (false, true) => {
            let error = said.lines().find(|line| line.starts_with("error")).unwrap_or("no test ran");
            Fate::Broken(error.to_owned())
        }
    })
}

fn words(fate: &Fate) -> String {
    match fate {
        Fate::Caught(tests) => format!("caught by {}", tests.join(", ")),
        Fate::Survived => "SURVIVED".to_owned(),
        Fate::Broken(why) => format!("NO FAULT: {why}"),
    }
}

/// The cells of a row that say what was planted.
fn head(fault: &Planted) -> String {
    format!("| {} | {} (`{}`) |", fault.rule, fault.what, fault.file)
}

fn row(fault: &Planted, fate: &Fate) -> String {
    let by = match fate {
        Fate::Caught(tests) => tests.iter().map(|test| format!("`{test}`")).collect::<Vec<_>>().join(", "),
        Fate::Survived | Fate::Broken(_) => words(fate),
    };
    format!("{} {by} |", head(fault))
}

fn table(list: &[Planted], rows: &[String]) -> String {
    let rows: Vec<String> = list
        .iter()
        .map(|fault| {
            let found = rows.iter().find(|row| row.starts_with(&head(fault))).cloned();
            found.unwrap_or_else(|| format!("{} not planted yet |", head(fault)))
        })
        .collect();
    let caught = rows.iter().filter(|row| row.ends_with("` |")).count();
    let mut text = format!(
        "# Faults planted in the office's rules\n\n\
         Written by `cargo xtask faults` from `{LIST}`; do not edit. Each row is one change of the code of\n\
         `crates/office`, made in a copy, and the test that failed first. {caught} of {} were caught.\n\n\
         | rule or promise | what was planted | caught by |\n| --- | --- | --- |\n",
        list.len()
    );
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{row}");
    }
    text
}
