//! Made, checked, opened.

use package::{CheckName, OpenError, OpenKey, Outcome, verify};

use crate::world::{CANARY, Seeded, World, code, content};

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn the_receiver_gets_what_was_agreed() {
    let world = World::new();
    let sealed = world.seal(&world.decision()).unwrap();
    let verified = verify(&sealed.bytes, &world.trust).unwrap();
    let names = verified.report().checks().iter().map(|check| check.name).collect::<Vec<_>>();
    assert_eq!(names, CheckName::ALL);
    assert!(verified.report().checks().iter().all(|c| c.outcome == Outcome::Passed && !c.detail.is_empty()));
    assert_eq!(verified.digest(), sealed.digest);
    assert_eq!(verified.statement().marking, "NATO UNCLASSIFIED Releasable to INDUSTRY");
    assert_eq!(verified.statement().receiver, code("ACME"));
    let opened = verified.open(&world.company).unwrap();
    assert_eq!(opened.content(), &world.content);
    println!("{}", verified.report());
}

#[test]
fn another_key_does_not_open_it() {
    let world = World::new();
    let bytes = world.package();
    let verified = verify(&bytes, &world.trust).unwrap();
    let other = OpenKey::generate(&mut Seeded::new(99)).unwrap();
    assert!(matches!(verified.open(&other), Err(OpenError::NotForThisKey { .. })));
}

#[test]
fn every_copy_has_a_ciphertext_of_its_own() {
    let world = World::new();
    let decision = world.decision();
    let copies = [1, 2].map(|copy| world.seal_copy(&decision, copy).unwrap());
    assert_ne!(copies[0].package, copies[1].package);
    let opened =
        copies.each_ref().map(|c| verify(&c.bytes, &world.trust).unwrap().open(&world.company).unwrap());
    assert_eq!(opened[0].content(), opened[1].content());
}

#[test]
fn contents_of_several_segments_come_back() {
    let large = (0..2_500_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>();
    let world = World::with_content(content(&[("large.bin", &large)]));
    let bytes = world.package();
    let verified = verify(&bytes, &world.trust).unwrap();
    assert_eq!(verified.open(&world.company).unwrap().content(), &world.content);
}

#[test]
fn the_canary_is_in_no_ciphertext_and_no_debug_output() {
    let world = World::new();
    let sealed = world.seal(&world.decision()).unwrap();
    assert!(!contains(&sealed.bytes, CANARY));
    assert!(!contains(format!("{sealed:?}").as_bytes(), CANARY));
    let verified = verify(&sealed.bytes, &world.trust).unwrap();
    assert!(!contains(format!("{verified:?}").as_bytes(), CANARY));
    let opened = verified.open(&world.company).unwrap();
    assert_eq!(format!("{opened:?}"), r#"Opened({"README.txt": 10, "release/cells.csv": 47})"#);
    assert!(opened.content().files().values().any(|file| contains(file, CANARY)), "the receiver does see it");
}
