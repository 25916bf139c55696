//! The attacks that public clients were measured against, row by row, and some of an insider who has the content key: each refused,
//! with the reason. Changed bytes and cuts are in `tamper`, revoked recipients in the service's tests.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ledger::{act::Title, encoding::to_base64};
use package::{OpenError, OpenKey, Sealer, seal::CopyRequest, verify};
use serde_json::Value;

use crate::{
    tamper::{failures, with},
    world::{Seeded, World, archive, at, code, content, label_xml, members},
};

const MANIFEST: &str = "0.manifest.json";

/// The package with its manifest changed by somebody who mends the container.
fn with_manifest(package: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    with(package, MANIFEST, |bytes| {
        let mut json = serde_json::from_slice::<Value>(bytes).unwrap();
        change(&mut json);
        *bytes = serde_json::to_vec(&json).unwrap();
    })
}

fn several_segments() -> World {
    let large = (0..2_500_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>();
    World::with_content(content(&[("large.bin", &large)]))
}

/// What fails when the manifest is no longer the one that was signed for; keys of its JSON come in another order here, so that it is not
/// in its one form either.
fn manifest_refused(failed: &[&str]) {
    assert!(failed.contains(&"manifest") || failed.contains(&"digests"), "{failed:?}");
}

#[test]
fn segments_cut_or_swapped_with_the_manifest_going_along() {
    let world = several_segments();
    let package = world.package();
    let segment = 1024 * 1024 + 28;
    let list = |json: &mut Value, change: fn(&mut Vec<Value>)| {
        change(json["encryptionInformation"]["integrityInformation"]["segments"].as_array_mut().unwrap());
    };
    let cut = with(&package, "0.payload", |payload| payload.truncate(2 * segment));
    let cut = with_manifest(&cut, |json| {
        list(json, |segments| {
            segments.pop();
        });
    });
    let swapped = with(&package, "0.payload", |payload| {
        let (first, rest) = payload.split_at_mut(segment);
        first.swap_with_slice(&mut rest[..segment]);
    });
    let swapped = with_manifest(&swapped, |json| list(json, |segments| segments.swap(0, 1)));
    for attack in [cut, swapped] {
        let failed = failures(&attack, &world.trust);
        assert!(failed.contains(&"digests"), "the payload is not the one signed for: {failed:?}");
    }
}

#[test]
fn a_bad_root_signature() {
    let world = World::new();
    let attack = with_manifest(&world.package(), |json| {
        let integrity = &mut json["encryptionInformation"]["integrityInformation"];
        integrity["rootSignature"]["sig"] = to_base64(&[0; 32]).into();
    });
    manifest_refused(&failures(&attack, &world.trust));
}

#[test]
fn a_label_forged_with_the_attackers_key_in_its_header() {
    let world = World::new();
    let lower = label_xml(&["INDUSTRY", "EVERYBODY"]);
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = r#"{"alg":"EdDSA","jwk":{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}"#;
    let forged = format!(
        "{}.{}.{}",
        encode(header.as_bytes()),
        encode(br#"{"assertionHash":"00"}"#),
        encode(&[1; 64])
    );
    let change = |json: &mut Value, stripped: bool| {
        let assertions = json["assertions"].as_array_mut().unwrap();
        if stripped {
            assertions.clear();
        } else {
            assertions[0]["statement"]["value"] = lower.clone().into();
            assertions[0]["binding"]["signature"] = forged.clone().into();
        }
    };
    let package = world.package();
    for stripped in [false, true] {
        let attack = with_manifest(&package, |json| change(json, stripped));
        manifest_refused(&failures(&attack, &world.trust));
        // The sidecar goes along.
        let both = with(&attack, "label.xml", |label| *label = lower.clone().into_bytes());
        let failed = failures(&both, &world.trust);
        assert!(failed.contains(&"digests"), "{failed:?}");
    }
}

#[test]
fn replay_into_another_release_and_for_another_receiver() {
    let world = World::new();
    let mut propose = world.propose();
    propose.title = Title::new("Another release").unwrap();
    let other = crate::world::decision(world.logged(&world.agreed(&propose)));
    let other = members(&world.seal(&other).unwrap().bytes);
    let own = members(&world.package());
    // Decision and label of the other release around the sealed content of this one, and the other way round.
    for (base, from) in [(&own, &other), (&other, &own)] {
        let mut mixed = base.clone();
        mixed[2] = from[2].clone();
        let failed = failures(&archive(&mixed), &world.trust);
        assert!(failed.contains(&"digests") && failed.contains(&"policy"), "{failed:?}");
        mixed[4] = from[4].clone();
        mixed[5] = from[5].clone();
        let failed = failures(&archive(&mixed), &world.trust);
        assert!(failed.contains(&"digests"), "with the other's statement and signatures: {failed:?}");
    }
}

#[test]
fn a_receiver_who_has_the_key_makes_no_copy_for_another() {
    let world = World::new();
    let decision = world.decision();
    let sealer = Sealer::new(&decision, &world.seal, &world.trust).unwrap();
    let plain = world.content.to_bytes().unwrap();
    let mut prefix = Vec::new();
    let group =
        sealer.group(&mut plain.as_slice(), &mut prefix, &package::InTurn, &mut Seeded::new(1)).unwrap();
    let receivers = [code("ACME"), code("BOLT")];
    let bolt = OpenKey::generate(&mut Seeded::new(50)).unwrap();
    let keys = [world.company.public(), bolt.public()];
    let copies = [0, 1].map(|n| {
        let (receiver, receiver_key, sealed_utc) = (&receivers[n], keys[n], at("2026-11-23T09:00:00Z"));
        let request = CopyRequest { receiver, receiver_key, copy: n as u32 + 1, sealed_utc, service: None };
        let copy = sealer.copy(&group, &request, &mut Seeded::new(60 + n as u64)).unwrap();
        [prefix.as_slice(), &copy.tail].concat()
    });
    // Copies share their content key: the manifest of one fits the payload of the other, and is refused all the same.
    let (one, two) = (members(&copies[0]), members(&copies[1]));
    let mut mixed = one.clone();
    mixed[3] = two[3].clone();
    assert_eq!(failures(&archive(&mixed), &world.trust), ["digests", "consistent"]);
    // Each opens with its own key, and with no other.
    for (n, copy) in copies.iter().enumerate() {
        let verified = verify(copy, &world.trust).unwrap();
        let (own, other) = if n == 0 { (&world.company, &bolt) } else { (&bolt, &world.company) };
        assert!(verified.open(own).is_ok());
        assert!(matches!(verified.open(other), Err(OpenError::NotForThisKey { .. })));
    }
    // Wrapped again for another, with the policy bound again: the office did not sign that.
    let attack = with_manifest(&copies[0], |json| {
        let object = &mut json["encryptionInformation"]["keyAccess"][0];
        object["kid"] = bolt.public().id().to_string().into();
    });
    manifest_refused(&failures(&attack, &world.trust));
}
