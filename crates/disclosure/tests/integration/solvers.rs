//! Solvers that fail or lie: every status once, and answers that are false. No verdict rests on any of them.

use disclosure::audit::{Verdict, audit};
use disclosure::bound;
use disclosure::budget::Budget;
use disclosure::checker;
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::Problem;
use disclosure::protect::{CannotProtect, protect};
use disclosure::range::ranges;
use disclosure::solver::{Cover, Highs, Outcome, Program, Session, Solution, Solver};

use crate::laws::protected;
use crate::made::ruled;

/// Answers every program alike.
#[derive(Clone, Copy, Debug)]
enum Stub {
    Infeasible,
    Unbounded,
    Unknown,
    /// Says that these are optimal, or feasible, whatever the program asks.
    Optimal(f64),
    Feasible(f64),
}

const STUBS: [Stub; 9] = [
    Stub::Infeasible,
    Stub::Unbounded,
    Stub::Unknown,
    Stub::Optimal(0.0),
    Stub::Optimal(1.0),
    Stub::Optimal(-0.5),
    Stub::Optimal(f64::NAN),
    Stub::Optimal(f64::INFINITY),
    Stub::Feasible(3.0),
];

struct Told {
    stub: Stub,
    columns: usize,
    rows: usize,
}

impl Solver for Stub {
    fn open(&self, program: &Program, _seconds_max: f64) -> Box<dyn Session> {
        Box::new(Told { stub: *self, columns: program.columns.len(), rows: program.rows.len() })
    }

    fn cover(&self, costs: &[f64]) -> Box<dyn Cover> {
        Box::new(Told { stub: *self, columns: costs.len(), rows: 0 })
    }
}

impl Cover for Told {
    fn add_row(&mut self, _entries: &[(usize, f64)]) {
        self.rows += 1;
    }

    fn set_bounds(&mut self, _column: usize, _lower: f64, _upper: f64) {}

    fn solve(&mut self, _steps_max: u32) -> Outcome {
        Session::solve(self)
    }
}

impl Session for Told {
    fn set_cost(&mut self, _column: usize, _cost: f64) {}

    fn set_bounds(&mut self, _column: usize, _lower: f64, _upper: f64) {}

    fn solve(&mut self) -> Outcome {
        // Columns in turn at the value and at its opposite: some sums come out right by chance.
        let solution = |value: f64| Solution {
            objective: value,
            columns: (0..self.columns).map(|place| if place % 2 == 0 { value } else { -value }).collect(),
            multipliers: vec![value; self.rows],
        };
        match self.stub {
            Stub::Infeasible => Outcome::Infeasible,
            Stub::Unbounded => Outcome::Unbounded,
            Stub::Unknown => Outcome::Unknown("forced"),
            Stub::Optimal(value) => Outcome::Optimal(solution(value)),
            Stub::Feasible(value) => Outcome::Feasible(solution(value)),
        }
    }
}

fn tables() -> Vec<Problem> {
    let linked: &[&[usize]] = &[&[0, 1], &[0, 2]];
    (0..4)
        .flat_map(|seed| {
            let fans = [vec![2, 2], vec![3], vec![2]];
            [ruled(&fans[..2], &[], seed), ruled(&fans, &[], seed), ruled(&fans, linked, seed)]
        })
        .collect()
}

#[test]
fn what_is_released_is_safe_whatever_the_solver_says() {
    for (number, problem) in tables().iter().enumerate() {
        for stub in STUBS {
            match Budget::untimed(|budget| protect(problem, &stub, budget)) {
                Ok(found) => {
                    assert!(checker::check(problem, &found.pattern, &found.certificate).is_ok());
                    assert_eq!(bound::verify(problem, &found.bound_proof), Ok(found.bound));
                    assert!(found.bound <= found.weight, "{number} {stub:?}");
                    let audited = Budget::untimed(|budget| audit(problem, &found.pattern, &Highs, budget));
                    assert_eq!(audited.verdict, Verdict::Safe, "{number} {stub:?}");
                }
                // A table that only the solver could have protected.
                Err(refusal) => {
                    assert!(
                        matches!(refusal, CannotProtect::Requirement { .. }),
                        "{number} {stub:?} {refusal}"
                    );
                }
            }
        }
    }
}

#[test]
fn no_lie_makes_an_unsafe_pattern_safe_and_no_range_untrue() {
    for (number, problem) in tables().iter().enumerate() {
        let found = protected(problem);
        let table = problem.table();
        let mut bare = Pattern::all_published(table.len());
        problem.primaries().for_each(|cell| bare.set(cell, Status::Primary));
        let honest = Budget::untimed(|budget| audit(problem, &bare, &Highs, budget));
        for stub in STUBS {
            let told = Budget::untimed(|budget| audit(problem, &bare, &stub, budget));
            assert!(told.proved <= honest.proved, "{number} {stub:?}");
            assert!(honest.verdict == Verdict::Safe || told.verdict == Verdict::Unsafe, "{number} {stub:?}");
            for (cell, range) in Budget::untimed(|budget| ranges(table, &found.pattern, &stub, budget)) {
                let value = table.figure(cell).open();
                assert!(
                    range.low <= value && range.high.is_none_or(|high| high >= value),
                    "{number} {stub:?}"
                );
            }
        }
    }
}
