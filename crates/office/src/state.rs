//! The state: what a log says, folded.
//!
//! Everything here can be deleted and comes back by [`crate::replay()`]. Only [`apply`] changes it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{Act, ActBody, Code, Counter, RoundNumber, Title, UtcTime},
};

use crate::{
    agreement::{Decision, Recorded, Round},
    event::{EntryIndex, Event, Fact, Stamp},
    release::{Agreed, Release, Sealed},
    roster::Roster,
};

/// A deposit in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Who handed it in.
    pub member: Code,
    /// Digest of the sealed box.
    pub blob: Digest,
    /// Rows of the content.
    pub rows: u64,
    /// Where and when.
    pub stamp: Stamp,
}

/// What a log says. The default is that of an empty log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    entries: u64,
    now: Option<UtcTime>,
    roster: Option<Roster>,
    counters: BTreeMap<Code, Counter>,
    deposits: BTreeMap<Digest, Deposit>,
    /// Boxes of all deposits, so that one is not deposited under two commitments.
    boxes: BTreeSet<Digest>,
    releases: BTreeMap<Digest, Release>,
    // The four below only index `releases`.
    rounds: BTreeMap<Title, Vec<Digest>>,
    open: BTreeSet<(UtcTime, Digest)>,
    packages: BTreeMap<Digest, Digest>,
    sealed: Vec<Digest>,
}

impl State {
    /// The entry that the log continues with.
    #[must_use]
    pub fn next_entry(&self) -> EntryIndex {
        EntryIndex(self.entries)
    }

    /// Time of the latest tick.
    #[must_use]
    pub fn now(&self) -> Option<UtcTime> {
        self.now
    }

    /// Who may act; none before the log is founded.
    #[must_use]
    pub fn roster(&self) -> Option<&Roster> {
        self.roster.as_ref()
    }

    /// The highest counter that an actor has used.
    #[must_use]
    pub fn last_counter(&self, actor: &Code) -> Option<Counter> {
        self.counters.get(actor).copied()
    }

    /// The act that `actor` would sign next to do `body`; none when its counter is used up.
    #[must_use]
    pub fn act(&self, actor: Code, body: ActBody) -> Option<Act> {
        let counter = self.last_counter(&actor).map_or(Some(Counter::FIRST), Counter::next)?;
        Some(Act::new(actor, counter, body))
    }

    /// Deposits by commitment.
    #[must_use]
    pub fn deposits(&self) -> &BTreeMap<Digest, Deposit> {
        &self.deposits
    }

    /// Everything ever proposed, by digest of the propose envelope.
    #[must_use]
    pub fn releases(&self) -> &BTreeMap<Digest, Release> {
        &self.releases
    }

    /// A proposal at whatever stage it is.
    #[must_use]
    pub fn release(&self, proposal: &Digest) -> Option<&Release> {
        self.releases.get(proposal)
    }

    /// A proposal that is agreed and of which no package exists yet.
    #[must_use]
    pub fn agreed(&self, proposal: &Digest) -> Option<&Agreed> {
        match self.releases.get(proposal)? {
            Release::Agreed(agreed) => Some(agreed),
            Release::Proposed(_) | Release::Refused(_) | Release::Sealed(_) => None,
        }
    }

    /// A proposal of which packages exist.
    #[must_use]
    pub fn sealed(&self, proposal: &Digest) -> Option<&Sealed> {
        match self.releases.get(proposal)? {
            Release::Sealed(sealed) => Some(sealed),
            Release::Proposed(_) | Release::Refused(_) | Release::Agreed(_) => None,
        }
    }

    /// The sealed release that a package is of.
    #[must_use]
    pub fn sealed_with(&self, package: &Digest) -> Option<&Sealed> {
        self.sealed(self.packages.get(package)?)
    }

    /// Digests of all releases sealed so far, oldest first and each once: the `history` of the next proposal.
    #[must_use]
    pub fn history(&self) -> &[Digest] {
        &self.sealed
    }

