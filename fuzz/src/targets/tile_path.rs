//! A path of a tile has one spelling.

use ledger::tile::TilePath;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(path) = text.parse::<TilePath>() {
        assert_eq!(path.to_string(), text);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    ["tile/0/000", "tile/1/x001/234", "tile/entries/x001/000.p/7"]
        .map(|path| path.as_bytes().to_vec())
        .to_vec()
}
