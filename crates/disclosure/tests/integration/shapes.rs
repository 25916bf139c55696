//! Awkward shapes: one to six variables, ragged trees, single children, forests, zeros, one contributor.

use disclosure::Figure;
use disclosure::audit::{Verdict, audit};
use disclosure::budget::{Budget, Stopped};
use disclosure::generate::{self, Shape};
use disclosure::hierarchy::Hierarchy;
use disclosure::pattern::Status;
use disclosure::problem::{Contributions, Problem, UnitId, Weight};
use disclosure::protect::{CannotProtect, protect};
use disclosure::solver::Highs;
use std::sync::atomic::AtomicBool;

use crate::laws::{protected, rules};

fn tree(name: &str, codes: &[(&str, Option<usize>)]) -> Hierarchy {
    let codes = codes.iter().map(|&(code, parent)| (code.to_owned(), parent)).collect();
    Hierarchy::new(name, codes).unwrap()
}

/// Contributions given as (unit, codes, amount).
fn made(hierarchies: Vec<Hierarchy>, rows: &[(u32, &[&str], i64)]) -> Problem {
    let mut contributions = Contributions::new(hierarchies.len(), Vec::new());
    for (unit, codes, amount) in rows {
        let leaf: Vec<_> =
            hierarchies.iter().zip(*codes).map(|(tree, code)| tree.node(code).unwrap()).collect();
        contributions.push(UnitId(*unit), &leaf, Figure::new(*amount));
    }
    Problem::from_contributions(hierarchies, &contributions, &rules(), &Weight::Value).unwrap()
}

fn safe(problem: &Problem) -> usize {
    let found = protected(problem);
    let audited = Budget::untimed(|budget| audit(problem, &found.pattern, &Highs, budget));
    assert_eq!(audited.verdict, Verdict::Safe, "{:?}", audited.findings);
    found.pattern.count(Status::Secondary)
}

#[test]
fn one_to_six_variables() {
    let names = ["A", "B", "C", "D", "E", "F"];
    for variables in 1..=6 {
        let fan = if variables < 4 { vec![3, 2] } else { vec![2] };
        for seed in 0..3 {
            let shape = Shape {
                variables: names[..variables].iter().map(|&name| (name, fan.clone())).collect(),
                contributors: 9,
                filled_per_mille: 900,
                contributors_per_cell_max: 4,
                seed,
            };
            let (hierarchies, contributions) = generate::table(&shape).unwrap();
            let problem =
                Problem::from_contributions(hierarchies, &contributions, &rules(), &Weight::Value).unwrap();
            safe(&problem);
        }
    }
}

#[test]
fn ragged_trees_and_single_children() {
    let ragged = tree(
        "A",
        &[
            ("all", None),
            ("land", Some(0)),
            ("tank", Some(1)),
            ("heavy", Some(2)),
            ("light", Some(2)),
            ("gun", Some(1)),
            ("sea", Some(0)),
            ("ship", Some(6)),
            ("air", Some(0)),
        ],
    );
    let years = tree("year", &[("all", None), ("2030", Some(0)), ("2031", Some(0))]);
    let mut rows: Vec<(u32, Vec<&str>, i64)> = Vec::new();
    for (place, code) in ["heavy", "light", "gun", "ship", "air"].into_iter().enumerate() {
        for (year, label) in ["2030", "2031"].into_iter().enumerate() {
            for unit in 0..4_u32 {
                let amount = 100 / (i64::from(unit) + 1) + 7 * i64::try_from(place + year).unwrap();
                rows.push((unit, vec![code, label], amount));
            }
        }
    }
    rows.push((9, vec!["ship", "2030"], 9_000));
    let rows: Vec<(u32, &[&str], i64)> = rows.iter().map(|row| (row.0, row.1.as_slice(), row.2)).collect();
    let problem = made(vec![ragged, years], &rows);
    assert!(problem.primaries().count() >= 2, "ship and its only parent are the same figure");
    safe(&problem);
}

#[test]
fn a_forest_has_no_total_across_its_trees() {
    let forest = tree(
        "A",
        &[("vehicles", None), ("tank", Some(0)), ("truck", Some(0)), ("fuel", None), ("oil", Some(3))],
    );
    let rows: [(u32, &[&str], i64); 6] = [
        (0, &["tank"], 50),
        (1, &["tank"], 3),
        (0, &["truck"], 40),
        (1, &["truck"], 30),
        (2, &["truck"], 20),
        (2, &["oil"], 5),
    ];
    let problem = made(vec![forest], &rows);
    assert_eq!(problem.table().len(), 5);
    safe(&problem);
}

#[test]
fn one_contributor_in_all_leaves_nothing_to_publish() {
    let codes = tree("A", &[("all", None), ("a", Some(0)), ("b", Some(0))]);
    let problem = made(vec![codes], &[(0, &["a"], 5), (0, &["b"], 6)]);
    let found = protected(&problem);
    assert_eq!(found.pattern.count(Status::Published), 0);
}

#[test]
fn secret_zeros_are_protected_upwards() {
    let codes = tree("A", &[("all", None), ("a", Some(0)), ("b", Some(0)), ("c", Some(0))]);
    let rows: [(u32, &[&str], i64); 8] = [
        (0, &["a"], 0),
        (1, &["b"], 40),
        (2, &["b"], 30),
        (3, &["b"], 20),
        (1, &["c"], 40),
        (2, &["c"], 30),
        (3, &["c"], 20),
        (4, &["c"], 9),
    ];
    let problem = made(vec![codes], &rows);
    assert_eq!(problem.primaries().count(), 1);
    assert_eq!(safe(&problem), 1);
}

#[test]
fn a_cancelled_run_says_so_and_a_time_limit_still_releases_something_safe() {
    let shape = Shape {
        variables: vec![("A", vec![4, 4]), ("B", vec![4, 4])],
        contributors: 30,
        filled_per_mille: 900,
        contributors_per_cell_max: 5,
        seed: 3,
    };
    let (hierarchies, contributions) = generate::table(&shape).unwrap();
    let problem = Problem::from_contributions(hierarchies, &contributions, &rules(), &Weight::Value).unwrap();
    let run = |cancelled: bool, limit: u64| {
        let cancel = AtomicBool::new(cancelled);
        let budget = Budget {
            elapsed_ms: &|| 1_000,
            time_limit_ms: limit,
            cancel: &cancel,
            progress: &|_| (),
            work_limit: u64::MAX,
            threads: 2,
            gap_ppm: 0,
        };
        protect(&problem, &Highs, &budget)
    };
    assert!(matches!(
        run(true, u64::MAX),
        Err(CannotProtect::Stopped { stopped: Stopped::Cancelled, open }) if open > 0
    ));
    let hurried = run(false, 0).unwrap();
    assert_eq!(hurried.stopped, Stopped::TimeLimit);
    let audited = Budget::untimed(|budget| audit(&problem, &hurried.pattern, &Highs, budget));
    assert_eq!(audited.verdict, Verdict::Safe);
}
