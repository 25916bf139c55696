//! Verification of a whole log from its files, trusting nothing but the log's keys.
//!
//! Every entry is hashed and compared with its tile, every tile of every level with the tree over the entries, and the root
//! with the signed checkpoint. What the entries *mean* is judged elsewhere, by replaying them.
//!
//! # Source
//!
//! C2SP tlog-tiles and tlog-checkpoint; the order of checks follows what Tessera's `fsck` does.

use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::dsse::{Envelope, EnvelopeError};
use crate::log::LogVerifier;
use crate::merkle::{Tree, leaf_hash};
use crate::tile::{self, CHECKPOINT_PATH, TileError, TileKind, TilePath};

/// A log of which every byte was checked against a checkpoint signed by its keys.
#[derive(Clone, Debug)]
pub struct VerifiedLog {
    checkpoint: SignedCheckpoint,
    /// INVARIANT: in order and complete, all but the last of 256 entries; kept by [`LogVerification`].
    bundles: Vec<Entries>,
    tree: Tree,
}

/// The entries of one bundle, in one piece.
#[derive(Clone, Debug)]
struct Entries {
    bytes: Vec<u8>,
    /// Where each entry ends in `bytes`; each begins two bytes of length after the end of the one before.
    ends: Vec<usize>,
}

impl Entries {
    fn get(&self, position: usize) -> Option<&[u8]> {
        let before = position.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(before + 2..*self.ends.get(position)?)
    }
}

/// Verifies the log behind `read`, a function from path (`checkpoint`, `tile/...`) to bytes, `None` for what is not there.
///
/// The sequential way through [`LogVerification`], which several threads can share.
///
/// # Errors
///
/// See [`VerifyError`]; the first entry at fault is [`VerifyError::index`].
///
/// # Guarantee
///
/// The holder of the log's keys signed a tree of exactly the returned entries, in this order, and the tiles that its
/// checkpoint needs are complete and right: a change of any byte of any of these files is an error. The one exception are bytes
/// of signature lines by keys that `log` does not name, which the specification has readers ignore.
///
/// # Cost
///
/// Two hashes an entry, two signatures in all; everything is held in memory (entries plus 72 bytes each).
pub fn verify_log(
    log: &LogVerifier,
    read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Result<VerifiedLog, VerifyError> {
    let checkpoint =
        read(CHECKPOINT_PATH).ok_or(VerifyError::Missing { path: CHECKPOINT_PATH.to_owned(), index: 0 })?;
    let mut verification = LogVerification::begin(log, &checkpoint)?;
    // Bundles come first and in order, so the tree is complete when the first hash tile is judged. A checkpoint of an
    // absurd size stops at the first file that is not there.
    for place in verification.places() {
        let mut fetch = |path: TilePath| {
            let name = path.to_string();
            read(&name).ok_or(VerifyError::Missing { path: name, index: place.start() })
        };
        let (bundle, tile) = (fetch(place.bundle)?, fetch(place.tile)?);
        verification.add(Bundle::check(place, bundle, &tile)?)?;
    }
    verification.finish(read)
}

/// Where one bundle of a log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundlePlace {
    /// Path of the bundle.
    pub bundle: TilePath,
    /// Path of the tile of its leaf hashes.
    pub tile: TilePath,
}

impl BundlePlace {
    fn start(&self) -> u64 {
        self.bundle.entries().start
    }
}

/// A bundle whose entries were hashed and compared with their tile, and the tree over them. Made on any thread, alone.
#[derive(Clone, Debug)]
pub struct Bundle {
    start: u64,
    entries: Entries,
    tree: Tree,
}

