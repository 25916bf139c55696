//! `tearline standards import | wave | holdings` on the office of a demo, which has handed over two waves and a revision: by hand, from a
//! third snapshot to the proposal of what goes next.

use std::fs;

use serde_json::Value;

use crate::ledger::{policy, witness};
use crate::run::{Answer, Bench};

const OFFICE: &str = "--office demo --key demo/keys/office.open.key --passphrase-file demo/keys/PASSPHRASE";
const POLICY: &str = "--policy demo/standards/policy.toml";
/// The title of a part that no receiver of the demo is cleared for.
const CONFIDENTIAL: &str = "Fuel nozzles: weak points";

fn office() -> Bench {
    let bench = Bench::empty();
    bench.expect(0, "demo --dir demo");
    bench
}

/// The receiver of this code in a document of what is held.
fn of<'d>(document: &'d Value, code: &str) -> &'d Value {
    document["receivers"].as_array().unwrap().iter().find(|receiver| receiver["code"] == code).unwrap()
}

fn ids(values: &Value) -> Vec<&str> {
    values
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value["id"].as_str().unwrap_or_else(|| value.as_str().unwrap()))
        .collect()
}

/// What the office would type between an act that it prepares and its entry in the log.
fn sign_and_submit(bench: &Bench, name: &str, boxes: &str) -> Answer {
    let passphrase = "--passphrase-file demo/keys/PASSPHRASE";
    bench.expect(
        0,
        &format!("act sign {name}.json --key demo/keys/office.act.key --out {name}.act --yes {passphrase}"),
    );
    bench.expect(0, &format!("act submit {name}.act --office demo {boxes} {passphrase}"))
}

const SIGNER: &str = "--ledger ledger --trust demo/trust.json --card demo/keys/office.act.key.card.json";

