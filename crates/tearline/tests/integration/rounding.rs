//! Releases that are rounded: what is written, what is refused, and that nothing passes the check but what was proved.

use std::collections::BTreeMap;

use crate::run::Bench;

const GUARANTEE: &str = "
[guarantee]
p = 10
floor = 0
two_sided = false
families = [\"cells\"]

[[attacker]]
id = \"PAIR\"
members = [\"AA\", \"BB\"]
";

fn rounding(base: u32) -> Bench {
    let bench = Bench::new();
    bench.edit("spec.toml", |text| text.replace("\"ranges\"", &format!("\"rounding\"\nbase = {base}")));
    bench
}

/// Codes to value, low and high.
fn cells(bench: &Bench) -> BTreeMap<(String, String), [i64; 3]> {
    let text = bench.read("out/release/cells.csv");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("capability,year,unit,status,value,low,high"));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(fields[3], "published");
            let number = |at: usize| fields[at].parse().unwrap();
            ((fields[0].to_owned(), fields[1].to_owned()), [number(4), number(5), number(6)])
        })
        .collect()
}

#[test]
fn a_rounded_release_adds_up_and_says_its_ranges() {
    let bench = rounding(100);
    let answer = bench.expect(0, "protect spec.toml --out out --json");
    let cells = cells(&bench);
    for (at, [value, low, high]) in &cells {
        assert_eq!((value % 100, *low, *high), (0, (value - 99).max(0), value + 99), "{at:?}");
    }
    let years = ["2027", "2028", "2029", "2030"];
    let value = |capability: &str, year: &str| cells[&(capability.to_owned(), year.to_owned())][0];
    assert_eq!(value("ALL", "TOTAL"), years.iter().map(|year| value("ALL", year)).sum::<i64>());
    assert!(
        !bench.path("out/internal/pattern.csv").exists() && !bench.path("out/internal/bound.json").exists()
    );
    let report = &answer.json()["report"];
    assert_eq!(report["method"], "rounding");
    assert_eq!(
        (&report["search"], &report["shown"]["rounded"]),
        (&serde_json::Value::Null, &report["shown"]["cells"])
    );
    let moved = &report["rounding"];
    assert_eq!((moved["base"].as_str(), moved["window"].as_str()), (Some("100"), Some("99")));
    assert!(moved["greatest_deviation"].as_str().unwrap().parse::<u32>().unwrap() < 100);
    let html = bench.read("out/report.html");
    assert!(html.contains("How far figures moved") && !html.contains("Where cells are hidden"));
    let check = bench.expect(0, "certificate check spec.toml --release out --json").json();
    assert_eq!(check["verdict"], "valid");
    assert_eq!(check["requirements"], report["proof"]["requirements"]);
}

#[test]
fn every_change_to_a_rounded_release_or_its_proof_is_found() {
    let changes: [(&str, &str, &str); 5] = [
        ("out/release/cells.csv", "published,15800,15701,15899", "published,15800,15702,15899"),
        ("out/release/cells.csv", "published,15800,15701,15899", "published,15900,15801,15999"),
        ("out/release/cells.csv", "published,15800,15701,15899", "published,15800,,"),
        ("spec.toml", "base = 100", "base = 30"),
        ("spec.toml", "p = 10", "p = 99"),
    ];
    for (file, from, to) in changes {
        let bench = rounding(100);
        bench.expect(0, "protect spec.toml --out out");
        assert!(bench.read(file).contains(from), "{from} in {file}");
        bench.edit(file, |text| text.replace(from, to));
        let answer = bench.expect(3, "certificate check spec.toml --release out --json").json();
        assert_eq!(answer["verdict"], "invalid", "{to} in {file}");
        assert_eq!(answer["requirements"], 0);
    }
    let bench = rounding(100);
    bench.expect(0, "protect spec.toml --out out");
    let header = bench.read("out/internal/certificate.csv").lines().next().unwrap().to_owned();
    bench.write("out/internal/certificate.csv", &format!("{header}\n"));
    let words = bench.expect(3, "certificate check spec.toml --release out").out;
    assert!(words.contains("no world moves a unit's share of the cell far enough"), "{words}");
}

