//! Step 16, and what `--check` adds: everything again from the files alone, as outsiders would.

use std::collections::BTreeSet;
use std::fs;

use ::ledger::Digest;
use ::ledger::act::Code;
use disclosure::audit::Verdict;
use package::fingerprint::Fingerprints;
use package::{CheckName, Trust};

use super::deliver::{self, flipped};
use super::deposit::{plaintext_lines, search};
use super::figures::Figures;
use super::protect::{FORMS, SPECIFICATION};
use super::story::Story;
use super::{Place, Stage, done, unexpected};
use crate::commands::ledger::Source;
use crate::commands::verify::read_trust;
use crate::commands::{certificate, ledger};
use crate::document::package::CheckLine;
use crate::failure::Failure;
use crate::input::Input;
use crate::office_shell::content::ContentFolder;
use crate::office_shell::failed;
use crate::progress::{Watch, Wishes};
use crate::release::PATTERN;

/// Positions of a package at which a byte is changed; every single byte is tried in the tests of `package`.
const POSITIONS: usize = 64;

pub(super) fn publish(stage: &mut Stage<'_>, story: &mut Story<'_>) -> Result<(), Failure> {
    story.step("the log is published, and replayed from its files");
    done(stage.journal.tick(stage.clock.now()?))?;
    super::witness::publish(stage)?;
    let files = done(stage.journal.files())?;
    let listed: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    stage.place.put_folder("ledger", &listed)?;
    let (place, trust) = (stage.place, &stage.trust);
    let (document, _) = ledger::judge(&mut Source::Folder(place.at("ledger")), trust, "given")?;
    let entries = document.entries.unwrap_or(0);
    if document.verdict != "valid" {
        return Err(unexpected("the log does not verify"));
    }
    story.does(&format!(
        "{entries} entries are written as tiles under a signed checkpoint, then read back: every hash, every signature, and every \
         rule for every act, with the trust file alone."
    ));
    story.proves(
        "Whoever has these files has the whole history: who deposited, agreed, sealed, delivered and received what, in which \
         order. No figure is in it, only commitments and digests.",
    );
    story.file(place, "ledger", "checkpoint and tiles (C2SP tlog-tiles), readable by other programs");
    Ok(())
}

/// Every check again, from the files.
pub(super) fn everything(
    stage: &Stage<'_>,
    figures: &Figures,
    story: &mut Story<'_>,
) -> Result<Vec<CheckLine>, Failure> {
    story.line("");
    story.line("Everything again, from the files alone:");
    let place = stage.place;
    let trust = read_trust(&place.at("trust.json"))?;
    let mut checks = Vec::new();
    for (name, check) in
        [("certificate", check_certificate as fn(&Place) -> Result<String, Failure>), ("audit", check_audit)]
    {
        note(&mut checks, story, name, check(place)?);
    }
    let (document, _) = ledger::judge(&mut Source::Folder(place.at("ledger")), &trust, "given")?;
    let names: Vec<&str> = document.checks.iter().map(|check| check.name.as_str()).collect();
    if document.verdict != "valid" {
        return Err(unexpected("the log does not verify from its files"));
    }
    note(&mut checks, story, "ledger", format!("{} hold", names.join(", ")));
    note(&mut checks, story, "packages", check_packages(stage, &trust)?);
    note(&mut checks, story, "traced", check_traced(stage)?);
    note(&mut checks, story, "changed-bytes", check_changed_bytes(stage, &trust)?);
    note(&mut checks, story, "standards", check_standards(stage)?);
    note(&mut checks, story, "no-figure-outside", check_no_figure_outside(place, figures)?);
    Ok(checks)
}

fn note(checks: &mut Vec<CheckLine>, story: &mut Story<'_>, name: &str, detail: String) {
    story.line(&format!("  passed  {name:<18} {detail}"));
    checks.push(CheckLine { name: name.to_owned(), outcome: "passed", detail });
}

fn check_certificate(place: &Place) -> Result<String, Failure> {
    let input = Input::read(&place.at(SPECIFICATION))?;
    let (document, wrong) = certificate::judge_folder(&input, place.root())?;
    if !wrong.is_empty() {
        return Err(unexpected("the certificate does not prove the release"));
    }
    Ok(format!(
        "the exact checker finds {} requirements proved by {} worlds",
        document.requirements, document.worlds
    ))
}