#[test]
fn a_snapshot_becomes_a_revision_and_a_wave_that_the_log_takes() {
    let bench = office();
    let before = bench.expect(0, &format!("standards holdings {OFFICE} {POLICY} --json")).json();
    assert_eq!(before["registry_revision"], 2);
    let told: Vec<&str> = of(&before, "EU-REGISTRY")["parts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|part| part["state"] == "told")
        .map(|part| part["id"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["ex-acal-9004-ed.a-v1", "ex-avoc-9002-ed.a-v1", "ex-stanag9002ed1"]);

    // A third snapshot: the draft became a standard in the second, and now comes in a new version with a document of its own.
    let snapshot =
        bench.read("demo/standards/second.csv").replace("Stacking of crates", "Stacking of crates again");
    bench.write("third.csv", &snapshot);
    fs::create_dir(bench.path("documents")).unwrap();
    bench.write("documents/ex-astor-9005-ed.a-v1.txt", "EXERCISE EXERCISE EXERCISE\ncrates, again\n");
    let import = format!(
        "standards import third.csv --edges demo/standards/second-edges.csv --as-of 2026-11-01 --documents documents {OFFICE} --out change"
    );
    let change = bench.expect(0, &format!("{import} --json")).json();
    let counts =
        ["revision", "added", "changed", "withdrawn", "renamed", "documents"].map(|key| change[key].as_u64());
    assert_eq!(counts, [3, 0, 1, 0, 0, 1].map(Some));
    assert!(bench.read("change/change.csv").contains("changed,ex-astor-9005-ed.a-v1,,"));
    assert_eq!(bench.expect(2, &import).code, 2, "a review is not written over");
    // A row that cannot be read is not taken for one that is gone.
    bench.write("broken.csv", &snapshot.replace("Stacking of crates again", "Stacking of crates, again"));
    let broken = import.replace("third.csv", "broken.csv").replace("--out change", "--out broken");
    assert!(bench.expect(3, &broken).out.contains("row-misshapen"));
    assert!(!bench.path("broken").exists());
    // Nothing took effect.
    let after = bench.expect(0, &format!("standards holdings {OFFICE} {POLICY} --json")).json();
    assert_eq!(after["registry_revision"], 2);

    bench.expect(0, "ledger export --office demo --out ledger --passphrase-file demo/keys/PASSPHRASE");
    bench.expect(
        0,
        &format!(
            "act prepare register --change change/change.json --to demo/keys/office.open.key.card.json --box change.box {SIGNER} --out register.json"
        ),
    );
    sign_and_submit(&bench, "register", "--box change.box --box change/boxes");

    put_together(&bench);
    circulate(&bench);
}

/// Writes the wave that goes next, and looks at what is in it.
fn put_together(bench: &Bench) {
    let wave = format!(
        "standards wave {OFFICE} {POLICY} --title 'EXERCISE crates' --banner EXERCISE --releasable-to EU"
    );
    let next = bench.expect(0, &format!("{wave} --capacity 10 --out wave --json")).json();
    let releases = next["releases"].as_array().unwrap();
    assert_eq!(releases.len(), 1);
    assert_eq!(ids(&releases[0]["audience"]), ["AT-REGISTRY", "EU-REGISTRY"]);
    assert_eq!(ids(&releases[0]["parts"]), ["ex-astor-9005-ed.a-v1"]);
    let document = "wave/1/content/documents/ex-astor-9005-ed.a-v1/ex-astor-9005-ed.a-v1.txt";
    assert_eq!(bench.read(document), bench.read("documents/ex-astor-9005-ed.a-v1.txt"));
    assert!(bench.read("wave/1/content/wave.html").contains("Releasable to EU"));
    // What goes to receivers, and to members, names no part that nobody may have.
    for file in bench.list().iter().filter(|file| file.starts_with("wave/1/") && bench.path(file).is_file()) {
        assert!(!bench.read(file).contains(CONFIDENTIAL), "{file}");
    }
    assert!(bench.read("wave/plan.json").contains(CONFIDENTIAL), "the plan is the office's");
}

/// Proposes the first release of the folder `wave`, as the command that wrote it says.
fn circulate(bench: &Bench) {
    // Nobody believes a log that enough witnesses have not seen.
    let (first, second) = (witness(bench, "FI"), witness(bench, "NL"));
    policy(bench, &[("FI", &first), ("NL", &second)]);
    bench.expect(
        0,
        "ledger witness --office demo --witnesses policy.txt --passphrase-file demo/keys/PASSPHRASE",
    );
    bench.expect(0, "ledger export --office demo --out ledger-2 --passphrase-file demo/keys/PASSPHRASE");
    let signer = SIGNER.replace("--ledger ledger", "--ledger ledger-2");
    bench.expect(
        0,
        &format!(
            "act prepare release --kind standards --title 'EXERCISE crates' --content wave/1/content --wave wave/1/wave.json \
             --certificate wave/1/wave.json --label wave/1/label.xml --audience AT-REGISTRY,EU-REGISTRY \
             --exposure CA=wave/1/shown/CA.json --deadline 2036-01-01T00:00:00Z {signer} --out release.json"
        ),
    );
    let logged = sign_and_submit(bench, "release", "");
    assert!(logged.out.contains("EXERCISE crates"), "{}", logged.out);
}

#[test]
fn what_is_asked_of_the_desk_is_answered_or_refused_in_words() {
    let bench = office();
    // Nothing is due: answered no, and nothing is written.
    let wave = format!("standards wave {OFFICE} {POLICY} --title 'EXERCISE none'");
    assert!(bench.expect(3, &format!("{wave} --delta --out delta")).out.contains("nothing goes"));
    assert!(!bench.path("delta").exists());
    let bulk =
        bench.expect(3, &format!("{wave} --bulk --deadline 2036-01-01T00:00:00Z --out bulk --json")).json();
    assert_eq!(bulk["awaiting"]["ex-astor-9005-ed.a-v1"], serde_json::json!(["CA"]));
    let again = format!("standards wave {OFFICE} {POLICY} --again");
    assert!(
        bench
            .expect(2, &format!("{again} 'EXERCISE standards, first wave, EU-REGISTRY' --out again"))
            .err
            .contains("is no wave that was objected to")
    );
    // Before anything was registered there is nothing to hold; a receiver gets what it holds, and no word of the rest.
    let past = format!("standards holdings {OFFICE} {POLICY} --at 2026-01-01T00:00:00Z");
    assert!(bench.expect(2, &past).err.contains("nothing is registered"));
    let own = format!("standards holdings {OFFICE} {POLICY} --receiver AT-REGISTRY --out for-AT --json");
    let own = bench.expect(0, &own).json();
    assert_eq!(own["receivers"].as_array().unwrap().len(), 1);
    assert!(of(&own, "AT-REGISTRY")["blocked"].as_array().unwrap().is_empty());
    for file in bench.list().iter().filter(|file| file.starts_with("for-AT/") && bench.path(file).is_file()) {
        let bytes = fs::read(bench.path(file)).unwrap();
        let holds = bytes.windows(CONFIDENTIAL.len()).any(|window| window == CONFIDENTIAL.as_bytes());
        assert!(!holds, "{file}");
    }
    let wrong = format!("standards holdings {OFFICE} {POLICY} --receiver AT-REGISTER --json");
    assert!(bench.expect(2, &wrong).err.contains("did you mean `AT-REGISTRY`?"));
}

#[test]
fn no_title_of_a_standard_stands_in_the_clear_where_it_should_not() {
    let bench = office();
    // The board's report and the snapshots are the office's; receivers, members, log and store have none of it.
    let ours = ["demo/standards/first.csv", "demo/standards/second.csv", "demo/standards/held/"];
    for file in bench.list().iter().filter(|file| bench.path(file).is_file()) {
        let bytes = fs::read(bench.path(file)).unwrap();
        let holds = bytes.windows(CONFIDENTIAL.len()).any(|window| window == CONFIDENTIAL.as_bytes());
        assert!(!holds || ours.iter().any(|ours| file.starts_with(ours)), "{file}");
    }
}
