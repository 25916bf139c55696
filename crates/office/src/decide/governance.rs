//! Rules of keys, of consents given beforehand, and of witnesses.

use ledger::{
    act::{Entrust, Reclaim, Revoke, Scope, Witness},
    checkpoint::SignedCheckpoint,
    policy::Policy,
};

use super::Rules;
use crate::{event::Fact, refusal::Refusal, roster::RosterError};

impl Rules<'_> {
    pub(super) fn entrust(&self, entrust: &Entrust) -> Result<Vec<Fact>, Refusal> {
        let (now, expires) = (self.now()?, entrust.expires_utc);
        if entrust.audience.is_empty() || entrust.contents.is_empty() {
            return Err(Refusal::GrantEmpty);
        }
        if expires <= now {
            return Err(Refusal::GrantExpired { expires, now });
        }
        let grant = entrust.digest().map_err(|source| Refusal::Act { source })?;
        let before = self.state.grants().get(&(self.actor.clone(), grant));
        if before.is_some_and(|before| before.signed().contains_key(&self.key)) {
            return Err(Refusal::AlreadyEntrusted { actor: self.actor.clone() });
        }
        Ok(vec![Fact::Entrusted { grant, terms: entrust.clone() }])
    }

    pub(super) fn reclaim(&self, reclaim: &Reclaim) -> Result<Vec<Fact>, Refusal> {
        let grant = reclaim.grant;
        if !self.state.grants().contains_key(&(self.actor.clone(), grant)) {
            return Err(Refusal::UnknownGrant { actor: self.actor.clone(), grant });
        }
        Ok(vec![Fact::Reclaimed { grant }])
    }

    /// A key may declare itself lost; any other key of the party takes the scope for it.
    pub(super) fn revoke(&self, revoke: &Revoke) -> Result<Vec<Fact>, Refusal> {
        let key = revoke.key;
        self.now()?;
        let delegates = self.roster.party(self.actor).map(|(_, delegation)| delegation.delegates());
        let foreign = || Refusal::ForeignKey { actor: self.actor.clone(), key };
        let delegates = delegates.filter(|delegates| delegates.contains_key(&key)).ok_or_else(foreign)?;
        let governs =
            delegates.get(&self.key).is_some_and(|delegate| delegate.scopes.contains(&Scope::Govern));
        if key != self.key && !governs {
            return Err(Refusal::WrongScope { actor: self.actor.clone(), scope: Scope::Govern });
        }
        if self.roster.revoked().contains(&key) {
            return Err(Refusal::AlreadyRevoked { key });
        }
        Ok(vec![Fact::Revoked { key }])
    }

    /// Fails closed: a checkpoint counts when the policy of the roster is met by cosignatures that hold, and it is one of this log.
    pub(super) fn witness(&self, witness: &Witness) -> Result<Vec<Fact>, Refusal> {
        let signed = SignedCheckpoint::from_text(witness.checkpoint.as_str())
            .map_err(|source| Refusal::Checkpoint { source })?;
        let policy = self.witness_policy()?;
        let quorum = policy.satisfied_by(&signed);
        quorum.map_err(|source| Refusal::Quorum { source })?;
        let (size, witnessed) = (signed.unverified().size, self.state.witnessed());
        if self.tree.root_at(size) != Ok(signed.unverified().root) {
            return Err(Refusal::OtherLog { size });
        }
        if size <= witnessed {
            return Err(Refusal::WitnessedBefore { witnessed, size });
        }
        Ok(vec![Fact::Witnessed { size }])
    }

    /// The policy of the roster in force.
    pub(super) fn witness_policy(&self) -> Result<Policy, Refusal> {
        let text = self.roster.wire().witnesses.as_str();
        Ok(Policy::parse(text.as_bytes()).map_err(RosterError::Witnesses)?)
    }
}
