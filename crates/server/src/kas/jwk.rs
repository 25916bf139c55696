//! Public keys of clients: JSON Web Keys of the three kinds that clients sign with, their thumbprints, and the one algorithm of each.
//!
//! The algorithm is the key's, never the token's choice: a header that names another is refused, so none can be talked into a weaker
//! one. Symmetric keys and private keys are refused.
//!
//! # Source
//!
//! RFC 7517 (JWK), RFC 7518 sections 3 and 6, RFC 8037 (Ed25519), RFC 7638 (thumbprints); signatures by the provider.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::Digest;
use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

/// The longest JSON Web Key that is read, in bytes; an RSA key of 4,096 bits has about 750.
pub const JWK_BYTES_MAX: usize = 4 * 1024;

/// Modulus bytes of RSA keys: from 2,048 bits, the least that is still allowed, to 4,096, past which a signature costs too much.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// 65,537, the exponent that every client has.
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// Why something is not a public key to verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JwkError {
    /// Longer than a key may be.
    #[error("the key has more than {JWK_BYTES_MAX} bytes")]
    TooLong,
    /// Not the JSON of a key.
    #[error("the key does not read as a JSON Web Key")]
    Json,
    /// It holds a secret.
    #[error("the key is a private one")]
    Private,
    /// A kind or curve that no client needs.
    #[error("the key is none of RSA, P-256 and Ed25519")]
    Kind,
    /// A member that is missing, not base64url, or of a wrong length.
    #[error("the key's member `{member}` is not well-formed")]
    Member {
        /// Which.
        member: &'static str,
    },
}

impl JwkError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Private => "give the public half, and replace the key: its secret was shown",
            _ => {
                "give the public key as a JSON Web Key (RFC 7517): RSA of 2048 to 4096 bits with exponent 65537, P-256 or Ed25519"
            }
        }
    }
}

/// A client's public key.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientKey(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Rsa {
        modulus: Vec<u8>,
    },
    /// The uncompressed point of SEC 1: 4, x, y.
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256, signature of two numbers.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Reads the name in a header; Ed25519 has two (RFC 8037, RFC 9864).
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// Members that matter. Others, such as `use` and `kid`, say nothing that is believed.
#[derive(Deserialize)]
struct Wire {
    kty: String,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    // Secrets: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1.
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

impl ClientKey {
    /// Reads a JSON Web Key.
    ///
    /// # Errors
    ///
    /// See [`JwkError`].
    pub fn from_jwk(json: &[u8]) -> Result<Self, JwkError> {
        if json.len() > JWK_BYTES_MAX {
            return Err(JwkError::TooLong);
        }
        let wire: Wire = serde_json::from_slice(json).map_err(|_| JwkError::Json)?;
        if wire.d.is_some() || wire.p.is_some() || wire.k.is_some() {
            return Err(JwkError::Private);
        }
        let kind = match (wire.kty.as_str(), wire.crv.as_deref()) {
            ("RSA", None) => {
                let modulus = member("n", wire.n)?;
                // RFC 7518, section 6.3.1.1: the fewest bytes that hold the number.
                if !RSA_BYTES.contains(&modulus.len()) || modulus.first() == Some(&0) {
                    return Err(JwkError::Member { member: "n" });
                }
                if member("e", wire.e)? != RSA_EXPONENT {
                    return Err(JwkError::Member { member: "e" });
                }
                Kind::Rsa { modulus }
            }
            ("EC", Some("P-256")) => {
                let [x, y]: [[u8; 32]; 2] = [sized("x", wire.x)?, sized("y", wire.y)?];
                let mut point = [4; 65];
                let (left, right) = point[1..].split_at_mut(32);
                left.copy_from_slice(&x);
                right.copy_from_slice(&y);
                Kind::P256(point)
            }
            ("OKP", Some("Ed25519")) => Kind::Ed25519(sized("x", wire.x)?),
            _ => return Err(JwkError::Kind),
        };
        Ok(Self(kind))
    }

