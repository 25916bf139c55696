//! Who asks: the access token of a request, and the proof of the key that it is bound to.
//!
//! A token that is bound to a key counts only with a fresh proof by that key. Both schemes are taken for it, `DPoP` by the standard and
//! `Bearer` as the web client writes it: what decides is the proof, not the word.
//!
//! # Source
//!
//! RFC 6750 section 2.1, RFC 9449 section 7.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, header};
use thiserror::Error;

use super::Inner;
use super::connect::one;
use super::jwk::ClientKey;
use super::proof::{Asked, Proof, ProofError, thumb};
use super::seen::Use;
use super::sign_in::{Proving, SignIn};

/// RFC 9449, section 4.1.
pub(super) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A client that is known, and the key by which its request must be signed; none where that was waived for it.
pub(super) struct Caller {
    pub(super) sign_in: Arc<SignIn>,
    pub(super) key: Option<ClientKey>,
}

/// Why nobody is known to ask.
#[derive(Debug, Error)]
pub(super) enum CallerError {
    #[error("there is no access token")]
    Missing,
    #[error("the access token is not one of this service that still counts")]
    Token,
    #[error("the access token is bound to a key, and there is no DPoP proof")]
    NoProof,
    #[error("the DPoP proof is not taken: {0}")]
    Proof(#[from] ProofError),
    #[error("the DPoP proof is by another key than the access token is bound to")]
    OtherKey,
    #[error("the DPoP proof was used before")]
    Replayed,
    #[error("this client has to prove a key, and its access token is bound to none")]
    Unproved,
    #[error("the service remembers too many proofs to take another")]
    Full,
}

impl Inner {
    /// The client that sent these headers to `path` at the second `now`.
    pub(super) fn caller(&self, headers: &HeaderMap, path: &str, now: u64) -> Result<Caller, CallerError> {
        let (scheme, token) = one(headers, header::AUTHORIZATION)
            .and_then(|value| value.split_once(' '))
            .ok_or(CallerError::Missing)?;
        if !["bearer", "dpop"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return Err(CallerError::Missing);
        }
        let Some(claims) = self.tokens.verify(token, now) else {
            let sign_in = self.sign_ins.bearer(token).ok_or(CallerError::Token)?;
            return registered(sign_in);
        };
        let sign_in = self.sign_ins.client(&claims.sub).ok_or(CallerError::Token)?;
        let Some(bound_to) = claims.bound_to() else { return registered(sign_in) };
        let asked = Asked { method: "POST", base: &self.url, path, token: Some(token) };
        let proof = one(headers, DPOP).ok_or(CallerError::NoProof)?;
        let proof = Proof::read(proof, asked, now)?;
        if thumb(proof.key.thumbprint()) != bound_to {
            return Err(CallerError::OtherKey);
        }
        match self.used(proof.id, proof.until, now) {
            Use::First => Ok(Caller { sign_in: Arc::clone(sign_in), key: Some(proof.key) }),
            Use::Again => Err(CallerError::Replayed),
            Use::Full => Err(CallerError::Full),
        }
    }
}

/// A client whose token is bound to nothing: its registered key signs its requests, unless that is waived.
fn registered(sign_in: &Arc<SignIn>) -> Result<Caller, CallerError> {
    match (&sign_in.key, sign_in.proving) {
        (None, Proving::Required) => Err(CallerError::Unproved),
        (key, _) => Ok(Caller { sign_in: Arc::clone(sign_in), key: key.clone() }),
    }
}
