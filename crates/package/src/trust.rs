//! What a receiver trusts beforehand: the log's keys, the office's key for packages, who signs for whom under each roster, and whose
//! cosignatures a log needs.
//!
//! The trust file comes to the receiver by another way than packages do. Everything that [`crate::verify()`] believes, it believes
//! because of this file. Rosters of several epochs stand side by side, so that packages stay verifiable after keys were exchanged.
//!
//! # Guarantee
//! Within a roster no key stands twice, every member can reach its quorum and the office can propose. The policy names no other log
//! than the trusted one, and not the log itself as a witness.

use std::collections::{BTreeMap, BTreeSet};

use label::Classification;
use ledger::{
    act::{Code, Delegation, Epoch, Member, Scope},
    cosignature::CosignerKey,
    keyfile::{KeyKind, PublicCard},
    log::LogVerifier,
    note::{NoteError, NoteVerifier},
    policy::{Policy, PolicyError, PolicyLogKey},
};
use serde::{Deserialize, Serialize};

use crate::{key::SealPublic, profile::interop_by_default};

/// Longest trust file in bytes: as many rosters as there may be, of 32 members with four keys each.
pub const TRUST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most members of a roster.
pub const MEMBERS_MAX: usize = 1_024;
/// Most delegates of a party; quorums end there too.
pub const DELEGATES_MAX: usize = 64;
/// Most rosters: every change of keys, receivers or witnesses makes one.
pub const ROSTERS_MAX: usize = 256;

const SCHEMA: &str = "tearline-trust/2";
/// What was written before members had several keys. Never released, so never read.
const SCHEMA_BEFORE: &str = "tearline-trust/1";

/// Why a document is not a trust file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Longer than a trust file may be.
    #[error("the trust file has {bytes} bytes, more than {TRUST_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not the JSON of a trust file.
    #[error("the trust file does not read as one, at line {line} column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The schema before this one.
    #[error(
        "the trust file is of schema `{SCHEMA_BEFORE}`, which has one key a member; this version reads `{SCHEMA}`"
    )]
    Outdated,
    /// A schema not known here.
    #[error("`{found}` is not a schema of trust files known here")]
    Schema {
        /// Schema found.
        found: String,
    },
    /// The keys of the log.
    #[error(
        "the log has an Ed25519 key and, beside it, an ML-DSA-44 key at most, both in the name of its origin"
    )]
    LogKeys {
        /// What is wrong with a key, if it is one key alone.
        #[source]
        fault: Option<NoteError>,
    },
    /// A card of the wrong kind.
    #[error("the card of {whose} is not that of a {wanted} key")]
    Card {
        /// Whose card.
        whose: String,
        /// Kind of key wanted.
        wanted: KeyKind,
    },
    /// No rosters, too many, or not in order.
    #[error("there are 1 to {ROSTERS_MAX} rosters, in ascending order of their epochs")]
    Rosters,
    /// A roster that names nobody, too many, or somebody twice.
    #[error(
        "roster {epoch} does not have 1 to {MEMBERS_MAX} members, each once, in ascending order of their codes"
    )]
    Members {
        /// Its epoch.
        epoch: Epoch,
    },
    /// A party with too many delegates, or with one twice.
    #[error(
        "`{party}` does not have 1 to {DELEGATES_MAX} delegates in roster {epoch}, each once, in ascending order"
    )]
    Delegates {
        /// Epoch of the roster.
        epoch: Epoch,
        /// Whose delegates.
        party: Code,
    },
    /// One key in two places: it could speak for two.
    #[error("a key of `{party}` stands twice in roster {epoch}")]
    KeyTwice {
        /// Epoch of the roster.
        epoch: Epoch,
        /// Where it stands the second time.
        party: Code,
    },
    /// A party that could never say what it must say.
    #[error("`{party}` has too few keys in roster {epoch} that may sign what a release needs of it")]
    Quorum {
        /// Epoch of the roster.
        epoch: Epoch,
        /// Which party.
        party: Code,
    },
    /// The policy does not read.
    #[error("the policy on witnesses does not read as one")]
    Policy(#[source] PolicyError),
    /// The policy is on another log.
    #[error("the policy on witnesses names a log, or a key of it, that is not the trusted one")]
    OtherLog,
    /// The log as its own witness.
    #[error("the witness `{witness}` has a key of the log itself")]
    OwnWitness {
        /// Name within the policy.
        witness: String,
    },
    /// A classification not known here.
    #[error("`{found}`, for which it allows interop, is not a classification known here")]
    Interop {
        /// What was found.
        found: String,
    },
    /// It cannot be written.
    #[error("the trust file cannot be written")]
    Write,
}

