//! Consent given beforehand: a member's standing delegation, with bounds, until it expires or is taken back.
//!
//! An originator's consent is always its own signature. A grant is such a signature, given once for releases within stated bounds:
//! these receivers and no others, these kinds of content, up to this classification, until this time. It counts when as many keys of
//! the member as its quorum have signed the same terms; one key takes it back.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    act::{Code, Content, Entrust, Level, UtcTime},
    key::KeyId,
};

use crate::event::Stamp;

/// A consent given beforehand, perhaps not yet by enough keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Grant {
    terms: Entrust,
    signed: BTreeMap<KeyId, Stamp>,
    // INVARIANT: set when `signed` first reached the quorum; kept by `Grant::sign`.
    given: Option<Stamp>,
}

impl Grant {
    pub(crate) fn new(terms: Entrust) -> Self {
        Self { terms, signed: BTreeMap::new(), given: None }
    }

    /// Within which bounds.
    #[must_use]
    pub fn terms(&self) -> &Entrust {
        &self.terms
    }

    /// Which keys signed, and where: the entries that prove the consent.
    #[must_use]
    pub fn signed(&self) -> &BTreeMap<KeyId, Stamp> {
        &self.signed
    }

    /// Since when it counts; none while keys are missing.
    #[must_use]
    pub fn given(&self) -> Option<Stamp> {
        self.given
    }

    pub(crate) fn sign(&mut self, key: KeyId, stamp: Stamp, quorum: usize) {
        self.signed.entry(key).or_insert(stamp);
        if self.signed.len() >= quorum {
            self.given.get_or_insert(stamp);
        }
    }

    /// A revoked key has signed nothing.
    pub(crate) fn forget(&mut self, key: &KeyId, quorum: usize) {
        if self.signed.remove(key).is_some() && self.signed.len() < quorum {
            self.given = None;
        }
    }

    /// The member has other keys now. What was signed with keys that are gone must be signed again: a receiver's trust file knows the
    /// keys of one roster at a time, and could not verify the consent.
    pub(crate) fn rotate(&mut self, keys: impl Fn(&KeyId) -> bool, quorum: usize) {
        self.signed.retain(|key, _| keys(key));
        if self.signed.len() < quorum {
            self.given = None;
        }
    }

    /// Whether it stands for the member's consent to such a release, in a round that ends at `deadline`.
    #[must_use]
    pub fn covers(
        &self,
        audience: &BTreeSet<Code>,
        content: Content,
        level: Level,
        deadline: UtcTime,
    ) -> bool {
        let Entrust { audience: to, contents, highest, expires_utc } = &self.terms;
        self.given.is_some()
            && audience.is_subset(to)
            && contents.contains(&content)
            && level <= *highest
            && deadline < *expires_utc
    }
}
