//! Rounding and auditing whole tables: time of each part, worlds, movement; one line a table and base.
//!
//! The attackers are the outsider, each unit alone, and a coalition of the first 23 units.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its table and stops at a fault"
)]

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use disclosure::Ratio;
use disclosure::budget::Budget;
use disclosure::generate::{self, Shape};
use disclosure::guarantee::{Coalition, Family, Guarantee};
use disclosure::problem::{Contributions, Problem, UnitId};
use disclosure::rounding::audit::audit;
use disclosure::rounding::checker::{self, Promise};
use disclosure::rounding::round;
use disclosure::solver::Highs;

#[path = "../tests/integration/instance.rs"]
mod instance;

/// Exposures looked for before the audit of an unsafe table ends.
const EXPOSED_MAX: usize = 20;

fn main() {
    let alliance = generate::table(&Shape {
        variables: vec![("capability", vec![6, 8]), ("year", vec![10])],
        contributors: 32,
        filled_per_mille: 1_000,
        contributors_per_cell_max: 22,
        seed: 1,
    })
    .expect("a sound shape");
    let problem = Problem::from_contributions(
        alliance.0,
        &alliance.1,
        &disclosure::rule::Rules::default(),
        &disclosure::problem::Weight::Value,
    )
    .expect("a sound table");
    println!(
        "table       cells      base  round s  audit s  prove s  window    open  worlds  exposed  movement %"
    );
    for base in [50, 500, 5_000] {
        line("alliance", &problem, &alliance.1, base);
    }
    let folder = instance::shared().join("instances/allies");
    if folder.is_dir() {
        let (problem, contributions) = instance::load_micro(&folder);
        for base in [5, 500, 5_000, 50_000] {
            line("allies", &problem, &contributions, base);
        }
    }
}

fn line(name: &str, problem: &Problem, contributions: &Contributions, base: i64) {
    let table = problem.table();
    let cancel = AtomicBool::new(false);
    let begun = Instant::now();
    let budget = Budget {
        elapsed_ms: &|| u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        time_limit_ms: 120_000,
        cancel: &cancel,
        progress: &|_| (),
        work_limit: u64::MAX,
        threads: 1,
        gap_ppm: 0,
    };
    let rounded = match round(table, base, &Highs, &budget) {
        Ok(rounded) => rounded,
        Err(error) => return println!("{name:<10} {:>6} {base:>9}  {error}", table.len()),
    };
    let round_s = begun.elapsed().as_secs_f64();
    let alone = |unit: u32| Coalition { id: format!("unit {unit}"), members: vec![UnitId(unit)] };
    let pooled = Coalition { id: "pooled".to_owned(), members: (0..23).map(UnitId).collect() };
    let attackers: Vec<Coalition> =
        [Coalition::outsider(), pooled].into_iter().chain((0..32).map(alone)).collect();
    let guarantee =
        Guarantee { p: Ratio::whole(10), floor: 0, two_sided: false, families: vec![Family::Cells] };
    let promise = Promise {
        contributions: Some(contributions),
        attackers: &attackers,
        guarantee: Some(&guarantee),
        cells: &[],
    };
    let at = Instant::now();
    let found = audit(table, promise, &rounded, &Highs, &budget, EXPOSED_MAX).expect("one table");
    let audit_s = at.elapsed().as_secs_f64();
    let at = Instant::now();
    let proved = checker::prove(table, &promise, &rounded, &found.worlds);
    let moved: i64 = table.cells().map(|cell| (rounded.value(cell) - table.figure(cell).open()).abs()).sum();
    let total: i64 = table.cells().map(|cell| table.figure(cell).open()).sum();
    println!(
        "{name:<10} {:>6} {base:>9} {round_s:>8.2} {audit_s:>8.2} {:>8.2} {:>7} {:>7} {:>7} {:>8} {:>10}  {}",
        table.len(),
        at.elapsed().as_secs_f64(),
        rounded.window(),
        found.open,
        found.worlds.len(),
        found.exposed.len(),
        moved * 1_000 / total.max(1),
        if proved.is_ok() { "proved" } else { "not proved" }
    );
}
