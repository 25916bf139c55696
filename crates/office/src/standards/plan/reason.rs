//! Why a part is not in a wave or does not go to everybody, and what should be known of one that goes.

use std::collections::BTreeSet;
use std::fmt;

use ledger::act::{Code, PartId};

use crate::standards::eligibility::{ReasonCode, listed};

/// Kinds of reasons why a part is left out or withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BecauseCode {
    /// A receiver may not have it.
    MayNot(ReasonCode),
    /// It needs another that a receiver does not get.
    NeedsBlocked,
    /// It covers, or is covered by, another that a receiver does not get.
    CoverBlocked,
    /// What has to travel in one wave with it is too much for one.
    GroupOverCapacity,
    /// Others are worth more for the effort, and the waves are full.
    BeyondTheWaves,
    /// The policy has no receivers.
    NoReceivers,
}

impl BecauseCode {
    /// Kinds beside those of eligibility, which are [`ReasonCode::ALL`].
    pub const OWN: [Self; 5] = [
        Self::NeedsBlocked,
        Self::CoverBlocked,
        Self::GroupOverCapacity,
        Self::BeyondTheWaves,
        Self::NoReceivers,
    ];

    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        ReasonCode::ALL.into_iter().map(Self::MayNot).chain(Self::OWN)
    }

    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MayNot(code) => code.as_str(),
            Self::NeedsBlocked => "needs-blocked",
            Self::CoverBlocked => "cover-blocked",
            Self::GroupOverCapacity => "group-over-capacity",
            Self::BeyondTheWaves => "beyond-the-waves",
            Self::NoReceivers => "no-receivers",
        }
    }
}

/// One reason, with the receivers for whom it is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// Its kind.
    pub code: BecauseCode,
    /// For whom.
    pub receivers: BTreeSet<Code>,
    /// In words that name neither the part nor the receivers: it stands behind "because".
    pub message: String,
    /// The part at the root of it, where it is another.
    pub by: Option<PartId>,
    /// The way there: what the part hangs on, what that hangs on, to the root. Of a long way the beginning and the root.
    pub chain: Vec<PartId>,
    /// Parts of the way that are not in `chain`, before its last.
    pub omitted: usize,
}

/// What should be known of a part before it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanFlag {
    /// It goes without something that it normatively needs.
    Lacks {
        /// What.
        part: PartId,
        /// To whom.
        receivers: BTreeSet<Code>,
    },
    /// It covers something that receivers do not get.
    CoverIncomplete {
        /// What.
        part: PartId,
        /// Who.
        receivers: BTreeSet<Code>,
    },
    /// It covers something that follows later or not within the waves.
    CoverAhead {
        /// What.
        part: PartId,
    },
    /// Receivers do not get the document that covers it.
    WithoutCover {
        /// The cover.
        cover: PartId,
        /// Who.
        receivers: BTreeSet<Code>,
    },
    /// It needs itself through others.
    Cycle {
        /// Some of the others.
        with: Vec<PartId>,
        /// How many more.
        more: usize,
    },
}

impl PlanFlag {
    /// The stable words of all kinds.
    pub const ALL: [&'static str; 5] = ["lacks", "cover-incomplete", "cover-ahead", "without-cover", "cycle"];

    /// The stable word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Lacks { .. } => "lacks",
            Self::CoverIncomplete { .. } => "cover-incomplete",
            Self::CoverAhead { .. } => "cover-ahead",
            Self::WithoutCover { .. } => "without-cover",
            Self::Cycle { .. } => "cycle",
        }
    }
}

impl fmt::Display for PlanFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lacks { part, receivers } => {
                write!(f, "goes without `{part}`, which it normatively needs, to {}", listed(receivers))
            }
            Self::CoverIncomplete { part, receivers } => {
                write!(f, "covers `{part}`, which {} may not have", listed(receivers))
            }
            Self::CoverAhead { part } => write!(f, "covers `{part}`, which does not go in the same wave"),
            Self::WithoutCover { cover, receivers } => {
                write!(f, "goes without its cover `{cover}` to {}", listed(receivers))
            }
            Self::Cycle { with, more } => {
                let named = listed(with.iter().map(|id| format!("`{id}`")));
                write!(f, "needs itself through {named}")?;
                if *more > 0 { write!(f, " and {more} more") } else { Ok(()) }
            }
        }
    }
}
