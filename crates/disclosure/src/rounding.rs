//! Controlled rounding: every cell of a table becomes a multiple of a base near its value, and every sum still holds.
//!
//! Zero-restricted: a cell moves by less than the base, so a multiple of it stays as it is (Cox, JASA 82 (1987)). A
//! flat table of two variables always has such a rounding; tables of three variables and linked ones may have none
//! (Kelly, Golden, Assad, Networks 20 (1990)). Then cells may move by less than twice the base, and the release says
//! so of every cell: which cells moved further would be one more thing that readers know.
//!
//! What readers learn of a cell is the range [`Rounded::range`], whose ends are whole units of the scale. Whether that
//! protects anybody is for [`audit`] to find and for [`checker`] to prove. Source: docs/METHOD.md, "Rounding".

use crate::budget::Budget;
use crate::range::Range;
use crate::solver::Solver;
use crate::table::{CellId, Table};

pub mod audit;
pub mod checker;
pub mod claims;
mod program;

#[cfg(test)]
mod tests;

/// A rounded table: what is published of each cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounded {
    base: i64,
    window: i64,
    values: Vec<i64>,
}

/// Why a table was not rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotRound {
    /// A base that rounds nothing.
    #[error("a base of {base} rounds nothing")]
    Base {
        /// The base, in whole units of the scale.
        base: i64,
    },
    /// The figures come too close to the limit once they are rounded.
    #[error(
        "the table cannot be rounded to multiples of {base}: figures and base together exceed 2^53 units"
    )]
    TooLarge {
        /// The base, in whole units of the scale.
        base: i64,
    },
    /// The solver says that there is none, even where cells move further than the base.
    #[error("no rounding to multiples of {base} adds up, even where cells move by up to twice the base")]
    None {
        /// The base, in whole units of the scale.
        base: i64,
    },
    /// Nothing was found, and nothing is known.
    #[error("no rounding to multiples of {base} was found: {why}")]
    Unknown {
        /// The base, in whole units of the scale.
        base: i64,
        /// What the solver said.
        why: &'static str,
    },
}

impl CannotRound {
    /// What the owner of the specification can do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Base { .. } => "choose a base of at least 2 units of the declared scale",
            Self::TooLarge { .. } => "declare a larger unit or fewer decimals, or choose a smaller base",
            Self::None { .. } => "choose another base, cross fewer variables, or choose \"ranges\"",
            Self::Unknown { .. } => "give it more time, choose another base, or choose \"ranges\"",
        }
    }
}

impl Rounded {
    /// A rounded table as it was read or made; whether it is one of this table is for [`checker::check`] to say.
    #[must_use]
    pub fn new(base: i64, window: i64, values: Vec<i64>) -> Self {
        Self { base, window, values }
    }

    /// What the values are multiples of, in whole units of the scale.
    #[must_use]
    pub const fn base(&self) -> i64 {
        self.base
    }

    /// How far a true value may lie from what is published: one less than the base, or than twice the base.
    #[must_use]
    pub const fn window(&self) -> i64 {
        self.window
    }

    /// Whether every cell moved by less than the base.
    #[must_use]
    pub const fn is_zero_restricted(&self) -> bool {
        self.window < self.base
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What is published of a cell.
    #[must_use]
    pub fn value(&self, cell: CellId) -> i64 {
        self.values[cell.index()]
    }

    /// What readers know of a cell.
    ///
    /// ```
    /// use disclosure::range::Range;
    /// use disclosure::rounding::Rounded;
    /// use disclosure::table::CellId;
    /// let rounded = Rounded::new(5, 4, vec![25, 0]);
    /// assert_eq!(rounded.range(CellId(0)), Range { low: 21, high: Some(29) });
    /// assert_eq!(rounded.range(CellId(1)), Range { low: 0, high: Some(4) });
    /// ```
    #[must_use]
    pub fn range(&self, cell: CellId) -> Range {
        let value = self.value(cell);
        Range { low: value.saturating_sub(self.window).max(0), high: Some(value.saturating_add(self.window)) }
    }
}

/// Rounds a table so that the summed movement is small, margins counting four times as much a level; the least
/// movement is not claimed.
///
/// Solved as one integer program, whose relaxation is a network on flat tables of two variables; large tables of three
/// variables are taken apart, slab by slab down the variable with the most codes.
///
/// # Errors
/// No such rounding, or none found in time.
///
/// # Guarantee
/// What comes back was accepted by [`checker::check`].
pub fn round(
    table: &Table,
    base: i64,
    solver: &dyn Solver,
    budget: &Budget<'_>,
) -> Result<Rounded, CannotRound> {
    if base < 2 {
        return Err(CannotRound::Base { base });
    }
    let mut why = "no rounding passed the exact checker";
    let mut none = true;
    for reach in [program::Reach::Base, program::Reach::TwiceBase] {
        let found = program::round(table, base, reach, solver, budget)?;
        match found {
            program::Found::Values(values) => {
                let window = reach.factor() * base - 1;
                let rounded = Rounded::new(base, window, values);
                if checker::check(table, &rounded).is_ok() {
                    return Ok(rounded);
                }
                none = false;
            }
            program::Found::None => {}
            program::Found::Unknown(reason) => {
                none = false;
                why = reason;
            }
        }
    }
    Err(if none { CannotRound::None { base } } else { CannotRound::Unknown { base, why } })
}
