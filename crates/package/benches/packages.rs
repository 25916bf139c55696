//! What packages cost: 1 GiB as it streams, 10,000 copies of 1 MB, and checking one package offline; beside what the same library does
//! with the same bytes in the same run.
//!
//! `cargo bench -p package --bench packages -- [FOLDER]`; 1 GiB is written into the folder, and with `--write` also the 10,000 packages
//! (10 GB), all of which is removed again. Without `--bench` nothing is measured.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its table and stops at a fault"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest;
use ledger::Digest;
use ledger::act::{ActBody, Ballot, Code, Epoch, RoundNumber};
use ledger::act_key::Signer;
use ledger::key::SigningKey;
use package::content::{FileName, Files, Packed};
use package::seal::CopyRequest;
use package::{Cores, Decision, OpenKey, Sealer, Sink, Source, digest_of, verify, verify_source};

#[path = "../tests/integration/world.rs"]
#[allow(dead_code, reason = "tests use more of it")]
mod world;

use world::{Seeded, World, at, code, content, roster, sign, trust};

const GIB: u64 = 1 << 30;
const MIB: usize = 1 << 20;
const COPIES: u32 = 10_000;
/// What one proposal has room for; copies go round among them.
const RECEIVERS: u32 = 1_000;
const CONSENTS: usize = 32;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let folder = arguments.iter().find(|argument| !argument.starts_with("--"));
    let folder = folder.map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let aes = primitives();
    stream(&folder.join("tearline-bench.tdf"), aes);
    copies(&folder, arguments.iter().any(|argument| argument == "--write"));
    offline();
}

struct Threads;

impl Cores for Threads {
    fn both(&self, one: &mut (dyn FnMut() + Send), other: &mut (dyn FnMut() + Send)) {
        std::thread::scope(|scope| {
            scope.spawn(one);
            other();
        });
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

fn line(what: &str, took: Duration, bytes: u64, aes: Duration) {
    let (seconds, peak) = (took.as_secs_f64(), peak_mib());
    let rate = bytes as f64 / seconds / 1e9;
    println!(
        "{what:<46} {seconds:>8.3} s {rate:>7.2} GB/s {:>6.2} x AES  peak {peak} MiB",
        seconds / aes.as_secs_f64()
    );
}

/// The process's memory high water since the last call.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok());
    // Begins to count anew (proc(5), clear_refs).
    let _ = fs::write("/proc/self/clear_refs", "5");
    peak.unwrap_or(0) / 1024
}

/// AES-256-GCM of 1 GiB in segments of 1 MiB, in place, on one core: what everything else is compared with.
fn primitives() -> Duration {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).unwrap());
    let mut segment = vec![1_u8; MIB];
    let encrypt = |segments: u64, segment: &mut [u8]| {
        for n in 0..segments {
            let mut nonce = [0; 12];
            nonce[..8].copy_from_slice(&n.to_le_bytes());
            let nonce = Nonce::assume_unique_for_key(nonce);
            let _tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), segment).unwrap();
        }
    };
    encrypt(64, &mut segment);
    let ((), aes) = timed(|| encrypt(1024, &mut segment));
    line("AES-256-GCM alone, one core", aes, GIB, aes);
    let ((), both) = timed(|| {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| encrypt(512, &mut vec![1_u8; MIB]));
            }
        });
    });
    line("AES-256-GCM alone, two cores", both, GIB, aes);
    let ((), sha) = timed(|| {
        let mut context = digest::Context::new(&digest::SHA256);
        (0..1024).for_each(|_| context.update(&segment));
        let _digest = context.finish();
    });
    line("SHA-256 alone, one core", sha, GIB, aes);
    let openssl = Command::new("openssl")
        .args(["speed", "-seconds", "2", "-bytes", "1048576", "-evp", "aes-256-gcm"])
        .output();
    match openssl {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let figures = text.lines().rev().find(|line| line.to_ascii_lowercase().contains("gcm"));
            println!("openssl speed, 1 MiB blocks: {}", figures.unwrap_or("no figure").trim());
        }
        Err(_) => println!("openssl is not here"),
    }
    aes
}

/// One file of 1 GiB that nobody stores.
struct Large;

impl Files for Large {
    fn open(&self, _name: &FileName) -> io::Result<Box<dyn Read + Send + '_>> {
        struct Bytes(u64);
        impl Read for Bytes {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let here = usize::try_from(self.0).map_or(out.len(), |left| left.min(out.len()));
                out[..here].fill(7);
                self.0 -= here as u64;
                Ok(here)
            }
        }
        Ok(Box::new(Bytes(GIB)))
    }
}

struct OnDisk(File, u64);

impl Source for OnDisk {
    fn bytes(&self) -> u64 {
        self.1
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(out, offset)
    }
}

struct Nowhere;

impl Sink for Nowhere {
    fn begin(&mut self, _name: &FileName, _bytes: u64) -> io::Result<()> {
        Ok(())
    }

