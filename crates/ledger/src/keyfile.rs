//! Key files under a passphrase, and the public cards that go with them.
//!
//! A key file is JSON: the public card in the clear, the secret sealed with AES-256-GCM under a key that Argon2id draws from
//! the passphrase. Card and parameters are authenticated with the secret, so that no byte of the file can change unnoticed.
//! Secrets of packages (kinds Seal, Open, Access and Trace) are opaque here. A wrong passphrase is an answer,
//! [`Opened::WrongPassphrase`].
//!
//! # Source
//!
//! RFC 9106 (Argon2id; section 4 for the parameters), NIST SP 800-38D (GCM; one random nonce under a key used once).

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Randomness;
use crate::act_key::{ActKey, ActKeyError, P256SigningKey, Signer};
use crate::cosignature::Cosigner;
use crate::encoding::Base64;
use crate::key::SigningKey;
use crate::log::LogSigner;
use crate::mldsa::{self, MlDsaKey};
use crate::note::KeyName;

mod card;

pub use card::{ED25519_FIELD, KeyKind, ML_DSA_44_FIELD, P256_FIELD, PublicCard, WEBAUTHN_FIELD};

/// Schema of a key file.
const SCHEMA: &str = "tearline-key/1";

/// The shortest passphrase that seals a key, in bytes. Argon2id makes guessing slow, it cannot make four letters many.
pub const PASSPHRASE_BYTES_MIN: usize = 12;

/// The largest key file read, in bytes; post-quantum secrets are a few kilobytes.
pub const KEY_FILE_BYTES_MAX: usize = 64 * 1024;

const SALT_LEN: usize = 16;

/// The secret seed of either signature algorithm; both have the same length.
type Seed = Zeroizing<[u8; SigningKey::SEED_LEN]>;

/// What guessing one passphrase costs: Argon2id's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// 64 MiB, 3 passes, 4 lanes: the second recommended option of RFC 9106 section 4. A tenth of a second or two.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// 19 MiB, 2 passes, 1 lane: the least that OWASP's Password Storage Cheat Sheet accepts, for many keys at a time.
    pub const LIGHT: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// The most that a file may ask of its reader, so that a hostile one cannot take the machine's memory.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

    /// Reads parameters from a file.
    fn read(wire: &KdfWire) -> Result<Self, KeyfileError> {
        let cost = Self { memory_kib: wire.memory_kib, passes: wire.passes, lanes: wire.lanes };
        let affordable = cost.memory_kib <= Self::MOST.memory_kib
            && cost.passes <= Self::MOST.passes
            && cost.lanes <= Self::MOST.lanes;
        // Below the light cost is no honest file of ours; refusing it denies an attacker who can write files the trick of
        // having a passphrase typed against a cheap hash.
        let dear =
            cost.memory_kib >= Self::LIGHT.memory_kib && cost.passes >= Self::LIGHT.passes && cost.lanes >= 1;
        if affordable && dear { Ok(cost) } else { Err(KeyfileError::Cost) }
    }
}

/// A key as it is held in memory: what its card says, and the secret. Wiped when dropped.
pub struct KeyFile {
    card: PublicCard,
    secret: Zeroizing<Vec<u8>>,
}

impl KeyFile {
    /// A key of any kind. For [`KeyKind::Act`] the secret is the Ed25519 seed or the P-256 scalar; for [`KeyKind::Log`] and [`KeyKind::Witness`]
    /// that and the ML-DSA-44 seed behind it, 32 bytes each.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Mismatch`] when the seeds do not belong to the card.
    pub fn new(card: PublicCard, secret: Zeroizing<Vec<u8>>) -> Result<Self, KeyfileError> {
        let file = Self { card, secret };
        match file.card.kind() {
            KeyKind::Act => file.act_secret().map(|_| ())?,
            KeyKind::Log => file.log_signer().map(|_| ())?,
            KeyKind::Witness => file.cosigner().map(|_| ())?,
            KeyKind::Seal | KeyKind::Open | KeyKind::Access | KeyKind::Trace => {}
        }
        Ok(file)
    }

    /// The keys of a log.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Name`] for an origin of more than 200 bytes.
    pub fn log(log: &LogSigner) -> Result<Self, KeyfileError> {
        Ok(Self { card: PublicCard::log(&log.verifier())?, secret: log.to_secret_bytes() })
    }

