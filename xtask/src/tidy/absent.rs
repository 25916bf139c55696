//! What is deliberately absent from a crate: names that its code must not contain.
//!
//! A missing dependency already keeps `axum` out of a crate; these rules cover what needs no dependency.

use super::Fault;
use super::source::{Source, words};

/// Crates that take values and return values.
const PURE: [&str; 6] = ["disclosure", "intake", "label", "ledger", "office", "package"];

/// Doors to the outside that a pure crate does not have.
const OUTSIDE: [&str; 7] =
    ["std::fs", "std::net", "std::env", "std::process", "SystemTime", "Instant", "OsRng"];

/// Beginnings of statements in SQL, as they stand in string literals.
const SQL: [&str; 5] = ["CREATE TABLE", "INSERT INTO", "DELETE FROM", "SELECT ", "PRAGMA "];

pub(super) fn check(source: &Source, faults: &mut Vec<Fault>) {
    let Some(name) = source.crate_of_src() else { return };
    if PURE.contains(&name) {
        for outside in OUTSIDE {
            for at in words(&source.shipped, outside) {
                let advice =
                    format!("`{name}` is pure: take what `{outside}` gives as an argument from the shell");
                faults.push(source.fault(at, "pure", advice));
            }
        }
    }
    if name != "store" {
        for statement in SQL {
            for at in words(&source.literals, statement) {
                faults.push(source.fault(
                    at,
                    "sql",
                    "SQL stands in `store` only: add an operation to its trait",
                ));
            }
        }
    }
}
