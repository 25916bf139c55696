//! Why a roster does not hold, and why a receiver may not have something.

use ledger::{
    act::{Code, Content, Level, Scope, UtcTime},
    key::KeyId,
    policy::PolicyError,
};

use super::DELEGATES_MAX;

/// Why a roster cannot found a log or follow another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// No members.
    #[error("the roster names no member")]
    NoMembers,
    /// Codes out of order or twice.
    #[error("`{code}` stands on the roster twice or out of order")]
    Order {
        /// The code at fault.
        code: Code,
    },
    /// A code with two meanings.
    #[error("`{code}` names two things at once: office, member, receiver or group")]
    Ambiguous {
        /// The code at fault.
        code: Code,
    },
    /// A key that would sign for two delegates.
    #[error("the key `{key}` of `{code}` already stands for another delegate")]
    SharedKey {
        /// The later of the two parties.
        code: Code,
        /// The key.
        key: KeyId,
    },
    /// A key that was declared lost or stolen.
    #[error("the key `{key}` of `{code}` was revoked")]
    RevokedKey {
        /// Whose it would be.
        code: Code,
        /// The key.
        key: KeyId,
    },
    /// Too many delegates.
    #[error("`{code}` has {found} delegates, more than {DELEGATES_MAX}")]
    TooManyDelegates {
        /// The party.
        code: Code,
        /// How many.
        found: usize,
    },
    /// A quorum that can never be reached.
    #[error("`{code}` needs {wanted} keys that may sign `{scope:?}`, and has fewer")]
    Quorum {
        /// The party.
        code: Code,
        /// What they must be able to sign.
        scope: Scope,
        /// How many.
        wanted: usize,
    },
    /// A sponsor who is no member.
    #[error("the sponsor `{sponsor}` of `{receiver}` is no member")]
    Sponsor {
        /// The receiver.
        receiver: Code,
        /// Its sponsor.
        sponsor: Code,
    },
    /// Memberships out of order, twice or over before they begin.
    #[error("the memberships of `{group}` are out of order, doubled, or end before they begin")]
    Memberships {
        /// The group.
        group: Code,
    },
    /// Eligibility out of order, twice or over before it begins.
    #[error("the eligibility table is out of order, doubled, or has a line that ends before it begins")]
    Eligibility,
    /// A group where a state or a receiver must stand.
    #[error("`{code}` is a group, and a group receives nothing: states and bodies do")]
    GroupAsParty {
        /// The group.
        code: Code,
    },
    /// The witness policy does not read.
    #[error("the witness policy does not hold")]
    Witnesses(#[source] PolicyError),
    /// A change of something that is not there.
    #[error("`{code}` is not there to be changed")]
    Absent {
        /// The code.
        code: Code,
    },
    /// An addition of something that is there.
    #[error("`{code}` is there already")]
    Present {
        /// The code.
        code: Code,
    },
    /// Other keys without the signatures that a change of keys takes.
    #[error("the particulars of `{code}` come with another delegation")]
    DelegationInside {
        /// The receiver.
        code: Code,
    },
    /// Two changes of one delegation, or a party that leaves and comes back.
    #[error("`{code}` changes twice in one proposal")]
    Twice {
        /// The party.
        code: Code,
    },
    /// Several members without a voice in one proposal, or nobody with one.
    #[error("`{code}` would have no voice in the proposal, and others would have none either")]
    NoVoice {
        /// One of those without a voice.
        code: Code,
    },
    /// No changes.
    #[error("the proposal changes nothing")]
    Nothing,
    /// No epoch after this one.
    #[error("the roster has no further epoch")]
    LastEpoch,
}

impl RosterError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoMembers => "give at least one member with its public cards",
            Self::Order { .. } => "list codes once each and in ascending order",
            Self::Ambiguous { .. } => "give office, members, receivers and groups codes of their own",
            Self::SharedKey { .. } => {
                "give every delegate a key of its own, so that one signature means one delegate"
            }
            Self::RevokedKey { .. } => "make a new key; a revoked one never comes back",
            Self::TooManyDelegates { .. } => "name those who sign, not everybody who reads",
            Self::Quorum { .. } => "lower the quorum, or give more delegates this scope",
            Self::Sponsor { .. } => "name a member that answers for the receiver",
            Self::Memberships { .. } => "order memberships by state and date, each ending after it begins",
            Self::Eligibility => "order the lines, each once and ending after it begins",
            Self::GroupAsParty { .. } => "name the states or bodies one by one",
            Self::Witnesses(error) => error.advice(),
            Self::Absent { .. } => "check the code against the current roster",
            Self::Present { .. } => "change what is there instead of adding it",
            Self::DelegationInside { .. } => "propose the keys as a change of the delegation",
            Self::Twice { .. } => "change each party once in a proposal",
            Self::NoVoice { .. } => {
                "remove or recover one member in a proposal, with at least one other to vouch for it"
            }
            Self::Nothing => "name at least one change",
            Self::LastEpoch => "found a new log",
        }
    }
}

/// Why a receiver may not have something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ineligible {
    /// Not on the roster.
    #[error("`{receiver}` is no receiver on the roster")]
    Unknown {
        /// The code.
        receiver: Code,
    },
    /// Cleared for less.
    #[error("`{receiver}` is cleared for {clearance:?}, the content is {level:?}")]
    Clearance {
        /// The receiver.
        receiver: Code,
        /// What it is cleared for.
        clearance: Level,
        /// What it would get.
        level: Level,
    },
    /// No agreement covers it.
    #[error("no agreement lets `{receiver}`, under {state}, have {content:?} classified {level:?}")]
    NoAgreement {
        /// The receiver.
        receiver: Code,
        /// Its state.
        state: Code,
        /// The kind of content.
        content: Content,
        /// The classification.
        level: Level,
    },
    /// An agreement covers it at another time.
    #[error("the agreement that lets `{receiver}`, under {state}, have this is not in force at {at}")]
    NotNow {
        /// The receiver.
        receiver: Code,
        /// Its state.
        state: Code,
        /// When it was asked.
        at: UtcTime,
    },
}

impl Ineligible {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "have the receiver admitted to the roster first",
            Self::Clearance { .. } => {
                "leave it out of the audience, or have its clearance changed on the roster"
            }
            Self::NoAgreement { .. } | Self::NotNow { .. } => {
                "leave it out of the audience, or have the agreement put into the eligibility table"
            }
        }
    }
}
