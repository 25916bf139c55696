//! Linked tables: shared margins are one cell, relations hold in every block, and nothing else is said.

use disclosure::Figure;
use disclosure::audit::{Verdict, audit};
use disclosure::block::VariableSet;
use disclosure::budget::Budget;
use disclosure::checker;
use disclosure::generate;
use disclosure::hierarchy::NodeId;
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::{Problem, Weight};
use disclosure::solver::Highs;
use disclosure::table::{Table, TableError};

use crate::laws::protected;
use crate::made::{self, NAMES, ruled};

const LINKS: [(&[&[usize]], usize); 4] = [
    (&[&[0, 1], &[0, 2]], 3),
    (&[&[0, 1], &[1, 2], &[0, 2]], 3),
    (&[&[0], &[1, 2], &[2, 3]], 4),
    (&[&[0, 1], &[0, 2], &[0, 3], &[1, 2, 3]], 4),
];

fn fans(variables: usize) -> Vec<Vec<usize>> {
    [vec![3, 2], vec![3], vec![2, 2], vec![2]][..variables].to_vec()
}

/// The table of one block alone, as a release of it would stand.
fn alone(problem: &Problem, pattern: &Pattern, block: VariableSet) -> (Problem, Pattern) {
    let whole = problem.table();
    let trees: Vec<_> = block.variables().map(|variable| whole.hierarchies()[variable].clone()).collect();
    let strides = disclosure::table::strides(&trees).unwrap();
    let mut cells = Vec::new();
    let mut statuses = Vec::new();
    for cell in whole.cells().filter(|&cell| whole.blocks_of(cell).any(|found| found == block)) {
        let at: Vec<_> = block.variables().map(|variable| whole.node(cell, variable)).collect();
        let levels = problem.protection(cell).map(|protection| {
            (disclosure::Ratio::whole(protection.lower), disclosure::Ratio::whole(protection.upper))
        });
        statuses.push((Table::key_of(&strides, &at), pattern.status(cell)));
        let figure = whole.figure(cell);
        cells.push(disclosure::problem::GivenCell { at, figure, levels, contributors: None });
    }
    let problem = Problem::from_cells(trees, cells, &Weight::Value).unwrap();
    let mut pattern = Pattern::all_published(problem.table().len());
    for (key, status) in statuses {
        pattern.set(problem.table().find(key).unwrap(), status);
    }
    (problem, pattern)
}

#[test]
fn two_to_four_blocks_are_protected_checked_and_audited() {
    for (blocks, variables) in LINKS {
        for seed in 0..6 {
            let problem = ruled(&fans(variables), blocks, seed);
            let found = protected(&problem);
            assert!(checker::check(&problem, &found.pattern, &found.certificate).is_ok());
            let audited = Budget::untimed(|budget| audit(&problem, &found.pattern, &Highs, budget));
            assert_eq!(audited.verdict, Verdict::Safe, "{blocks:?} {seed} {:?}", audited.findings);
        }
    }
}

#[test]
fn what_is_safe_linked_is_safe_table_by_table() {
    for (blocks, variables) in LINKS {
        for seed in 0..6 {
            let problem = ruled(&fans(variables), blocks, seed);
            let found = protected(&problem);
            for &block in problem.table().blocks().sets() {
                let (single, pattern) = alone(&problem, &found.pattern, block);
                let audited = Budget::untimed(|budget| audit(&single, &pattern, &Highs, budget));
                assert_eq!(audited.verdict, Verdict::Safe, "{blocks:?} {seed}");
            }
        }
    }
}

#[test]
fn a_margin_that_one_table_must_hide_is_hidden_in_the_other_as_well() {
    let fans: [(&str, &[usize]); 3] = [("A", &[3]), ("B", &[1]), ("C", &[2])];
    let trees = fans.iter().map(|(name, fan)| generate::hierarchy(name, fan).unwrap());
    // A01|B01 is sensitive and the only part of A01; the keys run over 4 x 2 x 3 codes.
    let problem = made::tiny(trees.collect(), &[&[0, 1], &[0, 2]], &[10, 20, 30], |key, _| {
        (key == 6 + 3).then_some((5, 5))
    });
    let found = protected(&problem);
    let shared = problem.table().cell(&[NodeId(1), NodeId(0), NodeId(0)]).unwrap();
    assert!(found.pattern.hidden(shared));
    // The second table alone has no sensitive cell and would show it.
    let (second, _) = alone(&problem, &found.pattern, [0, 2].into_iter().collect());
    assert_eq!(protected(&second).pattern.hidden_cells().count(), 0);
    let mut shown = found.pattern.clone();
    shown.set(shared, Status::Published);
    let audited = Budget::untimed(|budget| audit(&problem, &shown, &Highs, budget));
    assert_eq!(audited.verdict, Verdict::Unsafe);
}

#[test]
fn one_block_of_all_variables_is_the_ordinary_table() {
    for seed in 0..4 {
        let (plain, linked) = (ruled(&fans(3), &[], seed), ruled(&fans(3), &[&[2, 0, 1], &[1]], seed));
        assert_eq!(plain.table().len(), linked.table().len());
        assert_eq!(protected(&plain).pattern, protected(&linked).pattern);
    }
}

#[test]
fn a_shared_margin_is_one_cell_and_a_margin_in_every_block_that_breaks_it_down() {
    let problem = ruled(&fans(3), &[&[0, 1], &[0, 2]], 1);
    let table = problem.table();
    let (a, b, c) = (1_usize, 1_usize, 2_usize);
    let node = |place: usize| NodeId(u32::try_from(place).unwrap());
    let shared = table.cell(&[node(a), node(0), node(0)]).unwrap();
    assert_eq!(table.blocks_of(shared).count(), 2);
    assert!((0..3).all(|variable| table.is_margin(variable, shared)));
    let inner = table.cell(&[node(a), node(b), node(0)]).unwrap();
    assert_eq!(table.blocks_of(inner).count(), 1);
    assert!(!table.is_margin(2, inner), "the first table is not broken down by C");
    assert_eq!(table.cell(&[node(a), node(b), node(c)]), None);
    assert_eq!(table.cell(&[node(0), node(b), node(c)]), None);
}

#[test]
fn cells_of_no_block_are_refused() {
    let trees: Vec<_> = NAMES[..2].iter().map(|name| generate::hierarchy(name, &[1]).unwrap()).collect();
    let cells = (0..4).map(|key| (key, Figure::new(5))).collect();
    let refused = Table::new(made::spanning(trees, &[&[0], &[1]]), cells);
    assert_eq!(refused.err(), Some(TableError::OutsideBlocks { cell: "A01|B01".to_owned() }));
}
