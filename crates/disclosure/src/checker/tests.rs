//! The checker against certificates that lie: each kind of lie is named.

use super::*;
use crate::certificate::World;
use crate::generate::hierarchy;
use crate::hierarchy::NodeId;
use crate::pattern::Status;
use crate::problem::{GivenCell, Weight};
use crate::{Figure, Ratio};

/// A 2 x 2 table with margins: 10 20 / 30 40, of which `A01|B01` (10) is sensitive by 3.
fn square() -> Problem {
    let hierarchies = vec![hierarchy("A", &[2]).unwrap(), hierarchy("B", &[2]).unwrap()];
    let amounts = [[100, 40, 60], [30, 10, 20], [70, 30, 40]];
    let mut cells = Vec::new();
    for (row, amounts) in (0..).zip(amounts) {
        for (column, amount) in (0..).zip(amounts) {
            let levels = (amount == 10).then_some((Ratio::whole(3), Ratio::whole(3)));
            let at = vec![NodeId(row), NodeId(column)];
            cells.push(GivenCell { at, figure: Figure::new(amount), levels, contributors: None });
        }
    }
    Problem::from_cells(hierarchies, cells, &Weight::Value).unwrap()
}

fn cell(row: u32, column: u32) -> CellId {
    CellId(row * 3 + column)
}

fn inner_hidden(problem: &Problem) -> Pattern {
    let mut pattern = Pattern::all_published(problem.table().len());
    for (row, column) in [(1, 1), (1, 2), (2, 1), (2, 2)] {
        let at = cell(row, column);
        let primary = problem.protection(at).is_some();
        pattern.set(at, if primary { Status::Primary } else { Status::Secondary });
    }
    pattern
}

fn rectangle(amount: i64) -> World {
    World::new(vec![(cell(1, 1), amount), (cell(1, 2), -amount), (cell(2, 1), -amount), (cell(2, 2), amount)])
}

fn failures(certificate: Vec<World>) -> Vec<Failure> {
    let problem = square();
    let certificate = Certificate { worlds: certificate };
    check(&problem, &inner_hidden(&problem), &certificate).unwrap_err()
}

#[test]
fn two_worlds_prove_the_square() {
    let problem = square();
    let certificate = Certificate { worlds: vec![rectangle(3), rectangle(-3)] };
    let checked = check(&problem, &inner_hidden(&problem), &certificate).unwrap();
    assert_eq!(checked, Checked { worlds: 2, requirements: 2, deviations: 8 });
}

#[test]
fn a_world_that_moves_too_little_proves_nothing() {
    let found = failures(vec![rectangle(3), rectangle(-2)]);
    assert!(matches!(
        found.as_slice(),
        [Failure::Unproved { requirement: Requirement { direction: Direction::Down, need: 3, .. } }]
    ));
}

#[test]
fn a_world_below_zero_is_refused() {
    let found = failures(vec![rectangle(-11), rectangle(3)]);
    assert!(found.contains(&Failure::BelowZero { world: 1, cell: cell(1, 1) }));
    assert!(found.iter().any(|failure| matches!(failure, Failure::Unproved { .. })), "and proves nothing");
}

#[test]
fn a_world_that_does_not_add_up_is_refused() {
    let found = failures(vec![World::new(vec![(cell(1, 1), 5)]), rectangle(-3)]);
    assert!(found.contains(&Failure::RelationBroken { world: 1, variable: 0, margin: cell(0, 1) }));
    assert!(found.contains(&Failure::RelationBroken { world: 1, variable: 1, margin: cell(1, 0) }));
}

#[test]
fn a_world_that_changes_a_published_cell_is_refused() {
    let mut moved = rectangle(3).deviations().to_vec();
    moved.extend([(cell(0, 1), 1), (cell(0, 0), 1)]);
    let found = failures(vec![World::new(moved), rectangle(-3)]);
    assert!(found.contains(&Failure::PublishedMoved { world: 1, cell: cell(0, 1) }));
}

#[test]
fn a_published_primary_is_named() {
    let problem = square();
    let pattern = Pattern::all_published(problem.table().len());
    let found = check(&problem, &pattern, &Certificate::default()).unwrap_err();
    assert!(found.contains(&Failure::PrimaryPublished { cell: cell(1, 1) }));
}

#[test]
fn a_cell_outside_the_table_and_a_foreign_pattern_are_refused() {
    let found = failures(vec![World::new(vec![(CellId(99), 1)])]);
    assert!(found.contains(&Failure::Shape { found: 100, expected: 9 }));
    let problem = square();
    let foreign = Pattern::all_published(4);
    let found = check(&problem, &foreign, &Certificate::default()).unwrap_err();
    assert_eq!(found, vec![Failure::Shape { found: 4, expected: 9 }]);
}
