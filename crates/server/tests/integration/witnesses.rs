//! Witnesses over loopback: they remember, they refuse, they are missing, and the office can tell which.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ledger::Digest;
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::cosignature::Cosigner;
use ledger::key::SigningKey;
use ledger::log::LogSigner;
use ledger::merkle::{Tree, leaf_hash};
use ledger::mldsa::MlDsaKey;
use ledger::note::KeyName;
use ledger::policy::{Policy, PolicyError, WitnessKeys};
use server::client::{Answer, Client};
use server::http::Service;
use server::witness::{Witness, WitnessError, routes};
use server::witness_client::{Asked, Outcome, ask};
use store::witness_record::{WitnessRecord, WitnessRecordError};
use tempfile::TempDir;

use crate::office::log;
use crate::{listener, serving};

const LONG: Duration = Duration::from_secs(20);
const MOMENT: Duration = Duration::from_secs(2);
const NOW: u64 = 1_800_000_000;

fn cosigner(name: &str) -> Cosigner {
    let seed = *Digest::of(name.as_bytes()).as_bytes();
    let name = KeyName::new(&format!("{name}.example/witness")).unwrap();
    Cosigner::both(name, SigningKey::from_seed(&seed), MlDsaKey::from_seed(&seed).unwrap())
}

fn witness(name: &str, record: &Path) -> Witness {
    let record = WitnessRecord::open(record).unwrap();
    Witness::new(cosigner(name), vec![log().verifier()], record, Box::new(|| NOW)).unwrap()
}

fn start(name: &str, record: &Path) -> (Service, String) {
    serving(routes(witness(name, record), LONG, Box::new(|error| panic!("{error}"))))
}

