//! `tearline key`: key files under a passphrase, and their public cards.

use std::path::Path;

use ledger::keyfile::{Cost, PublicCard};

use crate::cli::sealed::{KeyNew, KeyShow};
use crate::document::office::{KEY_SCHEMA, KeyDocument};
use crate::failure::{Answer, Failure};
use crate::folder::Existing;
use crate::office_shell::keys;
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::randomness::OsRandomness;
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
    let key = keys::generate(arguments.kind.into(), &name, &mut randomness)?;
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
