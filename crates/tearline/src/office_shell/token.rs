//! Keys for acts in a PKCS#11 token: a smart card, a hardware module, or `softhsm2` in tests.
//!
//! The secret never leaves the token. What is done here: find the token and the key, log in, read the public half, have a digest
//! or message signed, and verify the result before anybody else sees it. Keys are made with the token's own tools.
//!
//! The module is code that runs inside this process: its path comes from the command line alone.
//!
//! # Guarantee
//! [`Token::sign`] gives a signature that verifies under [`Token::key`] in the one spelling of `ledger::act_key`, or an error.
//!
//! # Source
//! PKCS #11 version 3.1, sections 4.8 (public keys), 6.3.3 to 6.3.12 (elliptic curves: `CKA_EC_POINT`, `CKM_ECDSA`, `CKM_EDDSA`).

use std::path::{Path, PathBuf};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Pkcs11Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::RawAuthPin;
use ledger::Digest;
use ledger::act_key::{ActKey, ActKeyError, P256Key, Signer, lower_half};
use ledger::key::VerifyingKey;

use super::passphrase::{Passphrase, Purpose};
use super::with_causes;
use crate::cli::act::TokenKey;
use crate::failure::Failure;

/// Keys or tokens that a message lists.
const LISTED_MAX: usize = 10;

/// Why a token did not serve.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// The module cannot be used.
    #[error("`{}` is no PKCS#11 module that can be used: {cause}", module.display())]
    Module {
        /// Its path.
        module: PathBuf,
        /// Why. As text: the loader's error says its cause itself and would say it twice.
        cause: String,
    },
    /// No such token.
    #[error("the module has no token {wanted}; it has {}", list(found))]
    NoToken {
        /// What was asked for.
        wanted: String,
        /// Labels of those it has.
        found: Vec<String>,
    },
    /// Several tokens, none named.
    #[error("the module has several tokens: {}", list(found))]
    SeveralTokens {
        /// Their labels.
        found: Vec<String>,
    },
    /// The PIN is wrong.
    #[error("the token does not take the PIN")]
    Pin,
    /// Too many wrong PINs.
    #[error("the token is locked after too many wrong PINs")]
    Locked,
    /// No such key.
    #[error("the token has no key {wanted} that signs; it has {}", list(found))]
    NoKey {
        /// What was asked for.
        wanted: String,
        /// Labels of those it has.
        found: Vec<String>,
    },
    /// Several keys answer to the name.
    #[error("the token has several keys {wanted} that sign: {}", list(found))]
    SeveralKeys {
        /// What was asked for.
        wanted: String,
        /// Their labels.
        found: Vec<String>,
    },
    /// An id that is none.
    #[error("`{text}` is not the id of a key")]
    KeyId {
        /// As given.
        text: String,
    },
    /// The public half is not there.
    #[error("the public half of the key is not in the token")]
    NoPublic,
    /// A key of another kind.
    #[error("the key is neither Ed25519 nor ECDSA P-256")]
    Algorithm,
    /// The token wants the PIN for each signature.
    #[error("the key asks for its PIN at every signature, which this version cannot do")]
    EverySignature,
    /// The token failed.
    #[error("the token failed: {what}")]
    Failed {
        /// At what.
        what: &'static str,
        /// Why.
        source: Pkcs11Error,
    },
}

fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED_MAX).map(|name| format!("`{name}`")).collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

impl TokenError {
    /// What to do about it.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::Module { .. } => {
                "give the path of the token's PKCS#11 module, such as /usr/lib/softhsm/libsofthsm2.so"
            }
            Self::NoToken { .. } | Self::SeveralTokens { .. } => {
                "insert the token, and name it with --token-label LABEL or --token-slot NUMBER"
            }
            Self::Pin => "try the PIN again with care: a token locks itself after a few wrong ones",
            Self::Locked => "have the token's administrator unlock it",
            Self::NoKey { .. } | Self::SeveralKeys { .. } => {
                "name the key with --key-label LABEL or --key-id HEX, as the token's own tools list them"
            }
            Self::KeyId { .. } => {
                "write the id in pairs of hexadecimal digits, as the token's own tools list it"
            }
            Self::NoPublic => "put the public key into the token beside the private one, under the same id",
            Self::Algorithm => {
                "make a key of one of the two in the token, and have its card put on the roster"
            }
            Self::EverySignature => {
                "use a key that does not ask each time; of a PIV card, that of slot 9A and not that of slot 9C"
            }
            Self::Failed { .. } => {
                "check that the token is inserted and has room for a session, then try again"
            }
        }
    }

    fn into_failure(self) -> Failure {
        let (message, advice) = (with_causes(&self), self.advice());
        match self {
            Self::Failed { .. } => Failure::failed(message, advice),
            _ => Failure::usage(message, advice),
        }
    }
}

