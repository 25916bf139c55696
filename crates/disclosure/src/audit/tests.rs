//! The audit on tables whose answers are known by hand, and against brute force over whole-number tables.

use proptest::prelude::*;

use super::*;
use crate::generate::hierarchy;
use crate::hierarchy::NodeId;
use crate::pattern::Status;
use crate::problem::{GivenCell, Weight};
use crate::protect::protect;
use crate::solver::{Cover, Highs, Outcome, Program, Session, Solution};
use crate::{Figure, Ratio};

/// A flat table with margins in the first row and column; `sensitive` by row, column and level.
fn flat(inner: &[Vec<i64>], sensitive: &[(usize, usize, i64)]) -> Problem {
    let (rows, columns) = (inner.len(), inner[0].len());
    let hierarchies = vec![hierarchy("A", &[rows]).unwrap(), hierarchy("B", &[columns]).unwrap()];
    let mut cells = Vec::new();
    for row in 0..=rows {
        for column in 0..=columns {
            let amount: i64 = (0..rows)
                .filter(|&r| row == 0 || row == r + 1)
                .flat_map(|r| (0..columns).map(move |c| (r, c)))
                .filter(|&(_, c)| column == 0 || column == c + 1)
                .map(|(r, c)| inner[r][c])
                .sum();
            let level = sensitive.iter().find(|found| (found.0, found.1) == (row, column));
            cells.push(GivenCell {
                at: vec![NodeId(u32::try_from(row).unwrap()), NodeId(u32::try_from(column).unwrap())],
                figure: Figure::new(amount),
                levels: level.map(|&(_, _, level)| (Ratio::whole(level), Ratio::whole(level))),
                contributors: None,
            });
        }
    }
    Problem::from_cells(hierarchies, cells, &Weight::Value).unwrap()
}

fn pattern(problem: &Problem, columns: usize, hidden: &[(usize, usize)]) -> Pattern {
    let mut pattern = Pattern::all_published(problem.table().len());
    for &(row, column) in hidden {
        let cell = CellId(u32::try_from(row * (columns + 1) + column).unwrap());
        let primary = problem.protection(cell).is_some();
        pattern.set(cell, if primary { Status::Primary } else { Status::Secondary });
    }
    pattern
}

fn audited(problem: &Problem, pattern: &Pattern) -> Audit {
    Budget::untimed(|budget| audit(problem, pattern, &Highs, budget))
}

fn grid() -> Vec<Vec<i64>> {
    vec![vec![20, 50, 10], vec![8, 19, 22], vec![17, 32, 12]]
}

#[test]
fn a_cell_alone_is_found_by_differencing_and_the_attack_says_how() {
    let problem = flat(&grid(), &[(2, 3, 3)]);
    let pattern = pattern(&problem, 3, &[(2, 3)]);
    let found = audited(&problem, &pattern);
    assert_eq!(found.verdict, Verdict::Unsafe);
    let Fault::Narrow { low, high, .. } = &found.findings[0].fault else { panic!("{found:?}") };
    assert_eq!((*low, *high), (Fraction::whole(22), Some(Fraction::whole(22))));
    let text =
        spell_out(&found, &problem, &pattern, &found.findings[0], &|amount| amount.to_string()).join("\n");
    assert!(text.contains("is exactly 22"), "{text}");
}

#[test]
fn a_rectangle_protects_up_to_the_smaller_opposite_corner() {
    let quad = [(2, 3), (2, 1), (3, 3), (3, 1)];
    let enough = flat(&grid(), &[(2, 3, 8)]);
    assert_eq!(audited(&enough, &pattern(&enough, 3, &quad)).verdict, Verdict::Safe);
    let short = flat(&grid(), &[(2, 3, 9)]);
    let pattern = pattern(&short, 3, &quad);
    let found = audited(&short, &pattern);
    assert_eq!(found.findings.len(), 1);
    let Fault::Narrow { direction, low, high, .. } = &found.findings[0].fault else { panic!("{found:?}") };
    assert_eq!((*direction, *high), (Direction::Up, Some(Fraction::whole(30))));
    assert_eq!(*low, Fraction::whole(5), "22 - min(22, 17)");
}

