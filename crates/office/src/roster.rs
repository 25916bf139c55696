//! Who may act: the office, the members, the receivers, each with a delegation of keys; what receivers may have; and how all of that
//! changes.
//!
//! A roster is read once, whole; a change makes the next one, exactly one epoch later, and is read again as a whole. Revoked keys are
//! remembered for ever: none of them comes back.
//!
//! # Source
//! Thresholds, one key one signature, version plus one, old and new keys both sign: TUF 1.0.33, sections 5.3 and 6.1. Releasing
//! outside takes a sponsor, a clearance and an agreement with the state: NATO C-M(2002)49, enclosure E, as far as it is public.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    act::{self, Code, Content, Delegate, Epoch, Level, Receiver, Scope, UtcTime},
    key::KeyId,
};

mod change;
mod error;

pub use change::{Endorsement, Side};
pub use error::{Ineligible, RosterError};

/// The most delegates of one party.
pub const DELEGATES_MAX: usize = 64;

/// What an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The releasing office.
    Office,
    /// A member of the alliance.
    Member,
    /// A company or a partner body.
    Receiver,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Office => "the office",
            Self::Member => "a member",
            Self::Receiver => "a receiver",
        })
    }
}

/// Who signs for a party.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Delegation {
    quorum: usize,
    // INVARIANT: not empty, at least `quorum` keys, no key in two delegations of one roster; kept by `Roster::read`.
    delegates: BTreeMap<KeyId, Delegate>,
}

impl Delegation {
    /// How many keys must say the same before the party has said it.
    #[must_use]
    pub fn quorum(&self) -> usize {
        self.quorum
    }

    /// The delegates by the id of their key.
    #[must_use]
    pub fn delegates(&self) -> &BTreeMap<KeyId, Delegate> {
        &self.delegates
    }

    fn with_scope(&self, scope: Scope) -> usize {
        self.delegates.values().filter(|delegate| delegate.scopes.contains(&scope)).count()
    }
}

/// The roster of a log at one epoch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Roster {
    wire: act::Roster,
    // The rest is derived from `wire`, but for `revoked`.
    parties: BTreeMap<Code, (Role, Delegation)>,
    receivers: BTreeMap<Code, Receiver>,
    keys: BTreeMap<KeyId, Code>,
    revoked: BTreeSet<KeyId>,
}

impl Roster {
    /// Reads a roster from its wire form.
    ///
    /// # Errors
    /// A [`RosterError`] for the first fault found.
    pub fn read(wire: &act::Roster) -> Result<Self, RosterError> {
        Self::read_with(wire, BTreeSet::new())
    }

    fn read_with(wire: &act::Roster, revoked: BTreeSet<KeyId>) -> Result<Self, RosterError> {
        let (parties, receivers, keys) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut roster = Self { wire: wire.clone(), parties, receivers, keys, revoked };
        roster.admit(&Code::office(), Role::Office, &wire.office.delegation)?;
        ascending(&wire.members, |member| &member.code)?;
        ascending(&wire.receivers, |receiver| &receiver.code)?;
        ascending(&wire.groups, |group| &group.code)?;
        for member in &wire.members {
            roster.admit(&member.code, Role::Member, &member.delegation)?;
        }
        if wire.members.is_empty() {
            return Err(RosterError::NoMembers);
        }
        for receiver in &wire.receivers {
            roster.admit(&receiver.code, Role::Receiver, &receiver.delegation)?;
            if !matches!(roster.parties.get(&receiver.sponsor), Some((Role::Member, _))) {
                return Err(RosterError::Sponsor {
                    receiver: receiver.code.clone(),
                    sponsor: receiver.sponsor.clone(),
                });
            }
            roster.receivers.insert(receiver.code.clone(), receiver.clone());
        }
        roster.check_groups()?;
        roster.check_eligibility()?;
        ledger::policy::Policy::parse(wire.witnesses.as_str().as_bytes()).map_err(RosterError::Witnesses)?;
        Ok(roster)
    }

    /// Takes in one party with its keys.
    fn admit(&mut self, code: &Code, role: Role, wire: &act::Delegation) -> Result<(), RosterError> {
        let mut delegates = BTreeMap::new();
        ascending(&wire.delegates, |delegate| &delegate.id)?;
        for delegate in &wire.delegates {
            let id = delegate.key.id();
            if self.keys.insert(id, code.clone()).is_some() {
                return Err(RosterError::SharedKey { code: code.clone(), key: id });
            }
            delegates.insert(id, delegate.clone());
        }
        let quorum = usize::try_from(wire.quorum.get()).unwrap_or(usize::MAX);
        let delegation = Delegation { quorum, delegates };
        let scopes: &[(Scope, usize)] = match role {
            Role::Office => {
                &[(Scope::Clock, 1), (Scope::Propose, 1), (Scope::Seal, 1), (Scope::Govern, quorum)]
            }
            Role::Member => &[(Scope::Deposit, 1), (Scope::Agree, quorum), (Scope::Govern, quorum)],
            Role::Receiver => &[(Scope::Receive, 1), (Scope::Govern, quorum)],
        };
        if delegation.delegates.len() > DELEGATES_MAX {
            return Err(RosterError::TooManyDelegates {
                code: code.clone(),
                found: delegation.delegates.len(),
            });
        }
        if let Some((scope, wanted)) =
            scopes.iter().find(|(scope, wanted)| delegation.with_scope(*scope) < *wanted)
        {
            return Err(RosterError::Quorum { code: code.clone(), scope: *scope, wanted: *wanted });
        }
        if self.parties.insert(code.clone(), (role, delegation)).is_some() {
            return Err(RosterError::Ambiguous { code: code.clone() });
        }
        Ok(())
    }

