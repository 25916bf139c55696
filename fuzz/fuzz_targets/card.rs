//! A public card that reads is written and read as the same card.
#![no_main]

use ledger::keyfile::PublicCard;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(card) = PublicCard::from_json(bytes) {
        let written = card.to_json().expect("what was read is written");
        assert_eq!(PublicCard::from_json(&written).expect("our own form reads"), card);
    }
});
