//! Folding one event into the state.

use std::{collections::BTreeSet, sync::Arc};

use ledger::{
    Digest,
    act::{Code, KeyAccess, Notice, Propose, Register, Subject},
    key::KeyId,
};

use super::{Answer, Deposit, Registration, State};
use crate::{
    agreement::{Outcome, Recorded, Round, Terms},
    event::{Event, Fact, Stamp},
    grant::Grant,
    reform::Reform,
    release::{Protected, Release},
    roster::Roster,
};

/// Folds an event into the state. Total: a fact that cannot follow from the state (`decide` yields none) leaves it as it was, but
/// for the entry's place and counter.
///
/// Cost: O(log n) in what the log holds, except for the copies that the fact carries, and for a revoked key or a grant that ends,
/// which looks at every open round.
pub fn apply(state: &mut State, event: &Event) {
    let Event { schema: _, stamp, ref actor, key, counter, ref fact } = *event;
    // Several facts of one entry set the same values.
    state.entries = stamp.entry.0.saturating_add(1);
    state.counters.insert(key, counter);
    match fact {
        Fact::Founded { roster } => {
            if state.roster.is_none() {
                state.enter(roster);
            }
        }
        Fact::Ticked { at } => state.now = Some(*at),
        Fact::Deposited { commitment, blob, rows } => {
            let deposit = Deposit { member: actor.clone(), blob: *blob, rows: *rows, stamp };
            state.deposit(*commitment, deposit);
        }
        Fact::Proposed { propose, terms } => state.circulate(propose, terms, stamp),
        Fact::Extended { proposal, deadline } => {
            let Some(before) = state.round(proposal).map(|round| round.terms().deadline) else { return };
            if state.open.remove(&(before, *proposal)) {
                state.in_round(proposal, |round| round.extend(*deadline));
                let after = state.round(proposal).map_or(before, |round| round.terms().deadline);
                state.open.insert((after, *proposal));
            }
        }
        Fact::Said { proposal, decision } => {
            let recorded = Recorded { decision: decision.clone(), stamp };
            state.in_round(proposal, |round| round.record(actor.clone(), key, recorded));
        }
        Fact::Retracted { proposal } => state.in_round(proposal, |round| round.retract(actor, &key)),
        Fact::Endorsed { proposal } => state.in_round(proposal, |round| round.endorse(key, stamp)),
        Fact::Settled { proposal, outcome } => state.settle(proposal, *outcome, stamp),
        Fact::RosterChanged { roster, recovered } => state.change_roster(roster, recovered),
        Fact::Entrusted { grant, terms } => {
            let quorum = state.quorum(actor);
            let entry =
                state.grants.entry((actor.clone(), *grant)).or_insert_with(|| Grant::new(terms.clone()));
            entry.sign(key, stamp, quorum);
        }
        Fact::Reclaimed { grant } => {
            state.grants.remove(&(actor.clone(), *grant));
            state.in_open_rounds(|round| round.reclaim(actor, grant));
        }
        Fact::Revoked { key } => state.revoke(actor, key),
        Fact::Withdrawn { proposal, reason } => {
            state.step(proposal, |release| release.withdrawn(reason.clone(), stamp));
            state.take_back(proposal);
        }
        Fact::Witnessed { size } => {
            if *size > state.witnessed() {
                state.witnessed = Some((*size, stamp.entry));
            }
        }
        Fact::Sealed { proposal, package } => state.seal(proposal, *package, stamp),
        Fact::Superseded { proposal, by } => state.step(proposal, |release| release.superseded(*by, stamp)),
        Fact::Delivered { package, to } => {
            if let Some(release) = state.release_with(package) {
                release.delivered(package, to.clone(), stamp);
            }
            state.hand_over(package, to);
        }
        Fact::Acknowledged { package } => {
            if let Some(release) = state.release_with(package) {
                release.acknowledged(package, actor, stamp);
            }
        }
        Fact::Registered { register } => state.register(register, stamp),
        Fact::Answered { access } => state.answer(access, key, stamp),
    }
}

impl State {
    fn deposit(&mut self, commitment: Digest, deposit: Deposit) {
        self.boxes.insert(deposit.blob);
        if !self.depositors.contains(&deposit.member) {
            self.depositors.insert(deposit.member.clone());
        }
        self.deposits.entry(commitment).or_insert(deposit);
    }

    fn register(&mut self, register: &Register, stamp: Stamp) {
        self.boxes.insert(register.blob);
        let registration = Registration { register: register.clone(), stamp };
        self.registrations.entry(register.revision).or_insert(registration);
    }

    fn circulate(&mut self, propose: &Propose, terms: &Terms, stamp: Stamp) {
        let proposal = terms.proposal;
        if self.round(&proposal).is_some() {
            return;
        }
        self.rounds.entry(propose.title.clone()).or_default().push(proposal);
        self.open.insert((terms.deadline, proposal));
        let round = Round::open(terms.clone(), stamp);
        match &propose.subject {
            Subject::Release(_) => {
                let protected = Protected::of(propose);
                let release = protected.map(|protected| Release::Proposed(protected.circulate(round)));
                self.releases.extend(release.map(|release| (proposal, release)));
            }
            Subject::Roster(_) => {
                let reform = Reform::circulate(propose, round);
                self.reforms.extend(reform.map(|reform| (proposal, reform)));
            }
        }
    }

