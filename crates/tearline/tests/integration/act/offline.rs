//! The whole path: two delegates of one member, each with its own copy of the log, and an office that puts their acts together.

use super::office::{Delegate, Office, TITLE};
use crate::run::Answer;

fn sentences(answer: &serde_json::Value) -> Vec<String> {
    answer["followed"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

#[test]
fn two_delegates_agree_offline_and_the_round_settles() {
    let office = Office::empty();
    // One key file of each algorithm, the second made as its owner would.
    let b = "key new --kind act --algorithm p256 --name NO --out b.key --passphrase-file pass";
    office.bench.expect(0, b);
    let card = office.card("b.key.card.json");
    assert_eq!(card.act_key().unwrap().algorithm(), "ECDSA P-256");
    let delegates = [office.delegate("a"), Delegate { id: "b", card, expires: "2036-01-01T00:00:00Z" }];
    office.bench.expect(2, "key new --kind seal --algorithm p256 --out s.key --passphrase-file pass");
    office.found(2, &delegates);
    // Both prepare on the same log: each key has its own counter.
    for who in ["a", "b"] {
        let answer = office.prepare(
            0,
            &format!("approve '{TITLE}'"),
            &format!("{who}.key.card.json"),
            &format!("{who}.json"),
        );
        assert!(
            answer.out.starts_with("NO approves the proposal below, in round 1 of roster 1.\n"),
            "{}",
            answer.out
        );
    }
    let log = office.log();
    let shown = office.bench.expect(0, &format!("act show a.json --ledger {log} --trust trust.json"));
    for part in [
        "own exposure  | ",
        "deadline      | 2026-03-10T12:00:00Z",
        "sound: to be signed with key",
        "the log would take it now",
    ] {
        assert!(shown.out.contains(part), "{part}\n{}", shown.out);
    }
    // Without the log the words are fewer, and it says so.
    let alone = office.bench.expect(0, "act show a.json");
    assert!(
        alone.out.contains("not known: this proposal is not in the log")
            && alone.out.contains("not-reached  rules"),
        "{}",
        alone.out
    );
    for who in ["a", "b"] {
        let signed = office.sign(0, &format!("{who}.json"), &format!("{who}.key"), &format!("{who}.act"));
        assert!(signed.err.starts_with("NO approves the proposal below"), "{}", signed.err);
        assert_eq!(signed.json()["verdict"], "signed");
    }
    let dry =
        office.bench.expect(0, "act submit a.act --office . --passphrase-file pass --dry-run --json").json();
    assert_eq!((&dry["verdict"], &dry["entry"]), (&"would-be-logged".into(), &3.into()));
    let first = office.submit(0, "a.act");
    assert_eq!((&first["verdict"], &first["entry"]), (&"logged".into(), &3.into()));
    assert_eq!(sentences(&first), [format!("a key of NO has approved `{TITLE}` (1 of 2 keys)")]);
    assert_eq!(sentences(&first), sentences(&dry));
    let second = office.submit(0, "b.act");
    assert_eq!(sentences(&second), [format!("a key of NO has approved `{TITLE}` (2 of 2 keys)")]);
    office.signed(&format!("approve '{TITLE}'"), "de.key", "de");
    let last = office.submit(0, "de.act");
    assert_eq!(
        sentences(&last),
        [format!("a key of DE has approved `{TITLE}`"), format!("`{TITLE}` is agreed")]
    );
    let log = office.log();
    office.bench.expect(0, &format!("ledger verify --dir {log} --trust trust.json"));
    // What was prepared before is still shown for what it is, and would be refused now.
    let late =
        office.bench.expect(3, &format!("act show a.json --ledger {log} --trust trust.json --json")).json();
    assert_eq!((&late["verdict"], &late["refusal"]["rule"]), (&"refused".into(), &"counter-rises".into()));
}

#[test]
fn the_inbox_says_what_waits_and_who_is_to_be_reminded() {
    let office = Office::empty();
    office.found(1, &[office.delegate("a")]);
    let inbox = |whose: &str| {
        office.bench.expect(0, &format!("inbox --ledger {} --trust trust.json {whose}", office.log()))
    };
    let item = |answer: Answer| {
        answer.json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["matter"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        inbox("--party NO").out,
        format!("open      `{TITLE}` waits for your yes: silence will not do, until 2026-03-10T12:00:00Z\n")
    );
    assert_eq!(item(inbox("--party DE --json")), ["consent"]);
    assert_eq!(inbox("--reminders").out, "nothing waits at 2026-03-01T08:00:00Z\n");
    office.signed(&format!("approve '{TITLE}'"), "a.key", "a");
    office.submit(0, "a.act");
    office.tick("2026-03-09T13:00:00Z");
    let reminders = inbox("--reminders").out;
    assert_eq!(
        reminders,
        format!(
            "last day  DE: `{TITLE}` waits for your yes: silence will not do, until 2026-03-10T12:00:00Z\n"
        )
    );
    office.tick("2026-03-10T12:00:00Z");
    assert_eq!(item(inbox("--party NO --json")), ["outcome"]);
    assert_eq!(inbox("--party NO").out, format!("notice    `{TITLE}` is lapsed\n"));
    office.bench.expect(2, &format!("inbox --ledger {} --trust trust.json --party SE", office.log()));
}

#[test]
fn every_kind_of_act_is_prepared_and_taken() {
    let office = Office::empty();
    office.found(1, &[office.delegate("a"), office.delegate("b")]);
    let take = |what: &str, key: &str, expected: &str| {
        office.signed(&format!("{what} --force"), key, "next-act");
        let answer = office.submit(0, "next-act.act");
        assert!(sentences(&answer).iter().any(|line| line.contains(expected)), "{what}: {answer}");
        std::fs::remove_file(office.bench.path("next-act.act")).unwrap();
    };
    take(&format!("reserve '{TITLE}' --reason 'for this year only'"), "a.key", "with a reservation");
    take(&format!("retract '{TITLE}'"), "a.key", "taken back");
    take(&format!("waive '{TITLE}'"), "a.key", "need not be waited for");
    take(
        &format!("extend '{TITLE}' --deadline 2026-03-20T12:00:00Z"),
        "keys/office.act.key",
        "circulates until 2026-03-20T12:00:00Z",
    );
    office.bench.write("why.txt", "line 3 tells our number\r\nand so does line 4\r\n");
    take(&format!("object '{TITLE}' --reason-file why.txt"), "de.key", "is objected to");
    // The amended draft says what it changes, to the office and to whoever answers.
    let amended = act_json(&office, |draft| {
        draft["release"] = serde_json::json!(ledger::Digest::of(b"another release"))
    });
    office.bench.write("draft.json", &amended);
    take(
        &format!("propose --title '{TITLE}' --draft draft.json --deadline 2026-03-21T12:00:00Z"),
        "keys/office.act.key",
        "in round 2",
    );
    let shown = office.prepare(
        0,
        &format!("amend '{TITLE}' --reason 'leave out ACME' --force"),
        "a.key.card.json",
        "amend.json",
    );
    assert!(shown.out.contains("  changed       | what would be released\n"), "{}", shown.out);
    take(&format!("amend '{TITLE}' --reason 'leave out ACME'"), "a.key", "is objected to");
    take(
        "entrust --audience ACME --content figures,standards --up-to restricted --expires 2027-01-01T00:00:00Z",
        "a.key",
        "counts from now on",
    );
    take("reclaim", "a.key", "has ended");
    take(
        &format!("propose --title '{TITLE}' --draft draft.json --deadline 2026-03-22T12:00:00Z"),
        "keys/office.act.key",
        "in round 3",
    );
    take(&format!("withdraw '{TITLE}' --reason 'a figure was wrong'"), "keys/office.act.key", "withdrawn");
    let lost = office.card("b.key.card.json").id();
    take(&format!("revoke --key {lost} --reason 'left in a taxi'"), "a.key", "counts no more");
    endorse(&office);
}

/// A new key for ACME: endorsed by the old one and by itself.
fn endorse(office: &Office) {
    office.key(ledger::keyfile::KeyKind::Act, "ACME", "new.key");
    let new = office.card("new.key.card.json").act_key().unwrap();
    let change = serde_json::json!({"of": "roster", "changes": [{
        "change": "delegation", "party": "ACME", "succession": "rotate",
        "delegation": {"quorum": 1, "delegates": [
            {"id": "acme", "key": new, "scopes": ["govern", "receive"], "expires_utc": "2036-01-01T00:00:00Z"},
        ]},
    }]});
    office.bench.write("change.json", &change.to_string());
    office.office_prepares(
        "propose --title 'New key of ACME' --draft change.json --deadline 2026-03-22T12:00:00Z",
    );
    office.by_office("office.json");
    for (key, out) in [("acme.key", "old"), ("new.key", "new")] {
        office.signed("endorse 'New key of ACME'", key, out);
        let answer = office.submit(0, &format!("{out}.act"));
        assert!(sentences(&answer)[0].contains("of ACME has endorsed `New key of ACME`"), "{answer}");
    }
}

/// The draft as a file, changed.
fn act_json(office: &Office, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut draft: serde_json::Value = serde_json::from_str(&office.bench.read("draft.json")).unwrap();
    change(&mut draft);
    draft.to_string()
}
