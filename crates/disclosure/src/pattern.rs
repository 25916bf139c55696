//! A suppression pattern: what is published of each cell.
//!
//! Which hidden cells are primary is itself classified: it stays in the pattern, and a release shows one
//! suppressed status only.

use crate::table::CellId;

/// What happens to a cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Status {
    /// Its exact value leaves the house.
    Published,
    /// Hidden because a rule says so.
    Primary,
    /// Hidden to protect a primary.
    Secondary,
}

impl Status {
    /// The word in `pattern.csv`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }

    /// The status of a word in `pattern.csv`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Published, Self::Primary, Self::Secondary].into_iter().find(|status| status.word() == word)
    }
}

/// The status of every cell of one table.
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    statuses: Vec<Status>,
}

impl Pattern {
    /// A pattern that publishes all of `cells` cells.
    #[must_use]
    pub fn all_published(cells: usize) -> Self {
        Self { statuses: vec![Status::Published; cells] }
    }

    /// Sets the status of one cell.
    pub fn set(&mut self, cell: CellId, status: Status) {
        self.statuses[cell.index()] = status;
    }

    /// The status of one cell.
    #[must_use]
    pub fn status(&self, cell: CellId) -> Status {
        self.statuses[cell.index()]
    }

    /// Whether the cell's value is not published.
    #[must_use]
    pub fn hidden(&self, cell: CellId) -> bool {
        self.status(cell) != Status::Published
    }

    /// How many cells the pattern speaks of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.statuses.len()
    }

    /// Whether the pattern speaks of no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty()
    }

    /// How many cells have the status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.statuses.iter().filter(|&&found| found == status).count()
    }

    /// The hidden cells in ascending order.
    pub fn hidden_cells(&self) -> impl Iterator<Item = CellId> {
        (0_u32..)
            .zip(&self.statuses)
            .filter(|(_, status)| **status != Status::Published)
            .map(|(cell, _)| CellId(cell))
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern of {} cells, {} hidden", self.len(), self.hidden_cells().count())
    }
}
