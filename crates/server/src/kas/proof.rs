//! Proofs that a client holds the key that it names, for one request (DPoP).
//!
//! Clients disagree on one thing: the address of the request (`htu`) is the whole URL by the standard, while the platform and a client
//! of it name the procedure's path alone. Both are taken. What the path loses is nothing that a key access service gives: a proof
//! relayed from another host still needs the token of this one and a request signed by the same key, and the answer can be opened by
//! the key in that request alone.
//!
//! # Source
//!
//! RFC 9449 sections 4.2, 4.3 and 11.1.

use ledger::Digest;
use serde::Deserialize;
use thiserror::Error;

use super::jwk::ClientKey;
use super::jws::{Jws, JwsError};

/// Longest proof in bytes: an RSA key of 4,096 bits and its signature.
const PROOF_BYTES_MAX: usize = 4 * 1024;
/// How old a proof may be.
const AGE_MAX_S: u64 = 60;
/// How far a client's clock may be ahead.
const AHEAD_MAX_S: u64 = 30;
/// Longest id and address in bytes.
const CLAIM_BYTES_MAX: usize = 512;

/// Why a proof is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum ProofError {
    /// Not a token signed by the key in its header.
    #[error("the DPoP proof is not a token signed by the key in its header")]
    Jws(#[from] JwsError),
    /// Of another type.
    #[error("the token is of another type than `dpop+jwt`")]
    Type,
    /// A claim that is not of this request.
    #[error("the DPoP proof's claim `{claim}` is not that of this request")]
    Claim {
        /// Which.
        claim: &'static str,
    },
    /// Too old, or from the future.
    #[error("the DPoP proof was made too long ago, or in the future")]
    Time,
}

/// For what request a proof has to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// The method.
    pub(super) method: &'a str,
    /// The service's own address, without the path.
    pub(super) base: &'a str,
    /// The path.
    pub(super) path: &'a str,
    /// The access token that came with it.
    pub(super) token: Option<&'a str>,
}

/// A proof that holds; whether it was used before is for the caller to say.
pub(super) struct Proof {
    pub(super) key: ClientKey,
    /// Names it, under its key.
    pub(super) id: Digest,
    /// The second after which its age refuses it.
    pub(super) until: u64,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: u64,
    ath: Option<String>,
}

impl Proof {
    /// Judges a proof at the second `now`.
    pub(super) fn read(text: &str, asked: Asked<'_>, now: u64) -> Result<Self, ProofError> {
        let jws = Jws::read(text, PROOF_BYTES_MAX)?;
        if jws.typ() != Some("dpop+jwt") {
            return Err(ProofError::Type);
        }
        let key = jws.header_key()?;
        let claims: Claims = jws.verified(&key)?;
        let claim = |claim, holds| if holds { Ok(()) } else { Err(ProofError::Claim { claim }) };
        claim("htm", claims.htm == asked.method)?;
        claim("htu", is_address(&claims.htu, asked))?;
        claim("jti", (1..=CLAIM_BYTES_MAX).contains(&claims.jti.len()))?;
        if let Some(token) = asked.token {
            claim("ath", claims.ath == Some(thumb(Digest::of(token.as_bytes()))))?;
        }
        if claims.iat > now.saturating_add(AHEAD_MAX_S) || claims.iat.saturating_add(AGE_MAX_S) < now {
            return Err(ProofError::Time);
        }
        let id = Digest::of_parts(&[b"proof\0", key.thumbprint().as_bytes(), claims.jti.as_bytes()]);
        Ok(Self { key, id, until: claims.iat.saturating_add(AGE_MAX_S) })
    }
}

/// A digest as tokens write it.
pub(super) fn thumb(digest: Digest) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest.as_bytes())
}

fn is_address(htu: &str, asked: Asked<'_>) -> bool {
    if htu.len() > CLAIM_BYTES_MAX {
        return false;
    }
    // RFC 9449, section 4.3: query and fragment do not count.
    let htu = htu.split(['?', '#']).next().unwrap_or_default();
    htu == asked.path || normal(htu) == normal(&format!("{}{}", asked.base, asked.path))
}

/// A URL with scheme and host in small letters and without the port that its scheme has anyway (RFC 3986, section 6.2).
pub(super) fn normal(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let scheme = scheme.to_ascii_lowercase();
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.to_ascii_lowercase();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    format!("{scheme}://{}{path}", host.strip_suffix(usual).unwrap_or(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_as_addresses() {
        let asked = Asked { method: "POST", base: "https://kas.example", path: "/token", token: None };
        for same in [
            "https://kas.example/token",
            "HTTPS://KAS.example:443/token",
            "https://kas.example/token?x=1",
            "https://kas.example/token#x",
            "/token",
        ] {
            assert!(is_address(same, asked), "{same}");
        }
        for other in [
            "http://kas.example/token",
            "https://kas.example/Token",
            "https://kas.example:80/token",
            "https://kas.example.evil/token",
            "https://kas.example/token/",
            "token",
            "",
        ] {
            assert!(!is_address(other, asked), "{other}");
        }
    }
}
