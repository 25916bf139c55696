//! Many copies of one encryption, contents that stream, copies with marks.

use std::{
    io::{self, Read},
    sync::atomic::{AtomicUsize, Ordering},
};

use ledger::Digest;
use package::{
    Content, Cores, InTurn, OpenError, Sealer, Sink, Source,
    content::{FileName, Files, Packed},
    digest_of,
    fingerprint::{FingerprintKey, Fingerprints, neutral},
    seal::{CopyRequest, SealError},
    verify, verify_source,
};

use crate::world::{Seeded, World, at, code, content};

fn request<'a>(world: &'a World, receiver: &'a ledger::act::Code, copy: u32) -> CopyRequest<'a> {
    let receiver_key = world.company.public();
    CopyRequest { receiver, receiver_key, copy, sealed_utc: at("2026-11-23T09:00:00Z"), service: None }
}

fn large() -> World {
    let large = (0..9_500_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>();
    World::with_content(content(&[("a.txt", b""), ("b/large.bin", &large), ("c.txt", b"small")]))
}

/// Both halves on threads of their own, so that a dependence between them would show.
struct Threads;

impl Cores for Threads {
    fn both(&self, one: &mut (dyn FnMut() + Send), other: &mut (dyn FnMut() + Send)) {
        std::thread::scope(|scope| {
            scope.spawn(one);
            scope.spawn(other);
        });
    }
}

#[test]
fn copies_share_their_prefix_and_nothing_behind_it() {
    let world = World::new();
    let decision = world.decision();
    let sealer = Sealer::new(&decision, &world.seal, &world.trust).unwrap();
    let mut prefix = Vec::new();
    let plain = world.content.to_bytes().unwrap();
    let group = sealer.group(&mut plain.as_slice(), &mut prefix, &InTurn, &mut Seeded::new(1)).unwrap();
    assert_eq!(group.prefix_bytes(), prefix.len() as u64);
    let receivers = [code("ACME"), code("BOLT")];
    let copies = [1, 2].map(|n| {
        let request = request(&world, &receivers[n - 1], n as u32);
        sealer.copy(&group, &request, &mut Seeded::new(10 + n as u64)).unwrap()
    });
    assert_ne!(copies[0].package, copies[1].package);
    for (copy, receiver) in copies.iter().zip(&receivers) {
        let package = [prefix.as_slice(), &copy.tail].concat();
        assert_eq!(Digest::of(&package), copy.digest);
        let verified = verify(&package, &world.trust).unwrap();
        assert_eq!(&verified.statement().receiver, receiver);
        assert_eq!(verified.open(&world.company).unwrap().content(), &world.content);
    }
    let stranger = code("CORE");
    let refused = sealer.copy(&group, &request(&world, &stranger, 3), &mut Seeded::new(20));
    assert_eq!(refused, Err(SealError::OtherReceiver { receiver: stranger.clone() }));
    let refused = sealer.group(&mut &plain[1..], &mut io::sink(), &InTurn, &mut Seeded::new(1));
    assert!(matches!(refused, Err(SealError::OtherContent { .. })));
}

#[test]
fn the_number_of_cores_changes_no_byte() {
    let world = large();
    let decision = world.decision();
    let sealer = Sealer::new(&decision, &world.seal, &world.trust).unwrap();
    let plain = world.content.to_bytes().unwrap();
    let seal = |cores: &dyn Cores| {
        let mut prefix = Vec::new();
        sealer.group(&mut plain.as_slice(), &mut prefix, cores, &mut Seeded::new(1)).unwrap();
        prefix
    };
    assert_eq!(seal(&InTurn), seal(&Threads));
}

/// Files in memory, given a few bytes at a time.
struct Drops<'a>(&'a Content);

impl Files for Drops<'_> {
    fn open(&self, name: &FileName) -> io::Result<Box<dyn Read + Send + '_>> {
        struct Few<'a>(&'a [u8]);
        impl Read for Few<'_> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let most = out.len().min(65_537);
                self.0.read(&mut out[..most])
            }
        }
        Ok(Box::new(Few(&self.0.files()[name])))
    }
}

#[test]
fn a_packed_content_is_the_same_bytes() {
    for world in [World::new(), large()] {
        let files = Drops(&world.content);
        let names = world.content.files().keys().rev().cloned().collect::<Vec<_>>();
        let mut packed = Packed::new(names.clone(), &files).unwrap();
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes).unwrap();
        assert!(bytes == world.content.to_bytes().unwrap());
        assert_eq!(packed.size_bytes(), bytes.len() as u64);
        let digest = digest_of(&mut Packed::new(names, &files).unwrap()).unwrap();
        assert_eq!(digest, world.content.digest().unwrap());
    }
    let files = Drops(&World::new().content.clone());
    assert!(Packed::new(Vec::new(), &Drops(files.0)).is_err());
}

