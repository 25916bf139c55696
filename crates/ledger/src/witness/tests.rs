//! Requests, every refusal with its status, the order of writing and signing, state files.

use proptest::prelude::*;

use super::*;
use crate::log::LogSigner;
use crate::merkle::{Tree, leaf_hash};
use crate::seeded::Seeded;

fn name(text: &str) -> KeyName {
    KeyName::new(text).unwrap()
}

fn log(origin: &str, seed: u64) -> LogSigner {
    LogSigner::generate(name(origin), &mut Seeded::new(seed)).unwrap()
}

fn office() -> LogSigner {
    log("office.example/log", 1)
}

fn cosigner() -> Cosigner {
    Cosigner::generate(name("witness.example/NO"), &mut Seeded::new(2)).unwrap()
}

fn tree(size: u64, flavour: u8) -> Tree {
    (0..size).map(|i| leaf_hash(&[&i.to_be_bytes(), [flavour].as_slice()].concat())).collect()
}

fn request(signer: &LogSigner, tree: &Tree, old: u64, new: u64) -> Request {
    let checkpoint = SignedCheckpoint::sign(new, tree.root_at(new).unwrap(), signer).unwrap();
    Request::new(&tree.consistency(old, new).unwrap(), checkpoint).unwrap()
}

/// Takes the request in, writing to nowhere.
fn taken(state: &mut WitnessState, request: &Request) -> Result<Persisted, WitnessRefusal> {
    let update = state.decide(request, &[office().verifier()])?;
    Ok(update.persist(state, |_| Ok::<_, ()>(())).unwrap())
}

#[test]
fn a_growing_log_is_cosigned_and_its_office_verifies_it() {
    let (mut state, tree) = (WitnessState::new(), tree(40, 0));
    let mut old = 0;
    for new in [0, 0, 1, 7, 7, 8, 40] {
        let request = request(&office(), &tree, old, new);
        let request = Request::from_bytes(request.to_text().as_bytes()).unwrap();
        let lines = taken(&mut state, &request).unwrap().cosign(&cosigner(), 1_800_000_000).unwrap();
        let lines = SignatureLines::from_text(&lines.to_text()).unwrap();
        let mut checkpoint = request.checkpoint().clone();
        let held = checkpoint.add_cosignatures(&lines, &cosigner().keys()).unwrap();
        assert_eq!(held.len(), 2);
        assert_eq!(checkpoint.verify(&office().verifier()).unwrap().size, new);
        assert_eq!(state.latest(&name("office.example/log")).unwrap().size, new);
        old = new;
    }
}

#[test]
fn the_specification_example_is_read() {
    // C2SP tlog-witness, "add-checkpoint".
    let body = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
        \n\
        example.com/behind-the-sofa\n\
        20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
        \n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    let request = Request::from_bytes(body.as_bytes()).unwrap();
    assert_eq!((request.old(), request.proof.len()), (20_852_014, 4));
    assert_eq!(request.checkpoint().unverified().size, 20_852_163);
    assert_eq!(request.to_text(), body);
}

#[test]
fn refusals_have_the_statuses_of_the_specification() {
    let (mut state, honest) = (WitnessState::new(), tree(20, 0));
    taken(&mut state, &request(&office(), &honest, 0, 8)).unwrap();
    let before = state.clone();
    let mut refused = |request: &Request| {
        let refusal = taken(&mut state, request).unwrap_err();
        assert_eq!(state, before, "a refusal changes nothing");
        assert!(!refusal.advice().is_empty());
        (refusal.status(), refusal.media_type(), refusal.body())
    };
    let with_size = (409, "text/x.tlog.size", "8\n".to_owned());
    // A log that nobody told the witness about.
    assert_eq!(refused(&request(&log("other.example", 1), &honest, 8, 9)).0, 404);
    // The right name, other keys.
    assert_eq!(refused(&request(&log("office.example/log", 3), &honest, 8, 9)).0, 403);
    // A smaller tree, and an old size that is not the witness's.
    let shrinking = Request { old: 8, proof: Vec::new(), ..request(&office(), &honest, 7, 7) };
    assert_eq!(refused(&shrinking).0, 400);
    assert_eq!(refused(&request(&office(), &honest, 7, 7)), with_size);
    assert_eq!(refused(&request(&office(), &honest, 0, 12)), with_size);
    assert_eq!(refused(&request(&office(), &honest, 9, 12)), with_size);
    // Forks: another tree of the same size, and one that extends another.
    let forked = tree(20, 1);
    assert_eq!(refused(&request(&office(), &forked, 8, 8)), with_size);
    assert_eq!(refused(&request(&office(), &forked, 8, 9)).0, 422);
    // A proof too much, where none is needed.
    let superfluous = Request { proof: vec![leaf_hash(b"x")], ..request(&office(), &honest, 8, 8) };
    assert_eq!(refused(&superfluous).0, 422);
    assert_eq!(size_of_conflict(b"8\n"), Some(8));
    for bad in ["8", "08\n", "-8\n", "\n", "8\n\n", "8 \n"] {
        assert_eq!(size_of_conflict(bad.as_bytes()), None, "{bad:?}");
    }
}

