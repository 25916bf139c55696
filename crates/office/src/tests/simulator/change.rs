//! What happens to keys: theft, revocation, rotation, recovery; and consents given beforehand.

use ledger::act_key::Signer as _;

use super::*;

impl Simulator {
    /// Everything about keys, now and then.
    pub(super) fn change(&mut self, now: u32) {
        self.steal(now);
        if now % 97 == 40 {
            self.circulate_change(now);
        }
        if self.chance(25) {
            self.endorse(now);
        }
        if self.chance(4) {
            let member = self.delegation();
            let terms = act::Entrust {
                audience: self.state().roster().unwrap().receivers().keys().cloned().collect(),
                expires_utc: minute(self.clock + 600),
                ..entrust()
            };
            for by in self.keys[&member].clone() {
                self.send(now, &member, &by, ActBody::Entrust(terms.clone()));
            }
        }
        if self.chance(2) {
            let grants: Vec<_> = self.state().grants().keys().cloned().collect();
            if !grants.is_empty() {
                let (member, grant) = grants[self.pick(grants.len())].clone();
                self.send_of(now, member.as_str(), ActBody::Reclaim(act::Reclaim { grant }));
            }
        }
        if self.chance(2) {
            let open: Vec<Digest> = self.state().open_rounds().map(|round| round.terms().proposal).collect();
            if !open.is_empty() {
                let proposal = open[self.pick(open.len())];
                let deadline_utc = minute(self.clock + self.random.random_range(20..100));
                self.send_of(now, act::OFFICE, ActBody::Extend(act::Extend { proposal, deadline_utc }));
            }
        }
    }

    /// A thief takes a key and uses it; its party finds out later and revokes it.
    fn steal(&mut self, now: u32) {
        if self.chance(1) {
            let member = self.delegation();
            let taken = self.key_of(&member);
            self.stolen.insert((member, taken));
        }
        let held: Vec<(String, String)> = self.stolen.iter().cloned().collect();
        for (member, taken) in held {
            if self.chance(10) {
                let open: Vec<Digest> =
                    self.state().open_rounds().map(|round| round.terms().proposal).collect();
                for proposal in open {
                    let ballot = ballot_of(self.state(), proposal);
                    let body = match self.pick(6) {
                        0 => object_of(self.state(), proposal),
                        1 => ActBody::Retract(ballot),
                        2 => ActBody::Endorse(ballot),
                        _ => ActBody::Approve(ballot),
                    };
                    self.send(now, &member, &taken, body);
                }
            }
            if self.chance(5) {
                let others: Vec<String> =
                    self.keys[&member].iter().filter(|one| **one != taken).cloned().collect();
                let by = others.first().unwrap_or(&taken).clone();
                let revoke = act::Revoke { key: key(&taken).key().id(), reason: reason("stolen") };
                self.send(now, &member, &by, ActBody::Revoke(revoke));
            }
        }
    }

    /// A rotation, a recovery, or another receiver's particulars.
    fn circulate_change(&mut self, now: u32) {
        let member = match self.stolen.iter().next().cloned() {
            Some((member, _)) if self.chance(70) => member,
            _ => self.delegation(),
        };
        let (party, scopes): (String, &[Scope]) = match self.pick(10) {
            0 => (act::OFFICE.to_owned(), &OFFICE_SCOPES),
            1 => ("CORE".to_owned(), &RECEIVER_SCOPES),
            _ => (member, &MEMBER_SCOPES),
        };
        let keys = self.keys[&party].clone();
        self.generation += 1;
        let fresh = |place: usize| format!("{party}.g{}.{place}", self.generation);
        let recovers =
            !self.state().roster().unwrap().revoked().is_empty() && self.generation.is_multiple_of(2);
        let succession = if recovers { Succession::Recover } else { Succession::Rotate };
        // All keys are new in a recovery; a rotation keeps all but the last.
        let kept = if recovers { 0 } else { keys.len() - 1 };
        let mut new: Vec<String> = keys[..kept].to_vec();
        new.extend((kept..keys.len()).map(fresh));
        new.sort();
        let delegates = new.iter().map(|one| delegate(one, scopes, far())).collect();
        let quorum = act::Quorum::new(if new.len() > 1 { 2 } else { 1 }).unwrap();
        let change = new_keys(&party, succession, act::Delegation { quorum, delegates });
        let name = format!("keys {}", self.generation);
        let draft = Subject::Roster(act::RosterDraft { changes: vec![change] });
        let propose = self.circulate(&name, draft);
        self.send_of(now, act::OFFICE, ActBody::Propose(propose));
    }

    /// Whoever holds a key that is asked for signs for the change; a party whose change took effect signs with its new keys.
    fn endorse(&mut self, now: u32) {
        let mut asked: Vec<(String, String, Ballot)> = Vec::new();
        let mut parties: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for reform in self.state().reforms().values() {
            let [Change::Delegation(new)] = reform.changes() else { continue };
            let names: Vec<String> = new.delegation.delegates.iter().map(|one| one.id.to_string()).collect();
            let party = new.party.to_string();
            match reform.round().settled() {
                None => {
                    let signers = names.iter().chain(&self.keys[&party]);
                    let ballot = reform.round().ballot();
                    asked.extend(signers.map(|one| (party.clone(), one.clone(), ballot)));
                }
                Some(_) => {
                    let now = self.state().roster().and_then(|roster| roster.party(&new.party));
                    let now = now.map(|(_, found)| found.delegates().values().map(|one| one.id.to_string()));
                    parties.extend(now.map(|now| (party, now.collect())));
                }
            }
        }
        for (party, mut names) in parties {
            names.retain(|one| {
                let id = key(one).key().id();
                !self.state().roster().is_some_and(|roster| roster.revoked().contains(&id))
            });
            if !names.is_empty() {
                let held: BTreeSet<String> = names.iter().cloned().collect();
                self.stolen.retain(|(member, taken)| *member != party || held.contains(taken));
                self.keys.insert(party, names);
            }
        }
        for (party, by, ballot) in asked {
            self.send(now, &party, &by, ActBody::Endorse(ballot));
        }
    }
}
