//! `tearline act submit`: hands a signed act to the office's journal, which logs it or says which rule it breaks.

use ledger::act::ActBody;
use ledger::dsse::{ENVELOPE_BYTES_MAX, Envelope};
use office::{Command, Context, Event, Refusal};
use server::journal::{Journal, JournalError};
use store::SqliteStore;

use super::{print_followed, print_refusal, refused};
use crate::cli::act::Submit;
use crate::document::act::{SUBMIT_SCHEMA, SubmitDocument};
use crate::failure::{Answer, Failure};
use crate::input;
use crate::office_shell::failed;
use crate::office_shell::house::{self, Acting};
use crate::terminal::{Terminal, Tone, shell_word};

pub(super) fn run(arguments: &Submit, terminal: &Terminal) -> Result<Answer, Failure> {
    let bytes = input::read_at_most(&arguments.envelope, ENVELOPE_BYTES_MAX)?;
    let mut answer = SubmitDocument {
        schema: SUBMIT_SCHEMA,
        verdict: "refused",
        act_sha256: ledger::Digest::of(&bytes).to_string(),
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
    match judge(&mut journal, command, arguments.dry_run)? {
        Ok((verdict, followed)) => (answer.verdict, answer.followed) = (verdict, followed),
        Err(refusal) => answer.refusal = Some(refused(&refusal)),
    }
    Ok(())
}

type Logged = (&'static str, Vec<String>);

/// What became of it, and what followed; or the rule that it breaks.
fn judge(
    journal: &mut Journal<SqliteStore>,
    command: &Command,
    dry_run: bool,
) -> Result<Result<Logged, Refusal>, Failure> {
    if dry_run {
        let state = journal.state();
        let context = Context { entry: state.next_entry(), tree: journal.tree() };
        let mut after = state.clone();
        let mut words = |event: &Event| {
            office::apply(&mut after, event);
            office::statement::followed(event, &after)
        };
        let events = office::decide(state, command, &context);
        return Ok(events.map(|events| ("would-be-logged", events.iter().map(&mut words).collect())));
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
