//! Our Merkle tree and proofs against those of `ct-merkle`, both ways.

use ct_merkle::digest::array::Array;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use ledger::Digest;
use ledger::merkle::{self, Tree, leaf_hash};
use sha2::Sha256;

const SIZE: u64 = 130;

fn entry(i: u64) -> Vec<u8> {
    format!("entry {i}").into_bytes()
}

fn theirs(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|i| tree.push(entry(i)));
    tree
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(bytes.try_into().unwrap())
}

fn hashes(proof: &[u8]) -> Vec<Digest> {
    proof.chunks(32).map(digest).collect()
}

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

#[test]
fn roots_and_inclusion_proofs_are_the_same_and_hold_in_both() {
    let ours = Tree::of_entries((0..SIZE).map(entry));
    for size in 1..=SIZE {
        let theirs = theirs(size);
        let root = ours.root_at(size).unwrap();
        assert_eq!(digest(theirs.root().as_bytes()), root);
        let their_root = RootHash::<Sha256>::new(Array(*root.as_bytes()), size);
        for index in 0..size {
            let our_proof = ours.inclusion(index, size).unwrap();
            let their_proof = theirs.prove_inclusion(index as usize);
            assert_eq!(hashes(their_proof.as_bytes()), our_proof.hashes, "{index} of {size}");
            let read = InclusionProof::<Sha256>::try_from_bytes(bytes(&our_proof.hashes)).unwrap();
            assert!(their_root.verify_inclusion(&entry(index), index, &read).is_ok());
            let made = merkle::InclusionProof { index, size, hashes: hashes(their_proof.as_bytes()) };
            assert!(made.holds(&leaf_hash(&entry(index)), &root));
            // And both refuse another entry.
            assert!(their_root.verify_inclusion(&entry(SIZE), index, &read).is_err());
            assert!(!made.holds(&leaf_hash(&entry(SIZE)), &root));
        }
    }
}

#[test]
fn consistency_proofs_are_the_same_and_hold_in_both() {
    let ours = Tree::of_entries((0..SIZE).map(entry));
    let root_of = |size| RootHash::<Sha256>::new(Array(*ours.root_at(size).unwrap().as_bytes()), size);
    for new in 2..=SIZE {
        let theirs = theirs(new);
        for old in 1..new {
            let our_proof = ours.consistency(old, new).unwrap();
            let their_proof = theirs.prove_consistency((new - old) as usize);
            assert_eq!(hashes(their_proof.as_bytes()), our_proof.hashes, "{old} to {new}");
            let read = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&our_proof.hashes)).unwrap();
            assert!(root_of(new).verify_consistency(&root_of(old), &read).is_ok(), "{old} to {new}");
            let hashes = hashes(their_proof.as_bytes());
            let made = merkle::ConsistencyProof { old, new, hashes };
            assert!(made.holds(&ours.root_at(old).unwrap(), &ours.root_at(new).unwrap()));
        }
    }
}
