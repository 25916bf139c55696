//! The round: a draft circulates, members approve or object, and the log alone says what came of it.
//!
//! It is not a vote: one objection settles the round. Silence lets consensus stand at the deadline, but never stands for an
//! originator, who must have signed.
//!
//! | when | outcome |
//! | --- | --- |
//! | a member objects before the deadline, even one that approved before | [`Outcome::Objected`], at once |
//! | every member has approved | [`Outcome::Agreed`], at once |
//! | deadline, every originator has approved | [`Outcome::Agreed`], the others were silent |
//! | deadline, some originator has not approved | [`Outcome::Lapsed`] |
//!
//! # Source
//! Silence procedure: OSCE rules of procedure (MC.DOC/1/06), annex 1(A). Explicit originator consent is our rule.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{Code, Epoch, Reason, RoundNumber, UtcTime},
};

use crate::{event::Stamp, refusal::Refusal};

/// What a round is about; fixed when it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Digest of the propose envelope.
    pub proposal: Digest,
    /// Which time the draft circulates.
    pub number: RoundNumber,
    /// Roster under which it circulates.
    pub epoch: Epoch,
    /// Closed from the first tick at or after this time.
    pub deadline: UtcTime,
    /// Everyone who may approve or object.
    pub members: BTreeSet<Code>,
    /// Those of the members who must approve.
    pub originators: BTreeSet<Code>,
}

/// What a member said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It agrees.
    Approve,
    /// It objects.
    Object(Reason),
}

/// A decision and where it was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What the member said.
    pub decision: Decision,
    /// Where and when.
    pub stamp: Stamp,
}

/// What came of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Every originator approved and nobody objected.
    Agreed,
    /// Somebody objected.
    Objected,
    /// The deadline passed before every originator had approved.
    Lapsed,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Agreed => "agreed",
            Self::Objected => "objected to",
            Self::Lapsed => "lapsed",
        })
    }
}

/// One round of agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    terms: Terms,
    opened: Stamp,
    decisions: BTreeMap<Code, Recorded>,
    // INVARIANT: set at most once; kept by `Round::settle`.
    settled: Option<(Outcome, Stamp)>,
}

impl Round {
    /// Opens a round.
    #[must_use]
    pub fn open(terms: Terms, opened: Stamp) -> Self {
        Self { terms, opened, decisions: BTreeMap::new(), settled: None }
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

    /// What members have said so far.
    #[must_use]
    pub fn decisions(&self) -> &BTreeMap<Code, Recorded> {
        &self.decisions
    }

    /// The outcome and the entry that brought it; none while the round is open.
    #[must_use]
    pub fn settled(&self) -> Option<(Outcome, Stamp)> {
        self.settled
    }

    /// Originators who have not approved, ascending.
    pub fn awaited(&self) -> impl Iterator<Item = &Code> {
        self.terms.originators.iter().filter(|code| !self.has_approved(code))
    }

    /// Whether an act of `actor`, made for this `number` and `epoch`, may count at `now`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn admit(
        &self,
        actor: &Code,
        number: RoundNumber,
        epoch: Epoch,
        decision: &Decision,
        now: UtcTime,
    ) -> Result<(), Refusal> {
        let Terms { number: expected, epoch: fixed, deadline, ref members, .. } = self.terms;
        if number != expected {
            return Err(Refusal::WrongRound { expected, found: number });
        }
        if epoch != fixed {
            return Err(Refusal::WrongEpoch { expected: fixed, found: epoch });
        }
        if !members.contains(actor) {
            return Err(Refusal::NotInRound { actor: actor.clone() });
        }
        if now >= deadline {
            return Err(Refusal::Late { deadline, now });
        }
        if let Some((outcome, _)) = self.settled {
            return Err(Refusal::RoundClosed { outcome });
        }
        match (self.decisions.get(actor).map(|recorded| &recorded.decision), decision) {
            // Changing one's mind towards caution is open until the round closes; the other way an objection has closed it.
            (None, _) | (Some(Decision::Approve), Decision::Object(_)) => Ok(()),
            (Some(_), _) => Err(Refusal::AlreadyDecided { actor: actor.clone() }),
        }
    }

    /// The outcome that `actor` saying `decision` would bring; none if the round stays open.
    pub(crate) fn outcome_with(&self, actor: &Code, decision: &Decision) -> Option<Outcome> {
        let objected = matches!(decision, Decision::Object(_)) || self.has_objection();
        let all = self.terms.members.iter().all(|code| code == actor || self.has_approved(code));
        match (objected, all) {
            (true, _) => Some(Outcome::Objected),
            (false, true) => Some(Outcome::Agreed),
            (false, false) => None,
        }
    }

    /// The outcome that a tick at `now` would bring; none if the round stays open.
    pub(crate) fn outcome_at(&self, now: UtcTime) -> Option<Outcome> {
        if self.has_objection() {
            return Some(Outcome::Objected);
        }
        if now < self.terms.deadline {
            return None;
        }
        let consented = self.terms.originators.iter().all(|code| self.has_approved(code));
        Some(if consented { Outcome::Agreed } else { Outcome::Lapsed })
    }

    /// Records what a member said; nothing once the round is settled.
    pub(crate) fn record(&mut self, actor: Code, recorded: Recorded) {
        if self.settled.is_none() {
            self.decisions.insert(actor, recorded);
        }
    }

    /// Settles the round; the first outcome stands.
    pub(crate) fn settle(&mut self, outcome: Outcome, stamp: Stamp) {
        self.settled.get_or_insert((outcome, stamp));
    }

    fn has_approved(&self, code: &Code) -> bool {
        self.decisions.get(code).is_some_and(|recorded| recorded.decision == Decision::Approve)
    }

    fn has_objection(&self) -> bool {
        self.decisions.values().any(|recorded| matches!(recorded.decision, Decision::Object(_)))
    }
}
