//! Access tokens: short-lived, signed by the service for itself.
//!
//! The service that issues them is the only one that reads them, so the signature is an HMAC under a key that is drawn at each start
//! and never leaves the process: no key to keep, and a restart ends every session.
//!
//! # Source
//!
//! RFC 9068 for type and claims, RFC 9449 section 6 for the bound key.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::{Digest, Randomness};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::proof::thumb;

/// The one header that is written, and read.
const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

/// Longest token that is looked at.
pub(super) const TOKEN_BYTES_MAX: usize = 2 * 1024;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessClaims {
    iss: String,
    aud: String,
    /// The client.
    pub(super) sub: String,
    iat: u64,
    /// The first second in which it no longer counts.
    exp: u64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: String,
}

impl AccessClaims {
    /// The thumbprint of the key that a request has to prove.
    pub(super) fn bound_to(&self) -> Option<&str> {
        self.cnf.as_ref().map(|cnf| cnf.jkt.as_str())
    }
}

/// Issues tokens, and knows its own.
pub(super) struct AccessTokens {
    key: hmac::Key,
    issuer: String,
    /// How long a token counts.
    pub(super) lifetime_s: u32,
}

impl AccessTokens {
    pub(super) fn new(issuer: String, lifetime_s: u32, randomness: &mut dyn Randomness) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        randomness.fill(secret.as_mut());
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref()), issuer, lifetime_s }
    }

    /// A token for a client, bound to the key of this thumbprint if there is one.
    pub(super) fn issue(
        &self,
        client: &str,
        bound_to: Option<Digest>,
        now: u64,
        randomness: &mut dyn Randomness,
    ) -> String {
        let mut id = [0; 16];
        randomness.fill(&mut id);
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: client.to_owned(),
            iat: now,
            exp: now.saturating_add(u64::from(self.lifetime_s)),
            jti: URL_SAFE_NO_PAD.encode(id),
            cnf: bound_to.map(|key| Confirmation { jkt: thumb(key) }),
        };
        // Text and numbers always have a JSON form; were it not so, an empty claim set counts for nothing.
        let claims = serde_json::to_string(&claims).unwrap_or_default();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
        let tag = hmac::sign(&self.key, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    /// What a token of ours says that still counts at the second `now`.
    pub(super) fn verify(&self, token: &str, now: u64) -> Option<AccessClaims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (signed, tag) = token.rsplit_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.key, signed.as_bytes(), &tag).ok()?;
        let (header, claims) = signed.split_once('.')?;
        if header != URL_SAFE_NO_PAD.encode(HEADER) {
            return None;
        }
        let claims: AccessClaims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        (claims.iss == self.issuer && claims.iat <= now && now < claims.exp).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(seed: u8) -> AccessTokens {
        AccessTokens::new("https://kas.example".to_owned(), 300, &mut |out: &mut [u8]| out.fill(seed))
    }

    fn token() -> String {
        tokens(1).issue("acme", Some(Digest::of(b"key")), 1_000, &mut |out: &mut [u8]| out.fill(7))
    }

    #[test]
    fn a_token_counts_from_its_second_for_its_lifetime() {
        let token = token();
        for (now, counts) in [(999, false), (1_000, true), (1_299, true), (1_300, false)] {
            assert_eq!(tokens(1).verify(&token, now).is_some(), counts, "{now}");
        }
        let claims = tokens(1).verify(&token, 1_000).unwrap();
        assert_eq!((claims.sub.as_str(), claims.bound_to()), ("acme", Some(&*thumb(Digest::of(b"key")))));
    }

    #[test]
    fn every_changed_letter_and_every_other_service_makes_it_nobodys() {
        let token = token();
        assert!(tokens(2).verify(&token, 1_000).is_none());
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(tokens(1).verify(&changed, 1_000).is_none(), "{at}");
            let (begun, _) = token.split_at(at);
            assert!(tokens(1).verify(begun, 1_000).is_none());
        }
        assert!(tokens(1).verify(&"x".repeat(TOKEN_BYTES_MAX + 1), 1_000).is_none());
    }
}