    /// The keys of a witness.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Mismatch`] for a cosigner that lacks one of the two keys, [`KeyfileError::Name`] for a name of more
    /// than 200 bytes.
    pub fn witness(cosigner: &Cosigner) -> Result<Self, KeyfileError> {
        let (keys, secret) = (cosigner.keys(), cosigner.to_secret_bytes());
        let ([ed25519, ml_dsa], Some(secret)) = (keys.as_slice(), secret) else {
            return Err(KeyfileError::Mismatch);
        };
        let (ed25519, ml_dsa) = (ed25519.public_bytes(), ml_dsa.public_bytes());
        let card = PublicCard::signing_notes(KeyKind::Witness, cosigner.name(), ed25519, ml_dsa)?;
        Ok(Self { card, secret })
    }

    /// A key for acts.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Name`] for an unusable name.
    pub fn act(name: &str, key: &ActSecret) -> Result<Self, KeyfileError> {
        Ok(Self { card: PublicCard::act(name, &key.key())?, secret: key.to_secret_bytes() })
    }

    /// What may be shown.
    pub fn card(&self) -> &PublicCard {
        &self.card
    }

    /// The secret bytes, as the crate that made them wrote them.
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The keys of a Log file.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Kind`] for the other kinds, [`KeyfileError::Mismatch`] when seeds and card do not belong together.
    pub fn log_signer(&self) -> Result<LogSigner, KeyfileError> {
        let public = self.card.log_verifier()?;
        let (ed25519, ml_dsa) = self.seeds()?;
        let log = LogSigner::from_seeds(public.name().clone(), &ed25519, &ml_dsa);
        let log = log.map_err(|_| KeyfileError::Cryptography)?;
        if log.verifier() == public { Ok(log) } else { Err(KeyfileError::Mismatch) }
    }

    /// The keys of a Witness file.
    ///
    /// # Errors
    ///
    /// As for [`KeyFile::log_signer`].
    pub fn cosigner(&self) -> Result<Cosigner, KeyfileError> {
        let public = self.card.cosigner_keys()?;
        let (ed25519, ml_dsa) = self.seeds()?;
        let name = KeyName::new(self.card.name()).map_err(|_| KeyfileError::Name)?;
        let ml_dsa = MlDsaKey::from_seed(&ml_dsa).ok_or(KeyfileError::Cryptography)?;
        let cosigner = Cosigner::both(name, SigningKey::from_seed(&ed25519), ml_dsa);
        if cosigner.keys() == public { Ok(cosigner) } else { Err(KeyfileError::Mismatch) }
    }

    /// The two seeds of a Log or Witness file.
    fn seeds(&self) -> Result<(Seed, Seed), KeyfileError> {
        let split = self.secret.split_first_chunk::<{ SigningKey::SEED_LEN }>();
        let (ed25519, ml_dsa) = split.ok_or(KeyfileError::Mismatch)?;
        let ml_dsa = <[u8; mldsa::SEED_LEN]>::try_from(ml_dsa).map_err(|_| KeyfileError::Mismatch)?;
        Ok((Zeroizing::new(*ed25519), Zeroizing::new(ml_dsa)))
    }

    /// The key of an Act file.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Kind`] for the other kinds, [`KeyfileError::Mismatch`] when secret and card do not belong together, as they
    /// never do for a security key, which keeps its secret.
    pub fn act_secret(&self) -> Result<ActSecret, KeyfileError> {
        let public = self.card.act_key()?;
        let secret = match &public {
            ActKey::Ed25519(_) => {
                let seed = <[u8; SigningKey::SEED_LEN]>::try_from(self.secret.as_slice());
                let seed = Zeroizing::new(seed.map_err(|_| KeyfileError::Mismatch)?);
                ActSecret::Ed25519(SigningKey::from_seed(&seed))
            }
            ActKey::P256(_) => {
                let key = P256SigningKey::from_secret(&self.secret);
                ActSecret::P256(key.map_err(|_| KeyfileError::Mismatch)?)
            }
            ActKey::WebAuthn(_) => return Err(KeyfileError::Mismatch),
        };
        if secret.key() == public { Ok(secret) } else { Err(KeyfileError::Mismatch) }
    }
}

/// The secret of a key file for acts.
#[derive(Debug)]
pub enum ActSecret {
    /// Ed25519.
    Ed25519(SigningKey),
    /// ECDSA P-256.
    P256(P256SigningKey),
}

