//! The token endpoint: a client's credential, or its signed assertion, for a short-lived access token.
//!
//! # Source
//!
//! RFC 6749 sections 2.3.1, 4.4 and 5; RFC 7523 sections 2.2 and 3 (assertions); RFC 9449 section 5 (bound tokens).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::Digest;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use zeroize::Zeroizing;

use super::Inner;
use super::caller::DPOP;
use super::connect::{answer, one};
use super::jws::{Jws, JwsError};
use super::proof::{Asked, Proof, ProofError, normal};
use super::seen::Use;
use super::sign_in::{Proving, SignIn};

/// The longest form, in bytes.
pub(super) const FORM_BYTES_MAX: usize = 16 * 1024;
/// Most fields of a form.
const FIELDS_MAX: usize = 16;
/// Longest assertion, in bytes.
const ASSERTION_BYTES_MAX: usize = 8 * 1024;
/// How far in the future an assertion may end: it is to be made for one use.
const ASSERTION_LIFETIME_MAX_S: u64 = 300;
/// RFC 7523, section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Why there is no token. The client learns the class, the operator the rest.
#[derive(Debug, Error)]
pub(super) enum TokenError {
    #[error("the form cannot be read")]
    Form,
    #[error("the grant type is not `client_credentials`")]
    Grant,
    #[error("the client is not known, or its credential is not its own")]
    Client,
    #[error("the client's assertion is not taken")]
    Assertion(#[from] JwsError),
    #[error("the client's assertion was used before")]
    Replayed,
    #[error("the DPoP proof is not taken: {0}")]
    Proof(#[from] ProofError),
    #[error("the DPoP proof was used before")]
    ProofReplayed,
    #[error("this client has to prove a key: send a DPoP proof")]
    NoProof,
    #[error("the service remembers too many proofs to take another")]
    Full,
}

impl TokenError {
    /// The error's name and status (RFC 6749 section 5.2, RFC 9449 section 5).
    fn class(&self) -> (&'static str, StatusCode) {
        match self {
            Self::Form => ("invalid_request", StatusCode::BAD_REQUEST),
            Self::Grant => ("unsupported_grant_type", StatusCode::BAD_REQUEST),
            Self::Client | Self::Assertion(_) | Self::Replayed => {
                ("invalid_client", StatusCode::UNAUTHORIZED)
            }
            Self::Proof(_) | Self::ProofReplayed | Self::NoProof => {
                ("invalid_dpop_proof", StatusCode::BAD_REQUEST)
            }
            Self::Full => ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    pub(super) fn response(&self) -> Response {
        let (name, status) = self.class();
        // Which of several clients or secrets was wrong is nobody's business; a proof is the client's own.
        let words = match self {
            Self::Client | Self::Assertion(_) | Self::Replayed => {
                "the client could not be authenticated".to_owned()
            }
            other => other.to_string(),
        };
        let body = json!({"error": name, "error_description": words});
        let mut response = answer(status, "application/json", body.to_string().into_bytes());
        if status == StatusCode::UNAUTHORIZED {
            let ask = HeaderValue::from_static("Basic realm=\"token\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
        }
        response
    }
}

type Fields = BTreeMap<String, Zeroizing<String>>;

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: u64,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn names(&self, wanted: &str) -> bool {
        let is = |audience: &String| normal(audience) == normal(wanted);
        match self {
            Self::One(audience) => is(audience),
            Self::Several(all) => all.iter().any(is),
        }
    }
}

impl Inner {
    /// A token for the client that sent this form to `path` at the second `now`, and whose it is.
    pub(super) fn token(
        &self,
        headers: &HeaderMap,
        path: &str,
        form: &[u8],
        now: u64,
    ) -> Result<(Response, Arc<SignIn>), TokenError> {
        let media_type = one(headers, header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
        if media_type.split(';').next().unwrap_or_default().trim() != "application/x-www-form-urlencoded" {
            return Err(TokenError::Form);
        }
        let fields = fields(form).ok_or(TokenError::Form)?;
        if fields.get("grant_type").map(|grant| grant.as_str()) != Some("client_credentials") {
            return Err(TokenError::Grant);
        }
        let sign_in = Arc::clone(self.client_of(headers, path, &fields, now)?);
        let bound_to = self.proved(headers, path, now)?;
        if bound_to.is_none() && sign_in.key.is_none() && sign_in.proving == Proving::Required {
            return Err(TokenError::NoProof);
        }
        let token = self.with_randomness(|draw| self.tokens.issue(&sign_in.client, bound_to, now, draw));
        let body = json!({
            "access_token": token,
            "token_type": if bound_to.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": self.tokens.lifetime_s,
        });
        Ok((answer(StatusCode::OK, "application/json", body.to_string().into_bytes()), sign_in))
    }

    /// The client by the one way in which it authenticated.
    fn client_of(
        &self,
        headers: &HeaderMap,
        path: &str,
        fields: &Fields,
        now: u64,
    ) -> Result<&Arc<SignIn>, TokenError> {
        let field = |name: &str| fields.get(name).map(|value| value.as_str());
        let basic = headers.contains_key(header::AUTHORIZATION);
        match (basic, field("client_secret"), field("client_assertion")) {
            (true, None, None) => {
                let (client, secret) = basic_credentials(headers).ok_or(TokenError::Client)?;
                self.sign_ins.by_secret(&client, &secret).ok_or(TokenError::Client)
            }
            (false, Some(secret), None) => {
                let client = field("client_id").ok_or(TokenError::Form)?;
                self.sign_ins.by_secret(client, secret).ok_or(TokenError::Client)
            }
            (false, None, Some(assertion)) => {
                if field("client_assertion_type") != Some(ASSERTION_TYPE) {
                    return Err(TokenError::Form);
                }
                let sign_in = self.asserted(assertion, path, now)?;
                let other = field("client_id").is_some_and(|client| client != sign_in.client);
                if other { Err(TokenError::Client) } else { Ok(sign_in) }
            }
            (false, None, None) => Err(TokenError::Client),
            // RFC 6749, section 2.3: one method a request.
            _ => Err(TokenError::Form),
        }
    }

    fn asserted(&self, assertion: &str, path: &str, now: u64) -> Result<&Arc<SignIn>, TokenError> {
        let jws = Jws::read(assertion, ASSERTION_BYTES_MAX)?;
        let claimed: AssertionClaims = jws.unverified()?;
        let sign_in = self.sign_ins.client(&claimed.sub).ok_or(TokenError::Client)?;
        let key = sign_in.key.as_ref().ok_or(TokenError::Client)?;
        let claims: AssertionClaims = jws.verified(key)?;
        let here = [self.url.clone(), format!("{}{path}", self.url)];
        let holds = claims.iss == sign_in.client
            && here.iter().any(|address| claims.aud.names(address))
            && now < claims.exp
            && claims.exp <= now.saturating_add(ASSERTION_LIFETIME_MAX_S)
            && !claims.jti.is_empty();
        if !holds {
            return Err(TokenError::Client);
        }
        let id = Digest::of_parts(&[b"assertion\0", sign_in.client.as_bytes(), b"\0", claims.jti.as_bytes()]);
        match self.used(id, claims.exp, now) {
            Use::First => Ok(sign_in),
            Use::Again => Err(TokenError::Replayed),
            Use::Full => Err(TokenError::Full),
        }
    }

    /// Thumbprint of the key that the request proves, if it proves one. Asked for known clients only: a proof is remembered.
    fn proved(&self, headers: &HeaderMap, path: &str, now: u64) -> Result<Option<Digest>, TokenError> {
        if !headers.contains_key(DPOP) {
            return Ok(None);
        }
        let asked = Asked { method: "POST", base: &self.url, path, token: None };
        let proof = Proof::read(one(headers, DPOP).ok_or(TokenError::Form)?, asked, now)?;
        match self.used(proof.id, proof.until, now) {
            Use::First => Ok(Some(proof.key.thumbprint())),
            Use::Again => Err(TokenError::ProofReplayed),
            Use::Full => Err(TokenError::Full),
        }
    }
}

/// The fields of a form; none when it is no form, or has a field twice.
fn fields(form: &[u8]) -> Option<Fields> {
    let mut fields = Fields::new();
    for pair in std::str::from_utf8(form).ok()?.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let old = fields.insert(decoded(name)?.to_string(), decoded(value)?);
        if old.is_some() || fields.len() > FIELDS_MAX {
            return None;
        }
    }
    Some(fields)
}

fn decoded(text: &str) -> Option<Zeroizing<String>> {
    let text = Zeroizing::new(text.replace('+', " "));
    let decoded = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
    Some(Zeroizing::new(decoded))
}

/// RFC 6749, section 2.3.1: both parts are encoded as in a form before they are joined.
fn basic_credentials(headers: &HeaderMap) -> Option<(Zeroizing<String>, Zeroizing<String>)> {
    let (scheme, encoded) = one(headers, header::AUTHORIZATION)?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let (client, secret) = std::str::from_utf8(&joined).ok()?.split_once(':')?;
    Some((decoded(client)?, decoded(secret)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_in_one_way() {
        let read =
            fields(b"grant_type=client_credentials&scope=openid+profile%20email&client_id=a%2Bb").unwrap();
        assert_eq!(read["scope"].as_str(), "openid profile email");
        assert_eq!(read["client_id"].as_str(), "a+b");
        assert!(fields(b"a=1&a=2").is_none());
        assert!(fields(b"a=%ff").is_none());
        assert!(fields("a=1&".repeat(2).as_bytes()).is_none());
        let many: String = (0..=FIELDS_MAX).map(|number| format!("f{number}=x&")).collect();
        assert!(fields(many.as_bytes()).is_none());
    }
}