    fn write(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

fn stream(path: &Path, aes: Duration) {
    let world = World::new();
    let packed = || Packed::new(vec![FileName::new("document.bin").unwrap()], &Large).unwrap();
    let mut draft = world.draft();
    draft.release = digest_of(&mut packed()).unwrap();
    let decision = world::decision(world.logged(&world.agreed(&world.propose_with(draft))));
    let sealer = Sealer::new(&decision, &world.seal, &world.trust).unwrap();
    peak_mib();
    let mut plain = packed();
    let (_, took) =
        timed(|| sealer.group(&mut plain, &mut io::sink(), &Threads, &mut Seeded::new(1)).unwrap());
    line("seal 1 GiB, to nowhere", took, GIB, aes);
    let mut plain = packed();
    let mut file = io::BufWriter::with_capacity(MIB, File::create(path).unwrap());
    let (group, took) = timed(|| sealer.group(&mut plain, &mut file, &Threads, &mut Seeded::new(2)).unwrap());
    line("seal 1 GiB, to a file", took, GIB, aes);
    let receiver = code("ACME");
    let (receiver_key, sealed_utc) = (world.company.public(), at("2026-11-23T09:00:00Z"));
    let request = CopyRequest { receiver: &receiver, receiver_key, copy: 1, sealed_utc, service: None };
    file.write_all(&sealer.copy(&group, &request, &mut Seeded::new(3)).unwrap().tail).unwrap();
    file.flush().unwrap();
    drop(file);
    let source = || {
        let file = File::open(path).unwrap();
        let bytes = file.metadata().unwrap().len();
        Box::new(OnDisk(file, bytes))
    };
    let (verified, took) = timed(|| verify_source(source(), &world.trust, &Threads).unwrap().unwrap());
    line("verify 1 GiB, without any key", took, GIB, aes);
    let (_, took) = timed(|| verified.open_into(&world.company, Nowhere, &Threads).unwrap());
    line("open 1 GiB, after verifying", took, GIB, aes);
    fs::remove_file(path).unwrap();
}

fn copies(folder: &Path, write: bool) {
    let world = World::with_content(content(&[("release.bin", &vec![7; 1_000_000])]));
    let receivers = (0..RECEIVERS).map(|n| code(&format!("R{n:04}"))).collect::<Vec<_>>();
    let mut draft = world.draft();
    draft.audience = BTreeSet::from_iter(receivers.iter().cloned());
    // US consented beforehand to fewer receivers: without its figures it is not asked.
    draft.originators.remove(&code("US"));
    let mut logged = world.logged(&world.agreed(&world.propose_with(draft)));
    logged.remove(world::US);
    let decision = Decision::new(logged.remove(0), logged).unwrap();
    let keys = (0..100).map(|n| OpenKey::generate(&mut Seeded::new(1_000 + n)).unwrap()).collect::<Vec<_>>();
    let place = folder.join("tearline-bench-copies");
    if write {
        fs::create_dir_all(&place).unwrap();
    }
    let sealer = Sealer::new(&decision, &world.seal, &world.trust).unwrap();
    let ((), took) = timed(|| {
        let mut prefix = Vec::new();
        let plain = world.content.to_bytes().unwrap();
        let group = sealer.group(&mut plain.as_slice(), &mut prefix, &Threads, &mut Seeded::new(1)).unwrap();
        let (sealer, group, prefix, place) = (&sealer, &group, &prefix, &place);
        let (receivers, keys) = (&receivers, &keys);
        let half = |from: u32| {
            move || {
                let mut seeded = Seeded::new(u64::from(from) + 10);
                for copy in (from..=COPIES).step_by(2) {
                    let receiver = &receivers[(copy % RECEIVERS) as usize];
                    let receiver_key = keys[copy as usize % keys.len()].public();
                    let sealed_utc = at("2026-11-23T09:00:00Z");
                    let request = CopyRequest { receiver, receiver_key, copy, sealed_utc, service: None };
                    let made = sealer.copy(group, &request, &mut seeded).unwrap();
                    if write {
                        let mut file = File::create(place.join(format!("{receiver}-{copy}.tdf"))).unwrap();
                        file.write_all(prefix).unwrap();
                        file.write_all(&made.tail).unwrap();
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(half(1));
            scope.spawn(half(2));
        });
        if write {
            Command::new("sync").arg("-f").arg(place).status().unwrap();
        }
    });
    let what = if write { "written and synchronised" } else { "not written" };
    println!(
        "{COPIES} copies of 1 MB, pq, two cores, {what}: {:.1} s, peak {} MiB",
        took.as_secs_f64(),
        peak_mib()
    );
    if write {
        fs::remove_dir_all(&place).unwrap();
    }
}

/// A release of 32 allies who all consented in the round.
fn offline() {
    let mut world = World::new();
    let mut seeded = Seeded::new(77);
    let mut key = || vec![Box::new(SigningKey::generate(&mut seeded)) as Box<dyn Signer>];
    world.members = BTreeMap::from_iter((0..CONSENTS).map(|n| (code(&format!("M{n:02}")), key())));
    let rosters = vec![roster(Epoch::FIRST, [&world.office, &world.clock], &world.members)];
    let policy = world.trust.witnesses().clone();
    world.trust = trust(world.trust.kind(), &world.seal, &world.log, rosters, policy);
    let proposal = sign(&world.office, &Code::office(), ActBody::Propose(world.propose()));
    let ballot =
        Ballot { proposal: proposal.digest(), round: RoundNumber::FIRST, roster_epoch: Epoch::FIRST };
    let mut envelopes = vec![proposal];
    envelopes.extend(
        world.members.iter().map(|(code, keys)| sign(keys[0].as_ref(), code, ActBody::Approve(ballot))),
    );
    let mut logged = world.logged(&envelopes);
    let package = world.seal(&Decision::new(logged.remove(0), logged).unwrap()).unwrap();
    assert_eq!(Digest::of(&package.bytes), package.digest);
    let mut took =
        (0..21).map(|_| timed(|| verify(&package.bytes, &world.trust).unwrap()).1).collect::<Vec<_>>();
    took.sort();
    let milliseconds = |took: Duration| took.as_secs_f64() * 1e3;
    println!(
        "verify offline, {CONSENTS} consents, {} witnesses' keys, {} bytes: median {:.1} ms, worst {:.1} ms",
        4,
        package.bytes.len(),
        milliseconds(took[took.len() / 2]),
        milliseconds(took[took.len() - 1]),
    );
}
