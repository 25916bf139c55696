//! The specification's messages, both algorithms, lines of known and unknown keys.

use super::*;
use crate::Digest;
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::encoding::from_base64;
use crate::log::{LogSigner, LogVerifier};
use crate::merkle::leaf_hash;
use crate::note::SignatureLines;
use crate::seeded::Seeded;

fn name(text: &str) -> KeyName {
    KeyName::new(text).unwrap()
}

fn log() -> LogSigner {
    LogSigner::generate(name("office.example/log"), &mut Seeded::new(1)).unwrap()
}

fn witness(seed: u64) -> Cosigner {
    Cosigner::generate(name("witness.example/NO"), &mut Seeded::new(seed)).unwrap()
}

fn signed() -> SignedCheckpoint {
    SignedCheckpoint::sign(7, leaf_hash(b"x"), &log()).unwrap()
}

fn lines(cosigner: &Cosigner, timestamp: u64) -> SignatureLines {
    SignatureLines::new(cosigner.cosign(signed().unverified(), timestamp).unwrap())
}

/// The text with its empty line, and the signature lines.
fn parts(checkpoint: &str) -> (String, Vec<&str>) {
    let (body, lines) = checkpoint.split_once("\n\n").unwrap();
    (format!("{body}\n\n"), lines.split_inclusive('\n').collect())
}

#[test]
fn signed_messages_are_those_of_the_specification() {
    // C2SP tlog-cosignature, "Ed25519 signed message".
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint = Checkpoint::from_text(text).unwrap();
    let message = format!("cosignature/v1\ntime 1679315147\n{text}");
    assert_eq!(ed25519_message(&checkpoint, 1_679_315_147), message);
    // The structure of "ML-DSA-44 signed message", written out.
    let message = ml_dsa_message(&name("w"), &checkpoint, 0x0102_0304);
    let expected = [
        b"subtree/v1\n\0\x01w\0\0\0\0\x01\x02\x03\x04\x1bexample.com/behind-the-sofa".as_slice(),
        &[0; 8],
        &20_852_163_u64.to_be_bytes(),
        checkpoint.root.as_bytes(),
    ];
    assert_eq!(message, expected.concat());
}

#[test]
fn keys_have_one_spelling() {
    for key in witness(2).keys() {
        let vkey = key.to_string();
        assert_eq!(vkey.parse::<CosignerKey>().unwrap(), key);
        assert_eq!(serde_json::from_str::<CosignerKey>(&format!("\"{vkey}\"")).unwrap(), key);
        assert_eq!(vkey.split('+').nth(1).unwrap(), key.id().to_string());
        for bad in [
            vkey.replace("NO+", "SE+"),
            vkey.replacen('+', "+0", 1),
            vkey.chars().take(vkey.len() - 4).collect(),
        ] {
            assert_eq!(bad.parse::<CosignerKey>(), Err(NoteError::VerifierKey));
        }
    }
    let [ed25519, ml_dsa] = <[CosignerKey; 2]>::try_from(witness(2).keys()).unwrap();
    assert_eq!(from_base64(ed25519.to_string().splitn(3, '+').nth(2).unwrap()).unwrap()[0], 4);
    assert_eq!(from_base64(ml_dsa.to_string().splitn(3, '+').nth(2).unwrap()).unwrap()[0], 6);
    // A log's key is not a cosigner's.
    let log = log().verifier().ed25519().to_string();
    assert_eq!(log.parse::<CosignerKey>(), Err(NoteError::SignatureType { found: 1 }));
    assert!("x".repeat(10_000).parse::<CosignerKey>().is_err());
}

