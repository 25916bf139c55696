//! The two kinds of key that packages need beside those of the ledger: one seals, the other opens.
//!
//! Secrets are wiped when dropped and never printed. Their byte form is what a key file of the ledger holds; the public half is a
//! [`PublicCard`].

use std::{collections::BTreeMap, fmt};

use aws_lc_rs::{
    agreement::{self, ECDH_P384},
    digest, kem,
    signature::{KeyPair as _, ML_DSA_65, ML_DSA_65_SIGNING, PqdsaKeyPair, UnparsedPublicKey},
};
use ledger::{
    Randomness,
    key::{KeyId, Signature, SigningKey, VerifyingKey},
    keyfile::{KeyKind, PublicCard},
};
use zeroize::Zeroizing;

use crate::kem::POINT_LEN;

/// Field of a card: Ed25519 public key, 32 bytes.
pub const ED25519_FIELD: &str = ledger::keyfile::ED25519_FIELD;
/// Field of a card: ML-DSA-65 public key, 1,952 bytes (FIPS 204, table 2).
pub const ML_DSA_FIELD: &str = "ml-dsa-65";
/// Field of a card: P-384 public key, uncompressed point of 97 bytes.
pub const P384_FIELD: &str = "p384";
/// Field of a card: ML-KEM-1024 encapsulation key, 1,568 bytes (FIPS 203, table 3).
pub const ML_KEM_FIELD: &str = "ml-kem-1024";

const ML_DSA_PUBLIC_LEN: usize = 1_952;
const ML_DSA_SIGNATURE_LEN: usize = 3_309;
const ML_DSA_SEED_LEN: usize = 32;
const P384_SECRET_LEN: usize = 48;
const ML_KEM_SECRET_LEN: usize = 3_168;
const ML_KEM_PUBLIC_LEN: usize = 1_568;
/// Where the encapsulation key stands in a decapsulation key: after `384 * k` bytes, k = 4 (FIPS 203, algorithm 16).
const ML_KEM_PUBLIC_AT: usize = 1_536;

/// Why bytes or a card are not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Secret bytes of another length or inner structure.
    #[error("the secret bytes are not those of a {kind} key")]
    Secret {
        /// Kind of key wanted.
        kind: KeyKind,
    },
    /// A card of another kind or without the right public keys.
    #[error("the card is not that of a {kind} key")]
    Card {
        /// Kind of key wanted.
        kind: KeyKind,
    },
    /// The provider made no key.
    #[error("the cryptographic library refused to make a key")]
    Cryptography,
}

impl KeyError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Secret { .. } => {
                "use another copy of the key file, or make a new key with `tearline key new`"
            }
            Self::Card { .. } => "ask the owner of the key for its public card again",
            Self::Cryptography => "try again; if it stays so, the installation is broken",
        }
    }
}

/// Signs packages, with Ed25519 and ML-DSA-65 at once.
pub struct SealKey {
    ed25519: SigningKey,
    ml_dsa_seed: Zeroizing<[u8; ML_DSA_SEED_LEN]>,
    ml_dsa: PqdsaKeyPair,
}

