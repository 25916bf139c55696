//! A running service over a log with one sealed release, and clients that speak to it with the bytes of their own choice.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ledger::Digest;
use ledger::act::{
    self, ActBody, Content, Eligibility, Found, History, LabelXml, Level, Name, Propose, Receiver,
    ReceiverKind, ReleaseDraft, RoundNumber, Scope, Subject, Title, UtcTime,
};
use ledger::act_key::Signer as _;
use package::access::{AccessKey, AccessPublic, ContentKey, Wrapping};
use serde_json::{Value, json};
use server::http::Service;
use server::kas::jwk::ClientKey;
use server::kas::sign_in::{Credential, Proving, SignIn, SignIns};
use server::kas::{Counts, KeyAccessService, Settings};
use server::sequencer::{Sequencer, Submitter};
use store::{SqliteStore, Store};

use crate::alliance::{code, key, roster};
use crate::office::Office;
use crate::serving;

/// Where clients believe the service to be.
pub(crate) const URL: &str = "https://keys.office.example";
pub(crate) const REWRAP: &str = "/kas.AccessService/Rewrap";
/// The content key of every package here.
pub(crate) const CONTENT_KEY: [u8; 32] = [9; 32];
pub(crate) const PACKAGE: &str = "0d9f5c1e-7a5b-4c3d-9e8f-001122334455";
/// 2026-03-01T08:00:00Z, when the log begins.
const BEGIN: u64 = 1_772_352_000;

/// A clock that tests move, within the hour.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicU64>);

impl Hand {
    pub(crate) fn seconds(&self) -> u64 {
        BEGIN + self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn time(&self) -> Option<UtcTime> {
        let passed = self.0.load(Ordering::SeqCst);
        UtcTime::new(&format!("2026-03-01T08:{:02}:{:02}Z", passed / 60, passed % 60)).ok()
    }
}

/// A credential by number, so that tests know it.
pub(crate) fn credential(number: u8) -> Credential {
    Credential::draw(&mut |out: &mut [u8]| out.fill(number))
}

fn draw() -> Box<dyn ledger::Randomness + Send> {
    let mut next = 0_u8;
    Box::new(move |out: &mut [u8]| {
        next = next.wrapping_add(1);
        out.fill(next);
    })
}

/// The label of the release.
pub(crate) fn label() -> LabelXml {
    let information = label::Information::nato(label::Classification::NatoUnclassified, &[]).unwrap();
    let time = |text: &str| text.parse::<label::UtcTime>().unwrap();
    let label =
        label::Label::reviewed(information, None, time("2026-01-01T00:00:00Z"), time("2036-01-01T00:00:00Z"));
    LabelXml::new(&label.to_xml().unwrap()).unwrap()
}

fn receiver(name: &str) -> Receiver {
    Receiver {
        code: code(name),
        name: Name::new(&format!("{name} Ltd")).unwrap(),
        kind: ReceiverKind::Company,
        state: code("XX"),
        sponsor: code("M00"),
        clearance: Level::Secret,
        open: Digest::of(name.as_bytes()),
        delegation: crate::alliance::delegation(name, &[Scope::Receive, Scope::Govern]),
    }
}

/// A log in which a release for `ACME` alone, not for `BOLT`, was agreed and sealed; its proposal.
fn sealed<S: Store>(journal: &mut server::journal::Journal<S>) -> Digest {
    let mut roster = roster(1);
    roster.office.delegation = crate::alliance::delegation(
        act::OFFICE,
        &[Scope::Clock, Scope::Propose, Scope::Seal, Scope::Govern, Scope::Access],
    );
    roster.receivers = ["ACME", "BOLT"].map(receiver).into();
    roster.eligibility = vec![Eligibility {
        party: code("XX"),
        contents: [Content::Figures].into(),
        highest: Level::Restricted,
        from_utc: UtcTime::new("2026-01-01T00:00:00Z").unwrap(),
        until_utc: UtcTime::new("2036-01-01T00:00:00Z").unwrap(),
    }];
    journal.act(ActBody::Found(Found { roster })).unwrap();
    journal.tick(UtcTime::new("2026-03-01T08:00:00Z").unwrap()).unwrap();
    let deposit = act::Deposit { commitment: Digest::of(b"content"), blob: Digest::of(b"box"), rows: 3 };
    member(journal, ActBody::Deposit(deposit));
    let draft = ReleaseDraft {
        content: Content::Figures,
        release: Digest::of(b"release"),
        certificate: Digest::of(b"certificate"),
        history: History::EMPTY,
        label: label(),
        audience: [code("ACME")].into(),
        originators: [(code("M00"), Digest::of(b"exposure"))].into(),
        supersedes: None,
        wave: None,
    };
    let proposal = journal
        .act(ActBody::Propose(Propose {
            title: Title::new("Demand").unwrap(),
            subject: Subject::Release(draft),
            amends: None,
            round: RoundNumber::FIRST,
            roster_epoch: act::Epoch::FIRST,
            deadline_utc: UtcTime::new("2026-03-02T08:00:00Z").unwrap(),
        }))
        .unwrap();
    let ballot = journal.state().round(&proposal).unwrap().ballot();
    member(journal, ActBody::Approve(ballot));
    journal.act(ActBody::Seal(act::Seal { proposal, package: Digest::of(b"package") })).unwrap();
    proposal
}

/// An act of the only member.
fn member<S: Store>(journal: &mut server::journal::Journal<S>, body: ActBody) {
    let signer = key("M00");
    let act = journal.state().act(code("M00"), &signer.key().id(), body).unwrap();
    journal.submit(act.sign(&signer).unwrap()).unwrap();
}

/// A service and what tests know of it.
pub(crate) struct Desk<S = SqliteStore> {
    pub(crate) office: Office,
    pub(crate) hand: Hand,
    pub(crate) proposal: Digest,
    pub(crate) public: AccessPublic,
    service: Service,
    kas: KeyAccessService,
    sequencer: Sequencer<S>,
}

impl Desk {
    pub(crate) fn open() -> Self {
        Self::with(|_| ())
    }

