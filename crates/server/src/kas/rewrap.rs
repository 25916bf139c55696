//! A request for keys, from the headers to the wrapped keys.
//!
//! The order: who asks, by what key it is signed, what it asks for; then key by key: what the object holds, what the policy says, what
//! the office says, the entry in the log, the key. Requests that nobody known has sent, or that are about no release of the office,
//! are refused and counted but not logged: a log that strangers could write to would be theirs to fill.

use axum::http::HeaderMap;
use ledger::Digest;
use ledger::act::{AccessDecision, AccessRefusal, Code, UtcTime};
use package::access::{ContentKey, KeyAccess, Wrapping};

use super::connect::{Codec, ConnectError, ErrorCode};
use super::jws::Jws;
use super::office::Question;
use super::proof::normal;
use super::request::{AGE_MAX_S, AskedObject, AskedPolicy, Policy, Request, SignedBody, TOKEN_BYTES_MAX};
use super::seen::Use;
use super::sign_in::SignIn;
use super::wire::{ObjectResult, PolicyResult, RewrapRequest, RewrapResponse, read};
use super::{Inner, REWRAP_PATH};

/// One object of a request, as far as it can be told before anybody is asked.
enum Object {
    /// A key wrapped for this service, under a policy that names a release.
    Ours(Box<KeyAccess>, Policy),
    /// Not for this service, or about no release; and why.
    Other(&'static str),
}

impl Inner {
    /// Answers a request for keys.
    pub(super) fn rewrap(
        &self,
        headers: &HeaderMap,
        codec: Codec,
        bytes: &[u8],
    ) -> Result<RewrapResponse, ConnectError> {
        let now = self.now()?;
        let second = now.posix_seconds();
        let caller = self.caller(headers, REWRAP_PATH, second).map_err(|error| {
            self.tally.nobody(&error);
            ConnectError::new(ErrorCode::Unauthenticated, error.to_string())
        })?;
        let message: RewrapRequest = read(codec, bytes)?;
        let unsigned = |error: super::request::RequestError| {
            self.tally.nobody(&error);
            ConnectError::new(ErrorCode::Unauthenticated, error.to_string())
        };
        let jws = Jws::read(&message.signed_request_token, TOKEN_BYTES_MAX)
            .map_err(|error| unsigned(error.into()))?;
        let signed = SignedBody::read(&jws, caller.key.as_ref()).map_err(|error| unsigned(error.into()))?;
        let body = signed.at(second).map_err(unsigned)?;
        self.first_use(&caller.sign_in, jws.digest(), second)?;
        let request = Request::from_json(body).map_err(|error| {
            self.tally.malformed();
            ConnectError::new(ErrorCode::InvalidArgument, error.to_string())
        })?;
        self.answer(&caller.sign_in, &request, now)
    }

    /// A request counts once, so that nobody who saw it can have the answer, and the log the entries, again.
    fn first_use(&self, sign_in: &SignIn, digest: Digest, now: u64) -> Result<(), ConnectError> {
        let id = Digest::of_parts(&[b"request\0", sign_in.client.as_bytes(), b"\0", digest.as_bytes()]);
        match self.used(id, now.saturating_add(2 * AGE_MAX_S), now) {
            Use::First => Ok(()),
            Use::Again => {
                self.tally.nobody(&"the request was sent before");
                Err(ConnectError::new(ErrorCode::Unauthenticated, "the request was sent before"))
            }
            Use::Full => Err(ConnectError::new(ErrorCode::Unavailable, "the service is too busy")),
        }
    }

    fn answer(
        &self,
        sign_in: &SignIn,
        request: &Request,
        now: UtcTime,
    ) -> Result<RewrapResponse, ConnectError> {
        let invalid = |words: &'static str| Err(ConnectError::new(ErrorCode::InvalidArgument, words));
        let objects: Vec<Vec<(&str, Object)>> =
            request.policies.iter().map(|policy| self.objects(policy)).collect();
        let ours = objects.iter().flatten().filter(|(_, object)| matches!(object, Object::Ours(..))).count();
        // The answer has room for one half of one agreement.
        if ours > 1 && request.client_key.wrapping() == Wrapping::P256 {
            return invalid("ask for one key at a time with a P-256 key, or for several with an RSA key");
        }
        let wanted = u32::try_from(ours).unwrap_or(u32::MAX);
        if !self.paced(&sign_in.client, wanted, now.posix_seconds()) {
            self.tally.malformed();
            return Err(ConnectError::new(ErrorCode::ResourceExhausted, "too many requests in this minute"));
        }
        let mut response = RewrapResponse::default();
        for (policy, objects) in request.policies.iter().zip(objects) {
            let mut result = PolicyResult { policy_id: policy.id.clone(), results: Vec::new() };
            for (id, object) in objects {
                let answered = match object {
                    Object::Other(words) => {
                        self.tally.malformed();
                        ObjectResult::fail(id.to_owned(), words.to_owned())
                    }
                    Object::Ours(access, said) => {
                        let asked =
                            Asked { sign_in, request, body: &policy.body, access: &access, said: &said, now };
                        self.key(&asked, id, &mut response.session_public_key)?
                    }
                };
                result.results.push(answered);
            }
            response.responses.push(result);
        }
        Ok(response)
    }

