//! A signed checkpoint is read and written as the same text.
#![no_main]

use ledger::checkpoint::SignedCheckpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(checkpoint) = SignedCheckpoint::from_text(text) {
        assert_eq!(checkpoint.to_text(), text);
    }
});
