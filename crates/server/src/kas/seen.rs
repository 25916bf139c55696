//! What may be used once: ids of proofs, assertions and requests, remembered until they are too old to be taken anyway.
//!
//! Only what a known client signed, or sent with its credential, comes here, so strangers cannot fill it. When it is full nothing new
//! is taken: forgetting an id early would let it be used again.

use std::collections::BTreeMap;

use ledger::Digest;

/// Ids remembered at a time; with a minute or two each, more than a busy office sees.
const IDS_MAX: usize = 100_000;

/// Whether an id may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is new, and is remembered now.
    First,
    /// It was used before.
    Again,
    /// Too many ids are remembered to take another.
    Full,
}

/// Ids with the second from which they may be forgotten.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: BTreeMap<Digest, u64>,
    /// When forgetting was last tried.
    swept: u64,
}

impl Seen {
    /// Uses an id at the second `now`; the thing that it names is refused by its age from `until` on.
    pub(super) fn note(&mut self, id: Digest, until: u64, now: u64) -> Use {
        // Once a second: the sweep looks at all of them.
        if self.swept != now {
            self.swept = now;
            self.ids.retain(|_, until| *until >= now);
        }
        if self.ids.contains_key(&id) {
            return Use::Again;
        }
        if self.ids.len() >= IDS_MAX {
            return Use::Full;
        }
        self.ids.insert(id, until);
        Use::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_used_once_until_it_is_too_old() {
        let mut seen = Seen::default();
        let id = Digest::of(b"id");
        assert_eq!(seen.note(id, 110, 100), Use::First);
        for now in [100, 109, 110] {
            assert_eq!(seen.note(id, 110, now), Use::Again);
        }
        assert_eq!(seen.note(id, 120, 111), Use::First);
    }

    #[test]
    fn a_full_memory_takes_nothing_new_and_forgets_nothing_early() {
        let mut seen = Seen::default();
        let id = |number: usize| Digest::of(&number.to_be_bytes());
        for number in 0..IDS_MAX {
            assert_eq!(seen.note(id(number), 50, 10), Use::First);
        }
        assert_eq!(seen.note(id(IDS_MAX), 50, 11), Use::Full);
        assert_eq!(seen.note(id(0), 50, 11), Use::Again);
        assert_eq!(seen.note(id(IDS_MAX), 99, 51), Use::First);
    }
}
