//! The JSON of a manifest, of its policy and of the claims of its label assertion: names and order as on the wire, no meaning.

use serde::{Deserialize, Serialize};

use ledger::encoding::Base64;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wire {
    pub(super) encryption_information: EncryptionInformation,
    pub(super) payload: Payload,
    pub(super) assertions: Vec<Assertion>,
    pub(super) schema_version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EncryptionInformation {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) policy: String,
    pub(super) key_access: Vec<KeyAccess>,
    pub(super) method: Method,
    pub(super) integrity_information: IntegrityInformation,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyAccess {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) url: String,
    pub(super) protocol: String,
    pub(super) wrapped_key: Base64,
    pub(super) policy_binding: PolicyBinding,
    pub(super) kid: String,
    pub(super) sid: String,
    pub(super) schema_version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ephemeral_public_key: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyBinding {
    pub(super) alg: String,
    pub(super) hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Method {
    pub(super) algorithm: String,
    pub(super) iv: String,
    pub(super) is_streamable: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct IntegrityInformation {
    pub(super) root_signature: RootSignature,
    pub(super) segment_hash_alg: String,
    pub(super) segment_size_default: u64,
    pub(super) encrypted_segment_size_default: u64,
    pub(super) segments: Vec<SegmentWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RootSignature {
    pub(super) alg: String,
    pub(super) sig: Base64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SegmentWire {
    pub(super) hash: Base64,
    pub(super) segment_size: u64,
    pub(super) encrypted_segment_size: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Payload {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) url: String,
    pub(super) protocol: String,
    pub(super) mime_type: String,
    pub(super) is_encrypted: bool,
}

/// `deny_unknown_fields` does not go with `flatten`; that the manifest is compared with its one form takes its place.
#[derive(Serialize, Deserialize)]
pub(super) struct Assertion {
    #[serde(flatten)]
    pub(super) body: AssertionBody,
    pub(super) binding: Binding,
}

/// In the order of RFC 8785, section 3.2.3.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssertionBody {
    pub(super) applies_to_state: String,
    pub(super) id: String,
    pub(super) scope: String,
    pub(super) statement: Statement,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// In the order of RFC 8785, section 3.2.3.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    pub(super) format: String,
    pub(super) schema: String,
    pub(super) value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Binding {
    pub(super) method: String,
    pub(super) signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) uuid: String,
    pub(super) body: PolicyBody,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PolicyBody {
    pub(super) data_attributes: Vec<Attribute>,
    pub(super) dissem: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attribute {
    pub(super) attribute: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claims {
    pub(super) assertion_hash: String,
    pub(super) assertion_sig: String,
}