impl ActSecret {
    fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Ed25519(key) => Zeroizing::new(key.seed().to_vec()),
            Self::P256(key) => Zeroizing::new(key.secret().to_vec()),
        }
    }
}

impl Signer for ActSecret {
    fn key(&self) -> ActKey {
        match self {
            Self::Ed25519(key) => key.key(),
            Self::P256(key) => key.key(),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ActKeyError> {
        match self {
            Self::Ed25519(key) => Signer::sign(key, message),
            Self::P256(key) => key.sign(message),
        }
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").field("card", &self.card).finish_non_exhaustive()
    }
}

/// What opening a key file came to.
#[derive(Debug)]
pub enum Opened {
    /// The passphrase fits and nothing in the file was changed.
    Key(KeyFile),
    /// The passphrase does not fit, or the file was changed: the seal cannot tell which.
    WrongPassphrase,
}

/// The file as JSON, keys in this order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFileWire {
    schema: String,
    card: PublicCard,
    kdf: KdfWire,
    cipher: CipherWire,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KdfWire {
    name: String,
    version: u32,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Base64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CipherWire {
    name: String,
    nonce: Base64,
    ciphertext: Base64,
}

/// Seals a key under a passphrase; the result is the file. Takes the time that `cost` says.
///
/// ```
/// use ledger::key::SigningKey;
/// use ledger::keyfile::{ActSecret, Cost, KeyFile, Opened, open_key, seal_key};
///
/// let key = KeyFile::act("NO", &ActSecret::Ed25519(SigningKey::from_seed(&[7; 32]))).unwrap();
/// let mut randomness = |out: &mut [u8]| out.fill(1); // a shell passes the operating system's
/// let file = seal_key(&key, b"four random words here", Cost::LIGHT, &mut randomness).unwrap();
/// assert!(matches!(open_key(&file, b"four random words here").unwrap(), Opened::Key(_)));
/// assert!(matches!(open_key(&file, b"something else").unwrap(), Opened::WrongPassphrase));
/// ```
///
/// # Errors
///
/// [`KeyfileError::ShortPassphrase`], or [`KeyfileError::Cryptography`] when the provider refuses (out of memory).
pub fn seal_key(
    key: &KeyFile,
    passphrase: &[u8],
    cost: Cost,
    randomness: &mut dyn Randomness,
) -> Result<Vec<u8>, KeyfileError> {
    if passphrase.len() < PASSPHRASE_BYTES_MIN {
        return Err(KeyfileError::ShortPassphrase);
    }
    let (mut salt, mut nonce) = ([0; SALT_LEN], [0; NONCE_LEN]);
    randomness.fill(&mut salt);
    randomness.fill(&mut nonce);
    let mut wire = KeyFileWire {
        schema: SCHEMA.to_owned(),
        card: key.card.clone(),
        kdf: KdfWire {
            name: "argon2id".to_owned(),
            version: 0x13,
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: cost.lanes,
            salt: Base64(salt.to_vec()),
        },
        cipher: CipherWire {
            name: "aes-256-gcm".to_owned(),
            nonce: Base64(nonce.to_vec()),
            ciphertext: Base64(Vec::new()),
        },
    };
    let sealer = sealing_key(passphrase, cost, &salt)?;
    let aad = wire.authenticated()?;
    let mut bytes = Zeroizing::new(key.secret.to_vec());
    // The tag apart: appending it could move the vector and leave a copy of the secret in freed memory.
    let tag = sealer
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut bytes)
        .map_err(|_| KeyfileError::Cryptography)?;
    wire.cipher.ciphertext = Base64([bytes.as_slice(), tag.as_ref()].concat());
    wire.to_bytes()
}

/// Opens a key file. Takes the time that the file's own cost says, within a bound.
///
/// # Errors
///
/// See [`KeyfileError`]. A passphrase that does not fit is not an error but [`Opened::WrongPassphrase`].
pub fn open_key(file: &[u8], passphrase: &[u8]) -> Result<Opened, KeyfileError> {
    let wire = KeyFileWire::from_bytes(file)?;
    let cost = Cost::read(&wire.kdf)?;
    let nonce =
        <[u8; NONCE_LEN]>::try_from(wire.cipher.nonce.0.as_slice()).map_err(|_| KeyfileError::Form)?;
    let sealer = sealing_key(passphrase, cost, &wire.kdf.salt.0)?;
    let aad = wire.authenticated()?;
    let mut bytes = Zeroizing::new(wire.cipher.ciphertext.0);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let Ok(opened) = sealer.open_in_place(nonce, Aad::from(aad), &mut bytes) else {
        return Ok(Opened::WrongPassphrase);
    };
    let secret = Zeroizing::new(opened.to_vec());
    KeyFile::new(wire.card, secret).map(Opened::Key)
}

/// The card of a key file, read without the passphrase: good for finding the right file, proof of nothing.
///
/// # Errors
///
/// [`KeyfileError::Form`] and its like for what is not a key file.
pub fn card_of(file: &[u8]) -> Result<PublicCard, KeyfileError> {
    KeyFileWire::from_bytes(file).map(|wire| wire.card)
}

impl KeyFileWire {
    fn from_bytes(file: &[u8]) -> Result<Self, KeyfileError> {
        if file.len() > KEY_FILE_BYTES_MAX {
            return Err(KeyfileError::Form);
        }
        let wire: Self = serde_json::from_slice(file).map_err(|_| KeyfileError::Form)?;
        let known = wire.schema == SCHEMA
            && wire.kdf.name == "argon2id"
            && wire.kdf.version == 0x13
            && wire.kdf.salt.0.len() == SALT_LEN
            && wire.cipher.name == "aes-256-gcm";
        // One spelling, so that a changed byte cannot hide between the tokens.
        if known && wire.to_bytes()? == file { Ok(wire) } else { Err(KeyfileError::Form) }
    }

    /// The file: indented, because people look at it, and a newline.
    fn to_bytes(&self) -> Result<Vec<u8>, KeyfileError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|_| KeyfileError::Form)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// What the seal covers beside the secret: schema, card and parameters, as compact JSON in file order.
    fn authenticated(&self) -> Result<Vec<u8>, KeyfileError> {
        serde_json::to_vec(&(&self.schema, &self.card, &self.kdf, &self.cipher.name))
            .map_err(|_| KeyfileError::Form)
    }
}

/// Argon2id of the passphrase as an AES-256 key.
fn sealing_key(passphrase: &[u8], cost: Cost, salt: &[u8]) -> Result<LessSafeKey, KeyfileError> {
    let mut bytes = Zeroizing::new([0; 32]);
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(bytes.len()));
    let params = params.map_err(|_| KeyfileError::Cost)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase, salt, bytes.as_mut())
        .map_err(|_| KeyfileError::Cryptography)?;
    let key = UnboundKey::new(&AES_256_GCM, bytes.as_ref()).map_err(|_| KeyfileError::Cryptography)?;
    Ok(LessSafeKey::new(key))
}

