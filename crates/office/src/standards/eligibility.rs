//! May this body or state have this part at this time, and if not, why: every reason, not the first.
//!
//! Each receiver is judged by itself, and a group never is one. A state may be asked about as well as a body: clearances are held by
//! bodies, so a state is judged by the agreements with it, by caveats and by originators. Nothing here looks at what a part needs; that is
//! `plan`'s.
//!
//! # Source
//! Releasing outside takes a need, a clearance, an agreement and the consent of the originator: NATO C-M(2002)49, enclosure E, as far as it is public.

use std::collections::BTreeSet;
use std::fmt;

use ledger::act::{Code, Level, PartId, UtcTime};

use super::policy::{Consent, Policy, Superseded};
use super::record::{Record, Relation, Status, marking_word};
use super::registry::Registry;

#[cfg(test)]
mod tests;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Whether it may have the part now, consent included.
    Now,
    /// Whether a wave with the part may be put to the originators: consent that was not given yet is no reason.
    Plan,
}

/// Kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// The registry does not have the part.
    UnknownPart,
    /// Nobody of that code receives.
    UnknownReceiver,
    /// The code is that of a group.
    Group,
    /// The status of the part does not allow it.
    Status,
    /// The clearance is too low.
    Clearance,
    /// No agreement reaches the level.
    NoAgreement,
    /// An agreement would, at another time.
    AgreementNotInForce,
    /// A caveat names others.
    Caveat,
    /// Nobody can consent.
    NoOriginator,
    /// An originator objected.
    OriginatorObjected,
    /// An originator has not said yet.
    OriginatorPending,
    /// Another stands in its place.
    Superseded,
    /// The receiver holds it.
    AlreadyHeld,
}

impl ReasonCode {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::UnknownPart,
        Self::UnknownReceiver,
        Self::Group,
        Self::Status,
        Self::Clearance,
        Self::NoAgreement,
        Self::AgreementNotInForce,
        Self::Caveat,
        Self::NoOriginator,
        Self::OriginatorObjected,
        Self::OriginatorPending,
        Self::Superseded,
        Self::AlreadyHeld,
    ];

    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownPart => "unknown-part",
            Self::UnknownReceiver => "unknown-receiver",
            Self::Group => "group",
            Self::Status => "status",
            Self::Clearance => "clearance",
            Self::NoAgreement => "no-agreement",
            Self::AgreementNotInForce => "agreement-not-in-force",
            Self::Caveat => "caveat",
            Self::NoOriginator => "no-originator",
            Self::OriginatorObjected => "originator-objected",
            Self::OriginatorPending => "originator-pending",
            Self::Superseded => "superseded",
            Self::AlreadyHeld => "already-held",
        }
    }
}

/// Why a receiver may not have a part. The words name neither, so that receivers of whom the same is true can be named together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The registry does not have the part.
    UnknownPart,
    /// Nobody of that code receives.
    UnknownReceiver,
    /// The code is that of a group.
    Group {
        /// Its members.
        members: BTreeSet<Code>,
    },
    /// The status of the part does not allow it.
    Status {
        /// Its status.
        status: Status,
    },
    /// The clearance is too low.
    Clearance {
        /// What the receiver is cleared for.
        clearance: Level,
        /// The level of the part.
        level: Level,
    },
    /// No agreement reaches the level.
    NoAgreement {
        /// The state.
        state: Code,
        /// The level of the part.
        level: Level,
        /// The highest level of any agreement with the receiver or its state.
        highest: Option<Level>,
    },
    /// An agreement would, at another time. Of several the one that begins next, else the one that ended last.
    AgreementNotInForce {
        /// The state.
        state: Code,
        /// The level of the part.
        level: Level,
        /// From this time on.
        from_utc: UtcTime,
        /// Until before this time.
        until_utc: UtcTime,
        /// When it was asked.
        at: UtcTime,
    },
    /// A caveat names others.
    Caveat {
        /// Whom it names.
        releasable_to: BTreeSet<Code>,
    },
    /// Nobody can consent.
    NoOriginator,
    /// An originator objected.
    OriginatorObjected {
        /// Which.
        originator: Code,
    },
    /// An originator has not said yet.
    OriginatorPending {
        /// Which.
        originator: Code,
    },
    /// Another stands in its place.
    Superseded {
        /// Which.
        by: PartId,
    },
    /// The receiver holds it.
    AlreadyHeld,
}

