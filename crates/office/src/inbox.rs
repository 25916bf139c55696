//! What waits for whom, and who must be reminded: read from the state, never stored.
//!
//! A reminder is due when less than half of a round's time is left and again in its last day; what is overdue stays in the inbox
//! until it is done or can no longer be done. Nothing here decides anything.

use std::{cmp::Ordering, collections::BTreeMap};

use ledger::{
    Digest,
    act::{Code, PartId, Scope, Title, UtcTime},
    key::KeyId,
};

use crate::{
    agreement::{Outcome, Round},
    event::Stamp,
    release::{Delivery, Release},
    roster::{Role, Side},
    state::State,
};

/// A day, in seconds.
const DAY: u64 = 86_400;
/// A receipt is overdue after this time. Ours: a fortnight is what a courier and a registry take at most.
const RECEIPT_DUE: u64 = 14 * DAY;
/// Parts that a line names.
const LISTED_MAX: usize = 5;
/// Keys that expire within this time are told, and so are outcomes that are not older.
const NOTICE: u64 = 30 * DAY;

/// One thing that waits for a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is about.
    pub matter: Matter,
    /// By when, where there is a deadline.
    pub due_utc: Option<UtcTime>,
    /// How pressing it is.
    pub urgency: Urgency,
}

/// How pressing something is. Ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// To be known, nothing to be done.
    Notice,
    /// There is time.
    Open,
    /// Less than half of the time is left.
    Reminder,
    /// The last day.
    LastDay,
}

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// The member's yes: silence will not do.
    Consent {
        /// The proposal.
        proposal: Digest,
        /// Its title.
        title: Title,
        /// How many of the member's keys have said yes.
        given: usize,
        /// How many it takes.
        wanted: usize,
        /// Of a wave, its own parts to which its yes is missing, and how many keys have said yes to each.
        parts: BTreeMap<PartId, usize>,
    },
    /// The member may object; silence is agreement.
    Silence {
        /// The proposal.
        proposal: Digest,
        /// Its title.
        title: Title,
    },
    /// A signature for a change of keys.
    Endorsement {
        /// The proposal.
        proposal: Digest,
        /// Its title.
        title: Title,
        /// Which of the party's keys.
        side: Side,
    },
    /// A round came to its outcome: told to everybody who had a voice.
    Outcome {
        /// The proposal.
        proposal: Digest,
        /// Its title.
        title: Title,
        /// What came of it.
        outcome: Outcome,
    },
    /// The office: an agreement is to be witnessed and sealed.
    Seal {
        /// The proposal.
        proposal: Digest,
        /// Its title.
        title: Title,
        /// Whether enough witnesses have seen it.
        witnessed: bool,
    },
    /// A receiver: a package is to be acknowledged.
    Acknowledge {
        /// The package.
        package: Digest,
        /// Title of its release.
        title: Title,
        /// When it was delivered.
        since: Option<UtcTime>,
    },
    /// The office: a receiver does not say that it has a package.
    Receipt {
        /// The package.
        package: Digest,
        /// Title of its release.
        title: Title,
        /// Who received it.
        receiver: Code,
        /// When it was delivered.
        since: Option<UtcTime>,
    },
    /// A key of the party expires soon.
    Expiry {
        /// The delegate.
        delegate: Code,
        /// The key.
        key: KeyId,
    },
}

impl std::fmt::Display for Matter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Consent { title, wanted, parts, .. } if !parts.is_empty() => {
                write!(f, "`{title}` waits for your yes to {}", listed(parts, *wanted))
            }
            Self::Consent { title, given, wanted, .. } if *wanted > 1 => {
                write!(f, "`{title}` waits for your yes: {given} of {wanted} keys have said so")
            }
            Self::Consent { title, .. } => write!(f, "`{title}` waits for your yes: silence will not do"),
            Self::Silence { title, .. } => write!(f, "`{title}` circulates: silence is agreement"),
            Self::Endorsement { title, side, .. } => {
                let whose = match side {
                    Side::Old => "a key that is replaced",
                    Side::New => "as many of the new keys as must sign together",
                    Side::Possession => "each new key",
                };
                write!(f, "`{title}` waits for the endorsement of {whose}")
            }
            Self::Outcome { title, outcome, .. } => write!(f, "`{title}` is {outcome}"),
            Self::Seal { title, witnessed: true, .. } => write!(f, "`{title}` is agreed and can be sealed"),
            Self::Seal { title, witnessed: false, .. } => {
                write!(f, "`{title}` is agreed; witnesses must see that before it is sealed")
            }
            Self::Acknowledge { title, package, .. } => {
                write!(f, "package {package} of `{title}` waits to be acknowledged")
            }
            Self::Receipt { title, package, receiver, since } => {
                write!(f, "{receiver} has not acknowledged package {package} of `{title}`")?;
                since.map_or(Ok(()), |since| write!(f, ", delivered {since}"))
            }
            Self::Expiry { delegate, key } => write!(f, "key {key} of {delegate} expires"),
        }
    }
}