fn tree(size: u64) -> Tree {
    (0..size).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

fn signed_by(signer: &LogSigner, size: u64) -> SignedCheckpoint {
    SignedCheckpoint::sign(size, tree(size).root(), signer).unwrap()
}

fn signed(size: u64) -> SignedCheckpoint {
    signed_by(&log(), size)
}

fn add(url: &str, body: &str) -> Answer {
    Client::new(None).unwrap().post(&format!("{url}/add-checkpoint"), body, 1 << 16, LONG).unwrap()
}

fn request(old: u64, checkpoint: &SignedCheckpoint) -> String {
    let proof = tree(70).consistency(old, checkpoint.unverified().size).unwrap();
    ledger::witness::Request::new(&proof, checkpoint.clone()).unwrap().to_text()
}

#[test]
fn a_witness_cosigns_what_extends_what_it_cosigned_and_remembers_it() {
    let folder = TempDir::new().unwrap();
    let record = folder.path().join("record");
    let (service, url) = start("NO", &record);
    let stale = |answer: &Answer| {
        assert_eq!((answer.status, &*answer.media_type), (409, "text/x.tlog.size"));
        String::from_utf8(answer.body.clone()).unwrap()
    };
    assert_eq!(add(&url, &request(0, &signed(3))).status, 200);
    assert_eq!(stale(&add(&url, &request(0, &signed(5)))), "3\n");
    // A second process on the record is refused while this one runs.
    assert!(matches!(WitnessRecord::open(&record), Err(WitnessRecordError::Busy)));
    service.stop();
    let (service, url) = start("NO", &record);
    assert_eq!(stale(&add(&url, &request(0, &signed(5)))), "3\n");
    assert_eq!(add(&url, &request(3, &signed(5))).status, 200);
    let fork = SignedCheckpoint::sign(5, Digest::of(b"another tree"), &log()).unwrap();
    assert_eq!(stale(&add(&url, &request(5, &fork))), "5\n");
    let client = Client::new(None).unwrap();
    let origin = Digest::of(b"office.example/log");
    let latest = client.get(&format!("{url}/checkpoint/{origin}"), 1_000, LONG).unwrap();
    let latest = Checkpoint::from_text(std::str::from_utf8(&latest.body).unwrap()).unwrap();
    assert_eq!((latest.size, latest.root), (5, tree(5).root()));
    let other = Digest::of(b"other.example/log");
    assert_eq!(client.get(&format!("{url}/checkpoint/{other}"), 1_000, LONG).unwrap().status, 404);
    let words = client.get(&url, 1 << 16, LONG).unwrap();
    assert!(String::from_utf8(words.body).unwrap().contains("NO.example/witness+"));
    service.stop();
}

#[test]
fn a_witness_refuses_by_the_protocols_statuses_and_remembers_nothing_of_it() {
    let folder = TempDir::new().unwrap();
    let record = folder.path().join("record");
    let (service, url) = start("NO", &record);
    assert_eq!(add(&url, &request(0, &signed(3))).status, 200);
    let before = std::fs::read(&record).unwrap();
    let named = |name: &str| LogSigner::from_seeds(KeyName::new(name).unwrap(), &[8; 32], &[9; 32]).unwrap();
    let right = request(3, &signed(7));
    let (first, second) = (right.lines().nth(1).unwrap(), right.lines().nth(2).unwrap());
    let wrong_proof = right.replacen(first, second, 1);
    for (body, status) in [
        (String::new(), 400),
        ("old 3\n\nno checkpoint\n".to_owned(), 400),
        (request(0, &signed(2)).replace("old 0", "old 3"), 400),
        (request(3, &signed_by(&named("office.example/log"), 5)), 403),
        (request(0, &signed_by(&named("other.example/log"), 5)), 404),
        (wrong_proof, 422),
        ("x".repeat(ledger::witness::REQUEST_BYTES_MAX + 1), 413),
    ] {
        assert_eq!(add(&url, &body).status, status);
        assert_eq!(std::fs::read(&record).unwrap(), before);
    }
    service.stop();
}

#[test]
fn a_witness_that_cannot_remember_does_not_cosign() {
    let folder = TempDir::new().unwrap();
    let record = folder.path().join("record");
    let mut witness = witness("NO", &record);
    assert!(witness.add_checkpoint(request(0, &signed(3)).as_bytes()).unwrap().is_ok());
    std::fs::create_dir(folder.path().join("record.new")).unwrap();
    let (report, reported) = std::sync::mpsc::channel();
    let report = Box::new(move |error: &WitnessError| report.send(error.to_string()).unwrap());
    let (service, url) = serving(routes(witness, LONG, report));
    let answer = add(&url, &request(3, &signed(5)));
    assert_eq!((answer.status, &answer.body[..]), (500, &b"the witness cannot cosign\n"[..]));
    assert_eq!(add(&url, &request(3, &signed(5))).status, 500);
    service.stop();
    let said = "the witness could not keep what it is about to cosign";
    assert_eq!(reported.into_iter().collect::<Vec<_>>(), [said, said]);
    std::fs::remove_dir(folder.path().join("record.new")).unwrap();
    let (service, url) = start("NO", &record);
    assert_eq!(add(&url, &request(3, &signed(5))).status, 200);
    service.stop();
}

#[test]
fn a_record_that_is_no_state_founds_no_witness() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record");
    for state in [&b"\xff"[..], b"tearline-witness/1\nno log\n", b""] {
        WitnessRecord::open(&path).unwrap().keep(state).unwrap();
        let record = WitnessRecord::open(&path).unwrap();
        let founded = Witness::new(cosigner("NO"), vec![log().verifier()], record, Box::new(|| NOW));
        assert!(matches!(founded, Err(WitnessError::State(_))));
    }
}

fn policy(witnesses: &[(&str, Option<String>)], needed: usize) -> Policy {
    let keys: Vec<_> = witnesses.iter().map(|(name, _)| cosigner(name).keys()).collect();
    let lines: Vec<_> = witnesses
        .iter()
        .zip(&keys)
        .map(|((name, url), keys)| WitnessKeys { name, keys, url: url.as_deref() })
        .collect();
    Policy::of_witnesses(&log().verifier(), &lines, needed).unwrap()
}

fn missing(asked: &[Asked]) -> Vec<&str> {
    asked.iter().flat_map(Asked::missing).collect()
}

