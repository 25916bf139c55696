//! Where the log and the sealed blobs that it names are kept.
//!
//! [`Store`] is what a backend must do, [`SqliteStore`] the embedded backend, `conformance` (feature `test-util`) the suite
//! that every backend passes. This is the only crate with SQL in it.
//!
//! [`witness_record`] is apart from both: the one file of a witness.
//!
//! A store sees log entries and sealed bytes, never a figure: whoever calls seals first. It knows no keys either, so it
//! cannot judge a signature; what it can judge without one (hashes, order, roots) it judges on every opening.
//!
//! # Guarantee
//!
//! What a call has acknowledged survives a crash of the process or the machine; a batch is kept whole or not at all; two
//! writers cannot fork the log, because an append names the size that it follows.

mod durable;
mod error;
mod sqlite;
mod store;
pub mod witness_record;

#[cfg(any(test, feature = "test-util"))]
pub mod conformance;

pub use error::{Part, StoreError};
pub use sqlite::SqliteStore;
pub use store::{BLOB_BYTES_MAX, Store};
