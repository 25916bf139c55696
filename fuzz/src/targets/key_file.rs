//! The card of a key file is read without the passphrase, whatever the file holds.

use ledger::keyfile::card_of;

pub(crate) fn run(bytes: &[u8]) {
    let _ = card_of(bytes);
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::seeds::key_file()]
}
