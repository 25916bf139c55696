//! The round: something circulates, members speak or stay silent, and the log alone says what came of it. One procedure for releases,
//! for changes of the roster, for whatever comes next.
//!
//! It is not a vote: one objection settles the round. Silence lets consensus stand at the deadline, but never stands for a member
//! whose consent the subject takes, unless that member gave it beforehand (`grant`).
//!
//! A member has said yes when as many of its keys as its quorum have said so; one key is enough to object, to ask for an amendment
//! and to take back what that key said. Of a wave of standards, keys may consent part by part: an originator has said yes when that
//! many keys have done so for each part of its own.
//!
//! | when | outcome |
//! | --- | --- |
//! | a member objects or asks for an amendment before the deadline, even one that approved before | [`Outcome::Objected`], at once |
//! | every member has approved, reserved, waived or consented to each part of its own; consents and endorsements are complete | [`Outcome::Agreed`], at once |
//! | deadline; consents and endorsements are complete | [`Outcome::Agreed`], the others were silent |
//! | deadline; some are missing | [`Outcome::Lapsed`] |
//! | the office withdraws it | [`Outcome::Withdrawn`] |
//! | the roster changes while it circulates | [`Outcome::Void`] |
//!
//! # Source
//! Silence procedure: OSCE rules of procedure (MC.DOC/1/06), annex 1(A). Explicit originator consent is our rule.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{Ballot, Code, Epoch, PartId, Reason, RoundNumber, Scope, UtcTime},
    key::KeyId,
};

use crate::{
    event::{EntryIndex, Stamp},
    refusal::Refusal,
    roster::Endorsement,
};

/// What a round is about; fixed when it opens, but for the deadline, which can be put off.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Terms {
    /// Digest of the propose envelope.
    pub proposal: Digest,
    /// Which time the draft circulates.
    pub number: RoundNumber,
    /// Roster under which it circulates.
    pub epoch: Epoch,
    /// Closed from the first tick at or after this time.
    pub deadline: UtcTime,
    /// What a key must be allowed to sign to speak here.
    pub scope: Scope,
    /// Everyone who may speak, with the number of keys that it takes.
    pub members: BTreeMap<Code, usize>,
    /// Those of the members whose silence is not enough.
    pub consents: BTreeSet<Code>,
    /// Of a wave, the parts that each of them originates; of anything else, nothing.
    pub parts: BTreeMap<Code, BTreeSet<PartId>>,
    /// Those of them who gave it beforehand, and how.
    pub standing: BTreeMap<Code, Standing>,
    /// Keys that must sign for a change of keys.
    pub endorsements: Vec<Endorsement>,
}

/// A consent given beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Standing {
    /// Digest of its terms.
    pub grant: Digest,
    /// The entries by which the member's keys gave it.
    pub signed: BTreeSet<EntryIndex>,
    /// It does not cover a round whose deadline is at or after this time.
    pub expires: UtcTime,
}

/// What a key said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It agrees.
    Approve,
    /// It agrees, with a reservation on record.
    Reserve(Reason),
    /// It agrees to these parts of a wave, and to no more.
    Consent(BTreeSet<PartId>),
    /// It need not be waited for.
    Waive,
    /// It objects.
    Object(Objection),
    /// It asks for something else.
    Amend(Objection),
}

/// What silence is broken with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Objection {
    /// Why, or what instead.
    pub reason: Reason,
    /// Of a wave, the parts that it is about; empty for the whole.
    pub parts: BTreeSet<PartId>,
}

impl Decision {
    /// Whether it says yes to the whole, in so many words.
    #[must_use]
    pub fn is_consent(&self) -> bool {
        matches!(self, Self::Approve | Self::Reserve(_))
    }

    /// Whether it says yes to this part of a wave, to the whole or by name.
    #[must_use]
    pub fn consents_to(&self, part: &PartId) -> bool {
        self.is_consent() || matches!(self, Self::Consent(parts) if parts.contains(part))
    }

    /// The objection or the amendment asked for, if it is one.
    #[must_use]
    pub fn objection(&self) -> Option<&Objection> {
        match self {
            Self::Object(objection) | Self::Amend(objection) => Some(objection),
            Self::Approve | Self::Reserve(_) | Self::Consent(_) | Self::Waive => None,
        }
    }

    /// Whether it breaks silence.
    #[must_use]
    pub fn breaks_silence(&self) -> bool {
        matches!(self, Self::Object(_) | Self::Amend(_))
    }

    /// Whether it would be said again: consents to other parts are not the same.
    fn repeats(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Consent(parts), Self::Consent(others)) => parts == others,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// A decision and where it was logged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recorded {
    /// What the key said.
    pub decision: Decision,
    /// Where and when.
    pub stamp: Stamp,
}

