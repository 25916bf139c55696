//! Verifying a log of 20,000 entries of 600 bytes on one core: hashing, tree, tiles, signatures.
//!
//! `cargo bench -p ledger --bench verify`. Throughput is in entries.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at a fault")]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ledger::checkpoint::SignedCheckpoint;
use ledger::log::LogSigner;
use ledger::merkle::{Tree, leaf_hash};
use ledger::note::KeyName;
use ledger::tile::{self, CHECKPOINT_PATH};
use ledger::verify::{Bundle, LogVerification, verify_log};

const ENTRIES: u64 = 20_000;
const ENTRY_BYTES: usize = 600;

fn entries() -> Vec<Vec<u8>> {
    (0..ENTRIES).map(|i| i.to_be_bytes().into_iter().cycle().take(ENTRY_BYTES).collect()).collect()
}

fn benches(criterion: &mut Criterion) {
    let (entries, log) =
        (entries(), LogSigner::from_seeds(KeyName::new("office.example/log").unwrap(), &[1; 32], &[2; 32]));
    let log = log.unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = tile::write_log(0, &entries).unwrap();
    let root = Tree::of_entries(&entries).root();
    let checkpoint = SignedCheckpoint::sign(ENTRIES, root, &log).unwrap();
    files.insert(CHECKPOINT_PATH.to_owned(), checkpoint.to_text().into_bytes());
    let verifier = log.verifier();

    let mut group = criterion.benchmark_group("log");
    group.throughput(Throughput::Elements(ENTRIES)).sample_size(20);
    group.bench_function("leaf hashes", |bencher| {
        bencher.iter(|| {
            for entry in &entries {
                black_box(leaf_hash(entry));
            }
        });
    });
    group.bench_function("leaf hashes and tree", |bencher| {
        bencher.iter(|| black_box(Tree::of_entries(&entries)).root());
    });
    group.bench_function("verify_log", |bencher| {
        bencher.iter(|| verify_log(&verifier, &mut |path| files.get(path).cloned()).unwrap());
    });
    // What remains for one thread when others check the bundles.
    let begin = || LogVerification::begin(&verifier, &files[CHECKPOINT_PATH]).unwrap();
    let bundles: Vec<Bundle> = begin()
        .places()
        .map(|place| {
            let file = |path: tile::TilePath| files[&path.to_string()].clone();
            Bundle::check(place, file(place.bundle), &file(place.tile)).unwrap()
        })
        .collect();
    group.bench_function("adding checked bundles", |bencher| {
        let add = |bundles: Vec<Bundle>| {
            let mut verification = begin();
            bundles.into_iter().for_each(|bundle| verification.add(bundle).unwrap());
            verification.finish(&mut |path| files.get(path).cloned()).unwrap()
        };
        bencher.iter_batched(|| bundles.clone(), add, BatchSize::LargeInput);
    });
    group.finish();

    let mut group = criterion.benchmark_group("checkpoint");
    group.bench_function("sign twice", |bencher| {
        bencher.iter(|| SignedCheckpoint::sign(ENTRIES, root, &log).unwrap());
    });
    group.bench_function("verify both", |bencher| {
        bencher.iter(|| black_box(&checkpoint).verify(&verifier).unwrap().size);
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
