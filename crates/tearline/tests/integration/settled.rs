//! Linked tables, settled cells and given costs, from the specification to the release.

use crate::run::Bench;

const HEAD: &str = "schema = \"tearline-spec/1\"\ntitle = \"EXERCISE\"\n[cells]\nfile = \"cells.csv\"\n\
                    value = \"value\"\nprimary = \"primary\"\nlower = \"lpl\"\nupper = \"upl\"\n\
                    [[variable]]\nname = \"a\"\ncodes = \"a.csv\"\n[[variable]]\nname = \"b\"\ncodes = \"b.csv\"\n";

/// 3 x 3 parts of 10 with margins; `a1|b1` is sensitive by 4; a cost a cell.
fn square(more: &str, cost: impl Fn(usize, usize) -> String) -> Bench {
    let bench = Bench::empty();
    bench.write("spec.toml", &format!("{HEAD}{more}"));
    for name in ["a", "b"] {
        let codes: String = (1..4).map(|place| format!("{name}{place},all\n")).collect();
        bench.write(&format!("{name}.csv"), &format!("child,parent\n{codes}"));
    }
    let mut cells = "a,b,value,primary,lpl,upl,cost\n".to_owned();
    for row in 0..4 {
        for column in 0..4 {
            let code = |name: &str, place: usize| match place {
                0 => "all".to_owned(),
                place => format!("{name}{place}"),
            };
            let value = 10 * if row == 0 { 3 } else { 1 } * if column == 0 { 3 } else { 1 };
            let levels = if (row, column) == (1, 1) { "1,4,4" } else { "0,," };
            let cost = cost(row, column);
            cells.push_str(&format!("{},{},{value},{levels},{cost}\n", code("a", row), code("b", column)));
        }
    }
    bench.write("cells.csv", &cells);
    bench
}

fn hidden(bench: &Bench) -> Vec<String> {
    let pattern = bench.read("out/internal/pattern.csv");
    pattern.lines().skip(1).filter(|line| !line.ends_with(",published")).map(str::to_owned).collect()
}

#[test]
fn given_costs_and_settled_cells_reach_the_release_and_its_report() {
    let more = "[search]\nweight = \"cost\"\nfixed = \"fixed.csv\"\n";
    let bench = square(
        more,
        |row, column| if (row, column) == (3, 3) { "never".to_owned() } else { "0.5".to_owned() },
    );
    bench.write("fixed.csv", "a,b,status\na1,b2,suppressed\na2,b1,published\n");
    bench.expect(0, "protect spec.toml --out out");
    let hidden = hidden(&bench);
    assert!(hidden.contains(&"a1,b1,primary".to_owned()) && hidden.contains(&"a1,b2,secondary".to_owned()));
    assert!(
        !hidden.iter().any(|line| line.starts_with("a2,b1,") || line.starts_with("a3,b3,")),
        "{hidden:?}"
    );
    let report: serde_json::Value = serde_json::from_str(&bench.read("out/report.json")).unwrap();
    assert_eq!(report["search"]["weight"], "column");
    assert_eq!(
        report["search"]["secondaries_weight"], "1.0",
        "two cells at a half; the settled blank is free"
    );
    bench.expect(0, "certificate check spec.toml --release out");
    bench.expect(0, "audit spec.toml --pattern out/internal/pattern.csv");
    // The same release is no longer sound once one of its blanks is known to be out.
    let secondary =
        hidden.iter().find(|line| line.ends_with(",secondary") && !line.starts_with("a1,b2,")).unwrap();
    let known = secondary.replace(",secondary", ",published");
    bench.edit("fixed.csv", |text| format!("{text}{known}\n"));
    bench.expect(3, "certificate check spec.toml --release out");
    bench.expect(3, "audit spec.toml --pattern out/internal/pattern.csv");
}

#[test]
fn what_cannot_be_protected_is_named_with_what_stands_in_the_way() {
    let bench = square("[search]\nfixed = \"fixed.csv\"\n", |_, _| "1".to_owned());
    bench.write("fixed.csv", "a,b,status\na1,all,published\na1,b2,published\na1,b3,published\n");
    let before = bench.list();
    let answer = bench.expect(3, "protect spec.toml --out out --json");
    assert_eq!(bench.list(), before);
    let refusal = &answer.json()["refusal"];
    assert_eq!(answer.json()["verdict"], "cannot-be-protected");
    assert_eq!((&refusal["direction"], &refusal["need"]), (&"up".into(), &"4".into()));
    assert_eq!(refusal["obstacles"]["count"], 1);
    for words in ["cell `a1|b1` cannot be protected upwards", "by 4 or more", "stands in the way"] {
        assert!(answer.err.contains(words), "{words}: {}", answer.err);
    }
    bench.write("fixed.csv", "a,b,status\na1,b1,published\n");
    let words = bench.expect(2, "protect spec.toml --out out").err;
    assert!(words.contains("sensitive cell `a1|b1` is published already"), "{words}");
}

#[test]
fn linked_tables_are_released_together() {
    let bench = Bench::new();
    let tables = "[[table]]\nvariables = [\"capability\"]\n[[table]]\nvariables = [\"year\"]\n";
    bench.edit("spec.toml", |text| text.replacen("[rule]", &format!("{tables}[rule]"), 1));
    bench.expect(0, "protect spec.toml --out out");
    bench.expect(0, "certificate check spec.toml --release out");
    bench.expect(0, "audit spec.toml --pattern out/internal/pattern.csv");
    let cells = bench.read("out/release/cells.csv");
    assert!(cells.lines().skip(1).all(|line| !line.starts_with("TANK,2027,")), "the two are not crossed");
}
