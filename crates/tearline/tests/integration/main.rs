//! The command line as its users meet it: files in, files and words out, exit codes.

mod canary;
mod demo;
mod instances;
mod output;
mod package;
mod proofs;
mod refusals;
mod run;
mod transcripts;
