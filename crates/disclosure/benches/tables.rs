//! Protecting whole tables: size, time, memory and information lost, one line a table.
//!
//! Each table runs in a process of its own, so that peak memory is its own. Names given on the command line pick
//! tables. Instances beside the repository are taken where they are present; the generated ones always.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its table and stops at a fault"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use disclosure::Ratio;
use disclosure::audit::{Verdict, audit};
use disclosure::budget::{Budget, WORK_LIMIT_DEFAULT};
use disclosure::checker;
use disclosure::generate::{self, Shape};
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::{Problem, Weight};
use disclosure::protect::protect;
use disclosure::rule::{PPercent, Rules};
use disclosure::solver::Highs;

#[path = "../tests/integration/instance.rs"]
mod instance;

const OFFICE_SCALE: &str = "office-scale";
/// Improving may take this long a table, in milliseconds, unless `--seconds N` says otherwise.
const IMPROVE_MS: u64 = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let Some(("--one", [name, seconds])) =
        arguments.split_first().map(|(first, rest)| (first.as_str(), rest))
    {
        return one(name, seconds.parse().unwrap_or(IMPROVE_MS));
    }
    let mut names: Vec<String> = names();
    names.push(OFFICE_SCALE.to_owned());
    names
        .retain(|name| arguments.is_empty() || arguments.iter().any(|wanted| name.contains(wanted.as_str())));
    println!(
        "{:<18} {:>9} {:>9} {:>10} {:>15} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>6} {:>9}",
        "table",
        "cells",
        "primary",
        "secondary",
        "their value",
        "gap %",
        "load s",
        "first s",
        "protect",
        "check s",
        "audit s",
        "worlds",
        "MiB",
        "stopped"
    );
    let Ok(this) = std::env::current_exe() else { return };
    for name in names {
        let status = Command::new(&this).args(["--one", &name, &IMPROVE_MS.to_string()]).status();
        if !status.is_ok_and(|status| status.success()) {
            println!("{name:<18} FAILED");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn one(name: &str, improve_ms: u64) {
    let start = Instant::now();
    let problem = problem(name);
    let loaded = start.elapsed().as_secs_f64();
    let cancel = AtomicBool::new(false);
    let elapsed = move || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let budget = Budget {
        elapsed_ms: &elapsed,
        time_limit_ms: improve_ms,
        cancel: &cancel,
        progress: &|_| (),
        work_limit: WORK_LIMIT_DEFAULT,
        threads: 2,
        gap_ppm: 0,
    };
    let protected = protect(&problem, &Highs, &budget).expect("every table here can be protected");
    let done = start.elapsed().as_secs_f64();
    let checked = checker::check(&problem, &protected.pattern, &protected.certificate);
    let check_seconds = start.elapsed().as_secs_f64() - done;
    let audited = Budget::untimed(|budget| audit(&problem, &protected.pattern, &Highs, budget));
    let audit_seconds = start.elapsed().as_secs_f64() - done - check_seconds;
    assert!(
        checked.is_ok() && audited.verdict == Verdict::Safe,
        "{name} is not safe: {:?}",
        audited.findings.first()
    );
    let table = problem.table();
    let value: i128 = table
        .cells()
        .filter(|&cell| protected.pattern.status(cell) == Status::Secondary)
        .map(|cell| i128::from(table.figure(cell).open()))
        .sum();
    println!(
        "{:<18} {:>9} {:>9} {:>10} {:>15} {:>6.2} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>7} {:>6} {:>9}",
        name,
        table.len(),
        protected.pattern.count(Status::Primary),
        protected.pattern.count(Status::Secondary),
        value,
        gap_percent(protected.weight, protected.bound),
        loaded,
        seconds(protected.first_ms) - loaded,
        done - loaded,
        check_seconds,
        audit_seconds,
        protected.certificate.worlds.len(),
        peak_mebibytes(),
        protected.stopped.word(),
    );
    if let Some(folder) = std::env::args().nth(4) {
        write_pattern(Path::new(&folder), &problem, &protected.pattern);
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn gap_percent(weight: u128, bound: u128) -> f64 {
    100.0 * (weight - bound) as f64 / weight.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}

fn problem(name: &str) -> Problem {
    if name != OFFICE_SCALE {
        return instance::load(&folder(name));
    }
    let (hierarchies, contributions) = generate::table(&Shape::office_scale()).expect("the shape is sound");
    let rules = Rules {
        p: Some(PPercent { p: Ratio::whole(10), q: Ratio::whole(100), pooling: 1 }),
        ..Rules::default()
    };
    Problem::from_contributions(hierarchies, &contributions, &rules, &Weight::Value).expect("a sound table")
}

fn folder(name: &str) -> PathBuf {
    instance::shared().join("instances").join(name)
}

fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The instances that are present, smallest first.
fn names() -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(instance::shared().join("instances")) else { return Vec::new() };
    let mut found: Vec<(u64, String)> = folder
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let size = std::fs::metadata(entry.path().join("cells.csv")).ok()?.len();
            Some((size, entry.file_name().to_string_lossy().into_owned()))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Writes the hidden cells of a pattern in the shape the independent auditor reads.
fn write_pattern(path: &Path, problem: &Problem, pattern: &Pattern) {
    let table = problem.table();
    let mut text: String = table.hierarchies().iter().map(|tree| format!("{},", tree.name())).collect();
    text.push_str("status\n");
    for cell in pattern.hidden_cells() {
        for code in table.codes(cell) {
            text.push_str(code);
            text.push(',');
        }
        text.push_str(pattern.status(cell).word());
        text.push('\n');
    }
    std::fs::write(path, text).expect("a writable folder");
}
