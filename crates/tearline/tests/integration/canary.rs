//! An improbable figure of one contributor is searched for in everything that a run leaves behind or says.

use crate::run::Bench;

const CANARY: &str = "7771237";

/// The figure as programs and as people write it.
fn spellings() -> [String; 4] {
    [CANARY.to_owned(), "7\u{202f}771\u{202f}237".to_owned(), "7,771,237".to_owned(), "7 771 237".to_owned()]
}

fn search(place: &str, text: &str) {
    for spelling in spellings() {
        assert!(!text.contains(&spelling), "{place} contains the figure");
    }
}

fn bench(row: &str, with: &str) -> Bench {
    let bench = Bench::new();
    bench.edit("demand.csv", |text| {
        assert!(text.contains(row));
        text.replacen(row, with, 1)
    });
    bench
}

#[test]
fn a_contribution_appears_nowhere() {
    let bench = bench("AA,TANK,2027,301", &format!("AA,TANK,2027,{CANARY}"));
    for line in [
        "protect spec.toml --out out",
        "protect spec.toml --out json --json",
        "certificate check spec.toml --release out",
        "certificate check spec.toml --release out --json",
        "audit spec.toml --pattern out/internal/pattern.csv",
        "audit spec.toml --pattern out/internal/pattern.csv --json",
    ] {
        let answer = bench.expect(0, line);
        search(line, &answer.out);
        search(line, &answer.err);
    }
    for file in ["out/release/cells.csv", "out/report.html", "out/report.json", "out/internal/pattern.csv"] {
        search(file, &bench.read(file));
    }
}

#[test]
fn a_refused_figure_appears_nowhere() {
    // Refused for its sign, its place, its form, and the sum it is said to make.
    for with in [
        format!("AA,TANK,2027,-{CANARY}"),
        format!("AA,TNAK,2027,{CANARY}"),
        format!("AA,TANK,2027,{CANARY}.5"),
        format!("AA,TANK,2027,{CANARY}x"),
        format!("AA,TANK,2027,{CANARY}\nAA,TANK,2027,{CANARY}{CANARY}{CANARY}"),
    ] {
        let bench = bench("AA,TANK,2027,301", &with);
        for line in ["protect spec.toml --out out", "protect spec.toml --out out --json"] {
            let answer = bench.expect(2, line);
            search(line, &answer.out);
            search(line, &answer.err);
        }
    }
}

#[test]
fn nothing_internal_stands_in_the_release() {
    let bench = Bench::new();
    bench.expect(0, "protect spec.toml --out out");
    let cells = bench.read("out/release/cells.csv");
    for word in ["primary", "secondary", "world", "AA", "BB", "certificate"] {
        assert!(!cells.contains(word), "{word}");
    }
    let names: Vec<String> =
        bench.list().into_iter().filter(|name| name.starts_with("out/release")).collect();
    assert_eq!(names, ["out/release", "out/release/cells.csv"]);
}