impl Bundle {
    /// Hashes the entries of a bundle and compares them with its tile of level 0.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Bundle`], [`VerifyError::Entry`] or [`VerifyError::Tile`].
    ///
    /// # Cost
    ///
    /// Two hashes an entry; no allocation for each, but for the whole bundle.
    pub fn check(place: BundlePlace, bundle: Vec<u8>, tile: &[u8]) -> Result<Self, VerifyError> {
        let (start, width) = (place.start(), place.bundle.width());
        let mut ends = Vec::with_capacity(usize::from(width));
        let mut tree = Tree::new();
        let mut leaves = tile.chunks_exact(32);
        let entries = match tile::entries_of(&bundle, width) {
            Ok(entries) => entries,
            Err(source) => return Err(broken_bundle(&bundle, tile, start, source)),
        };
        let mut end = 0;
        for (entry, index) in entries.into_iter().zip(start..) {
            let leaf = leaf_hash(entry);
            if leaves.next() != Some(leaf.as_bytes()) {
                return Err(VerifyError::Entry { index });
            }
            tree.push(leaf);
            end += 2 + entry.len();
            ends.push(end);
        }
        if tile.len() != usize::from(width) * 32 {
            // Too long: it differs after its last hash, which is named.
            let index = start + u64::from(width) - 1;
            return Err(VerifyError::Tile { path: place.tile.to_string(), index });
        }
        Ok(Self { start, entries: Entries { bytes: bundle, ends }, tree })
    }
}

/// A log that is being verified: the checkpoint is believed, bundles are added in order.
///
/// A shell with threads has each of them [`Bundle::check`] some of the [`LogVerification::places`], and adds the results in order;
/// what is left to do one after the other costs 1/256 of the hashes.
#[derive(Debug)]
pub struct LogVerification {
    log: VerifiedLog,
}

impl LogVerification {
    /// Judges the checkpoint.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Checkpoint`].
    pub fn begin(log: &LogVerifier, checkpoint: &[u8]) -> Result<Self, VerifyError> {
        let text = std::str::from_utf8(checkpoint).map_err(|_| CheckpointError::Text)?;
        let checkpoint = SignedCheckpoint::from_text(text)?;
        checkpoint.verify(log)?;
        Ok(Self { log: VerifiedLog { checkpoint, bundles: Vec::new(), tree: Tree::new() } })
    }

    /// All bundles of the log, in order; as many as the checkpoint says, which may be absurdly many.
    pub fn places(&self) -> impl Iterator<Item = BundlePlace> + use<> {
        let (size, width) = (self.log.checkpoint().size, u64::from(tile::TILE_WIDTH));
        (0..size.div_ceil(width)).filter_map(move |index| {
            // The remainder is 256 at most.
            let width = (size - index * width).min(width) as u16;
            let path = |kind| TilePath::new(kind, index, width);
            Some(BundlePlace { bundle: path(TileKind::Entries)?, tile: path(TileKind::Hashes { level: 0 })? })
        })
    }

    /// Adds the next bundle.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Order`] when it is not the next.
    pub fn add(&mut self, bundle: Bundle) -> Result<(), VerifyError> {
        let next = self.log.tree.size();
        let after = next + bundle.tree.size();
        let size = self.log.checkpoint().size;
        if bundle.start != next || after > size || (after < size && bundle.tree.size() < 256) {
            return Err(VerifyError::Order { index: next });
        }
        self.log.tree.append(&bundle.tree);
        self.log.bundles.push(bundle.entries);
        Ok(())
    }

    /// Compares the tiles above the leaves, and the root with the checkpoint.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Order`] when bundles are missing, [`VerifyError::Missing`], [`VerifyError::Tile`] or
    /// [`VerifyError::Root`].
    pub fn finish(self, read: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<VerifiedLog, VerifyError> {
        let log = self.log;
        let Checkpoint { size, root, .. } = *log.checkpoint();
        if log.tree.size() != size {
            return Err(VerifyError::Order { index: log.tree.size() });
        }
        let above = |path: &TilePath| matches!(path.kind(), TileKind::Hashes { level: 1.. });
        for path in tile::paths(0, size).into_iter().filter(above) {
            let name = path.to_string();
            let bytes =
                read(&name).ok_or(VerifyError::Missing { path: name, index: path.entries().start })?;
            log.check_file(&path, &bytes)?;
        }
        if log.tree.root() == root { Ok(log) } else { Err(VerifyError::Root { size }) }
    }
}

impl VerifiedLog {
    /// The checkpoint that was verified.
    pub fn checkpoint(&self) -> &Checkpoint {
        self.checkpoint.unverified()
    }