    fn check_groups(&self) -> Result<(), RosterError> {
        for group in &self.wire.groups {
            if self.parties.contains_key(&group.code) {
                return Err(RosterError::Ambiguous { code: group.code.clone() });
            }
            let ordered = group.memberships.is_sorted_by(|a, b| a < b);
            let dated = group.memberships.iter().all(|m| m.until_utc.is_none_or(|until| m.from_utc < until));
            if !ordered || !dated {
                return Err(RosterError::Memberships { group: group.code.clone() });
            }
        }
        let group = |code: &Code| self.wire.groups.iter().any(|group| group.code == *code);
        match self.wire.receivers.iter().find(|receiver| group(&receiver.state)) {
            Some(receiver) => Err(RosterError::GroupAsParty { code: receiver.state.clone() }),
            None => Ok(()),
        }
    }

    fn check_eligibility(&self) -> Result<(), RosterError> {
        let table = &self.wire.eligibility;
        if !table.is_sorted_by(|a, b| a < b) || table.iter().any(|line| line.from_utc >= line.until_utc) {
            return Err(RosterError::Eligibility);
        }
        match table.iter().find(|line| self.wire.groups.iter().any(|group| group.code == line.party)) {
            Some(line) => Err(RosterError::GroupAsParty { code: line.party.clone() }),
            None => Ok(()),
        }
    }

    /// The wire form.
    #[must_use]
    pub fn wire(&self) -> &act::Roster {
        &self.wire
    }

    /// Version of the roster.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.wire.epoch
    }

    /// The office's cards and keys. A reader of a log compares them with its trust file: a log vouches for itself otherwise.
    #[must_use]
    pub fn office(&self) -> &act::Office {
        &self.wire.office
    }

    /// Members, ascending by code.
    pub fn members(&self) -> impl Iterator<Item = (&Code, &Delegation)> {
        self.parties
            .iter()
            .filter(|(_, (role, _))| *role == Role::Member)
            .map(|(code, (_, delegation))| (code, delegation))
    }

    /// Whether a member has this code.
    #[must_use]
    pub fn is_member(&self, code: &Code) -> bool {
        matches!(self.parties.get(code), Some((Role::Member, _)))
    }

    /// Companies and partner bodies, ascending by code.
    #[must_use]
    pub fn receivers(&self) -> &BTreeMap<Code, Receiver> {
        &self.receivers
    }

    /// What a party is and who signs for it; nothing for a code that is not on the roster.
    #[must_use]
    pub fn party(&self, code: &Code) -> Option<(Role, &Delegation)> {
        self.parties.get(code).map(|(role, delegation)| (*role, delegation))
    }

    /// Whose key it is.
    #[must_use]
    pub fn owner(&self, key: &KeyId) -> Option<&Code> {
        self.keys.get(key)
    }

    /// Keys that were declared lost or stolen, at any epoch.
    #[must_use]
    pub fn revoked(&self) -> &BTreeSet<KeyId> {
        &self.revoked
    }

    pub(crate) fn revoke(&mut self, key: KeyId) {
        self.revoked.insert(key);
    }

    /// Whether a state belonged to a group at a time.
    #[must_use]
    pub fn belongs(&self, state: &Code, group: &Code, at: UtcTime) -> bool {
        let group = self.wire.groups.iter().find(|found| found.code == *group);
        group.is_some_and(|group| {
            let lasts = |m: &act::Membership| m.from_utc <= at && m.until_utc.is_none_or(|until| at < until);
            group.memberships.iter().any(|membership| membership.state == *state && lasts(membership))
        })
    }

    /// Whether a receiver may have content of a kind and classification at a time.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn eligible(
        &self,
        code: &Code,
        content: Content,
        level: Level,
        at: UtcTime,
    ) -> Result<(), Ineligible> {
        let receiver =
            self.receivers.get(code).ok_or_else(|| Ineligible::Unknown { receiver: code.clone() })?;
        if receiver.clearance < level {
            return Err(Ineligible::Clearance {
                receiver: code.clone(),
                clearance: receiver.clearance,
                level,
            });
        }
        let for_it = |line: &&act::Eligibility| line.party == *code || line.party == receiver.state;
        let covers = |line: &act::Eligibility| line.contents.contains(&content) && level <= line.highest;
        let mut lines = self.wire.eligibility.iter().filter(for_it).filter(|line| covers(line)).peekable();
        if lines.peek().is_none() {
            return Err(Ineligible::NoAgreement {
                receiver: code.clone(),
                state: receiver.state.clone(),
                content,
                level,
            });
        }
        if lines.any(|line| line.from_utc <= at && at < line.until_utc) {
            Ok(())
        } else {
            Err(Ineligible::NotNow { receiver: code.clone(), state: receiver.state.clone(), at })
        }
    }
}

/// Strictly ascending codes: one byte form for one roster, and doubles stand out to a reader's eye.
fn ascending<T>(list: &[T], code: impl Fn(&T) -> &Code) -> Result<(), RosterError> {
    match list.windows(2).find(|pair| matches!(pair, [a, b] if code(a) >= code(b))) {
        Some([_, later]) => Err(RosterError::Order { code: code(later).clone() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