impl Reason {
    /// Its kind.
    #[must_use]
    pub const fn code(&self) -> ReasonCode {
        match self {
            Self::UnknownPart => ReasonCode::UnknownPart,
            Self::UnknownReceiver => ReasonCode::UnknownReceiver,
            Self::Group { .. } => ReasonCode::Group,
            Self::Status { .. } => ReasonCode::Status,
            Self::Clearance { .. } => ReasonCode::Clearance,
            Self::NoAgreement { .. } => ReasonCode::NoAgreement,
            Self::AgreementNotInForce { .. } => ReasonCode::AgreementNotInForce,
            Self::Caveat { .. } => ReasonCode::Caveat,
            Self::NoOriginator => ReasonCode::NoOriginator,
            Self::OriginatorObjected { .. } => ReasonCode::OriginatorObjected,
            Self::OriginatorPending { .. } => ReasonCode::OriginatorPending,
            Self::Superseded { .. } => ReasonCode::Superseded,
            Self::AlreadyHeld => ReasonCode::AlreadyHeld,
        }
    }
}

/// Codes in a row.
pub(super) fn listed<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { "nobody".to_owned() } else { items.join(", ") }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPart => f.write_str("the registry has no such part"),
            Self::UnknownReceiver => f.write_str("nobody of this code receives, and no state has it"),
            Self::Group { members } => write!(
                f,
                "a group never receives; ask about each of its members ({}) or a body under one",
                listed(members)
            ),
            Self::Status { status } => {
                let word = match status {
                    Status::Draft => "a draft",
                    Status::Accepted => "accepted",
                    Status::Withdrawn => "withdrawn",
                };
                write!(f, "the part is {word}, and the policy does not let such parts go")
            }
            Self::Clearance { clearance, level } => {
                let (clearance, level) = (marking_word(*clearance), marking_word(*level));
                write!(f, "cleared for {clearance}, and the part is {level}")
            }
            Self::NoAgreement { state, level, highest } => {
                write!(f, "no agreement with {state} reaches {}", marking_word(*level))?;
                match highest {
                    Some(highest) => write!(f, "; the highest goes to {}", marking_word(*highest)),
                    None => f.write_str("; there is none"),
                }
            }
            Self::AgreementNotInForce { state, level, from_utc, until_utc, at } => {
                let level = marking_word(*level);
                if at < from_utc {
                    write!(f, "the agreement with {state} for {level} begins on {}", day(*from_utc))
                } else {
                    write!(f, "the agreement with {state} for {level} ended on {}", day(*until_utc))
                }
            }
            Self::Caveat { releasable_to } => {
                write!(f, "a caveat lets only {} have the part", listed(releasable_to))
            }
            Self::NoOriginator => f.write_str("no originator is known whose consent could be asked"),
            Self::OriginatorObjected { originator } => write!(f, "its originator {originator} objected"),
            Self::OriginatorPending { originator } => {
                write!(f, "its originator {originator} has not consented yet")
            }
            Self::Superseded { by } => write!(f, "`{by}` stands in its place"),
            Self::AlreadyHeld => f.write_str("it is held already"),
        }
    }
}

/// The day of a time, where it is the first second of one; else the time.
fn day(at: UtcTime) -> String {
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}

/// Every reason why a body or state may not have a part at a time, by kind; none is yes.
///
/// # Guarantee
/// No answer for a group is ever yes. A higher clearance, another agreement, or consent instead of none or of an objection never takes a
/// yes away.
///
/// Cost: the edges of the part and the lines of the policy.
#[must_use]
pub fn may_have(
    registry: &Registry,
    policy: &Policy,
    part: &PartId,
    receiver: &Code,
    at: UtcTime,
    purpose: Purpose,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let who = who(policy, receiver, &mut reasons);
    let Some(record) = registry.record(part) else {
        reasons.push(Reason::UnknownPart);
        reasons.sort();
        return reasons;
    };
    if let Some((state, clearance)) = who {
        of_level(policy, (receiver, state, clearance), policy.level(record), at, &mut reasons);
        of_caveats(policy, record, (receiver, state), &mut reasons);
    }
    of_originators(policy, record, receiver, purpose, &mut reasons);
    of_standing(registry, policy, record, &mut reasons);
    if policy.holds(receiver, part) {
        reasons.push(Reason::AlreadyHeld);
    }
    reasons.sort();
    reasons
}

