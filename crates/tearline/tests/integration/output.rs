//! What `protect` writes: files, columns, bytes that do not change, folders that appear whole.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use crate::run::{Answer, Bench};

const FILES: [&str; 10] = [
    "out",
    "out/internal",
    "out/internal/bound.json",
    "out/internal/certificate.csv",
    "out/internal/history.json",
    "out/internal/pattern.csv",
    "out/release",
    "out/release/cells.csv",
    "out/report.html",
    "out/report.json",
];

fn column(csv: &str, name: &str) -> Vec<String> {
    let mut lines = csv.lines();
    let at = lines.next().unwrap().split(',').position(|column| column == name).unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

fn set(values: &[String]) -> BTreeSet<&str> {
    values.iter().map(String::as_str).collect()
}

#[test]
fn a_release_has_one_suppressed_status_and_ranges_that_hold() {
    let bench = Bench::new();
    let before = bench.list();
    bench.expect(0, "protect spec.toml --out out");
    let mut expected: Vec<String> = before.into_iter().chain(FILES.map(str::to_owned)).collect();
    expected.sort();
    assert_eq!(bench.list(), expected);
    let cells = bench.read("out/release/cells.csv");
    assert!(cells.starts_with("capability,year,unit,status,value,low,high\n"), "{cells}");
    assert_eq!(set(&column(&cells, "status")), BTreeSet::from(["published", "suppressed"]));
    assert_eq!(set(&column(&cells, "unit")), BTreeSet::from(["piece"]));
    let columns = ["status", "value", "low", "high"].map(|name| column(&cells, name));
    for row in 0..columns[0].len() {
        let [status, value, low, high] = columns.each_ref().map(|column| column[row].as_str());
        match status {
            "published" => assert!(!value.is_empty() && low.is_empty() && high.is_empty()),
            _ => assert!(value.is_empty() && low.parse::<i64>().unwrap() < high.parse::<i64>().unwrap()),
        }
    }
    let pattern = bench.read("out/internal/pattern.csv");
    assert!(pattern.starts_with("capability,year,status\n"));
    assert_eq!(set(&column(&pattern, "status")), BTreeSet::from(["primary", "published", "secondary"]));
    let certificate = bench.read("out/internal/certificate.csv");
    assert!(certificate.starts_with("capability,year,world_1"), "{certificate}");
}

#[test]
fn blanks_have_no_ranges() {
    let bench = Bench::new();
    bench.edit("spec.toml", |text| text.replace("\"ranges\"", "\"blanks\""));
    bench.expect(0, "protect spec.toml --out out");
    let cells = bench.read("out/release/cells.csv");
    assert_eq!(set(&column(&cells, "low")), BTreeSet::from([""]));
    assert_eq!(set(&column(&cells, "high")), BTreeSet::from([""]));
    bench.expect(0, "certificate check spec.toml --release out");
}

/// The text without the one field of a report that differs from run to run.
fn timeless(text: &str) -> String {
    text.lines().filter(|line| !line.contains("\"first_certified_s\"")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (one, two) = (Bench::new(), Bench::new());
    let answers = [&one, &two].map(|bench| bench.expect(0, "protect spec.toml --out out --json"));
    for file in FILES.iter().filter(|file| file.contains('.')) {
        assert_eq!(timeless(&one.read(file)), timeless(&two.read(file)), "{file}");
    }
    assert_eq!(timeless(&answers[0].out), timeless(&answers[1].out));
    assert_eq!(answers[0].err, answers[1].err);
}

#[test]
fn the_report_says_the_same_on_paper_and_in_json() {
    let bench = Bench::new();
    let answer = bench.expect(0, "protect spec.toml --out out --json --marking 'EXERCISE <b>SECRET</b>'");
    let json: serde_json::Value = serde_json::from_str(&bench.read("out/report.json")).unwrap();
    assert_eq!(answer.json()["report"], json);
    assert_eq!(json["schema"], "tearline-report/1");
    let html = bench.read("out/report.html");
    // Escaped, at the top and at the bottom, and never as markup.
    assert_eq!(html.matches("EXERCISE &#60;b&#62;SECRET&#60;/b&#62;</div>").count(), 2);
    assert!(!html.contains("<b>SECRET"));
    assert!(html.contains("guns, towed &#38; self-propelled") && html.contains("trucks &#60;heavy&#62;"));
    let inside = html.split("<body>").nth(1).unwrap();
    for forbidden in ["<script", "http://", "https://", "style=", "<img", "<link"] {
        assert!(!inside.contains(forbidden), "{forbidden}");
    }
    // ` onclick=` and its kin: a short lower-case word between ` on` and `=`.
    let handler = inside.split(" on").skip(1).filter_map(|rest| rest.split_once('=')).find(|(name, _)| {
        (3..12).contains(&name.len()) && name.chars().all(|letter| letter.is_ascii_lowercase())
    });
    assert_eq!(handler, None);
    assert!(html.contains("default-src 'none'") || html.contains("default-src &#39;none&#39;"));
    // Weight, bound and gap stand on the page with a sentence that says what they mean.
    let search = &json["search"];
    assert_eq!(
        (&search["bound"], &search["gap"]),
        (&search["secondaries_weight"], &serde_json::json!("0.00"))
    );
    assert_eq!(search["stopped"], "proven optimal");
    assert!(search["first_certified_s"].as_str().unwrap().parse::<f64>().unwrap() < 60.0);
    assert!(html.contains("Proven: no safe pattern is lighter."));
    let shown = &json["shown"];
    let sum = ["exact", "ranges", "blanks"].map(|key| shown[key].as_u64().unwrap()).iter().sum::<u64>();
    assert_eq!(shown["cells"], sum);
    assert_eq!(json["demand"]["years"], serde_json::json!(["2027", "2028", "2029", "2030"]));
}

#[test]
fn formula_starts_are_neutralised_outside_and_come_back() {
    let bench = Bench::new();
    for name in ["capability.csv", "demand.csv"] {
        bench.edit(name, |text| text.replace("TANK", "=TANK").replace("GUN", "@GUN"));
    }
    bench.expect(0, "protect spec.toml --out out");
    let cells = bench.read("out/release/cells.csv");
    assert!(
        cells.contains("\n'=TANK,") && cells.contains("\n'@GUN,") && !cells.contains("\n=TANK,"),
        "{cells}"
    );
    assert!(bench.read("out/internal/pattern.csv").contains("\n=TANK,"));
    bench.expect(0, "certificate check spec.toml --release out");
    bench.expect(0, "audit spec.toml --pattern out/internal/pattern.csv");
}

#[test]
fn decimals_keep_their_scale() {
    let bench = Bench::new();
    bench.edit("spec.toml", |text| text.replace("unit = \"piece\"", "unit = \"tonne\"\ndecimals = 2"));
    bench.edit("demand.csv", |text| {
        let lines = text.lines().enumerate();
        lines.map(|(n, line)| if n == 0 { format!("{line}\n") } else { format!("{line}.25\n") }).collect()
    });
    bench.expect(0, "protect spec.toml --out out");
    let cells = bench.read("out/release/cells.csv");
    let values = column(&cells, "value");
    assert!(values.iter().all(|value| value.is_empty() || value.split('.').nth(1).unwrap().len() == 2));
    bench.expect(0, "certificate check spec.toml --release out");
}

#[test]
fn the_pattern_alone_goes_to_a_file_or_to_stdout() {
    let bench = Bench::new();
    bench.expect(0, "protect spec.toml --pattern pattern.csv");
    let answer = bench.expect(0, "protect spec.toml --pattern -");
    assert_eq!(bench.read("pattern.csv"), answer.out);
    bench.expect(2, "protect spec.toml --pattern pattern.csv");
    bench.expect(0, "protect spec.toml --pattern pattern.csv --force");
    bench.write("made.csv", "");
    bench.expect(0, "protect spec.toml --pattern made.csv");
    bench.expect(2, "protect spec.toml --pattern - --json");
}

#[test]
fn force_replaces_results_and_nothing_else() {
    let bench = Bench::new();
    bench.expect(0, "protect spec.toml --out out");
    let first = bench.read("out/release/cells.csv");
    bench.edit("demand.csv", |text| text.replacen("AA,TANK,2027,301", "AA,TANK,2027,302", 1));
    bench.expect(2, "protect spec.toml --out out");
    assert_eq!(bench.read("out/release/cells.csv"), first);
    bench.expect(0, "protect spec.toml --out out --force");
    assert_ne!(bench.read("out/release/cells.csv"), first);
    bench.write("out/diary.txt", "mine");
    let refused = bench.expect(2, "protect spec.toml --out out --force");
    assert!(refused.err.contains("diary.txt"), "{}", refused.err);
    assert_eq!(bench.read("out/diary.txt"), "mine");
    // The folder of the specification itself is nobody's earlier result.
    bench.expect(2, "protect spec.toml --out . --force");
}

#[test]
fn a_run_that_is_interrupted_leaves_a_whole_result_or_none() {
    let bench = Bench::new();
    let before = bench.list();
    for number in 0..6 {
        let out = format!("out{number}");
        let mut child = bench
            .command(&format!("protect spec.toml --out {out}"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let signal = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(signal.unwrap().success());
        let mut words = String::new();
        child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        child.wait().unwrap();
        if bench.path(&out).exists() {
            bench.expect(0, &format!("certificate check spec.toml --release {out}"));
            fs::remove_dir_all(bench.path(&out)).unwrap();
        }
    }
    assert_eq!(bench.list(), before);
}

#[test]
fn failures_to_write_are_failures_and_a_closed_pipe_is_not() {
    let bench = Bench::new();
    let before = bench.list();
    // Nobody can make a folder there, not even root.
    bench.expect(1, "protect spec.toml --out /proc/tearline-out");
    assert_eq!(bench.list(), before);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = bench.command("schema report").stdout(full).output().unwrap();
    assert_eq!(Answer::of(&output).code, 1);
    let mut child =
        bench.command("schema report").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((Answer::of(&output).code, Answer::of(&output).err), (0, String::new()));
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let bench = Bench::new();
    assert!(!bench.expect(2, "protect nothing.toml --out out").err.contains('\u{1b}'));
    assert!(bench.expect(2, "protect nothing.toml --out out --color always").err.contains('\u{1b}'));
    assert!(!bench.expect(2, "protect nothing.toml --out out --color=never").err.contains('\u{1b}'));
    assert!(!bench.expect(2, "protcet --color=never").err.contains('\u{1b}'));
}

#[test]
fn every_document_has_a_schema_that_names_it() {
    let bench = Bench::empty();
    let names = bench.expect(0, "schema --json").json();
    for document in names["documents"].as_array().unwrap() {
        let schema = bench.expect(0, &format!("schema {}", document["name"].as_str().unwrap())).json();
        assert_eq!(schema["$id"], document["id"]);
        assert!(schema["$schema"].as_str().unwrap().contains("2020-12"));
        assert!(schema["type"] == "object", "{schema}");
        let constant = &schema["properties"]["schema"]["const"];
        assert!(constant.is_null() || *constant == document["id"], "{constant}");
        let by_id = bench.expect(0, &format!("schema {}", document["id"].as_str().unwrap())).json();
        assert_eq!(by_id, schema);
    }
}

#[test]
fn completions_and_manual_pages_come_from_the_same_definition() {
    let bench = Bench::empty();
    for shell in ["bash", "zsh", "fish"] {
        assert!(bench.expect(0, &format!("completions {shell}")).out.contains("protect"));
    }
    let page = bench.expect(0, "man certificate check").out;
    assert!(page.contains(".TH") && page.contains("release"), "{page}");
    assert!(bench.expect(0, "man").out.contains("tearline"));
    bench.expect(2, "man protct");
}
