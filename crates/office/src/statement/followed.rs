//! Events in words: what came of an act, told to whoever submitted it.

use std::collections::BTreeSet;

use ledger::{
    Digest,
    act::{Code, PartId},
};

use super::wave::counted;
use crate::{
    agreement::Decision,
    event::{Event, Fact},
    state::State,
};

/// One sentence without its full stop. `state` is what the log says once the event is in it: it knows the titles.
#[must_use]
pub fn followed(event: &Event, state: &State) -> String {
    let Event { actor, key, fact, .. } = event;
    let about = |proposal: &Digest| named(state, proposal);
    match fact {
        Fact::Founded { roster } => format!("the log is founded with roster {}", roster.epoch()),
        Fact::Ticked { at } => format!("the time of the log is {at}"),
        Fact::Deposited { rows, .. } => format!("{actor} has deposited {rows} rows"),
        Fact::Proposed { propose, terms } => format!(
            "`{}` circulates in round {} until {}, as proposal {}",
            propose.title, terms.number, terms.deadline, terms.proposal
        ),
        Fact::Extended { proposal, deadline } => format!("{} circulates until {deadline}", about(proposal)),
        Fact::Said { proposal, decision } => said(state, actor, decision, proposal),
        Fact::Retracted { proposal } => {
            format!("key {key} of {actor} has taken back what it said about {}", about(proposal))
        }
        Fact::Endorsed { proposal } => format!("key {key} of {actor} has endorsed {}", about(proposal)),
        Fact::Settled { proposal, outcome } => format!("{} is {outcome}", about(proposal)),
        Fact::RosterChanged { roster, .. } => format!("roster {} is in force", roster.epoch()),
        Fact::Entrusted { grant, .. } => entrusted(state, actor, grant),
        Fact::Reclaimed { grant } => format!("the consent of {actor} under terms {grant} has ended"),
        Fact::Revoked { key } => format!("key {key} of {actor} counts no more"),
        Fact::Withdrawn { proposal, .. } => format!("{} is withdrawn", about(proposal)),
        Fact::Witnessed { size } => format!("enough witnesses have seen {size} entries"),
        Fact::Sealed { proposal, package } => format!("package {package} of {} is sealed", about(proposal)),
        Fact::Superseded { proposal, by } => format!("{} is superseded by {}", about(proposal), about(by)),
        Fact::Delivered { package, to } => format!("package {package} is delivered to {to}"),
        Fact::Acknowledged { package } => format!("{actor} has acknowledged package {package}"),
        Fact::Registered { register } => {
            format!("revision {} of the registry is in force", register.revision)
        }
        Fact::Answered { access } => format!(
            "{} asked for the key of a package of {}: {}",
            access.receiver,
            about(&access.proposal),
            access.decision
        ),
    }
}

/// The title where the log has one, the digest where not.
fn named(state: &State, proposal: &Digest) -> String {
    state.title(proposal).map_or_else(|| format!("proposal {proposal}"), |title| format!("`{title}`"))
}

/// What a key said, and how far its party is from having said it.
fn said(state: &State, actor: &Code, decision: &Decision, proposal: &Digest) -> String {
    let verb = match decision {
        Decision::Approve => "approved",
        Decision::Reserve(_) => "agreed, with a reservation, to",
        Decision::Consent(parts) => return consented(state, actor, parts, proposal),
        Decision::Waive => "said that it need not be waited for about",
        Decision::Object(_) => "objected to",
        Decision::Amend(_) => "asked for an amendment of",
    };
    let words = format!("a key of {actor} has {verb} {}", named(state, proposal));
    let round = state.round(proposal);
    let wanted = round.and_then(|round| round.terms().members.get(actor)).copied().unwrap_or(1);
    let yes = round
        .and_then(|round| round.decisions().get(actor))
        .map_or(0, |said| said.values().filter(|word| word.decision.is_consent()).count());
    if decision.is_consent() && wanted > 1 { format!("{words} ({yes} of {wanted} keys)") } else { words }
}

/// To how many parts a key has consented, and to how many the member's yes is still missing.
fn consented(state: &State, actor: &Code, parts: &BTreeSet<PartId>, proposal: &Digest) -> String {
    let words =
        format!("a key of {actor} has consented to {} of {}", counted(parts.len()), named(state, proposal));
    match state.round(proposal).map_or(0, |round| round.awaited_parts(actor).count()) {
        0 => words,
        missing => format!("{words} ({missing} of its own still wait for its yes)"),
    }
}

fn entrusted(state: &State, actor: &Code, grant: &Digest) -> String {
    let found = state.grants().get(&(actor.clone(), *grant));
    if found.is_some_and(|found| found.given().is_some()) {
        format!("the consent of {actor} under terms {grant} counts from now on")
    } else {
        format!(
            "a key of {actor} has consented under terms {grant}; other keys of {actor} must sign the same"
        )
    }
}
