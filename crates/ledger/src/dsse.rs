//! DSSE envelopes: a payload, its type, and signatures over exactly those bytes.
//!
//! Nothing is canonicalised before it is signed: the payload that was signed is the payload that is kept. The *envelope*
//! around it has one spelling only ([`Envelope::to_bytes`]), because entries and decisions name an envelope by the digest of
//! its bytes; an envelope spelt otherwise is refused.
//!
//! # Source
//!
//! DSSE 1.0 (secure-systems-lab/dsse), `protocol.md` and `envelope.md`; signatures are those of [`crate::act_key`].

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Digest;
use crate::act_key::{ActKey, ActKeyError, SIGNATURE_BYTES_MAX, Signer};
use crate::encoding::{Base64, from_base64, to_base64};
use crate::key::KeyId;

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
/// assert_eq!(read.verify(&key.verifying_key().into()).unwrap(), b"{}");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    /// INVARIANT: one to [`SIGNATURES_MAX`], no two by the same key, none empty or longer than [`SIGNATURE_BYTES_MAX`]; kept by
    /// every constructor.
    signatures: Vec<(KeyId, Vec<u8>)>,
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
    /// [`EnvelopeError::NotSigned`], [`EnvelopeError::PayloadType`] or [`EnvelopeError::TooLong`].
    pub fn sign(payload_type: &str, payload: &[u8], key: &dyn Signer) -> Result<Self, EnvelopeError> {
        let signature = key.sign(&message(payload_type, payload))?;
        Self::signed(payload_type, payload, key.key().id(), signature)
    }

    /// An envelope whose signature over [`message`] was made elsewhere: by a token, or in a browser. The signature is not judged.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::PayloadType`], [`EnvelopeError::SignatureLength`] or [`EnvelopeError::TooLong`].
    pub fn signed(
        payload_type: &str,
        payload: &[u8],
        keyid: KeyId,
        signature: Vec<u8>,
    ) -> Result<Self, EnvelopeError> {
        let signatures = vec![(keyid, signature)];
        Self { payload_type: payload_type.to_owned(), payload: payload.to_owned(), signatures }.bounded()
    }

    /// Adds a signature by another key over the same payload.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::NotSigned`], [`EnvelopeError::SignedTwice`], [`EnvelopeError::SignatureCount`] or
    /// [`EnvelopeError::TooLong`].
    pub fn sign_also(mut self, key: &dyn Signer) -> Result<Self, EnvelopeError> {
        let signature = key.sign(&message(&self.payload_type, &self.payload))?;
        self.signatures.push((key.key().id(), signature));
        self.bounded()
    }

    /// Reads an envelope in its one spelling.
    ///
    /// # Errors
    ///
    /// See [`EnvelopeError`]. Signatures are not judged here.
    ///
    /// # Cost
    ///
    /// One pass over the bytes and two base64 decodings: replaying a log reads every envelope.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLong { found: bytes.len() });
        }
        match std::str::from_utf8(bytes).ok().and_then(scan) {
            Some(envelope) => envelope.bounded(),
            None => Err(misspelt(bytes)),
        }
    }

    /// The bytes that go into the log: JSON without spaces, keys in a fixed order. Deterministic.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Written by hand, because serialising strings cannot fail and a Result here would ask callers for a branch that
        // never runs. The payload type is printable ASCII without quote or backslash (`bounded`), so needs no escapes.
        let signatures: Vec<String> = self
            .signatures
            .iter()
            .map(|(keyid, sig)| format!(r#"{{"keyid":"{keyid}","sig":"{}"}}"#, to_base64(sig)))
            .collect();
        let payload = to_base64(&self.payload);
        let signatures = signatures.join(",");
        format!(
            r#"{{"payloadType":"{}","payload":"{payload}","signatures":[{signatures}]}}"#,
            self.payload_type
        )
        .into_bytes()
    }

    /// Length of [`Envelope::to_bytes`] without writing them.
    fn encoded_len(&self) -> usize {
        let base64 = |bytes: &[u8]| bytes.len().div_ceil(3) * 4;
        let frame = r#"{"payloadType":"","payload":"","signatures":[]}"#.len();
        let line = r#"{"keyid":"","sig":""}"#.len() + 32;
        let lines: usize = self.signatures.iter().map(|(_, sig)| line + base64(sig)).sum();
        let commas = self.signatures.len().saturating_sub(1);
        frame + self.payload_type.len() + base64(&self.payload) + lines + commas
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
    pub fn verify(&self, key: &ActKey) -> Result<&[u8], EnvelopeError> {
        let keyid = key.id();
        let Some((_, signature)) = self.signatures.iter().find(|(id, _)| *id == keyid) else {
            return Err(EnvelopeError::NotSignedBy { keyid });
        };
        if key.verify(&message(&self.payload_type, &self.payload), signature) {
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
    pub fn verify_as(&self, payload_type: &str, key: &ActKey) -> Result<&[u8], EnvelopeError> {
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
        if self.signatures.iter().any(|(_, sig)| sig.is_empty() || sig.len() > SIGNATURE_BYTES_MAX) {
            return Err(EnvelopeError::SignatureLength);
        }
        let mut keyids: Vec<KeyId> = self.signers().collect();
        keyids.sort_unstable();
        if let Some(pair) = keyids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(EnvelopeError::SignedTwice { keyid: pair[0] });
        }
        let length = self.encoded_len();
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

/// Reads the one spelling from left to right; `None` at the first byte that it does not have there.
fn scan(text: &str) -> Option<Envelope> {
    let (payload_type, rest) = text.strip_prefix(r#"{"payloadType":""#)?.split_once(r#"","payload":""#)?;
    // An escape sequence would be another spelling; quotes end the text above.
    let payload_type = Some(payload_type).filter(|text| !text.contains('\\'))?.to_owned();
    let (payload, mut rest) = rest.split_once(r#"","signatures":["#)?;
    let payload = from_base64(payload)?;
    let mut signatures = Vec::new();
    loop {
        let (keyid, after) = rest.strip_prefix(r#"{"keyid":""#)?.split_once(r#"","sig":""#)?;
        let (sig, after) = after.split_once(r#""}"#)?;
        signatures.push((keyid.parse().ok()?, from_base64(sig)?));
        match after.strip_prefix(',') {
            Some(next) if signatures.len() <= SIGNATURES_MAX => rest = next,
            Some(_) => return None,
            None => return (after == "]}").then_some(Envelope { payload_type, payload, signatures }),
        }
    }
}

/// Why bytes that [`scan`] does not read are not an envelope: another spelling of one, or none.
fn misspelt(bytes: &[u8]) -> EnvelopeError {
    let Ok(wire) = serde_json::from_slice::<EnvelopeWire>(bytes) else { return EnvelopeError::NotAnEnvelope };
    let signatures: Vec<_> = wire.signatures.into_iter().map(|s| (s.keyid, s.sig.0)).collect();
    let envelope = Envelope { payload_type: wire.payload_type, payload: wire.payload.0, signatures };
    envelope.bounded().err().unwrap_or(EnvelopeError::Spelling)
}

/// What is signed: `"DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload` (DSSE 1.0, "Signature Definition", PAE).
#[must_use]
pub fn message(payload_type: &str, payload: &[u8]) -> Vec<u8> {
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
    /// A signature that is empty or too long.
    #[error("a signature of the envelope is empty or longer than {SIGNATURE_BYTES_MAX} bytes")]
    SignatureLength,
    /// The key did not sign.
    #[error("the envelope could not be signed")]
    NotSigned(#[from] ActKeyError),
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
            Self::NotSigned(error) => error.advice(),
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
