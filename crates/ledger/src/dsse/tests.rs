//! DSSE encoding vector, one spelling, bounds and tampering.

use proptest::prelude::*;

use super::*;
use crate::key::SigningKey;
use crate::seeded::Seeded;

fn key(seed: u64) -> SigningKey {
    SigningKey::generate(&mut Seeded::new(seed))
}

fn public(key: &SigningKey) -> ActKey {
    key.key()
}

#[test]
fn pre_authentication_encoding_matches_the_specification() {
    // DSSE 1.0 protocol.md, "Test Vectors".
    let encoded = message("http://example.com/HelloWorld", b"hello world");
    assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

#[test]
fn envelopes_have_one_spelling() {
    let envelope = Envelope::sign("application/x+json", b"{\"a\":1}", &key(1)).unwrap();
    let text = String::from_utf8(envelope.to_bytes()).unwrap();
    assert_eq!(Envelope::from_bytes(text.as_bytes()).unwrap(), envelope);
    // What serde would write is what is written by hand.
    let wire: EnvelopeWire = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&wire).unwrap(), text);
    for other in [
        text.replace(':', ": "),
        format!("{text}\n"),
        format!(" {text}"),
        text.replace("application", "\\u0061pplication"),
    ] {
        assert_eq!(Envelope::from_bytes(other.as_bytes()), Err(EnvelopeError::Spelling), "{other}");
    }
    for other in [
        text.replace("}]}", "}],\"extra\":1}"),
        text.replace("payloadType", "type"),
        text.replace("\"sig\"", "\"SIG\""),
        "[]".to_owned(),
        String::new(),
    ] {
        assert_eq!(Envelope::from_bytes(other.as_bytes()), Err(EnvelopeError::NotAnEnvelope), "{other}");
    }
}

#[test]
fn several_keys_may_sign_but_each_once() {
    let (first, second) = (key(1), key(2));
    let envelope = Envelope::sign("t/x", b"body", &first).unwrap().sign_also(&second).unwrap();
    let read = Envelope::from_bytes(&envelope.to_bytes()).unwrap();
    assert_eq!(read.verify(&public(&first)).unwrap(), b"body");
    assert_eq!(read.verify(&public(&second)).unwrap(), b"body");
    let keyid = key(3).verifying_key().id();
    assert_eq!(read.verify(&public(&key(3))), Err(EnvelopeError::NotSignedBy { keyid }));
    let keyid = first.verifying_key().id();
    assert_eq!(read.sign_also(&first), Err(EnvelopeError::SignedTwice { keyid }));
    let mut many = Envelope::sign("t/x", b"", &key(100)).unwrap();
    for seed in 101..116 {
        many = many.sign_also(&key(seed)).unwrap();
    }
    assert_eq!(many.sign_also(&key(116)), Err(EnvelopeError::SignatureCount { found: 17 }));
}

#[test]
fn what_was_signed_as_one_type_is_not_another() {
    let key = key(6);
    let envelope = Envelope::sign("t/a", b"body", &key).unwrap();
    assert_eq!(envelope.verify_as("t/a", &public(&key)).unwrap(), b"body");
    let refused = envelope.verify_as("t/b", &public(&key));
    assert_eq!(refused, Err(EnvelopeError::OtherType { found: "t/a".to_owned() }));
    let relabelled = String::from_utf8(envelope.to_bytes()).unwrap().replace("t/a", "t/b");
    let relabelled = Envelope::from_bytes(relabelled.as_bytes()).unwrap();
    assert!(matches!(relabelled.verify(&public(&key)), Err(EnvelopeError::BadSignature { .. })));
}

#[test]
fn bounds_hold_at_and_beyond() {
    let empty = Envelope::sign("t/x", b"", &key(1)).unwrap().to_bytes().len();
    let room = (ENVELOPE_BYTES_MAX - empty) / 4 * 3;
    assert!(Envelope::sign("t/x", &vec![0; room], &key(1)).is_ok());
    assert!(matches!(
        Envelope::sign("t/x", &vec![0; room + 1], &key(1)),
        Err(EnvelopeError::TooLong { found }) if found > ENVELOPE_BYTES_MAX
    ));
    assert_eq!(
        Envelope::from_bytes(&vec![b' '; ENVELOPE_BYTES_MAX + 1]),
        Err(EnvelopeError::TooLong { found: ENVELOPE_BYTES_MAX + 1 })
    );
    for payload_type in ["", "a b", "a\"b", "a\\b", "é", &"a".repeat(256)] {
        assert_eq!(Envelope::sign(payload_type, b"", &key(1)), Err(EnvelopeError::PayloadType));
    }
}

#[test]
fn every_changed_byte_is_found() {
    let key = key(5);
    let bytes = Envelope::sign("application/x+json", b"{\"act\":\"approve\"}", &key).unwrap().to_bytes();
    for position in 0..bytes.len() {
        for change in 1..=255u8 {
            let mut changed = bytes.clone();
            changed[position] ^= change;
            let verdict =
                Envelope::from_bytes(&changed).and_then(|e| e.verify(&public(&key)).map(<[u8]>::to_vec));
            assert!(verdict.is_err(), "byte {position} xor {change:#x}");
        }
    }
}

proptest! {
    #[test]
    fn any_payload_comes_back(payload in prop::collection::vec(any::<u8>(), 0..2_000), seed in any::<u64>()) {
        let key = key(seed);
        let envelope = Envelope::sign("application/x", &payload, &key).unwrap();
        let read = Envelope::from_bytes(&envelope.to_bytes()).unwrap();
        prop_assert_eq!(read.verify(&public(&key)).unwrap(), payload.as_slice());
        prop_assert_eq!(read.digest(), Digest::of(&envelope.to_bytes()));
        let twice = read.sign_also(&self::key(seed.wrapping_add(1))).unwrap();
        prop_assert_eq!(twice.encoded_len(), twice.to_bytes().len());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Envelope::from_bytes(&bytes);
    }
}