fn check_audit(place: &Place) -> Result<String, Failure> {
    let input = Input::read(&place.at(SPECIFICATION))?;
    let pattern = input.pattern(&place.at(PATTERN))?;
    let watch = Watch::new(Wishes::of(&input));
    let found = watch.run(|budget| input.audit(&pattern, budget))?;
    match found.verdict {
        Verdict::Safe => Ok(format!(
            "an attacker with a solver gets nowhere: {} of {} requirements hold in {} groups of blanks",
            found.proved, found.requirements, found.components
        )),
        Verdict::Unsafe => Err(unexpected("the audit finds an attack on the pattern")),
    }
}

fn check_packages(stage: &Stage<'_>, trust: &Trust) -> Result<String, Failure> {
    let packages = deliver::on_portal(stage)?;
    let expected: Vec<&Code> = stage.cast.companies.keys().collect();
    if !packages.keys().eq(expected) || packages.values().any(|bytes| package::verify(bytes, trust).is_err())
    {
        return Err(unexpected("the portal does not hold one valid package a company"));
    }
    let opened =
        packages.keys().map(|company| fs::read(stage.place.at(&format!("companies/{company}/cells.csv"))));
    let released = fs::read(stage.place.at("release/cells.csv")).ok();
    if released.is_none() || opened.into_iter().any(|bytes| bytes.ok() != released) {
        return Err(unexpected("a company opened something else than was released"));
    }
    Ok(format!("{} packages verify; every company opened the very release", packages.len()))
}

/// Each form that a company opened is traced to it, and the forms that everybody agreed to are traced to nobody.
fn check_traced(stage: &Stage<'_>) -> Result<String, Failure> {
    const ERROR_PPB: u32 = 1_000;
    let content = ContentFolder::open(&stage.place.at(FORMS))?.read()?;
    let prints =
        Fingerprints::new(&stage.cast.trace, &content).map_err(|error| failed(&error, error.advice()))?;
    let copies: Vec<u32> = (1..).zip(&stage.cast.companies).map(|(copy, _)| copy).collect();
    let mut forms = 0;
    for (copy, company) in copies.iter().zip(stage.cast.companies.keys()) {
        for form in DRAWN {
            let path = stage.place.at(&format!("companies/{company}/{form}"));
            let leak = fs::read(&path).map_err(|error| Failure::unreadable(&path, &error))?;
            let traced = prints.trace(&prints.read(&[&leak]), &copies, ERROR_PPB);
            if traced.accused.iter().map(|accused| accused.copy).ne([*copy]) {
                return Err(unexpected(&format!("{form} of {company} is not traced to it")));
            }
            forms += 1;
        }
    }
    let clean: Vec<&[u8]> = content.files().values().map(Vec::as_slice).collect();
    if !prints.trace(&prints.read(&clean), &copies, ERROR_PPB).accused.is_empty() {
        return Err(unexpected("somebody is named for the forms that carry no marks"));
    }
    Ok(format!("each of {forms} opened forms names its company and no other; without marks nobody is named"))
}

/// The forms that carry marks.
const DRAWN: [&str; 2] = ["report.html", "report.pdf"];

/// One byte changed anywhere in a package is noticed, and the report says where it shows.
fn check_changed_bytes(stage: &Stage<'_>, trust: &Trust) -> Result<String, Failure> {
    let packages = deliver::on_portal(stage)?;
    let package = packages.values().next().ok_or_else(|| unexpected("the portal is empty"))?;
    let mut named = BTreeSet::new();
    for position in 0..POSITIONS {
        let at = position * (package.len() - 1) / (POSITIONS - 1);
        match package::verify(&flipped(package, at), trust) {
            Ok(_) => return Err(unexpected(&format!("byte {at} of a package can be changed unnoticed"))),
            Err(report) => named.extend(report.failures().map(|check| check.name)),
        }
    }
    let named: Vec<&str> = named.into_iter().map(CheckName::as_str).collect();
    Ok(format!("a changed byte at each of {POSITIONS} positions is noticed, by {}", named.join(", ")))
}