    fn settle(&mut self, proposal: &Digest, outcome: Outcome, stamp: Stamp) {
        if let Some(deadline) = self.round(proposal).map(|round| round.terms().deadline) {
            self.open.remove(&(deadline, *proposal));
        }
        self.step(proposal, |release| release.settled(outcome, stamp));
        if let Some(reform) = self.reforms.get_mut(proposal) {
            reform.settle(outcome, stamp);
        }
    }

    fn seal(&mut self, proposal: &Digest, package: Digest, stamp: Stamp) {
        self.step(proposal, |release| release.sealed(package, stamp));
        let Some(sealed) = self.sealed(proposal) else { return };
        let release = sealed.agreed().protected().draft().release;
        self.packages.entry(package).or_insert(*proposal);
        if self.said.insert(release) {
            self.history = Some(self.history().with(&release));
        }
    }

    /// A receiver holds the parts of a wave from here on, and not those of which it is told that they are no more.
    fn hand_over(&mut self, package: &Digest, to: &Code) {
        let Some(proposal) = self.packages.get(package) else { return };
        let Some(release @ Release::Sealed(_)) = self.releases.get(proposal) else { return };
        let Some(wave) = &release.protected().draft().wave else { return };
        let held = self.held.entry(to.clone()).or_default();
        for (part, _) in wave.notices.iter().filter(|(_, notice)| **notice == Notice::Withdrawn) {
            held.remove(part);
        }
        for part in wave.parts.keys() {
            held.entry(part.clone()).or_default().insert(*proposal);
        }
    }

    /// What a wave handed over is held through it no more.
    fn take_back(&mut self, proposal: &Digest) {
        let Some(release @ Release::Withdrawn(_)) = self.releases.get(proposal) else { return };
        let Some(wave) = &release.protected().draft().wave else { return };
        for held in self.held.values_mut() {
            for part in wave.parts.keys() {
                if let Some(waves) = held.get_mut(part) {
                    waves.remove(proposal);
                }
            }
        }
    }

    fn answer(&mut self, access: &KeyAccess, key: KeyId, stamp: Stamp) {
        let answer = Answer { access: access.clone(), key, stamp };
        self.answers.entry((access.proposal, stamp.entry)).or_insert(answer);
    }

    fn change_roster(&mut self, roster: &Roster, recovered: &BTreeSet<Code>) {
        self.grants.retain(|(member, _), _| roster.is_member(member) && !recovered.contains(member));
        for ((member, _), grant) in &mut self.grants {
            let quorum = roster.party(member).map_or(usize::MAX, |(_, delegation)| delegation.quorum());
            grant.rotate(|key| roster.owner(key) == Some(member), quorum);
        }
        self.enter(roster);
    }

    fn enter(&mut self, roster: &Roster) {
        self.rosters.insert(roster.epoch(), Arc::new(roster.wire().clone()));
        self.roster = Some(roster.clone());
    }

    /// The key counts no more: in open rounds it has said nothing, and a grant that needed it ends.
    fn revoke(&mut self, party: &Code, key: &KeyId) {
        if let Some(roster) = &mut self.roster {
            roster.revoke(*key);
        }
        self.in_open_rounds(|round| round.forget(party, key));
        let quorum = self.quorum(party);
        let of_party = self.grants.iter_mut().filter(|((member, _), _)| member == party);
        let mut ended = Vec::new();
        for ((_, digest), grant) in of_party {
            grant.forget(key, quorum);
            if grant.given().is_none() {
                ended.push(*digest);
            }
        }
        for digest in ended {
            self.in_open_rounds(|round| round.reclaim(party, &digest));
        }
    }

    fn quorum(&self, party: &Code) -> usize {
        let delegation = self.roster.as_ref().and_then(|roster| roster.party(party));
        delegation.map_or(usize::MAX, |(_, delegation)| delegation.quorum())
    }

    /// Moves a release on by one step.
    fn step(&mut self, proposal: &Digest, step: impl FnOnce(Release) -> Release) {
        if let Some(release) = self.releases.remove(proposal) {
            self.releases.insert(*proposal, step(release));
        }
    }

    fn release_with(&mut self, package: &Digest) -> Option<&mut Release> {
        self.releases.get_mut(self.packages.get(package)?)
    }

    /// Changes a round that is still open.
    fn in_round(&mut self, proposal: &Digest, change: impl FnOnce(&mut Round)) {
        let round = match self.releases.get_mut(proposal) {
            Some(release) => release.open_round(),
            None => self.reforms.get_mut(proposal).and_then(Reform::open_round),
        };
        if let Some(round) = round {
            change(round);
        }
    }

    fn in_open_rounds(&mut self, mut change: impl FnMut(&mut Round)) {
        let open: Vec<Digest> = self.open.iter().map(|(_, proposal)| *proposal).collect();
        for proposal in &open {
            self.in_round(proposal, &mut change);
        }
    }
}
