//! The registry that a snapshot leads to.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::PartId;

use super::super::difference::{Key, matching};
use super::super::record::{Date, Edge, Flag, History, National, Profile, Record, Relation, Status};
use super::super::registry::{Aspect, Registry};

/// Where a snapshot leads.
pub(super) struct Merged {
    pub(super) registry: Registry,
    /// By id now, the id before; none for what is new.
    pub(super) came_from: BTreeMap<PartId, PartId>,
    /// By ids now: what the snapshot has no more, and was not withdrawn before.
    pub(super) withdrawn: BTreeSet<PartId>,
}

/// Brings a snapshot into the registry.
pub(super) fn merge(before: &Registry, after: &Registry, as_of: Date) -> Merged {
    let (old, new) = (keys(before), keys(after));
    let matched = matching(&old.1, &new.1);
    let mut came_from: BTreeMap<PartId, PartId> = BTreeMap::new();
    // By id before, the id now.
    let mut now: BTreeMap<&PartId, PartId> = BTreeMap::new();
    for (from, to) in matched.pairs {
        if let (Some(from), Some(to)) = (old.0.get(from), new.0.get(to)) {
            came_from.insert((*to).clone(), (*from).clone());
            now.insert(from, (*to).clone());
        }
    }
    let mut withdrawn = BTreeSet::new();
    let mut records: Vec<Record> = after.records().values().cloned().collect();
    for record in &mut records {
        if let Some(known) = came_from.get(&record.id).and_then(|from| before.record(from)) {
            keep_unsaid(record, known, after.silent());
        }
    }
    let mut dropped = Vec::new();
    for id in matched.old_only.iter().filter_map(|at| old.0.get(*at)) {
        let Some(record) = before.record(id) else { continue };
        let free =
            if after.record(id).is_none() { (*id).clone() } else { set_aside(id, as_of, before, after) };
        let record = withdraw(record, free.clone(), as_of);
        if before.record(id).is_some_and(|old| old.status != Status::Withdrawn) {
            withdrawn.insert(free.clone());
        }
        came_from.insert(free.clone(), (*id).clone());
        now.insert(id, free);
        dropped.push(record);
    }
    let renamed = |id: &PartId| now.get(id).unwrap_or(id).clone();
    let edges = edges(before, after, &renamed, &dropped);
    let profiles = profiles(before, after);
    let national = national(before, after, &renamed);
    let mut aliases: BTreeMap<PartId, PartId> =
        before.aliases().iter().map(|(from, to)| (from.clone(), renamed(to))).collect();
    let moved = now.iter().filter(|(from, to)| **from != *to);
    aliases.extend(moved.map(|(from, to)| ((*from).clone(), to.clone())));
    records.extend(dropped);
    let registry = Registry::new(records, edges, profiles, national)
        .with_aliases(aliases)
        .silent_on(before.silent().clone());
    Merged { registry, came_from, withdrawn }
}

fn keys(registry: &Registry) -> (Vec<&PartId>, Vec<Key>) {
    let key = |record: &Record| Key {
        id: record.id.as_str().to_owned(),
        uuid: record.uuid.map(|uuid| uuid.to_string()),
    };
    (registry.records().keys().collect(), registry.records().values().map(key).collect())
}

/// What the snapshot does not speak of stays; a marking is never lowered by silence. Where a document lies no snapshot says.
fn keep_unsaid(record: &mut Record, known: &Record, silent: &BTreeSet<Aspect>) {
    if let (Some(document), Some(known)) = (&mut record.document, &known.document)
        && document.digest == known.digest
    {
        document.sealed = document.sealed.or(known.sealed);
    }
    for aspect in silent {
        match aspect {
            Aspect::Markings => record.marking = record.marking.max(known.marking),
            Aspect::Originators if record.originators.is_empty() => {
                record.originators.clone_from(&known.originators);
            }
            Aspect::Caveats if record.releasable_to.is_none() => {
                record.releasable_to.clone_from(&known.releasable_to);
            }
            Aspect::Documents if record.document.is_none() => record.document.clone_from(&known.document),
            Aspect::History if record.history.is_empty() => record.history.clone_from(&known.history),
            Aspect::Originators
            | Aspect::Caveats
            | Aspect::Documents
            | Aspect::History
            | Aspect::Edges
            | Aspect::Profiles
            | Aspect::National => {}
        }
    }
}

fn withdraw(record: &Record, id: PartId, as_of: Date) -> Record {
    let mut record = Record { id, ..record.clone() };
    if record.status != Status::Withdrawn {
        record.status = Status::Withdrawn;
        record.withdrawn = Some(as_of);
        record.changed = Some(as_of);
        let (proposal, version) = (String::new(), String::new());
        record.history.push(History { date: Some(as_of), flag: Flag::Deleted, proposal, version });
    }
    record
}

