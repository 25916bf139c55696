//! A content has one byte form.

use package::content::Content;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(content) = Content::from_bytes(bytes) {
        assert_eq!(content.to_bytes().expect("what was read is written"), bytes);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::seeds::world().content.to_bytes().expect("a content")]
}
