//! Asking the witnesses of a policy for cosignatures: all at once, each within the same time, each answer told apart.
//!
//! What a witness sends is judged before it is believed: only lines that its keys in the policy signed get into the checkpoint.
//! Whether the quorum is reached, the policy says ([`Policy::cosigned`]), not this module.
//!
//! # Guarantee
//!
//! [`ask`] returns within the time limit and a small rest for judging, whatever witnesses do. Every witness of the policy is in
//! the answer, with what became of it.
//!
//! # Source
//!
//! C2SP tlog-witness, "add-checkpoint": on status 409 the log asks once more with a proof from the size that it was told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature::CosignerKey;
use ledger::merkle::Tree;
use ledger::note::{NOTE_BYTES_MAX, SignatureLines};
use ledger::policy::{Policy, PolicyWitness};
use ledger::witness::{Request, SIZE_MEDIA_TYPE, size_of_conflict};

use crate::client::{Answer, Client, ClientError};

/// What became of the question to one service. A service may hold several keys of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where; empty for a witness without an address.
    pub url: String,
    /// Names of `witness` lines that have this address.
    pub names: Vec<String>,
    /// What it said.
    pub outcome: Outcome,
}

/// What a service said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The named ones of its keys cosigned.
    Cosigned {
        /// Names of `witness` lines whose cosignature held.
        by: Vec<String>,
        /// Size up to which it has now cosigned; worth remembering for the next question.
        size: u64,
    },
    /// It did not answer in time, or not in the protocol's words; it may later.
    Unreachable {
        /// Why, for a person.
        reason: String,
    },
    /// It answered, and would not cosign.
    Refused {
        /// HTTP status.
        status: u16,
        /// Why, for a person.
        reason: String,
    },
}

impl Asked {
    /// Names of this service's witnesses whose cosignature is still missing.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let has = |name: &String| matches!(&self.outcome, Outcome::Cosigned { by, .. } if by.contains(name));
        self.names.iter().filter(move |name| !has(name)).map(String::as_str)
    }
}

/// Asks every witness of `policy` to cosign `checkpoint`, and adds the cosignatures that hold to it; one [`Asked`] a service, by
/// address.
///
/// `tree` covers the checkpoint. `cosigned` is the size that each address is believed to have cosigned; one that is not in it is
/// asked from 0, which costs a second question. `time` is all the time there is.
pub fn ask(
    client: &Client,
    policy: &Policy,
    tree: &Tree,
    checkpoint: &mut SignedCheckpoint,
    cosigned: &BTreeMap<String, u64>,
    time: Duration,
) -> Vec<Asked> {
    let until = Deadline::after(time);
    let mut services: BTreeMap<&str, Vec<&PolicyWitness>> = BTreeMap::new();
    for witness in policy.witnesses() {
        services.entry(witness.url.as_deref().unwrap_or_default()).or_default().push(witness);
    }
    let signed = &*checkpoint;
    let answers: Vec<Result<SignatureLines, Outcome>> = std::thread::scope(|scope| {
        let asking: Vec<_> = services
            .keys()
            .map(|url| {
                let from = cosigned.get(*url).copied().unwrap_or(0);
                scope.spawn(move || question(client, url, tree, signed, from, until))
            })
            .collect();
        let died = || Err(Outcome::Unreachable { reason: "asking it failed".to_owned() });
        asking.into_iter().map(|thread| thread.join().unwrap_or_else(|_| died())).collect()
    });
    let mut asked = Vec::new();
    for ((url, witnesses), answer) in services.into_iter().zip(answers) {
        let outcome = answer.and_then(|lines| judge(checkpoint, &lines, &witnesses));
        let names = witnesses.iter().map(|witness| witness.name.clone()).collect();
        asked.push(Asked { url: url.to_owned(), names, outcome: outcome.unwrap_or_else(|outcome| outcome) });
    }
    asked
}

