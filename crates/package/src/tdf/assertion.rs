//! Assertions of a file, for example its label, and what proves them: little.
//!
//! A client binds an assertion to the content by a JWS, by default under the content key: then every reader can make another one.
//! A JWS by another key is worth what that key is worth, and a key in its own header is worth nothing; such a signature is
//! reported as unchecked. What can be checked of it all the same is that the signed claims are about this assertion and this
//! content.
//!
//! # Source
//! OpenTDF specification 4.3.0, `assertion`; RFC 7515 (JWS, compact form); RFC 8785 (JCS).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ledger::{Digest, encoding::from_base64};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Manifest, TdfError, jcs};
use crate::{access::ContentKey, crypto::same};

/// What proves an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The content key: whoever can read the file could have written it.
    ContentKey,
    /// Some other key, which nothing here vouches for.
    Unchecked {
        /// Algorithm of the signature.
        algorithm: String,
    },
    /// Nothing at all.
    Nothing,
}

/// One assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Its id in the file.
    pub id: String,
    /// Its type: `handling` for labels.
    pub kind: String,
    /// Schema of the statement, where it names one.
    pub schema: Option<String>,
    /// The statement: text as it is, an object as JSON.
    pub value: String,
    /// What proves it.
    pub proof: Proof,
}

/// Why an assertion does not belong to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Not the fields of an assertion.
    #[error("it is not well-formed")]
    Form,
    /// Its binding is not a JWS with the right claims.
    #[error("its binding is not a JWS with the claims of one")]
    Binding,
    /// The claims are about another assertion: this one was changed.
    #[error("its binding is of an assertion with another content")]
    Hash,
    /// The claims are about another content: this assertion was moved here.
    #[error("its binding is of another file's content")]
    Content,
    /// The signature does not hold under the content key.
    #[error("its signature is not by the content key")]
    Signature,
}

/// Judges all assertions of a file.
///
/// # Errors
/// [`TdfError::Assertion`] for one that does not belong to it.
pub(super) fn judge(manifest: &Manifest, key: &ContentKey) -> Result<Vec<Assertion>, TdfError> {
    let judged = |json| {
        let wire = serde_json::from_str::<Wire>(json).map_err(|_| (String::new(), AssertionError::Form))?;
        let id = wire.id.clone();
        wire.judge(json, manifest.aggregate(), key).map_err(|error| (id, error))
    };
    let judged = manifest.assertions().map(judged).collect::<Result<Vec<_>, _>>();
    judged.map_err(|(id, error)| TdfError::Assertion { id, error })
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    statement: StatementWire,
    #[serde(default)]
    binding: Option<BindingWire>,
}

#[derive(Deserialize)]
struct StatementWire {
    #[serde(default)]
    schema: Option<String>,
    value: Box<RawValue>,
}

#[derive(Deserialize)]
struct BindingWire {
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    signature: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    assertion_hash: String,
    assertion_sig: String,
}

impl Wire {
    fn judge(self, json: &str, aggregate: &[u8], key: &ContentKey) -> Result<Assertion, AssertionError> {
        let raw = self.statement.value.get();
        // Of an object its text: clients write either.
        let value = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
        let binding = self.binding.filter(|b| b.signature.as_ref().is_some_and(|text| !text.is_empty()));
        let proof = match binding {
            None => Proof::Nothing,
            Some(BindingWire { method, signature }) => {
                if method.is_some_and(|method| method != "jws") {
                    return Err(AssertionError::Binding);
                }
                prove(&signature.unwrap_or_default(), &hashes(json, raw)?, aggregate, key)?
            }
        };
        Ok(Assertion { id: self.id, kind: self.kind, schema: self.statement.schema, value, proof })
    }
}

/// The digests that clients compute of one assertion: with its statement as it stands, and with an object in it as text.
fn hashes(json: &str, raw: &str) -> Result<Vec<Digest>, AssertionError> {
    let mut value = serde_json::from_str::<Value>(json).map_err(|_| AssertionError::Form)?;
    value.as_object_mut().ok_or(AssertionError::Form)?.remove("binding");
    let mut hashes = Vec::new();
    hashes.extend(jcs::canonical(&value).map(|text| Digest::of(text.as_bytes())));
    if let Some(statement) =
        value.get_mut("statement").and_then(|s| s.get_mut("value")).filter(|v| !v.is_string())
    {
        *statement = Value::String(raw.to_owned());
        hashes.extend(jcs::canonical(&value).map(|text| Digest::of(text.as_bytes())));
    }
    Ok(hashes)
}

fn prove(jws: &str, hashes: &[Digest], aggregate: &[u8], key: &ContentKey) -> Result<Proof, AssertionError> {
    let parts = jws.split('.').collect::<Vec<_>>();
    let [header, claims, signature] = parts.as_slice() else { return Err(AssertionError::Binding) };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| AssertionError::Binding);
    let Header { alg } = serde_json::from_slice(&decode(header)?).map_err(|_| AssertionError::Binding)?;
    let about = serde_json::from_slice::<Claims>(&decode(claims)?).map_err(|_| AssertionError::Binding)?;
    let hash = hashes.iter().find(|hash| hash.to_string() == about.assertion_hash);
    let hash = hash.ok_or(AssertionError::Hash)?;
    let bound = from_base64(&about.assertion_sig).ok_or(AssertionError::Binding)?;
    // Before 4.3.0 in hexadecimal, as the segment hashes are then.
    let forms = [hash.as_bytes().to_vec(), hash.to_string().into_bytes()];
    if !forms.iter().any(|form| [aggregate, form].concat() == bound) {
        return Err(AssertionError::Content);
    }
    if alg != "HS256" {
        return Ok(Proof::Unchecked { algorithm: alg });
    }
    let mac = key.secret().hmac(&[header.as_bytes(), b".", claims.as_bytes()]);
    if same(mac.as_ref(), &decode(signature)?) {
        Ok(Proof::ContentKey)
    } else {
        Err(AssertionError::Signature)
    }
}