    /// With other settings than usual.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let office = Office::empty();
        let journal = office.journal();
        Self::over(office, journal, change)
    }
}

impl<S: Store + 'static> Desk<S> {
    /// Over a journal with an empty log.
    pub(crate) fn over(
        office: Office,
        mut journal: server::journal::Journal<S>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let proposal = sealed(&mut journal);
        let sequencer = Sequencer::start(journal).unwrap();
        let hand = Hand(Arc::new(AtomicU64::new(0)));
        let access = AccessKey::generate(&mut *draw()).unwrap();
        let public = AccessPublic::from_card(&access.public().card("kas").unwrap()).unwrap();
        let mut settings = Settings {
            url: URL.to_owned(),
            token_lifetime_s: 300,
            keys_per_minute: 1_000,
            classical_max: Level::Unclassified,
            body: Duration::from_secs(5),
        };
        change(&mut settings);
        let clock = {
            let hand = hand.clone();
            Box::new(move || hand.time())
        };
        let kas = KeyAccessService::new(&settings, access, sign_ins(), sequencer.submitter(), clock, draw())
            .unwrap();
        let (service, _) = serving(kas.routes());
        Self { office, hand, proposal, public, service, kas, sequencer }
    }

    pub(crate) fn submitter(&self) -> Submitter<S> {
        self.sequencer.submitter()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.kas.counts()
    }

    /// Answers in the log, in order: receiver and word.
    pub(crate) fn logged(&self) -> Vec<(String, String)> {
        let line = |answer: &::office::Answer| {
            (answer.access.receiver.to_string(), answer.access.decision.to_string())
        };
        let logged = self.submitter().run(move |journal| journal.state().answers().map(line).collect());
        logged.unwrap()
    }

    pub(crate) fn size(&self) -> u64 {
        self.submitter().run(|journal| journal.tree().size()).unwrap()
    }

    pub(crate) fn close(self) {
        self.service.stop();
        self.sequencer.stop();
    }

    /// Sends a request as it is; status and body.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.service.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        stream.write_all(head.as_bytes()).unwrap();
        // A service that has seen enough may have closed its side.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
        Reply { status, body: answer.split_off(end + 4) }
    }

    /// Posts JSON.
    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Posts a form to the token endpoint.
    pub(crate) fn form(&self, headers: &[(&str, &str)], form: &str) -> Reply {
        let headers = [&[("content-type", "application/x-www-form-urlencoded")], headers].concat();
        self.send("POST", "/token", &headers, form.as_bytes())
    }

    /// A token for a client by its secret, bound to this key.
    pub(crate) fn token(&self, client: &str, secret: u8, signer: &Hands) -> String {
        let proof = signer.proof(&self.claims("/token"));
        let secret = credential(secret);
        let form =
            format!("grant_type=client_credentials&client_id={client}&client_secret={}", secret.reveal());
        let reply = self.form(&[("dpop", &proof)], &form);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Claims of a proof for a path, without a token.
    pub(crate) fn claims(&self, path: &str) -> Value {
        let nonce = fresh();
        json!({"jti": nonce, "htm": "POST", "htu": format!("{URL}{path}"), "iat": self.hand.seconds()})
    }

    /// Claims of a proof for a rewrap with this token.
    pub(crate) fn claims_with(&self, token: &str) -> Value {
        let mut claims = self.claims(REWRAP);
        claims["ath"] = json!(URL_SAFE_NO_PAD.encode(Digest::of(token.as_bytes()).as_bytes()));
        claims
    }

    /// A policy as a package has it, in base64.
    pub(crate) fn policy(&self, to: &str) -> String {
        let label = Digest::of(label().as_str().as_bytes());
        policy(&self.proposal, Some(&label), to)
    }

    /// A key access object for that policy.
    pub(crate) fn object(&self, policy: &str, wrapping: Wrapping) -> Value {
        let key = ContentKey::generate(&mut |out: &mut [u8]| out.copy_from_slice(&CONTENT_KEY));
        let wrapped = self.public.wrap(&key, wrapping, &mut *draw()).unwrap();
        let binding = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &CONTENT_KEY), policy.as_bytes());
        let mut object = json!({
            "type": wrapping.kind().as_str(),
            "url": format!("{URL}/kas"),
            "protocol": "kas",
            "kid": wrapped.kid.to_string(),
            "wrappedKey": STANDARD.encode(&wrapped.wrapped),
            "policyBinding": {"alg": "HS256", "hash": STANDARD.encode(hex(binding.as_ref()))},
        });
        if let Some(pem) = wrapped.ephemeral_public_key_pem {
            object["ephemeralPublicKey"] = json!(pem);
        }
        object
    }

    /// Claims of a request for one object.
    pub(crate) fn request(&self, client: &ClientRsa, policy: &str, object: &Value) -> Value {
        let body = json!({
            "clientPublicKey": client.pem,
            "requests": [{
                "policy": {"id": "p", "body": policy},
                "keyAccessObjects": [{"keyAccessObjectId": "k", "keyAccessObject": object}],
            }],
        });
        let now = self.hand.seconds();
        json!({"requestBody": body.to_string(), "iat": now, "exp": now + 60, "n": fresh()})
    }

    /// Asks for one object as a receiver that does everything right.
    pub(crate) fn ask(&self, signer: &Hands, token: &str, claims: &Value) -> Reply {
        let proof = signer.proof(&self.claims_with(token));
        let request = json!({"signedRequestToken": signer.sign(&json!({"alg": "EdDSA"}), claims)});
        let authorization = format!("DPoP {token}");
        self.post(REWRAP, &[("authorization", &authorization), ("dpop", &proof)], &request)
    }
}

