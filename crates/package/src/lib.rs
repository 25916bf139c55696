//! The package crate.
