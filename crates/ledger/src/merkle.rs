//! The Merkle tree of the log, with inclusion and consistency proofs.
//!
//! A [`Tree`] keeps the hash of every complete subtree (about 64 bytes a leaf), so that any root, proof or tile of any earlier
//! size takes a logarithmic number of hashes. It never sees an entry twice: leaves come in as hashes.
//!
//! # Source
//!
//! RFC 6962 section 2.1 (hashes, proofs) and RFC 9162 sections 2.1.3.2 and 2.1.4.2 (the verification algorithms, which are
//! followed step by step).

use thiserror::Error;

use crate::Digest;

/// Hash of an entry: `H(00 || entry)` (RFC 6962 section 2.1).
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest::of_parts(&[&[0x00], entry])
}

/// Hash of an inner node: `H(01 || left || right)` (RFC 6962 section 2.1).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    // One buffer on the stack: the hasher takes it in whole blocks, a third faster than in three parts.
    let mut node = [0x01; 65];
    let (_, hashes) = node.split_at_mut(1);
    let (first, second) = hashes.split_at_mut(Digest::LEN);
    first.copy_from_slice(left.as_bytes());
    second.copy_from_slice(right.as_bytes());
    Digest::of(&node)
}

/// Root of the tree without entries: `H("")` (RFC 6962 section 2.1).
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// An append-only Merkle tree held in memory.
///
/// ```
/// use ledger::merkle::{Tree, leaf_hash};
///
/// let tree: Tree = [b"a", b"b", b"c"].iter().map(|entry| leaf_hash(*entry)).collect();
/// let proof = tree.inclusion(1, 3).unwrap();
/// assert!(proof.holds(&leaf_hash(b"b"), &tree.root()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// `levels[k][i]` is the hash of leaves `i * 2^k .. (i + 1) * 2^k`.
    /// INVARIANT: `levels[k].len() == size >> k` and the last level is not empty; kept by `push_node`, `append` and `truncate`, the
    /// only writers.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree over these entries.
    pub fn of_entries<E: AsRef<[u8]>>(entries: impl IntoIterator<Item = E>) -> Self {
        entries.into_iter().map(|entry| leaf_hash(entry.as_ref())).collect()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Adds a leaf by its hash; amortised one more hash.
    pub fn push(&mut self, leaf: Digest) {
        self.push_node(0, leaf);
    }

    /// Adds the leaves of a tree that was built apart, as several threads do; takes its nodes over where they stand.
    ///
    /// Costs no hash for the full bundles of a log (256 leaves after a multiple of 256); otherwise that of pushing each leaf.
    pub fn append(&mut self, other: &Self) {
        let height = other.levels.len().saturating_sub(1);
        let aligned = other.size() == 1 << height && self.size().is_multiple_of(1 << height);
        match other.levels.split_last() {
            Some((top, below)) if aligned => {
                for (level, nodes) in below.iter().enumerate() {
                    if level == self.levels.len() {
                        self.levels.push(Vec::new());
                    }
                    self.levels[level].extend_from_slice(nodes);
                }
                // INVARIANT: a tree of `2^height` leaves has one node at its highest level.
                top.iter().for_each(|node| self.push_node(height, *node));
            }
            _ => self.extend(other.levels.first().into_iter().flatten().copied()),
        }
    }

    /// Adds a node whose subtree is there, and those above it that become complete.
    fn push_node(&mut self, level: usize, node: Digest) {
        let (mut hash, mut level) = (node, level);
        loop {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(hash);
            match nodes.as_slice() {
                [.., left, right] if nodes.len().is_multiple_of(2) => hash = node_hash(left, right),
                _ => return,
            }
            level += 1;
        }
    }

    /// Takes back all leaves from `size` on, as if they had never been pushed; nothing when there are no more than that.
    ///
    /// For a writer whose leaves could not be kept: a tree must never be ahead of what is stored.
    pub fn truncate(&mut self, size: u64) {
        for (height, nodes) in self.levels.iter_mut().enumerate() {
            // A tree in memory has fewer leaves than an index can count, so both conversions hold.
            nodes.truncate(
                usize::try_from(size.checked_shr(height as u32).unwrap_or(0)).unwrap_or(usize::MAX),
            );
        }
        self.levels.retain(|nodes| !nodes.is_empty());
    }

    /// Hash of a leaf, if it is there.
    pub fn leaf(&self, index: u64) -> Option<Digest> {
        self.subtree(0, index)
    }

    /// Hash of the complete subtree over leaves `index * 2^height .. (index + 1) * 2^height`, if they are all there.
    pub fn subtree(&self, height: u32, index: u64) -> Option<Digest> {
        let nodes = self.levels.get(usize::try_from(height).ok()?)?;
        nodes.get(usize::try_from(index).ok()?).copied()
    }

    /// Root over all leaves.
    pub fn root(&self) -> Digest {
        self.range_hash(0, self.size())
    }

    /// Root as it was when the tree had `size` leaves.
    ///
    /// # Errors
    ///
    /// [`MerkleError::SizeBeyond`].
    pub fn root_at(&self, size: u64) -> Result<Digest, MerkleError> {
        self.within(size)?;
        Ok(self.range_hash(0, size))
    }

    /// Proof that the leaf at `index` is in the tree of `size` leaves (RFC 6962 section 2.1.1).
    ///
    /// # Errors
    ///
    /// [`MerkleError::SizeBeyond`] or [`MerkleError::IndexBeyond`].
    pub fn inclusion(&self, index: u64, size: u64) -> Result<InclusionProof, MerkleError> {
        self.within(size)?;
        if index >= size {
            return Err(MerkleError::IndexBeyond { index, size });
        }
        // From the root down to the leaf: at each node take the half that the leaf is not in; the proof lists them from
        // the leaf up.
        let (mut start, mut end) = (0, size);
        let mut hashes = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                hashes.push(self.range_hash(middle, end));
                end = middle;
            } else {
                hashes.push(self.range_hash(start, middle));
                start = middle;
            }
        }
        hashes.reverse();
        Ok(InclusionProof { index, size, hashes })
    }

    /// Proof that the tree of `old` leaves is a prefix of the tree of `new` leaves (RFC 6962 section 2.1.2).
    ///
    /// # Errors
    ///
    /// [`MerkleError::SizeBeyond`], or [`MerkleError::Shrinks`] when `old > new`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<ConsistencyProof, MerkleError> {
        self.within(new)?;
        if old > new {
            return Err(MerkleError::Shrinks { old, new });
        }
        let mut hashes = Vec::new();
        if old > 0 && old < new {
            // SUBPROOF(old, D[new], true), unrolled: `start` moves right with the subtree; while it is 0 the old tree's
            // own root is known to the verifier and left out.
            let (mut start, mut end) = (0, new);
            while old != end {
                let middle = start + split(end - start);
                if old <= middle {
                    hashes.push(self.range_hash(middle, end));
                    end = middle;
                } else {
                    hashes.push(self.range_hash(start, middle));
                    start = middle;
                }
            }
            if start > 0 {
                hashes.push(self.range_hash(start, end));
            }
            hashes.reverse();
        }
        Ok(ConsistencyProof { old, new, hashes })
    }

    fn within(&self, size: u64) -> Result<(), MerkleError> {
        if size > self.size() { Err(MerkleError::SizeBeyond { size, held: self.size() }) } else { Ok(()) }
    }

    /// `MTH(D[start:end])` for a range that a proof visits: `start` is a multiple of a power of two that is at least the
    /// length, so the range falls into complete subtrees from left to right.
    ///
    /// INVARIANT: `end <= size`; the callers checked it, so every lookup succeeds.
    fn range_hash(&self, start: u64, end: u64) -> Digest {
        // From the right end: the lowest set bit of what is left is the height of the last subtree.
        let (mut left, mut joined) = (end - start, None);
        while left > 0 {
            let height = left.trailing_zeros();
            left &= left - 1;
            let node = self.subtree(height, (start + left) >> height);
            joined = match (node, joined) {
                (Some(node), Some(right)) => Some(node_hash(&node, &right)),
                (node, joined) => node.or(joined),
            };
        }
        joined.unwrap_or_else(empty_root)
    }
}

