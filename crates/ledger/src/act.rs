//! Acts in their wire form: what a delegation, a company or the office signs.
//!
//! An entry of the log is a DSSE envelope whose payload is one [`Act`] as JSON, and nothing else. This module knows how an act is
//! written and read and how it is bound to a key. It is not the procedure: whether an act counts is decided by the crate `office`.
//!
//! Shapes: one act is one JSON object of at most [`PAYLOAD_MAX_BYTES`] bytes. Sets (audience, originators) are ascending.
//! Keys that sign acts stand in the roster in full; all other keys, documents and figures are named by a [`Digest`].
//!
//! # Guarantee
//! Every act has exactly one byte form: [`Act::from_bytes`] refuses bytes that [`Act::to_bytes`] would not have written, so
//! reordered, doubled or unknown keys, other number forms and added spaces are refused. Two envelopes that a reader takes for the
//! same act therefore differ at most in their signature.
//!
//! # Source
//! Payload rules: DSSE 1.0, `protocol.md`. Times: RFC 3339, section 5.6, in the one form `YYYY-MM-DDTHH:MM:SSZ`.
//! Characters that change reading direction: Unicode UAX #9, section 2.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Digest,
    dsse::{Envelope, EnvelopeError},
    key::{SigningKey, VerifyingKey},
};

/// Payload type of every entry; names the schema of the payload and its version.
pub const PAYLOAD_TYPE: &str = "application/vnd.tearline.act.v1+json";

/// Longest payload in bytes. An entry is at most 65,535 bytes (C2SP tlog-tiles, entry bundles); base64 makes four bytes of three,
/// and the envelope around it (type, key id, one signature) takes less than 1,023.
pub const PAYLOAD_MAX_BYTES: usize = 48_384;

/// The actor code of the releasing office. No member or company may carry it.
pub const OFFICE: &str = "OFFICE";

/// Why bytes or text are not an act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The envelope holds something else than an act.
    #[error("payload type `{found}` is not `{PAYLOAD_TYPE}`")]
    PayloadType {
        /// Payload type that the envelope names.
        found: String,
    },
    /// The payload is longer than an entry of the log can hold.
    #[error(
        "an act of {bytes} bytes is longer than the {PAYLOAD_MAX_BYTES} bytes that fit into an entry of the log"
    )]
    TooLong {
        /// Length of the payload.
        bytes: usize,
    },
    /// The payload is not a JSON object of the schema.
    #[error("the payload is not an act of schema `tearline-act/1`: {detail}")]
    Malformed {
        /// What the reader stumbled on, with line and column.
        detail: String,
    },
    /// The payload reads as an act but is not written in its one byte form.
    #[error("the act is not in its one byte form")]
    NotCanonical,
    /// An act has one actor, so its envelope has one signature.
    #[error("the envelope of an act carries {found} signatures instead of one")]
    Signatures {
        /// Signatures found.
        found: usize,
    },
    /// The envelope's signature is not by the given key.
    #[error("the signature does not verify under the key of `{actor}`")]
    Signature {
        /// Who the act says it is from.
        actor: Code,
        /// What is wrong with the signature.
        source: EnvelopeError,
    },
    /// The act does not go into an envelope.
    #[error("the act could not be put into an envelope")]
    Envelope(#[from] EnvelopeError),
}

impl ActError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::PayloadType { .. } => "submit the envelope of a signed act",
            Self::TooLong { .. } => "keep long texts as documents and name them by digest",
            Self::Malformed { .. } | Self::NotCanonical => {
                "prepare the act again with this version of tearline and sign it anew"
            }
            Self::Signatures { .. } => "let the actor alone sign its act",
            Self::Signature { .. } => "sign with the key that stands on the roster for this actor",
            Self::Envelope(error) => error.advice(),
        }
    }
}

/// Why a text cannot stand in an act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// A code of a member, a company or the office.
    #[error("a code has 1 to 64 characters out of A-Z, a-z, 0-9, `-`, `_` and `.`")]
    Code,
    /// A time.
    #[error("a time is written `YYYY-MM-DDTHH:MM:SSZ`, in UTC, from year 1970 to 9999")]
    Time,
    /// A number.
    #[error("`{name}` is a whole number from 1 to {max}")]
    Number {
        /// Which number.
        name: &'static str,
        /// Largest one allowed.
        max: u64,
    },
    /// A text for people.
    #[error("`{name}` has 1 to {max} characters, none of them control or direction-changing characters")]
    Text {
        /// Which text.
        name: &'static str,
        /// Longest one allowed, in characters.
        max: usize,
    },
}

