//! The OpenTDF manifest of a package: how the content is encrypted, for whom, and under which label.
//!
//! Only what is not fixed by the format is kept in memory; a manifest is written from that and read by writing it again and
//! comparing, so that no field, space or order of keys can differ unnoticed.
//!
//! Names and forms are those that public clients read and write, where these differ from the text of the specification:
//! `schemaVersion` beside the payload instead of `tdf_spec_version` inside it (a client refuses fields it does not know there), and
//! key access type `hybrid-wrapped`.
//!
//! # Source
//! OpenTDF specification 4.3.0, `manifest.json`, and its JSON schema as of the platform's SDKs; RFC 8785 (JCS) and RFC 7515 (JWS)
//! for the label assertion.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use label::{Label, Tag};
use ledger::encoding::{Base64, from_base64, to_base64, to_hex};
use ledger::{Digest, Randomness, act::Code, key::KeyId};

use self::wire::{
    Assertion, AssertionBody, Attribute, Binding, Claims, EncryptionInformation, IntegrityInformation,
    KeyAccess, Method, Payload, Policy, PolicyBinding, PolicyBody, RootSignature, SegmentWire, Statement,
    Wire,
};
use crate::{
    crypto::{OVERHEAD, Secret, TAG_LEN, fresh},
    layout::PAYLOAD,
    profile::Profile,
};

mod wire;

/// Longest manifest in bytes; the wrapped key, the label twice and all segments need less than a tenth.
pub const MANIFEST_BYTES_MAX: usize = 1024 * 1024;
/// Length of every segment of the content but the last, before encryption. Clients take any; 2 MiB is the SDKs' default.
pub const SEGMENT_BYTES: usize = 1024 * 1024;
/// Most segments: those of the longest content.
pub const SEGMENTS_MAX: usize = 4_096;

/// No key access server holds a receiver's key: the receiver opens with its own. `.invalid` never resolves (RFC 6761).
const KEY_ACCESS_URL: &str = "https://receiver.invalid";
/// Namespace of the attributes that repeat the label for policy engines; a name, not an address (RFC 6761).
const ATTRIBUTE_NAMESPACE: &str = "https://tearline.invalid";
/// Attribute that names the label by its digest.
const LABEL_ATTRIBUTE: &str = "label-sha256";
/// Attribute that names the proposal by its digest.
const PROPOSAL_ATTRIBUTE: &str = "proposal";
/// `tdf_spec_version` of the specification followed.
const SCHEMA_VERSION: &str = "4.3.0";

/// Why bytes are not a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Longer than a manifest may be.
    #[error("the manifest has {bytes} bytes, more than {MANIFEST_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not the JSON of a manifest.
    #[error("the manifest does not read as one, at line {line} column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A field whose value is none that it can have.
    #[error("the manifest's {field} is not well-formed")]
    Field {
        /// Which field.
        field: &'static str,
    },
    /// Well-formed, but not as packages are written.
    #[error("the manifest is not in its one form, from byte {offset} on")]
    NotCanonical {
        /// First byte that differs.
        offset: usize,
    },
}

impl ManifestError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        "the package was changed or made by another program: ask the sender for it again"
    }
}

/// Id of a package: a random UUID (RFC 9562, version 4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageId(String);

