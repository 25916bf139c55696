//! The finest breakdown that may be published, branch by branch: a nested cut through crossed code trees.
//!
//! A *breakdown* covers a table with disjoint *atoms*, cells at any level, each of which is published; sums of atoms
//! follow. Where every atom is safe published alone, all of them together are: proof note `breakdown.proof.md`. A
//! breakdown is found by dynamic programming over the crossed codes ([`finest`]), not by trying levels, and shows what
//! [`Weights`] values most.
//!
//! Shapes: one table of at least one variable; each combination of roots is a table of its own, since nothing adds up
//! across. Figures are at least 0. Where no cut of a table of roots is safe, its root cell is *withheld*.
//!
//! Not here: hiding cells so that others protect them ([`crate::protect`]); linked tables; earlier releases.
//!
//! Source: docs/METHOD.md, "The finest safe breakdown".

mod lattice;
mod safety;
mod search;
mod shown;

pub use lattice::{Lattice, LatticeCell};
pub use safety::Safety;
pub use search::{Branch, Breakdown, Order, Remainders, finest, uniform};
pub use shown::{Measure, Shown, Weights};
