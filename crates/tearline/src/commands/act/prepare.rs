//! `tearline act prepare`: an act as the log calls for it, written down for one key.

use ledger::act::{Code, OFFICE};
use ledger::act_key::ActKey;
use ledger::keyfile::PublicCard;
use office::roster::Side;
use office::{Fold, State};

use super::body::{self, Beside, Made};
use super::{lines, print_followed, print_refusal, refused};
use crate::cli::act::kind::{Kind, Signer};
use crate::document::act::{PREPARE_SCHEMA, PrepareDocument, Words};
use crate::failure::{Answer, Failure};
use crate::folder;
use crate::office_shell::log_folder::ReadLog;
use crate::office_shell::{bad_input, keys};
use crate::prepared;
use crate::terminal::{Terminal, Tone, shell_word};

pub(super) fn run(kind: &Kind, terminal: &Terminal) -> Result<Answer, Failure> {
    let (source, signer) = kind.parts();
    folder::check_file(&signer.out, signer.existing())?;
    let card = keys::read_card(&signer.card)?;
    let key = card.act_key().map_err(|error| {
        bad_input(&format!("`{}` cannot sign acts", signer.card.display()), &error, error.advice())
    })?;
    let log = source.map(|source| ReadLog::read(&source.ledger, &source.trust)).transpose()?;
    let empty = Fold::default();
    let fold = log.as_ref().map_or(&empty, ReadLog::fold);
    let actor = actor(kind, signer, &key, &card, fold.state())?;
    let Made { body, beside } = body::of(kind, &actor, fold.state())?;
    let act = fold.state().act(actor, &key.id(), body).ok_or_else(|| {
        Failure::usage("the key has used up its counter", "have a new key put on the roster")
    })?;
    let known = log.as_ref().map(ReadLog::known);
    let document = prepared::prepare(&act, &card, known.as_ref(), fold.state())
        .map_err(|error| bad_input("the act cannot be prepared", &error, error.advice()))?;
    let mut answer = PrepareDocument {
        schema: PREPARE_SCHEMA,
        verdict: "prepared",
        file: Some(signer.out.display().to_string()),
        words: document.words.clone(),
        followed: Vec::new(),
        refusal: None,
    };
    match fold.foresee(&act, &key) {
        Ok(events) => {
            answer.followed = prepared::followed(fold, &events);
            // What the act names is there before the act.
            for Beside { path, bytes, readers } in &beside {
                folder::put_file_for(*readers, path, bytes)?;
            }
            folder::put_file(&signer.out, &prepared::to_json(&document))?;
        }
        Err(refusal) => {
            (answer.verdict, answer.file) = ("refused", None);
            answer.refusal = Some(refused(&refusal));
        }
    }
    print(&answer, terminal);
    if answer.refusal.is_some() {
        return Ok(Answer::No);
    }
    terminal.next(&format!("tearline act sign {} --key KEY --out FILE", shell_word(&signer.out)));
    Ok(Answer::Yes)
}

fn print(answer: &PrepareDocument, terminal: &Terminal) {
    if terminal.json() {
        terminal.document(answer);
        return;
    }
    print_words(&answer.words, terminal);
    match (&answer.refusal, &answer.file) {
        (Some(refusal), _) => print_refusal("refused", refusal, terminal),
        (None, file) => {
            let word = terminal.out_word(Tone::Good, "prepared");
            terminal.answer(&format!(
                "{word}: {}; logged now, this would follow:",
                file.as_deref().unwrap_or_default()
            ));
            print_followed(&answer.followed, terminal);
        }
    }
}

fn print_words(words: &Words, terminal: &Terminal) {
    for line in lines(words) {
        terminal.answer(&line);
    }
}

/// Who acts: whoever was named, the office for what founds a log, else the owner of the key.
fn actor(
    kind: &Kind,
    signer: &Signer,
    key: &ActKey,
    card: &PublicCard,
    state: &State,
) -> Result<Code, Failure> {
    if let Some(actor) = &signer.actor {
        return Ok(actor.clone());
    }
    if matches!(kind, Kind::Found(_)) {
        return Ok(Code::office());
    }
    let id = key.id();
    if let Some(owner) = state.roster().and_then(|roster| roster.owner(&id)) {
        return Ok(owner.clone());
    }
    // A key that an open proposal would give to somebody.
    let mut wanted = state.open_rounds().flat_map(|round| &round.terms().endorsements);
    if let Some(needed) = wanted.find(|needed| needed.side != Side::Old && needed.keys.contains_key(&id)) {
        return Ok(needed.party.clone());
    }
    Err(Failure::usage(
        format!("the key of `{}` is on nobody's delegation in this log", card.name()),
        format!(
            "name the party with --actor CODE ({OFFICE} for the office), or give the card of a key on the roster"
        ),
    ))
}
