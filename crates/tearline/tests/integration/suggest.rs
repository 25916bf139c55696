//! `tearline suggest`: what it writes is taken by `protect`, and published as it is.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::run::Bench;

const ATTACKERS: &str =
    "\n[guarantee]\np = 10\n[[attacker]]\nid = \"union\"\nmembers = [\"AA\", \"BB\", \"CC\"]\n";

/// Runs `suggest`, then `protect` on everything that needs no blank; the document.
fn suggested(bench: &Bench) -> Value {
    let document = bench.expect(0, "suggest spec.toml --out ways --json").json();
    assert_eq!(document["schema"], "tearline-suggestions/1");
    let mut complete = 0;
    for one in document["alternatives"].as_array().unwrap() {
        let folder = one["folder"].as_str().unwrap();
        assert!(bench.path(&format!("ways/{folder}/spec.toml")).is_file());
        if one["sensitive"] == 0 {
            let report =
                bench.expect(0, &format!("protect ways/{folder}/spec.toml --out made --force --json")).json();
            assert_eq!(report["report"]["hidden"]["primary"], 0, "{folder}");
            assert_eq!(report["report"]["hidden"]["secondary"], 0, "{folder}");
            bench.expect(0, &format!("certificate check ways/{folder}/spec.toml --release made"));
            complete += 1;
        }
    }
    assert!(complete > 0);
    document
}

/// Leaves of a tree of branches.
fn atoms(branch: &Value) -> u64 {
    let parts = branch["parts"].as_array().unwrap();
    if parts.is_empty() { 1 } else { parts.iter().map(atoms).sum() }
}

#[test]
fn what_is_suggested_is_published_without_a_blank() {
    let bench = Bench::new();
    let document = suggested(&bench);
    for one in document["alternatives"].as_array().unwrap() {
        let branches = one["branches"].as_array().unwrap();
        if !branches.is_empty() {
            assert_eq!(branches.iter().map(atoms).sum::<u64>(), one["atoms"].as_u64().unwrap());
        }
    }
    // The finest shows at least what every other complete one does.
    let worth = |one: &Value| one["utility_permille"].as_u64().unwrap();
    let list = document["alternatives"].as_array().unwrap();
    let complete: Vec<u64> =
        list.iter().filter(|one| one["data_dependent"] == true && one["sensitive"] == 0).map(worth).collect();
    assert!(complete.windows(2).all(|pair| pair[0] >= pair[1]), "{complete:?}");
    assert!(list.iter().any(|one| one["kind"] == "structural"));
    assert_eq!(list.last().unwrap()["kind"], "as-asked");
}

#[test]
fn what_is_suggested_against_attackers_is_published_without_a_blank() {
    let bench = Bench::new();
    let alone = bench.expect(0, "suggest spec.toml --out alone --json").json();
    bench.edit("spec.toml", |text| text + ATTACKERS);
    let document = suggested(&bench);
    assert_eq!(document["cells"], alone["cells"]);
    assert!(document["sensitive"].as_u64() > alone["sensitive"].as_u64());
    let specification = bench.read("ways/1/spec.toml");
    assert!(specification.contains("[guarantee]") && specification.contains("id = \"union\""));
}

#[test]
fn the_same_input_gives_the_same_bytes_and_only_ours_is_replaced() {
    let bench = Bench::new();
    bench.expect(0, "suggest spec.toml --out a");
    bench.expect(0, "suggest spec.toml --out b");
    for name in ["index.html", "suggestions.json", "1/spec.toml", "1/figures.csv", "1/codes_1.csv"] {
        assert_eq!(bench.read(&format!("a/{name}")), bench.read(&format!("b/{name}")), "{name}");
    }
    bench.expect(2, "suggest spec.toml --out a");
    bench.expect(0, "suggest spec.toml --out a --force");
    bench.write("a/diary.txt", "mine");
    let refused = bench.expect(2, "suggest spec.toml --out a --force");
    assert!(refused.err.contains("diary.txt") && refused.err.contains("`suggest`"), "{}", refused.err);
    // A release is not replaced by suggestions.
    bench.expect(0, "protect spec.toml --out out");
    bench.expect(2, "suggest spec.toml --out out --force");
}

