//! The key access service from outside: who gets a key, who does not and why, and what is in the log of it.

use std::io::Write as _;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use ledger::Digest;
use ledger::act::{ActBody, Level, Reason, Withdraw};
use package::access::Wrapping;
use prost::Message as _;
use serde_json::{Value, json};

use desk::{CONTENT_KEY, ClientRsa, Desk, Hands, REWRAP, Reply, URL, credential, label, policy};

use crate::office::Office;

mod desk;

const PUBLIC_KEY: &str = "/kas.AccessService/PublicKey";
const CONFIGURATION: &str = "/wellknownconfiguration.WellKnownService/GetWellKnownConfiguration";
const DISCOVERY: &str = "/.well-known/opentdf-configuration";

fn words(reply: &Reply) -> String {
    let body = reply.json();
    body["message"].as_str().or(body["error"].as_str()).unwrap_or_default().to_owned()
}

#[test]
fn what_is_no_route_by_its_method_is_denied() {
    let desk = Desk::open();
    let routes = [
        ("GET", DISCOVERY),
        ("POST", CONFIGURATION),
        ("POST", PUBLIC_KEY),
        ("POST", REWRAP),
        ("POST", "/token"),
        ("POST", "/protocol/openid-connect/token"),
    ];
    for (allowed, path) in routes {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let reply = desk.send(method, path, &[], b"");
            let denied = reply.status == 405;
            // HEAD and GET apart, a route has one method.
            assert_eq!(denied, method != allowed, "{method} {path}: {}", reply.status);
        }
        let beside = [format!("{path}/"), format!("{path}/x"), path.to_uppercase(), format!("/x{path}")];
        for other in beside.iter().filter(|other| *other != path) {
            assert_eq!(desk.send(allowed, other, &[], b"").status, 404, "{other}");
        }
    }
    for path in ["/", "/kas/v2/rewrap", "/kas/v2/kas_public_key", "/kas.AccessService/Info", "/checkpoint"] {
        for method in ["GET", "POST"] {
            assert_eq!(desk.send(method, path, &[], b"").status, 404, "{path}");
        }
    }
    desk.close();
}

#[test]
fn anybody_discovers_the_service_and_its_public_keys() {
    let desk = Desk::open();
    let found = desk.send("GET", DISCOVERY, &[], b"").json();
    assert_eq!(found["platform_issuer"], URL);
    assert_eq!(found["idp"]["token_endpoint"], format!("{URL}/token"));
    assert_eq!(found["kas"]["connect_rewrap_url"], format!("{URL}{REWRAP}"));
    assert_eq!(desk.post(CONFIGURATION, &[], &json!({})).json()["configuration"], found);
    for (algorithm, wrapping) in
        [("", Wrapping::Rsa2048), ("rsa:2048", Wrapping::Rsa2048), ("ec:secp256r1", Wrapping::P256)]
    {
        let reply = desk.post(PUBLIC_KEY, &[], &json!({"algorithm": algorithm, "v": "2"})).json();
        assert_eq!(reply["publicKey"], desk.public.pem(wrapping));
        assert_eq!(reply["kid"], desk.public.kid(wrapping).to_string());
    }
    for other in [json!({"algorithm": "hpqt:xwing"}), json!({"fmt": "jwk"})] {
        assert_eq!(desk.post(PUBLIC_KEY, &[], &other).status, 404);
    }
    for (media_type, status) in [("application/grpc", 415), ("text/plain", 415), ("", 415)] {
        let reply = desk.send("POST", PUBLIC_KEY, &[("content-type", media_type)], b"{}");
        assert_eq!(reply.status, status, "{media_type}");
    }
    assert_eq!(desk.post(PUBLIC_KEY, &[], &json!([])).status, 400);
    assert_eq!(desk.post(PUBLIC_KEY, &[], &json!("x".repeat(300_000))).status, 429);
    desk.close();
}

