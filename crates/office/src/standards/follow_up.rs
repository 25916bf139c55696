//! What must follow for a receiver after a revision: which of its copies are stale, what it gets in their place, what it is told.
//!
//! A copy is *stale* when its part has been superseded, revised (another document under the same id) or withdrawn, and the receiver has
//! neither the part that stands in its place nor been told. Nothing is decided here about who may have what: the caller says why a
//! part may not go, and a reason of any kind blocks it.
//!
//! # Guarantee
//! No notice names a part that the receiver may not have: it is told that its copy is withdrawn, and not what took its place. Every
//! stale copy has something that follows: a part to be handed over, a notice, or a reason why neither is needed.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Notice, PartId};

use super::{Held, Record, Registry, Status};

/// Why a copy is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    /// A later part is in force.
    Superseded,
    /// The part has another document now.
    Revised,
    /// The part is no standard any more.
    Withdrawn,
}

impl Because {
    /// Its stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Revised => "revised",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A stale copy and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale<R> {
    /// The part.
    pub part: PartId,
    /// Why its copy is stale.
    pub because: Because,
    /// Parts that go to the receiver in its place.
    pub hand_over: Vec<PartId>,
    /// Parts that stand in its place and may not go to the receiver, each with the reasons.
    pub blocked: Vec<(PartId, Vec<R>)>,
    /// What the receiver is to be told; none where it was told or gets what stands in its place.
    pub tell: Option<Notice>,
}

/// What follows for one receiver, ascending by part. `may_not` gives the reasons why a part may not go to it; none is a yes.
///
/// Cost: O(n log n) in the copies, their successors and the edges of these.
pub fn follow_up<R>(
    registry: &Registry,
    held: &BTreeMap<PartId, Held>,
    may_not: impl Fn(&Record) -> Vec<R>,
) -> Vec<Stale<R>> {
    let stale = |(id, copy): (&PartId, &Held)| stale(registry, held, id, copy, &may_not);
    held.iter().filter_map(stale).collect()
}

fn stale<R>(
    registry: &Registry,
    held: &BTreeMap<PartId, Held>,
    id: &PartId,
    copy: &Held,
    may_not: &impl Fn(&Record) -> Vec<R>,
) -> Option<Stale<R>> {
    // What was never registered cannot be judged; a part that was renamed is found under its new id.
    let record = registry.record(registry.canonical(id)?)?;
    let newest = registry.successors(&record.id);
    if !newest.is_empty() {
        return superseded(registry, held, id, copy, &newest, may_not);
    }
    if record.status == Status::Withdrawn {
        let tell = copy.notice.is_none().then_some(Notice::Withdrawn)?;
        return Some(alone(id, Because::Withdrawn, Some(tell)));
    }
    let revised = record.document.as_ref().is_some_and(|document| document.digest != copy.copy.document);
    if !revised {
        return None;
    }
    let mut stale = alone(id, Because::Revised, None);
    let reasons = may_not(record);
    if reasons.is_empty() {
        stale.hand_over.push(record.id.clone());
    } else {
        stale.blocked.push((record.id.clone(), reasons));
        stale.tell = copy.notice.is_none().then_some(Notice::Withdrawn);
    }
    Some(stale)
}

fn superseded<R>(
    registry: &Registry,
    held: &BTreeMap<PartId, Held>,
    id: &PartId,
    copy: &Held,
    newest: &BTreeSet<PartId>,
    may_not: &impl Fn(&Record) -> Vec<R>,
) -> Option<Stale<R>> {
    let mut stale = alone(id, Because::Superseded, None);
    let mut has_it = false;
    for later in newest {
        let Some(record) = registry.record(later) else { continue };
        // A copy under an older name of the same part is a copy of it.
        if held.keys().any(|copy| registry.canonical(copy) == Some(later)) {
            has_it = true;
            continue;
        }
        let reasons = may_not(record);
        if reasons.is_empty() {
            stale.hand_over.push(later.clone());
        } else {
            stale.blocked.push((later.clone(), reasons));
        }
    }
    if stale.hand_over.is_empty() {
        if has_it {
            // It has what stands in the place of its copy, or a part of it; what is kept from it is not its copy's matter.
            return None;
        }
        stale.tell = copy.notice.is_none().then_some(Notice::Withdrawn);
    }
    Some(stale)
}

fn alone<R>(part: &PartId, because: Because, tell: Option<Notice>) -> Stale<R> {
    Stale { part: part.clone(), because, hand_over: Vec::new(), blocked: Vec::new(), tell }
}

#[cfg(test)]
mod tests;
