//! Any bytes as a case of the exact model; a small one is answered too.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Past a few records time is spent on programs, not on parsing.
    if let Ok(case) = intake::case::read(bytes)
        && bytes.len() < 4_096
    {
        let _ = case.answers();
    }
});
