//! Tests of packages through the public door: making, checking and opening them, and every way of tampering thought of.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot set itself up has failed, and one that is skipped says so"
)]

mod access;
mod boxes;
mod copies;
mod decisions;
mod hostile;
mod keys;
mod matrix;
mod profiles;
mod round_trip;
mod schema;
mod tamper;
mod tdf;
mod transfers;
mod trust;
mod waves;
mod world;
