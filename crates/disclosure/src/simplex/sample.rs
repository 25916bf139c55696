//! Local programs as the search poses them, for the benchmark that sets the solvers against each other.

use crate::local;
use crate::pattern::Pattern;
use crate::problem::Problem;
use crate::search::{Search, Witness};
use crate::simplex::Column;

/// A local program: how cheaply can the target be moved?
#[derive(Clone, Debug)]
pub struct Sample {
    /// One column a cell, in units of the need.
    pub columns: Vec<Column>,
    /// The relations among them.
    pub rows: Vec<Vec<(usize, f64)>>,
    /// The column that is fixed where it is to go: 1 or -1.
    pub target: usize,
}

/// The programs of about `wanted` requirements, evenly drawn, over neighbourhoods of about `cells_max` cells, while
/// the cells that the pattern hides are blank and all others may be blanked at their weight.
#[must_use]
pub fn samples(problem: &Problem, pattern: &Pattern, wanted: usize, cells_max: usize) -> Vec<Sample> {
    let mut search = Search::new(problem);
    for cell in problem.table().cells().filter(|&cell| pattern.hidden(cell)) {
        search.adopt(Witness { deviations: vec![(cell, 0)] });
    }
    let requirements: Vec<_> = problem.requirements().collect();
    let every = requirements.len().div_ceil(wanted.max(1)).max(1);
    let drawn = requirements.into_iter().step_by(every);
    drawn.filter_map(|requirement| local::sample(&search, requirement, cells_max)).collect()
}