/// Asks one service, and once more from the size that it says it has.
fn question(
    client: &Client,
    url: &str,
    tree: &Tree,
    checkpoint: &SignedCheckpoint,
    from: u64,
    until: Deadline,
) -> Result<SignatureLines, Outcome> {
    let unreachable = |reason: String| Outcome::Unreachable { reason };
    if url.is_empty() {
        return Err(unreachable("the policy gives no address for it".to_owned()));
    }
    let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let size = checkpoint.unverified().size;
    let mut from = from.min(size);
    for last in [false, true] {
        let words = |error: &dyn std::error::Error| unreachable(error.to_string());
        let proof = tree.consistency(from, size).map_err(|error| words(&error))?;
        let request = Request::new(&proof, checkpoint.clone()).map_err(|error| words(&error))?;
        let left = until.left().ok_or_else(|| words(&ClientError::Late))?;
        let answer =
            client.post(&url, &request.to_text(), NOTE_BYTES_MAX, left).map_err(|e| with_cause(&e))?;
        let held = size_of_conflict(&answer.body).filter(|_| answer.media_type == SIZE_MEDIA_TYPE);
        match (answer.status, held) {
            (200, _) => {
                let text = std::str::from_utf8(&answer.body).ok();
                let lines = text.and_then(|text| SignatureLines::from_text(text).ok());
                return lines.ok_or_else(|| unreachable("its answer is no cosignature".to_owned()));
            }
            (409, Some(held)) if held == from && from == size => {
                let reason = format!("it says that it cosigned another tree of {held} entries");
                return Err(Outcome::Refused { status: 409, reason });
            }
            (409, Some(held)) if held > size => {
                let reason =
                    format!("it has already cosigned {held} entries, more than the {size} asked for");
                return Err(Outcome::Refused { status: 409, reason });
            }
            (409, Some(held)) if !last => from = held,
            _ => return Err(refused(&answer)),
        }
    }
    Err(unreachable("it says another size each time".to_owned()))
}

/// The statuses that a witness refuses with, from the rest.
fn refused(answer: &Answer) -> Outcome {
    let reason = match answer.status {
        400 => "it does not understand the request",
        403 => "it has other keys for this log",
        404 => "it does not know this log",
        409 => "it stands elsewhere in the log",
        422 => "it does not accept the proof that the log only grew",
        507 => "it has no room for another log",
        status => return Outcome::Unreachable { reason: format!("it answered with status {status}") },
    };
    Outcome::Refused { status: answer.status, reason: reason.to_owned() }
}

fn with_cause(error: &ClientError) -> Outcome {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Outcome::Unreachable { reason: format!("{error}{cause}") }
}

/// Adds the lines that the service's keys signed; says whose held.
fn judge(
    checkpoint: &mut SignedCheckpoint,
    lines: &SignatureLines,
    witnesses: &[&PolicyWitness],
) -> Result<Outcome, Outcome> {
    let unreachable = |reason: &str| Outcome::Unreachable { reason: reason.to_owned() };
    let keys = witnesses.iter().map(|witness| &witness.key);
    let held =
        checkpoint.add_cosignatures(lines, keys).map_err(|_| unreachable("its cosignature does not hold"))?;
    let held_by = |key: &CosignerKey| held.iter().any(|cosignature| cosignature.key == *key);
    let by: Vec<String> = witnesses
        .iter()
        .filter(|witness| held_by(&witness.key))
        .map(|witness| witness.name.clone())
        .collect();
    if by.is_empty() {
        return Err(unreachable("it cosigned with other keys than those of the policy"));
    }
    Ok(Outcome::Cosigned { by, size: checkpoint.unverified().size })
}

/// The end of all waiting.
#[derive(Clone, Copy)]
struct Deadline {
    began: Instant,
    time: Duration,
}

impl Deadline {
    #[expect(clippy::disallowed_methods, reason = "how long a question may take; no date comes of it")]
    fn after(time: Duration) -> Self {
        Self { began: Instant::now(), time }
    }

    /// Time left; none when there is none.
    fn left(&self) -> Option<Duration> {
        self.time.checked_sub(self.began.elapsed()).filter(|left| !left.is_zero())
    }
}
