//! RFC 6962 vectors, the recursive definition as the oracle for every size to 300, and proofs that must not hold.

use proptest::prelude::*;

use super::*;

/// The entries of the Certificate Transparency reference tests (google/certificate-transparency, `merkle_tree_test.cc`).
const ENTRIES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Their roots, for sizes 1 to 8 (same source).
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn leaves(n: u64) -> Vec<Digest> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// MTH of RFC 6962 section 2.1, as it is written there.
fn mth(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let k = (leaves.len() - 1).ilog2();
            let (left, right) = leaves.split_at(1 << k);
            node_hash(&mth(left), &mth(right))
        }
    }
}

/// PATH of RFC 6962 section 2.1.1, as it is written there.
fn path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
    let (mut inner, sibling) =
        if m < left.len() { (path(m, left), mth(right)) } else { (path(m - left.len(), right), mth(left)) };
    inner.push(sibling);
    inner
}

/// SUBPROOF of RFC 6962 section 2.1.2, as it is written there.
fn subproof(m: usize, leaves: &[Digest], own_root_known: bool) -> Vec<Digest> {
    if m == leaves.len() {
        return if own_root_known { Vec::new() } else { vec![mth(leaves)] };
    }
    let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
    let (mut inner, other) = if m <= left.len() {
        (subproof(m, left, own_root_known), mth(right))
    } else {
        (subproof(m - left.len(), right, false), mth(left))
    };
    inner.push(other);
    inner
}

