//! From what may go now to the releases that carry it: one wave a class of receivers that get exactly the same.
//!
//! Receivers are told apart by what they get, never by what they belong to: two states of one union are in one class only if every
//! part, every flag and every notice is the same for both. A class that gets more than one entry of the log can name is split, parts
//! that need each other staying together where they fit, and in the order in which they must go where they do not.
//!
//! # Guarantee
//! Each part of a wave has its document and its originators; what it normatively needs is in the same wave, in an earlier one of the
//! same class, or held by every receiver of the class, or it is named as lacking.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, Level, Notice, Part, PartId, Revision, Wave};

use super::{Held, Holdings, Policy, Record, Registry, Relation, Stale};

/// Most bytes of the parts and notices of one wave, as JSON: an act has at most 44,872, of which the label may take 8 KiB, originators and
/// receivers the rest.
const WAVE_BYTES_MAX: usize = 30 * 1024;

/// What goes to whom now.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// What is registered.
    pub registry: &'a Registry,
    /// Its revision.
    pub revision: Revision,
    /// The parts that each receiver may have and gets now.
    pub parts: &'a BTreeMap<Code, BTreeSet<PartId>>,
    /// What receivers hold already.
    pub holdings: &'a Holdings,
    /// Levels and originators of parts.
    pub policy: &'a Policy,
}

/// A release that is to be proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// Receivers, each of which gets exactly this.
    pub audience: BTreeSet<Code>,
    /// What it carries.
    pub wave: Wave,
    /// Members whose consent it takes.
    pub originators: BTreeSet<Code>,
    /// The highest level in it.
    pub level: Level,
}

/// The releases, and parts that cannot go because the office has no document of them or nobody is named as their originator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandOvers {
    /// Releases: those of one class in the order in which they must go.
    pub releases: Vec<HandOver>,
    /// Parts without a document in the office.
    pub without_document: BTreeSet<PartId>,
    /// Parts that no member is the originator of.
    pub without_originator: BTreeSet<PartId>,
}

/// Puts together what goes now. `stale` is what follows for each receiver, as [`super::follow_up()`] says it.
///
/// Cost: O(r n log n) for `r` receivers that get `n` parts each.
#[must_use]
pub fn hand_over<R>(now: Now<'_>, stale: &BTreeMap<Code, Vec<Stale<R>>>) -> HandOvers {
    let mut made = HandOvers::default();
    let mut classes: BTreeMap<Gets, BTreeSet<Code>> = BTreeMap::new();
    let receivers: BTreeSet<&Code> = now.parts.keys().chain(stale.keys()).collect();
    for receiver in receivers {
        let gets = gets(now, receiver, stale.get(receiver).map_or(&[], Vec::as_slice), &mut made);
        if !gets.parts.is_empty() || !gets.notices.is_empty() {
            classes.entry(gets).or_default().insert(receiver.clone());
        }
    }
    for (gets, audience) in classes {
        made.releases.extend(releases(now, gets, &audience));
    }
    // No two classes have a receiver in common; those of one class keep their order.
    made.releases.sort_by(|a, b| a.audience.cmp(&b.audience));
    made
}

/// What one receiver gets; equal for every receiver of a class.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Gets {
    parts: BTreeMap<PartId, Part>,
    notices: BTreeMap<PartId, Notice>,
}

fn gets<R>(now: Now<'_>, receiver: &Code, stale: &[Stale<R>], made: &mut HandOvers) -> Gets {
    let held = now.holdings.of(receiver);
    let wanted = now.parts.get(receiver).into_iter().flatten();
    let records = wanted.filter_map(|id| now.registry.record(id)).filter(|record| {
        let (document, named) = (record.document.is_some(), !now.policy.originators(record).is_empty());
        if !document {
            made.without_document.insert(record.id.clone());
        }
        if !named {
            made.without_originator.insert(record.id.clone());
        }
        document && named
    });
    let records: BTreeMap<&PartId, &Record> = records.map(|record| (&record.id, record)).collect();
    let here = |id: &PartId| records.contains_key(id);
    let stands = |id: &PartId| held.get(id).is_some_and(Held::stands);
    let part = |record: &&Record| {
        let document = record.document.as_ref()?;
        let comes = |id: &PartId| here(id) || stands(id);
        let (needs, mut lacks): (BTreeSet<_>, BTreeSet<_>) =
            now.registry.needs(&record.id).cloned().partition(&comes);
        // An objection to a cover, or to something that it covers, takes out that one alone: the others then say that they lack it.
        lacks.extend(now.registry.beside(&record.id).filter(|id| !comes(id)).cloned());
        Some(Part {
            document: document.digest,
            level: now.policy.level(record),
            originators: now.policy.originators(record),
            needs,
            lacks,
            replaces: replaced(now.registry, held, stale, &record.id),
        })
    };
    let parts: BTreeMap<PartId, Part> =
        records.values().filter_map(|record| Some((record.id.clone(), part(record)?))).collect();
    let handed: BTreeSet<&PartId> = parts.values().filter_map(|part| part.replaces.as_ref()).collect();
    let told = stale.iter().filter(|stale| !handed.contains(&stale.part) && !parts.contains_key(&stale.part));
    let notices = told.filter_map(|stale| Some((stale.part.clone(), stale.tell.clone()?))).collect();
    Gets { parts, notices }
}

