//! One program on one table: runs, their median, the weight, the audit.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use super::audit;
use super::child::{self, Ended, Finished};
use super::machine;
use super::results::{Found, Outcome, Program, Run};
use super::table::{Hidden, Table};
use super::tools::Tools;

/// Runs shorter than this many seconds are made three times; the one of median time counts.
const SHORT_S: f64 = 20.0;
const TIMES_SHORT: usize = 3;

/// What a killed program of ours may take beyond its own limit: reading, proving and writing are not in it.
const GRACE_S: u32 = 300;

/// OPT's own limit as a share of the hard one, so that it has time to end by itself.
const OWN_LIMIT_OPT: (u32, u32) = (4, 5);

/// MOD's own limit, of each subtable: the least that it takes, so that a table of many subtables may still be finished.
const OWN_LIMIT_MOD_MIN: u32 = 1;

/// One run that left a pattern.
struct Left {
    seconds: f64,
    hidden: Hidden,
    pattern: String,
    bound: Option<f64>,
    first_certified_s: Option<f64>,
}

/// What came of one run.
enum Once {
    Left(Left),
    Killed,
    Failed(String),
}

/// Measures `program` on `table`; the peers are killed after `seconds_max`.
///
/// # Errors
/// When a program cannot be started, the disk refuses, or the auditor fails; a program that fails is a result.
pub(super) fn measure(
    tools: &Tools,
    table: &Table,
    program: Program,
    seconds_max: u32,
) -> anyhow::Result<Run> {
    let killed_after_s = match program {
        Program::Tearline { limit_s } => limit_s + GRACE_S,
        Program::Mod | Program::Opt => seconds_max,
    };
    let mut all = Vec::new();
    let mut other = None;
    while all.len() < TIMES_SHORT && other.is_none() {
        let work = tools.scratch()?;
        let once = match program {
            Program::Tearline { limit_s } => ours(tools, table, &work, limit_s, killed_after_s)?,
            Program::Mod => peer(tools, table, &work, ("MOD", OWN_LIMIT_MOD_MIN), killed_after_s)?,
            Program::Opt => {
                peer(tools, table, &work, ("OPT", limit_opt_min(killed_after_s)), killed_after_s)?
            }
        };
        match once {
            Once::Left(left) => {
                let long = left.seconds > SHORT_S;
                all.push(left);
                if long {
                    break;
                }
            }
            Once::Killed => other = Some(Outcome::Killed),
            Once::Failed(last_words) => other = Some(Outcome::Failed(last_words)),
        }
    }
    let outcome = match other {
        Some(outcome) => outcome,
        None => Outcome::Pattern(median(tools, table, all)?),
    };
    Ok(Run { date: machine::today()?, killed_after_s, outcome })
}

/// The run of median time, audited.
fn median(tools: &Tools, table: &Table, mut all: Vec<Left>) -> anyhow::Result<Found> {
    all.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    let seconds_of_all = all.iter().map(|left| left.seconds).collect();
    let weights_of_all = all.iter().map(|left| left.hidden.weight).collect();
    let middle = (all.len().saturating_sub(1)) / 2;
    let left = all.into_iter().nth(middle).context("no run was made")?;
    let audit = match &tools.auditor {
        Some(script) => {
            let work = tools.scratch()?;
            let pattern = work.join("pattern.csv");
            std::fs::write(&pattern, &left.pattern)?;
            Some(audit::audit(&tools.python, script, &table.folder, &pattern, &work)?)
        }
        None => None,
    };
    Ok(Found {
        seconds: left.seconds,
        seconds_of_all,
        weight: left.hidden.weight,
        weights_of_all,
        secondaries: left.hidden.secondaries,
        bound: left.bound,
        first_certified_s: left.first_certified_s,
        audit,
    })
}

