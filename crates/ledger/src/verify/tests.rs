//! Whole logs: right ones of every shape, and every single-byte change of small ones.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::*;
use crate::Digest;
use crate::key::SigningKey;
use crate::log::LogSigner;
use crate::note::KeyName;
use crate::seeded::Seeded;

type Files = BTreeMap<String, Vec<u8>>;

static SIGNER: LazyLock<LogSigner> = LazyLock::new(|| {
    LogSigner::generate(KeyName::new("office.example/log").unwrap(), &mut Seeded::new(9)).unwrap()
});

static VERIFIER: LazyLock<LogVerifier> = LazyLock::new(|| SIGNER.verifier());

fn signer() -> &'static LogSigner {
    &SIGNER
}

fn entry(i: u64) -> Vec<u8> {
    format!("{{\"act\":{i}}}").into_bytes()
}

fn published(n: u64) -> Files {
    let entries: Vec<Vec<u8>> = (0..n).map(entry).collect();
    let mut files = tile::write_log(0, &entries).unwrap();
    let checkpoint = SignedCheckpoint::sign(n, Tree::of_entries(&entries).root(), signer()).unwrap();
    files.insert(CHECKPOINT_PATH.to_owned(), checkpoint.to_text().into_bytes());
    files
}

fn verify(files: &Files) -> Result<VerifiedLog, VerifyError> {
    verify_log(&VERIFIER, &mut |path| files.get(path).cloned())
}

