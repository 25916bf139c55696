//! What can go wrong with a journal.

use ledger::Digest;
use ledger::act::{ActError, Code, FieldError};
use ledger::checkpoint::CheckpointError;
use ledger::dsse::EnvelopeError;
use ledger::proof::LogProofError;
use ledger::tile::TileError;
use office::{EntryIndex, Refusal};
use package::decision::DecisionError;
use store::StoreError;

/// Why an act was not logged, or the log not be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It breaks a rule: an answer, after which everything is as it was.
    #[error("the act is refused by rule `{}`", .0.rule())]
    Refused(#[source] Refusal),
    /// The store holds an entry that should never have been logged.
    #[error("entry {index} of the store breaks a rule")]
    Replay {
        /// The first such entry.
        index: EntryIndex,
        /// The rule.
        source: Refusal,
    },
    /// The store failed.
    #[error("the store did not take the act")]
    Store(#[from] StoreError),
    /// An earlier failure left memory and store apart, and the store could not be read again.
    #[error("the journal stopped after a failed write")]
    Stopped,
    /// The checkpoint could not be made.
    #[error("the checkpoint could not be signed")]
    Checkpoint(#[from] CheckpointError),
    /// The act could not be signed.
    #[error("the act could not be signed")]
    Act(#[from] ActError),
    /// The journal was opened without a key of the office.
    #[error("the journal has no key of the office to sign with")]
    NoOfficeKey,
    /// The actor has used all its counters.
    #[error("`{actor}` has used up its counter")]
    CounterUsedUp {
        /// Who.
        actor: Code,
    },
    /// An entry that is no envelope.
    #[error("an entry of the log is not an envelope")]
    Envelope(#[from] EnvelopeError),
    /// A proof could not be made.
    #[error("a proof of the log could not be made")]
    Proof(#[from] LogProofError),
    /// More cosignatures than an entry can hold.
    #[error("the cosigned checkpoint does not fit into an entry of the log")]
    TooManyCosignatures(#[source] FieldError),
    /// Only what is agreed has a decision.
    #[error("the proposal `{proposal}` is not agreed")]
    NotAgreed {
        /// The proposal.
        proposal: Digest,
    },
    /// The decision is too long.
    #[error("the decision could not be put together")]
    Decision(#[from] DecisionError),
    /// The log could not be laid out as files.
    #[error("the log could not be laid out as tiles")]
    Tile(#[from] TileError),
}

impl JournalError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::Replay { source: refusal, .. } => refusal.advice(),
            Self::Store(error) => error.advice(),
            Self::Stopped => "see to the store, then start again: the log is folded anew on opening",
            Self::Checkpoint(error) => error.advice(),
            Self::Act(error) => error.advice(),
            Self::NoOfficeKey => "open the office's act key as well",
            Self::CounterUsedUp { .. } => "give the actor a new key under a new roster",
            Self::Envelope(error) => error.advice(),
            Self::Proof(error) => error.advice(),
            Self::TooManyCosignatures(_) => "log the cosignatures that the policy needs, and no more",
            Self::NotAgreed { .. } => "wait for the missing approvals; nothing is released without them",
            Self::Decision(error) => error.advice(),
            Self::Tile(error) => error.advice(),
        }
    }

    /// Whether the same act may be logged later without anybody's help.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Store(error) => error.retryable(),
            Self::Refused(refusal) => refusal.is_retryable(),
            _ => false,
        }
    }
}
