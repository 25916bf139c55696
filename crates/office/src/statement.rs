//! What a signer reads before signing, and an auditor afterwards: each act in words.
//!
//! A statement is computed from the act alone, with the state only adding what its digests stand for; so what is shown is what is
//! signed. Texts that the author chose stand on lines of their own behind a bar: a title cannot pose as another line.

use std::fmt;

use ledger::{
    Digest,
    act::{Act, ActBody, Code, Found, Propose},
};

use crate::{release::Draft, state::State};

/// An act in words: one sentence, then named details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Who does what, as one sentence.
    pub sentence: String,
    /// Name and content of each detail, in the order of the act.
    pub details: Vec<(&'static str, String)>,
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.sentence)?;
        for (name, content) in &self.details {
            let mut lines = content.lines();
            writeln!(f, "  {name:<14}| {}", lines.next().unwrap_or_default())?;
            for line in lines {
                writeln!(f, "  {:<14}| {line}", "")?;
            }
        }
        Ok(())
    }
}

/// The words for an act. `state` is what the log said before it.
#[must_use]
pub fn of(act: &Act, state: &State) -> Statement {
    let Act { schema: _, actor, counter, body } = act;
    let (sentence, mut details) = match body {
        ActBody::Found(found) => of_found(actor, found),
        ActBody::Tick(tick) => (format!("{actor} logs the time {}.", tick.at_utc), Vec::new()),
        ActBody::Deposit(deposit) => (
            format!("{actor} deposits sealed figures in {} rows.", deposit.rows),
            vec![("commitment", deposit.commitment.to_string()), ("sealed box", deposit.blob.to_string())],
        ),
        ActBody::Propose(propose) => of_propose(actor, propose),
        ActBody::Approve(approve) => (
            format!("{actor} approves the release below, in round {}.", approve.round),
            of_proposal(state, approve.proposal),
        ),
        ActBody::Object(object) => {
            let mut details = vec![("reason", object.reason.to_string())];
            details.extend(of_proposal(state, object.proposal));
            (format!("{actor} objects to the release below, in round {}.", object.round), details)
        }
        ActBody::Seal(seal) => {
            let mut details = vec![("package", seal.package.to_string())];
            details.extend(of_proposal(state, seal.proposal));
            (format!("{actor} seals a package of the release below."), details)
        }
        ActBody::Deliver(deliver) => {
            (format!("{actor} delivers a package to {}.", deliver.to), of_package(state, deliver.package))
        }
        ActBody::Acknowledge(acknowledge) => (
            format!("{actor} acknowledges that it has received a package."),
            of_package(state, acknowledge.package),
        ),
    };
    details.push(("counter", counter.to_string()));
    Statement { sentence, details }
}

type Words = (String, Vec<(&'static str, String)>);

fn of_found(actor: &Code, found: &Found) -> Words {
    let roster = &found.roster;
    let details = vec![
        ("roster", roster.epoch.to_string()),
        ("members", list(roster.members.iter().map(|member| &member.code))),
        ("companies", list(roster.companies.iter().map(|company| &company.code))),
        ("office key", roster.office.key.id().to_string()),
    ];
    (format!("{actor} opens the log with a roster."), details)
}

fn of_propose(actor: &Code, propose: &Propose) -> Words {
    let mut details = of_draft(&Draft::of(propose));
    details.push(("originators", list(&propose.originators)));
    details.push(("roster", propose.roster_epoch.to_string()));
    let sentence = format!(
        "{actor} circulates the release below for agreement in round {}, until {}.",
        propose.round, propose.deadline_utc
    );
    (sentence, details)
}

fn of_draft(draft: &Draft) -> Vec<(&'static str, String)> {
    vec![
        ("title", draft.title.to_string()),
        ("release", draft.release.to_string()),
        ("certificate", draft.certificate.to_string()),
        ("safe with", format!("{} releases sealed before", draft.history.len())),
        ("label", draft.label.to_string()),
        ("audience", list(&draft.audience)),
    ]
}

/// The proposal that a digest names. An unknown one is said to be unknown: nobody should sign for it.
fn of_proposal(state: &State, proposal: Digest) -> Vec<(&'static str, String)> {
    let mut details = vec![("proposal", proposal.to_string())];
    match state.release(&proposal) {
        Some(release) => {
            let terms = release.round().terms();
            details.extend(of_draft(release.draft()));
            details.push(("originators", list(&terms.originators)));
            details.push(("deadline", terms.deadline.to_string()));
        }
        None => details.push(("title", "not known: this proposal is not in the log".to_owned())),
    }
    details
}

fn of_package(state: &State, package: Digest) -> Vec<(&'static str, String)> {
    let title = state.sealed_with(&package).map_or_else(
        || "not known: no such package was sealed".to_owned(),
        |sealed| sealed.agreed().draft().title.to_string(),
    );
    vec![("package", package.to_string()), ("title", title)]
}

fn list<'a>(codes: impl IntoIterator<Item = &'a Code>) -> String {
    codes.into_iter().map(Code::as_str).collect::<Vec<_>>().join(", ")
}
