//! The one clock of a run: milliseconds since it began. Times of day are not needed here, so none are read.

use std::time::Instant;

/// Measures from when it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch {
    began: Instant,
}

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "this is the injected clock")]
    pub(crate) fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// Whole milliseconds since the start.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
