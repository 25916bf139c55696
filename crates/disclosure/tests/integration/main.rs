//! The engine as a whole: what must stay the same when nothing that matters changes, and every shared instance.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "test code stops at a fault"
)]

mod breakdown;
mod brute;
mod coalition;
mod instance;
mod laws;
mod linked;
mod made;
mod settled;
mod shapes;
mod shared;
mod solvers;