    /// The same with its signatures.
    pub fn signed_checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The entries in order.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        // INVARIANT: a tree in memory has fewer leaves than memory has bytes.
        let size = usize::try_from(self.tree.size()).unwrap_or(usize::MAX);
        (0..size).map(|index| self.at(index).unwrap_or_default())
    }

    /// One entry.
    pub fn entry(&self, index: u64) -> Option<&[u8]> {
        self.at(usize::try_from(index).ok()?)
    }

    fn at(&self, index: usize) -> Option<&[u8]> {
        let width = usize::from(tile::TILE_WIDTH);
        self.bundles.get(index / width)?.get(index % width)
    }

    /// The tree over them.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The entries as envelopes, in order. Their signatures are judged by whoever knows the roster.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Envelope`] at the first entry that is none.
    pub fn envelopes(&self) -> Result<Vec<Envelope>, VerifyError> {
        let read = |(entry, index): (&[u8], u64)| {
            Envelope::from_bytes(entry).map_err(|source| VerifyError::Envelope { index, source })
        };
        self.entries().zip(0..).map(read).collect()
    }

    /// Checks any tile or bundle that lies within this log, as partial ones of earlier sizes do.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Beyond`] for a file past the checkpoint, which it says nothing about; [`VerifyError::Entry`] or
    /// [`VerifyError::Tile`] for one that differs from what the checkpoint covers.
    pub fn check_file(&self, path: &TilePath, bytes: &[u8]) -> Result<(), VerifyError> {
        let range = path.entries();
        if range.end > self.tree.size() {
            return Err(VerifyError::Beyond { path: path.to_string(), index: range.start });
        }
        match path.kind() {
            TileKind::Hashes { level } => {
                let expected = tile::hashes(&self.tree, path).unwrap_or_default();
                if expected == bytes {
                    return Ok(());
                }
                // A tile that is too long differs after its last hash; the last one is named then.
                let node = first_difference(&expected, bytes) as u64 / 32;
                let node = node.min(u64::from(path.width()) - 1);
                let index = range.start + (node << (8 * u32::from(level)));
                Err(VerifyError::Tile { path: path.to_string(), index })
            }
            TileKind::Entries => {
                let last = usize::from(path.width()) - 1;
                let bundle = usize::try_from(path.index()).ok().and_then(|index| self.bundles.get(index));
                // INVARIANT: within the log the bundle is there, at least as wide as this part of it.
                let covered = bundle.and_then(|bundle| {
                    Some((bundle.bytes.get(..*bundle.ends.get(last)?)?, bundle.ends.as_slice()))
                });
                let (expected, ends) = covered.unwrap_or_default();
                if expected == bytes {
                    return Ok(());
                }
                let first = first_difference(expected, bytes);
                let position = ends.partition_point(|end| *end <= first).min(last);
                Err(VerifyError::Entry { index: range.start + position as u64 })
            }
        }
    }

    /// Checks that the log still begins with what each of these earlier checkpoints signed.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Checkpoint`] for one that is not the log's; [`VerifyError::Fork`] for the smallest that the log does
    /// not contain.
    ///
    /// # Guarantee
    ///
    /// Whoever kept one of these checkpoints was shown a beginning of this very log.
    pub fn check_history(&self, log: &LogVerifier, history: &[SignedCheckpoint]) -> Result<(), VerifyError> {
        let mut earlier = history.iter().map(|signed| signed.verify(log)).collect::<Result<Vec<_>, _>>()?;
        earlier.sort_by_key(|checkpoint| checkpoint.size);
        let mut agreed = 0;
        for checkpoint in earlier {
            if self.tree.root_at(checkpoint.size) != Ok(checkpoint.root) {
                return Err(VerifyError::Fork { agreed, size: checkpoint.size });
            }
            agreed = checkpoint.size;
        }
        Ok(())
    }
}

