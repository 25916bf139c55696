//! Published notes and keys, hostile texts, unknown signatures.

use super::*;
use crate::seeded::Seeded;

/// Go's `sumdb/note` package documentation: the verifier key, the signer's seed and the note of its example.
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNATURE: &str =
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

fn published() -> String {
    format!("{TEXT}\n\u{2014} PeterNeumann {SIGNATURE}\n")
}

fn signer(name: &str, seed: u64) -> NoteSigner {
    NoteSigner::new(KeyName::new(name).unwrap(), SigningKey::generate(&mut Seeded::new(seed)))
}

#[test]
fn the_published_note_verifies_and_is_made_again() {
    let verifier: NoteVerifier = VKEY.parse().unwrap();
    let note = SignedNote::from_text(&published()).unwrap();
    assert_eq!(note.verify(&verifier).unwrap(), TEXT);
    assert_eq!(note.to_text(), published());
    let seed = from_base64(SEED).unwrap();
    let key = SigningKey::from_seed(seed[1..].try_into().unwrap());
    let again = SignedNote::sign(TEXT, &NoteSigner::new(KeyName::new("PeterNeumann").unwrap(), key)).unwrap();
    assert_eq!(again.to_text(), published());
}

#[test]
fn verifier_keys_have_one_spelling() {
    let verifier: NoteVerifier = VKEY.parse().unwrap();
    assert_eq!(verifier.to_string(), VKEY);
    assert_eq!(serde_json::from_str::<NoteVerifier>(&format!("\"{VKEY}\"")).unwrap(), verifier);
    for bad in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(bad.parse::<NoteVerifier>().is_err(), "{bad}");
    }
    let cosigner = crate::cosignature::CosignerKey::ed25519(verifier.name().clone(), *verifier.key());
    assert_eq!(cosigner.to_string().parse::<NoteVerifier>(), Err(NoteError::SignatureType { found: 4 }));
}

#[test]
fn signatures_of_unknown_keys_are_kept_and_ignored() {
    let (log, witness) = (signer("log.example", 1), signer("witness.example", 2));
    let mut note = SignedNote::sign("body\n", &log).unwrap();
    note.signatures.push(witness.sign("another body\n"));
    // A post-quantum one, far longer than an Ed25519 signature.
    note.signatures.push(NoteSignature {
        name: KeyName::new("witness2.example").unwrap(),
        id: NoteKeyId([1, 2, 3, 4]),
        bytes: vec![5; 2_420],
    });
    let read = SignedNote::from_text(&note.to_text()).unwrap();
    assert_eq!(read, note);
    assert_eq!(read.verify(&log.verifier()).unwrap(), "body\n");
    assert!(matches!(read.verify(&witness.verifier()), Err(NoteError::BadSignature { .. })));
    // Same name, another key: unknown, not bad.
    assert!(matches!(read.verify(&signer("log.example", 3).verifier()), Err(NoteError::NotSigned { .. })));
    // A second line by the known key that does not hold spoils the note.
    note.signatures.push(log.sign("another body\n"));
    assert!(matches!(note.verify(&log.verifier()), Err(NoteError::BadSignature { .. })));
}

#[test]
fn the_last_empty_line_divides() {
    let log = signer("log.example", 1);
    let note = SignedNote::sign("one\n\ntwo\n", &log).unwrap();
    assert_eq!(
        SignedNote::from_text(&note.to_text()).unwrap().verify(&log.verifier()).unwrap(),
        "one\n\ntwo\n"
    );
}

#[test]
fn texts_that_are_no_notes_are_refused() {
    let good = published();
    for bad in [
        String::new(),
        "\n\n".to_owned(),
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!("{good}more\n"),
        good.replace('\u{2014}', "-"),
        good.replace("\u{2014} ", "\u{2014}  "),
        good.replace("you", "y\tu"),
        good.replace("you", "y\ru"),
        good.replace("BwJnAM=", "BwJnAM"),
        good.replace("BwJnAM=", "BwJnAN="),
        format!("{TEXT}\n\u{2014} PeterNeumann x08gow==\n"),
        format!("{TEXT}\n\u{2014} Peter+Neumann {SIGNATURE}\n"),
    ] {
        assert!(SignedNote::from_text(&bad).is_err(), "{bad:?}");
    }
    for bad in ["", "\n", "no newline", "bell\u{7}\n"] {
        assert_eq!(SignedNote::sign(bad, &signer("log.example", 1)), Err(NoteError::Text));
    }
    let long = "x".repeat(NOTE_BYTES_MAX + 1);
    assert_eq!(SignedNote::from_text(&long), Err(NoteError::TooLong { found: NOTE_BYTES_MAX + 1 }));
    let many = format!("{TEXT}\n") + &format!("\u{2014} PeterNeumann {SIGNATURE}\n").repeat(129);
    assert_eq!(SignedNote::from_text(&many), Err(NoteError::SignatureCount { found: 129 }));
}

#[test]
fn names_are_bounded() {
    for bad in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{2003}b", &"a".repeat(256)] {
        assert_eq!(KeyName::new(bad), Err(NoteError::KeyName), "{bad:?}");
    }
    assert!(KeyName::new("office.example/log").is_ok());
}

#[test]
fn signature_lines_round_trip_and_are_bounded() {
    let line = format!("\u{2014} PeterNeumann {SIGNATURE}\n");
    assert_eq!(SignatureLines::from_text(&line.repeat(128)).unwrap().to_text(), line.repeat(128));
    let many = SignatureLines::from_text(&line.repeat(129));
    assert_eq!(many, Err(NoteError::SignatureCount { found: 129 }));
    for bad in ["", "\n", "x\n", line.trim_end(), &format!("{line}\n"), &format!("\n{line}")] {
        assert_eq!(SignatureLines::from_text(bad), Err(NoteError::SignatureLine), "{bad:?}");
    }
    let long = "x".repeat(NOTE_BYTES_MAX + 1);
    assert_eq!(SignatureLines::from_text(&long), Err(NoteError::TooLong { found: NOTE_BYTES_MAX + 1 }));
}