#[test]
fn reference_roots_hold() {
    assert_eq!(
        Tree::new().root().to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    let tree = Tree::of_entries(ENTRIES.iter().map(|entry| hex::decode(entry).unwrap()));
    for (i, root) in ROOTS.iter().enumerate() {
        assert_eq!(tree.root_at(i as u64 + 1).unwrap().to_string(), *root);
    }
}

#[test]
fn reference_proofs_hold() {
    // Same source: the paths of (index 1, size 8), numbered from 1 there, and of (6, 8); consistency of 6 and 8.
    let tree = Tree::of_entries(ENTRIES.iter().map(|entry| hex::decode(entry).unwrap()));
    let text = |hashes: &[Digest]| hashes.iter().map(Digest::to_string).collect::<Vec<_>>();
    assert_eq!(
        text(&tree.inclusion(0, 8).unwrap().hashes),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        text(&tree.inclusion(5, 8).unwrap().hashes),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        text(&tree.consistency(6, 8).unwrap().hashes),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert!(tree.consistency(8, 8).unwrap().hashes.is_empty());
}

#[test]
fn every_inclusion_proof_to_size_300_holds_and_fits_the_definition() {
    let leaves = leaves(300);
    let tree: Tree = leaves.iter().copied().collect();
    for size in 1..=300u64 {
        let held = &leaves[..size as usize];
        let root = tree.root_at(size).unwrap();
        assert_eq!(root, mth(held));
        for index in 0..size {
            let proof = tree.inclusion(index, size).unwrap();
            assert!(proof.holds(&leaves[index as usize], &root), "{index} of {size}");
            // The definition costs a whole tree a proof, so it judges a third of them.
            if (index + size) % 3 == 0 {
                assert_eq!(proof.hashes, path(index as usize, held), "{index} of {size}");
            }
        }
    }
}

#[test]
fn every_consistency_proof_to_size_300_holds_and_fits_the_definition() {
    let leaves = leaves(300);
    let tree: Tree = leaves.iter().copied().collect();
    let roots: Vec<Digest> = (0..=300).map(|size| tree.root_at(size).unwrap()).collect();
    for new in 0..=300u64 {
        for old in 0..=new {
            let proof = tree.consistency(old, new).unwrap();
            assert!(proof.holds(&roots[old as usize], &roots[new as usize]), "{old} to {new}");
            if old > 0 && (old + new) % 3 == 0 {
                assert_eq!(
                    proof.hashes,
                    subproof(old as usize, &leaves[..new as usize], true),
                    "{old} to {new}"
                );
            }
        }
    }
}

#[test]
fn a_proof_holds_for_nothing_else() {
    let leaves = leaves(40);
    let tree: Tree = leaves.iter().copied().collect();
    for size in 1..=40u64 {
        let root = tree.root_at(size).unwrap();
        for index in 0..size {
            let proof = tree.inclusion(index, size).unwrap();
            for other in (0..size).filter(|other| *other != index) {
                assert!(!proof.holds(&leaves[other as usize], &root));
                assert!(
                    !InclusionProof { index: other, ..proof.clone() }.holds(&leaves[index as usize], &root)
                );
            }
            for shape in spoilt(&proof.hashes) {
                let changed = InclusionProof { hashes: shape, ..proof.clone() };
                assert!(!changed.holds(&leaves[index as usize], &root));
            }
        }
    }
}

#[test]
fn a_consistency_proof_holds_for_nothing_else() {
    let tree: Tree = leaves(40).into_iter().collect();
    for new in 1..=40u64 {
        let new_root = tree.root_at(new).unwrap();
        for old in 1..new {
            let old_root = tree.root_at(old).unwrap();
            let proof = tree.consistency(old, new).unwrap();
            assert!(!proof.holds(&new_root, &old_root));
            assert!(!proof.holds(&old_root, &leaf_hash(b"other")));
            assert!(!proof.holds(&leaf_hash(b"other"), &new_root));
            for shape in spoilt(&proof.hashes) {
                assert!(!ConsistencyProof { hashes: shape, ..proof.clone() }.holds(&old_root, &new_root));
            }
        }
    }
    let proof = ConsistencyProof { old: 0, new: 0, hashes: Vec::new() };
    assert!(proof.holds(&empty_root(), &empty_root()));
    assert!(!proof.holds(&leaf_hash(b"x"), &leaf_hash(b"x")));
    assert!(!ConsistencyProof { old: 2, new: 1, hashes: Vec::new() }.holds(&empty_root(), &empty_root()));
}

#[test]
fn a_tree_put_together_is_the_tree_pushed_leaf_by_leaf() {
    let leaves = leaves(600);
    for (first, second) in
        [(0, 0), (0, 1), (0, 256), (1, 0), (256, 256), (255, 256), (256, 255), (3, 2), (512, 64), (64, 512)]
    {
        let whole: Tree = leaves[..first + second].iter().copied().collect();
        let mut joined: Tree = leaves[..first].iter().copied().collect();
        joined.append(&leaves[first..first + second].iter().copied().collect());
        assert_eq!(joined, whole, "{first} and {second}");
    }
}

/// The list shortened, lengthened, and with each hash changed.
fn spoilt(hashes: &[Digest]) -> Vec<Vec<Digest>> {
    let mut shapes = vec![[hashes, &[leaf_hash(b"more")]].concat()];
    if let Some((_, shorter)) = hashes.split_last() {
        shapes.push(shorter.to_vec());
    }
    for i in 0..hashes.len() {
        let mut changed = hashes.to_vec();
        changed[i] = leaf_hash(b"other");
        shapes.push(changed);
    }
    shapes
}

#[test]
fn impossible_questions_are_refused() {
    let tree: Tree = leaves(3).into_iter().collect();
    assert_eq!(tree.root_at(4), Err(MerkleError::SizeBeyond { size: 4, held: 3 }));
    assert_eq!(tree.inclusion(2, 2), Err(MerkleError::IndexBeyond { index: 2, size: 2 }));
    assert_eq!(tree.inclusion(0, 4), Err(MerkleError::SizeBeyond { size: 4, held: 3 }));
    assert_eq!(tree.consistency(3, 2), Err(MerkleError::Shrinks { old: 3, new: 2 }));
    assert_eq!(tree.leaf(3), None);
    assert_eq!(tree.subtree(1, 1), None);
}

proptest! {
    #[test]
    fn hostile_proofs_are_judged_without_a_panic(
        index in any::<u64>(), size in any::<u64>(), count in 0usize..70,
    ) {
        let hashes = vec![leaf_hash(b"x"); count];
        let root = leaf_hash(b"root");
        let inclusion = InclusionProof { index, size, hashes: hashes.clone() };
        prop_assert!(!inclusion.holds(&root, &empty_root()));
        let consistency = ConsistencyProof { old: index, new: size, hashes };
        prop_assert!(!consistency.holds(&root, &leaf_hash(b"y")));
    }

    #[test]
    fn a_tree_remembers_its_past(sizes in prop::collection::vec(0u64..2_000, 2)) {
        let tree: Tree = leaves(2_000).into_iter().collect();
        let (old, new) = (sizes[0].min(sizes[1]), sizes[0].max(sizes[1]));
        let past: Tree = leaves(old).into_iter().collect();
        prop_assert_eq!(past.root(), tree.root_at(old).unwrap());
        let proof = tree.consistency(old, new).unwrap();
        prop_assert!(proof.holds(&past.root(), &tree.root_at(new).unwrap()));
    }
}

#[test]
fn leaves_taken_back_were_never_there() {
    let leaves = leaves(70);
    for kept in 0..=70 {
        let mut tree: Tree = leaves.iter().copied().collect();
        tree.truncate(kept);
        assert_eq!(tree, leaves.iter().copied().take(kept as usize).collect());
        tree.truncate(u64::MAX);
        assert_eq!(tree.size(), kept);
        // And it grows again as if nothing had happened.
        tree.extend(leaves.iter().copied().skip(kept as usize));
        assert_eq!(tree, leaves.iter().copied().collect());
    }
}