#[test]
fn cosignatures_of_known_keys_are_listed_and_others_ignored() {
    let mut checkpoint = signed();
    let (no, stranger) = (witness(2), witness(3));
    let held = checkpoint.add_cosignatures(&lines(&no, 1_800_000_000), &no.keys()).unwrap();
    assert_eq!(held.iter().map(|c| c.key.clone()).collect::<Vec<_>>(), no.keys());
    assert!(held.iter().all(|cosignature| cosignature.timestamp == 1_800_000_000));
    // Lines of unknown keys are not taken in.
    let before = checkpoint.to_text();
    assert_eq!(checkpoint.add_cosignatures(&lines(&stranger, 5), &no.keys()).unwrap(), []);
    assert_eq!(checkpoint.to_text(), before);
    let read = SignedCheckpoint::from_text(&before).unwrap();
    assert_eq!(read.cosignatures(&no.keys()).unwrap(), held);
    assert_eq!(read.cosignatures(&no.keys()[1..]).unwrap(), held[1..]);
    assert_eq!(read.cosignatures(&stranger.keys()).unwrap(), []);
    assert_eq!(read.verify(&log().verifier()).unwrap().size, 7);
    // The same lines again change nothing; each key may sign again later.
    let again = SignatureLines::from_text(&parts(&before).1[2..].concat()).unwrap();
    checkpoint.add_cosignatures(&again, &no.keys()).unwrap();
    assert_eq!(checkpoint.to_text(), before);
    checkpoint.add_cosignatures(&lines(&no, 1_800_000_001), &no.keys()).unwrap();
    assert_eq!(checkpoint.cosignatures(&no.keys()).unwrap().len(), 4);
}

#[test]
fn a_known_key_with_a_bad_line_spoils_the_checkpoint() {
    let no = witness(2);
    for which in 0..2 {
        for position in [0_usize, 4, 11, 12, 40, 75] {
            let mut bad = no.cosign(signed().unverified(), 9).unwrap();
            // Position 0 to 3 is the id, which makes the key an unknown one.
            let Some(at) = position.checked_sub(4) else {
                bad[which].id = NoteKeyId::of(&name("other"), 4, b"");
                let unknown = SignatureLines::new(vec![bad[which].clone()]);
                assert_eq!(signed().add_cosignatures(&unknown, &no.keys()).unwrap(), []);
                continue;
            };
            bad[which].bytes[at] ^= 1;
            let mut checkpoint = signed();
            let refused = checkpoint.add_cosignatures(&SignatureLines::new(bad.clone()), &no.keys());
            assert!(matches!(refused, Err(CheckpointError::Note(NoteError::BadSignature { .. }))));
            assert_eq!(checkpoint.to_text().matches("witness").count(), 0, "nothing is added halfway");
            let text = checkpoint.to_text() + &SignatureLines::new(bad).to_text();
            let read = SignedCheckpoint::from_text(&text).unwrap();
            assert!(read.cosignatures(&no.keys()).is_err());
            assert!(read.cosignatures(&witness(3).keys()).unwrap().is_empty());
        }
    }
    // Cut, lengthened, and of the other algorithm's length.
    for length in [0, 7, 8, 71, 73, 2_427, 2_429] {
        for key in no.keys() {
            let line = NoteSignature { name: key.name().clone(), id: key.id(), bytes: vec![0; length] };
            assert!(key.judge(signed().unverified(), &line).is_err());
        }
    }
}

#[test]
fn a_cosignature_is_of_one_checkpoint_and_one_name() {
    let no = witness(2);
    let line = no.cosign(signed().unverified(), 9).unwrap();
    let other_size = Checkpoint { size: 8, ..signed().unverified().clone() };
    let other_root = Checkpoint { root: Digest::of(b"y"), ..signed().unverified().clone() };
    let other_log = Checkpoint { origin: name("other.example/log"), ..signed().unverified().clone() };
    for (key, line) in no.keys().iter().zip(&line) {
        assert!(key.judge(signed().unverified(), line).is_ok());
        for other in [&other_size, &other_root, &other_log] {
            assert!(key.judge(other, line).is_err());
        }
    }
    // Type 06 covers the cosigner's name, type 04 does not (as the specification says).
    let renamed = no.keys().into_iter().map(|key| CosignerKey { name: name("witness.example/SE"), ..key });
    let holds: Vec<bool> =
        renamed.zip(&line).map(|(key, line)| key.judge(signed().unverified(), line).is_ok()).collect();
    assert_eq!(holds, [true, false]);
}

