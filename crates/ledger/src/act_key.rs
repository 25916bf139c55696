//! Keys that sign acts: Ed25519, ECDSA P-256, and P-256 security keys that sign through WebAuthn.
//!
//! Most smart cards have P-256 only, a browser's security key signs nothing but its own structure ([`crate::webauthn`]), and a key
//! file holds Ed25519: an act may be signed by any of them, and every reader verifies all three. A key of one algorithm never
//! verifies a signature of another, because the algorithm is part of the key and of its id.
//!
//! Text and JSON form: `ed25519:BASE64` (32 bytes), `p256:BASE64` (uncompressed point, 65 bytes), `webauthn:RP:BASE64` (the
//! relying party's domain, then the point). One spelling each.
//!
//! # Guarantee
//! [`ActKey::verify`] accepts one spelling of a signature by Ed25519 and P-256: Ed25519 strictly, P-256 as `r || s` with `s` in
//! the lower half. A WebAuthn assertion is kept as the authenticator made it.
//!
//! # Source
//! RFC 8032; FIPS 186-5, section 6 (ECDSA) with SHA-256; SEC 1, section 2.3.3 (points); W3C Web Authentication Level 3.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    agreement::{self, ECDH_P256},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
        ParsedPublicKey, UnparsedPublicKey,
    },
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::{
    Randomness,
    encoding::{from_base64, to_base64},
    key::{KeyId, Signature, SigningKey, VerifyingKey},
    webauthn::{Assertion, RelyingParty},
};

/// The longest signature in bytes: a WebAuthn assertion with its client data.
pub const SIGNATURE_BYTES_MAX: usize = 4_096;

/// Half the order of P-256, big-endian (SEC 2, section 2.4.2): `s` above it is the same signature in another spelling.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde,
    0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];
/// What stands before an uncompressed point of P-256 in a SubjectPublicKeyInfo: id-ecPublicKey with the named curve (RFC 5480,
/// section 2.1.1). DER has one spelling, so the prefix is compared and not parsed.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The order of P-256, big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Why bytes or a text are not a key that signs acts, or a key did not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActKeyError {
    /// Not one of the three forms.
    #[error("the key is not of the form ed25519:KEY, p256:KEY or webauthn:DOMAIN:KEY")]
    Form,
    /// The bytes are not a point that the algorithm accepts.
    #[error("the bytes are not a public key of {algorithm}")]
    Point {
        /// Which algorithm.
        algorithm: &'static str,
    },
    /// Not a domain.
    #[error("a relying party is a domain in lower case, of at most 253 characters")]
    RelyingParty,
    /// The secret is not one of the algorithm.
    #[error("the secret bytes are not a key of {algorithm}")]
    Secret {
        /// Which algorithm.
        algorithm: &'static str,
    },
    /// The key, or the token that holds it, did not sign.
    #[error("the key did not sign: {detail}")]
    NotSigned {
        /// What the key or the token said.
        detail: String,
    },
}

impl ActKeyError {
    /// What the reader can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Form | Self::Point { .. } => "ask the owner of the key for its public card again",
            Self::RelyingParty => {
                "give the domain of the site whose pages ask for the security key, such as office.example"
            }
            Self::Secret { .. } => {
                "use another copy of the key file, or make a new key with `tearline key new`"
            }
            Self::NotSigned { .. } => "check that the key or token is there and unlocked, then sign again",
        }
    }
}

/// Whatever signs acts: a key in memory, a token, an assertion that a browser brought back.
pub trait Signer {
    /// The public half.
    fn key(&self) -> ActKey;

    /// Signs exactly `message`; the bytes verify under [`Signer::key`].
    ///
    /// # Errors
    /// [`ActKeyError::NotSigned`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ActKeyError>;
}

