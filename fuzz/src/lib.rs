//! What several targets need: a trust file that nobody's secret belongs to, and files around the bytes at hand.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use intake::FilesInMemory;
use ledger::act::{Code, Epoch};
use ledger::key::SigningKey;
use ledger::keyfile::{KeyKind, PublicCard};
use ledger::note::{KeyName, NoteVerifier};
use package::key::{OpenKey, SealKey};
use package::trust::{Trust, Use};

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

/// A trust file with one member.
pub static TRUST: LazyLock<Trust> = LazyLock::new(|| {
    let mut randomness = counting();
    let card = |key: &SigningKey, name| PublicCard::ed25519(KeyKind::Act, name, &key.verifying_key());
    let (office, member) = (SigningKey::generate(&mut randomness), SigningKey::generate(&mut randomness));
    let log = SigningKey::generate(&mut randomness).verifying_key();
    let seal = SealKey::generate(&mut randomness).expect("the provider makes keys");
    let members = BTreeMap::from([(Code::new("NO").expect("a code"), card(&member, "NO").expect("a card"))]);
    Trust::new(
        Use::Exercise,
        NoteVerifier::new(KeyName::new("example.org/log").expect("a name"), log),
        card(&office, "office").expect("a card"),
        seal.public().card("office").expect("a card"),
        Epoch::new(1).expect("an epoch"),
        members,
    )
    .expect("a trust file")
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
