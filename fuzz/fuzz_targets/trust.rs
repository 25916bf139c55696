//! A trust file that reads is written and read as the same trust.
#![no_main]

use libfuzzer_sys::fuzz_target;
use package::trust::Trust;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(trust) = Trust::from_json(bytes) {
        let written = trust.to_json().expect("what was read is written");
        assert!(Trust::from_json(&written).expect("our own form reads") == trust);
    }
});
