//! Any bytes as a specification: read, or every fault listed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut files = tearline_fuzz::files();
    files.put("spec.toml", bytes);
    let _ = intake::load("spec.toml", &files).map(|loaded| loaded.problem());
});