impl Signer for SigningKey {
    fn key(&self) -> ActKey {
        ActKey::Ed25519(self.verifying_key())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ActKeyError> {
        Ok(Self::sign(self, message).as_bytes().to_vec())
    }
}

/// A point of P-256 that signs: 65 bytes, uncompressed. Ordered by its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct P256Key([u8; 65]);

impl P256Key {
    /// Reads an uncompressed point (SEC 1, section 2.3.3).
    ///
    /// # Errors
    /// [`ActKeyError::Point`] unless it lies on the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ActKeyError> {
        let wrong = ActKeyError::Point { algorithm: "P-256" };
        let point = <[u8; 65]>::try_from(bytes).map_err(|_| wrong.clone())?;
        if point[0] != 0x04 || ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).is_err() {
            return Err(wrong);
        }
        Ok(Self(point))
    }

    /// Reads a SubjectPublicKeyInfo in DER, which is what a browser's `getPublicKey()` gives of a new credential.
    ///
    /// # Errors
    /// [`ActKeyError::Point`] for another algorithm, another curve, a compressed point, or one that is not on the curve.
    pub fn from_spki(der: &[u8]) -> Result<Self, ActKeyError> {
        let point = der.strip_prefix(&SPKI_PREFIX).ok_or(ActKeyError::Point { algorithm: "P-256" })?;
        Self::from_bytes(point)
    }

    /// The 65 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 65] {
        &self.0
    }

    /// Whether `signature` (`r || s`, 64 bytes, `s` in the lower half) is this key's over `message` with SHA-256.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == 64
            && signature.iter().skip(32).le(HALF_ORDER.iter())
            && UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0).verify(message, signature).is_ok()
    }

    /// The same for a signature in DER, as authenticators give it.
    pub(crate) fn verify_der(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.0).verify(message, signature).is_ok()
    }
}

/// Writes a P-256 signature `r || s` in its one spelling, with `s` in the lower half. Tokens give either half.
#[must_use]
pub fn lower_half(mut signature: [u8; 64]) -> [u8; 64] {
    if signature.iter().skip(32).le(HALF_ORDER.iter()) {
        return signature;
    }
    // s := n - s, byte by byte from the lowest.
    let mut borrow = 0_i16;
    for (s, n) in signature.iter_mut().skip(32).rev().zip(ORDER.iter().rev()) {
        let difference = i16::from(*n) - i16::from(*s) - borrow;
        borrow = i16::from(difference < 0);
        *s = difference.rem_euclid(256) as u8;
    }
    signature
}

/// A secret P-256 key from a key file. The provider draws the nonce of each signature itself.
pub struct P256SigningKey {
    pair: EcdsaKeyPair,
    secret: Zeroizing<[u8; 32]>,
    public: P256Key,
}

impl P256SigningKey {
    /// Length of the secret scalar in bytes.
    pub const SECRET_LEN: usize = 32;

    /// A new key from random bytes.
    ///
    /// # Errors
    /// [`ActKeyError::Secret`] when none of several draws is a key, which random bytes do not give.
    pub fn generate(randomness: &mut dyn Randomness) -> Result<Self, ActKeyError> {
        // One draw in 2^32 is not below the order of the curve; eight in a row mean a broken source.
        for _ in 0..8 {
            let mut secret = Zeroizing::new([0; Self::SECRET_LEN]);
            randomness.fill(secret.as_mut());
            if let Ok(key) = Self::from_secret(secret.as_ref()) {
                return Ok(key);
            }
        }
        Err(ActKeyError::Secret { algorithm: "P-256" })
    }

    /// The key of a secret scalar, 32 bytes, big-endian.
    ///
    /// # Errors
    /// [`ActKeyError::Secret`] unless it lies between zero and the order of the curve.
    pub fn from_secret(secret: &[u8]) -> Result<Self, ActKeyError> {
        let wrong = || ActKeyError::Secret { algorithm: "P-256" };
        let secret = Zeroizing::new(<[u8; Self::SECRET_LEN]>::try_from(secret).map_err(|_| wrong())?);
        let scalar =
            agreement::PrivateKey::from_private_key(&ECDH_P256, secret.as_ref()).map_err(|_| wrong())?;
        let point = scalar.compute_public_key().map_err(|_| wrong())?;
        let public = P256Key::from_bytes(point.as_ref())?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, secret.as_ref(), point.as_ref());
        Ok(Self { pair: pair.map_err(|_| wrong())?, secret, public })
    }

    /// The secret scalar, for a key file.
    #[must_use]
    pub fn secret(&self) -> &Zeroizing<[u8; Self::SECRET_LEN]> {
        &self.secret
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &P256Key {
        &self.public
    }
}

