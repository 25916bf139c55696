//! Keys of a key access service, and what OpenTDF clients wrap to them.
//!
//! A service holds an [`AccessKey`]; whoever has its card wraps a [`ContentKey`] to it, which gives a [`KeyAccess`] object as
//! manifests carry it. The service unwraps it and, when it decides to, wraps it again for the client ([`ContentKey::rewrap`]).
//! A receiver's own [`OpenKey`] unwraps the post-quantum objects. Nothing here decides who may have what.
//!
//! The two algorithms of an access key are classical, because the clients that need a service speak no other: a content with such
//! an object beside the hybrid one is no longer secret against a quantum computer.
//!
//! # Guarantee
//! Every way in which unwrapping can fail gives one error, so that a service answering it is no padding oracle (Manger, "A chosen
//! ciphertext attack on RSA optimal asymmetric encryption padding", 2001).
//!
//! # Source
//! OpenTDF specification 4.3.0, `KeyAccess` object, as the platform's clients write it: RSA-2048 with OAEP and SHA-1 (RFC 8017,
//! section 7.1); ECDH over P-256 (SP 800-56A), HKDF-SHA256 (RFC 5869) with salt SHA-256("TDF") and no info, AES-256-GCM with the
//! nonce in front. OAEP with SHA-1 needs no collision resistance of its hash (RFC 8017, section 7.1, note).

use std::fmt;

use aws_lc_rs::{
    agreement::{self, ECDH_P256},
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    kem::Ciphertext,
    rsa::{
        KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
        PublicEncryptingKey,
    },
};
use ledger::{
    Randomness,
    key::KeyId,
    keyfile::{KeyKind, PublicCard},
};
use zeroize::Zeroizing;

pub(crate) use self::key_access::{KeyAccessWire, raw_or_hex};
pub use self::{
    client::ClientPublic,
    content_key::{ContentKey, Rewrapped},
    key_access::{KEY_ACCESS_BYTES_MAX, KeyAccess, KeyAccessKind, PolicyBinding},
};
use crate::{
    crypto::Secret,
    envelope, kem,
    key::{KeyError, OpenKey, card, ec_generate, ec_secret},
};

mod client;
mod content_key;
mod key_access;
mod spki;

/// Field of a card: RSA-2048 public key, `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1.2.7).
pub const RSA_FIELD: &str = "rsa-2048";
/// Field of a card: P-256 public key, uncompressed point of 65 bytes.
pub const P256_FIELD: &str = ledger::keyfile::P256_FIELD;

const P256_SECRET_LEN: usize = 32;
/// Length of an RSA-2048 ciphertext.
const RSA_BYTES: usize = 256;

/// Why something around key access objects does not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// Bytes that are no key access object.
    #[error("the key access object is not well-formed: {field}")]
    Malformed {
        /// Which part of it.
        field: &'static str,
    },
    /// A kind of object that the key does not open.
    #[error("a key of kind `{key}` opens no key access object of type `{found}`")]
    Type {
        /// Kind of the key tried.
        key: KeyKind,
        /// Type of the object.
        found: String,
    },
    /// An object for another key.
    #[error("the key access object is for the key `{kid}`, not for this one")]
    NotForThisKey {
        /// Id that it names.
        kid: String,
    },
    /// The wrapped key does not open: changed, or for another key. Which of the two, nobody can tell.
    #[error("the wrapped key does not open with this key")]
    Refused,
    /// A client's key that is none.
    #[error("the client's public key is no RSA key of 2048 to 4096 bits and no P-256 key in PEM")]
    ClientKey,
    /// Shares of a split key that are not there.
    #[error("a split key needs at least one share")]
    NoShare,
    /// The provider failed.
    #[error("the cryptographic library refused to work")]
    Cryptography,
}

