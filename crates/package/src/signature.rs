//! Two signatures over one document, Ed25519 and ML-DSA-65, in a file of their own beside it.
//!
//! Both are required wherever they are checked: the package stays authentic as long as one of the two algorithms holds.
//!
//! # Source
//! DSSE 1.0, "Signature Definition", for what is signed: the type of the document and its bytes behind their lengths, so that a
//! signature over one kind of document is never one over another. RFC 8032 and FIPS 204 for the algorithms.

use ledger::encoding::Base64;
use ledger::key::KeyId;
use serde::{Deserialize, Serialize};

use crate::key::{DoubleSignature, SealKey, SealPublic};

const SCHEMA: &str = "tearline-signatures/1";
const ED25519: &str = "Ed25519";
const ML_DSA: &str = "ML-DSA-65";
/// Both signatures in base64 take some 4,700 bytes.
pub(crate) const SIGNATURES_BYTES_MAX: usize = 16 * 1024;

/// The signatures of a document, not yet judged.
pub(crate) struct Signatures {
    pub(crate) key: KeyId,
    signatures: DoubleSignature,
}

/// Signs a document; gives the file of signatures. `None` when the provider refuses.
pub(crate) fn sign(key: &SealKey, payload_type: &str, payload: &[u8]) -> Option<Vec<u8>> {
    let signatures = key.sign(&message(payload_type, payload))?;
    let id = key.public().card("id").ok()?.id();
    Signatures { key: id, signatures }.to_bytes()
}

impl Signatures {
    /// `None` for anything that [`sign`] would not write.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > SIGNATURES_BYTES_MAX {
            return None;
        }
        let wire = serde_json::from_slice::<Wire>(bytes).ok()?;
        let [ed25519, ml_dsa] = wire.signatures;
        let signatures = DoubleSignature { ed25519: ed25519.sig.0, ml_dsa: ml_dsa.sig.0 };
        let read = Self { key: wire.key, signatures };
        // Names, order and spaces are those of the one form.
        (read.to_bytes()? == bytes).then_some(read)
    }

    fn to_bytes(&self) -> Option<Vec<u8>> {
        let signature =
            |alg: &str, sig: &[u8]| SignatureWire { alg: alg.to_owned(), sig: Base64(sig.to_vec()) };
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            key: self.key,
            signatures: [
                signature(ED25519, &self.signatures.ed25519),
                signature(ML_DSA, &self.signatures.ml_dsa),
            ],
        };
        serde_json::to_vec(&wire).ok()
    }

    /// Whether the Ed25519 signature holds.
    pub(crate) fn ed25519_holds(&self, key: &SealPublic, payload_type: &str, payload: &[u8]) -> bool {
        key.signed_ed25519(&message(payload_type, payload), &self.signatures.ed25519)
    }

    /// Whether the ML-DSA-65 signature holds.
    pub(crate) fn ml_dsa_holds(&self, key: &SealPublic, payload_type: &str, payload: &[u8]) -> bool {
        key.signed_ml_dsa(&message(payload_type, payload), &self.signatures.ml_dsa)
    }
}

/// `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`.
fn message(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    key: KeyId,
    signatures: [SignatureWire; 2],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureWire {
    alg: String,
    sig: Base64,
}