impl TrustError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLong { .. }
            | Self::Json { .. }
            | Self::LogKeys { .. }
            | Self::Card { .. }
            | Self::Rosters
            | Self::Members { .. }
            | Self::Delegates { .. }
            | Self::KeyTwice { .. }
            | Self::Quorum { .. }
            | Self::OtherLog
            | Self::OwnWitness { .. }
            | Self::Interop { .. }
            | Self::Write => "get the trust file again from the office, by another way than the packages",
            Self::Policy(error) => error.advice(),
            Self::Outdated => "ask the office for its current trust file, by another way than the packages",
            Self::Schema { .. } => "use a newer version of tearline, which knows what the file asks for",
        }
    }
}

/// Whether packages are for exercise. A package of one kind is refused under a trust file of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Invented data only.
    Exercise,
    /// The real thing.
    Real,
}

/// Who signs for the office and for each member, under one roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedRoster {
    /// Version of the roster.
    pub epoch: Epoch,
    /// Who signs for the office.
    pub office: Delegation,
    /// Members of the alliance, ascending by code.
    pub members: Vec<Member>,
}

impl TrustedRoster {
    /// Who signs for the member with this code.
    #[must_use]
    pub fn member(&self, code: &Code) -> Option<&Delegation> {
        // INVARIANT: ascending by code; kept by `judge`.
        let found = self.members.binary_search_by(|member| member.code.cmp(code)).ok()?;
        self.members.get(found).map(|member| &member.delegation)
    }

    /// Keeps the invariants of a roster within a [`Trust`].
    fn judge(&self) -> Result<(), TrustError> {
        let epoch = self.epoch;
        let ascending = self.members.is_sorted_by(|a, b| a.code < b.code);
        let office = Code::office();
        let named = (1..=MEMBERS_MAX).contains(&self.members.len());
        if !ascending || !named || self.members.iter().any(|member| member.code == office) {
            return Err(TrustError::Members { epoch });
        }
        let members = self.members.iter().map(|member| (&member.code, &member.delegation, Scope::Agree));
        let mut keys = BTreeSet::new();
        for (party, delegation, scope) in [(&office, &self.office, Scope::Propose)].into_iter().chain(members)
        {
            let delegates = &delegation.delegates;
            let ordered = delegates.is_sorted_by(|a, b| a.id < b.id);
            if !ordered || !(1..=DELEGATES_MAX).contains(&delegates.len()) {
                return Err(TrustError::Delegates { epoch, party: party.clone() });
            }
            // Acts name keys by their ids: two keys of one id would be as bad as one key twice.
            if !delegates.iter().all(|delegate| keys.insert(delegate.key.id())) {
                return Err(TrustError::KeyTwice { epoch, party: party.clone() });
            }
            // One key proposes; as many as the quorum agree.
            let needed = if scope == Scope::Propose { 1 } else { quorum(delegation) };
            let able = delegates.iter().filter(|delegate| delegate.scopes.contains(&scope)).count();
            if able < needed || delegates.len() < quorum(delegation) {
                return Err(TrustError::Quorum { epoch, party: party.clone() });
            }
        }
        Ok(())
    }
}

/// How many keys must say the same.
pub(crate) fn quorum(delegation: &Delegation) -> usize {
    usize::try_from(delegation.quorum.get()).unwrap_or(usize::MAX)
}

/// What a receiver trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    kind: Use,
    log: LogVerifier,
    office_seal: PublicCard,
    // Read from the card once.
    seal_key: SealPublic,
    /// INVARIANT: every epoch in it is below that of `newest`; kept by `new`.
    older: BTreeMap<Epoch, TrustedRoster>,
    newest: TrustedRoster,
    witnesses: Policy,
    interop: BTreeSet<Classification>,
}

