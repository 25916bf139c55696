//! A signed note, signature lines and verifier keys are read and written as the same text.
#![no_main]

use ledger::cosignature::CosignerKey;
use ledger::note::{NoteVerifier, SignatureLines, SignedNote};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(note) = SignedNote::from_text(text) {
        assert_eq!(note.to_text(), text);
    }
    if let Ok(lines) = SignatureLines::from_text(text) {
        assert_eq!(lines.to_text(), text);
    }
    if let Ok(key) = text.parse::<CosignerKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = text.parse::<NoteVerifier>() {
        assert_eq!(key.to_string(), text);
    }
});
