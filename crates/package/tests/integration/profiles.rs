//! Who else may unwrap the key: profile `interop`, what a service makes of it, and what the label does not allow.

use std::collections::BTreeSet;

use label::Classification;
use ledger::encoding::to_base64;
use package::{
    CheckName, Profile, Sealed, Sealer, Service,
    access::{AccessKey, KeyAccess, Wrapping},
    seal::{CopyRequest, SealError},
    verify,
};
use serde_json::Value;

use crate::world::{Seeded, World, at, code, members};

const URL: &str = "https://office.example/kas";

fn sealed(world: &World, access: &AccessKey, wrapping: Wrapping) -> Result<Sealed, SealError> {
    let receiver = code("ACME");
    let request = package::SealRequest {
        content: &world.content,
        decision: &world.decision(),
        receiver: &receiver,
        receiver_key: world.company.public(),
        copy: 1,
        sealed_utc: at("2026-11-23T09:00:00Z"),
        service: Some(Service { url: URL, access: access.public(), wrapping }),
    };
    package::seal(&request, &world.seal, &world.trust, &mut Seeded::new(300))
}

fn manifest(package: &[u8]) -> Value {
    let (_, manifest) = members(package).into_iter().find(|(name, _)| name == "0.manifest.json").unwrap();
    serde_json::from_slice(&manifest).unwrap()
}

#[test]
fn a_service_unwraps_the_first_object_and_the_receiver_the_second() {
    let world = World::new();
    let access = AccessKey::generate(&mut Seeded::new(5)).unwrap();
    for wrapping in Wrapping::ALL {
        let package = sealed(&world, &access, wrapping).unwrap().bytes;
        let verified = verify(&package, &world.trust).unwrap();
        assert_eq!(verified.statement().profile, Profile::Interop);
        assert_eq!(verified.open(&world.company).unwrap().content(), &world.content);
        let manifest = manifest(&package);
        let information = &manifest["encryptionInformation"];
        let objects = information["keyAccess"].as_array().unwrap();
        let urls = objects.iter().map(|object| object["url"].as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(urls, [URL, "https://receiver.invalid"]);
        let object = KeyAccess::from_json(&serde_json::to_vec(&objects[0]).unwrap()).unwrap();
        let key = access.unwrap(&object).unwrap();
        let policy = information["policy"].as_str().unwrap();
        assert!(key.policy_bound(policy, object.policy_binding()));
        assert!(!key.policy_bound(&to_base64(b"{}"), object.policy_binding()));
        let other = AccessKey::generate(&mut Seeded::new(6)).unwrap();
        assert!(other.unwrap(&object).is_err());
    }
}

#[test]
fn a_pq_package_has_one_object() {
    let world = World::new();
    let package = world.package();
    assert_eq!(verify(&package, &world.trust).unwrap().statement().profile, Profile::Pq);
    let manifest = manifest(&package);
    assert_eq!(manifest["encryptionInformation"]["keyAccess"].as_array().unwrap().len(), 1);
}

#[test]
fn the_policy_names_receiver_label_and_proposal() {
    let world = World::new();
    let package = world.package();
    let policy = manifest(&package)["encryptionInformation"]["policy"].as_str().unwrap().to_owned();
    let policy = ledger::encoding::from_base64(&policy).unwrap();
    let policy = serde_json::from_slice::<Value>(&policy).unwrap();
    let verified = verify(&package, &world.trust).unwrap();
    assert_eq!(policy["uuid"], verified.statement().package.as_str());
    assert_eq!(policy["body"]["dissem"], serde_json::json!(["ACME"]));
    let label = ledger::Digest::of(verified.proposal().release.label.as_str().as_bytes());
    let proposal = verified.proposal().digest;
    let attributes = policy["body"]["dataAttributes"].as_array().unwrap();
    let attributes =
        attributes.iter().map(|a| a["attribute"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let expected = [
        "https://tearline.invalid/attr/classification/value/nato-unclassified".to_owned(),
        "https://tearline.invalid/attr/releasable-to/value/nato".to_owned(),
        "https://tearline.invalid/attr/releasable-to/value/industry".to_owned(),
        format!("https://tearline.invalid/attr/label-sha256/value/{label}"),
        format!("https://tearline.invalid/attr/proposal/value/{proposal}"),
    ];
    assert_eq!(attributes, expected);
}

#[test]
fn what_is_classified_too_high_is_not_for_a_service() {
    let world = World::new();
    // With the list of the trust file exchanged, the usual release is the one that is too high.
    let access = AccessKey::generate(&mut Seeded::new(5)).unwrap();
    let interop = sealed(&world, &access, Wrapping::P256).unwrap().bytes;
    let strict = world.trust.clone().with_interop(BTreeSet::from([Classification::PublicUnmarked]));
    let report = verify(&interop, &strict).unwrap_err();
    assert_eq!(report.failures().map(|check| check.name).collect::<Vec<_>>(), [CheckName::Profile]);
    assert!(report.failures().all(|check| check.detail.contains("NATO UNCLASSIFIED")));
    let sealer = Sealer::new(&world.decision(), &world.seal, &strict).unwrap();
    let content = world.content.to_bytes().unwrap();
    let group = sealer
        .group(&mut content.as_slice(), &mut Vec::new(), &package::InTurn, &mut Seeded::new(9))
        .unwrap();
    let receiver = code("ACME");
    let request = CopyRequest {
        receiver: &receiver,
        receiver_key: world.company.public(),
        copy: 1,
        sealed_utc: at("2026-11-23T09:00:00Z"),
        service: Some(Service { url: URL, access: access.public(), wrapping: Wrapping::P256 }),
    };
    let classification = Classification::NatoUnclassified;
    assert_eq!(
        sealer.copy(&group, &request, &mut Seeded::new(10)),
        Err(SealError::NotForInterop { classification })
    );
    // The list is written into the trust file and read back, but only where it is not the usual one.
    let json = strict.to_json().unwrap();
    assert_eq!(package::Trust::from_json(&json).unwrap(), strict);
    assert!(!String::from_utf8(world.trust.to_json().unwrap()).unwrap().contains("interop"));
    let unknown = String::from_utf8(json).unwrap().replace("PUBLIC UNMARKED", "PUBLIC SECRET");
    assert!(package::Trust::from_json(unknown.as_bytes()).is_err());
}
