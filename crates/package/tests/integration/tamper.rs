//! Every changed byte of a whole package, every cut, and the attacks of `docs/SECURITY.md`, "Attacks on packages".

use ledger::policy::Policy;
use package::{
    CheckName, Outcome, SealKey, Trust,
    trust::{TrustedRoster, Use},
    verify,
};

use crate::world::{Seeded, World, archive, content, label_xml, members, trust};

/// Names of the checks that fail.
pub(crate) fn failures(package: &[u8], trust: &Trust) -> Vec<&'static str> {
    match verify(package, trust) {
        Ok(_) => Vec::new(),
        Err(report) => {
            assert!(!report.passed() && !report.advice().is_empty());
            assert!(
                report.failures().all(|check| !check.detail.is_empty()),
                "every failure is said in words"
            );
            report.failures().map(|check| check.name.as_str()).collect()
        }
    }
}

/// Ranges of the members' contents within the file.
fn contents(package: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut end = 0;
    let range = |(name, bytes): &(String, Vec<u8>)| {
        let start = end + 30 + name.len();
        let content = start..start + bytes.len();
        // Behind the payload stands its descriptor.
        end = content.end + if name == "0.payload" { 16 } else { 0 };
        content
    };
    members(package).iter().map(range).collect()
}

/// Changes every byte whose offset leaves this remainder: together the eight tests below change every byte of the file.
fn every_byte_of_a_share(remainder: usize) {
    let world = World::new();
    let package = world.package();
    let contents = contents(&package);
    for at in (remainder..package.len()).step_by(8) {
        let mut changed = package.clone();
        // One bit, another one from byte to byte.
        changed[at] ^= 1 << (at / 8 % 8);
        let failed = failures(&changed, &world.trust);
        assert!(!failed.is_empty(), "byte {at} of {} changed unnoticed", package.len());
        // Where an attacker would mend the checksum, something else finds it too.
        let inside = contents.iter().any(|range| range.contains(&at));
        assert!(
            !inside || failed.iter().any(|name| *name != "container"),
            "byte {at}: only the checksum finds it"
        );
    }
}

macro_rules! shares {
    ($($name:ident $remainder:literal)*) => {
        $(#[test]
        fn $name() {
            every_byte_of_a_share($remainder);
        })*
    };
}

shares! {
    every_byte_0 0
    every_byte_1 1
    every_byte_2 2
    every_byte_3 3
    every_byte_4 4
    every_byte_5 5
    every_byte_6 6
    every_byte_7 7
}

#[test]
fn every_cut_is_found() {
    let world = World::new();
    let package = world.package();
    for end in 0..package.len() {
        assert_eq!(failures(&package[..end], &world.trust).first(), Some(&"container"), "cut at {end}");
    }
    assert_eq!(failures(&[package.as_slice(), b"x"].concat(), &world.trust), ["container"]);
}

/// The package with one member changed by an attacker who mends the container.
pub(crate) fn with(package: &[u8], member: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut members = members(package);
    let (_, bytes) = members.iter_mut().find(|(name, _)| name == member).unwrap();
    change(bytes);
    archive(&members)
}

#[test]
fn the_attackers_archive_is_otherwise_ours() {
    let world = World::new();
    let package = world.package();
    assert_eq!(archive(&members(&package)), package);
}

