//! Trust policies: which logs are believed, and whose cosignatures make a quorum.
//!
//! The text form of C2SP tlog-policy, read strictly: one spelling of numbers, every line ended. Comments may hold any octets;
//! names and URLs must be UTF-8 here, which the specification recommends. A policy is judged closed: what is not proved by a
//! signature that holds does not count, and a known key with a signature that does not hold spoils the checkpoint.
//!
//! One witness with two keys (Ed25519 and ML-DSA-44) is two `witness` lines, and a group `all` of the two if both are asked
//! for; [`Policy::of_witnesses`] writes that.
//!
//! # Source
//!
//! C2SP tlog-policy, "Policy file syntax and structure".

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use thiserror::Error;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::cosignature::{CosignatureAlgorithm, CosignerKey};
use crate::log::LogVerifier;
use crate::note::{KeyName, NoteError, NoteVerifier};

mod parse;

/// The largest policy in bytes. An alliance of 32 witnesses with two keys each, of which the ML-DSA-44 one takes 1.8 kB, has 66.
pub const POLICY_BYTES_MAX: usize = 256 * 1024;
/// The most logs; the specification asks for at least 32 of each kind.
pub const LOGS_MAX: usize = 64;
/// The most witnesses, by keys.
pub const WITNESSES_MAX: usize = 64;
/// The most groups.
pub const GROUPS_MAX: usize = 64;

/// The name that says that no cosignature is needed.
const NONE: &str = "none";

/// Logs, witnesses and the quorum.
///
/// # Example
///
/// NO has cosigned when both of its keys have.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use ledger::cosignature::Cosigner;
/// use ledger::key::SigningKey;
/// use ledger::mldsa::MlDsaKey;
/// use ledger::note::KeyName;
/// use ledger::policy::Policy;
///
/// let name = KeyName::new("witness.example/NO").unwrap();
/// let no = Cosigner::both(name, SigningKey::from_seed(&[1; 32]), MlDsaKey::from_seed(&[2; 32]).unwrap());
/// let [ed25519, ml_dsa] = <[_; 2]>::try_from(no.keys()).unwrap();
/// let text = format!(
///     "witness NO-ed25519 {ed25519}\nwitness NO-ml-dsa-44 {ml_dsa}\n\
///      group NO all NO-ed25519 NO-ml-dsa-44\nquorum NO\n"
/// );
/// let policy = Policy::parse(text.as_bytes()).unwrap();
/// assert_eq!(policy.to_text(), text);
/// let mut cosigned = BTreeSet::from(["NO-ed25519".to_owned()]);
/// assert!(!policy.satisfied_by_names(&cosigned));
/// cosigned.insert("NO-ml-dsa-44".to_owned());
/// assert!(policy.satisfied_by_names(&cosigned));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    /// INVARIANT: members come before the group that names them, and each is a member once at most; kept by `parse`.
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A log of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key; the name is the log's origin.
    pub key: PolicyLogKey,
    /// Where it is, as its operator likes to say it.
    pub url: Option<String>,
}

/// A key that signs checkpoints of its own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyLogKey {
    /// Type `01`.
    Ed25519(NoteVerifier),
    /// Type `06`.
    MlDsa44(CosignerKey),
}

impl PolicyLogKey {
    /// The log's origin.
    pub fn origin(&self) -> &KeyName {
        match self {
            Self::Ed25519(key) => key.name(),
            Self::MlDsa44(key) => key.name(),
        }
    }

    fn public_bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(key) => key.key().as_bytes(),
            Self::MlDsa44(key) => key.public_bytes(),
        }
    }

    /// Whether it signed: every line that names it must hold.
    fn signed(&self, checkpoint: &SignedCheckpoint) -> Result<bool, CheckpointError> {
        match self {
            Self::Ed25519(key) => match checkpoint.note().verify(key) {
                Ok(_) => Ok(true),
                Err(NoteError::NotSigned { .. }) => Ok(false),
                Err(error) => Err(error.into()),
            },
            Self::MlDsa44(key) => Ok(!checkpoint.cosignatures([key])?.is_empty()),
        }
    }
}

