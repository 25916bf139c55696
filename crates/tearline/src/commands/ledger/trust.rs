//! `tearline ledger trust`: a trust file that also knows the rosters agreed since the old one was made.
//!
//! The log must verify under the old file: then every newer roster follows from a trusted one by changes that carry the signatures
//! which a change takes (old and new keys, every member where it needs them). What the log cannot prove is the card of a new seal
//! key, of which it holds the digest: that comes with `--seal`.

use ledger::Digest;
use ledger::policy::Policy;
use office::State;
use package::Trust;
use package::trust::TrustedRoster;

use super::{Source, judge, print};
use crate::cli::ledger::LedgerTrust;
use crate::commands::verify::read_trust;
use crate::failure::{Answer, Failure};
use crate::folder::{self, Existing};
use crate::office_shell::{bad_input, failed, keys};
use crate::terminal::{Terminal, Tone, shell_word};

pub(crate) fn trust(arguments: &LedgerTrust, terminal: &Terminal) -> Result<Answer, Failure> {
    folder::check_file(&arguments.out, Existing::Refuse)?;
    let old = read_trust(&arguments.trust)?;
    let (document, fold) = judge(&mut Source::of(&arguments.log)?, &old, "given")?;
    let Some(fold) = fold else {
        print(&document, terminal);
        return Ok(Answer::No);
    };
    let new = renewed(&old, fold.state(), arguments)?;
    let json = new.to_json().map_err(|error| failed(&error, error.advice()))?;
    folder::put_file(&arguments.out, &json)?;
    let word = terminal.err_word(Tone::Good, "written");
    let (before, after) = (old.newest().epoch, new.newest().epoch);
    let what = if before == after {
        format!("roster {after} is still the newest")
    } else {
        format!("rosters up to {after}, the old file knew {before}")
    };
    terminal.say(&format!("{word}: {}; {what}", shell_word(&arguments.out)));
    Ok(Answer::Yes)
}

fn renewed(old: &Trust, state: &State, arguments: &LedgerTrust) -> Result<Trust, Failure> {
    let roster = state.roster().ok_or_else(|| Failure::failed("the log has no roster", "report the log"))?;
    let seal = match &arguments.seal {
        Some(path) => keys::read_card(path)?,
        None => old.office_seal().clone(),
    };
    let json = seal.to_json().map_err(|error| failed(&error, error.advice()))?;
    if Digest::of(&json) != roster.office().seal {
        return Err(Failure::usage(
            "the office seals with another key since",
            "give --seal with the card of that key; the log has its digest and will be compared with it",
        ));
    }
    let first = old.rosters().next().map(|roster| roster.epoch);
    let known = state.rosters().iter().filter(|(epoch, _)| first.is_none_or(|first| **epoch >= first));
    let rosters = known.map(|(epoch, roster)| TrustedRoster {
        epoch: *epoch,
        office: roster.office.delegation.clone(),
        members: roster.members.clone(),
    });
    let policy = Policy::parse(roster.wire().witnesses.as_str().as_bytes())
        .map_err(|error| bad_input("the roster's witness policy", &error, error.advice()))?;
    let new = Trust::new(old.kind(), old.log().clone(), seal, rosters.collect(), policy)
        .map_err(|error| failed(&error, error.advice()))?;
    Ok(new.with_interop(old.interop().clone()))
}
