//! A request for keys: the signed token, the body inside it, and the policies that are said to be bound to the keys.
//!
//! The body is JSON in a string in the token's payload. Fields that older clients repeat (`keyAccess`, `policy`) are passed over.
//! What a policy says is the client's word until the binding under the unwrapped key has held.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::Digest;
use ledger::act::{Code, PackageUuid};
use package::access::ClientPublic;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::connect::REQUEST_BYTES_MAX;
use super::jwk::ClientKey;
use super::jws::{Jws, JwsError};

/// Longest signed request token, in bytes.
pub(super) const TOKEN_BYTES_MAX: usize = REQUEST_BYTES_MAX;
/// How old a request may be, and how long it is remembered.
pub(super) const AGE_MAX_S: u64 = 300;
/// How far a client's clock may be ahead.
const AHEAD_MAX_S: u64 = 30;
/// Most policies of one request.
const POLICIES_MAX: usize = 8;
/// Most keys of one request.
pub(super) const OBJECTS_MAX: usize = 16;
/// Longest id that a client gives a policy or an object, in bytes.
const ID_BYTES_MAX: usize = 256;
/// Most attributes of a policy.
const ATTRIBUTES_MAX: usize = 256;

/// Attributes by which a policy names the release and the label; `package` writes them.
const PROPOSAL: &str = "https://tearline.invalid/attr/proposal/value/";
const LABEL: &str = "https://tearline.invalid/attr/label-sha256/value/";

/// Why a request is not one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The token around it.
    #[error("the signed request token is not taken: {0}")]
    Token(#[from] JwsError),
    /// Too old, or from the future.
    #[error("the request was made too long ago, or in the future")]
    Time,
    /// The body is not the JSON of one.
    #[error("the request body cannot be read")]
    Body,
    /// More policies or keys than one request may ask for.
    #[error("the request asks for more than {POLICIES_MAX} policies or {OBJECTS_MAX} keys")]
    TooMany,
    /// The client's key.
    #[error("the client's public key is not one to which a key can be wrapped")]
    ClientKey,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "requestBody")]
    request_body: String,
    iat: u64,
    exp: u64,
}

/// The body as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    client_public_key: String,
    requests: Vec<PolicyBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyBody {
    policy: PolicyText,
    key_access_objects: Vec<ObjectBody>,
}

#[derive(Deserialize)]
struct PolicyText {
    #[serde(default)]
    id: String,
    body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectBody {
    key_access_object_id: String,
    key_access_object: Box<RawValue>,
}

/// A request for keys.
#[derive(Debug)]
pub struct Request {
    /// To whom the keys are to be wrapped.
    pub client_key: ClientPublic,
    /// What is asked for, policy by policy.
    pub policies: Vec<AskedPolicy>,
}

/// The keys of one policy.
#[derive(Debug)]
pub struct AskedPolicy {
    /// The client's name for it.
    pub id: String,
    /// The policy in base64, as it was bound.
    pub body: String,
    /// The keys.
    pub objects: Vec<AskedObject>,
}

/// One key.
#[derive(Debug)]
pub struct AskedObject {
    /// The client's name for it.
    pub id: String,
    /// The key access object, still as it was sent.
    pub json: String,
}

/// What was signed.
pub(super) struct SignedBody(Claims);

impl SignedBody {
    /// Reads a token that must be signed by `key`; without a key its signature is nobody's.
    pub(super) fn read(jws: &Jws<'_>, key: Option<&ClientKey>) -> Result<Self, JwsError> {
        Ok(Self(match key {
            Some(key) => jws.verified(key)?,
            None => jws.unverified()?,
        }))
    }

    /// The body, if it was signed of late and still counts at the second `now`.
    pub(super) fn at(&self, now: u64) -> Result<&str, RequestError> {
        let Claims { request_body, iat, exp } = &self.0;
        let young = *iat <= now.saturating_add(AHEAD_MAX_S) && now <= iat.saturating_add(AGE_MAX_S);
        if young && now < *exp { Ok(request_body) } else { Err(RequestError::Time) }
    }
}

impl Request {
    /// Reads a request body.
    ///
    /// # Errors
    ///
    /// [`RequestError::Body`], [`RequestError::TooMany`] or [`RequestError::ClientKey`].
    pub fn from_json(json: &str) -> Result<Self, RequestError> {
        let body: Body = serde_json::from_str(json).map_err(|_| RequestError::Body)?;
        let objects: usize = body.requests.iter().map(|policy| policy.key_access_objects.len()).sum();
        if body.requests.len() > POLICIES_MAX || objects > OBJECTS_MAX {
            return Err(RequestError::TooMany);
        }
        let ids = body.requests.iter().flat_map(|policy| {
            let objects = policy.key_access_objects.iter().map(|object| &object.key_access_object_id);
            objects.chain([&policy.policy.id])
        });
        if objects == 0 || ids.into_iter().any(|id| id.len() > ID_BYTES_MAX) {
            return Err(RequestError::Body);
        }
        let client_key =
            ClientPublic::from_pem(&body.client_public_key).map_err(|_| RequestError::ClientKey)?;
        let object = |object: ObjectBody| AskedObject {
            id: object.key_access_object_id,
            json: object.key_access_object.get().to_owned(),
        };
        let policy = |policy: PolicyBody| AskedPolicy {
            id: policy.policy.id,
            body: policy.policy.body,
            objects: policy.key_access_objects.into_iter().map(object).collect(),
        };
        Ok(Self { client_key, policies: body.requests.into_iter().map(policy).collect() })
    }
}

/// What a policy says, as far as it concerns keys of our packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The package.
    pub package: PackageUuid,
    /// The release.
    pub proposal: Digest,
    /// Digest of the label.
    pub label: Option<Digest>,
    /// To whom the package is addressed, if to one receiver.
    pub receiver: Option<Code>,
}

#[derive(Deserialize)]
struct PolicyJson {
    uuid: String,
    body: PolicyJsonBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyJsonBody {
    #[serde(default)]
    data_attributes: Option<Vec<AttributeJson>>,
    #[serde(default)]
    dissem: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct AttributeJson {
    attribute: String,
}

impl Policy {
    /// Reads a policy in base64; none when it is no policy of a package of ours: without an id, or without exactly one release.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let json: PolicyJson = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
        let attributes = json.body.data_attributes.unwrap_or_default();
        if attributes.len() > ATTRIBUTES_MAX {
            return None;
        }
        let named = |prefix: &str| -> Vec<&str> {
            attributes.iter().filter_map(|attribute| attribute.attribute.strip_prefix(prefix)).collect()
        };
        let [proposal] = named(PROPOSAL)[..] else { return None };
        let label = match named(LABEL)[..] {
            [label] => label.parse().ok(),
            _ => None,
        };
        let receiver = match json.body.dissem.unwrap_or_default().as_slice() {
            [receiver] => Code::new(receiver).ok(),
            _ => None,
        };
        let package = PackageUuid::new(&json.uuid).ok()?;
        Some(Self { package, proposal: proposal.parse().ok()?, label, receiver })
    }
}