impl fmt::Debug for P256SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P256SigningKey")
    }
}

impl Signer for P256SigningKey {
    fn key(&self) -> ActKey {
        ActKey::P256(self.public)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ActKeyError> {
        let refused = || ActKeyError::NotSigned { detail: "the cryptographic library refused".to_owned() };
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(|_| refused())?;
        let signature = <[u8; 64]>::try_from(signature.as_ref()).map_err(|_| refused())?;
        Ok(lower_half(signature).to_vec())
    }
}

/// A security key behind a browser: it signs only for pages of its relying party.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebAuthnKey {
    rp: RelyingParty,
    point: P256Key,
}

impl WebAuthnKey {
    /// The key of a credential (algorithm ES256) that was made for `rp`.
    #[must_use]
    pub fn new(rp: RelyingParty, point: P256Key) -> Self {
        Self { rp, point }
    }

    /// For whose pages it signs.
    #[must_use]
    pub fn relying_party(&self) -> &RelyingParty {
        &self.rp
    }

    /// Its point.
    #[must_use]
    pub fn point(&self) -> &P256Key {
        &self.point
    }
}

/// A public key that signs acts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActKey {
    /// Ed25519, from a key file or a token.
    Ed25519(VerifyingKey),
    /// ECDSA over P-256 with SHA-256, from a key file or a token.
    P256(P256Key),
    /// A security key in a browser.
    WebAuthn(WebAuthnKey),
}

impl ActKey {
    /// The id by which envelopes name this key: of the 32 bytes, of the 65 bytes, or of `webauthn`, the relying party and the
    /// point on three lines, so that one point used both ways is two keys.
    #[must_use]
    pub fn id(&self) -> KeyId {
        match self {
            Self::Ed25519(key) => key.id(),
            Self::P256(point) => KeyId::of_public(point.as_bytes()),
            Self::WebAuthn(WebAuthnKey { rp, point }) => {
                let head = format!("webauthn\n{rp}\n");
                KeyId::of_public(&[head.as_bytes(), point.as_bytes()].concat())
            }
        }
    }

    /// The algorithm, in words.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "Ed25519",
            Self::P256(_) => "ECDSA P-256",
            Self::WebAuthn(_) => "WebAuthn ES256",
        }
    }

    /// Whether this key signed exactly `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => {
                Signature::from_bytes(signature).is_ok_and(|signature| key.verify(message, &signature))
            }
            Self::P256(key) => key.verify(message, signature),
            Self::WebAuthn(WebAuthnKey { rp, point }) => {
                Assertion::from_bytes(signature).is_ok_and(|assertion| assertion.holds(rp, point, message))
            }
        }
    }
}

impl From<VerifyingKey> for ActKey {
    fn from(key: VerifyingKey) -> Self {
        Self::Ed25519(key)
    }
}

impl fmt::Display for ActKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ed25519(key) => write!(f, "ed25519:{key}"),
            Self::P256(point) => write!(f, "p256:{}", to_base64(point.as_bytes())),
            Self::WebAuthn(WebAuthnKey { rp, point }) => {
                write!(f, "webauthn:{rp}:{}", to_base64(point.as_bytes()))
            }
        }
    }
}

impl fmt::Debug for ActKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActKey({self})")
    }
}

impl FromStr for ActKey {
    type Err = ActKeyError;

    fn from_str(text: &str) -> Result<Self, ActKeyError> {
        let point = |text: &str| P256Key::from_bytes(&from_base64(text).ok_or(ActKeyError::Form)?);
        match text.split_once(':').ok_or(ActKeyError::Form)? {
            ("ed25519", key) => {
                let key = key.parse().map_err(|_| ActKeyError::Point { algorithm: "Ed25519" })?;
                Ok(Self::Ed25519(key))
            }
            ("p256", key) => Ok(Self::P256(point(key)?)),
            ("webauthn", rest) => {
                let (rp, key) = rest.split_once(':').ok_or(ActKeyError::Form)?;
                Ok(Self::WebAuthn(WebAuthnKey::new(RelyingParty::new(rp)?, point(key)?)))
            }
            _ => Err(ActKeyError::Form),
        }
    }
}

impl Serialize for ActKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ActKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
