//! Why an entry may not be logged.
//!
//! A refusal is an answer, not a failure: the state is as it was. Each names the rule that the act breaks ([`Refusal::rule`], a
//! stable word for documents and programs), says what was found, and what its author can do.

use ledger::{
    Digest,
    act::{ActError, Code, Counter, Epoch, RoundNumber, Title, UtcTime},
    dsse::EnvelopeError,
};

use crate::{
    agreement::Outcome,
    event::EntryIndex,
    roster::{Role, RosterError},
};

/// The rule that an act breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not an envelope in its one spelling.
    #[error("the entry is not an envelope")]
    Envelope(#[from] EnvelopeError),
    /// Not an act, or not in its one byte form.
    #[error("the entry does not hold an act")]
    Act(#[source] ActError),
    /// Decided for another place in the log than the next one.
    #[error("entry {found} was offered where the log continues with entry {expected}")]
    NotNext {
        /// The log's next entry.
        expected: EntryIndex,
        /// The entry offered.
        found: EntryIndex,
    },
    /// The first entry must found the log.
    #[error("the log has no roster yet")]
    NotFounded,
    /// A log is founded once.
    #[error("the log already has a roster")]
    AlreadyFounded,
    /// The roster is at fault.
    #[error("the roster cannot found a log")]
    Roster(#[from] RosterError),
    /// Nobody of this code is on the roster.
    #[error("`{actor}` is not on the roster")]
    UnknownActor {
        /// Who the act says it is from.
        actor: Code,
    },
    /// Signed by another key than the actor's.
    #[error("the act is not signed by the key of `{actor}`")]
    WrongKey {
        /// Who the act says it is from.
        actor: Code,
        /// What is wrong with the signature.
        source: EnvelopeError,
    },
    /// An act of another role.
    #[error("`{actor}` is {role}, whose act this is not")]
    WrongRole {
        /// Who acted.
        actor: Code,
        /// What it is.
        role: Role,
    },
    /// A doubled, replayed or overtaken act.
    #[error("`{actor}` has already used counter {last}; this act carries {found}")]
    CounterNotRising {
        /// Who acted.
        actor: Code,
        /// The highest counter used.
        last: Counter,
        /// The counter of the act.
        found: Counter,
    },
    /// Nothing but ticks before the first tick.
    #[error("the log has no time yet")]
    NoTime,
    /// Time does not run back.
    #[error("the log's time is {last}; a tick of {found} runs back")]
    TimeRunsBack {
        /// Time of the latest tick.
        last: UtcTime,
        /// Time of the refused tick.
        found: UtcTime,
    },
    /// The same content, or the same sealed box, again.
    #[error("the deposit `{digest}` is already in the log")]
    DepositRepeated {
        /// The commitment or box that is there already.
        digest: Digest,
    },
    /// A proposal of this digest was never logged.
    #[error("no proposal `{proposal}` is in the log")]
    UnknownProposal {
        /// The digest named.
        proposal: Digest,
    },
    /// Made for another round.
    #[error("the act is for round {found}; this is round {expected}")]
    WrongRound {
        /// The round that is due.
        expected: RoundNumber,
        /// The round named.
        found: RoundNumber,
    },
    /// Made for another roster.
    #[error("the act is for roster {found}; the roster is {expected}")]
    WrongEpoch {
        /// The roster in force.
        expected: Epoch,
        /// The roster named.
        found: Epoch,
    },
    /// The deadline of a proposal must lie ahead.
    #[error("the deadline {deadline} is not after the log's time {now}")]
    DeadlineNotAhead {
        /// The deadline.
        deadline: UtcTime,
        /// The log's time.
        now: UtcTime,
    },
    /// A release is for somebody.
    #[error("the proposal names no audience")]
    NoAudience,
    /// Somebody in the audience is not a company on the roster.
    #[error("`{company}` in the audience is not a company on the roster")]
    UnknownAudience {
        /// The code at fault.
        company: Code,
    },
    /// A release is somebody's information.
    #[error("the proposal names no originator")]
    NoOriginators,
    /// An originator is not a member.
    #[error("the originator `{member}` is not a member on the roster")]
    UnknownOriginator {
        /// The code at fault.
        member: Code,
    },
    /// A depositor is not among the originators.
    #[error("`{member}` has deposited figures but is not among the originators")]
    OriginatorLeftOut {
        /// The member left out.
        member: Code,
    },
    /// The proposal does not account for all that was sealed before.
    #[error("{sealed} releases were sealed before; the proposal does not name exactly these, oldest first")]
    HistoryNotWhole {
        /// How many there are.
        sealed: usize,
    },
    /// The draft already circulates.
    #[error("a round of `{title}` is open")]
    RoundOpen {
        /// The draft.
        title: Title,
    },
    /// The draft is agreed, or even sealed.
    #[error("`{title}` is already agreed")]
    AlreadyAgreed {
        /// The draft.
        title: Title,
    },
    /// The actor had no say when the round opened.
    #[error("`{actor}` was not a member when the round opened")]
    NotInRound {
        /// Who acted.
        actor: Code,
    },
    /// Logged after the deadline's tick.
    #[error("the round closed at {deadline}; the log's time is {now}")]
    Late {
        /// The deadline.
        deadline: UtcTime,
        /// The log's time.
        now: UtcTime,
    },
    /// The round came to its outcome before.
    #[error("the round is closed: the proposal was {outcome}")]
    RoundClosed {
        /// Its outcome.
        outcome: Outcome,
    },
    /// The member has spoken in this round.
    #[error("`{actor}` has already approved in this round")]
    AlreadyDecided {
        /// Who acted.
        actor: Code,
    },
    /// Only what is agreed can be sealed.
    #[error("the proposal `{proposal}` is not agreed")]
    NotAgreed {
        /// The proposal.
        proposal: Digest,
    },
    /// The package is there already.
    #[error("the package `{package}` is already sealed")]
    PackageRepeated {
        /// The package.
        package: Digest,
    },
    /// More packages than the bound.
    #[error("the release already has {found} packages, the most it may have")]
    TooManyPackages {
        /// How many there are.
        found: usize,
    },
    /// Only what is sealed can be delivered or acknowledged.
    #[error("no package `{package}` was sealed")]
    UnknownPackage {
        /// The package.
        package: Digest,
    },
    /// The company is not in the agreed audience.
    #[error("`{company}` is not in the audience that was agreed")]
    NotInAudience {
        /// The company.
        company: Code,
    },
    /// The package was delivered to this company before.
    #[error("the package was already delivered to `{company}`")]
    DeliveryRepeated {
        /// The company.
        company: Code,
    },
    /// The package was never delivered to this company.
    #[error("the package was not delivered to `{company}`")]
    NotDelivered {
        /// The company.
        company: Code,
    },
    /// The company has acknowledged before.
    #[error("`{company}` has already acknowledged the package")]
    AcknowledgementRepeated {
        /// The company.
        company: Code,
    },
}

impl Refusal {
    /// The rule, as one stable word.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Envelope(_) => "envelope",
            Self::Act(_) => "act",
            Self::NotNext { .. } => "next-entry",
            Self::NotFounded | Self::AlreadyFounded => "founded-once",
            Self::Roster(_) => "roster",
            Self::UnknownActor { .. } => "known-actor",
            Self::WrongKey { .. } => "actor-key",
            Self::WrongRole { .. } => "actor-role",
            Self::CounterNotRising { .. } => "counter-rises",
            Self::NoTime => "time-known",
            Self::TimeRunsBack { .. } => "time-runs-forward",
            Self::DepositRepeated { .. } => "deposit-once",
            Self::UnknownProposal { .. } => "known-proposal",
            Self::WrongRound { .. } => "round",
            Self::WrongEpoch { .. } => "roster-epoch",
            Self::DeadlineNotAhead { .. } => "deadline-ahead",
            Self::NoAudience | Self::UnknownAudience { .. } => "audience",
            Self::NoOriginators | Self::UnknownOriginator { .. } | Self::OriginatorLeftOut { .. } => {
                "originators"
            }
            Self::HistoryNotWhole { .. } => "history-whole",
            Self::RoundOpen { .. } => "one-round-open",
            Self::AlreadyAgreed { .. } => "agreed-once",
            Self::NotInRound { .. } => "round-members",
            Self::Late { .. } => "deadline",
            Self::RoundClosed { .. } => "one-outcome",
            Self::AlreadyDecided { .. } => "decide-once",
            Self::NotAgreed { .. } => "only-agreed-is-sealed",
            Self::PackageRepeated { .. } => "seal-once",
            Self::TooManyPackages { .. } => "packages-bounded",
            Self::UnknownPackage { .. } => "known-package",
            Self::NotInAudience { .. } => "agreed-audience",
            Self::DeliveryRepeated { .. } => "deliver-once",
            Self::NotDelivered { .. } => "acknowledge-delivered",
            Self::AcknowledgementRepeated { .. } => "acknowledge-once",
        }
    }

    /// What the author of the act can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Envelope(error) => error.advice(),
            Self::Act(error) => error.advice(),
            Self::Roster(error) => error.advice(),
            Self::NotNext { .. } => "read the log again and offer the act for its next entry",
            Self::NotFounded => "found the log with its roster first",
            Self::AlreadyFounded => "start another log for another roster",
            Self::UnknownActor { .. } => "check the actor's code against the roster",
            Self::WrongKey { .. } => "sign with the key that stands on the roster for this actor",
            Self::WrongRole { .. } => {
                "let the office, a member or a company act, whichever the act belongs to"
            }
            Self::CounterNotRising { .. } => {
                "if the act is not in the log yet, sign it again with the next counter"
            }
            Self::NoTime => "have the office log the time first",
            Self::TimeRunsBack { .. } => "set the office's clock right and log the time again",
            Self::DepositRepeated { .. } => "deposit a new version under a new salt, in a new box",
            Self::UnknownProposal { .. } => {
                "check the proposal's digest; it is that of the envelope as logged"
            }
            Self::WrongRound { .. } => "prepare the act again for the round that is due",
            Self::WrongEpoch { .. } => "prepare the act again under the present roster",
            Self::DeadlineNotAhead { .. } => "set a deadline that leaves the members time to answer",
            Self::NoAudience | Self::UnknownAudience { .. } => "name companies on the roster as the audience",
            Self::NoOriginators | Self::UnknownOriginator { .. } => {
                "name members on the roster as originators"
            }
            Self::OriginatorLeftOut { .. } => "name every member that has deposited as an originator",
            Self::HistoryNotWhole { .. } => {
                "protect the draft together with every release sealed so far and circulate it in the next round"
            }
            Self::RoundOpen { .. } => "wait for the round's outcome",
            Self::AlreadyAgreed { .. } => "seal it; give a revision a title of its own",
            Self::NotInRound { .. } => "speak in a round that opens under a roster with this member",
            Self::Late { .. } => "ask the office to circulate the draft again",
            Self::RoundClosed { .. } => "its outcome stands; speak in the next round",
            Self::AlreadyDecided { .. } => {
                "the approval counts already; it can be taken back only by objecting"
            }
            Self::NotAgreed { .. } => "wait for every originator's approval, or circulate an amended draft",
            Self::PackageRepeated { .. } => "deliver the package that is there",
            Self::TooManyPackages { .. } => "seal one package for several companies",
            Self::UnknownPackage { .. } => "check the package's digest, and seal it first",
            Self::NotInAudience { .. } => {
                "deliver to the agreed audience, or circulate a draft for a wider one"
            }
            Self::DeliveryRepeated { .. } => {
                "hand over the same file again if it was lost; the log needs no second entry"
            }
            Self::NotDelivered { .. } => {
                "acknowledge only packages that the office delivered to this company"
            }
            Self::AcknowledgementRepeated { .. } => "nothing: the receipt is in the log",
        }
    }

    /// Whether the same act may be accepted when it is offered again as it is.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::NotNext { .. })
    }
}