impl AccessError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Malformed { .. } | Self::NoShare => "ask whoever made the file for it again",
            Self::Type { .. } => {
                "give a key of kind `access` for `wrapped` and `ec-wrapped`, of kind `open` for `hybrid-wrapped` and `mlkem-wrapped`"
            }
            Self::NotForThisKey { .. } | Self::Refused => "use the key that the file was made for",
            Self::ClientKey => "send the key as PEM with the label PUBLIC KEY",
            Self::Cryptography => "try again; if it stays so, the installation is broken",
        }
    }
}

/// By which of its algorithms a key is wrapped to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// RSA-2048, OAEP with SHA-1: type `wrapped`.
    Rsa2048,
    /// ECDH over P-256: type `ec-wrapped`.
    P256,
}

impl Wrapping {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Rsa2048, Self::P256];

    /// The platform's name of the algorithm.
    #[must_use]
    pub fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa:2048",
            Self::P256 => "ec:secp256r1",
        }
    }

    /// The type of a key access object that is wrapped so.
    #[must_use]
    pub fn kind(self) -> KeyAccessKind {
        match self {
            Self::Rsa2048 => KeyAccessKind::Wrapped,
            Self::P256 => KeyAccessKind::EcWrapped,
        }
    }
}

/// A content key wrapped to a service: what a manifest says of it beside the address and the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// How it is wrapped.
    pub wrapping: Wrapping,
    /// Id of the service's key of that algorithm.
    pub kid: KeyId,
    /// The wrapped key: `wrappedKey` of the object, before base64.
    pub wrapped: Vec<u8>,
    /// `ephemeralPublicKey` of the object, for [`Wrapping::P256`] only.
    pub ephemeral_public_key_pem: Option<String>,
}

/// What a key access service unwraps with: RSA-2048 and P-256. Wiped when dropped; cannot be copied or printed.
pub struct AccessKey {
    rsa: OaepPrivateDecryptingKey,
    rsa_secret: Pkcs8V1Der<'static>,
    p256: agreement::PrivateKey,
    p256_secret: Zeroizing<[u8; P256_SECRET_LEN]>,
    public: AccessPublic,
}

impl AccessKey {
    /// A new key. The RSA half is drawn by the provider, which takes no randomness from outside; that takes some tenths of a second.
    ///
    /// # Errors
    /// [`KeyError::Cryptography`] when the provider refuses.
    pub fn generate(randomness: &mut dyn Randomness) -> Result<Self, KeyError> {
        let p256_secret = ec_secret(&ECDH_P256, randomness).ok_or(KeyError::Cryptography)?;
        let rsa = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(|_| KeyError::Cryptography)?;
        Self::from_parts(p256_secret, rsa).ok_or(KeyError::Cryptography)
    }

