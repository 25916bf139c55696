//! Tests of labels through the public door: the standard's samples, identity of reading and writing, hostile input.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot set itself up has failed, and one that is skipped says so"
)]

mod bindings;
mod documents;
mod dominance;
mod hostile;
mod identity;
mod json;
mod policies;
mod samples;