#[test]
fn one_missing_signature_of_the_log_is_refused() {
    let signed = request(&office(), &tree(3, 0), 0, 3).to_text();
    let last = signed.rfind('\u{2014}').unwrap();
    let request = Request::from_bytes(signed.as_bytes().get(..last).unwrap()).unwrap();
    let refusal = taken(&mut WitnessState::new(), &request).unwrap_err();
    assert_eq!(refusal.status(), 403);
    // Unless the witness was told the Ed25519 key alone.
    let alone = LogVerifier::ed25519_alone(office().verifier().ed25519().clone());
    assert!(WitnessState::new().decide(&request, std::slice::from_ref(&alone)).is_ok());
    // While keys are replaced, one of two suffices.
    let stranger = log("office.example/log", 9).verifier();
    assert!(WitnessState::new().decide(&request, &[stranger, alone]).is_ok());
}

#[test]
fn nothing_is_signed_before_it_is_written() {
    let (mut state, tree) = (WitnessState::new(), tree(20, 0));
    let logs = [office().verifier()];
    let first = request(&office(), &tree, 0, 5);
    let update = state.decide(&first, &logs).unwrap();
    assert_eq!(update.checkpoint().size, 5);
    let failed = update.persist(&mut state, |_| Err("the disk is full"));
    assert_eq!(failed.unwrap_err(), PersistError::Write("the disk is full"));
    assert_eq!(state, WitnessState::new());
    // What is written is the state with the update in it.
    let mut written = String::new();
    let write = |next: &WitnessState| {
        written = next.to_text();
        Ok::<_, ()>(())
    };
    let persisted = state.decide(&first, &logs).unwrap().persist(&mut state, write).unwrap();
    assert_eq!(WitnessState::from_text(&written).unwrap(), state);
    for time in [0, TIMESTAMP_MAX + 1] {
        assert_eq!(persisted.cosign(&cosigner(), time), Err(NoteError::Timestamp));
    }
    // The race of the specification: A to 8 and B to 12 are both judged, B is written first.
    let (a, b) = (request(&office(), &tree, 5, 8), request(&office(), &tree, 5, 12));
    let (a, b) = (state.decide(&a, &logs).unwrap(), state.decide(&b, &logs).unwrap());
    b.persist(&mut state, |_| Ok::<_, ()>(())).unwrap();
    let mut called = false;
    let overtaken = a.persist(&mut state, |_| {
        called = true;
        Ok::<_, ()>(())
    });
    assert_eq!(overtaken.unwrap_err(), PersistError::Overtaken);
    assert!(!called);
    assert_eq!(state.latest(&name("office.example/log")).unwrap().size, 12);
}

#[test]
fn bodies_that_are_no_requests_are_refused() {
    let good = request(&office(), &tree(9, 0), 3, 9).to_text();
    let hash = to_base64(&[0; 32]) + "\n";
    for (bad, line) in [
        (String::new(), 1),
        (good.replacen("old 3", "old 03", 1), 1),
        (good.replacen("old 3", "Old 3", 1), 1),
        (good.replacen("old 3", "old  3", 1), 1),
        (good.replacen("old 3", "old -3", 1), 1),
        (good.replacen("old 3\n", "old 3\nAAAA\n", 1), 2),
        (good.replacen("old 3\n", "old 3\r\n", 1), 1),
        (format!("old 3\n{}\n", hash.repeat(64)), 65),
    ] {
        let refusal = Request::from_bytes(bad.as_bytes()).unwrap_err();
        assert_eq!(refusal, WitnessRefusal::Malformed { line }, "{bad:?}");
        assert_eq!(refusal.status(), 400);
    }
    let refusal = Request::from_bytes(b"old 0\n\nno checkpoint\n").unwrap_err();
    assert!(matches!(refusal, WitnessRefusal::Checkpoint(_)) && refusal.status() == 400);
    assert!(Request::from_bytes(b"old 0\n\n\xff\n").is_err());
    assert!(Request::from_bytes(&vec![b'\n'; REQUEST_BYTES_MAX + 1]).is_err());
    let checkpoint = request(&office(), &tree(9, 0), 3, 9).checkpoint().clone();
    let long = ConsistencyProof { old: 3, new: 9, hashes: vec![Digest::of(b"x"); 64] };
    assert!(Request::new(&long, checkpoint.clone()).is_err());
    let other = ConsistencyProof { old: 3, new: 8, hashes: Vec::new() };
    assert!(Request::new(&other, checkpoint).is_err());
}

