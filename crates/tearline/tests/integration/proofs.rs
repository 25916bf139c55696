//! Answers about safety: what is unsafe is found, named and spelt out; what was changed is noticed.

use crate::run::Bench;

const AUDIT: &str = "audit spec.toml --pattern out/internal/pattern.csv";
const CHECK: &str = "certificate check spec.toml --release out";

fn protected() -> Bench {
    let bench = Bench::new();
    bench.expect(0, "protect spec.toml --out out");
    bench
}

/// Lines of the pattern with a status.
fn with_status(pattern: &str, status: &str) -> Vec<String> {
    pattern.lines().filter(|line| line.ends_with(&format!(",{status}"))).map(str::to_owned).collect()
}

#[test]
fn each_secondary_is_needed_or_harmless_but_never_silently_lost() {
    let bench = protected();
    let whole = bench.read("out/internal/pattern.csv");
    let mut broken = 0;
    for line in with_status(&whole, "secondary") {
        let shown = line.replace(",secondary", ",published");
        bench.write("out/internal/pattern.csv", &whole.replace(&line, &shown));
        let answer = bench.run(AUDIT);
        if answer.code == 3 {
            broken += 1;
            assert!(answer.out.starts_with("unsafe"), "{}", answer.out);
            assert!(answer.out.contains("cell ") && answer.out.contains("the attack"), "{}", answer.out);
        } else {
            assert_eq!(answer.code, 0, "{}", answer.err);
        }
    }
    assert!(broken > 0, "no secondary was needed");
}

#[test]
fn an_unsafe_pattern_is_attacked_in_arithmetic_that_can_be_redone() {
    let bench = protected();
    let whole = bench.read("out/internal/pattern.csv");
    let secondary = with_status(&whole, "secondary").remove(0);
    bench.write(
        "out/internal/pattern.csv",
        &whole.replace(&secondary, &secondary.replace("secondary", "published")),
    );
    let document = bench.expect(3, &format!("{AUDIT} --json")).json();
    assert_eq!(document["verdict"], "unsafe");
    let findings = document["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        assert_eq!(finding["fault"], "narrow", "{finding}");
        assert_eq!(finding["attacker"], "outsider");
        assert_eq!(finding["cell"][0]["variable"], "capability");
        assert!(!finding["attack"].as_array().unwrap().is_empty());
        assert!(!finding["steps"].as_array().unwrap().is_empty());
        assert!(finding["interval"]["low"].is_string() && finding["need"].is_string());
    }
    let words = bench.expect(3, AUDIT).out;
    let first = &findings[0]["cell"];
    let name = format!("cell {}|{}", first[0]["code"].as_str().unwrap(), first[1]["code"].as_str().unwrap());
    assert!(words.contains(&name), "{name} in {words}");
}

#[test]
fn a_pattern_that_hides_nothing_is_unsafe_wherever_a_rule_says_so() {
    let bench = protected();
    let primaries = with_status(&bench.read("out/internal/pattern.csv"), "primary").len();
    bench.write("none.csv", "capability,year,status\n");
    let document = bench.expect(3, "audit spec.toml --pattern none.csv --json").json();
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), primaries);
    assert!(findings.iter().all(|finding| finding["fault"] == "published"));
    bench.expect(3, "audit spec.toml --pattern none.csv");
}

#[test]
fn a_changed_release_is_invalid() {
    let bench = protected();
    let path = "out/release/cells.csv";
    let whole = bench.read(path);
    let published = whole.lines().find(|line| line.contains(",published,")).unwrap().to_owned();
    let hidden = whole.lines().find(|line| line.contains(",suppressed,")).unwrap().to_owned();
    let value = published.split(',').nth(4).unwrap();
    let other = published.replacen(&format!(",{value},"), &format!(",{value}1,"), 1);
    let ends: Vec<i64> = hidden.split(',').skip(5).map(|end| end.parse().unwrap()).collect();
    let exact = hidden.replacen(&format!("{},{}", ends[0], ends[1]), &format!("{},{}", ends[0], ends[0]), 1);
    let changes = [
        ("not true", whole.replace(&published, &other)),
        ("not true", whole.replace(&hidden, &exact)),
        ("are not in release", whole.replace(&format!("{hidden}\n"), "")),
    ];
    for (words, text) in changes {
        bench.write(path, &text);
        let answer = bench.expect(3, CHECK);
        assert!(answer.out.starts_with("invalid") && answer.out.contains(words), "{words}: {}", answer.out);
    }
    bench.write(path, &whole);
    bench.expect(0, CHECK);
    // A release that says more than it should is not read at all.
    bench.write(path, &whole.replace(&hidden, &hidden.replacen(",suppressed,,", ",suppressed,7,", 1)));
    bench.expect(2, CHECK);
}

/// A range that is true but narrower than what follows from the published cells contradicts some world.
#[test]
fn a_range_that_says_more_than_the_certificate_covers_is_invalid() {
    let bench = protected();
    let path = "out/release/cells.csv";
    let whole = bench.read(path);
    let mut contradicted = 0;
    for line in whole.lines().filter(|line| line.contains(",suppressed,")) {
        let fields: Vec<&str> = line.split(',').collect();
        let (low, high): (i64, i64) = (fields[5].parse().unwrap(), fields[6].parse().unwrap());
        let narrow = format!("{},{}", fields[..5].join(","), format_args!("{},{}", low + 1, high));
        bench.write(path, &whole.replace(line, &narrow));
        let answer = bench.run(CHECK);
        contradicted += usize::from(answer.code == 3);
    }
    assert!(contradicted > 0);
}

