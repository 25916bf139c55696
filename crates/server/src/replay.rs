//! Replaying a log on all cores.
//!
//! Reading an entry and verifying its signature need nothing but the entry and a key; only the rules need the entries before it. So
//! a batch is read on all cores, judged by the rules in order, and its signatures verified on all cores; `office::Replay` sees to it
//! that no state comes out before every signature has held. Nearly all the time goes into signatures.
//!
//! # Guarantee
//!
//! The answer is that of [`office::replay()`], to the first entry at fault, whatever the number of threads.

use std::num::NonZero;
use std::thread;

use office::{Command, EntryIndex, Fold, Held, Pending, Refusal, Replay};

/// Entries read, judged and verified together: some tenths of a second of signatures, a few megabytes.
pub const BATCH: usize = 4_096;

/// An entry at fault and the rule that it breaks.
pub type Fault = (EntryIndex, Refusal);

/// Replays a log from its first entry, on `threads` threads; tells `progress` how many entries are done.
///
/// # Errors
///
/// The first entry that should not have been logged, and why.
///
/// # Cost
///
/// One signature an entry, shared among the threads; the rules on one of them. Memory of one batch beside the state.
pub fn replay<E: AsRef<[u8]> + Sync>(
    entries: &[E],
    threads: NonZero<usize>,
    progress: &mut dyn FnMut(u64),
) -> Result<Fold, Fault> {
    let mut replay = Replay::default();
    let mut held = Vec::with_capacity(entries.len());
    for batch in entries.chunks(BATCH) {
        held.extend(replay_batch(&mut replay, batch, threads)?);
        progress(held.len() as u64);
    }
    // INVARIANT: every entry of every batch gave one `Held`, or an error above.
    replay.confirm(held).map_err(|entry| (entry, Refusal::NotNext { expected: entry, found: entry }))
}

/// As many threads as the machine has for us.
#[must_use]
pub fn all_threads() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

fn replay_batch<E: AsRef<[u8]> + Sync>(
    replay: &mut Replay,
    batch: &[E],
    threads: NonZero<usize>,
) -> Result<Vec<Held>, Fault> {
    let commands = on_all(batch, threads, |entry| Command::read(entry.as_ref()));
    let mut pending = Vec::with_capacity(batch.len());
    let mut fault = None;
    for command in commands {
        let folded = match command {
            Ok(command) => replay.fold(command),
            Err(refusal) => Err((replay.next_entry(), refusal)),
        };
        match folded {
            Ok(signature) => pending.push(signature),
            Err(found) => {
                fault = Some(found);
                break;
            }
        }
    }
    // A signature that does not hold comes before the rule that a later entry breaks, perhaps because of it.
    let held: Vec<Held> = on_all(&pending, threads, Pending::judge).into_iter().collect::<Result<_, _>>()?;
    fault.map_or(Ok(held), Err)
}

/// Does something with each item, each thread with a part of them; the answers in the order of the items.
fn on_all<T: Sync, R: Send>(items: &[T], threads: NonZero<usize>, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let part = items.len().div_ceil(threads.get()).max(1);
    thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(part)
            .map(|part| scope.spawn(|| part.iter().map(&work).collect::<Vec<R>>()))
            .collect();
        // A part that panicked has found a defect; it must not be taken for an answer.
        let joined = parts.into_iter().map(|part| part.join());
        joined.flat_map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
