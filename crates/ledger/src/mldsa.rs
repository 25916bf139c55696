//! ML-DSA-44 keys: the signatures of logs and witnesses that a quantum computer does not forge.
//!
//! A layer over the provider that wipes what is secret and fixes lengths. The provider draws the randomness of a signature
//! itself (hedged signing), so the same key and message give different signatures.
//!
//! # Source
//!
//! FIPS 204, parameter set ML-DSA-44 (table 2 for the lengths), without a context string.

use std::fmt;

use aws_lc_rs::signature::{KeyPair as _, ML_DSA_44, ML_DSA_44_SIGNING, PqdsaKeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::Randomness;

/// Length of a public key in bytes.
pub const PUBLIC_LEN: usize = 1_312;

/// Length of a signature in bytes.
pub const SIGNATURE_LEN: usize = 2_420;

/// Length of the secret seed in bytes.
pub const SEED_LEN: usize = 32;

/// A secret ML-DSA-44 key. Wiped when dropped; cannot be copied, printed or written by serde.
pub struct MlDsaKey {
    seed: Zeroizing<[u8; SEED_LEN]>,
    pair: PqdsaKeyPair,
}

impl MlDsaKey {
    /// A new key from 32 random bytes; `None` when the provider refuses.
    pub fn generate(randomness: &mut dyn Randomness) -> Option<Self> {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        randomness.fill(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// The key of a seed (the ξ of FIPS 204 algorithm 1); `None` when the provider refuses.
    pub fn from_seed(seed: &[u8; SEED_LEN]) -> Option<Self> {
        let pair = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, seed).ok()?;
        Some(Self { seed: Zeroizing::new(*seed), pair })
    }

    /// The secret seed, for a key file.
    pub fn seed(&self) -> &Zeroizing<[u8; SEED_LEN]> {
        &self.seed
    }

    /// The public half.
    pub fn public(&self) -> MlDsaPublic {
        MlDsaPublic(self.pair.public_key().as_ref().into())
    }

    /// Signs `message`; `None` when the provider refuses.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; SIGNATURE_LEN];
        let written = self.pair.sign(message, &mut signature).ok()?;
        (written == SIGNATURE_LEN).then_some(signature)
    }
}

impl fmt::Debug for MlDsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MlDsaKey")
    }
}

/// A public ML-DSA-44 key. Every string of 1,312 bytes is one, in one spelling (FIPS 204 algorithm 23).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MlDsaPublic(Box<[u8]>);

impl MlDsaPublic {
    /// Reads a public key; `None` for another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == PUBLIC_LEN).then(|| Self(bytes.into()))
    }

    /// The 1,312 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this key signed exactly `message`.
    #[must_use]
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ML_DSA_44, &self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Debug for MlDsaPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head: String = self.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        write!(f, "MlDsaPublic({head}..)")
    }
}