impl SealKey {
    /// A new key from 64 random bytes.
    ///
    /// # Errors
    /// [`KeyError::Cryptography`] when the provider refuses.
    pub fn generate(randomness: &mut dyn Randomness) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; ML_DSA_SEED_LEN]);
        let ed25519 = SigningKey::generate(randomness);
        randomness.fill(seed.as_mut());
        Self::from_parts(ed25519, seed).ok_or(KeyError::Cryptography)
    }

    /// The key in the 64 bytes that [`SealKey::to_secret_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyError::Secret`] for another length.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let wrong = KeyError::Secret { kind: KeyKind::Seal };
        let (ed25519, ml_dsa) = bytes.split_first_chunk::<{ SigningKey::SEED_LEN }>().ok_or(wrong)?;
        let ml_dsa = <[u8; ML_DSA_SEED_LEN]>::try_from(ml_dsa).map_err(|_| wrong)?;
        Self::from_parts(SigningKey::from_seed(ed25519), Zeroizing::new(ml_dsa)).ok_or(wrong)
    }

    fn from_parts(ed25519: SigningKey, ml_dsa_seed: Zeroizing<[u8; ML_DSA_SEED_LEN]>) -> Option<Self> {
        let ml_dsa = PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, ml_dsa_seed.as_ref()).ok()?;
        Some(Self { ed25519, ml_dsa_seed, ml_dsa })
    }

    /// Both seeds in a row, for a key file.
    #[must_use]
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.ed25519.seed().as_slice(), self.ml_dsa_seed.as_slice()].concat())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SealPublic {
        SealPublic {
            ed25519: self.ed25519.verifying_key(),
            ml_dsa: self.ml_dsa.public_key().as_ref().to_vec(),
        }
    }

    /// Signs with both algorithms.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<DoubleSignature> {
        let mut ml_dsa = vec![0; ML_DSA_SIGNATURE_LEN];
        let written = self.ml_dsa.sign(message, &mut ml_dsa).ok()?;
        (written == ML_DSA_SIGNATURE_LEN)
            .then(|| DoubleSignature { ed25519: self.ed25519.sign(message).as_bytes().to_vec(), ml_dsa })
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}

/// Two signatures over one message, not yet judged.
pub(crate) struct DoubleSignature {
    pub(crate) ed25519: Vec<u8>,
    pub(crate) ml_dsa: Vec<u8>,
}

/// Verifies what a [`SealKey`] signed.
#[derive(Clone, PartialEq, Eq)]
pub struct SealPublic {
    ed25519: VerifyingKey,
    ml_dsa: Vec<u8>,
}

impl SealPublic {
    /// # Errors
    /// [`KeyError::Card`] for a card of another kind or with other fields.
    pub fn from_card(card: &PublicCard) -> Result<Self, KeyError> {
        let wrong = KeyError::Card { kind: KeyKind::Seal };
        let ed25519 =
            card.public(ED25519_FIELD).and_then(|b| VerifyingKey::from_bytes(b).ok()).ok_or(wrong)?;
        let ml_dsa = card.public(ML_DSA_FIELD).filter(|b| b.len() == ML_DSA_PUBLIC_LEN).ok_or(wrong)?;
        let public = Self { ed25519, ml_dsa: ml_dsa.to_vec() };
        // Through the card again, so that fields not known here are refused.
        if public.card(card.name())? == *card { Ok(public) } else { Err(wrong) }
    }

    /// The card under a name.
    ///
    /// # Errors
    /// [`KeyError::Card`] for an unusable name.
    pub fn card(&self, name: &str) -> Result<PublicCard, KeyError> {
        let fields = [(ED25519_FIELD, self.ed25519.as_bytes().as_slice()), (ML_DSA_FIELD, &self.ml_dsa)];
        card(KeyKind::Seal, name, &fields)
    }

    /// Whether the Ed25519 half signed the message.
    pub(crate) fn signed_ed25519(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_bytes(signature).is_ok_and(|signature| self.ed25519.verify(message, &signature))
    }

    /// Whether the ML-DSA-65 half signed the message.
    pub(crate) fn signed_ml_dsa(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ML_DSA_65, &self.ml_dsa).verify(message, signature).is_ok()
    }
}

impl fmt::Debug for SealPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealPublic({:?})", self.ed25519)
    }
}

/// Opens packages and deposits, with P-384 and ML-KEM-1024 at once.
pub struct OpenKey {
    p384: agreement::PrivateKey,
    p384_secret: Zeroizing<[u8; P384_SECRET_LEN]>,
    ml_kem: kem::DecapsulationKey,
    public: OpenPublic,
}

