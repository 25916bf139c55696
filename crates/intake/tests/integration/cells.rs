use disclosure::problem::Direction;
use intake::FilesInMemory;

use crate::scene::{YEAR, found, messages, read};

const SPECIFICATION: &str = r#"
schema = "tearline-spec/1"
title = "given"
[cells]
file = "cells.csv"
value = "value"
primary = "primary"
lower = "lpl"
upper = "upl"
[[variable]]
name = "year"
codes = "year.csv"
"#;

fn files(cells: &str) -> FilesInMemory {
    let mut files = FilesInMemory::new();
    files.put("spec.toml", SPECIFICATION);
    files.put("year.csv", YEAR);
    files.put("cells.csv", format!("year,value,primary,lpl,upl\n{cells}"));
    files
}

#[test]
fn levels_are_never_rounded_down() {
    let files = files("all,12,0,,\n2030,5,1,0.5,2.1\n2031,7,0,,\n");
    assert_eq!(found(&files), "");
    let problem = read(&files).unwrap().problem().unwrap();
    let primary = problem.primaries().next().unwrap();
    assert_eq!(problem.need(primary, Direction::Up), 3);
    assert_eq!(problem.need(primary, Direction::Down), 1);
}

#[test]
fn each_fault_has_its_line_and_column() {
    let cases = [
        ("all,13,0,,\n2030,5,0,,\n2031,7,0,,\n", "reject not-additive cells.csv:2:2 value\n"),
        ("2030,5,0,,\n2031,7,0,,\n", "reject missing-margin cells.csv:2:1 year\n"),
        ("all,5,0,,\n2030,5,1,,1\n", "reject missing-level cells.csv:3:4 lpl\n"),
        ("all,5,0,,\n2030,5,2,,1\n", "reject bad-flag cells.csv:3:3 primary\n"),
        ("all,5,0,,\n2030,5,1,-1,1\n", "reject not-a-number cells.csv:3:4 lpl\n"),
        ("all,5,0,,\n2030,5,0,,\n2030,5,0,,\n", "reject duplicate-cell cells.csv:4:1 year\n"),
        ("all,5,0,,\n2030,5,0,,\n2032,5,0,,\n", "reject unknown-code cells.csv:4:1 year\n"),
        ("all,5,0,,\n2030,-5,0,,\n", "reject negative-value cells.csv:3:2 value\n"),
    ];
    for (cells, expected) in cases {
        assert_eq!(found(&files(cells)), expected, "{cells}");
    }
}

#[test]
fn a_relation_that_fails_is_shown_with_both_sides() {
    let files = files("all,13,0,,\n2030,5,0,,\n2031,7,0,,\n");
    assert_eq!(
        messages(&files),
        ["cells.csv, line 2, column 2 (`value`): `all = 2030 + 2031` at `all` does not hold"]
    );
    let faults = read(&files).unwrap_err();
    let sides: Vec<i64> = faults.all()[0].figures().iter().map(|(_, figure)| figure.open()).collect();
    assert_eq!(sides, [13, 12]);
}
