//! The messages of the service, in JSON and in protobuf. Field numbers and names are those of the platform's `kas.proto`; bytes are
//! base64 in JSON, as protobuf's JSON form has it.

use ledger::encoding::to_base64;
use prost::Message as _;
use prost_types::{ListValue, Struct, Value, value::Kind};
use serde::Deserialize;
use serde_json::json;

use super::connect::{Codec, ConnectError, ErrorCode};

/// `kas.PublicKeyRequest`.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub(super) struct PublicKeyRequest {
    #[prost(string, tag = "1")]
    pub(super) algorithm: String,
    #[prost(string, tag = "2")]
    pub(super) fmt: String,
    #[prost(string, tag = "3")]
    pub(super) v: String,
}

/// `kas.RewrapRequest`.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RewrapRequest {
    #[prost(string, tag = "1")]
    #[serde(alias = "signed_request_token")]
    pub(super) signed_request_token: String,
}

/// `wellknownconfiguration.GetWellKnownConfigurationRequest`.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
pub(super) struct ConfigurationRequest {}

/// `kas.PublicKeyResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PublicKeyResponse {
    #[prost(string, tag = "1")]
    pub(super) public_key: String,
    #[prost(string, tag = "2")]
    pub(super) kid: String,
}

/// `kas.RewrapResponse`, without what is deprecated.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RewrapResponse {
    #[prost(string, tag = "3")]
    pub(super) session_public_key: String,
    #[prost(message, repeated, tag = "5")]
    pub(super) responses: Vec<PolicyResult>,
}

/// `kas.PolicyRewrapResult`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PolicyResult {
    #[prost(string, tag = "1")]
    pub(super) policy_id: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) results: Vec<ObjectResult>,
}

/// `kas.KeyAccessRewrapResult`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ObjectResult {
    #[prost(string, tag = "2")]
    pub(super) key_access_object_id: String,
    #[prost(string, tag = "3")]
    pub(super) status: String,
    #[prost(oneof = "Outcome", tags = "4, 5")]
    pub(super) outcome: Option<Outcome>,
}

/// What became of one key.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Outcome {
    #[prost(bytes, tag = "4")]
    KasWrappedKey(Vec<u8>),
    #[prost(string, tag = "5")]
    Error(String),
}

impl ObjectResult {
    pub(super) fn permit(id: String, wrapped: Vec<u8>) -> Self {
        let outcome = Some(Outcome::KasWrappedKey(wrapped));
        Self { key_access_object_id: id, status: "permit".to_owned(), outcome }
    }

    pub(super) fn fail(id: String, error: String) -> Self {
        Self { key_access_object_id: id, status: "fail".to_owned(), outcome: Some(Outcome::Error(error)) }
    }
}

/// A request as its codec has it.
pub(super) fn read<M>(codec: Codec, bytes: &[u8]) -> Result<M, ConnectError>
where
    M: prost::Message + Default + for<'de> Deserialize<'de>,
{
    let unreadable = || ConnectError::new(ErrorCode::InvalidArgument, "the request cannot be read");
    match codec {
        // An array would be read as the fields in their order.
        Codec::Json if bytes.trim_ascii_start().first() != Some(&b'{') => Err(unreadable()),
        Codec::Json => serde_json::from_slice(bytes).map_err(|_| unreadable()),
        Codec::Proto => M::decode(bytes).map_err(|_| unreadable()),
    }
}

/// An answer in both forms.
pub(super) trait Reply {
    fn to_json(&self) -> serde_json::Value;
    fn to_proto(&self) -> Vec<u8>;
}

impl Reply for PublicKeyResponse {
    fn to_json(&self) -> serde_json::Value {
        json!({"publicKey": self.public_key, "kid": self.kid})
    }