#[test]
fn a_token_is_for_a_known_client_by_one_way_of_signing_in() {
    let desk = Desk::open();
    let hands = Hands::new(1);
    let proof = || hands.proof(&desk.claims("/token"));
    let secret = |number| credential(number).reveal().to_owned();
    let form = |client: &str, secret: &str| {
        format!("grant_type=client_credentials&client_id={client}&client_secret={secret}")
    };
    let good = form("acme", &secret(1));
    let bound = desk.form(&[("dpop", &proof())], &good).json();
    assert_eq!((&bound["token_type"], &bound["expires_in"]), (&json!("DPoP"), &json!(300)));
    let basic = format!("Basic {}", STANDARD.encode(format!("bolt:{}", secret(2))));
    let registered = desk.form(&[("authorization", &basic)], "grant_type=client_credentials").json();
    assert_eq!(registered["token_type"], "Bearer");
    let refused = |headers: &[(&str, &str)], form: &str| {
        let reply = desk.form(headers, form);
        assert!(reply.status == 400 || reply.status == 401, "{reply:?}");
        reply.json()["error"].as_str().unwrap().to_owned()
    };
    // It has to prove a key, and shows none.
    assert_eq!(refused(&[], &good), "invalid_dpop_proof");
    let used = proof();
    assert_eq!(desk.form(&[("dpop", &used)], &good).status, 200);
    assert_eq!(refused(&[("dpop", &used)], &good), "invalid_dpop_proof");
    let elsewhere = hands.proof(&desk.claims(REWRAP));
    assert_eq!(refused(&[("dpop", &elsewhere)], &good), "invalid_dpop_proof");
    for (client, number) in [("acme", 2), ("nobody", 1), ("bolt", 1), ("old", 3)] {
        assert_eq!(refused(&[("dpop", &proof())], &form(client, &secret(number))), "invalid_client");
    }
    assert_eq!(refused(&[], "grant_type=client_credentials"), "invalid_client");
    assert_eq!(refused(&[], &good.replace("client_credentials", "password")), "unsupported_grant_type");
    assert_eq!(refused(&[("authorization", &basic)], &good), "invalid_request");
    assert_eq!(refused(&[], &format!("{good}&client_id=bolt")), "invalid_request");
    let plain = desk.send("POST", "/token", &[("content-type", "application/json")], good.as_bytes());
    assert_eq!(plain.status, 400);
    assert_eq!(desk.send("POST", "/token", &[], &[b'x'; 20_000]).status, 413);
    desk.close();
}

#[test]
fn an_assertion_is_by_the_registered_key_for_this_service_and_one_use() {
    let desk = Desk::open();
    let claims = |change: &dyn Fn(&mut Value)| {
        let now = desk.hand.seconds();
        let nonce = desk.claims("")["jti"].clone();
        let mut claims = json!({"iss": "bolt", "sub": "bolt", "aud": format!("{URL}/token"), "exp": now + 60, "jti": nonce});
        change(&mut claims);
        claims
    };
    let assertion = |signer: &Hands, claims: &Value| signer.sign(&json!({"alg": "EdDSA"}), claims);
    let status = |assertion: &str| {
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let form = format!(
            "grant_type=client_credentials&client_assertion_type={kind}&client_assertion={assertion}"
        );
        desk.form(&[], &form).status
    };
    let bolt = Hands::new(2);
    let good = assertion(&bolt, &claims(&|_| ()));
    assert_eq!((status(&good), status(&good)), (200, 401));
    assert_eq!(status(&assertion(&bolt, &claims(&|claims| claims["aud"] = json!(["x", URL])))), 200);
    assert_eq!(status(&assertion(&Hands::new(1), &claims(&|_| ()))), 401);
    let now = desk.hand.seconds();
    for (name, value) in [
        ("iss", json!("acme")),
        ("sub", json!("acme")),
        ("sub", json!("nobody")),
        ("aud", json!("https://other.example/token")),
        ("exp", json!(now)),
        ("exp", json!(now + 301)),
        ("exp", json!("soon")),
        ("jti", json!("")),
    ] {
        let changed = claims(&|claims| claims[name] = value.clone());
        assert_eq!(status(&assertion(&bolt, &changed)), 401, "{name} {value}");
    }
    desk.close();
}

