//! Any bytes as a list of awkward inputs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = intake::inputs::answers(bytes);
});
