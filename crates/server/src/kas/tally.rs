//! How often the service was asked, by whom and with what end: counts for the operator. What must be provable is in the log.

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::act::AccessDecision;

/// Counts since the start.
#[derive(Debug, Default)]
pub(super) struct Tally {
    granted: AtomicU64,
    refused: AtomicU64,
    nobody: AtomicU64,
    malformed: AtomicU64,
}

/// Counts as they stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Keys given; each is an entry of the log.
    pub granted: u64,
    /// Keys refused to known receivers; each is an entry of the log.
    pub refused: u64,
    /// Requests that nobody known had sent.
    pub unauthenticated: u64,
    /// Requests of known receivers that were about no release, or too many.
    pub malformed: u64,
}

impl Tally {
    pub(super) fn answered(&self, decision: AccessDecision) {
        let count = match decision {
            AccessDecision::Granted => &self.granted,
            AccessDecision::Refused(_) => &self.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn malformed(&self) {
        self.malformed.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request of nobody. Told at every doubling, so that noise from outside cannot fill the operator's disk.
    pub(super) fn nobody(&self, reason: &dyn Display) {
        let count = self.nobody.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_power_of_two() {
            tracing::warn!(count, reason = %reason, "unauthenticated");
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            granted: count(&self.granted),
            refused: count(&self.refused),
            unauthenticated: count(&self.nobody),
            malformed: count(&self.malformed),
        }
    }
}
