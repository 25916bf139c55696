//! `tearline seal`: one package a receiver of an agreed release, each logged by its digest. A run that was cut off goes on.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use ledger::Digest;
use ledger::act::{Code, UtcTime};
use ledger::keyfile::{KeyKind, PublicCard};
use package::access::AccessPublic;
use package::fingerprint::Fingerprints;
use package::seal::CopyRequest;
use package::{OpenPublic, Sealer, Service};
use server::journal::Journal;
use store::SqliteStore;

use crate::cli::sealed::Seal;
use crate::commands::act::find;
use crate::commands::verify::read_trust;
use crate::document::package::{SEAL_SCHEMA, SealDocument, SealedLine};
use crate::failure::{Answer, Failure};
use crate::office_shell::batch::{self, Batch, Head, Order};
use crate::office_shell::clock::{Clock as _, SystemClock};
use crate::office_shell::content::ContentFolder;
use crate::office_shell::house::{self, ACT_KEY};
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::randomness::OsRandomness;
use crate::office_shell::{bad_input, failed, keys};
use crate::terminal::{Terminal, Tone, shell_word};

/// Most cards that a folder is searched for.
const CARDS_MAX: usize = 100_000;
/// Packages that the answer lists.
const LISTED_MAX: usize = 20;

pub(super) fn run(arguments: &Seal, terminal: &Terminal) -> Result<Answer, Failure> {
    let trust = read_trust(&arguments.trust)?;
    let folder = ContentFolder::open(&arguments.content)?;
    let access = arguments.access.as_deref().map(read_access).transpose()?;
    let passphrase =
        Passphrase::obtain(arguments.passphrase_file.as_deref(), Purpose::Open, "the keys of the office")?;
    let key = keys::seal_key(&keys::open(&arguments.key, &passphrase)?)?;
    let trace = arguments.marks.as_deref().map(|path| keys::trace_key(&keys::open(path, &passphrase)?));
    let trace = trace.transpose()?;
    let mut journal = house::open_unlocked(&arguments.office, ACT_KEY, &passphrase)?;
    let proposal = find(journal.state(), &arguments.proposal)?;
    let decision = journal
        .decision(&proposal)
        .map_err(|error| bad_input("nothing is sealed", &error, error.advice()))?;
    let sealer = Sealer::new(&decision, &key, &trust).map_err(|error| batch::not_sealed(&error))?;
    let receivers = receivers(&journal, &proposal, &sealer, arguments)?;
    let url = arguments.service.as_deref().map(service_url);
    let service = url.as_deref().zip(access.as_ref()).map(|(url, access)| Service {
        url,
        access,
        wrapping: arguments.wrapping.into(),
    });
    let content = trace.as_ref().map(|_| folder.read()).transpose()?;
    let marks = trace.as_ref().zip(content.as_ref()).map(|(key, content)| Fingerprints::new(key, content));
    let marks = marks.transpose().map_err(|error| bad_input("nothing is marked", &error, error.advice()))?;
    let sealed_utc = SystemClock.now()?;
    let order = Order {
        names: folder.names(),
        files: &folder,
        receivers,
        service,
        marks: marks.as_ref(),
        sealed_utc,
    };
    let head = Head::new(proposal, service.as_ref(), marks.is_some());
    let mut document = SealDocument {
        schema: SEAL_SCHEMA,
        verdict: "sealed",
        proposal_sha256: proposal.to_string(),
        profile: head.profile.clone(),
        marked: head.marked,
        out: arguments.out.display().to_string(),
        sealed: 0,
        logged_again: 0,
        packages: Vec::new(),
    };
    if arguments.dry_run {
        document.verdict = "would-be-sealed";
        document.sealed = rehearse(&sealer, &order)?;
    } else {
        let mut batch = Batch::open(&arguments.out, head)?;
        batch.check()?;
        let before = batch.lines().len();
        dated(&mut journal, sealed_utc)?;
        document.logged_again = batch.log(&mut journal)? as u64;
        let (of, mut told) = (order.receivers.len(), 0);
        let sealed = batch.seal(&sealer, &order, &mut journal, &mut |count| {
            // Batches of one round end before anybody wonders.
            if told > 0 || count < of {
                terminal.say(&format!("{count} of {of} packages"));
            }
            told += 1;
        })?;
        document.sealed = sealed as u64;
        document.verdict = if sealed == 0 { "complete" } else { "sealed" };
        document.packages = lines(&batch, before);
    }
    print(&document, terminal);
    Ok(Answer::Yes)
}

/// The log's time is that of the packages.
fn dated(journal: &mut Journal<SqliteStore>, now: UtcTime) -> Result<(), Failure> {
    if journal.state().now().is_some_and(|logged| logged >= now) {
        return Ok(());
    }
    journal.tick(now).map_err(|error| failed(&error, error.advice()))
}

