//! The state: what a log says, folded.
//!
//! Everything here can be deleted and comes back by [`crate::replay()`]. Only [`apply()`] changes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ledger::{
    Digest,
    act::{
        self, Act, ActBody, Code, Counter, Epoch, History, KeyAccess, PartId, Register, Revision,
        RoundNumber, Title, UtcTime,
    },
    key::KeyId,
};

use crate::{
    agreement::Round,
    event::{EntryIndex, Stamp},
    grant::Grant,
    reform::Reform,
    release::{Agreed, Release, Sealed},
    roster::Roster,
};

mod apply;

pub use apply::apply;

/// A deposit in the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

/// A change of the registry of standards that took effect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Registration {
    /// Which, and how much it changed.
    pub register: Register,
    /// Where and when.
    pub stamp: Stamp,
}

/// What the key access service answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Answer {
    /// Whom, about which package, and what.
    pub access: KeyAccess,
    /// The office's key that signed it.
    pub key: KeyId,
    /// Where and when.
    pub stamp: Stamp,
}

/// What a log says. The default is that of an empty log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct State {
    entries: u64,
    now: Option<UtcTime>,
    roster: Option<Roster>,
    /// Every roster that was ever in force.
    rosters: BTreeMap<Epoch, Arc<act::Roster>>,
    counters: BTreeMap<KeyId, Counter>,
    deposits: BTreeMap<Digest, Deposit>,
    registrations: BTreeMap<Revision, Registration>,
    /// Boxes of all deposits and registrations, so that one is not handed in under two commitments.
    boxes: BTreeSet<Digest>,
    grants: BTreeMap<(Code, Digest), Grant>,
    releases: BTreeMap<Digest, Release>,
    reforms: BTreeMap<Digest, Reform>,
    /// Entries that enough witnesses have seen, and the entry that says so.
    witnessed: Option<(u64, EntryIndex)>,
    history: Option<History>,
    /// By proposal, in the order of the log.
    answers: BTreeMap<(Digest, EntryIndex), Answer>,
    // The rest only indexes what is above.
    depositors: BTreeSet<Code>,
    rounds: BTreeMap<Title, Vec<Digest>>,
    open: BTreeSet<(UtcTime, Digest)>,
    packages: BTreeMap<Digest, Digest>,
    said: BTreeSet<Digest>,
    /// By receiver and part, the proposals of waves that handed it over and stand, unless it was told that the part is no more.
    held: BTreeMap<Code, BTreeMap<PartId, BTreeSet<Digest>>>,
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

    /// Every roster that was ever in force, as it was agreed, by epoch.
    #[must_use]
    pub fn rosters(&self) -> &BTreeMap<Epoch, Arc<act::Roster>> {
        &self.rosters
    }

    /// The highest counter that a key has used.
    #[must_use]
    pub fn last_counter(&self, key: &KeyId) -> Option<Counter> {
        self.counters.get(key).copied()
    }

    /// The act that `key` would sign next for `actor` to do `body`; none when its counter is used up.
    #[must_use]
    pub fn act(&self, actor: Code, key: &KeyId, body: ActBody) -> Option<Act> {
        let counter = self.last_counter(key).map_or(Some(Counter::FIRST), Counter::next)?;
        Some(Act::new(actor, counter, body))
    }

    /// Deposits by commitment.
    #[must_use]
    pub fn deposits(&self) -> &BTreeMap<Digest, Deposit> {
        &self.deposits
    }

    /// Members that have deposited.
    #[must_use]
    pub fn depositors(&self) -> &BTreeSet<Code> {
        &self.depositors
    }

    /// Changes of the registry of standards, in their order.
    #[must_use]
    pub fn registrations(&self) -> &BTreeMap<Revision, Registration> {
        &self.registrations
    }

    /// The newest change of the registry of standards; none before the first.
    #[must_use]
    pub fn registry_revision(&self) -> Option<Revision> {
        self.registrations.last_key_value().map(|(revision, _)| *revision)
    }

    /// The number of the next change of the registry; none when numbers are used up.
    #[must_use]
    pub fn next_revision(&self) -> Option<Revision> {
        self.registry_revision().map_or(Some(Revision::FIRST), Revision::next)
    }

    /// Whether a part was handed to a receiver in a wave that was not withdrawn, and no withdrawal of the part was told it since.
    #[must_use]
    pub fn holds(&self, receiver: &Code, part: &PartId) -> bool {
        let waves = self.held.get(receiver).and_then(|parts| parts.get(part));
        waves.is_some_and(|waves| !waves.is_empty())
    }

    /// Documents with which a receiver holds a part.
    pub(crate) fn held_documents(&self, receiver: &Code, part: &PartId) -> impl Iterator<Item = Digest> {
        let waves = self.held.get(receiver).and_then(|parts| parts.get(part));
        let drafts = waves.into_iter().flatten().filter_map(|wave| self.releases.get(wave));
        drafts.filter_map(move |release| {
            Some(release.protected().draft().wave.as_ref()?.parts.get(part)?.document)
        })
    }

    /// Consents given beforehand and not taken back, by member and digest of the terms.
    #[must_use]
    pub fn grants(&self) -> &BTreeMap<(Code, Digest), Grant> {
        &self.grants
    }

    /// Every release ever proposed, by digest of the propose envelope.
    #[must_use]
    pub fn releases(&self) -> &BTreeMap<Digest, Release> {
        &self.releases
    }

    /// A release at whatever stage it is.
    #[must_use]
    pub fn release(&self, proposal: &Digest) -> Option<&Release> {
        self.releases.get(proposal)
    }

    /// Every change of the roster ever proposed, by digest of the propose envelope.
    #[must_use]
    pub fn reforms(&self) -> &BTreeMap<Digest, Reform> {
        &self.reforms
    }

    /// The round of a proposal, whatever it is about.
    #[must_use]
    pub fn round(&self, proposal: &Digest) -> Option<&Round> {
        let release = self.releases.get(proposal).map(Release::round);
        release.or_else(|| self.reforms.get(proposal).map(Reform::round))
    }

    /// The title of a proposal, whatever it is about.
    #[must_use]
    pub fn title(&self, proposal: &Digest) -> Option<&Title> {
        let release = self.releases.get(proposal).map(|release| release.protected().title());
        release.or_else(|| self.reforms.get(proposal).map(Reform::title))
    }

    /// A proposal that is agreed and of which no package exists yet.
    #[must_use]
    pub fn agreed(&self, proposal: &Digest) -> Option<&Agreed> {
        match self.releases.get(proposal)? {
            Release::Agreed(agreed) => Some(agreed),
            Release::Proposed(_)
            | Release::Refused(_)
            | Release::Sealed(_)
            | Release::Superseded(_)
            | Release::Withdrawn(_) => None,
        }
    }

    /// A proposal of which packages exist, whatever became of it since.
    #[must_use]
    pub fn sealed(&self, proposal: &Digest) -> Option<&Sealed> {
        self.releases.get(proposal)?.packaged()
    }

    /// The proposal that a package is of.
    #[must_use]
    pub fn proposal_of(&self, package: &Digest) -> Option<&Digest> {
        self.packages.get(package)
    }

    /// The sealed release that a package is of.
    #[must_use]
    pub fn sealed_with(&self, package: &Digest) -> Option<&Sealed> {
        self.sealed(self.packages.get(package)?)
    }

    /// All releases sealed so far, each once: the `history` of the next proposal.
    #[must_use]
    pub fn history(&self) -> History {
        self.history.unwrap_or(History::EMPTY)
    }

    /// Every answer of the key access service, by proposal, then in the order of the log.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.answers.values()
    }

    /// What the key access service answered about packages of one release, in the order of the log.
    pub fn answers_about(&self, proposal: &Digest) -> impl Iterator<Item = &Answer> {
        let whole = (*proposal, EntryIndex(0))..=(*proposal, EntryIndex(u64::MAX));
        self.answers.range(whole).map(|(_, answer)| answer)
    }

    /// How many entries of the log enough witnesses have seen.
    #[must_use]
    pub fn witnessed(&self) -> u64 {
        self.witnessed.map_or(0, |(size, _)| size)
    }

    /// The entry that holds the newest checkpoint which enough witnesses have cosigned.
    #[must_use]
    pub fn witnessed_by(&self) -> Option<EntryIndex> {
        self.witnessed.map(|(_, entry)| entry)
    }

    /// Proposals of one title, one a round, oldest first.
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

    /// Open rounds, earliest deadline first.
    pub fn open_rounds(&self) -> impl Iterator<Item = &Round> {
        self.open.iter().filter_map(|(_, proposal)| self.round(proposal))
    }

    pub(crate) fn has_box(&self, blob: &Digest) -> bool {
        self.boxes.contains(blob)
    }

    /// Open rounds with a deadline at or before `now`, earliest first.
    pub(crate) fn due(&self, now: UtcTime) -> impl Iterator<Item = &Round> {
        self.open_rounds().take_while(move |round| round.terms().deadline <= now)
    }
}