#[test]
fn a_published_primary_is_named_once() {
    let problem = flat(&grid(), &[(2, 3, 3)]);
    let found = audited(&problem, &pattern(&problem, 3, &[]));
    assert_eq!(found.findings.len(), 1);
    assert!(matches!(found.findings[0].fault, Fault::Published));
}

#[test]
fn every_row_and_column_twice_is_not_enough() {
    // Two closed rectangles' worth of blanks, but the sum of relations isolates one cell (the union trap).
    let problem = flat(&grid(), &[(2, 3, 1)]);
    let trap = [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (2, 0), (3, 0)];
    let pattern = pattern(&problem, 3, &trap);
    let found = audited(&problem, &pattern);
    assert_eq!(found.verdict, Verdict::Unsafe);
    for finding in &found.findings {
        let Fault::Narrow { attack, .. } = &finding.fault else { panic!("{finding:?}") };
        assert!(attack::bound(problem.table(), &pattern, attack).is_some(), "the attack proves its bound");
    }
}

/// Claims success with nonsense, or fails in every way a solver can.
struct Lying(fn(&Program) -> Outcome);

struct LyingSession(Program, fn(&Program) -> Outcome);

impl Solver for Lying {
    fn open(&self, program: &Program, _seconds_max: f64) -> Box<dyn Session> {
        Box::new(LyingSession(program.clone(), self.0))
    }

    fn cover(&self, _costs: &[f64]) -> Box<dyn Cover> {
        Box::new(LyingSession(Program::default(), self.0))
    }
}

impl Cover for LyingSession {
    fn add_row(&mut self, _entries: &[(usize, f64)]) {}
    fn set_bounds(&mut self, _column: usize, _lower: f64, _upper: f64) {}
    fn solve(&mut self, _steps_max: u32) -> Outcome {
        (self.1)(&self.0)
    }
}

impl Session for LyingSession {
    fn set_cost(&mut self, _column: usize, _cost: f64) {}
    fn set_bounds(&mut self, _column: usize, _lower: f64, _upper: f64) {}
    fn solve(&mut self) -> Outcome {
        (self.1)(&self.0)
    }
}

fn nonsense(program: &Program) -> Outcome {
    Outcome::Optimal(Solution {
        objective: 0.0,
        columns: vec![1.0; program.columns.len()],
        multipliers: vec![1.0; program.rows.len()],
    })
}

#[test]
fn no_answer_of_a_solver_makes_an_unsafe_pattern_safe() {
    let answers: [fn(&Program) -> Outcome; 5] = [
        nonsense,
        |_| Outcome::Infeasible,
        |_| Outcome::Unbounded,
        |_| Outcome::Unknown("time limit"),
        |program| {
            Outcome::Optimal(Solution {
                objective: f64::NAN,
                columns: vec![f64::NAN; program.columns.len()],
                multipliers: vec![f64::INFINITY; program.rows.len()],
            })
        },
    ];
    let problem = flat(&grid(), &[(2, 3, 9)]);
    let pattern = pattern(&problem, 3, &[(2, 3), (2, 1), (3, 3), (3, 1)]);
    for answer in answers {
        let solver = Lying(answer);
        let found = Budget::untimed(|budget| audit(&problem, &pattern, &solver, budget));
        assert_eq!(found.verdict, Verdict::Unsafe);
        // The search must still certify, or refuse; it may not release.
        if let Ok(protected) = Budget::untimed(|budget| protect(&problem, &solver, budget)) {
            assert_eq!(audited(&problem, &protected.pattern).verdict, Verdict::Safe);
        }
    }
}

