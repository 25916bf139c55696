//! Steps 13 and 14: the waves circulate, originators consent part by part, what is left of an objection circulates again; then the waves are
//! sealed, cross the gap, are opened and acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ledger::Digest;
use ledger::act::{
    Acknowledge, ActBody, Code, Consent, Content as Kind, LabelXml, Level, PartId, Reason, Reasoned, Title,
};
use office::release::Circulation;
use office::standards::{Chronicle, HandOver, Record, remaining};
use office::{Proof, Release, Salt, commit};
use package::content::FileName;
use package::transfer::Side;
use package::{Content, OpenPublic, Sealer};

use super::agree::{code, short};
use super::cast::Company;
use super::deliver::{self, Packaged};
use super::standards::{FOLDER, desk};
use super::story::Story;
use super::{Stage, done, refused, unexpected};
use crate::commands::open::files_of;
use crate::commands::transfer::{Guard, Outbox, side_json};
use crate::commands::verify::EXERCISE;
use crate::failure::Failure;
use crate::forms::Heading;
use crate::office_shell::batch::{Batch, Head, Order};
use crate::office_shell::clock::days_after;
use crate::office_shell::keys::{self, Unlocked};
use crate::office_shell::{failed, labels, registry};
use crate::wave;

/// Days that the allies have.
const DAYS: i64 = 14;
/// The ally that objects, and to what.
const OBJECTING: &str = "NL";
const OBJECTED: &str = "ex-afreq-9003-ed.a-v1";
/// Whom the labels call releasable to.
const RELEASABLE_TO: &str = "EU";
/// The side of the partner union, and what is carried there.
const PARTNER: &str = "partner";
const CARRIED: &str = "transfer-partner";

/// A release of standards on its way.
pub(super) struct Wave {
    pub(super) title: Title,
    pub(super) hand_over: HandOver,
    pub(super) proposal: Digest,
    content: Content,
}

/// Circulates a release: its content, what each originator is shown, the label.
pub(super) fn circulate(
    stage: &mut Stage<'_>,
    chronicle: &Chronicle,
    title: &Title,
    hand_over: &HandOver,
) -> Result<Wave, Failure> {
    let now = stage.clock.now()?;
    done(stage.journal.tick(now))?;
    let known = chronicle.newest().1;
    let records: BTreeMap<PartId, &Record> =
        hand_over.wave.parts.keys().filter_map(|id| Some((id.clone(), known.record(id)?))).collect();
    let mut documents = BTreeMap::new();
    for (id, record) in &records {
        let document = record.document.as_ref().ok_or_else(|| unexpected("a part has no document"))?;
        let bytes = registry::document(stage.journal.store(), id, document, &stage.cast.open)?;
        documents.insert(id.clone(), bytes.to_vec());
    }
    let label = labels::of_level(hand_over.level, &[RELEASABLE_TO.to_owned()], now)?;
    let marking = format!("{EXERCISE} {}", label.marking());
    let heading = Heading { title: title.as_str(), marking: &marking };
    let files = wave::content(&heading, hand_over, &records, &documents)?;
    let named = files.into_iter().map(|(name, bytes)| Ok((FileName::new(&name)?, bytes)));
    let content = named.collect::<Result<_, _>>().and_then(Content::new);
    let content = content.map_err(|error| failed(&error, error.advice()))?;
    let receivers =
        stage.journal.state().roster().map(|roster| roster.receivers().clone()).unwrap_or_default();
    let mut exposures = BTreeMap::new();
    for (member, bytes) in wave::shown(&heading, hand_over, &records, &receivers)? {
        exposures.insert(member, commit(&Salt::generate(&mut stage.randomness), &bytes));
    }
    let wire = serde_json::to_vec(&hand_over.wave).map_err(|_| unexpected("a wave is not written"))?;
    let xml = label.to_xml().map_err(|error| failed(&error, error.advice()))?;
    let state = stage.journal.state();
    let epoch =
        state.roster().map(office::Roster::epoch).ok_or_else(|| unexpected("the log has no roster"))?;
    let draft = office::Draft {
        title: title.clone(),
        content: Kind::Standards,
        label: LabelXml::new(&xml).map_err(|_| unexpected("the label does not go into a proposal"))?,
        audience: hand_over.audience.clone(),
        supersedes: None,
        wave: Some(hand_over.wave.clone()),
    };
    let protected = draft.protect(Proof {
        release: content.digest().map_err(|error| failed(&error, error.advice()))?,
        certificate: Digest::of(&wire),
        history: state.history(),
        exposures,
    });
    let circulation = Circulation {
        round: state.next_round(title),
        roster_epoch: epoch,
        deadline_utc: days_after(now, DAYS)?,
    };
    let body = protected.amending(state.rounds(title).last().copied()).propose(circulation);
    let proposal = done(stage.journal.act(body))?;
    Ok(Wave { title: title.clone(), hand_over: hand_over.clone(), proposal, content })
}

