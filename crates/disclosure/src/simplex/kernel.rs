//! The inverse of the part of the basis that is not trivial.
//!
//! A basis holds `k` columns of the program; the rest of it are logicals of rows that nothing has entered yet,
//! which are unit columns. Only the `k` x `k` *kernel*, basic columns against the rows whose logicals have left,
//! has an inverse worth storing. It starts empty, grows by one at each row that is entered, and never shrinks,
//! because a logical that left is fixed at zero and does not come back. A local program ends with a kernel of
//! some tens, whatever the size of the program: that is why a dense inverse beats a factorisation here.
//!
//! Source: the bordering (Schur complement) identity for a grown inverse, the product form for a replaced column.

/// No place.
pub(super) const NONE: usize = usize::MAX;

/// Below this an entry of the inverse is rounding: entries of the relations are +-1 and inverses are small fractions.
const ROUNDING: f64 = 1e-12;

/// Basic columns, the rows they stand for, and the inverse between them.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    /// The matrix row of each column of the inverse.
    rows: Vec<usize>,
    /// The program column of each row of the inverse.
    slots: Vec<usize>,
    /// The place of each matrix row in `rows`, or [`NONE`].
    place: Vec<usize>,
    /// `stride` x `stride`, of which the upper left `k` x `k` is used.
    inverse: Vec<f64>,
    stride: usize,
    /// The row of the inverse being put in, and where it is not zero.
    fresh: Vec<f64>,
    filled: Vec<usize>,
}

impl Kernel {
    pub(super) fn new(rows: usize) -> Self {
        Self {
            rows: Vec::new(),
            slots: Vec::new(),
            place: vec![NONE; rows],
            inverse: Vec::new(),
            stride: 0,
            fresh: Vec::new(),
            filled: Vec::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.slots.clear();
        self.place.fill(NONE);
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    pub(super) fn slots(&self) -> &[usize] {
        &self.slots
    }

    /// Whether the row's logical has left the basis.
    pub(super) fn entered(&self, row: usize) -> bool {
        self.place[row] != NONE
    }

    /// One row of the inverse: an entry for each of [`Kernel::rows`].
    pub(super) fn line(&self, slot: usize) -> &[f64] {
        let start = slot * self.stride;
        &self.inverse[start..start + self.len()]
    }

    /// `into = inverse * column`, an entry for each slot.
    pub(super) fn solve(&self, column: &[(u32, f64)], into: &mut Vec<f64>) {
        into.clear();
        if column.len() * 8 > self.len() {
            let entry = |line: &[f64]| {
                let entries = column.iter().map(|&(row, value)| (self.place[row as usize], value));
                entries
                    .filter(|&(place, _)| place != NONE)
                    .map(|(place, value)| line[place] * value)
                    .sum::<f64>()
            };
            into.extend((0..self.len()).map(|slot| entry(self.line(slot))));
            return;
        }
        into.resize(self.len(), 0.0);
        for &(row, value) in column {
            let place = self.place[row as usize];
            if place != NONE {
                let down = self.inverse.iter().skip(place).step_by(self.stride.max(1));
                for (sum, &entry) in into.iter_mut().zip(down) {
                    *sum += entry * value;
                }
            }
        }
    }

    /// Puts `column` into `slot` ([`Kernel::len`] for a new one, which stands for the row `entered`).
    ///
    /// `rho` is the row of the basis inverse that leaves, an entry for each of [`Kernel::rows`] (for a logical
    /// without the 1 at its own row); `alpha` is `inverse * column`; `pivot` is `rho` times the column.
    pub(super) fn put(
        &mut self,
        slot: usize,
        column: usize,
        entered: usize,
        rho: &[f64],
        alpha: &[f64],
        pivot: f64,
    ) {
        self.fresh.clear();
        self.fresh.extend(rho.iter().map(|&entry| entry / pivot));
        if slot == self.len() {
            self.place[entered] = self.rows.len();
            self.rows.push(entered);
            self.slots.push(column);
            self.fresh.push(1.0 / pivot);
            self.make_room();
        } else {
            self.slots[slot] = column;
        }
        self.filled.clear();
        for (at, entry) in self.fresh.iter_mut().enumerate() {
            if entry.abs() > ROUNDING {
                self.filled.push(at);
            } else {
                *entry = 0.0;
            }
        }
        let size = self.len();
        let sparse = self.filled.len() * 4 < size;
        for (other, &factor) in alpha.iter().enumerate() {
            if other == slot || factor.abs() <= ROUNDING {
                continue;
            }
            let start = other * self.stride;
            let line = &mut self.inverse[start..start + size];
            if sparse {
                for &at in &self.filled {
                    line[at] -= factor * self.fresh[at];
                }
            } else {
                for (entry, &fresh) in line.iter_mut().zip(&self.fresh) {
                    *entry -= factor * fresh;
                }
            }
        }
        let start = slot * self.stride;
        self.inverse[start..start + size].copy_from_slice(&self.fresh);
    }

    /// Widens the store when the kernel has outgrown it, and clears the new last row and column.
    fn make_room(&mut self) {
        let size = self.len();
        if size > self.stride {
            // Not a power of two: a column of the inverse would fall on few lines of the cache.
            let stride = 2 * self.stride + 24;
            let mut inverse = vec![0.0; stride * stride];
            for slot in 0..size - 1 {
                let from = slot * self.stride;
                inverse[slot * stride..slot * stride + size - 1]
                    .copy_from_slice(&self.inverse[from..from + size - 1]);
            }
            self.inverse = inverse;
            self.stride = stride;
        }
        for slot in 0..size {
            self.inverse[slot * self.stride + size - 1] = 0.0;
        }
        let start = (size - 1) * self.stride;
        self.inverse[start..start + size].fill(0.0);
    }
}
