//! A small office on disk: NO with as many keys as a test wants, DE with one, a company, and what each of them would type.

use std::collections::BTreeMap;
use std::fs;

use ledger::Digest;
use ledger::act::{
    self, ActBody, Code, Content, Epoch, LabelXml, Level, Name, PolicyText, Quorum, ReleaseDraft, Scope,
    Subject, UtcTime,
};
use ledger::key::SigningKey;
use ledger::keyfile::{self, ActSecret, Cost, KeyFile, KeyKind, Opened, PublicCard};
use ledger::log::LogSigner;
use ledger::note::KeyName;
use ledger::policy::Policy;
use package::Trust;
use package::trust::{TrustedRoster, Use};

use crate::run::{Answer, Bench};

/// The passphrase of every key file.
pub(super) const PASSPHRASE: &str = "four random words here";
/// Title of the draft that circulates.
pub(super) const TITLE: &str = "Demand 2030";

/// An office and its log, some days after it was founded.
pub(super) struct Office {
    pub(super) bench: Bench,
    exports: std::cell::Cell<u32>,
    /// Counter of the next act of the office that no command prepares; far above those that commands count.
    office_counter: std::cell::Cell<u64>,
}

/// A delegate of NO: its card, and until when its key counts.
pub(super) struct Delegate {
    pub(super) id: &'static str,
    pub(super) card: PublicCard,
    pub(super) expires: &'static str,
}

const FAR: &str = "2036-01-01T00:00:00Z";

impl Office {
    /// A folder with the keys of the office and of everybody but NO.
    pub(super) fn empty() -> Self {
        let office = Self {
            bench: Bench::empty(),
            exports: std::cell::Cell::new(0),
            office_counter: std::cell::Cell::new(1_000),
        };
        office.bench.write("pass", &format!("{PASSPHRASE}\n"));
        fs::create_dir(office.bench.path("keys")).unwrap();
        office.key(KeyKind::Log, "tearline.invalid/log", "keys/log.key");
        office.key(KeyKind::Act, "OFFICE", "keys/office.act.key");
        office.key(KeyKind::Seal, "OFFICE", "keys/office.seal.key");
        office.key(KeyKind::Open, "OFFICE", "keys/office.open.key");
        office.key(KeyKind::Act, "DE", "de.key");
        office.key(KeyKind::Act, "ACME", "acme.key");
        office
    }

    /// A key file with its card, under the light cost: these tests open keys a hundred times.
    pub(super) fn key(&self, kind: KeyKind, name: &str, file: &str) {
        let mut randomness = randomness(file);
        let key = match kind {
            KeyKind::Log => {
                let log = LogSigner::generate(KeyName::new(name).unwrap(), &mut randomness).unwrap();
                KeyFile::log(&log)
            }
            KeyKind::Seal => {
                let key = package::SealKey::generate(&mut randomness).unwrap();
                KeyFile::new(key.public().card(name).unwrap(), key.to_secret_bytes())
            }
            KeyKind::Open => {
                let key = package::OpenKey::generate(&mut randomness).unwrap();
                KeyFile::new(key.public().card(name).unwrap(), key.to_secret_bytes().unwrap())
            }
            _ => KeyFile::act(name, &ActSecret::Ed25519(SigningKey::generate(&mut randomness))),
        };
        let key = key.unwrap();
        let sealed = keyfile::seal_key(&key, PASSPHRASE.as_bytes(), Cost::LIGHT, &mut randomness).unwrap();
        fs::write(self.bench.path(file), sealed).unwrap();
        fs::write(self.bench.path(&format!("{file}.card.json")), key.card().to_json().unwrap()).unwrap();
    }

    pub(super) fn card(&self, file: &str) -> PublicCard {
        PublicCard::from_json(&fs::read(self.bench.path(file)).unwrap()).unwrap()
    }

    /// A key file of NO, far from expiry.
    pub(super) fn delegate(&self, id: &'static str) -> Delegate {
        let file = format!("{id}.key");
        self.key(KeyKind::Act, "NO", &file);
        Delegate { id, card: self.card(&format!("{file}.card.json")), expires: FAR }
    }