/// The parts, the first few by name, with how many keys have said yes to each where it takes several.
fn listed(parts: &BTreeMap<PartId, usize>, wanted: usize) -> String {
    let one = |(part, given): (&PartId, &usize)| match wanted {
        1 => part.to_string(),
        _ => format!("{part} ({given} of {wanted} keys)"),
    };
    let named: Vec<String> = parts.iter().take(LISTED_MAX).map(one).collect();
    match parts.len().checked_sub(LISTED_MAX) {
        None | Some(0) => named.join(", "),
        Some(more) => format!("{} and {more} more", named.join(", ")),
    }
}

impl std::fmt::Display for Urgency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Notice => "notice",
            Self::Open => "open",
            Self::Reminder => "reminder",
            Self::LastDay => "last day",
        })
    }
}

/// What waits for a party now, the most pressing first.
#[must_use]
pub fn inbox(state: &State, party: &Code) -> Vec<Item> {
    let (Some(now), Some((role, _))) = (state.now(), state.roster().and_then(|roster| roster.party(party)))
    else {
        return Vec::new();
    };
    let mut items = Vec::new();
    for round in state.open_rounds() {
        in_round(state, party, round, now, &mut items);
    }
    outcomes(state, party, role, now, &mut items);
    match role {
        Role::Office => {
            to_seal(state, &mut items);
            outstanding(state, now, &mut items);
        }
        Role::Receiver => to_acknowledge(state, party, now, &mut items),
        Role::Member => {}
    }
    expiries(state, party, now, &mut items);
    items.sort_by(|a, b| b.urgency.cmp(&a.urgency).then_with(|| by_time(a.due_utc, b.due_utc)));
    items
}

/// Everybody who must be reminded now, with what: the rounds in which their yes or their endorsement is missing, and receipts that are
/// overdue.
#[must_use]
pub fn reminders(state: &State) -> Vec<(Code, Item)> {
    let Some(roster) = state.roster() else { return Vec::new() };
    let parties = roster.wire().members.iter().map(|member| &member.code);
    let parties = parties.chain(roster.receivers().keys()).chain(std::iter::once(office()));
    let waits = |item: &Item| {
        item.urgency >= Urgency::Reminder
            && matches!(
                item.matter,
                Matter::Consent { .. } | Matter::Endorsement { .. } | Matter::Acknowledge { .. }
            )
    };
    parties
        .flat_map(|party| inbox(state, party).into_iter().filter(waits).map(|item| (party.clone(), item)))
        .collect()
}

fn office() -> &'static Code {
    static OFFICE: std::sync::LazyLock<Code> = std::sync::LazyLock::new(Code::office);
    &OFFICE
}

/// Without a deadline last.
fn by_time(a: Option<UtcTime>, b: Option<UtcTime>) -> Ordering {
    (a.is_none(), a).cmp(&(b.is_none(), b))
}

fn in_round(state: &State, party: &Code, round: &Round, now: UtcTime, items: &mut Vec<Item>) {
    let terms = round.terms();
    let proposal = terms.proposal;
    let Some(title) = state.title(&proposal) else { return };
    let (due_utc, urgency) = (Some(terms.deadline), urgency(round, now));
    let item = |matter| Item { matter, due_utc, urgency };
    if let Some(wanted) = terms.members.get(party) {
        let said = round.decisions().get(party);
        let given = said.map_or(0, |said| said.values().filter(|word| word.decision.is_consent()).count());
        if terms.consents.contains(party) && !round.consents(party) {
            let missing = round.awaited_parts(party);
            let parts = missing.map(|part| (part.clone(), round.keys_for(party, part))).collect();
            let matter = Matter::Consent { proposal, title: title.clone(), given, wanted: *wanted, parts };
            items.push(item(matter));
        } else if said.is_none() {
            items.push(item(Matter::Silence { proposal, title: title.clone() }));
        }
    }
    let needed = round.unendorsed().filter(|needed| needed.party == *party);
    items.extend(
        needed.map(|needed| item(Matter::Endorsement { proposal, title: title.clone(), side: needed.side })),
    );
}