/// What came of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Whoever had to say yes did, and nobody objected.
    Agreed,
    /// Somebody objected or asked for an amendment.
    Objected,
    /// The deadline passed before everybody who had to say yes did.
    Lapsed,
    /// The office took it back.
    Withdrawn,
    /// The roster changed under it.
    Void,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Agreed => "agreed",
            Self::Objected => "objected to",
            Self::Lapsed => "lapsed",
            Self::Withdrawn => "withdrawn",
            Self::Void => "void",
        })
    }
}

/// One round of agreement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Round {
    terms: Terms,
    opened: Stamp,
    decisions: BTreeMap<Code, BTreeMap<KeyId, Recorded>>,
    endorsed: BTreeMap<KeyId, Stamp>,
    // INVARIANT: set at most once; kept by `Round::settle`.
    settled: Option<(Outcome, Stamp)>,
}

impl Round {
    /// Opens a round.
    #[must_use]
    pub fn open(terms: Terms, opened: Stamp) -> Self {
        Self { terms, opened, decisions: BTreeMap::new(), endorsed: BTreeMap::new(), settled: None }
    }

    /// What the round is about.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Where the proposal was logged.
    #[must_use]
    pub fn opened(&self) -> Stamp {
        self.opened
    }

    /// What the keys of each member have said so far, each its last word.
    #[must_use]
    pub fn decisions(&self) -> &BTreeMap<Code, BTreeMap<KeyId, Recorded>> {
        &self.decisions
    }

    /// Keys that have signed for a change of keys.
    #[must_use]
    pub fn endorsed(&self) -> &BTreeMap<KeyId, Stamp> {
        &self.endorsed
    }

    /// The outcome and the entry that brought it; none while the round is open.
    #[must_use]
    pub fn settled(&self) -> Option<(Outcome, Stamp)> {
        self.settled
    }

    /// What a ballot of this round names.
    #[must_use]
    pub fn ballot(&self) -> Ballot {
        let Terms { proposal, number, epoch, .. } = self.terms;
        Ballot { proposal, round: number, roster_epoch: epoch }
    }

    /// Members whose yes is still missing, ascending.
    pub fn awaited(&self) -> impl Iterator<Item = &Code> {
        self.terms.consents.iter().filter(|code| !self.consents(code))
    }

    /// Endorsements that are still missing.
    pub fn unendorsed(&self) -> impl Iterator<Item = &Endorsement> {
        let given =
            |needed: &Endorsement| needed.keys.keys().filter(|key| self.endorsed.contains_key(key)).count();
        self.terms.endorsements.iter().filter(move |needed| given(needed) < needed.count)
    }

    /// Whether enough keys of a member have said yes, here or beforehand.
    #[must_use]
    pub fn consents(&self, code: &Code) -> bool {
        self.terms.standing.contains_key(code) || self.consents_here(code)
    }

    /// Whether enough keys of a member have said yes in this round, to the whole or to each part of its own.
    #[must_use]
    pub fn consents_here(&self, code: &Code) -> bool {
        match self.terms.parts.get(code) {
            Some(parts) if !parts.is_empty() => {
                parts.iter().all(|part| self.said(code, |decision| decision.consents_to(part)))
            }
            Some(_) | None => self.said(code, Decision::is_consent),
        }
    }

    /// How many keys of a member have said yes to a part of a wave, in this round.
    #[must_use]
    pub fn keys_for(&self, code: &Code, part: &PartId) -> usize {
        let said = self.decisions.get(code).into_iter().flat_map(BTreeMap::values);
        said.filter(|recorded| recorded.decision.consents_to(part)).count()
    }

    /// Parts of a wave to which an originator's yes is missing, ascending; none where it was given beforehand.
    pub fn awaited_parts(&self, code: &Code) -> impl Iterator<Item = &PartId> {
        let parts = self.terms.parts.get(code).filter(|_| !self.terms.standing.contains_key(code));
        let code = code.clone();
        let open = move |part: &&PartId| !self.said(&code, |decision| decision.consents_to(part));
        parts.into_iter().flatten().filter(open)
    }

    /// Whether enough keys of a member have said something of this kind.
    fn said(&self, code: &Code, kind: impl Fn(&Decision) -> bool) -> bool {
        let (Some(said), Some(quorum)) = (self.decisions.get(code), self.terms.members.get(code)) else {
            return false;
        };
        said.values().filter(|recorded| kind(&recorded.decision)).count() >= *quorum
    }

    /// Who broke silence and with what, ascending by member.
    pub fn objections(&self) -> impl Iterator<Item = (&Code, &Objection)> {
        let said = self.decisions.iter().flat_map(|(code, said)| said.values().map(move |word| (code, word)));
        said.filter_map(|(code, recorded)| Some((code, recorded.decision.objection()?)))
    }

