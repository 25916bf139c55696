//! Cosignatures: what a witness says of a checkpoint, and how its keys are written.
//!
//! Two algorithms: Ed25519 (type `04`, signs the checkpoint's text behind a time) and ML-DSA-44 (type `06`, signs names, time,
//! size and root as a binary structure). A cosigner may hold both and then signs twice. Whoever signs promises never to
//! sign two trees that do not extend each other; the code that keeps this promise is [`crate::witness`], and only it can
//! make a cosigner sign with a time.
//!
//! # Guarantee
//!
//! A verified [`Cosignature`] means: the holder of this key signed this origin, size and root at this time. A time of zero says
//! nothing about the tree being the newest; only a log's own signature has it here.
//!
//! # Source
//!
//! C2SP tlog-cosignature, "Format", "Ed25519 signed message" and "ML-DSA-44 signed message".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::Randomness;
use crate::checkpoint::Checkpoint;
use crate::key::{Signature, SigningKey, VerifyingKey};
use crate::mldsa::{self, MlDsaKey, MlDsaPublic};
use crate::note::{KeyName, NoteError, NoteKeyId, NoteSignature, Vkey, write_vkey};

/// Signature types (C2SP tlog-cosignature, "Format").
const TYPE_ED25519: u8 = 0x04;
const TYPE_ML_DSA_44: u8 = 0x06;

/// What the signed structure of type `06` begins with.
const SUBTREE_LABEL: &[u8; 12] = b"subtree/v1\n\0";

/// The latest time that a cosignature may carry: 2^63 - 1 seconds.
pub const TIMESTAMP_MAX: u64 = i64::MAX as u64;

/// With what a cosigner signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CosignatureAlgorithm {
    /// Type `04`.
    Ed25519,
    /// Type `06`.
    MlDsa44,
}

impl CosignatureAlgorithm {
    /// The word for it in documents, also the name of its field on a card.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::MlDsa44 => "ml-dsa-44",
        }
    }
}

impl fmt::Display for CosignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A named public key that verifies cosignatures. Text and JSON form: a vkey of type `04` or `06`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CosignerKey {
    name: KeyName,
    public: Public,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Public {
    Ed25519(VerifyingKey),
    MlDsa44(MlDsaPublic),
}

impl CosignerKey {
    /// The Ed25519 key (type `04`) of `name`.
    pub fn ed25519(name: KeyName, key: VerifyingKey) -> Self {
        Self { name, public: Public::Ed25519(key) }
    }

    /// The ML-DSA-44 key (type `06`) of `name`.
    pub fn ml_dsa_44(name: KeyName, key: MlDsaPublic) -> Self {
        Self { name, public: Public::MlDsa44(key) }
    }

    /// The name that signature lines carry.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// With what it signs.
    pub fn algorithm(&self) -> CosignatureAlgorithm {
        match self.public {
            Public::Ed25519(_) => CosignatureAlgorithm::Ed25519,
            Public::MlDsa44(_) => CosignatureAlgorithm::MlDsa44,
        }
    }

    /// The bytes of the public key, without name and type.
    pub fn public_bytes(&self) -> &[u8] {
        match &self.public {
            Public::Ed25519(key) => key.as_bytes(),
            Public::MlDsa44(key) => key.as_bytes(),
        }
    }

    /// The id that signature lines carry.
    pub fn id(&self) -> NoteKeyId {
        NoteKeyId::of(&self.name, self.signature_type(), self.public_bytes())
    }

    fn signature_type(&self) -> u8 {
        match self.public {
            Public::Ed25519(_) => TYPE_ED25519,
            Public::MlDsa44(_) => TYPE_ML_DSA_44,
        }
    }

    /// Judges one line that names this key.
    pub(crate) fn judge(
        &self,
        checkpoint: &Checkpoint,
        line: &NoteSignature,
    ) -> Result<Cosignature, NoteError> {
        let holds = || {
            let (timestamp, signature) = line.bytes.split_first_chunk::<8>()?;
            let timestamp = u64::from_be_bytes(*timestamp);
            let holds = match &self.public {
                // INVARIANT: a second spelling of a signature is refused: strict verification, exact lengths.
                Public::Ed25519(key) => {
                    let signature = Signature::from_bytes(signature).ok()?;
                    key.verify(ed25519_message(checkpoint, timestamp).as_bytes(), &signature)
                }
                Public::MlDsa44(key) => {
                    signature.len() == mldsa::SIGNATURE_LEN
                        && key.verify(&ml_dsa_message(&self.name, checkpoint, timestamp), signature)
                }
            };
            (holds && timestamp <= TIMESTAMP_MAX).then_some(timestamp)
        };
        match holds() {
            Some(timestamp) => Ok(Cosignature { key: self.clone(), timestamp }),
            None => Err(NoteError::BadSignature { name: self.name.to_string() }),
        }
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_vkey(f, &self.name, self.signature_type(), self.public_bytes())
    }
}

impl fmt::Debug for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosignerKey({} {} {})", self.name, self.algorithm(), self.id())
    }
}

