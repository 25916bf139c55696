//! Public cards: what the owner of a key hands to everybody else.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::KeyfileError;
use crate::act_key::{ActKey, P256Key, WebAuthnKey};
use crate::cosignature::CosignerKey;
use crate::encoding::Base64;
use crate::key::{KeyId, VerifyingKey};
use crate::log::LogVerifier;
use crate::mldsa::MlDsaPublic;
use crate::note::{KeyName, NoteVerifier};
use crate::webauthn::RelyingParty;

/// Schema of a public card.
const SCHEMA: &str = "tearline-card/1";

/// The field of an Ed25519 public key.
pub const ED25519_FIELD: &str = "ed25519";

/// The field of a P-256 public key: an uncompressed point.
pub const P256_FIELD: &str = "p256";

/// The field of a security key behind a browser: the domain of its relying party, beside its point.
pub const WEBAUTHN_FIELD: &str = "webauthn-rp";

/// The field of an ML-DSA-44 public key.
pub const ML_DSA_44_FIELD: &str = "ml-dsa-44";

/// Bounds of a card; the largest public key in use has 2,592 bytes (ML-DSA-87).
const FIELDS_MAX: usize = 8;
const FIELD_BYTES_MAX: usize = 8 * 1024;

/// What a key is for. A key has one use, so that a signature of one kind can never be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Ed25519, P-256 or WebAuthn: signs acts of delegations, companies and officers.
    Act,
    /// Ed25519 and ML-DSA-44: signs the checkpoints of a log; the card's name is the log's origin.
    Log,
    /// Ed25519 and ML-DSA-44: cosigns checkpoints; the card's name is the witness's.
    Witness,
    /// Signs packages (Ed25519 and ML-DSA-65).
    Seal,
    /// Opens packages and deposits (P-384 and ML-KEM-1024).
    Open,
    /// Unwraps content keys for a key access service (RSA-2048 and P-256).
    Access,
    /// Marks the copies of a release and traces what leaked (a secret for HMAC; the card has a check of it, nothing public).
    Trace,
}

impl KeyKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Act, Self::Log, Self::Witness, Self::Seal, Self::Open, Self::Access, Self::Trace];

    /// The word for it in documents and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Log => "log",
            Self::Witness => "witness",
            Self::Seal => "seal",
            Self::Open => "open",
            Self::Access => "access",
            Self::Trace => "trace",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyKind {
    type Err = KeyfileError;

    fn from_str(text: &str) -> Result<Self, KeyfileError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(KeyfileError::Card)
    }
}

/// The public half of a key: kind, name, id and public bytes by algorithm. Cloneable, comparable, printable.
///
/// JSON form: `{"schema":"tearline-card/1","kind":...,"name":...,"id":...,"public":{field: base64}}`. A card proves nothing by
/// itself: it is believed because of where it came from (the roster, the trust file).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicCard {
    kind: KeyKind,
    name: String,
    public: BTreeMap<String, Vec<u8>>,
}

