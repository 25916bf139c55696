//! Tests of packages through the public door: making, checking and opening them, and every way of tampering thought of.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot set itself up has failed, and one that is skipped says so"
)]

mod boxes;
mod decisions;
mod hostile;
mod keys;
mod round_trip;
mod schema;
mod tamper;
mod transfers;
mod trust;
mod world;
