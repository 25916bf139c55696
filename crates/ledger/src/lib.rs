//! The ledger crate.
