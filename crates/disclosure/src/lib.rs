//! Disclosure control for magnitude tables: what may be published, and the proof that it is safe.
//!
//! Tables with crossed hierarchies, primary rules, secondary suppression, whole-number certificates, an
//! exact checker, and the audit of patterns of any origin. The crate is pure: it knows opaque contributor
//! ids and codes, no nations, no files, no clock. The solver is named only in [`solver`]; no verdict rests
//! on it, because [`checker`] judges every answer again in exact integers.
//!
//! Sources: Handbook on Statistical Disclosure Control, chapter 4; Fischetti and Salazar, JASA 95 (2000).

mod assess;
pub mod attack;
pub mod audit;
pub mod block;
pub mod bound;
pub mod breakdown;
pub mod budget;
pub mod certificate;
pub mod checker;
mod circuit;
pub mod coalition;
pub mod component;
mod construct;
mod exchange;
pub mod figure;
pub mod fraction;
#[cfg(feature = "test-util")]
pub mod generate;
pub mod guarantee;
pub mod hierarchy;
mod joint;
pub mod knowledge;
mod local;
pub mod obstacle;
pub mod pattern;
pub mod problem;
pub mod protect;
pub mod range;
mod ratio;
mod relax;
pub mod rounding;
mod ruin;
pub mod rule;
mod search;
pub mod simplex;
pub mod solver;
pub mod table;

pub use figure::Figure;
pub use ratio::Ratio;
