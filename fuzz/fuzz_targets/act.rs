//! An act has one byte form: what reads is written as the same bytes.
#![no_main]

use ledger::act::Act;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(act) = Act::from_bytes(bytes) {
        assert_eq!(act.to_bytes().expect("what was read fits"), bytes);
    }
});
