//! A signed note, signature lines and verifier keys are read and written as the same text.

use ledger::cosignature::CosignerKey;
use ledger::note::{NoteVerifier, SignatureLines, SignedNote};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
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
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let log = crate::seeds::world().trust.log();
    vec![crate::seeds::checkpoint().to_text().into_bytes(), log.ed25519().to_string().into_bytes()]
}
