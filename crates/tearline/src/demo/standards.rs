//! Steps 11 and 12: the office registers its standards, and works out who may have what and what goes next.

use ledger::Digest;
use ledger::act::{ActBody, PartId};
use office::standards::{
    Capacity, Change, Chronicle, Date, Desk, HandOvers, Plan, Policy, Reading, Record, Sources, marking_word,
    read,
};
use store::Store as _;

use super::agree::short;
use super::story::Story;
use super::{Stage, done, unexpected};
use crate::commands::verify::EXERCISE;
use crate::failure::Failure;
use crate::office_shell::failed;
use crate::office_shell::registry::{self, Documents};

/// Where the snapshots, the policy and the reports of standards are.
pub(super) const FOLDER: &str = "standards";
/// Effort of review that a wave has room for.
const PER_WAVE: u64 = 10;
const WAVES: u32 = 4;

/// A snapshot of the registry, as the standards officer gets it.
pub(super) struct Snapshot {
    name: &'static str,
    records: &'static str,
    edges: &'static str,
    as_of: &'static str,
}

/// The first snapshot, and the one after a revision.
pub(super) const FIRST: Snapshot = Snapshot {
    name: "first",
    records: include_str!("standards/first.csv"),
    edges: include_str!("standards/first_edges.csv"),
    as_of: "2026-01-15",
};
pub(super) const SECOND: Snapshot = Snapshot {
    name: "second",
    records: include_str!("standards/second.csv"),
    edges: include_str!("standards/second_edges.csv"),
    as_of: "2026-09-15",
};
const POLICY: &str = include_str!("standards/policy.toml");

/// The registry step of the story.
pub(super) fn register(stage: &mut Stage<'_>, story: &mut Story<'_>) -> Result<Chronicle, Failure> {
    story.step("the office registers its standards");
    let place = stage.place;
    place.folder(FOLDER)?;
    place.put(&format!("{FOLDER}/policy.toml"), POLICY.as_bytes())?;
    let chronicle = take(stage, &Chronicle::default(), &FIRST, story)?;
    story.does(
        "The change is reviewed, sealed to the office's open key and named in the log by a salted commitment; so is every document. \
         Whoever signs the act has reviewed the change.",
    );
    story.proves(
        "The log and the sealed boxes that it names are the registry of every past day; the store holds no title and no document in \
         the clear.",
    );
    story.file(
        place,
        &format!("{FOLDER}/{}.csv", FIRST.name),
        "the snapshot, as `tearline standards check` reads it",
    );
    Ok(chronicle)
}

/// Registers what a snapshot changes, and reads the registry back from log and boxes.
pub(super) fn take(
    stage: &mut Stage<'_>,
    chronicle: &Chronicle,
    snapshot: &Snapshot,
    story: &mut Story<'_>,
) -> Result<Chronicle, Failure> {
    let Snapshot { name, records, edges, as_of } = snapshot;
    stage.place.put(&format!("{FOLDER}/{name}.csv"), records.as_bytes())?;
    stage.place.put(&format!("{FOLDER}/{name}-edges.csv"), edges.as_bytes())?;
    let sources = Sources {
        standards: Some((name, records.as_bytes())),
        edges: Some(("edges", edges.as_bytes())),
        ..Sources::default()
    };
    let before = chronicle.newest().1;
    let mut documents = Documents::beside(before);
    for (id, record) in read(&sources).map_err(|error| failed(&error, error.advice()))?.registry.records() {
        let (text, name) = (invented(record), format!("{id}.txt"));
        let to = stage.cast.deposits_to();
        let sealed = documents.add(id.clone(), name, text.as_bytes(), to, &mut stage.randomness);
        sealed.map_err(|error| failed(&error, error.advice()))?;
    }
    for sealed in documents.boxes() {
        put(stage, sealed)?;
    }
    let table = documents.table();
    let sources = Sources { documents: Some(("documents", &table)), ..sources };
    let Reading { registry, findings, .. } =
        read(&sources).map_err(|error| failed(&error, error.advice()))?;
    let registry = registry.with_boxes(|digest| documents.box_of(digest));
    let as_of = Date::read(as_of).ok_or_else(|| unexpected("a snapshot has no day"))?;
    let change = Change::between(before, &registry, as_of);
    let counts = change.counts();
    let sealed = registry::seal_change(&change.to_bytes(), stage.cast.deposits_to(), &mut stage.randomness)
        .map_err(|error| failed(&error, error.advice()))?;
    put(stage, &sealed.sealed)?;
    done(stage.journal.tick(stage.clock.now()?))?;
    let register = registry::register(stage.journal.state(), &change, &sealed)?;
    done(stage.journal.act(ActBody::Register(register)))?;
    story.does(&format!(
        "A snapshot of {as_of} is read: {} parts, {} findings. Against what is registered it adds {}, changes {}, withdraws {} and renames \
         {}; change {}.",
        registry.records().len(),
        findings.len(),
        counts.added,
        counts.changed,
        counts.withdrawn,
        counts.renamed,
        short(&Digest::of(&change.to_bytes()))
    ));
    let state = stage.journal.state().clone();
    registry::read(stage.journal.store(), &state, &stage.cast.open)
}

