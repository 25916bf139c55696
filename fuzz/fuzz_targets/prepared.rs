//! Prepared acts: whatever the bytes, judging ends with an answer, and what is sound is in its one byte form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tearline::prepared;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = prepared::read(bytes) else { return };
    let judged = prepared::judge(bytes, &document, None);
    if judged.is_sound() {
        assert_eq!(prepared::to_json(&document), bytes);
        assert!(judged.statement.is_some());
    }
});
