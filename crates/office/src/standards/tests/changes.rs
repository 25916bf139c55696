//! Laws of changes, over invented registries that are renamed, withdrawn, edited and added to at random.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, Level, PartId, UtcTime};
use proptest::prelude::*;

use super::super::exercise::invent;
use super::super::{
    Act, Aspect, Change, ChangeError, Chronicle, Date, Edge, Flag, National, Record, Registry, Relation,
    Stance, Status,
};

fn day(text: &str) -> Date {
    Date::read(text).unwrap()
}

fn id(text: &str) -> PartId {
    PartId::new(text).unwrap()
}

/// What becomes of the records of a snapshot, by their place.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Keep,
    Drop,
    Rename,
    Retitle,
    /// Takes the id of the next one, which keeps its own UUID under another id.
    Swap,
    /// Takes the id of the next one, which is dropped.
    Usurp,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        5 => Just(Turn::Keep), 1 => Just(Turn::Drop), 1 => Just(Turn::Rename), 1 => Just(Turn::Retitle),
        1 => Just(Turn::Swap), 1 => Just(Turn::Usurp),
    ];
    prop::collection::vec(turn, 40)
}

fn aspects() -> impl Strategy<Value = BTreeSet<Aspect>> {
    let all = vec![
        Aspect::Markings,
        Aspect::Originators,
        Aspect::Caveats,
        Aspect::Documents,
        Aspect::History,
        Aspect::Edges,
        Aspect::Profiles,
        Aspect::National,
    ];
    prop::sample::subsequence(all, 0..=8).prop_map(|aspects| aspects.into_iter().collect())
}

/// The next snapshot after `before`.
fn snapshot(before: &Registry, turns: &[Turn], seed: u64) -> Registry {
    let mut records: Vec<Record> = before.records().values().cloned().collect();
    let mut ids: BTreeMap<PartId, PartId> = BTreeMap::new();
    let mut dropped = BTreeSet::new();
    let mut at = 0;
    while at < records.len() {
        let (own, next) = (records[at].id.clone(), records.get(at + 1).map(|record| record.id.clone()));
        match (turns.get(at).copied().unwrap_or(Turn::Keep), next) {
            (Turn::Drop, _) => {
                dropped.insert(own);
            }
            (Turn::Rename, _) => {
                ids.insert(own.clone(), id(&format!("r{own}")));
            }
            (Turn::Retitle, _) => records[at].title.push_str(" again"),
            (Turn::Swap, Some(next)) => {
                ids.insert(own.clone(), next.clone());
                ids.insert(next, own);
                at += 1;
            }
            (Turn::Usurp, Some(next)) => {
                ids.insert(own, next.clone());
                dropped.insert(next);
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    let now = |id: &PartId| ids.get(id).unwrap_or(id).clone();
    records.retain(|record| !dropped.contains(&record.id));
    for record in &mut records {
        record.id = now(&record.id);
    }
    let kept =
        before.edges().iter().filter(|edge| !dropped.contains(&edge.to) && !dropped.contains(&edge.from));
    let edges: Vec<Edge> =
        kept.map(|edge| Edge { from: now(&edge.from), to: now(&edge.to), ..edge.clone() }).collect();
    let mut more = invent(7, seed + 1000);
    for record in &mut more.records {
        record.id = id(&format!("new{}", record.id));
    }
    records.extend(more.records);
    Registry::new(records, edges, before.profiles().values().cloned().collect(), Vec::new())
}

proptest! {
    #[test]
    fn a_change_leads_to_the_snapshot_and_withdraws_the_rest(
        seed in 0_u64..500, turns in turns(), silent in aspects(),
    ) {
        let before = invent(40, seed).registry();
        let after = snapshot(&before, &turns, seed).silent_on(silent.clone());
        let change = Change::between(&before, &after, day("2024-05-06"));
        let result = before.apply(&change);

        for (id, record) in result.records() {
            match after.record(id) {
                Some(expected) if silent.is_empty() => prop_assert_eq!(record, expected),
                Some(expected) => {
                    prop_assert!(record.marking >= expected.marking);
                    prop_assert_eq!(&record.title, &expected.title);
                }
                None => prop_assert_eq!(record.status, Status::Withdrawn),
            }
        }
        prop_assert!(after.records().keys().all(|id| result.record(id).is_some()));
        // Nothing is lost: by UUIDs, which are unique here, everything that was there is there.
        let uuids = |of: &Registry| -> BTreeSet<String> {
            of.records().values().filter_map(|record| record.uuid).map(|uuid| uuid.to_string()).collect()
        };
        prop_assert!(uuids(&before).is_subset(&uuids(&result)));
        prop_assert!(before.records().keys().all(|id| result.canonical(id).is_some()));
        for edge in after.edges() {
            prop_assert!(result.edges().contains(edge));
        }

        // Twice is once; the same snapshot again changes nothing; nothing changes nothing.
        prop_assert_eq!(&result.apply(&change), &result);
        prop_assert!(Change::between(&result, &after, day("2025-01-01")).is_empty());
        prop_assert!(Change::between(&before, &before, day("2025-01-01")).is_empty());
        prop_assert!(Change::between(&result, &result, day("2025-01-01")).is_empty());

        let bytes = change.to_bytes();
        let read = Change::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &change);
        prop_assert_eq!(read.to_bytes(), bytes);
    }

    #[test]
    fn a_change_is_written_in_one_form_only(seed in 0_u64..50, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (before, after) = (Registry::default(), invent(3, seed).registry());
        let mut bytes = Change::between(&before, &after, day("2024")).to_bytes();
        let at = at.index(bytes.len());
        let was = std::mem::replace(&mut bytes[at], byte);
        if let Ok(read) = Change::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes.clone());
        }
        bytes[at] = was;
        bytes.push(b' ');
        prop_assert_eq!(Change::from_bytes(&bytes), Err(ChangeError::Form));
    }
}

