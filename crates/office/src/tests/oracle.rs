//! What a log means, read from the definition by the slowest road: for each question the whole log is walked again. Shares no code
//! with the fold; takes the log's word that signatures hold.

use std::collections::BTreeSet;

use ledger::{
    Digest,
    act::{Act, ActBody, Code, Propose, Roster, UtcTime},
    dsse::Envelope,
};

use crate::{Outcome, Release, State};

/// An act in the log and the digest that names it.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) act: Act,
    pub(crate) digest: Digest,
}

impl Logged {
    pub(crate) fn read(entry: &[u8]) -> Self {
        let envelope = Envelope::from_bytes(entry).unwrap();
        Self { act: Act::claimed(&envelope).unwrap(), digest: Digest::of(entry) }
    }
}

fn roster(log: &[Logged]) -> &Roster {
    match &log[0].act.body {
        ActBody::Found(found) => &found.roster,
        other => panic!("the log starts with {other:?}"),
    }
}

fn time_at(log: &[Logged], entry: usize) -> Option<UtcTime> {
    log[..=entry].iter().rev().find_map(|logged| match &logged.act.body {
        ActBody::Tick(tick) => Some(tick.at_utc),
        _ => None,
    })
}

fn proposals(log: &[Logged]) -> Vec<(usize, Digest, &Propose)> {
    let proposal = |(entry, logged): (usize, &'_ Logged)| match &logged.act.body {
        ActBody::Propose(_) => Some((entry, logged.digest)),
        _ => None,
    };
    let found: Vec<_> = log.iter().enumerate().filter_map(proposal).collect();
    found
        .into_iter()
        .map(|(entry, digest)| match &log[entry].act.body {
            ActBody::Propose(propose) => (entry, digest, propose),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Who approved and who objected in time, among the entries before `end`.
fn said(log: &[Logged], start: usize, end: usize, digest: Digest, propose: &Propose) -> [BTreeSet<Code>; 2] {
    let mut said = [BTreeSet::new(), BTreeSet::new()];
    for entry in start + 1..end {
        let (index, proposal, round, epoch) = match &log[entry].act.body {
            ActBody::Approve(approve) => (0, approve.proposal, approve.round, approve.roster_epoch),
            ActBody::Object(object) => (1, object.proposal, object.round, object.roster_epoch),
            _ => continue,
        };
        let meant = proposal == digest && round == propose.round && epoch == propose.roster_epoch;
        let member = roster(log).members.iter().any(|member| member.code == log[entry].act.actor);
        if meant && member && time_at(log, entry) < Some(propose.deadline_utc) {
            said[index].insert(log[entry].act.actor.clone());
        }
    }
    said
}

/// The outcome of a round after the entries before `end`, if it has one.
fn outcome_before(log: &[Logged], end: usize, digest: Digest) -> Option<Outcome> {
    let (start, _, propose) = proposals(log).into_iter().find(|(_, found, _)| *found == digest)?;
    // The first moment at which there is an outcome decides.
    (start + 1..end).find_map(|entry| {
        let [approved, objected] = said(log, start, entry + 1, digest, propose);
        let all = roster(log).members.iter().all(|member| approved.contains(&member.code));
        let over = time_at(log, entry) >= Some(propose.deadline_utc);
        match (objected.is_empty(), all, over) {
            (false, _, _) => Some(Outcome::Objected),
            (true, true, _) => Some(Outcome::Agreed),
            (true, false, true) if propose.originators.is_subset(&approved) => Some(Outcome::Agreed),
            (true, false, true) => Some(Outcome::Lapsed),
            (true, false, false) => None,
        }
    })
}

/// Releases sealed by the entries before `end`, oldest first.
fn sealed_before(log: &[Logged], end: usize) -> Vec<Digest> {
    let mut sealed = Vec::new();
    for logged in &log[..end] {
        let ActBody::Seal(seal) = &logged.act.body else { continue };
        let release =
            proposals(log).into_iter().find(|(_, digest, _)| *digest == seal.proposal).unwrap().2.release;
        if !sealed.contains(&release) {
            sealed.push(release);
        }
    }
    sealed
}

/// Panics unless the log keeps every promise and the state says what the log says.
pub(crate) fn check(log: &[Logged], state: &State) {
    for (_, digest, propose) in proposals(log) {
        check_proposal(log, state, digest, propose);
    }
    check_order(log);
    assert_eq!(state.history(), sealed_before(log, log.len()));
}

fn check_proposal(log: &[Logged], state: &State, digest: Digest, propose: &Propose) {
    let release = state.release(&digest).expect("a logged proposal is in the state");
    let outcome = outcome_before(log, log.len(), digest);
    assert_eq!(release.round().settled().map(|(outcome, _)| outcome), outcome, "outcome of {digest}");
    let seals = log.iter().filter(|logged| match &logged.act.body {
        ActBody::Seal(seal) => seal.proposal == digest,
        _ => false,
    });
    let stage = match (outcome, seals.count()) {
        (Some(Outcome::Agreed), 0) => matches!(release, Release::Agreed(_)),
        (Some(Outcome::Agreed), seals) => {
            matches!(release, Release::Sealed(sealed) if sealed.packages().len() == seals)
        }
        (Some(Outcome::Objected | Outcome::Lapsed), 0) => matches!(release, Release::Refused(_)),
        (None, 0) => matches!(release, Release::Proposed(_)),
        (_, _) => panic!("{digest} was sealed without being agreed"),
    };
    assert!(stage, "stage of {digest}");
    // An act counts for the one proposal that it names and for no other.
    for (member, recorded) in release.round().decisions() {
        let logged = &log[usize::try_from(recorded.stamp.entry.0).unwrap()];
        assert_eq!(&logged.act.actor, member);
        let named = match &logged.act.body {
            ActBody::Approve(approve) => (approve.proposal, approve.round, approve.roster_epoch),
            ActBody::Object(object) => (object.proposal, object.round, object.roster_epoch),
            other => panic!("{other:?} is no decision"),
        };
        assert_eq!(named, (digest, propose.round, propose.roster_epoch));
    }
}

/// Every seal, delivery and receipt stands on what must come before it.
fn check_order(log: &[Logged]) {
    for (entry, logged) in log.iter().enumerate() {
        let before = &log[..entry];
        match &logged.act.body {
            ActBody::Seal(seal) => {
                let (start, digest, propose) =
                    proposals(log).into_iter().find(|(_, digest, _)| *digest == seal.proposal).unwrap();
                assert_eq!(outcome_before(log, entry, digest), Some(Outcome::Agreed));
                let [approved, objected] = said(log, start, entry, digest, propose);
                assert!(propose.originators.is_subset(&approved), "sealed without every originator");
                assert!(objected.is_empty(), "sealed over an objection");
                let first = !before.iter().any(
                    |logged| matches!(&logged.act.body, ActBody::Seal(other) if other.proposal == seal.proposal),
                );
                if first {
                    assert_eq!(
                        propose.history,
                        sealed_before(log, entry),
                        "sealed with a certificate out of date"
                    );
                }
            }
            ActBody::Deliver(deliver) => {
                let seal = before.iter().find_map(|logged| match &logged.act.body {
                    ActBody::Seal(seal) if seal.package == deliver.package => Some(seal.proposal),
                    _ => None,
                });
                let proposal = seal.expect("delivered without a seal");
                let (_, _, propose) =
                    proposals(log).into_iter().find(|(_, digest, _)| *digest == proposal).unwrap();
                assert!(propose.audience.contains(&deliver.to), "delivered past the audience");
            }
            ActBody::Acknowledge(acknowledge) => assert!(
                before.iter().any(|other| matches!(
                    &other.act.body,
                    ActBody::Deliver(deliver)
                        if deliver.package == acknowledge.package && deliver.to == logged.act.actor
                )),
                "acknowledged without a delivery"
            ),
            ActBody::Propose(propose) => {
                let depositors = before.iter().filter(|other| matches!(other.act.body, ActBody::Deposit(_)));
                for depositor in depositors {
                    assert!(propose.originators.contains(&depositor.act.actor), "an originator was left out");
                }
            }
            ActBody::Found(_)
            | ActBody::Tick(_)
            | ActBody::Deposit(_)
            | ActBody::Approve(_)
            | ActBody::Object(_) => {}
        }
    }
}
