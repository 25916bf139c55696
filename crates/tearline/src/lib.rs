//! The one binary's command line: it reads files, the clock and the terminal, and hands what it read to the crates
//! below. No decision about figures is made here: rules, verdicts and proofs are those of `disclosure`.
//!
//! Exit codes: 0 done or yes, 1 failed, 2 usage or bad input, 3 answered no.

pub mod certificate_file;
pub mod cli;
mod clock;
mod code_table;
pub mod commands;
mod demo;
pub mod document;
mod exposure_page;
pub mod failure;
mod folder;
mod forms;
pub mod gap;
mod history;
mod input;
mod interrupt;
mod office_shell;
mod opposition;
mod package_file;
mod page;
pub mod prepared;
mod progress;
mod release;
mod report;
mod rounded;
mod standards_report;
pub mod statement;
mod suggestion;
mod terminal;
mod utility;
mod wave;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches as _;

use crate::failure::Answer;
use crate::terminal::Terminal;

/// Runs one command line and answers with the exit code. The first argument is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let colour = cli::colour_of(&arguments);
    let terminal = Terminal::new(cli::json_of(&arguments), colour);
    let matches = cli::command().color(colour.into()).try_get_matches_from(&arguments);
    let parsed = matches.and_then(|matches| cli::Cli::from_arg_matches(&matches));
    let answered = match parsed {
        Ok(cli) => commands::run(cli.command, &terminal),
        Err(mut error) => {
            cli::mistyped::suggest(&mut error, &cli::command(), &arguments);
            return usage(&error, &terminal);
        }
    };
    let code = match &answered {
        Ok(Answer::Yes) => 0,
        Ok(Answer::No) => 3,
        Err(failure) => {
            terminal.report_failure(failure);
            failure.exit_code()
        }
    };
    // An output that nobody could read is a failure, whatever was answered; a closed pipe is not.
    let code = if terminal.output_failed() && code == 0 { 1 } else { code };
    ExitCode::from(code)
}

/// Help and version go to stdout and are no failure; anything else that the parser says is bad usage.
fn usage(error: &clap::Error, terminal: &Terminal) -> ExitCode {
    let code = u8::try_from(error.exit_code()).unwrap_or(2);
    if code != 0 {
        // What follows the first paragraph is usage and hints, for people.
        let text = error.render().to_string();
        let paragraph = text.split("\n\n").next().unwrap_or_default();
        terminal.usage_document(paragraph.trim_start_matches("error: ").trim_end());
    }
    // Nothing is left to do about a terminal that cannot be written to.
    let _ = error.print();
    ExitCode::from(code)
}
