//! The small simplex behind the traits of [`crate::solver`], for callers that bring programs of their own.

use crate::simplex::{Answer, COLUMNS_MAX, Column, Simplex, Status};
use crate::solver::{self, Highs, Outcome, Program, Session, Solution, Solver};

/// Solves linear programs of at most [`COLUMNS_MAX`] columns here and leaves integer and larger ones to HiGHS.
///
/// The limit of seconds holds for HiGHS only; here the number of steps is limited, so that the answer does not depend
/// on how busy the machine is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Small;

impl Solver for Small {
    fn open(&self, program: &Program, seconds_max: f64) -> Box<dyn Session> {
        if program.columns.len() > COLUMNS_MAX || program.columns.iter().any(|column| column.whole) {
            return Highs.open(program, seconds_max);
        }
        let columns = program.columns.iter().map(linear).collect();
        let rows = program.rows.iter().map(|row| row.iter().copied());
        Box::new(Open { simplex: Simplex::new(columns, rows) })
    }

    fn cover(&self, costs: &[f64]) -> Box<dyn solver::Cover> {
        Highs.cover(costs)
    }
}

/// The same cost a unit on both sides of 0.
fn linear(column: &solver::Column) -> Column {
    Column { lower: column.lower, upper: column.upper, below: column.cost, above: column.cost }
}

struct Open {
    simplex: Simplex,
}

impl Session for Open {
    fn set_cost(&mut self, column: usize, cost: f64) {
        if let Some(&found) = self.simplex.columns().get(column) {
            self.simplex.set_column(column, Column { below: cost, above: cost, ..found });
        }
    }

    fn set_bounds(&mut self, column: usize, lower: f64, upper: f64) {
        if let Some(&found) = self.simplex.columns().get(column) {
            self.simplex.set_column(column, Column { lower, upper, ..found });
        }
    }

    fn solve(&mut self) -> Outcome {
        let Answer { status, objective, values, .. } = self.simplex.solve();
        match status {
            Status::Optimal => {
                let multipliers = self.simplex.multipliers();
                Outcome::Optimal(Solution { objective, columns: values, multipliers })
            }
            Status::Infeasible => Outcome::Infeasible,
            Status::Unbounded => Outcome::Unbounded,
            Status::IterationLimit => Outcome::Unknown("iteration limit"),
            Status::Trouble => Outcome::Unknown("numerical trouble"),
        }
    }
}
