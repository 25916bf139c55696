//! RFC 8032 vectors, and the keys and signatures that strict verification must refuse.

use super::*;
use crate::seeded::Seeded;

/// RFC 8032 section 7.1: secret, public, message, signature.
const VECTORS: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
];

#[test]
fn rfc_8032_vectors_hold() {
    for [secret, public, message, signature] in VECTORS {
        let seed = <[u8; 32]>::try_from(hex::decode(secret).unwrap()).unwrap();
        let message = hex::decode(message).unwrap();
        let key = SigningKey::from_seed(&seed);
        assert_eq!(hex::encode(key.verifying_key().as_bytes()), public);
        assert_eq!(hex::encode(key.sign(&message).as_bytes()), signature);
        assert!(key.verifying_key().verify(&message, &key.sign(&message)));
        assert_eq!(*key.seed(), seed);
    }
}

#[test]
fn every_flipped_bit_of_a_signature_is_refused() {
    let key = SigningKey::generate(&mut Seeded::new(1));
    let signature = key.sign(b"act");
    for position in 0..64 {
        for bit in 0..8 {
            let mut bytes = *signature.as_bytes();
            bytes[position] ^= 1 << bit;
            assert!(!key.verifying_key().verify(b"act", &Signature(bytes)), "byte {position}, bit {bit}");
        }
    }
    assert!(!key.verifying_key().verify(b"acts", &signature));
    assert!(!SigningKey::generate(&mut Seeded::new(2)).verifying_key().verify(b"act", &signature));
}

#[test]
fn weak_and_doubly_spelt_keys_are_refused() {
    // The identity and another point of small order; then y = p + 1, a second spelling of the identity.
    let mut identity = [0; 32];
    identity[0] = 1;
    let order_eight =
        hex::decode("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05").unwrap();
    let mut unreduced = [0xff; 32];
    unreduced[0] = 0xee;
    unreduced[31] = 0x7f;
    for bytes in [identity.as_slice(), &order_eight, &unreduced] {
        assert_eq!(VerifyingKey::from_bytes(bytes), Err(KeyError::PublicPoint));
    }
    assert_eq!(VerifyingKey::from_bytes(&[0; 31]), Err(KeyError::PublicLength { found: 31 }));
}

#[test]
fn the_order_of_the_group_added_to_s_is_refused() {
    // A lax verifier takes S and S + L for one signature: two spellings of the same act.
    let key = SigningKey::generate(&mut Seeded::new(3));
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut bytes = *key.sign(b"act").as_bytes();
    let mut carry = 0u16;
    for (byte, add) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert!(!key.verifying_key().verify(b"act", &Signature(bytes)));
}

#[test]
fn text_forms_round_trip_and_secrets_stay_hidden() {
    let key = SigningKey::generate(&mut Seeded::new(4));
    let public = key.verifying_key();
    assert_eq!(public.to_string().parse::<VerifyingKey>().unwrap(), public);
    let json = serde_json::to_string(&public).unwrap();
    assert_eq!(serde_json::from_str::<VerifyingKey>(&json).unwrap(), public);
    assert_eq!(public.id().to_string().parse::<KeyId>().unwrap(), public.id());
    assert!("00".parse::<KeyId>().is_err());
    assert!("!".parse::<VerifyingKey>().is_err());
    assert_eq!(format!("{key:?}"), "SigningKey");
    assert_eq!(public.id().as_bytes(), &Digest::of(public.as_bytes()).as_bytes()[..16]);
}
