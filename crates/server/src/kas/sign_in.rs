//! Who may sign in, and by what: receivers of the roster with the credentials that the operator gave them.
//!
//! Signing in says who asks; what a receiver may have is the office's to say. Credentials are drawn by the program, 256 bits each, so
//! that a plain digest of one can stand in a configuration: there is nothing to guess, and no slow hash that strangers could make the
//! service compute. A text that was not drawn so is no credential, whatever its digest.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::act::Code;
use ledger::{Digest, Randomness};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

use super::jwk::ClientKey;

/// What every credential begins with, so that scanners find one that leaked.
const PREFIX: &str = "tearline-";
/// Random bytes of a credential.
const DRAWN: usize = 32;
/// Longest client id.
const CLIENT_BYTES_MAX: usize = 64;
/// Most sign-ins of one service.
pub const SIGN_INS_MAX: usize = 100_000;

/// A client secret or a static bearer token. Wiped when dropped, never printed.
pub struct Credential(Zeroizing<String>);

impl Credential {
    /// Draws one.
    #[must_use]
    pub fn draw(randomness: &mut dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; DRAWN]);
        randomness.fill(bytes.as_mut());
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref()));
        Self(Zeroizing::new([PREFIX, encoded.as_str()].concat()))
    }

    /// Reads one; none where the text cannot have been drawn.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let drawn = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).map(Zeroizing::new).ok()?;
        (drawn.len() == DRAWN).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for the one who is to use it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What stands in a configuration.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential")
    }
}

/// Whether a client has to sign its requests by a key that the service knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proving {
    /// By its registered key, or by the key that its token is bound to.
    Required,
    /// Not required: for clients that sign with a key which they show nobody. Whoever holds such a token or credential is that client.
    Waived,
}

/// One receiver's way in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The receiver.
    pub receiver: Code,
    /// The name by which its client signs in.
    pub client: String,
    /// Digest of its client secret.
    pub secret: Option<Digest>,
    /// The key with which it signs assertions and requests.
    pub key: Option<ClientKey>,
    /// Digests of static bearer tokens.
    pub bearers: Vec<Digest>,
    /// Whether its requests have to be signed by a known key.
    pub proving: Proving,
}

/// Why sign-ins are not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignInError {
    /// A client id that is empty, too long or has other characters than letters, digits and `-._`.
    #[error("`{client}` cannot be a client id")]
    Client {
        /// As it was given.
        client: String,
    },
    /// Two of one client id.
    #[error("two sign-ins have the client id `{client}`")]
    Twice {
        /// Which.
        client: String,
    },
    /// One credential for two things.
    #[error("a credential of client `{client}` is given twice")]
    Credential {
        /// Whose.
        client: String,
    },
    /// Nothing to sign in with.
    #[error("client `{client}` has neither secret, nor key, nor bearer token")]
    Nothing {
        /// Who.
        client: String,
    },
    /// A static token without anything by which requests could be verified.
    #[error("client `{client}` has a bearer token but no key to sign its requests with")]
    Unproved {
        /// Who.
        client: String,
    },
    /// Too many.
    #[error("there are {count} sign-ins, more than {SIGN_INS_MAX}")]
    TooMany {
        /// How many.
        count: usize,
    },
}

impl SignInError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Client { .. } => "use up to 64 letters, digits, `-`, `.` and `_`",
            Self::Twice { .. } => "give each client its own id",
            Self::Credential { .. } => "draw a new credential for each use",
            Self::Nothing { .. } => "draw a credential, or give its public key",
            Self::Unproved { .. } => {
                "give its public key, or waive the proof where the client cannot do better"
            }
            Self::TooMany { .. } => "run several services, each for a part of the receivers",
        }
    }
}

/// All sign-ins of a service.
#[derive(Debug, Default)]
pub struct SignIns {
    clients: BTreeMap<String, Arc<SignIn>>,
    bearers: BTreeMap<Digest, Arc<SignIn>>,
}

