//! Events: what is true once an entry has been logged.
//!
//! One entry yields the fact that its act states and, at most, the facts that follow from it at once (a round is settled). Events
//! are never stored: they are computed from the log again, so their form may grow with the program.

use ledger::{
    Digest,
    act::{Code, Counter, Reason, Schema, UtcTime},
};

use crate::{
    agreement::{Outcome, Terms},
    release::Draft,
    roster::Roster,
};

/// Place of an entry in the log, from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryIndex(pub u64);

impl std::fmt::Display for EntryIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Where and when something was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Who signed the entry.
    pub actor: Code,
    /// The actor's counter.
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
        roster: Roster,
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
    /// A draft was circulated.
    Proposed {
        /// What is to be released, to whom.
        draft: Draft,
        /// The round that this opens.
        terms: Terms,
    },
    /// The actor agreed.
    Approved {
        /// To this proposal.
        proposal: Digest,
    },
    /// The actor objected.
    Objected {
        /// To this proposal.
        proposal: Digest,
        /// Why.
        reason: Reason,
    },
    /// A round came to its one outcome.
    Settled {
        /// The proposal of the round.
        proposal: Digest,
        /// The outcome.
        outcome: Outcome,
    },
    /// A package of an agreed release was sealed.
    Sealed {
        /// The agreed proposal.
        proposal: Digest,
        /// Digest of the package.
        package: Digest,
    },
    /// A package was handed to a company.
    Delivered {
        /// Digest of the package.
        package: Digest,
        /// The company.
        to: Code,
    },
    /// The actor, a company, acknowledged a package.
    Acknowledged {
        /// Digest of the package.
        package: Digest,
    },
}