#[test]
fn the_office_learns_which_witness_is_missing_and_why() {
    let folder = TempDir::new().unwrap();
    let (norway, norway_url) = start("NO", &folder.path().join("NO"));
    // Denmark's address answers with Norway's service, Italy's is silent, Spain's is closed, Malta has none.
    let silent = listener();
    let italy = format!("http://{}", silent.local_addr().unwrap());
    let closed = listener();
    let spain = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let denmark = format!("{norway_url}/");
    let policy = policy(
        &[
            ("NO", Some(norway_url)),
            ("DK", Some(denmark)),
            ("IT", Some(italy)),
            ("ES", Some(spain)),
            ("MT", None),
        ],
        1,
    );
    let client = Client::new(None).unwrap();
    let mut checkpoint = signed(3);
    let asked = ask(&client, &policy, &tree(3), &mut checkpoint, &BTreeMap::new(), MOMENT);
    assert_eq!(asked.len(), 5);
    let outcome = |name: &str| {
        let named = |asked: &&Asked| asked.names.iter().any(|found| found.starts_with(name));
        &asked.iter().find(named).unwrap().outcome
    };
    assert!(
        matches!(outcome("NO"), Outcome::Cosigned { by, size: 3 } if by.len() == 2),
        "{:?}",
        outcome("NO")
    );
    for (name, reason) in [
        ("DK", "it cosigned with other keys than those of the policy"),
        ("IT", "no answer came in time"),
        ("ES", "the service could not be asked"),
        ("MT", "the policy gives no address for it"),
    ] {
        let found = outcome(name);
        assert!(
            matches!(found, Outcome::Unreachable { reason: said } if said.starts_with(reason)),
            "{found:?}"
        );
    }
    assert_eq!(missing(&asked).len(), 8);
    assert!(!missing(&asked).iter().any(|name| name.starts_with("NO")));
    // The policy needs one, with both keys: it has it.
    assert_eq!(policy.cosigned(&checkpoint).unwrap().cosigned.len(), 2);
    assert!(checkpoint.verify(&log().verifier()).is_ok());
    norway.stop();
}

#[test]
fn a_witness_that_stands_elsewhere_is_asked_once_more() {
    let folder = TempDir::new().unwrap();
    let (service, url) = start("NO", &folder.path().join("NO"));
    let policy = policy(&[("NO", Some(url.clone()))], 1);
    let client = Client::new(None).unwrap();
    let question = |size: u64, believed: u64| {
        let mut checkpoint = signed(size);
        let cosigned = BTreeMap::from([(url.clone(), believed)]);
        let mut asked = ask(&client, &policy, &tree(70), &mut checkpoint, &cosigned, LONG);
        (asked.remove(0).outcome, policy.cosigned(&checkpoint))
    };
    // Believed to stand before, at and beyond where it is; a size beyond the checkpoint is not asked from.
    for (size, believed) in [(3, 0), (5, 0), (9, 5), (9, 9), (12, 2), (70, 900)] {
        let (outcome, cosigned) = question(size, believed);
        assert!(
            matches!(&outcome, Outcome::Cosigned { size: now, .. } if *now == size),
            "{size}: {outcome:?}"
        );
        assert!(cosigned.is_ok());
    }
    let (outcome, cosigned) = question(20, 20);
    assert!(
        matches!(&outcome, Outcome::Refused { status: 409, reason } if reason.contains("70")),
        "{outcome:?}"
    );
    assert!(matches!(cosigned, Err(PolicyError::Missing { witnesses }) if witnesses.len() == 2));
    // Another history of the same size is no misunderstanding.
    let mut fork = SignedCheckpoint::sign(70, Digest::of(b"another tree"), &log()).unwrap();
    let cosigned = BTreeMap::from([(url.clone(), 70)]);
    let asked = ask(&client, &policy, &tree(70), &mut fork, &cosigned, LONG);
    let said = "it says that it cosigned another tree of 70 entries";
    assert!(matches!(&asked[0].outcome, Outcome::Refused { reason, .. } if reason == said), "{asked:?}");
    service.stop();
}

#[test]
fn a_witness_that_lies_adds_nothing() {
    let routes = |body: &'static str, status: u16| {
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        let answer = axum::routing::post(async move || {
            let media_type = if status == 409 { "text/x.tlog.size" } else { "text/plain" };
            (status, [("content-type", media_type)], body)
        });
        serving(axum::Router::new().route("/add-checkpoint", answer))
    };
    let client = Client::new(None).unwrap();
    for (body, status, said) in [
        ("not a line", 200, "its answer is no cosignature"),
        ("2\n", 409, "it stands elsewhere in the log"),
        ("", 403, "it has other keys for this log"),
        ("", 302, "it answered with status 302"),
        ("", 500, "it answered with status 500"),
    ] {
        let (service, url) = routes(body, status);
        let policy = policy(&[("NO", Some(url))], 1);
        let before = signed(3);
        let mut checkpoint = before.clone();
        let asked = ask(&client, &policy, &tree(3), &mut checkpoint, &BTreeMap::new(), LONG);
        let (Outcome::Unreachable { reason } | Outcome::Refused { reason, .. }) = &asked[0].outcome else {
            panic!("{asked:?}");
        };
        assert_eq!(reason, said);
        assert_eq!(checkpoint, before);
        service.stop();
    }
}
