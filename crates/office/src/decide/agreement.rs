//! Rules of the round: who may propose what, who may speak, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{
        Ballot, Change, Code, Extend, Level, Propose, ReleaseDraft, RosterDraft, Scope, Subject, Succession,
        Title, UtcTime,
    },
};

use super::Rules;
use crate::{
    agreement::{Decision, Outcome, Round, Standing, Terms},
    event::Fact,
    refusal::Refusal,
    release::Release,
    roster::Roster,
};

impl Rules<'_> {
    pub(super) fn propose(&self, propose: &Propose, digest: Digest) -> Result<Vec<Fact>, Refusal> {
        let Propose { title, subject, amends, round, roster_epoch, deadline_utc } = propose;
        let (now, expected) = (self.now()?, self.state.next_round(title));
        if *roster_epoch != self.roster.epoch() {
            return Err(Refusal::WrongEpoch { expected: self.roster.epoch(), found: *roster_epoch });
        }
        if *round != expected {
            return Err(Refusal::WrongRound { expected, found: *round });
        }
        if *deadline_utc <= now {
            return Err(Refusal::DeadlineNotAhead { deadline: *deadline_utc, now });
        }
        if *amends != self.state.rounds(title).last().copied() {
            return Err(Refusal::NotAmending { title: title.clone(), round: *round });
        }
        self.check_previous_round(propose)?;
        let terms = Terms {
            proposal: digest,
            number: *round,
            epoch: *roster_epoch,
            deadline: *deadline_utc,
            scope: Scope::Agree,
            members: self.roster.members().map(|(code, who)| (code.clone(), who.quorum())).collect(),
            consents: BTreeSet::new(),
            parts: BTreeMap::new(),
            standing: BTreeMap::new(),
            endorsements: Vec::new(),
        };
        let terms = match subject {
            Subject::Release(draft) => self.release_terms(title, draft, now, terms)?,
            Subject::Roster(draft) => self.roster_terms(draft, terms)?,
        };
        Ok(vec![Fact::Proposed { propose: Box::new(propose.clone()), terms }])
    }

    /// A draft circulates again only when its last round came to nothing, or to an agreement that can no longer be sealed: an approval
    /// must not outlive what it was given for (Safe, stale approvals).
    fn check_previous_round(&self, propose: &Propose) -> Result<(), Refusal> {
        let Propose { title, subject, .. } = propose;
        let Some(last) = self.state.rounds(title).last() else { return Ok(()) };
        let open = || Refusal::RoundOpen { title: title.clone() };
        let agreed = || Refusal::AlreadyAgreed { title: title.clone() };
        match (self.state.release(last), self.state.reforms().get(last), subject) {
            (Some(release), _, Subject::Release(_)) => match release {
                Release::Refused(_) | Release::Withdrawn(_) => Ok(()),
                Release::Proposed(_) => Err(open()),
                Release::Agreed(agreed) if self.is_stale(agreed.round(), agreed.protected().draft()) => {
                    Ok(())
                }
                Release::Agreed(_) | Release::Sealed(_) | Release::Superseded(_) => Err(agreed()),
            },
            (None, Some(reform), Subject::Roster(_)) => match reform.round().settled() {
                None => Err(open()),
                Some((Outcome::Agreed, _)) => Err(agreed()),
                Some(_) => Ok(()),
            },
            _ => Err(Refusal::OtherSubject { title: title.clone() }),
        }
    }

    /// An agreement under another roster, one on figures that does not know of what was sealed since, and one on a wave that needs what
    /// was taken back since cannot be sealed.
    pub(super) fn is_stale(&self, round: &Round, draft: &ReleaseDraft) -> bool {
        round.terms().epoch != self.roster.epoch() || self.check_outlasts(draft).is_err()
    }

    fn release_terms(
        &self,
        title: &Title,
        draft: &ReleaseDraft,
        now: UtcTime,
        mut terms: Terms,
    ) -> Result<Terms, Refusal> {
        let level = self.check_release(title, draft, now)?;
        terms.consents = draft.originators.keys().cloned().collect();
        for (id, part) in draft.wave.iter().flat_map(|wave| &wave.parts) {
            for member in &part.originators {
                terms.parts.entry(member.clone()).or_default().insert(id.clone());
            }
        }
        terms.standing = terms
            .consents
            .iter()
            .filter_map(|member| Some((member.clone(), self.standing(member, draft, level, terms.deadline)?)))
            .collect();
        Ok(terms)
    }

    /// The member's consent given beforehand that covers this, if there is one.
    fn standing(
        &self,
        member: &Code,
        draft: &ReleaseDraft,
        level: Level,
        deadline: UtcTime,
    ) -> Option<Standing> {
        let of_member = self.state.grants().iter().filter(|((code, _), _)| code == member);
        let mut covering =
            of_member.filter(|(_, grant)| grant.covers(&draft.audience, draft.content, level, deadline));
        let ((_, digest), grant) = covering.next()?;
        let signed = grant.signed().values().map(|stamp| stamp.entry).collect();
        Some(Standing { grant: *digest, signed, expires: grant.terms().expires_utc })
    }

    fn roster_terms(&self, draft: &RosterDraft, mut terms: Terms) -> Result<Terms, Refusal> {
        self.roster.after(&draft.changes)?;
        let needs = self.roster.needs(&draft.changes);
        terms.scope = Scope::Govern;
        terms.members.retain(|code, _| !needs.silenced.contains(code));
        terms.consents = needs.consent;
        terms.endorsements = needs.endorsements;
        Ok(terms)
    }

    pub(super) fn extend(&self, extend: &Extend) -> Result<Vec<Fact>, Refusal> {
        let Extend { proposal, deadline_utc: found } = *extend;
        let round = self.round(&proposal)?;
        round.admit(&round.ballot(), self.now()?)?;
        let deadline = round.terms().deadline;
        if found <= deadline {
            return Err(Refusal::DeadlineNotLater { deadline, found });
        }
        Ok(vec![Fact::Extended { proposal, deadline: found }])
    }

    pub(super) fn say(&self, ballot: &Ballot, decision: Decision) -> Result<Vec<Fact>, Refusal> {
        let proposal = ballot.proposal;
        let round = self.speak(ballot)?;
        round.admit_decision(self.actor, &self.key, &decision)?;
        self.check_parts(&proposal, &decision)?;
        let fact = Fact::Said { proposal, decision: decision.clone() };
        let mut after = round.clone();
        let stamp = round.opened();
        after.record(self.actor.clone(), self.key, crate::agreement::Recorded { decision, stamp });
        Ok(self.and_outcome(fact, &after))
    }

    pub(super) fn retract(&self, ballot: &Ballot) -> Result<Vec<Fact>, Refusal> {
        let round = self.speak(ballot)?;
        if !round.has_spoken(self.actor, &self.key) {
            return Err(Refusal::NothingToRetract { actor: self.actor.clone() });
        }
        Ok(vec![Fact::Retracted { proposal: ballot.proposal }])
    }

    pub(super) fn endorse(&self, ballot: &Ballot) -> Result<Vec<Fact>, Refusal> {
        let round = self.round(&ballot.proposal)?;
        round.admit(ballot, self.now()?)?;
        let key = self.key;
        let named = |needed: &crate::roster::Endorsement| {
            needed.party == *self.actor && needed.keys.contains_key(&key)
        };
        if !round.terms().endorsements.iter().any(named) {
            return Err(Refusal::NotToEndorse { key });
        }
        if round.endorsed().contains_key(&key) {
            return Err(Refusal::AlreadyEndorsed { key });
        }
        let mut after = round.clone();
        after.endorse(key, round.opened());
        Ok(self.and_outcome(Fact::Endorsed { proposal: ballot.proposal }, &after))
    }

    pub(super) fn round(&self, proposal: &Digest) -> Result<&Round, Refusal> {
        self.state.round(proposal).ok_or(Refusal::UnknownProposal { proposal: *proposal })
    }

    /// The round, if this key may speak in it now.
    fn speak(&self, ballot: &Ballot) -> Result<&Round, Refusal> {
        let round = self.round(&ballot.proposal)?;
        round.admit(ballot, self.now()?)?;
        let scope = round.terms().scope;
        let delegate = self.roster.party(self.actor).and_then(|(_, who)| who.delegates().get(&self.key));
        if delegate.is_none_or(|delegate| !delegate.scopes.contains(&scope)) {
            return Err(Refusal::WrongScope { actor: self.actor.clone(), scope });
        }
        Ok(round)
    }

    /// The fact, and the outcome that it brings to the round.
    fn and_outcome(&self, fact: Fact, after: &Round) -> Vec<Fact> {
        let outcome = after.outcome_now().map(|outcome| (after.terms().proposal, outcome));
        let mut facts = vec![fact];
        facts.extend(self.settle(outcome.into_iter().collect()));
        facts
    }

    /// Settles rounds in this order. A change of the roster takes effect at once, and every other round that is still open becomes
    /// void: what is said in a round is said under one roster.
    pub(super) fn settle(&self, outcomes: Vec<(Digest, Outcome)>) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut settled = BTreeSet::new();
        for (proposal, outcome) in outcomes {
            let reform = self.state.reforms().get(&proposal).filter(|_| outcome == Outcome::Agreed);
            // A key may have been revoked since the proposal was read.
            let outcome_of =
                |changes: &[Change]| self.roster.after(changes).map(|roster| (roster, recovered(changes)));
            match reform.map(|reform| outcome_of(reform.changes())) {
                None => facts.push(Fact::Settled { proposal, outcome }),
                Some(Err(_)) => facts.push(Fact::Settled { proposal, outcome: Outcome::Void }),
                Some(Ok((roster, recovered))) => {
                    facts.push(Fact::Settled { proposal, outcome });
                    facts.extend(self.change_roster(roster, recovered, &settled, proposal));
                    return facts;
                }
            }
            settled.insert(proposal);
        }
        facts
    }

    fn change_roster(
        &self,
        roster: Roster,
        recovered: BTreeSet<Code>,
        settled: &BTreeSet<Digest>,
        proposal: Digest,
    ) -> impl Iterator<Item = Fact> {
        let open = self.state.open_rounds().map(|round| round.terms().proposal);
        let others = open.filter(move |other| *other != proposal && !settled.contains(other));
        let void = others.map(|proposal| Fact::Settled { proposal, outcome: Outcome::Void });
        std::iter::once(Fact::RosterChanged { roster: Box::new(roster), recovered }).chain(void)
    }
}

/// Whether a proposal does nothing but give the office other keys in place of lost ones.
pub(super) fn recovers_office(propose: &Propose) -> bool {
    let Subject::Roster(draft) = &propose.subject else { return false };
    is_office_recovery(&draft.changes)
}

pub(super) fn is_office_recovery(changes: &[Change]) -> bool {
    matches!(changes, [Change::Delegation(new)]
        if new.succession == Succession::Recover && new.party == Code::office())
}

/// Members whose old keys may be in other hands.
fn recovered(changes: &[Change]) -> BTreeSet<Code> {
    let lost = changes.iter().filter_map(|change| match change {
        Change::Delegation(new) if new.succession == Succession::Recover => Some(new.party.clone()),
        _ => None,
    });
    lost.collect()
}
