//! Chores of the workspace that are Rust rather than shell: `cargo xtask tidy`, `cargo xtask compare`, `cargo xtask faults`.
//!
//! It is not part of what is shipped, and depends on no crate that is.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

mod compare;
mod faults;
mod tidy;

const HELP: &str = "\
Examples:
  cargo xtask tidy      check the rules of the house; prints file:line: rule: what to do
  cargo xtask faults    plant faults in the office's rules, one at a time; writes docs/faults.md
  cargo xtask faults quorum
                        only those of this rule or file; the other rows stay
  cargo xtask compare   run tau-ARGUS and us on the same tables; writes docs/benchmarks.md and its plot
  cargo xtask compare --tables s1e3,own-26x26 --peers MOD,OPT --seconds 300
                        only these tables and methods; a run of a peer is killed after so many seconds
  cargo xtask compare --peers none
                        only us; what is known of the peers stays
  cargo xtask compare --growth
                        time and memory from 10,000 to 1.2 million cells, into the same document
  cargo xtask compare --document
                        measure nothing, write the document and the plot again

Exit codes: 0 nothing found, 1 failed, 2 usage, 3 something found.
";

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => tidy_command(),
        ["faults"] => faults_command(""),
        ["faults", only] => faults_command(only),
        ["compare", "help" | "--help" | "-h"] => help(),
        ["compare", rest @ ..] => match compare::Request::of(rest) {
            Ok(request) => compare::run(workspace_root()?, &request).map(|()| ExitCode::SUCCESS),
            Err(usage) => {
                writeln!(std::io::stderr(), "{usage}\n\n{HELP}")?;
                Ok(ExitCode::from(2))
            }
        },
        [] | ["help" | "--help" | "-h", ..] => help(),
        [unknown, ..] => {
            writeln!(std::io::stderr(), "no such chore, or too many words: `{unknown}`\n\n{HELP}")?;
            Ok(ExitCode::from(2))
        }
    }
}

fn help() -> anyhow::Result<ExitCode> {
    std::io::stdout().write_all(HELP.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn faults_command(only: &str) -> anyhow::Result<ExitCode> {
    let say = |line: &str| {
        // Progress only: the answer is in the table and the exit code.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    };
    let all_caught = faults::run(workspace_root()?, only, &say)?;
    Ok(if all_caught { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn tidy_command() -> anyhow::Result<ExitCode> {
    let faults = tidy::run(workspace_root()?)?;
    let mut out = std::io::stdout().lock();
    for fault in &faults {
        writeln!(out, "{fault}")?;
    }
    if faults.is_empty() {
        writeln!(out, "tidy: nothing found")?;
        Ok(ExitCode::SUCCESS)
    } else {
        writeln!(out, "tidy: {} found", faults.len())?;
        Ok(ExitCode::from(3))
    }
}

/// The folder of the workspace, known when this program was compiled.
fn workspace_root() -> anyhow::Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in no workspace")
}