    /// Proposals of a draft, one a round, oldest first.
    #[must_use]
    pub fn rounds(&self, title: &Title) -> &[Digest] {
        self.rounds.get(title).map_or(&[], Vec::as_slice)
    }

    /// The round in which a draft would circulate next.
    #[must_use]
    pub fn next_round(&self, title: &Title) -> RoundNumber {
        // A round takes an entry of some kilobytes, so that a log with 2^32 rounds of one draft cannot be held.
        RoundNumber::new(self.rounds(title).len() as u64 + 1).unwrap_or(RoundNumber::FIRST)
    }

    pub(crate) fn has_box(&self, blob: &Digest) -> bool {
        self.boxes.contains(blob)
    }

    /// Open rounds with a deadline at or before `now`, earliest first.
    pub(crate) fn due(&self, now: UtcTime) -> impl Iterator<Item = &Round> {
        let due = self.open.iter().take_while(move |(deadline, _)| *deadline <= now);
        due.filter_map(|(_, proposal)| self.releases.get(proposal)).map(Release::round)
    }

    /// Moves a release on by one step.
    fn step(&mut self, proposal: &Digest, step: impl FnOnce(Release) -> Release) {
        if let Some(release) = self.releases.remove(proposal) {
            self.releases.insert(*proposal, step(release));
        }
    }
}

/// Folds an event into the state. Total: a fact that cannot follow from the state (`decide` yields none) leaves it as it was, but
/// for the entry's place and counter.
///
/// Cost: O(log n) in what the log holds, except for the copies that the fact carries.
pub fn apply(state: &mut State, event: &Event) {
    let Event { schema: _, stamp, ref actor, counter, ref fact } = *event;
    // Several facts of one entry set the same values.
    state.entries = stamp.entry.0.saturating_add(1);
    state.counters.insert(actor.clone(), counter);
    match fact {
        Fact::Founded { roster } => {
            state.roster.get_or_insert_with(|| roster.clone());
        }
        Fact::Ticked { at } => state.now = Some(*at),
        Fact::Deposited { commitment, blob, rows } => {
            state.boxes.insert(*blob);
            let deposit = Deposit { member: actor.clone(), blob: *blob, rows: *rows, stamp };
            state.deposits.entry(*commitment).or_insert(deposit);
        }
        Fact::Proposed { draft, terms } => {
            let proposal = terms.proposal;
            if !state.releases.contains_key(&proposal) {
                state.rounds.entry(draft.title.clone()).or_default().push(proposal);
                state.open.insert((terms.deadline, proposal));
                let round = Round::open(terms.clone(), stamp);
                state.releases.insert(proposal, Release::Proposed(draft.clone().propose(round)));
            }
        }
        Fact::Approved { proposal } => {
            let recorded = Recorded { decision: Decision::Approve, stamp };
            state.step(proposal, |release| release.recorded(actor.clone(), recorded));
        }
        Fact::Objected { proposal, reason } => {
            let recorded = Recorded { decision: Decision::Object(reason.clone()), stamp };
            state.step(proposal, |release| release.recorded(actor.clone(), recorded));
        }
        Fact::Settled { proposal, outcome } => {
            state.step(proposal, |release| release.settled(*outcome, stamp));
            if let Some(release) = state.releases.get(proposal) {
                state.open.remove(&(release.round().terms().deadline, *proposal));
            }
        }
        Fact::Sealed { proposal, package } => {
            state.step(proposal, |release| release.sealed(*package, stamp));
            if let Some(sealed) = state.sealed(proposal) {
                let release = sealed.agreed().draft().release;
                state.packages.entry(*package).or_insert(*proposal);
                if !state.sealed.contains(&release) {
                    state.sealed.push(release);
                }
            }
        }
        Fact::Delivered { package, to } => {
            if let Some(proposal) = state.packages.get(package).copied() {
                state.step(&proposal, |release| release.delivered(*package, to.clone(), stamp));
            }
        }
        Fact::Acknowledged { package } => {
            if let Some(proposal) = state.packages.get(package).copied() {
                state.step(&proposal, |release| release.acknowledged(*package, actor, stamp));
            }
        }
    }
}
