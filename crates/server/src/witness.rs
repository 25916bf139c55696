//! The service of a witness: takes checkpoints of the logs that it knows and answers with cosignatures.
//!
//! What is decided is decided by `ledger::witness`; here are the routes, the lock that makes judging and remembering one
//! step, and the order: judge, keep durably, then sign and answer.
//!
//! Routes: `GET /` says what this is; `POST /add-checkpoint`; `GET /checkpoint/<SHA-256 of the origin in hex>` tells the newest
//! tree that was cosigned (origin, size and root on three lines), for whoever watches witnesses.
//!
//! # Guarantee
//!
//! That of `ledger::witness`: no two trees of one log of which neither extends the other are cosigned, also over crashes,
//! as long as the record is not set back.
//!
//! # Source
//!
//! C2SP tlog-witness, "add-checkpoint".

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use ledger::Digest;
use ledger::checkpoint::Checkpoint;
use ledger::cosignature::Cosigner;
use ledger::log::LogVerifier;
use ledger::note::NoteError;
use ledger::witness::{
    PersistError, REQUEST_BYTES_MAX, Request, WitnessRefusal, WitnessState, WitnessStateError,
};
use store::witness_record::{WitnessRecord, WitnessRecordError};
use thiserror::Error;

use crate::http::{blocking, read_body, text};

/// The time in seconds since 1970, asked once a cosignature.
pub type Clock = Box<dyn Fn() -> u64 + Send>;

/// Told of what went wrong inside, for the operator; the log that asked learns only that it did.
pub type Report = Box<dyn Fn(&WitnessError) + Send>;

/// A witness: its keys, the logs that it knows, and what it remembers.
pub struct Witness {
    cosigner: Cosigner,
    logs: Vec<LogVerifier>,
    state: WitnessState,
    record: WitnessRecord,
    clock: Clock,
}

/// Why a witness cannot start, or cannot cosign what it may.
#[derive(Debug, Error)]
pub enum WitnessError {
    /// What it remembers cannot be read.
    #[error("the witness does not know what it cosigned")]
    State(#[source] Option<WitnessStateError>),
    /// It could not remember.
    #[error("the witness could not keep what it is about to cosign")]
    Record(#[from] WitnessRecordError),
    /// It was overtaken; cannot happen while one lock is held.
    #[error("the witness has cosigned another checkpoint of the log meanwhile")]
    Overtaken,
    /// It could not sign.
    #[error("the witness could not sign")]
    Sign(#[from] NoteError),
}

impl WitnessError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::State(_) => {
                "restore the newest state; with an older one the witness could cosign a fork. If there is none, give the witness a new key"
            }
            Self::Record(error) => error.advice(),
            Self::Overtaken => "send the checkpoint again",
            Self::Sign(error) => error.advice(),
        }
    }
}

impl Witness {
    /// A witness over its record; a new record remembers nothing.
    ///
    /// # Errors
    ///
    /// [`WitnessError::State`] when the record holds no state.
    pub fn new(
        cosigner: Cosigner,
        logs: Vec<LogVerifier>,
        record: WitnessRecord,
        clock: Clock,
    ) -> Result<Self, WitnessError> {
        let state = match record.state() {
            None => WitnessState::new(),
            Some(bytes) => {
                let text = std::str::from_utf8(bytes).map_err(|_| WitnessError::State(None))?;
                WitnessState::from_text(text).map_err(|error| WitnessError::State(Some(error)))?
            }
        };
        Ok(Self { cosigner, logs, state, record, clock })
    }

    /// Judges a request; if it may be cosigned, remembers it durably and only then signs.
    ///
    /// # Errors
    ///
    /// A [`WitnessError`] when it could not; the answer inside is a refusal when it may not.
    pub fn add_checkpoint(&mut self, body: &[u8]) -> Result<Result<String, WitnessRefusal>, WitnessError> {
        let decided = Request::from_bytes(body).and_then(|request| self.state.decide(&request, &self.logs));
        let update = match decided {
            Ok(update) => update,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let record = &mut self.record;
        let kept = update.persist(&mut self.state, |state| record.keep(state.to_text().as_bytes()));
        let persisted = kept.map_err(|error| match error {
            PersistError::Overtaken => WitnessError::Overtaken,
            PersistError::Write(error) => WitnessError::Record(error),
        })?;
        Ok(Ok(persisted.cosign(&self.cosigner, (self.clock)())?.to_text()))
    }

    /// The newest cosigned tree of the log whose origin has this digest.
    fn latest(&self, digest: &str) -> Option<Checkpoint> {
        let named = |origin: &str| Digest::of(origin.as_bytes()).to_string() == digest;
        let (origin, latest) = self.state.logs().find(|(origin, _)| named(origin.as_str()))?;
        Some(Checkpoint { origin: origin.clone(), size: latest.size, root: latest.root })
    }

    /// What `GET /` says.
    fn words(&self) -> String {
        let keys: String = self.cosigner.keys().iter().map(|key| format!("{key}\n")).collect();
        let logs: String = self.logs.iter().map(|log| format!("{}\n", log.name())).collect();
        format!(
            "A witness of transparency logs (c2sp.org/tlog-witness): POST /add-checkpoint\n\nKeys\n{keys}\nLogs\n{logs}"
        )
    }
}

/// A witness behind its routes.
#[derive(Clone)]
struct Shared {
    witness: Arc<Mutex<(Witness, Report)>>,
    body: Duration,
}

impl Shared {
    /// Asks the witness away from the serving threads. One at a time: judging and remembering are one step.
    async fn ask(self, ask: impl FnOnce(&mut Witness, &Report) -> Response + Send + 'static) -> Response {
        blocking(move || {
            // After a panic nobody knows what was remembered: no witness is better than a doubtful one.
            match self.witness.lock() {
                Ok(mut held) => {
                    let (witness, report) = &mut *held;
                    ask(witness, report)
                }
                Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the witness has stopped\n"),
            }
        })
        .await
    }
}

/// The routes of a witness; `body` is the time that a request has to arrive.
pub fn routes(witness: Witness, body: Duration, report: Report) -> Router {
    Router::new()
        .route(
            "/",
            get(|State(shared): State<Shared>| {
                shared.ask(|witness, _| text(StatusCode::OK, witness.words()))
            }),
        )
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/checkpoint/{digest}", get(latest))
        .with_state(Shared { witness: Arc::new(Mutex::new((witness, report))), body })
}

async fn add_checkpoint(State(shared): State<Shared>, body: Body) -> Response {
    let bytes = match read_body(body, REQUEST_BYTES_MAX, shared.body).await {
        Ok(bytes) => bytes,
        Err(answer) => return *answer,
    };
    let answer = move |witness: &mut Witness, report: &Report| match witness.add_checkpoint(&bytes) {
        Ok(Ok(lines)) => text(StatusCode::OK, lines),
        Ok(Err(refusal)) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            (status, [(header::CONTENT_TYPE, refusal.media_type())], refusal.body()).into_response()
        }
        // What is wrong inside is for the operator, not for the log.
        Err(error) => {
            report(&error);
            text(StatusCode::INTERNAL_SERVER_ERROR, "the witness cannot cosign\n")
        }
    };
    shared.ask(answer).await
}

async fn latest(State(shared): State<Shared>, Path(digest): Path<String>) -> Response {
    let answer = move |witness: &mut Witness, _: &Report| match witness.latest(&digest) {
        Some(checkpoint) => text(StatusCode::OK, checkpoint.text()),
        None => text(StatusCode::NOT_FOUND, "nothing was cosigned of this log\n"),
    };
    shared.ask(answer).await
}