fn urgency(round: &Round, now: UtcTime) -> Urgency {
    let end = round.terms().deadline.posix_seconds();
    let start = round.opened().at.map_or(0, UtcTime::posix_seconds);
    let left = end.saturating_sub(now.posix_seconds());
    if left <= DAY {
        Urgency::LastDay
    } else if 2 * left <= end.saturating_sub(start) {
        Urgency::Reminder
    } else {
        Urgency::Open
    }
}

fn outcomes(state: &State, party: &Code, role: Role, now: UtcTime, items: &mut Vec<Item>) {
    let concerned = |round: &Round| role == Role::Office || round.terms().members.contains_key(party);
    let recent = |stamp: Stamp| {
        stamp.at.is_some_and(|at| now.posix_seconds().saturating_sub(at.posix_seconds()) < NOTICE)
    };
    let rounds = state
        .releases()
        .values()
        .map(Release::round)
        .chain(state.reforms().values().map(|reform| reform.round()));
    for round in rounds.filter(|round| concerned(round)) {
        let proposal = round.terms().proposal;
        let (Some((outcome, stamp)), Some(title)) = (round.settled(), state.title(&proposal)) else {
            continue;
        };
        if recent(stamp) {
            let matter = Matter::Outcome { proposal, title: title.clone(), outcome };
            items.push(Item { matter, due_utc: None, urgency: Urgency::Notice });
        }
    }
}

fn to_seal(state: &State, items: &mut Vec<Item>) {
    for (proposal, release) in state.releases() {
        if let Release::Agreed(agreed) = release {
            let matter = Matter::Seal {
                proposal: *proposal,
                title: agreed.protected().title().clone(),
                witnessed: state.witnessed() > agreed.settled().entry.0,
            };
            items.push(Item { matter, due_utc: None, urgency: Urgency::Open });
        }
    }
}

/// Packages that were handed to somebody and not acknowledged, and since when.
fn unacknowledged(state: &State) -> impl Iterator<Item = (&Title, Digest, &Code, Option<UtcTime>)> {
    let sealed = state.releases().values().filter_map(Release::packaged);
    let packages = sealed.flat_map(|sealed| {
        let title = sealed.agreed().protected().title();
        sealed.packages().iter().map(move |(package, found)| (title, *package, found))
    });
    packages.flat_map(|(title, package, found)| {
        found.deliveries().iter().filter_map(move |(receiver, delivery)| match delivery {
            Delivery::Delivered(delivered) => Some((title, package, receiver, delivered.stamp().at)),
            Delivery::Acknowledged(_) => None,
        })
    })
}

/// A receipt is due at once and overdue after [`RECEIPT_DUE`].
fn receipt_urgency(since: Option<UtcTime>, now: UtcTime) -> Urgency {
    let waited = since.map_or(0, |since| now.posix_seconds().saturating_sub(since.posix_seconds()));
    if waited > RECEIPT_DUE { Urgency::Reminder } else { Urgency::Open }
}

fn to_acknowledge(state: &State, party: &Code, now: UtcTime, items: &mut Vec<Item>) {
    for (title, package, _, since) in unacknowledged(state).filter(|(_, _, receiver, _)| *receiver == party) {
        let matter = Matter::Acknowledge { package, title: title.clone(), since };
        items.push(Item { matter, due_utc: None, urgency: receipt_urgency(since, now) });
    }
}

/// What the office asks after: receipts that are overdue.
fn outstanding(state: &State, now: UtcTime, items: &mut Vec<Item>) {
    for (title, package, receiver, since) in unacknowledged(state) {
        let urgency = receipt_urgency(since, now);
        if urgency == Urgency::Reminder {
            let (title, receiver) = (title.clone(), receiver.clone());
            items.push(Item {
                matter: Matter::Receipt { package, title, receiver, since },
                due_utc: None,
                urgency,
            });
        }
    }
}

/// Keys that expire soon; a delegation without a key that may govern cannot rotate by itself any more.
fn expiries(state: &State, party: &Code, now: UtcTime, items: &mut Vec<Item>) {
    let Some(roster) = state.roster() else { return };
    let Some((_, delegation)) = roster.party(party) else { return };
    for (key, delegate) in delegation.delegates().iter().filter(|(key, _)| !roster.revoked().contains(key)) {
        let left = delegate.expires_utc.posix_seconds().saturating_sub(now.posix_seconds());
        if left < NOTICE {
            let matter = Matter::Expiry { delegate: delegate.id.clone(), key: *key };
            let urgency =
                if delegate.scopes.contains(&Scope::Govern) { Urgency::Reminder } else { Urgency::Open };
            items.push(Item { matter, due_utc: Some(delegate.expires_utc), urgency });
        }
    }
}

#[cfg(test)]
mod tests;
