//! Guarantees against declared attackers: what is written, what is found, and what one contributor is shown.

use crate::run::Bench;

const GUARANTEE: &str = "
[guarantee]
p = 10

[[attacker]]
id = \"PAIR\"
members = [\"AA\", \"BB\"]
";

fn guarded() -> Bench {
    let bench = Bench::new();
    bench.edit("spec.toml", |text| format!("{text}\n{GUARANTEE}"));
    bench
}

#[test]
fn a_release_withstands_every_attacker_and_every_command_says_so() {
    let bench = guarded();
    let report = bench.expect(0, "protect spec.toml --out out --json").json();
    let attackers = &report["report"]["proof"]["attackers"];
    assert_eq!(
        (&attackers["declared"][0]["id"], &attackers["declared"][0]["members"]),
        (&"PAIR".into(), &2.into())
    );
    assert!(bench.read("out/report.html").contains("PAIR (2"));
    let checked = bench.expect(0, "certificate check spec.toml --release out --json").json();
    assert!(checked["requirements"].as_u64() > Some(100), "{checked}");
    let audited = bench.expect(0, "audit spec.toml --pattern out/internal/pattern.csv --json").json();
    assert_eq!(audited["verdict"], "safe");
}

#[test]
fn a_pattern_that_an_attacker_takes_apart_is_named_with_attacker_and_victim() {
    let bench = guarded();
    bench.expect(0, "protect spec.toml --out out");
    // Everything is shown: what the rules alone allow, the pair sees through.
    bench.edit("out/internal/pattern.csv", |text| {
        text.replace(",primary", ",published").replace(",secondary", ",published")
    });
    let audited = bench.expect(3, "audit spec.toml --pattern out/internal/pattern.csv --json").json();
    let findings = audited["findings"].as_array().unwrap();
    let by_pair = findings.iter().find(|finding| finding["attacker"] == "PAIR").unwrap();
    assert!(by_pair["victim"].as_str().is_some_and(|victim| victim != "AA" && victim != "BB"), "{by_pair}");
    assert!(by_pair["interval"]["high"].is_string() && by_pair["attack"][0].is_string(), "{by_pair}");
    let words = bench.expect(3, "audit spec.toml --pattern out/internal/pattern.csv").out;
    assert!(words.contains("less what the attacker has itself"), "{words}");
}

#[test]
fn a_release_made_for_fewer_attackers_fails_the_check_against_more() {
    let bench = Bench::new();
    bench.expect(0, "protect spec.toml --out out");
    bench.edit("spec.toml", |text| format!("{text}\n{GUARANTEE}").replace("p = 10\n\n[[", "p = 40\n\n[["));
    let words = bench.expect(3, "certificate check spec.toml --release out").out;
    assert!(words.contains("cannot exclude"), "{words}");
}

#[test]
fn attackers_without_a_guarantee_are_kept_off_as_the_rule_says() {
    let bench = guarded();
    bench.edit("spec.toml", |text| text.replace("[guarantee]\np = 10\n", ""));
    let report = bench.expect(0, "protect spec.toml --out out --json").json();
    assert_eq!(report["report"]["proof"]["attackers"]["declared"][0]["id"], "PAIR");
}

#[test]
fn any_two_may_pool() {
    let bench = guarded();
    bench.edit("spec.toml", |text| text.replace("p = 10\n\n[[", "p = 1\npooling = 2\n\n[["));
    let alone = bench.expect(0, "protect spec.toml --out out --json").json();
    let attackers = &alone["report"]["proof"]["attackers"];
    assert_eq!(attackers["pooling"], 2);
    assert!(attackers["count"].as_u64() > Some(20), "{attackers}");
}

#[test]
fn a_contributor_is_shown_its_own_exposure_and_no_figure_of_others() {
    let bench = guarded();
    let canary = "7771237";
    bench.edit("demand.csv", |text| {
        let line = |line: &str| match line.starts_with("BB,TANK,2027,") {
            true => format!("BB,TANK,2027,{canary}\n"),
            false => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    });
    assert!(bench.read("demand.csv").contains(canary));
    bench.expect(0, "protect spec.toml --out out --accept-holds");
    bench.expect(0, "exposure spec.toml --release out --contributor AA --out for-aa");
    for file in ["for-aa/exposure.json", "for-aa/exposure.html"] {
        let text = bench.read(file);
        assert!(!text.contains(canary) && !text.contains("7\u{202f}771\u{202f}237"), "{file}");
        assert!(text.contains("AA"));
    }
    let document =
        bench.expect(0, "exposure spec.toml --release out --contributor AA --out again --json").json();
    assert_eq!((&document["verdict"], &document["unit"]), (&"safe".into(), &"AA".into()));
    let cells = document["cells"].as_array().unwrap();
    assert!(cells.iter().any(|cell| cell["own"] == "301" && cell["need"] == "31"), "{document}");
    let words = bench.expect(2, "exposure spec.toml --release out --contributor A --out other").err;
    assert!(words.contains("nobody called `A` has a record"), "{words}");
}