/// What a sink was given, and whether it was dropped.
struct Kept<'a> {
    names: Vec<(String, u64)>,
    bytes: usize,
    dropped: &'a AtomicUsize,
}

impl Sink for Kept<'_> {
    fn begin(&mut self, name: &FileName, bytes: u64) -> io::Result<()> {
        self.names.push((name.as_str().to_owned(), bytes));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len();
        Ok(())
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// A package whose bytes are others when they are read again.
struct Shifting<'a> {
    bytes: &'a [u8],
    at: u64,
    reads: AtomicUsize,
}

impl Source for Shifting<'_> {
    fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        Source::read_at(&self.bytes, offset, out)?;
        let within = self.at.checked_sub(offset).and_then(|at| out.get_mut(at as usize));
        // The first whole pass, and what reads a few bytes of it, see the package as it was sealed.
        match within {
            Some(byte) if out_of_first_pass(&self.reads) => *byte ^= 1,
            _ => {}
        }
        Ok(())
    }
}

fn out_of_first_pass(reads: &AtomicUsize) -> bool {
    reads.fetch_add(1, Ordering::SeqCst) > 0
}

#[test]
fn a_sink_comes_back_only_when_all_of_it_holds() {
    let world = large();
    let package = world.package();
    let dropped = AtomicUsize::new(0);
    let kept = || Kept { names: Vec::new(), bytes: 0, dropped: &dropped };
    let verified = verify_source(Box::new(package.as_slice()), &world.trust, &Threads).unwrap().unwrap();
    let sink = verified.open_into(&world.company, kept(), &Threads).unwrap();
    let names =
        [("a.txt", 0), ("b/large.bin", 9_500_000), ("c.txt", 5)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(sink.names, names);
    assert_eq!((sink.bytes, dropped.load(Ordering::SeqCst)), (9_500_005, 0));
    drop(sink);
    // Somebody changes the file between verifying and opening: in the fifth segment of the payload.
    let shifting = Shifting { bytes: &package, at: 39 + 4 * 1_048_604, reads: AtomicUsize::new(0) };
    let verified = verify_source(Box::new(shifting), &world.trust, &InTurn).unwrap().unwrap();
    let refused = verified.open_into(&world.company, kept(), &InTurn).err();
    assert_eq!(refused, Some(OpenError::Segment { number: 5 }));
    assert_eq!(dropped.load(Ordering::SeqCst), 2, "it was dropped with what it had been given");
}

/// A drawn form that can carry marks, and a file that cannot.
fn drawn() -> Content {
    let gaps = ["+0.00"; 64].join(" ");
    let form = format!(
        "<!DOCTYPE html><!-- tearline-form/1 --><b class=\"copy\">{}</b><text dx=\"{gaps}\">42 vehicles</text>",
        package::fingerprint::neutral_stamp()
    );
    content(&[("report.html", form.as_bytes()), ("release/cells.csv", b"A,42\n")])
}

#[test]
fn marked_copies_differ_in_layout_and_open_to_what_was_agreed() {
    let world = World::with_content(drawn());
    let decision = world.decision();
    let sealer = Sealer::new(&decision, &world.seal, &world.trust).unwrap();
    let key = FingerprintKey::generate(&mut Seeded::new(3));
    let fingerprints = Fingerprints::new(&key, &world.content).unwrap();
    let receiver = code("ACME");
    let opened = [1, 2].map(|copy| {
        let mut package = Vec::new();
        let request = request(&world, &receiver, copy);
        let randomness = &mut Seeded::new(40 + u64::from(copy));
        let made = sealer.marked_copy(&fingerprints, &request, &mut package, &InTurn, randomness).unwrap();
        package.extend(made.tail);
        let verified = verify(&package, &world.trust).unwrap();
        assert_eq!(verified.digest(), made.digest);
        assert_eq!(verified.statement().fingerprint, Some(fingerprints.commitment(copy, &receiver)));
        verified.open(&world.company).unwrap().content().clone()
    });
    assert_ne!(opened[0], opened[1]);
    assert_ne!(opened[0], world.content);
    for copy in &opened {
        assert_eq!(neutral(copy), world.content);
        assert_eq!(copy.files()[&FileName::new("release/cells.csv").unwrap()], b"A,42\n");
    }
    // A copy with marks is not what was agreed, unless the statement says that it carries them.
    let marked = opened[0].to_bytes().unwrap();
    let refused = sealer.group(&mut marked.as_slice(), &mut io::sink(), &InTurn, &mut Seeded::new(1));
    assert!(matches!(refused, Err(SealError::OtherContent { .. })));
    let changed = content(&[
        ("report.html", &opened[0].files()[&FileName::new("report.html").unwrap()]),
        ("release/cells.csv", b"A,43\n"),
    ]);
    assert_ne!(neutral(&changed), world.content);
}
