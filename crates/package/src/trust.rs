//! What a receiver trusts beforehand: the office's keys, the log's key, and whose agreement a release needs.
//!
//! The trust file comes to the receiver by another way than packages do. Everything that [`crate::verify()`] believes, it believes
//! because of this file.

use std::collections::BTreeMap;

use ledger::{
    act::{Code, Epoch},
    key::VerifyingKey,
    keyfile::{KeyKind, PublicCard},
    note::NoteVerifier,
};
use serde::{Deserialize, Serialize};

use crate::key::SealPublic;

/// Longest trust file in bytes: some hundred members need a tenth.
pub const TRUST_BYTES_MAX: usize = 1024 * 1024;
/// Most members of a roster.
pub const MEMBERS_MAX: usize = 1_024;

const SCHEMA: &str = "tearline-trust/1";

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
    /// A schema not known here.
    #[error("`{found}` is not a schema of trust files known here")]
    Schema {
        /// Schema found.
        found: String,
    },
    /// Origin and verifier key name different logs.
    #[error("the log's origin `{origin}` is not the name of its key")]
    Origin {
        /// Origin given.
        origin: String,
    },
    /// A card of the wrong kind.
    #[error("the card of {whose} is not that of a {wanted} key")]
    Card {
        /// Whose card.
        whose: String,
        /// Kind of key wanted.
        wanted: KeyKind,
    },
    /// A roster that names nobody, too many, or somebody twice.
    #[error(
        "the roster has 1 to {MEMBERS_MAX} members, each once, in ascending order of their codes and each with its own key"
    )]
    Roster,
    /// Witnesses are asked for.
    #[error("the trust file asks for {quorum} witnesses, whose cosignatures this version cannot check")]
    Witnesses {
        /// Quorum asked for.
        quorum: u32,
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
            | Self::Origin { .. }
            | Self::Card { .. }
            | Self::Roster
            | Self::Write => "get the trust file again from the office, by another way than the packages",
            Self::Schema { .. } | Self::Witnesses { .. } => {
                "use a newer version of tearline, which knows what the file asks for"
            }
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

/// What a receiver trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    kind: Use,
    log: NoteVerifier,
    office_act: PublicCard,
    office_seal: PublicCard,
    epoch: Epoch,
    members: BTreeMap<Code, PublicCard>,
    // Both read from the cards once.
    office_key: VerifyingKey,
    seal_key: SealPublic,
    member_keys: BTreeMap<Code, VerifyingKey>,
}

impl Trust {
    /// # Errors
    /// [`TrustError::Card`], [`TrustError::Roster`].
    pub fn new(
        kind: Use,
        log: NoteVerifier,
        office_act: PublicCard,
        office_seal: PublicCard,
        epoch: Epoch,
        members: BTreeMap<Code, PublicCard>,
    ) -> Result<Self, TrustError> {
        let act_key = |whose: &str, card: &PublicCard| match card.verifying_key() {
            Ok(key) if card.kind() == KeyKind::Act => Ok(key),
            _ => Err(TrustError::Card { whose: whose.to_owned(), wanted: KeyKind::Act }),
        };
        let seal_key = SealPublic::from_card(&office_seal)
            .map_err(|_| TrustError::Card { whose: "the office".to_owned(), wanted: KeyKind::Seal })?;
        let office_key = act_key("the office", &office_act)?;
        if members.is_empty() || members.len() > MEMBERS_MAX || members.contains_key(&Code::office()) {
            return Err(TrustError::Roster);
        }
        let member_keys = members
            .iter()
            .map(|(code, card)| Ok((code.clone(), act_key(code.as_str(), card)?)))
            .collect::<Result<BTreeMap<_, _>, TrustError>>()?;
        // One key for two members would let one approve for both.
        let mut keys = member_keys.values().chain([&office_key]).collect::<Vec<_>>();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(TrustError::Roster);
        }
        Ok(Self { kind, log, office_act, office_seal, epoch, members, office_key, seal_key, member_keys })
    }

    /// Reads a trust file.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn from_json(json: &[u8]) -> Result<Self, TrustError> {
        if json.len() > TRUST_BYTES_MAX {
            return Err(TrustError::TooLong { bytes: json.len() });
        }
        let wire = serde_json::from_slice::<Wire>(json)
            .map_err(|error| TrustError::Json { line: error.line(), column: error.column() })?;
        if wire.schema != SCHEMA {
            return Err(TrustError::Schema { found: wire.schema.chars().take(100).collect() });
        }
        if wire.log.origin != wire.log.vkey.name().as_str() {
            return Err(TrustError::Origin { origin: wire.log.origin });
        }
        // Fails closed: cosignatures that cannot be checked are never taken for given.
        if wire.witnesses.quorum != 0 || !wire.witnesses.keys.is_empty() {
            return Err(TrustError::Witnesses { quorum: wire.witnesses.quorum });
        }
        let codes = wire.roster.members.iter().map(|m| &m.code).collect::<Vec<_>>();
        if !codes.windows(2).all(|pair| matches!(pair, [a, b] if a < b)) {
            return Err(TrustError::Roster);
        }
        let kind = if wire.exercise { Use::Exercise } else { Use::Real };
        let members = wire.roster.members.into_iter().map(|m| (m.code, m.key)).collect();
        Self::new(kind, wire.log.vkey, wire.office.act, wire.office.seal, wire.roster.epoch, members)
    }

    /// The trust file, for people to look at and receivers to keep.
    ///
    /// # Errors
    /// [`TrustError::Write`], which cannot happen for what was read or made here.
    pub fn to_json(&self) -> Result<Vec<u8>, TrustError> {
        let member = |(code, key): (&Code, &PublicCard)| MemberWire { code: code.clone(), key: key.clone() };
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            exercise: self.kind == Use::Exercise,
            log: LogWire { origin: self.log.name().to_string(), vkey: self.log.clone() },
            office: OfficeWire { act: self.office_act.clone(), seal: self.office_seal.clone() },
            roster: RosterWire { epoch: self.epoch, members: self.members.iter().map(member).collect() },
            witnesses: WitnessesWire { quorum: 0, keys: Vec::new() },
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

    /// The key of the log.
    #[must_use]
    pub fn log(&self) -> &NoteVerifier {
        &self.log
    }

    /// The card of the office's key for packages.
    #[must_use]
    pub fn office_seal(&self) -> &PublicCard {
        &self.office_seal
    }

    /// Version of the roster.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Codes of the members, ascending.
    pub fn members(&self) -> impl ExactSizeIterator<Item = &Code> {
        self.members.keys()
    }

    /// The key of the office's acts.
    #[must_use]
    pub fn office_key(&self) -> &VerifyingKey {
        &self.office_key
    }

    pub(crate) fn seal_key(&self) -> &SealPublic {
        &self.seal_key
    }

    /// The key of a member's acts.
    #[must_use]
    pub fn member_key(&self, code: &Code) -> Option<&VerifyingKey> {
        self.member_keys.get(code)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    exercise: bool,
    log: LogWire,
    office: OfficeWire,
    roster: RosterWire,
    witnesses: WitnessesWire,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogWire {
    origin: String,
    vkey: NoteVerifier,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficeWire {
    act: PublicCard,
    seal: PublicCard,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RosterWire {
    epoch: Epoch,
    members: Vec<MemberWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberWire {
    code: Code,
    key: PublicCard,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WitnessesWire {
    quorum: u32,
    keys: Vec<String>,
}
