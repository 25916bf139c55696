//! From the words of the command line and what the log says to the body of an act.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ledger::Digest;
use ledger::act::{
    self, ActBody, Code, Entrust, Extend, Found, Propose, Reason, Reclaim, Revoke, Subject, Tick, Title,
    UtcTime, Withdraw,
};
use office::State;

use crate::cli::act::kind::{Ballot, Drawn, Kind, Objection, Reasoned, Why};
use crate::failure::Failure;
use crate::folder::Readers;
use crate::input;
use crate::office_shell::bad_input;
use crate::office_shell::clock::{Clock, SystemClock};
use crate::package_file;

mod figures;
mod registry;
mod release;

/// Longest draft or roster in bytes: what an act can hold, with room for indentation.
const JSON_BYTES_MAX: usize = 1024 * 1024;
/// Proposals that a message lists.
const LISTED_MAX: usize = 10;

/// What is done, and files that belong to it: they are written once the log would take the act.
pub(super) struct Made {
    pub(super) body: ActBody,
    pub(super) beside: Vec<Beside>,
}

/// A file beside a prepared act.
pub(super) struct Beside {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) readers: Readers,
}

impl From<ActBody> for Made {
    fn from(body: ActBody) -> Self {
        Self { body, beside: Vec::new() }
    }
}

/// The body of an act of this kind by `actor`.
pub(super) fn of(kind: &Kind, actor: &Code, state: &State) -> Result<Made, Failure> {
    let said = |drawn: &Drawn<Ballot>| ballot(state, &drawn.what.proposal);
    let reasoned = |drawn: &Drawn<Reasoned>| reasoned(state, &drawn.what);
    Ok(Made::from(match kind {
        Kind::Approve(Drawn { what, .. }) => {
            let ballot = ballot(state, &what.ballot.proposal)?;
            if let Some(file) = &what.exposure {
                release::check_exposure(state, &ballot.proposal, actor, file)?;
            }
            ActBody::Approve(ballot)
        }
        Kind::Waive(drawn) => ActBody::Waive(said(drawn)?),
        Kind::Retract(drawn) => ActBody::Retract(said(drawn)?),
        Kind::Endorse(drawn) => ActBody::Endorse(said(drawn)?),
        Kind::Consent(Drawn { what, .. }) => {
            let act::Ballot { proposal, round, roster_epoch } = ballot(state, &what.ballot.proposal)?;
            let parts = what.parts.iter().cloned().collect();
            ActBody::Consent(act::Consent { proposal, round, roster_epoch, parts })
        }
        Kind::Object(drawn) => ActBody::Object(objection(state, &drawn.what)?),
        Kind::Amend(drawn) => ActBody::Amend(objection(state, &drawn.what)?),
        Kind::Reserve(drawn) => ActBody::Reserve(reasoned(drawn)?),
        Kind::Withdraw(Drawn { what: Reasoned { proposal, why }, .. }) => {
            ActBody::Withdraw(Withdraw { proposal: find(state, proposal)?, reason: reason(why)? })
        }
        Kind::Entrust(Drawn { what, .. }) => ActBody::Entrust(Entrust {
            audience: what.audience.iter().cloned().collect(),
            contents: what.content.iter().map(|kind| (*kind).into()).collect(),
            highest: what.up_to.into(),
            expires_utc: what.expires,
        }),
        Kind::Reclaim(Drawn { what, .. }) => {
            ActBody::Reclaim(Reclaim { grant: grant(state, actor, what.terms.as_deref())? })
        }
        Kind::Revoke(Drawn { what, .. }) => {
            ActBody::Revoke(Revoke { key: what.key, reason: reason(&what.why)? })
        }
        Kind::Deposit(Drawn { what, signer, .. }) => {
            return figures::deposit(state, actor, what, signer.existing());
        }
        Kind::Register(Drawn { what, signer, .. }) => {
            return registry::register(state, what, signer.existing());
        }
        Kind::Release(Drawn { what, signer, .. }) => {
            return release::circulate(state, what, signer.existing());
        }
        Kind::Acknowledge(Drawn { what, .. }) => {
            ActBody::Acknowledge(act::Acknowledge { package: package(&what.package)? })
        }
        Kind::Deliver(Drawn { what, .. }) => {
            ActBody::Deliver(act::Deliver { package: package(&what.package)?, to: what.to.clone() })
        }
        Kind::Tick(Drawn { what, .. }) => ActBody::Tick(Tick {
            at_utc: match what.at {
                Some(at_utc) => at_utc,
                None => SystemClock.now()?,
            },
        }),
        Kind::Propose(Drawn { what, .. }) => {
            let subject: Subject = json(&what.draft, "the subject of a proposal")?;
            ActBody::Propose(propose(state, &what.title, subject, what.deadline))
        }
        Kind::Extend(Drawn { what, .. }) => {
            ActBody::Extend(Extend { proposal: find(state, &what.proposal)?, deadline_utc: what.deadline })
        }
        Kind::Found(found) => ActBody::Found(Found { roster: json(&found.roster, "a roster")? }),
    }))
}

/// The round that a proposal circulates in.
fn ballot(state: &State, proposal: &str) -> Result<act::Ballot, Failure> {
    let digest = find(state, proposal)?;
    state.round(&digest).map(office::Round::ballot).ok_or_else(|| unknown(state, proposal))
}

fn reasoned(state: &State, arguments: &Reasoned) -> Result<act::Reasoned, Failure> {
    let act::Ballot { proposal, round, roster_epoch } = ballot(state, &arguments.proposal)?;
    let (reason, parts) = (reason(&arguments.why)?, BTreeSet::new());
    Ok(act::Reasoned { proposal, round, roster_epoch, reason, parts })
}

/// An objection, of a wave perhaps to some parts alone.
fn objection(state: &State, arguments: &Objection) -> Result<act::Reasoned, Failure> {
    let parts = arguments.parts.iter().cloned().collect();
    Ok(act::Reasoned { parts, ..reasoned(state, &arguments.said)? })
}

/// The proposal that a digest or a title names; of a title, its last round.
pub(in crate::commands) fn find(state: &State, proposal: &str) -> Result<Digest, Failure> {
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
fn package(named: &str) -> Result<Digest, Failure> {
    if let Ok(package) = named.parse::<Digest>() {
        return Ok(package);
    }
    package_file::digest(Path::new(named))
}

/// A draft in its next round, under the roster in force.
fn propose(state: &State, title: &Title, subject: Subject, deadline_utc: UtcTime) -> Propose {
    Propose {
        amends: state.rounds(title).last().copied(),
        round: state.next_round(title),
        title: title.clone(),
        subject,
        roster_epoch: state.roster().map(office::Roster::epoch).unwrap_or(act::Epoch::FIRST),
        deadline_utc,
    }
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
