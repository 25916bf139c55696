//! The agreement that let a release out, with the proof that it stands in the log: the proposal and every originator's approval.
//!
//! Shows that each originator signed approval of exactly this proposal. Does not show that nobody objected afterwards or that a
//! deadline was kept: that takes the whole log (`tearline ledger verify`).

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{Act, ActBody, Approve, Code, Propose},
    dsse::Envelope,
    proof::LogProof,
};
use serde::{Deserialize, Serialize};

use crate::trust::Trust;

/// Longest decision in bytes: a thousand approvals with their proofs.
pub const DECISION_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most approvals, one of each member of the largest roster.
pub const APPROVALS_MAX: usize = crate::trust::MEMBERS_MAX;

const SCHEMA: &str = "tearline-decision/1";

/// Why a decision does not read, or does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Longer than a decision may be, or with too many approvals.
    #[error(
        "the decision is longer than {DECISION_BYTES_MAX} bytes or has more than {APPROVALS_MAX} approvals"
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
        /// Which entry: 0 is the proposal, then the approvals.
        entry: usize,
    },
    /// Well-formed, but not in its one form.
    #[error("the decision is not in its one form")]
    NotCanonical,
    /// The proposal is not one, or not the office's.
    #[error("the proposal is not signed by the office that the trust file names")]
    ProposalSignature,
    /// The proposal is another act.
    #[error("the entry in place of the proposal is another act")]
    NotAProposal,
    /// The proposal circulated under another roster.
    #[error("the proposal is of roster {found}, the trust file of roster {trusted}")]
    Epoch {
        /// Epoch of the proposal.
        found: u64,
        /// Epoch trusted.
        trusted: u64,
    },
    /// The proposal names an originator who is no member.
    #[error("the proposal names the originator `{code}`, who is not on the roster")]
    Stranger {
        /// The code.
        code: Code,
    },
    /// The proposal names no originator.
    #[error("the proposal names no originator")]
    NoOriginator,
    /// Not every originator approved.
    #[error("no approval of {}", list(missing))]
    NotApproved {
        /// Who did not.
        missing: Vec<Code>,
    },
    /// An approval by somebody who is no member, or a second one.
    #[error("an approval of `{code}` has no place in the decision")]
    Surplus {
        /// Who.
        code: Code,
    },
    /// An approval that its member did not sign.
    #[error("the approval of `{code}` is not signed with the key that the roster has")]
    ApprovalSignature {
        /// Who.
        code: Code,
    },
    /// An act of a member that is no approval of this proposal.
    #[error("the act of `{code}` does not approve this proposal in this round and under this roster")]
    OtherProposal {
        /// Who.
        code: Code,
    },
    /// An entry that does not stand in the log.
    #[error("entry {entry} of the decision does not stand in the log that the trust file names")]
    NotLogged {
        /// Which entry: 0 is the proposal, then the approvals.
        entry: usize,
    },
    /// Proofs under different states of the log.
    #[error("the proofs are not all under one checkpoint")]
    Checkpoints,
    /// An approval before the proposal, or two entries at one place.
    #[error("entry {entry} of the decision does not stand after the proposal, at a place of its own")]
    Order {
        /// Which entry.
        entry: usize,
    },
}

impl DecisionError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLong | Self::Json { .. } | Self::Entry { .. } | Self::NotCanonical => {
                "ask the sender for the package again"
            }
            Self::Epoch { .. } | Self::ProposalSignature | Self::Stranger { .. } => {
                "check that the trust file is the office's current one"
            }
            Self::NotApproved { .. } => "wait for the missing approvals; nothing is released without them",
            Self::Checkpoints => "have all proofs made under the same, latest checkpoint",
            Self::NotAProposal
            | Self::NoOriginator
            | Self::Surplus { .. }
            | Self::ApprovalSignature { .. }
            | Self::OtherProposal { .. }
            | Self::NotLogged { .. }
            | Self::Order { .. } => "do not use it: what it claims was not agreed",
        }
    }
}

fn list(codes: &[Code]) -> String {
    codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// An act with the proof of its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The act in its envelope.
    pub envelope: Envelope,
    /// Where it stands.
    pub proof: LogProof,
}

/// Proposal and approvals, not yet judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    proposal: Logged,
    approvals: Vec<Logged>,
}

/// A proposal that the office signed, under the roster trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What was proposed.
    pub propose: Propose,
    /// The digest by which approvals name it.
    pub digest: Digest,
}

impl Decision {
    /// Approvals are kept in the order of their members' codes, as far as they tell them.
    ///
    /// # Errors
    /// [`DecisionError::TooLong`].
    pub fn new(proposal: Logged, mut approvals: Vec<Logged>) -> Result<Self, DecisionError> {
        if approvals.len() > APPROVALS_MAX {
            return Err(DecisionError::TooLong);
        }
        approvals.sort_by_cached_key(|logged| Act::claimed(&logged.envelope).map(|act| act.actor).ok());
        let decision = Self { proposal, approvals };
        decision.to_bytes()?;
        Ok(decision)
    }

