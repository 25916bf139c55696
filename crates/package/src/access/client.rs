//! The key of a client that asks a service for a content key.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rsa::{OaepPublicEncryptingKey, PublicEncryptingKey},
};
use ledger::Digest;

use super::{AccessError, Wrapping, spki};

/// Sizes of RSA keys that are taken, in bits: below is weak, above costs the service time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;

/// A client's public key: RSA, or P-256.
pub struct ClientPublic {
    key: Key,
    digest: Digest,
}

/// By algorithm.
pub(super) enum Key {
    Rsa(OaepPublicEncryptingKey),
    P256(Vec<u8>),
}

impl ClientPublic {
    /// Reads `SubjectPublicKeyInfo` in PEM, as clients send it in `clientPublicKey`.
    ///
    /// # Errors
    /// [`AccessError::ClientKey`] for anything but an RSA key of 2048 to 4096 bits or a P-256 key.
    pub fn from_pem(pem: &str) -> Result<Self, AccessError> {
        let der = spki::from_pem(pem).ok_or(AccessError::ClientKey)?;
        if let Some(point) = spki::p256_of(&der) {
            return Ok(Self { key: Key::P256(point.to_vec()), digest: Digest::of(&der) });
        }
        let rsa = PublicEncryptingKey::from_der(&der).map_err(|_| AccessError::ClientKey)?;
        // Its one spelling, so that one key has one digest.
        let again: PublicKeyX509Der<'static> = rsa.as_der().map_err(|_| AccessError::Cryptography)?;
        if again.as_ref() != der || !RSA_BITS.contains(&rsa.key_size_bits()) {
            return Err(AccessError::ClientKey);
        }
        let rsa = OaepPublicEncryptingKey::new(rsa).map_err(|_| AccessError::Cryptography)?;
        Ok(Self { key: Key::Rsa(rsa), digest: Digest::of(&der) })
    }

    /// SHA-256 of the key's `SubjectPublicKeyInfo`: by which a record can name it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// By which algorithm a key is wrapped to it.
    #[must_use]
    pub fn wrapping(&self) -> Wrapping {
        match self.key {
            Key::Rsa(_) => Wrapping::Rsa2048,
            Key::P256(_) => Wrapping::P256,
        }
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }
}

impl fmt::Debug for ClientPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientPublic({})", self.digest)
    }
}