#[test]
fn times_are_bounded() {
    let no = witness(2);
    for (time, holds) in [(0, true), (TIMESTAMP_MAX, true), (TIMESTAMP_MAX + 1, false), (u64::MAX, false)] {
        for (key, line) in no.keys().iter().zip(no.cosign(signed().unverified(), time).unwrap()) {
            assert_eq!(key.judge(signed().unverified(), &line).is_ok(), holds);
        }
    }
}

#[test]
fn a_full_checkpoint_takes_no_more() {
    let (no, mut checkpoint) = (witness(2), signed());
    let ed25519 = Cosigner::ed25519(no.name().clone(), SigningKey::generate(&mut Seeded::new(2)));
    let refused = (0..128).find_map(|time| {
        let lines = lines(if time < 40 { &no } else { &ed25519 }, time);
        checkpoint.add_cosignatures(&lines, &no.keys()).err()
    });
    assert_eq!(refused, Some(CheckpointError::Note(NoteError::SignatureCount { found: 129 })));
    assert_eq!(SignedCheckpoint::from_text(&checkpoint.to_text()).unwrap(), checkpoint);
}

#[test]
fn secrets_print_as_nothing() {
    let debug = format!("{:?} {:?} {:?}", witness(2), log(), MlDsaKey::from_seed(&[7; 32]).unwrap());
    assert_eq!(debug, "Cosigner(witness.example/NO) LogSigner(office.example/log) MlDsaKey");
}

#[test]
fn a_reader_asks_for_one_or_both_signatures_of_the_log() {
    let both = log().verifier();
    let alone = LogVerifier::ed25519_alone(both.ed25519().clone());
    let text = signed().to_text();
    let (body, lines) = parts(&text);
    let with = |lines: &[&str]| SignedCheckpoint::from_text(&format!("{body}{}", lines.concat())).unwrap();
    let [ed25519, ml_dsa] = lines[..] else { panic!("two lines") };
    assert!(with(&[ed25519]).verify(&alone).is_ok());
    let missing = CheckpointError::Note(NoteError::NotSigned { name: "office.example/log".to_owned() });
    assert_eq!(with(&[ed25519]).verify(&both), Err(missing.clone()));
    assert!(with(&[ml_dsa, ed25519]).verify(&both).is_ok());
    assert_eq!(with(&[ml_dsa]).verify(&both), Err(missing.clone()));
    assert_eq!(with(&[ml_dsa]).verify(&alone), Err(missing.clone()));
    // A second signature by another key of the log's name, and one over another checkpoint.
    let stranger = LogSigner::generate(name("office.example/log"), &mut Seeded::new(5)).unwrap().verifier();
    let mixed = LogVerifier::both(both.ed25519().clone(), stranger.ml_dsa().unwrap().clone()).unwrap();
    assert_eq!(signed().verify(&mixed), Err(missing));
    let other = SignedCheckpoint::sign(8, leaf_hash(b"x"), &log()).unwrap().to_text();
    let crossed = with(&[ed25519, parts(&other).1[1]]);
    assert!(matches!(crossed.verify(&both), Err(CheckpointError::Note(NoteError::BadSignature { .. }))));
    assert!(crossed.verify(&alone).is_ok());
    // The keys must be of one log and of the right types.
    let foreign = Cosigner::generate(name("other.example/log"), &mut Seeded::new(5)).unwrap().keys();
    assert!(LogVerifier::both(both.ed25519().clone(), foreign[1].clone()).is_err());
    let ed25519 = CosignerKey::ed25519(name("office.example/log"), *both.ed25519().key());
    assert!(LogVerifier::both(both.ed25519().clone(), ed25519).is_err());
}

#[test]
fn ml_dsa_44_is_the_published_one() {
    // RFC 9881, appendix C (ML-DSA-44): the seed 00 01 .. 1f and the head of its public key.
    let seed: [u8; 32] = std::array::from_fn(|i| i as u8);
    let public = MlDsaKey::from_seed(&seed).unwrap().public();
    assert_eq!(hex::encode(&public.as_bytes()[..16]), "d7b2b47254aae0db45e7930d4a98d2c9");
    assert_eq!(MlDsaPublic::from_bytes(public.as_bytes()).unwrap(), public);
    assert!(MlDsaPublic::from_bytes(&public.as_bytes()[1..]).is_none());
}
