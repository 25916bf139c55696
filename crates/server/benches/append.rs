//! Durable signed acts a second: one, eight and 64 clients handing in deposits, each waiting for its answer.
//!
//! Beside them, from the same run and folder, what the machine's disk can do: 4 KiB written and synced, one after the other.
//! `cargo bench -p server --bench append -- [FOLDER]`; the folder should lie on the disk in question (default: the target folder).

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its table and stops at a fault"
)]

use std::io::{Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ledger::Digest;
use ledger::checkpoint::SignedCheckpoint;
use server::journal::Journal;
use server::sequencer::Sequencer;
use store::{SqliteStore, Store, StoreError};

#[path = "../tests/integration/alliance.rs"]
mod alliance;

/// Members on the roster; one for each client where there are more of those, for a member's counter rises act by act.
const MEMBERS: usize = 32;
const SYNCS: usize = 300;

/// What a sync costs on an ordinary disk behind a controller without a battery.
const SLOW_SYNC: Duration = Duration::from_millis(7);

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = folder.map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let place = tempfile::TempDir::new_in(&folder).expect("a folder to write in");
    println!("{:>26} {:>9} {:>9} {:>9} {:>9}", "", "a second", "p50 ms", "p99 ms", "max ms");
    line("4 KiB written and synced", syncs(place.path()));
    for (clients, acts) in [(1, 400), (8, 2_000), (64, 40_000)] {
        let path = place.path().join(format!("{clients}.sqlite"));
        let store = SqliteStore::open(&path).expect("a store");
        line(&format!("acts, {clients} clients"), appends(store, clients, acts));
    }
    line("4 KiB written and synced", syncs(place.path()));
    println!("with {SLOW_SYNC:?} added to each commit, as a disk of that speed would");
    for (clients, acts) in [(1, 100), (8, 800), (64, 20_000)] {
        let path = place.path().join(format!("{clients}-slow.sqlite"));
        let store = Slow(SqliteStore::open(&path).expect("a store"));
        line(&format!("acts, {clients} clients"), appends(store, clients, acts));
    }
}

/// Latencies, sorted, and the time in which they all fell.
type Measured = (Vec<Duration>, Duration);

fn line(name: &str, (latencies, total): Measured) {
    let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let rate = latencies.len() as f64 / total.as_secs_f64();
    println!("{name:>26} {rate:>9.0} {:>9.2} {:>9.2} {:>9.2}", at(50), at(99), at(100));
}

/// One writer of a file that is there already, as a write-ahead log is once it has grown.
fn syncs(folder: &Path) -> Measured {
    let mut file = std::fs::File::create(folder.join("synced")).expect("a file");
    file.write_all(&vec![0; 4096 * SYNCS]).expect("space");
    file.sync_all().expect("a sync");
    file.seek(SeekFrom::Start(0)).expect("the start");
    let began = Instant::now();
    let mut latencies: Vec<_> = (0..SYNCS)
        .map(|i| {
            let at = Instant::now();
            file.write_all(&[i as u8; 4096]).expect("space");
            file.sync_data().expect("a sync");
            at.elapsed()
        })
        .collect();
    let total = began.elapsed();
    latencies.sort_unstable();
    (latencies, total)
}

/// What a client hands in, signed before the clock starts.
fn deposits(client: usize, acts: usize) -> Vec<Vec<u8>> {
    (1..=acts).map(|number| alliance::deposit(&alliance::member(client), number as u64)).collect()
}

fn founded<S: Store>(store: S, members: usize) -> Journal<S> {
    let mut journal = alliance::journal(store);
    alliance::found(&mut journal, members);
    journal
}

fn appends<S: Store + 'static>(store: S, clients: usize, acts: usize) -> Measured {
    let sequencer = Sequencer::start(founded(store, clients.max(MEMBERS))).expect("a thread");
    let handed_in: Vec<_> = (0..clients).map(|client| deposits(client, acts / clients)).collect();
    let began = Instant::now();
    let mut latencies: Vec<Duration> = std::thread::scope(|scope| {
        let running: Vec<_> = handed_in
            .iter()
            .map(|entries| {
                let submitter = sequencer.submitter();
                scope.spawn(move || {
                    let timed = |entry: &Vec<u8>| {
                        let at = Instant::now();
                        submitter.submit(entry).expect("logged");
                        at.elapsed()
                    };
                    entries.iter().map(timed).collect::<Vec<_>>()
                })
            })
            .collect();
        running.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    });
    let total = began.elapsed();
    let journal = sequencer.stop().expect("the journal");
    assert_eq!(journal.tree().size(), 2 + latencies.len() as u64, "every act was logged");
    latencies.sort_unstable();
    (latencies, total)
}

/// A store whose commits take [`SLOW_SYNC`] longer.
struct Slow(SqliteStore);

impl Store for Slow {
    fn append(&mut self, expected_size: u64, entries: &[Vec<u8>]) -> Result<u64, StoreError> {
        std::thread::sleep(SLOW_SYNC);
        self.0.append(expected_size, entries)
    }

    fn append_with_checkpoint(
        &mut self,
        expected_size: u64,
        entries: &[Vec<u8>],
        checkpoint: &SignedCheckpoint,
    ) -> Result<u64, StoreError> {
        std::thread::sleep(SLOW_SYNC);
        self.0.append_with_checkpoint(expected_size, entries, checkpoint)
    }

    fn size(&self) -> Result<u64, StoreError> {
        self.0.size()
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, StoreError> {
        self.0.entries(range)
    }

    fn put_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
        std::thread::sleep(SLOW_SYNC);
        self.0.put_checkpoint(checkpoint)
    }

    fn checkpoints(&self) -> Result<Vec<SignedCheckpoint>, StoreError> {
        self.0.checkpoints()
    }

    fn newest_checkpoint(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        self.0.newest_checkpoint()
    }

    fn put_blob(&mut self, sealed: &[u8]) -> Result<Digest, StoreError> {
        self.0.put_blob(sealed)
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.blob(digest)
    }

    fn blobs(&self) -> Result<Vec<Digest>, StoreError> {
        self.0.blobs()
    }
}
