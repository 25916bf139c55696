//! What a witness remembers is read and written as the same text.

use ledger::witness::WitnessState;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(state) = WitnessState::from_text(text) {
        assert_eq!(state.to_text(), text);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![WitnessState::new().to_text().into_bytes(), crate::seeds::witness_state().to_text().into_bytes()]
}