#[test]
fn the_page_says_whom_it_is_for_and_no_figure() {
    let bench = Bench::new();
    // Figures that no count could be by accident.
    bench.edit("demand.csv", |text| {
        let larger = |line: &str| match line.rsplit_once(',') {
            Some((codes, value)) => match value.parse::<u64>() {
                Ok(value) => format!("{codes},{}\n", value * 100_003),
                Err(_) => format!("{line}\n"),
            },
            None => String::new(),
        };
        text.lines().map(larger).collect()
    });
    bench.expect(0, "suggest spec.toml --out ways --marking 'EXERCISE EXERCISE'");
    let figures = bench.read("ways/1/figures.csv") + &bench.read("demand.csv");
    let values = figures.lines().filter_map(|line| line.rsplit(',').next()).filter(|value| value.len() > 5);
    let values: Vec<&str> = values.filter(|value| value.bytes().all(|byte| byte.is_ascii_digit())).collect();
    assert!(values.len() > 50);
    for name in ["ways/index.html", "ways/suggestions.json"] {
        let text = bench.read(name).replace('\u{202f}', "");
        assert!(text.contains("EXERCISE EXERCISE"));
        let leaked = values.iter().find(|value| text.contains(**value));
        assert!(leaked.is_none(), "{name}: {leaked:?}");
    }
    assert!(bench.read("ways/index.html").contains("depends on figures"));
}

#[test]
fn a_table_of_one_contributor_has_no_safe_breakdown() {
    let bench = Bench::new();
    bench.edit("demand.csv", |text| {
        let kept = text.lines().filter(|line| line.starts_with("ally") || line.starts_with("AA,"));
        kept.fold(String::new(), |text, line| text + line + "\n")
    });
    let answer = bench.expect(3, "suggest spec.toml --out ways");
    assert!(answer.err.contains("nothing is safe"), "{}", answer.err);
}

#[test]
fn what_a_breakdown_cannot_answer_for_is_refused() {
    let bench = Bench::new();
    bench.write("settled.csv", "capability,year,status\n");
    let cases = [
        ("[search]", "[search]\nfixed = \"settled.csv\""),
        ("[rule]", "[[table]]\nvariables = [\"capability\"]\n[[table]]\nvariables = [\"year\"]\n[rule]"),
    ];
    let specification = bench.read("spec.toml");
    for (from, to) in cases {
        bench.write("spec.toml", &specification.replacen(from, to, 1));
        bench.expect(2, "suggest spec.toml --out ways");
        assert!(!bench.path("ways").exists());
    }
}

/// The orders of ten years against the pooled members of the union: several units, so several tops.
#[test]
fn orders_against_the_union() {
    let targets = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/targets"));
    if !targets.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "../shared is missing");
        println!("skipped: ../shared is not here");
        return;
    }
    let targets = targets.canonicalize().unwrap();
    let at = |name: &str| targets.join(name).display().to_string();
    let bench = Bench::empty();
    let mut years = String::from("code,parent\nALL,\nY16_20,ALL\nY21_25,ALL\n");
    for year in 2016..=2025 {
        let _ = writeln!(years, "{year},{}", if year <= 2020 { "Y16_20" } else { "Y21_25" });
    }
    bench.write("year.csv", &years);
    let figures = format!(
        "[figures]\nfile = \"{}\"\ncontributor = \"ally\"\nvalue = \"quantity\"\nunit_column = \"unit\"\n",
        at("orders_2016_2025.csv")
    );
    let variables = format!(
        "[[variable]]\nname = \"capability_code\"\ncodes = \"{}\"\n[[variable]]\nname = \"year\"\ncodes = \"year.csv\"\n",
        at("hierarchy_capability.csv")
    );
    let attacker = format!(
        "[rule]\np = 10\n[[attacker]]\nid = \"EU\"\nmembers_from = {{ file = \"{}\", below = \"EU\" }}\n",
        at("hierarchy_ally_eu.csv")
    );
    let head = "schema = \"tearline-spec/1\"\ntitle = \"EXERCISE: orders 2016-2025\"\n";
    bench.write("spec.toml", &format!("{head}{figures}{variables}{attacker}"));
    let document = suggested(&bench);
    let list = document["alternatives"].as_array().unwrap();
    let find = |kind: &str| list.iter().find(|one| one["kind"] == kind).unwrap();
    let shown = |kind: &str| find(kind)["shown"].as_u64().unwrap();
    // Branch by branch shows several times what one level for the whole table can.
    assert!(shown("branches") > 2 * shown("levels") && shown("branches-with-remainders") > shown("branches"));
    assert!(!find("branches")["withheld"].as_array().unwrap().is_empty());
}
