//! A proof file is read and written as the same text.
#![no_main]

use ledger::proof::LogProof;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(proof) = LogProof::from_text(text) {
        assert_eq!(proof.to_text(), text);
    }
});
