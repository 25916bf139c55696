//! `tearline trace`: whose copies a leak was made from, within a stated error, or that it cannot be told.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;
use ledger::Digest;
use package::Trust;
use package::fingerprint::{Accused, Fingerprints, Ground, Reading, Traced};

use crate::cli::forms::Trace;
use crate::commands::verify::read_trust;
use crate::document::trace::{NamedDocument, SCHEMA, TraceDocument};
use crate::failure::{Answer, Failure};
use crate::input;
use crate::office_shell::content::ContentFolder;
use crate::office_shell::keys;
use crate::office_shell::log_folder::ReadLog;
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::with_causes;
use crate::package_file;
use crate::report;
use crate::terminal::{Terminal, Tone, shell_word};

/// Files of a leak or a folder of packages.
const FILES_MAX: usize = 100_000;
/// Bytes of a leak, also when unpacked.
const LEAK_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A copy that was sealed: whose it is, and the package that says so.
struct Sent {
    receiver: String,
    package: Digest,
    commitment: Digest,
}

pub(super) fn run(arguments: &Trace, terminal: &Terminal) -> Result<Answer, Failure> {
    let trust = read_trust(&arguments.trust)?;
    let content = ContentFolder::open(&arguments.release)?.read()?;
    let leaked = leaked(&arguments.leak)?;
    let shown = shell_word(&arguments.key);
    let passphrase = Passphrase::obtain(arguments.passphrase_file.as_deref(), Purpose::Open, &shown)?;
    let key = keys::trace_key(&keys::open(&arguments.key, &passphrase)?)?;
    let prints = Fingerprints::new(&key, &content).map_err(|error| {
        Failure::usage(format!("`{}`: {}", arguments.release.display(), with_causes(&error)), error.advice())
    })?;
    let sent = sent(&arguments.packages, &trust, &prints)?;
    let logged =
        arguments.ledger.as_deref().map(|ledger| unlogged(ledger, &arguments.trust, &sent)).transpose()?;
    let borrowed: Vec<&[u8]> = leaked.iter().map(Vec::as_slice).collect();
    let reading = prints.read(&borrowed);
    let copies: Vec<u32> = sent.keys().copied().collect();
    let traced = prints.trace(&reading, &copies, arguments.error);
    let mut document = document(&prints, &reading, &traced, &sent, arguments.error);
    document.logged = logged.as_ref().map(Vec::is_empty);
    let swapped = swapped(&prints, &sent);
    if let Some(why) = swapped.or_else(|| logged.and_then(|missing| not_logged(&missing))) {
        document.verdict = "refused";
        document.named.clear();
        document.why = why;
        document.advice =
            "use the key, the packages and the log of this release; if they are, somebody changed one"
                .to_owned();
    }
    answer(&document, terminal);
    Ok(if document.verdict == "named" { Answer::Yes } else { Answer::No })
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let (mut pending, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = pending.pop() {
        if next.is_dir() {
            for entry in fs::read_dir(&next).map_err(|error| Failure::unreadable(&next, &error))? {
                pending.push(entry.map_err(|error| Failure::unreadable(&next, &error))?.path());
            }
        } else {
            files.push(next);
        }
        if files.len() + pending.len() > FILES_MAX {
            let message = format!("`{}` holds more than {FILES_MAX} files", folder.display());
            return Err(Failure::usage(message, "name the folder that holds nothing else"));
        }
    }
    files.sort();
    Ok(files)
}

/// The files of a leak, and what is packed in those that are PDF.
fn leaked(leak: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let (mut all, mut room) = (Vec::new(), LEAK_BYTES_MAX);
    for path in files_below(leak)? {
        let bytes = input::read_at_most(&path, room)?;
        room -= bytes.len().min(room);
        if bytes.starts_with(b"%PDF-") {
            let unpacked = unpacked(&bytes, room);
            room -= unpacked.len().min(room);
            all.push(unpacked);
        }
        all.push(bytes);
    }
    Ok(all)
}

/// The streams of a PDF that other programs packed when they saved it again (ISO 32000-2, 7.4.4), one after the other.
fn unpacked(pdf: &[u8], room: usize) -> Vec<u8> {
    const BEGIN: &[u8] = b"stream";
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(found) =
        pdf.get(at..).and_then(|rest| rest.windows(BEGIN.len()).position(|window| window == BEGIN))
    {
        at += found + BEGIN.len();
        let rest = pdf.get(at..).unwrap_or_default();
        let rest = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")).unwrap_or(rest);
        // A zlib header: deflate with a window of 32 KiB.
        if rest.first() == Some(&0x78) {
            let left = room.saturating_sub(all.len()) as u64;
            let mut stream = Vec::new();
            // What unpacks before a fault is as good as the rest.
            let _ = ZlibDecoder::new(rest).take(left).read_to_end(&mut stream);
            all.extend(stream);
            all.push(b'\n');
        }
    }
    all
}

/// The marked copies of this release, by packages that verify.
fn sent(folder: &Path, trust: &Trust, prints: &Fingerprints<'_>) -> Result<BTreeMap<u32, Sent>, Failure> {
    let mut sent = BTreeMap::new();
    for path in files_below(folder)?.iter().filter(|path| path.extension().is_some_and(|end| end == "tdf")) {
        let verified = package_file::verify(path, trust)?.map_err(|_| {
            let message = format!("`{}` does not verify", path.display());
            Failure::usage(
                message,
                "see why with `tearline verify`, and leave out what the office did not seal",
            )
        })?;
        let statement = verified.statement();
        if verified.proposal().release.release != prints.release() {
            continue;
        }
        let Some(commitment) = statement.fingerprint else { continue };
        let found = Sent { receiver: statement.receiver.to_string(), package: verified.digest(), commitment };
        if sent.insert(statement.copy, found).is_some_and(|before: Sent| before.commitment != commitment) {
            let message =
                format!("two packages are copy {} of the release with different marks", statement.copy);
            return Err(Failure::usage(message, "give the packages of one release only"));
        }
    }
    if sent.is_empty() {
        let message = format!("`{}` has no marked copy of this release", folder.display());
        return Err(Failure::usage(
            message,
            "give the folder that `tearline seal` wrote, and the forms that were sealed",
        ));
    }
    Ok(sent)
}

/// Copies whose packages the log does not know.
fn unlogged(ledger: &Path, trust: &Path, sent: &BTreeMap<u32, Sent>) -> Result<Vec<u32>, Failure> {
    let log = ReadLog::read(ledger, trust)?;
    let state = log.fold().state();
    let missing = sent.iter().filter(|(_, sent)| state.sealed_with(&sent.package).is_none());
    Ok(missing.map(|(copy, _)| *copy).collect())
}

fn not_logged(missing: &[u32]) -> Option<String> {
    let first = missing.first()?;
    Some(format!(
        "the log does not know {}, the first of them copy {first}",
        report::counted(missing.len() as u64, "package", "packages")
    ))
}

/// Whether the codes are those that were committed to before delivery.
fn swapped(prints: &Fingerprints<'_>, sent: &BTreeMap<u32, Sent>) -> Option<String> {
    let differs = |copy: &u32, sent: &Sent| {
        let receiver = ledger::act::Code::new(&sent.receiver);
        receiver.map_or(true, |receiver| prints.commitment(*copy, &receiver) != sent.commitment)
    };
    let (copy, sent) = sent.iter().find(|(copy, sent)| differs(copy, sent))?;
    Some(format!("the key does not give the marks that were committed to for copy {copy}, {}", sent.receiver))
}

fn document(
    prints: &Fingerprints<'_>,
    reading: &Reading,
    traced: &Traced,
    sent: &BTreeMap<u32, Sent>,
    error_ppb: u32,
) -> TraceDocument {
    let named = |accused: &Accused| {
        let sent = sent.get(&accused.copy)?;
        Some(NamedDocument {
            copy: accused.copy,
            receiver: sent.receiver.clone(),
            ground: match accused.ground {
                Ground::EveryMark => "every-mark",
                Ground::Score => "score",
            },
            score: accused.score,
            error_bound: bound(accused),
            package_sha256: sent.package.to_string(),
            commitment: sent.commitment.to_string(),
        })
    };
    let (why, advice) = why(reading, traced);
    TraceDocument {
        schema: SCHEMA,
        verdict: if traced.accused.is_empty() { "nobody" } else { "named" },
        release_sha256: prints.release().to_string(),
        positions: prints.positions() as u64,
        found: reading.found() as u64,
        read: traced.read as u64,
        stamps: reading.stamps().iter().copied().collect(),
        copies: sent.len() as u64,
        logged: None,
        error_allowed: format!("{:e}", f64::from(error_ppb) / 1e9),
        threshold: traced.threshold,
        highest: traced.highest,
        named: traced.accused.iter().filter_map(named).collect(),
        why: why.to_owned(),
        advice: advice.to_owned(),
    }
}

/// The bound for people: two digits, rounded up.
fn bound(accused: &Accused) -> String {
    let bound = accused.error_bound();
    if bound < 1e-20 { "1e-20".to_owned() } else { format!("{:.1e}", bound * 1.06) }
}

fn why(reading: &Reading, traced: &Traced) -> (&'static str, &'static str) {
    if !traced.accused.is_empty() {
        return (
            "the marks of these copies are in the leak",
            "show the packages and the log to a third party: their commitments were made before delivery. A trace says whose copy it \
             was, not who passed it on, and the office holds every copy too",
        );
    }
    if reading.found() == 0 {
        return (
            "no text of the release's drawn forms was recognised: another release, a picture, or typed again",
            "give the file itself; if there is none, its marks are lost",
        );
    }
    if traced.read == 0 {
        return ("the marks were taken out", "look for another leak, or another form of this one");
    }
    if traced.threshold.is_none() {
        return (
            "too few marks are left for the error asked for",
            "give more of the leak, or allow a larger error and treat the answer as a hint",
        );
    }
    (
        "no copy agrees with the marks more than chance allows: more copies were mixed than can be told, or it is none of these",
        "give all packages of the release, and more of the leak",
    )
}

fn answer(document: &TraceDocument, terminal: &Terminal) {
    if terminal.json() {
        terminal.document(document);
        return;
    }
    terminal.say(&format!(
        "{} of {} marks found, {} read; {} of the release",
        document.found,
        document.positions,
        document.read,
        report::counted(document.copies, "marked copy", "marked copies")
    ));
    terminal.say(&match document.logged {
        Some(true) => {
            "every package verifies and is in the log; every commitment was compared with the key".to_owned()
        }
        Some(false) => "not every package is in the log".to_owned(),
        None => {
            "every package verifies; every commitment was compared with the key; no log was given".to_owned()
        }
    });
    for stamp in &document.stamps {
        let agree = document.named.iter().any(|named| named.copy == *stamp);
        let note = if agree {
            "and its marks agree"
        } else {
            "but its marks do not agree, and anybody can type a stamp"
        };
        terminal.say(&format!("the stamp says copy {stamp}, {note}"));
    }
    for NamedDocument { copy, receiver, ground, error_bound, .. } in &document.named {
        let how = match *ground {
            "every-mark" => "agrees with the leak at every mark that was read",
            _ => "was one of several copies that were mixed, or was changed",
        };
        terminal.answer(&format!("{receiver}: copy {copy} {how}; chance of error below {error_bound}"));
    }
    let (tone, word) = match document.verdict {
        "named" => (Tone::Good, "named"),
        "nobody" => (Tone::Bad, "nobody is named"),
        _ => (Tone::Bad, "refused"),
    };
    terminal.say(&format!("{}: {}", terminal.err_word(tone, word), document.why));
    if document.verdict == "nobody" {
        terminal.say(&format!("  allowed error {}; nobody is named on less", document.error_allowed));
    }
    terminal.say(&format!("advice: {}", document.advice));
}
