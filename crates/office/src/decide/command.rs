//! An entry that somebody wants logged.

use ledger::{
    Digest,
    act::{Act, PAYLOAD_TYPE},
    act_key::ActKey,
    dsse::Envelope,
    key::KeyId,
    merkle::leaf_hash,
};

use crate::refusal::Refusal;

/// An envelope of one act, as it would be logged.
///
/// Verifying its signature is most of what an entry costs, so it can be done ahead, on another thread: [`Command::checked`] remembers
/// under which key it held, and `decide` asks again only when the roster has another one by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    envelope: Envelope,
    entry: Vec<u8>,
    claimed: Act,
    signer: KeyId,
    leaf: Digest,
    // INVARIANT: a key under which the signature held (`checked`), or under which it will be judged before the state counts
    // (`replay`).
    held: Option<ActKey>,
}

impl Command {
    /// Reads an entry.
    ///
    /// # Errors
    /// [`Refusal::Envelope`], [`Refusal::Act`].
    pub fn read(entry: &[u8]) -> Result<Self, Refusal> {
        let envelope = Envelope::from_bytes(entry)?;
        Self::of_parts(envelope, entry.to_vec())
    }

    /// Takes an envelope that was just signed.
    ///
    /// # Errors
    /// [`Refusal::Act`].
    pub fn of(envelope: Envelope) -> Result<Self, Refusal> {
        let entry = envelope.to_bytes();
        Self::of_parts(envelope, entry)
    }

    fn of_parts(envelope: Envelope, entry: Vec<u8>) -> Result<Self, Refusal> {
        let claimed = Act::claimed(&envelope).map_err(|source| Refusal::Act { source })?;
        // An act has one signature: `Act::claimed` refuses any other number.
        let none = || Refusal::Act { source: ledger::act::ActError::Signatures { found: 0 } };
        let signer = envelope.signers().next().ok_or_else(none)?;
        let leaf = leaf_hash(&entry);
        Ok(Self { envelope, entry, claimed, signer, leaf, held: None })
    }

    /// What the envelope says, whoever signed it.
    #[must_use]
    pub fn claimed(&self) -> &Act {
        &self.claimed
    }

    /// The key that the envelope names.
    #[must_use]
    pub fn signer(&self) -> KeyId {
        self.signer
    }

    /// The bytes to be logged.
    #[must_use]
    pub fn entry(&self) -> &[u8] {
        &self.entry
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }

    /// The digest by which other acts name this one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.entry)
    }

    /// Verifies the signature ahead of `decide`, where the key is known already.
    ///
    /// # Errors
    /// [`Refusal::WrongKey`].
    pub fn checked(mut self, key: &ActKey) -> Result<Self, Refusal> {
        self.verify(key)?;
        self.held = Some(key.clone());
        Ok(self)
    }

    /// Puts the verification off. For `replay` alone, which gives no state before all of them held.
    pub(crate) fn deferred(mut self, key: &ActKey) -> Self {
        self.held = Some(key.clone());
        self
    }

    pub(super) fn check_signature(&self, key: &ActKey) -> Result<(), Refusal> {
        if self.held.as_ref() == Some(key) { Ok(()) } else { self.verify(key) }
    }

    pub(crate) fn verify(&self, key: &ActKey) -> Result<(), Refusal> {
        let wrong_key = |source| Refusal::WrongKey { actor: self.claimed.actor.clone(), source };
        self.envelope.verify_as(PAYLOAD_TYPE, key).map(|_| ()).map_err(wrong_key)
    }
}
