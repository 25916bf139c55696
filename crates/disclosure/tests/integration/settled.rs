//! Cells that earlier releases settled, and costs that are given, zero or infinite.

use disclosure::audit::{Fault, Verdict, audit};
use disclosure::budget::Budget;
use disclosure::certificate::Certificate;
use disclosure::checker::{self, Failure};
use disclosure::generate;
use disclosure::hierarchy::NodeId;
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::{Contributions, Direction, Fixed, GivenCell, Problem, UnitId, Weight};
use disclosure::protect::{CannotProtect, Protected, protect};
use disclosure::solver::Highs;
use disclosure::table::{CellId, Shown, TableError};
use disclosure::{Figure, Ratio};
use proptest::prelude::*;

use crate::laws::{protected, rules};
use crate::made::ruled;

/// 3 x 3 parts of 10 with margins, `A01|B01` sensitive by 4; costs by key, infinite where `None`.
fn square(costs: impl Fn(usize) -> Option<u64>) -> Result<Problem, TableError> {
    let trees = vec![generate::hierarchy("A", &[3]).unwrap(), generate::hierarchy("B", &[3]).unwrap()];
    let amount = |node: u32| if node == 0 { 3 } else { 1 };
    let places: Vec<(u32, u32)> = (0..4).flat_map(|row| (0..4).map(move |column| (row, column))).collect();
    let cells = places.iter().map(|&(row, column)| GivenCell {
        at: vec![NodeId(row), NodeId(column)],
        figure: Figure::new(10 * amount(row) * amount(column)),
        levels: ((row, column) == (1, 1)).then_some((Ratio::whole(4), Ratio::whole(4))),
        contributors: None,
    });
    let weight = Weight::Column((0..16).map(costs).collect());
    Problem::from_cells(trees, cells.collect(), &weight)
}

fn at(row: u32, column: u32) -> CellId {
    CellId(4 * row + column)
}

fn attempt(problem: &Problem) -> Result<Protected, CannotProtect> {
    Budget::untimed(|budget| protect(problem, &Highs, budget))
}

fn hidden(problem: &Problem) -> Vec<CellId> {
    attempt(problem).unwrap().pattern.hidden_cells().collect()
}

#[test]
fn given_costs_decide_which_cells_are_hidden() {
    let cheap = [at(1, 3), at(3, 1), at(3, 3)];
    let problem =
        square(|key| Some(if cheap.iter().any(|cell| cell.index() == key) { 1 } else { 5 })).unwrap();
    assert_eq!(hidden(&problem), [at(1, 1), at(1, 3), at(3, 1), at(3, 3)]);
    assert_eq!(attempt(&problem).unwrap().weight, 3);
}

#[test]
fn costs_of_zero_divide_nothing() {
    let problem = square(|_| Some(0)).unwrap();
    let found = attempt(&problem).unwrap();
    assert_eq!(found.weight, 0);
    let audited = Budget::untimed(|budget| audit(&problem, &found.pattern, &Highs, budget));
    assert_eq!(audited.verdict, Verdict::Safe);
}

#[test]
fn costs_of_contributions_are_added_up_over_each_cell() {
    let trees = vec![generate::hierarchy("A", &[2]).unwrap()];
    let mut contributions = Contributions::new(1, Vec::new());
    for (unit, leaf) in [(0, 1), (1, 1), (2, 2)] {
        contributions.push(UnitId(unit), &[NodeId(leaf)], Figure::new(7));
    }
    let weight = Weight::Column(vec![Some(3), Some(0), Some(5)]);
    let problem = Problem::from_contributions(trees.clone(), &contributions, &rules(), &weight).unwrap();
    let weights: Vec<u64> = problem.table().cells().map(|cell| problem.weight(cell)).collect();
    assert_eq!(weights, [8, 3, 5]);
    let short = Problem::from_contributions(trees, &contributions, &rules(), &Weight::Column(vec![Some(3)]));
    assert_eq!(short.err(), Some(TableError::Costs { found: 1, expected: 3 }));
}

#[test]
fn what_must_stay_published_is_worked_around() {
    let shown = [at(2, 2), at(1, 2)];
    let problem = square(|key| (key != shown[0].index()).then_some(1)).unwrap();
    let problem = problem.with_fixed([(shown[1], Fixed::Published)]).unwrap();
    let found = attempt(&problem).unwrap();
    assert!(shown.iter().all(|&cell| !found.pattern.hidden(cell)));
    let audited = Budget::untimed(|budget| audit(&problem, &found.pattern, &Highs, budget));
    assert_eq!(audited.verdict, Verdict::Safe);
}

