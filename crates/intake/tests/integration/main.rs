//! What intake says of whole files, through its public door.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod attackers;
mod canary;
mod cells;
mod codes;
mod figures;
mod formats;
mod hostile;
mod inputs;
mod instances;
mod pattern;
mod scene;
mod settled;
mod specification;
