//! Chores of the workspace that are Rust rather than shell: `cargo xtask tidy`.
//!
//! It is not part of what is shipped, and depends on no crate that is.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

mod tidy;

const HELP: &str = "\
Examples:
  cargo xtask tidy      check the rules of the house; prints file:line: rule: what to do

Exit codes: 0 nothing found, 1 failed, 2 usage, 3 something found.
";

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("tidy"), None) => tidy_command(),
        (None | Some("help" | "--help" | "-h"), _) => {
            std::io::stdout().write_all(HELP.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        (Some(unknown), _) => {
            writeln!(std::io::stderr(), "no such chore, or too many words: `{unknown}`\n\n{HELP}")?;
            Ok(ExitCode::from(2))
        }
    }
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