    /// The key in the bytes that [`AccessKey::to_secret_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyError::Secret`] for bytes that are not those of a key in their one spelling.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let wrong = KeyError::Secret { kind: KeyKind::Access };
        let (p256, rsa) = bytes.split_first_chunk::<P256_SECRET_LEN>().ok_or(wrong)?;
        let private = PrivateDecryptingKey::from_pkcs8(rsa).map_err(|_| wrong)?;
        let key = Self::from_parts(Zeroizing::new(*p256), private).ok_or(wrong)?;
        if key.rsa_secret.as_ref() == rsa { Ok(key) } else { Err(wrong) }
    }

    fn from_parts(p256_secret: Zeroizing<[u8; P256_SECRET_LEN]>, rsa: PrivateDecryptingKey) -> Option<Self> {
        let p256 = agreement::PrivateKey::from_private_key(&ECDH_P256, p256_secret.as_ref()).ok()?;
        let point = p256.compute_public_key().ok()?;
        let rsa_public: PublicKeyX509Der<'static> = rsa.public_key().as_der().ok()?;
        let public = AccessPublic::new(rsa_public.as_ref(), point.as_ref())?;
        let rsa_secret = rsa.as_der().ok()?;
        let rsa = OaepPrivateDecryptingKey::new(rsa).ok()?;
        Some(Self { rsa, rsa_secret, p256, p256_secret, public })
    }

    /// The P-256 scalar and the RSA key (PKCS #8, RFC 5208) in a row, for a key file.
    #[must_use]
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.p256_secret.as_slice(), self.rsa_secret.as_ref()].concat())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &AccessPublic {
        &self.public
    }

    /// The content key, or the share of one, in an object of type `wrapped` or `ec-wrapped`. Who may have it is not asked here, nor
    /// whether the policy fits: that is [`ContentKey::policy_bound`].
    ///
    /// # Errors
    /// [`AccessError::Type`], [`AccessError::NotForThisKey`], [`AccessError::Malformed`], [`AccessError::Refused`].
    pub fn unwrap(&self, access: &KeyAccess) -> Result<ContentKey, AccessError> {
        let wrapping = match access.kind() {
            KeyAccessKind::Wrapped => Wrapping::Rsa2048,
            KeyAccessKind::EcWrapped => Wrapping::P256,
            other => {
                return Err(AccessError::Type { key: KeyKind::Access, found: other.as_str().to_owned() });
            }
        };
        // Clients that name no key are taken at their word; the wrapped key itself then tells.
        if let Some(kid) = access.kid().filter(|kid| *kid != self.public.kid(wrapping).to_string()) {
            return Err(AccessError::NotForThisKey { kid: kid.to_owned() });
        }
        match wrapping {
            Wrapping::Rsa2048 => self.unwrap_rsa(access.wrapped_key()),
            Wrapping::P256 => {
                let malformed = AccessError::Malformed { field: "ephemeralPublicKey" };
                let pem = access.ephemeral_public_key().ok_or(malformed.clone())?;
                let point = spki::p256_from_pem(pem).ok_or(malformed)?;
                let peer = agreement::UnparsedPublicKey::new(&ECDH_P256, &point);
                let wrapping_key = content_key::agreed(&self.p256, peer).ok_or(AccessError::Refused)?;
                content_key::unsealed(&wrapping_key, access.wrapped_key())
            }
        }
    }

    fn unwrap_rsa(&self, wrapped: &[u8]) -> Result<ContentKey, AccessError> {
        if wrapped.len() != RSA_BYTES {
            return Err(AccessError::Refused);
        }
        let mut plain = Zeroizing::new([0; RSA_BYTES]);
        let key = self.rsa.decrypt(&OAEP_SHA1_MGF1SHA1, wrapped, plain.as_mut(), None);
        let secret = Secret::from_slice(key.map_err(|_| AccessError::Refused)?);
        secret.map(ContentKey::new).ok_or(AccessError::Refused)
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey")
    }
}

/// What clients wrap to: the public half of an [`AccessKey`].
pub struct AccessPublic {
    rsa: OaepPublicEncryptingKey,
    rsa_der: Vec<u8>,
    point: Vec<u8>,
    rsa_pem: String,
    p256_pem: String,
}

impl AccessPublic {
    fn new(rsa_der: &[u8], point: &[u8]) -> Option<Self> {
        let rsa = PublicEncryptingKey::from_der(rsa_der).ok().filter(|key| key.key_size_bits() == 2_048)?;
        let again: PublicKeyX509Der<'static> = rsa.as_der().ok()?;
        if again.as_ref() != rsa_der || !spki::is_p256_point(point) {
            return None;
        }
        Some(Self {
            rsa: OaepPublicEncryptingKey::new(rsa).ok()?,
            rsa_der: rsa_der.to_vec(),
            point: point.to_vec(),
            rsa_pem: spki::to_pem(rsa_der),
            p256_pem: spki::to_pem(&spki::of_p256(point)),
        })
    }

    /// # Errors
    /// [`KeyError::Card`] for a card of another kind, with other fields, or whose keys are none.
    pub fn from_card(card: &PublicCard) -> Result<Self, KeyError> {
        let wrong = KeyError::Card { kind: KeyKind::Access };
        let (rsa, point) = card.public(RSA_FIELD).zip(card.public(P256_FIELD)).ok_or(wrong)?;
        let public = Self::new(rsa, point).ok_or(wrong)?;
        if public.card(card.name())? == *card { Ok(public) } else { Err(wrong) }
    }

