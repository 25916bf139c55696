//! The suite that every backend passes. A backend is right when [`conforms`] returns.
//!
//! Written against [`Store`] alone, so that backends cannot drift apart; what only one of them has (files, crashes) is tested
//! beside it.
#![allow(clippy::unwrap_used, reason = "the suite is test code that other crates call")]

use std::collections::BTreeMap;
use std::sync::Mutex;

use ledger::Digest;
use ledger::checkpoint::SignedCheckpoint;
use ledger::log::LogSigner;
use ledger::merkle::Tree;
use ledger::note::KeyName;

use crate::{Store, StoreError};

/// A place that holds one store; it can be opened again, also while it is open.
pub trait Place: Sync {
    /// Opens the store there.
    fn open(&self) -> Box<dyn Store>;
}

/// Runs the suite; `place` gives a new, empty place each time. Panics at the first deviation.
pub fn conforms(place: &mut dyn FnMut() -> Box<dyn Place>) {
    starts_empty(&*place());
    keeps_entries_in_order(&*place());
    refuses_a_stale_writer(&*place());
    keeps_a_batch_whole_or_not_at_all(&*place());
    keeps_a_batch_and_its_checkpoint_together(&*place());
    bounds_entries(&*place());
    keeps_every_checkpoint(&*place());
    refuses_checkpoints_of_other_logs(&*place());
    keeps_blobs_by_digest(&*place());
    serialises_concurrent_writers(&*place());
}

fn signer() -> LogSigner {
    LogSigner::from_seeds(KeyName::new("office.example/log").unwrap(), &[7; 32], &[7; 32]).unwrap()
}

fn entry(i: u64) -> Vec<u8> {
    format!("entry {i}").into_bytes()
}

fn entries(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(entry).collect()
}

/// Signed once for each size: no two signatures of ML-DSA over the same are the same.
fn checkpoint(size: u64) -> SignedCheckpoint {
    static SIGNED: Mutex<BTreeMap<u64, SignedCheckpoint>> = Mutex::new(BTreeMap::new());
    let sign = || SignedCheckpoint::sign(size, Tree::of_entries(entries(0..size)).root(), &signer()).unwrap();
    SIGNED.lock().unwrap().entry(size).or_insert_with(sign).clone()
}

fn starts_empty(place: &dyn Place) {
    let store = place.open();
    assert_eq!(store.size().unwrap(), 0);
    assert_eq!(store.entries(0..0).unwrap(), Vec::<Vec<u8>>::new());
    assert_eq!(store.checkpoints().unwrap(), []);
    assert_eq!(store.newest_checkpoint().unwrap(), None);
    assert_eq!(store.blobs().unwrap(), []);
    assert_eq!(store.blob(&Digest::of(b"x")).unwrap(), None);
}

fn keeps_entries_in_order(place: &dyn Place) {
    let mut store = place.open();
    assert_eq!(store.append(0, &entries(0..3)).unwrap(), 3);
    assert_eq!(store.append(3, &[]).unwrap(), 3);
    assert_eq!(store.append(3, &entries(3..300)).unwrap(), 300);
    drop(store);
    let store = place.open();
    assert_eq!(store.size().unwrap(), 300);
    assert_eq!(store.entries(0..300).unwrap(), entries(0..300));
    assert_eq!(store.entries(2..5).unwrap(), entries(2..5));
    for (start, end) in [(0, 301), (301, 301), (5, 4), (0, u64::MAX)] {
        let refused = store.entries(start..end);
        assert!(matches!(refused, Err(StoreError::RangeBeyond { held: 300, .. })), "{start}..{end}");
    }
}

fn refuses_a_stale_writer(place: &dyn Place) {
    let (mut first, mut second) = (place.open(), place.open());
    first.append(0, &entries(0..2)).unwrap();
    for expected in [0, 1, 3] {
        let refused = second.append(expected, &[b"fork".to_vec()]);
        assert!(matches!(refused, Err(StoreError::Stale { found: 2, .. })));
        assert!(refused.unwrap_err().retryable());
    }
    assert_eq!(second.append(2, &entries(2..3)).unwrap(), 3);
    assert_eq!(first.entries(0..3).unwrap(), entries(0..3));
    // The first learns of the second's entry when it keeps a checkpoint over it.
    first.put_checkpoint(&checkpoint(3)).unwrap();
    assert_eq!(second.newest_checkpoint().unwrap(), Some(checkpoint(3)));
}

fn keeps_a_batch_whole_or_not_at_all(place: &dyn Place) {
    let mut store = place.open();
    let mut batch = entries(0..4);
    batch.push(vec![0; 65_536]);
    let refused = store.append(0, &batch);
    assert!(matches!(refused, Err(StoreError::EntryTooLong { position: 4, found: 65_536 })));
    assert_eq!(store.size().unwrap(), 0);
    assert_eq!(store.append(0, &batch[..4]).unwrap(), 4);
}

