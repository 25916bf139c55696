//! The key access object of a manifest, read as clients of either dialect write it.
//!
//! Unknown fields are passed over, as clients add some; a field that is needed and is not what it must be is an error.

use ledger::encoding::from_base64;
use serde::Deserialize;

use super::AccessError;

/// Longest object read, in bytes: a wrapped key of 3 kB, and metadata that is passed over.
pub const KEY_ACCESS_BYTES_MAX: usize = 64 * 1024;
/// Longest `url`, `kid`, `sid`, in bytes.
const TEXT_BYTES_MAX: usize = 2_048;
/// Longest wrapped key: an ML-KEM-1024 envelope has 1.8 kB.
const WRAPPED_BYTES_MAX: usize = 8 * 1024;
/// The algorithm of policy bindings.
const BINDING_ALGORITHM: &str = "HS256";
const MAC_LEN: usize = 32;

/// How a key is wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAccessKind {
    /// RSA-OAEP.
    Wrapped,
    /// ECDH with an ephemeral key.
    EcWrapped,
    /// ML-KEM and ECDH together.
    HybridWrapped,
    /// ML-KEM alone.
    MlKemWrapped,
    /// A type that is not read here, for example `remote`.
    Other(String),
}

impl KeyAccessKind {
    /// The word for it in a manifest.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Wrapped => "wrapped",
            Self::EcWrapped => "ec-wrapped",
            Self::HybridWrapped => "hybrid-wrapped",
            Self::MlKemWrapped => "mlkem-wrapped",
            Self::Other(word) => word,
        }
    }

    fn of(word: String) -> Self {
        [Self::Wrapped, Self::EcWrapped, Self::HybridWrapped, Self::MlKemWrapped]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .unwrap_or(Self::Other(word))
    }
}

/// Bytes in the two forms of clients: as they are (the specification), or as hexadecimal text.
pub(crate) fn raw_or_hex<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    if let Ok(raw) = bytes.try_into() {
        return Some(raw);
    }
    let mut out = [0; N];
    hex::decode_to_slice(bytes, &mut out).ok().map(|()| out)
}

/// The HMAC that ties a policy to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyBinding {
    mac: [u8; MAC_LEN],
}

impl PolicyBinding {
    /// Reads the base64 of `hash` in its two forms: of the HMAC (the specification), or of its hexadecimal text (the clients).
    ///
    /// # Errors
    /// [`AccessError::Malformed`] for another form or algorithm.
    pub fn new(algorithm: &str, hash: &str) -> Result<Self, AccessError> {
        let malformed = AccessError::Malformed { field: "policyBinding" };
        let bytes = from_base64(hash).filter(|_| algorithm == BINDING_ALGORITHM);
        let mac = bytes.and_then(|bytes| raw_or_hex(&bytes)).ok_or(malformed)?;
        Ok(Self { mac })
    }

    pub(super) fn mac(&self) -> &[u8; MAC_LEN] {
        &self.mac
    }
}

/// One key access object, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAccess {
    kind: KeyAccessKind,
    url: String,
    kid: Option<String>,
    sid: Option<String>,
    wrapped_key: Vec<u8>,
    policy_binding: PolicyBinding,
    ephemeral_public_key: Option<String>,
}

impl KeyAccess {
    /// Reads the JSON of one object, as in a manifest or in a rewrap request.
    ///
    /// # Errors
    /// [`AccessError::Malformed`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, AccessError> {
        if bytes.len() > KEY_ACCESS_BYTES_MAX {
            return Err(AccessError::Malformed { field: "length" });
        }
        let wire = serde_json::from_slice(bytes).map_err(|_| AccessError::Malformed { field: "JSON" })?;
        Self::from_wire(wire)
    }

    pub(crate) fn from_wire(wire: KeyAccessWire) -> Result<Self, AccessError> {
        let malformed = |field| AccessError::Malformed { field };
        let bounded = |text: &String| text.len() <= TEXT_BYTES_MAX;
        let texts = [Some(&wire.kind), Some(&wire.url), wire.kid.as_ref(), wire.sid.as_ref()];
        if !texts.into_iter().flatten().all(bounded) {
            return Err(malformed("length of a text"));
        }
        let wrapped_key = from_base64(&wire.wrapped_key)
            .filter(|bytes| (1..=WRAPPED_BYTES_MAX).contains(&bytes.len()))
            .ok_or(malformed("wrappedKey"))?;
        let policy_binding = match &wire.policy_binding {
            BindingWire::Hash(hash) => PolicyBinding::new(BINDING_ALGORITHM, hash),
            BindingWire::Object { alg, hash } => PolicyBinding::new(alg, hash),
        }?;
        // The platform writes absent texts as empty ones.
        let present = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(Self {
            kind: KeyAccessKind::of(wire.kind),
            url: wire.url,
            kid: present(wire.kid),
            sid: present(wire.sid),
            wrapped_key,
            policy_binding,
            ephemeral_public_key: present(wire.ephemeral_public_key),
        })
    }

    /// How the key is wrapped.
    #[must_use]
    pub fn kind(&self) -> &KeyAccessKind {
        &self.kind
    }

    /// Address of the service that holds the key it is wrapped to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Id of the key it is wrapped to, if the object names one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Id of the share. Objects with the same one hold the same share; all shares together are the key.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// The wrapped key.
    #[must_use]
    pub fn wrapped_key(&self) -> &[u8] {
        &self.wrapped_key
    }

    /// What ties the policy to the key or share in this object.
    #[must_use]
    pub fn policy_binding(&self) -> &PolicyBinding {
        &self.policy_binding
    }

    pub(super) fn ephemeral_public_key(&self) -> Option<&str> {
        self.ephemeral_public_key.as_deref()
    }
}

/// The object as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyAccessWire {
    #[serde(rename = "type")]
    kind: String,
    url: String,
    wrapped_key: String,
    policy_binding: BindingWire,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    ephemeral_public_key: Option<String>,
}

/// Older files have the hash alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum BindingWire {
    Hash(String),
    Object {
        #[serde(alias = "algorithm")]
        alg: String,
        hash: String,
    },
}