/// Somebody who has a bound token of `acme`, and perhaps its key.
struct Thief<'a> {
    desk: &'a Desk,
    hands: Hands,
    token: String,
}

impl<'a> Thief<'a> {
    fn of(desk: &'a Desk) -> Self {
        let hands = Hands::new(1);
        let token = desk.token("acme", 1, &hands);
        Self { desk, hands, token }
    }

    fn send(&self, authorization: &str, proof: Option<&str>, request: &str) -> Reply {
        let mut headers = vec![("authorization", authorization)];
        headers.extend(proof.map(|proof| ("dpop", proof)));
        self.desk.post(REWRAP, &headers, &json!({"signedRequestToken": request}))
    }

    /// With the token, under this proof.
    fn bound(&self, proof: &str, request: &str) -> Reply {
        self.send(&format!("DPoP {}", self.token), Some(proof), request)
    }

    /// A proof of which one claim is another.
    fn proof(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.desk.claims_with(&self.token);
        change(&mut claims);
        self.hands.proof(&claims)
    }

    /// A proof as it should be.
    fn fine(&self) -> String {
        self.proof(|_| ())
    }
}

fn nobody(reply: &Reply, said: &str) {
    assert_eq!(reply.status, 401, "{said}: {reply:?}");
    assert!(words(reply).contains(said), "{said}: {}", words(reply));
}

