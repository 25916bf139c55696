//! The standards desk of an office at one time: its log, its registry and its policy together, and what follows from them.
//!
//! Who receives, what they are cleared for and what was agreed with their states comes from the roster; what they hold, from deliveries;
//! what originators objected to, from the rounds. The policy file adds markings, effort, value and rules, and what it says of receivers
//! counts for nothing here. For a past day, take the state of that day's log.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Digest;
use ledger::act::{Code, Content, Level, Notice, PartId, Revision, UtcTime};

use super::policy::{Conditions, Consent, Policy};
use super::{
    Because, Capacity, HandOvers, Held, Holdings, Now, Plan, PlanError, Purpose, Reason, Record, Registry,
    Remaining, Stale, follow_up, hand_over, holdings, may_have, plan, remaining,
};
use crate::{event::Stamp, state::State};

/// Log, registry and policy at one time.
#[derive(Debug)]
pub struct Desk<'a> {
    state: &'a State,
    registry: &'a Registry,
    revision: Revision,
    policy: Policy,
    holdings: Holdings,
    at: UtcTime,
}

/// How a copy stands to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Its part is in force, with this document.
    Current,
    /// Its part was superseded or revised, and the receiver has neither what stands in its place nor a word about it.
    Stale,
    /// Its part is withdrawn, and the receiver was not told.
    Withdrawn,
    /// The receiver has what stands in its place, or was told that it is no more.
    Told,
}

/// A copy at a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPart {
    /// The part, by the id under which it was handed over.
    pub part: PartId,
    /// How it stands.
    pub standing: Standing,
    /// What stands in its place.
    pub by: BTreeSet<PartId>,
    /// When it was delivered.
    pub delivered: Stamp,
    /// When the receiver said that it has it.
    pub acknowledged: Option<Stamp>,
    /// Whether its receipt is overdue.
    pub overdue: bool,
}

/// What one receiver holds, and what it may not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverOverview {
    /// Its code.
    pub receiver: Code,
    /// Its copies, by part.
    pub parts: Vec<HeldPart>,
    /// Parts in force that it may not have, and why.
    pub blocked: BTreeMap<PartId, Vec<Reason>>,
}

/// What all receivers hold, what of it is stale, and what they may not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The time that it speaks of.
    pub at: UtcTime,
    /// The change of the registry that was the newest.
    pub revision: Revision,
    /// Receivers of standards, by code; also those that left the roster and hold something.
    pub receivers: Vec<ReceiverOverview>,
}

/// What can be handed over without asking anybody again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bulk {
    /// The releases.
    pub hand_overs: HandOvers,
    /// Parts that could go but for a consent given beforehand, and whose is missing.
    pub awaiting: BTreeMap<PartId, BTreeSet<Code>>,
}

impl<'a> Desk<'a> {
    /// Takes the registry at its newest revision; none where nothing was registered.
    #[must_use]
    pub fn new(state: &'a State, registry: &'a Registry, mut policy: Policy, at: UtcTime) -> Option<Self> {
        let (revision, roster) = (state.registry_revision()?, state.roster()?);
        let holdings = holdings(state, at);
        policy.conditions = Conditions::of_roster(roster);
        // A company that gets figures alone has no place in a plan of standards.
        let Conditions { receivers, agreements, .. } = &mut policy.conditions;
        receivers.retain(|code, body| {
            agreements.iter().any(|line| line.party == *code || line.party == body.state)
        });
        policy.held = holdings
            .receivers()
            .map(|code| {
                let standing = holdings.of(code).iter().filter(|(_, held)| held.stands());
                (code.clone(), standing.map(|(id, _)| registry.canonical(id).unwrap_or(id).clone()).collect())
            })
            .collect();
        let mut desk = Self { state, registry, revision, policy, holdings, at };
        desk.take_objections();
        Some(desk)
    }

    /// What was objected to by name stays objected to until its document changes, or until the policy says that the member agreed since.
    fn take_objections(&mut self) {
        let mut objected = BTreeSet::new();
        for release in self.state.releases().values() {
            let Some(wave) = &release.protected().draft().wave else { continue };
            for (member, objection) in release.round().objections() {
                let same = |id: &&PartId| {
                    let registered = self.registry.record(id).and_then(|record| record.document.as_ref());
                    let proposed = wave.parts.get(*id).map(|part| part.document);
                    proposed.is_some() && registered.map(|document| document.digest) == proposed
                };
                objected.extend(objection.parts.iter().filter(same).map(|id| (id.clone(), member.clone())));
            }
        }
        for (part, member) in objected {
            let agreed = self.registry.record(&part).is_some_and(|record| {
                self.policy
                    .conditions
                    .receivers
                    .keys()
                    .any(|receiver| self.policy.consents.of(record, &member, receiver) == Consent::Agreed)
            });
            if !agreed {
                self.policy.consents.record(part, member, Consent::Objected);
            }
        }
    }

