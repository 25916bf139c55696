//! A content has one byte form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use package::content::Content;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(content) = Content::from_bytes(bytes) {
        assert_eq!(content.to_bytes().expect("what was read is written"), bytes);
    }
});
