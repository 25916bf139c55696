//! The relations of a program as a sparse matrix, by rows and by columns at once.
//!
//! Shape: `m` rows, `n` columns; entries keep the order in which they were given, so sums are the same on every
//! run. Nothing here knows bounds or costs.

/// A sparse matrix that is read along rows and along columns.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    by_row: Lines,
    by_column: Lines,
}

/// Lines of entries, one after another: line `i` is `starts[i]..starts[i + 1]`.
#[derive(Clone, Debug)]
struct Lines {
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl Matrix {
    /// A matrix of `columns` columns from rows of (column, coefficient); entries outside it are left out.
    pub(super) fn new<R>(columns: usize, rows: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item = (usize, f64)>,
    {
        let mut count = 0;
        let mut entries: Vec<(usize, usize, f64)> = Vec::new();
        for (row, line) in rows.into_iter().enumerate() {
            count = row + 1;
            let inside = line.into_iter().filter(|&(column, _)| column < columns);
            entries.extend(inside.map(|(column, value)| (row, column, value)));
        }
        let by_column = entries.iter().map(|&(row, column, value)| (column, row, value));
        Self { by_column: Lines::new(columns, by_column), by_row: Lines::new(count, entries.iter().copied()) }
    }

    pub(super) fn rows(&self) -> usize {
        self.by_row.len()
    }

    pub(super) fn columns(&self) -> usize {
        self.by_column.len()
    }

    /// The entries of one row: (column, coefficient).
    pub(super) fn row(&self, row: usize) -> &[(u32, f64)] {
        self.by_row.line(row)
    }

    /// The entries of one column: (row, coefficient).
    pub(super) fn column(&self, column: usize) -> &[(u32, f64)] {
        self.by_column.line(column)
    }
}

impl Lines {
    fn new(lines: usize, entries: impl Iterator<Item = (usize, usize, f64)> + Clone) -> Self {
        let mut starts = vec![0_usize; lines + 1];
        for (line, _, _) in entries.clone() {
            starts[line + 1] += 1;
        }
        for line in 0..lines {
            starts[line + 1] += starts[line];
        }
        let mut next = starts.clone();
        let mut sorted = vec![(0_u32, 0.0); starts[lines]];
        for (line, across, value) in entries {
            // Callers have far fewer than 2^32 rows and columns: tables end at 100 million cells.
            sorted[next[line]] = (u32::try_from(across).unwrap_or(u32::MAX), value);
            next[line] += 1;
        }
        Self { starts, entries: sorted }
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn line(&self, line: usize) -> &[(u32, f64)] {
        &self.entries[self.starts[line]..self.starts[line + 1]]
    }
}