#[test]
fn what_is_written_by_others_is_refused_by_name() {
    let change = Change::between(&Registry::default(), &invent(3, 1).registry(), day("2024"));
    let text = String::from_utf8(change.to_bytes()).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Change::from_bytes(text.replacen(from, to, 1).as_bytes()).unwrap_err()
    };
    let field = |field, text: &str| ChangeError::Field { field, text: text.to_owned() };
    assert_eq!(refused("change/1", "change/2"), field("schema", "tearline-registry-change/2"));
    assert_eq!(refused("\"as_of\":\"2024\"", "\"as_of\":\"2024-13\""), field("as_of", "2024-13"));
    assert_eq!(refused("\"act\":\"added\"", "\"act\":\"Added\""), field("act", "Added"));
    // Read as a word, but not its one spelling.
    assert_eq!(refused("\"status\":\"accepted\"", "\"status\":\"Accepted\""), ChangeError::Form);
    assert_eq!(
        refused("\"title\":\"EXERCISE ", "\"title\":\"\u{202e}"),
        field("title", refused_title(&text).as_str())
    );
    assert!(matches!(refused(".txt\"", "/../x\""), ChangeError::Field { field: "document.name", .. }));
    assert!(matches!(refused("\"uri\":", "\"url\":"), ChangeError::Shape { .. }));
    assert!(matches!(Change::from_bytes(b""), Err(ChangeError::Shape { .. })));
}

/// The first title, its first word replaced as an error shows it.
fn refused_title(text: &str) -> String {
    let title = text.split("\"title\":\"EXERCISE ").nth(1).unwrap().split('"').next().unwrap();
    format!(" {title}").chars().take(80).collect()
}

fn record(name: &str, uuid: &str) -> Record {
    let mut record = invent(1, 1).records.remove(0);
    record.id = id(name);
    record.uuid = super::super::Uuid::read(&format!("00000000-0000-4000-8000-0000000000{uuid}"));
    record.status = Status::Accepted;
    record.withdrawn = None;
    record.history.clear();
    record
}

fn of(records: &[Record]) -> Registry {
    Registry::new(records.to_vec(), Vec::new(), Vec::new(), Vec::new())
}

#[test]
fn an_id_that_goes_to_another_record_sets_its_own_aside() {
    let before = of(&[record("a", "01"), record("b", "02")]);
    let after = of(&[record("b", "01")]);
    let change = Change::between(&before, &after, day("2023-01"));
    let result = before.apply(&change);
    let aside = result.record(&id("b:withdrawn-2023-01")).unwrap();
    assert_eq!((aside.uuid, aside.status), (record("b", "02").uuid, Status::Withdrawn));
    assert_eq!(
        aside.history.last().map(|event| (event.flag, event.date)),
        Some((Flag::Deleted, Some(day("2023-01"))))
    );
    assert_eq!(result.canonical(&id("a")), Some(&id("b")));
    assert_eq!(result.canonical(&id("b")), Some(&id("b")));
    let acts: Vec<(&str, Act)> = change.puts().iter().map(|(id, put)| (id.as_str(), put.act)).collect();
    assert_eq!(acts, [("b", Act::Renamed), ("b:withdrawn-2023-01", Act::Withdrawn)]);
    let counts = change.counts();
    assert_eq!((counts.added, counts.changed, counts.withdrawn, counts.renamed), (0, 0, 1, 1));
}

#[test]
fn ids_lead_on_through_renamings() {
    let first = of(&[record("a", "01")]);
    let second = first.apply(&Change::between(&first, &of(&[record("b", "01")]), day("2021")));
    let third = second.apply(&Change::between(&second, &of(&[record("c", "01")]), day("2022")));
    for name in ["a", "b", "c"] {
        assert_eq!(third.canonical(&id(name)), Some(&id("c")), "{name}");
    }
    assert_eq!(third.canonical(&id("d")), None);
    // It takes its first name again.
    let fourth = third.apply(&Change::between(&third, &of(&[record("a", "01")]), day("2023")));
    for name in ["a", "b", "c"] {
        assert_eq!(fourth.canonical(&id(name)), Some(&id("a")), "{name}");
    }
    assert_eq!(fourth.records().len(), 1);
}