/// The whole-number feasibility interval of an inner cell of a small flat table, by trying every table.
fn brute_force(inner: &[Vec<i64>], hidden: &[(usize, usize)], target: (usize, usize)) -> (i64, i64) {
    let (rows, columns) = (inner.len(), inner[0].len());
    let total: i64 = inner.iter().flatten().sum();
    let row_sums: Vec<i64> = inner.iter().map(|row| row.iter().sum()).collect();
    let column_sums: Vec<i64> = (0..columns).map(|c| inner.iter().map(|row| row[c]).sum()).collect();
    let free: Vec<(usize, usize)> = (0..rows)
        .flat_map(|r| (0..columns).map(move |c| (r, c)))
        .filter(|&(r, c)| hidden.contains(&(r + 1, c + 1)))
        .collect();
    let mut table = inner.to_vec();
    let (mut low, mut high) = (i64::MAX, i64::MIN);
    let mut stack = vec![0_i64; free.len()];
    loop {
        for (&(r, c), &amount) in free.iter().zip(&stack) {
            table[r][c] = amount;
        }
        let fits = (0..rows)
            .all(|r| hidden.contains(&(r + 1, 0)) || table[r].iter().sum::<i64>() == row_sums[r])
            && (0..columns).all(|c| {
                hidden.contains(&(0, c + 1)) || table.iter().map(|row| row[c]).sum::<i64>() == column_sums[c]
            })
            && table.iter().flatten().sum::<i64>() == total;
        if fits {
            let amount = table[target.0 - 1][target.1 - 1];
            (low, high) = (low.min(amount), high.max(amount));
        }
        let Some(place) = stack.iter().position(|&amount| amount < total) else { return (low, high) };
        stack[..place].fill(0);
        stack[place] += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Verdicts, ranges and attacks equal what trying every whole-number table says.
    #[test]
    fn the_audit_agrees_with_brute_force(
        inner in prop::collection::vec(prop::collection::vec(0_i64..4, 3), 2),
        mask in prop::collection::vec(any::<bool>(), 6),
        margins in prop::collection::vec(any::<bool>(), 5),
        level in 1_i64..4,
    ) {
        let mut hidden: Vec<(usize, usize)> = vec![(1, 1)];
        for (place, _) in mask.iter().enumerate().filter(|(_, hide)| **hide) {
            let at = (place / 3 + 1, place % 3 + 1);
            if at != (1, 1) && hidden.len() < 4 {
                hidden.push(at);
            }
        }
        let margin_cells = [(1, 0), (2, 0), (0, 1), (0, 2), (0, 3)];
        hidden.extend(margin_cells.iter().zip(&margins).filter(|(_, hide)| **hide).map(|(at, _)| *at));
        let (low, high) = brute_force(&inner, &hidden, (1, 1));
        let problem = flat(&inner, &[(1, 1, level)]);
        let pattern = pattern(&problem, 3, &hidden);
        let value = inner[0][0];
        let safe = high >= value + level && low <= value - level.min(value);
        let found = audited(&problem, &pattern);
        prop_assert_eq!(found.verdict == Verdict::Safe, safe, "interval [{}, {}] of {}", low, high, value);
        for (cell, range) in Budget::untimed(|b| crate::range::ranges(problem.table(), &pattern, &Highs, b)) {
            if problem.table().describe(cell) == "A01|B01" {
                prop_assert_eq!((range.low, range.high), (low, Some(high)));
            }
        }
    }

    /// What `protect` returns is safe for the independent brute force as well.
    #[test]
    fn protect_is_safe_by_brute_force(
        inner in prop::collection::vec(prop::collection::vec(0_i64..4, 3), 2),
        level in 1_i64..3,
    ) {
        prop_assume!(inner[0][0] > 0);
        let problem = flat(&inner, &[(1, 1, level)]);
        match Budget::untimed(|budget| protect(&problem, &Highs, budget)) {
            Ok(protected) => {
                let hidden: Vec<(usize, usize)> = protected
                    .pattern
                    .hidden_cells()
                    .map(|cell| (cell.index() / 4, cell.index() % 4))
                    .collect();
                if hidden.len() <= 5 && !hidden.contains(&(0, 0)) {
                    let (low, high) = brute_force(&inner, &hidden, (1, 1));
                    prop_assert!(high >= inner[0][0] + level && low <= inner[0][0] - level.min(inner[0][0]));
                }
            }
            Err(refused) => prop_assert!(
                !matches!(refused, crate::protect::CannotProtect::Refused { .. }), "{}", refused
            ),
        }
    }
}
