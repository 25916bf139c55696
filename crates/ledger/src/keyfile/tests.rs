//! Key files and cards: round trip, wrong passphrases, tampering, bounds.

use std::collections::BTreeMap;

use super::*;
use crate::key::KeyId;
use crate::seeded::Seeded;

const PASSPHRASE: &[u8] = b"correct horse battery staple";

fn act_key() -> KeyFile {
    KeyFile::ed25519(KeyKind::Act, "NO", &SigningKey::generate(&mut Seeded::new(1))).unwrap()
}

fn sealed() -> Vec<u8> {
    seal_key(&act_key(), PASSPHRASE, Cost::LIGHT, &mut Seeded::new(2)).unwrap()
}

fn opened(file: &[u8], passphrase: &[u8]) -> KeyFile {
    match open_key(file, passphrase).unwrap() {
        Opened::Key(key) => key,
        Opened::WrongPassphrase => panic!("the passphrase must fit"),
    }
}

#[test]
fn a_key_comes_back_under_its_passphrase_only() {
    let file = sealed();
    let key = opened(&file, PASSPHRASE);
    assert_eq!(key.card(), act_key().card());
    assert_eq!(key.secret(), act_key().secret());
    assert_eq!(key.signing_key().unwrap().sign(b"x"), act_key().signing_key().unwrap().sign(b"x"));
    assert_eq!(card_of(&file).unwrap(), *key.card());
    for wrong in
        [b"".as_slice(), b"correct horse battery stapl", b"Correct horse battery staple", &[0; 1_000]]
    {
        assert!(matches!(open_key(&file, wrong).unwrap(), Opened::WrongPassphrase));
    }
}

#[test]
fn the_file_holds_no_secret_and_debug_prints_none() {
    let (file, key) = (sealed(), act_key());
    let text = String::from_utf8(file).unwrap();
    let seed = key.signing_key().unwrap().seed();
    assert!(!text.contains(&crate::encoding::to_base64(seed.as_slice())));
    let debug = format!("{key:?} {:?}", Opened::Key(act_key()));
    assert!(!debug.contains("secret") && !debug.contains(&format!("{:?}", &seed[..4])), "{debug}");
    assert!(text.contains("\"name\": \"argon2id\""));
    assert!(text.contains("\"memory_kib\": 19456"));
}

#[test]
fn the_standard_cost_seals_and_opens() {
    let file = seal_key(&act_key(), PASSPHRASE, Cost::STANDARD, &mut Seeded::new(3)).unwrap();
    assert_eq!(opened(&file, PASSPHRASE).card(), act_key().card());
}

