//! `tearline act show`: what a prepared act says, from its bytes, and whether the log agrees.

use super::{lines, print_followed, print_refusal, refused};
use crate::cli::act::{OptionalSource, Show};
use crate::commands::verify::print_checks;
use crate::document::act::{PreparedDocument, SHOW_SCHEMA, ShowDocument, Words};
use crate::failure::{Answer, Failure};
use crate::input;
use crate::office_shell::bad_input;
use crate::office_shell::log_folder::ReadLog;
use crate::prepared::{self, Judged, PREPARED_BYTES_MAX};
use crate::terminal::{Terminal, Tone};

pub(super) fn run(arguments: &Show, terminal: &Terminal) -> Result<Answer, Failure> {
    let log = read_log(&arguments.source)?;
    let (document, judged) = read(&arguments.file, log.as_ref())?;
    let answer = ShowDocument {
        schema: SHOW_SCHEMA,
        verdict: verdict(&judged),
        words: judged.statement.clone().map(Words::from),
        key: document.key,
        checks: judged.checks.clone(),
        followed: judged.followed.clone(),
        refusal: judged.refusal.as_ref().map(refused),
    };
    if terminal.json() {
        terminal.document(&answer);
    } else {
        print(&answer, terminal);
    }
    Ok(if answer.verdict == "sound" { Answer::Yes } else { Answer::No })
}

/// The log, where it was named.
pub(super) fn read_log(source: &OptionalSource) -> Result<Option<ReadLog>, Failure> {
    match (&source.ledger, &source.trust) {
        (Some(ledger), Some(trust)) => ReadLog::read(ledger, trust).map(Some),
        // The command line asks for both or neither.
        _ => Ok(None),
    }
}

/// A prepared act and what judging it came to.
pub(super) fn read(
    path: &std::path::Path,
    log: Option<&ReadLog>,
) -> Result<(PreparedDocument, Judged), Failure> {
    let bytes = input::read_at_most(path, PREPARED_BYTES_MAX)?;
    let document = prepared::read(&bytes)
        .map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()))?;
    let known = log.map(ReadLog::known);
    let judged = prepared::judge(&bytes, &document, known.as_ref());
    Ok((document, judged))
}

fn verdict(judged: &Judged) -> &'static str {
    match (judged.is_sound(), &judged.refusal) {
        (false, _) => "not-sound",
        (true, Some(_)) => "refused",
        (true, None) => "sound",
    }
}

fn print(answer: &ShowDocument, terminal: &Terminal) {
    for line in answer.words.iter().flat_map(lines) {
        terminal.answer(&line);
    }
    print_checks(&answer.checks, false, terminal);
    match (answer.verdict, &answer.refusal) {
        ("not-sound", _) => {
            let word = terminal.out_word(Tone::Bad, "not sound");
            terminal
                .answer(&format!("{word}: the file does not say what its bytes say, or is not of this log"));
            terminal
                .answer("  advice: do not sign; prepare the act again, and find out who changed the file");
        }
        (_, Some(refusal)) => print_refusal("refused", refusal, terminal),
        _ => {
            let word = terminal.out_word(Tone::Good, "sound");
            let then = if answer.followed.is_empty() { "" } else { "; logged now, this would follow:" };
            terminal.answer(&format!("{word}: to be signed with key {}{then}", answer.key));
            print_followed(&answer.followed, terminal);
        }
    }
}