    /// Founds the log, logs a time and circulates a draft, all through the command line.
    pub(super) fn found(&self, quorum: u64, no: &[Delegate]) {
        let roster = self.roster(quorum, no);
        fs::write(self.bench.path("roster.json"), serde_json::to_vec_pretty(&roster).unwrap()).unwrap();
        let trusted = TrustedRoster {
            epoch: roster.epoch,
            office: roster.office.delegation.clone(),
            members: roster.members.clone(),
        };
        let log = self.card("keys/log.key.card.json").log_verifier().unwrap();
        let seal = self.card("keys/office.seal.key.card.json");
        let policy = Policy::parse(b"quorum none\n").unwrap();
        let trust = Trust::new(Use::Exercise, log, seal, vec![trusted], policy).unwrap();
        fs::write(self.bench.path("trust.json"), trust.to_json().unwrap()).unwrap();
        self.bench.expect(
            0,
            "act prepare found --roster roster.json --card keys/office.act.key.card.json --out found.json",
        );
        self.by_office("found.json");
        self.tick("2026-03-01T08:00:00Z");
        let draft = serde_json::to_vec_pretty(&Subject::Release(release())).unwrap();
        fs::write(self.bench.path("draft.json"), draft).unwrap();
        self.office_prepares(&format!(
            "propose --title '{TITLE}' --draft draft.json --deadline 2026-03-10T12:00:00Z"
        ));
        self.by_office("office.json");
    }

    fn roster(&self, quorum: u64, no: &[Delegate]) -> act::Roster {
        let office = [Scope::Clock, Scope::Propose, Scope::Seal, Scope::Access, Scope::Govern];
        let member = [Scope::Deposit, Scope::Agree, Scope::Govern];
        let one = |id: &str, card: &str, scopes: &[Scope]| {
            delegation(1, &[delegate(id, &self.card(card), scopes, FAR)])
        };
        let no: Vec<_> = no.iter().map(|who| delegate(who.id, &who.card, &member, who.expires)).collect();
        act::Roster {
            epoch: Epoch::FIRST,
            office: act::Office {
                seal: Digest::of(&self.card("keys/office.seal.key.card.json").to_json().unwrap()),
                open: Digest::of(&self.card("keys/office.open.key.card.json").to_json().unwrap()),
                delegation: one("desk", "keys/office.act.key.card.json", &office),
            },
            members: vec![
                act::Member { code: code("DE"), delegation: one("de", "de.key.card.json", &member) },
                act::Member { code: code("NO"), delegation: delegation(quorum, &no) },
            ],
            receivers: vec![act::Receiver {
                code: code("ACME"),
                name: Name::new("ACME Ltd (invented)").unwrap(),
                kind: act::ReceiverKind::Company,
                state: code("XX"),
                sponsor: code("NO"),
                clearance: Level::Secret,
                open: Digest::of(b"the card of ACME"),
                delegation: one("acme", "acme.key.card.json", &[Scope::Receive, Scope::Govern]),
            }],
            groups: Vec::new(),
            eligibility: vec![act::Eligibility {
                party: code("XX"),
                contents: [Content::Figures, Content::Standards].into(),
                highest: Level::Restricted,
                from_utc: time("2026-01-01T00:00:00Z"),
                until_utc: time(FAR),
            }],
            witnesses: PolicyText::new("quorum none\n").unwrap(),
        }
    }

    /// The log as files, written anew: what a delegation would fetch. Gives the folder's name.
    pub(super) fn log(&self) -> String {
        let name = format!("ledger-{}", self.exports.replace(self.exports.get() + 1));
        self.bench.expect(0, &format!("ledger export --office . --out {name} --passphrase-file pass"));
        name
    }

    /// `act prepare` on the newest log.
    pub(super) fn prepare(&self, code: i32, what: &str, card: &str, out: &str) -> Answer {
        let log = self.log();
        self.bench.expect(
            code,
            &format!("act prepare {what} --ledger {log} --trust trust.json --card {card} --out {out}"),
        )
    }

    /// `act sign` with a key file.
    pub(super) fn sign(&self, code: i32, prepared: &str, key: &str, out: &str) -> Answer {
        let line = format!("act sign {prepared} --key {key} --passphrase-file pass --yes --out {out} --json");
        let answer = self.bench.expect(code, &line);
        for text in [&answer.out, &answer.err] {
            assert!(!text.contains(PASSPHRASE), "the passphrase is printed");
        }
        answer
    }

    /// An act of the office that no command prepares, signed and logged.
    pub(super) fn office_does(&self, body: ActBody) -> Digest {
        let bytes = fs::read(self.bench.path("keys/office.act.key")).unwrap();
        let Ok(Opened::Key(key)) = keyfile::open_key(&bytes, PASSPHRASE.as_bytes()) else {
            panic!("the office's key does not open");
        };
        let ActSecret::Ed25519(key) = key.act_secret().unwrap() else { panic!("another kind of key") };
        let counter = self.office_counter.replace(self.office_counter.get() + 1_000);
        let act = act::Act::new(Code::office(), act::Counter::new(counter).unwrap(), body);
        let entry = act.sign(&key).unwrap().to_bytes();
        fs::write(self.bench.path("office.act"), &entry).unwrap();
        self.submit(0, "office.act");
        Digest::of(&entry)
    }

