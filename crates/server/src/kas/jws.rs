//! Compact signed tokens (JWS), strictly: three parts, a header of which nothing is obeyed, a signature by a key that is known.
//!
//! A header may name an algorithm, which must be the key's own, a type, and a key, which is believed only where the protocol says
//! so (DPoP proofs). `crit` asks for what is not done here and is refused; keys by address (`jku`, `x5u`) are never fetched.
//!
//! # Source
//!
//! RFC 7515 sections 3.1, 4.1 and 7.1; RFC 8725 (best current practices) for what is not believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::Digest;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use thiserror::Error;

use super::jwk::{Algorithm, ClientKey, JwkError};

/// The longest header, in bytes as encoded: one with an RSA key of 4,096 bits and its certificates fits.
const HEADER_BYTES_MAX: usize = 8 * 1024;

/// Why a token is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JwsError {
    /// Longer than such a token may be.
    #[error("the token has {bytes} bytes, more than {allowed}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The most that is read.
        allowed: usize,
    },
    /// Not three parts in base64url.
    #[error("the token is not a compact JWS")]
    Shape,
    /// The header is not the JSON of one, or asks for what is not done.
    #[error("the token's header cannot be used")]
    Header,
    /// The header names an algorithm that is not known, or not the key's.
    #[error("the token is not signed by an algorithm of its key")]
    Algorithm,
    /// The key in the header is none.
    #[error("the token's header names no usable key")]
    Key(#[source] Option<JwkError>),
    /// The signature is not by the key.
    #[error("the token's signature does not hold")]
    Signature,
    /// The claims are not those of such a token.
    #[error("the token's claims cannot be read")]
    Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    jwk: Option<Box<RawValue>>,
    crit: Option<IgnoredAny>,
}

/// A token in its parts; nothing in it is believed yet.
pub struct Jws<'a> {
    signed: &'a str,
    algorithm: Algorithm,
    typ: Option<String>,
    jwk: Option<Box<RawValue>>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes a token of `bytes_max` bytes at most apart.
    ///
    /// # Errors
    ///
    /// [`JwsError::TooLong`], [`JwsError::Shape`], [`JwsError::Header`] or [`JwsError::Algorithm`].
    pub fn read(token: &'a str, bytes_max: usize) -> Result<Self, JwsError> {
        if token.len() > bytes_max {
            return Err(JwsError::TooLong { bytes: token.len(), allowed: bytes_max });
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Shape)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Shape)?;
        if header.len() > HEADER_BYTES_MAX {
            return Err(JwsError::Header);
        }
        // A third point in the payload is no letter of base64url.
        let [header, payload, signature] = [decode(header)?, decode(payload)?, decode(signature)?];
        let header: Header = serde_json::from_slice(&header).map_err(|_| JwsError::Header)?;
        if header.crit.is_some() {
            return Err(JwsError::Header);
        }
        let algorithm = Algorithm::of(&header.alg).ok_or(JwsError::Algorithm)?;
        Ok(Self { signed, algorithm, typ: header.typ, jwk: header.jwk, payload, signature })
    }

    /// The type in the header.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The key in the header; whoever made the token chose it.
    ///
    /// # Errors
    ///
    /// [`JwsError::Key`].
    pub fn header_key(&self) -> Result<ClientKey, JwsError> {
        let jwk = self.jwk.as_deref().ok_or(JwsError::Key(None))?;
        ClientKey::from_jwk(jwk.get().as_bytes()).map_err(|error| JwsError::Key(Some(error)))
    }

    /// Verifies the signature and reads the claims.
    ///
    /// # Errors
    ///
    /// [`JwsError::Algorithm`], [`JwsError::Signature`] or [`JwsError::Claims`].
    pub fn verified<C: DeserializeOwned>(&self, key: &ClientKey) -> Result<C, JwsError> {
        if self.algorithm != key.algorithm() {
            return Err(JwsError::Algorithm);
        }
        if !key.verify(self.signed.as_bytes(), &self.signature) {
            return Err(JwsError::Signature);
        }
        self.unverified()
    }

    /// Reads the claims of a token whose key nobody knows. What they say is the word of whoever sent them, no more.
    ///
    /// # Errors
    ///
    /// [`JwsError::Claims`].
    pub fn unverified<C: DeserializeOwned>(&self) -> Result<C, JwsError> {
        serde_json::from_slice(&self.payload).map_err(|_| JwsError::Claims)
    }

    /// A name for what was signed: the same for two tokens of one header and one payload.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.signed.as_bytes())
    }
}

/// Unpadded base64url, in its one spelling.
fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.
    const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const SIGNATURE: &str =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn token(header: &str, payload: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{SIGNATURE}", encode(header), encode(payload))
    }

    fn error(token: &str) -> JwsError {
        let key = ClientKey::from_jwk(KEY.as_bytes()).unwrap();
        let read = Jws::read(token, 1_000);
        read.and_then(|jws| jws.verified::<serde_json::Value>(&key)).unwrap_err()
    }

    #[test]
    fn the_standards_token_verifies_and_is_then_found_to_have_no_claims() {
        // Its payload is a sentence, not JSON: the signature was judged before.
        assert_eq!(error(&token(r#"{"alg":"EdDSA"}"#, "Example of Ed25519 signing")), JwsError::Claims);
        assert_eq!(error(&token(r#"{"alg":"EdDSA"}"#, "Example of Ed25519 Signing")), JwsError::Signature);
    }

    #[test]
    fn headers_do_not_choose() {
        for (header, refusal) in [
            (r#"{"alg":"none"}"#, JwsError::Algorithm),
            (r#"{"alg":"HS256"}"#, JwsError::Algorithm),
            (r#"{"alg":"RS256"}"#, JwsError::Algorithm),
            (r#"{"alg":"EdDSA","crit":["exp"],"exp":1}"#, JwsError::Header),
            (r#"{"alg":"RS256","alg":"EdDSA"}"#, JwsError::Header),
            (r#"{"typ":"JWT"}"#, JwsError::Header),
            (r"[]", JwsError::Header),
        ] {
            assert_eq!(error(&token(header, "Example of Ed25519 signing")), refusal, "{header}");
        }
    }

    #[test]
    fn a_token_has_one_spelling() {
        let good = token(r#"{"alg":"EdDSA"}"#, "Example of Ed25519 signing");
        for bad in [
            String::new(),
            "..".to_owned(),
            good.replacen('.', "", 1),
            format!("{good}="),
            format!("{good}."),
            format!(" {good}"),
            good.replace("KAg", "KAh"),
            good.replace('_', "/"),
        ] {
            assert_eq!(error(&bad), if bad == ".." { JwsError::Header } else { JwsError::Shape }, "{bad}");
        }
        assert_eq!(error(&"x".repeat(1_001)), JwsError::TooLong { bytes: 1_001, allowed: 1_000 });
        let long = format!("{{\"alg\":\"EdDSA\",\"x\":\"{}\"}}", "x".repeat(HEADER_BYTES_MAX));
        assert!(matches!(Jws::read(&token(&long, ""), 1 << 20), Err(JwsError::Header)));
    }
}