    fn to_proto(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

impl Reply for RewrapResponse {
    fn to_json(&self) -> serde_json::Value {
        let result = |result: &ObjectResult| {
            let (name, value) = match &result.outcome {
                Some(Outcome::KasWrappedKey(wrapped)) => ("kasWrappedKey", to_base64(wrapped)),
                Some(Outcome::Error(error)) => ("error", error.clone()),
                None => ("error", String::new()),
            };
            json!({"keyAccessObjectId": result.key_access_object_id, "status": result.status, name: value})
        };
        let response = |policy: &PolicyResult| {
            let results: Vec<_> = policy.results.iter().map(result).collect();
            json!({"policyId": policy.policy_id, "results": results})
        };
        let responses: Vec<_> = self.responses.iter().map(response).collect();
        if self.session_public_key.is_empty() {
            json!({"responses": responses})
        } else {
            json!({"sessionPublicKey": self.session_public_key, "responses": responses})
        }
    }

    fn to_proto(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

/// `wellknownconfiguration.GetWellKnownConfigurationResponse`.
#[derive(Clone, PartialEq, prost::Message)]
struct ConfigurationMessage {
    #[prost(message, optional, tag = "1")]
    configuration: Option<Struct>,
}

/// The service's configuration, as clients discover it.
pub(super) struct Configuration(pub(super) serde_json::Value);

impl Reply for Configuration {
    fn to_json(&self) -> serde_json::Value {
        json!({"configuration": self.0})
    }

    fn to_proto(&self) -> Vec<u8> {
        let configuration = match value(&self.0).kind {
            Some(Kind::StructValue(fields)) => Some(fields),
            _ => None,
        };
        ConfigurationMessage { configuration }.encode_to_vec()
    }
}

/// JSON in protobuf's own form of it.
fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(yes) => Kind::BoolValue(*yes),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(values) => Kind::ListValue(ListValue { values: values.iter().map(value).collect() }),
        Json::Object(fields) => Kind::StructValue(Struct {
            fields: fields.iter().map(|(name, json)| (name.clone(), value(json))).collect(),
        }),
    };
    Value { kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_numbers_are_the_platforms() {
        // Written by hand from the numbers of kas.proto: a tag byte is the number times 8, plus 2 for what has a length.
        let request = RewrapRequest { signed_request_token: "t".to_owned() };
        assert_eq!(request.encode_to_vec(), b"\x0a\x01t");
        let reply = RewrapResponse {
            session_public_key: "s".to_owned(),
            responses: vec![PolicyResult {
                policy_id: "p".to_owned(),
                results: vec![
                    ObjectResult::permit("a".to_owned(), vec![7]),
                    ObjectResult::fail("b".to_owned(), "e".to_owned()),
                ],
            }],
        };
        let permit = b"\x12\x01a\x1a\x06permit\x22\x01\x07";
        let fail = b"\x12\x01b\x1a\x04fail\x2a\x01e";
        let mut policy = b"\x0a\x01p".to_vec();
        for result in [&permit[..], fail] {
            policy.extend([0x12, u8::try_from(result.len()).unwrap()]);
            policy.extend(result);
        }
        let mut expected = b"\x1a\x01s\x2a".to_vec();
        expected.push(u8::try_from(policy.len()).unwrap());
        expected.extend(policy);
        assert_eq!(reply.to_proto(), expected);
    }

    #[test]
    fn requests_are_read_in_both_codecs_and_nothing_else_is() {
        let json: RewrapRequest = read(Codec::Json, br#"{"signedRequestToken":"t"}"#).unwrap();
        let proto: RewrapRequest = read(Codec::Proto, b"\x0a\x01t").unwrap();
        assert_eq!(json, proto);
        assert_eq!(read::<PublicKeyRequest>(Codec::Json, b"{}").unwrap(), PublicKeyRequest::default());
        assert_eq!(read::<PublicKeyRequest>(Codec::Proto, b"").unwrap(), PublicKeyRequest::default());
        for bad in [&b"\x0a\x02t"[..], b"\x0a\x01\xff", b"\x08\x01"] {
            assert!(read::<RewrapRequest>(Codec::Proto, bad).is_err());
            assert!(read::<RewrapRequest>(Codec::Json, bad).is_err());
        }
    }
}