impl OpenKey {
    /// A new key. The ML-KEM half is drawn by the provider, which takes no randomness from outside.
    ///
    /// # Errors
    /// [`KeyError::Cryptography`] when the provider refuses.
    pub fn generate(randomness: &mut dyn Randomness) -> Result<Self, KeyError> {
        let broken = |_| KeyError::Cryptography;
        let ml_kem = kem::DecapsulationKey::generate(&kem::ML_KEM_1024).map_err(broken)?;
        let ml_kem = Zeroizing::new(ml_kem.key_bytes().map_err(broken)?.as_ref().to_vec());
        let p384_secret = ec_secret(&ECDH_P384, randomness).ok_or(KeyError::Cryptography)?;
        Self::from_parts(p384_secret, &ml_kem).ok_or(KeyError::Cryptography)
    }

    /// The key in the 3,216 bytes that [`OpenKey::to_secret_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyError::Secret`] for another length or bytes that do not belong together.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let wrong = KeyError::Secret { kind: KeyKind::Open };
        let (p384, ml_kem) = bytes.split_first_chunk::<P384_SECRET_LEN>().ok_or(wrong)?;
        Self::from_parts(Zeroizing::new(*p384), ml_kem).ok_or(wrong)
    }

    fn from_parts(p384_secret: Zeroizing<[u8; P384_SECRET_LEN]>, ml_kem_bytes: &[u8]) -> Option<Self> {
        let p384 = agreement::PrivateKey::from_private_key(&ECDH_P384, p384_secret.as_ref()).ok()?;
        let point = p384.compute_public_key().ok()?.as_ref().to_vec();
        let ml_kem = kem::DecapsulationKey::new(&kem::ML_KEM_1024, ml_kem_bytes).ok()?;
        let rest = ml_kem_bytes.get(ML_KEM_PUBLIC_AT..)?;
        let (public, rest) = rest.split_at_checked(ML_KEM_PUBLIC_LEN)?;
        let (hash, _) = rest.split_first_chunk::<32>()?;
        // FIPS 203, section 7.3, "hash check": the provider checks no more than the length.
        if ml_kem_bytes.len() != ML_KEM_SECRET_LEN
            || digest::digest(&digest::SHA3_256, public).as_ref() != hash
        {
            return None;
        }
        let public = OpenPublic::new(point, public.to_vec())?;
        Some(Self { p384, p384_secret, ml_kem, public })
    }

    /// The P-384 scalar and the ML-KEM decapsulation key in a row, for a key file.
    ///
    /// # Errors
    /// [`KeyError::Cryptography`] when the provider does not give the key back.
    pub fn to_secret_bytes(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let ml_kem = self.ml_kem.key_bytes().map_err(|_| KeyError::Cryptography)?;
        Ok(Zeroizing::new([self.p384_secret.as_slice(), ml_kem.as_ref()].concat()))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &OpenPublic {
        &self.public
    }

    pub(crate) fn p384(&self) -> &agreement::PrivateKey {
        &self.p384
    }

    pub(crate) fn ml_kem(&self) -> &kem::DecapsulationKey {
        &self.ml_kem
    }
}

impl fmt::Debug for OpenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenKey")
    }
}

/// Seals to whoever holds the [`OpenKey`].
pub struct OpenPublic {
    id: KeyId,
    point: Vec<u8>,
    ml_kem_bytes: Vec<u8>,
    ml_kem: kem::EncapsulationKey,
}

impl OpenPublic {
    fn new(point: Vec<u8>, ml_kem_bytes: Vec<u8>) -> Option<Self> {
        let uncompressed = point.len() == POINT_LEN && point.first() == Some(&0x04);
        let on_curve =
            agreement::ParsedPublicKey::try_from(agreement::UnparsedPublicKey::new(&ECDH_P384, &point));
        if !uncompressed || on_curve.is_err() || !reduced(&ml_kem_bytes) {
            return None;
        }
        let ml_kem = kem::EncapsulationKey::new(&kem::ML_KEM_1024, &ml_kem_bytes).ok()?;
        // Ids do not depend on names.
        let id = open_card("id", &point, &ml_kem_bytes).ok()?.id();
        Some(Self { id, point, ml_kem_bytes, ml_kem })
    }

