//! The key access service: the one place where the key of a package leaves the office after the package did.
//!
//! Clients of the alliance's format ask it for the classical copy of a content key; it answers by the office's rules, and every answer
//! to a receiver that it knows is an entry of the log before the client has it. The surface is the smallest that public clients need:
//!
//! | route | what |
//! | --- | --- |
//! | `GET /.well-known/opentdf-configuration` | where everything is |
//! | `POST /wellknownconfiguration.WellKnownService/GetWellKnownConfiguration` | the same, and the key to wrap to |
//! | `POST /kas.AccessService/PublicKey` | the public key of an algorithm |
//! | `POST /kas.AccessService/Rewrap` | keys, for those who may have them |
//! | `POST /token`, `POST /protocol/openid-connect/token` | access tokens |
//!
//! Everything else is 404. TLS is a proxy's business; so is which networks may connect.
//!
//! # Guarantee
//!
//! A content key is wrapped for a client only if: the access token is this service's or a registered one; the request is signed by the
//! key that the token is bound to or that is registered for the client, unless that was waived for this client; it is fresh and was not
//! sent before; the policy in it is bound to the key; the policy names the receiver that signed in; and the log says that this receiver
//! may open this release now, and holds the answer durably.
//!
//! # Source
//!
//! OpenTDF platform, `kas.proto` and its clients as of August 2026; RFC 6749, 7515, 7523, 9449.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use ledger::act::{Level, UtcTime};
use ledger::{Digest, Randomness};
use package::access::{AccessKey, Wrapping};
use serde_json::json;
use thiserror::Error;

use crate::http::{blocking, read_body, text};
use connect::{Codec, ConnectError, ErrorCode, REQUEST_BYTES_MAX, unpacked};
use seen::{Seen, Use};
use token::AccessTokens;
use wire::{Configuration, ConfigurationRequest, PublicKeyRequest, PublicKeyResponse};

mod caller;
mod connect;
pub mod jwk;
pub mod jws;
pub mod office;
mod pace;
mod proof;
pub mod request;
mod rewrap;
mod seen;
pub mod sign_in;
mod tally;
mod token;
mod token_endpoint;
mod wire;

pub use tally::Counts;

const REWRAP_PATH: &str = "/kas.AccessService/Rewrap";
const PUBLIC_KEY_PATH: &str = "/kas.AccessService/PublicKey";
const CONFIGURATION_PATH: &str = "/wellknownconfiguration.WellKnownService/GetWellKnownConfiguration";
const TOKEN_PATH: &str = "/token";
/// Below the address of a realm, as a client hard-codes it.
const REALM_TOKEN_PATH: &str = "/protocol/openid-connect/token";

/// The present second; none when the clock shows no time of the log.
pub type Clock = Box<dyn Fn() -> Option<UtcTime> + Send + Sync>;

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients reach the service: scheme and host, without a path.
    pub url: String,
    /// How long an access token counts.
    pub token_lifetime_s: u32,
    /// How many keys a client may ask for in a minute.
    pub keys_per_minute: u32,
    /// Up to which classification keys are given by a service whose wrapping is not safe from quantum computers.
    pub classical_max: Level,
    /// Time for the body of a request.
    pub body: Duration,
}

/// Why a service cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// The address is none, or has a path.
    #[error("`{url}` is not an address of the form `https://host` or `http://host:port`")]
    Url {
        /// As it was given.
        url: String,
    },
}

impl SettingsError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Url { .. } => {
                "give the address under which clients reach the service, without a path and without a slash at its end"
            }
        }
    }
}

/// A key access service.
pub struct KeyAccessService(Arc<Inner>);

struct Inner {
    url: String,
    classical_max: Level,
    body: Duration,
    key: AccessKey,
    sign_ins: sign_in::SignIns,
    tokens: AccessTokens,
    office: Box<dyn office::Office>,
    clock: Clock,
    randomness: Mutex<Box<dyn Randomness + Send>>,
    seen: Mutex<Seen>,
    pace: Mutex<pace::Pace>,
    tally: tally::Tally,
}

impl KeyAccessService {
    /// A service that unwraps with `key` and answers as `office` says.
    ///
    /// # Errors
    ///
    /// See [`SettingsError`].
    pub fn new(
        settings: &Settings,
        key: AccessKey,
        sign_ins: sign_in::SignIns,
        office: impl office::Office,
        clock: Clock,
        mut randomness: Box<dyn Randomness + Send>,
    ) -> Result<Self, SettingsError> {
        let url = settings.url.clone();
        let host = url.strip_prefix("https://").or(url.strip_prefix("http://"));
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        if !host.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed)) {
            return Err(SettingsError::Url { url });
        }
        let tokens = AccessTokens::new(url.clone(), settings.token_lifetime_s, &mut *randomness);
        Ok(Self(Arc::new(Inner {
            url,
            classical_max: settings.classical_max,
            body: settings.body,
            key,
            sign_ins,
            tokens,
            office: Box::new(office),
            clock,
            randomness: Mutex::new(randomness),
            seen: Mutex::new(Seen::default()),
            pace: Mutex::new(pace::Pace::new(settings.keys_per_minute)),
            tally: tally::Tally::default(),
        })))
    }

    /// Its routes.
    pub fn routes(&self) -> Router {
        Router::new()
            .route("/.well-known/opentdf-configuration", get(discovery))
            .route(CONFIGURATION_PATH, post(configuration))
            .route(PUBLIC_KEY_PATH, post(public_key))
            .route(REWRAP_PATH, post(rewrap))
            .route(TOKEN_PATH, post(token))
            .route(REALM_TOKEN_PATH, post(token))
            .fallback(|| async { text(StatusCode::NOT_FOUND, "there is nothing here\n") })
            .with_state(Arc::clone(&self.0))
    }

    /// What it did so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.tally.counts()
    }
}

