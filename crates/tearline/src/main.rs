//! Entry point: parses the command line and exits with its answer. Everything else is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    tearline::run(std::env::args_os())
}