/// Each part that a body holds has the consent of each of its originators on record, and the body opened exactly that document.
fn check_standards(stage: &Stage<'_>) -> Result<String, Failure> {
    let state = stage.journal.state();
    let now = state.now().ok_or_else(|| unexpected("the log says no time"))?;
    let mut opened = BTreeSet::new();
    for path in Place::files_below(&stage.place.at("standards/opened"))? {
        opened.insert(Digest::of(&fs::read(&path).map_err(|error| Failure::unreadable(&path, &error))?));
    }
    let holdings = office::standards::holdings(state, now);
    let mut copies = 0;
    for receiver in stage.cast.partners.keys() {
        for (part, held) in holdings.of(receiver) {
            let release = state.release(&held.copy.wave).ok_or_else(|| unexpected("a copy is of no wave"))?;
            let wave = release.protected().draft().wave.as_deref();
            let agreed = wave.and_then(|wave| wave.parts.get(part));
            let agreed = agreed.ok_or_else(|| unexpected("a copy is of no part of its wave"))?;
            let (round, terms) = (release.round(), release.round().terms());
            let consented = |member: &Code| {
                let quorum = terms.members.get(member).copied().unwrap_or(usize::MAX);
                round.keys_for(member, part) >= quorum || terms.standing.contains_key(member)
            };
            if !agreed.originators.iter().all(consented) || !opened.contains(&held.copy.document) {
                return Err(unexpected(&format!("{receiver} holds {part} without the consent on record")));
            }
            copies += 1;
        }
    }
    Ok(format!(
        "{copies} copies are held, each with the consent of every originator on record, each opened as it was agreed"
    ))
}

/// No line of figures stands anywhere but in the office's own inputs.
fn check_no_figure_outside(place: &Place, figures: &Figures) -> Result<String, Failure> {
    let places = ["companies", "keys", "ledger", "office", "portal", "release", "transfer", "trust.json"];
    let paths: Vec<_> = places.iter().map(|name| place.at(name)).collect();
    let lines = plaintext_lines(figures)?;
    match search(&paths, &lines)? {
        None => {
            Ok(format!("none of {} deposited lines stands in any file outside the office's own", lines.len()))
        }
        Some(found) => Err(unexpected(&format!("`{found}` holds a figure in the clear"))),
    }
}

/// What the reader can try.
pub(super) fn next_commands(place: &Place) -> Result<Vec<String>, Failure> {
    let package = Place::files_below(&place.at("portal/packages"))?;
    let package =
        package.first().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    let package = package.ok_or_else(|| unexpected("the portal is empty"))?;
    let receiver = package.split('-').next().unwrap_or_default();
    let package_path = place.shown(&format!("portal/packages/{package}"));
    let trust = place.shown("trust.json");
    let (spec, root) = (place.shown(SPECIFICATION), crate::terminal::shell_word(place.root()));
    Ok(vec![
        format!("tearline verify {package_path} --trust {trust}"),
        format!(
            "tearline open {package_path} --key {} --trust {trust} --passphrase-file {} --out opened",
            place.shown(&format!("keys/{receiver}.open.key")),
            place.shown(super::cast::PASSPHRASE)
        ),
        format!(
            "tearline trace {} --release {} --key {} --packages {} --trust {trust} --passphrase-file {}",
            place.shown(&format!("companies/{receiver}/report.pdf")),
            place.shown(FORMS),
            place.shown(&format!("keys/{}", super::cast::TRACE_FILE)),
            place.shown(deliver::SEALED),
            place.shown(super::cast::PASSPHRASE)
        ),
        ledger::command(&place.at("ledger"), &place.at("trust.json")),
        format!("tearline protect {spec} --out out"),
        format!("tearline certificate check {spec} --release {root}"),
        format!("tearline audit {spec} --pattern {}", place.shown(PATTERN)),
        format!(
            "cp {package_path} changed.tdf; printf EXERCISE | dd of=changed.tdf bs=1 seek=5000 conv=notrunc; tearline verify changed.tdf --trust {trust}"
        ),
    ])
}
