//! The label crate.