/// Code of an actor: a member, a company or the office.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

impl Code {
    /// # Errors
    /// [`FieldError::Code`] unless the text has 1 to 64 characters out of `A-Z a-z 0-9 - _ .`.
    pub fn new(text: &str) -> Result<Self, FieldError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(FieldError::Code);
        }
        Ok(Self(text.to_owned()))
    }

    /// The code of the releasing office, [`OFFICE`].
    #[must_use]
    pub fn office() -> Self {
        Self(OFFICE.to_owned())
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Code {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Code {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        Self::new(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

/// A second in UTC, `YYYY-MM-DDTHH:MM:SSZ`. The order of the texts is the order of the times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcTime([u8; 20]);

impl UtcTime {
    /// # Errors
    /// [`FieldError::Time`] for any other form, a date that does not exist, or a leap second: `23:59:60` has no place in a log
    /// whose clocks do not agree on it.
    pub fn new(text: &str) -> Result<Self, FieldError> {
        let bytes: [u8; 20] = text.as_bytes().try_into().map_err(|_| FieldError::Time)?;
        let shape = b"dddd-dd-ddTdd:dd:ddZ";
        let shaped =
            bytes.iter().zip(shape).all(|(b, s)| if *s == b'd' { b.is_ascii_digit() } else { b == s });
        if !shaped {
            return Err(FieldError::Time);
        }
        let number = |from: usize, to: usize| {
            bytes.iter().take(to).skip(from).fold(0_u32, |sum, b| sum * 10 + u32::from(b - b'0'))
        };
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
        let exists = year >= 1970 && (1..=days_in_month(year, month)).contains(&day);
        if !exists || hour > 23 || minute > 59 || second > 59 {
            return Err(FieldError::Time);
        }
        Ok(Self(bytes))
    }
}

/// Days in a month of the Gregorian calendar; 0 for a month that does not exist.
fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| fmt::Write::write_char(f, char::from(*b)))
    }
}

impl fmt::Debug for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UtcTime {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::new(text)
    }
}

impl TryFrom<String> for UtcTime {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        Self::new(&text)
    }
}

impl From<UtcTime> for String {
    fn from(time: UtcTime) -> Self {
        time.to_string()
    }
}

