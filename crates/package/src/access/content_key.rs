//! The key of a content on its way between services, clients and receivers.

use std::fmt;

use aws_lc_rs::{
    agreement::{self, ECDH_P256, UnparsedPublicKey},
    digest::{SHA256, digest},
    hkdf::{HKDF_SHA256, Salt},
    rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey},
};
use ledger::Randomness;
use zeroize::Zeroizing;

use super::{AccessError, ClientPublic, P256_SECRET_LEN, PolicyBinding, client, spki};
use crate::{
    crypto::{NONCE_LEN, Secret, fresh, same},
    key::ec_generate,
};

/// What the salt of every derivation in this format is the SHA-256 of.
const SALT_OF: &[u8] = b"TDF";

/// The AES-256 key of a content, or one share of it. Wiped when dropped; cannot be copied or printed.
pub struct ContentKey(Secret);

impl ContentKey {
    pub(crate) fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// A new key.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        Self(Secret::random(randomness))
    }

    /// The key whose shares these are: all of them, exclusive-or. One share alone is the key.
    ///
    /// # Errors
    /// [`AccessError::NoShare`] for none.
    pub fn join(shares: &[Self]) -> Result<Self, AccessError> {
        let mut bytes = Zeroizing::new([0; 32]);
        for share in shares {
            bytes.iter_mut().zip(share.0.expose()).for_each(|(byte, other)| *byte ^= other);
        }
        if shares.is_empty() { Err(AccessError::NoShare) } else { Ok(Self(Secret::from_array(bytes))) }
    }

    /// Whether the policy, in base64 as the manifest has it, is the one that was bound to this key or share.
    #[must_use]
    pub fn policy_bound(&self, policy_base64: &str, binding: &PolicyBinding) -> bool {
        same(self.0.hmac(&[policy_base64.as_bytes()]).as_ref(), binding.mac())
    }

    /// Wraps the key for a client that asked a service for it.
    ///
    /// # Errors
    /// [`AccessError::Cryptography`].
    pub fn rewrap(
        &self,
        to: &ClientPublic,
        randomness: &mut dyn Randomness,
    ) -> Result<Rewrapped, AccessError> {
        match to.key() {
            client::Key::Rsa(rsa) => {
                Ok(Rewrapped { wrapped: oaep(rsa, self)?, session_public_key_pem: None })
            }
            client::Key::P256(point) => {
                let ephemeral = ec_generate::<P256_SECRET_LEN>(&ECDH_P256, randomness);
                let ephemeral = ephemeral.ok_or(AccessError::Cryptography)?;
                let (wrapped, pem) = sealed_to(self, &ephemeral, point, randomness)?;
                Ok(Rewrapped { wrapped, session_public_key_pem: Some(pem) })
            }
        }
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey")
    }
}

/// A content key wrapped for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrapped {
    /// The wrapped key, before base64.
    pub wrapped: Vec<u8>,
    /// The service's half of the agreement with a client whose key is on P-256; none for RSA.
    pub session_public_key_pem: Option<String>,
}

/// RSA-OAEP of a key.
pub(super) fn oaep(to: &OaepPublicEncryptingKey, key: &ContentKey) -> Result<Vec<u8>, AccessError> {
    let mut wrapped = vec![0; to.ciphertext_size()];
    let written = to.encrypt(&OAEP_SHA1_MGF1SHA1, key.0.expose(), &mut wrapped, None);
    let written = written.map_err(|_| AccessError::Cryptography)?.len();
    wrapped.truncate(written);
    Ok(wrapped)
}

/// A key sealed under what an ephemeral key and a point agree on, and the ephemeral public key in PEM.
pub(super) fn sealed_to(
    key: &ContentKey,
    ephemeral: &agreement::PrivateKey,
    point: &[u8],
    randomness: &mut dyn Randomness,
) -> Result<(Vec<u8>, String), AccessError> {
    let broken = AccessError::Cryptography;
    let public = ephemeral.compute_public_key().map_err(|_| broken.clone())?;
    let wrapping_key = agreed(ephemeral, UnparsedPublicKey::new(&ECDH_P256, point)).ok_or(broken.clone())?;
    // The wrapping key is used for this one sealing only, so that any nonce is unique under it.
    let sealed =
        wrapping_key.seal(fresh::<NONCE_LEN>(randomness), &[], key.0.expose()).map_err(|_| broken)?;
    Ok((sealed, spki::to_pem(&spki::of_p256(public.as_ref()))))
}

/// The key under which a content key travels between two parties on P-256.
pub(super) fn agreed<B: AsRef<[u8]>>(
    own: &agreement::PrivateKey,
    peer: UnparsedPublicKey<B>,
) -> Option<Secret> {
    agreement::agree(own, peer, (), |shared| derived(shared).ok_or(())).ok()
}

/// HKDF-SHA256 of a shared secret with the format's salt and no info.
pub(super) fn derived(shared: &[u8]) -> Option<Secret> {
    let salt = Salt::new(HKDF_SHA256, digest(&SHA256, SALT_OF).as_ref());
    let mut key = Zeroizing::new([0; 32]);
    // As long as the hash, which is 32 bytes.
    salt.extract(shared).expand(&[], HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut())).ok()?;
    Some(Secret::from_array(key))
}

/// The content key that was sealed under an agreed key.
pub(super) fn unsealed(wrapping_key: &Secret, sealed: &[u8]) -> Result<ContentKey, AccessError> {
    let key = wrapping_key.open(&[], sealed).and_then(|bytes| Secret::from_slice(&bytes));
    key.map(ContentKey::new).ok_or(AccessError::Refused)
}