/// An open token with one key of it.
pub(crate) struct Token {
    // Keeps the module open; closing it ends the login.
    session: Session,
    private: ObjectHandle,
    key: ActKey,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The key that the command line names, with the token unlocked.
pub(crate) fn open(named: &TokenKey) -> Result<Token, Failure> {
    let module = named.token.clone().unwrap_or_default();
    let label = Named::of(named).map_err(TokenError::into_failure)?;
    let (context, slot) = context(&module, named).map_err(TokenError::into_failure)?;
    let what = match (&named.token_label, named.token_slot) {
        (Some(label), _) => format!("token {label}"),
        (None, Some(slot)) => format!("the token in slot {slot}"),
        (None, None) => "the token".to_owned(),
    };
    let pin = Passphrase::obtain(named.pin_file.as_deref(), Purpose::Token, &what)?;
    log_in(context, slot, &pin, &label).map_err(TokenError::into_failure)
}

/// How a key is named within its token.
enum Named {
    Labelled(String),
    Id(Vec<u8>),
    Only,
}

impl Named {
    fn of(named: &TokenKey) -> Result<Self, TokenError> {
        match (&named.key_label, &named.key_id) {
            (Some(label), _) => Ok(Self::Labelled(label.clone())),
            (None, Some(text)) => {
                hex_bytes(text).map(Self::Id).ok_or_else(|| TokenError::KeyId { text: text.clone() })
            }
            (None, None) => Ok(Self::Only),
        }
    }

    fn attributes(&self) -> Vec<Attribute> {
        match self {
            Self::Labelled(label) => vec![Attribute::Label(label.as_bytes().to_vec())],
            Self::Id(id) => vec![Attribute::Id(id.clone())],
            Self::Only => Vec::new(),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Labelled(label) => format!("called `{label}`"),
            Self::Id(id) => format!("with id {}", hex_text(id)),
            Self::Only => "of its own".to_owned(),
        }
    }
}

/// The module, and the slot of the named token.
fn context(module: &Path, named: &TokenKey) -> Result<(Pkcs11, Slot), TokenError> {
    let unusable = |cause: String| TokenError::Module { module: module.to_owned(), cause };
    let of_token = |error: Pkcs11Error| unusable(error.to_string());
    // A bare name would be looked for in the system's library folders: the file that was named is meant.
    let path = module.canonicalize().map_err(|error| unusable(error.to_string()))?;
    let context = Pkcs11::new(path).map_err(of_token)?;
    context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(of_token)?;
    let slots = context.get_slots_with_initialized_token().map_err(of_token)?;
    let label = |slot: &Slot| context.get_token_info(*slot).map(|info| info.label().trim_end().to_owned());
    let labels = slots.iter().map(label).collect::<Result<Vec<_>, _>>().map_err(of_token)?;
    let mut matching =
        slots.iter().zip(&labels).filter(|(slot, label)| match (&named.token_label, named.token_slot) {
            (Some(wanted), _) => wanted == *label,
            (None, Some(wanted)) => slot.id() == wanted,
            (None, None) => true,
        });
    let (first, second) = (matching.next(), matching.next());
    match (first, second) {
        (Some((slot, _)), None) => Ok((context, *slot)),
        (None, _) => {
            let wanted = match (&named.token_label, named.token_slot) {
                (Some(label), _) => format!("called `{label}`"),
                (None, Some(slot)) => format!("in slot {slot}"),
                (None, None) => "at all".to_owned(),
            };
            Err(TokenError::NoToken { wanted, found: labels })
        }
        (Some(_), Some(_)) => Err(TokenError::SeveralTokens { found: labels }),
    }
}

fn log_in(context: Pkcs11, slot: Slot, pin: &Passphrase, label: &Named) -> Result<Token, TokenError> {
    let failed = |what| move |source| TokenError::Failed { what, source };
    let session = context.open_ro_session(slot).map_err(failed("opening a session"))?;
    // The copy is wiped like the original.
    let pin = RawAuthPin::new(Box::new(pin.as_bytes().to_vec()));
    session.login_with_raw(UserType::User, &pin).map_err(|source| match source {
        Pkcs11Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
            TokenError::Pin
        }
        Pkcs11Error::Pkcs11(RvError::PinLocked, _) => TokenError::Locked,
        source => TokenError::Failed { what: "logging in", source },
    })?;
    let private = private_key(&session, label)?;
    let key = public_key(&session, private)?;
    Ok(Token { session, private, key })
}