    fn objects<'a>(&self, policy: &'a AskedPolicy) -> Vec<(&'a str, Object)> {
        let said = Policy::from_base64(&policy.body);
        let object = |object: &'a AskedObject| {
            let told = match (KeyAccess::from_json(object.json.as_bytes()), &said) {
                (Err(_), _) => Object::Other("the key access object cannot be read"),
                (Ok(access), _) if !self.is_ours(access.url()) => {
                    Object::Other("the key is at another service")
                }
                (Ok(_), None) => Object::Other("the policy names no release of this office"),
                (Ok(access), Some(said)) => Object::Ours(Box::new(access), said.clone()),
            };
            (object.id.as_str(), told)
        };
        policy.objects.iter().map(object).collect()
    }

    /// Clients write the address with or without the path that every such service has, and with ports that go without saying.
    fn is_ours(&self, url: &str) -> bool {
        let url = normal(url.trim_end_matches('/'));
        let own = normal(&self.url);
        url == own || url.strip_suffix("/kas") == Some(own.as_str())
    }

    /// One key: the office's answer, logged; then, if it is yes, the key.
    fn key(&self, asked: &Asked<'_>, id: &str, session: &mut String) -> Result<ObjectResult, ConnectError> {
        let broken = |error: &dyn std::error::Error| {
            tracing::error!(error = %crate::kas::causes(error), "key access failed");
            ConnectError::new(
                ErrorCode::Unavailable,
                "the request could not be answered and logged; try again",
            )
        };
        let (found, key) = self.held(asked);
        let receiver = &asked.sign_in.receiver;
        let question = Question {
            proposal: asked.said.proposal,
            package: asked.said.package.clone(),
            receiver: receiver.clone(),
            client_key: asked.request.client_key.digest(),
            label: asked.said.label,
            classical_max: self.classical_max,
            found,
            now: asked.now,
        };
        let decision = self.office.answer(question).map_err(|error| broken(&error))?;
        self.tally.answered(decision);
        tracing::info!(
            receiver = %receiver,
            client = %asked.sign_in.client,
            package = %asked.said.package,
            proposal = %asked.said.proposal,
            decision = word(decision),
            "key access"
        );
        match (decision, key) {
            (AccessDecision::Granted, Some(key)) => {
                let wrapped = self.with_randomness(|draw| key.rewrap(&asked.request.client_key, draw));
                let wrapped = wrapped.map_err(|error| broken(&error))?;
                if let Some(pem) = wrapped.session_public_key_pem {
                    *session = pem;
                }
                Ok(ObjectResult::permit(id.to_owned(), wrapped.wrapped))
            }
            (AccessDecision::Refused(reason), _) => {
                let words = format!("{}: {reason}; {}", reason.word(), reason.advice());
                Ok(ObjectResult::fail(id.to_owned(), words))
            }
            // INVARIANT: without a key there is something found against the request, and the office grants no such request.
            (AccessDecision::Granted, None) => Err(broken(&super::office::OfficeError::Closed)),
        }
    }

    /// What the service alone can tell: whether the object holds a key of its own, which policy is bound to that key, and whom the
    /// policy names. The reason is the first one in the order of [`AccessRefusal::ALL`].
    fn held(&self, asked: &Asked<'_>) -> (Option<AccessRefusal>, Option<ContentKey>) {
        let Ok(key) = self.key.unwrap(asked.access) else { return (Some(AccessRefusal::ForeignKey), None) };
        if !key.policy_bound(asked.body, asked.access.policy_binding()) {
            return (Some(AccessRefusal::Binding), None);
        }
        if !names(asked.said, &asked.sign_in.receiver) {
            return (Some(AccessRefusal::Addressee), None);
        }
        (None, Some(key))
    }
}

/// One key of a request with all that is known about it.
struct Asked<'a> {
    sign_in: &'a SignIn,
    request: &'a Request,
    /// The policy in base64, as it was bound.
    body: &'a str,
    access: &'a KeyAccess,
    said: &'a Policy,
    now: UtcTime,
}

fn names(policy: &Policy, receiver: &Code) -> bool {
    policy.receiver.as_ref() == Some(receiver)
}

fn word(decision: AccessDecision) -> &'static str {
    match decision {
        AccessDecision::Granted => "granted",
        AccessDecision::Refused(reason) => reason.word(),
    }
}