/// Where the last line begins.
fn last_line(text: &[u8]) -> usize {
    text[..text.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1
}

#[test]
fn a_changed_byte_goes_unseen_only_in_lines_of_keys_that_the_reader_does_not_know() {
    // A reader of the Ed25519 key alone and a checkpoint with a line of a stranger: all lines but one are then unknown.
    let mut files = published(5);
    let stranger = LogSigner::generate(KeyName::new("other.example").unwrap(), &mut Seeded::new(1)).unwrap();
    let other = SignedCheckpoint::sign(5, Digest::of(b"x"), &stranger).unwrap().to_text();
    let (_, lines) = other.split_once("\n\n").unwrap();
    files.get_mut(CHECKPOINT_PATH).unwrap().extend_from_slice(lines.as_bytes());
    let alone = LogVerifier::ed25519_alone(VERIFIER.ed25519().clone());
    let text = String::from_utf8(files[CHECKPOINT_PATH].clone()).unwrap();
    let starts: Vec<usize> = text.match_indices('\u{2014}').map(|(at, _)| at).collect();
    assert_eq!(starts.len(), 4);
    for (log, known) in [(&alone, ..starts[1]), (&*VERIFIER, ..starts[2])] {
        let mut unseen = 0;
        for position in 0..text.len() {
            let mut changed = files.clone();
            changed.get_mut(CHECKPOINT_PATH).unwrap()[position] ^= 1;
            let seen = verify_log(log, &mut |path| changed.get(path).cloned()).is_err();
            assert!(seen || !known.contains(&position), "byte {position}");
            unseen += usize::from(!seen);
        }
        // What is no line any more, or no base64, is seen even there.
        assert!(unseen > 2_000, "{unseen}");
    }
}

#[test]
fn logs_of_every_shape_verify() {
    for n in (0..20).chain([255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_049]) {
        let verified = verify(&published(n)).unwrap();
        assert_eq!(verified.entries().len() as u64, n);
        assert_eq!(verified.checkpoint().size, n);
        assert_eq!(verified.tree().root(), verified.checkpoint().root);
        assert!(verified.entries().eq((0..n).map(entry)));
        assert_eq!(verified.entry(n), None);
    }
}

#[test]
fn every_changed_byte_of_a_small_log_is_found() {
    // Every value of every byte; then, over more files, every single bit and their complement.
    let values: Vec<u8> = (1..=255).collect();
    let bits: Vec<u8> = (0..8).map(|bit| 1 << bit).chain([0xff]).collect();
    for (n, changes) in [(2, values), (7, bits)] {
        let mut files = published(n);
        for path in files.keys().cloned().collect::<Vec<_>>() {
            for position in 0..files[&path].len() {
                // Of the long signature of ML-DSA, the last line of the checkpoint, single bits suffice.
                let long = path == CHECKPOINT_PATH && position >= last_line(&files[&path]);
                for change in changes.iter().filter(|c| !long || c.is_power_of_two() || **c == 0xff) {
                    files.get_mut(&path).unwrap()[position] ^= change;
                    assert!(verify(&files).is_err(), "{n} entries, {path} byte {position} xor {change:#x}");
                    files.get_mut(&path).unwrap()[position] ^= change;
                }
            }
        }
        assert!(verify(&files).is_ok());
    }
}

#[test]
fn every_changed_byte_of_a_log_with_two_levels_is_found() {
    let files = published(258);
    for (path, bytes) in &files {
        for position in 0..bytes.len() {
            let mut changed = files.clone();
            changed.get_mut(path).unwrap()[position] ^= 1;
            assert!(verify(&changed).is_err(), "{path} byte {position}");
        }
    }
}

#[test]
fn missing_shortened_and_lengthened_files_are_found() {
    let files = published(258);
    for path in files.keys() {
        let mut changed = files.clone();
        changed.remove(path);
        assert!(
            matches!(verify(&changed), Err(VerifyError::Missing { path: missing, .. }) if missing == *path)
        );
        let mut changed = files.clone();
        changed.get_mut(path).unwrap().pop();
        assert!(verify(&changed).is_err(), "{path} shortened");
        for extra in [0u8, 1, b'\n'] {
            let mut changed = files.clone();
            changed.get_mut(path).unwrap().push(extra);
            assert!(verify(&changed).is_err(), "{path} lengthened");
        }
    }
}

#[test]
fn the_first_bad_entry_is_named() {
    let files = published(300);
    // Entry 3 in its bundle: seven times two bytes of length and nine of text each before it.
    let offset = (0..3).map(|i| 2 + entry(i).len()).sum::<usize>();
    let mut changed = files.clone();
    changed.get_mut("tile/entries/000").unwrap()[offset + 4] ^= 1;
    assert_eq!(verify(&changed).unwrap_err(), VerifyError::Entry { index: 3 });
    let mut changed = files.clone();
    changed.get_mut("tile/entries/000").unwrap()[offset] = 0xff;
    assert_eq!(verify(&changed).unwrap_err().index(), Some(3));
    let mut changed = files.clone();
    changed.get_mut("tile/0/001.p/44").unwrap()[40] ^= 1;
    assert_eq!(verify(&changed).unwrap_err(), VerifyError::Entry { index: 257 });
    let mut changed = files.clone();
    changed.get_mut("tile/1/000.p/1").unwrap()[0] ^= 1;
    let tile = VerifyError::Tile { path: "tile/1/000.p/1".to_owned(), index: 0 };
    assert_eq!(verify(&changed).unwrap_err(), tile);
}

#[test]
fn a_consistent_rewrite_without_the_key_is_found() {
    // Entry replaced, tiles recomputed: only the signature stands in the way.
    let mut entries: Vec<Vec<u8>> = (0..10).map(entry).collect();
    entries[4] = b"forged".to_vec();
    let mut files = tile::write_log(0, &entries).unwrap();
    files.insert(CHECKPOINT_PATH.to_owned(), published(10)[CHECKPOINT_PATH].clone());
    assert_eq!(verify(&files).unwrap_err(), VerifyError::Root { size: 10 });
    // And a checkpoint by another key of the same name.
    let stranger = LogSigner::generate(signer().origin().clone(), &mut Seeded::new(10)).unwrap();
    let forged = SignedCheckpoint::sign(10, Tree::of_entries(&entries).root(), &stranger).unwrap();
    files.insert(CHECKPOINT_PATH.to_owned(), forged.to_text().into_bytes());
    assert!(matches!(verify(&files), Err(VerifyError::Checkpoint(_))));
}

#[test]
fn a_forked_history_is_found() {
    let log = signer().verifier();
    let verified = verify(&published(20)).unwrap();
    let at =
        |size: u64| SignedCheckpoint::sign(size, verified.tree().root_at(size).unwrap(), signer()).unwrap();
    assert_eq!(verified.check_history(&log, &[at(20), at(3), at(0), at(11)]), Ok(()));
    let other = SignedCheckpoint::sign(11, Digest::of(b"another history"), signer()).unwrap();
    let fork = VerifyError::Fork { agreed: 3, size: 11 };
    assert_eq!(verified.check_history(&log, &[at(20), other, at(3)]), Err(fork));
    let ahead = SignedCheckpoint::sign(21, Digest::of(b"ahead"), signer()).unwrap();
    assert_eq!(verified.check_history(&log, &[ahead]), Err(VerifyError::Fork { agreed: 0, size: 21 }));
    let stranger = LogSigner::generate(KeyName::new("other.example").unwrap(), &mut Seeded::new(1)).unwrap();
    let foreign = SignedCheckpoint::sign(3, verified.tree().root_at(3).unwrap(), &stranger).unwrap();
    assert!(matches!(verified.check_history(&log, &[foreign]), Err(VerifyError::Checkpoint(_))));
}

#[test]
fn tiles_of_earlier_sizes_can_be_checked() {
    let verified = verify(&published(300)).unwrap();
    for (path, bytes) in published(270) {
        let Ok(path) = path.parse::<TilePath>() else { continue };
        assert_eq!(verified.check_file(&path, &bytes), Ok(()), "{path}");
        for position in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            assert!(verified.check_file(&path, &changed).is_err());
        }
        let longer = [bytes.as_slice(), b"x"].concat();
        assert!(verified.check_file(&path, &longer).is_err());
    }
    let beyond = "tile/0/001.p/45".parse::<TilePath>().unwrap();
    assert!(matches!(verified.check_file(&beyond, &[]), Err(VerifyError::Beyond { index: 256, .. })));
    let partial = "tile/entries/000.p/5".parse::<TilePath>().unwrap();
    let mut bytes = tile::bundle(&(0..5).map(entry).collect::<Vec<_>>()).unwrap();
    bytes[2 + entry(0).len() + 5] ^= 1;
    assert_eq!(verified.check_file(&partial, &bytes), Err(VerifyError::Entry { index: 1 }));
}

