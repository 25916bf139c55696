//! Chains, renamed and revised parts, and what a receiver may not have.

use std::collections::BTreeMap;

use ledger::Digest;
use ledger::act::{Notice, PartId};

use super::super::fixture::{self, id};
use super::{Because, Held, Stale, follow_up};

fn copies(names: &[&str]) -> BTreeMap<PartId, Held> {
    names.iter().map(|name| (id(name), fixture::held(name))).collect()
}

/// What follows, in one line each: part, why, what goes, what is blocked, what is told.
fn lines(registry: &[&str], held: &BTreeMap<PartId, Held>, kept_back: &[&str]) -> Vec<String> {
    let registry = fixture::registry(registry);
    let may_not = |record: &super::Record| {
        let kept = kept_back.contains(&record.id.as_str());
        if kept { vec!["clearance"] } else { Vec::new() }
    };
    let line = |stale: Stale<&str>| {
        let hand: Vec<&str> = stale.hand_over.iter().map(PartId::as_str).collect();
        let blocked: Vec<&str> = stale.blocked.iter().map(|(part, _)| part.as_str()).collect();
        let tell = match stale.tell {
            None => "-",
            Some(Notice::Withdrawn) => "withdrawn",
            Some(Notice::Superseded { .. }) => "superseded",
        };
        format!(
            "{} {} [{}] [{}] {tell}",
            stale.part,
            stale.because.as_str(),
            hand.join(","),
            blocked.join(",")
        )
    };
    follow_up(&registry, held, may_not).into_iter().map(line).collect()
}

#[test]
fn the_newest_edition_in_force_follows_over_a_chain() {
    let registry = ["a accepted", "b accepted", "c accepted", "b > a", "c > b"];
    assert_eq!(lines(&registry, &copies(&["a"]), &[]), ["a superseded [c] [] -"]);
    // A draft does not take anything's place yet.
    let registry = ["a accepted", "b accepted", "c draft", "b > a", "c > b"];
    assert_eq!(lines(&registry, &copies(&["a"]), &[]), ["a superseded [b] [] -"]);
    // Nobody is sent round in a circle.
    let registry = ["a accepted", "b accepted", "b > a", "a > b"];
    assert!(lines(&registry, &copies(&["a", "b"]), &[]).len() <= 2);
}

#[test]
fn whoever_has_what_took_the_place_needs_nothing() {
    let registry = ["a accepted", "b accepted", "b > a"];
    assert!(lines(&registry, &copies(&["a", "b"]), &[]).is_empty());
    assert!(lines(&registry, &copies(&["b"]), &[]).is_empty());
}

#[test]
fn a_part_that_may_not_go_is_not_named_to_the_receiver() {
    let registry = ["a accepted", "b accepted", "b > a"];
    assert_eq!(lines(&registry, &copies(&["a"]), &["b"]), ["a superseded [] [b] withdrawn"]);
    let mut told = copies(&["a"]);
    told.get_mut(&id("a")).unwrap().notice = Some((Notice::Withdrawn, fixture::STAMP));
    assert_eq!(lines(&registry, &told, &["b"]), ["a superseded [] [b] -"]);
}

#[test]
fn what_is_withdrawn_is_told_once() {
    let registry = ["a withdrawn"];
    assert_eq!(lines(&registry, &copies(&["a"]), &[]), ["a withdrawn [] [] withdrawn"]);
    let mut told = copies(&["a"]);
    told.get_mut(&id("a")).unwrap().notice = Some((Notice::Withdrawn, fixture::STAMP));
    assert!(lines(&registry, &told, &[]).is_empty());
    // Withdrawn with something in its place: that goes.
    let registry = ["a withdrawn", "b accepted", "b > a"];
    assert_eq!(lines(&registry, &copies(&["a"]), &[]), ["a superseded [b] [] -"]);
}

#[test]
fn another_document_under_the_same_id_goes_again() {
    let registry = ["a accepted"];
    assert!(lines(&registry, &copies(&["a"]), &[]).is_empty());
    let mut old = copies(&["a"]);
    old.get_mut(&id("a")).unwrap().copy.document = Digest::of(b"an older document");
    assert_eq!(lines(&registry, &old, &[]), ["a revised [a] [] -"]);
    assert_eq!(lines(&registry, &old, &["a"]), ["a revised [] [a] withdrawn"]);
    assert_eq!(Because::Revised.as_str(), "revised");
}
