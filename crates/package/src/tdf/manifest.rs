//! The manifest of an OpenTDF file, read leniently in form and strictly in what matters.
//!
//! Clients add fields, leave optional ones out and write `null` for some; that is read. What would weaken the check is not: other
//! ciphers, a root signature that is no HMAC, segments whose sizes do not fit.

use ledger::encoding::from_base64;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::TdfError;
use crate::{
    access::{KeyAccess, KeyAccessWire, raw_or_hex},
    crypto::{OVERHEAD, TAG_LEN},
};

/// Longest manifest read, in bytes: that of 128 GiB in segments of a MiB.
pub const MANIFEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most segments.
pub const SEGMENTS_MAX: usize = 128 * 1024;
/// Longest segment before encryption; clients write 1 to 4 MiB. Bounds the memory of a reader.
pub const SEGMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Most key access objects.
const KEY_ACCESS_MAX: usize = 64;
/// Most assertions, and the longest of them.
const ASSERTIONS_MAX: usize = 64;
const ASSERTION_BYTES_MAX: usize = 256 * 1024;
const MAC_LEN: usize = 32;

/// What ties a segment to its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hash {
    /// The tag at the segment's end (`GMAC`).
    Tag([u8; TAG_LEN]),
    /// HMAC-SHA256 over the sealed segment (`HS256`).
    Hmac([u8; MAC_LEN]),
}

/// One segment of the content.
#[derive(Debug)]
pub(super) struct Segment {
    hash: Hash,
    encrypted_bytes: usize,
}

impl Segment {
    pub(super) fn hash(&self) -> &Hash {
        &self.hash
    }

    pub(super) fn encrypted_bytes(&self) -> usize {
        self.encrypted_bytes
    }
}

/// What a policy says: names for policy engines, and receivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its id.
    pub uuid: String,
    /// Attributes that a receiver must have, as URIs.
    pub attributes: Vec<String>,
    /// Receivers by name.
    pub receivers: Vec<String>,
}

/// A manifest. Nothing that it says is proved before [`super::Tdf::unlock`].
#[derive(Debug)]
pub struct Manifest {
    version: Option<String>,
    media_type: Option<String>,
    payload_name: String,
    policy_base64: String,
    policy: Policy,
    key_access: Vec<KeyAccess>,
    root_signature: [u8; MAC_LEN],
    segments: Vec<Segment>,
    aggregate: Vec<u8>,
    assertions: Vec<Box<RawValue>>,
    plain_bytes: u64,
    encrypted_bytes: u64,
}

impl Manifest {
    /// # Errors
    /// [`TdfError::Json`], [`TdfError::Field`], [`TdfError::KeyAccess`].
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, TdfError> {
        let wire = serde_json::from_slice::<Wire>(bytes)
            .map_err(|error| TdfError::Json { line: error.line(), column: error.column() })?;
        let field = TdfError::field;
        let EncryptionWire { policy: policy_base64, key_access, method, integrity_information } =
            wire.encryption_information;
        if wire.payload.is_encrypted != Some(true) || wire.payload.protocol != "zip" {
            return Err(field("payload"));
        }
        if method.algorithm != "AES-256-GCM" {
            return Err(field("encryption algorithm"));
        }
        if !(1..=KEY_ACCESS_MAX).contains(&key_access.len()) {
            return Err(field("number of key access objects"));
        }
        let key_access = key_access.into_iter().map(KeyAccess::from_wire).collect::<Result<Vec<_>, _>>();
        let assertions = wire.assertions.unwrap_or_default();
        if assertions.len() > ASSERTIONS_MAX || assertions.iter().any(|a| a.get().len() > ASSERTION_BYTES_MAX)
        {
            return Err(field("assertions"));
        }
        let mut manifest = Self {
            version: wire.schema_version.or(wire.payload.tdf_spec_version),
            media_type: wire.payload.mime_type,
            payload_name: wire.payload.url,
            policy: policy(&policy_base64).ok_or(field("policy"))?,
            policy_base64,
            key_access: key_access.map_err(TdfError::KeyAccess)?,
            root_signature: root_signature(&integrity_information.root_signature)?,
            segments: Vec::new(),
            aggregate: Vec::new(),
            assertions,
            plain_bytes: 0,
            encrypted_bytes: 0,
        };
        manifest.take_segments(integrity_information)?;
        Ok(manifest)
    }

