//! Verification of a whole log from its files, trusting nothing but the log's key.
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
use crate::merkle::Tree;
use crate::note::NoteVerifier;
use crate::tile::{self, CHECKPOINT_PATH, TileError, TileKind, TilePath};

/// A log of which every byte was checked against a checkpoint signed by its key.
#[derive(Clone, Debug)]
pub struct VerifiedLog {
    checkpoint: SignedCheckpoint,
    entries: Vec<Vec<u8>>,
    tree: Tree,
}

/// Verifies the log behind `read`, a function from path (`checkpoint`, `tile/...`) to bytes, `None` for what is not there.
///
/// # Errors
///
/// See [`VerifyError`]; the first entry at fault is [`VerifyError::index`].
///
/// # Guarantee
///
/// The holder of the log's key signed a tree of exactly the returned entries, in this order, and the tiles that its
/// checkpoint needs are complete and right: a change of any byte of any of these files is an error.
///
/// # Cost
///
/// Two hashes an entry, one signature in all; everything is held in memory (entries plus 64 bytes each).
pub fn verify_log(
    log: &NoteVerifier,
    read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Result<VerifiedLog, VerifyError> {
    let text =
        read(CHECKPOINT_PATH).ok_or(VerifyError::Missing { path: CHECKPOINT_PATH.to_owned(), index: 0 })?;
    let text = String::from_utf8(text).map_err(|_| VerifyError::Checkpoint(CheckpointError::Text))?;
    let signed = SignedCheckpoint::from_text(&text)?;
    let Checkpoint { size, root, .. } = signed.verify(log)?.clone();
    let mut verified = VerifiedLog { checkpoint: signed, entries: Vec::new(), tree: Tree::new() };
    // Bundles come first and in order, so the tree is complete when the first hash tile is judged. A checkpoint of an
    // absurd size stops at the first file that is not there.
    for index in 0..size.div_ceil(u64::from(tile::TILE_WIDTH)) {
        verified.read_bundle(index, size, read)?;
    }
    for path in tile::paths(0, size).into_iter().filter(|path| path.kind() != TileKind::Entries) {
        let name = path.to_string();
        let bytes = read(&name).ok_or(VerifyError::Missing { path: name, index: path.entries().start })?;
        verified.check_file(&path, &bytes)?;
    }
    if verified.tree.root() == root { Ok(verified) } else { Err(VerifyError::Root { size }) }
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
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.entries
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
        let read = |(index, entry): (usize, &Vec<u8>)| {
            Envelope::from_bytes(entry)
                .map_err(|source| VerifyError::Envelope { index: index as u64, source })
        };
        self.entries.iter().enumerate().map(read).collect()
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
        let covered = || {
            let covered =
                self.entries.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)?;
            tile::bundle(covered).ok()
        };
        let expected = match path.kind() {
            TileKind::Hashes { .. } => tile::hashes(&self.tree, path),
            TileKind::Entries => covered(),
        };
        // INVARIANT: within the log both are always there.
        let expected = expected.ok_or(VerifyError::Beyond { path: path.to_string(), index: range.start })?;
        if expected == bytes {
            return Ok(());
        }
        let first = first_difference(&expected, bytes);
        Err(match path.kind() {
            TileKind::Hashes { level } => {
                // A tile that is too long differs after its last hash; the last one is named then.
                let node = (first as u64 / 32).min(u64::from(path.width()) - 1);
                let index = range.start + (node << (8 * u32::from(level)));
                VerifyError::Tile { path: path.to_string(), index }
            }
            TileKind::Entries => VerifyError::Entry { index: range.start + self.position_in(&range, first) },
        })
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
    pub fn check_history(&self, log: &NoteVerifier, history: &[SignedCheckpoint]) -> Result<(), VerifyError> {
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

    /// Reads one bundle and its tile of level 0, and compares them entry by entry.
    fn read_bundle(
        &mut self,
        index: u64,
        size: u64,
        read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<(), VerifyError> {
        let start = index * u64::from(tile::TILE_WIDTH);
        let width = (size - start).min(u64::from(tile::TILE_WIDTH)) as u16;
        let path_of = |kind| TilePath::new(kind, index, width).ok_or(VerifyError::Root { size });
        let mut fetch = |path: TilePath| {
            let name = path.to_string();
            read(&name).ok_or(VerifyError::Missing { path: name, index: start })
        };
        let bundle = fetch(path_of(TileKind::Entries)?)?;
        let leaves = fetch(path_of(TileKind::Hashes { level: 0 })?)?;
        let entries = match tile::entries_of(&bundle, width) {
            Ok(entries) => entries,
            Err(source) => return Err(broken_bundle(&bundle, &leaves, start, source)),
        };
        for (position, entry) in entries.into_iter().enumerate() {
            let leaf = crate::merkle::leaf_hash(&entry);
            if leaves.get(position * 32..position * 32 + 32) != Some(leaf.as_bytes()) {
                return Err(VerifyError::Entry { index: start + position as u64 });
            }
            self.tree.push(leaf);
            self.entries.push(entry);
        }
        Ok(())
    }

    /// Which entry of a bundle the byte at `offset` belongs to.
    fn position_in(&self, range: &std::ops::Range<u64>, offset: usize) -> u64 {
        let entries = self.entries.iter().skip(usize::try_from(range.start).unwrap_or(usize::MAX));
        let mut end = 0;
        let ends = entries.map(|entry| {
            end += 2 + entry.len();
            end
        });
        let count = range.end - range.start;
        ends.take_while(|end| *end <= offset).count().min(usize::try_from(count - 1).unwrap_or(usize::MAX))
            as u64
    }
}

/// The error for a bundle that falls apart: the first entry that no longer has its leaf hash, which can stand before the one
/// that is cut off, because a changed length shifts all that follows.
fn broken_bundle(bundle: &[u8], leaves: &[u8], start: u64, source: TileError) -> VerifyError {
    let mut rest = bundle;
    for (position, leaf) in leaves.chunks(32).enumerate() {
        let entry = rest
            .split_first_chunk::<2>()
            .and_then(|(length, after)| after.split_at_checked(usize::from(u16::from_be_bytes(*length))));
        match entry {
            Some((entry, after)) if crate::merkle::leaf_hash(entry).as_bytes() == leaf => rest = after,
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
            Self::Root { .. } => "fetch the log again; if it stays so, tell the other holders of checkpoints",
            Self::Fork { .. } => "keep both checkpoints as evidence and tell every other member",
            Self::Beyond { .. } => "fetch the newest checkpoint",
            Self::Envelope { .. } => "report the log: it holds what no program of this kind writes",
        }
    }
}

#[cfg(test)]
mod tests;