fn put(stage: &mut Stage<'_>, sealed: &[u8]) -> Result<Digest, Failure> {
    stage.journal.store().put_blob(sealed).map_err(|error| failed(&error, error.advice()))
}

/// An invented document.
fn invented(record: &Record) -> String {
    let Record { number, title, summary, .. } = record;
    format!("{EXERCISE}\n\n{number}\n{title}\n\n{summary}\n\n{EXERCISE}\n")
}

/// The desk as it stands now.
pub(super) fn desk<'s>(stage: &'s Stage<'_>, chronicle: &'s Chronicle) -> Result<Desk<'s>, Failure> {
    let policy = Policy::read(POLICY).map_err(|error| failed(&error, &error.advice()))?;
    let state = stage.journal.state();
    let now = state.now().ok_or_else(|| unexpected("the log says no time"))?;
    Desk::new(state, chronicle.newest().1, policy, now).ok_or_else(|| unexpected("there is no registry"))
}

/// The planning step of the story: the releases of the first wave.
pub(super) fn plan(
    stage: &Stage<'_>,
    chronicle: &Chronicle,
    story: &mut Story<'_>,
) -> Result<HandOvers, Failure> {
    story.step("what may go to whom, and what goes next");
    let desk = desk(stage, chronicle)?;
    let (plan, hand_overs) = desk
        .next_wave(Capacity { per_wave: PER_WAVE, waves: WAVES })
        .map_err(|error| failed(&error, error.advice()))?;
    let Plan { objective, bound, left_out, waves, .. } = &plan;
    let first = waves.first().ok_or_else(|| unexpected("the plan is empty"))?;
    story.does(&format!(
        "Receivers are two bodies of the partner union, each judged by itself: AT-REGISTRY, cleared for unclassified, and EU-REGISTRY, cleared \
         for restricted. The first of {WAVES} waves has {} parts with a review of {} of {PER_WAVE}.",
        first.parts.len(),
        first.effort
    ));
    for left in left_out {
        let why: Vec<String> = left.reasons.iter().map(|because| because.message.clone()).collect();
        story.does(&format!("Left out: {}: {}.", left.id, why.join("; ")));
    }
    for release in &hand_overs.releases {
        let audience: Vec<String> = release.audience.iter().map(ToString::to_string).collect();
        let lacking: Vec<String> = release
            .wave
            .parts
            .iter()
            .filter(|(_, part)| !part.lacks.is_empty())
            .map(|(id, part)| {
                let lacks: Vec<&str> = part.lacks.iter().map(PartId::as_str).collect();
                format!("{id} is flagged, for {} does not come", lacks.join(", "))
            })
            .collect();
        story.does(&format!(
            "To {}: {} parts, {}.{}",
            audience.join(", "),
            release.wave.parts.len(),
            marking_word(release.level),
            lacking.iter().map(|line| format!(" {line}.")).collect::<String>()
        ));
    }
    story.proves(&format!(
        "The plan delivers {objective} point-waves; no plan under these rules delivers more than {bound}, which a checker proves with whole \
         numbers. Nothing goes before what it normatively needs."
    ));
    Ok(hand_overs)
}
