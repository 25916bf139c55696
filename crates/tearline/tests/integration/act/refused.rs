//! What must not pass: changed files, other keys, and acts that the log would not take.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::act::{Act, ActBody};
use ledger::key::SigningKey;

use super::office::{Delegate, Office, TITLE};

#[test]
fn an_act_that_breaks_a_rule_is_refused_and_changes_nothing() {
    let office = Office::empty();
    let (a, b) = (office.delegate("a"), office.delegate("b"));
    let short = Delegate { expires: "2026-03-05T00:00:00Z", ..office.delegate("c") };
    office.found(2, &[a, b, short]);
    let approve = format!("approve '{TITLE}'");
    for who in ["a", "b", "c"] {
        office.signed(&approve, &format!("{who}.key"), who);
    }
    office.signed(&approve, "de.key", "de");
    office.submit(0, "a.act");
    office.refused("a.act", "counter-rises");
    // The same words with a counter of their own: said already.
    let again = office.prepare(3, &approve, "a.key.card.json", "again.json");
    assert!(again.out.contains("refused: rule `decide-once`"), "{}", again.out);
    assert!(!office.bench.path("again.json").exists());
    let lost = office.card("b.key.card.json").id();
    office.signed(&format!("revoke --key {lost} --reason 'left in a taxi'"), "a.key", "revoke");
    office.submit(0, "revoke.act");
    office.refused("b.act", "key-revoked");
    office.tick("2026-03-06T00:00:00Z");
    office.refused("c.act", "key-expired");
    office.tick("2026-03-10T12:00:00Z");
    office.refused("de.act", "deadline");
    // Not signed by a key of DE, whatever it says; then not an act at all.
    let bytes = fs::read(office.bench.path("de.act")).unwrap();
    let act = Act::claimed(&ledger::dsse::Envelope::from_bytes(&bytes).unwrap()).unwrap();
    assert!(matches!(act.body, ActBody::Approve(_)));
    let forged = act.sign(&SigningKey::from_seed(&[9; 32])).unwrap();
    fs::write(office.bench.path("forged.act"), forged.to_bytes()).unwrap();
    office.refused("forged.act", "actor-key");
    let mut changed = bytes;
    changed.push(b' ');
    fs::write(office.bench.path("changed.act"), changed).unwrap();
    office.refused("changed.act", "envelope");
}

#[test]
fn a_changed_byte_is_caught_before_anything_is_signed() {
    let office = Office::empty();
    office.found(1, &[office.delegate("a")]);
    office.prepare(0, &format!("approve '{TITLE}'"), "a.key.card.json", "a.json");
    let log = office.log();
    let sound = office.bench.read("a.json");
    let mut document: serde_json::Value = serde_json::from_str(&sound).unwrap();
    let payload = document["payload"].as_str().unwrap().to_owned();
    // Another act of the same party, in its one byte form.
    let act = String::from_utf8(STANDARD.decode(&payload).unwrap()).unwrap();
    let other = STANDARD.encode(act.replacen("\"act\":\"approve\"", "\"act\":\"waive\"", 1));
    document["words"]["details"][1]["content"] = "Something harmless".into();
    let forgeries = [
        sound.replacen("NO approves", "NO objects to", 1),
        sound.replacen(TITLE, "Demand 2031", 1),
        sound.replacen(&payload, &other, 1),
        sound.replacen("\"challenge\": \"", "\"challenge\": \"x", 1),
        sound.replacen("\"size\": 3", "\"size\": 2", 1),
        sound.replacen("  \"actor\"", "   \"actor\"", 1),
        format!("{sound}\n"),
        serde_json::to_string_pretty(&document).unwrap(),
    ];
    for forged in forgeries {
        assert_ne!(forged, sound);
        office.bench.write("a.json", &forged);
        let shown = office
            .bench
            .expect(3, &format!("act show a.json --ledger {log} --trust trust.json --json"))
            .json();
        assert_eq!(shown["verdict"], "not-sound", "{forged}");
        office.bench.expect(3, "act show a.json");
        let signed = office.sign(3, "a.json", "a.key", "a.act");
        assert_eq!(signed.json()["verdict"], "not-signed");
        assert!(!office.bench.path("a.act").exists());
    }
    // What is no prepared act is bad input, and says where.
    office.bench.write("a.json", "{}");
    assert!(office.bench.expect(2, "act show a.json").err.contains("line 1 column 2"));
}

#[test]
fn only_the_key_that_it_was_prepared_for_signs_and_only_after_a_yes() {
    let office = Office::empty();
    office.found(1, &[office.delegate("a"), office.delegate("b")]);
    office.prepare(0, &format!("approve '{TITLE}'"), "a.key.card.json", "a.json");
    let other = office.sign(3, "a.json", "b.key", "a.act");
    assert!(other.out.contains("the act was prepared for key"), "{}", other.out);
    // Nobody to ask, and a wrong passphrase.
    let line = "act sign a.json --key a.key --passphrase-file pass --out a.act";
    assert!(office.bench.expect(2, line).err.contains("there is no terminal to ask on"));
    office.bench.write("wrong", "some other words\n");
    office.bench.expect(2, "act sign a.json --key a.key --passphrase-file wrong --yes --out a.act");
    assert!(!office.bench.path("a.act").exists());
    for (typed, code) in [("no\n", 3), ("yes\n", 0)] {
        let answer = on_a_terminal(&office, line, typed);
        assert_eq!(answer.0, code, "{}", answer.1);
        assert!(
            answer.1.contains("NO approves the proposal below") && answer.1.contains("Sign exactly this?"),
            "{}",
            answer.1
        );
        assert_eq!(office.bench.path("a.act").exists(), code == 0);
    }
    office.submit(0, "a.act");
}

/// Runs a command on a terminal of its own, by `script` (util-linux), and types a line.
fn on_a_terminal(office: &Office, line: &str, typed: &str) -> (i32, String) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let program = format!("{} {line}", env!("CARGO_BIN_EXE_tearline"));
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &program, "/dev/null"])
        .current_dir(office.bench.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}