/// A policy in base64.
pub(crate) fn policy(proposal: &Digest, label: Option<&Digest>, to: &str) -> String {
    let attribute = |name: &str, value: &Digest| json!({"attribute": format!("https://tearline.invalid/attr/{name}/value/{value}")});
    let mut attributes = vec![attribute("proposal", proposal)];
    attributes.extend(label.map(|label| attribute("label-sha256", label)));
    let policy = json!({"uuid": PACKAGE, "body": {"dataAttributes": attributes, "dissem": [to]}});
    STANDARD.encode(policy.to_string())
}

/// A number that no test has twice.
fn fresh() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::SeqCst).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Three ways in: `acme` by a secret and a key that it proves, `bolt` by its registered key, `old` for ACME by a bearer token.
fn sign_ins() -> SignIns {
    let sign_in = |receiver: &str, client: &str| SignIn {
        receiver: code(receiver),
        client: client.to_owned(),
        secret: None,
        key: None,
        bearers: Vec::new(),
        proving: Proving::Required,
    };
    let acme = SignIn { secret: Some(credential(1).digest()), ..sign_in("ACME", "acme") };
    let bolt_key = ClientKey::from_jwk(Hands::new(2).jwk().to_string().as_bytes()).unwrap();
    let bolt =
        SignIn { key: Some(bolt_key), secret: Some(credential(2).digest()), ..sign_in("BOLT", "bolt") };
    let old =
        SignIn { bearers: vec![credential(3).digest()], proving: Proving::Waived, ..sign_in("ACME", "old") };
    SignIns::new(vec![acme, bolt, old]).unwrap()
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    /// The only result of a rewrap.
    pub(crate) fn result(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()["responses"][0]["results"][0].clone()
    }
}

/// A client's signing key.
pub(crate) struct Hands(Ed25519KeyPair);

impl Hands {
    pub(crate) fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    pub(crate) fn jwk(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref())})
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }

    pub(crate) fn proof(&self, claims: &Value) -> String {
        self.sign(&json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": self.jwk()}), claims)
    }
}

/// A client's RSA key, to which keys are wrapped.
pub(crate) struct ClientRsa {
    key: OaepPrivateDecryptingKey,
    pub(crate) pem: String,
}

impl ClientRsa {
    pub(crate) fn new() -> Self {
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'static> = key.public_key().as_der().unwrap();
        let base64 = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> =
            base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
        Self { key: OaepPrivateDecryptingKey::new(key).unwrap(), pem }
    }

    /// The key in a wrapped one.
    pub(crate) fn unwrap(&self, wrapped: &[u8]) -> Vec<u8> {
        let mut plain = vec![0; self.key.min_output_size()];
        self.key.decrypt(&OAEP_SHA1_MGF1SHA1, wrapped, &mut plain, None).unwrap().to_vec()
    }
}
