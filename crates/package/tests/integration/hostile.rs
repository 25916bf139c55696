//! Members that are not what they should be: refused by name, without panic and without much work.

use package::{Decision, Trust, decision::DecisionError, trust::TrustError, verify};
use proptest::prelude::*;

use crate::world::{World, archive, members};

fn check_of(member: &str) -> &'static str {
    match member {
        "0.payload" => "segments",
        "0.manifest.json" => "manifest",
        "label.xml" => "label",
        "decision.json" => "proposal",
        "release.json" => "statement",
        _ => "signature-ed25519",
    }
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing", Vec::new()),
        ("not text", vec![0xff; 10]),
        ("null", b"null".to_vec()),
        ("a deep array", "[".repeat(100_000).into_bytes()),
        ("a deep object", r#"{"a":"#.repeat(100_000).into_bytes()),
        ("a large number", b"1e999999".to_vec()),
        ("a long text", vec![b' '; 9 * 1024 * 1024]),
        ("an entity bomb", b"<!DOCTYPE a [<!ENTITY b \"b\">]><a>&b;</a>".to_vec()),
    ]
}

#[test]
fn every_member_may_be_hostile() {
    let world = World::new();
    let good = members(&world.package());
    for (n, (name, _)) in good.iter().enumerate() {
        for (what, bytes) in hostile() {
            let mut changed = good.clone();
            changed[n].1 = bytes;
            let report = verify(&archive(&changed), &world.trust).unwrap_err();
            let failed = report.failures().map(|check| check.name.as_str()).collect::<Vec<_>>();
            assert!(failed.contains(&check_of(name)), "{what} as {name}: {failed:?}");
        }
    }
}

#[test]
fn json_with_more_or_doubled_or_moved_keys() {
    let world = World::new();
    let good = members(&world.package());
    for (n, (name, bytes)) in good.iter().enumerate().filter(|(_, (name, _))| name.ends_with(".json")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (first, rest) = text.strip_prefix('{').unwrap().split_once(':').unwrap();
        // The first letter of the first key, written as an escape.
        let (letter, tail) = first.strip_prefix('"').unwrap().split_at(1);
        let escaped = format!("\\u{:04x}", letter.as_bytes()[0]);
        let changes = [
            format!("{{{first}: {rest}"),
            format!("{{\"more\":1,{first}:{rest}"),
            format!("{text}\n"),
            format!(" {text}"),
            format!("{{\"{escaped}{tail}:{rest}"),
            format!("{},\"schema\":\"x\"}}", text.strip_suffix('}').unwrap()),
        ];
        for change in changes {
            let mut changed = good.clone();
            changed[n].1 = change.clone().into_bytes();
            let report = verify(&archive(&changed), &world.trust).unwrap_err();
            let failed = report.failures().map(|check| check.name.as_str()).collect::<Vec<_>>();
            let head = change.chars().take(40).collect::<String>();
            assert!(failed.contains(&check_of(name)), "{head} as {name}: {failed:?}");
        }
    }
}

#[test]
fn decisions_and_trust_files_have_bounds() {
    let long = vec![b' '; 17 * 1024 * 1024];
    assert_eq!(Decision::from_bytes(&long), Err(DecisionError::TooLong));
    assert_eq!(Trust::from_json(&long), Err(TrustError::TooLong { bytes: long.len() }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_members_never_panic(n in 0_usize..6, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let world = World::new();
        let mut changed = members(&world.package());
        changed[n].1 = bytes;
        prop_assert!(verify(&archive(&changed), &world.trust).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let world = World::new();
        prop_assert!(verify(&bytes, &world.trust).is_err());
        prop_assert!(Trust::from_json(&bytes).is_err());
    }
}