#[test]
fn capacities_are_compared_with_what_readers_learn() {
    let bench = rounding(100);
    bench.edit("spec.toml", |text| format!("{text}capacity = \"capacity.csv\"\n"));
    bench.write("capacity.csv", "capability,year,capacity\nALL,TOTAL,15000\nALL,TOTAL2,1\n");
    let words = bench.expect(2, "protect spec.toml --out out").err;
    assert!(words.contains("capacity.csv:3:2 (year)"), "{words}");
    bench.write("capacity.csv", "capability,year,capacity\nALL,TOTAL,15000\nALL,2027,4499\nALL,2028,3900\n");
    let report = bench.expect(0, "protect spec.toml --out out --json").json()["report"].clone();
    let expected = serde_json::json!({ "capacities": 3, "above": 1, "within": 1, "open": 1 });
    assert_eq!(report["utility"]["decisions"], expected);
    assert!(bench.read("out/report.html").contains("declared capacities"));
    bench.write("capacity.csv", "capability,year,capacity\nALL,TOTAL,-1\n");
    assert!(bench.expect(2, "protect spec.toml --out out2").err.contains("capacity.csv:2:3 (capacity)"));
}

#[test]
fn half_a_range_is_bad_input() {
    let bench = rounding(100);
    bench.expect(0, "protect spec.toml --out out");
    bench.edit("out/release/cells.csv", |text| {
        text.replace("published,15800,15701,15899", "published,15800,15701,")
    });
    let words = bench.expect(2, "certificate check spec.toml --release out").err;
    assert!(words.contains("one end of a range without the other"), "{words}");
}

#[test]
fn a_specification_that_does_not_round_takes_no_rounded_release() {
    let bench = rounding(100);
    bench.expect(0, "protect spec.toml --out out");
    bench.edit("spec.toml", |text| text.replace("\"rounding\"\nbase = 100", "\"ranges\""));
    let words = bench.expect(3, "certificate check spec.toml --release out").out;
    assert!(words.contains("the cell is rounded, which the specification does not say"), "{words}");
}

#[test]
fn a_base_that_exposes_somebody_is_refused_by_name_and_a_safe_one_is_found() {
    let bench = rounding(5);
    let before = bench.list();
    let refusal = bench.expect(3, "protect spec.toml --out out --json");
    assert_eq!(bench.list(), before);
    let document = refusal.json();
    assert_eq!(document["verdict"], "cannot-be-protected");
    let message = document["refusal"]["message"].as_str().unwrap();
    assert!(
        message.contains("learns too much of") && message.contains("rounded to multiples of 5"),
        "{message}"
    );
    let found = bench.expect(0, "protect spec.toml --suggest-base --json").json();
    assert_eq!((&found["verdict"], &found["suggestion"]["base"]), (&"suggested".into(), &"50".into()));
    let tried = found["suggestion"]["tried"].as_array().unwrap();
    let verdicts: Vec<&str> = tried.iter().map(|tried| tried["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["unsafe", "unsafe", "unsafe", "unsafe", "safe"]);
    assert_eq!(bench.list(), before);
    bench.edit("spec.toml", |text| text.replace("base = 5", "base = 50"));
    bench.expect(0, "protect spec.toml --out out");
}

#[test]
fn declared_coalitions_are_withstood_and_count_in_the_proof() {
    let (alone, pooled) = (rounding(100), rounding(100));
    pooled.edit("spec.toml", |text| format!("{text}{GUARANTEE}"));
    let [alone, pooled] = [&alone, &pooled].map(|bench| {
        let report = bench.expect(0, "protect spec.toml --out out --json").json()["report"].clone();
        bench.expect(0, "certificate check spec.toml --release out");
        (report["rounding"]["attackers"].as_u64().unwrap(), report["proof"]["requirements"].as_u64().unwrap())
    });
    assert_eq!(pooled.0, alone.0 + 1);
    assert!(pooled.1 > alone.1);
}

#[test]
fn what_is_about_hidden_cells_is_refused_beside_rounding() {
    let bench = rounding(100);
    bench.write("pattern.csv", "capability,year,status\n");
    for line in ["protect spec.toml --pattern p.csv", "audit spec.toml --pattern pattern.csv"] {
        let words = bench.expect(2, line).err;
        assert!(words.contains("a rounded table hides nothing"), "{words}");
    }
    let words = Bench::new().expect(2, "protect spec.toml --suggest-base").err;
    assert!(words.contains("only a table that is rounded has a base"), "{words}");
    bench.edit("spec.toml", |text| text.replace("[search]", "[search]\nfixed = \"fixed.csv\""));
    bench.write("fixed.csv", "capability,year,status\nTANK,2027,published\n");
    let words = bench.expect(2, "protect spec.toml --out out").err;
    assert!(words.contains("fixed beside rounding"), "{words}");
}