#[test]
fn entries_that_are_no_acts_are_named() {
    let key = SigningKey::generate(&mut Seeded::new(2));
    let act = Envelope::sign("application/x", b"{}", &key).unwrap();
    let entries = [act.to_bytes(), b"not an act".to_vec()];
    for n in 1..=2 {
        let mut files = tile::write_log(0, &entries[..n]).unwrap();
        let root = Tree::of_entries(&entries[..n]).root();
        let checkpoint = SignedCheckpoint::sign(n as u64, root, signer()).unwrap();
        files.insert(CHECKPOINT_PATH.to_owned(), checkpoint.to_text().into_bytes());
        let envelopes = verify(&files).unwrap().envelopes();
        match n {
            1 => assert_eq!(envelopes.unwrap(), std::slice::from_ref(&act)),
            _ => assert_eq!(envelopes.unwrap_err().index(), Some(1)),
        }
    }
}

#[test]
fn an_absurd_size_stops_at_the_first_missing_file() {
    let checkpoint = SignedCheckpoint::sign(u64::MAX, Digest::of(b"x"), signer()).unwrap();
    let files = Files::from([(CHECKPOINT_PATH.to_owned(), checkpoint.to_text().into_bytes())]);
    assert!(matches!(verify(&files), Err(VerifyError::Missing { index: 0, .. })));
}

#[test]
fn bundles_checked_apart_give_the_same_log() {
    let files = published(1_000);
    let checked = |place: BundlePlace| {
        let file = |path: TilePath| files[&path.to_string()].clone();
        Bundle::check(place, file(place.bundle), &file(place.tile)).unwrap()
    };
    let begin = || LogVerification::begin(&VERIFIER, &files[CHECKPOINT_PATH]).unwrap();
    // On threads, in any order; added in theirs.
    let places: Vec<BundlePlace> = begin().places().collect();
    let bundles = std::thread::scope(|scope| {
        let threads: Vec<_> = places.iter().rev().map(|place| scope.spawn(|| checked(*place))).collect();
        threads.into_iter().rev().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let mut read = |path: &str| files.get(path).cloned();
    let mut verification = begin();
    for bundle in bundles.clone() {
        verification.add(bundle).unwrap();
    }
    let verified = verification.finish(&mut read).unwrap();
    assert_eq!(verified.tree(), verify(&files).unwrap().tree());
    assert!(verified.entries().eq((0..1_000).map(entry)));
    // Any other order, and one too few, is refused.
    let mut verification = begin();
    assert_eq!(verification.add(bundles[1].clone()), Err(VerifyError::Order { index: 0 }));
    verification.add(bundles[0].clone()).unwrap();
    assert_eq!(verification.add(bundles[0].clone()), Err(VerifyError::Order { index: 256 }));
    assert_eq!(verification.finish(&mut read).unwrap_err(), VerifyError::Order { index: 256 });
    // The bundle of another, shorter log, whose tile is partial.
    let short = published(300);
    let mut verification = begin();
    verification.add(bundles[0].clone()).unwrap();
    let place = LogVerification::begin(&VERIFIER, &short[CHECKPOINT_PATH]).unwrap().places().nth(1).unwrap();
    let file = |path: TilePath| short[&path.to_string()].clone();
    let partial = Bundle::check(place, file(place.bundle), &file(place.tile)).unwrap();
    assert_eq!(verification.add(partial), Err(VerifyError::Order { index: 256 }));
}