/// `tearline protect` as a user runs it: time from start to end of the process, reading and writing included.
fn ours(tools: &Tools, table: &Table, work: &Path, limit_s: u32, kill_s: u32) -> anyhow::Result<Once> {
    let specification = work.join("spec.toml");
    std::fs::write(&specification, table.specification())?;
    let out = work.join("out");
    let mut command = Command::new(&tools.tearline);
    command.arg("protect").arg(&specification).arg("--out").arg(&out);
    command.args(["--time-limit-s", &limit_s.to_string()]);
    let Finished { ended, seconds } = child::run_limited(&mut command, work, f64::from(kill_s))?;
    match ended {
        Ended::Killed => Ok(Once::Killed),
        Ended::Itself { success: false, last_words } => Ok(Once::Failed(last_words)),
        Ended::Itself { success: true, .. } => {
            let pattern = std::fs::read_to_string(out.join("internal/pattern.csv"))?;
            let report: Value = serde_json::from_slice(&std::fs::read(out.join("report.json"))?)?;
            let hidden = match table.weigh(&pattern) {
                Ok(hidden) => hidden,
                Err(error) => return Ok(Once::Failed(format!("its pattern cannot be read: {error}"))),
            };
            Ok(Once::Left(Left {
                seconds,
                hidden,
                pattern,
                bound: reported(&report, "bound"),
                first_certified_s: reported(&report, "first_certified_s"),
            }))
        }
    }
}

/// A number of the report's search or proof, where this version of the program reports it.
fn reported(report: &Value, key: &str) -> Option<f64> {
    ["search", "proof"].iter().find_map(|section| match report.get(section)?.get(key)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

/// The peer in a process and a folder of its own. Its time is what it takes to read the table and to suppress: neither
/// the start of the interpreter nor the writing of its input counts.
fn peer(
    tools: &Tools,
    table: &Table,
    work: &Path,
    (method, own_limit_min): (&str, u32),
    kill_s: u32,
) -> anyhow::Result<Once> {
    let mut command = Command::new(&tools.python);
    command.arg(&tools.peer_script).arg(&table.folder).args([method, &own_limit_min.to_string()]);
    match child::run_limited(&mut command, work, f64::from(kill_s))?.ended {
        Ended::Killed => Ok(Once::Killed),
        Ended::Itself { success: false, last_words } => Ok(Once::Failed(last_words)),
        Ended::Itself { success: true, .. } => {
            let result: Value = serde_json::from_slice(&std::fs::read(work.join("result.json"))?)?;
            let took = |key| result.get(key).and_then(Value::as_f64);
            let seconds = took("read_s").zip(took("suppress_s")).map(|(read, suppress)| read + suppress);
            let pattern = std::fs::read_to_string(work.join("pattern.csv"))?;
            let hidden = match table.weigh(&pattern) {
                Ok(hidden) => hidden,
                Err(error) => return Ok(Once::Failed(format!("its pattern cannot be read: {error}"))),
            };
            Ok(Once::Left(Left {
                seconds: seconds.context("the run left no times")?,
                hidden,
                pattern,
                bound: None,
                first_certified_s: None,
            }))
        }
    }
}

/// OPT's own limit, which it takes in whole minutes.
fn limit_opt_min(kill_s: u32) -> u32 {
    let (share, of) = OWN_LIMIT_OPT;
    (kill_s.saturating_mul(share) / of / 60).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_limit_of_opt_lies_below_the_hard_one() {
        assert_eq!(limit_opt_min(300), 4);
        assert_eq!(limit_opt_min(600), 8);
        assert_eq!(limit_opt_min(30), 1);
    }

    #[test]
    fn numbers_are_read_where_the_report_has_them() {
        let report = serde_json::json!({"search": {"bound": "120"}, "proof": {"first_certified_s": 0.25}});
        assert_eq!(reported(&report, "bound"), Some(120.0));
        assert_eq!(reported(&report, "first_certified_s"), Some(0.25));
        assert_eq!(reported(&report, "gap"), None);
    }
}
