//! The one adapter to the solver (HiGHS). Floats live here and in its callers' objectives, nowhere else.
//!
//! What comes out of here is never a verdict: columns are rounded and judged again in exact integers, row
//! multipliers are made fractions and judged again. Every status of the solver has a branch.
//!
//! Shapes: a program has `n` columns with bounds and costs and `m` rows that sum to zero; results list `n`
//! values and `m` multipliers in the order the columns and rows were added.

use highs::{HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense, SolvedModel};

/// Absolute feasibility tolerance handed to the solver, in units of the scaled program; the tightest HiGHS takes
/// with safety. Answers are re-judged exactly, so this only decides how often a good one is missed.
const FEASIBILITY_TOLERANCE: f64 = 1e-9;

/// Relative gap at which an integer program is good enough: no claim of optimality rests on this adapter.
const WHOLE_GAP: f64 = 0.05;

/// What a solve came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// An optimal point, as far as floats can say.
    Optimal(Solution),
    /// A feasible point of an integer program that a limit cut short.
    Feasible(Solution),
    /// No feasible point.
    Infeasible,
    /// The objective has no limit.
    Unbounded,
    /// A limit was reached, or the solver had trouble: nothing is known.
    Unknown(&'static str),
}

/// An optimal point of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The objective.
    pub objective: f64,
    /// One value a column.
    pub columns: Vec<f64>,
    /// One multiplier a row; empty for integer programs.
    pub multipliers: Vec<f64>,
}

/// A column: bounds, cost, whether it must be whole.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Least value.
    pub lower: f64,
    /// Greatest value; infinity for none.
    pub upper: f64,
    /// Cost in the objective, which is minimised.
    pub cost: f64,
    /// Whether only whole values are allowed.
    pub whole: bool,
}

/// A linear or integer program: minimise the cost subject to rows that sum to zero.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The columns.
    pub columns: Vec<Column>,
    /// Rows as columns with their coefficients; each row sums to zero, as deviations do in every relation.
    pub rows: Vec<Vec<(usize, f64)>>,
}

/// Anything that solves programs; the tests put a lying one here.
pub trait Solver: Sync {
    /// Opens a program for one or more solves.
    fn open(&self, program: &Program, seconds_max: f64) -> Box<dyn Session>;

    /// Opens a covering program without rows yet, one column a cost.
    fn cover(&self, costs: &[f64]) -> Box<dyn Cover>;
}

/// A covering program: minimise the cost of columns from 0 to 1 subject to rows `sum a x >= 1`, added as they are
/// found; warm from its last solve.
pub trait Cover {
    /// Adds a row by its columns and coefficients, all above 0.
    fn add_row(&mut self, entries: &[(usize, f64)]);
    /// Changes one column's bounds.
    fn set_bounds(&mut self, column: usize, lower: f64, upper: f64);
    /// Minimises, in about so many steps at most. Multipliers are at least 0, up to the solver's tolerance.
    fn solve(&mut self, steps_max: u32) -> Outcome;
}

/// An open program, warm from its last solve.
pub trait Session {
    /// Changes one column's cost.
    fn set_cost(&mut self, column: usize, cost: f64);
    /// Changes one column's bounds.
    fn set_bounds(&mut self, column: usize, lower: f64, upper: f64);
    /// Minimises.
    fn solve(&mut self) -> Outcome;
}

/// HiGHS.
#[derive(Clone, Copy, Debug, Default)]
pub struct Highs;

impl Solver for Highs {
    fn open(&self, program: &Program, seconds_max: f64) -> Box<dyn Session> {
        let mut problem = RowProblem::default();
        let columns: Vec<_> = program
            .columns
            .iter()
            .map(|column| {
                if column.whole {
                    problem.add_integer_column(column.cost, column.lower..=column.upper)
                } else {
                    problem.add_column(column.cost, column.lower..=column.upper)
                }
            })
            .collect();
        for entries in &program.rows {
            let entries: Vec<_> =
                entries.iter().filter_map(|&(column, value)| Some((*columns.get(column)?, value))).collect();
            problem.add_row(0.0..=0.0, entries);
        }
        let whole = program.columns.iter().any(|column| column.whole);
        Box::new(HighsSession { state: State::new(problem, whole, seconds_max), columns, whole })
    }

    fn cover(&self, costs: &[f64]) -> Box<dyn Cover> {
        let mut problem = RowProblem::default();
        let columns = costs.iter().map(|&cost| problem.add_column(cost, 0.0..=1.0)).collect();
        Box::new(HighsCover { state: State::new(problem, false, f64::INFINITY), columns })
    }
}

struct HighsCover {
    state: State,
    columns: Vec<highs::Col>,
}

impl Cover for HighsCover {
    fn add_row(&mut self, entries: &[(usize, f64)]) {
        let entries: Vec<_> =
            entries.iter().filter_map(|&(column, value)| Some((*self.columns.get(column)?, value))).collect();
        if let Some(model) = self.state.ready() {
            model.add_row(1.0.., entries);
        }
    }