impl Trust {
    /// Rosters come in ascending order of their epochs.
    ///
    /// # Errors
    /// [`TrustError`], but for those of reading.
    pub fn new(
        kind: Use,
        log: LogVerifier,
        office_seal: PublicCard,
        rosters: Vec<TrustedRoster>,
        witnesses: Policy,
    ) -> Result<Self, TrustError> {
        let seal_key = SealPublic::from_card(&office_seal)
            .map_err(|_| TrustError::Card { whose: "the office".to_owned(), wanted: KeyKind::Seal })?;
        if rosters.len() > ROSTERS_MAX || !rosters.is_sorted_by(|a, b| a.epoch < b.epoch) {
            return Err(TrustError::Rosters);
        }
        rosters.iter().try_for_each(TrustedRoster::judge)?;
        judge_policy(&witnesses, &log)?;
        let mut older = rosters.into_iter().map(|roster| (roster.epoch, roster)).collect::<BTreeMap<_, _>>();
        let (_, newest) = older.pop_last().ok_or(TrustError::Rosters)?;
        let interop = interop_by_default();
        let trust = Self { kind, log, office_seal, seal_key, older, newest, witnesses, interop };
        // What cannot be read again is not made.
        let bytes = trust.to_json()?.len();
        if bytes > TRUST_BYTES_MAX { Err(TrustError::TooLong { bytes }) } else { Ok(trust) }
    }

    /// The same, with another list of what may be sealed with profile `interop`; an empty one allows nothing.
    #[must_use]
    pub fn with_interop(self, interop: BTreeSet<Classification>) -> Self {
        Self { interop, ..self }
    }

    /// Reads a trust file.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn from_json(json: &[u8]) -> Result<Self, TrustError> {
        if json.len() > TRUST_BYTES_MAX {
            return Err(TrustError::TooLong { bytes: json.len() });
        }
        let broken =
            |error: serde_json::Error| TrustError::Json { line: error.line(), column: error.column() };
        // The schema first: a file of another one has other fields, and its reader should hear why it is refused.
        match serde_json::from_slice::<Head>(json).map_err(broken)?.schema {
            schema if schema == SCHEMA => {}
            schema if schema == SCHEMA_BEFORE => return Err(TrustError::Outdated),
            schema => return Err(TrustError::Schema { found: schema.chars().take(100).collect() }),
        }
        let wire = serde_json::from_slice::<Wire>(json).map_err(broken)?;
        let kind = if wire.exercise { Use::Exercise } else { Use::Real };
        let rosters = wire.rosters.into_iter().map(|roster| TrustedRoster {
            epoch: roster.epoch,
            office: roster.office,
            members: roster.members,
        });
        let witnesses = Policy::parse(wire.witnesses.as_bytes()).map_err(TrustError::Policy)?;
        let trust = Self::new(kind, wire.log.verifier()?, wire.seal, rosters.collect(), witnesses)?;
        let Some(names) = wire.interop else { return Ok(trust) };
        let known = |name: String| {
            let found = Classification::ALL.into_iter().find(|one| one.to_string() == name);
            found.ok_or(TrustError::Interop { found: name.chars().take(100).collect() })
        };
        Ok(trust.with_interop(names.into_iter().map(known).collect::<Result<_, _>>()?))
    }

    /// The trust file, for people to look at and receivers to keep.
    ///
    /// # Errors
    /// [`TrustError::Write`], which cannot happen for what was read or made here.
    pub fn to_json(&self) -> Result<Vec<u8>, TrustError> {
        let roster = |roster: &TrustedRoster| RosterWire {
            epoch: roster.epoch,
            office: roster.office.clone(),
            members: roster.members.clone(),
        };
        let vkeys = [self.log.ed25519().to_string()].into_iter();
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            exercise: self.kind == Use::Exercise,
            log: LogWire {
                origin: self.log.name().to_string(),
                vkeys: vkeys.chain(self.log.ml_dsa().map(ToString::to_string)).collect(),
            },
            seal: self.office_seal.clone(),
            rosters: self.rosters().map(roster).collect(),
            witnesses: self.witnesses.to_text(),
            interop: (self.interop != interop_by_default())
                .then(|| self.interop.iter().map(ToString::to_string).collect()),
        };
        let mut json = serde_json::to_vec_pretty(&wire).map_err(|_| TrustError::Write)?;
        json.push(b'\n');
        Ok(json)
    }

    /// Whether packages are for exercise.
    #[must_use]
    pub fn kind(&self) -> Use {
        self.kind
    }

    /// The keys of the log.
    #[must_use]
    pub fn log(&self) -> &LogVerifier {
        &self.log
    }

    /// The card of the office's key for packages.
    #[must_use]
    pub fn office_seal(&self) -> &PublicCard {
        &self.office_seal
    }

    /// The rosters, ascending by epoch.
    pub fn rosters(&self) -> impl Iterator<Item = &TrustedRoster> {
        self.older.values().chain(std::iter::once(&self.newest))
    }

    /// The roster of an epoch.
    #[must_use]
    pub fn roster(&self, epoch: Epoch) -> Option<&TrustedRoster> {
        if self.newest.epoch == epoch { Some(&self.newest) } else { self.older.get(&epoch) }
    }

    /// The roster of the highest epoch.
    #[must_use]
    pub fn newest(&self) -> &TrustedRoster {
        &self.newest
    }

    /// Who must have cosigned the log.
    #[must_use]
    pub fn witnesses(&self) -> &Policy {
        &self.witnesses
    }

    /// Under which classifications a package may also be sealed to a key access service.
    #[must_use]
    pub fn interop(&self) -> &BTreeSet<Classification> {
        &self.interop
    }

    pub(crate) fn seal_key(&self) -> &SealPublic {
        &self.seal_key
    }
}

