//! Tests of the whole fold: through signed entries, as the office and an auditor use it.

mod laws;
pub(crate) mod oracle;
mod path;
mod refusals;
mod simulator;
pub(crate) mod world;
