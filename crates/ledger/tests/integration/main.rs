//! The ledger against other implementations.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests stop at a fault, and say when they are skipped"
)]

mod go;
mod merkle;
