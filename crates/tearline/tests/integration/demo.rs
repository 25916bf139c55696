//! The demo from outside: what it leaves behind, what it says, and what is left when it is killed.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::run::Bench;

/// Everything that outside checks rely on.
const LEFT: [&str; 15] = [
    "demo/trust.json",
    "demo/ledger/checkpoint",
    "demo/ledger/tile/0/000.p/212",
    "demo/ledger/tile/entries/000.p/212",
    "demo/exposures/NO.json",
    "demo/keys/PASSPHRASE",
    "demo/keys/NO.act.key",
    "demo/keys/NO.act.key.card.json",
    "demo/release/cells.csv",
    "demo/internal/pattern.csv",
    "demo/internal/certificate.csv",
    "demo/report.html",
    "demo/report.json",
    "demo/spec.toml",
    "demo/figures.csv",
];

#[test]
fn the_whole_path_runs_to_its_end_and_its_commands_work_on_what_it_left() {
    let bench = Bench::empty();
    let answer = bench.expect(0, "demo --check --dir demo");
    assert!(answer.out.starts_with("EXERCISE EXERCISE EXERCISE\n"));
    assert!(answer.out.trim_end().ends_with("EXERCISE EXERCISE EXERCISE"));
    for step in 1..=16 {
        assert!(answer.out.contains(&format!("\nStep {step} of 16: ")), "{step}");
    }
    assert_eq!(answer.out.matches("  passed  ").count(), 8);
    // The label in one ally's statement is the only thing too wide for a screen to wrap well; nothing is wider than asked.
    let wide = answer.out.lines().filter(|line| {
        line.chars().count() > 110 && !line.starts_with("  tearline") && !line.starts_with("  cp")
    });
    assert!(wide.clone().all(|line| line.starts_with("  passed")), "{:?}", wide.collect::<Vec<_>>());
    let left = bench.list();
    for path in LEFT {
        assert!(left.iter().any(|found| found == path), "{path}");
    }
    assert!(!left.iter().any(|path| path.contains(".tearline-")), "a temporary file was left");
    let packages: Vec<&String> =
        left.iter().filter(|path| path.starts_with("demo/portal/") && path.ends_with(".tdf")).collect();
    assert_eq!(packages.len(), 3);

    bench.expect(0, "protect demo/spec.toml --out out");
    assert_eq!(bench.read("out/release/cells.csv"), bench.read("demo/release/cells.csv"));
    assert_eq!(bench.read("out/internal/certificate.csv"), bench.read("demo/internal/certificate.csv"));
    bench.expect(0, "certificate check demo/spec.toml --release demo");
    bench.expect(0, "audit demo/spec.toml --pattern demo/internal/pattern.csv");
    bench.expect(0, "ledger verify --dir demo/ledger --trust demo/trust.json");
    bench.expect(0, &format!("verify {} --trust demo/trust.json", packages[0]));
    let trace = "--release demo/forms --key demo/keys/office.trace.key --packages demo/sealed --trust demo/trust.json \
                 --passphrase-file demo/keys/PASSPHRASE";
    let named = bench
        .expect(0, &format!("trace demo/companies/BOREAL/report.pdf {trace} --ledger demo/ledger --json"))
        .json();
    assert_eq!(named["verdict"], "named");
    assert_eq!(named["logged"], true);
    assert_eq!(named["named"][0]["receiver"], "BOREAL");
    assert_eq!(named["named"].as_array().unwrap().len(), 1);
    assert_eq!(
        bench.expect(3, &format!("trace demo/forms/report.html {trace} --json")).json()["verdict"],
        "nobody"
    );
    bench.expect(3, &format!("trace demo/report.html {trace}"));
    let label =
        "--label demo/label.xml --codes capability=demo/capability.csv --codes year=demo/year.csv --exercise";
    let title = "--title 'EXERCISE: equipment demand 2027-2034 (invented figures)'";
    bench.expect(0, &format!("forms demo {title} {label} --out again"));
    for form in ["report.html", "cells.json", "README.txt"] {
        assert_eq!(bench.read(&format!("again/{form}")), bench.read(&format!("demo/forms/{form}")), "{form}");
    }
    // Never said twice: the banner of the report carries the marking of the release.
    assert!(bench.read("demo/report.html").contains("EXERCISE EXERCISE EXERCISE NATO UNCLASSIFIED"));
    assert!(bench.read("demo/figures.csv").lines().skip(1).all(|line| line.ends_with(",EXERCISE")));
}

#[test]
fn as_a_document_the_story_has_the_same_steps() {
    let bench = Bench::empty();
    let document = bench.expect(0, "demo --json --dir demo").json();
    assert_eq!(document["schema"], "tearline-demo/1");
    assert_eq!(document["exercise"], true);
    let steps = document["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 16);
    for step in steps {
        assert!(!step["done"].as_array().unwrap().is_empty());
        assert!(!step["proves"].as_array().unwrap().is_empty() || step["number"] == 1);
        for file in step["files"].as_array().unwrap() {
            assert!(bench.path(file["path"].as_str().unwrap()).exists());
        }
    }
}

#[test]
fn a_folder_that_is_no_demo_is_left_alone() {
    let bench = Bench::empty();
    fs::create_dir(bench.path("mine")).unwrap();
    bench.write("mine/trust.json", "mine");
    bench.expect(2, "demo --dir mine");
    assert_eq!(bench.list(), ["mine", "mine/trust.json"]);
    bench.expect(1, "demo --dir no/such/folder");
}

/// Killed at the beginning of these steps, the demo leaves only whole files, and the next one takes the folder over.
#[test]
fn a_killed_demo_leaves_nothing_half_written() {
    let bench = Bench::empty();
    for step in [3, 5, 10] {
        let mut child = bench.command("demo --dir demo").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reached = lines.map(Result::unwrap).any(|line| line.starts_with(&format!("Step {step} of")));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(reached);
        let left = bench.list();
        for path in left.iter().filter(|path| !path.contains("/.tearline-") && bench.path(path).is_file()) {
            let bytes = fs::read(bench.path(path)).unwrap();
            let may_be_empty = path.contains("store.sqlite-") || path.ends_with(".lock");
            assert!(!bytes.is_empty() || may_be_empty, "{path} is empty");
            if path.ends_with(".json") {
                serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
            }
            if path.ends_with(".key") {
                bench.expect(0, &format!("key show {path}"));
            }
            if path.ends_with(".tdf") {
                bench.expect(0, &format!("verify {path} --trust demo/trust.json"));
            }
        }
    }
    bench.expect(0, "demo --dir demo");
}
