//! Public cards: what the owner of a key hands to everybody else.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::KeyfileError;
use crate::encoding::Base64;
use crate::key::{KeyId, VerifyingKey};
use crate::note::{KeyName, NoteVerifier};

/// Schema of a public card.
const SCHEMA: &str = "tearline-card/1";

/// The field of an Ed25519 public key.
pub const ED25519_FIELD: &str = "ed25519";

/// Bounds of a card; the largest public key in use has 2,592 bytes (ML-DSA-87).
const FIELDS_MAX: usize = 8;
const FIELD_BYTES_MAX: usize = 8 * 1024;

/// What a key is for. A key has one use, so that a signature of one kind can never be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Ed25519: signs acts of delegations, companies and officers.
    Act,
    /// Ed25519: the note key of a log; the card's name is the log's origin.
    Log,
    /// Signs packages (Ed25519 and ML-DSA-65).
    Seal,
    /// Opens packages and deposits (P-384 and ML-KEM-1024).
    Open,
}

impl KeyKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Act, Self::Log, Self::Seal, Self::Open];

    /// The word for it in documents and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Log => "log",
            Self::Seal => "seal",
            Self::Open => "open",
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
    /// [`KeyfileError::Name`], or [`KeyfileError::Card`] when the fields are not what the kind has: exactly an acceptable
    /// `ed25519` for Act and Log, one to eight non-empty ones for the others.
    pub fn new(kind: KeyKind, name: &str, public: BTreeMap<String, Vec<u8>>) -> Result<Self, KeyfileError> {
        let named = !name.is_empty() && name.len() <= 200 && !name.chars().any(char::is_control);
        if !named || (kind == KeyKind::Log && KeyName::new(name).is_err()) {
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
        if matches!(kind, KeyKind::Act | KeyKind::Log) {
            card.verifying_key()?;
        }
        Ok(card)
    }

    /// The card of an Ed25519 key for acts or for a log.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Kind`] for the other kinds, [`KeyfileError::Name`] for an unusable name.
    pub fn ed25519(kind: KeyKind, name: &str, key: &VerifyingKey) -> Result<Self, KeyfileError> {
        if !matches!(kind, KeyKind::Act | KeyKind::Log) {
            return Err(KeyfileError::Kind { found: kind });
        }
        Self::new(kind, name, BTreeMap::from([(ED25519_FIELD.to_owned(), key.as_bytes().to_vec())]))
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
    /// Of a single public key: the first 16 bytes of its SHA-256, so for Act and Log the id in envelopes. Of several: the
    /// same over each field's name and bytes in order of name, both behind their lengths (32 bits, big-endian).
    pub fn id(&self) -> KeyId {
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

    /// The Ed25519 key of an Act or Log card.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Kind`] for the other kinds, [`KeyfileError::Card`] when there is no such key.
    pub fn verifying_key(&self) -> Result<VerifyingKey, KeyfileError> {
        if !matches!(self.kind, KeyKind::Act | KeyKind::Log) {
            return Err(KeyfileError::Kind { found: self.kind });
        }
        match self.public(ED25519_FIELD) {
            Some(bytes) if self.public.len() == 1 => {
                VerifyingKey::from_bytes(bytes).map_err(|_| KeyfileError::Card)
            }
            _ => Err(KeyfileError::Card),
        }
    }

    /// The verifier key of a Log card.
    ///
    /// # Errors
    ///
    /// [`KeyfileError::Kind`] for the other kinds.
    pub fn note_verifier(&self) -> Result<NoteVerifier, KeyfileError> {
        if self.kind != KeyKind::Log {
            return Err(KeyfileError::Kind { found: self.kind });
        }
        let name = KeyName::new(&self.name).map_err(|_| KeyfileError::Name)?;
        Ok(NoteVerifier::new(name, self.verifying_key()?))
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
