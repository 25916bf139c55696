//! Steps 8 to 10: one package a company, over the gap in a bundle, past the guard, verified, opened, acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use label::Classification;
use ledger::Digest;
use ledger::act::{Acknowledge, ActBody, Code};
use package::fingerprint::Fingerprints;
use package::transfer::{ExportError, Rule, Side};
use package::{OpenError, OpenPublic, Sealer};

use super::agree::short;
use super::cast::Company;
use super::protect::{Draft, RELEASABLE_TO};
use super::story::Story;
use super::{Stage, done, unexpected};
use crate::commands::open::files_of;
use crate::commands::transfer::{Guard, Outbox, PACKAGES, side_json};
use crate::failure::Failure;
use crate::office_shell::batch::{Batch, Head, Order};
use crate::office_shell::keys::{self, Unlocked};
use crate::office_shell::{failed, with_causes};

/// Where the description of the portal's side is.
pub(super) const SIDE: &str = "portal/side.json";
/// Where the office's batch of packages is.
pub(super) const SEALED: &str = "sealed";
/// What is flipped to show that it is noticed.
const FLIP: u8 = 0x01;

/// A sealed package on its way.
pub(super) struct Packaged {
    pub(super) receiver: Code,
    pub(super) digest: Digest,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn seal(
    stage: &mut Stage<'_>,
    draft: &Draft,
    proposal: &Digest,
    story: &mut Story<'_>,
) -> Result<Vec<Packaged>, Failure> {
    story.step("the office seals one package a company");
    let now = stage.clock.now()?;
    done(stage.journal.tick(now))?;
    let decision = done(stage.journal.decision(proposal))?;
    let sealer = Sealer::new(&decision, &stage.cast.seal, &stage.trust);
    let sealer = sealer.map_err(|error| failed(&error, error.advice()))?;
    let receiver = |(code, company): (&Code, &Company)| {
        let key = OpenPublic::from_card(&company.open).map_err(|error| failed(&error, error.advice()))?;
        Ok((code.clone(), key))
    };
    let receivers = stage.cast.companies.iter().map(receiver).collect::<Result<_, Failure>>()?;
    let names = draft.content.files().keys().cloned().collect();
    let prints = Fingerprints::new(&stage.cast.trace, &draft.content);
    let prints = prints.map_err(|error| failed(&error, error.advice()))?;
    let (files, marks, service) = (&draft.content, Some(&prints), None);
    let order = Order { names, files, receivers, service, marks, sealed_utc: now };
    let mut batch = Batch::open(&stage.place.at(SEALED), Head::new(*proposal, None, true))?;
    batch.seal(&sealer, &order, &mut stage.journal, &mut |_| ())?;
    let mut packages = Vec::new();
    for line in batch.lines() {
        let (path, receiver, digest) = (batch.path(line), line.receiver.clone(), line.package);
        let bytes = fs::read(&path).map_err(|error| Failure::unreadable(&path, &error))?;
        let company =
            stage.cast.companies.get(&receiver).ok_or_else(|| unexpected("a package is nobody's"))?;
        story.does(&format!(
            "Copy {} for {} ({receiver}): {} bytes, package {}.",
            line.copy,
            company.firm.name,
            bytes.len(),
            short(&digest)
        ));
        packages.push(Packaged { receiver, digest, bytes });
    }
    story.does(&format!(
        "Every copy of page and PDF has its number and receiver on each page, and a code of its own in {} small gaps between drawn \
         glyphs; figures and words are the same for everybody, for two versions of one table would undo its protection. The statement \
         of each package commits to its code before delivery.",
        prints.positions()
    ));
    story.does(
        "Each holds the encrypted content, the label, the proposal with every ally's consent and their proofs in the log, the \
         witnesses' cosignatures, and the office's two signatures over all of it. Where copies have no marks, the content is encrypted \
         once for thousands of them.",
    );
    story.file(stage.place, SEALED, "the packages, and the index of the batch");
    story.proves(
        "Only the company's own key opens its copy, now and when quantum computers exist; and whoever holds a package can show \
         that its owners agreed to it.",
    );
    Ok(packages)
}

pub(super) fn transfer(
    stage: &mut Stage<'_>,
    packages: &[Packaged],
    story: &mut Story<'_>,
) -> Result<(), Failure> {
    story.step("the packages cross the gap, one way");
    let side = side("PORTAL", Classification::NatoUnclassified, &[RELEASABLE_TO])?;
    let bytes: Vec<Vec<u8>> = packages.iter().map(|sealed| sealed.bytes.clone()).collect();
    let outbox = Outbox::open(&stage.place.at("transfer"))?;
    let now = stage.clock.now()?;
    let bundle = outbox
        .make(&bytes, &side, now, &stage.cast.seal, &stage.trust)
        .map_err(|error| failed(&error, error.advice()))?;
    outbox.put(&bundle)?;
    deliver(stage, packages)?;
    story.does(&format!(
        "The office writes one signed, numbered bundle of {} bytes for the side PORTAL.",
        bundle.len()
    ));
    refused_elsewhere(stage, &outbox, &bytes, story)?;

    let portal = stage.place.folder("portal")?;
    stage.place.put(SIDE, &side_json(&side)?)?;
    let carried = fs::read(outbox.path()).map_err(|error| Failure::unreadable(&outbox.path(), &error))?;
    let guard = Guard::open(&portal, side.clone(), stage.trust.clone())?;
    let changed = flipped(&carried, carried.len() / 2);
    let refusals =
        guard.judge(&changed).err().ok_or_else(|| unexpected("the guard let a changed bundle in"))?;
    let rule = refusals.first().map_or("", |refusal| refusal.rule.as_str());
    story.does(&format!("At the guard one bit of the bundle is changed on its way. Refused: {rule}."));
    let imported = guard.judge(&carried).map_err(|_| unexpected("the guard refuses the office's bundle"))?;
    let let_in = guard.let_in(&imported)?;
    story.does(&format!("The unchanged bundle comes in whole: {} packages.", let_in.len()));
    let again = Guard::open(&portal, side, stage.trust.clone())?;
    let refusals =
        again.judge(&carried).err().ok_or_else(|| unexpected("the guard let a bundle in twice"))?;
    if !refusals.iter().all(|refusal| refusal.rule == Rule::InOrder) {
        return Err(unexpected("the guard refuses a repeated bundle for another reason"));
    }
    story.does("The same bundle is brought a second time. Refused: in-order.");
    story.proves(
        "The guard has no key that opens anything. It lets in only what the office signed, what every owner agreed to, what its \
         label allows on this side, and all of it or nothing.",
    );
    story.file(stage.place, "transfer", "the bundle, as it was carried over");
    story.file(stage.place, SIDE, "what the guard knows of its own side");
    story.file(stage.place, "portal/packages", "what companies fetch");
    Ok(())
}

/// The office logs to whom each package goes.
pub(super) fn deliver(stage: &mut Stage<'_>, packages: &[Packaged]) -> Result<(), Failure> {
    for Packaged { receiver, digest, .. } in packages {
        let release = stage.journal.state().sealed_with(digest);
        let body = release.and_then(|release| release.deliver(*digest, receiver));
        done(stage.journal.act(body.ok_or_else(|| unexpected("a package is nobody's"))?))?;
    }
    Ok(())
}

/// A side that may hold public information only gets nothing.
fn refused_elsewhere(
    stage: &Stage<'_>,
    outbox: &Outbox,
    packages: &[Vec<u8>],
    story: &mut Story<'_>,
) -> Result<(), Failure> {
    let public = side("WEBSITE", Classification::PublicUnmarked, &[])?;
    match outbox.make(packages, &public, stage.clock.now()?, &stage.cast.seal, &stage.trust) {
        Err(ExportError::WouldBeRefused { refusals })
            if refusals.iter().all(|refusal| refusal.rule == Rule::Labelled) =>
        {
            let detail = refusals.first().map_or("", |refusal| refusal.detail.as_str());
            story.does(&format!(
                "A bundle for a public website is refused at once, by rule labelled: {detail}."
            ));
            Ok(())
        }
        _ => Err(unexpected("a label does not keep a package from a public side")),
    }
}

fn side(name: &str, highest: Classification, releasable_to: &[&str]) -> Result<Side, Failure> {
    let name = Code::new(name).map_err(|_| unexpected("a side has no name"))?;
    let releasable_to = releasable_to.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
    Ok(Side { name, highest, releasable_to })
}

/// The bytes with one bit changed.
pub(super) fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    if let Some(byte) = changed.get_mut(at) {
        *byte ^= FLIP;
    }
    changed
}

