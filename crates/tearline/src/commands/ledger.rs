//! `tearline ledger`: a log verified from its files alone, written as files, witnessed, and its rosters taken into a trust file.
//!
//! Checks of `verify`, in order: `files` (checkpoint signatures, every hash, every tile), `folder` (no tile says anything else; of a
//! folder only), `witnesses` (the policy of the trust file, on the checkpoint as published), `replay` (every signature and every rule
//! of `office::decide`), `rosters` (the log's rosters are the trusted ones).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger::Digest;
use ledger::policy::Policy;
use ledger::tile::TilePath;
use ledger::verify::{VerifiedLog, verify_log};
use office::{Delivery, Fold, Release, State};
use package::Trust;
use package::trust::{TRUST_BYTES_MAX, TrustedRoster, Use};
use server::client::Client;
use server::remote_log::RemoteLog;
use server::replay::{all_threads, replay};

use crate::cli::ledger::{LedgerVerify, Log};
use crate::commands::verify::{broken, print_checks, read_trust};
use crate::document::package::{CheckLine, LEDGER_SCHEMA, LedgerDocument, ReleaseLine};
use crate::failure::{Answer, Failure};
use crate::input;
use crate::office_shell::{bad_input, failed, with_causes};
use crate::progress::Line;
use crate::terminal::{Terminal, Tone, shell_word};

mod export;
mod receipts;
mod serve;
mod trust;
mod witness;

pub(super) use export::export;
pub(super) use receipts::receipts;
pub(super) use serve::serve;
pub(super) use trust::trust;
pub(super) use witness::witness;
pub(crate) use witness::{Collected, collect};

/// The largest file of a log: a bundle of 256 entries of 65,535 bytes, each behind its length.
const FILE_BYTES_MAX: usize = 256 * (65_535 + 2);
/// Files of a folder that are looked at; a log of a hundred million entries has fewer.
const FILES_MAX: usize = 1_000_000;
/// What a trust file beside a log is called.
const TRUST_FILE: &str = "trust.json";
/// Where Debian, Ubuntu and Alpine keep the certificates that the system believes.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Time that a remote log has for one file.
const FILE_TIME: Duration = Duration::from_secs(30);

/// Where a log is read from.
pub(crate) enum Source {
    /// Files of a folder.
    Folder(PathBuf),
    /// Files behind an address.
    Remote(Box<RemoteLog>),
}

impl Source {
    /// What was asked for on the command line.
    pub(crate) fn of(log: &Log) -> Result<Self, Failure> {
        match (&log.dir, &log.url) {
            (Some(dir), _) => Ok(Self::Folder(log_folder(dir)?)),
            (None, Some(url)) => {
                let client = client(log.roots.as_deref())?;
                Ok(Self::Remote(Box::new(RemoteLog::new(client, url, FILE_TIME))))
            }
            (None, None) => Err(Failure::usage("no log is named", "give --dir DIR or --url URL")),
        }
    }

    /// A folder, or the one called `ledger` in it.
    pub(crate) fn folder(dir: &Path) -> Result<Self, Failure> {
        Ok(Self::Folder(log_folder(dir)?))
    }

    fn read(&mut self, path: &str) -> Option<Vec<u8>> {
        match self {
            // A file that cannot be read counts as missing; the check then names it.
            Self::Folder(dir) => input::read_at_most(&dir.join(path), FILE_BYTES_MAX).ok(),
            Self::Remote(log) => log.read(path),
        }
    }

    /// A log that could not be asked is no answer about it.
    fn reached(&self) -> Result<(), Failure> {
        match self {
            Self::Remote(log) => match log.failure() {
                Some(error) => Err(failed(error, error.advice())),
                None => Ok(()),
            },
            Self::Folder(_) => Ok(()),
        }
    }
}

pub(super) fn verify(arguments: &LedgerVerify, terminal: &Terminal) -> Result<Answer, Failure> {
    let mut log = Source::of(&arguments.log)?;
    let (trust, source) = match (&arguments.trust, &log) {
        (Some(path), _) => (read_trust(path)?, "given"),
        (None, Source::Folder(dir)) => (read_trust(&trust_beside(dir)?)?, "beside the log"),
        (None, Source::Remote(_)) => (trust_served_beside(&arguments.log)?, "beside the log"),
    };
    let (document, _) = judge(&mut log, &trust, source)?;
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
    let candidates = [dir.join(TRUST_FILE), dir.join("..").join(TRUST_FILE)];
    candidates.into_iter().find(|path| path.is_file()).ok_or_else(no_trust)
}

