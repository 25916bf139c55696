//! Keys of all kinds, between memory and key files.
//!
//! `ledger` seals secrets without knowing those of packages, `package` makes them without knowing files; here they meet.

use std::path::{Path, PathBuf};

use ledger::Randomness;
use ledger::act_key::P256SigningKey;
use ledger::cosignature::Cosigner;
use ledger::key::SigningKey;
use ledger::keyfile::{self, ActSecret, Cost, KeyFile, KeyKind, KeyfileError, Opened, PublicCard};
use ledger::log::LogSigner;
use ledger::note::{KeyName, NoteError};
use package::access::AccessKey;
use package::fingerprint::FingerprintKey;
use package::{OpenKey, SealKey};

use super::passphrase::Passphrase;
use super::{bad_input, failed, with_causes};
use crate::failure::Failure;
use crate::folder::{self, Existing};
use crate::input;

/// What is added to the name of a key file to name its public card.
const CARD_SUFFIX: &str = ".card.json";

/// A new key of any kind.
pub(crate) fn generate(
    kind: KeyKind,
    name: &str,
    randomness: &mut dyn Randomness,
) -> Result<KeyFile, Failure> {
    let broken = |error: package::key::KeyError| failed(&error, error.advice());
    let bad_name =
        |error: KeyfileError| bad_input(&format!("`{name}` cannot name a key"), &error, error.advice());
    let bad_note =
        |error: NoteError| bad_input(&format!("`{name}` cannot name a key"), &error, error.advice());
    let (card, secret) = match kind {
        KeyKind::Act => {
            let key = ActSecret::Ed25519(SigningKey::generate(randomness));
            return KeyFile::act(name, &key).map_err(bad_name);
        }
        KeyKind::Log => {
            let log = KeyName::new(name).and_then(|origin| LogSigner::generate(origin, randomness));
            return KeyFile::log(&log.map_err(bad_note)?).map_err(bad_name);
        }
        KeyKind::Witness => {
            let witness = KeyName::new(name).and_then(|name| Cosigner::generate(name, randomness));
            return KeyFile::witness(&witness.map_err(bad_note)?).map_err(bad_name);
        }
        KeyKind::Seal => {
            let key = SealKey::generate(randomness).map_err(broken)?;
            (key.public().card(name), key.to_secret_bytes())
        }
        KeyKind::Open => {
            let key = OpenKey::generate(randomness).map_err(broken)?;
            (key.public().card(name), key.to_secret_bytes().map_err(broken)?)
        }
        KeyKind::Access => {
            let key = AccessKey::generate(randomness).map_err(broken)?;
            (key.public().card(name), key.to_secret_bytes())
        }
        KeyKind::Trace => {
            let key = FingerprintKey::generate(randomness);
            (key.card(name), key.to_secret_bytes())
        }
    };
    let unusable = |error: package::key::KeyError| {
        bad_input(&format!("`{name}` cannot name a key"), &error, error.advice())
    };
    KeyFile::new(card.map_err(unusable)?, secret).map_err(bad_name)
}

/// A new key for acts that signs with ECDSA P-256.
pub(crate) fn generate_p256(name: &str, randomness: &mut dyn Randomness) -> Result<KeyFile, Failure> {
    let key = P256SigningKey::generate(randomness).map_err(|error| failed(&error, error.advice()))?;
    KeyFile::act(name, &ActSecret::P256(key))
        .map_err(|error| bad_input(&format!("`{name}` cannot name a key"), &error, error.advice()))
}

/// The key for acts in a file of that kind, unlocked.
pub(crate) fn unlock_act(path: &Path, passphrase: &Passphrase) -> Result<ActSecret, Failure> {
    act_secret(&open(path, passphrase)?)
}

/// The key for acts in a file of that kind.
pub(crate) fn act_secret(file: &KeyFile) -> Result<ActSecret, Failure> {
    of_kind(file, KeyKind::Act)?;
    file.act_secret().map_err(|error| failed(&error, error.advice()))
}

/// The signer of a log in a file of that kind.
pub(crate) fn log_signer(file: &KeyFile) -> Result<LogSigner, Failure> {
    of_kind(file, KeyKind::Log)?;
    file.log_signer().map_err(|error| failed(&error, error.advice()))
}

/// The keys of a witness in a file of that kind.
pub(crate) fn cosigner(file: &KeyFile) -> Result<Cosigner, Failure> {
    of_kind(file, KeyKind::Witness)?;
    file.cosigner().map_err(|error| failed(&error, error.advice()))
}

