//! Every shared instance of moderate size: protected, checked, audited. The largest ones run in the benchmark.

use std::sync::atomic::AtomicBool;

use disclosure::audit::{Verdict, audit};
use disclosure::budget::Budget;
use disclosure::checker;
use disclosure::protect::protect;
use disclosure::solver::Highs;

use crate::instance;

/// Candidate cells that improving may look at here: a few seconds a table, the same on every machine.
const WORK: u64 = 300_000_000;

fn run(name: &str) {
    let folder = instance::shared().join("instances").join(name);
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "../shared must be present in CI");
        println!("skipped: {name} is not here");
        return;
    }
    let problem = instance::load(&folder);
    let cancel = AtomicBool::new(false);
    let budget = Budget {
        elapsed_ms: &|| 0,
        time_limit_ms: u64::MAX,
        cancel: &cancel,
        progress: &|_| (),
        work_limit: WORK,
        threads: 2,
        gap_ppm: 0,
    };
    let found = protect(&problem, &Highs, &budget).unwrap();
    assert!(checker::check(&problem, &found.pattern, &found.certificate).is_ok());
    let audited = Budget::untimed(|budget| audit(&problem, &found.pattern, &Highs, budget));
    assert_eq!(audited.verdict, Verdict::Safe, "{:?}", audited.findings.first());
}

#[test]
fn rt_act_size() {
    run("rt_act_size");
}

#[test]
fn rt_nuts_cj() {
    run("rt_nuts_cj");
}

#[test]
fn rt_flat1() {
    run("rt_flat1");
}

#[test]
fn s1e3() {
    run("s1e3");
}

#[test]
fn rt_ind_act_nuts() {
    run("rt_ind_act_nuts");
}

#[test]
fn rt_act_nuts_size() {
    run("rt_act_nuts_size");
}