    fn take_segments(&mut self, integrity: IntegrityWire) -> Result<(), TdfError> {
        let field = TdfError::field;
        if integrity.segments.len() > SEGMENTS_MAX {
            return Err(field("number of segments"));
        }
        // Clients that leave it out mean the stronger one.
        let algorithm = integrity.segment_hash_alg.as_deref().unwrap_or("HS256");
        for wire in integrity.segments {
            let bytes = from_base64(&wire.hash).ok_or(field("segment hash"))?;
            let hash = hash(algorithm, &bytes).ok_or(field("segment hash"))?;
            let plain = wire.segment_size.unwrap_or(integrity.segment_size_default);
            let encrypted = wire.encrypted_segment_size.unwrap_or(integrity.encrypted_segment_size_default);
            if plain > SEGMENT_BYTES_MAX || encrypted != plain + OVERHEAD as u64 {
                return Err(field("segment size"));
            }
            self.aggregate.extend(bytes);
            // INVARIANT: below `SEGMENT_BYTES_MAX` and `SEGMENTS_MAX`, so that the sums stay far below 64 bits.
            self.plain_bytes += plain;
            self.encrypted_bytes += encrypted;
            self.segments.push(Segment { hash, encrypted_bytes: encrypted as usize });
        }
        Ok(())
    }

    /// Version of the format, where the file names one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Media type of the content, as its maker says.
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// Length of the content in bytes.
    #[must_use]
    pub fn content_bytes(&self) -> u64 {
        self.plain_bytes
    }

    /// What the policy says.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The key access objects.
    #[must_use]
    pub fn key_access(&self) -> &[KeyAccess] {
        &self.key_access
    }

    /// Number of segments.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// The assertions as they stand, unproved.
    pub fn assertions(&self) -> impl Iterator<Item = &str> {
        self.assertions.iter().map(|assertion| assertion.get())
    }

    pub(super) fn payload_name(&self) -> &str {
        &self.payload_name
    }

    pub(super) fn policy_base64(&self) -> &str {
        &self.policy_base64
    }

    pub(super) fn root_signature(&self) -> &[u8; MAC_LEN] {
        &self.root_signature
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// All segment hashes in a row, as they stand before base64: what the root signature is made over.
    pub(super) fn aggregate(&self) -> &[u8] {
        &self.aggregate
    }

    pub(super) fn encrypted_bytes(&self) -> u64 {
        self.encrypted_bytes
    }
}

fn hash(algorithm: &str, bytes: &[u8]) -> Option<Hash> {
    if algorithm.eq_ignore_ascii_case("GMAC") {
        raw_or_hex(bytes).map(Hash::Tag)
    } else if algorithm.eq_ignore_ascii_case("HS256") {
        raw_or_hex(bytes).map(Hash::Hmac)
    } else {
        None
    }
}

/// HMAC only: the format's other choice, `GMAC`, repeats the end of the last hash and proves nothing.
fn root_signature(wire: &SignatureWire) -> Result<[u8; MAC_LEN], TdfError> {
    let known = wire.alg.eq_ignore_ascii_case("HS256");
    let bytes = from_base64(&wire.sig).filter(|_| known).ok_or(TdfError::field("root signature"))?;
    raw_or_hex(&bytes).ok_or(TdfError::field("root signature"))
}

fn policy(base64: &str) -> Option<Policy> {
    let wire = serde_json::from_slice::<PolicyWire>(&from_base64(base64)?).ok()?;
    let attributes = wire.body.data_attributes.unwrap_or_default();
    Some(Policy {
        uuid: wire.uuid,
        attributes: attributes.into_iter().map(|a| a.attribute).collect(),
        receivers: wire.body.dissem.unwrap_or_default(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    encryption_information: EncryptionWire,
    payload: PayloadWire,
    #[serde(default)]
    assertions: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    schema_version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EncryptionWire {
    policy: String,
    key_access: Vec<KeyAccessWire>,
    method: MethodWire,
    integrity_information: IntegrityWire,
}

#[derive(Deserialize)]
struct MethodWire {
    algorithm: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IntegrityWire {
    root_signature: SignatureWire,
    #[serde(default)]
    segment_hash_alg: Option<String>,
    segment_size_default: u64,
    encrypted_segment_size_default: u64,
    segments: Vec<SegmentWire>,
}

#[derive(Deserialize)]
struct SignatureWire {
    alg: String,
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SegmentWire {
    hash: String,
    #[serde(default)]
    segment_size: Option<u64>,
    #[serde(default)]
    encrypted_segment_size: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayloadWire {
    url: String,
    protocol: String,
    is_encrypted: Option<bool>,
    #[serde(default)]
    mime_type: Option<String>,
    #[serde(default, rename = "tdf_spec_version")]
    tdf_spec_version: Option<String>,
}

#[derive(Deserialize)]
struct PolicyWire {
    uuid: String,
    body: PolicyBodyWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyBodyWire {
    #[serde(default)]
    data_attributes: Option<Vec<AttributeWire>>,
    #[serde(default)]
    dissem: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct AttributeWire {
    attribute: String,
}
