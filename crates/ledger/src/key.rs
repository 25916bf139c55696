//! Ed25519 keys for acts and for the log.
//!
//! Only strict verification (RFC 8032 section 5.1.7, with small-order points refused) is offered: lax and batch verification
//! can disagree with it, and then two honest verifiers would read two different logs.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::encoding::{from_base64, from_hex, to_base64, to_hex};
use crate::{Digest, Randomness};

/// A secret Ed25519 key. Wiped when dropped; cannot be copied, printed or written by serde.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// Length of the secret seed in bytes.
    pub const SEED_LEN: usize = 32;

    /// A new key from 32 random bytes.
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        let mut seed = Zeroizing::new([0; Self::SEED_LEN]);
        randomness.fill(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// The key of a seed (the "private key" of RFC 8032 section 5.1.5).
    pub fn from_seed(seed: &[u8; Self::SEED_LEN]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The secret seed, for a key file.
    pub fn seed(&self) -> Zeroizing<[u8; Self::SEED_LEN]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// Signs `message`. Deterministic: the same key and message give the same signature.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// An Ed25519 signature, 64 bytes, not yet judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// A signature from its bytes; whether it holds is for [`VerifyingKey::verify`] to say.
    ///
    /// # Errors
    ///
    /// [`KeyError::SignatureLength`] for any other length than 64.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        <[u8; 64]>::try_from(bytes).map(Self).map_err(|_| KeyError::SignatureLength { found: bytes.len() })
    }

    /// The 64 bytes.
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", to_hex(&self.0))
    }
}

/// A public Ed25519 key. Text and JSON form: base64 of its 32 bytes. Ordered by its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Reads a public key.
    ///
    /// # Errors
    ///
    /// [`KeyError::PublicLength`], or [`KeyError::PublicPoint`] when the bytes are no point of the curve, one of small
    /// order, or a second spelling of another key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| KeyError::PublicLength { found: bytes.len() })?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::PublicPoint)?;
        // A y coordinate written without reduction would give one key two ids.
        if key.is_weak() || key.to_edwards().compress().to_bytes() != bytes {
            return Err(KeyError::PublicPoint);
        }
        Ok(Self(key))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The id by which envelopes and cards name this key.
    pub fn id(&self) -> KeyId {
        KeyId::of_public(self.as_bytes())
    }

    /// Whether this key signed exactly `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
    }
}

impl PartialOrd for VerifyingKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for VerifyingKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base64(self.as_bytes()))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

impl FromStr for VerifyingKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&from_base64(text).ok_or(KeyError::NotBase64)?)
    }
}

impl Serialize for VerifyingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerifyingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The name of a key: the first 16 bytes of the SHA-256 of its public bytes, 32 hexadecimal characters as text.
///
/// A name, not proof: whoever uses it looks the key up among those already trusted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 16]);

impl KeyId {
    /// The id of a public key of any algorithm.
    pub fn of_public(public: &[u8]) -> Self {
        let digest = Digest::of(public);
        let mut id = [0; 16];
        id.copy_from_slice(&digest.as_bytes()[..16]);
        Self(id)
    }

    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        from_hex(text).map(Self).ok_or(KeyError::KeyId)
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Bytes that are not a key, a signature or a key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not padded standard base64.
    #[error("the key is not padded standard base64")]
    NotBase64,
    /// Another length than 32 bytes.
    #[error("the public key has {found} bytes, not 32")]
    PublicLength {
        /// Bytes found.
        found: usize,
    },
    /// No acceptable point of the curve.
    #[error("the bytes are not an acceptable Ed25519 public key")]
    PublicPoint,
    /// Another length than 64 bytes.
    #[error("the signature has {found} bytes, not 64")]
    SignatureLength {
        /// Bytes found.
        found: usize,
    },
    /// Not 32 lower-case hexadecimal characters.
    #[error("the key id is not 32 lower-case hexadecimal characters")]
    KeyId,
}

impl KeyError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotBase64 | Self::PublicLength { .. } | Self::PublicPoint => {
                "ask the owner of the key for its public card again"
            }
            Self::SignatureLength { .. } => "ask the signer to sign again",
            Self::KeyId => "copy the key id from the public card",
        }
    }
}

#[cfg(test)]
mod tests;