#[test]
fn silence_keeps_and_speech_replaces() {
    let mut known = record("a", "01");
    known.marking = Some(Level::Secret);
    known.originators = BTreeSet::from([Code::new("NO").unwrap()]);
    known.releasable_to = Some(BTreeSet::from([Code::new("SE").unwrap()]));
    let said = National {
        part: id("a"),
        state: Code::new("DE").unwrap(),
        stance: Stance::Reserved,
        date: None,
        note: "EXERCISE".to_owned(),
    };
    let before = Registry::new(vec![known.clone()], Vec::new(), Vec::new(), vec![said.clone()]);
    let mut bare = record("b", "01");
    (bare.marking, bare.document, bare.releasable_to) = (Some(Level::Restricted), None, None);
    bare.originators.clear();
    let speaking = of(std::slice::from_ref(&bare));
    let silent =
        [Aspect::Markings, Aspect::Originators, Aspect::Caveats, Aspect::Documents, Aspect::National];
    let quiet = speaking.clone().silent_on(BTreeSet::from(silent));

    let result = before.apply(&Change::between(&before, &quiet, day("2024")));
    let kept = result.record(&id("b")).unwrap();
    assert_eq!(*kept, Record { id: id("b"), ..known });
    assert_eq!(result.national(), [National { part: id("b"), ..said }]);

    let result = before.apply(&Change::between(&before, &speaking, day("2024")));
    assert_eq!(result.record(&id("b")), Some(&bare));
    assert!(result.national().is_empty());
}

#[test]
fn where_a_document_lies_outlasts_a_snapshot_that_has_the_same_document() {
    let sealed = |record: &mut Record, sealed| record.document.as_mut().unwrap().sealed = sealed;
    let digest = ledger::Digest::of(b"box");
    let (mut known, mut other) = (record("a", "01"), record("a", "01"));
    sealed(&mut known, Some(digest));
    other.document.as_mut().unwrap().digest = ledger::Digest::of(b"another text");
    let before = of(&[known]);
    for (after, expected) in [(record("a", "01"), Some(digest)), (other, None)] {
        let change = Change::between(&before, &of(&[after]), day("2024"));
        assert_eq!(change.is_empty(), expected.is_some());
        let result = before.apply(&Change::from_bytes(&change.to_bytes()).unwrap());
        let document = result.record(&id("a")).unwrap().document.clone().unwrap();
        assert_eq!(document.sealed, expected);
    }
}

#[test]
fn the_next_edition_supersedes_what_a_snapshot_has_no_more() {
    let edition = |name: &str, uuid: &str, edition: &str| {
        let mut record = record(name, uuid);
        (record.series, record.base_number) = ("STANAG".to_owned(), "STANAG 1".to_owned());
        record.edition = edition.to_owned();
        record
    };
    let before = of(&[edition("e2", "02", "2"), edition("x", "09", "B"), edition("old1", "11", "1")]);
    let after = of(&[edition("e1", "01", "1"), edition("e10", "10", "10"), edition("e9", "19", "9")]);
    let result = before.apply(&Change::between(&before, &after, day("2024")));
    let found: Vec<(&str, &str, bool)> =
        result.edges().iter().map(|edge| (edge.from.as_str(), edge.to.as_str(), edge.derived)).collect();
    // Not by edition 1, which is earlier; not edition B, which numbers do not follow; edition 1 by its new registration.
    assert_eq!(found, [("e1", "old1", true), ("e9", "e2", true)]);
    assert!(result.edges().iter().all(|edge| edge.relation == Relation::Supersedes));
}

#[test]
fn a_chronicle_answers_for_every_time() {
    let time = |text: &str| UtcTime::new(text).unwrap();
    let mut chronicle = Chronicle::default();
    assert_eq!(chronicle.newest().0, None);
    let states: Vec<Registry> =
        [vec![record("a", "01")], vec![record("a", "01"), record("b", "02")]].iter().map(|r| of(r)).collect();
    for (at, state) in ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"].into_iter().zip(&states) {
        let change = Change::between(chronicle.newest().1, state, day("2024"));
        chronicle.take(time(at), change);
    }
    for (at, revision, records) in [
        ("2023-12-31T23:59:59Z", None, 0),
        ("2024-01-01T00:00:00Z", Some(1), 1),
        ("2024-12-31T23:59:59Z", Some(1), 1),
        ("2025-01-01T00:00:00Z", Some(2), 2),
        ("2030-01-01T00:00:00Z", Some(2), 2),
    ] {
        let (found, registry) = chronicle.at(time(at));
        assert_eq!((found.map(|r| r.get()), registry.records().len()), (revision, records), "{at}");
    }
    assert_eq!(chronicle.steps().iter().map(|step| step.change().counts().added).collect::<Vec<_>>(), [1, 1]);
    // A clock that was set back does not change the past.
    let change = Change::between(chronicle.newest().1, &of(&[record("a", "01")]), day("2024"));
    let revision = chronicle.take(time("2020-01-01T00:00:00Z"), change);
    assert_eq!(chronicle.at(time("2024-06-01T00:00:00Z")).1.records().len(), 1);
    assert_eq!(chronicle.at(time("2025-01-01T00:00:00Z")).0, Some(revision));
    assert_eq!(chronicle.of(revision), Some(chronicle.newest().1));
}