    /// Whether an act made for this `ballot` may still count at `now`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn admit(&self, ballot: &Ballot, now: UtcTime) -> Result<(), Refusal> {
        let Terms { number: expected, epoch: fixed, deadline, .. } = self.terms;
        if ballot.round != expected {
            return Err(Refusal::WrongRound { expected, found: ballot.round });
        }
        if ballot.roster_epoch != fixed {
            return Err(Refusal::WrongEpoch { expected: fixed, found: ballot.roster_epoch });
        }
        if now >= deadline {
            return Err(Refusal::Late { deadline, now });
        }
        match self.settled {
            Some((outcome, _)) => Err(Refusal::RoundClosed { outcome }),
            None => Ok(()),
        }
    }

    /// Whether `actor` may say this with this key.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn admit_decision(
        &self,
        actor: &Code,
        key: &KeyId,
        decision: &Decision,
    ) -> Result<(), Refusal> {
        if !self.terms.members.contains_key(actor) {
            return Err(Refusal::NotInRound { actor: actor.clone() });
        }
        let last = self.decisions.get(actor).and_then(|said| said.get(key));
        match last {
            Some(recorded) if recorded.decision.repeats(decision) => {
                Err(Refusal::AlreadyDecided { actor: actor.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether this key has something to take back.
    pub(crate) fn has_spoken(&self, actor: &Code, key: &KeyId) -> bool {
        self.decisions.get(actor).is_some_and(|said| said.contains_key(key))
    }

    /// The outcome as things stand, whatever the time; none if the round stays open.
    pub(crate) fn outcome_now(&self) -> Option<Outcome> {
        if self.is_broken() {
            return Some(Outcome::Objected);
        }
        let spoken = |decision: &Decision| decision.is_consent() || *decision == Decision::Waive;
        let heard = |code: &Code| self.said(code, spoken) || self.consents_here(code);
        let everybody = self.terms.members.keys().all(heard);
        (everybody && self.is_complete()).then_some(Outcome::Agreed)
    }

    /// The outcome that a tick at `now` would bring; none if the round stays open.
    pub(crate) fn outcome_at(&self, now: UtcTime) -> Option<Outcome> {
        if self.is_broken() {
            return Some(Outcome::Objected);
        }
        if now < self.terms.deadline {
            return None;
        }
        Some(if self.is_complete() { Outcome::Agreed } else { Outcome::Lapsed })
    }

    fn is_complete(&self) -> bool {
        self.awaited().next().is_none() && self.unendorsed().next().is_none()
    }

    fn is_broken(&self) -> bool {
        let mut said = self.decisions.values().flat_map(BTreeMap::values);
        said.any(|recorded| recorded.decision.breaks_silence())
    }

    // What follows changes an open round only: a settled one stands as it was settled.

    pub(crate) fn record(&mut self, actor: Code, key: KeyId, recorded: Recorded) {
        if self.settled.is_none() {
            self.decisions.entry(actor).or_default().insert(key, recorded);
        }
    }

    pub(crate) fn retract(&mut self, actor: &Code, key: &KeyId) {
        if self.settled.is_none()
            && let Some(said) = self.decisions.get_mut(actor)
        {
            said.remove(key);
            if said.is_empty() {
                self.decisions.remove(actor);
            }
        }
    }

    pub(crate) fn endorse(&mut self, key: KeyId, stamp: Stamp) {
        if self.settled.is_none() {
            self.endorsed.entry(key).or_insert(stamp);
        }
    }

    /// A revoked key has said nothing.
    pub(crate) fn forget(&mut self, party: &Code, key: &KeyId) {
        self.retract(party, key);
        if self.settled.is_none() {
            self.endorsed.remove(key);
        }
    }

    /// A grant ended: the consent is missing again.
    pub(crate) fn reclaim(&mut self, member: &Code, grant: &Digest) {
        let meant = self.terms.standing.get(member).is_some_and(|standing| standing.grant == *grant);
        if self.settled.is_none() && meant {
            self.terms.standing.remove(member);
        }
    }

    /// Consents given beforehand do not stretch: one that expires before the new deadline is missing again.
    pub(crate) fn extend(&mut self, deadline: UtcTime) {
        if self.settled.is_none() {
            self.terms.deadline = self.terms.deadline.max(deadline);
            let deadline = self.terms.deadline;
            self.terms.standing.retain(|_, standing| deadline < standing.expires);
        }
    }

    /// Settles the round; the first outcome stands.
    pub(crate) fn settle(&mut self, outcome: Outcome, stamp: Stamp) {
        self.settled.get_or_insert((outcome, stamp));
    }
}
