//! The whole path by hand: what members and an office type from a deposit to the receipts, without the demo.

use std::collections::BTreeMap;
use std::fs;

use ledger::Digest;
use ledger::act::{AccessDecision, AccessRefusal, ActBody, KeyAccess, PackageUuid, Seal};
use ledger::keyfile::KeyKind;
use package::Content;
use package::content::FileName;

use super::office::{Office, code, release};

/// An improbable figure of NO.
const CANARY: &str = "731908264517";
const CARD: &str = "keys/office.open.key.card.json";

fn office() -> Office {
    let office = Office::empty();
    office.found(1, &[office.delegate("no")]);
    office
}

/// Prepares and signs a deposit of NO's: the box and `NAME.act`.
fn deposit(office: &Office, name: &str, figures: &str) {
    office.bench.write(&format!("{name}.csv"), figures);
    let what = format!("deposit --figures {name}.csv --to {CARD} --box {name}.box");
    let prepared = office.prepare(0, &what, "no.key.card.json", &format!("{name}.json"));
    let signed = office.sign(0, &format!("{name}.json"), "no.key", &format!("{name}.act"));
    for text in [&prepared.out, &prepared.err, &signed.out, &signed.err] {
        assert!(!text.contains(CANARY), "{text}");
    }
    fs::remove_file(office.bench.path(&format!("{name}.csv"))).unwrap();
}