impl FromIterator<Digest> for Tree {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}

impl Extend<Digest> for Tree {
    fn extend<I: IntoIterator<Item = Digest>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}

/// The largest power of two smaller than `n`, for `n > 1` (the `k` of RFC 6962 section 2.1).
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// Proof that a leaf stands at an index of a tree: sibling hashes from the leaf up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Index of the leaf.
    pub index: u64,
    /// Leaves of the tree.
    pub size: u64,
    /// The siblings, from the leaf's to the root's child.
    pub hashes: Vec<Digest>,
}

impl InclusionProof {
    /// The root that this proof gives for `leaf`; `None` when its shape fits no tree (RFC 9162 section 2.1.3.2).
    pub fn root_of(&self, leaf: &Digest) -> Option<Digest> {
        if self.index >= self.size {
            return None;
        }
        let mut fn_ = self.index;
        let mut sn = self.size - 1;
        let mut hash = *leaf;
        for sibling in &self.hashes {
            if sn == 0 {
                return None;
            }
            if fn_ & 1 == 1 || fn_ == sn {
                hash = node_hash(sibling, &hash);
                if fn_ & 1 == 0 {
                    // A node at the right edge without a sibling rises until it has one on its left.
                    while fn_ & 1 == 0 && fn_ != 0 {
                        fn_ >>= 1;
                        sn >>= 1;
                    }
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            fn_ >>= 1;
            sn >>= 1;
        }
        (sn == 0).then_some(hash)
    }

    /// Whether `leaf` stands at this index of the tree with this root.
    #[must_use]
    pub fn holds(&self, leaf: &Digest, root: &Digest) -> bool {
        self.root_of(leaf).as_ref() == Some(root)
    }
}

/// Proof that a smaller tree is a prefix of a larger one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Leaves of the smaller tree.
    pub old: u64,
    /// Leaves of the larger tree.
    pub new: u64,
    /// The nodes of RFC 6962 section 2.1.2, in its order.
    pub hashes: Vec<Digest>,
}

impl ConsistencyProof {
    /// Whether the tree of `new_root` only added leaves to the tree of `old_root` (RFC 9162 section 2.1.4.2).
    #[must_use]
    pub fn holds(&self, old_root: &Digest, new_root: &Digest) -> bool {
        if self.old > self.new {
            return false;
        }
        if self.old == self.new {
            return self.hashes.is_empty()
                && old_root == new_root
                && (self.old > 0 || *old_root == empty_root());
        }
        if self.old == 0 {
            // Every tree starts with the empty one, and only that has its root.
            return self.hashes.is_empty() && *old_root == empty_root();
        }
        self.roots(old_root).is_some_and(|(old, new)| old == *old_root && new == *new_root)
    }

