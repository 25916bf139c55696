//! Tiles: the log as a fixed set of files that any static server or folder can hold.
//!
//! Hash tiles hold 256 consecutive node hashes, entry bundles the 256 entries under a tile of level 0. This module knows paths
//! and bytes, not files: [`write_log`] gives what to write, [`crate::verify::verify_log`] reads it back through a closure.
//!
//! # Source
//!
//! C2SP tlog-tiles, "Merkle Tree", "Partial Tiles" and "Log entries".

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use thiserror::Error;

use crate::dsse::ENVELOPE_BYTES_MAX;
use crate::encoding::from_decimal;
use crate::merkle::Tree;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Bytes of the longest entry that a bundle can hold (its length has 16 bits).
pub const ENTRY_BYTES_MAX: usize = ENVELOPE_BYTES_MAX;

/// Path of the newest signed checkpoint.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// The media type of tiles and bundles.
pub const TILE_MEDIA_TYPE: &str = "application/octet-stream";

/// What a tile path points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TileKind {
    /// Node hashes; at level `L` each is the root over `256^L` entries.
    Hashes {
        /// 0 for leaf hashes; at most 7, for sizes have 64 bits.
        level: u8,
    },
    /// Entries.
    Entries,
}

/// The path of a tile or bundle: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
///
/// ```
/// use ledger::tile::TilePath;
///
/// let path: TilePath = "tile/0/x001/x234/067.p/8".parse().unwrap();
/// assert_eq!((path.index(), path.width()), (1_234_067, 8));
/// assert_eq!(path.to_string(), "tile/0/x001/x234/067.p/8");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    /// INVARIANT: 1 to 256, and level, index and width fit a tree of at most 2^64 - 1 leaves; kept by `new`.
    width: u16,
}

impl TilePath {
    /// A path, if there is such a tile.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Option<Self> {
        let path = Self { kind, index, width };
        let fits = (1..=TILE_WIDTH).contains(&width) && path.level() < 8 && path.entries_end().is_some();
        fits.then_some(path)
    }

    /// Hashes or entries.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Number of the tile within its level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Hashes or entries in it.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// The entries under it.
    pub fn entries(&self) -> Range<u64> {
        let end = self.entries_end().unwrap_or(u64::MAX);
        self.first_node() << (8 * u32::from(self.level()))..end
    }

    fn level(&self) -> u8 {
        match self.kind {
            TileKind::Hashes { level } => level,
            TileKind::Entries => 0,
        }
    }

    /// Number of the first node of the tile within its level.
    fn first_node(&self) -> u64 {
        self.index * u64::from(TILE_WIDTH)
    }

    fn entries_end(&self) -> Option<u64> {
        let nodes = self.index.checked_mul(u64::from(TILE_WIDTH))?.checked_add(u64::from(self.width))?;
        nodes.checked_mul(256u64.checked_pow(u32::from(self.level()))?)
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![self.index % 1_000];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            groups.push(rest % 1_000);
            rest /= 1_000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", self.index % 1_000)?;
        if self.width < TILE_WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let parse = || {
            let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
            let kind = match kind {
                "entries" => TileKind::Entries,
                level => TileKind::Hashes { level: u8::try_from(from_decimal(level)?).ok()? },
            };
            let (number, width) = match rest.split_once(".p/") {
                Some((number, width)) => (number, u16::try_from(from_decimal(width)?).ok()?),
                None => (rest, TILE_WIDTH),
            };
            let mut index = 0u64;
            for group in number.split('/') {
                let digits = group.strip_prefix('x').unwrap_or(group);
                if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                index = index.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
            }
            // Printing it again refuses every other spelling: x missing or too much, a full tile written as partial.
            Self::new(kind, index, width).filter(|path| path.to_string() == text)
        };
        parse().ok_or_else(|| TileError::Path { found: text.chars().take(80).collect() })
    }
}

/// The tiles and bundles that a log gets when it grows from `old` to `new` entries; with `old = 0`, all that it has.
///
/// A checkpoint of size `new` needs exactly `paths(0, new)`. Ordered bundles first, then by level, then by index, so that
/// nothing is written before what it covers.
pub fn paths(old: u64, new: u64) -> Vec<TilePath> {
    let mut paths = Vec::new();
    for level in 0..8u8 {
        let (old_nodes, new_nodes) = (old >> (8 * u32::from(level)), new >> (8 * u32::from(level)));
        if new_nodes <= old_nodes {
            break;
        }
        let kinds = [(level == 0).then_some(TileKind::Entries), Some(TileKind::Hashes { level })];
        for kind in kinds.into_iter().flatten() {
            let width = u64::from(TILE_WIDTH);
            let full = (old_nodes / width..new_nodes / width).map(|index| (index, TILE_WIDTH));
            // A remainder of 256 is below 256.
            let partial = (new_nodes / width, (new_nodes % width) as u16);
            paths
                .extend(full.chain([partial]).filter_map(|(index, width)| TilePath::new(kind, index, width)));
        }
    }
    paths
}

