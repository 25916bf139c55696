//! OpenTDF files of other clients through the command line: opened, with what is proved of them and what is not, or refused.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::keyfile::{Cost, KeyFile, seal_key};
use package::access::AccessKey;

use crate::run::Bench;

const TEXT: &str = "EXERCISE EXERCISE EXERCISE: content that another client sealed\n";

/// A bench with a file that `otdf-python` made, one in the older dialect, and the key of both.
fn bench() -> Bench {
    let known = include_bytes!("../../../package/tests/data/access-pyca.json");
    let known = serde_json::from_slice::<serde_json::Value>(known).unwrap();
    let bytes = |field: &str| STANDARD.decode(known[field].as_str().unwrap()).unwrap();
    let bench = Bench::empty();
    let key = AccessKey::from_secret_bytes(&bytes("secret")).unwrap();
    let file = KeyFile::new(key.public().card("kas").unwrap(), key.to_secret_bytes()).unwrap();
    let mut randomness = |out: &mut [u8]| out.fill(3);
    let sealed = seal_key(&file, b"four random words", Cost::LIGHT, &mut randomness).unwrap();
    fs::write(bench.path("kas.key"), sealed).unwrap();
    fs::write(bench.path("python.tdf"), bytes("otdf")).unwrap();
    fs::write(bench.path("older.tdf"), bytes("older")).unwrap();
    bench.write("passphrase", "four random words\n");
    bench.write("wrong", "another passphrase\n");
    bench
}

const OPEN: &str = "--key kas.key --passphrase-file passphrase --out content";

#[test]
fn a_file_of_another_client_opens_and_says_what_is_not_proved() {
    let bench = bench();
    let shown = bench.expect(0, "tdf show python.tdf");
    assert!(shown.out.contains("OpenTDF 4.3.0: 63 bytes"), "{}", shown.out);
    assert!(shown.out.contains("nothing of this is proved"), "{}", shown.out);
    let opened = bench.expect(0, &format!("tdf open python.tdf {OPEN}"));
    assert_eq!(bench.read("content"), TEXT);
    for words in
        ["not proved  who made it", "not proved  any label in it", "proved      the content is whole"]
    {
        assert!(opened.out.contains(words), "{}", opened.out);
    }
    // Nothing is written over, unless it is asked for.
    bench.expect(2, &format!("tdf open older.tdf {OPEN}"));
    let document = bench.expect(0, &format!("tdf open older.tdf {OPEN} --force --json")).json();
    assert_eq!(
        (document["schema"].as_str(), document["verdict"].as_str()),
        (Some("tearline-tdf-open/1"), Some("opened"))
    );
    let proofs = document["assertions"].as_array().unwrap().iter().map(|a| a["proof"].as_str().unwrap());
    assert_eq!(proofs.collect::<Vec<_>>(), ["content-key", "content-key", "nothing"]);
    assert_eq!(bench.read("content"), TEXT);
}

#[test]
fn what_is_changed_or_for_others_leaves_nothing_behind() {
    let bench = bench();
    bench.expect(2, "tdf open python.tdf --key kas.key --passphrase-file wrong --out content");
    bench.expect(0, "key new --kind access --out other.key --passphrase-file passphrase");
    let refused = bench
        .expect(3, "tdf open python.tdf --key other.key --passphrase-file passphrase --out content --json");
    assert_eq!(refused.json()["verdict"], "refused");
    bench.expect(0, "key new --kind act --out act.key --passphrase-file passphrase");
    bench.expect(2, "tdf open python.tdf --key act.key --passphrase-file passphrase --out content");

    let file = fs::read(bench.path("python.tdf")).unwrap();
    // The last segment: the ones before it are sound, and were written and thrown away again.
    let mut changed = file.clone();
    changed[30 + 9 + 3 * 48 + 14] ^= 1;
    fs::write(bench.path("changed.tdf"), changed).unwrap();
    let answer = bench.expect(3, &format!("tdf open changed.tdf {OPEN}"));
    assert!(answer.out.contains("segment 4 of 4 was changed"), "{}", answer.out);
    fs::write(bench.path("cut.tdf"), &file[..file.len() - 1]).unwrap();
    let document = bench.expect(3, &format!("tdf open cut.tdf {OPEN} --json")).json();
    assert_eq!(document["verdict"], "invalid");
    assert_eq!(bench.expect(3, "tdf show cut.tdf --json").json()["verdict"], "invalid");
    bench.expect(2, "tdf show missing.tdf");
    let left = bench.list();
    assert!(!left.iter().any(|path| path == "content" || path.ends_with(".tmp")), "{left:?}");
}

#[test]
fn a_package_of_an_office_is_sent_to_its_own_check() {
    let bench = Bench::empty();
    bench.expect(0, "demo --dir demo");
    let of_figures = |path: &String| path.starts_with("demo/portal/") && path.ends_with(".tdf");
    let package = bench.list().into_iter().find(of_figures).unwrap();
    let shown = bench.expect(0, &format!("tdf show {package}"));
    assert!(shown.out.contains("`tearline verify` checks those"), "{}", shown.out);
    let line = format!(
        "tdf open {package} --key demo/keys/AURORA.open.key --passphrase-file demo/keys/PASSPHRASE --out content.zip"
    );
    let opened = bench.expect(0, &line);
    assert!(opened.out.contains("`tearline open` proves what this cannot"), "{}", opened.out);
    assert!(fs::read(bench.path("content.zip")).unwrap().starts_with(b"PK"));
}
