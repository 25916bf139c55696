//! A signed note is read and written as the same text.
#![no_main]

use ledger::note::SignedNote;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(note) = SignedNote::from_text(text) {
        assert_eq!(note.to_text(), text);
    }
});
