//! What acts do: one variant an act, one struct its fields, in the order of the wire.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    CheckpointText, Code, Epoch, KeyAccess, LabelXml, PartId, Reason, Revision, RoundNumber, Title, UtcTime,
    roster::{Change, Content, Level, Roster},
    wave::Wave,
};
use crate::{Digest, key::KeyId};

/// What an act does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ActBody {
    /// The office opens the log with its roster.
    Found(Found),
    /// The office logs the time.
    Tick(Tick),
    /// A member hands in sealed figures.
    Deposit(Deposit),
    /// The office circulates something for agreement.
    Propose(Propose),
    /// The office gives a round more time.
    Extend(Extend),
    /// A member agrees.
    Approve(Ballot),
    /// A member objects: the round ends.
    Object(Reasoned),
    /// A member asks for something else: the round ends, and an amended draft may circulate.
    Amend(Reasoned),
    /// A member agrees, with a reservation on record.
    Reserve(Reasoned),
    /// A member consents to parts of a wave, and to no more of it.
    Consent(Consent),
    /// A member need not be waited for. Never stands for consent.
    Waive(Ballot),
    /// A member takes back what this key of it said, while the round is open.
    Retract(Ballot),
    /// A key that a proposed roster adds or replaces signs for that change.
    Endorse(Ballot),
    /// A member gives its consent beforehand, within bounds (a standing delegation).
    Entrust(Entrust),
    /// A member takes such a consent back.
    Reclaim(Reclaim),
    /// A party declares one of its keys lost or stolen.
    Revoke(Revoke),
    /// The office takes back a draft, or a release that was sealed.
    Withdraw(Withdraw),
    /// The office logs a checkpoint that witnesses have cosigned.
    Witness(Witness),
    /// The office seals a package of an agreed release.
    Seal(Seal),
    /// The office hands a package to a receiver.
    Deliver(Deliver),
    /// A receiver acknowledges a package.
    Acknowledge(Acknowledge),
    /// The office's key access service answers a receiver.
    KeyAccess(KeyAccess),
    /// The office changes the registry of standards, as it was reviewed.
    Register(Register),
}

impl ActBody {
    /// The body with this tag and these fields; `None` for an unknown tag or fields that are not its own.
    pub(super) fn tagged(tag: &str, fields: &str) -> Option<Self> {
        Some(match tag {
            "found" => Self::Found(serde_json::from_str(fields).ok()?),
            "tick" => Self::Tick(serde_json::from_str(fields).ok()?),
            "deposit" => Self::Deposit(serde_json::from_str(fields).ok()?),
            "propose" => Self::Propose(serde_json::from_str(fields).ok()?),
            "extend" => Self::Extend(serde_json::from_str(fields).ok()?),
            "approve" => Self::Approve(serde_json::from_str(fields).ok()?),
            "object" => Self::Object(serde_json::from_str(fields).ok()?),
            "amend" => Self::Amend(serde_json::from_str(fields).ok()?),
            "reserve" => Self::Reserve(serde_json::from_str(fields).ok()?),
            "consent" => Self::Consent(serde_json::from_str(fields).ok()?),
            "waive" => Self::Waive(serde_json::from_str(fields).ok()?),
            "retract" => Self::Retract(serde_json::from_str(fields).ok()?),
            "endorse" => Self::Endorse(serde_json::from_str(fields).ok()?),
            "entrust" => Self::Entrust(serde_json::from_str(fields).ok()?),
            "reclaim" => Self::Reclaim(serde_json::from_str(fields).ok()?),
            "revoke" => Self::Revoke(serde_json::from_str(fields).ok()?),
            "withdraw" => Self::Withdraw(serde_json::from_str(fields).ok()?),
            "witness" => Self::Witness(serde_json::from_str(fields).ok()?),
            "seal" => Self::Seal(serde_json::from_str(fields).ok()?),
            "deliver" => Self::Deliver(serde_json::from_str(fields).ok()?),
            "acknowledge" => Self::Acknowledge(serde_json::from_str(fields).ok()?),
            "key_access" => Self::KeyAccess(serde_json::from_str(fields).ok()?),
            "register" => Self::Register(serde_json::from_str(fields).ok()?),
            _ => return None,
        })
    }
}

