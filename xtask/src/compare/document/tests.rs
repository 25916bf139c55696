//! Markers, tables and numbers of the document.

use std::collections::BTreeMap;

use super::super::audit::Audit;
use super::super::machine::Machine;
use super::super::plot;
use super::super::results::{Program, Run};
use super::*;

fn found(seconds: f64, weight: u128, violations: u64) -> Found {
    let audit = Audit { exposed: 0, violations, checked: 7, sensitive_hidden: 7, trouble: None };
    Found {
        seconds,
        seconds_of_all: vec![seconds],
        weight,
        weights_of_all: vec![weight],
        secondaries: 12,
        bound: None,
        first_certified_s: None,
        audit: Some(audit),
    }
}

fn run(outcome: Outcome) -> Run {
    Run { date: "2026-01-02".to_owned(), killed_after_s: 300, outcome }
}

fn results() -> Results {
    let light = Found { bound: Some(900.0), ..found(9.5, 1_000, 0) };
    let varied = Found {
        seconds_of_all: vec![1.0, 2.0, 4.0],
        weights_of_all: vec![1_100, 1_200, 1_300],
        ..found(2.0, 1_200, 3)
    };
    let runs = BTreeMap::from([
        (Program::Tearline { limit_s: 1 }, run(Outcome::Pattern(found(1.0, 1_500, 0)))),
        (Program::Tearline { limit_s: 10 }, run(Outcome::Pattern(light))),
        (Program::Mod, run(Outcome::Pattern(varied))),
        (Program::Opt, run(Outcome::Killed)),
    ]);
    let table = Measured { cells: 1_234, primaries: 56, variables: 2, runs };
    let failed = run(Outcome::Failed("a | b".to_owned()));
    let other =
        Measured { cells: 99, primaries: 5, variables: 2, runs: BTreeMap::from([(Program::Mod, failed)]) };
    Results {
        machine: Machine { processor: "P".to_owned(), cores: 2, memory_gib: 4, system: "S".to_owned() },
        versions: vec![("tearline".to_owned(), "0.1.0".to_owned())],
        tables: BTreeMap::from([("big".to_owned(), table), ("small".to_owned(), other)]),
        growth: Vec::new(),
    }
}

const EMPTY: &str = "# Title\n\n<!-- conditions:begin -->\n<!-- conditions:end -->\nprose <!-- against:begin -->old\nold\
                     <!-- against:end -->\n<!-- runs:begin --><!-- runs:end -->\n<!-- growth:begin --><!-- growth:end -->\nend\n";

#[test]
fn writing_twice_is_writing_once_and_prose_stays() {
    let once = written(EMPTY, &results()).expect("all markers are there");
    assert_eq!(written(&once, &results()).expect("still there"), once);
    assert!(
        once.starts_with("# Title\n\n<!-- conditions:begin -->\n- Machine: P, 2 cores, 4 GiB, S.\n"),
        "{once}"
    );
    assert!(once.ends_with("<!-- growth:end -->\nend\n"), "{once}");
    assert!(once.contains("prose <!-- against:begin -->\n| table") && !once.contains("old"), "{once}");
}

#[test]
fn a_missing_or_second_marker_is_refused() {
    let part = Part("runs");
    for wrong in [
        "",
        "<!-- runs:begin -->",
        "<!-- runs:end --><!-- runs:begin -->",
        "<!-- runs:begin --><!-- runs:end --><!-- runs:begin -->",
    ] {
        assert!(part.replace(wrong, "x").is_err(), "{wrong}");
    }
}

#[test]
fn losses_and_failures_are_rows_like_others() {
    let text = against(&results());
    let rows: Vec<&str> = text.lines().skip(2).collect();
    assert_eq!(
        rows,
        [
            "| small | 99 | MOD | none | failed: a   b | | none | | | |",
            "| big | 1,234 | MOD | 1,200 (1,100 to 1,300) | 2.00 | **unsafe: 3** | 1,000 | 0.833 | at most 9.50 | 0.2 |",
            "| big | 1,234 | OPT | none | none in 300 | | 1,000 | | | |",
        ]
    );
}

#[test]
fn a_run_shows_bound_gap_and_spread() {
    let text = runs(&results());
    let ours = "| big | 1,234 | 56 | tearline 10 s | 9.50 | 12 | 1,000 | 900 | 10.0 % | - | safe |";
    let theirs = "| big | 1,234 | 56 | MOD | 2.00 (1.00 to 4.00) | 12 | 1,200 (1,100 to 1,300) | - | - | - | **unsafe: 3** |";
    assert!(text.contains(ours) && text.contains(theirs), "{text}");
}

#[test]
fn what_is_heavier_at_every_limit_is_not_reached() {
    let (one, other) = (found(1.0, 20, 0), found(10.0, 15, 0));
    assert_eq!(reached(&[&one, &other], 14), None);
    assert_eq!(reached(&[&one, &other], 15), Some(10.0));
    assert_eq!(reached(&[&one, &other], 20), Some(1.0));
}

#[test]
fn digits_come_in_groups() {
    for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(grouped(number), text);
    }
}

#[test]
fn the_exponent_is_the_slope() {
    let row = |cells, protect_s| Growth {
        cells,
        primaries: 1,
        secondaries: 1,
        weight: 1,
        protect_s,
        check_s: 0.0,
        peak_mib: 1,
        date: String::new(),
    };
    let slope = exponent(&[row(10, 1.0), row(100, 10.0), row(1_000, 100.0)]).expect("three sizes");
    assert!((slope - 1.0).abs() < 1e-9, "{slope}");
    let text = growth(&[row(10, 1.0), row(100, 1.0), row(1_000, 100.0)]);
    assert!(text.contains("cells^1.00 over all") && text.contains("cells^2.00 between"), "{text}");
    assert_eq!(exponent(&[row(10, 1.0)]), None);
    assert_eq!(exponent(&[]), None);
}

#[test]
fn results_survive_their_document() {
    let results = results();
    let text = serde_json::to_string(&results).expect("a document");
    assert_eq!(serde_json::from_str::<Results>(&text).expect("the same form"), results);
}

#[test]
fn the_plot_has_a_panel_a_table_and_hollow_marks_for_the_unsafe() {
    let svg = plot::svg(&results());
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    assert_eq!(svg.matches("<g ").count(), 2);
    assert!(svg.contains("<rect class=\"mod hollow\""), "{svg}");
    assert!(svg.contains("no safe pattern"), "{svg}");
}
