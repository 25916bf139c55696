//! `tearline deposits`: what members have deposited, opened by the office and compared with what they committed to in the log.

use std::collections::BTreeMap;

use ledger::Digest;
use ledger::act::Code;
use office::{Deposit, State};
use store::{SqliteStore, Store as _};
use zeroize::Zeroizing;

use crate::cli::act::Deposits;
use crate::document::act::{DEPOSITS_SCHEMA, DepositLine, DepositsDocument};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Readers, Target};
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::{deposit, failed, house, keys, with_causes};
use crate::terminal::{Terminal, Tone, shell_word};

pub(super) fn run(arguments: &Deposits, terminal: &Terminal) -> Result<Answer, Failure> {
    let target = Target::new(&arguments.out, Existing::Refuse)?;
    let (store, state) = house::read(&arguments.office)?;
    let newest = newest(&state);
    if newest.is_empty() {
        return Err(Failure::usage("nobody has deposited anything", "wait for the members' deposits"));
    }
    let passphrase =
        Passphrase::obtain(arguments.passphrase_file.as_deref(), Purpose::Open, &shell_word(&arguments.key))?;
    let key = keys::open_key(&keys::open(&arguments.key, &passphrase)?)?;
    let mut document = DepositsDocument {
        schema: DEPOSITS_SCHEMA,
        folder: arguments.out.display().to_string(),
        deposits: Vec::new(),
    };
    let mut files: Vec<(String, Zeroizing<Vec<u8>>)> = Vec::new();
    for (member, (commitment, found)) in newest {
        let sealed = sealed_box(&store, found)?;
        let content = deposit::open(member, commitment, &sealed, &key).map_err(|error| {
            Failure::failed(format!("the deposit of {member}: {}", with_causes(&error)), error.advice())
        })?;
        let file = format!("{member}.csv");
        document.deposits.push(DepositLine {
            member: member.to_string(),
            file: file.clone(),
            entry: found.stamp.entry.0,
            rows: found.rows,
            commitment_sha256: commitment.to_string(),
        });
        files.push((file, content));
    }
    target.put_for(Readers::Nobody, &files)?;
    if terminal.json() {
        terminal.document(&document);
        return Ok(Answer::Yes);
    }
    let word = terminal.out_word(Tone::Good, "opened");
    terminal.answer(&format!("{word}: {} deposits, each the one that its member committed to", files.len()));
    for DepositLine { file, entry, rows, .. } in &document.deposits {
        terminal.answer(&format!("  {}/{file}: {rows} rows, entry {entry}", document.folder));
    }
    terminal.say("these files hold classified figures in the clear; you alone can read them");
    Ok(Answer::Yes)
}

/// Each member's newest deposit: a later one replaces what was wrong in an earlier one.
fn newest(state: &State) -> BTreeMap<&Code, (&Digest, &Deposit)> {
    let mut newest: BTreeMap<&Code, (&Digest, &Deposit)> = BTreeMap::new();
    for (commitment, found) in state.deposits() {
        let kept = newest.entry(&found.member).or_insert((commitment, found));
        if found.stamp.entry > kept.1.stamp.entry {
            *kept = (commitment, found);
        }
    }
    newest
}

fn sealed_box(store: &SqliteStore, found: &Deposit) -> Result<Vec<u8>, Failure> {
    let sealed = store.blob(&found.blob).map_err(|error| failed(&error, error.advice()))?;
    sealed.ok_or_else(|| {
        let message =
            format!("the box of {} that entry {} names is not in the store", found.member, found.stamp.entry);
        Failure::failed(
            message,
            "restore the store from a copy that has it, or ask the member to deposit again",
        )
    })
}
