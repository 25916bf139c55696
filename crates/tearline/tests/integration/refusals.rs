//! What is refused, with which code and which words; and that nothing is written then.

use crate::run::Bench;

/// A refusal that leaves the folder as it was.
fn refused(bench: &Bench, code: i32, line: &str) -> String {
    let before = bench.list();
    let answer = bench.expect(code, line);
    assert_eq!(bench.list(), before, "tearline {line}");
    answer.err
}

#[test]
fn every_fault_is_listed_with_line_and_column() {
    let bench = Bench::new();
    bench.edit("demand.csv", |text| {
        let text = text.replacen("AA,TANK,2027,301", "AA,TNAK,2027,301", 1);
        let text = text.replacen("AA,TANK,2028,", "AA,TANK,2088,", 1);
        text.replacen("AA,TANK,2029,", "AA,TANK,2029,-", 1)
    });
    let words = refused(&bench, 2, "protect spec.toml --out out");
    for place in ["demand.csv:2:2 (capability)", "demand.csv:3:3 (year)", "demand.csv:4:4 (quantity)"] {
        assert!(words.contains(place), "{place} in {words}");
    }
    assert!(words.contains("3 faults"), "{words}");
    let document = bench.expect(2, "protect spec.toml --out out --json").json();
    assert_eq!(document["schema"], "tearline-error/1");
    assert_eq!(document["kind"], "bad-input");
    assert_eq!(document["faults"].as_array().unwrap().len(), 3);
    assert_eq!(document["faults"][2]["code"], "negative-value");
}

#[test]
fn sections_that_cannot_be_honoured_are_refused() {
    let derivable = "[guarantee]\np = 10\nfamilies = [\"derivable\"]\n";
    let bench = Bench::new();
    bench.edit("spec.toml", |text| format!("{text}\n{derivable}"));
    for line in ["protect spec.toml --out out", "audit spec.toml --pattern demand.csv"] {
        let words = refused(&bench, 2, line);
        assert!(words.contains("\"derivable\" is not searched for here, and is never ignored"), "{words}");
    }
    let bench = Bench::new();
    bench.expect(0, "protect spec.toml --out before");
    let rounded = "[output]\nmethod = \"rounding\"\nbase = 10\n[history]\nreleases = [\"before\"]\n";
    bench.edit("spec.toml", |text| {
        format!("{}\n{rounded}", text.replace("[output]\nmethod = \"ranges\"\n", ""))
    });
    let words = refused(&bench, 2, "protect spec.toml --out out");
    assert!(words.contains("[history] beside rounding is not supported by this version"), "{words}");
}

#[test]
fn what_a_person_must_decide_is_refused_until_it_is_decided() {
    let bench = Bench::new();
    // A figure that is empty is neither zero nor absent.
    bench.edit("demand.csv", |text| text.replacen("AA,TANK,2027,301", "AA,TANK,2027,", 1));
    let words = refused(&bench, 3, "protect spec.toml --out out");
    assert!(words.contains("hold [missing-value]") && words.contains("--accept-holds"), "{words}");
    let document = bench.expect(3, "protect spec.toml --out out --json").json();
    assert_eq!(document["verdict"], "held");
    bench.expect(0, "protect spec.toml --out out --accept-holds");
    assert!(bench.read("out/report.html").contains("1 hold was accepted"));
}

#[test]
fn mistyped_words_get_a_suggestion() {
    let bench = Bench::new();
    let cases = [
        ("protcet spec.toml", "protect"),
        ("protect spec.toml --ouput out", "similar argument exists: '--out'"),
        ("certificate chekc spec.toml", "check"),
        ("schema reprot", "report"),
        ("completions bsah", "bash"),
    ];
    for (line, near) in cases {
        let words = refused(&bench, 2, line);
        assert!(words.contains(near), "{line}: {words}");
    }
    let document = bench.expect(2, "protcet --json").json();
    assert_eq!((&document["schema"], &document["kind"]), (&"tearline-error/1".into(), &"usage".into()));
}

#[test]
fn files_that_are_not_there_or_not_readable_are_bad_input() {
    let bench = Bench::new();
    refused(&bench, 2, "protect nothing.toml --out out");
    refused(&bench, 2, "protect . --out out");
    refused(&bench, 2, "protect demand.csv --out out");
    refused(&bench, 2, "protect spec.toml --out no/such/folder");
    refused(&bench, 2, "protect spec.toml --out ..");
    refused(&bench, 2, "audit spec.toml --pattern nothing.csv");
    refused(&bench, 2, "certificate check spec.toml --release nothing");
    refused(&bench, 2, "inputs spec.toml");
    refused(&bench, 2, "");
}

#[test]
fn patterns_and_certificates_of_other_tables_are_bad_input() {
    let bench = Bench::new();
    bench.expect(0, "protect spec.toml --out out");
    let pattern = bench.read("out/internal/pattern.csv");
    bench.write("out/internal/pattern.csv", &pattern.replacen("TANK", "TNAK", 1));
    let words = refused(&bench, 2, "audit spec.toml --pattern out/internal/pattern.csv");
    assert!(words.contains("unknown-code") && words.contains("pattern.csv:"), "{words}");
    bench.write("out/internal/pattern.csv", &pattern);
    let whole = bench.read("out/internal/certificate.csv");
    let first = whole.lines().nth(1).unwrap();
    let broken = [
        ("unknown-column", whole.replacen("world_1", "world_7", 1)),
        ("missing-column", whole.replacen("capability", "thing", 1)),
        ("duplicate-cell", format!("{whole}{first}\n")),
        ("wrong-width", format!("{whole}TANK,2027\n")),
        ("not-a-number", whole.replacen(first, &format!("{first}.5"), 1)),
        ("unknown-code", whole.replacen("\nTANK", "\nTNAK", 1)),
    ];
    for (code, text) in broken {
        bench.write("out/internal/certificate.csv", &text);
        let words = refused(&bench, 2, "certificate check spec.toml --release out");
        assert!(words.contains(code) && words.contains("certificate.csv:"), "{code}: {words}");
    }
}
