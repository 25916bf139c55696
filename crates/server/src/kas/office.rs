//! The office's answer to a request for one key, in the log before anything leaves.
//!
//! What the log knows it says first (`office::access`); only where it would grant may the service refuse for what it alone has seen.
//! Another process may have written to the log meanwhile, for instance a withdrawal: then the entry does not fit, the log is read
//! again, and the request judged again. So no key leaves on an outdated judgement.

use ledger::Digest;
use ledger::act::{AccessDecision, AccessRefusal, ActBody, Code, KeyAccess, Level, PackageUuid, UtcTime};
use office::Refusal;
use office::access::may_open;
use store::Store;
use thiserror::Error;

use crate::journal::{Journal, JournalError};
use crate::sequencer::Submitter;

/// How far the log's time may be behind the clock before it is set anew: eligibility is a matter of days.
const TIME_LAG_MAX_S: u64 = 60;

/// How often a request is judged again when the log has gone on meanwhile.
const TRIES: u32 = 4;

/// A request for the key of one package.
#[derive(Clone, Debug)]
pub struct Question {
    /// The release that the package's policy names.
    pub proposal: Digest,
    /// The package.
    pub package: PackageUuid,
    /// The receiver that signed in.
    pub receiver: Code,
    /// For which key it asks.
    pub client_key: Digest,
    /// Digest of the label that the policy names.
    pub label: Option<Digest>,
    /// Up to which classification a key may rest on classical wrapping.
    pub classical_max: Level,
    /// What the service itself found against it.
    pub found: Option<AccessRefusal>,
    /// The clock's time.
    pub now: UtcTime,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum OfficeError {
    /// The answer could not be logged, so there is none.
    #[error("the answer could not be logged")]
    Journal(#[from] JournalError),
    /// The journal is closed.
    #[error("the office is stopping")]
    Closed,
}

/// Whoever answers and logs.
pub trait Office: Send + Sync + 'static {
    /// The answer, durably in the log.
    ///
    /// # Errors
    ///
    /// See [`OfficeError`]; then nothing may leave.
    fn answer(&self, question: Question) -> Result<AccessDecision, OfficeError>;
}

impl<S: Store + 'static> Office for Submitter<S> {
    fn answer(&self, question: Question) -> Result<AccessDecision, OfficeError> {
        let answered = self.run(move |journal| answer_in(journal, &question));
        Ok(answered.map_err(|_| OfficeError::Closed)??)
    }
}

/// Judges and logs; again when the log has gone on since it was read.
fn answer_in<S: Store>(
    journal: &mut Journal<S>,
    question: &Question,
) -> Result<AccessDecision, JournalError> {
    let mut tries = 1;
    loop {
        match attempt(journal, question) {
            Err(error) if tries < TRIES && is_outdated(&error) => tries += 1,
            answered => return answered,
        }
    }
}

fn is_outdated(error: &JournalError) -> bool {
    error.retryable() || matches!(error, JournalError::Refused(Refusal::AccessOtherwise { .. }))
}

fn attempt<S: Store>(journal: &mut Journal<S>, question: &Question) -> Result<AccessDecision, JournalError> {
    let lag = |at: UtcTime| question.now.posix_seconds().saturating_sub(at.posix_seconds());
    if journal.state().now().is_none_or(|at| lag(at) > TIME_LAG_MAX_S) {
        journal.tick(question.now)?;
    }
    let decision = judge(journal, question);
    journal.act(ActBody::KeyAccess(KeyAccess {
        proposal: question.proposal,
        package: question.package.clone(),
        receiver: question.receiver.clone(),
        client_key: question.client_key,
        decision,
    }))?;
    Ok(decision)
}

fn judge<S: Store>(journal: &Journal<S>, question: &Question) -> AccessDecision {
    let state = journal.state();
    // A log without a time has no release either.
    let at = state.now().unwrap_or(question.now);
    let access = match may_open(state, &question.proposal, &question.receiver, at) {
        Ok(access) => access,
        Err(reason) => return AccessDecision::Refused(reason),
    };
    let reason = if question.found.is_some() {
        question.found
    } else if question.label != Some(Digest::of(access.label.as_str().as_bytes())) {
        Some(AccessRefusal::Label)
    } else if access.level > question.classical_max {
        Some(AccessRefusal::Profile)
    } else {
        None
    };
    reason.map_or(AccessDecision::Granted, AccessDecision::Refused)
}
