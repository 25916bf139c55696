//! An envelope that reads is written and read as the same envelope.
#![no_main]

use ledger::dsse::Envelope;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::from_bytes(bytes) {
        let written = envelope.to_bytes();
        assert_eq!(Envelope::from_bytes(&written).expect("our own form reads").to_bytes(), written);
    }
});
