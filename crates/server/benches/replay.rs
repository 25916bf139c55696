//! A whole log verified: entries replayed without and with their signatures, and one inclusion proof checked offline.
//!
//! `cargo bench -p server --bench replay -- [ENTRIES]`. Beside the figures stands what this machine can do at most: bare strict Ed25519
//! verifications on as many threads, in the same run.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    reason = "a benchmark prints its table and stops at a fault"
)]

use std::num::NonZero;
use std::time::{Duration, Instant};

use ledger::act::{Act, ActBody, Code, Counter, Found, Tick, UtcTime};
use ledger::checkpoint::SignedCheckpoint;
use ledger::dsse;
use ledger::merkle::Tree;
use ledger::proof::LogProof;
use ledger::tile;
use ledger::verify::verify_log;
use office::{Command, Replay};
use server::replay::{BATCH, all_threads, replay};

#[path = "../tests/integration/alliance.rs"]
mod alliance;

const MEMBERS: usize = 32;
const ENTRIES: usize = 100_000;
const PROOFS: usize = 1_000;

fn main() {
    let named = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let entries = log(named.unwrap_or(ENTRIES));
    let bytes = entries.iter().map(Vec::len).sum::<usize>() / entries.len();
    println!("{} entries of {bytes} bytes, {} threads", entries.len(), all_threads());
    println!("{:>44} {:>12}", "", "a second");
    line("bare Ed25519 verifications", entries.len(), bare(&entries));
    let (read, rules) = rules(&entries);
    line("entries read, one thread", entries.len(), read);
    line("rules and tree, one thread", entries.len(), rules);
    let shared = read.div_f64(all_threads().get() as f64) + rules;
    line("replay without signatures, all threads", entries.len(), shared);
    for threads in [NonZero::<usize>::MIN, all_threads()] {
        let began = Instant::now();
        replay(&entries, threads, &mut |_| ()).expect("a whole log");
        line(&format!("signatures and rules, {threads} thread(s)"), entries.len(), began.elapsed());
    }
    whole(&entries);
    inclusion(&entries);
}

fn line(name: &str, count: usize, time: Duration) {
    println!("{name:>44} {:>12.0}", count as f64 / time.as_secs_f64());
}

/// A log of deposits by 32 members.
fn log(count: usize) -> Vec<Vec<u8>> {
    let office = alliance::key("OFFICE");
    let at_utc = UtcTime::new("2026-03-01T08:00:00Z").unwrap();
    let founding =
        [ActBody::Found(Found { roster: alliance::roster(MEMBERS) }), ActBody::Tick(Tick { at_utc })];
    let founding = (1..).zip(founding).map(|(counter, body)| {
        Act::new(Code::office(), Counter::new(counter).unwrap(), body).sign(&office).unwrap().to_bytes()
    });
    let deposits = (0..count.saturating_sub(2))
        .map(|number| alliance::deposit(&alliance::member(number % MEMBERS), (number / MEMBERS) as u64 + 1));
    founding.chain(deposits).collect()
}

/// What the signatures alone cost: the same messages, the same keys, nothing else.
fn bare(entries: &[Vec<u8>]) -> Duration {
    let signed: Vec<_> = entries
        .iter()
        .map(|entry| {
            let command = Command::read(entry).unwrap();
            let name = command.claimed().actor.to_string();
            let key = alliance::key(&name).verifying_key();
            let payload = command.claimed().to_bytes().unwrap();
            let message = dsse::message(ledger::act::PAYLOAD_TYPE, &payload);
            let signature = alliance::key(&name).sign(&message);
            (key, message, signature)
        })
        .collect();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for part in signed.chunks(signed.len().div_ceil(all_threads().get())) {
            scope.spawn(move || {
                assert!(part.iter().all(|(key, message, signature)| key.verify(message, signature)))
            });
        }
    });
    began.elapsed()
}

/// Reading, then rules and tree, without signatures, batch by batch as `server::replay` does. Reading is shared among threads, the rules
/// are not.
fn rules(entries: &[Vec<u8>]) -> (Duration, Duration) {
    let (mut read, mut rules) = (Duration::ZERO, Duration::ZERO);
    let mut replay = Replay::default();
    for batch in entries.chunks(BATCH) {
        let began = Instant::now();
        let commands: Vec<Command> = batch.iter().map(|entry| Command::read(entry).unwrap()).collect();
        read += began.elapsed();
        let began = Instant::now();
        let pending: Vec<_> =
            commands.into_iter().map(|command| replay.fold(command).expect("a rule")).collect();
        rules += began.elapsed();
        assert_eq!(pending.len(), batch.len());
    }
    (read, rules)
}

/// From the files: hashes, tiles, signatures, rules.
fn whole(entries: &[Vec<u8>]) {
    let signer = alliance::log();
    let tree = Tree::of_entries(entries);
    let mut files = tile::write_log(0, entries).unwrap();
    let checkpoint = SignedCheckpoint::sign(tree.size(), tree.root(), &signer).unwrap();
    files.insert(tile::CHECKPOINT_PATH.to_owned(), checkpoint.to_text().into_bytes());
    let began = Instant::now();
    let verified = verify_log(&signer.verifier(), &mut |path| files.get(path).cloned()).expect("a whole log");
    let read: Vec<&[u8]> = verified.entries().collect();
    replay(&read, all_threads(), &mut |_| ()).expect("a whole log");
    line("from the files, everything", entries.len(), began.elapsed());
}

fn inclusion(entries: &[Vec<u8>]) {
    let signer = alliance::log();
    let tree = Tree::of_entries(entries);
    let checkpoint = SignedCheckpoint::sign(tree.size(), tree.root(), &signer).unwrap();
    let files: Vec<(usize, String)> = (0..PROOFS)
        .map(|number| number * entries.len() / PROOFS)
        .map(|index| (index, LogProof::new(&tree, index as u64, checkpoint.clone()).unwrap().to_text()))
        .collect();
    let began = Instant::now();
    for (index, file) in &files {
        LogProof::from_text(file).unwrap().verify(&entries[*index], &signer.verifier()).expect("a proof");
    }
    line("inclusion proofs read and checked", PROOFS, began.elapsed());
}
