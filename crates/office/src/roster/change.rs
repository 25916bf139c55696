//! How a roster changes, and who must sign for the change.
//!
//! | change | who must say yes | whose keys must endorse |
//! | --- | --- | --- |
//! | a member joins | every member | its new keys |
//! | a member leaves | every other member | |
//! | new keys, old ones at hand | of a receiver: its sponsor | the old quorum; the new quorum; every key not seen before |
//! | new keys, old ones lost | of a member: every other one; of the office: every member; of a receiver: its sponsor | the new quorum; every key not seen before |
//! | a receiver, new or with other particulars | its sponsor | its new keys |
//! | the office's cards, the witness policy | every member | |
//! | groups, eligibility, a receiver leaves | nobody: silence is enough | |
//!
//! Whoever is removed, or recovers because its keys may be stolen, has no voice in that round: a thief must not be able to stop it.
//! A recovery of the office's keys, and nothing else, may be proposed by any member, and the office cannot withdraw it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    act::{self, Change, Code, Delegate, NewDelegation, Scope, Succession},
    act_key::ActKey,
    key::KeyId,
};

use super::{Role, Roster, RosterError};

/// Which keys of a party must endorse a change of its delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// As many of the old keys that govern as the old quorum.
    Old,
    /// As many of the new keys that govern as the new quorum.
    New,
    /// Every key that was not there before: whoever holds it proves so.
    Possession,
}

/// Signatures that a change of keys takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endorsement {
    /// Whose keys change.
    pub party: Code,
    /// Which of its keys.
    pub side: Side,
    /// The keys.
    pub keys: BTreeMap<KeyId, ActKey>,
    /// How many of them must sign.
    pub count: usize,
}

/// What a proposal about the roster needs beside silence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Needs {
    /// Members that have no voice in it.
    pub(crate) silenced: BTreeSet<Code>,
    /// Members that must say yes.
    pub(crate) consent: BTreeSet<Code>,
    /// Keys that must sign.
    pub(crate) endorsements: Vec<Endorsement>,
}

impl Roster {
    /// The roster after these changes, one epoch later.
    ///
    /// # Errors
    /// The first change that does not apply, or the fault of the roster that would follow.
    pub fn after(&self, changes: &[Change]) -> Result<Self, RosterError> {
        if changes.is_empty() {
            return Err(RosterError::Nothing);
        }
        let mut wire = self.wire.clone();
        wire.epoch = wire.epoch.next().ok_or(RosterError::LastEpoch)?;
        let (mut rekeyed, mut removed) = (BTreeSet::new(), BTreeSet::new());
        for change in changes {
            // Whoever leaves does not come back in the same proposal with keys that nobody endorsed.
            if let Some(code) = party_of(change).filter(|code| removed.contains(*code)) {
                return Err(RosterError::Twice { code: code.clone() });
            }
            if let Some(code) = self.rekeys(change)
                && !rekeyed.insert(code.clone())
            {
                return Err(RosterError::Twice { code });
            }
            if let Change::RemoveMember(leaving) | Change::RemoveReceiver(leaving) = change {
                removed.insert(&leaving.code);
            }
            change_wire(&mut wire, change)?;
        }
        let next = Self::read_with(&wire, self.revoked.clone())?;
        self.check_voices(changes)?;
        let keys = rekeyed.iter().filter_map(|code| Some((code, next.party(code)?.1)));
        for (code, delegation) in keys {
            if let Some(key) = delegation.delegates.keys().find(|key| self.revoked.contains(key)) {
                return Err(RosterError::RevokedKey { code: code.clone(), key: *key });
            }
        }
        Ok(next)
    }

    /// One member at a time loses its voice, and somebody else keeps one: two who are removed together, or everybody recovering
    /// at once, would be a way around their own consent.
    fn check_voices(&self, changes: &[Change]) -> Result<(), RosterError> {
        let silenced = self.needs(changes).silenced;
        let others = self.members().any(|(code, _)| !silenced.contains(code));
        match silenced.last() {
            Some(code) if silenced.len() > 1 || !others => Err(RosterError::NoVoice { code: code.clone() }),
            Some(_) | None => Ok(()),
        }
    }