impl PackageId {
    pub(crate) fn random(randomness: &mut dyn Randomness) -> Self {
        let mut bytes = fresh::<16>(randomness);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = to_hex(&bytes).chars().enumerate().fold(String::new(), |mut text, (n, c)| {
            if matches!(n, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            text.push(c);
            text
        });
        Self(hex)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let shape = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
        let fits = |(c, s): (char, char)| match s {
            'x' => matches!(c, '0'..='9' | 'a'..='f'),
            'y' => matches!(c, '8' | '9' | 'a' | 'b'),
            fixed => c == fixed,
        };
        (text.len() == shape.len() && text.chars().zip(shape.chars()).all(fits))
            .then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PackageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The content key as a key access service gets it (profile `interop`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceAccess {
    /// `wrapped` (RSA) or `ec-wrapped` (P-256).
    pub(crate) kind: String,
    pub(crate) url: String,
    pub(crate) kid: String,
    pub(crate) wrapped_key: Vec<u8>,
    /// In PEM, for `ec-wrapped` alone.
    pub(crate) ephemeral_public_key: Option<String>,
}

/// One segment: how long its plaintext is, and the tag that stands at its end (GMAC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) plain_bytes: usize,
    pub(crate) tag: [u8; TAG_LEN],
}

/// All of a manifest that the format does not fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) package: PackageId,
    pub(crate) receiver: Code,
    /// Digest of the label, in the bound policy: stripping or exchanging it breaks the binding under the content key too.
    pub(crate) label: Digest,
    /// Digest of the proposal, in the bound policy: by it a key access service finds the release.
    pub(crate) proposal: Digest,
    pub(crate) receiver_key: KeyId,
    pub(crate) wrapped_key: Vec<u8>,
    /// Of profile `interop` alone.
    pub(crate) service: Option<ServiceAccess>,
    pub(crate) policy_binding: String,
    pub(crate) root_signature: Vec<u8>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) label_xml: String,
    pub(crate) label_binding: String,
}

impl Manifest {
    /// # Errors
    /// [`ManifestError`].
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLong { bytes: bytes.len() });
        }
        let wire = serde_json::from_slice::<Wire>(bytes)
            .map_err(|error| ManifestError::Json { line: error.line(), column: error.column() })?;
        let manifest = Self::from_wire(wire)?;
        let written = manifest.to_bytes()?;
        match written.iter().zip(bytes).position(|(a, b)| a != b) {
            None if written.len() == bytes.len() => Ok(manifest),
            at => Err(ManifestError::NotCanonical { offset: at.unwrap_or(written.len().min(bytes.len())) }),
        }
    }

    /// # Errors
    /// [`ManifestError::Field`] when the label is none.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, ManifestError> {
        let field = |field| move |_| ManifestError::Field { field };
        let bytes = serde_json::to_vec(&self.to_wire()?).map_err(field("text"))?;
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLong { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// All tags in a row: what the root signature and the assertion are made over.
    pub(crate) fn tags(&self) -> Vec<u8> {
        self.segments.iter().flat_map(|s| s.tag).collect()
    }

    /// How the content key is wrapped.
    pub(crate) fn profile(&self) -> Profile {
        if self.service.is_some() { Profile::Interop } else { Profile::Pq }
    }

    /// The policy as the manifest carries it: base64 of its JSON.
    pub(crate) fn policy(&self) -> Result<String, ManifestError> {
        let Self { package, receiver, label, proposal, label_xml, .. } = self;
        policy(package, receiver, label, proposal, label_xml)
    }

    fn from_wire(wire: Wire) -> Result<Self, ManifestError> {
        let field = |field| ManifestError::Field { field };
        let encryption = wire.encryption_information;
        let (service, access) = key_access(encryption.key_access).ok_or(field("key access"))?;
        let [assertion] =
            <[Assertion; 1]>::try_from(wire.assertions).map_err(|_| field("label assertion"))?;
        let policy = from_base64(&encryption.policy).ok_or(field("policy"))?;
        let policy = serde_json::from_slice::<Policy>(&policy).map_err(|_| field("policy"))?;
        let named = |name| digest_attribute(&policy.body, name).ok_or(field("policy"));
        let (label, proposal) = (named(LABEL_ATTRIBUTE)?, named(PROPOSAL_ATTRIBUTE)?);
        let [receiver] = <[String; 1]>::try_from(policy.body.dissem).map_err(|_| field("receiver"))?;
        let integrity = encryption.integrity_information;
        if integrity.segments.is_empty() || integrity.segments.len() > SEGMENTS_MAX {
            return Err(field("number of segments"));
        }
        let segment = |s: &SegmentWire| {
            let tag = <[u8; TAG_LEN]>::try_from(s.hash.0.as_slice()).map_err(|_| field("segment hash"))?;
            let plain_bytes = usize::try_from(s.segment_size).map_err(|_| field("segment size"))?;
            Ok(Segment { plain_bytes, tag })
        };
        let segments = integrity.segments.iter().map(segment).collect::<Result<Vec<_>, _>>()?;
        if !are_regular(&segments) {
            return Err(field("segment sizes"));
        }
        Ok(Self {
            package: PackageId::parse(&policy.uuid).ok_or(field("package id"))?,
            receiver: Code::new(&receiver).map_err(|_| field("receiver"))?,
            label,
            proposal,
            service,
            receiver_key: access.kid.parse().map_err(|_| field("receiver's key id"))?,
            wrapped_key: access.wrapped_key.0,
            policy_binding: access.policy_binding.hash,
            root_signature: integrity.root_signature.sig.0,
            segments,
            label_xml: assertion.body.statement.value,
            label_binding: assertion.binding.signature,
        })
    }

    /// The service's object first: some clients use the first alone, and one cannot have two of the same address.
    fn key_access(&self) -> Vec<KeyAccess> {
        let object =
            |kind: &str, url: &str, kid: String, wrapped_key: &[u8], ephemeral: Option<String>| KeyAccess {
                kind: kind.to_owned(),
                url: url.to_owned(),
                protocol: "kas".to_owned(),
                wrapped_key: Base64(wrapped_key.to_vec()),
                policy_binding: PolicyBinding { alg: "HS256".to_owned(), hash: self.policy_binding.clone() },
                kid,
                // One share of the key, which is the whole key; whoever unwraps either object has it.
                sid: "1".to_owned(),
                schema_version: "1.0".to_owned(),
                ephemeral_public_key: ephemeral,
            };
        let service = self.service.as_ref().map(|service| {
            let ServiceAccess { kind, url, kid, wrapped_key, ephemeral_public_key } = service;
            object(kind, url, kid.clone(), wrapped_key, ephemeral_public_key.clone())
        });
        let receiver = (self.receiver_key.to_string(), &self.wrapped_key);
        let receiver = object("hybrid-wrapped", KEY_ACCESS_URL, receiver.0, receiver.1, None);
        service.into_iter().chain([receiver]).collect()
    }

    fn to_wire(&self) -> Result<Wire, ManifestError> {
        let text = str::to_owned;
        let size = |bytes: usize| bytes as u64;
        let segment = |s: &Segment| SegmentWire {
            hash: Base64(s.tag.to_vec()),
            segment_size: size(s.plain_bytes),
            encrypted_segment_size: size(s.plain_bytes + OVERHEAD),
        };
        Ok(Wire {
            encryption_information: EncryptionInformation {
                kind: text("split"),
                policy: self.policy()?,
                key_access: self.key_access(),
                method: Method { algorithm: text("AES-256-GCM"), iv: String::new(), is_streamable: true },
                integrity_information: IntegrityInformation {
                    root_signature: RootSignature {
                        alg: text("HS256"),
                        sig: Base64(self.root_signature.clone()),
                    },
                    segment_hash_alg: text("GMAC"),
                    segment_size_default: size(SEGMENT_BYTES),
                    encrypted_segment_size_default: size(SEGMENT_BYTES + OVERHEAD),
                    segments: self.segments.iter().map(segment).collect(),
                },
            },
            payload: Payload {
                kind: text("reference"),
                url: text(PAYLOAD),
                protocol: text("zip"),
                mime_type: text(crate::content::MEDIA_TYPE),
                is_encrypted: true,
            },
            assertions: vec![Assertion {
                body: assertion_body(&self.label_xml),
                binding: Binding { method: text("jws"), signature: self.label_binding.clone() },
            }],
            schema_version: text(SCHEMA_VERSION),
        })
    }
}