    /// The decision in its one form.
    ///
    /// # Errors
    /// [`DecisionError::TooLong`], or [`DecisionError::Entry`] for an envelope that is no text, which cannot happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DecisionError> {
        let wire = |(entry, logged): (usize, &Logged)| {
            let envelope = String::from_utf8(logged.envelope.to_bytes());
            let envelope = envelope.map_err(|_| DecisionError::Entry { part: "envelope", entry })?;
            Ok(LoggedWire { envelope, proof: logged.proof.to_text() })
        };
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            proposal: wire((0, &self.proposal))?,
            approvals: self.approvals.iter().zip(1..).map(|(l, n)| wire((n, l))).collect::<Result<_, _>>()?,
        };
        let bytes = serde_json::to_vec(&wire).map_err(|_| DecisionError::NotCanonical)?;
        if bytes.len() > DECISION_BYTES_MAX { Err(DecisionError::TooLong) } else { Ok(bytes) }
    }

    /// Reads a decision in its one form. Nothing is judged.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecisionError> {
        if bytes.len() > DECISION_BYTES_MAX {
            return Err(DecisionError::TooLong);
        }
        let wire = serde_json::from_slice::<Wire>(bytes)
            .map_err(|error| DecisionError::Json { line: error.line(), column: error.column() })?;
        let logged = |(entry, wire): (usize, LoggedWire)| {
            let envelope = Envelope::from_bytes(wire.envelope.as_bytes())
                .map_err(|_| DecisionError::Entry { part: "envelope", entry })?;
            let proof = LogProof::from_text(&wire.proof)
                .map_err(|_| DecisionError::Entry { part: "proof", entry })?;
            Ok(Logged { envelope, proof })
        };
        let proposal = logged((0, wire.proposal))?;
        let approvals = wire.approvals.into_iter().zip(1..).map(|(w, n)| logged((n, w)));
        let decision = Self::new(proposal, approvals.collect::<Result<_, _>>()?)?;
        if wire.schema != SCHEMA || decision.to_bytes()? != bytes {
            return Err(DecisionError::NotCanonical);
        }
        Ok(decision)
    }

    /// The proposal, if the office signed it under the trusted roster.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub fn proposal(&self, trust: &Trust) -> Result<Proposal, DecisionError> {
        let act = Act::verified(&self.proposal.envelope, trust.office_key());
        let act = act.map_err(|_| DecisionError::ProposalSignature)?;
        let (true, ActBody::Propose(propose)) = (act.actor == Code::office(), act.body) else {
            return Err(DecisionError::NotAProposal);
        };
        if propose.roster_epoch != trust.epoch() {
            let (found, trusted) = (propose.roster_epoch.get(), trust.epoch().get());
            return Err(DecisionError::Epoch { found, trusted });
        }
        if let Some(code) = propose.originators.iter().find(|code| trust.member_key(code).is_none()) {
            return Err(DecisionError::Stranger { code: code.clone() });
        }
        if propose.originators.is_empty() {
            return Err(DecisionError::NoOriginator);
        }
        Ok(Proposal { propose, digest: self.proposal.envelope.digest() })
    }

    /// Whether every originator of the proposal approved it. Approvals of further members may be there; every one must hold.
    ///
    /// # Errors
    /// [`DecisionError`], which names who did not.
    pub fn approvals(&self, trust: &Trust, proposal: &Proposal) -> Result<(), DecisionError> {
        let wanted = Approve {
            proposal: proposal.digest,
            round: proposal.propose.round,
            roster_epoch: proposal.propose.roster_epoch,
        };
        let mut approved = BTreeSet::new();
        for (logged, entry) in self.approvals.iter().zip(1..) {
            let claimed = Act::claimed(&logged.envelope);
            let code = claimed.map_err(|_| DecisionError::Entry { part: "envelope", entry })?.actor;
            let key = trust.member_key(&code).filter(|_| !approved.contains(&code));
            let key = key.ok_or_else(|| DecisionError::Surplus { code: code.clone() })?;
            let act = Act::verified(&logged.envelope, key);
            let act = act.map_err(|_| DecisionError::ApprovalSignature { code: code.clone() })?;
            if act.body != ActBody::Approve(wanted.clone()) {
                return Err(DecisionError::OtherProposal { code });
            }
            approved.insert(code);
        }
        let missing = proposal.propose.originators.difference(&approved).cloned().collect::<Vec<_>>();
        if missing.is_empty() { Ok(()) } else { Err(DecisionError::NotApproved { missing }) }
    }

    /// Whether all entries stand in the trusted log, the proposal first. Gives the size of the log at the checkpoint.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub fn logged(&self, trust: &Trust) -> Result<u64, DecisionError> {
        let checkpoint = self.proposal.proof.checkpoint();
        let mut places = BTreeMap::new();
        for (entry, logged) in std::iter::once(&self.proposal).chain(&self.approvals).enumerate() {
            // Two checkpoints could be of two logs that were never one.
            if logged.proof.checkpoint() != checkpoint {
                return Err(DecisionError::Checkpoints);
            }
            let held = logged.proof.verify(&logged.envelope.to_bytes(), trust.log());
            held.map_err(|_| DecisionError::NotLogged { entry })?;
            let early = entry > 0 && logged.proof.index() <= self.proposal.proof.index();
            if early || places.insert(logged.proof.index(), entry).is_some() {
                return Err(DecisionError::Order { entry });
            }
        }
        Ok(checkpoint.unverified().size)
    }

    /// All three checks at once.
    ///
    /// # Errors
    /// [`DecisionError`], the first that does not hold.
    pub fn agreed(&self, trust: &Trust) -> Result<Proposal, DecisionError> {
        let proposal = self.proposal(trust)?;
        self.approvals(trust, &proposal)?;
        self.logged(trust)?;
        Ok(proposal)
    }
}

impl Proposal {
    /// Members of the trusted roster whose information is not in the release, by what the office proposed.
    #[must_use]
    pub fn uninvolved(&self, trust: &Trust) -> BTreeSet<Code> {
        trust.members().filter(|code| !self.propose.originators.contains(*code)).cloned().collect()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    proposal: LoggedWire,
    approvals: Vec<LoggedWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LoggedWire {
    envelope: String,
    proof: String,
}