    /// # Errors
    /// [`KeyError::Card`] for a card of another kind, with other fields, or whose keys are none.
    pub fn from_card(card: &PublicCard) -> Result<Self, KeyError> {
        let wrong = KeyError::Card { kind: KeyKind::Open };
        let (point, ml_kem) = card.public(P384_FIELD).zip(card.public(ML_KEM_FIELD)).ok_or(wrong)?;
        let public = Self::new(point.to_vec(), ml_kem.to_vec()).ok_or(wrong)?;
        if public.card(card.name())? == *card { Ok(public) } else { Err(wrong) }
    }

    /// The card under a name.
    ///
    /// # Errors
    /// [`KeyError::Card`] for an unusable name.
    pub fn card(&self, name: &str) -> Result<PublicCard, KeyError> {
        open_card(name, &self.point, &self.ml_kem_bytes)
    }

    /// The id by which packages and boxes name this key: that of its card, whatever the name on it.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn point(&self) -> &[u8] {
        &self.point
    }

    pub(crate) fn ml_kem(&self) -> &kem::EncapsulationKey {
        &self.ml_kem
    }
}

impl fmt::Debug for OpenPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenPublic({})", self.id)
    }
}

fn open_card(name: &str, point: &[u8], ml_kem: &[u8]) -> Result<PublicCard, KeyError> {
    card(KeyKind::Open, name, &[(P384_FIELD, point), (ML_KEM_FIELD, ml_kem)])
}

pub(crate) fn card(kind: KeyKind, name: &str, fields: &[(&str, &[u8])]) -> Result<PublicCard, KeyError> {
    let public =
        fields.iter().map(|(field, bytes)| ((*field).to_owned(), bytes.to_vec())).collect::<BTreeMap<_, _>>();
    PublicCard::new(kind, name, public).map_err(|_| KeyError::Card { kind })
}

/// FIPS 203, section 7.2, "modulus check": every 12-bit coefficient below q = 3329. Bytes that fail it are a second spelling of
/// some key, or none.
fn reduced(ml_kem_public: &[u8]) -> bool {
    const Q: u16 = 3_329;
    let Some((polynomials, _seed)) = ml_kem_public.split_at_checked(ML_KEM_PUBLIC_AT) else { return false };
    polynomials.chunks_exact(3).all(|three| match *three {
        [a, b, c] => {
            let (a, b, c) = (u16::from(a), u16::from(b), u16::from(c));
            (a | ((b & 0x0f) << 8)) < Q && ((b >> 4) | (c << 4)) < Q
        }
        _ => false,
    })
}

/// A uniform scalar by rejection: of the random bytes of P-384 all but a 2^-190th part are one, of P-256 all but a 2^-32nd.
pub(crate) fn ec_secret<const N: usize>(
    curve: &'static agreement::Algorithm,
    randomness: &mut dyn Randomness,
) -> Option<Zeroizing<[u8; N]>> {
    // Eight tries in a row fail only when the source of randomness is broken.
    (0..8).find_map(|_| {
        let mut bytes = Zeroizing::new([0; N]);
        randomness.fill(bytes.as_mut());
        agreement::PrivateKey::from_private_key(curve, bytes.as_ref()).is_ok().then_some(bytes)
    })
}

/// A fresh key on a curve whose scalars have `N` bytes.
pub(crate) fn ec_generate<const N: usize>(
    curve: &'static agreement::Algorithm,
    randomness: &mut dyn Randomness,
) -> Option<agreement::PrivateKey> {
    let secret = ec_secret::<N>(curve, randomness)?;
    agreement::PrivateKey::from_private_key(curve, secret.as_ref()).ok()
}

/// A fresh P-384 key.
pub(crate) fn p384_generate(randomness: &mut dyn Randomness) -> Option<agreement::PrivateKey> {
    ec_generate::<P384_SECRET_LEN>(&ECDH_P384, randomness)
}