/// Every ally agrees: originators consent to their own parts by name, the others approve.
pub(super) fn agree(stage: &mut Stage<'_>, wave: &Wave, but: Option<&Code>) -> Result<usize, Failure> {
    let allies: Vec<Code> = stage.cast.allies.keys().filter(|ally| Some(*ally) != but).cloned().collect();
    let mut consents = 0;
    for ally in &allies {
        let own = own_parts(wave, ally);
        let ballot = ballot(stage, &wave.proposal)?;
        let body = if own.is_empty() {
            ActBody::Approve(ballot)
        } else {
            consents += 1;
            let ledger::act::Ballot { proposal, round, roster_epoch } = ballot;
            ActBody::Consent(Consent { proposal, round, roster_epoch, parts: own })
        };
        stage.sign_and_submit(ally, body)?;
    }
    Ok(consents)
}

fn own_parts(wave: &Wave, ally: &Code) -> BTreeSet<PartId> {
    let parts = wave.hand_over.wave.parts.iter();
    parts.filter(|(_, part)| part.originators.contains(ally)).map(|(id, _)| id.clone()).collect()
}

fn ballot(stage: &Stage<'_>, proposal: &Digest) -> Result<ledger::act::Ballot, Failure> {
    match stage.journal.state().release(proposal) {
        Some(Release::Proposed(proposed)) => Ok(proposed.round().ballot()),
        _ => Err(unexpected("the wave does not circulate")),
    }
}

/// The step in which the first waves are agreed.
pub(super) fn agreed(
    stage: &mut Stage<'_>,
    chronicle: &Chronicle,
    hand_overs: &[HandOver],
    story: &mut Story<'_>,
) -> Result<Vec<Wave>, Failure> {
    story.step("originators consent part by part; one objects to one part");
    let mut waves = Vec::new();
    for release in hand_overs {
        let audience: Vec<&str> = release.audience.iter().map(Code::as_str).collect();
        let title = title(&format!("EXERCISE standards, first wave, {}", audience.join(", ")))?;
        let wave = circulate(stage, chronicle, &title, release)?;
        story.does(&format!("`{title}` circulates: proposal {}.", short(&wave.proposal)));
        waves.push(if wave.hand_over.level > Level::Unclassified {
            objected(stage, chronicle, wave, story)?
        } else {
            let consents = agree(stage, &wave, None)?;
            story.does(&format!(
                "{consents} originators consent to their own parts by name, the others approve: agreed."
            ));
            wave
        });
    }
    if waves.iter().any(|wave| stage.journal.state().agreed(&wave.proposal).is_none()) {
        return Err(unexpected("a wave is not agreed"));
    }
    story.proves(
        "Each part goes only with the signatures of its own originators, to exactly these receivers; an objection takes out the part that \
         it names and no other, and nobody can bring that part back in a later round of this wave.",
    );
    Ok(waves)
}