#[test]
fn swapped_and_cut_segments() {
    let large = (0..2_500_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>();
    let world = World::with_content(content(&[("large.bin", &large)]));
    let package = world.package();
    let segment = 1024 * 1024 + 28;
    let swapped = with(&package, "0.payload", |payload| {
        let first = payload[..segment].to_vec();
        payload.copy_within(segment..2 * segment, 0);
        payload[segment..2 * segment].copy_from_slice(&first);
    });
    assert_eq!(failures(&swapped, &world.trust), ["digests", "segments"]);
    let cut = with(&package, "0.payload", |payload| payload.truncate(2 * segment));
    assert_eq!(failures(&cut, &world.trust), ["digests", "segments"]);
    // The manifest goes along with the cut: the statement still names the whole one.
    let manifest = |manifest: &mut Vec<u8>| {
        let mut json = serde_json::from_slice::<serde_json::Value>(manifest).unwrap();
        let segments =
            json["encryptionInformation"]["integrityInformation"]["segments"].as_array_mut().unwrap();
        segments.swap(0, 1);
        *manifest = serde_json::to_vec(&json).unwrap();
    };
    let both = with(&swapped, "0.manifest.json", manifest);
    assert!(failures(&both, &world.trust).contains(&"digests"));
}

#[test]
fn a_changed_a_stripped_and_a_forged_label() {
    let world = World::new();
    let package = world.package();
    let lower = label_xml(&["INDUSTRY", "EVERYBODY"]);
    let changed = with(&package, "label.xml", |label| *label = lower.clone().into_bytes());
    assert_eq!(failures(&changed, &world.trust), ["digests", "label", "policy"]);

    let stripped = members(&package).into_iter().filter(|(name, _)| name != "label.xml").collect::<Vec<_>>();
    assert_eq!(failures(&archive(&stripped), &world.trust), ["container"]);

    // Everywhere at once, signed again with the attacker's own key.
    let forger = World::new();
    let mut draft = forger.draft();
    draft.label = ledger::act::LabelXml::new(&lower).unwrap();
    let propose = forger.propose_with(draft);
    let mallory = SealKey::generate(&mut Seeded::new(666)).unwrap();
    let (rosters, witnesses) = trusted(&forger.trust);
    let own_trust = trust(Use::Exercise, &mallory, &forger.log, rosters, witnesses);
    let forger = World { seal: mallory, trust: own_trust, ..forger };
    let decision = crate::world::decision(forger.logged(&forger.agreed(&propose)));
    let forged = forger.seal(&decision).unwrap().bytes;
    assert_eq!(failures(&forged, &world.trust), ["signature-ed25519", "signature-ml-dsa-65"]);
}

#[test]
fn members_more_or_in_another_order() {
    let world = World::new();
    let mut members = members(&world.package());
    members.push(("extra".to_owned(), b"hidden".to_vec()));
    assert_eq!(failures(&archive(&members), &world.trust), ["container"]);
    members.pop();
    members.swap(4, 5);
    assert_eq!(failures(&archive(&members), &world.trust), ["container"]);
    members.swap(4, 5);
    members[3].0 = "decision.JSON".to_owned();
    assert_eq!(failures(&archive(&members), &world.trust), ["container"]);
}

#[test]
fn parts_of_two_packages_do_not_mix() {
    let world = World::new();
    let decision = world.decision();
    let [one, two] = [1, 2].map(|copy| members(&world.seal_copy(&decision, copy).unwrap().bytes));
    for part in 0..one.len() {
        let mut mixed = one.clone();
        mixed[part] = two[part].clone();
        let failed = failures(&archive(&mixed), &world.trust);
        // Label and decision are the same in both copies.
        assert_eq!(failed.is_empty(), one[part] == two[part], "{}", one[part].0);
    }
}

#[test]
fn one_signature_is_not_enough() {
    let world = World::new();
    let package = world.package();
    let other = members(&world.seal_copy(&world.decision(), 2).unwrap().bytes);
    let other = serde_json::from_slice::<serde_json::Value>(&other[5].1).unwrap();
    for (n, name) in [(0, CheckName::SignatureEd25519), (1, CheckName::SignatureMlDsa)] {
        let changed = with(&package, "signatures.json", |bytes| {
            let json = String::from_utf8(bytes.clone()).unwrap();
            let own = serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
            let sig = |v: &serde_json::Value| v["signatures"][n]["sig"].as_str().unwrap().to_owned();
            *bytes = json.replace(&sig(&own), &sig(&other)).into_bytes();
        });
        assert_eq!(failures(&changed, &world.trust), [name.as_str()]);
    }
}

#[test]
fn an_exercise_package_is_no_real_one_and_other_trust_is_no_trust() {
    let world = World::new();
    let package = world.package();
    let (rosters, witnesses) = trusted(&world.trust);
    let real = trust(Use::Real, &world.seal, &world.log, rosters.clone(), witnesses.clone());
    assert_eq!(failures(&package, &real), ["consistent"]);
    let mut fewer = rosters;
    fewer[0].members.pop();
    let other = trust(Use::Exercise, &world.seal, &world.log, fewer, witnesses);
    assert_eq!(failures(&package, &other), ["proposal"]);
    let report = verify(&package, &other).unwrap_err();
    let unreached =
        report.checks().iter().filter(|c| c.outcome == Outcome::NotReached).map(|c| c.name.as_str());
    assert_eq!(
        unreached.collect::<Vec<_>>(),
        ["label", "policy", "profile", "consistent", "audience", "approvals"]
    );
}

fn trusted(trust: &Trust) -> (Vec<TrustedRoster>, Policy) {
    (trust.rosters().cloned().collect(), trust.witnesses().clone())
}
