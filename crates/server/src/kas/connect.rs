//! The Connect protocol's unary calls, as far as clients of key access services use it: POST, two codecs, gzip, errors in JSON.
//!
//! # Guarantee
//!
//! No request costs more memory than a few times [`REQUEST_BYTES_MAX`], whatever it unpacks to.
//!
//! # Source
//!
//! Connect protocol (connectrpc.com/docs/protocol): "Unary-Request", "Unary-Response", "Error Codes".

use std::borrow::Cow;
use std::io::Read as _;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use serde_json::json;

use super::wire::Reply;

/// The longest request, packed and unpacked: a request names the policy twice and each key object twice.
pub(super) const REQUEST_BYTES_MAX: usize = 256 * 1024;

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Json,
    Proto,
}

/// What went wrong, in the protocol's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorCode {
    InvalidArgument,
    Unauthenticated,
    NotFound,
    ResourceExhausted,
    DeadlineExceeded,
    Unimplemented,
    Unavailable,
}

impl ErrorCode {
    fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Unauthenticated => "unauthenticated",
            Self::NotFound => "not_found",
            Self::ResourceExhausted => "resource_exhausted",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Unimplemented => "unimplemented",
            Self::Unavailable => "unavailable",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidArgument => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            Self::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            Self::Unimplemented => StatusCode::NOT_IMPLEMENTED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// An error as the client gets it: nothing of the inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConnectError {
    pub(super) code: ErrorCode,
    message: Cow<'static, str>,
}

impl ConnectError {
    pub(super) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }
}

impl IntoResponse for ConnectError {
    fn into_response(self) -> Response {
        let body = json!({"code": self.code.name(), "message": self.message});
        let mut response = answer(self.code.status(), "application/json", body.to_string().into_bytes());
        if self.code == ErrorCode::Unauthenticated {
            // RFC 9449, section 7.1.
            let ask = HeaderValue::from_static("DPoP algs=\"EdDSA ES256 RS256\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
        }
        response
    }
}

/// An answer that no cache keeps and no browser guesses about.
pub(super) fn answer(status: StatusCode, media_type: &'static str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body).into_response()
}

/// A reply as the request's codec has it.
pub(super) fn reply(codec: Codec, reply: &impl Reply) -> Response {
    let (media_type, body) = match codec {
        Codec::Json => ("application/json", reply.to_json().to_string().into_bytes()),
        Codec::Proto => ("application/proto", reply.to_proto()),
    };
    answer(StatusCode::OK, media_type, body)
}

impl Codec {
    /// What the request is written in; nothing else is answered.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Box<Response>> {
        let media_type = one(headers, header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
        match media_type.split(';').next().unwrap_or_default().trim() {
            "application/json" => Ok(Self::Json),
            "application/proto" => Ok(Self::Proto),
            _ => Err(Box::new(answer(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "text/plain; charset=utf-8",
                b"send application/json or application/proto\n".to_vec(),
            ))),
        }
    }
}

/// The only value of a header; two of one are none.
pub(super) fn one(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// The body as it was before it was packed.
pub(super) fn unpacked(headers: &HeaderMap, body: Vec<u8>) -> Result<Vec<u8>, ConnectError> {
    if !headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(body);
    }
    match one(headers, header::CONTENT_ENCODING) {
        Some("identity") => Ok(body),
        Some("gzip") => gunzip(&body),
        _ => Err(ConnectError::new(ErrorCode::Unimplemented, "packed by other means than gzip")),
    }
}

fn gunzip(packed: &[u8]) -> Result<Vec<u8>, ConnectError> {
    let broken = |_| ConnectError::new(ErrorCode::InvalidArgument, "the request is not gzip");
    let mut decoder = GzDecoder::new(packed);
    let mut bytes = Vec::new();
    let limit = REQUEST_BYTES_MAX as u64 + 1;
    decoder.by_ref().take(limit).read_to_end(&mut bytes).map_err(broken)?;
    if bytes.len() > REQUEST_BYTES_MAX {
        return Err(ConnectError::new(ErrorCode::ResourceExhausted, "the request is too long"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn encoded(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static(encoding))])
    }

    #[test]
    fn what_was_packed_is_unpacked_up_to_the_limit() {
        let code = |result: Result<Vec<u8>, ConnectError>| result.unwrap_err().code;
        let bytes = vec![b'x'; REQUEST_BYTES_MAX];
        assert_eq!(unpacked(&encoded("gzip"), packed(&bytes)).unwrap(), bytes);
        assert_eq!(unpacked(&encoded("identity"), bytes.clone()).unwrap(), bytes);
        assert_eq!(unpacked(&HeaderMap::new(), bytes.clone()).unwrap(), bytes);
        // A gigabyte packs to a megabyte: the limit is on what comes out.
        let bomb = packed(&vec![0; 64 << 20]);
        assert_eq!(code(unpacked(&encoded("gzip"), bomb)), ErrorCode::ResourceExhausted);
        let mut cut = packed(b"some bytes");
        cut.pop();
        assert_eq!(code(unpacked(&encoded("gzip"), cut)), ErrorCode::InvalidArgument);
        assert_eq!(code(unpacked(&encoded("gzip"), b"{}".to_vec())), ErrorCode::InvalidArgument);
        assert_eq!(code(unpacked(&encoded("br"), b"{}".to_vec())), ErrorCode::Unimplemented);
    }

    #[test]
    fn a_header_that_comes_twice_is_none() {
        let mut headers = encoded("gzip");
        assert_eq!(one(&headers, header::CONTENT_ENCODING), Some("gzip"));
        headers.append(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(one(&headers, header::CONTENT_ENCODING), None);
        assert!(unpacked(&headers, Vec::new()).is_err());
    }
}
