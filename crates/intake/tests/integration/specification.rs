use intake::spec::{Family, Members, Method, Repeated, Source, Specification, Weight};

use crate::scene::{SPECIFICATION, found, lines, messages, with};

fn spec(text: &str) -> String {
    match Specification::parse("spec.toml", text.as_bytes()) {
        Ok((_, notes)) => lines(&notes.warnings),
        Err(faults) => lines(faults.all()),
    }
}

#[test]
fn everything_is_read() {
    let text = r#"
schema = "tearline-spec/1"
title = "all keys"
[figures]
file = "f.csv"
sheet = "Data"
contributor = "ally"
value = "quantity"
decimals = 2
unit = "tonne"
holding = "group"
waiver = "waiver"
vintage = "vintage"
contributors = "allies.csv"
domain = [-0.5, 1e3]
[[variable]]
name = "year"
codes = "year.csv"
[rule]
p = 0.1
q = 80
pooling = 2
dominance = [{ n = 1, k = 85 }, { n = 3, k = "99.5" }]
minimum_frequency = 3
zero = true
[guarantee]
p = 10
floor = 1.5
two_sided = true
families = ["relations", "cells"]
[[attacker]]
id = "EU"
members_from = { file = "eu.csv", below = "EU" }
[search]
weight = "cost"
time_limit_s = 5
threads = 2
seed = 7
[history]
releases = ["../2025"]
[output]
method = "rounding"
base = 0.05
"#;
    let (spec, notes) = Specification::parse("spec.toml", text.as_bytes()).unwrap();
    assert!(notes.warnings.is_empty());
    let Source::Figures(figures) = &spec.source else { panic!("figures were declared") };
    assert_eq!(figures.domain, Some((-50, 100_000)));
    assert_eq!(figures.repeated, Repeated::Reject);
    let p = spec.rules.p.unwrap();
    assert_eq!((p.p.to_string(), p.q.to_string(), p.pooling), ("1/10".to_owned(), "80".to_owned(), 2));
    assert_eq!(spec.rules.dominance[1].k.to_string(), "199/2");
    let guarantee = spec.guarantee.unwrap();
    assert_eq!((guarantee.floor, guarantee.families), (150, vec![Family::Cells, Family::Relations]));
    assert_eq!(
        spec.attackers[0].members,
        Members::Below { file: "eu.csv".to_owned(), code: "EU".to_owned() }
    );
    assert_eq!(spec.search.weight, Weight::Column("cost".to_owned()));
    assert_eq!(spec.method, Method::Rounding { base: 5 });
    assert_eq!(spec.history, ["../2025"]);
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    let text = SPECIFICATION.replace("[rule]\np = 10", "[rule]\npp = 10\n[serch]\nseed = 1");
    assert_eq!(
        messages(&with("spec.toml", text)),
        [
            "spec.toml, line 17, column 1 (`rule.pp`): key `rule.pp` is not known here; nearest is `p`",
            "spec.toml, line 18, column 2 (`serch`): key `serch` is not known here; nearest is `search`",
        ]
    );
}

#[test]
fn parameters_have_bounds() {
    let rule = |rule: &str| spec(&SPECIFICATION.replace("p = 10", rule));
    for bad in ["p = -1", "p = 1e6", "p = 1001", "p = nan", "p = inf", "p = \"ten\""] {
        assert_eq!(rule(bad), "reject bad-parameter spec.toml:17:5 rule.p\n", "{bad}");
    }
    assert_eq!(rule("p = 0"), "warn bad-parameter spec.toml:17:5 rule.p\n");
    for good in ["p = 1000", "p = 0.5", "p = 1_0", "p = \"1/3\"", "p = 1e1"] {
        assert_eq!(rule(good), "", "{good}");
    }
    for (dominance, at) in [
        ("n = 0, k = 85", "20 dominance.n"),
        ("n = 1, k = 100", "27 dominance.k"),
        ("n = 1, k = 0", "27 dominance.k"),
    ] {
        let found = rule(&format!("dominance = [{{ {dominance} }}]"));
        assert_eq!(found, format!("reject bad-parameter spec.toml:17:{at}\n"), "{dominance}");
    }
    assert_eq!(rule("p = 10\npooling = 0"), "reject bad-parameter spec.toml:18:11 rule.pooling\n");
    assert_eq!(rule("pooling = 1"), "reject missing-key spec.toml:16:1 rule.p\n");
}

#[test]
fn every_fault_is_listed() {
    let text =
        "schema = \"tearline-spec/1\"\n[figures]\nfile = 3\nvalue = \"v\"\ndecimals = 99\n[rule]\np = -1\n";
    assert_eq!(
        spec(text),
        "reject missing-key spec.toml:1:1 title\nreject missing-key spec.toml:1:1 variable\n\
         reject missing-key spec.toml:2:1 figures.contributor\nreject wrong-type spec.toml:3:8 figures.file\n\
         reject bad-parameter spec.toml:5:12 figures.decimals\nreject bad-parameter spec.toml:7:5 rule.p\n"
    );
    assert_eq!(spec("schema = \"tearline-spec/2\"\n"), "reject wrong-schema spec.toml:1:10 schema\n");
    assert_eq!(
        spec("schema = \"tearline-spec/1\ntitle = x\n"),
        "reject bad-toml spec.toml:1:26 -\nreject bad-toml spec.toml:2:9 -\n"
    );
    assert_eq!(spec(&SPECIFICATION.replace("[rule]\np = 10\n", "")), "warn no-rule spec.toml:-:- -\n");
}

#[test]
fn files_that_are_not_there() {
    assert_eq!(
        found(&with("spec.toml", SPECIFICATION.replace("capability.csv", "cap.csv"))),
        "reject file-missing cap.csv:-:- -\n"
    );
    let nothing = intake::FilesInMemory::new();
    assert_eq!(found(&nothing), "reject file-missing spec.toml:-:- -\n");
}
