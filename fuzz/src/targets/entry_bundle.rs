//! An entry bundle is read and written as the same bytes.

use ledger::tile::{bundle, entries_of};

pub(crate) fn run(bytes: &[u8]) {
    let Some((width, bytes)) = bytes.split_first_chunk::<2>() else { return };
    let width = u16::from_le_bytes(*width);
    if let Ok(entries) = entries_of(bytes, width) {
        assert_eq!(bundle(&entries).expect("what was read fits"), bytes);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let entries = crate::seeds::envelopes().iter().map(|e| e.to_bytes()).collect::<Vec<_>>();
    let width = (entries.len() as u16).to_le_bytes();
    vec![[width.as_slice(), &bundle(&entries).expect("short entries")].concat()]
}