fn keeps_a_batch_and_its_checkpoint_together(place: &dyn Place) {
    let (mut store, mut other) = (place.open(), place.open());
    let kept = |store: &dyn Store| (store.size().unwrap(), store.checkpoints().unwrap());
    assert_eq!(store.append_with_checkpoint(0, &entries(0..4), &checkpoint(4)).unwrap(), 4);
    assert_eq!(kept(&*store), (4, vec![checkpoint(4)]));
    let long = [entry(4), vec![0; 65_536]];
    let refused = store.append_with_checkpoint(4, &long, &checkpoint(5));
    assert!(matches!(refused, Err(StoreError::EntryTooLong { position: 1, .. })));
    let refused = store.append_with_checkpoint(3, &entries(3..6), &checkpoint(6));
    assert!(matches!(refused, Err(StoreError::Stale { expected: 3, found: 4 })));
    let refused = store.append_with_checkpoint(4, &entries(4..6), &checkpoint(7));
    assert!(matches!(refused, Err(StoreError::CheckpointBeyond { size: 7, held: 6 })));
    let refused = store.append_with_checkpoint(4, &[entry(4), entry(6)], &checkpoint(6));
    assert!(matches!(refused, Err(StoreError::CheckpointFork { size: 6 })));
    for open in [&*store, &*other, &*place.open()] {
        assert_eq!(kept(open), (4, vec![checkpoint(4)]));
    }
    // Nothing of the refused batches is left in either writer's mind, and each goes on after the other.
    assert_eq!(other.append_with_checkpoint(4, &entries(4..300), &checkpoint(300)).unwrap(), 300);
    let stale = store.append_with_checkpoint(4, &[b"fork".to_vec()], &checkpoint(5));
    assert!(matches!(stale, Err(StoreError::Stale { expected: 4, found: 300 })));
    assert_eq!(store.append_with_checkpoint(300, &entries(300..301), &checkpoint(301)).unwrap(), 301);
    assert_eq!(store.append_with_checkpoint(301, &[], &checkpoint(300)).unwrap(), 301);
    assert_eq!(kept(&*place.open()), (301, vec![checkpoint(4), checkpoint(300), checkpoint(301)]));
    assert_eq!(other.entries(0..301).unwrap(), entries(0..301));
}

fn bounds_entries(place: &dyn Place) {
    let mut store = place.open();
    let batch = [Vec::new(), vec![0xff; 65_535], b"\0'\"; DROP TABLE entry; --".to_vec()];
    store.append(0, &batch).unwrap();
    assert_eq!(place.open().entries(0..3).unwrap(), batch);
}

fn keeps_every_checkpoint(place: &dyn Place) {
    let mut store = place.open();
    store.put_checkpoint(&checkpoint(0)).unwrap();
    store.append(0, &entries(0..5)).unwrap();
    // A second signature over the same tree is another checkpoint; the same one again is not.
    let cosigner =
        LogSigner::from_seeds(KeyName::new("other.example/log").unwrap(), &[8; 32], &[8; 32]).unwrap();
    let other = SignedCheckpoint::sign(5, checkpoint(5).unverified().root, &cosigner).unwrap();
    for kept in [&checkpoint(5), &checkpoint(2), &other, &checkpoint(5)] {
        store.put_checkpoint(kept).unwrap();
    }
    drop(store);
    let store = place.open();
    assert_eq!(store.checkpoints().unwrap(), [checkpoint(0), checkpoint(2), checkpoint(5), other.clone()]);
    assert_eq!(store.newest_checkpoint().unwrap(), Some(other));
}

fn refuses_checkpoints_of_other_logs(place: &dyn Place) {
    let mut store = place.open();
    store.append(0, &entries(0..5)).unwrap();
    let refused = store.put_checkpoint(&checkpoint(6));
    assert!(matches!(refused, Err(StoreError::CheckpointBeyond { size: 6, held: 5 })));
    let fork = SignedCheckpoint::sign(4, Digest::of(b"another tree"), &signer()).unwrap();
    assert!(matches!(store.put_checkpoint(&fork), Err(StoreError::CheckpointFork { size: 4 })));
    assert_eq!(store.checkpoints().unwrap(), []);
}

fn keeps_blobs_by_digest(place: &dyn Place) {
    let mut store = place.open();
    let bodies = [Vec::new(), b"sealed".to_vec(), vec![0xa5; 1 << 20]];
    let mut digests: Vec<Digest> = bodies.iter().map(|body| store.put_blob(body).unwrap()).collect();
    assert_eq!(store.put_blob(&bodies[1]).unwrap(), Digest::of(&bodies[1]));
    drop(store);
    let store = place.open();
    for (body, digest) in bodies.iter().zip(&digests) {
        assert_eq!(*digest, Digest::of(body));
        assert_eq!(store.blob(digest).unwrap().as_ref(), Some(body));
    }
    digests.sort_unstable();
    assert_eq!(store.blobs().unwrap(), digests);
    assert_eq!(store.blob(&Digest::of(b"absent")).unwrap(), None);
}

fn serialises_concurrent_writers(place: &dyn Place) {
    const WRITERS: u8 = 3;
    const EACH: u8 = 20;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                let mut store = place.open();
                for number in 0..EACH {
                    loop {
                        let size = store.size().unwrap();
                        match store.append(size, &[vec![writer, number]]) {
                            Ok(_) => break,
                            Err(error) => assert!(error.retryable(), "{error}"),
                        }
                    }
                }
            });
        }
    });
    let store = place.open();
    let all = store.entries(0..u64::from(WRITERS) * u64::from(EACH)).unwrap();
    for writer in 0..WRITERS {
        // Each writer's entries are all there, once, in its order.
        let own: Vec<u8> = all.iter().filter(|entry| entry[0] == writer).map(|entry| entry[1]).collect();
        assert_eq!(own, (0..EACH).collect::<Vec<_>>());
    }
}