impl SignIns {
    /// Takes sign-ins.
    ///
    /// # Errors
    ///
    /// See [`SignInError`].
    pub fn new(sign_ins: Vec<SignIn>) -> Result<Self, SignInError> {
        if sign_ins.len() > SIGN_INS_MAX {
            return Err(SignInError::TooMany { count: sign_ins.len() });
        }
        let mut all = Self::default();
        let mut digests = std::collections::BTreeSet::new();
        for sign_in in sign_ins {
            let client = sign_in.client.clone();
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            if client.is_empty() || client.len() > CLIENT_BYTES_MAX || !client.bytes().all(letter) {
                return Err(SignInError::Client { client });
            }
            if sign_in.secret.is_none() && sign_in.key.is_none() && sign_in.bearers.is_empty() {
                return Err(SignInError::Nothing { client });
            }
            let unproved = sign_in.key.is_none() && sign_in.proving == Proving::Required;
            if unproved && !sign_in.bearers.is_empty() {
                return Err(SignInError::Unproved { client });
            }
            if !sign_in.bearers.iter().chain(&sign_in.secret).all(|digest| digests.insert(*digest)) {
                return Err(SignInError::Credential { client });
            }
            let sign_in = Arc::new(sign_in);
            for bearer in &sign_in.bearers {
                all.bearers.insert(*bearer, Arc::clone(&sign_in));
            }
            if all.clients.insert(client.clone(), sign_in).is_some() {
                return Err(SignInError::Twice { client });
            }
        }
        Ok(all)
    }

    /// The receivers that may sign in.
    pub fn receivers(&self) -> impl Iterator<Item = &Code> {
        self.clients.values().map(|sign_in| &sign_in.receiver)
    }

    pub(super) fn client(&self, client: &str) -> Option<&Arc<SignIn>> {
        self.clients.get(client)
    }

    /// Whose static bearer token this is. Looked up by its digest: how long that takes says nothing of a token that is not known.
    pub(super) fn bearer(&self, token: &str) -> Option<&Arc<SignIn>> {
        self.bearers.get(&Credential::read(token)?.digest())
    }

    /// The client, if this is its secret.
    pub(super) fn by_secret(&self, client: &str, secret: &str) -> Option<&Arc<SignIn>> {
        let credential = Credential::read(secret)?;
        let sign_in = self.clients.get(client)?;
        let expected = sign_in.secret?;
        let same = expected.as_bytes().ct_eq(credential.digest().as_bytes());
        bool::from(same).then_some(sign_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(seed: u8) -> Credential {
        Credential::draw(&mut |out: &mut [u8]| out.fill(seed))
    }

    fn sign_in(client: &str) -> SignIn {
        SignIn {
            receiver: Code::new("ACME").unwrap(),
            client: client.to_owned(),
            secret: Some(credential(1).digest()),
            key: None,
            bearers: Vec::new(),
            proving: Proving::Required,
        }
    }

    #[test]
    fn a_credential_is_one_that_was_drawn() {
        let drawn = credential(1);
        assert_eq!(Credential::read(drawn.reveal()).unwrap().digest(), drawn.digest());
        for other in [
            "",
            "tearline-",
            "password",
            drawn.reveal().trim_start_matches('t'),
            &format!("{}A", drawn.reveal()),
        ] {
            assert!(Credential::read(other).is_none(), "{other}");
        }
        assert_eq!(format!("{drawn:?}"), "Credential");
    }

    #[test]
    fn a_secret_opens_for_its_client_alone() {
        let mut other = sign_in("other");
        other.secret = Some(credential(2).digest());
        let all = SignIns::new(vec![sign_in("acme"), other]).unwrap();
        assert!(all.by_secret("acme", credential(1).reveal()).is_some());
        for (client, secret) in [("acme", 2), ("other", 1), ("nobody", 1)] {
            assert!(all.by_secret(client, credential(secret).reveal()).is_none());
        }
        assert!(all.bearer(credential(1).reveal()).is_none());
    }

    #[test]
    fn sign_ins_that_could_not_be_told_apart_or_proved_are_refused() {
        let refused = |sign_ins: Vec<SignIn>| SignIns::new(sign_ins).unwrap_err();
        let client = || "acme".to_owned();
        let mut bearer = sign_in("acme");
        bearer.bearers = vec![credential(3).digest()];
        assert_eq!(refused(vec![bearer.clone()]), SignInError::Unproved { client: client() });
        bearer.proving = Proving::Waived;
        assert!(SignIns::new(vec![bearer.clone()]).is_ok());
        bearer.bearers.push(credential(1).digest());
        assert_eq!(refused(vec![bearer]), SignInError::Credential { client: client() });
        let mut nothing = sign_in("acme");
        nothing.secret = None;
        assert_eq!(refused(vec![nothing]), SignInError::Nothing { client: client() });
        let mut twice = sign_in("acme");
        twice.secret = Some(credential(2).digest());
        assert_eq!(refused(vec![sign_in("acme"), twice]), SignInError::Twice { client: client() });
        for bad in ["", "a b", "a:b", &"a".repeat(65)] {
            assert_eq!(refused(vec![sign_in(bad)]), SignInError::Client { client: bad.to_owned() });
        }
    }
}
