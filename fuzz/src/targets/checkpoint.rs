//! A signed checkpoint is read and written as the same text; its cosignatures are judged without a panic, and a stranger's
//! lines are never taken in.

use std::sync::LazyLock;

use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature::{Cosigner, CosignerKey};
use ledger::key::SigningKey;
use ledger::mldsa::MlDsaKey;
use ledger::note::{KeyName, SignatureLines};

/// A witness whose name and key ids the fuzzer can find, and whose signatures it cannot.
static WITNESS: LazyLock<Vec<CosignerKey>> = LazyLock::new(|| {
    let ml_dsa = MlDsaKey::from_seed(&[2; 32]).expect("the provider makes keys");
    Cosigner::both(KeyName::new("w").expect("a name"), SigningKey::from_seed(&[1; 32]), ml_dsa).keys()
});

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(mut checkpoint) = SignedCheckpoint::from_text(text) {
        assert_eq!(checkpoint.to_text(), text);
        assert!(
            checkpoint.cosignatures(&*WITNESS).is_ok_and(|held| held.is_empty())
                || text.contains("\u{2014} w ")
        );
        if let Some(Ok(lines)) = text.split_once("\n\n").map(|(_, lines)| SignatureLines::from_text(lines)) {
            let _ = checkpoint.add_cosignatures(&lines, &*WITNESS);
            assert_eq!(checkpoint.to_text(), text, "what is not signed by the witness is not added");
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::seeds::checkpoint().to_text().into_bytes()]
}
