//! Steepest edges: how long each row of the basis inverse is.
//!
//! A fault of a basic value counts by the square of its size over the squared length of its row, so that the
//! multipliers go where the cost rises fastest. From the first basis, all logicals, the lengths are exact.
//! Source: Forrest and Goldfarb, Math. Programming 57 (1992), dual algorithm I.

use super::dual::Leaving;
use super::kernel::Kernel;
use super::matrix::Matrix;

/// No squared length is less: rounding must not make one vanish.
const LENGTH_MIN: f64 = 1e-6;

/// Squared lengths of the rows of the basis inverse.
#[derive(Clone, Debug)]
pub(super) struct Edges {
    /// Of the columns in the kernel, by slot.
    pub(super) slots: Vec<f64>,
    /// Of the logicals that are basic, by row.
    pub(super) rows: Vec<f64>,
    sparse: Vec<(u32, f64)>,
    tau: Vec<f64>,
    /// Of the basic logicals touched: entry of the entering column, product with the leaving row.
    across: Vec<(f64, f64)>,
    marked: Vec<bool>,
    touched: Vec<usize>,
}

impl Edges {
    pub(super) fn new(rows: usize) -> Self {
        Self {
            slots: Vec::new(),
            rows: vec![1.0; rows],
            sparse: Vec::new(),
            tau: Vec::new(),
            across: vec![(0.0, 0.0); rows],
            marked: vec![false; rows],
            touched: Vec::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.rows.fill(1.0);
    }

    /// Follows a change of basis, before the kernel does: `rho` and `alpha` as in [`Kernel::put`].
    pub(super) fn update(
        &mut self,
        matrix: &Matrix,
        kernel: &Kernel,
        leaving: Leaving,
        (rho, alpha): (&[f64], &[f64]),
        (column, pivot): (usize, f64),
    ) {
        self.sparse.clear();
        for (&row, &entry) in kernel.rows().iter().zip(rho) {
            if entry.abs() > 1e-12 {
                self.sparse.push((u32::try_from(row).unwrap_or(u32::MAX), entry));
            }
        }
        kernel.solve(&self.sparse, &mut self.tau);
        let length = self.sparse.iter().map(|&(_, entry)| entry * entry).sum::<f64>()
            + if matches!(leaving, Leaving::Row(_)) { 1.0 } else { 0.0 };
        for &(row, value) in matrix.column(column) {
            self.add(kernel, row as usize, (value, 0.0));
        }
        if let Leaving::Row(row) = leaving {
            self.add(kernel, row, (0.0, 1.0));
        }
        for ((&basic, &entry), &product) in kernel.slots().iter().zip(alpha).zip(&self.tau.clone()) {
            if entry.abs() + product.abs() > 1e-12 {
                for &(row, value) in matrix.column(basic) {
                    self.add(kernel, row as usize, (-value * entry, -value * product));
                }
            }
        }
        for ((weight, &entry), &product) in self.slots.iter_mut().zip(alpha).zip(&self.tau) {
            *weight = longer(*weight, entry / pivot, product, length);
        }
        for row in self.touched.drain(..) {
            let (entry, product) = self.across[row];
            self.rows[row] = longer(self.rows[row], entry / pivot, product, length);
            self.across[row] = (0.0, 0.0);
            self.marked[row] = false;
        }
        let fresh = (length / (pivot * pivot)).max(LENGTH_MIN);
        match leaving {
            Leaving::Slot(slot) => self.slots[slot] = fresh,
            Leaving::Row(_) => self.slots.push(fresh),
        }
    }

    fn add(&mut self, kernel: &Kernel, row: usize, (entry, product): (f64, f64)) {
        if kernel.entered(row) {
            return;
        }
        if !self.marked[row] {
            self.marked[row] = true;
            self.touched.push(row);
        }
        self.across[row].0 += entry;
        self.across[row].1 += product;
    }
}

/// The squared length of a row less `share` of the leaving row, whose product with it is `product`.
fn longer(before: f64, share: f64, product: f64, length: f64) -> f64 {
    (before - 2.0 * share * product + share * share * length).max(LENGTH_MIN)
}
