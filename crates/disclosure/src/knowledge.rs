//! The exact model of what attackers know: records as variables, everything ever said as rows over them.
//!
//! Where the rest of the crate works on cells in whole numbers, this module works on single records in exact fractions, and so
//! takes in vintages, holdings, prior knowledge, ratios, weights, ranges, rounding and overlapping groupings. It is
//! meant for hundreds of records, and as the judge of what faster models say.
//!
//! - [`World`]: contributors, codes, records. [`Release`] and [`Statement`]: what was said of them.
//! - [`Attacker`]: who infers; its [`Polytope`] are the worlds it cannot rule out, a [`Region`] answers questions of it.
//! - [`Policy`] and [`quantities`]: what is protected. [`History`]: the verdict. [`structure`]: what is exact whatever the figures.
//! - [`proof`]: the judge of both kinds of evidence, without a solver.
//! - [`primary`]: primary rules with exact levels.
//!
//! Guarantee: no floats, no tolerance; an answer is exact or an error. Source: docs/METHOD.md, "The exact model".

mod attacker;
pub mod audit;
mod condense;
pub mod derivable;
mod form;
mod polytope;
pub mod primary;
mod program;
pub mod proof;
mod quantity;
mod rational;
mod region;
mod statement;
pub mod structure;
mod whole;
mod world;

pub use attacker::{Attacker, Knowledge};
pub use audit::{Breach, Finding, History};
pub use form::{Form, RecordId, Row};
pub use polytope::Polytope;
pub use quantity::{Extra, Kind, Policy, Quantity, quantities, vintages};
pub use rational::Rational;
pub use region::{Numbers, Region, RegionError, Side};
pub use statement::{Grain, Release, Rounding, Says, Statement, Untrue};
pub use whole::CASES_MAX;
pub use world::{Cell, Contributor, Dimension, Domain, Entry, Role, World, WorldError};

#[cfg(test)]
mod tests;