/// State and clearance of a body; of a state itself, without a clearance.
fn who<'p>(
    policy: &'p Policy,
    receiver: &'p Code,
    reasons: &mut Vec<Reason>,
) -> Option<(&'p Code, Option<Level>)> {
    let conditions = &policy.conditions;
    if let Some(members) = conditions.groups.get(receiver) {
        reasons.push(Reason::Group { members: members.clone() });
        return None;
    }
    if let Some(body) = conditions.receivers.get(receiver) {
        return Some((&body.state, Some(body.clearance)));
    }
    if conditions.is_state(receiver) {
        return Some((receiver, None));
    }
    reasons.push(Reason::UnknownReceiver);
    None
}

/// Reasons that depend on the receiver and on nothing of the part but its level.
pub(super) fn of_level(
    policy: &Policy,
    (receiver, state, clearance): (&Code, &Code, Option<Level>),
    level: Level,
    at: UtcTime,
    reasons: &mut Vec<Reason>,
) {
    if let Some(clearance) = clearance.filter(|clearance| *clearance < level) {
        reasons.push(Reason::Clearance { clearance, level });
    }
    // A receiver or a state whose code is a group's has no agreement, whatever a table says.
    let groups = &policy.conditions.groups;
    let with = |party: &Code| (party == receiver || party == state) && !groups.contains_key(party);
    let all = || policy.conditions.agreements.iter().filter(|agreement| with(&agreement.party));
    let reaching = || all().filter(|agreement| level <= agreement.highest);
    if reaching().any(|agreement| agreement.from_utc <= at && at < agreement.until_utc) {
        return;
    }
    let next = reaching().filter(|agreement| at < agreement.from_utc).min_by_key(|it| it.from_utc);
    let state = state.clone();
    reasons.push(match next.or_else(|| reaching().max_by_key(|agreement| agreement.until_utc)) {
        Some(agreement) => Reason::AgreementNotInForce {
            state,
            level,
            from_utc: agreement.from_utc,
            until_utc: agreement.until_utc,
            at,
        },
        None => Reason::NoAgreement { state, level, highest: all().map(|agreement| agreement.highest).max() },
    });
}

fn of_caveats(
    policy: &Policy,
    record: &Record,
    (receiver, state): (&Code, &Code),
    reasons: &mut Vec<Reason>,
) {
    let own = record.releasable_to.iter();
    let lines = policy.caveats.iter().filter(|caveat| caveat.of.selects(record));
    let named = |set: &BTreeSet<Code>| set.contains(receiver) || set.contains(state);
    for releasable_to in own.chain(lines.map(|caveat| &caveat.releasable_to)).filter(|set| !named(set)) {
        reasons.push(Reason::Caveat { releasable_to: releasable_to.clone() });
    }
}

fn of_originators(
    policy: &Policy,
    record: &Record,
    receiver: &Code,
    purpose: Purpose,
    reasons: &mut Vec<Reason>,
) {
    let originators = policy.originators(record);
    if originators.is_empty() {
        reasons.push(Reason::NoOriginator);
    }
    for originator in originators {
        match policy.consents.of(record, &originator, receiver) {
            Consent::Agreed => {}
            Consent::Objected => reasons.push(Reason::OriginatorObjected { originator }),
            Consent::Pending if purpose == Purpose::Now => {
                reasons.push(Reason::OriginatorPending { originator });
            }
            Consent::Pending => {}
        }
    }
}

/// Reasons that depend on the part alone.
fn of_standing(registry: &Registry, policy: &Policy, record: &Record, reasons: &mut Vec<Reason>) {
    if !policy.planning.statuses.contains(&record.status) {
        reasons.push(Reason::Status { status: record.status });
    }
    if policy.planning.superseded == Superseded::Leave
        && let Some(by) = superseded_by(registry, &record.id)
    {
        reasons.push(Reason::Superseded { by: by.clone() });
    }
}

/// The part that stands in the place of this one: the last by id of those accepted ones that supersede it directly. A draft supersedes
/// nothing yet, and a withdrawn part nothing any more.
#[must_use]
pub fn superseded_by<'r>(registry: &'r Registry, part: &'r PartId) -> Option<&'r PartId> {
    let into =
        registry.edges_to(part).filter(|edge| edge.relation == Relation::Supersedes && edge.from != *part);
    into.map(|edge| &edge.from).filter(|id| registry.is_in_force(id)).max()
}