/// Why a key cannot be sealed or a key file or card not be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyfileError {
    /// Not a key file of this schema in its one spelling.
    #[error("the file is not a tearline key file")]
    Form,
    /// Not a public card, or its id is not that of its keys.
    #[error("the document is not a tearline public card, or its id does not belong to its keys")]
    Card,
    /// An unusable name.
    #[error("the key name is empty, too long or holds control characters")]
    Name,
    /// A kind that the operation does not serve.
    #[error("the key is of kind `{found}`, which cannot be used here")]
    Kind {
        /// Kind found.
        found: KeyKind,
    },
    /// Secret and card are of different keys.
    #[error("the secret does not belong to the public card")]
    Mismatch,
    /// Argon2id parameters out of bounds.
    #[error("the key file asks for an Argon2id cost out of bounds")]
    Cost,
    /// Too short a passphrase for sealing.
    #[error("the passphrase is shorter than 12 bytes")]
    ShortPassphrase,
    /// The provider failed.
    #[error("the cryptographic library refused to work")]
    Cryptography,
}

impl KeyfileError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Form | Self::Cost | Self::Mismatch => {
                "use another copy of the key file, or make a new key with `tearline key new`"
            }
            Self::Card => "ask the owner of the key for the public card again",
            Self::Name => {
                "choose a name of 1 to 200 printable characters; of a log, without spaces or plus signs"
            }
            Self::Kind { .. } => "give a key of the kind that the command names",
            Self::ShortPassphrase => "choose at least four random words",
            Self::Cryptography => "free some memory and try again",
        }
    }
}

#[cfg(test)]
mod tests;