    /// Whose keys a change touches.
    fn rekeys(&self, change: &Change) -> Option<Code> {
        match change {
            Change::AddMember(member) => Some(member.code.clone()),
            Change::Delegation(new) => Some(new.party.clone()),
            Change::Receiver(receiver) => {
                (!self.receivers.contains_key(&receiver.code)).then(|| receiver.code.clone())
            }
            Change::RemoveMember(_)
            | Change::RemoveReceiver(_)
            | Change::OfficeCards(_)
            | Change::Group(_)
            | Change::RemoveGroup(_)
            | Change::AddEligibility(_)
            | Change::RemoveEligibility(_)
            | Change::Witnesses(_) => None,
        }
    }

    /// What these changes need beside silence, after [`Roster::after`] has accepted them.
    pub(crate) fn needs(&self, changes: &[Change]) -> Needs {
        let mut needs = Needs::default();
        let mut everybody = false;
        for change in changes {
            match change {
                Change::AddMember(member) => {
                    everybody = true;
                    self.endorse(&mut needs, &member.code, &member.delegation, Succession::Rotate);
                }
                Change::RemoveMember(leaving) => {
                    everybody = true;
                    needs.silenced.insert(leaving.code.clone());
                }
                Change::Delegation(new) => everybody |= self.new_keys(&mut needs, new),
                Change::Receiver(receiver) => {
                    needs.consent.insert(receiver.sponsor.clone());
                    if let Some(before) = self.receivers.get(&receiver.code) {
                        needs.consent.insert(before.sponsor.clone());
                    } else {
                        self.endorse(&mut needs, &receiver.code, &receiver.delegation, Succession::Rotate);
                    }
                }
                Change::OfficeCards(_) | Change::Witnesses(_) => everybody = true,
                Change::RemoveReceiver(_)
                | Change::Group(_)
                | Change::RemoveGroup(_)
                | Change::AddEligibility(_)
                | Change::RemoveEligibility(_) => {}
            }
        }
        if everybody {
            needs.consent.extend(self.members().map(|(code, _)| code.clone()));
        }
        // A sponsor that joins in the same proposal has no voice yet; its keys endorse.
        needs.consent.retain(|code| self.is_member(code) && !needs.silenced.contains(code));
        needs
    }

    /// Needs of a new delegation; true if every member must say yes.
    fn new_keys(&self, needs: &mut Needs, new: &NewDelegation) -> bool {
        self.endorse(needs, &new.party, &new.delegation, new.succession);
        let recovers = new.succession == Succession::Recover;
        match self.party(&new.party) {
            Some((Role::Member, _)) if recovers => {
                needs.silenced.insert(new.party.clone());
                true
            }
            Some((Role::Office, _)) => recovers,
            Some((Role::Receiver, _)) => {
                needs.consent.extend(self.receivers.get(&new.party).map(|receiver| receiver.sponsor.clone()));
                false
            }
            Some((Role::Member, _)) | None => false,
        }
    }

    fn endorse(&self, needs: &mut Needs, party: &Code, new: &act::Delegation, succession: Succession) {
        let old = self.party(party).map(|(_, delegation)| delegation);
        // A key that only deposits or only ticks must not be enough to hand a party over to others.
        let governs = |delegate: &&Delegate| delegate.scopes.contains(&Scope::Govern);
        let key = |delegate: &Delegate| (delegate.key.id(), delegate.key.clone());
        let fresh =
            |delegate: &&Delegate| old.is_none_or(|old| !old.delegates.contains_key(&delegate.key.id()));
        let unseen: BTreeMap<KeyId, ActKey> = new.delegates.iter().filter(fresh).map(key).collect();
        let quorum = usize::try_from(new.quorum.get()).unwrap_or(usize::MAX);
        let mut add = |side, keys: BTreeMap<KeyId, ActKey>, count| {
            needs.endorsements.push(Endorsement { party: party.clone(), side, keys, count });
        };
        if let (Some(old), Succession::Rotate) = (old, succession) {
            add(Side::Old, old.delegates.values().filter(governs).map(key).collect(), old.quorum);
        }
        add(Side::New, new.delegates.iter().filter(governs).map(key).collect(), quorum);
        let count = unseen.len();
        add(Side::Possession, unseen, count);
    }
}

