//! Steps 11 and 12: the office registers its standards, and works out who may have what and what goes next.

use std::collections::BTreeMap;

use ledger::Digest;
use ledger::act::{ActBody, PartId, Register, Revision};
use office::standards::{
    Capacity, Change, Chronicle, Date, Desk, HandOvers, Plan, Policy, Reading, Sources, read,
};
use store::Store as _;

use super::agree::short;
use super::story::Story;
use super::{Stage, done, unexpected};
use crate::commands::verify::EXERCISE;
use crate::failure::Failure;
use crate::office_shell::failed;
use crate::office_shell::registry;

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
    let documents = documents(&sources)?;
    let table = table(&documents);
    let sources = Sources { documents: Some(("documents", table.as_bytes())), ..sources };
    let Reading { registry, findings, .. } =
        read(&sources).map_err(|error| failed(&error, error.advice()))?;
    let before = chronicle.newest().1;
    let known: BTreeMap<Digest, Digest> = before
        .records()
        .values()
        .filter_map(|record| record.document.as_ref())
        .filter_map(|document| Some((document.digest, document.sealed?)))
        .collect();
    let mut boxes = BTreeMap::new();
    for bytes in documents.values() {
        let digest = Digest::of(bytes);
        if let Some(sealed) = known.get(&digest) {
            boxes.insert(digest, *sealed);
            continue;
        }
        let sealed = registry::seal_document(bytes, stage.cast.deposits_to(), &mut stage.randomness)
            .map_err(|error| failed(&error, error.advice()))?;
        boxes.insert(digest, put(stage, &sealed)?);
    }
    let registry = registry.with_boxes(|digest| boxes.get(digest).copied());
    let as_of = Date::read(as_of).ok_or_else(|| unexpected("a snapshot has no day"))?;
    let change = Change::between(before, &registry, as_of);
    let counts = change.counts();
    let sealed = registry::seal_change(&change.to_bytes(), stage.cast.deposits_to(), &mut stage.randomness)
        .map_err(|error| failed(&error, error.advice()))?;
    let blob = put(stage, &sealed.sealed)?;
    done(stage.journal.tick(stage.clock.now()?))?;
    let revision = stage.journal.state().registry_revision();
    let revision = revision.map_or(Some(Revision::FIRST), Revision::next);
    done(stage.journal.act(ActBody::Register(Register {
        revision: revision.ok_or_else(|| unexpected("there are too many revisions"))?,
        changes: sealed.commitment,
        blob,
        added: counts.added as u64,
        changed: counts.changed as u64,
        withdrawn: counts.withdrawn as u64,
        renamed: counts.renamed as u64,
    })))?;
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

/// An invented document for each part.
fn documents(sources: &Sources<'_>) -> Result<BTreeMap<PartId, Vec<u8>>, Failure> {
    let Reading { registry, .. } = read(sources).map_err(|error| failed(&error, error.advice()))?;
    let text = |(id, record): (&PartId, &office::standards::Record)| {
        let text = format!(
            "{EXERCISE}\n\n{}\n{}\n\n{}\n\n{EXERCISE}\n",
            record.number, record.title, record.summary
        );
        (id.clone(), text.into_bytes())
    };
    Ok(registry.records().iter().map(text).collect())
}

/// The documents as a file that the reader of registries takes.
fn table(documents: &BTreeMap<PartId, Vec<u8>>) -> String {
    let line =
        |(id, bytes): (&PartId, &Vec<u8>)| format!("{id},{},{},{id}.txt\n", Digest::of(bytes), bytes.len());
    let lines: String = documents.iter().map(line).collect();
    format!("id,document_sha256,document_bytes,document_name\n{lines}")
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
            crate::wave::level(release.level),
            lacking.iter().map(|line| format!(" {line}.")).collect::<String>()
        ));
    }
    story.proves(&format!(
        "The plan delivers {objective} point-waves; no plan under these rules delivers more than {bound}, which a checker proves with whole \
         numbers. Nothing goes before what it normatively needs."
    ));
    Ok(hand_overs)
}