/// The one private key that signs and answers to the name.
fn private_key(session: &Session, label: &Named) -> Result<ObjectHandle, TokenError> {
    let failed = |what| move |source| TokenError::Failed { what, source };
    let signs = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Sign(true)];
    let template: Vec<Attribute> = signs.iter().cloned().chain(label.attributes()).collect();
    let found = session.find_objects(&template).map_err(failed("looking for the key"))?;
    let private = match found.as_slice() {
        [only] => *only,
        [] => {
            let all = session.find_objects(&signs).map_err(failed("looking for keys"))?;
            return Err(TokenError::NoKey { wanted: label.shown(), found: labels(session, &all) });
        }
        several => {
            return Err(TokenError::SeveralKeys { wanted: label.shown(), found: labels(session, several) });
        }
    };
    let asked = session.get_attributes(private, &[AttributeType::AlwaysAuthenticate]);
    // A token that does not know the attribute does not ask.
    if asked.is_ok_and(|asked| asked.contains(&Attribute::AlwaysAuthenticate(true))) {
        return Err(TokenError::EverySignature);
    }
    Ok(private)
}

/// Labels for a message; a key without one has an id.
fn labels(session: &Session, keys: &[ObjectHandle]) -> Vec<String> {
    let wanted = [AttributeType::Label, AttributeType::Id];
    let name = |key: &ObjectHandle| {
        let attributes = session.get_attributes(*key, &wanted).unwrap_or_default();
        let text = attributes.iter().find_map(|attribute| match attribute {
            Attribute::Label(bytes) if !bytes.is_empty() => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        });
        text.or_else(|| id(&attributes).map(|id| hex_text(&id))).unwrap_or_default()
    };
    keys.iter().map(name).collect()
}

fn id(attributes: &[Attribute]) -> Option<Vec<u8>> {
    attributes.iter().find_map(|attribute| match attribute {
        Attribute::Id(id) if !id.is_empty() => Some(id.clone()),
        _ => None,
    })
}

/// The public half of a private key: the public object with the same id, or with the same label where keys have no ids.
fn public_key(session: &Session, private: ObjectHandle) -> Result<ActKey, TokenError> {
    let failed = |source| TokenError::Failed { what: "reading the public key", source };
    let names =
        session.get_attributes(private, &[AttributeType::Id, AttributeType::Label]).map_err(failed)?;
    let name = id(&names).map(Attribute::Id);
    let name = name.or_else(|| names.into_iter().find(|name| matches!(name, Attribute::Label(_))));
    let template = [Some(Attribute::Class(ObjectClass::PUBLIC_KEY)), name];
    let template: Vec<Attribute> = template.into_iter().flatten().collect();
    let found = session.find_objects(&template).map_err(failed)?;
    let [public] = found.as_slice() else { return Err(TokenError::NoPublic) };
    let wanted = [AttributeType::KeyType, AttributeType::EcPoint];
    let attributes = session.get_attributes(*public, &wanted).map_err(failed)?;
    let (mut kind, mut point) = (None, None);
    for attribute in attributes {
        match attribute {
            Attribute::KeyType(found) => kind = Some(found),
            Attribute::EcPoint(bytes) => point = Some(bytes),
            _ => {}
        }
    }
    kind.zip(point).and_then(|(kind, point)| of_point(kind, &point)).ok_or(TokenError::Algorithm)
}

