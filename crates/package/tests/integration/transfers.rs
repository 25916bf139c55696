//! Over the gap: what the guard lets in, and the rule by which it refuses.

use std::collections::BTreeSet;

use label::Classification;
use ledger::Digest;
use package::{
    SealKey,
    transfer::{ExportError, Rule, Side, export, import},
};

use crate::world::{Seeded, World, archive, at, code, members};

fn portal() -> Side {
    Side {
        name: code("PORTAL"),
        highest: Classification::NatoUnclassified,
        releasable_to: BTreeSet::from(["INDUSTRY".to_owned()]),
    }
}

fn rules(bundle: &[u8], side: &Side, expected: u64, world: &World) -> Vec<Rule> {
    import(bundle, side, expected, &world.trust)
        .unwrap_err()
        .into_iter()
        .map(|refusal| refusal.rule)
        .collect()
}

fn bundle(world: &World) -> Vec<u8> {
    let decision = world.decision();
    let packages = [1, 2].map(|copy| world.seal_copy(&decision, copy).unwrap().bytes);
    let packages = packages.iter().map(Vec::as_slice).collect::<Vec<_>>();
    export(&packages, &portal(), 1, at("2026-11-23T10:00:00Z"), &world.seal, &world.trust).unwrap()
}

#[test]
fn what_the_office_sends_goes_in() {
    let world = World::new();
    let bundle = bundle(&world);
    let imported = import(&bundle, &portal(), 1, &world.trust).unwrap();
    assert_eq!((imported.sequence, imported.packages.len()), (1, 2));
    assert!(imported.packages.iter().all(|(digest, bytes)| Digest::of(bytes) == *digest));
}

#[test]
fn another_side_and_another_order() {
    let world = World::new();
    let bundle = bundle(&world);
    let other = Side { name: code("PARTNER"), ..portal() };
    assert_eq!(rules(&bundle, &other, 1, &world), [Rule::ForThisSide]);
    assert_eq!(rules(&bundle, &portal(), 2, &world), [Rule::InOrder]);
    let higher = Side { highest: Classification::PublicUnmarked, ..portal() };
    assert_eq!(rules(&bundle, &higher, 1, &world), [Rule::Labelled; 2]);
    let others = Side { releasable_to: BTreeSet::from(["EU".to_owned()]), ..portal() };
    assert_eq!(rules(&bundle, &others, 1, &world), [Rule::Labelled; 2]);
}

#[test]
fn changed_cut_and_forged_bundles() {
    let world = World::new();
    let bundle = bundle(&world);
    for at in (0..bundle.len()).step_by(97) {
        let mut changed = bundle.clone();
        changed[at] ^= 4;
        assert_eq!(rules(&changed, &portal(), 1, &world), [Rule::Whole], "byte {at}");
        assert_eq!(rules(&bundle[..at], &portal(), 1, &world), [Rule::Whole], "cut at {at}");
    }
    let mut fewer = members(&bundle);
    fewer.pop();
    assert_eq!(rules(&archive(&fewer), &portal(), 1, &world), [Rule::Whole]);
    // The list goes along: it is no longer the one that was signed.
    let list = String::from_utf8(fewer[0].1.clone()).unwrap();
    let (head, _) = list.rsplit_once(",{").unwrap();
    fewer[0].1 = format!("{head}]}}").into_bytes();
    assert_eq!(rules(&archive(&fewer), &portal(), 1, &world), [Rule::Signed]);

    let mallory = World { seal: SealKey::generate(&mut Seeded::new(13)).unwrap(), ..World::new() };
    let package = world.package();
    let refused = export(&[&package], &portal(), 1, at("2026-11-23T10:00:00Z"), &mallory.seal, &world.trust);
    let Err(ExportError::WouldBeRefused { refusals }) = refused else { panic!("exported") };
    assert_eq!(refusals.iter().map(|r| r.rule).collect::<Vec<_>>(), [Rule::Signed]);
}

#[test]
fn packages_that_do_not_verify_and_packages_twice() {
    let world = World::new();
    let when = at("2026-11-23T10:00:00Z");
    let package = world.package();
    let mut changed = package.clone();
    changed[50] ^= 1;
    let refused = export(&[&package, &changed], &portal(), 1, when, &world.seal, &world.trust);
    let Err(ExportError::WouldBeRefused { refusals }) = refused else { panic!("exported") };
    assert!(refusals.iter().all(|r| r.rule == Rule::Agreed && r.package == Some(Digest::of(&changed))));
    assert!(refusals[0].to_string().starts_with("agreed (package "), "{}", refusals[0]);
    let twice = export(&[&package, &package], &portal(), 1, when, &world.seal, &world.trust);
    assert_eq!(twice, Err(ExportError::Packages));
    assert_eq!(export(&[], &portal(), 1, when, &world.seal, &world.trust), Err(ExportError::Packages));
}