/// The same of a log behind an address.
fn trust_served_beside(log: &Log) -> Result<Trust, Failure> {
    let client = client(log.roots.as_deref())?;
    let url = log.url.as_deref().unwrap_or_default().trim_end_matches('/');
    let above = url.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.ends_with('/'));
    for place in [Some(url), above].into_iter().flatten() {
        let answer = client.get(&format!("{place}/{TRUST_FILE}"), TRUST_BYTES_MAX, FILE_TIME);
        let answer = answer.map_err(|error| failed(&error, error.advice()))?;
        if answer.status == 200 {
            return Trust::from_json(&answer.body)
                .map_err(|error| bad_input("the trust file beside the log", &error, error.advice()));
        }
    }
    Err(no_trust())
}

fn no_trust() -> Failure {
    Failure::usage(
        "no trust file was given, and there is none beside the log",
        "give --trust FILE: a log cannot vouch for itself",
    )
}

/// Whom a client believes over https: the given roots, or else those of the system, where it keeps them as one file.
pub(crate) fn client(roots: Option<&Path>) -> Result<Client, Failure> {
    let roots = match roots {
        Some(path) => Some(input::read_file(path)?),
        None => input::read_file(Path::new(SYSTEM_ROOTS)).ok(),
    };
    Client::new(roots.as_deref()).map_err(|error| failed(&error, error.advice()))
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

/// Judges a log; what it says comes with the document only when every check of it has passed.
pub(crate) fn judge(
    source: &mut Source,
    trust: &Trust,
    trusted: &'static str,
) -> Result<(LedgerDocument, Option<Fold>), Failure> {
    let (document, judged) = judge_entries(source, trust, trusted)?;
    Ok((document, judged.map(|(_, fold)| fold)))
}

/// The same, with the entries.
pub(crate) fn judge_entries(
    source: &mut Source,
    trust: &Trust,
    trusted: &'static str,
) -> Result<(LedgerDocument, Option<(VerifiedLog, Fold)>), Failure> {
    let mut checks = Checks(Vec::new());
    let mut document = LedgerDocument {
        schema: LEDGER_SCHEMA,
        verdict: "invalid",
        origin: trust.log().name().to_string(),
        trust: trusted,
        entries: None,
        root_sha256: None,
        checks: Vec::new(),
        first_fault: None,
        releases: Vec::new(),
        advice: "compare with another copy of the log, and tell the other holders of checkpoints".to_owned(),
    };
    let verified = verify_log(trust.log(), &mut |path| source.read(path));
    source.reached()?;
    let judged = match verified {
        Err(error) => {
            document.first_fault = error.index();
            error.advice().clone_into(&mut document.advice);
            checks.note::<()>("files", Err(with_causes(&error)));
            checks.not_reached(&["folder", "witnesses", "replay", "rosters"]);
            None
        }
        Ok(log) => {
            let checkpoint = log.checkpoint();
            document.entries = Some(checkpoint.size);
            document.root_sha256 = Some(checkpoint.root.to_string());
            let detail =
                format!("{} entries give the root that `{}` signed", checkpoint.size, checkpoint.origin);
            checks.note("files", Ok(((), detail)));
            if let Source::Folder(dir) = source {
                let folder = folder(dir, &log)?;
                checks.note("folder", folder);
            }
            checks.note("witnesses", witnesses(&log, trust));
            let fold = replay_all(&log, trust, &mut checks, &mut document);
            fold.map(|fold| (log, fold))
        }
    };
    document.checks = checks.0;
    if document.checks.iter().all(|check| check.outcome == "passed") {
        document.verdict = "valid";
        "keep the checkpoint: a later log must contain it".clone_into(&mut document.advice);
        return Ok((document, judged));
    }
    Ok((document, None))
}

/// Whether enough witnesses have cosigned the published checkpoint. A log between two rounds of witnessing has a newer one that none
/// has seen yet: then the rules alone say what was sealed after which cosignatures.
fn witnesses(log: &VerifiedLog, trust: &Trust) -> Result<((), String), String> {
    if !trust.witnesses().needs_witnesses() {
        return Ok(((), "the trust file asks for no witnesses".to_owned()));
    }
    match trust.witnesses().cosigned(log.signed_checkpoint()) {
        Ok(quorum) => {
            let names: Vec<&str> = quorum.cosigned.keys().map(String::as_str).collect();
            Ok(((), format!("{} cosigned the checkpoint", names.join(", "))))
        }
        Err(error) => Err(with_causes(&error)),
    }
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

fn replay_all(
    log: &VerifiedLog,
    trust: &Trust,
    checks: &mut Checks,
    document: &mut LedgerDocument,
) -> Option<Fold> {
    let entries: Vec<&[u8]> = log.entries().collect();
    let line = Line::new();
    let mut progress =
        |done: u64| line.show(&format!("replaying: {done} of {} entries", entries.len()), "Ctrl-C stops");
    let replayed = replay(&entries, all_threads(), &mut progress);
    line.clear();
    match replayed {
        Err((index, refusal)) => {
            document.first_fault = Some(index.0);
            refusal.advice().clone_into(&mut document.advice);
            let detail = format!("entry {index} breaks rule `{}`: {}", refusal.rule(), with_causes(&refusal));
            checks.note::<()>("replay", Err(detail));
            checks.not_reached(&["rosters"]);
            None
        }
        Ok(fold) => {
            let detail = format!("every signature and every rule of {} entries", entries.len());
            checks.note("replay", Ok(((), detail)));
            checks.note("rosters", rosters(fold.state(), trust));
            document.releases = fold
                .state()
                .releases()
                .iter()
                .map(|(proposal, release)| self::line(proposal, release))
                .collect();
            Some(fold)
        }
    }
}

/// Whether the log's own rosters are the ones trusted: without that, its office could be anybody. A roster that was agreed after the
/// trust file was made follows from those in it, by the signatures that a change takes; `ledger trust` takes it in.
fn rosters(state: &State, trust: &Trust) -> Result<((), String), String> {
    let newest = state.roster().ok_or("the log has no roster")?;
    for trusted in trust.rosters() {
        let epoch = trusted.epoch;
        let logged = state.rosters().get(&epoch);
        let logged = logged.ok_or_else(|| format!("the log never had the trusted roster {epoch}"))?;
        let same = TrustedRoster {
            epoch,
            office: logged.office.delegation.clone(),
            members: logged.members.clone(),
        };
        if same != *trusted {
            return Err(format!("the log's roster {epoch} names other members or keys than the trust file"));
        }
    }
    let first = trust.rosters().next().map(|roster| roster.epoch);
    if newest.epoch() == trust.newest().epoch {
        same_office(state, trust)?;
    }
    let since = newest.epoch().get().saturating_sub(trust.newest().epoch.get());
    let more = if since > 0 { format!("; {since} agreed since, see `ledger trust`") } else { String::new() };
    let newest = trust.newest().epoch;
    match first {
        Some(first) if first == newest => Ok(((), format!("roster {newest} is the trusted one{more}"))),
        Some(first) => Ok(((), format!("rosters {first} to {newest} are the trusted ones{more}"))),
        None => Err("the trust file names no roster".to_owned()),
    }
}

/// Whether office and witnesses of the newest roster are those of the trust file.
fn same_office(state: &State, trust: &Trust) -> Result<(), String> {
    let roster = state.roster().ok_or("the log has no roster")?;
    let seal = trust.office_seal().to_json().map_err(|error| error.to_string())?;
    if roster.office().seal != Digest::of(&seal) {
        return Err("the log's office seals with another key than the trusted one".to_owned());
    }
    let policy =
        Policy::parse(roster.wire().witnesses.as_str().as_bytes()).map_err(|error| error.to_string())?;
    if policy != *trust.witnesses() {
        return Err("the log's roster names other witnesses than the trust file".to_owned());
    }
    Ok(())
}

fn line(proposal: &Digest, release: &Release) -> ReleaseLine {
    let packages = release.packaged().map(office::Sealed::packages);
    let deliveries = || packages.into_iter().flatten().flat_map(|(_, package)| package.deliveries().values());
    let acknowledged = deliveries().filter(|delivery| matches!(delivery, Delivery::Acknowledged(_)));
    let round = release.round();
    let approved = round.terms().members.keys().filter(|code| round.decisions().contains_key(*code));
    ReleaseLine {
        proposal_sha256: proposal.to_string(),
        title: release.protected().title().to_string(),
        round: round.terms().number.get(),
        stage: release.stage(),
        approvals: approved.filter(|code| round.consents(code)).count() as u64,
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
