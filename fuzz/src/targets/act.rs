//! An act has one byte form: what reads is written as the same bytes.

use ledger::act::Act;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(act) = Act::from_bytes(bytes) {
        assert_eq!(act.to_bytes().expect("what was read fits"), bytes);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    crate::seeds::envelopes().iter().map(|e| e.payload_unverified().to_vec()).collect()
}