/// A number that counts from one. `$max` stays below 2^53, so that a reader which keeps numbers as doubles reads it exactly.
macro_rules! ordinal {
    ($(#[$doc:meta])* $type:ident, $name:literal, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $type(u64);

        impl $type {
            /// The first one.
            pub const FIRST: Self = Self(1);

            /// # Errors
            /// [`FieldError::Number`] for zero and for numbers past the largest one.
            pub fn new(number: u64) -> Result<Self, FieldError> {
                if (1..=$max).contains(&number) {
                    Ok(Self(number))
                } else {
                    Err(FieldError::Number { name: $name, max: $max })
                }
            }

            /// The number.
            #[must_use]
            pub fn get(self) -> u64 {
                self.0
            }

            /// The number after this one, unless this is the largest.
            #[must_use]
            pub fn next(self) -> Option<Self> {
                Self::new(self.0 + 1).ok()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl TryFrom<u64> for $type {
            type Error = FieldError;

            fn try_from(number: u64) -> Result<Self, FieldError> {
                Self::new(number)
            }
        }

        impl From<$type> for u64 {
            fn from(number: $type) -> u64 {
                number.0
            }
        }
    };
}

ordinal! {
    /// Counts the acts that one actor has signed. It only ever rises, which bars replay.
    Counter, "counter", (1 << 53) - 1
}
ordinal! {
    /// Which time a draft circulates.
    RoundNumber, "round", u32::MAX as u64
}
ordinal! {
    /// Version of the roster.
    Epoch, "roster_epoch", u32::MAX as u64
}

/// How many lines a text for people may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

/// True for a text that shows what it says: no control characters, no characters that change the reading direction, with which a
/// signer could be shown other words than were signed.
fn is_plain(text: &str, chars_max: usize, lines: Lines) -> bool {
    let directional = |c: char| matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let broken = |c: char| c.is_control() && !(lines == Lines::Many && matches!(c, '\n' | '\t'));
    // `take` keeps the count within the bound however long the text is.
    let chars = text.chars().take(chars_max + 1).count();
    (1..=chars_max).contains(&chars)
        && !text.trim().is_empty()
        && !text.chars().any(|c| broken(c) || directional(c))
}

/// A bounded text for people.
macro_rules! plain_text {
    ($(#[$doc:meta])* $type:ident, $name:literal, $max:expr, $lines:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// # Errors
            /// [`FieldError::Text`] for an empty or too long text and for characters that hide what it says.
            pub fn new(text: &str) -> Result<Self, FieldError> {
                if is_plain(text, $max, $lines) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(FieldError::Text { name: $name, max: $max })
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = FieldError;

            fn try_from(text: String) -> Result<Self, FieldError> {
                Self::new(&text)
            }
        }

        impl From<$type> for String {
            fn from(text: $type) -> String {
                text.0
            }
        }
    };
}

plain_text! {
    /// Title of a draft, one line. Rounds of one draft share it.
    Title, "title", 200, Lines::One
}
plain_text! {
    /// Name of a company, one line.
    Name, "name", 200, Lines::One
}
plain_text! {
    /// Why a member objects.
    Reason, "reason", 2_000, Lines::Many
}
plain_text! {
    /// A confidentiality label in XML (STANAG 4774). Read by `label`, only carried here.
    LabelXml, "label", 16_384, Lines::Many
}

/// The schema of an act; a new version is a new variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Schema {
    /// `tearline-act/1`.
    #[serde(rename = "tearline-act/1")]
    V1,
}

/// One act: who, the how-many-th act of that actor, and what. Fields stand in the order of the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Schema and version.
    pub schema: Schema,
    /// Who acts; the envelope is signed with this actor's key.
    pub actor: Code,
    /// Above every counter this actor has used before.
    pub counter: Counter,
    /// What is done.
    pub body: ActBody,
}

/// What an act does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ActBody {
    /// The office opens the log with its roster.
    Found(Found),
    /// The office logs the time.
    Tick(Tick),
    /// A member hands in sealed figures.
    Deposit(Deposit),
    /// The office circulates a draft for agreement.
    Propose(Propose),
    /// A member agrees.
    Approve(Approve),
    /// A member objects.
    Object(Object),
    /// The office seals a package of an agreed release.
    Seal(Seal),
    /// The office hands a package to a company.
    Deliver(Deliver),
    /// A company acknowledges a package.
    Acknowledge(Acknowledge),
}

/// The office opens the log. Signed with the key that the roster itself names; readers compare that key with their trust file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Who may act in this log.
    pub roster: Roster,
}

/// Who may act: the office, the members of the alliance, the companies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// Version of the roster.
    pub epoch: Epoch,
    /// The releasing office.
    pub office: Office,
    /// Members of the alliance, ascending by code.
    pub members: Vec<Member>,
    /// Companies that may receive releases, ascending by code.
    pub companies: Vec<Company>,
}

/// The keys of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Signs the office's acts.
    pub key: VerifyingKey,
    /// Digest of the public card of the key that signs packages.
    pub seal: Digest,
    /// Digest of the public card of the key to which members seal their deposits.
    pub open: Digest,
}

/// A member of the alliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its code, for example `NO`.
    pub code: Code,
    /// Signs its acts.
    pub key: VerifyingKey,
}

/// A company that may receive releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Signs its acts.
    pub key: VerifyingKey,
    /// Digest of the public card of the key that opens packages for it.
    pub open: Digest,
}

/// The office logs the time. The time of an act is that of the latest tick before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// The time by the office's clock.
    pub at_utc: UtcTime,
}

/// A member hands in sealed figures. Nothing in it tells a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    /// `SHA-256(salt || content)`; the salt travels inside the sealed box.
    pub commitment: Digest,
    /// Digest of the sealed box.
    pub blob: Digest,
    /// How many rows the content has.
    pub rows: u64,
}