/// One ally objects to one part; what is left circulates again and is agreed.
fn objected(
    stage: &mut Stage<'_>,
    chronicle: &Chronicle,
    wave: Wave,
    story: &mut Story<'_>,
) -> Result<Wave, Failure> {
    let (ally, part) = (code(OBJECTING)?, part(OBJECTED)?);
    let ledger::act::Ballot { proposal, round, roster_epoch } = ballot(stage, &wave.proposal)?;
    let reason = Reason::new("two of these bands are ours alone until next year");
    let reason = reason.map_err(|_| unexpected("a reason does not read"))?;
    let parts = BTreeSet::from([part.clone()]);
    stage.sign_once(&ally, ActBody::Object(Reasoned { proposal, round, roster_epoch, reason, parts }))?;
    let left = remaining(stage.journal.state(), &wave.proposal);
    let left = left.ok_or_else(|| unexpected("nothing is left of a wave"))?;
    for (id, why) in &left.taken_out {
        let why: Vec<String> = why.iter().map(ToString::to_string).collect();
        story.does(&format!("Taken out: {id}: {}.", why.join("; ")));
    }
    let refusal = refused_again(stage, &wave)?;
    story.does(&format!("The office circulates the same wave again. Refused: {refusal}."));
    let (hand_overs, _) = desk(stage, chronicle)?
        .again(&wave.proposal)
        .ok_or_else(|| unexpected("nothing is left of a wave"))?;
    let [next] = hand_overs.releases.as_slice() else {
        return Err(unexpected("what is left is not one release"));
    };
    let again = circulate(stage, chronicle, &wave.title, next)?;
    let consents = agree(stage, &again, None)?;
    story.does(&format!(
        "The {} other parts circulate in round 2; {consents} originators consent to theirs, the others approve: agreed.",
        next.wave.parts.len()
    ));
    Ok(again)
}

/// The whole wave once more, which must be refused.
fn refused_again(stage: &mut Stage<'_>, wave: &Wave) -> Result<String, Failure> {
    let state = stage.journal.state();
    let Some(Release::Refused(before)) = state.release(&wave.proposal) else {
        return Err(unexpected("the wave was not objected to"));
    };
    let (round, epoch) = (state.next_round(&wave.title), before.round().terms().epoch);
    let circulation =
        Circulation { round, roster_epoch: epoch, deadline_utc: before.round().terms().deadline };
    let body = before.protected().clone().amending(Some(wave.proposal)).propose(circulation);
    refused(stage.journal.act(body), "objected-part").map(|refusal| refusal.to_string())
}

/// The step in which waves are sealed, carried over, opened and acknowledged.
pub(super) fn delivered(stage: &mut Stage<'_>, waves: &[Wave], story: &mut Story<'_>) -> Result<(), Failure> {
    story.step("the waves are sealed, cross the gap to the partner union, and are opened");
    let receipts = deliver(stage, waves, "first", story)?;
    story.does(&format!("{receipts} receipts are in the log."));
    story.proves(
        "What each body holds, since when, and with whose consent, is in the log; a body opens only what was agreed for it, and each file \
         in it is the document that was agreed part by part.",
    );
    story.file(stage.place, &format!("{FOLDER}/opened"), "what each body opened");
    Ok(())
}

/// Seals, carries over, opens, acknowledges; how many receipts.
pub(super) fn deliver(
    stage: &mut Stage<'_>,
    waves: &[Wave],
    batch: &str,
    story: &mut Story<'_>,
) -> Result<usize, Failure> {
    super::witness::publish(stage)?;
    let mut packages = Vec::new();
    for (number, wave) in (1..).zip(waves) {
        packages.extend(seal(stage, wave, &format!("{FOLDER}/sealed-{batch}-{number}"))?);
    }
    carry(stage, &packages, story)?;
    for Packaged { receiver, digest, bytes } in &packages {
        open(stage, receiver, bytes, &format!("{FOLDER}/opened/{receiver}-{batch}"))?;
        stage.sign_once(receiver, ActBody::Acknowledge(Acknowledge { package: *digest }))?;
    }
    Ok(packages.len())
}

