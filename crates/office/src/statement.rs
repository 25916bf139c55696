//! What a signer reads before signing, and an auditor afterwards: each act in words.
//!
//! A statement is computed from the act alone, with the state only adding what its digests stand for; so what is shown is what is
//! signed. Texts that the author chose stand on lines of their own behind a bar: a title cannot pose as another line.

use std::fmt;

use ledger::{
    Digest,
    act::{
        AccessDecision, Act, ActBody, Ballot, Code, Delegation, Entrust, Found, KeyAccess, Propose, Reasoned,
        ReleaseDraft, Revoke, Subject, Withdraw,
    },
};

use crate::{release::difference, state::State};

mod change;
mod followed;
mod wave;

pub use followed::followed;

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

type Details = Vec<(&'static str, String)>;
type Words = (String, Details);

/// The words for an act. `state` is what the log said before it.
#[must_use]
pub fn of(act: &Act, state: &State) -> Statement {
    let Act { schema: _, actor, counter, body } = act;
    let ballot = |verb: &str, ballot: &Ballot| of_ballot(state, actor, verb, ballot);
    let reasoned = |verb: &str, name, said: &Reasoned| {
        let (sentence, mut details) = of_ballot(state, actor, verb, &said.ballot());
        let about = wave::of_objection(state, said);
        details.splice(0..0, std::iter::once((name, said.reason.to_string())).chain(about));
        (sentence, details)
    };
    let (sentence, mut details) = match body {
        ActBody::Found(found) => of_found(actor, found),
        ActBody::Tick(tick) => (format!("{actor} logs the time {}.", tick.at_utc), Vec::new()),
        ActBody::Deposit(deposit) => (
            format!("{actor} deposits sealed figures in {} rows.", deposit.rows),
            vec![("commitment", deposit.commitment.to_string()), ("sealed box", deposit.blob.to_string())],
        ),
        ActBody::Propose(propose) => of_propose(actor, propose, state),
        ActBody::Extend(extend) => (
            format!("{actor} gives the round below more time, until {}.", extend.deadline_utc),
            of_proposal(state, actor, extend.proposal),
        ),
        ActBody::Approve(said) => ballot("approves", said),
        ActBody::Waive(said) => ballot("need not be waited for, and does not object to", said),
        ActBody::Retract(said) => ballot("takes back what this key said about", said),
        ActBody::Endorse(said) => ballot("endorses, with this key, the change of keys in", said),
        ActBody::Consent(said) => wave::of_consent(state, actor, said),
        ActBody::Object(said) => reasoned("objects to", "reason", said),
        ActBody::Amend(said) => reasoned("breaks silence and asks for an amendment of", "asks for", said),
        ActBody::Reserve(said) => reasoned("agrees, with the reservation below, to", "reservation", said),
        ActBody::Entrust(entrust) => of_entrust(actor, entrust),
        ActBody::Reclaim(reclaim) => (
            format!("{actor} takes back a consent that it gave beforehand."),
            vec![("terms", reclaim.grant.to_string())],
        ),
        ActBody::Revoke(revoke) => of_revoke(actor, revoke),
        ActBody::Withdraw(withdraw) => of_withdraw(state, actor, withdraw),
        ActBody::Witness(witness) => (
            format!("{actor} logs a checkpoint that witnesses have cosigned."),
            vec![("checkpoint", witness.checkpoint.to_string())],
        ),
        ActBody::Seal(seal) => {
            let mut details = vec![("package", seal.package.to_string())];
            details.extend(of_proposal(state, actor, seal.proposal));
            (format!("{actor} seals a package of the release below."), details)
        }
        ActBody::Deliver(deliver) => {
            (format!("{actor} delivers a package to {}.", deliver.to), of_package(state, deliver.package))
        }
        ActBody::Acknowledge(acknowledge) => (
            format!("{actor} acknowledges that it has received a package."),
            of_package(state, acknowledge.package),
        ),
        ActBody::KeyAccess(access) => of_key_access(state, actor, access),
        ActBody::Register(register) => wave::of_register(actor, register),
    };
    details.push(("counter", counter.to_string()));
    Statement { sentence, details }
}

fn of_found(actor: &Code, found: &Found) -> Words {
    let roster = &found.roster;
    let mut details = vec![
        ("roster", roster.epoch.to_string()),
        ("members", list(roster.members.iter().map(|member| &member.code))),
        ("receivers", list(roster.receivers.iter().map(|receiver| &receiver.code))),
        ("groups", list(roster.groups.iter().map(|group| &group.code))),
        ("eligibility", format!("{} lines", roster.eligibility.len())),
        ("office keys", keys(&roster.office.delegation)),
    ];
    details.extend(
        roster
            .members
            .iter()
            .map(|member| ("keys", format!("{}: {}", member.code, keys(&member.delegation)))),
    );
    details.push(("witnesses", roster.witnesses.to_string()));
    (format!("{actor} opens the log with a roster."), details)
}

/// A delegation on one line.
fn keys(delegation: &Delegation) -> String {
    let one = |delegate: &ledger::act::Delegate| {
        let scopes: Vec<String> =
            delegate.scopes.iter().map(|scope| format!("{scope:?}").to_lowercase()).collect();
        format!(
            "{} ({}, {}; {}; until {})",
            delegate.id,
            delegate.key.id(),
            delegate.key.algorithm(),
            scopes.join(" "),
            delegate.expires_utc
        )
    };
    let delegates: Vec<String> = delegation.delegates.iter().map(one).collect();
    format!("any {} of: {}", delegation.quorum, delegates.join("; "))
}

fn of_propose(actor: &Code, propose: &Propose, state: &State) -> Words {
    let mut details = vec![("title", propose.title.to_string())];
    let what = match &propose.subject {
        Subject::Release(draft) => {
            details.extend(of_draft(draft, actor, state));
            "the release below"
        }
        Subject::Roster(draft) => {
            details.extend(draft.changes.iter().map(|change| ("change", change::words(change))));
            "the change of the roster below"
        }
    };
    details.push(("roster", propose.roster_epoch.to_string()));
    if let Some(earlier) = propose.amends {
        details.push(("amends", earlier.to_string()));
        details.extend(of_amendment(propose, state.release(&earlier)));
    }
    let sentence = format!(
        "{actor} circulates {what} for agreement in round {}, until {}.",
        propose.round, propose.deadline_utc
    );
    (sentence, details)
}

/// What an amended draft changes.
fn of_amendment(propose: &Propose, earlier: Option<&crate::release::Release>) -> Details {
    let (Subject::Release(later), Some(earlier)) = (&propose.subject, earlier) else { return Vec::new() };
    changed(earlier, later)
}

/// What a later draft changes in an earlier one, a line each.
fn changed(earlier: &crate::release::Release, later: &ReleaseDraft) -> Details {
    let changed = difference(earlier.protected().draft(), later);
    if changed.is_empty() {
        return vec![("changed", "nothing but round and deadline".to_owned())];
    }
    changed.into_iter().map(|what| ("changed", what.to_string())).collect()
}

fn of_draft(draft: &ReleaseDraft, actor: &Code, state: &State) -> Details {
    let mut details = vec![
        ("content", format!("{:?}", draft.content).to_lowercase()),
        ("release", draft.release.to_string()),
        ("certificate", draft.certificate.to_string()),
        ("safe with", format!("{} releases sealed before ({})", draft.history.releases, draft.history.head)),
        ("label", draft.label.to_string()),
        ("audience", list(&draft.audience)),
        ("originators", list(draft.originators.keys())),
    ];
    details.extend(draft.supersedes.map(|earlier| ("supersedes", earlier.to_string())));
    details.extend(wave::details(draft, actor, state));
    details
}

fn of_ballot(state: &State, actor: &Code, verb: &str, ballot: &Ballot) -> Words {
    let mut details = of_proposal(state, actor, ballot.proposal);
    let exposure = state
        .release(&ballot.proposal)
        .and_then(|release| release.protected().draft().originators.get(actor));
    details.extend(exposure.map(|exposure| ("own exposure", exposure.to_string())));
    let sentence = format!(
        "{actor} {verb} the proposal below, in round {} of roster {}.",
        ballot.round, ballot.roster_epoch
    );
    (sentence, details)
}

/// The proposal that a digest names. An unknown one is said to be unknown: nobody should sign for it.
fn of_proposal(state: &State, actor: &Code, proposal: Digest) -> Details {
    let mut details = vec![("proposal", proposal.to_string())];
    let title = state.title(&proposal).map(ToString::to_string);
    details.push(("title", title.unwrap_or_else(|| "not known: this proposal is not in the log".to_owned())));
    if let Some(release) = state.release(&proposal) {
        let protected = release.protected();
        details.extend(of_draft(protected.draft(), actor, state));
        let earlier = protected.amends().and_then(|earlier| state.release(&earlier));
        details.extend(earlier.into_iter().flat_map(|earlier| changed(earlier, protected.draft())));
    }
    if let Some(reform) = state.reforms().get(&proposal) {
        details.extend(reform.changes().iter().map(|change| ("change", change::words(change))));
    }
    details.extend(state.round(&proposal).map(|round| ("deadline", round.terms().deadline.to_string())));
    details
}

fn of_entrust(actor: &Code, entrust: &Entrust) -> Words {
    let contents: Vec<String> =
        entrust.contents.iter().map(|content| format!("{content:?}").to_lowercase()).collect();
    let details = vec![
        ("audience", list(&entrust.audience)),
        ("content", contents.join(", ")),
        ("up to", format!("{:?}", entrust.highest).to_lowercase()),
        ("until", entrust.expires_utc.to_string()),
        ("terms", entrust.digest().map_or_else(|error| error.to_string(), |digest| digest.to_string())),
    ];
    let sentence = format!(
        "{actor} consents beforehand to every release of its information within the bounds below, unseen."
    );
    (sentence, details)
}

fn of_revoke(actor: &Code, revoke: &Revoke) -> Words {
    let details = vec![("key", revoke.key.to_string()), ("reason", revoke.reason.to_string())];
    (format!("{actor} declares one of its keys lost or stolen; it counts no more, and never again."), details)
}

fn of_withdraw(state: &State, actor: &Code, withdraw: &Withdraw) -> Words {
    let mut details = vec![("reason", withdraw.reason.to_string())];
    details.extend(of_proposal(state, actor, withdraw.proposal));
    (format!("{actor} withdraws the proposal below."), details)
}

fn of_package(state: &State, package: Digest) -> Details {
    let title = state.sealed_with(&package).map_or_else(
        || "not known: no such package was sealed".to_owned(),
        |sealed| sealed.agreed().protected().title().to_string(),
    );
    vec![("package", package.to_string()), ("title", title)]
}

fn of_key_access(state: &State, actor: &Code, access: &KeyAccess) -> Words {
    let KeyAccess { proposal, package, receiver, client_key, decision } = access;
    let mut details = vec![("package", package.to_string()), ("key asked for", client_key.to_string())];
    let sentence = match decision {
        AccessDecision::Granted => {
            format!("{actor} gives {receiver} the key of a package of the release below.")
        }
        AccessDecision::Refused(reason) => {
            details.insert(0, ("reason", reason.to_string()));
            format!("{actor} refuses {receiver} the key of a package of the release below.")
        }
    };
    details.extend(of_proposal(state, actor, *proposal));
    (sentence, details)
}

fn list<'a>(codes: impl IntoIterator<Item = &'a Code>) -> String {
    codes.into_iter().map(Code::as_str).collect::<Vec<_>>().join(", ")
}
