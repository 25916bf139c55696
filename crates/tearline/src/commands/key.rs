//! `tearline key`: key files under a passphrase, and their public cards.

use std::path::Path;

use ledger::act_key::{ActKey, P256Key, Signer as _, WebAuthnKey};
use ledger::keyfile::{Cost, PublicCard};
use ledger::webauthn::RelyingParty;
use server::kas::sign_in::Credential;
use zeroize::Zeroizing;

use crate::cli::sealed::{Algorithm, KeyCard, KeyCredential, KeyNew, KeyShow, Kind};
use crate::document::office::{KEY_SCHEMA, KeyDocument};
use crate::document::serve::{CREDENTIAL_SCHEMA, CredentialDocument};
use crate::failure::{Answer, Failure};
use crate::folder::{self, Existing};
use crate::input;
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::randomness::OsRandomness;
use crate::office_shell::{bad_input, keys, token};
use crate::terminal::{Terminal, Tone, shell_word};

pub(super) fn new(arguments: &KeyNew, terminal: &Terminal) -> Result<Answer, Failure> {
    let out = arguments.out.as_path();
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    keys::check_free(out, existing)?;
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => out.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    let mut randomness = OsRandomness::new()?;
    // Made before the passphrase is asked for, so that a name that cannot be used is told first.
    let key = match (arguments.kind, arguments.algorithm) {
        (kind, Algorithm::Ed25519) => keys::generate(kind.into(), &name, &mut randomness)?,
        (Kind::Act, Algorithm::P256) => keys::generate_p256(&name, &mut randomness)?,
        (_, Algorithm::P256) => {
            let message = "only keys of kind act come in several algorithms";
            return Err(Failure::usage(message, "leave --algorithm out"));
        }
    };
    let file = arguments.passphrase_file.as_deref();
    let passphrase = Passphrase::obtain(file, Purpose::Seal, &format!("the new key of {name}"))?;
    keys::write(out, &key, &passphrase, Cost::STANDARD, &mut randomness)?;
    let card_file = keys::card_path(out);
    let word = terminal.err_word(Tone::Good, "made");
    terminal.say(&format!("{word}: a key of kind {} for {name}, id {}", key.card().kind(), key.card().id()));
    terminal.say(&format!("  {}: the key; keep it, and a copy of it, to yourself", shell_word(out)));
    terminal.say(&format!("  {}: its public card, for the office's roster", shell_word(&card_file)));
    if terminal.json() {
        terminal.document(&document(key.card(), Some(out), Some(&card_file)));
    } else {
        terminal.answer(&key.card().id().to_string());
    }
    terminal.next(&format!("tearline key show {}", shell_word(out)));
    Ok(Answer::Yes)
}

pub(super) fn show(arguments: &KeyShow, terminal: &Terminal) -> Result<Answer, Failure> {
    let card = keys::read_card(&arguments.file)?;
    if terminal.json() {
        terminal.document(&document(&card, Some(&arguments.file), None));
    } else {
        let json = card.to_json().map_err(|error| Failure::failed(error.to_string(), error.advice()))?;
        terminal.data(&json);
    }
    Ok(Answer::Yes)
}

pub(super) fn card(arguments: &KeyCard, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    folder::check_file(&arguments.out, existing)?;
    let key = match (&arguments.webauthn, &arguments.spki) {
        (Some(domain), Some(spki)) => webauthn(domain, spki)?,
        // The command line asks for one of the two.
        _ => token::open(&arguments.token)?.key(),
    };
    let name = &arguments.name;
    let card = PublicCard::act(name, &key)
        .map_err(|error| bad_input(&format!("`{name}` cannot name a key"), &error, error.advice()))?;
    let json = card.to_json().map_err(|error| Failure::failed(error.to_string(), error.advice()))?;
    folder::put_file(&arguments.out, &json)?;
    let word = terminal.err_word(Tone::Good, "written");
    terminal.say(&format!(
        "{word}: the card of a key for acts of {name} ({}), for the office's roster",
        key.algorithm()
    ));
    if terminal.json() {
        terminal.document(&document(&card, None, Some(&arguments.out)));
    } else {
        terminal.answer(&card.id().to_string());
    }
    terminal.next(&format!("tearline key show {}", shell_word(&arguments.out)));
    Ok(Answer::Yes)
}

pub(super) fn credential(arguments: &KeyCredential, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    folder::check_file(&arguments.out, existing)?;
    let credential = Credential::draw(&mut OsRandomness::new()?);
    let line = Zeroizing::new(format!("{}\n", credential.reveal()));
    folder::put_secret_file(&arguments.out, line.as_bytes())?;
    let sha256 = credential.digest().to_string();
    let word = terminal.err_word(Tone::Good, "drawn");
    terminal.say(&format!("{word}: {}, for the receiver alone", shell_word(&arguments.out)));
    terminal
        .say("  its digest, for `secret_sha256` or `bearer_sha256` of the receiver in the configuration:");
    if terminal.json() {
        let file = arguments.out.display().to_string();
        terminal.document(&CredentialDocument { schema: CREDENTIAL_SCHEMA, file, sha256 });
    } else {
        terminal.answer(&sha256);
    }
    Ok(Answer::Yes)
}

/// The key of a security key, from its domain and what the browser gave.
fn webauthn(domain: &str, spki: &Path) -> Result<ActKey, Failure> {
    let rp = RelyingParty::new(domain)
        .map_err(|error| bad_input(&format!("`{domain}`"), &error, error.advice()))?;
    let point = P256Key::from_spki(&input::read_file(spki)?).map_err(|error| {
        let advice =
            "make the credential with algorithm ES256 (-7), and save what getPublicKey() gives as it is";
        bad_input(&format!("`{}`", spki.display()), &error, advice)
    })?;
    Ok(ActKey::WebAuthn(WebAuthnKey::new(rp, point)))
}

fn document(card: &PublicCard, file: Option<&Path>, card_file: Option<&Path>) -> KeyDocument {
    let shown = |path: &Path| path.display().to_string();
    KeyDocument {
        schema: KEY_SCHEMA,
        file: file.map(shown),
        card_file: card_file.map(shown),
        kind: card.kind().as_str(),
        name: card.name().to_owned(),
        id: card.id().to_string(),
    }
}
