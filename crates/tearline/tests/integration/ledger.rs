//! The log of a demo, taken further: exported again, served, witnessed, taken into a trust file.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::run::Bench;

const PASSPHRASE: &str = "--passphrase-file demo/keys/PASSPHRASE";

/// A service that is ended when the test ends, however it does.
pub(crate) struct Service {
    child: Child,
    url: String,
}

impl Service {
    /// Starts a service; its first line says where it is.
    fn start(bench: &Bench, line: &str) -> Self {
        let mut child = bench.command(line).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A demo takes seconds, so that one is taken through all of it.
#[test]
fn the_log_of_a_demo_is_renewed_served_witnessed_and_cannot_be_cut() {
    let bench = Bench::empty();
    bench.expect(0, "demo --dir demo");
    a_trust_file_is_renewed_from_a_log_that_holds(&bench);
    a_served_log_verifies_like_its_folder_and_nothing_else_does(&bench);
    std::fs::copy(bench.path("demo/office/store.sqlite"), bench.path("older.sqlite")).unwrap();
    too_few_witnesses_are_named_and_enough_of_them_count(&bench);
    a_log_that_was_cut_is_cosigned_by_nobody(&bench);
}

/// The demo's witnesses at new addresses, where only those named run.
pub(crate) fn policy(bench: &Bench, running: &[(&str, &Service)]) {
    let trust: serde_json::Value = serde_json::from_str(&bench.read("demo/trust.json")).unwrap();
    let text = trust["witnesses"].as_str().unwrap();
    let addressed = |line: &str| {
        let found = running.iter().find(|(ally, _)| line.starts_with(&format!("witness {ally}-")));
        match found {
            Some((_, service)) => format!("{line} {}\n", service.url),
            None => format!("{line}\n"),
        }
    };
    bench.write("policy.txt", &text.lines().map(addressed).collect::<String>());
}

pub(crate) fn witness(bench: &Bench, ally: &str) -> Service {
    let line = format!(
        "witness --key demo/keys/{ally}.witness.key --trust demo/trust.json --record demo/witnesses/{ally}.record \
         --listen 127.0.0.1:0 {PASSPHRASE}"
    );
    Service::start(bench, &line)
}

fn a_served_log_verifies_like_its_folder_and_nothing_else_does(bench: &Bench) {
    let service = Service::start(bench, "ledger serve --dir demo/ledger --listen 127.0.0.1:0");
    let remote = format!("ledger verify --url {} --trust demo/trust.json --json", service.url);
    let remote = bench.expect(0, &remote).json();
    let local = bench.expect(0, "ledger verify --dir demo/ledger --trust demo/trust.json --json").json();
    assert_eq!(remote["root_sha256"], local["root_sha256"]);
    assert_eq!(remote["releases"], local["releases"]);
    // A log's folder holds no trust file, and so does nothing that is served of it.
    bench.expect(2, &format!("ledger verify --url {}", service.url));
    bench.expect(2, &format!("ledger verify --url {} --dir demo/ledger", service.url));
    bench.expect(2, "ledger verify --trust demo/trust.json");
    let url = service.url.clone();
    drop(service);
    let answer = bench.expect(1, &format!("ledger verify --url {url} --trust demo/trust.json"));
    assert!(answer.err.contains("could not be fetched"), "{}", answer.err);
}

fn too_few_witnesses_are_named_and_enough_of_them_count(bench: &Bench) {
    let first = witness(bench, "FI");
    policy(bench, &[("FI", &first)]);
    let line = format!("ledger witness --office demo --witnesses policy.txt {PASSPHRASE}");
    let answer = bench.expect(3, &format!("{line} --json")).json();
    assert_eq!(
        answer["missing"],
        serde_json::json!(["NL-ed25519", "NL-ml-dsa-44", "PT-ed25519", "PT-ml-dsa-44"])
    );
    assert!(answer["witnessed"].is_null() && answer["refusal"].is_string());
    let second = witness(bench, "NL");
    policy(bench, &[("FI", &first), ("NL", &second)]);
    assert!(bench.expect(0, &format!("{line} --dry-run")).out.contains("nothing was logged"));
    assert!(bench.expect(0, &line).out.contains("witnessed: 212 entries"));
    bench.expect(0, &format!("ledger export --office demo --out ledger {PASSPHRASE}"));
    let answer = bench.expect(0, "ledger verify --dir ledger --trust demo/trust.json");
    assert!(answer.out.contains("213 entries"), "{}", answer.out);
    bench.expect(2, &format!("ledger export --office demo --out ledger {PASSPHRASE}"));
}

/// A witness that has seen a log cosigns no shorter one.
fn a_log_that_was_cut_is_cosigned_by_nobody(bench: &Bench) {
    let (first, second) = (witness(bench, "FI"), witness(bench, "NL"));
    policy(bench, &[("FI", &first), ("NL", &second)]);
    let line = format!("ledger witness --office demo --witnesses policy.txt {PASSPHRASE}");
    // The office goes back to an older store, as if what came since had never been.
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(bench.path(&format!("demo/office/store.sqlite{end}")));
    }
    std::fs::copy(bench.path("older.sqlite"), bench.path("demo/office/store.sqlite")).unwrap();
    let answer = bench.expect(3, &format!("{line} --json")).json();
    for asked in answer["asked"].as_array().unwrap().iter().filter(|asked| asked["url"] != "") {
        assert_eq!(asked["outcome"], "refused", "{asked}");
    }
    assert!(answer["witnessed"].is_null());
}

fn a_trust_file_is_renewed_from_a_log_that_holds(bench: &Bench) {
    bench.expect(0, "ledger trust --dir demo/ledger --trust demo/trust.json --out newer.json");
    assert_eq!(bench.read("newer.json"), bench.read("demo/trust.json"));
    bench.expect(2, "ledger trust --dir demo/ledger --trust demo/trust.json --out newer.json");
    // Under a trust file that does not know one of the allies, nothing is renewed.
    let mut other: serde_json::Value = serde_json::from_str(&bench.read("demo/trust.json")).unwrap();
    other["rosters"][0]["members"].as_array_mut().unwrap().pop();
    bench.write("other.json", &other.to_string());
    bench.expect(3, "ledger trust --dir demo/ledger --trust other.json --out wrong.json");
    assert!(!bench.path("wrong.json").exists());
}
