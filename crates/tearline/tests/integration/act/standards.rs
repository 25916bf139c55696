//! Standards by hand: what an office and members type to register a change and to agree on a wave, part by part.

use std::fs;

use ledger::Digest;
use office::standards::{self, Change, Date, Registry, Sources};

use super::office::{Office, release};

/// Invented standards, one of NO's and two of DE's. EXERCISE.
const STANDARDS: &str = "id,title,originators\nex-a,EXERCISE A,NO\nex-b,EXERCISE B,DE\nex-c,EXERCISE C,DE\n";

/// An office whose registry is at its first revision.
fn office() -> Office {
    let office = Office::empty();
    office.found(1, &[office.delegate("no")]);
    let sources = Sources { standards: Some(("standards.csv", STANDARDS.as_bytes())), ..Sources::default() };
    let registry = standards::read(&sources).unwrap().registry;
    let change = Change::between(&Registry::default(), &registry, Date::read("2026-03-01").unwrap());
    fs::write(office.bench.path("change.json"), change.to_bytes()).unwrap();
    office
}

fn register(office: &Office) {
    office.office_prepares(
        "register --change change.json --to keys/office.open.key.card.json --box change.box",
    );
    let sign = "act sign office.json --key keys/office.act.key --passphrase-file pass --yes --force --out register.act";
    office.bench.expect(0, sign);
}

fn submit(office: &Office, rest: &str, code: i32) -> crate::run::Answer {
    office.bench.expect(code, &format!("act submit {rest} --office . --passphrase-file pass --json"))
}

/// The files of a wave of these parts: `ex-a` is NO's, the others are DE's.
fn wave(office: &Office, parts: &[&str]) {
    let _ = fs::remove_dir_all(office.bench.path("content"));
    fs::create_dir_all(office.bench.path("content/documents")).unwrap();
    let mut listed = Vec::new();
    for part in parts {
        let text = format!("{part}, EXERCISE");
        office.bench.write(&format!("content/documents/{part}.txt"), &text);
        let member = if *part == "ex-a" { "NO" } else { "DE" };
        listed.push(format!(
            r#""{part}":{{"document":"{}","level":"unclassified","originators":["{member}"]}}"#,
            Digest::of(text.as_bytes())
        ));
    }
    office.bench.write("wave.json", &format!(r#"{{"registry":1,"parts":{{{}}}}}"#, listed.join(",")));
    for (name, text) in [
        ("certificate.json", "{}\n"),
        ("label.xml", release().label.as_str()),
        ("no.json", "what is handed over of NO\n"),
        ("de.json", "what is handed over of DE\n"),
    ] {
        office.bench.write(name, text);
    }
}

const WAVE: &str = "release --title Wave --kind standards --content content --wave wave.json --certificate certificate.json \
                    --label label.xml --audience ACME --exposure NO=no.json --exposure DE=de.json \
                    --deadline 2026-03-20T12:00:00Z";

#[test]
fn a_change_of_the_registry_is_logged_with_its_boxes_and_tells_nothing() {
    let office = office();
    register(&office);
    let sealed = fs::read(office.bench.path("change.box")).unwrap();
    assert!(!sealed.windows(4).any(|bytes| bytes == b"ex-a"), "the box is not sealed");
    assert!(submit(&office, "register.act", 2).err.contains("does not have the sealed box"));
    // Documents come with the change, each in a box of its own; without the box of the change they are nothing.
    office.bench.write("document.box", "a sealed document");
    let without = submit(&office, "register.act --box document.box", 2);
    assert!(without.err.contains("is not the sealed box that the act names"), "{}", without.err);
    let logged = submit(&office, "register.act --box change.box --box document.box", 0).json();
    assert_eq!(logged["followed"], serde_json::json!(["revision 1 of the registry is in force"]));
    assert_eq!(
        submit(&office, "register.act --box change.box", 3).json()["refusal"]["rule"],
        "counter-rises"
    );
    let words = office.bench.expect(0, "act show office.json").out;
    assert!(words.contains("OFFICE changes the registry of standards to revision 1."), "{words}");
    assert!(words.contains("added         | 3"), "{words}");
    office.bench.write("change.json", "{}");
    let card = "keys/office.act.key.card.json";
    let what = "register --change change.json --to keys/office.open.key.card.json --box other.box";
    assert!(office.prepare(2, what, card, "other.json").err.contains("is no change of a registry"));
}

#[test]
fn members_consent_to_parts_and_object_to_parts_and_what_is_left_circulates_again() {
    let office = office();
    register(&office);
    submit(&office, "register.act --box change.box", 0);
    wave(&office, &["ex-a", "ex-b", "ex-c"]);
    // The documents are those of the parts, or nothing is proposed that nobody could open.
    office.bench.write("content/documents/more.txt", "of no part");
    let card = "keys/office.act.key.card.json";
    let more = office.prepare(2, WAVE, card, "wave.act.json");
    assert!(more.err.contains("are not the documents of the 3 parts"), "{}", more.err);
    fs::remove_file(office.bench.path("content/documents/more.txt")).unwrap();
    office.office_prepares(WAVE);
    office.by_office("office.json");

    let log = office.log();
    let inbox = |who: &str| {
        let line = format!("inbox --party {who} --ledger {log} --trust trust.json --json");
        office.bench.expect(0, &line).json()["items"].as_array().unwrap().clone()
    };
    let waits = inbox("DE").into_iter().find(|item| !item["parts"].as_array().unwrap().is_empty()).unwrap();
    let part = |id: &str| serde_json::json!({"id": id, "given": 0, "wanted": 1});
    assert_eq!(waits["parts"], serde_json::json!([part("ex-b"), part("ex-c")]));

    office.signed("consent Wave --parts ex-a", "no.key", "no.yes");
    office.submit(0, "no.yes.act");
    let words = office.bench.expect(0, "act show no.yes.json").out;
    assert!(words.contains("NO consents to 1 part and to no more of the proposal below"), "{words}");
    let foreign = office.prepare(3, "consent Wave --parts ex-a", "de.key.card.json", "foreign.json");
    assert!(foreign.out.contains("rule `consent-own`"), "{}", foreign.out);
    let unknown =
        office.prepare(3, "object Wave --parts ex-d --reason no", "de.key.card.json", "unknown.json");
    assert!(unknown.out.contains("rule `part-in-wave`"), "{}", unknown.out);
    office.signed("object Wave --parts ex-b --reason 'annex C is not ours to give'", "de.key", "de.no");
    let settled = office.submit(0, "de.no.act");
    assert_eq!(settled["followed"][1], "`Wave` is objected to");

    // As it was, it does not come back; without the part, it does, and NO and DE have the last word on theirs.
    let again = office.prepare(3, &format!("{WAVE} --force"), card, "again.json");
    assert!(again.out.contains("rule `objected-part`"), "{}", again.out);
    wave(&office, &["ex-a", "ex-c"]);
    office.office_prepares(WAVE);
    office.by_office("office.json");
    office.signed("consent Wave --parts ex-a", "no.key", "no.again");
    let log = office.log();
    let line = format!("act show no.again.json --ledger {log} --trust trust.json");
    let shown = office.bench.expect(0, &line).out;
    assert!(shown.contains("without ex-b"), "{shown}");
    office.submit(0, "no.again.act");
    office.signed("consent Wave --parts ex-c", "de.key", "de.yes");
    assert_eq!(office.submit(0, "de.yes.act")["followed"][1], "`Wave` is agreed");
}
