//! From the words of the command line and what the log says to the body of an act.

use std::path::Path;

use ledger::Digest;
use ledger::act::{
    self, ActBody, Code, Entrust, Extend, Found, Propose, Reason, Reclaim, Revoke, Subject, Tick, Withdraw,
};
use office::State;

use crate::cli::act::{Acknowledge, Ballot, Kind, Propose as ProposeArguments, Reasoned, Why};
use crate::failure::Failure;
use crate::input;
use crate::office_shell::bad_input;
use crate::office_shell::clock::{Clock, SystemClock};

/// Longest draft or roster in bytes: what an act can hold, with room for indentation.
const JSON_BYTES_MAX: usize = 1024 * 1024;
/// Proposals that a message lists.
const LISTED_MAX: usize = 10;

/// The body of an act of this kind by `actor`.
pub(super) fn of(kind: &Kind, actor: &Code, state: &State) -> Result<ActBody, Failure> {
    let said = |arguments: &Ballot| ballot(state, &arguments.proposal);
    Ok(match kind {
        Kind::Approve(arguments) => ActBody::Approve(said(arguments)?),
        Kind::Waive(arguments) => ActBody::Waive(said(arguments)?),
        Kind::Retract(arguments) => ActBody::Retract(said(arguments)?),
        Kind::Endorse(arguments) => ActBody::Endorse(said(arguments)?),
        Kind::Object(arguments) => ActBody::Object(reasoned(state, arguments)?),
        Kind::Amend(arguments) => ActBody::Amend(reasoned(state, arguments)?),
        Kind::Reserve(arguments) => ActBody::Reserve(reasoned(state, arguments)?),
        Kind::Withdraw(Reasoned { proposal, why, .. }) => {
            ActBody::Withdraw(Withdraw { proposal: find(state, proposal)?, reason: reason(why)? })
        }
        Kind::Entrust(arguments) => ActBody::Entrust(Entrust {
            audience: arguments.audience.iter().cloned().collect(),
            contents: arguments.content.iter().map(|kind| (*kind).into()).collect(),
            highest: arguments.up_to.into(),
            expires_utc: arguments.expires,
        }),
        Kind::Reclaim(arguments) => {
            ActBody::Reclaim(Reclaim { grant: grant(state, actor, arguments.terms.as_deref())? })
        }
        Kind::Revoke(arguments) => {
            ActBody::Revoke(Revoke { key: arguments.key, reason: reason(&arguments.why)? })
        }
        Kind::Acknowledge(arguments) => ActBody::Acknowledge(acknowledge(arguments)?),
        Kind::Tick(arguments) => ActBody::Tick(Tick {
            at_utc: match arguments.at {
                Some(at_utc) => at_utc,
                None => SystemClock.now()?,
            },
        }),
        Kind::Propose(arguments) => ActBody::Propose(propose(state, arguments)?),
        Kind::Extend(arguments) => ActBody::Extend(Extend {
            proposal: find(state, &arguments.proposal)?,
            deadline_utc: arguments.deadline,
        }),
        Kind::Found(arguments) => ActBody::Found(Found { roster: json(&arguments.roster, "a roster")? }),
    })
}

/// The round that a proposal circulates in.
fn ballot(state: &State, proposal: &str) -> Result<act::Ballot, Failure> {
    let digest = find(state, proposal)?;
    state.round(&digest).map(office::Round::ballot).ok_or_else(|| unknown(state, proposal))
}

fn reasoned(state: &State, arguments: &Reasoned) -> Result<act::Reasoned, Failure> {
    let act::Ballot { proposal, round, roster_epoch } = ballot(state, &arguments.proposal)?;
    Ok(act::Reasoned { proposal, round, roster_epoch, reason: reason(&arguments.why)? })
}

