//! DSSE envelopes: a payload, its type, and signatures over exactly those bytes.
//!
//! Nothing is canonicalised before it is signed: the payload that was signed is the payload that is kept. The *envelope*
//! around it has one spelling only ([`Envelope::to_bytes`]), because entries and decisions name an envelope by the digest of
//! its bytes; an envelope spelt otherwise is refused.
//!
//! # Source
//!
//! DSSE 1.0 (secure-systems-lab/dsse), `protocol.md` and `envelope.md`; signatures are Ed25519.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Digest;
use crate::encoding::Base64;
use crate::key::{KeyId, Signature, SigningKey, VerifyingKey};

/// The largest envelope in bytes: an entry bundle has 16 bits for the length of an entry (C2SP tlog-tiles, "Log entries").
pub const ENVELOPE_BYTES_MAX: usize = 65_535;

/// The most signatures an envelope may carry; more is hostile or a mistake.
pub const SIGNATURES_MAX: usize = 16;

/// A signed payload.
///
/// ```
/// use ledger::dsse::Envelope;
/// use ledger::key::SigningKey;
///
/// let key = SigningKey::from_seed(&[7; 32]);
/// let envelope = Envelope::sign("application/example+json", b"{}", &key).unwrap();
/// let read = Envelope::from_bytes(&envelope.to_bytes()).unwrap();
/// assert_eq!(read.verify(&key.verifying_key()).unwrap(), b"{}");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    /// INVARIANT: one to [`SIGNATURES_MAX`], no two by the same key; kept by every constructor.
    signatures: Vec<(KeyId, Signature)>,
}

/// The envelope as JSON, keys in this order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EnvelopeWire {
    payload_type: String,
    payload: Base64,
    signatures: Vec<SignatureWire>,
}

/// One signature as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureWire {
    keyid: KeyId,
    sig: Base64,
}

impl Envelope {
    /// Signs `payload` as `payload_type` with one key.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::PayloadType`] or [`EnvelopeError::TooLong`].
    pub fn sign(payload_type: &str, payload: &[u8], key: &SigningKey) -> Result<Self, EnvelopeError> {
        let signature = key.sign(&pre_authentication_encoding(payload_type, payload));
        let envelope = Self {
            payload_type: payload_type.to_owned(),
            payload: payload.to_owned(),
            signatures: vec![(key.verifying_key().id(), signature)],
        };
        envelope.bounded()
    }

    /// Adds a signature by another key over the same payload.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::SignedTwice`], [`EnvelopeError::SignatureCount`] or [`EnvelopeError::TooLong`].
    pub fn sign_also(mut self, key: &SigningKey) -> Result<Self, EnvelopeError> {
        let signature = key.sign(&pre_authentication_encoding(&self.payload_type, &self.payload));
        self.signatures.push((key.verifying_key().id(), signature));
        self.bounded()
    }