#[test]
fn figures_travel_sealed_and_open_in_the_office_alone() {
    let office = office();
    let first = format!("ally,year,quantity\nNO,2030,{CANARY}\nNO,2031,3\n");
    deposit(&office, "first", &first);
    let submit = |rest: &str, code| {
        office.bench.expect(code, &format!("act submit {rest} --office . --passphrase-file pass --json"))
    };
    // Without its box, with another, with one where none belongs.
    let missing = submit("first.act", 2);
    assert!(missing.err.contains("does not have the sealed box"), "{}", missing.err);
    office.bench.write("other.box", "another box");
    assert!(submit("first.act --box other.box", 2).err.contains("is not the sealed box that the act names"));
    office.signed("approve 'Demand 2030'", "de.key", "approve");
    assert!(submit("approve.act --box first.box", 2).err.contains("names no sealed box"));
    assert_eq!(submit("first.act --box first.box --dry-run", 0).json()["verdict"], "would-be-logged");
    submit("first.act", 2);
    let logged = submit("first.act --box first.box", 0).json();
    assert_eq!(logged["followed"], serde_json::json!(["NO has deposited 2 rows"]));
    // A refused deposit leaves no box behind either.
    assert_eq!(submit("first.act --box first.box", 3).json()["refusal"]["rule"], "counter-rises");
    let second = first.replace(",3\n", ",4\n");
    deposit(&office, "second", &second);
    submit("second.act --box second.box", 0);

    let open = "deposits --office . --key keys/office.open.key --passphrase-file pass";
    let opened = office.bench.expect(0, &format!("{open} --out deposits --json"));
    let document = opened.json();
    assert_eq!(document["deposits"][0]["member"], "NO");
    assert_eq!(document["deposits"][0]["rows"], 2);
    assert_eq!(document["deposits"].as_array().unwrap().len(), 1, "the newest of each member");
    assert_eq!(office.bench.read("deposits/NO.csv"), second);
    for text in [&opened.out, &opened.err] {
        assert!(!text.contains(CANARY), "{text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(office.bench.path("deposits")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
    office.bench.expect(2, &format!("{open} --out deposits"));
    let wrong = "deposits --office . --key keys/office.seal.key --out x --passphrase-file pass";
    assert!(office.bench.expect(2, wrong).err.contains("is of kind `seal`, not `open`"));
    // Nothing but what was opened holds the figure.
    fs::remove_dir_all(office.bench.path("deposits")).unwrap();
    for name in office.bench.list() {
        let path = office.bench.path(&name);
        let bytes = if path.is_file() { fs::read(path).unwrap() } else { Vec::new() };
        assert!(!bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()), "{name}");
    }
}

#[test]
fn figures_are_sealed_to_nobody_but_the_office_of_the_log() {
    let office = office();
    office.key(KeyKind::Open, "OFFICE", "other.key");
    office.bench.write("figures.csv", &format!("ally,quantity\nNO,{CANARY}\n"));
    let deposit = |to: &str, figures: &str| {
        let what = format!("deposit --figures {figures} --to {to} --box no.box");
        office.prepare(2, &what, "no.key.card.json", "deposit.json")
    };
    let other = deposit("other.key.card.json", "figures.csv");
    assert!(other.err.contains("is not the card to which the roster of this log"), "{}", other.err);
    assert!(deposit("de.key.card.json", "figures.csv").err.contains("nothing can be sealed to"));
    office.bench.write("ragged.csv", &format!("ally,quantity\nNO,1\nNO,2,{CANARY}\n"));
    let ragged = deposit(CARD, "ragged.csv");
    assert!(ragged.err.contains("line 3") && !ragged.err.contains(CANARY), "{}", ragged.err);
    office.bench.write("empty.csv", "ally,quantity\n");
    assert!(deposit(CARD, "empty.csv").err.contains("a header and no figures"));
    assert!(!office.bench.path("no.box").exists() && !office.bench.path("deposit.json").exists());
}

/// What the office would release, with its proof and what each member is shown.
fn draft(office: &Office) {
    for (name, text) in [
        ("content/cells.csv", "year,value\n2030,7\n"),
        ("content/lists/year.csv", "code,name\n2030,2030\n"),
        ("certificate.json", "{}\n"),
        ("label.xml", release().label.as_str()),
        ("no.json", "what others could tell of NO\n"),
        ("de.json", "what others could tell of DE\n"),
    ] {
        fs::create_dir_all(office.bench.path(name).parent().unwrap()).unwrap();
        office.bench.write(name, text);
    }
}

const RELEASE: &str = "release --title Plan --content content --certificate certificate.json --label label.xml --audience ACME \
                       --exposure NO=no.json --exposure DE=de.json --deadline 2026-03-20T12:00:00Z";

#[test]
fn a_release_is_proposed_from_its_files_delivered_and_accounted_for() {
    let office = office();
    draft(&office);
    office.office_prepares(RELEASE);
    let proposal = Digest::of(&office.signed_by_office("office.json"));
    let content = [("cells.csv", "year,value\n2030,7\n"), ("lists/year.csv", "code,name\n2030,2030\n")];
    let files = content.map(|(name, text)| (FileName::new(name).unwrap(), text.as_bytes().to_vec()));
    let content = Content::new(BTreeMap::from(files)).unwrap();
    let shown = office.bench.read("office.json");
    assert!(shown.contains(&content.digest().unwrap().to_string()), "{shown}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(office.bench.path("no.json.salt")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
    // NO approves what it was shown, and nothing else.
    office.bench.write("changed.json", "something else\n");
    fs::copy(office.bench.path("no.json.salt"), office.bench.path("changed.json.salt")).unwrap();
    let changed =
        office.prepare(2, "approve Plan --exposure changed.json", "no.key.card.json", "no.act.json");
    assert!(changed.err.contains("is not the exposure that the proposal names for NO"), "{}", changed.err);
    office.prepare(2, "approve Plan --exposure de.json", "no.key.card.json", "no.act.json");
    office.signed("approve Plan --exposure no.json", "no.key", "no.yes");
    office.submit(0, "no.yes.act");
    office.signed("approve Plan", "de.key", "de.yes");
    office.submit(0, "de.yes.act");

    let package = Digest::of(b"a package");
    office.office_does(ActBody::Seal(Seal { proposal, package }));
    let stranger = office.prepare(
        3,
        &format!("deliver --package {package} --to BOLT"),
        "keys/office.act.key.card.json",
        "deliver.json",
    );
    assert!(stranger.out.contains("rule `agreed-audience`"), "{}", stranger.out);
    office.bench.write("acme.tdf", "a package");
    office.office_prepares("deliver --package acme.tdf --to ACME");
    office.by_office("office.json");
    office.signed("acknowledge --package acme.tdf", "acme.key", "acme.receipt");
    office.submit(0, "acme.receipt.act");
    let ask = |decision| KeyAccess {
        proposal,
        package: PackageUuid::new("0d9f5c1e-7a5b-4c3d-9e8f-001122334455").unwrap(),
        receiver: code("ACME"),
        client_key: Digest::of(b"a client key"),
        decision,
    };
    office.office_does(ActBody::KeyAccess(ask(AccessDecision::Granted)));
    office.office_prepares("withdraw Plan --reason 'a figure was wrong'");
    office.by_office("office.json");
    office.office_does(ActBody::KeyAccess(ask(AccessDecision::Refused(AccessRefusal::Withdrawn))));

    let log = office.log();
    let list = |rest: &str| {
        office.bench.expect(0, &format!("ledger receipts --dir {log} --trust trust.json {rest}"))
    };
    let all = list("--json").json();
    let what: Vec<&str> =
        all["receipts"].as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["delivered", "acknowledged", "key-granted", "key-refused"]);
    assert_eq!(all["receipts"][3]["reason"], "withdrawn");
    assert_eq!(list("--release Plan --receiver ACME").out.lines().count(), 4);
    assert!(list("").out.contains("ACME  `Plan`: key of package 0d9f5c1e-"), "{}", list("").out);
    for nobody in ["--receiver BOLT", "--release 'Demand 2030'"] {
        assert_eq!(list(nobody).out, "the log holds no such receipt\n");
    }
    let verified = office.bench.expect(0, &format!("ledger verify --dir {log} --trust trust.json"));
    assert!(verified.out.contains("Plan: withdrawn"), "{}", verified.out);
}

#[test]
fn a_release_that_would_be_refused_leaves_no_files() {
    let office = office();
    draft(&office);
    let prepare =
        |code, what: &str| office.prepare(code, what, "keys/office.act.key.card.json", "release.json");
    let unknown = prepare(3, &RELEASE.replace("ACME", "BOLT"));
    assert!(unknown.out.contains("rule `eligible`"), "{}", unknown.out);
    let twice = prepare(2, &format!("{RELEASE} --exposure NO=de.json"));
    assert!(twice.err.contains("NO is shown two exposures"), "{}", twice.err);
    assert!(prepare(2, &RELEASE.replace("NO=no.json", "no.json")).err.contains("write MEMBER=FILE"));
    assert!(prepare(2, &RELEASE.replace("label.xml", "no.json")).err.contains("`no.json`"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/hostname", office.bench.path("content/link.txt")).unwrap();
        assert!(prepare(2, RELEASE).err.contains("link.txt` cannot stand in a release"));
        fs::remove_file(office.bench.path("content/link.txt")).unwrap();
    }
    let left = office.bench.list();
    assert!(!left.iter().any(|name| name.ends_with(".salt") || name == "release.json"), "{left:?}");
    office.bench.write("no.json.salt", "an earlier one\n");
    assert!(prepare(2, RELEASE).err.contains("exists already"));
    office.prepare(0, &format!("{RELEASE} --force"), "keys/office.act.key.card.json", "release.json");
}
