//! How many keys a client may ask for in a minute: each request costs private-key operations and an entry of the log.

use std::collections::BTreeMap;

const WINDOW_S: u64 = 60;

/// Requests by client in the running minute.
#[derive(Debug)]
pub(super) struct Pace {
    allowed: u32,
    minute: u64,
    counts: BTreeMap<String, u32>,
}

impl Pace {
    pub(super) fn new(allowed: u32) -> Self {
        Self { allowed, minute: 0, counts: BTreeMap::new() }
    }

    /// Whether the client may ask for `wanted` more keys now; if so they are counted.
    pub(super) fn admits(&mut self, client: &str, wanted: u32, now: u64) -> bool {
        let minute = now / WINDOW_S;
        if self.minute != minute {
            self.minute = minute;
            self.counts.clear();
        }
        let count = self.counts.entry(client.to_owned()).or_default();
        let next = count.saturating_add(wanted);
        if next > self.allowed {
            return false;
        }
        *count = next;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_count_for_a_minute() {
        let mut pace = Pace::new(3);
        assert!(pace.admits("a", 2, 59));
        assert!(!pace.admits("a", 2, 59));
        assert!(pace.admits("a", 1, 59));
        assert!(!pace.admits("a", 1, 59));
        assert!(pace.admits("b", 3, 59));
        assert!(pace.admits("a", 3, 60));
    }
}
