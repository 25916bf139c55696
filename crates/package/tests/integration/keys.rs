//! Keys: their byte forms, their cards, and what is none.

use ledger::keyfile::{Cost, KeyFile, KeyKind, Opened, PublicCard, open_key, seal_key};
use package::{
    OpenKey, OpenPublic, SealKey, SealPublic,
    key::{KeyError, ML_DSA_FIELD, ML_KEM_FIELD, P384_FIELD},
};

use crate::world::Seeded;

#[test]
fn secrets_read_back_and_stand_in_key_files() {
    let seal = SealKey::generate(&mut Seeded::new(7)).unwrap();
    let secret = seal.to_secret_bytes();
    assert_eq!(secret.len(), 64);
    let card = seal.public().card("office").unwrap();
    let file = KeyFile::new(card.clone(), secret).unwrap();
    let sealed = seal_key(&file, b"four random words", Cost::LIGHT, &mut Seeded::new(8)).unwrap();
    let Opened::Key(opened) = open_key(&sealed, b"four random words").unwrap() else {
        panic!("wrong passphrase")
    };
    assert_eq!(SealKey::from_secret_bytes(opened.secret()).unwrap().public().card("office").unwrap(), card);

    let open = OpenKey::generate(&mut Seeded::new(9)).unwrap();
    let secret = open.to_secret_bytes().unwrap();
    assert_eq!(secret.len(), 48 + 3_168);
    assert_eq!(OpenKey::from_secret_bytes(&secret).unwrap().public().id(), open.public().id());
}

#[test]
fn bytes_that_are_no_key_are_refused() {
    let seal = SealKey::generate(&mut Seeded::new(7)).unwrap().to_secret_bytes();
    for bytes in [&seal[..63], &[], &[seal.as_slice(), b"x"].concat()] {
        assert_eq!(SealKey::from_secret_bytes(bytes).unwrap_err(), KeyError::Secret { kind: KeyKind::Seal });
    }
    let open = OpenKey::generate(&mut Seeded::new(9)).unwrap().to_secret_bytes().unwrap();
    let wrong = KeyError::Secret { kind: KeyKind::Open };
    assert_eq!(OpenKey::from_secret_bytes(&open[1..]).unwrap_err(), wrong);
    // The encapsulation key inside, its hash, and a scalar of zero.
    for at in [48 + 1_536, 48 + 1_536 + 1_567, 48 + 3_104] {
        let mut changed = open.to_vec();
        changed[at] ^= 1;
        assert_eq!(OpenKey::from_secret_bytes(&changed).unwrap_err(), wrong, "byte {at}");
    }
    let zero = [&[0; 48][..], &open[48..]].concat();
    assert_eq!(OpenKey::from_secret_bytes(&zero).unwrap_err(), wrong);
}

fn with(card: &PublicCard, field: &str, bytes: Option<Vec<u8>>) -> PublicCard {
    let names = ["ed25519", ML_DSA_FIELD, P384_FIELD, ML_KEM_FIELD];
    let mut fields = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), card.public(name)?.to_vec())))
        .collect::<std::collections::BTreeMap<_, _>>();
    match bytes {
        Some(bytes) => fields.insert(field.to_owned(), bytes),
        None => fields.remove(field),
    };
    PublicCard::new(card.kind(), card.name(), fields).unwrap()
}

#[test]
fn cards_of_other_kinds_or_with_other_keys_are_refused() {
    let seal = SealKey::generate(&mut Seeded::new(7)).unwrap().public();
    let card = seal.card("office").unwrap();
    assert_eq!(SealPublic::from_card(&card).unwrap(), seal);
    let wrong = KeyError::Card { kind: KeyKind::Seal };
    assert_eq!(SealPublic::from_card(&with(&card, ML_DSA_FIELD, None)), Err(wrong));
    assert_eq!(SealPublic::from_card(&with(&card, ML_DSA_FIELD, Some(vec![1; 10]))), Err(wrong));
    assert_eq!(SealPublic::from_card(&with(&card, "more", Some(vec![1; 10]))), Err(wrong));

    let open = OpenKey::generate(&mut Seeded::new(9)).unwrap();
    let open_card = open.public().card("ACME").unwrap();
    assert_eq!(OpenPublic::from_card(&open_card).unwrap().id(), open.public().id());
    assert_eq!(open_card.id(), open.public().id());
    let wrong = KeyError::Card { kind: KeyKind::Open };
    let refused = |card: &PublicCard| assert_eq!(OpenPublic::from_card(card).unwrap_err(), wrong);
    refused(&card);
    refused(&with(&open_card, P384_FIELD, None));
    refused(&with(&open_card, "more", Some(vec![1])));
    // Not on the curve; compressed; coefficients of ML-KEM not reduced (FIPS 203, section 7.2).
    let mut off = open_card.public(P384_FIELD).unwrap().to_vec();
    off[96] ^= 1;
    refused(&with(&open_card, P384_FIELD, Some(off.clone())));
    off[0] = 2;
    refused(&with(&open_card, P384_FIELD, Some(off[..49].to_vec())));
    let mut large = open_card.public(ML_KEM_FIELD).unwrap().to_vec();
    large[..3].copy_from_slice(&[0xff; 3]);
    refused(&with(&open_card, ML_KEM_FIELD, Some(large)));
}

#[test]
fn nothing_secret_is_printed() {
    let open = OpenKey::generate(&mut Seeded::new(9)).unwrap();
    assert_eq!(format!("{open:?}"), "OpenKey");
    assert_eq!(format!("{:?}", SealKey::generate(&mut Seeded::new(7)).unwrap()), "SealKey");
}