fn seal(stage: &mut Stage<'_>, wave: &Wave, folder: &str) -> Result<Vec<Packaged>, Failure> {
    let now = stage.clock.now()?;
    done(stage.journal.tick(now))?;
    let decision = done(stage.journal.decision(&wave.proposal))?;
    let sealer = Sealer::new(&decision, &stage.cast.seal, &stage.trust);
    let sealer = sealer.map_err(|error| failed(&error, error.advice()))?;
    let body = |code: &Code| {
        let known: Option<&Company> = stage.cast.partners.get(code);
        let known = known.ok_or_else(|| unexpected("a package is nobody's"))?;
        let key = OpenPublic::from_card(&known.open).map_err(|error| failed(&error, error.advice()))?;
        Ok((code.clone(), key))
    };
    let receivers = wave.hand_over.audience.iter().map(body).collect::<Result<_, Failure>>()?;
    let names = wave.content.files().keys().cloned().collect();
    let order = Order { names, files: &wave.content, receivers, service: None, marks: None, sealed_utc: now };
    let mut batch = Batch::open(&stage.place.at(folder), Head::new(wave.proposal, None, false))?;
    batch.seal(&sealer, &order, &mut stage.journal, &mut |_| ())?;
    let mut packages = Vec::new();
    for line in batch.lines() {
        let path = batch.path(line);
        let bytes = fs::read(&path).map_err(|error| Failure::unreadable(&path, &error))?;
        packages.push(Packaged { receiver: line.receiver.clone(), digest: line.package, bytes });
    }
    Ok(packages)
}

/// Over the gap to the side of the partner union.
fn carry(stage: &mut Stage<'_>, packages: &[Packaged], story: &mut Story<'_>) -> Result<(), Failure> {
    let name = Code::new("PARTNER").map_err(|_| unexpected("a side has no name"))?;
    let releasable_to = BTreeSet::from([RELEASABLE_TO.to_owned()]);
    let side = Side { name, highest: label::Classification::NatoRestricted, releasable_to };
    let bytes: Vec<Vec<u8>> = packages.iter().map(|sealed| sealed.bytes.clone()).collect();
    let outbox = Outbox::open(&stage.place.at(CARRIED))?;
    let bundle = outbox
        .make(&bytes, &side, stage.clock.now()?, &stage.cast.seal, &stage.trust)
        .map_err(|error| failed(&error, error.advice()))?;
    outbox.put(&bundle)?;
    deliver::deliver(stage, packages)?;
    let partner = stage.place.folder(PARTNER)?;
    stage.place.put(&format!("{PARTNER}/side.json"), &side_json(&side)?)?;
    let guard = Guard::open(&partner, side, stage.trust.clone())?;
    let imported = guard.judge(&bundle).map_err(|_| unexpected("the guard refuses the office's bundle"))?;
    let let_in = guard.let_in(&imported)?;
    story.does(&format!(
        "{} packages cross the gap in one signed bundle, past the guard of the partner's side, which lets in at most NATO RESTRICTED.",
        let_in.len()
    ));
    Ok(())
}

/// A body opens its package with its own key file, after all checks.
fn open(stage: &Stage<'_>, receiver: &Code, bytes: &[u8], folder: &str) -> Result<(), Failure> {
    let verified =
        package::verify(bytes, &stage.trust).map_err(|_| unexpected("a package does not verify"))?;
    let body = stage.cast.partners.get(receiver).ok_or_else(|| unexpected("a package is nobody's"))?;
    let Unlocked::Key(file) = keys::unlock(&stage.place.at(&body.open_file), &stage.cast.passphrase)? else {
        return Err(unexpected("a key file does not open"));
    };
    let opened = verified.open(&keys::open_key(&file)?).map_err(|error| failed(&error, error.advice()))?;
    stage.place.folder(&format!("{FOLDER}/opened"))?;
    stage.place.put_folder(folder, &files_of(opened.content()))
}

pub(super) fn title(text: &str) -> Result<Title, Failure> {
    Title::new(text).map_err(|_| unexpected("a title does not read"))
}

fn part(text: &str) -> Result<PartId, Failure> {
    PartId::new(text).map_err(|_| unexpected("an id does not read"))
}
