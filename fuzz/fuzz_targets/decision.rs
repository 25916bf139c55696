//! A decision has one byte form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use package::decision::Decision;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(decision) = Decision::from_bytes(bytes) {
        assert_eq!(decision.to_bytes().expect("what was read is written"), bytes);
    }
});
