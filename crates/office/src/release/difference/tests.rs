//! Each change by itself, and none.

use ledger::act::{Content, History, Notice, ReleaseDraft};

use super::*;
use crate::tests::world::{World, code, codes, digest, label, part_id, wave_of};

#[test]
fn nothing_changes_between_a_draft_and_itself() {
    let draft = World::small().release("demand");
    assert_eq!(difference(&draft, &draft), []);
}

#[test]
fn each_change_is_named_by_itself() {
    let before = World::small().release("demand");
    type Change = fn(&mut ReleaseDraft);
    let cases: [(Change, Changed, &str); 11] = [
        (|d| d.release = digest("x"), Changed::Release, "what would be released"),
        (|d| d.certificate = digest("x"), Changed::Certificate, "the certificate"),
        (
            |d| d.history = History::EMPTY.with(&digest("x")),
            Changed::History,
            "the releases that the certificate takes into account",
        ),
        (|d| d.label = label(label::Classification::NatoUnclassified), Changed::Label, "the label"),
        (|d| d.content = Content::Standards, Changed::Content, "the kind of content"),
        (
            |d| d.audience.extend([code("CORE"), code("DELTA")]),
            Changed::AudienceWider(codes(&["CORE", "DELTA"])),
            "also to CORE, DELTA",
        ),
        (
            |d| d.audience.retain(|code| code.as_str() != "BOLT"),
            Changed::AudienceNarrower(codes(&["BOLT"])),
            "no more to BOLT",
        ),
        (
            |d| {
                d.originators.insert(code("CC"), digest("x"));
            },
            Changed::OriginatorsAdded(codes(&["CC"])),
            "now also information of CC",
        ),
        (
            |d| {
                d.originators.remove(&code("BB"));
            },
            Changed::OriginatorsRemoved(codes(&["BB"])),
            "no more information of BB",
        ),
        (
            |d| {
                d.originators.insert(code("AA"), digest("x"));
            },
            Changed::Exposure(codes(&["AA"])),
            "another exposure of AA",
        ),
        (|d| d.supersedes = Some(digest("x")), Changed::Supersedes, "the release whose place it takes"),
    ];
    for (change, expected, words) in cases {
        let mut after = before.clone();
        change(&mut after);
        assert_eq!(difference(&before, &after), std::slice::from_ref(&expected));
        assert_eq!(expected.to_string(), words);
    }
}

#[test]
fn several_changes_are_all_named() {
    let before = World::small().release("demand");
    let mut after = before.clone();
    after.audience = codes(&["CORE"]);
    after.release = digest("x");
    let (wider, narrower) = (codes(&["CORE"]), codes(&["ACME", "BOLT"]));
    let expected = [Changed::Release, Changed::AudienceWider(wider), Changed::AudienceNarrower(narrower)];
    assert_eq!(difference(&before, &after), expected);
}

#[test]
fn what_a_wave_changes_is_told_part_by_part() {
    let mut world = World::small();
    world.register();
    let before = world.wave("wave", wave_of(1, &[("A", &["AA"]), ("B", &["AA"]), ("C", &["AA"])]));
    assert_eq!(difference(&before, &before), []);
    let changed = |change: fn(&mut ledger::act::Wave)| {
        let mut after = before.clone();
        change(after.wave.as_mut().unwrap());
        difference(&before, &after).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let without = changed(|wave| wave.parts.retain(|part, _| part.as_str() == "B"));
    assert_eq!(without, ["without A, C"]);
    let with = changed(|wave| {
        let part = wave.parts[&part_id("A")].clone();
        wave.parts.insert(part_id("D"), part);
    });
    assert_eq!(with, ["also with D"]);
    let otherwise = changed(|wave| wave.parts.get_mut(&part_id("B")).unwrap().document = digest("x"));
    assert_eq!(otherwise, ["otherwise about B"]);
    let told = changed(|wave| drop(wave.notices.insert(part_id("O"), Notice::Withdrawn)));
    assert_eq!(told, ["another notice of O"]);
    assert_eq!(changed(|wave| wave.registry = Revision::new(2).unwrap()), ["the revision of the registry"]);
}