/// The key for packages in a file of that kind.
pub(crate) fn seal_key(file: &KeyFile) -> Result<SealKey, Failure> {
    of_kind(file, KeyKind::Seal)?;
    SealKey::from_secret_bytes(file.secret()).map_err(|error| failed(&error, error.advice()))
}

/// The key that opens, in a file of that kind.
pub(crate) fn open_key(file: &KeyFile) -> Result<OpenKey, Failure> {
    of_kind(file, KeyKind::Open)?;
    OpenKey::from_secret_bytes(file.secret()).map_err(|error| failed(&error, error.advice()))
}

/// The key of a key access service, in a file of that kind.
pub(crate) fn access_key(file: &KeyFile) -> Result<AccessKey, Failure> {
    of_kind(file, KeyKind::Access)?;
    AccessKey::from_secret_bytes(file.secret()).map_err(|error| failed(&error, error.advice()))
}

/// The key that marks and traces copies, in a file of that kind.
pub(crate) fn trace_key(file: &KeyFile) -> Result<FingerprintKey, Failure> {
    of_kind(file, KeyKind::Trace)?;
    FingerprintKey::from_secret_bytes(file.secret()).map_err(|error| failed(&error, error.advice()))
}

fn of_kind(file: &KeyFile, wanted: KeyKind) -> Result<(), Failure> {
    let found = file.card().kind();
    if found == wanted {
        return Ok(());
    }
    let message = format!("the key of `{}` is of kind `{found}`, not `{wanted}`", file.card().name());
    Err(Failure::usage(message, format!("give a key made with `tearline key new --kind {wanted}`")))
}

/// What reading a key file came to. A passphrase that does not fit is an answer, not a failure.
pub(crate) enum Unlocked {
    /// The key.
    Key(Box<KeyFile>),
    /// The passphrase does not fit, or the file was changed.
    Refused,
}

/// Reads a key file and opens it.
pub(crate) fn unlock(path: &Path, passphrase: &Passphrase) -> Result<Unlocked, Failure> {
    let bytes = input::read_file(path)?;
    match keyfile::open_key(&bytes, passphrase.as_bytes()) {
        Ok(Opened::Key(key)) => Ok(Unlocked::Key(Box::new(key))),
        Ok(Opened::WrongPassphrase) => Ok(Unlocked::Refused),
        Err(error) => Err(bad_input(&format!("`{}`", path.display()), &error, error.advice())),
    }
}

/// The same where nothing can be done without the key.
pub(crate) fn open(path: &Path, passphrase: &Passphrase) -> Result<KeyFile, Failure> {
    match unlock(path, passphrase)? {
        Unlocked::Key(key) => Ok(*key),
        Unlocked::Refused => {
            let message =
                format!("the passphrase does not open `{}`, or the file was changed", path.display());
            Err(Failure::usage(message, "try the passphrase again, then another copy of the key file"))
        }
    }
}

/// The card of a key file, or a card on its own.
pub(crate) fn read_card(path: &Path) -> Result<PublicCard, Failure> {
    let bytes = input::read_file(path)?;
    keyfile::card_of(&bytes).or_else(|_| PublicCard::from_json(&bytes)).map_err(|error| {
        let message =
            format!("`{}` is neither a key file nor a public card: {}", path.display(), with_causes(&error));
        Failure::usage(message, error.advice())
    })
}

/// Where the card of a key file stands.
pub(crate) fn card_path(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(CARD_SUFFIX);
    PathBuf::from(name)
}

/// Seals a key into a file that its owner alone can read, with its card beside it.
pub(crate) fn write(
    path: &Path,
    key: &KeyFile,
    passphrase: &Passphrase,
    cost: Cost,
    randomness: &mut dyn Randomness,
) -> Result<(), Failure> {
    let sealed =
        keyfile::seal_key(key, passphrase.as_bytes(), cost, randomness).map_err(|error| match error {
            KeyfileError::ShortPassphrase => bad_input("the passphrase is not taken", &error, error.advice()),
            other => failed(&other, other.advice()),
        })?;
    let card = key.card().to_json().map_err(|error| failed(&error, error.advice()))?;
    // The key first: a card without a key would invite others to seal to what nobody can open.
    folder::put_secret_file(path, &sealed)?;
    folder::put_file(&card_path(path), &card)
}

/// Refuses to write over a key or its card, unless it is to be replaced.
pub(crate) fn check_free(path: &Path, existing: Existing) -> Result<(), Failure> {
    folder::check_file(path, existing)?;
    folder::check_file(&card_path(path), existing)
}