/// The party that a change is about.
fn party_of(change: &Change) -> Option<&Code> {
    match change {
        Change::AddMember(member) => Some(&member.code),
        Change::Delegation(new) => Some(&new.party),
        Change::Receiver(receiver) => Some(&receiver.code),
        Change::RemoveMember(leaving) | Change::RemoveReceiver(leaving) => Some(&leaving.code),
        Change::OfficeCards(_)
        | Change::Group(_)
        | Change::RemoveGroup(_)
        | Change::AddEligibility(_)
        | Change::RemoveEligibility(_)
        | Change::Witnesses(_) => None,
    }
}

fn change_wire(wire: &mut act::Roster, change: &Change) -> Result<(), RosterError> {
    match change {
        Change::AddMember(member) => add(&mut wire.members, member, |member| &member.code),
        Change::RemoveMember(leaving) => remove(&mut wire.members, &leaving.code, |member| &member.code),
        Change::Delegation(new) => change_delegation(wire, new),
        Change::Receiver(receiver) => change_receiver(wire, receiver),
        Change::RemoveReceiver(leaving) => {
            remove(&mut wire.receivers, &leaving.code, |receiver| &receiver.code)
        }
        Change::OfficeCards(cards) => {
            wire.office.seal = cards.seal;
            wire.office.open = cards.open;
            Ok(())
        }
        Change::Group(group) => {
            wire.groups.retain(|found| found.code != group.code);
            add(&mut wire.groups, group, |group| &group.code)
        }
        Change::RemoveGroup(leaving) => remove(&mut wire.groups, &leaving.code, |group| &group.code),
        Change::AddEligibility(line) => match wire.eligibility.binary_search(line) {
            Ok(_) => Err(RosterError::Present { code: line.party.clone() }),
            Err(place) => {
                wire.eligibility.insert(place, line.clone());
                Ok(())
            }
        },
        Change::RemoveEligibility(line) => match wire.eligibility.binary_search(line) {
            Ok(place) => {
                wire.eligibility.remove(place);
                Ok(())
            }
            Err(_) => Err(RosterError::Absent { code: line.party.clone() }),
        },
        Change::Witnesses(new) => {
            wire.witnesses = new.policy.clone();
            Ok(())
        }
    }
}

fn change_delegation(wire: &mut act::Roster, new: &NewDelegation) -> Result<(), RosterError> {
    let delegation = if new.party == Code::office() {
        &mut wire.office.delegation
    } else if let Some(member) = wire.members.iter_mut().find(|member| member.code == new.party) {
        &mut member.delegation
    } else if let Some(receiver) = wire.receivers.iter_mut().find(|receiver| receiver.code == new.party) {
        &mut receiver.delegation
    } else {
        return Err(RosterError::Absent { code: new.party.clone() });
    };
    *delegation = new.delegation.clone();
    Ok(())
}

/// A receiver's particulars may change by the sponsor's word; its keys may not.
fn change_receiver(wire: &mut act::Roster, receiver: &act::Receiver) -> Result<(), RosterError> {
    match wire.receivers.iter_mut().find(|found| found.code == receiver.code) {
        Some(found) if found.delegation != receiver.delegation => {
            Err(RosterError::DelegationInside { code: receiver.code.clone() })
        }
        Some(found) => {
            *found = receiver.clone();
            Ok(())
        }
        None => add(&mut wire.receivers, receiver, |receiver| &receiver.code),
    }
}

fn add<T: Clone>(list: &mut Vec<T>, item: &T, code: impl Fn(&T) -> &Code) -> Result<(), RosterError> {
    match list.binary_search_by(|found| code(found).cmp(code(item))) {
        Ok(_) => Err(RosterError::Present { code: code(item).clone() }),
        Err(place) => {
            list.insert(place, item.clone());
            Ok(())
        }
    }
}

fn remove<T>(list: &mut Vec<T>, wanted: &Code, code: impl Fn(&T) -> &Code) -> Result<(), RosterError> {
    match list.binary_search_by(|found| code(found).cmp(wanted)) {
        Ok(place) => {
            list.remove(place);
            Ok(())
        }
        Err(_) => Err(RosterError::Absent { code: wanted.clone() }),
    }
}