impl fmt::Display for PolicyLogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ed25519(key) => key.fmt(f),
            Self::MlDsa44(key) => key.fmt(f),
        }
    }
}

/// A witness of a policy: one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// The name within the policy.
    pub name: String,
    /// Its key.
    pub key: CosignerKey,
    /// Where it takes checkpoints (the submission prefix of C2SP tlog-witness).
    pub url: Option<String>,
}

/// What makes a group or the quorum: a place in the list of witnesses or of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Witness(usize),
    Group(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    /// INVARIANT: 1 to the number of members; kept by `parse`.
    needed: usize,
    members: Vec<Member>,
}

/// The witnesses whose cosignatures held, and satisfied the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Name within the policy, and the newest time at which it cosigned (seconds since 1970). Whether a time lies in the
    /// future is for the caller, who has a clock, to judge.
    pub cosigned: BTreeMap<String, u64>,
}

/// A witness with all its keys, for [`Policy::of_witnesses`].
#[derive(Clone, Copy, Debug)]
pub struct WitnessKeys<'a> {
    /// Name within the policy.
    pub name: &'a str,
    /// Its keys, all of which must sign; one to two.
    pub keys: &'a [CosignerKey],
    /// Where it takes checkpoints.
    pub url: Option<&'a str>,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    ///
    /// [`PolicyError::TooLong`], [`PolicyError::Line`] or [`PolicyError::NoQuorum`].
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        parse::policy(bytes)
    }

    /// The same policy without the addresses of which `is_away` is true: those services are not asked, and still count.
    #[must_use]
    pub fn without_urls(&self, is_away: impl Fn(&str) -> bool) -> Self {
        let mut policy = self.clone();
        for witness in &mut policy.witnesses {
            witness.url = witness.url.take().filter(|url| !is_away(url));
        }
        policy
    }

    /// The policy that believes a log when `needed` of these witnesses cosigned, each with all its keys. A witness with two keys
    /// becomes a group `all` of its name; `needed = 0` asks for no cosignature.
    ///
    /// # Errors
    ///
    /// As for [`Policy::parse`]: a name with a space, a key used twice, more needed than there are.
    pub fn of_witnesses(
        log: &LogVerifier,
        witnesses: &[WitnessKeys<'_>],
        needed: usize,
    ) -> Result<Self, PolicyError> {
        let mut text = format!("log {}\n", log.ed25519());
        let mut line = |parts: &[&str]| {
            text.push_str(&parts.join(" "));
            text.push('\n');
        };
        if let Some(key) = log.ml_dsa() {
            line(&["log", &key.to_string()]);
        }
        for witness in witnesses {
            let names: Vec<String> = match witness.keys {
                [_] => vec![witness.name.to_owned()],
                keys => keys.iter().map(|key| format!("{}-{}", witness.name, key.algorithm())).collect(),
            };
            for (name, key) in names.iter().zip(witness.keys) {
                line(&["witness", name, &key.to_string(), witness.url.unwrap_or_default()]);
            }
            if witness.keys.len() != 1 {
                line(&["group", witness.name, "all", &names.join(" ")]);
            }
        }
        if needed > 0 {
            let names: Vec<&str> = witnesses.iter().map(|witness| witness.name).collect();
            line(&["group", "witnesses", &needed.to_string(), &names.join(" ")]);
        }
        line(&["quorum", if needed > 0 { "witnesses" } else { NONE }]);
        Self::parse(text.as_bytes())
    }

    /// The policy file: logs, witnesses, groups, quorum. Comments are gone; reading it again gives the same policy.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let url = |url: &Option<String>| url.as_ref().map_or(String::new(), |url| format!(" {url}"));
        // Writing to a string cannot fail.
        for log in &self.logs {
            let _ = writeln!(text, "log {}{}", log.key, url(&log.url));
        }
        for witness in &self.witnesses {
            let _ = writeln!(text, "witness {} {}{}", witness.name, witness.key, url(&witness.url));
        }
        for group in &self.groups {
            let needed = match group.needed {
                all if all == group.members.len() => "all".to_owned(),
                1 => "any".to_owned(),
                some => some.to_string(),
            };
            let members: Vec<&str> = group.members.iter().map(|member| self.name_of(*member)).collect();
            let _ = writeln!(text, "group {} {needed} {}", group.name, members.join(" "));
        }
        let quorum = self.quorum.map_or(NONE, |member| self.name_of(member));
        let _ = writeln!(text, "quorum {quorum}");
        text
    }

    /// The logs, any of which is believed.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses: one for each key.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether any cosignature is needed.
    pub fn needs_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether these witnesses (names of `witness` lines) make the quorum. Other names count for nothing.
    #[must_use]
    pub fn satisfied_by_names(&self, cosigned: &BTreeSet<String>) -> bool {
        let Some(quorum) = self.quorum else { return true };
        let mut groups: Vec<bool> = Vec::with_capacity(self.groups.len());
        let holds = |groups: &[bool], member: Member| match member {
            Member::Witness(i) => {
                self.witnesses.get(i).is_some_and(|witness| cosigned.contains(&witness.name))
            }
            Member::Group(i) => groups.get(i).copied().unwrap_or(false),
        };
        for group in &self.groups {
            let held = group.members.iter().filter(|member| holds(&groups, **member)).count();
            groups.push(held >= group.needed);
        }
        holds(&groups, quorum)
    }

    /// Judges a checkpoint: signed by one of the logs, cosigned by the quorum.
    ///
    /// Of a log with two keys either suffices, as the specification has it; who asks for both verifies with a [`LogVerifier`] as
    /// well.
    ///
    /// # Errors
    ///
    /// [`PolicyError::NoLog`] for a policy that names none, [`PolicyError::OtherLog`] when none of them signed, then as for
    /// [`Policy::cosigned`].
    pub fn satisfied_by(&self, checkpoint: &SignedCheckpoint) -> Result<Quorum, PolicyError> {
        if self.logs.is_empty() {
            return Err(PolicyError::NoLog);
        }
        let origin = &checkpoint.unverified().origin;
        let mut signed = false;
        for log in self.logs.iter().filter(|log| log.key.origin() == origin) {
            signed |= log.key.signed(checkpoint)?;
        }
        if !signed {
            return Err(PolicyError::OtherLog { origin: origin.to_string() });
        }
        self.cosigned(checkpoint)
    }

    /// Judges the cosignatures alone, of a checkpoint whose log's signature the caller has verified.
    ///
    /// A cosignature without a time does not count: it does not say that the tree was the newest.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Checkpoint`] when a witness's line does not hold; [`PolicyError::Missing`] when the quorum is not
    /// reached, with the witnesses that could still make it.
    pub fn cosigned(&self, checkpoint: &SignedCheckpoint) -> Result<Quorum, PolicyError> {
        let mut cosigned = BTreeMap::new();
        for cosignature in checkpoint.cosignatures(self.witnesses.iter().map(|witness| &witness.key))? {
            let named = self.witnesses.iter().filter(|witness| witness.key == cosignature.key);
            for witness in named.filter(|_| cosignature.timestamp > 0) {
                let newest = cosigned.entry(witness.name.clone()).or_insert(cosignature.timestamp);
                *newest = (*newest).max(cosignature.timestamp);
            }
        }
        let names: BTreeSet<String> = cosigned.keys().cloned().collect();
        if self.satisfied_by_names(&names) {
            return Ok(Quorum { cosigned });
        }
        let mut missing = BTreeSet::new();
        self.collect(self.quorum, &mut missing);
        Err(PolicyError::Missing { witnesses: missing.difference(&names).cloned().collect() })
    }

    /// The witnesses under a member. Bounded: each member stands in one group at most.
    fn collect(&self, member: Option<Member>, names: &mut BTreeSet<String>) {
        let mut pending: Vec<Member> = member.into_iter().collect();
        while let Some(member) = pending.pop() {
            match member {
                Member::Witness(i) => names.extend(self.witnesses.get(i).map(|witness| witness.name.clone())),
                Member::Group(i) => {
                    pending.extend(self.groups.get(i).iter().flat_map(|group| &group.members))
                }
            }
        }
    }

    fn name_of(&self, member: Member) -> &str {
        let name = match member {
            Member::Witness(i) => self.witnesses.get(i).map(|witness| &witness.name),
            Member::Group(i) => self.groups.get(i).map(|group| &group.name),
        };
        // INVARIANT: members are made by `parse` from names that are there.
        name.map_or(NONE, String::as_str)
    }
}

