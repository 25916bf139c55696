//! Tests of the whole fold: through signed entries, as the office and an auditor use it.

mod access;
mod keys;
mod laws;
mod model;
pub(crate) mod oracle;
mod path;
mod refusals;
mod simulator;
mod waves;
mod words;
pub(crate) mod world;
