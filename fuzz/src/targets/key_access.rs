//! A key access object that reads is of some type, and a changed one is refused without a panic by every key.

use package::access::{ClientPublic, KeyAccess, PolicyBinding};

use crate::{OPEN, seeds};

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(access) = KeyAccess::from_json(bytes) {
        assert!(!access.wrapped_key().is_empty());
        // The seeds are not for this key.
        assert!(OPEN.unwrap(&access).is_err());
        assert!(seeds::ACCESS.unwrap(&access).is_err() || access.kind().as_str().ends_with("wrapped"));
    }
    let Ok(text) = str::from_utf8(bytes) else { return };
    let _ = PolicyBinding::new("HS256", text);
    if let Ok(client) = ClientPublic::from_pem(text) {
        assert_eq!(ClientPublic::from_pem(text).expect("the same text").digest(), client.digest());
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = seeds::objects_of_another_client();
    seeds.extend(package::access::Wrapping::ALL.map(|w| seeds::ACCESS.public().pem(w).as_bytes().to_vec()));
    seeds
}
