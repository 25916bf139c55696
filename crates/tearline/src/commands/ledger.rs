//! `tearline ledger verify`: a log from its files alone, replayed from the first entry.
//!
//! Checks, in order: `files` (checkpoint signature, every hash, every tile), `folder` (no tile says anything else),
//! `replay` (every signature and every rule of `office::decide`), `roster` (the log's roster is the trusted one).

use std::fs;
use std::path::{Path, PathBuf};

use ledger::Digest;
use ledger::act::Code;
use ledger::tile::TilePath;
use ledger::verify::{VerifiedLog, verify_log};
use office::{Delivery, Release, State};
use package::Trust;
use package::trust::Use;

use crate::cli::sealed::LedgerVerify;
use crate::commands::verify::{broken, print_checks, read_trust};
use crate::document::package::{CheckLine, LEDGER_SCHEMA, LedgerDocument, ReleaseLine};
use crate::failure::{Answer, Failure};
use crate::input;
use crate::office_shell::with_causes;
use crate::terminal::{Terminal, Tone, shell_word};

/// The largest file of a log: a bundle of 256 entries of 65,535 bytes, each behind its length.
const FILE_BYTES_MAX: usize = 256 * (65_535 + 2);
/// Files of a folder that are looked at; a log of a hundred million entries has fewer.
const FILES_MAX: usize = 1_000_000;

pub(super) fn verify(arguments: &LedgerVerify, terminal: &Terminal) -> Result<Answer, Failure> {
    let dir = log_folder(&arguments.dir)?;
    let (trust, source) = match &arguments.trust {
        Some(path) => (read_trust(path)?, "given"),
        None => (read_trust(&trust_beside(&dir)?)?, "beside the log"),
    };
    let document = judge(&dir, &trust, source)?;
    if terminal.json() {
        terminal.document(&document);
    } else {
        print_checks(&document.checks, trust.kind() == Use::Exercise, terminal);
        print(&document, terminal);
    }
    if source != "given" {
        terminal.say("the trust file beside the log shows that the two belong together, not whose they are: give --trust FILE");
    }
    Ok(if document.verdict == "valid" { Answer::Yes } else { Answer::No })
}

/// The folder itself, or the one called `ledger` in it.
fn log_folder(dir: &Path) -> Result<PathBuf, Failure> {
    let inner = dir.join("ledger");
    for candidate in [dir, inner.as_path()] {
        if candidate.join("checkpoint").is_file() || candidate.join("tile").is_dir() {
            return Ok(candidate.to_owned());
        }
    }
    let message = format!("there is no log in `{}`", dir.display());
    Err(Failure::usage(message, "name the folder that holds `checkpoint` and `tile`"))
}

fn trust_beside(dir: &Path) -> Result<PathBuf, Failure> {
    let candidates = [dir.join("trust.json"), dir.join("..").join("trust.json")];
    candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| {
        Failure::usage(
            "no trust file was given, and there is none beside the log",
            "give --trust FILE: a log cannot vouch for itself",
        )
    })
}

/// The checks of a log under way.
struct Checks(Vec<CheckLine>);

impl Checks {
    fn note<T>(&mut self, name: &str, result: Result<(T, String), String>) -> Option<T> {
        let (outcome, detail, value) = match result {
            Ok((value, detail)) => ("passed", detail, Some(value)),
            Err(detail) => ("failed", detail, None),
        };
        self.0.push(CheckLine { name: name.to_owned(), outcome, detail });
        value
    }

    fn not_reached(&mut self, names: &[&str]) {
        let line = |name: &&str| CheckLine {
            name: (*name).to_owned(),
            outcome: "not-reached",
            detail: String::new(),
        };
        self.0.extend(names.iter().map(line));
    }
}

/// Judges the log in a folder.
pub(crate) fn judge(dir: &Path, trust: &Trust, source: &'static str) -> Result<LedgerDocument, Failure> {
    let mut checks = Checks(Vec::new());
    let mut document = LedgerDocument {
        schema: LEDGER_SCHEMA,
        verdict: "invalid",
        origin: trust.log().name().to_string(),
        trust: source,
        entries: None,
        root_sha256: None,
        checks: Vec::new(),
        first_fault: None,
        releases: Vec::new(),
        advice: "compare with another copy of the log, and tell the other holders of checkpoints".to_owned(),
    };
    // A file that cannot be read counts as missing; the check then names it.
    let mut read = |path: &str| input::read_at_most(&dir.join(path), FILE_BYTES_MAX).ok();
    match verify_log(trust.log(), &mut read) {
        Err(error) => {
            document.first_fault = error.index();
            error.advice().clone_into(&mut document.advice);
            checks.note::<()>("files", Err(with_causes(&error)));
            checks.not_reached(&["folder", "replay", "roster"]);
        }
        Ok(log) => {
            let checkpoint = log.checkpoint();
            document.entries = Some(checkpoint.size);
            document.root_sha256 = Some(checkpoint.root.to_string());
            let detail =
                format!("{} entries give the root that `{}` signed", checkpoint.size, checkpoint.origin);
            checks.note("files", Ok(((), detail)));
            let folder = folder(dir, &log)?;
            checks.note("folder", folder);
            replay(&log, trust, &mut checks, &mut document);
        }
    }
    document.checks = checks.0;
    if document.checks.iter().all(|check| check.outcome == "passed") {
        document.verdict = "valid";
        "keep the checkpoint: a later log must contain it".clone_into(&mut document.advice);
    }
    Ok(document)
}