/// The office opens the log. Signed with a key that the roster itself names; readers compare the roster with their trust file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Who may act in this log.
    pub roster: Roster,
}

/// The office logs the time. The time of an act is that of the latest tick before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// The time by the office's clock.
    pub at_utc: UtcTime,
}

/// A member hands in sealed figures. Nothing in it tells a figure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    /// `SHA-256(salt || content)`; the salt travels inside the sealed box.
    pub commitment: Digest,
    /// Digest of the sealed box.
    pub blob: Digest,
    /// How many rows the content has.
    pub rows: u64,
}

/// The office circulates something for agreement. One act for every subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// Title of the draft; its rounds share it.
    pub title: Title,
    /// What is proposed.
    pub subject: Subject,
    /// The proposal of the round before, where this one amends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<Digest>,
    /// Which time the draft circulates.
    pub round: RoundNumber,
    /// Roster under which it circulates.
    pub roster_epoch: Epoch,
    /// The round is closed from the first tick at or after this time.
    pub deadline_utc: UtcTime,
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Subject {
    /// A release.
    Release(ReleaseDraft),
    /// Changes of the roster.
    Roster(RosterDraft),
}

/// A release with the digests of its proof.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseDraft {
    /// Figures or standards.
    pub content: Content,
    /// Digest of what would be released.
    pub release: Digest,
    /// Digest of the certificate that proves the release safe.
    pub certificate: Digest,
    /// Everything sealed before: the certificate holds together with it.
    pub history: History,
    /// The label that the package will carry.
    pub label: LabelXml,
    /// Receivers of it.
    pub audience: BTreeSet<Code>,
    /// Members whose information is in it, each with a salted commitment to the exposure that it was shown.
    pub originators: BTreeMap<Code, Digest>,
    /// The proposal of the sealed release that this one takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Digest>,
    /// For content that is standards, which parts; none for figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<Box<Wave>>,
}

/// All releases sealed so far, in one digest.
///
/// `head` starts as 32 zero bytes and becomes `SHA-256(head || release)` with each release sealed for the first time, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// How many.
    pub releases: u64,
    /// The chained digest.
    pub head: Digest,
}

impl History {
    /// Nothing was ever said.
    pub const EMPTY: Self = Self { releases: 0, head: Digest::from_bytes([0; 32]) };

    /// With one more release.
    #[must_use]
    pub fn with(self, release: &Digest) -> Self {
        let head = Digest::of_parts(&[self.head.as_bytes(), release.as_bytes()]);
        Self { releases: self.releases + 1, head }
    }
}

/// Changes of the roster, applied together when they are agreed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterDraft {
    /// The changes, in the order in which they apply.
    pub changes: Vec<Change>,
}

/// The office gives a round more time. What was said in it stands: nobody is harmed by longer thought.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// [`crate::dsse::Envelope::digest`] of the propose envelope.
    pub proposal: Digest,
    /// The new deadline, later than the one before.
    pub deadline_utc: UtcTime,
}

/// A key says something in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ballot {
    /// [`crate::dsse::Envelope::digest`] of the propose envelope, which fixes draft and deadline.
    pub proposal: Digest,
    /// The proposal's round.
    pub round: RoundNumber,
    /// The proposal's roster.
    pub roster_epoch: Epoch,
}