/// Bytes of a hash tile; `None` for a bundle's path or one that the tree does not reach.
pub fn hashes(tree: &Tree, path: &TilePath) -> Option<Vec<u8>> {
    let TileKind::Hashes { level } = path.kind else { return None };
    let mut bytes = Vec::with_capacity(usize::from(path.width) * 32);
    for node in 0..u64::from(path.width) {
        bytes.extend_from_slice(tree.subtree(8 * u32::from(level), path.first_node() + node)?.as_bytes());
    }
    Some(bytes)
}

/// Bytes of an entry bundle: each entry behind its length in 16 bits, big-endian.
///
/// # Errors
///
/// [`TileError::EntryTooLong`], with the position in the bundle.
pub fn bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, TileError> {
    let mut bytes = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len())
            .map_err(|_| TileError::EntryTooLong { index: position as u64, found: entry.len() })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// The entries of a bundle that must hold exactly `width` of them.
///
/// # Errors
///
/// [`TileError::Bundle`] with the position of the first entry that is cut off, missing or too many.
pub fn entries_of(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut rest = bundle;
    let mut entries = Vec::with_capacity(usize::from(width));
    for position in 0..u64::from(width) {
        let (entry, after) = split_entry(rest).ok_or(TileError::Bundle { position })?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(TileError::Bundle { position: u64::from(width) }) }
}

/// The first entry of a bundle and what follows it.
pub(crate) fn split_entry(bundle: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, after) = bundle.split_first_chunk::<2>()?;
    after.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// The files that a log of these entries needs beyond those of its first `old` entries: path to bytes, checkpoint apart.
///
/// `entries` are all entries of the log. Write them before the checkpoint that covers them, never after.
///
/// # Errors
///
/// [`TileError::EntryTooLong`], or [`TileError::Shrinks`] when there are fewer than `old` entries.
///
/// # Cost
///
/// One hash an entry and one a node; the bytes returned are about those of the new entries plus 64 each.
pub fn write_log<E: AsRef<[u8]>>(old: u64, entries: &[E]) -> Result<BTreeMap<String, Vec<u8>>, TileError> {
    let size = entries.len() as u64;
    if old > size {
        return Err(TileError::Shrinks { old, new: size });
    }
    let tree = Tree::of_entries(entries);
    let mut files = BTreeMap::new();
    for path in paths(old, size) {
        let bytes = match path.kind {
            TileKind::Hashes { .. } => hashes(&tree, &path),
            TileKind::Entries => {
                let range = path.entries();
                let covered = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
                let covered = covered.and_then(|(start, end)| entries.get(start..end));
                covered
                    .map(|covered| bundle(covered).map_err(|error| error.shifted(range.start)))
                    .transpose()?
            }
        };
        // INVARIANT: `paths` names only what the tree of this size has.
        files.extend(bytes.map(|bytes| (path.to_string(), bytes)));
    }
    Ok(files)
}

/// Why tiles cannot be written, or bytes are not a tile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TileError {
    /// Not the path of a tile or bundle.
    #[error("`{found}` is not the path of a tile")]
    Path {
        /// What was found, its first 80 characters.
        found: String,
    },
    /// An entry longer than a bundle can hold.
    #[error("entry {index} has {found} bytes, more than the 65535 of a log entry")]
    EntryTooLong {
        /// Index of the entry.
        index: u64,
        /// Bytes found.
        found: usize,
    },
    /// A bundle that does not hold the entries it must.
    #[error("the entry bundle is cut off or too long at position {position}")]
    Bundle {
        /// Position of the first entry at fault in the bundle.
        position: u64,
    },
    /// Fewer entries than were there before.
    #[error("the log had {old} entries and now has {new}")]
    Shrinks {
        /// Entries before.
        old: u64,
        /// Entries now.
        new: u64,
    },
}

impl TileError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Path { .. } => "remove the stray file, or fetch the log again",
            Self::EntryTooLong { .. } => {
                "put the long content into a sealed blob and its digest into the entry"
            }
            Self::Bundle { .. } => "fetch the bundle again from its source",
            Self::Shrinks { .. } => "restore the store: a log never shrinks",
        }
    }

    /// The same error with positions counted from the start of the log.
    fn shifted(self, start: u64) -> Self {
        match self {
            Self::EntryTooLong { index, found } => Self::EntryTooLong { index: start + index, found },
            other => other,
        }
    }
}

#[cfg(test)]
mod tests;
