//! A classified figure: a whole number of the declared unit and scale, with one door.
//!
//! It cannot be printed, compared, hashed or serialised by accident. The only reader is [`Figure::open`]; the
//! files that call it are listed in `docs/ARCHITECTURE.md` and a test over our own source keeps that list true.

use std::fmt;

/// One classified figure, in whole units of the declared scale.
///
/// ```
/// use disclosure::Figure;
/// let figure = Figure::new(42);
/// assert_eq!(format!("{figure:?}"), "Figure");
/// assert_eq!(figure.open(), 42);
/// ```
#[derive(Clone, Copy, Default)]
pub struct Figure(i64);

impl Figure {
    /// No single figure and no cell total may reach this (2^62): sums and deviations of a few worlds then
    /// still fit 64 bits, and products with percentages fit 128.
    pub const LIMIT: i64 = 1 << 62;

    /// Wraps a figure.
    #[must_use]
    pub const fn new(units: i64) -> Self {
        Self(units)
    }

    /// The one door to the figure. Whoever calls this handles classified data.
    #[must_use]
    pub const fn open(self) -> i64 {
        self.0
    }
}

impl fmt::Debug for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Figure")
    }
}
