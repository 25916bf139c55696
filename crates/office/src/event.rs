//! Events: what is true once an entry has been logged.
//!
//! One entry yields the fact that its act states and the facts that follow from it at once (a round is settled, the roster changes,
//! other rounds become void). Events are never stored: they are computed from the log again, so their form may grow with the program.

use std::collections::BTreeSet;

use ledger::{
    Digest,
    act::{Code, Counter, Entrust, KeyAccess, Propose, Reason, Register, Schema, UtcTime},
    key::KeyId,
};

use crate::{
    agreement::{Decision, Outcome, Terms},
    roster::Roster,
};

/// Place of an entry in the log, from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryIndex(pub u64);

impl std::fmt::Display for EntryIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Where and when something was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The entry.
    pub entry: EntryIndex,
    /// Time of the latest tick up to and including this entry; none before the first tick.
    pub at: Option<UtcTime>,
}

/// A fact with its place, time, actor and schema version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Schema of the act that the entry holds.
    pub schema: Schema,
    /// Where and when.
    pub stamp: Stamp,
    /// The party that acted.
    pub actor: Code,
    /// The key that signed.
    pub key: KeyId,
    /// The key's counter.
    pub counter: Counter,
    /// What became true.
    pub fact: Fact,
}

/// What became true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The log was opened with this roster.
    Founded {
        /// Who may act.
        roster: Box<Roster>,
    },
    /// The office logged the time.
    Ticked {
        /// The time.
        at: UtcTime,
    },
    /// The actor handed in sealed figures.
    Deposited {
        /// Salted digest of the content.
        commitment: Digest,
        /// Digest of the sealed box.
        blob: Digest,
        /// Rows of the content.
        rows: u64,
    },
    /// Something was circulated.
    Proposed {
        /// What.
        propose: Box<Propose>,
        /// The round that this opens.
        terms: Terms,
    },
    /// A round was given more time.
    Extended {
        /// The proposal of the round.
        proposal: Digest,
        /// The new deadline.
        deadline: UtcTime,
    },
    /// A key of the actor spoke in a round.
    Said {
        /// The proposal of the round.
        proposal: Digest,
        /// What it said.
        decision: Decision,
    },
    /// A key of the actor took back what it said.
    Retracted {
        /// The proposal of the round.
        proposal: Digest,
    },
    /// A key signed for a change of keys.
    Endorsed {
        /// The proposal of the change.
        proposal: Digest,
    },
    /// A round came to its one outcome.
    Settled {
        /// The proposal of the round.
        proposal: Digest,
        /// The outcome.
        outcome: Outcome,
    },
    /// An agreed change took effect.
    RosterChanged {
        /// The roster from here on.
        roster: Box<Roster>,
        /// Members that lost their old keys: what those gave beforehand ends.
        recovered: BTreeSet<Code>,
    },
    /// A key of the actor consented beforehand.
    Entrusted {
        /// Digest of the terms.
        grant: Digest,
        /// Within which bounds.
        terms: Entrust,
    },
    /// The actor took a consent back.
    Reclaimed {
        /// Digest of the terms.
        grant: Digest,
    },
    /// A key of the actor counts no more.
    Revoked {
        /// The key.
        key: KeyId,
    },
    /// The office took back what was agreed or sealed.
    Withdrawn {
        /// The proposal.
        proposal: Digest,
        /// Why.
        reason: Reason,
    },
    /// Enough witnesses have seen the log up to here.
    Witnessed {
        /// Entries of the log that they have seen.
        size: u64,
    },
    /// A package of an agreed release was sealed.
    Sealed {
        /// The agreed proposal.
        proposal: Digest,
        /// Digest of the package.
        package: Digest,
    },
    /// A release that was sealed takes the place of another.
    Superseded {
        /// The proposal of the earlier one.
        proposal: Digest,
        /// The proposal of the later one.
        by: Digest,
    },
    /// A package was handed to a receiver.
    Delivered {
        /// Digest of the package.
        package: Digest,
        /// The receiver.
        to: Code,
    },
    /// The actor, a receiver, acknowledged a package.
    Acknowledged {
        /// Digest of the package.
        package: Digest,
    },
    /// A reviewed change of the registry of standards took effect.
    Registered {
        /// Which.
        register: Register,
    },
    /// The key access service answered a receiver.
    Answered {
        /// Whom, about which package, and what.
        access: KeyAccess,
    },
}