#[test]
fn argon2id_is_the_published_one() {
    // phc-winner-argon2, `src/test.c`: Argon2id v19, t = 2, m = 2^16 KiB, p = 1, "password", "somesalt".
    let mut out = [0; 32];
    let params = Params::new(65_536, 2, 1, Some(32)).unwrap();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(b"password", b"somesalt", &mut out)
        .unwrap();
    assert_eq!(hex::encode(out), "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
}

#[test]
fn every_changed_byte_of_a_key_file_is_found() {
    let file = sealed();
    // One change a byte. Most are caught by the form; of those that only the seal can catch every third is tried, for each
    // costs an Argon2id.
    let mut sealed_over = 0;
    for position in 0..file.len() {
        let mut changed = file.clone();
        changed[position] ^= if file[position].is_ascii_alphabetic() { 0x20 } else { 0x01 };
        if KeyFileWire::from_bytes(&changed).is_ok() {
            sealed_over += 1;
            if sealed_over % 3 != 0 {
                continue;
            }
        }
        let verdict = open_key(&changed, PASSPHRASE);
        assert!(!matches!(verdict, Ok(Opened::Key(_))), "byte {position}");
    }
    assert!(sealed_over > 60);
    for bytes in [&file[1..], &file[..file.len() - 1], b"", b"{}"] {
        assert_eq!(open_key(bytes, PASSPHRASE).unwrap_err(), KeyfileError::Form);
    }
}

#[test]
fn a_card_cannot_be_swapped_into_another_key_file() {
    let text = String::from_utf8(sealed()).unwrap();
    let renamed = text.replace("\"name\": \"NO\"", "\"name\": \"SE\"");
    assert_ne!(renamed, text);
    assert!(matches!(open_key(renamed.as_bytes(), PASSPHRASE).unwrap(), Opened::WrongPassphrase));
}

#[test]
fn costs_and_passphrases_are_bounded() {
    let text = String::from_utf8(sealed()).unwrap();
    for (from, to) in [
        ("\"memory_kib\": 19456", "\"memory_kib\": 4294967295"),
        ("\"memory_kib\": 19456", "\"memory_kib\": 8"),
        ("\"passes\": 2", "\"passes\": 4000000000"),
        ("\"passes\": 2", "\"passes\": 1"),
        ("\"lanes\": 1", "\"lanes\": 0"),
        ("\"lanes\": 1", "\"lanes\": 17"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text);
        assert_eq!(open_key(changed.as_bytes(), PASSPHRASE).unwrap_err(), KeyfileError::Cost);
    }
    let short = seal_key(&act_key(), b"eleven byte", Cost::LIGHT, &mut Seeded::new(4));
    assert_eq!(short.unwrap_err(), KeyfileError::ShortPassphrase);
    assert_eq!(open_key(&vec![b' '; KEY_FILE_BYTES_MAX + 1], b"x").unwrap_err(), KeyfileError::Form);
}

#[test]
fn salts_and_nonces_are_drawn_anew() {
    let mut randomness = Seeded::new(5);
    let first = seal_key(&act_key(), PASSPHRASE, Cost::LIGHT, &mut randomness).unwrap();
    let second = seal_key(&act_key(), PASSPHRASE, Cost::LIGHT, &mut randomness).unwrap();
    let wire = |file: &[u8]| KeyFileWire::from_bytes(file).unwrap();
    assert_ne!(wire(&first).kdf.salt.0, wire(&second).kdf.salt.0);
    assert_ne!(wire(&first).cipher.nonce.0, wire(&second).cipher.nonce.0);
}

#[test]
fn opaque_secrets_of_packages_come_back() {
    let public =
        BTreeMap::from([("p-384".to_owned(), vec![4; 97]), ("ml-kem-1024".to_owned(), vec![5; 1_568])]);
    let card = PublicCard::new(KeyKind::Open, "Nordic Works", public).unwrap();
    let key = KeyFile::new(card, Zeroizing::new(vec![6; 3_216])).unwrap();
    let file = seal_key(&key, PASSPHRASE, Cost::LIGHT, &mut Seeded::new(6)).unwrap();
    let read = opened(&file, PASSPHRASE);
    assert_eq!((read.card(), read.secret()), (key.card(), key.secret()));
    assert_eq!(read.signing_key().unwrap_err(), KeyfileError::Kind { found: KeyKind::Open });
}

#[test]
fn a_secret_of_another_key_is_refused() {
    let other = SigningKey::generate(&mut Seeded::new(7));
    let card = act_key().card().clone();
    let wrong = KeyFile::new(card.clone(), Zeroizing::new(other.seed().to_vec()));
    assert_eq!(wrong.unwrap_err(), KeyfileError::Mismatch);
    assert_eq!(KeyFile::new(card, Zeroizing::new(vec![1; 31])).unwrap_err(), KeyfileError::Mismatch);
}

#[test]
fn cards_round_trip_and_name_their_keys() {
    let key = act_key();
    let card = key.card();
    assert_eq!(card.id(), key.signing_key().unwrap().verifying_key().id());
    let json = card.to_json().unwrap();
    assert_eq!(PublicCard::from_json(&json).unwrap(), *card);
    let text = String::from_utf8(json).unwrap();
    let id = card.id().to_string();
    for (from, to) in [
        ("tearline-card/1", "tearline-card/2"),
        ("\"act\"", "\"ACT\""),
        ("\"act\"", "\"open\" , \"x\": \"\""),
        ("\"NO\"", "\"\""),
        ("\"ed25519\"", "\"ed448\""),
        (id.as_str(), "00000000000000000000000000000000"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        assert_eq!(PublicCard::from_json(changed.as_bytes()), Err(KeyfileError::Card), "{from} to {to}");
    }
}

#[test]
fn ids_of_composite_cards_tell_their_fields_apart() {
    let card = |fields: &[(&str, &[u8])]| {
        let public = fields.iter().map(|(field, bytes)| ((*field).to_owned(), bytes.to_vec())).collect();
        PublicCard::new(KeyKind::Seal, "office", public).unwrap().id()
    };
    let ids = [
        card(&[("a", b"12"), ("b", b"3")]),
        card(&[("a", b"1"), ("b", b"23")]),
        card(&[("b", b"12"), ("a", b"3")]),
        card(&[("a", b"123")]),
    ];
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<&KeyId>>().len(), 4);
}

#[test]
fn log_cards_give_the_verifier_key() {
    let key = SigningKey::generate(&mut Seeded::new(8));
    let card = PublicCard::ed25519(KeyKind::Log, "office.example/log", &key.verifying_key()).unwrap();
    assert!(card.note_verifier().unwrap().to_string().starts_with("office.example/log+"));
    assert_eq!(act_key().card().note_verifier(), Err(KeyfileError::Kind { found: KeyKind::Act }));
    let spaced = PublicCard::ed25519(KeyKind::Log, "office log", &key.verifying_key());
    assert_eq!(spaced, Err(KeyfileError::Name));
    let seal = PublicCard::ed25519(KeyKind::Seal, "office", &key.verifying_key());
    assert_eq!(seal, Err(KeyfileError::Kind { found: KeyKind::Seal }));
    for kind in KeyKind::ALL {
        assert_eq!(kind.to_string().parse::<KeyKind>().unwrap(), kind);
    }
}
