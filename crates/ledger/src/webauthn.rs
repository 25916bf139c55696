//! WebAuthn assertions as signatures of acts: what a browser's security key made, kept whole.
//!
//! The challenge that the page hands to the security key is [`challenge`]: the SHA-256 of the bytes that any other key would sign. The assertion
//! (authenticator data, client data, signature) then stands in the act in place of 64 bytes, so that anybody can verify it later
//! from the act and the roster alone. This module knows no browser; it makes no challenge of its own and keeps no counter of the
//! authenticator, for an act's own counter bars replay.
//!
//! Byte form of an assertion: the JSON object `{"authenticatorData":..,"clientDataJSON":..,"signature":..}`, each member
//! base64url without padding, in this order and without spaces.
//!
//! # Guarantee
//! [`Assertion::holds`]: the holder of the key, verified by its authenticator (PIN or biometric), answered this challenge on a page
//! of the relying party's origin.
//!
//! # Source
//! W3C Web Authentication Level 3: section 5.8.1 (client data), 6.1 (authenticator data), 7.2 (verifying an assertion).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    Digest,
    act_key::{ActKeyError, P256Key, SIGNATURE_BYTES_MAX},
};

/// User present, section 6.1.
const FLAG_USER_PRESENT: u8 = 0x01;
/// User verified, section 6.1.
const FLAG_USER_VERIFIED: u8 = 0x04;
/// Digest of the relying party, flags, counter.
const AUTHENTICATOR_DATA_BYTES_MIN: usize = 37;

/// The domain for whose pages a security key signs (the RP ID).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RelyingParty(String);

impl RelyingParty {
    /// # Errors
    /// [`ActKeyError::RelyingParty`] unless it is a domain in lower case.
    pub fn new(domain: &str) -> Result<Self, ActKeyError> {
        let label = |label: &str| {
            let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            !label.is_empty() && label.len() <= 63 && label.bytes().all(allowed)
        };
        if domain.len() > 253 || !domain.split('.').all(label) {
            return Err(ActKeyError::RelyingParty);
        }
        Ok(Self(domain.to_owned()))
    }

    /// Whether a page of this origin may use keys of the relying party: `https`, the domain or one below it, any port.
    /// `http://localhost` is what browsers take for secure without a certificate (W3C Secure Contexts, section 3.1).
    fn admits(&self, origin: &str) -> bool {
        let Some((scheme, rest)) = origin.split_once("://") else { return false };
        let (host, port) = rest.split_once(':').unwrap_or((rest, "0"));
        let within =
            host == self.0 || host.strip_suffix(self.0.as_str()).is_some_and(|head| head.ends_with('.'));
        let port = port.len() <= 5 && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        within && port && (scheme == "https" || (scheme == "http" && host == "localhost"))
    }
}

impl fmt::Display for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a page hands to the security key for `message`: 32 bytes.
#[must_use]
pub fn challenge(message: &[u8]) -> Digest {
    Digest::of(message)
}

/// An assertion, not yet judged.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    authenticator_data: Vec<u8>,
    client_data: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wire {
    authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    signature: String,
}

/// The members of the client data that are judged; browsers may add others (section 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

impl Assertion {
    /// An assertion from what `navigator.credentials.get` gives.
    ///
    /// # Errors
    /// [`ActKeyError::NotSigned`] when it is longer than a signature may be.
    pub fn new(authenticator_data: &[u8], client_data: &[u8], signature: &[u8]) -> Result<Self, ActKeyError> {
        let assertion = Self {
            authenticator_data: authenticator_data.to_vec(),
            client_data: client_data.to_vec(),
            signature: signature.to_vec(),
        };
        let length = assertion.to_bytes().len();
        if length > SIGNATURE_BYTES_MAX {
            let detail = format!("an assertion of {length} bytes is longer than {SIGNATURE_BYTES_MAX}");
            return Err(ActKeyError::NotSigned { detail });
        }
        Ok(assertion)
    }

    /// The byte form, which stands in an envelope as the signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        format!(
            r#"{{"authenticatorData":"{}","clientDataJSON":"{}","signature":"{}"}}"#,
            text(&self.authenticator_data),
            text(&self.client_data),
            text(&self.signature)
        )
        .into_bytes()
    }

    /// Reads the byte form.
    ///
    /// # Errors
    /// [`ActKeyError::NotSigned`] for anything that [`Assertion::to_bytes`] would not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ActKeyError> {
        let assertion = Self::from_json(bytes)?;
        if assertion.to_bytes() == bytes {
            Ok(assertion)
        } else {
            Err(ActKeyError::NotSigned { detail: "the assertion is not in its one byte form".to_owned() })
        }
    }

    /// Reads the same object with spaces or in another order, as a page may hand it over.
    ///
    /// # Errors
    /// [`ActKeyError::NotSigned`].
    pub fn from_json(json: &[u8]) -> Result<Self, ActKeyError> {
        let broken = || ActKeyError::NotSigned { detail: "these bytes are no WebAuthn assertion".to_owned() };
        if json.len() > 4 * SIGNATURE_BYTES_MAX {
            return Err(broken());
        }
        let wire: Wire = serde_json::from_slice(json).map_err(|_| broken())?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| broken());
        Self::new(&bytes(&wire.authenticator_data)?, &bytes(&wire.client_data)?, &bytes(&wire.signature)?)
    }

    /// Whether this is the key's answer to the challenge of `message`, for the relying party, with the user verified.
    #[must_use]
    pub fn holds(&self, rp: &RelyingParty, key: &P256Key, message: &[u8]) -> bool {
        let Ok(client) = serde_json::from_slice::<ClientData>(&self.client_data) else { return false };
        let asked = client.r#type == "webauthn.get"
            && client.challenge == URL_SAFE_NO_PAD.encode(challenge(message).as_bytes())
            && rp.admits(&client.origin)
            && !client.cross_origin;
        let data = &self.authenticator_data;
        let verified = FLAG_USER_PRESENT | FLAG_USER_VERIFIED;
        let answered = data.len() >= AUTHENTICATOR_DATA_BYTES_MIN
            && data.starts_with(Digest::of(rp.0.as_bytes()).as_bytes())
            && data.get(32).is_some_and(|flags| flags & verified == verified);
        let signed = [data.as_slice(), Digest::of(&self.client_data).as_bytes()].concat();
        asked && answered && key.verify_der(&signed, &self.signature)
    }
}

impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assertion").field("bytes", &self.to_bytes().len()).finish()
    }
}

#[cfg(test)]
mod tests;
