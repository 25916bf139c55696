//! A proof file is read and written as the same text, and so is its head.

use ledger::proof::{LogProof, ProofHead};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(proof) = LogProof::from_text(text) {
        assert_eq!(proof.to_text(), text);
        assert!(ProofHead::from_text(&proof.head().to_text()).as_ref() == Ok(proof.head()));
    }
    if let Ok(head) = ProofHead::from_text(text) {
        assert_eq!(head.to_text(), text);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let logged = crate::seeds::world().logged(&crate::seeds::envelopes());
    let proof = &logged[0].proof;
    vec![proof.to_text().into_bytes(), proof.head().to_text().into_bytes()]
}