    /// Reads an envelope in its one spelling.
    ///
    /// # Errors
    ///
    /// See [`EnvelopeError`]. Signatures are not judged here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLong { found: bytes.len() });
        }
        let wire: EnvelopeWire = serde_json::from_slice(bytes).map_err(|_| EnvelopeError::NotAnEnvelope)?;
        let signatures = wire
            .signatures
            .into_iter()
            .map(|s| {
                Ok((s.keyid, Signature::from_bytes(&s.sig.0).map_err(|_| EnvelopeError::SignatureLength)?))
            })
            .collect::<Result<_, _>>()?;
        let envelope =
            Self { payload_type: wire.payload_type, payload: wire.payload.0, signatures }.bounded()?;
        // Spaces, another order of keys or an escape sequence would give one act two digests.
        if envelope.to_bytes() != bytes { Err(EnvelopeError::Spelling) } else { Ok(envelope) }
    }

    /// The bytes that go into the log: JSON without spaces, keys in a fixed order. Deterministic.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Written by hand, because serialising strings cannot fail and a Result here would ask callers for a branch that
        // never runs. The payload type is printable ASCII without quote or backslash (`bounded`), so needs no escapes.
        let signatures: Vec<String> = self
            .signatures
            .iter()
            .map(|(keyid, sig)| {
                format!(r#"{{"keyid":"{keyid}","sig":"{}"}}"#, crate::encoding::to_base64(sig.as_bytes()))
            })
            .collect();
        format!(
            r#"{{"payloadType":"{}","payload":"{}","signatures":[{}]}}"#,
            self.payload_type,
            crate::encoding::to_base64(&self.payload),
            signatures.join(",")
        )
        .into_bytes()
    }

    /// The digest by which other acts name this envelope.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_bytes())
    }

    /// The type under which the payload was signed. Covered by the signatures.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The keys that claim to have signed; a hint for looking them up, nothing more.
    pub fn signers(&self) -> impl Iterator<Item = KeyId> {
        self.signatures.iter().map(|(keyid, _)| *keyid)
    }

    /// The payload before any signature was judged: only for finding out whose key to verify with.
    pub fn payload_unverified(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, if `key` signed it.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::NotSignedBy`] when there is no signature by that key, [`EnvelopeError::BadSignature`] when there is
    /// one and it does not hold.
    ///
    /// # Guarantee
    ///
    /// The holder of the key signed exactly these bytes under exactly [`Envelope::payload_type`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<&[u8], EnvelopeError> {
        let keyid = key.id();
        let Some((_, signature)) = self.signatures.iter().find(|(id, _)| *id == keyid) else {
            return Err(EnvelopeError::NotSignedBy { keyid });
        };
        if key.verify(&pre_authentication_encoding(&self.payload_type, &self.payload), signature) {
            Ok(&self.payload)
        } else {
            Err(EnvelopeError::BadSignature { keyid })
        }
    }

    /// The payload, if `key` signed it as `payload_type` and as nothing else.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::OtherType`] before those of [`Envelope::verify`].
    pub fn verify_as(&self, payload_type: &str, key: &VerifyingKey) -> Result<&[u8], EnvelopeError> {
        if self.payload_type != payload_type {
            return Err(EnvelopeError::OtherType { found: self.payload_type.clone() });
        }
        self.verify(key)
    }

    /// Parses, does not validate: gives the envelope back only if it keeps the invariants.
    fn bounded(self) -> Result<Self, EnvelopeError> {
        let plain = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        if self.payload_type.is_empty()
            || self.payload_type.len() > 255
            || !self.payload_type.bytes().all(plain)
        {
            return Err(EnvelopeError::PayloadType);
        }
        if self.signatures.is_empty() || self.signatures.len() > SIGNATURES_MAX {
            return Err(EnvelopeError::SignatureCount { found: self.signatures.len() });
        }
        let mut keyids: Vec<KeyId> = self.signers().collect();
        keyids.sort_unstable();
        if let Some(pair) = keyids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(EnvelopeError::SignedTwice { keyid: pair[0] });
        }
        let length = self.to_bytes().len();
        if length > ENVELOPE_BYTES_MAX { Err(EnvelopeError::TooLong { found: length }) } else { Ok(self) }
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("payload_type", &self.payload_type)
            .field("payload_bytes", &self.payload.len())
            .field("signers", &self.signers().collect::<Vec<_>>())
            .finish()
    }
}

/// PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body (DSSE 1.0, "Signature Definition").
fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// Why bytes are not an envelope, or why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// Longer than an entry of the log can be.
    #[error("the envelope has {found} bytes, more than the 65535 of a log entry")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// Not the JSON of an envelope.
    #[error("the bytes are not a DSSE envelope")]
    NotAnEnvelope,
    /// The JSON of an envelope in another spelling than the one that is kept.
    #[error("the envelope is not written in its one accepted form")]
    Spelling,
    /// A payload type that is empty, too long or not plain ASCII.
    #[error("the payload type is not a plain media type")]
    PayloadType,
    /// A signature that is not 64 bytes.
    #[error("a signature of the envelope is not 64 bytes long")]
    SignatureLength,
    /// No signature, or too many.
    #[error("the envelope carries {found} signatures, not 1 to 16")]
    SignatureCount {
        /// Signatures found.
        found: usize,
    },
    /// Two signatures by one key.
    #[error("the key `{keyid}` signed the envelope twice")]
    SignedTwice {
        /// The key.
        keyid: KeyId,
    },
    /// Signed as something else than what is wanted.
    #[error("the envelope was signed as `{found}`")]
    OtherType {
        /// Payload type found.
        found: String,
    },
    /// No signature by the asked key.
    #[error("the envelope carries no signature by the key `{keyid}`")]
    NotSignedBy {
        /// The key asked for.
        keyid: KeyId,
    },
    /// A signature by the asked key that does not hold.
    #[error("the signature by the key `{keyid}` does not match the payload")]
    BadSignature {
        /// The key asked for.
        keyid: KeyId,
    },
}

impl EnvelopeError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "put the long content into a sealed blob and its digest into the act",
            Self::NotAnEnvelope | Self::Spelling | Self::PayloadType | Self::SignatureLength => {
                "have the act prepared and signed again with tearline"
            }
            Self::SignatureCount { .. } | Self::SignedTwice { .. } => "let every signer sign once",
            Self::OtherType { .. } => "use the document for what it was signed as",
            Self::NotSignedBy { .. } => {
                "check which key the signer used, and that its public card is the current one"
            }
            Self::BadSignature { .. } => {
                "do not use the act: the payload or the signature was changed after signing; ask the signer for the original"
            }
        }
    }
}

#[cfg(test)]
mod tests;
