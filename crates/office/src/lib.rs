//! The releasing office: who may do what, when, and what follows from it, as a fold over the log.
//!
//! A [`Command`] is an entry that someone wants logged: a signed envelope of one act. [`decide()`] answers with the [`Event`]s that
//! would follow or with a [`Refusal`] that names the broken rule; [`apply`] folds events into the [`State`] and cannot refuse.
//! [`replay()`] does both for every entry of a log and so reproduces the state, or finds the entry that should never have been
//! logged.
//!
//! It is not a store, a server or a clock, and it never sees a figure: deposits are commitments, releases and packages are
//! digests. Time is what the office has logged ([`ledger::act::Tick`]); the entry's place in the log is given by the caller.
//!
//! Modules: `roster` (who), `agreement` (the round), `release` (the order from draft to acknowledgement, as types), `state`
//! and `decide` (the fold), `statement` (what a signer reads before signing), `commitment` (salted digests).
//!
//! ```
//! use ledger::{Digest, act::{self, ActBody, Code, Epoch, UtcTime}, key::SigningKey};
//!
//! let (office_key, norway_key) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
//! let card = Digest::of(b"a public card");
//! let roster = act::Roster {
//!     epoch: Epoch::FIRST,
//!     office: act::Office { key: office_key.verifying_key(), seal: card, open: card },
//!     members: vec![act::Member { code: Code::new("NO")?, key: norway_key.verifying_key() }],
//!     companies: Vec::new(),
//! };
//! // Acts are prepared from what the log says, signed by their actor, and logged in order.
//! let mut state = office::State::default();
//! let mut log = Vec::new();
//! let at_utc = UtcTime::new("2026-03-01T08:00:00Z")?;
//! for body in [ActBody::Found(act::Found { roster }), ActBody::Tick(act::Tick { at_utc })] {
//!     let act = state.act(Code::office(), body).ok_or("the counter is used up")?;
//!     let entry = act.sign(&office_key)?.to_bytes();
//!     office::admit(&mut state, &entry)?;
//!     log.push(entry);
//! }
//! assert_eq!(state.now(), Some(at_utc));
//!
//! // Whoever has the log has the state. The same entry again is refused, with the rule that it breaks.
//! assert_eq!(office::replay(&log).map_err(|(_, refusal)| refusal)?, state);
//! let refusal = office::admit(&mut state, &log[1]).unwrap_err();
//! assert_eq!(refusal.rule(), "counter-rises");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantee
//! Nothing is sealed over an objection, without the signature of every originator, or with a certificate that leaves out a
//! release sealed before. See `decide.proof.md`.
//!
//! # Source
//! Silence procedure and consensus: OSCE rules of procedure (MC.DOC/1/06), annex 1(A). Decisions computed from a log of signed
//! acts: Microsoft CCF, "Governance". Counters: Safe, "nonce"; TUF 1.0, section 5.3 (rollback).

mod agreement;
mod commitment;
mod decide;
mod event;
mod refusal;
mod release;
mod replay;
mod roster;
mod state;
pub mod statement;

#[cfg(test)]
mod tests;

pub use agreement::{Decision, Outcome, Recorded, Round, Terms};
pub use commitment::{Salt, commit};
pub use decide::{Command, Context, PACKAGES_MAX, decide};
pub use event::{EntryIndex, Event, Fact, Stamp};
pub use refusal::Refusal;
pub use release::{
    Acknowledged, Agreed, Delivered, Delivery, Draft, Evidence, Package, Proposed, Refused, Release, Sealed,
};
pub use replay::{admit, replay};
pub use roster::{Company, Role, Roster, RosterError};
pub use state::{Deposit, State, apply};
