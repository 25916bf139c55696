//! A proof file is read and written as the same text, and so is its head.
#![no_main]

use ledger::proof::{LogProof, ProofHead};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(proof) = LogProof::from_text(text) {
        assert_eq!(proof.to_text(), text);
        assert!(ProofHead::from_text(&proof.head().to_text()).as_ref() == Ok(proof.head()));
    }
    if let Ok(head) = ProofHead::from_text(text) {
        assert_eq!(head.to_text(), text);
    }
});
