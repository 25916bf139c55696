//! What a witness remembers is read and written as the same text.
#![no_main]

use ledger::witness::WitnessState;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(state) = WitnessState::from_text(text) {
        assert_eq!(state.to_text(), text);
    }
});
