//! Who may act: the office, the members, the companies, each with the one key that signs for it.
//!
//! Opening a round fixes its roster by epoch. The roster of a log is in its first entry; nothing else changes it yet.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{self, Code, Epoch, Name},
    key::VerifyingKey,
};

/// Why a roster cannot found a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// No members.
    #[error("the roster names no member")]
    NoMembers,
    /// Codes out of order or twice.
    #[error("`{code}` stands on the roster twice or out of order")]
    Order {
        /// The code at fault.
        code: Code,
    },
    /// A code with two meanings.
    #[error("`{code}` names both a company and a member or the office")]
    Ambiguous {
        /// The code at fault.
        code: Code,
    },
    /// A key that would sign for two actors.
    #[error("the key of `{code}` already stands for another actor")]
    SharedKey {
        /// The later of the two actors.
        code: Code,
    },
}

impl RosterError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoMembers => "give at least one member with its public card",
            Self::Order { .. } => {
                "list members, and companies, once each and in ascending order of their codes"
            }
            Self::Ambiguous { .. } => "give members, companies and the office codes of their own",
            Self::SharedKey { .. } => {
                "give every actor a key of its own, so that one signature means one actor"
            }
        }
    }
}

/// What an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The releasing office.
    Office,
    /// A member of the alliance.
    Member,
    /// A company.
    Company,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Office => "the office",
            Self::Member => "a member",
            Self::Company => "a company",
        })
    }
}

/// A company on the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its name.
    pub name: Name,
    /// Signs its acts.
    pub key: VerifyingKey,
    /// Digest of the public card of the key that opens packages for it.
    pub open: Digest,
}

/// The roster of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    epoch: Epoch,
    office: act::Office,
    // INVARIANT: no code is in both maps, none is the office's, and no key stands twice; kept by `Roster::read`.
    members: BTreeMap<Code, VerifyingKey>,
    companies: BTreeMap<Code, Company>,
}

impl Roster {
    /// Reads a roster from its wire form.
    ///
    /// # Errors
    /// A [`RosterError`] for the first fault found.
    pub fn read(wire: &act::Roster) -> Result<Self, RosterError> {
        let mut keys = BTreeSet::from([&wire.office.key]);
        let mut members = BTreeMap::new();
        let mut companies = BTreeMap::new();
        for member in &wire.members {
            // Ascending order makes one byte form for one roster, and shows doubles to a reader's eye.
            if members.last_key_value().is_some_and(|(last, _)| *last >= member.code) {
                return Err(RosterError::Order { code: member.code.clone() });
            }
            if member.code == Code::office() {
                return Err(RosterError::Ambiguous { code: member.code.clone() });
            }
            if !keys.insert(&member.key) {
                return Err(RosterError::SharedKey { code: member.code.clone() });
            }
            members.insert(member.code.clone(), member.key);
        }
        for company in &wire.companies {
            if companies.last_key_value().is_some_and(|(last, _)| *last >= company.code) {
                return Err(RosterError::Order { code: company.code.clone() });
            }
            if company.code == Code::office() || members.contains_key(&company.code) {
                return Err(RosterError::Ambiguous { code: company.code.clone() });
            }
            if !keys.insert(&company.key) {
                return Err(RosterError::SharedKey { code: company.code.clone() });
            }
            let act::Company { code, name, key, open } = company.clone();
            companies.insert(code, Company { name, key, open });
        }
        if members.is_empty() {
            return Err(RosterError::NoMembers);
        }
        Ok(Self { epoch: wire.epoch, office: wire.office.clone(), members, companies })
    }

    /// Version of the roster.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The office's keys. A reader of a log compares them with its trust file: a log vouches for itself otherwise.
    #[must_use]
    pub fn office(&self) -> &act::Office {
        &self.office
    }

    /// Members and the keys that sign for them, ascending by code.
    #[must_use]
    pub fn members(&self) -> &BTreeMap<Code, VerifyingKey> {
        &self.members
    }

    /// Companies, ascending by code.
    #[must_use]
    pub fn companies(&self) -> &BTreeMap<Code, Company> {
        &self.companies
    }

    /// What an actor is and the key that signs for it; nothing for a code that is not on the roster.
    #[must_use]
    pub fn actor(&self, code: &Code) -> Option<(Role, &VerifyingKey)> {
        if code.as_str() == act::OFFICE {
            return Some((Role::Office, &self.office.key));
        }
        let member = self.members.get(code).map(|key| (Role::Member, key));
        member.or_else(|| self.companies.get(code).map(|company| (Role::Company, &company.key)))
    }
}
