//! Asking others over HTTP: one call with a limit on time and on bytes, over TLS where the address says so.
//!
//! Not a browser: no redirects, no cookies, no proxies of the environment. Certificates are believed by the roots that the
//! caller gives, none otherwise; TLS is rustls with aws-lc-rs.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

/// An answer of another service, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Media type as it was given, empty when it was not.
    pub media_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Not in time.
    #[error("no answer came in time")]
    Late,
    /// More bytes than asked for.
    #[error("the answer is longer than {allowed} bytes")]
    TooLong {
        /// Bytes allowed.
        allowed: usize,
    },
    /// No connection, no TLS, or not HTTP.
    #[error("the service could not be asked")]
    Unreachable(#[source] Box<ureq::Error>),
    /// No certificates to believe by.
    #[error("the file of root certificates holds none, or is not PEM")]
    Roots,
}

impl ClientError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Late => "try again later, or allow more time",
            Self::TooLong { .. } => "tell the operator of the service: it sends what it should not",
            Self::Unreachable(_) => "check address, network and root certificates",
            Self::Roots => "give a PEM file with the certificates of the authorities that you trust",
        }
    }

    /// Whether the same call may have an answer in a moment.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Late | Self::Unreachable(_) => true,
            Self::TooLong { .. } | Self::Roots => false,
        }
    }
}

/// A client; clones share connections.
#[derive(Clone, Debug)]
pub struct Client(Agent);

impl Client {
    /// A client that believes certificates by these roots (PEM). Without roots only `http` can be asked.
    ///
    /// # Errors
    ///
    /// [`ClientError::Roots`].
    pub fn new(roots_pem: Option<&[u8]>) -> Result<Self, ClientError> {
        let mut roots = Vec::new();
        for item in roots_pem.iter().flat_map(|pem| parse_pem(pem)) {
            if let PemItem::Certificate(certificate) = item.map_err(|_| ClientError::Roots)? {
                roots.push(certificate);
            }
        }
        if roots_pem.is_some() && roots.is_empty() {
            return Err(ClientError::Roots);
        }
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent("tearline")
            .build();
        Ok(Self(config.new_agent()))
    }

    /// Fetches a file of `length_max` bytes at most.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub fn get(&self, url: &str, length_max: usize, time: Duration) -> Result<Answer, ClientError> {
        let request = self.0.get(url).config().timeout_global(Some(time)).build();
        read(request.call(), length_max)
    }

    /// Hands in a text; the answer has `length_max` bytes at most.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub fn post(
        &self,
        url: &str,
        body: &str,
        length_max: usize,
        time: Duration,
    ) -> Result<Answer, ClientError> {
        let request = self.0.post(url).content_type("text/plain; charset=utf-8");
        read(request.config().timeout_global(Some(time)).build().send(body), length_max)
    }
}

fn read(
    called: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    length_max: usize,
) -> Result<Answer, ClientError> {
    let failed = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => ClientError::Late,
        ureq::Error::BodyExceedsLimit(_) => ClientError::TooLong { allowed: length_max },
        other => ClientError::Unreachable(Box::new(other)),
    };
    let mut response = called.map_err(failed)?;
    let media_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(length_max as u64).read_to_vec().map_err(failed)?;
    Ok(Answer { status, media_type, body })
}
