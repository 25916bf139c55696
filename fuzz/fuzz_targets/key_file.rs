//! The card of a key file is read without the passphrase, whatever the file holds.
#![no_main]

use ledger::keyfile::card_of;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = card_of(bytes);
});