/// The two objects of profile `interop`, the service's first, or the one of `pq`.
fn key_access(objects: Vec<KeyAccess>) -> Option<(Option<ServiceAccess>, KeyAccess)> {
    let mut objects = objects.into_iter();
    match (objects.next()?, objects.next(), objects.next()) {
        (receiver, None, None) => Some((None, receiver)),
        (service, Some(receiver), None) if matches!(service.kind.as_str(), "wrapped" | "ec-wrapped") => {
            let service = ServiceAccess {
                kind: service.kind,
                url: service.url,
                kid: service.kid,
                wrapped_key: service.wrapped_key.0,
                ephemeral_public_key: service.ephemeral_public_key,
            };
            Some((Some(service), receiver))
        }
        _ => None,
    }
}

/// The digest in an attribute of a policy.
fn digest_attribute(body: &PolicyBody, name: &str) -> Option<Digest> {
    let prefix = format!("{ATTRIBUTE_NAMESPACE}/attr/{name}/value/");
    body.data_attributes.iter().find_map(|attribute| attribute.attribute.strip_prefix(&prefix)?.parse().ok())
}

/// Every segment but the last is full, the last is not empty.
fn are_regular(segments: &[Segment]) -> bool {
    match segments.split_last() {
        Some((last, others)) => {
            (1..=SEGMENT_BYTES).contains(&last.plain_bytes)
                && others.iter().all(|s| s.plain_bytes == SEGMENT_BYTES)
        }
        None => false,
    }
}

