//! Prepared acts: whatever the bytes, judging ends with an answer, and what is sound is in its one byte form.

use tearline::prepared;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(document) = prepared::read(bytes) else { return };
    let judged = prepared::judge(bytes, &document, None);
    if judged.is_sound() {
        assert_eq!(prepared::to_json(&document), bytes);
        assert!(judged.statement.is_some());
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![b"{}\n".to_vec()]
}
