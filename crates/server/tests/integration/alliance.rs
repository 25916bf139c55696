//! An alliance with keys from names, for tests and benchmarks alike.

use ledger::Digest;
use ledger::act::{
    self, Act, ActBody, Code, Counter, Deposit, Epoch, Found, PolicyText, Quorum, Scope, UtcTime,
};
use ledger::act_key::Signer as _;
use ledger::key::SigningKey;
use ledger::log::LogSigner;
use ledger::note::KeyName;
use server::journal::Journal;
use store::Store;

pub(crate) fn code(name: &str) -> Code {
    Code::new(name).unwrap()
}

pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(Digest::of(name.as_bytes()).as_bytes())
}

pub(crate) fn log() -> LogSigner {
    LogSigner::from_seeds(KeyName::new("office.example/log").unwrap(), &[1; 32], &[2; 32]).unwrap()
}

pub(crate) fn member(number: usize) -> String {
    format!("M{number:02}")
}

pub(crate) fn delegation(name: &str, scopes: &[Scope]) -> act::Delegation {
    let expires_utc = UtcTime::new("2036-01-01T00:00:00Z").unwrap();
    let scopes = scopes.iter().copied().collect();
    let delegate = act::Delegate { id: code(name), key: key(name).key(), scopes, expires_utc };
    act::Delegation { quorum: Quorum::FIRST, delegates: vec![delegate] }
}

/// Members with one key each, nobody to receive, no witnesses.
pub(crate) fn roster(members: usize) -> act::Roster {
    let card = Digest::of(b"card");
    let office = [Scope::Clock, Scope::Propose, Scope::Seal, Scope::Govern];
    let agreeing = [Scope::Deposit, Scope::Agree, Scope::Govern];
    act::Roster {
        epoch: Epoch::FIRST,
        office: act::Office { seal: card, open: card, delegation: delegation(act::OFFICE, &office) },
        members: (0..members)
            .map(member)
            .map(|name| act::Member { code: code(&name), delegation: delegation(&name, &agreeing) })
            .collect(),
        receivers: Vec::new(),
        groups: Vec::new(),
        eligibility: Vec::new(),
        witnesses: PolicyText::new("quorum none\n").unwrap(),
    }
}

/// A journal over this store, with the office's key.
pub(crate) fn journal<S: Store>(store: S) -> Journal<S> {
    Journal::open(store, log(), Some(Box::new(key(act::OFFICE)))).unwrap()
}

/// The first two entries of a log: who may act, and the time.
pub(crate) fn found<S: Store>(journal: &mut Journal<S>, members: usize) {
    journal.act(ActBody::Found(Found { roster: roster(members) })).unwrap();
    journal.tick(UtcTime::new("2026-03-01T08:00:00Z").unwrap()).unwrap();
}

/// A deposit by this member, signed by this key.
pub(crate) fn deposit_by(signer: &str, name: &str, counter: u64) -> Vec<u8> {
    let digest = |part: &str| Digest::of(format!("{part} {name} {counter}").as_bytes());
    let body = ActBody::Deposit(Deposit { commitment: digest("content"), blob: digest("box"), rows: 3 });
    let act = Act::new(code(name), Counter::new(counter).unwrap(), body);
    act.sign(&key(signer)).unwrap().to_bytes()
}

pub(crate) fn deposit(name: &str, counter: u64) -> Vec<u8> {
    deposit_by(name, name, counter)
}
