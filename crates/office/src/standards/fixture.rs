//! Registries in a few lines, for the tests of this module.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Digest;
use ledger::act::{Code, Level, PartId};

use crate::event::{EntryIndex, Stamp};

use super::{Document, Edge, Held, HeldCopy, Holdings, Kind, Obligation, Record, Registry, Relation, Status};

pub(super) fn id(name: &str) -> PartId {
    PartId::new(name).unwrap()
}

pub(super) const STAMP: Stamp = Stamp { entry: EntryIndex(1), at: None };

/// A copy of a part as [`registry`] makes it.
pub(super) fn held(name: &str) -> Held {
    let copy = HeldCopy {
        document: Digest::of(name.as_bytes()),
        level: Level::Unclassified,
        wave: Digest::of(b"wave"),
        package: Digest::of(b"package"),
        delivered: STAMP,
        acknowledged: None,
        withdrawn: None,
    };
    Held { copy, others: Vec::new(), notice: None, replaced_by: BTreeMap::new() }
}

/// What receivers hold.
pub(super) fn holdings(of: &[(Code, Vec<&str>)]) -> Holdings {
    of.iter()
        .map(|(code, names)| (code.clone(), names.iter().map(|name| (id(name), held(name))).collect()))
        .collect()
}

/// Each line is a part (`ID STATUS [LEVEL] [of=MEMBER] [-document] [-originators]`; its document is its id, its originator NO) or an edge
/// (`A needs B`, `A covers B`, `A > B` for supersedes).
pub(super) fn registry(lines: &[&str]) -> Registry {
    let (mut records, mut edges) = (Vec::new(), Vec::new());
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        match words[1] {
            "needs" => edges.push(edge(words[0], Relation::References, words[2])),
            "covers" => edges.push(edge(words[0], Relation::Covers, words[2])),
            ">" => edges.push(edge(words[0], Relation::Supersedes, words[2])),
            _ => records.push(record(&words)),
        }
    }
    Registry::new(records, edges, Vec::new(), Vec::new())
}

fn edge(from: &str, relation: Relation, to: &str) -> Edge {
    let obligation = (relation == Relation::References).then_some(Obligation::Mandatory);
    Edge { from: id(from), relation, to: id(to), obligation, lifecycle: None, derived: false }
}

fn record(words: &[&str]) -> Record {
    let status = match words[1] {
        "draft" => Status::Draft,
        "accepted" => Status::Accepted,
        "withdrawn" => Status::Withdrawn,
        other => panic!("no status `{other}`"),
    };
    let marking = words.iter().find_map(|word| match *word {
        "restricted" => Some(Level::Restricted),
        "confidential" => Some(Level::Confidential),
        _ => None,
    });
    let document = Document {
        digest: Digest::of(words[0].as_bytes()),
        bytes: words[0].len() as u64,
        name: format!("{}.txt", words[0]),
        sealed: None,
    };
    let text = String::new;
    Record {
        id: id(words[0]),
        uuid: None,
        kind: Kind::Standard,
        publisher: text(),
        number: words[0].to_owned(),
        series: text(),
        base_number: text(),
        edition: text(),
        version: text(),
        title: text(),
        date: None,
        custodian: text(),
        status,
        added: None,
        changed: None,
        withdrawn: None,
        marking,
        originators: if words.contains(&"-originators") {
            BTreeSet::new()
        } else {
            let of = words.iter().find_map(|word| word.strip_prefix("of=")).unwrap_or("NO");
            BTreeSet::from([Code::new(of).unwrap()])
        },
        releasable_to: None,
        uri: text(),
        summary: text(),
        document: (!words.contains(&"-document")).then_some(document),
        history: Vec::new(),
    }
}