    /// The one algorithm that this key signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Rsa { .. } => Algorithm::Rs256,
            Kind::P256(_) => Algorithm::Es256,
            Kind::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// Whether `signature` over `message` is by this key.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.0 {
            Kind::Rsa { modulus } => {
                let key = RsaPublicKeyComponents { n: modulus.as_slice(), e: RSA_EXPONENT.as_slice() };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            Kind::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            Kind::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
        };
        verified.is_ok()
    }

    /// The key's name: SHA-256 of its required members in their one order (RFC 7638, section 3).
    #[must_use]
    pub fn thumbprint(&self) -> Digest {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let members = match &self.0 {
            Kind::Rsa { modulus } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, encode(&RSA_EXPONENT), encode(modulus))
            }
            Kind::P256(point) => {
                let (x, y) = point[1..].split_at(32);
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, encode(x), encode(y))
            }
            Kind::Ed25519(key) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(key)),
        };
        Digest::of(members.as_bytes())
    }
}

/// Public, but long: the name says enough.
impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientKey({:?}, {})", self.algorithm(), self.thumbprint())
    }
}

fn member(name: &'static str, text: Option<String>) -> Result<Vec<u8>, JwkError> {
    let text = text.ok_or(JwkError::Member { member: name })?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JwkError::Member { member: name })
}

fn sized<const N: usize>(name: &'static str, text: Option<String>) -> Result<[u8; N], JwkError> {
    member(name, text)?.try_into().map_err(|_| JwkError::Member { member: name })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7638, section 3.1.
    const RSA: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    /// RFC 8037, appendix A.2.
    const ED25519: &str =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// RFC 7517, appendix A.1.
    const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}"#;

    fn thumbprint(jwk: &str) -> String {
        URL_SAFE_NO_PAD.encode(ClientKey::from_jwk(jwk.as_bytes()).unwrap().thumbprint().as_bytes())
    }

    #[test]
    fn thumbprints_are_those_of_the_standards() {
        assert_eq!(thumbprint(RSA), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        // RFC 8037, appendix A.3.
        assert_eq!(thumbprint(ED25519), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(ClientKey::from_jwk(P256.as_bytes()).unwrap().algorithm(), Algorithm::Es256);
    }

    #[test]
    fn a_signature_is_verified_by_its_key_alone() {
        // RFC 8037, appendix A.4.
        let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature =
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for (jwk, holds) in [(ED25519, true), (RSA, false), (P256, false)] {
            let key = ClientKey::from_jwk(jwk.as_bytes()).unwrap();
            assert_eq!(key.verify(signed.as_bytes(), &signature), holds, "{key:?}");
            assert!(!key.verify(&signed.as_bytes()[1..], &signature));
        }
    }

    #[test]
    fn what_is_no_public_key_of_the_three_kinds_is_refused() {
        let refused = |jwk: &str| ClientKey::from_jwk(jwk.as_bytes()).unwrap_err();
        let member = |member| JwkError::Member { member };
        assert_eq!(refused(&ED25519.replace(r#""x""#, r#""d":"AA","x""#)), JwkError::Private);
        assert_eq!(refused(r#"{"kty":"oct","k":"AAAA"}"#), JwkError::Private);
        assert_eq!(refused(r#"{"kty":"oct"}"#), JwkError::Kind);
        assert_eq!(refused(&P256.replace("P-256", "P-384")), JwkError::Kind);
        assert_eq!(refused(&P256.replace(r#""y""#, r#""z""#)), member("y"));
        assert_eq!(refused(&ED25519.replace("11qY", "11q")), member("x"));
        assert_eq!(refused(&RSA.replace("AQAB", "Aw")), member("e"));
        assert_eq!(refused(r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#), member("n"));
        assert_eq!(refused(&RSA.replace(r#""n":"0vx7"#, r#""n":"AAAA0vx7"#)), member("n"));
        // The same member twice would let two readers see two keys.
        assert_eq!(refused(&ED25519.replace(r#""kty""#, r#""x":"AA","kty""#)), JwkError::Json);
        assert_eq!(refused(&" ".repeat(JWK_BYTES_MAX + 1)), JwkError::TooLong);
    }
}
