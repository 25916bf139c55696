//! Any bytes as a code list: read, or every fault listed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut files = tearline_fuzz::files();
    files.put("kind.csv", bytes);
    let _ = intake::load("spec.toml", &files).map(|loaded| loaded.problem());
});