    /// The policy, with what roster and log say.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What receivers hold.
    #[must_use]
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// What follows for every receiver that holds something.
    #[must_use]
    pub fn follow_ups(&self) -> BTreeMap<Code, Vec<Stale<Reason>>> {
        let follow = |code: &Code| {
            let may_not = |record: &Record| self.may_not(&record.id, code);
            (code.clone(), follow_up(self.registry, self.holdings.of(code), may_not))
        };
        self.holdings.receivers().map(follow).collect()
    }

    /// Why a part may not be planned for a receiver, whether or not it holds it.
    fn may_not(&self, part: &PartId, receiver: &Code) -> Vec<Reason> {
        let reasons = may_have(self.registry, &self.policy, part, receiver, self.at, Purpose::Plan);
        reasons.into_iter().filter(|reason| *reason != Reason::AlreadyHeld).collect()
    }

    /// What goes next, and the releases of its first wave. What was revised goes to those who hold the older document as well, and every
    /// notice that is due.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn next_wave(&self, capacity: Capacity) -> Result<(Plan, HandOvers), PlanError> {
        let planned = plan(self.registry, &self.policy, self.at, capacity)?;
        let mut parts: BTreeMap<Code, BTreeSet<PartId>> = BTreeMap::new();
        for one in planned.waves.first().into_iter().flat_map(|wave| &wave.parts) {
            for receiver in &one.receivers {
                parts.entry(receiver.clone()).or_default().insert(one.id.clone());
            }
        }
        let hand_overs = self.carried(&parts, &self.follow_ups());
        Ok((planned, hand_overs))
    }

    /// What a revision made due, without regard to capacity: what stands in the place of copies, what was revised, notices.
    #[must_use]
    pub fn delta(&self) -> HandOvers {
        let stale = self.follow_ups();
        let due = stale.iter().map(|(receiver, stale)| {
            let parts = stale.iter().flat_map(|stale| stale.hand_over.iter().cloned()).collect();
            (receiver.clone(), self.with_needs(receiver, parts))
        });
        self.carried(&due.collect(), &stale)
    }

    /// What an objection or a lapse left of a wave, as its next round would carry it: to the same receivers, with no notice that was not in it
    /// before; and what was taken out. None for anything else.
    #[must_use]
    pub fn again(&self, proposal: &Digest) -> Option<(HandOvers, Remaining)> {
        let left = remaining(self.state, proposal)?;
        let audience = &self.state.release(proposal)?.protected().draft().audience;
        let parts = audience.iter().map(|receiver| (receiver.clone(), left.parts.clone())).collect();
        let mut stale = self.follow_ups();
        stale.retain(|receiver, _| audience.contains(receiver));
        for stale in stale.values_mut().flatten().filter(|stale| !left.notices.contains(&stale.part)) {
            stale.tell = None;
        }
        Some((self.carried(&parts, &stale), left))
    }

    /// Everything unclassified that may go and that every originator consented to beforehand, to whoever may have it, at once.
    #[must_use]
    pub fn bulk(&self, deadline: UtcTime) -> Bulk {
        let mut bulk = Bulk::default();
        let mut parts: BTreeMap<Code, BTreeSet<PartId>> = BTreeMap::new();
        for receiver in self.policy.conditions.receivers.keys() {
            for record in self.registry.records().values() {
                let level = self.policy.level(record);
                let held = self.policy.holds(receiver, &record.id);
                if held || level > Level::Unclassified || !self.may_not(&record.id, receiver).is_empty() {
                    continue;
                }
                let audience = BTreeSet::from([receiver.clone()]);
                let missing = self.without_grant(record, &audience, level, deadline);
                if missing.is_empty() {
                    parts.entry(receiver.clone()).or_default().insert(record.id.clone());
                } else {
                    bulk.awaiting.entry(record.id.clone()).or_default().extend(missing);
                }
            }
        }
        for receiver in self.policy.conditions.receivers.keys() {
            if let Some(wanted) = parts.get_mut(receiver) {
                self.keep_complete(receiver, wanted);
            }
        }
        bulk.hand_overs = self.carried(&parts, &self.follow_ups());
        bulk
    }

    /// Originators of a part that gave no consent beforehand which covers handing it to these receivers.
    fn without_grant(
        &self,
        record: &Record,
        audience: &BTreeSet<Code>,
        level: Level,
        deadline: UtcTime,
    ) -> BTreeSet<Code> {
        let covers = |member: &Code| {
            let mut grants = self.state.grants().iter().filter(|((code, _), _)| code == member);
            grants.any(|(_, grant)| grant.covers(audience, Content::Standards, level, deadline))
        };
        self.policy.originators(record).into_iter().filter(|member| !covers(member)).collect()
    }

    /// Leaves out whatever needs something that does not come and is not held, again and again.
    fn keep_complete(&self, receiver: &Code, wanted: &mut BTreeSet<PartId>) {
        loop {
            let whole = |id: &PartId| {
                let mut needs = self.registry.needs(id);
                needs.all(|need| wanted.contains(need) || self.policy.holds(receiver, need))
            };
            let kept: BTreeSet<PartId> = wanted.iter().filter(|id| whole(id)).cloned().collect();
            if kept.len() == wanted.len() {
                return;
            }
            *wanted = kept;
        }
    }

    /// The parts with what they need and the receiver may have and does not hold.
    fn with_needs(&self, receiver: &Code, mut parts: BTreeSet<PartId>) -> BTreeSet<PartId> {
        let mut open: Vec<PartId> = parts.iter().cloned().collect();
        while let Some(id) = open.pop() {
            for need in self.registry.needs(&id) {
                let goes = !self.policy.holds(receiver, need) && self.may_not(need, receiver).is_empty();
                if goes && parts.insert(need.clone()) {
                    open.push(need.clone());
                }
            }
        }
        parts
    }

    fn carried(
        &self,
        parts: &BTreeMap<Code, BTreeSet<PartId>>,
        stale: &BTreeMap<Code, Vec<Stale<Reason>>>,
    ) -> HandOvers {
        let (registry, revision) = (self.registry, self.revision);
        let now = Now { registry, revision, parts, holdings: &self.holdings, policy: &self.policy };
        hand_over(now, stale)
    }

    /// Who holds what, what of it is stale, and what they may not have. A receipt is overdue after so many seconds.
    #[must_use]
    pub fn overview(&self, receipt_seconds: u64) -> Overview {
        let mut follow_ups = self.follow_ups();
        let known = self.policy.conditions.receivers.keys();
        let former =
            self.holdings.receivers().filter(|code| !self.policy.conditions.receivers.contains_key(*code));
        let receivers = known.chain(former).map(|code| {
            let stale = follow_ups.remove(code).unwrap_or_default();
            let held = self.holdings.of(code);
            let parts = held.iter().map(|(id, held)| self.held_part(id, held, &stale, receipt_seconds));
            ReceiverOverview { receiver: code.clone(), parts: parts.collect(), blocked: self.blocked(code) }
        });
        let mut receivers: Vec<ReceiverOverview> = receivers.collect();
        receivers.sort_by(|a, b| a.receiver.cmp(&b.receiver));
        Overview { at: self.at, revision: self.revision, receivers }
    }

    fn held_part(&self, id: &PartId, held: &Held, stale: &[Stale<Reason>], receipt_seconds: u64) -> HeldPart {
        let found = stale.iter().find(|stale| stale.part == *id);
        let successors = self.registry.successors(self.registry.canonical(id).unwrap_or(id));
        let told = held.notice.is_some() || !held.replaced_by.is_empty();
        let standing = match found {
            Some(found) if found.tell.is_some() || !found.hand_over.is_empty() => match found.because {
                Because::Superseded | Because::Revised => Standing::Stale,
                Because::Withdrawn => Standing::Withdrawn,
            },
            Some(_) => Standing::Told,
            // Nothing follows where the receiver has what stands in the place of its copy.
            None if told || !successors.is_empty() => Standing::Told,
            None => Standing::Current,
        };
        let mut by: BTreeSet<PartId> = held.replaced_by.keys().cloned().collect();
        if let Some((Notice::Superseded { by: later }, _)) = &held.notice {
            by.insert(later.clone());
        }
        by.extend(successors);
        let since = held.copy.delivered.at.map_or(0, UtcTime::posix_seconds);
        let late = self.at.posix_seconds().saturating_sub(since) > receipt_seconds;
        HeldPart {
            part: id.clone(),
            standing,
            by,
            delivered: held.copy.delivered,
            acknowledged: held.copy.acknowledged,
            overdue: held.copy.acknowledged.is_none() && late,
        }
    }

    fn blocked(&self, receiver: &Code) -> BTreeMap<PartId, Vec<Reason>> {
        let held = self.holdings.of(receiver);
        let open = self.registry.records().keys().filter(|id| !held.contains_key(*id));
        let reasons = open.map(|id| (id.clone(), self.may_not(id, receiver)));
        reasons.filter(|(_, reasons)| !reasons.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests;
