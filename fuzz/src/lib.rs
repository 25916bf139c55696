//! What several targets need: a trust file that nobody's secret belongs to, and files around the bytes at hand.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use intake::FilesInMemory;
use ledger::act::{Code, Delegate, Delegation, Epoch, Member, Quorum, Scope, UtcTime};
use ledger::cosignature::Cosigner;
use ledger::key::SigningKey;
use ledger::log::LogSigner;
use ledger::note::KeyName;
use ledger::policy::{Policy, WitnessKeys};
use package::key::{OpenKey, SealKey};
use package::trust::{Trust, TrustedRoster, Use};

/// Bytes that count up: the keys must differ from each other, nothing more.
fn counting() -> impl FnMut(&mut [u8]) {
    let mut next = 0_u8;
    move |out: &mut [u8]| {
        for byte in out {
            *byte = next;
            next = next.wrapping_add(1);
        }
    }
}

/// A trust file with one member and one witness.
pub static TRUST: LazyLock<Trust> = LazyLock::new(|| {
    let mut randomness = counting();
    let mut delegation = |scope| {
        let key = SigningKey::generate(&mut randomness).verifying_key().into();
        let (id, scopes) = (Code::new("desk").expect("a code"), BTreeSet::from([scope]));
        let expires_utc = UtcTime::new("2030-01-01T00:00:00Z").expect("a time");
        Delegation { quorum: Quorum::FIRST, delegates: vec![Delegate { id, key, scopes, expires_utc }] }
    };
    let office = delegation(Scope::Propose);
    let member = Member { code: Code::new("NO").expect("a code"), delegation: delegation(Scope::Agree) };
    let log = LogSigner::generate(KeyName::new("example.org/log").expect("a name"), &mut randomness);
    let log = log.expect("the provider makes keys").verifier();
    let seal = SealKey::generate(&mut randomness).expect("the provider makes keys");
    let witness = Cosigner::generate(KeyName::new("example.org/NO").expect("a name"), &mut randomness);
    let keys = witness.expect("the provider makes keys").keys();
    let witness = WitnessKeys { name: "NO", keys: &keys, url: None };
    let witnesses = Policy::of_witnesses(&log, &[witness], 1).expect("a policy");
    let roster = TrustedRoster { epoch: Epoch::FIRST, office, members: vec![member] };
    let card = seal.public().card("office").expect("a card");
    Trust::new(Use::Exercise, log, card, vec![roster], witnesses).expect("a trust file")
});

/// A key that opens boxes.
pub static OPEN: LazyLock<OpenKey> =
    LazyLock::new(|| OpenKey::generate(&mut counting()).expect("the provider makes keys"));

const SPECIFICATION: &str = r#"
schema = "tearline-spec/1"
title = "EXERCISE"
[figures]
file = "figures.csv"
contributor = "ally"
value = "value"
decimals = 1
unit = "piece"
[[variable]]
name = "kind"
codes = "kind.csv"
[rule]
p = 10
"#;

/// A small sound specification with its files, of which a target replaces one.
pub fn files() -> FilesInMemory {
    let mut files = FilesInMemory::new();
    files.put("spec.toml", SPECIFICATION);
    files.put("kind.csv", "child,parent\na,all\nb,all\n");
    files.put("figures.csv", "ally,kind,value\nNO,a,1.5\nDE,b,2\n");
    files
}
