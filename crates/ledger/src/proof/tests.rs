//! Proof files: round trip, form, and every changed byte.

use super::*;
use crate::log::LogSigner;
use crate::note::KeyName;
use crate::seeded::Seeded;

fn log() -> LogSigner {
    LogSigner::generate(KeyName::new("office.example/log").unwrap(), &mut Seeded::new(1)).unwrap()
}

fn entry(i: u64) -> Vec<u8> {
    i.to_be_bytes().to_vec()
}

fn tree(n: u64) -> Tree {
    Tree::of_entries((0..n).map(entry))
}

fn proof(index: u64, size: u64) -> LogProof {
    let tree = tree(size + 3);
    let checkpoint = SignedCheckpoint::sign(size, tree.root_at(size).unwrap(), &log()).unwrap();
    LogProof::new(&tree, index, checkpoint).unwrap()
}

#[test]
fn proofs_of_every_entry_hold_after_a_round_trip() {
    for size in [1, 2, 3, 7, 8, 9, 33] {
        for index in 0..size {
            let proof = proof(index, size);
            let read = LogProof::from_text(&proof.to_text()).unwrap();
            assert_eq!(read, proof);
            assert_eq!(read.verify(&entry(index), &log().verifier()).unwrap().size, size);
            let mismatch = Err(LogProofError::Mismatch { index });
            assert_eq!(read.verify(&entry(index + 1), &log().verifier()).map(|_| ()), mismatch);
        }
    }
}

#[test]
fn the_file_has_the_form_of_the_specification() {
    let text = proof(1, 2).to_text();
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines[..2], ["c2sp.org/tlog-proof@v1", "index 1"]);
    assert_eq!(from_base64(lines[2]).unwrap(), crate::merkle::leaf_hash(&entry(0)).as_bytes());
    assert_eq!(lines[3..6], ["", "office.example/log", "2"]);
    // Without a path: a log of one entry.
    assert!(proof(0, 1).to_text().starts_with("c2sp.org/tlog-proof@v1\nindex 0\n\noffice.example/log\n1\n"));
}

#[test]
fn every_changed_byte_is_found() {
    let text = proof(2, 5).to_text();
    // Of the long signature of ML-DSA every bit and their complement, of all else every value.
    let long = text.rfind('\u{2014}').unwrap();
    let (text, log) = (text.into_bytes(), log().verifier());
    for position in 0..text.len() {
        for change in (1..=255_u8).filter(|c| position < long || c.is_power_of_two() || *c == 255) {
            let mut changed = text.clone();
            changed[position] ^= change;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let verdict = LogProof::from_text(&changed).and_then(|p| p.verify(&entry(2), &log).cloned());
            // The index is covered only through the path, which fixes it.
            assert!(verdict.is_err(), "byte {position} xor {change:#x}");
        }
    }
}

#[test]
fn other_forms_are_refused() {
    let good = proof(1, 4).to_text();
    for (bad, line) in [
        (String::new(), 1),
        (good.replace("@v1", "@v2"), 1),
        (good.replace("index 1\n", "extra AAAA\nindex 1\n"), 2),
        (good.replace("index 1", "index 01"), 2),
        (good.replace("index 1", "index"), 2),
        (good.replace("index 1\n", ""), 2),
        (good.replace("index 1\n", "index 1\nAAAA\n"), 3),
    ] {
        assert_eq!(LogProof::from_text(&bad), Err(LogProofError::Form { line }), "{bad}");
    }
    let hash = to_base64(&[0; 32]) + "\n";
    let long = good.replace("index 1\n", &format!("index 1\n{}", hash.repeat(65)));
    assert_eq!(LogProof::from_text(&long), Err(LogProofError::Form { line: 67 }));
    assert!(matches!(
        LogProof::from_text(&good.replace("\n4\n", "\n04\n")),
        Err(LogProofError::Checkpoint(_))
    ));
}

#[test]
fn no_proof_is_made_of_what_is_not_there() {
    let tree = tree(5);
    let at = |size, root| SignedCheckpoint::sign(size, root, &log()).unwrap();
    let root = tree.root_at(4).unwrap();
    assert!(matches!(LogProof::new(&tree, 4, at(4, root)), Err(LogProofError::Tree(_))));
    assert!(matches!(LogProof::new(&tree, 4, at(6, root)), Err(LogProofError::Tree(_))));
    assert_eq!(LogProof::new(&tree, 3, at(5, root)), Err(LogProofError::Mismatch { index: 3 }));
}

#[test]
fn head_and_checkpoint_in_a_row_are_the_file() {
    for (index, size) in [(0, 1), (2, 5), (32, 33)] {
        let proof = proof(index, size);
        let head = proof.head().to_text();
        assert_eq!(head.clone() + &proof.checkpoint().to_text(), proof.to_text());
        let read = ProofHead::from_text(&head).unwrap();
        assert!(read.leads(&entry(index), proof.checkpoint().unverified()));
        assert!(!read.leads(&entry(index + 1), proof.checkpoint().unverified()));
        assert_eq!(read.under(proof.checkpoint().clone()), proof);
    }
    let head = proof(2, 5).head().to_text();
    for bad in [head.clone() + "\n", head.trim_end().to_owned(), head.replace("\n\n", "\n"), head.repeat(2)] {
        assert!(matches!(ProofHead::from_text(&bad), Err(LogProofError::Form { .. })), "{bad}");
    }
    assert_eq!(ProofHead::from_text(&"x".repeat(5_000)), Err(LogProofError::Form { line: 1 }));
}