/// A key from its `CKA_EC_POINT`: the bytes in a DER octet string, as the standard has it; in a DER bit string, as some tokens
/// give Ed25519; or bare, as older ones do. The three differ in length, so that none can be taken for another.
fn of_point(kind: KeyType, point: &[u8]) -> Option<ActKey> {
    if kind == KeyType::EC {
        let bare = if point.len() == 67 { point.strip_prefix(&[0x04, 0x41])? } else { point };
        return P256Key::from_bytes(bare).ok().map(ActKey::P256);
    }
    if kind == KeyType::EC_EDWARDS {
        let bare = match point.len() {
            34 => point.strip_prefix(&[0x04, 0x20])?,
            35 => point.strip_prefix(&[0x03, 0x21, 0x00])?,
            _ => point,
        };
        return VerifyingKey::from_bytes(bare).ok().map(ActKey::Ed25519);
    }
    None
}

impl Signer for Token {
    fn key(&self) -> ActKey {
        self.key.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ActKeyError> {
        let refused = |error: Pkcs11Error| ActKeyError::NotSigned { detail: error.to_string() };
        let signature = match &self.key {
            ActKey::P256(_) => {
                // The digest is made here: few cards hash, and none needs to see the act.
                let digest = Digest::of(message);
                let signed =
                    self.session.sign(&Mechanism::Ecdsa, self.private, digest.as_bytes()).map_err(refused)?;
                let signed = <[u8; 64]>::try_from(signed).map_err(|_| ActKeyError::NotSigned {
                    detail: "the token gave no 64 bytes".to_owned(),
                })?;
                lower_half(signed).to_vec()
            }
            ActKey::Ed25519(_) => {
                let pure = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure));
                self.session.sign(&pure, self.private, message).map_err(refused)?
            }
            ActKey::WebAuthn(_) => {
                return Err(ActKeyError::NotSigned { detail: "a token holds no security key".to_owned() });
            }
        };
        if self.key.verify(message, &signature) {
            Ok(signature)
        } else {
            let detail = "the token's signature does not verify under its public key".to_owned();
            Err(ActKeyError::NotSigned { detail })
        }
    }
}

fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit)).collect())
}

fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use ledger::act_key::P256SigningKey;
    use ledger::key::SigningKey;

    use super::*;

    #[test]
    fn a_point_is_read_however_tokens_wrap_it() {
        let p256 = *P256SigningKey::from_secret(&[7; 32]).unwrap().public();
        let ed25519 = SigningKey::from_seed(&[7; 32]).verifying_key();
        let wrap = |head: &[u8], bytes: &[u8]| [head, bytes].concat();
        for point in [wrap(&[], p256.as_bytes()), wrap(&[0x04, 0x41], p256.as_bytes())] {
            assert_eq!(of_point(KeyType::EC, &point), Some(ActKey::P256(p256)));
            assert_eq!(of_point(KeyType::EC_EDWARDS, &point), None);
            assert_eq!(of_point(KeyType::RSA, &point), None);
        }
        for head in [&[][..], &[0x04, 0x20], &[0x03, 0x21, 0x00]] {
            let point = wrap(head, ed25519.as_bytes());
            assert_eq!(of_point(KeyType::EC_EDWARDS, &point), Some(ActKey::Ed25519(ed25519)));
            assert_eq!(of_point(KeyType::EC, &point), None);
        }
        // Another length, another head, a point that is on no curve.
        assert_eq!(of_point(KeyType::EC, &wrap(&[0x04, 0x40], p256.as_bytes())), None);
        assert_eq!(of_point(KeyType::EC, &p256.as_bytes()[..33]), None);
        assert_eq!(of_point(KeyType::EC_EDWARDS, &wrap(&[0x03, 0x21, 0x01], ed25519.as_bytes())), None);
        assert_eq!(of_point(KeyType::EC_EDWARDS, &[]), None);
    }

    #[test]
    fn ids_are_pairs_of_digits() {
        assert_eq!(hex_bytes("01fA"), Some(vec![0x01, 0xfa]));
        assert_eq!(hex_text(&[0x01, 0xfa]), "01fa");
        for text in ["", "1", "0g", "01 02"] {
            assert_eq!(hex_bytes(text), None, "{text}");
        }
    }
}