/// Why a policy cannot be read, or a checkpoint does not satisfy it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// More bytes than any policy has.
    #[error("the policy has {found} bytes, more than 262144")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// A line at fault.
    #[error("line {line} of the policy cannot be used")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        fault: PolicyFault,
    },
    /// No quorum line.
    #[error("the policy does not say which quorum it needs")]
    NoQuorum,
    /// A checkpoint cannot be judged without a log.
    #[error("the policy names no log")]
    NoLog,
    /// A checkpoint that no log of the policy signed.
    #[error("no log of the policy signed the checkpoint of `{origin}`")]
    OtherLog {
        /// Origin of the checkpoint.
        origin: String,
    },
    /// A signature of a known key that does not hold.
    #[error("the checkpoint carries a signature that does not hold")]
    Checkpoint(#[from] CheckpointError),
    /// Too few cosignatures.
    #[error("the quorum of witnesses is not reached: `{}` have not cosigned", .witnesses.join("`, `"))]
    Missing {
        /// Names of the witnesses whose cosignatures are missing, in order.
        witnesses: Vec<String>,
    },
}

impl PolicyError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "split the policy: no alliance has so many logs and witnesses",
            Self::Line { fault, .. } => fault.advice(),
            Self::NoQuorum => "add a line `quorum <name>`, or `quorum none` if no cosignature is needed",
            Self::NoLog => "add a line `log <key>`",
            Self::OtherLog { .. } => "check that the policy belongs to this log",
            Self::Checkpoint(error) => error.advice(),
            Self::Missing { .. } => {
                "ask the missing witnesses to cosign, and wait: without a quorum nothing is released"
            }
        }
    }
}

