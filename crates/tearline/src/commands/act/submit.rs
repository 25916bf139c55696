//! `tearline act submit`: hands a signed act to the office's journal, which logs it or says which rule it breaks.

use std::fs;
use std::path::PathBuf;

use intake::limits::FILE_BYTES_MAX;
use ledger::Digest;
use ledger::act::ActBody;
use ledger::dsse::{ENVELOPE_BYTES_MAX, Envelope};
use office::{Command, Context, Event, Refusal};
use server::journal::{Journal, JournalError};
use store::{SqliteStore, Store as _};

use super::{print_followed, print_refusal, refused};
use crate::cli::act::Submit;
use crate::document::act::{SUBMIT_SCHEMA, SubmitDocument};
use crate::failure::{Answer, Failure};
use crate::input;
use crate::office_shell::failed;
use crate::office_shell::house::{self, Acting};
use crate::terminal::{Terminal, Tone, shell_word};

/// Most boxes of a folder: a document for each part of the largest registry that is planned for.
const BOXES_MAX: usize = 200_000;
/// Longest sealed box: the longest figures, with room for salt and sealing.
const BOX_BYTES_MAX: usize = FILE_BYTES_MAX + 64 * 1024;

pub(super) fn run(arguments: &Submit, terminal: &Terminal) -> Result<Answer, Failure> {
    let bytes = input::read_at_most(&arguments.envelope, ENVELOPE_BYTES_MAX)?;
    let mut answer = SubmitDocument {
        schema: SUBMIT_SCHEMA,
        verdict: "refused",
        act_sha256: Digest::of(&bytes).to_string(),
        entry: None,
        followed: Vec::new(),
        refusal: None,
    };
    match Command::read(&bytes) {
        // Known before anybody is asked for a passphrase.
        Err(refusal) => answer.refusal = Some(refused(&refusal)),
        Ok(command) => offer(arguments, &command, &mut answer)?,
    }
    print(&answer, terminal);
    if answer.refusal.is_some() {
        return Ok(Answer::No);
    }
    if !arguments.dry_run {
        terminal
            .next(&format!("tearline ledger export --office {} --out DIR", shell_word(&arguments.office)));
    }
    Ok(Answer::Yes)
}

/// Offers an act to the office's journal, or in a dry run to its rules alone.
fn offer(arguments: &Submit, command: &Command, answer: &mut SubmitDocument) -> Result<(), Failure> {
    let (office, passphrase) = (arguments.office.as_path(), arguments.passphrase_file.as_deref());
    // A log that is not there yet is made by the act that founds it, and by no other.
    let founds = matches!(command.claimed().body, ActBody::Found(_)) && !arguments.dry_run;
    let open = if founds { house::open_or_create } else { house::open };
    let mut journal = open(office, Acting::Others, passphrase)?;
    answer.entry = Some(journal.state().next_entry().0);
    let boxes = boxes(&arguments.sealed)?;
    check_boxes(&mut journal, command, &boxes)?;
    match judge(&mut journal, command, &boxes, arguments.dry_run)? {
        Ok((verdict, followed)) => (answer.verdict, answer.followed) = (verdict, followed),
        Err(refusal) => answer.refusal = Some(refused(&refusal)),
    }
    Ok(())
}

/// The files that were given; of a folder, those in it.
fn boxes(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unreadable = |error| Failure::unreadable(path, &error);
        let mut inside = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable)?.take(BOXES_MAX) {
            inside.push(entry.map_err(unreadable)?.path());
        }
        inside.sort();
        files.append(&mut inside);
    }
    Ok(files)
}

type Logged = (&'static str, Vec<String>);

/// What became of it, and what followed; or the rule that it breaks.
fn judge(
    journal: &mut Journal<SqliteStore>,
    command: &Command,
    boxes: &[PathBuf],
    dry_run: bool,
) -> Result<Result<Logged, Refusal>, Failure> {
    if dry_run {
        let state = journal.state();
        let mut after = state.clone();
        let mut words = |event: &Event| {
            office::apply(&mut after, event);
            office::statement::followed(event, &after)
        };
        let events = decide(journal, command);
        return Ok(events.map(|events| ("would-be-logged", events.iter().map(&mut words).collect())));
    }
    if !boxes.is_empty() {
        // Nobody fills the store with boxes of acts that are refused.
        if let Err(refusal) = decide(journal, command) {
            return Ok(Err(refusal));
        }
        // The boxes first: an act in the log must never name one that is nowhere.
        for file in boxes {
            let sealed = input::read_at_most(file, BOX_BYTES_MAX)?;
            journal.store().put_blob(&sealed).map_err(|error| failed(&error, error.advice()))?;
        }
        check_boxes(journal, command, &[])?;
    }
    // Read a moment ago.
    let envelope = Envelope::from_bytes(command.entry()).map_err(|error| failed(&error, error.advice()))?;
    match journal.submit(envelope) {
        Ok(events) => {
            let state = journal.state();
            let words = events.iter().map(|event| office::statement::followed(event, state)).collect();
            Ok(Ok(("logged", words)))
        }
        Err(JournalError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(failed(&error, error.advice())),
    }
}

fn decide(journal: &Journal<SqliteStore>, command: &Command) -> Result<Vec<Event>, Refusal> {
    let state = journal.state();
    office::decide(state, command, &Context { entry: state.next_entry(), tree: journal.tree() })
}

/// Whether the sealed box that an act names is among these files, or the office has it already. A change of the registry may bring the
/// boxes of documents as well: which those are stands in the change, which is sealed.
fn check_boxes(
    journal: &mut Journal<SqliteStore>,
    command: &Command,
    files: &[PathBuf],
) -> Result<(), Failure> {
    let (named, most) = match &command.claimed().body {
        ActBody::Deposit(deposit) => (deposit.blob, 1),
        ActBody::Register(register) => (register.blob, usize::MAX),
        _ if files.is_empty() => return Ok(()),
        _ => return Err(Failure::usage("the act names no sealed box", "leave out --box")),
    };
    if files.len() > most {
        return Err(Failure::usage("the act names one sealed box", "give --box once"));
    }
    for file in files {
        if Digest::of(&input::read_at_most(file, BOX_BYTES_MAX)?) == named {
            return Ok(());
        }
    }
    let kept = journal.store().blob(&named).map_err(|error| failed(&error, error.advice()))?;
    match (kept, files) {
        (Some(_), _) if most > 1 || files.is_empty() => Ok(()),
        (_, [file]) => {
            let message = format!("`{}` is not the sealed box that the act names", file.display());
            Err(Failure::usage(message, "give the box that was written when this act was prepared"))
        }
        (_, [_, ..]) => Err(Failure::usage(
            "none of the files is the sealed box that the act names",
            "give the box that was written when this act was prepared, and those of its documents",
        )),
        (_, []) => Err(Failure::usage(
            "the office does not have the sealed box that the act names",
            "hand it in with --box FILE",
        )),
    }
}

fn print(answer: &SubmitDocument, terminal: &Terminal) {
    if terminal.json() {
        terminal.document(answer);
        return;
    }
    match (&answer.refusal, answer.entry) {
        (None, Some(entry)) => {
            let words = if answer.verdict == "logged" { "logged" } else { "would be logged" };
            let word = terminal.out_word(Tone::Good, words);
            terminal.answer(&format!("{word}: entry {entry}, act {}", answer.act_sha256));
            print_followed(&answer.followed, terminal);
        }
        (Some(refusal), _) => print_refusal("refused", refusal, terminal),
        // What was accepted has an entry.
        (None, None) => {}
    }
}