impl FromStr for CosignerKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let Vkey { name, signature_type, public } = Vkey::from_text(text)?;
        match signature_type {
            TYPE_ED25519 => VerifyingKey::from_bytes(&public)
                .map(|key| Self::ed25519(name, key))
                .map_err(|_| NoteError::VerifierKey),
            TYPE_ML_DSA_44 => MlDsaPublic::from_bytes(&public)
                .map(|key| Self::ml_dsa_44(name, key))
                .ok_or(NoteError::VerifierKey),
            found => Err(NoteError::SignatureType { found }),
        }
    }
}

impl Serialize for CosignerKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CosignerKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A cosignature that held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Whose.
    pub key: CosignerKey,
    /// When, in seconds since 1970 (POSIX); zero if the cosigner does not say that it was the newest tree.
    pub timestamp: u64,
}

/// A named secret that cosigns: an Ed25519 key, an ML-DSA-44 key, or both. Wiped when dropped; not printable.
///
/// An Ed25519 key must serve one name only: its signed message does not say the name (C2SP tlog-cosignature).
pub struct Cosigner {
    name: KeyName,
    /// INVARIANT: at least one of the two is there; kept by the constructors.
    ed25519: Option<SigningKey>,
    ml_dsa: Option<MlDsaKey>,
}

impl Cosigner {
    /// A cosigner with both keys, from 64 random bytes.
    ///
    /// # Errors
    ///
    /// [`NoteError::Cryptography`] when the provider refuses.
    pub fn generate(name: KeyName, randomness: &mut dyn Randomness) -> Result<Self, NoteError> {
        let ed25519 = SigningKey::generate(randomness);
        let ml_dsa = MlDsaKey::generate(randomness).ok_or(NoteError::Cryptography)?;
        Ok(Self::both(name, ed25519, ml_dsa))
    }

    /// A cosigner that signs twice.
    pub fn both(name: KeyName, ed25519: SigningKey, ml_dsa: MlDsaKey) -> Self {
        Self { name, ed25519: Some(ed25519), ml_dsa: Some(ml_dsa) }
    }

    /// A cosigner with Ed25519 alone.
    pub fn ed25519(name: KeyName, key: SigningKey) -> Self {
        Self { name, ed25519: Some(key), ml_dsa: None }
    }

    /// A cosigner with ML-DSA-44 alone.
    pub fn ml_dsa_44(name: KeyName, key: MlDsaKey) -> Self {
        Self { name, ed25519: None, ml_dsa: Some(key) }
    }

    /// The name it signs as.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The keys that verify what it signs, Ed25519 first.
    pub fn keys(&self) -> Vec<CosignerKey> {
        let ed25519 =
            self.ed25519.iter().map(|key| CosignerKey::ed25519(self.name.clone(), key.verifying_key()));
        let ml_dsa = self.ml_dsa.iter().map(|key| CosignerKey::ml_dsa_44(self.name.clone(), key.public()));
        ed25519.chain(ml_dsa).collect()
    }

    /// Both seeds in a row, for a key file; `None` unless it holds both keys.
    pub fn to_secret_bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        let (ed25519, ml_dsa) = self.ed25519.as_ref().zip(self.ml_dsa.as_ref())?;
        Some(Zeroizing::new([ed25519.seed().as_slice(), ml_dsa.seed().as_slice()].concat()))
    }

    /// Cosigns with every key held. Whether the promise of a cosigner is kept is for the caller, [`crate::witness`], to see to.
    pub(crate) fn cosign(
        &self,
        checkpoint: &Checkpoint,
        timestamp: u64,
    ) -> Result<Vec<NoteSignature>, NoteError> {
        let mut lines = Vec::new();
        let mut line = |key: CosignerKey, signature: &[u8]| {
            let bytes = [timestamp.to_be_bytes().as_slice(), signature].concat();
            lines.push(NoteSignature { name: self.name.clone(), id: key.id(), bytes });
        };
        if let Some(key) = &self.ed25519 {
            let signature = key.sign(ed25519_message(checkpoint, timestamp).as_bytes());
            line(CosignerKey::ed25519(self.name.clone(), key.verifying_key()), signature.as_bytes());
        }
        if let Some(key) = &self.ml_dsa {
            let message = ml_dsa_message(&self.name, checkpoint, timestamp);
            let signature = key.sign(&message).ok_or(NoteError::Cryptography)?;
            line(CosignerKey::ml_dsa_44(self.name.clone(), key.public()), &signature);
        }
        Ok(lines)
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.name)
    }
}

/// The text that type `04` signs.
fn ed25519_message(checkpoint: &Checkpoint, timestamp: u64) -> String {
    format!("cosignature/v1\ntime {timestamp}\n{}", checkpoint.text())
}

/// The structure that type `06` signs: label, cosigner, time, origin, start, end, root.
fn ml_dsa_message(cosigner: &KeyName, checkpoint: &Checkpoint, timestamp: u64) -> Vec<u8> {
    let mut message = SUBTREE_LABEL.to_vec();
    let name = |message: &mut Vec<u8>, name: &KeyName| {
        // INVARIANT: `KeyName` has 1 to 255 bytes.
        message.push(name.as_str().len() as u8);
        message.extend_from_slice(name.as_str().as_bytes());
    };
    name(&mut message, cosigner);
    message.extend_from_slice(&timestamp.to_be_bytes());
    name(&mut message, &checkpoint.origin);
    message.extend_from_slice(&0u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size.to_be_bytes());
    message.extend_from_slice(checkpoint.root.as_bytes());
    message
}

#[cfg(test)]
mod tests;
