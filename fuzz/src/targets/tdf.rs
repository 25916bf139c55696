//! An OpenTDF file that reads says what it is made of; with the key of nobody in it, nothing of it is handed on.

use std::io::Cursor;

use package::access::{AccessError, ContentKey};
use package::tdf::{SEGMENTS_MAX, Tdf};

use crate::seeds;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(tdf) = Tdf::read(Cursor::new(bytes)) else { return };
    assert!(tdf.manifest().segment_count() <= SEGMENTS_MAX);
    assert!(
        tdf.manifest().content_bytes() <= bytes.len() as u64,
        "every byte of content is somewhere in the file"
    );
    let Ok(again) = Tdf::read(Cursor::new(bytes)) else { unreachable!("the same bytes") };
    assert!(again.unlock(&mut |_| Err(AccessError::Refused)).is_err());
    // A key that the fuzzer does not have: the root signature holds for no list of segments.
    let mut guess = |_: &_| Ok(ContentKey::generate(&mut |out: &mut [u8]| out.fill(0x5a)));
    assert!(tdf.unlock(&mut guess).is_err());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    ["otdf", "older"].map(seeds::of_another_client).to_vec()
}
