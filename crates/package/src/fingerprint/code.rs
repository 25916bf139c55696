//! The symmetric Tardos code of one form: biases drawn from the arcsine law, bits drawn from the biases.
//!
//! Whole numbers throughout: a bias is a share of 2^32, so that codes and what follows from them are the same on every machine.
//!
//! # Source
//! Škorić, Katzenbeisser, Celik (2008), section 2; the arcsine law as the squared sine of a uniform angle, which is how the squared
//! cosine of a point drawn uniformly in a quarter of a disc is distributed.

use std::fmt;

use zeroize::Zeroizing;

use crate::crypto::Secret;

/// Bits of a bias.
const BIAS_BITS: u32 = 32;
/// The least bias, and what the greatest leaves to one: 1/128. Rarer symbols add much to a score and say little of collusions of
/// up to four, for which the code is meant.
const CUTOFF: u64 = 1 << (BIAS_BITS - 7);

/// The biases of a form. `Debug` shows their number only: who knows them can mix copies without being found.
pub(super) struct Codes {
    biases: Zeroizing<Vec<u32>>,
}

impl Codes {
    /// So many biases, from a key of their own.
    pub(super) fn new(key: &Secret, count: usize) -> Self {
        let mut stream = Stream::new(key);
        let mut biases = Zeroizing::new(Vec::with_capacity(count));
        while biases.len() < count {
            // Three of five tries end in the disc; the stream has no end.
            biases.extend(bias(stream.word()));
        }
        Self { biases }
    }

    /// Number of positions.
    pub(super) fn len(&self) -> usize {
        self.biases.len()
    }

    /// The share of ones at each position, in parts of 2^32.
    pub(super) fn biases(&self) -> &[u32] {
        &self.biases
    }

    /// The code word of one copy, from a key of its own.
    pub(super) fn of(&self, key: &Secret) -> Zeroizing<Vec<bool>> {
        let mut stream = Stream::new(key);
        Zeroizing::new(self.biases.iter().map(|bias| stream.word() < *bias).collect())
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Codes({})", self.len())
    }
}

/// The bias that a random word stands for; none where its two halves lie outside the disc or the cut.
fn bias(word: u32) -> Option<u32> {
    let (x, y) = (u64::from(word >> 16), u64::from(word & 0xffff));
    let (xx, yy) = (x * x, y * y);
    let radius = xx + yy;
    if radius == 0 || radius > 0xffff * 0xffff {
        return None;
    }
    // xx is below 2^32, so the product is below 2^64.
    let share = (xx << BIAS_BITS).checked_div(radius)?;
    let inside = (CUTOFF..=(1 << BIAS_BITS) - CUTOFF).contains(&share);
    u32::try_from(share).ok().filter(|_| inside)
}

/// Words without end: HMAC-SHA256 of a counter.
struct Stream<'k> {
    key: &'k Secret,
    counter: u64,
    block: Zeroizing<[u8; 32]>,
    used: usize,
}

impl<'k> Stream<'k> {
    fn new(key: &'k Secret) -> Self {
        Self { key, counter: 0, block: Zeroizing::new([0; 32]), used: 32 }
    }

    fn word(&mut self) -> u32 {
        if self.used == self.block.len() {
            self.block.copy_from_slice(self.key.hmac(&[&self.counter.to_be_bytes()]).as_ref());
            self.counter += 1;
            self.used = 0;
        }
        let bytes = self.block.get(self.used..).and_then(|rest| rest.first_chunk::<4>());
        self.used += 4;
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    }
}
