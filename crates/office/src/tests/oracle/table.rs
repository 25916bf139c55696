//! Rosters as tables: who is on one, what a change makes of it, who must sign for the change.

use std::collections::BTreeSet;

use ledger::{
    act::{self, Change, Code, Content, Delegation, Level, Roster, Scope, Succession, UtcTime},
    key::KeyId,
};

pub(super) fn delegation<'a>(roster: &'a Roster, party: &Code) -> Option<&'a Delegation> {
    if party.as_str() == act::OFFICE {
        return Some(&roster.office.delegation);
    }
    let member = roster.members.iter().find(|member| member.code == *party);
    let receiver = roster.receivers.iter().find(|receiver| receiver.code == *party);
    member.map(|found| &found.delegation).or(receiver.map(|found| &found.delegation))
}

pub(super) fn is_member(roster: &Roster, party: &Code) -> bool {
    roster.members.iter().any(|member| member.code == *party)
}

pub(super) fn keys(delegation: &Delegation) -> BTreeSet<KeyId> {
    delegation.delegates.iter().map(|delegate| delegate.key.id()).collect()
}

fn governing(delegation: &Delegation) -> BTreeSet<KeyId> {
    let governs = delegation.delegates.iter().filter(|delegate| delegate.scopes.contains(&Scope::Govern));
    governs.map(|delegate| delegate.key.id()).collect()
}

pub(super) fn eligible(roster: &Roster, who: &Code, content: Content, level: Level, at: UtcTime) -> bool {
    let Some(receiver) = roster.receivers.iter().find(|receiver| receiver.code == *who) else { return false };
    receiver.clearance >= level
        && roster.eligibility.iter().any(|line| {
            (line.party == *who || line.party == receiver.state)
                && line.contents.contains(&content)
                && line.highest >= level
                && line.from_utc <= at
                && at < line.until_utc
        })
}

/// The roster that these changes make.
pub(super) fn after(before: &Roster, changes: &[Change]) -> Roster {
    let mut roster = before.clone();
    roster.epoch = roster.epoch.next().unwrap();
    for change in changes {
        match change {
            Change::AddMember(member) => roster.members.push(member.clone()),
            Change::RemoveMember(leaving) => roster.members.retain(|member| member.code != leaving.code),
            Change::Delegation(new) => {
                let place = if new.party.as_str() == act::OFFICE {
                    Some(&mut roster.office.delegation)
                } else {
                    let members = roster.members.iter_mut().map(|found| (&found.code, &mut found.delegation));
                    let receivers =
                        roster.receivers.iter_mut().map(|found| (&found.code, &mut found.delegation));
                    members.chain(receivers).find(|(code, _)| **code == new.party).map(|(_, place)| place)
                };
                *place.unwrap() = new.delegation.clone();
            }
            Change::Receiver(receiver) => {
                roster.receivers.retain(|found| found.code != receiver.code);
                roster.receivers.push(receiver.clone());
            }
            Change::RemoveReceiver(leaving) => roster.receivers.retain(|found| found.code != leaving.code),
            Change::OfficeCards(cards) => {
                (roster.office.seal, roster.office.open) = (cards.seal, cards.open);
            }
            Change::Group(group) => {
                roster.groups.retain(|found| found.code != group.code);
                roster.groups.push(group.clone());
            }
            Change::RemoveGroup(leaving) => roster.groups.retain(|found| found.code != leaving.code),
            Change::AddEligibility(line) => roster.eligibility.push(line.clone()),
            Change::RemoveEligibility(line) => roster.eligibility.retain(|found| found != line),
            Change::Witnesses(new) => roster.witnesses = new.policy.clone(),
        }
    }
    roster.members.sort_by(|a, b| a.code.cmp(&b.code));
    roster.receivers.sort_by(|a, b| a.code.cmp(&b.code));
    roster.groups.sort_by(|a, b| a.code.cmp(&b.code));
    roster.eligibility.sort();
    roster
}

/// Parties whose old keys were lost.
pub(super) fn recovered(changes: &[Change]) -> BTreeSet<Code> {
    let lost = changes.iter().filter_map(|change| match change {
        Change::Delegation(new) if new.succession == Succession::Recover => Some(new.party.clone()),
        _ => None,
    });
    lost.collect()
}

/// Keys of delegations that these changes bring.
pub(super) fn new_keys(before: &Roster, changes: &[Change]) -> BTreeSet<KeyId> {
    let brought = changes.iter().filter_map(|change| match change {
        Change::AddMember(member) => Some(&member.delegation),
        Change::Delegation(new) => Some(&new.delegation),
        Change::Receiver(receiver) if delegation(before, &receiver.code).is_none() => {
            Some(&receiver.delegation)
        }
        _ => None,
    });
    brought.flat_map(keys).collect()
}

/// Signatures that a change of keys takes: whose, which, how many.
pub(super) type Needed = Vec<(Code, BTreeSet<KeyId>, usize)>;

pub(super) fn needed(before: &Roster, changes: &[Change]) -> Needed {
    let mut needed = Needed::new();
    let mut of = |party: &Code, new: &Delegation, succession| {
        let old = delegation(before, party);
        if let (Some(old), Succession::Rotate) = (old, succession) {
            needed.push((party.clone(), governing(old), old.quorum.get() as usize));
        }
        needed.push((party.clone(), governing(new), new.quorum.get() as usize));
        let seen = old.map(keys).unwrap_or_default();
        let unseen: BTreeSet<KeyId> = keys(new).difference(&seen).copied().collect();
        let count = unseen.len();
        needed.push((party.clone(), unseen, count));
    };
    for change in changes {
        match change {
            Change::AddMember(member) => of(&member.code, &member.delegation, Succession::Rotate),
            Change::Delegation(new) => of(&new.party, &new.delegation, new.succession),
            Change::Receiver(receiver) if delegation(before, &receiver.code).is_none() => {
                of(&receiver.code, &receiver.delegation, Succession::Rotate);
            }
            _ => {}
        }
    }
    needed
}

/// Members without a voice, and members that must say yes.
pub(super) fn voices(before: &Roster, changes: &[Change]) -> (BTreeSet<Code>, BTreeSet<Code>) {
    let (mut silenced, mut consents) = (BTreeSet::new(), BTreeSet::new());
    let everybody = || before.members.iter().map(|member| member.code.clone());
    let sponsor = |code: &Code| {
        before.receivers.iter().find(|found| found.code == *code).map(|found| found.sponsor.clone())
    };
    for change in changes {
        match change {
            Change::AddMember(_) | Change::OfficeCards(_) | Change::Witnesses(_) => {
                consents.extend(everybody())
            }
            Change::RemoveMember(leaving) => {
                silenced.insert(leaving.code.clone());
                consents.extend(everybody());
            }
            Change::Delegation(new) => {
                let recovers = new.succession == Succession::Recover;
                if recovers && is_member(before, &new.party) {
                    silenced.insert(new.party.clone());
                }
                if recovers && (is_member(before, &new.party) || new.party.as_str() == act::OFFICE) {
                    consents.extend(everybody());
                }
                consents.extend(sponsor(&new.party));
            }
            Change::Receiver(receiver) => {
                consents.insert(receiver.sponsor.clone());
                consents.extend(sponsor(&receiver.code));
            }
            Change::RemoveReceiver(_)
            | Change::Group(_)
            | Change::RemoveGroup(_)
            | Change::AddEligibility(_)
            | Change::RemoveEligibility(_) => {}
        }
    }
    consents.retain(|code| is_member(before, code) && !silenced.contains(code));
    (silenced, consents)
}