    /// The two roots that the proof gives, for `0 < old < new`.
    fn roots(&self, old_root: &Digest) -> Option<(Digest, Digest)> {
        let mut fn_ = self.old - 1;
        let mut sn = self.new - 1;
        while fn_ & 1 == 1 {
            fn_ >>= 1;
            sn >>= 1;
        }
        let mut hashes = self.hashes.iter();
        // If the old size is a power of two its root is itself the first node, and is left out of the proof.
        let first = if self.old.is_power_of_two() { old_root } else { hashes.next()? };
        let (mut fr, mut sr) = (*first, *first);
        for node in hashes {
            if sn == 0 {
                return None;
            }
            if fn_ & 1 == 1 || fn_ == sn {
                fr = node_hash(node, &fr);
                sr = node_hash(node, &sr);
                if fn_ & 1 == 0 {
                    while fn_ & 1 == 0 && fn_ != 0 {
                        fn_ >>= 1;
                        sn >>= 1;
                    }
                }
            } else {
                sr = node_hash(&sr, node);
            }
            fn_ >>= 1;
            sn >>= 1;
        }
        (sn == 0).then_some((fr, sr))
    }
}

/// A question that the tree cannot answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MerkleError {
    /// A size that the tree has not reached.
    #[error("the log has {held} entries, not {size}")]
    SizeBeyond {
        /// Size asked for.
        size: u64,
        /// Leaves held.
        held: u64,
    },
    /// An index at or beyond the size.
    #[error("entry {index} is not in the first {size} entries of the log")]
    IndexBeyond {
        /// Index asked for.
        index: u64,
        /// Size asked for.
        size: u64,
    },
    /// A log never shrinks.
    #[error("a log of {old} entries cannot be the beginning of one of {new}")]
    Shrinks {
        /// Leaves of the tree that is to be the prefix.
        old: u64,
        /// Leaves of the tree that is to contain it.
        new: u64,
    },
}

impl MerkleError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::SizeBeyond { .. } | Self::IndexBeyond { .. } => {
                "read the log again: it may have grown since"
            }
            Self::Shrinks { .. } => "swap the two sizes, or report the log: it must never shrink",
        }
    }
}

#[cfg(test)]
mod tests;
