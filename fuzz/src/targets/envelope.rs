//! An envelope that reads is written and read as the same envelope.

use ledger::dsse::Envelope;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::from_bytes(bytes) {
        let written = envelope.to_bytes();
        assert_eq!(Envelope::from_bytes(&written).expect("our own form reads").to_bytes(), written);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    crate::seeds::envelopes().iter().map(Envelope::to_bytes).collect()
}