#[test]
fn a_changed_certificate_is_invalid() {
    let bench = protected();
    let path = "out/internal/certificate.csv";
    let whole = bench.read(path);
    let lines: Vec<&str> = whole.lines().collect();
    for place in 1..lines.len() {
        let mut fields: Vec<String> = lines[place].split(',').map(str::to_owned).collect();
        let world = (2..fields.len()).find(|&at| fields[at] != "0").unwrap();
        let deviation: i64 = fields[world].parse().unwrap();
        fields[world] = (deviation + 1).to_string();
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[place] = fields.join(",");
        bench.write(path, &(changed.join("\n") + "\n"));
        let answer = bench.expect(3, CHECK);
        assert!(answer.out.contains("breaks a relation"), "{}", answer.out);
    }
    bench.write(path, &format!("{}\n", lines[0]));
    assert!(bench.expect(3, CHECK).out.contains("no world moves the cell far enough"));
}

#[test]
fn a_bound_that_is_not_proved_is_noticed() {
    let bench = protected();
    let line = bench.expect(0, CHECK).out;
    assert!(line.contains(": no safe pattern is lighter"), "{line}");
    let (path, report) = ("out/internal/bound.json", "out/report.json");
    let (whole, said) = (bench.read(path), bench.read(report));
    let proof: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut changed = proof.clone();
        change(&mut changed);
        changed.to_string()
    };
    let changes = [
        ("is not a proof", "{}".to_owned()),
        ("is not a proof", whole.replacen("\"cuts\"", "\"more\":1,\"cuts\"", 1)),
        ("is not known", with(&|proof| proof["schema"] = "tearline-bound/2".into())),
        ("are not those of the table", with(&|proof| proof["variables"][0] = "colour".into())),
        ("cell 0 is not in the table", with(&|proof| proof["cells"][0][0] = "colour".into())),
        ("cut 0 names", with(&|proof| proof["cuts"][0]["cell"] = 1_000_000.into())),
        ("cut 0 excludes nothing", with(&|proof| proof["cuts"][0]["relations"] = serde_json::json!([]))),
        ("higher bound than", with(&|proof| proof["cases"] = serde_json::json!([]))),
        ("higher bound than", with(&|proof| proof["cases"] = serde_json::json!([{"leaf": []}]))),
    ];
    for (words, text) in changes {
        bench.write(path, &text);
        let answer = bench.expect(3, CHECK);
        assert!(answer.out.starts_with("invalid") && answer.out.contains(words), "{words}: {}", answer.out);
    }
    bench.write(path, &whole);
    let lies = [
        ("secondaries_weight", "1", "says another weight"),
        ("bound", "999999999", "says a higher bound"),
        ("bound", "0999", "does not say"),
        ("gap", "none", "does not say"),
    ];
    for (key, value, words) in lies {
        let mut changed: serde_json::Value = serde_json::from_str(&said).unwrap();
        changed["search"][key] = value.into();
        bench.write(report, &changed.to_string());
        let answer = bench.expect(3, CHECK);
        assert!(answer.out.contains(&format!("report.json {words}")), "{key}: {}", answer.out);
    }
    // A proof of nothing bears a bound of nothing, and then no gap below the whole.
    bench.write(path, &with(&|proof| proof["cases"] = serde_json::json!([])));
    for (gap, code) in [("99.99", 3), ("100.00", 0)] {
        let mut changed: serde_json::Value = serde_json::from_str(&said).unwrap();
        changed["search"]["bound"] = "0".into();
        changed["search"]["gap"] = gap.into();
        bench.write(report, &changed.to_string());
        let answer = bench.expect(code, CHECK);
        assert_eq!(answer.out.contains("says a smaller gap"), code == 3, "{}", answer.out);
    }
    // Without a proof nothing is claimed; the release is as safe as before.
    std::fs::remove_file(bench.path(path)).unwrap();
    bench.write(report, &said);
    assert!(!bench.expect(0, CHECK).out.contains("bound"));
}

/// With a gap allowed, the search may end early, and what it leaves is within it.
#[test]
fn a_gap_is_kept() {
    let bench = Bench::new();
    for (gap, most) in [("0", 0.0), ("'2.5 %'", 2.5), ("100%", 100.0)] {
        let answer = bench.expect(0, &format!("protect spec.toml --out out --force --json --gap {gap}"));
        let search = &answer.json()["report"]["search"];
        let found: f64 = search["gap"].as_str().unwrap().parse().unwrap();
        assert!(found <= most, "{gap}: {search}");
        bench.expect(0, CHECK);
    }
    for wrong in ["5", "5,5%", "101%", "0.00001%", "much"] {
        let answer = bench.expect(2, &format!("protect spec.toml --out other --gap {wrong}"));
        assert!(answer.err.contains("--gap <SHARE>"), "{}", answer.err);
    }
}

#[test]
fn a_pattern_beside_the_release_must_agree_with_it() {
    let bench = protected();
    bench.edit("out/internal/pattern.csv", |text| text.replacen(",secondary", ",published", 1));
    assert!(bench.expect(3, CHECK).out.contains("differ on whether the cell is hidden"));
}

#[test]
fn other_figures_make_the_release_invalid() {
    let bench = protected();
    bench.edit("demand.csv", |text| text.replacen("AA,TANK,2027,301", "AA,TANK,2027,300", 1));
    let document = bench.expect(3, &format!("{CHECK} --json")).json();
    assert_eq!(document["verdict"], "invalid");
    assert_eq!(document["requirements"], 0);
}