    fn set_bounds(&mut self, column: usize, lower: f64, upper: f64) {
        let column = self.columns[column];
        if let Some(model) = self.state.ready() {
            model.change_column_bounds(column, lower..=upper);
        }
    }

    fn solve(&mut self, steps_max: u32) -> Outcome {
        if let Some(model) = self.state.ready() {
            model.set_option("simplex_iteration_limit", i32::try_from(steps_max).unwrap_or(i32::MAX));
        }
        self.state.solve(false)
    }
}

enum State {
    Open(Model),
    Solved(SolvedModel),
    Broken,
}

impl State {
    fn new(problem: RowProblem, whole: bool, seconds_max: f64) -> Self {
        let Ok(mut model) = Model::try_new(problem) else { return Self::Broken };
        model.make_quiet();
        model.set_option("threads", 1);
        model.set_option("time_limit", seconds_max);
        model.set_option("primal_feasibility_tolerance", FEASIBILITY_TOLERANCE);
        model.set_option("dual_feasibility_tolerance", FEASIBILITY_TOLERANCE);
        if whole {
            // Any whole point is judged exactly by whoever asked; none is claimed to be the best.
            model.set_option("mip_rel_gap", WHOLE_GAP);
        } else {
            // Presolve costs more than it saves on a few hundred columns, and forgets the basis.
            model.set_option("presolve", "off");
            model.set_option("solver", "simplex");
        }
        Self::Open(model)
    }

    /// The model, ready for changes.
    fn ready(&mut self) -> Option<&mut Model> {
        *self = match std::mem::replace(self, Self::Broken) {
            Self::Solved(solved) => Self::Open(solved.into()),
            other => other,
        };
        match self {
            Self::Open(model) => Some(model),
            Self::Solved(_) | Self::Broken => None,
        }
    }

    fn solve(&mut self, whole: bool) -> Outcome {
        let Some(model) = self.ready() else {
            return Outcome::Unknown("the solver refused the program");
        };
        model.set_sense(Sense::Minimise);
        let Self::Open(model) = std::mem::replace(self, Self::Broken) else {
            return Outcome::Unknown("the solver refused the program");
        };
        let Ok(solved) = model.try_solve() else {
            return Outcome::Unknown("the solver failed");
        };
        let outcome = outcome_of(&solved, whole);
        *self = Self::Solved(solved);
        outcome
    }
}

struct HighsSession {
    state: State,
    columns: Vec<highs::Col>,
    whole: bool,
}

impl Session for HighsSession {
    fn set_cost(&mut self, column: usize, cost: f64) {
        let column = self.columns[column];
        if let Some(model) = self.state.ready() {
            model.change_column_cost(column, cost);
        }
    }

    fn set_bounds(&mut self, column: usize, lower: f64, upper: f64) {
        let column = self.columns[column];
        if let Some(model) = self.state.ready() {
            model.change_column_bounds(column, lower..=upper);
        }
    }

    fn solve(&mut self) -> Outcome {
        self.state.solve(self.whole)
    }
}

fn outcome_of(solved: &SolvedModel, whole: bool) -> Outcome {
    match solved.status() {
        HighsModelStatus::Optimal => {
            let solution = solved.get_solution();
            Outcome::Optimal(Solution {
                objective: solved.objective_value(),
                columns: solution.columns().to_vec(),
                multipliers: if whole { Vec::new() } else { solution.dual_rows().to_vec() },
            })
        }
        HighsModelStatus::Infeasible => Outcome::Infeasible,
        HighsModelStatus::Unbounded => Outcome::Unbounded,
        // The costs here are finite and every program we pose has the true table as a feasible point unless a
        // need cannot be met, so this status is told apart by nobody: nothing is known.
        HighsModelStatus::UnboundedOrInfeasible => Outcome::Unknown("unbounded or infeasible"),
        HighsModelStatus::ModelEmpty => Outcome::Unknown("empty program"),
        HighsModelStatus::ReachedTimeLimit if whole && feasible(solved) => {
            let columns = solved.get_solution().columns().to_vec();
            let objective = solved.objective_value();
            Outcome::Feasible(Solution { objective, columns, multipliers: Vec::new() })
        }
        HighsModelStatus::ReachedTimeLimit => Outcome::Unknown("time limit"),
        HighsModelStatus::ReachedIterationLimit => Outcome::Unknown("iteration limit"),
        HighsModelStatus::NotSet
        | HighsModelStatus::LoadError
        | HighsModelStatus::ModelError
        | HighsModelStatus::PresolveError
        | HighsModelStatus::SolveError
        | HighsModelStatus::PostsolveError => Outcome::Unknown("solver error"),
        _ => Outcome::Unknown("unknown status"),
    }
}

fn feasible(solved: &SolvedModel) -> bool {
    solved.primal_solution_status() == HighsSolutionStatus::Feasible
}