/// The proposal that a digest or a title names; of a title, its last round.
fn find(state: &State, proposal: &str) -> Result<Digest, Failure> {
    if let Ok(digest) = proposal.parse::<Digest>() {
        return if state.round(&digest).is_some() { Ok(digest) } else { Err(unknown(state, proposal)) };
    }
    let title = act::Title::new(proposal)
        .map_err(|error| Failure::usage(error.to_string(), "name a proposal by its title or its digest"))?;
    state.rounds(&title).last().copied().ok_or_else(|| unknown(state, proposal))
}

/// No such proposal, with those that circulate.
fn unknown(state: &State, proposal: &str) -> Failure {
    let open: Vec<String> = state
        .open_rounds()
        .filter_map(|round| state.title(&round.terms().proposal))
        .map(|title| format!("`{title}`"))
        .collect();
    let near = open.iter().find(|title| strsim::osa_distance(title.trim_matches('`'), proposal) <= 2);
    let advice = match (near, open.len()) {
        (Some(near), _) => format!("write {near} if that is meant"),
        (None, 0) => "nothing circulates now; get a newer copy of the log".to_owned(),
        (None, _) => {
            let listed: Vec<&str> = open.iter().take(LISTED_MAX).map(String::as_str).collect();
            format!("these circulate: {}; or get a newer copy of the log", listed.join(", "))
        }
    };
    Failure::usage(format!("no proposal `{proposal}` is in the log"), advice)
}

fn reason(why: &Why) -> Result<Reason, Failure> {
    let text = match (&why.reason, &why.reason_file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => {
            let bytes = input::read_at_most(path, JSON_BYTES_MAX)?;
            let text = String::from_utf8(bytes).map_err(|_| {
                Failure::usage(format!("`{}` is not text in UTF-8", path.display()), "save it as UTF-8")
            })?;
            text.replace("\r\n", "\n").trim_end().to_owned()
        }
        (None, None) => String::new(),
    };
    Reason::new(&text).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "say it in plain words; longer texts belong into a document of their own",
        )
    })
}

/// The consent that is meant: the one named, or the member's only one.
fn grant(state: &State, actor: &Code, terms: Option<&str>) -> Result<Digest, Failure> {
    if let Some(terms) = terms {
        return terms.parse().map_err(|error: ledger::digest::DigestError| {
            bad_input(&format!("`{terms}`"), &error, error.advice())
        });
    }
    let mut given = state.grants().keys().filter(|(member, _)| member == actor).map(|(_, terms)| *terms);
    match (given.next(), given.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Failure::usage(
            format!("{actor} has consented to nothing beforehand"),
            "there is nothing to take back",
        )),
        (Some(_), Some(_)) => Err(Failure::usage(
            format!("{actor} has consented to several things beforehand"),
            "say which with --terms SHA256; `tearline act show` of the consent prints it",
        )),
    }
}

/// A package by its file or its digest.
fn acknowledge(arguments: &Acknowledge) -> Result<act::Acknowledge, Failure> {
    if let Ok(package) = arguments.package.parse::<Digest>() {
        return Ok(act::Acknowledge { package });
    }
    let bytes = input::read_at_most(Path::new(&arguments.package), package::PACKAGE_BYTES_MAX)?;
    Ok(act::Acknowledge { package: Digest::of(&bytes) })
}

fn propose(state: &State, arguments: &ProposeArguments) -> Result<Propose, Failure> {
    let subject: Subject = json(&arguments.draft, "the subject of a proposal")?;
    let title = arguments.title.clone();
    let roster_epoch = state.roster().map(office::Roster::epoch).unwrap_or(act::Epoch::FIRST);
    Ok(Propose {
        amends: state.rounds(&title).last().copied(),
        round: state.next_round(&title),
        title,
        subject,
        roster_epoch,
        deadline_utc: arguments.deadline,
    })
}

/// A part of an act as JSON.
fn json<T: serde::de::DeserializeOwned>(path: &Path, what: &str) -> Result<T, Failure> {
    let bytes = input::read_at_most(path, JSON_BYTES_MAX)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let message = format!("`{}` is not {what}: {error}", path.display());
        Failure::usage(
            message,
            "write it as the acts of a log have it; `tearline act show` prints what came of it",
        )
    })
}
