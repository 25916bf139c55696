//! Alliance tables against many attackers: protecting, checking and auditing; one line a table.
//!
//! The attackers are the outsider, each of 32 units alone, a coalition of 23, one of nine, and where it says so every
//! pair. `cargo bench -p disclosure --bench coalitions`; a name as argument picks tables.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its table and stops at a fault"
)]

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use disclosure::Ratio;
use disclosure::audit::{Verdict, audit_against};
use disclosure::budget::{Budget, WORK_LIMIT_DEFAULT};
use disclosure::coalition::checker::{self, Claim};
use disclosure::coalition::{Opponents, Shares};
use disclosure::generate::{self, Shape};
use disclosure::guarantee::{Coalition, Family, Guarantee};
use disclosure::problem::{Problem, UnitId, Weight};
use disclosure::protect::protect_against;
use disclosure::rule::Rules;
use disclosure::solver::Highs;

const UNITS: u32 = 32;

struct Case {
    name: &'static str,
    variables: Vec<(&'static str, Vec<usize>)>,
    pairs: bool,
    time_limit_ms: u64,
}

fn cases() -> Vec<Case> {
    let alliance = || vec![("CAP", vec![4, 12]), ("YEAR", vec![10])];
    vec![
        Case { name: "alliance", variables: alliance(), pairs: false, time_limit_ms: 10_000 },
        Case { name: "alliance-pairs", variables: alliance(), pairs: true, time_limit_ms: 60_000 },
        Case {
            name: "large",
            variables: vec![("CAP", vec![8, 5, 10]), ("YEAR", vec![9]), ("GROUP", vec![5])],
            pairs: false,
            time_limit_ms: 60_000,
        },
    ]
}

fn coalitions(pairs: bool) -> Vec<Coalition> {
    let named = |id: &str, members: Vec<u32>| Coalition {
        id: id.to_owned(),
        members: members.into_iter().map(UnitId).collect(),
    };
    let mut all = vec![Coalition::outsider()];
    all.extend((0..UNITS).map(|unit| named("alone", vec![unit])));
    if pairs {
        all.extend(
            (0..UNITS)
                .flat_map(|a| (a + 1..UNITS).map(move |b| (a, b)))
                .map(|(a, b)| named("pair", vec![a, b])),
        );
    }
    all.push(named("union", (0..23).collect()));
    all.push(named("nine", (23..UNITS).collect()));
    all
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    println!(
        "| table | cells | attackers | hidden | worlds | quantities | first s | protect s | check s | audit s |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for case in
        cases().into_iter().filter(|case| wanted.is_empty() || wanted.iter().any(|name| name == case.name))
    {
        run(&case);
    }
}

fn run(case: &Case) {
    let shape = Shape {
        variables: case.variables.clone(),
        contributors: UNITS,
        filled_per_mille: 1_000,
        contributors_per_cell_max: 17,
        seed: 1,
    };
    let (trees, contributions) = generate::table(&shape).expect("the shape is sound");
    let problem = Problem::from_contributions(trees, &contributions, &Rules::default(), &Weight::Log)
        .expect("the table is sound");
    let guarantee = Guarantee {
        p: Ratio::whole(10),
        floor: 0,
        two_sided: false,
        families: vec![Family::Cells, Family::Relations],
    };
    let coalitions = coalitions(case.pairs);
    let begun = Instant::now();
    let elapsed_ms = || u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let cancelled = AtomicBool::new(false);
    let budget = Budget {
        work_limit: WORK_LIMIT_DEFAULT,
        time_limit_ms: case.time_limit_ms,
        gap_ppm: 0,
        threads: 2,
        elapsed_ms: &elapsed_ms,
        cancel: &cancelled,
        progress: &|_| {},
    };
    let shares = Shares::new(problem.table(), &contributions).expect("every lowest cell is there");
    let opponents = Opponents {
        contributions: &contributions,
        shares: &shares,
        coalitions: &coalitions,
        guarantee: &guarantee,
    };
    let found = protect_against(&problem, &opponents, &Highs, &budget).expect("it can be protected");
    let protected_s = begun.elapsed().as_secs_f64();
    let at = Instant::now();
    let claim =
        Claim { problem: &problem, pattern: &found.pattern, coalitions: &coalitions, guarantee: &guarantee };
    let checked = checker::check(&claim, &contributions, &found.certificate).expect("protect proved it");
    let checked_s = at.elapsed().as_secs_f64();
    let at = Instant::now();
    let audited = Budget::untimed(|budget| {
        audit_against(&problem, &opponents, &found.pattern, &Highs, budget).expect("nothing is settled")
    });
    assert_eq!(audited.verdict, Verdict::Safe, "the audit agrees with the checker");
    println!(
        "| {} | {} | {} | {} | {} | {} | {:.1} | {protected_s:.1} | {checked_s:.2} | {:.2} |",
        case.name,
        problem.table().len(),
        coalitions.len(),
        found.pattern.hidden_cells().count(),
        checked.worlds,
        checked.quantities,
        found.first_ms as f64 / 1_000.0,
        at.elapsed().as_secs_f64(),
    );
}
