//! Key files and cards: round trip, wrong passphrases, tampering, bounds.

use std::collections::BTreeMap;

use super::*;
use crate::key::KeyId;
use crate::log::LogVerifier;
use crate::seeded::Seeded;

const PASSPHRASE: &[u8] = b"correct horse battery staple";

fn signing_key() -> SigningKey {
    SigningKey::generate(&mut Seeded::new(1))
}

fn act_key() -> KeyFile {
    KeyFile::act("NO", &ActSecret::Ed25519(signing_key())).unwrap()
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
    assert_eq!(key.act_secret().unwrap().sign(b"x").unwrap(), signing_key().sign(b"x").as_bytes());
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
    let seed = signing_key().seed();
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
    assert_eq!(read.act_secret().unwrap_err(), KeyfileError::Kind { found: KeyKind::Open });
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
    assert_eq!(card.id(), signing_key().verifying_key().id());
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

fn log_signer() -> LogSigner {
    LogSigner::generate(KeyName::new("office.example/log").unwrap(), &mut Seeded::new(8)).unwrap()
}

fn cosigner() -> Cosigner {
    Cosigner::generate(KeyName::new("witness.example/NO").unwrap(), &mut Seeded::new(9)).unwrap()
}

#[test]
fn log_cards_give_both_verifier_keys() {
    let key = KeyFile::log(&log_signer()).unwrap();
    let card = PublicCard::from_json(&key.card().to_json().unwrap()).unwrap();
    let log = card.log_verifier().unwrap();
    assert_eq!(log, log_signer().verifier());
    assert!(log.ed25519().to_string().starts_with("office.example/log+"));
    assert!(log.ml_dsa().unwrap().to_string().starts_with("office.example/log+"));
    assert_eq!(act_key().card().log_verifier(), Err(KeyfileError::Kind { found: KeyKind::Act }));
    assert_eq!(card.cosigner_keys(), Err(KeyfileError::Kind { found: KeyKind::Log }));
    assert_eq!(card.act_key(), Err(KeyfileError::Kind { found: KeyKind::Log }));
    let alone = LogVerifier::ed25519_alone(log.ed25519().clone());
    assert_eq!(PublicCard::log(&alone), Err(KeyfileError::Card));
    for kind in KeyKind::ALL {
        assert_eq!(kind.to_string().parse::<KeyKind>().unwrap(), kind);
    }
}

#[test]
fn cards_of_logs_and_witnesses_have_exactly_their_two_fields() {
    let fields = |names: &[(&str, usize)]| {
        let ed25519 = signing_key().verifying_key().as_bytes().to_vec();
        names
            .iter()
            .map(|(field, length)| {
                ((*field).to_owned(), if *length == 0 { ed25519.clone() } else { vec![1; *length] })
            })
            .collect::<BTreeMap<_, _>>()
    };
    for kind in [KeyKind::Log, KeyKind::Witness] {
        let card = |fields| PublicCard::new(kind, "office.example", fields);
        assert!(card(fields(&[("ed25519", 0), ("ml-dsa-44", 1_312)])).is_ok());
        for bad in [
            fields(&[("ed25519", 0)]),
            fields(&[("ml-dsa-44", 1_312)]),
            fields(&[("ed25519", 0), ("ml-dsa-44", 1_311)]),
            fields(&[("ed25519", 31), ("ml-dsa-44", 1_312)]),
            fields(&[("ed25519", 0), ("ml-dsa-65", 1_952)]),
            fields(&[("ed25519", 0), ("ml-dsa-44", 1_312), ("ml-dsa-65", 1_952)]),
        ] {
            assert_eq!(card(bad), Err(KeyfileError::Card));
        }
        let spaced = PublicCard::new(kind, "office log", fields(&[("ed25519", 0), ("ml-dsa-44", 1_312)]));
        assert_eq!(spaced, Err(KeyfileError::Name));
    }
}

#[test]
fn keys_of_logs_and_witnesses_come_back() {
    let log = KeyFile::log(&log_signer()).unwrap();
    let file = seal_key(&log, PASSPHRASE, Cost::LIGHT, &mut Seeded::new(10)).unwrap();
    assert_eq!(opened(&file, PASSPHRASE).log_signer().unwrap().verifier(), log_signer().verifier());
    let witness = KeyFile::witness(&cosigner()).unwrap();
    let file = seal_key(&witness, PASSPHRASE, Cost::LIGHT, &mut Seeded::new(11)).unwrap();
    let read = opened(&file, PASSPHRASE);
    assert_eq!(read.cosigner().unwrap().keys(), cosigner().keys());
    assert_eq!(read.secret().len(), 64);
    assert_eq!(read.log_signer().unwrap_err(), KeyfileError::Kind { found: KeyKind::Witness });
    assert_eq!(log.cosigner().unwrap_err(), KeyfileError::Kind { found: KeyKind::Log });
    assert_eq!(log.act_secret().unwrap_err(), KeyfileError::Kind { found: KeyKind::Log });
    let half = Cosigner::ed25519(KeyName::new("w").unwrap(), SigningKey::from_seed(&[1; 32]));
    assert_eq!(KeyFile::witness(&half).unwrap_err(), KeyfileError::Mismatch);
}

#[test]
fn either_seed_of_another_key_is_refused() {
    for key in [KeyFile::log(&log_signer()).unwrap(), KeyFile::witness(&cosigner()).unwrap()] {
        for position in [0, 31, 32, 63] {
            let mut secret = key.secret().to_vec();
            secret[position] ^= 1;
            let wrong = KeyFile::new(key.card().clone(), Zeroizing::new(secret));
            assert_eq!(wrong.unwrap_err(), KeyfileError::Mismatch, "byte {position}");
        }
        for length in [0, 32, 63] {
            let secret = Zeroizing::new(key.secret()[..length].to_vec());
            assert_eq!(KeyFile::new(key.card().clone(), secret).unwrap_err(), KeyfileError::Mismatch);
        }
    }
}

#[test]
fn a_p256_key_has_a_file_and_a_security_key_has_a_card_alone() {
    let secret = ActSecret::P256(P256SigningKey::generate(&mut Seeded::new(20)).unwrap());
    let file = seal_key(&KeyFile::act("NO", &secret).unwrap(), PASSPHRASE, Cost::LIGHT, &mut Seeded::new(21))
        .unwrap();
    let read = opened(&file, PASSPHRASE);
    assert_eq!(read.act_secret().unwrap().key(), secret.key());
    assert_eq!(read.card().id(), secret.key().id());
    let ActKey::P256(point) = secret.key() else { panic!("a P-256 key") };
    let rp = crate::webauthn::RelyingParty::new("office.example").unwrap();
    let key = ActKey::WebAuthn(crate::act_key::WebAuthnKey::new(rp, point));
    let card = PublicCard::act("NO", &key).unwrap();
    let card = PublicCard::from_json(&card.to_json().unwrap()).unwrap();
    assert_eq!((card.act_key().unwrap(), card.id()), (key.clone(), key.id()));
    assert_eq!(KeyFile::new(card, Zeroizing::new(vec![1; 32])).unwrap_err(), KeyfileError::Mismatch);
    let both = BTreeMap::from([
        (ED25519_FIELD.to_owned(), signing_key().verifying_key().as_bytes().to_vec()),
        (P256_FIELD.to_owned(), point.as_bytes().to_vec()),
    ]);
    assert_eq!(PublicCard::new(KeyKind::Act, "NO", both), Err(KeyfileError::Card));
}