impl PublicCard {
    /// A card of any kind; `public` are the public bytes by algorithm (`ed25519`, `ml-dsa-65`, ...).
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Name`], or [`KeyfileError::Card`] when the fields are not what the kind has: one acceptable
    /// `ed25519` or `p256`, or `p256` and `webauthn-rp`, for Act; `ed25519` and `ml-dsa-44` for Log and Witness, one to eight non-empty ones for the others.
    pub fn new(kind: KeyKind, name: &str, public: BTreeMap<String, Vec<u8>>) -> Result<Self, KeyfileError> {
        let named = !name.is_empty() && name.len() <= 200 && !name.chars().any(char::is_control);
        let signs_notes = matches!(kind, KeyKind::Log | KeyKind::Witness);
        if !named || (signs_notes && KeyName::new(name).is_err()) {
            return Err(KeyfileError::Name);
        }
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let field = |(field, bytes): (&String, &Vec<u8>)| {
            !field.is_empty()
                && field.len() <= 32
                && field.bytes().all(plain)
                && !bytes.is_empty()
                && bytes.len() <= FIELD_BYTES_MAX
        };
        if public.is_empty() || public.len() > FIELDS_MAX || !public.iter().all(field) {
            return Err(KeyfileError::Card);
        }
        let card = Self { kind, name: name.to_owned(), public };
        if kind == KeyKind::Act {
            card.act_key()?;
        }
        if signs_notes {
            card.note_keys()?;
        }
        Ok(card)
    }

    /// The card of a key for acts.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Name`] for an unusable name.
    pub fn act(name: &str, key: &ActKey) -> Result<Self, KeyfileError> {
        let point = |key: &P256Key| (P256_FIELD.to_owned(), key.as_bytes().to_vec());
        let public = match key {
            ActKey::Ed25519(key) => BTreeMap::from([(ED25519_FIELD.to_owned(), key.as_bytes().to_vec())]),
            ActKey::P256(key) => BTreeMap::from([point(key)]),
            ActKey::WebAuthn(key) => {
                let rp = key.relying_party().to_string().into_bytes();
                BTreeMap::from([point(key.point()), (WEBAUTHN_FIELD.to_owned(), rp)])
            }
        };
        Self::new(KeyKind::Act, name, public)
    }

    /// What the key is for.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whose key it is: a code, a company, or a log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key.
    ///
    /// For Act the id in envelopes. Else of a single public key: the first 16 bytes of its SHA-256; of several: the same over each field's name and bytes in order of name, both behind their lengths (32 bits, big-endian).
    pub fn id(&self) -> KeyId {
        if let Ok(key) = self.act_key() {
            return key.id();
        }
        let mut fields = self.public.iter();
        if let (Some((_, only)), None) = (fields.next(), fields.next()) {
            return KeyId::of_public(only);
        }
        let mut bytes = Vec::new();
        for (field, public) in &self.public {
            for part in [field.as_bytes(), public] {
                // INVARIANT: `new` bounds both lengths far below 32 bits.
                bytes.extend((part.len() as u32).to_be_bytes());
                bytes.extend(part);
            }
        }
        KeyId::of_public(&bytes)
    }

    /// The public bytes of one algorithm.
    pub fn public(&self, field: &str) -> Option<&[u8]> {
        self.public.get(field).map(Vec::as_slice)
    }

    /// The card of a log.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Name`] for a name of more than 200 bytes, [`KeyfileError::Card`] for a verifier of Ed25519 alone.
    pub fn log(log: &LogVerifier) -> Result<Self, KeyfileError> {
        let ml_dsa = log.ml_dsa().ok_or(KeyfileError::Card)?.public_bytes();
        Self::signing_notes(KeyKind::Log, log.name(), log.ed25519().key().as_bytes(), ml_dsa)
    }

    /// The card of a log or witness from its two public keys.
    pub(super) fn signing_notes(
        kind: KeyKind,
        name: &KeyName,
        ed25519: &[u8],
        ml_dsa: &[u8],
    ) -> Result<Self, KeyfileError> {
        let fields = [(ED25519_FIELD, ed25519), (ML_DSA_44_FIELD, ml_dsa)];
        let public = fields.map(|(field, bytes)| (field.to_owned(), bytes.to_vec()));
        Self::new(kind, name.as_str(), public.into())
    }

    /// The key of an Act card.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Kind`] for the other kinds, [`KeyfileError::Card`] when there is no such key.
    pub fn act_key(&self) -> Result<ActKey, KeyfileError> {
        if self.kind != KeyKind::Act {
            return Err(KeyfileError::Kind { found: self.kind });
        }
        let point = || self.public(P256_FIELD).and_then(|bytes| P256Key::from_bytes(bytes).ok());
        let rp = |bytes| std::str::from_utf8(bytes).ok().and_then(|text| RelyingParty::new(text).ok());
        let key = match (self.public(ED25519_FIELD), self.public(WEBAUTHN_FIELD), self.public.len()) {
            (Some(bytes), None, 1) => VerifyingKey::from_bytes(bytes).ok().map(ActKey::Ed25519),
            (None, None, 1) => point().map(ActKey::P256),
            (None, Some(bytes), 2) => {
                rp(bytes).zip(point()).map(|(rp, point)| ActKey::WebAuthn(WebAuthnKey::new(rp, point)))
            }
            _ => None,
        };
        key.ok_or(KeyfileError::Card)
    }

    /// Name and keys of a Log or Witness card.
    fn note_keys(&self) -> Result<(KeyName, VerifyingKey, MlDsaPublic), KeyfileError> {
        let name = KeyName::new(&self.name).map_err(|_| KeyfileError::Name)?;
        let fields = self.public(ED25519_FIELD).zip(self.public(ML_DSA_44_FIELD));
        let (ed25519, ml_dsa) = fields.filter(|_| self.public.len() == 2).ok_or(KeyfileError::Card)?;
        let ed25519 = VerifyingKey::from_bytes(ed25519).map_err(|_| KeyfileError::Card)?;
        Ok((name, ed25519, MlDsaPublic::from_bytes(ml_dsa).ok_or(KeyfileError::Card)?))
    }

    /// What verifies the checkpoints of the log of a Log card: both signatures.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Kind`] for the other kinds.
    pub fn log_verifier(&self) -> Result<LogVerifier, KeyfileError> {
        if self.kind != KeyKind::Log {
            return Err(KeyfileError::Kind { found: self.kind });
        }
        let (name, ed25519, ml_dsa) = self.note_keys()?;
        let ml_dsa = CosignerKey::ml_dsa_44(name.clone(), ml_dsa);
        LogVerifier::both(NoteVerifier::new(name, ed25519), ml_dsa).map_err(|_| KeyfileError::Card)
    }

    /// What verifies the cosignatures of a Witness card: Ed25519 first, then ML-DSA-44.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Kind`] for the other kinds.
    pub fn cosigner_keys(&self) -> Result<[CosignerKey; 2], KeyfileError> {
        if self.kind != KeyKind::Witness {
            return Err(KeyfileError::Kind { found: self.kind });
        }
        let (name, ed25519, ml_dsa) = self.note_keys()?;
        Ok([CosignerKey::ed25519(name.clone(), ed25519), CosignerKey::ml_dsa_44(name, ml_dsa)])
    }

    /// Reads a card from JSON.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Card`].
    pub fn from_json(json: &[u8]) -> Result<Self, KeyfileError> {
        serde_json::from_slice(json).map_err(|_| KeyfileError::Card)
    }

    /// The card as a file: indented JSON and a newline.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Card`], which cannot happen for a card.
    pub fn to_json(&self) -> Result<Vec<u8>, KeyfileError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|_| KeyfileError::Card)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// The card as JSON, keys in this order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardWire {
    schema: String,
    kind: String,
    name: String,
    id: KeyId,
    public: BTreeMap<String, Base64>,
}

impl Serialize for PublicCard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        CardWire {
            schema: SCHEMA.to_owned(),
            kind: self.kind.as_str().to_owned(),
            name: self.name.clone(),
            id: self.id(),
            public: self.public.iter().map(|(field, bytes)| (field.clone(), Base64(bytes.clone()))).collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicCard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let wire = CardWire::deserialize(deserializer)?;
        let public = wire.public.into_iter().map(|(field, bytes)| (field, bytes.0)).collect();
        let card = wire
            .kind
            .parse()
            .and_then(|kind| Self::new(kind, &wire.name, public))
            .map_err(D::Error::custom)?;
        if wire.schema == SCHEMA && wire.id == card.id() {
            Ok(card)
        } else {
            Err(D::Error::custom(KeyfileError::Card))
        }
    }
}