/// Everything but writing: the content is encrypted, and a copy made for every receiver.
fn rehearse(sealer: &Sealer<'_>, order: &Order<'_>) -> Result<u64, Failure> {
    let mut randomness = OsRandomness::new()?;
    let Order { service, sealed_utc, .. } = *order;
    let requests = order.receivers.iter().zip(1..).map(|((receiver, receiver_key), copy)| CopyRequest {
        receiver,
        receiver_key,
        copy,
        sealed_utc,
        service,
    });
    let not_sealed = |error| batch::not_sealed(&error);
    match order.marks {
        None => {
            let group = batch::group(sealer, order, &mut io::sink())?;
            for request in requests {
                sealer.copy(&group, &request, &mut randomness).map_err(not_sealed)?;
            }
        }
        Some(marks) => {
            for request in requests {
                let (out, cores) = (&mut io::sink(), &package::InTurn);
                sealer.marked_copy(marks, &request, out, cores, &mut randomness).map_err(not_sealed)?;
            }
        }
    }
    Ok(order.receivers.len() as u64)
}

/// Where clients find the key access service of an office: under `/kas` of its address.
fn service_url(url: &str) -> String {
    let url = url.trim_end_matches('/');
    if url.ends_with("/kas") { url.to_owned() } else { format!("{url}/kas") }
}

fn read_access(path: &Path) -> Result<AccessPublic, Failure> {
    let card = keys::read_card(path)?;
    AccessPublic::from_card(&card)
        .map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()))
}

/// The receivers that were agreed, or those of them that are asked for, each with the key that the roster names.
fn receivers(
    journal: &Journal<SqliteStore>,
    proposal: &Digest,
    sealer: &Sealer<'_>,
    arguments: &Seal,
) -> Result<Vec<(Code, OpenPublic)>, Failure> {
    let audience = &sealer.proposal().release.audience;
    if let Some(stranger) = arguments.receivers.iter().find(|code| !audience.contains(*code)) {
        let message = format!("{stranger} is not in the audience that was agreed");
        return Err(Failure::usage(message, "propose a new round with this receiver in the audience"));
    }
    let wanted =
        audience.iter().filter(|code| arguments.receivers.is_empty() || arguments.receivers.contains(code));
    let cards = cards(&arguments.cards)?;
    let roster = journal.state().roster();
    let mut receivers = Vec::new();
    for code in wanted {
        let named = roster.and_then(|roster| roster.receivers().get(code)).map(|receiver| receiver.open);
        let named = named.ok_or_else(|| {
            let message = format!("{code} is in the audience of {proposal} and not on the roster any more");
            Failure::usage(message, "name the others with --receiver, or propose the release again")
        })?;
        let card = cards.get(&named).ok_or_else(|| {
            let message = format!(
                "no card in `{}` is the one that the roster names for {code}",
                arguments.cards.display()
            );
            Failure::usage(message, format!("get the card of {code} whose SHA-256 is {named}"))
        })?;
        let key = OpenPublic::from_card(card);
        receivers.push((
            code.clone(),
            key.map_err(|error| bad_input(&format!("the card of {code}"), &error, error.advice()))?,
        ));
    }
    Ok(receivers)
}

/// The cards of kind open in a folder, by the digests that rosters name them by. What else lies there is passed over.
fn cards(folder: &Path) -> Result<BTreeMap<Digest, PublicCard>, Failure> {
    let unreadable = |error| Failure::unreadable(folder, &error);
    let mut cards = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(unreadable)?.take(CARDS_MAX) {
        let path = entry.map_err(unreadable)?.path();
        if !path.is_file() || path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let Ok(card) = PublicCard::from_json(&crate::input::read_file(&path)?) else { continue };
        if card.kind() == KeyKind::Open {
            let json = card.to_json().map_err(|error| failed(&error, error.advice()))?;
            cards.insert(Digest::of(&json), card);
        }
    }
    Ok(cards)
}

fn lines(batch: &Batch, before: usize) -> Vec<SealedLine> {
    let line = |(at, line): (usize, &batch::Line)| SealedLine {
        copy: line.copy,
        receiver: line.receiver.to_string(),
        package_sha256: line.package.to_string(),
        file: batch.path(line).display().to_string(),
        state: if at < before { "checked" } else { "sealed" },
    };
    batch.lines().iter().enumerate().map(line).collect()
}

fn print(document: &SealDocument, terminal: &Terminal) {
    if terminal.json() {
        terminal.document(document);
        return;
    }
    let checked = document.packages.iter().filter(|line| line.state == "checked").count();
    let what = match document.verdict {
        "complete" => format!("{checked} packages were there and are unchanged"),
        "would-be-sealed" => format!("{} packages, dry run: nothing was written or logged", document.sealed),
        _ if checked > 0 => format!("{} packages, {checked} were there and are unchanged", document.sealed),
        _ => format!("{} packages", document.sealed),
    };
    let word = terminal.out_word(Tone::Good, &document.verdict.replace('-', " "));
    let marks = if document.marked { ", each copy with its marks" } else { "" };
    terminal.answer(&format!("{word}: {what}, profile {}{marks}", document.profile));
    if document.logged_again > 0 {
        terminal.answer(&format!("  {} of them were logged now", document.logged_again));
    }
    for line in document.packages.iter().filter(|line| line.state == "sealed").take(LISTED_MAX) {
        terminal.answer(&format!("  {:>6}  {:<12} {}", line.copy, line.receiver, line.file));
    }
    if let Some(more) = document.packages.len().checked_sub(checked + LISTED_MAX).filter(|more| *more > 0) {
        terminal.answer(&format!("  and {more} more in {}", shell_word(Path::new(&document.out))));
    }
    if let Some(first) = document.packages.first() {
        terminal.next(&format!("tearline verify {} --trust TRUST", shell_word(Path::new(&first.file))));
    }
}
