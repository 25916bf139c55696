//! The registers as they were published, and invented ones.

mod changes;
mod findings;
mod invented;
mod revised;
mod snapshots;
mod tables;
