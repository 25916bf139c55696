//! A decision has one byte form.

use package::decision::Decision;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(decision) = Decision::from_bytes(bytes) {
        assert_eq!(decision.to_bytes().expect("what was read is written"), bytes);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::seeds::world().decision().to_bytes().expect("a decision")]
}
