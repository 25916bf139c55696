//! An entry bundle is read and written as the same bytes.
#![no_main]

use ledger::tile::{bundle, entries_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, Vec<u8>)| {
    let (width, bytes) = input;
    if let Ok(entries) = entries_of(&bytes, width) {
        assert_eq!(bundle(&entries).expect("what was read fits"), bytes);
    }
});
