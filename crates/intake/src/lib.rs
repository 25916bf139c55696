//! Intake: bytes of TOML, CSV, XLSX and Parquet to a protection problem, or to every fault they have.
//!
//! The crate is pure: the caller hands over a [`Files`] that gives the bytes of a named file; nothing is opened
//! here. Figures are exact integers of the declared scale from the first digit on. What is wrong with a file is
//! said with file, line, column, field, code and advice ([`fault`]), all of it at once; no message contains a
//! figure.
//!
//! Not here: rules and audits (`disclosure`), documents and packages, the writing of releases.

pub mod bound;
pub mod capacity;
pub mod case;
mod cells;
pub mod codes;
pub mod cost;
pub mod fault;
pub mod figures;
mod files;
pub mod fixed;
mod grid;
pub mod history;
pub mod inputs;
mod key;
pub mod limits;
mod load;
mod nearest;
mod number;
pub mod pattern;
mod roster;
pub mod spec;

pub use files::{FileError, Files, FilesInMemory};
pub use load::{Coalition, Content, Loaded, ProblemError, load, load_specification};
pub use nearest::nearest;
pub use number::decimal_text;