    /// The card under a name.
    ///
    /// # Errors
    /// [`KeyError::Card`] for an unusable name.
    pub fn card(&self, name: &str) -> Result<PublicCard, KeyError> {
        card(KeyKind::Access, name, &[(RSA_FIELD, &self.rsa_der), (P256_FIELD, &self.point)])
    }

    /// The public key of one algorithm as clients ask for it: `SubjectPublicKeyInfo` in PEM.
    #[must_use]
    pub fn pem(&self, wrapping: Wrapping) -> &str {
        match wrapping {
            Wrapping::Rsa2048 => &self.rsa_pem,
            Wrapping::P256 => &self.p256_pem,
        }
    }

    /// The id of the key of one algorithm, as key access objects name it (`kid`).
    #[must_use]
    pub fn kid(&self, wrapping: Wrapping) -> KeyId {
        match wrapping {
            Wrapping::Rsa2048 => KeyId::of_public(&self.rsa_der),
            Wrapping::P256 => KeyId::of_public(&self.point),
        }
    }

    /// Wraps a content key for the service. Of RSA the provider draws the padding itself.
    ///
    /// # Errors
    /// [`AccessError::Cryptography`].
    pub fn wrap(
        &self,
        key: &ContentKey,
        wrapping: Wrapping,
        randomness: &mut dyn Randomness,
    ) -> Result<WrappedKey, AccessError> {
        let (wrapped, ephemeral_public_key_pem) = match wrapping {
            Wrapping::Rsa2048 => (content_key::oaep(&self.rsa, key)?, None),
            Wrapping::P256 => {
                let ephemeral = ec_generate::<P256_SECRET_LEN>(&ECDH_P256, randomness);
                let ephemeral = ephemeral.ok_or(AccessError::Cryptography)?;
                let (wrapped, pem) = content_key::sealed_to(key, &ephemeral, &self.point, randomness)?;
                (wrapped, Some(pem))
            }
        };
        Ok(WrappedKey { wrapping, kid: self.kid(wrapping), wrapped, ephemeral_public_key_pem })
    }
}

impl fmt::Debug for AccessPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessPublic({}, {})", self.kid(Wrapping::Rsa2048), self.kid(Wrapping::P256))
    }
}

impl OpenKey {
    /// The content key, or the share of one, in an object of type `hybrid-wrapped`, or of type `mlkem-wrapped` for the ML-KEM-1024
    /// half of this key.
    ///
    /// # Errors
    /// [`AccessError::Type`], [`AccessError::NotForThisKey`], [`AccessError::Refused`].
    pub fn unwrap(&self, access: &KeyAccess) -> Result<ContentKey, AccessError> {
        let secret = match access.kind() {
            KeyAccessKind::HybridWrapped => {
                if let Some(kid) = access.kid().filter(|kid| *kid != self.public().id().to_string()) {
                    return Err(AccessError::NotForThisKey { kid: kid.to_owned() });
                }
                kem::unwrap(self, access.wrapped_key())
            }
            // Whoever wraps to one half has the key from a card and names it as its platform likes, so the id tells nothing.
            KeyAccessKind::MlKemWrapped => self.unwrap_ml_kem(access.wrapped_key()),
            other => return Err(AccessError::Type { key: KeyKind::Open, found: other.as_str().to_owned() }),
        };
        secret.map(ContentKey::new).ok_or(AccessError::Refused)
    }

    /// The platform's `mlkem-wrapped`: the same envelope around an ML-KEM ciphertext, and HKDF over the shared secret.
    fn unwrap_ml_kem(&self, der: &[u8]) -> Option<Secret> {
        let (ciphertext, sealed) = envelope::read(der)?;
        let shared = self.ml_kem().decapsulate(Ciphertext::from(ciphertext)).ok()?;
        let wrapping_key = content_key::derived(shared.as_ref())?;
        Secret::from_slice(&wrapping_key.open(&[], sealed)?)
    }
}
