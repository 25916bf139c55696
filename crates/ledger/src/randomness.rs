//! Randomness as an argument.
//!
//! The crate never asks the operating system: the shell passes a source in, tests pass a seeded one, and a reader of a
//! signature sees that a function draws.

/// A source of random bytes.
///
/// Every closure `FnMut(&mut [u8])` is one, so that the shell can hand over the operating system's in one line.
///
/// # Guarantee
///
/// None of its own: whoever implements it promises bytes that nobody can predict. Keys and salts are as good as that.
pub trait Randomness {
    /// Fills `out` completely with random bytes.
    fn fill(&mut self, out: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> Randomness for F {
    fn fill(&mut self, out: &mut [u8]) {
        self(out);
    }
}
