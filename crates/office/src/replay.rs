//! The fold over a whole log.
//!
//! [`replay()`] judges entry after entry. [`Replay`] does the same in two halves, so that a caller with several cores can read entries
//! and verify signatures on all of them: rules are judged in order, signatures in any, and there is no state before every single one
//! of them has held.

use ledger::{
    act::{Act, PAYLOAD_TYPE},
    act_key::ActKey,
    dsse::Envelope,
    merkle::Tree,
};

use crate::{
    decide::{Command, Context, decide, key_of},
    event::{EntryIndex, Event},
    refusal::Refusal,
    roster::Roster,
    state::{State, apply},
};

/// A state and the tree over the entries that it was folded from: what the next entry is decided on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fold {
    state: State,
    // INVARIANT: `tree.size() == state.next_entry()`; kept by `log`, the only writer.
    tree: Tree,
}

impl Fold {
    /// What the log says.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The tree over its entries.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// State and tree apart, for a caller that keeps them in step itself.
    #[must_use]
    pub fn into_parts(self) -> (State, Tree) {
        (self.state, self.tree)
    }

    /// What follows if this is the next entry.
    ///
    /// # Errors
    /// The [`Refusal`].
    pub fn decide(&self, command: &Command) -> Result<Vec<Event>, Refusal> {
        decide(&self.state, command, &Context { entry: self.state.next_entry(), tree: &self.tree })
    }

    /// What would follow if `key` signed this act and it were the next entry: what a signer is told beforehand. No signature is
    /// judged, so nothing is admitted by this.
    ///
    /// # Errors
    /// The [`Refusal`] that the signed act would meet.
    pub fn foresee(&self, act: &Act, key: &ActKey) -> Result<Vec<Event>, Refusal> {
        let of_act = |source| Refusal::Act { source };
        let payload = act.to_bytes().map_err(of_act)?;
        // The one byte stands where the signature will: an envelope without any is none.
        let envelope = Envelope::signed(PAYLOAD_TYPE, &payload, key.id(), vec![0])?;
        self.decide(&Command::of(envelope)?.deferred(key))
    }

    /// Takes in an entry with the events that [`Fold::decide`] gave for it. A caller that stores entries calls this after it has
    /// stored: what is not on disk has not happened.
    pub fn log(&mut self, command: &Command, events: &[Event]) {
        self.tree.push(command.leaf());
        for event in events {
            apply(&mut self.state, event);
        }
    }

    /// Reads one entry, decides it as the log's next, and takes it in.
    ///
    /// # Errors
    /// The [`Refusal`]; everything is then as it was.
    pub fn admit(&mut self, entry: &[u8]) -> Result<Vec<Event>, Refusal> {
        let command = Command::read(entry)?;
        let events = self.decide(&command)?;
        self.log(&command, &events);
        Ok(events)
    }
}

/// Replays a log from its first entry: every signature, every rule.
///
/// The log vouches for its own roster. Compare [`State::roster`] with keys from elsewhere (a trust file) before believing it, and
/// the entries with a signed checkpoint.
///
/// # Errors
/// The first entry that should not have been logged, and why.
///
/// # Guarantee
/// The same entries give the same state, on every machine, at any time.
pub fn replay<E: AsRef<[u8]>>(entries: impl IntoIterator<Item = E>) -> Result<Fold, (EntryIndex, Refusal)> {
    let mut fold = Fold::default();
    for entry in entries {
        let index = fold.state.next_entry();
        fold.admit(entry.as_ref()).map_err(|refusal| (index, refusal))?;
    }
    Ok(fold)
}

/// A fold under way of which the signatures are still to be judged.
#[derive(Debug, Default)]
pub struct Replay(Fold);

/// A signature that is still to be judged.
#[derive(Debug)]
pub struct Pending {
    entry: EntryIndex,
    command: Command,
    key: ActKey,
}

/// A signature that held.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held(EntryIndex);

impl Pending {
    /// Judges it.
    ///
    /// # Errors
    /// The entry, and [`Refusal::WrongKey`].
    pub fn judge(&self) -> Result<Held, (EntryIndex, Refusal)> {
        self.command.verify(&self.key).map(|()| Held(self.entry)).map_err(|refusal| (self.entry, refusal))
    }
}

impl Replay {
    /// The entry that comes next.
    #[must_use]
    pub fn next_entry(&self) -> EntryIndex {
        self.0.state.next_entry()
    }

    /// Judges the rules for the next entry, as if its signature held.
    ///
    /// # Errors
    /// The entry and the [`Refusal`].
    pub fn fold(&mut self, command: Command) -> Result<Pending, (EntryIndex, Refusal)> {
        let entry = self.0.state.next_entry();
        self.fold_next(command, entry).map_err(|refusal| (entry, refusal))
    }

    fn fold_next(&mut self, command: Command, entry: EntryIndex) -> Result<Pending, Refusal> {
        let key = match (self.0.state.roster(), &command.claimed().body) {
            (Some(roster), _) => key_of(&self.0.state, roster, &command)?.clone(),
            (None, ledger::act::ActBody::Found(found)) => {
                key_of(&self.0.state, &Roster::read(&found.roster)?, &command)?.clone()
            }
            (None, _) => return Err(Refusal::NotFounded),
        };
        let command = command.deferred(&key);
        let events = self.0.decide(&command)?;
        self.0.log(&command, &events);
        Ok(Pending { entry, command, key })
    }

    /// What the entries come to if every signature holds: for tests, which made the signatures.
    #[cfg(test)]
    pub(crate) fn folded(&self) -> &Fold {
        &self.0
    }

    /// The state, once every signature has held.
    ///
    /// # Errors
    /// The first entry of which none was handed in.
    pub fn confirm(self, held: impl IntoIterator<Item = Held>) -> Result<Fold, EntryIndex> {
        let held: std::collections::BTreeSet<u64> = held.into_iter().map(|Held(entry)| entry.0).collect();
        match (0..self.0.state.next_entry().0).find(|entry| !held.contains(entry)) {
            Some(entry) => Err(EntryIndex(entry)),
            None => Ok(self.0),
        }
    }
}
