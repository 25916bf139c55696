//! What a release says of each cell: an exact value, a range, or nothing; and what its readers lose.
//!
//! This module alone opens figures in this crate. What leaves it is meant to be seen: values of published cells,
//! ranges that follow from them, shares, and yes or no.

use disclosure::Figure;
use disclosure::certificate::World;
use disclosure::pattern::Pattern;
use disclosure::range::Range;
use disclosure::rounding::Rounded;
use disclosure::table::{CellId, Table};

/// What is said of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Its value.
    Exact(i64),
    /// At least the one, at most the other.
    Range(Range),
    /// A multiple of the base near its value, and the range that follows from how it was rounded.
    Rounded {
        /// The multiple.
        value: i64,
        /// Where the true value lies.
        range: Range,
    },
    /// Nothing.
    Blank,
}

/// What is said of every cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statements {
    said: Vec<Statement>,
}

/// What readers of a release do not get at the finest level, in parts of a thousand, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Cells at the finest level.
    pub cells: u64,
    /// Of these, hidden.
    pub hidden: u64,
    /// Share of the finest level's value that stands in hidden cells.
    pub value_permille: u64,
}

impl Statements {
    /// The statements of a pattern; hidden cells have the ranges given, the others of them are blank.
    #[must_use]
    pub fn new(table: &Table, pattern: &Pattern, ranges: &[(CellId, Range)]) -> Self {
        let mut said: Vec<Statement> = table
            .cells()
            .map(|cell| match pattern.hidden(cell) {
                true => Statement::Blank,
                false => Statement::Exact(table.figure(cell).open()),
            })
            .collect();
        for &(cell, range) in ranges {
            if let Some(slot @ Statement::Blank) = said.get_mut(cell.index()) {
                *slot = Statement::Range(range);
            }
        }
        Self { said }
    }

    /// The statements of a rounded table.
    #[must_use]
    pub fn rounded(table: &Table, rounded: &Rounded) -> Self {
        let said = table.cells().map(|cell| {
            let (value, range) = (rounded.value(cell), rounded.range(cell));
            Statement::Rounded { value, range }
        });
        Self { said: said.collect() }
    }

    /// Statements read from somewhere, one a cell.
    #[must_use]
    pub fn from_parts(said: Vec<Statement>) -> Self {
        Self { said }
    }

    /// What is said of a cell.
    #[must_use]
    pub fn of(&self, cell: CellId) -> Statement {
        self.said.get(cell.index()).copied().unwrap_or(Statement::Blank)
    }

    /// Whether the statement is true of the table.
    #[must_use]
    pub fn holds(&self, table: &Table, cell: CellId) -> bool {
        self.allows(cell, i128::from(table.figure(cell).open()))
    }

    /// Whether a cell of an alternative table is consistent with everything said of it.
    #[must_use]
    pub fn allows_world(&self, table: &Table, world: &World) -> Option<CellId> {
        let differs = world.deviations().iter().find(|&&(cell, deviation)| {
            cell.index() >= table.len()
                || !self.allows(cell, i128::from(table.figure(cell).open()) + i128::from(deviation))
        });
        differs.map(|&(cell, _)| cell)
    }

    fn allows(&self, cell: CellId, value: i128) -> bool {
        match self.of(cell) {
            Statement::Exact(said) => value == i128::from(said),
            Statement::Range(Range { low, high }) | Statement::Rounded { range: Range { low, high }, .. } => {
                value >= i128::from(low) && high.is_none_or(|high| value <= i128::from(high))
            }
            Statement::Blank => true,
        }
    }
}

/// What a pattern hides at the finest level: cells that are no margins.
#[must_use]
pub fn loss(table: &Table, pattern: &Pattern) -> Loss {
    let (mut loss, mut all, mut lost) = (Loss { cells: 0, hidden: 0, value_permille: 0 }, 0_u128, 0_u128);
    for cell in table.cells().filter(|&cell| is_finest(table, cell)) {
        let value = u128::try_from(Figure::open(table.figure(cell))).unwrap_or(0);
        loss.cells += 1;
        all += value;
        if pattern.hidden(cell) {
            loss.hidden += 1;
            lost += value;
        }
    }
    // Figures stay below 2^62 and their sum below that times the cells, so a thousandfold fits.
    let permille = (lost * 1_000).checked_div(all).unwrap_or(0);
    let rest = (lost * 1_000).checked_rem(all).unwrap_or(0);
    loss.value_permille = u64::try_from(permille).unwrap_or(1_000) + u64::from(rest > 0);
    loss
}

/// Whether nothing breaks the cell down further: its codes are lowest, or no linked table crosses them with more.
pub(crate) fn is_finest(table: &Table, cell: CellId) -> bool {
    table.margin_along(cell).is_empty()
}

#[cfg(test)]
mod tests {
    use disclosure::hierarchy::Hierarchy;
    use disclosure::pattern::Status;

    use super::*;

    /// total = 12, a = 5, b = 7.
    fn table() -> Table {
        let codes = vec![("t".to_owned(), None), ("a".to_owned(), Some(0)), ("b".to_owned(), Some(0))];
        let tree = Hierarchy::new("v", codes).unwrap();
        let cells = [12, 5, 7].into_iter().zip(0..).map(|(value, key)| (key, Figure::new(value))).collect();
        Table::new(vec![tree], cells).unwrap()
    }

    #[test]
    fn hidden_cells_are_not_said_and_ranges_never_replace_values() {
        let table = table();
        let mut pattern = Pattern::all_published(3);
        pattern.set(CellId(1), Status::Primary);
        let range = Range { low: 0, high: Some(12) };
        let said = Statements::new(&table, &pattern, &[(CellId(0), range), (CellId(1), range)]);
        assert_eq!(said.of(CellId(0)), Statement::Exact(12));
        assert_eq!(said.of(CellId(1)), Statement::Range(range));
        assert_eq!(Statements::new(&table, &pattern, &[]).of(CellId(1)), Statement::Blank);
    }

    #[test]
    fn worlds_outside_a_range_are_found() {
        let table = table();
        let range = Range { low: 4, high: Some(6) };
        let said =
            Statements::from_parts(vec![Statement::Exact(12), Statement::Range(range), Statement::Blank]);
        assert!(table.cells().all(|cell| said.holds(&table, cell)));
        let inside = World::new(vec![(CellId(1), 1), (CellId(2), -1)]);
        let outside = World::new(vec![(CellId(1), 2), (CellId(2), -2)]);
        assert_eq!(said.allows_world(&table, &inside), None);
        assert_eq!(said.allows_world(&table, &outside), Some(CellId(1)));
    }

    #[test]
    fn loss_counts_the_finest_level_and_rounds_up() {
        let table = table();
        let mut pattern = Pattern::all_published(3);
        pattern.set(CellId(1), Status::Primary);
        assert_eq!(loss(&table, &pattern), Loss { cells: 2, hidden: 1, value_permille: 417 });
    }
}