/// Whether the policy is one on this log, by others than the log.
fn judge_policy(policy: &Policy, log: &LogVerifier) -> Result<(), TrustError> {
    let of_log = |key: &PolicyLogKey| match key {
        PolicyLogKey::Ed25519(key) => key == log.ed25519(),
        PolicyLogKey::MlDsa44(key) => Some(key) == log.ml_dsa(),
    };
    if !policy.logs().iter().all(|named| of_log(&named.key)) {
        return Err(TrustError::OtherLog);
    }
    let ed25519 = log.ed25519().key().as_bytes().as_slice();
    let ml_dsa = log.ml_dsa().map(CosignerKey::public_bytes);
    let own = |key: &CosignerKey| key.public_bytes() == ed25519 || Some(key.public_bytes()) == ml_dsa;
    match policy.witnesses().iter().find(|witness| own(&witness.key)) {
        Some(witness) => Err(TrustError::OwnWitness { witness: witness.name.clone() }),
        None => Ok(()),
    }
}

/// What every schema of trust files has.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    exercise: bool,
    log: LogWire,
    seal: PublicCard,
    rosters: Vec<RosterWire>,
    witnesses: String,
    /// What may be sealed with profile `interop`; left out where it is the usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interop: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogWire {
    origin: String,
    vkeys: Vec<String>,
}

impl LogWire {
    fn verifier(&self) -> Result<LogVerifier, TrustError> {
        let fault = |fault| TrustError::LogKeys { fault: Some(fault) };
        let (ed25519, ml_dsa) = match self.vkeys.as_slice() {
            [ed25519] => (ed25519, None),
            [ed25519, ml_dsa] => (ed25519, Some(ml_dsa)),
            _ => return Err(TrustError::LogKeys { fault: None }),
        };
        let ed25519 = ed25519.parse::<NoteVerifier>().map_err(fault)?;
        if ed25519.name().as_str() != self.origin {
            return Err(TrustError::LogKeys { fault: None });
        }
        match ml_dsa {
            None => Ok(LogVerifier::ed25519_alone(ed25519)),
            Some(key) => LogVerifier::both(ed25519, key.parse().map_err(fault)?).map_err(fault),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RosterWire {
    epoch: Epoch,
    office: Delegation,
    members: Vec<Member>,
}