/// The packages on the portal, by receiver.
pub(super) fn on_portal(stage: &Stage<'_>) -> Result<BTreeMap<Code, Vec<u8>>, Failure> {
    let folder = stage.place.at("portal").join(PACKAGES);
    let mut found = BTreeMap::new();
    for path in super::Place::files_below(&folder)? {
        let bytes = fs::read(&path).map_err(|error| Failure::unreadable(&path, &error))?;
        let verified = package::verify(&bytes, &stage.trust)
            .map_err(|_| unexpected("a package of the portal does not verify"))?;
        let receiver = verified.statement().receiver.clone();
        drop(verified);
        found.insert(receiver, bytes);
    }
    Ok(found)
}

pub(super) fn receive(
    stage: &mut Stage<'_>,
    proposal: &Digest,
    story: &mut Story<'_>,
) -> Result<(), Failure> {
    story.step("every company verifies, opens and acknowledges its package");
    stage.place.folder("companies")?;
    let packages = on_portal(stage)?;
    let mut wrong_key = None;
    for (receiver, bytes) in &packages {
        let verified =
            package::verify(bytes, &stage.trust).map_err(|_| unexpected("a package does not verify"))?;
        let company =
            stage.cast.companies.get(receiver).ok_or_else(|| unexpected("a package is nobody's"))?;
        // From the file, as `tearline open` does it.
        let Unlocked::Key(file) = keys::unlock(&stage.place.at(&company.open_file), &stage.cast.passphrase)?
        else {
            return Err(unexpected("a key file does not open"));
        };
        let key = keys::open_key(&file)?;
        let opened = verified.open(&key).map_err(|error| failed(&error, error.advice()))?;
        stage.place.put_folder(&format!("companies/{receiver}"), &files_of(opened.content()))?;
        if let Some((_, other)) = packages.iter().find(|(code, _)| *code != receiver) {
            wrong_key = Some(try_other(stage, other, &key)?);
        }
        let names: Vec<&str> =
            opened.content().files().keys().map(package::content::FileName::as_str).collect();
        story.does(&format!(
            "{receiver}: {} checks passed without any key, then its key file opened {}.",
            verified.report().checks().len(),
            names.join(", ")
        ));
        let package = verified.digest();
        stage.sign_once(receiver, ActBody::Acknowledge(Acknowledge { package }))?;
    }
    let refusal = wrong_key.ok_or_else(|| unexpected("there is one company only"))?;
    story.does(&format!("A company tries its key on another's package. Refused: {refusal}."));
    let sealed = stage.journal.state().sealed(proposal).ok_or_else(|| unexpected("nothing was sealed"))?;
    story.does(&format!("Each signs a receipt; all {} are in the log.", sealed.packages().len()));
    story.proves(
        "A company needs nobody's word and no network: with the trust file alone it sees that the package is unchanged, comes \
         from the office, is meant for it, and was agreed to by every owner.",
    );
    story.file(stage.place, "companies", "what each company opened");
    Ok(())
}

/// What is said to a key that the package is not for.
fn try_other(stage: &Stage<'_>, other: &[u8], key: &package::OpenKey) -> Result<String, Failure> {
    let verified =
        package::verify(other, &stage.trust).map_err(|_| unexpected("a package does not verify"))?;
    match verified.open(key) {
        Err(error @ OpenError::NotForThisKey { .. }) => Ok(with_causes(&error)),
        _ => Err(unexpected("a package opened with another company's key")),
    }
}
