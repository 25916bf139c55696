//! The disclosure crate.
