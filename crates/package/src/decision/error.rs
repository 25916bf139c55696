//! Why a decision does not read, or does not hold.

use std::fmt;

use ledger::{
    act::{Code, Epoch, Scope},
    checkpoint::CheckpointError,
    key::KeyId,
    policy::PolicyError,
};

use super::{CONSENTS_MAX, DECISION_BYTES_MAX};

/// A member whose consent is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Which member.
    pub code: Code,
    /// How many of its keys said the same.
    pub found: usize,
    /// How many must.
    pub quorum: usize,
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} of {} keys)", self.code, self.found, self.quorum)
    }
}

/// A bound of a consent given beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The release goes to others too.
    Audience,
    /// It is of another kind of content.
    Content,
    /// Its classification is higher, or cannot be told.
    Classification,
    /// The deadline of the round is not before the consent expires.
    Expiry,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Audience => "audience",
            Self::Content => "kind of content",
            Self::Classification => "classification",
            Self::Expiry => "expiry",
        })
    }
}

/// Why a decision does not read, or does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Longer than a decision may be, or with too many consents.
    #[error(
        "the decision is longer than {DECISION_BYTES_MAX} bytes or has more than {CONSENTS_MAX} consents"
    )]
    TooLong,
    /// Not the JSON of a decision.
    #[error("the decision does not read as one, at line {line} column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// An envelope or a proof in it does not read.
    #[error("the {part} of entry {entry} of the decision does not read as one")]
    Entry {
        /// Envelope or proof.
        part: &'static str,
        /// Which entry: 0 is the proposal, then the consents.
        entry: usize,
    },
    /// Well-formed, but not in its one form.
    #[error("the decision is not in its one form")]
    NotCanonical,
    /// No key of the office signed the proposal.
    #[error("the proposal is not signed by the office that the trust file names")]
    ProposalSignature,
    /// The proposal is another act, or one of the roster.
    #[error("the entry in place of the proposal is another act than the office's proposal of a release")]
    NotAProposal,
    /// The proposal circulated under a roster that is not trusted.
    #[error(
        "the proposal is of roster {found}, which is not in the trust file; its newest is roster {newest}"
    )]
    Epoch {
        /// Epoch of the proposal.
        found: Epoch,
        /// Newest epoch trusted.
        newest: Epoch,
    },
    /// The proposal names an originator who is no member.
    #[error("the proposal names the originator `{code}`, who is not on its roster")]
    Stranger {
        /// The code.
        code: Code,
    },
    /// A proposal of standards without parts, of figures with parts, or of others than the originators of its parts.
    #[error("the proposal does not name parts as a release of its content does, with their originators")]
    Parts,
    /// The proposal names no originator.
    #[error("the proposal names no originator")]
    NoOriginator,
    /// Not every originator consented.
    #[error("no consent of {}", list(missing))]
    NotConsented {
        /// Who did not.
        missing: Vec<Lacking>,
    },
    /// A consent by somebody who is no member.
    #[error(
        "the consent of `{code}` has no place in the decision, because it is not on the proposal's roster"
    )]
    NotAMember {
        /// Who.
        code: Code,
    },
    /// The same key twice: it counts once.
    #[error("the key {key} of `{code}` says the same twice")]
    Twice {
        /// Whose key.
        code: Code,
        /// Which key.
        key: KeyId,
    },
    /// A consent that no key of its member signed.
    #[error("the consent of `{code}` is not signed with a key that the proposal's roster has")]
    ConsentSignature {
        /// Who.
        code: Code,
    },
    /// A key that may not sign such an act.
    #[error("the key {key} of `{code}` may not sign this: it lacks the scope {scope:?}")]
    NotEntitled {
        /// Whose key.
        code: Code,
        /// Which key.
        key: KeyId,
        /// What it lacks.
        scope: Scope,
    },
    /// An act of a member that is no consent to this proposal.
    #[error("the act of `{code}` does not consent to this proposal in this round and under this roster")]
    OtherProposal {
        /// Who.
        code: Code,
    },
    /// A consent given beforehand for less than this release.
    #[error("the consent that `{code}` gave beforehand does not cover the release: its {bound} does not")]
    NotCovered {
        /// Who.
        code: Code,
        /// By which bound.
        bound: Bound,
    },
    /// The checkpoint does not read, or is not the log's.
    #[error("the checkpoint of the decision is not one of the log that the trust file names")]
    Checkpoint(#[source] CheckpointError),
    /// An entry that does not stand in the log.
    #[error("entry {entry} of the decision does not stand in the log that the trust file names")]
    NotLogged {
        /// Which entry: 0 is the proposal, then the consents.
        entry: usize,
    },
    /// Proofs under different states of the log.
    #[error("the proofs are not all under one checkpoint")]
    Checkpoints,
    /// A ballot before the proposal, a consent given beforehand after it, or two entries at one place.
    #[error(
        "entry {entry} of the decision does not stand on its side of the proposal, at a place of its own"
    )]
    Order {
        /// Which entry.
        entry: usize,
    },
    /// Cosignatures are missing, or do not hold.
    #[error("the checkpoint of the decision is not cosigned as the trust file asks")]
    NotWitnessed(#[source] PolicyError),
}

impl DecisionError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLong | Self::Json { .. } | Self::Entry { .. } | Self::NotCanonical => {
                "ask the sender for the package again"
            }
            Self::Epoch { .. } | Self::ProposalSignature | Self::Stranger { .. } | Self::Checkpoint(_) => {
                "check that the trust file is the office's current one"
            }
            Self::NotConsented { .. } => "wait for the missing consents; nothing is released without them",
            Self::NotCovered { .. } => "have the member sign on this release itself",
            Self::Checkpoints => "have all proofs made under the same, latest checkpoint",
            Self::NotWitnessed(error) => error.advice(),
            Self::NotAProposal
            | Self::NoOriginator
            | Self::Parts
            | Self::NotAMember { .. }
            | Self::Twice { .. }
            | Self::ConsentSignature { .. }
            | Self::NotEntitled { .. }
            | Self::OtherProposal { .. }
            | Self::NotLogged { .. }
            | Self::Order { .. } => "do not use it: what it claims was not agreed",
        }
    }
}

fn list(missing: &[Lacking]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