/// The copy whose place a part takes: one that is stale because of it.
fn replaced<R>(
    registry: &Registry,
    held: &BTreeMap<PartId, Held>,
    stale: &[Stale<R>],
    id: &PartId,
) -> Option<PartId> {
    let by_it = |stale: &&Stale<R>| stale.part != *id && stale.hand_over.contains(id);
    let direct = || {
        let earlier = registry.edges_from(id).filter(|edge| edge.relation == Relation::Supersedes);
        earlier.map(|edge| edge.to.clone()).find(|to| held.contains_key(to))
    };
    stale.iter().find(by_it).map(|stale| stale.part.clone()).or_else(direct)
}

/// The releases of a class: one, or as many as it takes.
fn releases(now: Now<'_>, gets: Gets, audience: &BTreeSet<Code>) -> Vec<HandOver> {
    let Gets { parts, notices } = gets;
    let mut waves =
        vec![(Wave { registry: now.revision, parts: BTreeMap::new(), notices: BTreeMap::new() }, 0)];
    let mut put = |bytes: usize, add: &dyn Fn(&mut Wave)| {
        let fits = waves.last().is_some_and(|(_, used)| *used == 0 || used + bytes <= WAVE_BYTES_MAX);
        if !fits {
            waves
                .push((Wave { registry: now.revision, parts: BTreeMap::new(), notices: BTreeMap::new() }, 0));
        }
        if let Some((wave, used)) = waves.last_mut() {
            add(wave);
            *used += bytes;
        }
    };
    for group in in_order(now.registry, &parts) {
        let group: BTreeMap<PartId, Part> =
            group.into_iter().filter_map(|id| Some((id.clone(), parts.get(&id)?.clone()))).collect();
        let bytes = group.iter().map(|(id, part)| size(id, part)).sum();
        if bytes <= WAVE_BYTES_MAX {
            put(bytes, &|wave| wave.parts.extend(group.clone()));
        } else {
            // Too many to go together: what is needed goes first, in waves of their own.
            for id in needs_first(&group) {
                let Some(part) = group.get(&id) else { continue };
                put(size(&id, part), &|wave| {
                    wave.parts.insert(id.clone(), part.clone());
                });
            }
        }
    }
    for (id, notice) in &notices {
        put(2 * PartId::BYTES_MAX, &|wave| {
            wave.notices.insert(id.clone(), notice.clone());
        });
    }
    waves.into_iter().map(|(wave, _)| release(now, wave, audience)).collect()
}

fn release(now: Now<'_>, wave: Wave, audience: &BTreeSet<Code>) -> HandOver {
    let mut originators: BTreeSet<Code> =
        wave.parts.values().flat_map(|part| part.originators.iter().cloned()).collect();
    if wave.parts.is_empty() {
        // A notice alone is a word about somebody's part, too.
        let noticed = wave.notices.keys().filter_map(|id| now.registry.record(now.registry.canonical(id)?));
        originators.extend(noticed.flat_map(|record| now.policy.originators(record)));
    }
    let level = wave.parts.values().map(|part| part.level).max().unwrap_or(Level::Unclassified);
    HandOver { audience: audience.clone(), wave, originators, level }
}

/// About the bytes that a part takes in an act: keys and quotes, digest, ids and codes.
fn size(id: &PartId, part: &Part) -> usize {
    let ids = part.needs.iter().chain(&part.lacks).chain(&part.replaces).chain([id]);
    let codes = part.originators.iter().map(|code| code.as_str().len() + 3).sum::<usize>();
    200 + codes + ids.map(|id| id.as_str().len() + 3).sum::<usize>()
}

/// Parts in groups that are connected by needs and covers, ascending by their first id.
fn in_order(registry: &Registry, parts: &BTreeMap<PartId, Part>) -> Vec<BTreeSet<PartId>> {
    let mut together: BTreeMap<&PartId, BTreeSet<&PartId>> = BTreeMap::new();
    for (id, part) in parts {
        for other in part.needs.iter().chain(registry.beside(id)).filter(|other| parts.contains_key(*other)) {
            together.entry(id).or_default().insert(other);
            together.entry(other).or_default().insert(id);
        }
    }
    let (mut seen, mut groups) = (BTreeSet::new(), Vec::new());
    for id in parts.keys() {
        if seen.contains(id) {
            continue;
        }
        let (mut group, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                group.insert(next.clone());
                open.extend(together.get(next).into_iter().flatten());
            }
        }
        groups.push(group);
    }
    groups
}

/// Parts so that what one needs stands before it; those of a cycle stand together where it is met.
fn needs_first(group: &BTreeMap<PartId, Part>) -> Vec<PartId> {
    let (mut done, mut order) = (BTreeSet::new(), Vec::new());
    for id in group.keys() {
        // Entered, or left after all that it needs.
        let mut open = vec![(id, false)];
        while let Some((next, leave)) = open.pop() {
            if leave {
                order.push(next.clone());
            } else if done.insert(next) {
                open.push((next, true));
                let needs = group.get_key_value(next).into_iter().flat_map(|(_, part)| &part.needs);
                open.extend(needs.filter_map(|need| Some((group.get_key_value(need)?.0, false))));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests;