/// The error for a bundle that falls apart: the first entry that no longer has its leaf hash, which can stand before the one
/// that is cut off, because a changed length shifts all that follows.
fn broken_bundle(bundle: &[u8], leaves: &[u8], start: u64, source: TileError) -> VerifyError {
    let mut rest = bundle;
    for (position, leaf) in leaves.chunks(32).enumerate() {
        match tile::split_entry(rest) {
            Some((entry, after)) if leaf_hash(entry).as_bytes() == leaf => rest = after,
            _ => return VerifyError::Bundle { index: start + position as u64, source },
        }
    }
    // All entries are right and something follows them: the last is named.
    VerifyError::Bundle { index: start + (leaves.len() as u64 / 32).saturating_sub(1), source }
}

fn first_difference(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// A file is not there.
    #[error("the log's file `{path}` is missing")]
    Missing {
        /// Path of the file.
        path: String,
        /// First entry that it covers.
        index: u64,
    },
    /// The checkpoint cannot be read or trusted.
    #[error("the log's checkpoint cannot be trusted")]
    Checkpoint(#[from] CheckpointError),
    /// A bundle falls apart.
    #[error("entry {index} cannot be read from its bundle")]
    Bundle {
        /// First entry at fault.
        index: u64,
        /// How.
        source: TileError,
    },
    /// An entry and its leaf hash differ.
    #[error("entry {index} is not the one that the log's tiles cover")]
    Entry {
        /// First entry at fault.
        index: u64,
    },
    /// A tile holds other hashes than its entries give.
    #[error("the tile `{path}` is not what the entries from {index} on give")]
    Tile {
        /// Path of the tile.
        path: String,
        /// First entry under the first wrong hash.
        index: u64,
    },
    /// Bundles are not given one after the other.
    #[error("the bundle that begins with entry {index} is to come next")]
    Order {
        /// First entry of the bundle that must come next.
        index: u64,
    },
    /// Entries and tiles agree with each other, but not with the signed root.
    #[error("the log's {size} entries do not give the root that its key signed")]
    Root {
        /// Entries of the log.
        size: u64,
    },
    /// An earlier checkpoint signed another log.
    #[error("the log signed another history: one of its entries from {agreed} to below {size} was replaced")]
    Fork {
        /// Entries on which the checkpoints still agree.
        agreed: u64,
        /// Size of the checkpoint that does not fit.
        size: u64,
    },
    /// A file about entries after the checkpoint.
    #[error("the file `{path}` lies beyond the log's checkpoint")]
    Beyond {
        /// Path of the file.
        path: String,
        /// First entry that it covers.
        index: u64,
    },
    /// An entry that is no envelope.
    #[error("entry {index} is not a signed act")]
    Envelope {
        /// The entry.
        index: u64,
        /// Why not.
        source: EnvelopeError,
    },
}

impl VerifyError {
    /// The first entry at fault, where it can be told. A wrong root cannot be traced to one entry.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::Missing { index, .. }
            | Self::Bundle { index, .. }
            | Self::Entry { index }
            | Self::Tile { index, .. }
            | Self::Order { index }
            | Self::Beyond { index, .. }
            | Self::Envelope { index, .. } => Some(*index),
            Self::Checkpoint(_) | Self::Root { .. } | Self::Fork { .. } => None,
        }
    }

    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "fetch the missing file; if the log does not have it, report the log",
            Self::Checkpoint(error) => error.advice(),
            Self::Bundle { .. } | Self::Entry { .. } | Self::Tile { .. } => {
                "compare with another copy of the log: this one was changed or damaged"
            }
            Self::Order { .. } => "add the bundles in the order of their places",
            Self::Root { .. } => "fetch the log again; if it stays so, tell the other holders of checkpoints",
            Self::Fork { .. } => "keep both checkpoints as evidence and tell every other member",
            Self::Beyond { .. } => "fetch the newest checkpoint",
            Self::Envelope { .. } => "report the log: it holds what no program of this kind writes",
        }
    }
}

#[cfg(test)]
mod tests;
