//! Sealed boxes: who opens them, what they look like, and every changed byte.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use package::{
    OpenKey,
    wrap::{WrapError, open_box, seal_to},
};
use proptest::prelude::*;

use crate::world::{CANARY, Seeded};

const AAD: &[u8] = b"NO/2026/targets";

fn keys() -> [OpenKey; 3] {
    [1, 2, 3].map(|seed| OpenKey::generate(&mut Seeded::new(seed)).unwrap())
}

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn receivers_open_it_and_nobody_else() {
    let [office, reserve, stranger] = keys();
    let sealed =
        seal_to(&[office.public(), reserve.public()], AAD, CANARY.as_bytes(), &mut Seeded::new(5)).unwrap();
    for key in [&office, &reserve] {
        assert_eq!(open_box(key, AAD, &sealed).unwrap().as_slice(), CANARY.as_bytes());
        assert_eq!(open_box(key, b"SE/2026/targets", &sealed), Err(WrapError::Changed));
    }
    let id = stranger.public().id();
    assert_eq!(open_box(&stranger, AAD, &sealed), Err(WrapError::NotForThisKey { id }));
    assert!(!contains(&sealed, CANARY));
}

#[test]
fn its_shape_is_the_documented_one() {
    let [office, ..] = keys();
    let sealed = seal_to(&[office.public()], AAD, b"figures", &mut Seeded::new(5)).unwrap();
    let (head, rest) = sealed.split_at(16);
    assert_eq!(head, b"tearline-box/1\n\x01");
    let (id, rest) = rest.split_at(16);
    assert_eq!(id, office.public().id().as_bytes());
    // SEQUENCE { [0] of 1568 + 97 bytes, [1] of 12 + 32 + 16 bytes }.
    assert_eq!(&rest[..10], &[0x06, 0xc7, 0x30, 0x82, 0x06, 0xc3, 0x80, 0x82, 0x06, 0x81]);
    assert_eq!(rest[10 + 1_568], 0x04, "the ephemeral point is uncompressed and comes last");
    assert_eq!(&rest[10 + 1_665..12 + 1_665], &[0x81, 60]);
    assert_eq!(rest.len(), 2 + 0x06c7 + 32 + 12 + b"figures".len() + 16);
}

/// A box that another implementation made (Python, pyca/cryptography 48, from the documented shape alone), and its key.
#[test]
fn a_box_of_another_implementation_opens() {
    let known = serde_json::from_slice::<serde_json::Value>(include_bytes!("../data/box-pyca.json")).unwrap();
    let text = |field: &str| known[field].as_str().unwrap();
    let bytes = |field: &str| STANDARD.decode(text(field)).unwrap();
    let key = OpenKey::from_secret_bytes(&bytes("secret")).unwrap();
    let opened = open_box(&key, text("aad").as_bytes(), &bytes("box")).unwrap();
    assert_eq!(opened.as_slice(), text("plaintext").as_bytes());
}

#[test]
fn every_changed_byte_and_every_cut_is_found() {
    let [office, reserve, _] = keys();
    let sealed = seal_to(&[office.public(), reserve.public()], AAD, b"figures", &mut Seeded::new(5)).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 0x20;
        assert!(open_box(&office, AAD, &changed).is_err(), "byte {at}");
        assert!(open_box(&office, AAD, &sealed[..at]).is_err(), "cut at {at}");
    }
    assert!(open_box(&office, AAD, &[sealed.as_slice(), b"x"].concat()).is_err());
}

#[test]
fn bounds_on_receivers() {
    let [office, ..] = keys();
    let seal = |to: &[&package::OpenPublic]| seal_to(to, AAD, b"", &mut Seeded::new(5)).map(drop);
    assert_eq!(seal(&[]), Err(WrapError::Recipients { found: 0 }));
    assert_eq!(seal(&[office.public(); 17]), Err(WrapError::Recipients { found: 17 }));
    let id = office.public().id();
    assert_eq!(seal(&[office.public(); 2]), Err(WrapError::Twice { id }));
    assert_eq!(seal(&[office.public()]), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_plaintext_comes_back(plaintext in proptest::collection::vec(any::<u8>(), 0..300), aad in any::<Vec<u8>>(), seed in any::<u16>()) {
        let key = OpenKey::generate(&mut Seeded::new(4)).unwrap();
        let sealed = seal_to(&[key.public()], &aad, &plaintext, &mut Seeded::new(seed.into())).unwrap();
        let opened = open_box(&key, &aad, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let key = OpenKey::generate(&mut Seeded::new(4)).unwrap();
        prop_assert!(open_box(&key, b"", &[b"tearline-box/1\n", bytes.as_slice()].concat()).is_err());
        prop_assert!(open_box(&key, b"", &bytes).is_err());
    }
}
