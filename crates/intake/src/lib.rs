//! The intake crate.