/// What is wrong with a line of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyFault {
    /// A control character, or the last line without its newline.
    #[error("it holds a control character, or does not end in a newline")]
    Characters,
    /// A name or URL that is not UTF-8.
    #[error("a name or URL in it is not UTF-8")]
    Utf8,
    /// Another first word, or too few or too many words.
    #[error("it is none of `log`, `witness`, `group` and `quorum` with their words")]
    Form,
    /// A key that cannot be read, or of a type that does not sign here.
    #[error("its key cannot be used")]
    Key(#[source] NoteError),
    /// The same public key twice among the logs, or among the witnesses.
    #[error("its key stands in an earlier line already")]
    DuplicateKey,
    /// A name that was defined before, or the reserved one.
    #[error("the name `{name}` is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A name that no earlier line defines.
    #[error("no earlier line defines `{name}`")]
    UnknownName {
        /// The name.
        name: String,
    },
    /// A member of two groups, or twice of one.
    #[error("`{name}` is a member of a group already")]
    MemberTwice {
        /// The name.
        name: String,
    },
    /// A threshold that is no number from 1 to the number of members.
    #[error("its threshold is none of `all`, `any` and 1 to {members}")]
    Threshold {
        /// Members of the group.
        members: usize,
    },
    /// A second quorum line.
    #[error("the quorum is said twice")]
    QuorumTwice,
    /// More lines of its kind than are read.
    #[error("there are more than 64 lines of its kind")]
    TooMany,
}

impl PolicyFault {
    /// What the writer of the policy can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Characters => "use spaces, tabs and newlines only, and end the last line",
            Self::Utf8 => "save the policy as UTF-8",
            Self::Form => {
                "write `log <key> [url]`, `witness <name> <key> [url]`, `group <name> all|any|<k> <name>...`, `quorum <name>`"
            }
            Self::Key(error) => error.advice(),
            Self::DuplicateKey => "remove one of the two lines: a key counts once",
            Self::NameTaken { .. } => "choose another name",
            Self::UnknownName { .. } => "define witnesses and groups before they are used",
            Self::MemberTwice { .. } => "list each witness and group once",
            Self::Threshold { .. } => "ask for no more members than there are",
            Self::QuorumTwice => "keep one quorum line",
            Self::TooMany => "split the policy",
        }
    }
}

#[cfg(test)]
mod tests;
