//! No bytes but a sealed box open, and none of these were sealed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tearline_fuzz::OPEN;

fuzz_target!(|bytes: &[u8]| {
    assert!(package::wrap::open_box(&OPEN, b"place", bytes).is_err());
});