/// The office circulates a draft for agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// Title of the draft.
    pub title: Title,
    /// Digest of what would be released.
    pub release: Digest,
    /// Digest of the certificate that proves the release safe.
    pub certificate: Digest,
    /// Digests of the releases sealed before, oldest first: the certificate holds together with them.
    pub history: Vec<Digest>,
    /// The label that the package will carry.
    pub label: LabelXml,
    /// Companies that will receive it.
    pub audience: BTreeSet<Code>,
    /// Members whose information is in it; each must approve.
    pub originators: BTreeSet<Code>,
    /// Which time the draft circulates.
    pub round: RoundNumber,
    /// Roster under which it circulates.
    pub roster_epoch: Epoch,
    /// The round is closed from the first tick at or after this time.
    pub deadline_utc: UtcTime,
}

/// A member agrees to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// [`Envelope::digest`] of the propose envelope.
    pub proposal: Digest,
    /// The proposal's round.
    pub round: RoundNumber,
    /// The proposal's roster.
    pub roster_epoch: Epoch,
}

/// A member objects to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// [`Envelope::digest`] of the propose envelope.
    pub proposal: Digest,
    /// The proposal's round.
    pub round: RoundNumber,
    /// The proposal's roster.
    pub roster_epoch: Epoch,
    /// Why.
    pub reason: Reason,
}

/// The office seals a package of an agreed release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// [`Envelope::digest`] of the propose envelope.
    pub proposal: Digest,
    /// Digest of the package's bytes.
    pub package: Digest,
}

/// The office hands a package to a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// Digest of the package's bytes.
    pub package: Digest,
    /// Receiving company.
    pub to: Code,
}

/// A company acknowledges a package that was delivered to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    /// Digest of the package's bytes.
    pub package: Digest,
}

impl Act {
    /// An act of the present schema.
    #[must_use]
    pub fn new(actor: Code, counter: Counter, body: ActBody) -> Self {
        Self { schema: Schema::V1, actor, counter, body }
    }

    /// The one byte form of this act.
    ///
    /// # Errors
    /// [`ActError::TooLong`] when it would not fit into an entry of the log.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ActError> {
        let bytes =
            serde_json::to_vec(self).map_err(|error| ActError::Malformed { detail: error.to_string() })?;
        if bytes.len() > PAYLOAD_MAX_BYTES {
            return Err(ActError::TooLong { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads an act from its one byte form. Says nothing about who signed it.
    ///
    /// # Errors
    /// [`ActError::TooLong`], [`ActError::Malformed`], [`ActError::NotCanonical`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ActError> {
        if bytes.len() > PAYLOAD_MAX_BYTES {
            return Err(ActError::TooLong { bytes: bytes.len() });
        }
        let act: Self = serde_json::from_slice(bytes)
            .map_err(|error| ActError::Malformed { detail: error.to_string() })?;
        if act.to_bytes()? != bytes {
            return Err(ActError::NotCanonical);
        }
        Ok(act)
    }

    /// Signs the act into an envelope, ready to be an entry.
    ///
    /// # Errors
    /// [`ActError::TooLong`], [`ActError::Envelope`].
    pub fn sign(&self, key: &SigningKey) -> Result<Envelope, ActError> {
        Ok(Envelope::sign(PAYLOAD_TYPE, &self.to_bytes()?, key)?)
    }

    /// Reads the act that an envelope claims to hold, **without** verifying its signature: only to learn whose key to verify with.
    ///
    /// # Errors
    /// [`ActError::PayloadType`], [`ActError::Signatures`] and those of [`Act::from_bytes`].
    pub fn claimed(envelope: &Envelope) -> Result<Self, ActError> {
        if envelope.payload_type() != PAYLOAD_TYPE {
            return Err(ActError::PayloadType { found: envelope.payload_type().to_owned() });
        }
        // A second signature would change the digest by which others name this act without changing the act.
        let found = envelope.signers().count();
        if found != 1 {
            return Err(ActError::Signatures { found });
        }
        Self::from_bytes(envelope.payload_unverified())
    }

    /// Reads the act of an envelope that `key` signed.
    ///
    /// # Errors
    /// [`ActError::Signature`] and those of [`Act::claimed`].
    pub fn verified(envelope: &Envelope, key: &VerifyingKey) -> Result<Self, ActError> {
        let act = Self::claimed(envelope)?;
        envelope.verify(key).map_err(|source| ActError::Signature { actor: act.actor.clone(), source })?;
        Ok(act)
    }
}

#[cfg(test)]
mod tests;