/// Every tile that lies in the folder, whether or not the checkpoint needs it.
fn folder(dir: &Path, log: &VerifiedLog) -> Result<Result<((), String), String>, Failure> {
    let mut pending = vec![dir.join("tile")];
    let mut count = 0;
    while let Some(folder) = pending.pop() {
        let unreadable = |error| Failure::unreadable(&folder, &error);
        let mut paths = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            paths.push(entry.map_err(unreadable)?.path());
        }
        paths.sort();
        for path in paths {
            count += 1;
            if count > FILES_MAX {
                return Ok(Err(format!("more than {FILES_MAX} files")));
            }
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            let name = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let Ok(tile) = name.parse::<TilePath>() else {
                return Ok(Err(format!("`{name}` is no tile of a log")));
            };
            let bytes = input::read_at_most(&path, FILE_BYTES_MAX)?;
            if let Err(error) = log.check_file(&tile, &bytes) {
                return Ok(Err(with_causes(&error)));
            }
        }
    }
    Ok(Ok(((), "every file under `tile` is as the checkpoint says".to_owned())))
}

fn replay(log: &VerifiedLog, trust: &Trust, checks: &mut Checks, document: &mut LedgerDocument) {
    match office::replay(log.entries()) {
        Err((index, refusal)) => {
            document.first_fault = Some(index.0);
            refusal.advice().clone_into(&mut document.advice);
            let detail = format!("entry {index} breaks rule `{}`: {}", refusal.rule(), with_causes(&refusal));
            checks.note::<()>("replay", Err(detail));
            checks.not_reached(&["roster"]);
        }
        Ok(state) => {
            let detail = format!("every signature and every rule of {} entries", log.entries().len());
            checks.note("replay", Ok(((), detail)));
            checks.note("roster", roster(&state, trust));
            document.releases =
                state.releases().iter().map(|(proposal, release)| line(proposal, release)).collect();
        }
    }
}

/// Whether the log's own roster is the one trusted: without that, its office could be anybody.
fn roster(state: &State, trust: &Trust) -> Result<((), String), String> {
    let roster = state.roster().ok_or("the log has no roster")?;
    if roster.office().key != *trust.office_key() {
        return Err("the log's office signs with another key than the trusted one".to_owned());
    }
    let seal = trust.office_seal().to_json().map_err(|error| error.to_string())?;
    if roster.office().seal != Digest::of(&seal) {
        return Err("the log's office seals with another key than the trusted one".to_owned());
    }
    if roster.epoch() != trust.epoch() {
        return Err(format!("the log's roster is {}, the trusted one {}", roster.epoch(), trust.epoch()));
    }
    let members: Vec<&Code> = roster.members().keys().collect();
    if !members.iter().copied().eq(trust.members()) {
        return Err("the log's roster names other members than the trust file".to_owned());
    }
    match roster.members().iter().find(|(code, key)| trust.member_key(code) != Some(*key)) {
        Some((code, _)) => Err(format!("the log has another key for {code} than the trust file")),
        None => Ok((
            (),
            format!("roster {}: office and {} members have the trusted keys", roster.epoch(), members.len()),
        )),
    }
}

fn line(proposal: &Digest, release: &Release) -> ReleaseLine {
    let (stage, packages) = match release {
        Release::Proposed(_) => ("proposed", None),
        Release::Refused(_) => ("refused", None),
        Release::Agreed(_) => ("agreed", None),
        Release::Sealed(sealed) => ("sealed", Some(sealed.packages())),
    };
    let deliveries = || packages.into_iter().flatten().flat_map(|(_, package)| package.deliveries().values());
    let acknowledged = deliveries().filter(|delivery| matches!(delivery, Delivery::Acknowledged(_)));
    let approved = release.round().decisions().values();
    ReleaseLine {
        proposal_sha256: proposal.to_string(),
        title: release.draft().title.to_string(),
        round: release.round().terms().number.get(),
        stage,
        approvals: approved.filter(|said| said.decision == office::Decision::Approve).count() as u64,
        packages: packages.map_or(0, |packages| packages.len() as u64),
        delivered: deliveries().count() as u64,
        acknowledged: acknowledged.count() as u64,
    }
}

fn print(document: &LedgerDocument, terminal: &Terminal) {
    if document.verdict == "valid" {
        let word = terminal.out_word(Tone::Good, "valid");
        terminal.answer(&format!(
            "{word}: {} entries of `{}`",
            document.entries.unwrap_or(0),
            document.origin
        ));
        terminal.answer(&format!("  root {}", document.root_sha256.as_deref().unwrap_or_default()));
    } else {
        let word = terminal.out_word(Tone::Bad, "invalid");
        let at = document.first_fault.map(|index| format!(", first at entry {index}")).unwrap_or_default();
        terminal.answer(&format!("{word}: {}{at}", broken(&document.checks)));
    }
    for release in &document.releases {
        terminal.answer(&format!(
            "  {}: {}, round {}, {} approvals, {} packages, {} delivered, {} acknowledged",
            release.title,
            release.stage,
            release.round,
            release.approvals,
            release.packages,
            release.delivered,
            release.acknowledged
        ));
    }
    terminal.answer(&format!("  advice: {}", document.advice));
}

/// The command that verifies the log of a folder.
pub(crate) fn command(dir: &Path, trust: &Path) -> String {
    format!("tearline ledger verify --dir {} --trust {}", shell_word(dir), shell_word(trust))
}
