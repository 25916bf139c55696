//! The roster in its wire form: who may act, with which keys, for what and how long; and the changes of it.
//!
//! A *party* is the office, a member or a receiver. Each has a delegation: delegates with one key each, and a quorum. A key is never
//! listed twice, so that one signature means one delegate.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Code, Epoch, Name, PolicyText, Quorum, UtcTime};
use crate::{Digest, act_key::ActKey};

/// Who may act: the office, the members of the alliance, the receivers outside; and what receivers may have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// Version of the roster.
    pub epoch: Epoch,
    /// The releasing office.
    pub office: Office,
    /// Members of the alliance, ascending by code.
    pub members: Vec<Member>,
    /// Companies and partner bodies, ascending by code.
    pub receivers: Vec<Receiver>,
    /// Groups of states with their memberships, ascending by code.
    pub groups: Vec<Group>,
    /// What may go to whom, ascending.
    pub eligibility: Vec<Eligibility>,
    /// Who must have cosigned the log before a release is sealed.
    pub witnesses: PolicyText,
}

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The time (office).
    Clock,
    /// Proposals: circulate, extend, withdraw (office).
    Propose,
    /// Seals, deliveries and witnessed checkpoints (office).
    Seal,
    /// Answers of the key access service (office). A key of its own: the service is reached from outside.
    Access,
    /// Deposits (members).
    Deposit,
    /// What a member says about releases, and consents given beforehand (members).
    Agree,
    /// What a member says about the roster; revoking keys of one's own party (every party).
    Govern,
    /// Acknowledgements (receivers).
    Receive,
}

/// One person or machine that signs for a party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegate {
    /// Who it is, within the party.
    pub id: Code,
    /// Its key.
    pub key: ActKey,
    /// What the key may sign.
    pub scopes: BTreeSet<Scope>,
    /// An act logged at or after this time is not signed by the key any more.
    pub expires_utc: UtcTime,
}

/// All who sign for a party.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    /// How many delegates must say the same before the party has said it. Objecting and revoking take one.
    pub quorum: Quorum,
    /// The delegates, ascending by id.
    pub delegates: Vec<Delegate>,
}

/// The releasing office.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Digest of the public card of the key that signs packages.
    pub seal: Digest,
    /// Digest of the public card of the key to which members seal their deposits.
    pub open: Digest,
    /// Who signs for it. Each office act takes one key; the quorum counts when its own keys change.
    pub delegation: Delegation,
}

/// A member of the alliance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its code, for example `NO`.
    pub code: Code,
    /// Who signs for it.
    pub delegation: Delegation,
}

/// What a receiver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiverKind {
    /// A company.
    Company,
    /// A body of a partner: a registry, an agency, an administration.
    Partner,
}

/// A company or partner body that may receive releases.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub kind: ReceiverKind,
    /// The state under whose law and agreements it receives.
    pub state: Code,
    /// The member that answers for it.
    pub sponsor: Code,
    /// The highest classification that it is cleared for.
    pub clearance: Level,
    /// Digest of the public card of the key that opens packages for it.
    pub open: Digest,
    /// Who signs for it.
    pub delegation: Delegation,
}

/// States that belong together, with the dates of their memberships. A group is never a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its code, for example `EU`.
    pub code: Code,
    /// Its memberships, ascending by state and date.
    pub memberships: Vec<Membership>,
}

/// A state's membership in a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// The state; it need not be a member of the alliance.
    pub state: Code,
    /// From this time on.
    pub from_utc: UtcTime,
    /// Until before this time; left out while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_utc: Option<UtcTime>,
}

/// Kinds of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Figures: capability targets, demand, offers.
    Figures,
    /// Standards and other documents.
    Standards,
}

/// A classification, whatever the policy calls it. Ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// For anybody.
    Public,
    /// Not public, for official use.
    Unclassified,
    /// RESTRICTED.
    Restricted,
    /// CONFIDENTIAL.
    Confidential,
    /// SECRET.
    Secret,
    /// TOP SECRET.
    TopSecret,
}

/// An agreement under which a state, or one receiver, may have content up to a classification, for a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    /// A state, which stands for all receivers under it, or one receiver. Never a group.
    pub party: Code,
    /// Kinds of content.
    pub contents: BTreeSet<Content>,
    /// The highest classification.
    pub highest: Level,
    /// From this time on.
    pub from_utc: UtcTime,
    /// Until before this time.
    pub until_utc: UtcTime,
}

/// Whether the keys that a party had until now sign for the ones that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Succession {
    /// The old quorum and the new quorum both sign.
    Rotate,
    /// The old keys are lost or stolen: the new quorum signs, and the others vouch for it.
    Recover,
}

/// One change of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A new member.
    AddMember(Member),
    /// Another delegation of a member.
    Delegation(NewDelegation),
    /// A member leaves.
    RemoveMember(Leaving),
    /// A new receiver, or other particulars of one with the same delegation.
    Receiver(Receiver),
    /// A receiver leaves.
    RemoveReceiver(Leaving),
    /// Other keys with which the office seals and opens.
    OfficeCards(OfficeCards),
    /// A group, new or in place of the one with this code.
    Group(Group),
    /// A group is forgotten.
    RemoveGroup(Leaving),
    /// One more line of the eligibility table.
    AddEligibility(Eligibility),
    /// One line less.
    RemoveEligibility(Eligibility),
    /// Another witness policy.
    Witnesses(NewWitnesses),
}

/// Another delegation of a party: the office, a member or a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDelegation {
    /// Whose.
    pub party: Code,
    /// With or without the old keys.
    pub succession: Succession,
    /// Who signs from now on.
    pub delegation: Delegation,
}

/// Somebody or something leaves the roster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// Who or what.
    pub code: Code,
}

/// The office's public cards, by digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeCards {
    /// Of the key that signs packages.
    pub seal: Digest,
    /// Of the key to which deposits are sealed.
    pub open: Digest,
}

/// Another witness policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWitnesses {
    /// The policy.
    pub policy: PolicyText,
}