#[test]
fn state_files_have_one_spelling() {
    let mut state = WitnessState::new();
    assert_eq!(WitnessState::from_text(&state.to_text()).unwrap(), state);
    for (origin, size) in [("a.example", 0), ("b.example", 7)] {
        let signer = log(origin, 4);
        let request = request(&signer, &tree(7, 0), 0, size);
        let update = state.decide(&request, &[signer.verifier()]).unwrap();
        let _ = update.persist(&mut state, |_| Ok::<_, ()>(())).unwrap();
    }
    let text = state.to_text();
    assert_eq!(WitnessState::from_text(&text).unwrap(), state);
    assert_eq!(state.logs().len(), 2);
    let root = to_base64(tree(7, 0).root().as_bytes());
    for (from, to, line) in [
        ("tearline-witness/1", "tearline-witness/2", 1),
        ("a.example 0", "c.example 0", 3),
        ("a.example 0", "b.example 0", 3),
        ("a.example 0", "a.example 1 0", 2),
        ("b.example 7", "b.example 07", 3),
        ("b.example 7", "b.example  7", 3),
        ("b.example 7", "b.example 0", 3),
        (root.as_str(), "AAAA", 3),
        ("\nb", "\n\nb", 3),
        ("\nb", "\r\nb", 2),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        assert_eq!(WitnessState::from_text(&changed), Err(WitnessStateError { line }), "{from} to {to}");
    }
    assert_eq!(WitnessState::from_text(text.trim_end()), Err(WitnessStateError { line: 3 }));
    assert_eq!(WitnessState::from_text(&(text.clone() + "\n")), Err(WitnessStateError { line: 4 }));
    let many = |n: usize| {
        let line = |i: usize| format!("log{i:05} 7 {root}\n");
        format!("{STATE_HEADER}\n{}", (0..n).map(line).collect::<String>())
    };
    assert_eq!(WitnessState::from_text(&many(LOGS_MAX + 1)), Err(WitnessStateError { line: LOGS_MAX + 2 }));
    let full = WitnessState::from_text(&many(LOGS_MAX)).unwrap();
    let refusal = full.decide(&request(&office(), &tree(3, 0), 0, 3), &[office().verifier()]).unwrap_err();
    assert_eq!((refusal.clone(), refusal.status()), (WitnessRefusal::Full, 507));
}

proptest! {
    /// A log that answers as it likes, honest or forked: whatever is cosigned is one history.
    #[test]
    fn no_two_histories_are_cosigned(steps in prop::collection::vec((0u64..12, 0u64..12, 0u8..2, 0u8..2), 1..30)) {
        let trees = [tree(12, 0), tree(12, 1)];
        let mut state = WitnessState::new();
        let mut cosigned: Vec<(u64, u8)> = Vec::new();
        for (a, b, flavour, proof_flavour) in steps {
            let (old, new) = (a.min(b), a.max(b));
            let request = Request {
                proof: trees[usize::from(proof_flavour)].consistency(old, new).unwrap().hashes,
                ..request(&office(), &trees[usize::from(flavour)], old, new)
            };
            if taken(&mut state, &request).is_ok() {
                cosigned.push((new, flavour));
            }
        }
        prop_assert!(cosigned.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{cosigned:?}");
        let mut flavours: Vec<u8> = cosigned.iter().filter(|(size, _)| *size > 0).map(|(_, f)| *f).collect();
        flavours.dedup();
        prop_assert!(flavours.len() <= 1, "{flavours:?}");
    }
}
