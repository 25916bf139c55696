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
//! Modules: `roster` (who, and how that changes), `agreement` (the round), `grant` (consent given beforehand), `release` (the order
//! from draft to acknowledgement, as types), `reform` (changes of the roster), `state`, `decide` and `replay` (the fold), `statement`
//! (what a signer reads before signing), `access` (whether a receiver may open what was sealed for it), `inbox` (what waits for whom), `receipts` (who received what), `standards` (the registry of standards and their waves), `commitment` (salted digests).
//!
//! ```
//! use std::collections::BTreeSet;
//!
//! use ledger::{Digest, act::{self, ActBody, Code, Epoch, PolicyText, Quorum, Scope, UtcTime}, act_key::Signer, key::SigningKey};
//!
//! let (office_key, norway_key) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
//! let delegation = |key: &SigningKey, scopes: &[Scope]| -> Result<act::Delegation, act::FieldError> {
//!     let expires_utc = UtcTime::new("2030-01-01T00:00:00Z")?;
//!     let scopes = scopes.iter().copied().collect::<BTreeSet<_>>();
//!     let delegate = act::Delegate { id: Code::new("head")?, key: key.key(), scopes, expires_utc };
//!     Ok(act::Delegation { quorum: Quorum::FIRST, delegates: vec![delegate] })
//! };
//! let office_scopes = [Scope::Clock, Scope::Propose, Scope::Seal, Scope::Govern];
//! let member_scopes = [Scope::Deposit, Scope::Agree, Scope::Govern];
//! let card = Digest::of(b"a public card");
//! let roster = act::Roster {
//!     epoch: Epoch::FIRST,
//!     office: act::Office { seal: card, open: card, delegation: delegation(&office_key, &office_scopes)? },
//!     members: vec![act::Member { code: Code::new("NO")?, delegation: delegation(&norway_key, &member_scopes)? }],
//!     receivers: Vec::new(),
//!     groups: Vec::new(),
//!     eligibility: Vec::new(),
//!     witnesses: PolicyText::new("quorum none\n")?,
//! };
//! // Acts are prepared from what the log says, signed by a key of their actor, and logged in order.
//! let mut fold = office::Fold::default();
//! let mut log = Vec::new();
//! let at_utc = UtcTime::new("2026-03-01T08:00:00Z")?;
//! for body in [ActBody::Found(act::Found { roster }), ActBody::Tick(act::Tick { at_utc })] {
//!     let act = fold.state().act(Code::office(), &office_key.key().id(), body).ok_or("the counter is used up")?;
//!     let entry = act.sign(&office_key)?.to_bytes();
//!     fold.admit(&entry)?;
//!     log.push(entry);
//! }
//! assert_eq!(fold.state().now(), Some(at_utc));
//!
//! // Whoever has the log has the state. The same entry again is refused, with the rule that it breaks.
//! assert_eq!(office::replay(&log).map_err(|(_, refusal)| refusal)?, fold);
//! let refusal = fold.admit(&log[1]).unwrap_err();
//! assert_eq!(refusal.rule(), "counter-rises");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantee
//! Nothing is sealed over an objection, without the signature of every originator, before witnesses have seen the agreement, or with a certificate that leaves out a
//! release sealed before. See `decide.proof.md`.
//!
//! # Source
//! Silence procedure and consensus: OSCE rules of procedure (MC.DOC/1/06), annex 1(A). Decisions computed from a log of signed
//! acts: Microsoft CCF, "Governance". Counters: Safe, "nonce"; TUF 1.0, section 5.3 (rollback).

pub mod access;
mod agreement;
mod commitment;
mod decide;
mod event;
mod grant;
pub mod inbox;
pub mod receipts;
mod reform;
mod refusal;
pub mod release;
mod replay;
pub mod roster;
pub mod standards;
mod state;
pub mod statement;

#[cfg(test)]
mod tests;

pub use agreement::{Decision, Objection, Outcome, Recorded, Round, Standing, Terms};
pub use commitment::{Salt, commit};
pub use decide::{Command, Context, PACKAGES_MAX, decide, key_of};
pub use event::{EntryIndex, Event, Fact, Stamp};
pub use grant::Grant;
pub use reform::Reform;
pub use refusal::Refusal;
pub use release::{Agreed, Delivery, Draft, Evidence, Proof, Proposed, Protected, Release, Sealed};
pub use replay::{Fold, Held, Pending, Replay, replay};
pub use roster::{Role, Roster, RosterError};
pub use state::{Answer, Deposit, Registration, State, apply};
