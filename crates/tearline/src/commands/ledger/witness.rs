//! `tearline ledger witness`: the office asks the witnesses to cosign its newest checkpoint, and logs what they sign.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use ledger::policy::Policy;
use server::client::Client;
use server::journal::{Journal, JournalError};
use server::witness_client::{self, Asked, Outcome};
use store::Store;

use crate::cli::ledger::LedgerWitness;
use crate::document::witness::{AskedLine, WITNESS_SCHEMA, WitnessDocument};
use crate::failure::{Answer, Failure};
use crate::input;
use crate::office_shell::house::{self, Acting};
use crate::office_shell::{bad_input, failed};
use crate::terminal::{Terminal, Tone};

/// What asking the witnesses came to.
pub(crate) struct Collected {
    /// What each service answered.
    pub(crate) asked: Vec<Asked>,
    /// Entries that enough witnesses have now seen, by the log; or why not.
    pub(crate) logged: Result<u64, JournalError>,
}

impl Collected {
    /// Names of witnesses whose cosignature is missing.
    pub(crate) fn missing(&self) -> BTreeSet<&str> {
        self.asked.iter().flat_map(Asked::missing).collect()
    }
}

/// Has the newest checkpoint cosigned and logs it, where the log's own policy is met.
pub(crate) fn collect<S: Store>(
    journal: &mut Journal<S>,
    client: &Client,
    policy: &Policy,
    time: Duration,
) -> Result<Collected, JournalError> {
    let mut checkpoint = journal.checkpoint()?;
    let asked = witness_client::ask(client, policy, journal.tree(), &mut checkpoint, &BTreeMap::new(), time);
    let logged = journal.witness(&checkpoint).map(|()| checkpoint.unverified().size);
    if logged.is_ok() {
        publish(journal, client, policy, &asked, time)?;
    }
    Ok(Collected { asked, logged })
}

/// The entry with the cosignatures is newer than what they cover: the checkpoint that is published is cosigned once more, so that
/// readers find no entry that witnesses have not seen.
fn publish<S: Store>(
    journal: &mut Journal<S>,
    client: &Client,
    policy: &Policy,
    asked: &[Asked],
    time: Duration,
) -> Result<(), JournalError> {
    let seen = asked.iter().filter_map(|asked| match &asked.outcome {
        Outcome::Cosigned { size, .. } => Some((asked.url.clone(), *size)),
        Outcome::Unreachable { .. } | Outcome::Refused { .. } => None,
    });
    let mut checkpoint = journal.checkpoint()?;
    witness_client::ask(client, policy, journal.tree(), &mut checkpoint, &seen.collect(), time);
    journal.keep(&checkpoint)
}

pub(crate) fn witness(arguments: &LedgerWitness, terminal: &Terminal) -> Result<Answer, Failure> {
    let policy = read_policy(&arguments.witnesses)?;
    let client = super::client(arguments.roots.as_deref())?;
    let mut journal = house::open(&arguments.office, Acting::Office, arguments.passphrase_file.as_deref())?;
    let time = Duration::from_secs(arguments.time);
    let collected = if arguments.dry_run {
        let mut checkpoint = journal.checkpoint().map_err(|error| failed(&error, error.advice()))?;
        let tree = journal.tree();
        let asked = witness_client::ask(&client, &policy, tree, &mut checkpoint, &BTreeMap::new(), time);
        Collected { asked, logged: Ok(journal.state().witnessed()) }
    } else {
        collect(&mut journal, &client, &policy, time).map_err(|error| failed(&error, error.advice()))?
    };
    say(&collected, arguments.dry_run, terminal);
    match collected.logged {
        Ok(_) => Ok(Answer::Yes),
        Err(JournalError::Refused(_)) => Ok(Answer::No),
        Err(error) => Err(failed(&error, error.advice())),
    }
}

fn read_policy(path: &Path) -> Result<Policy, Failure> {
    let bytes = input::read_file(path)?;
    Policy::parse(&bytes).map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()))
}

fn say(collected: &Collected, dry_run: bool, terminal: &Terminal) {
    let lines: Vec<AskedLine> = collected.asked.iter().map(line).collect();
    let missing: Vec<String> = collected.missing().into_iter().map(str::to_owned).collect();
    let (witnessed, refusal) = match &collected.logged {
        Ok(size) => (Some(*size), None),
        Err(JournalError::Refused(refusal)) => (None, Some(crate::office_shell::with_causes(refusal))),
        Err(_) => (None, None),
    };
    if terminal.json() {
        terminal.document(&WitnessDocument {
            schema: WITNESS_SCHEMA,
            asked: lines,
            missing,
            witnessed,
            refusal,
        });
        return;
    }
    for AskedLine { names, url, outcome, detail } in &lines {
        let tone = if *outcome == "cosigned" { Tone::Good } else { Tone::Bad };
        let word = terminal.out_word(tone, &format!("{outcome:<11}"));
        terminal.answer(&format!("{word}  {}  {url}  {detail}", names.join(", ")));
    }
    match (witnessed, refusal) {
        (Some(_), _) if dry_run => terminal.answer("nothing was logged"),
        (Some(size), _) => {
            terminal.answer(&format!("witnessed: {size} entries; what was agreed in them can be sealed"))
        }
        (None, Some(refusal)) => {
            terminal.answer(&format!("not witnessed: {refusal}"));
            terminal.answer(&format!("  missing: {}", missing.join(", ")));
        }
        (None, None) => {}
    }
}

fn line(asked: &Asked) -> AskedLine {
    let (outcome, detail) = match &asked.outcome {
        Outcome::Cosigned { size, .. } => ("cosigned", format!("{size} entries")),
        Outcome::Unreachable { reason } => ("unreachable", reason.clone()),
        Outcome::Refused { status, reason } => ("refused", format!("{status}: {reason}")),
    };
    AskedLine { names: asked.names.clone(), url: asked.url.clone(), outcome, detail }
}
