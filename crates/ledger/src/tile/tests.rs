//! Paths of the specification, bundles, and the files of a growing log.

use proptest::prelude::*;

use super::*;
use crate::Digest;
use crate::merkle::leaf_hash;

fn names(old: u64, new: u64) -> Vec<String> {
    paths(old, new).iter().map(TilePath::to_string).collect()
}

#[test]
fn paths_are_those_of_the_specification() {
    // tlog-tiles, "Partial Tiles": the tree of 70,000.
    let names = names(0, 70_000);
    let level = |level: &str| names.iter().filter(|name| name.starts_with(&format!("tile/{level}/"))).count();
    assert_eq!((level("0"), level("1"), level("2"), level("3")), (274, 2, 1, 0));
    assert_eq!(level("entries"), 274);
    for name in ["tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"] {
        assert!(names.contains(&name.to_owned()), "{name}");
    }
    assert_eq!(self::names(0, 256), ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(self::names(0, 0), Vec::<String>::new());
    assert_eq!(self::names(0, 1), ["tile/entries/000.p/1", "tile/0/000.p/1"]);
    assert_eq!(
        self::names(255, 257),
        ["tile/entries/000", "tile/entries/001.p/1", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1",]
    );
    assert_eq!(self::names(257, 257), Vec::<String>::new());
}

#[test]
fn only_one_spelling_of_a_path_is_read() {
    for good in ["tile/0/000", "tile/7/000.p/255", "tile/entries/x001/000.p/255"] {
        assert!(good.parse::<TilePath>().is_ok(), "{good}");
    }
    // A full tile of level 7 would cover 2^64 entries, one more than a size can say.
    for bad in ["tile/7/000", "tile/8/000.p/1", "tile/63/000"] {
        assert!(bad.parse::<TilePath>().is_err(), "{bad}");
    }
    for bad in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/00/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/x001/x000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/-1/000",
        "tile/0/+12",
        "tile/entry/000",
        "checkpoint",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/../secret",
    ] {
        assert!(matches!(bad.parse::<TilePath>(), Err(TileError::Path { .. })), "{bad}");
    }
}

#[test]
fn bundles_round_trip_and_every_cut_is_found() {
    let entries = [b"".to_vec(), b"a".to_vec(), vec![7; 65_535]];
    let bytes = bundle(&entries).unwrap();
    assert_eq!(entries_of(&bytes, 3).unwrap(), entries);
    assert_eq!(bytes[..5], [0, 0, 0, 1, b'a']);
    let small = bundle(&entries[..2]).unwrap();
    for length in 0..small.len() {
        assert!(matches!(entries_of(&small[..length], 2), Err(TileError::Bundle { .. })));
    }
    assert_eq!(entries_of(&small, 1), Err(TileError::Bundle { position: 1 }));
    assert_eq!(entries_of(&small, 3), Err(TileError::Bundle { position: 2 }));
    let long = [vec![0; 1], vec![0; 65_536]];
    assert_eq!(bundle(&long), Err(TileError::EntryTooLong { index: 1, found: 65_536 }));
    let late: Vec<Vec<u8>> = (0..300).map(|i| vec![0; if i == 280 { 65_536 } else { 1 }]).collect();
    assert_eq!(write_log(0, &late), Err(TileError::EntryTooLong { index: 280, found: 65_536 }));
    assert_eq!(write_log(3, &small_log(2)), Err(TileError::Shrinks { old: 3, new: 2 }));
}

fn small_log(n: u64) -> Vec<Vec<u8>> {
    (0..n).map(|i| i.to_be_bytes().to_vec()).collect()
}

#[test]
fn tiles_hold_the_hashes_of_the_definition() {
    let entries = small_log(66_000);
    let files = write_log(0, &entries).unwrap();
    let root = |range: Range<usize>| Tree::of_entries(&entries[range]).root();
    assert_eq!(files["tile/0/003"][32..64], *leaf_hash(&entries[3 * 256 + 1]).as_bytes());
    assert_eq!(files["tile/1/000"][64..96], *root(512..768).as_bytes());
    assert_eq!(files["tile/1/001.p/1"], *root(65_536..65_792).as_bytes());
    assert_eq!(files["tile/2/000.p/1"], *root(0..65_536).as_bytes());
    assert_eq!(files["tile/0/257.p/208"].len(), 208 * 32);
    assert_eq!(files.len(), 258 + 258 + 2 + 1);
}

proptest! {
    #[test]
    fn growing_in_steps_writes_what_growing_at_once_does(a in 0u64..700, b in 0u64..700) {
        let (old, new) = (a.min(b), a.max(b));
        let entries = small_log(new);
        let all = write_log(0, &entries).unwrap();
        let mut grown = write_log(0, &entries[..old as usize]).unwrap();
        grown.extend(write_log(old, &entries).unwrap());
        // Partial tiles of the old size may remain beside; all of the new size are there and the same.
        for (path, bytes) in &all {
            prop_assert_eq!(grown.get(path), Some(bytes));
        }
    }

    #[test]
    fn paths_round_trip(level in 0u8..9, index in any::<u64>(), shift in 0u32..64, width in 0u16..300) {
        let kind = if level == 8 { TileKind::Entries } else { TileKind::Hashes { level } };
        if let Some(path) = TilePath::new(kind, index >> shift, width) {
            prop_assert_eq!(path.to_string().parse::<TilePath>().unwrap(), path);
            prop_assert!(path.entries().start < path.entries().end);
        }
    }

    #[test]
    fn any_bytes_are_read_as_a_bundle_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), width in 0u16..300) {
        if let Ok(entries) = entries_of(&bytes, width) {
            prop_assert_eq!(bundle(&entries).unwrap(), bytes);
        }
    }
}

#[test]
fn a_tile_beyond_the_tree_has_no_bytes() {
    let tree: Tree = [Digest::of(b"x")].into_iter().collect();
    assert_eq!(hashes(&tree, &"tile/0/000.p/2".parse().unwrap()), None);
    assert_eq!(hashes(&tree, &"tile/entries/000.p/1".parse().unwrap()), None);
}