impl Inner {
    fn now(&self) -> Result<UtcTime, ConnectError> {
        (self.clock)().ok_or_else(|| {
            tracing::error!("the clock shows a time that no log can hold");
            ConnectError::new(ErrorCode::Unavailable, "the service does not know the time")
        })
    }

    /// Uses an id once. What a panic left half done here is whole: a map has the id or has it not.
    fn used(&self, id: Digest, until: u64, now: u64) -> Use {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).note(id, until, now)
    }

    fn paced(&self, client: &str, wanted: u32, now: u64) -> bool {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).admits(client, wanted, now)
    }

    fn with_randomness<T>(&self, work: impl FnOnce(&mut dyn Randomness) -> T) -> T {
        work(&mut **self.randomness.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What clients discover.
    fn configuration(&self) -> serde_json::Value {
        let at = |path: &str| format!("{}{path}", self.url);
        let public = self.key.public();
        json!({
            "platform_issuer": self.url,
            "idp": {"issuer": self.url, "token_endpoint": at(TOKEN_PATH)},
            "kas": {
                "uri": at("/kas"),
                "algorithms": Wrapping::ALL.map(Wrapping::algorithm),
                "connect_rewrap_url": at(REWRAP_PATH),
                "connect_public_key_url": at(PUBLIC_KEY_PATH),
            },
            "base_key": {
                "kas_uri": at("/kas"),
                "public_key": {
                    "algorithm": Wrapping::Rsa2048.algorithm(),
                    "kid": public.kid(Wrapping::Rsa2048).to_string(),
                    "pem": public.pem(Wrapping::Rsa2048),
                },
            },
        })
    }

    fn public_key(&self, request: &PublicKeyRequest) -> Result<PublicKeyResponse, ConnectError> {
        let wrapping = match request.algorithm.as_str() {
            // Clients that name none mean RSA.
            "" => Some(Wrapping::Rsa2048),
            name => Wrapping::ALL.into_iter().find(|wrapping| wrapping.algorithm() == name),
        };
        let wrapping = wrapping.filter(|_| ["", "pkcs8"].contains(&request.fmt.as_str()));
        let wrapping =
            wrapping.ok_or_else(|| ConnectError::new(ErrorCode::NotFound, "the service has no such key"))?;
        let public = self.key.public();
        Ok(PublicKeyResponse {
            public_key: public.pem(wrapping).to_owned(),
            kid: public.kid(wrapping).to_string(),
        })
    }
}

/// A message with its causes, for the operator.
fn causes(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(&format!(": {error}"));
        cause = error.source();
    }
    words
}

async fn discovery(State(inner): State<Arc<Inner>>) -> Response {
    connect::answer(StatusCode::OK, "application/json", inner.configuration().to_string().into_bytes())
}

/// Reads a Connect request: its codec, and the message unpacked.
async fn called(inner: &Inner, headers: &HeaderMap, body: Body) -> Result<(Codec, Vec<u8>), Box<Response>> {
    let codec = Codec::of(headers)?;
    let body = read_body(body, REQUEST_BYTES_MAX, inner.body).await.map_err(|answer| {
        let error = match answer.status() {
            StatusCode::REQUEST_TIMEOUT => {
                ConnectError::new(ErrorCode::DeadlineExceeded, "the request did not come in time")
            }
            _ => ConnectError::new(ErrorCode::ResourceExhausted, "the request is too long or broke off"),
        };
        Box::new(error.into_response())
    })?;
    let body = unpacked(headers, body).map_err(|error| Box::new(error.into_response()))?;
    Ok((codec, body))
}

async fn configuration(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Body) -> Response {
    let (codec, body) = match called(&inner, &headers, body).await {
        Ok(called) => called,
        Err(answer) => return *answer,
    };
    match wire::read::<ConfigurationRequest>(codec, &body) {
        Ok(ConfigurationRequest {}) => connect::reply(codec, &Configuration(inner.configuration())),
        Err(error) => error.into_response(),
    }
}

async fn public_key(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Body) -> Response {
    let (codec, body) = match called(&inner, &headers, body).await {
        Ok(called) => called,
        Err(answer) => return *answer,
    };
    match wire::read(codec, &body).and_then(|request| inner.public_key(&request)) {
        Ok(reply) => connect::reply(codec, &reply),
        Err(error) => error.into_response(),
    }
}

async fn rewrap(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Body) -> Response {
    let (codec, body) = match called(&inner, &headers, body).await {
        Ok(called) => called,
        Err(answer) => return *answer,
    };
    blocking(move || match inner.rewrap(&headers, codec, &body) {
        Ok(reply) => connect::reply(codec, &reply),
        Err(error) => error.into_response(),
    })
    .await
}

async fn token(State(inner): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: Body) -> Response {
    let form = match read_body(body, token_endpoint::FORM_BYTES_MAX, inner.body).await {
        Ok(form) => zeroize::Zeroizing::new(form),
        Err(answer) => return *answer,
    };
    blocking(move || {
        let now = match inner.now() {
            Ok(now) => now.posix_seconds(),
            Err(error) => return error.into_response(),
        };
        match inner.token(&headers, uri.path(), &form, now) {
            Ok((response, sign_in)) => {
                tracing::info!(receiver = %sign_in.receiver, client = %sign_in.client, "token");
                response
            }
            Err(error) => {
                inner.tally.nobody(&causes(&error));
                error.response()
            }
        }
    })
    .await
}
