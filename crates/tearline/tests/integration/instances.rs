//! Published and generated instances, where they are beside the repository: protect, check, audit, and an auditor
//! that shares no code with ours.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::Bench;

pub(crate) const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");

/// Where it is not, say so; a machine that must have it fails instead.
pub(crate) fn skipped(what: &str) {
    assert!(!must_have(), "skipped: {what}");
    println!("skipped: {what}");
}

fn must_have() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// The specification of an instance, with absolute paths.
fn specification(folder: &Path) -> String {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let instance: serde_json::Value = serde_json::from_str(&read("instance.json")).unwrap();
    let at = |name: &str| folder.join(name).display().to_string();
    let mut text = format!(
        "schema = \"tearline-spec/1\"\ntitle = \"EXERCISE: {}\"\n\n",
        instance["name"].as_str().unwrap()
    );
    if instance["kind"] == "micro" && !instance["name"].as_str().unwrap().starts_with("rt_") {
        let micro = at("micro.csv");
        write!(text, "[figures]\nfile = \"{micro}\"\ncontributor = \"contributor\"\nvalue = \"value\"\n")
            .unwrap();
        write!(text, "[rule]\np = {}\n", instance["rule"]["p"]).unwrap();
    } else {
        let cells = at("cells.csv");
        write!(text, "[cells]\nfile = \"{cells}\"\nvalue = \"value\"\nprimary = \"primary\"\n").unwrap();
        text.push_str("lower = \"lpl\"\nupper = \"upl\"\n");
    }
    for dim in instance["dims"].as_array().unwrap() {
        let dim = dim.as_str().unwrap();
        let codes = at(&format!("hier_{dim}.csv"));
        write!(text, "[[variable]]\nname = \"{dim}\"\ncodes = \"{codes}\"\n").unwrap();
    }
    text.push_str("[search]\ntime_limit_s = 8\n[output]\nmethod = \"ranges\"\n");
    text
}

/// A Python with the auditor's packages: the one that `./run test` makes beside the build, or any.
fn python() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_BIN_EXE_tearline"));
    let target = program.parent().and_then(Path::parent)?;
    let candidates = [target.join("audit-venv/bin/python"), PathBuf::from("python3")];
    candidates.into_iter().find(|python| {
        let tried = Command::new(python).args(["-c", "import numpy, scipy, highspy, pandas"]).output();
        tried.is_ok_and(|output| output.status.success())
    })
}

fn check(name: &str, auditor: &[&str]) {
    let folder = Path::new(SHARED).join("instances").join(name);
    if !folder.is_dir() {
        skipped("../shared is not here");
        return;
    }
    let folder = folder.canonicalize().unwrap();
    let bench = Bench::empty();
    bench.write("spec.toml", &specification(&folder));
    bench.expect(0, "protect spec.toml --out out");
    bench.expect(0, "certificate check spec.toml --release out");
    bench.expect(0, "audit spec.toml --pattern out/internal/pattern.csv --time-limit-s 60");
    let Some(python) = python() else {
        skipped("no Python with numpy, scipy, highspy and pandas");
        return;
    };
    let mut command = Command::new(python);
    command
        .arg(Path::new(SHARED).join("check/audit.py"))
        .arg(&folder)
        .arg(bench.path("out/internal/pattern.csv"));
    let output = command.args(auditor).env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    let words =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {words}");
}

#[test]
fn rt_act_size() {
    check("rt_act_size", &[]);
}

#[test]
fn rt_act_nuts_size() {
    check("rt_act_nuts_size", &[]);
}

#[test]
fn rt_flat1() {
    check("rt_flat1", &[]);
}

#[test]
fn rt_ind_act_nuts() {
    check("rt_ind_act_nuts", &[]);
}

#[test]
fn rt_nuts_cj() {
    check("rt_nuts_cj", &[]);
}

#[test]
fn s1e3() {
    check("s1e3", &[]);
}

#[test]
fn s1e4() {
    check("s1e4", &["--max-seconds", "30"]);
}

#[test]
fn s1e5() {
    check("s1e5", &["--sample", "60", "--max-seconds", "20"]);
}

#[test]
fn allies() {
    check("allies", &["--sample", "200", "--max-seconds", "30"]);
}

/// The orders of ten years: ally by capability by year, several units, so several tops and no grand total.
#[test]
fn orders() {
    let targets = Path::new(SHARED).join("data/targets");
    if !targets.is_dir() {
        skipped("../shared is not here");
        return;
    }
    let targets = targets.canonicalize().unwrap();
    let at = |name: &str| targets.join(name).display().to_string();
    let bench = Bench::empty();
    let years: String = (2016..=2025).map(|year| format!("{year},ALL\n")).collect();
    bench.write("year.csv", &format!("child,parent\n{years}"));
    let mut text = format!(
        "schema = \"tearline-spec/1\"\ntitle = \"EXERCISE: orders 2016-2025\"\n[figures]\nfile = \"{}\"\n",
        at("orders_2016_2025.csv")
    );
    text.push_str("contributor = \"ally\"\nvalue = \"quantity\"\nunit_column = \"unit\"\n[rule]\np = 10\n");
    let variables = [
        ("ally", at("hierarchy_ally_region.csv")),
        ("capability_code", at("hierarchy_capability.csv")),
        ("year", "year.csv".to_owned()),
    ];
    for (name, codes) in variables {
        writeln!(text, "[[variable]]\nname = \"{name}\"\ncodes = \"{codes}\"").unwrap();
    }
    text.push_str("[search]\ntime_limit_s = 5\n");
    bench.write("spec.toml", &text);
    bench.expect(0, "protect spec.toml --out out");
    bench.expect(0, "certificate check spec.toml --release out");
    bench.expect(0, "audit spec.toml --pattern out/internal/pattern.csv --time-limit-s 60");
    // No cell adds up numbers of two units.
    let report: serde_json::Value = serde_json::from_str(&bench.read("out/report.json")).unwrap();
    assert!(report["units"].as_array().unwrap().len() > 3, "{}", report["units"]);
    assert_eq!(report["demand"]["year_variable"], "year");
}

/// Every case of awkward input, as the real reader answers it.
#[test]
fn awkward_inputs_are_answered_as_expected() {
    let path = Path::new(SHARED).join("design/cases/inputs.json");
    let Ok(text) = fs::read_to_string(&path) else {
        skipped("../shared is not here");
        return;
    };
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bench = Bench::empty();
    bench.write("inputs.json", &text);
    let answers = bench.expect(0, "inputs inputs.json").json();
    for case in expected["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let found = &answers[id];
        assert_eq!((&found["severity"], &found["code"]), (&case["severity"], &case["code"]), "{case}");
    }
}
