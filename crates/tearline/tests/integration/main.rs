//! The command line as its users meet it: files in, files and words out, exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot set itself up has failed, and one that is skipped says so"
)]

mod act;
mod attackers;
mod canary;
mod cases;
mod demo;
mod history;
mod instances;
mod kas;
mod label;
mod ledger;
mod output;
mod package;
mod proofs;
mod refusals;
mod rounding;
mod run;
mod seal;
mod settled;
mod standards;
mod standards_office;
mod suggest;
mod tdf;
mod transcripts;