/// The policy in base64. Its attributes repeat the label for policy engines that read no labels.
///
/// # Errors
/// [`ManifestError::Field`] when the label is none.
pub(crate) fn policy(
    package: &PackageId,
    receiver: &Code,
    label_digest: &Digest,
    proposal: &Digest,
    label_xml: &str,
) -> Result<String, ManifestError> {
    let label = Label::from_xml(label_xml.as_bytes()).map_err(|_| ManifestError::Field { field: "label" })?;
    let attribute = |name: &str, value: &str| Attribute {
        attribute: format!("{ATTRIBUTE_NAMESPACE}/attr/{name}/value/{}", slug(value)),
    };
    let information = label.information();
    let classification = attribute("classification", &information.classification().to_string());
    let releasable = information.category(Tag::ReleasableTo).map_or(&[][..], |c| c.values());
    let releasable = releasable.iter().map(|value| attribute("releasable-to", value.as_str()));
    let bound = [(LABEL_ATTRIBUTE, label_digest), (PROPOSAL_ATTRIBUTE, proposal)];
    let bound = bound.map(|(name, digest)| attribute(name, &digest.to_string()));
    let policy = Policy {
        uuid: package.to_string(),
        body: PolicyBody {
            data_attributes: std::iter::once(classification).chain(releasable).chain(bound).collect(),
            dissem: vec![receiver.to_string()],
        },
    };
    let json = serde_json::to_vec(&policy).map_err(|_| ManifestError::Field { field: "policy" })?;
    Ok(to_base64(&json))
}

/// Attribute values of the platform are lower-case letters, digits and hyphens.
fn slug(value: &str) -> String {
    value.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// The hash that binds the policy to the key: base64 of the *hexadecimal* HMAC. The specification has no such step, clients do it.
pub(crate) fn policy_binding(key: &Secret, policy: &str) -> String {
    to_base64(to_hex(key.hmac(&[policy.as_bytes()]).as_ref()).as_bytes())
}

/// The same hash as the specification has it.
pub(crate) fn policy_binding_of_the_specification(key: &Secret, policy: &str) -> String {
    to_base64(key.hmac(&[policy.as_bytes()]).as_ref())
}

/// The compact JWS by which clients check that label and content belong together. Under the content key, so that it convinces
/// nobody but receivers; the office's signature over the whole manifest convinces everybody.
///
/// # Errors
/// [`ManifestError::Field`], which cannot happen for text.
pub(crate) fn label_binding(key: &Secret, label_xml: &str, tags: &[u8]) -> Result<String, ManifestError> {
    let failed = |_| ManifestError::Field { field: "label assertion" };
    // The fields of the body are declared in the order of their names, and serde_json escapes as RFC 8785, section 3.2.2.2.
    let canonical = serde_json::to_vec(&assertion_body(label_xml)).map_err(failed)?;
    let hash = Digest::of(&canonical);
    let claims = Claims {
        assertion_hash: hash.to_string(),
        assertion_sig: to_base64(&[tags, hash.as_bytes()].concat()),
    };
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let claims = serde_json::to_vec(&claims).map_err(failed)?;
    let signed = format!("{}.{}", encode(br#"{"alg":"HS256"}"#), encode(&claims));
    Ok(format!("{signed}.{}", encode(key.hmac(&[signed.as_bytes()]).as_ref())))
}

fn assertion_body(label_xml: &str) -> AssertionBody {
    AssertionBody {
        applies_to_state: "unencrypted".to_owned(),
        id: "label".to_owned(),
        scope: "payload".to_owned(),
        statement: Statement {
            format: "xml-structured".to_owned(),
            schema: label::NAMESPACE.to_owned(),
            value: label_xml.to_owned(),
        },
        kind: "handling".to_owned(),
    }
}
