//! The operating system's randomness, handed to the crates that draw.

use ledger::Randomness;

use crate::failure::Failure;

/// Bytes from the operating system.
///
/// # Guarantee
/// Never fewer or weaker bytes than asked for: the source is tried once before anything is drawn, and if it fails later the
/// process ends, because a key made of bytes that were not drawn could be guessed and nobody would notice.
pub(crate) struct OsRandomness(());

impl OsRandomness {
    pub(crate) fn new() -> Result<Self, Failure> {
        let mut probe = [0; 32];
        getrandom::fill(&mut probe).map_err(|error| {
            Failure::failed(
                format!("the operating system gives no randomness: {error}"),
                "wait until the machine has started up, then try again",
            )
        })?;
        Ok(Self(()))
    }
}

impl Randomness for OsRandomness {
    fn fill(&mut self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            std::process::abort();
        }
    }
}
