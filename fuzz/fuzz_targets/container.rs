//! Nothing made without the office's key verifies.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tearline_fuzz::TRUST;

fuzz_target!(|bytes: &[u8]| {
    assert!(package::verify(bytes, &TRUST).is_err());
});