    /// `act submit`.
    pub(super) fn submit(&self, code: i32, envelope: &str) -> serde_json::Value {
        self.bench
            .expect(code, &format!("act submit {envelope} --office . --passphrase-file pass --json"))
            .json()
    }

    /// Prepared and signed by a key file: `NAME.json` and `NAME.act`.
    pub(super) fn signed(&self, what: &str, key: &str, name: &str) {
        self.prepare(0, what, &format!("{key}.card.json"), &format!("{name}.json"));
        self.sign(0, &format!("{name}.json"), key, &format!("{name}.act"));
    }

    pub(super) fn office_prepares(&self, what: &str) {
        self.prepare(0, &format!("{what} --force"), "keys/office.act.key.card.json", "office.json");
    }

    /// The same, for the entry that was logged.
    pub(super) fn signed_by_office(&self, prepared: &str) -> Vec<u8> {
        self.by_office(prepared);
        fs::read(self.bench.path("office.act")).unwrap()
    }

    /// The office signs a prepared act and logs it.
    pub(super) fn by_office(&self, prepared: &str) -> serde_json::Value {
        let line = format!(
            "act sign {prepared} --key keys/office.act.key --passphrase-file pass --yes --force --out office.act"
        );
        self.bench.expect(0, &line);
        self.submit(0, "office.act")
    }

    pub(super) fn tick(&self, time: &str) {
        self.office_prepares(&format!("tick --at {time}"));
        self.by_office("office.json");
    }

    /// An act that must be refused by a rule, with the log as it was before.
    pub(super) fn refused(&self, envelope: &str, rule: &str) {
        let before = fs::read(self.bench.path(&self.log()).join("checkpoint")).unwrap();
        for option in ["--dry-run", ""] {
            let line = format!("act submit {envelope} --office . --passphrase-file pass --json {option}");
            let answer = self.bench.expect(3, &line).json();
            assert_eq!(
                (&answer["verdict"], &answer["refusal"]["rule"]),
                (&"refused".into(), &rule.into()),
                "{answer}"
            );
            assert!(!answer["refusal"]["advice"].as_str().unwrap().is_empty());
            assert_eq!(answer["followed"], serde_json::json!([]));
        }
        let after = fs::read(self.bench.path(&self.log()).join("checkpoint")).unwrap();
        let size = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).lines().take(3).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(size(&before), size(&after), "origin, size and root are as they were");
    }
}

/// Bytes that depend on a name alone.
fn randomness(name: &str) -> impl FnMut(&mut [u8]) {
    let mut last = Digest::of(name.as_bytes());
    move |out: &mut [u8]| {
        for chunk in out.chunks_mut(32) {
            last = Digest::of(last.as_bytes());
            chunk.copy_from_slice(&last.as_bytes()[..chunk.len()]);
        }
    }
}

pub(super) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn time(text: &str) -> UtcTime {
    UtcTime::new(text).unwrap()
}

fn delegate(id: &str, card: &PublicCard, scopes: &[Scope], expires: &str) -> act::Delegate {
    let scopes = scopes.iter().copied().collect();
    act::Delegate { id: code(id), key: card.act_key().unwrap(), scopes, expires_utc: time(expires) }
}

fn delegation(quorum: u64, delegates: &[act::Delegate]) -> act::Delegation {
    act::Delegation { quorum: Quorum::new(quorum).unwrap(), delegates: delegates.to_vec() }
}

/// A draft of NO's and DE's information for the one company.
pub(super) fn release() -> ReleaseDraft {
    let information = label::Information::nato(label::Classification::NatoRestricted, &[]).unwrap();
    let label_time = |text: &str| text.parse::<label::UtcTime>().unwrap();
    let label =
        label::Label::reviewed(information, None, label_time("2026-01-01T00:00:00Z"), label_time(FAR));
    ReleaseDraft {
        content: Content::Figures,
        release: Digest::of(b"an invented release"),
        certificate: Digest::of(b"its certificate"),
        history: act::History::EMPTY,
        label: LabelXml::new(&label.to_xml().unwrap()).unwrap(),
        audience: [code("ACME")].into(),
        originators: BTreeMap::from([
            (code("DE"), Digest::of(b"exposure of DE")),
            (code("NO"), Digest::of(b"exposure of NO")),
        ]),
        supersedes: None,
        wave: None,
    }
}