/// A key says something in a round, in words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasoned {
    /// [`crate::dsse::Envelope::digest`] of the propose envelope.
    pub proposal: Digest,
    /// The proposal's round.
    pub round: RoundNumber,
    /// The proposal's roster.
    pub roster_epoch: Epoch,
    /// Why, or what instead.
    pub reason: Reason,
    /// Of a wave, the parts that are objected to, or that an amendment is about; empty for the whole.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub parts: BTreeSet<PartId>,
}

impl Reasoned {
    /// Which round it is said in.
    #[must_use]
    pub fn ballot(&self) -> Ballot {
        let Self { proposal, round, roster_epoch, reason: _, parts: _ } = *self;
        Ballot { proposal, round, roster_epoch }
    }
}

/// A key consents to parts of a wave. Whoever approves, or agrees with a reservation, consents to all of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// [`crate::dsse::Envelope::digest`] of the propose envelope.
    pub proposal: Digest,
    /// The proposal's round.
    pub round: RoundNumber,
    /// The proposal's roster.
    pub roster_epoch: Epoch,
    /// These parts and no others; each has the member among its originators.
    pub parts: BTreeSet<PartId>,
}

impl Consent {
    /// Which round it is said in.
    #[must_use]
    pub fn ballot(&self) -> Ballot {
        let Self { proposal, round, roster_epoch, parts: _ } = *self;
        Ballot { proposal, round, roster_epoch }
    }
}

/// A member consents beforehand to releases that stay within these bounds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entrust {
    /// Receivers: a release may go to these and no others.
    pub audience: BTreeSet<Code>,
    /// Figures, standards or both.
    pub contents: BTreeSet<Content>,
    /// The highest classification.
    pub highest: Level,
    /// A round whose deadline is at or after this time is not covered.
    pub expires_utc: UtcTime,
}

/// A member takes back a consent given beforehand. Open rounds then wait for its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reclaim {
    /// Digest of the entrust act's terms, as [`Entrust::digest`] gives it.
    pub grant: Digest,
}

impl Entrust {
    /// The digest by which keys of one member mean the same terms: that of the JSON of the terms.
    ///
    /// # Errors
    /// [`super::ActError::Malformed`], which cannot happen for terms that were read or made here.
    pub fn digest(&self) -> Result<Digest, super::ActError> {
        let bytes = serde_json::to_vec(self);
        bytes
            .map(|bytes| Digest::of(&bytes))
            .map_err(|error| super::ActError::Malformed { detail: error.to_string() })
    }
}

/// A party declares one of its own keys lost or stolen. It counts no more from this entry on, and never again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// The key.
    pub key: KeyId,
    /// Why.
    pub reason: Reason,
}

/// The office takes back a draft in circulation, an agreement not yet sealed, or a sealed release.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// [`crate::dsse::Envelope::digest`] of the propose envelope.
    pub proposal: Digest,
    /// Why.
    pub reason: Reason,
}

/// The office logs a checkpoint that enough witnesses have cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// The checkpoint with its signature lines.
    pub checkpoint: CheckpointText,
}

/// The office seals a package of an agreed release.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// [`crate::dsse::Envelope::digest`] of the propose envelope.
    pub proposal: Digest,
    /// Digest of the package's bytes.
    pub package: Digest,
}

/// The office hands a package to a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// Digest of the package's bytes.
    pub package: Digest,
    /// The receiver.
    pub to: Code,
}

/// A receiver acknowledges a package that was delivered to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    /// Digest of the package's bytes.
    pub package: Digest,
}

/// The office changes the registry of standards: a change that was reviewed takes effect. Nothing in it tells what is registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Which change it is: the next one.
    pub revision: Revision,
    /// `SHA-256(salt || change)`; the salt travels inside the sealed box.
    pub changes: Digest,
    /// Digest of the sealed box with the change.
    pub blob: Digest,
    /// Records that the registry did not have before.
    pub added: u64,
    /// Records that say something else than before.
    pub changed: u64,
    /// Records that are no more.
    pub withdrawn: u64,
    /// Records that have another id than before.
    pub renamed: u64,
}
