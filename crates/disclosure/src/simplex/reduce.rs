//! Taking out what the rows alone decide: a row with one column fixes it at zero, a row with two ties them together.
//!
//! Neighbourhoods cut relations down to a few members, so most rows go this way, and with them most steps. Columns
//! that are tied move as one *class*, each by its sign; a class may be fixed at zero. None of this looks at
//! bounds or costs, so it holds for every solve of the program. Multipliers of the rows taken out are found
//! afterwards, last row first: each is what is missing from the prices of the class that it took out, and earlier
//! rows do not count, because they vanish on that class.

use super::matrix::Matrix;

/// No column, or no class.
const NONE: usize = usize::MAX;
/// Coefficients this close are equal, or cancel.
const EQUAL: f64 = 1e-12;

/// A row that was taken out, and the columns of the class that went with it: a stretch of the chain of columns.
#[derive(Clone, Copy, Debug)]
struct Taken {
    row: usize,
    first: usize,
    last: usize,
}

/// Which columns move together, and which rows are left.
#[derive(Clone, Debug)]
pub(super) struct Reduction {
    /// For each column its class, or none if it is fixed at zero, and its sign within the class.
    class: Vec<usize>,
    sign: Vec<f64>,
    classes: usize,
    /// The rows left, in the order of the program.
    rows: Vec<usize>,
    /// The next column of the same class.
    next: Vec<usize>,
    taken: Vec<Taken>,
}

/// Work in progress: classes are named by one of their columns.
struct Work<'a> {
    matrix: &'a Matrix,
    head: Vec<usize>,
    sign: Vec<f64>,
    zero: Vec<bool>,
    next: Vec<usize>,
    tail: Vec<usize>,
    size: Vec<usize>,
    queue: Vec<usize>,
    queued: Vec<bool>,
    gone: Vec<bool>,
    taken: Vec<Taken>,
}

impl Reduction {
    pub(super) fn new(matrix: &Matrix) -> Self {
        let (rows, columns) = (matrix.rows(), matrix.columns());
        let mut work = Work {
            matrix,
            head: (0..columns).collect(),
            sign: vec![1.0; columns],
            zero: vec![false; columns],
            next: vec![NONE; columns],
            tail: (0..columns).collect(),
            size: vec![1; columns],
            queue: (0..rows).rev().collect(),
            queued: vec![true; rows],
            gone: vec![false; rows],
            taken: Vec::new(),
        };
        while let Some(row) = work.queue.pop() {
            work.queued[row] = false;
            work.look_at(row);
        }
        let mut number = vec![NONE; columns];
        let mut classes = 0;
        let mut class = vec![NONE; columns];
        for (class, &head) in class.iter_mut().zip(&work.head) {
            if !work.zero[head] {
                if number[head] == NONE {
                    number[head] = classes;
                    classes += 1;
                }
                *class = number[head];
            }
        }
        let rows = (0..rows).filter(|&row| !work.gone[row]).collect();
        Self { class, sign: work.sign, classes, rows, next: work.next, taken: work.taken }
    }

    /// How many classes move.
    pub(super) fn classes(&self) -> usize {
        self.classes
    }

    /// The class of a column and its sign; `None` for a column fixed at zero.
    pub(super) fn class(&self, column: usize) -> Option<(usize, f64)> {
        (self.class[column] != NONE).then(|| (self.class[column], self.sign[column]))
    }

    /// The rows that are left, in terms of classes.
    pub(super) fn matrix(&self, matrix: &Matrix) -> Matrix {
        let mut sums = vec![0.0; self.classes];
        let mut seen = vec![false; self.classes];
        let rows = self.rows.iter().map(|&row| {
            let mut classes: Vec<usize> = Vec::with_capacity(matrix.row(row).len());
            for &(column, value) in matrix.row(row) {
                if let Some((class, sign)) = self.class(column as usize) {
                    if !seen[class] {
                        seen[class] = true;
                        sums[class] = 0.0;
                        classes.push(class);
                    }
                    sums[class] += sign * value;
                }
            }
            let entries: Vec<(usize, f64)> = classes.iter().map(|&class| (class, sums[class])).collect();
            for class in classes {
                seen[class] = false;
            }
            entries.into_iter().filter(|&(_, value)| value.abs() > EQUAL)
        });
        Matrix::new(self.classes, rows)
    }

    /// Multipliers of all rows from those of the rows left, where every column is to have the price asked.
    pub(super) fn multipliers(&self, matrix: &Matrix, left: &[f64], prices: &[f64]) -> Vec<f64> {
        let mut multipliers = vec![0.0; matrix.rows()];
        for (&row, &multiplier) in self.rows.iter().zip(left) {
            multipliers[row] = multiplier;
        }
        for taken in self.taken.iter().rev() {
            let (mut missing, mut entry) = (0.0, 0.0);
            let mut column = taken.first;
            loop {
                let sign = self.sign[column];
                missing += sign * prices[column];
                for &(row, value) in matrix.column(column) {
                    missing -= sign * value * multipliers[row as usize];
                    if row as usize == taken.row {
                        entry += sign * value;
                    }
                }
                if column == taken.last {
                    break;
                }
                column = self.next[column];
            }
            multipliers[taken.row] = missing / entry;
        }
        multipliers
    }
}

impl Work<'_> {
    fn look_at(&mut self, row: usize) {
        let mut live = [(NONE, 0.0); 2];
        for &(column, value) in self.matrix.row(row) {
            let head = self.head[column as usize];
            if !self.zero[head] {
                let value = self.sign[column as usize] * value;
                match live.iter_mut().find(|(found, _)| *found == head || *found == NONE) {
                    Some((found, sum)) => (*found, *sum) = (head, *sum + value),
                    // Three classes are too many, even if later entries should cancel one of them.
                    None => return,
                }
            }
        }
        let [one, other] = live.map(|(head, value)| (value.abs() > EQUAL).then_some((head, value)));
        match (one, other) {
            (None, None) => self.gone[row] = true,
            (Some((head, _)), None) | (None, Some((head, _))) => {
                self.gone[row] = true;
                self.zero[head] = true;
                self.take(row, head);
            }
            (Some((one, a)), Some((other, b))) if (a.abs() - b.abs()).abs() <= EQUAL => {
                self.gone[row] = true;
                let (keep, lose) =
                    if self.size[one] >= self.size[other] { (one, other) } else { (other, one) };
                self.take(row, lose);
                self.tie(keep, lose, if a * b < 0.0 { 1.0 } else { -1.0 });
            }
            (Some(_), Some(_)) => {}
        }
    }

    /// Notes that the row took the class out, and looks again at the other rows of its columns.
    fn take(&mut self, row: usize, head: usize) {
        self.taken.push(Taken { row, first: head, last: self.tail[head] });
        let mut column = head;
        while column != NONE {
            for &(row, _) in self.matrix.column(column) {
                let row = row as usize;
                if !self.queued[row] && !self.gone[row] {
                    self.queued[row] = true;
                    self.queue.push(row);
                }
            }
            column = self.next[column];
        }
    }

    fn tie(&mut self, keep: usize, lose: usize, sign: f64) {
        let mut column = lose;
        while column != NONE {
            self.head[column] = keep;
            self.sign[column] *= sign;
            column = self.next[column];
        }
        self.next[self.tail[keep]] = lose;
        self.tail[keep] = self.tail[lose];
        self.size[keep] += self.size[lose];
    }
}