#[test]
fn a_requirement_that_shown_cells_make_impossible_names_them() {
    // All of row A01 but the sensitive cell is out.
    let row = [at(1, 0), at(1, 2), at(1, 3)];
    let problem = square(|_| Some(1)).unwrap().with_fixed(row.map(|cell| (cell, Fixed::Published))).unwrap();
    let Err(CannotProtect::Requirement { cell, direction, need, obstacles, .. }) = attempt(&problem) else {
        panic!("the sensitive cell follows from its row")
    };
    assert_eq!((cell.as_str(), direction, need), ("A01|B01", Direction::Up, 4));
    assert_eq!(obstacles.count, 1, "{obstacles:?}");
    assert!(["A01|Total", "A01|B02", "A01|B03"].contains(&obstacles.nearest[0].as_str()));
    let message = attempt(&problem).unwrap_err().to_string();
    assert!(message.contains("cannot be protected up") && message.contains("stands in the way"), "{message}");
}

#[test]
fn a_sensitive_cell_that_must_stay_published_is_refused_before_any_search() {
    let refused = square(|_| Some(1)).unwrap().with_fixed([(at(1, 1), Fixed::Published)]);
    let cell = "A01|B01".to_owned();
    let reason = Shown::AlreadyPublished;
    assert_eq!(refused.err(), Some(TableError::SensitiveShown { cell: cell.clone(), reason }));
    let refused = square(|key| (key != at(1, 1).index()).then_some(1));
    assert_eq!(refused.err(), Some(TableError::SensitiveShown { cell, reason: Shown::NeverHidden }));
}

#[test]
fn cells_that_are_blank_for_good_cost_nothing_and_stay_blank() {
    let blank = [at(1, 2), at(2, 1), at(2, 2), at(3, 0)];
    let problem = square(|_| Some(9)).unwrap().with_fixed(blank.map(|cell| (cell, Fixed::Blank))).unwrap();
    let found = attempt(&problem).unwrap();
    assert_eq!(found.weight, 0);
    assert!(blank.iter().all(|&cell| found.pattern.status(cell) == Status::Secondary));
    assert_eq!(found.pattern.status(at(1, 1)), Status::Primary);
}

#[test]
fn the_checker_holds_patterns_to_what_is_settled_and_the_audit_to_what_is_known() {
    let plain = square(|_| Some(1)).unwrap();
    let found = attempt(&plain).unwrap();
    let secondary = plain.table().cells().find(|&c| found.pattern.status(c) == Status::Secondary).unwrap();
    let open = plain.table().cells().find(|&c| !found.pattern.hidden(c)).unwrap();
    let settled = [(secondary, Fixed::Published), (open, Fixed::Blank)];
    let problem = square(|_| Some(1)).unwrap().with_fixed(settled).unwrap();
    let flaws = checker::check(&problem, &found.pattern, &Certificate::default()).unwrap_err();
    assert!(flaws.contains(&Failure::FixedHidden { cell: secondary }), "{flaws:?}");
    assert!(flaws.contains(&Failure::FixedPublished { cell: open }), "{flaws:?}");
    let audited = Budget::untimed(|budget| audit(&problem, &found.pattern, &Highs, budget));
    assert!(matches!(audited.findings[0].fault, Fault::Narrow { .. }), "{:?}", audited.findings);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn settled_cells_stay_settled_or_the_refusal_names_what_stands_in_the_way(
        seed in 0_u64..1_000,
        linked in prop::bool::ANY,
        marks in prop::collection::vec(0_u8..10, 40),
    ) {
        let blocks: &[&[usize]] = if linked { &[&[0, 1], &[0, 2]] } else { &[] };
        let make = || ruled(&[vec![2, 2], vec![3], vec![2]], blocks, seed);
        let plain = make();
        let settled: Vec<(CellId, Fixed)> = plain
            .table()
            .cells()
            .zip(marks.iter().cycle())
            .filter(|&(cell, _)| plain.protection(cell).is_none())
            .filter_map(|(cell, mark)| match mark {
                0..3 => Some((cell, Fixed::Published)),
                3 => Some((cell, Fixed::Blank)),
                _ => None,
            })
            .collect();
        let problem = make().with_fixed(settled.iter().copied()).unwrap();
        match attempt(&problem) {
            Ok(found) => {
                for &(cell, fixed) in &settled {
                    prop_assert_eq!(found.pattern.hidden(cell), fixed == Fixed::Blank);
                }
                let audited = Budget::untimed(|budget| audit(&problem, &found.pattern, &Highs, budget));
                prop_assert_eq!(audited.verdict, Verdict::Safe);
            }
            Err(CannotProtect::Requirement { obstacles, .. }) => {
                // Without the settled cells these tables can be protected.
                prop_assert!(obstacles.count > 0);
                let mut all_hidden = Pattern::all_published(problem.table().len());
                for cell in problem.table().cells() {
                    all_hidden.set(cell, Status::Secondary);
                }
                let audited = Budget::untimed(|budget| audit(&problem, &all_hidden, &Highs, budget));
                prop_assert_eq!(audited.verdict, Verdict::Unsafe);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
        prop_assert!(protected(&plain).pattern.hidden_cells().count() > 0 || plain.primaries().count() == 0);
    }
}