/// An id for a record whose own went to another record.
fn set_aside(id: &PartId, as_of: Date, before: &Registry, after: &Registry) -> PartId {
    let mut number = 1_usize;
    loop {
        let end =
            if number == 1 { format!(":withdrawn-{as_of}") } else { format!(":withdrawn-{as_of}-{number}") };
        let room = PartId::BYTES_MAX.saturating_sub(end.len());
        let begin: String = id.as_str().chars().take(room).collect();
        match PartId::new(&format!("{begin}{end}")) {
            // A registry has fewer records than numbers, so that one is free.
            Ok(free) if before.record(&free).is_none() && after.record(&free).is_none() => return free,
            Ok(_) => number += 1,
            // The pieces are those of ids; this keeps the function total.
            Err(_) => return id.clone(),
        }
    }
}

fn edges(
    before: &Registry,
    after: &Registry,
    renamed: &impl Fn(&PartId) -> PartId,
    dropped: &[Record],
) -> Vec<Edge> {
    let silent = after.silent().contains(&Aspect::Edges);
    let snapshot = |id: &PartId| after.record(id).is_some();
    let mut edges = after.edges().to_vec();
    for edge in before.edges() {
        let of_profile = edge.relation == Relation::ProfileRequires;
        let from = if of_profile { edge.from.clone() } else { renamed(&edge.from) };
        let edge = Edge { from, to: renamed(&edge.to), ..edge.clone() };
        let whole = snapshot(&edge.to) && (of_profile || snapshot(&edge.from));
        if (silent && whole) || (!whole && edge.relation == Relation::Supersedes) {
            edges.push(edge);
        }
    }
    let superseded: BTreeSet<PartId> = edges
        .iter()
        .filter(|edge| edge.relation == Relation::Supersedes)
        .map(|edge| edge.to.clone())
        .collect();
    let editions = editions(after);
    for record in dropped.iter().filter(|record| !superseded.contains(&record.id)) {
        if let Some(next) = next_edition(record, &editions) {
            edges.push(Edge {
                from: next.clone(),
                relation: Relation::Supersedes,
                to: record.id.clone(),
                obligation: None,
                lifecycle: None,
                derived: true,
            });
        }
    }
    edges
}

/// What editions of one standard have in common: series, number, and whether editions are letters or numbers. Not the kind: what one
/// source calls a standard is a cover document in the next.
type Line = (String, String, bool);
/// Where in its line an edition stands.
type Place = (u64, u64);

fn edition(record: &Record) -> Option<(Line, Place)> {
    if record.series.is_empty() || record.base_number.is_empty() {
        return None;
    }
    let letter = match record.edition.as_bytes() {
        [b] if b.is_ascii_alphabetic() => Some(u64::from(b.to_ascii_uppercase())),
        _ => None,
    };
    let place = match letter {
        Some(letter) => letter,
        None => record.edition.parse::<u64>().ok()?,
    };
    let version = record.version.parse::<u64>().unwrap_or_default();
    let line = (record.series.to_lowercase(), record.base_number.to_lowercase(), letter.is_some());
    Some((line, (place, version)))
}

fn editions(after: &Registry) -> BTreeMap<(Line, Place), &PartId> {
    let mut editions = BTreeMap::new();
    for record in after.records().values().filter(|record| record.status != Status::Withdrawn) {
        if let Some(edition) = edition(record) {
            editions.entry(edition).or_insert(&record.id);
        }
    }
    editions
}

/// The same or the next edition of a record, by series and number: the same where it was registered anew, under another UUID.
fn next_edition<'a>(record: &Record, editions: &BTreeMap<(Line, Place), &'a PartId>) -> Option<&'a PartId> {
    let (line, place) = edition(record)?;
    let after = (std::ops::Bound::Included((line.clone(), place)), std::ops::Bound::Unbounded);
    let ((found, _), id) = editions.range(after).next()?;
    (*found == line).then_some(*id)
}

fn profiles(before: &Registry, after: &Registry) -> Vec<Profile> {
    let mut profiles = after.profiles().clone();
    for (id, known) in before.profiles() {
        match profiles.get_mut(id) {
            Some(profile) if after.silent().contains(&Aspect::Profiles) && profile.title.is_empty() => {
                profile.title.clone_from(&known.title);
            }
            Some(_) => {}
            None if after.silent().contains(&Aspect::Edges) => {
                profiles.insert(id.clone(), known.clone());
            }
            None => {}
        }
    }
    profiles.into_values().collect()
}

fn national(before: &Registry, after: &Registry, renamed: &impl Fn(&PartId) -> PartId) -> Vec<National> {
    let silent = after.silent().contains(&Aspect::National);
    let mut national = after.national().to_vec();
    for said in before.national() {
        let part = renamed(&said.part);
        // Of what the snapshot has no more it says nothing either.
        if silent || after.record(&part).is_none() {
            national.push(National { part, ..said.clone() });
        }
    }
    national
}