#[test]
fn tokens_and_proofs_of_somebody_else_are_nobodys() {
    let desk = Desk::open();
    let before = desk.size();
    let thief = Thief::of(&desk);
    let (hands, other, token) = (&thief.hands, Hands::new(7), &thief.token);
    nobody(&desk.post(REWRAP, &[], &json!({})), "no access token");
    nobody(&thief.send("Basic eDp5", None, ""), "no access token");
    nobody(&thief.send("Bearer x.y.z", None, ""), "not one of this service");
    nobody(&thief.send(&format!("DPoP {token}"), None, ""), "there is no DPoP proof");
    nobody(&thief.send(&format!("Bearer {token}"), None, ""), "there is no DPoP proof");
    nobody(&thief.bound(&other.proof(&desk.claims_with(token)), ""), "by another key");
    let now = desk.hand.seconds();
    for (claim, value, said) in [
        ("htm", json!("GET"), "`htm`"),
        ("htu", json!(format!("{URL}/token")), "`htu`"),
        ("htu", json!(format!("https://evil.example{REWRAP}")), "`htu`"),
        ("ath", json!("x"), "`ath`"),
        ("jti", json!(""), "`jti`"),
        ("iat", json!(now - 61), "too long ago"),
        ("iat", json!(now + 31), "too long ago"),
    ] {
        nobody(&thief.bound(&thief.proof(|claims| claims[claim] = value), ""), said);
    }
    let header = |header: Value| hands.sign(&header, &desk.claims_with(token));
    nobody(&thief.bound(&header(json!({"alg": "EdDSA", "jwk": hands.jwk()})), ""), "another type");
    let theirs = header(json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": other.jwk()}));
    nobody(&thief.bound(&theirs, ""), "not a token signed by the key");
    assert_eq!((desk.size(), desk.counts().unauthenticated), (before, 15));
    desk.close();
}

#[test]
fn requests_that_are_not_signed_by_the_proved_key_now_and_once_are_nobodys() {
    let desk = Desk::open();
    let before = desk.size();
    let (thief, rsa) = (Thief::of(&desk), ClientRsa::new());
    let policy = desk.policy("ACME");
    let object = desk.object(&policy, Wrapping::Rsa2048);
    let request = || desk.request(&rsa, &policy, &object);
    let signed = |signer: &Hands, claims: &Value| signer.sign(&json!({"alg": "EdDSA"}), claims);
    let with = |name: &str, value: u64| {
        let mut claims = request();
        claims[name] = json!(value);
        signed(&thief.hands, &claims)
    };
    let now = desk.hand.seconds();
    for (request, said) in [
        ("x".to_owned(), "not a compact JWS"),
        (signed(&Hands::new(7), &request()), "signature does not hold"),
        (thief.hands.sign(&json!({"alg": "none"}), &request()), "algorithm"),
        (with("iat", now - 301), "too long ago"),
        (with("iat", now + 31), "too long ago"),
        (with("exp", now), "too long ago"),
    ] {
        nobody(&thief.bound(&thief.fine(), &request), said);
    }
    assert_eq!(desk.size(), before);
    // The same proof twice; the same request twice, under proofs of their own.
    let (proof, once) = (thief.fine(), signed(&thief.hands, &request()));
    assert_eq!(thief.bound(&proof, &once).result()["status"], "permit");
    nobody(&thief.bound(&proof, &signed(&thief.hands, &request())), "used before");
    nobody(&thief.bound(&thief.fine(), &once), "sent before");
    desk.hand.pass(300);
    nobody(&thief.bound(&thief.fine(), &signed(&thief.hands, &request())), "not one of this service");
    assert_eq!(desk.counts().unauthenticated, 9);
    assert_eq!(desk.logged(), [("ACME".to_owned(), "granted".to_owned())]);
    desk.close();
}

#[test]
fn each_way_in_gets_the_key_that_it_may_have() {
    let desk = Desk::open();
    let (hands, rsa) = (Hands::new(1), ClientRsa::new());
    let policy = desk.policy("ACME");
    for wrapping in Wrapping::ALL {
        let token = desk.token("acme", 1, &hands);
        let object = desk.object(&policy, wrapping);
        let result = desk.ask(&hands, &token, &desk.request(&rsa, &policy, &object)).result();
        assert_eq!((&result["status"], &result["keyAccessObjectId"]), (&json!("permit"), &json!("k")));
        let wrapped = STANDARD.decode(result["kasWrappedKey"].as_str().unwrap()).unwrap();
        assert_eq!(rsa.unwrap(&wrapped), CONTENT_KEY);
    }
    // By a bearer token, with a request that is signed by nobody knows whom.
    let object = desk.object(&policy, Wrapping::Rsa2048);
    let request = Hands::new(9).sign(&json!({"alg": "EdDSA"}), &desk.request(&rsa, &policy, &object));
    let bearer = format!("Bearer {}", credential(3).reveal());
    let reply = desk.post(REWRAP, &[("authorization", &bearer)], &json!({"signedRequestToken": request}));
    assert_eq!(reply.result()["status"], "permit");
    // By the registered key, for a receiver that is no addressee; and with a request by another key than the registered one.
    let form =
        format!("grant_type=client_credentials&client_id=bolt&client_secret={}", credential(2).reveal());
    let token = desk.form(&[], &form).json()["access_token"].as_str().unwrap().to_owned();
    let authorization = format!("Bearer {token}");
    let by = |signer: &Hands| {
        let request = signer.sign(&json!({"alg": "EdDSA"}), &desk.request(&rsa, &policy, &object));
        desk.post(REWRAP, &[("authorization", &authorization)], &json!({"signedRequestToken": request}))
    };
    assert_eq!(by(&Hands::new(9)).status, 401);
    assert_eq!(by(&Hands::new(2)).result()["status"], "fail");
    let logged: Vec<String> = desk.logged().into_iter().map(|(receiver, _)| receiver).collect();
    assert_eq!(logged, ["ACME", "ACME", "ACME", "BOLT"]);
    desk.close();
}

#[test]
fn a_refusal_says_its_reason_and_is_in_the_log() {
    let desk = Desk::open();
    let (hands, rsa) = (Hands::new(1), ClientRsa::new());
    let right = desk.policy("ACME");
    let of_right = desk.object(&right, Wrapping::Rsa2048);
    let label = Digest::of(label().as_str().as_bytes());
    let other = Digest::of(b"another");
    let to_bolt = desk.policy("BOLT");
    let unlabelled = policy(&desk.proposal, None, "ACME");
    let mislabelled = policy(&desk.proposal, Some(&other), "ACME");
    let unknown = policy(&other, Some(&label), "ACME");
    let own = |policy: &str| desk.object(policy, Wrapping::Rsa2048);
    let changed = |name: &str, value: Value| {
        let mut object = of_right.clone();
        object[name] = value;
        object
    };
    let foreign = changed("wrappedKey", json!(STANDARD.encode([7; 256])));
    for (policy, object, word) in [
        (&unknown, own(&unknown), "unknown_release"),
        (&right, foreign, "foreign_key"),
        (&right, changed("kid", json!("0000")), "foreign_key"),
        (&to_bolt, of_right.clone(), "binding"),
        (&to_bolt, own(&to_bolt), "addressee"),
        (&unlabelled, own(&unlabelled), "label"),
        (&mislabelled, own(&mislabelled), "label"),
    ] {
        let token = desk.token("acme", 1, &hands);
        let before = desk.size();
        let result = desk.ask(&hands, &token, &desk.request(&rsa, policy, &object)).result();
        assert_eq!(result["status"], "fail");
        let said = result["error"].as_str().unwrap();
        assert!(said.starts_with(&format!("{word}: ")) && result.get("kasWrappedKey").is_none(), "{said}");
        assert_eq!(desk.size(), before + 1, "{word}");
        let logged = desk.logged();
        assert!(logged.iter().any(|(receiver, answer)| receiver == "ACME" && answer.starts_with("refused")));
    }
    assert_eq!(desk.counts().refused, 7);
    desk.close();
}

#[test]
fn what_is_about_no_release_or_another_service_is_not_logged() {
    let desk = Desk::open();
    let (hands, rsa) = (Hands::new(1), ClientRsa::new());
    let policy = desk.policy("ACME");
    let object = desk.object(&policy, Wrapping::Rsa2048);
    let mut elsewhere = object.clone();
    elsewhere["url"] = json!("https://receiver.invalid");
    let before = desk.size();
    let stranger =
        STANDARD.encode(r#"{"uuid":"00000000-0000-0000-0000-000000000000","body":{"dissem":null}}"#);
    for (policy, object, said) in [
        (policy.as_str(), json!({"type": "wrapped"}), "cannot be read"),
        (policy.as_str(), elsewhere, "another service"),
        (stranger.as_str(), object.clone(), "no release"),
        ("", object.clone(), "no release"),
    ] {
        let token = desk.token("acme", 1, &hands);
        let result = desk.ask(&hands, &token, &desk.request(&rsa, policy, &object)).result();
        assert!(result["error"].as_str().unwrap().contains(said), "{result}");
    }
    let status = |claims: &Value| desk.ask(&hands, &desk.token("acme", 1, &hands), claims).status;
    for body in ["{}", "[]", r#"{"clientPublicKey":"","requests":[]}"#] {
        let mut claims = desk.request(&rsa, &policy, &object);
        claims["requestBody"] = json!(body);
        assert_eq!(status(&claims), 400, "{body}");
    }
    let mut claims = desk.request(&rsa, &policy, &object);
    let body = claims["requestBody"].as_str().unwrap().replace("BEGIN PUBLIC", "BEGIN PRIVATE");
    claims["requestBody"] = json!(body);
    assert_eq!(status(&claims), 400);
    assert_eq!(desk.size(), before);
    assert_eq!(desk.counts().malformed, 8);
    desk.close();
}

#[test]
fn a_withdrawal_counts_from_its_entry_on_whoever_logged_it() {
    let desk = Desk::open();
    let (hands, rsa) = (Hands::new(1), ClientRsa::new());
    let policy = desk.policy("ACME");
    let object = desk.object(&policy, Wrapping::Rsa2048);
    let ask = || {
        let token = desk.token("acme", 1, &hands);
        desk.ask(&hands, &token, &desk.request(&rsa, &policy, &object)).result()
    };
    assert_eq!(ask()["status"], "permit");
    // Another process on the same store: the service learns of it by its own entry not fitting.
    let withdraw = Withdraw { proposal: desk.proposal, reason: Reason::new("an error in it").unwrap() };
    desk.office.journal().act(ActBody::Withdraw(withdraw)).unwrap();
    assert!(ask()["error"].as_str().unwrap().starts_with("withdrawn: "));
    let answers: Vec<String> = desk.logged().into_iter().map(|(_, answer)| answer).collect();
    assert_eq!(answers.len(), 2);
    assert!(answers[0] == "granted" && answers[1].starts_with("refused"), "{answers:?}");
    desk.close();
}

#[test]
fn nothing_leaves_that_could_not_be_logged() {
    let office = Office::empty();
    let (journal, fails, _) = office.flaky();
    let desk = Desk::over(office, journal, |_| ());
    let (hands, rsa) = (Hands::new(1), ClientRsa::new());
    let policy = desk.policy("ACME");
    let object = desk.object(&policy, Wrapping::Rsa2048);
    let ask = || {
        let token = desk.token("acme", 1, &hands);
        desk.ask(&hands, &token, &desk.request(&rsa, &policy, &object))
    };
    fails.store(true, Ordering::SeqCst);
    let reply = ask();
    assert_eq!(reply.status, 503);
    assert!(!String::from_utf8_lossy(&reply.body).contains("kasWrappedKey"));
    assert!(desk.logged().is_empty());
    fails.store(false, Ordering::SeqCst);
    assert_eq!(ask().result()["status"], "permit");
    desk.close();
}

#[test]
fn a_service_keeps_to_its_classification_and_its_pace() {
    let desk = Desk::with(|settings| {
        settings.classical_max = Level::Public;
        settings.keys_per_minute = 2;
    });
    let (hands, rsa) = (Hands::new(1), ClientRsa::new());
    let policy = desk.policy("ACME");
    let object = desk.object(&policy, Wrapping::Rsa2048);
    let ask = || {
        let token = desk.token("acme", 1, &hands);
        desk.ask(&hands, &token, &desk.request(&rsa, &policy, &object))
    };
    for _ in 0..2 {
        assert!(ask().result()["error"].as_str().unwrap().starts_with("profile: "));
    }
    assert_eq!(ask().status, 429);
    assert_eq!(desk.logged().len(), 2);
    desk.hand.pass(60);
    assert_eq!(ask().status, 200);
    desk.close();
}

/// `kas.RewrapResponse` as a client's own code would declare it.
#[derive(Clone, PartialEq, prost::Message)]
struct ProtoReply {
    #[prost(message, repeated, tag = "5")]
    responses: Vec<ProtoPolicy>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ProtoPolicy {
    #[prost(string, tag = "1")]
    policy_id: String,
    #[prost(message, repeated, tag = "2")]
    results: Vec<ProtoResult>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ProtoResult {
    #[prost(string, tag = "3")]
    status: String,
    #[prost(bytes = "vec", tag = "4")]
    kas_wrapped_key: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ProtoRequest {
    #[prost(string, tag = "1")]
    signed_request_token: String,
}

#[test]
fn protobuf_in_gzip_is_answered_in_protobuf() {
    let desk = Desk::open();
    let (hands, rsa) = (Hands::new(1), ClientRsa::new());
    let policy = desk.policy("ACME");
    let object = desk.object(&policy, Wrapping::Rsa2048);
    let token = desk.token("acme", 1, &hands);
    let proof = hands.proof(&desk.claims_with(&token));
    let signed_request_token = hands.sign(&json!({"alg": "EdDSA"}), &desk.request(&rsa, &policy, &object));
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(&ProtoRequest { signed_request_token }.encode_to_vec()).unwrap();
    let authorization = format!("DPoP {token}");
    let headers = [
        ("content-type", "application/proto"),
        ("content-encoding", "gzip"),
        ("connect-protocol-version", "1"),
        ("authorization", &authorization),
        ("dpop", &proof),
    ];
    let reply = desk.send("POST", REWRAP, &headers, &packer.finish().unwrap());
    assert_eq!(reply.status, 200);
    let reply = ProtoReply::decode(reply.body.as_slice()).unwrap();
    let [policy] = &reply.responses[..] else { panic!("{reply:?}") };
    assert_eq!((policy.policy_id.as_str(), policy.results[0].status.as_str()), ("p", "permit"));
    assert_eq!(rsa.unwrap(&policy.results[0].kas_wrapped_key), CONTENT_KEY);
    desk.close();
}
