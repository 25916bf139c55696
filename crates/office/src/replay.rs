//! The fold over a whole log.

use crate::{
    decide::{Command, Context, decide},
    event::{EntryIndex, Event},
    refusal::Refusal,
    state::{State, apply},
};

/// Reads one entry, decides it as the log's next, and applies what follows.
///
/// A caller that stores entries calls [`decide`], stores, and only then [`apply`]: what is not on disk has not happened.
///
/// # Errors
/// The [`Refusal`]; the state is then as it was.
pub fn admit(state: &mut State, entry: &[u8]) -> Result<Vec<Event>, Refusal> {
    let context = Context { entry: state.next_entry() };
    let events = decide(state, Command::read(entry)?, &context)?;
    for event in &events {
        apply(state, event);
    }
    Ok(events)
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
pub fn replay<E: AsRef<[u8]>>(entries: impl IntoIterator<Item = E>) -> Result<State, (EntryIndex, Refusal)> {
    let mut state = State::default();
    for entry in entries {
        let index = state.next_entry();
        admit(&mut state, entry.as_ref()).map_err(|refusal| (index, refusal))?;
    }
    Ok(state)
}
