//! Ranges contain the truth, follow from published cells alone, and narrow when more is published.

use super::*;
use crate::Ratio;
use crate::generate::{self, Shape};
use crate::pattern::Status;
use crate::problem::{Problem, Weight};
use crate::protect::protect;
use crate::rule::{PPercent, Rules};
use crate::solver::Highs;

fn problem(seed: u64) -> Problem {
    let shape = Shape {
        variables: vec![("A", vec![3, 3]), ("B", vec![4])],
        contributors: 12,
        filled_per_mille: 900,
        contributors_per_cell_max: 5,
        seed,
    };
    let (hierarchies, contributions) = generate::table(&shape).unwrap();
    let p = PPercent { p: Ratio::whole(10), q: Ratio::whole(100), pooling: 1 };
    let rules = Rules { p: Some(p), ..Rules::default() };
    Problem::from_contributions(hierarchies, &contributions, &rules, &Weight::Value).unwrap()
}

#[test]
fn ranges_hold_the_truth_and_the_protection_levels() {
    for seed in 0..20 {
        let problem = problem(seed);
        let protected = Budget::untimed(|budget| protect(&problem, &Highs, budget)).unwrap();
        let found = Budget::untimed(|b| ranges(problem.table(), &protected.pattern, &Highs, b));
        assert_eq!(found.len(), protected.pattern.hidden_cells().count(), "seed {seed}");
        for (cell, range) in found {
            let value = problem.table().figure(cell).open();
            let up = problem.need(cell, Direction::Up);
            let down = problem.need(cell, Direction::Down);
            assert!(range.low <= value - down, "seed {seed}");
            assert!(range.high.is_none_or(|high| high >= value + up), "seed {seed}");
        }
    }
}

#[test]
fn publishing_more_never_widens_a_range() {
    for seed in 0..10 {
        let problem = problem(seed);
        let protected = Budget::untimed(|budget| protect(&problem, &Highs, budget)).unwrap();
        let before = Budget::untimed(|b| ranges(problem.table(), &protected.pattern, &Highs, b));
        let mut fewer = protected.pattern.clone();
        let Some(shown) = fewer.hidden_cells().find(|&cell| fewer.status(cell) == Status::Secondary) else {
            continue;
        };
        fewer.set(shown, Status::Published);
        let after = Budget::untimed(|b| ranges(problem.table(), &fewer, &Highs, b));
        for (cell, range) in before.into_iter().filter(|&(cell, _)| cell != shown) {
            let narrower = after.iter().find(|found| found.0 == cell).unwrap().1;
            assert!(narrower.low >= range.low, "seed {seed}");
            let high = |range: Range| range.high.unwrap_or(i64::MAX);
            assert!(high(narrower) <= high(range), "seed {seed}");
        }
    }
}
