//! A seeded [`Randomness`] for this crate's tests: the hash of a seed and a counter, so that a failure can be repeated.

use crate::{Digest, Randomness};

/// Bytes that depend on the seed alone.
pub(crate) struct Seeded {
    seed: u64,
    counter: u64,
}

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }
}

impl Randomness for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let mut block = self.seed.to_be_bytes().to_vec();
            block.extend(self.counter.to_be_bytes());
            self.counter += 1;
            chunk.copy_from_slice(&Digest::of(&block).as_bytes()[..chunk.len()]);
        }
    }
}
