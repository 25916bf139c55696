//! Three algorithms, one spelling each, and no key that takes another's signature.

use proptest::prelude::*;

use super::*;
use crate::seeded::Seeded;

fn ed25519() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn p256() -> P256SigningKey {
    P256SigningKey::from_secret(&[7; 32]).unwrap()
}

#[test]
fn the_point_of_a_scalar_is_that_of_the_standard() {
    // RFC 6979, appendix A.2.5.
    let secret = hex::decode("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721").unwrap();
    let public = concat!(
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    );
    assert_eq!(hex::encode(P256SigningKey::from_secret(&secret).unwrap().public().as_bytes()), public);
}

#[test]
fn a_signature_of_the_standard_holds_in_one_spelling_only() {
    // RFC 6979, appendix A.2.5, SHA-256, message "sample".
    let key = P256SigningKey::from_secret(
        &hex::decode("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721").unwrap(),
    )
    .unwrap();
    let signature = hex::decode(concat!(
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    ))
    .unwrap();
    let as_given: [u8; 64] = signature.try_into().unwrap();
    assert!(!key.public().verify(b"sample", &as_given), "s is in the upper half");
    let lower = lower_half(as_given);
    assert!(key.public().verify(b"sample", &lower));
    assert_eq!(lower_half(lower), lower);
    assert!(!key.public().verify(b"test", &lower));
}

#[test]
fn every_key_has_one_text() {
    let rp = RelyingParty::new("office.example").unwrap();
    let web = ActKey::WebAuthn(WebAuthnKey::new(rp, *p256().public()));
    let keys = [ed25519().key(), p256().key(), web];
    for key in &keys {
        assert_eq!(key.to_string().parse::<ActKey>().unwrap(), *key);
        let json = serde_json::to_string(key).unwrap();
        assert_eq!(serde_json::from_str::<ActKey>(&json).unwrap(), *key);
    }
    let ids: std::collections::BTreeSet<_> = keys.iter().map(ActKey::id).collect();
    assert_eq!(ids.len(), 3, "one point used in two ways is two keys");
    assert_eq!(keys[0].id(), ed25519().verifying_key().id());
    for bad in
        ["", "ed25519", "ed25519:", "rsa:AAAA", "p256:AAAA", "webauthn:office.example", "webauthn:A B:AAAA"]
    {
        assert!(bad.parse::<ActKey>().is_err(), "{bad}");
    }
}

#[test]
fn a_point_off_the_curve_or_compressed_is_no_key() {
    let mut off = *p256().public().as_bytes();
    off[64] ^= 1;
    assert!(P256Key::from_bytes(&off).is_err());
    let mut infinity = [0; 65];
    infinity[0] = 4;
    assert!(P256Key::from_bytes(&infinity).is_err());
    assert!(P256Key::from_bytes(&p256().public().as_bytes()[..33]).is_err());
    for secret in [[0; 32], ORDER, [0xff; 32]] {
        assert!(P256SigningKey::from_secret(&secret).is_err());
    }
}

#[test]
fn a_subject_public_key_info_is_read_in_its_one_spelling() {
    // RFC 5480, section 2.1.1, around the point; made by: openssl pkey -pubout -outform DER.
    let head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
    let der = [hex::decode(head).unwrap(), p256().public().as_bytes().to_vec()].concat();
    assert!(P256Key::from_spki(&der).unwrap() == *p256().public());
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 1;
        assert!(P256Key::from_spki(&changed).is_err(), "byte {at}");
        assert!(P256Key::from_spki(&der[..at]).is_err(), "{at} bytes");
    }
    assert!(P256Key::from_spki(&[der.as_slice(), &[0]].concat()).is_err());
    assert!(P256Key::from_spki(p256().public().as_bytes()).is_err());
}

#[test]
fn no_key_takes_the_signature_of_another_algorithm() {
    let signers: [&dyn Signer; 2] = [&ed25519(), &p256()];
    for (signed, signer) in signers.iter().enumerate() {
        let signature = signer.sign(b"message").unwrap();
        for (read, reader) in signers.iter().enumerate() {
            assert_eq!(reader.key().verify(b"message", &signature), signed == read);
        }
    }
}

#[test]
fn a_secret_is_not_printed() {
    assert_eq!(format!("{:?}", p256()), "P256SigningKey");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_a_key_signs_it_verifies(seed in any::<u64>(), message in prop::collection::vec(any::<u8>(), 0..300)) {
        let key = P256SigningKey::generate(&mut Seeded::new(seed)).unwrap();
        let signature = key.sign(&message).unwrap();
        prop_assert!(key.key().verify(&message, &signature));
        let mut changed = message.clone();
        changed.push(0);
        prop_assert!(!key.key().verify(&changed, &signature));
    }
}
