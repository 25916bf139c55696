//! An authenticator in software, and everything that it could answer wrongly.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};

use super::*;
use crate::act_key::P256SigningKey;

const SECRET: [u8; 32] = [9; 32];
const MESSAGE: &[u8] = b"DSSEv1 1 x 1 y";

/// What an authenticator answers, each part open to change.
struct Answer {
    rp: &'static str,
    flags: u8,
    kind: &'static str,
    challenge: String,
    origin: &'static str,
    rest: &'static str,
}

impl Answer {
    fn right() -> Self {
        Self {
            rp: "office.example",
            flags: 0x05,
            kind: "webauthn.get",
            challenge: URL_SAFE_NO_PAD.encode(challenge(MESSAGE).as_bytes()),
            origin: "https://office.example",
            rest: r#","crossOrigin":false"#,
        }
    }

    fn assertion(&self) -> Assertion {
        let Self { rp, flags, kind, challenge, origin, rest } = self;
        let client = format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{rest}}}"#);
        let data = [Digest::of(rp.as_bytes()).as_bytes().as_slice(), &[*flags], &[0, 0, 0, 1]].concat();
        let signed = [data.as_slice(), Digest::of(client.as_bytes()).as_bytes()].concat();
        let point = key();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            &SECRET,
            point.as_bytes(),
        );
        let signature = pair.unwrap().sign(&SystemRandom::new(), &signed).unwrap();
        Assertion::new(&data, client.as_bytes(), signature.as_ref()).unwrap()
    }

    fn holds(&self) -> bool {
        self.assertion().holds(&RelyingParty::new("office.example").unwrap(), &key(), MESSAGE)
    }
}

fn key() -> P256Key {
    *P256SigningKey::from_secret(&SECRET).unwrap().public()
}

#[test]
fn an_answer_to_the_challenge_holds() {
    assert!(Answer::right().holds());
    assert!(Answer { origin: "https://sign.office.example:8443", ..Answer::right() }.holds());
    assert!(Answer { rest: "", ..Answer::right() }.holds());
    assert!(Answer { rest: r#","other_keys_can_be_added_here":"x""#, ..Answer::right() }.holds());
}

#[test]
fn every_other_answer_is_refused() {
    let other = URL_SAFE_NO_PAD.encode(challenge(b"another act").as_bytes());
    for (what, answer) in [
        ("another site", Answer { rp: "other.example", ..Answer::right() }),
        ("nobody present", Answer { flags: 0x04, ..Answer::right() }),
        ("nobody verified", Answer { flags: 0x01, ..Answer::right() }),
        ("a new credential", Answer { kind: "webauthn.create", ..Answer::right() }),
        ("another act", Answer { challenge: other, ..Answer::right() }),
        ("another origin", Answer { origin: "https://office.example.evil.example", ..Answer::right() }),
        ("a name that only ends alike", Answer { origin: "https://evil-office.example", ..Answer::right() }),
        ("an open line", Answer { origin: "http://office.example", ..Answer::right() }),
        ("another frame", Answer { rest: r#","crossOrigin":true"#, ..Answer::right() }),
    ] {
        assert!(!answer.holds(), "{what}");
    }
}

#[test]
fn every_changed_byte_is_found() {
    let bytes = Answer::right().assertion().to_bytes();
    let rp = RelyingParty::new("office.example").unwrap();
    for position in 0..bytes.len() {
        for change in [1, 2, 4, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[position] ^= change;
            let held = Assertion::from_bytes(&changed).is_ok_and(|read| read.holds(&rp, &key(), MESSAGE));
            assert!(!held, "byte {position} xor {change:#x}");
        }
    }
}

#[test]
fn an_assertion_has_one_byte_form() {
    let assertion = Answer::right().assertion();
    let bytes = assertion.to_bytes();
    assert_eq!(Assertion::from_bytes(&bytes).unwrap(), assertion);
    let spaced = String::from_utf8(bytes).unwrap().replace(':', ": ");
    assert!(Assertion::from_bytes(spaced.as_bytes()).is_err());
    assert_eq!(Assertion::from_json(spaced.as_bytes()).unwrap(), assertion);
    assert!(Assertion::new(&[0; 37], &[b' '; SIGNATURE_BYTES_MAX], &[1]).is_err());
}

#[test]
fn a_relying_party_is_a_domain() {
    for bad in
        ["", "Office.example", "office..example", "office.example/", "https://office.example", ".example"]
    {
        assert!(RelyingParty::new(bad).is_err(), "{bad}");
    }
    let local = RelyingParty::new("localhost").unwrap();
    assert!(local.admits("http://localhost:8080"));
    assert!(!local.admits("http://127.0.0.1:8080"));
    assert!(!local.admits("http://localhost:"));
}

/// What Chromium's virtual authenticator answered to the challenge of an act; recorded by the test of `tearline act sign`.
#[derive(serde::Deserialize)]
struct Vector {
    rp: String,
    spki: String,
    payload_type: String,
    payload: String,
    challenge: String,
    assertion: serde_json::Value,
}

#[test]
fn an_assertion_of_a_browser_holds_and_no_changed_byte_of_it_does() {
    let vector: Vector = serde_json::from_str(include_str!("../../testdata/webauthn/chromium.json")).unwrap();
    let point = P256Key::from_spki(&URL_SAFE_NO_PAD.decode(&vector.spki).unwrap()).unwrap();
    let rp = RelyingParty::new(&vector.rp).unwrap();
    let payload = crate::encoding::from_base64(&vector.payload).unwrap();
    let message = crate::dsse::message(&vector.payload_type, &payload);
    assert_eq!(vector.challenge, URL_SAFE_NO_PAD.encode(challenge(&message).as_bytes()));
    let assertion = Assertion::from_json(vector.assertion.to_string().as_bytes()).unwrap();
    assert!(assertion.holds(&rp, &point, &message));
    // Kept whole in an act, it verifies from the envelope and the key alone.
    let key = crate::act_key::ActKey::WebAuthn(crate::act_key::WebAuthnKey::new(rp.clone(), point));
    let envelope =
        crate::dsse::Envelope::signed(&vector.payload_type, &payload, key.id(), assertion.to_bytes())
            .unwrap();
    assert_eq!(
        crate::dsse::Envelope::from_bytes(&envelope.to_bytes()).unwrap().verify(&key).unwrap(),
        payload
    );
    for part in 0..3 {
        let length =
            [&assertion.authenticator_data, &assertion.client_data, &assertion.signature][part].len();
        for at in 0..length {
            let mut changed = assertion.clone();
            [&mut changed.authenticator_data, &mut changed.client_data, &mut changed.signature][part][at] ^=
                1;
            assert!(!changed.holds(&rp, &point, &message), "part {part}, byte {at}");
        }
    }
    assert!(!assertion.holds(&RelyingParty::new("office.example").unwrap(), &point, &message));
    assert!(!assertion.holds(&rp, &key_of_another(), &message));
}

fn key_of_another() -> P256Key {
    *P256SigningKey::from_secret(&[8; 32]).unwrap().public()
}
