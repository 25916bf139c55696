//! Laws of the audit: order, names and scale of a table change nothing; knowledge never widens an interval.

use disclosure::Figure;
use disclosure::audit::{Verdict, audit};
use disclosure::block::{Spanning, VariableSet};
use disclosure::budget::Budget;
use disclosure::generate::{self, Shape};
use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::{GivenCell, Problem, Weight};
use disclosure::protect::{Protected, protect};
use disclosure::range::ranges;
use disclosure::rule::{PPercent, Rules};
use disclosure::solver::Highs;
use disclosure::{Ratio, checker};
use proptest::prelude::*;

use crate::made;

pub(crate) fn rules() -> Rules {
    Rules { p: Some(PPercent { p: Ratio::whole(10), q: Ratio::whole(100), pooling: 1 }), ..Rules::default() }
}

pub(crate) fn protected(problem: &Problem) -> Protected {
    Budget::untimed(|budget| protect(problem, &Highs, budget)).unwrap()
}

fn verdict(problem: &Problem, pattern: &Pattern) -> Verdict {
    Budget::untimed(|budget| audit(problem, pattern, &Highs, budget)).verdict
}

fn shape(seed: u64) -> Shape {
    Shape {
        variables: vec![("A", vec![2, 3]), ("B", vec![3, 2])],
        contributors: 10,
        filled_per_mille: 800,
        contributors_per_cell_max: 4,
        seed,
    }
}

fn problem(seed: u64) -> Problem {
    let (hierarchies, contributions) = generate::table(&shape(seed)).unwrap();
    Problem::from_contributions(hierarchies, &contributions, &rules(), &Weight::Value).unwrap()
}

fn linked_problem(seed: u64) -> Problem {
    made::ruled(&[vec![2, 2], vec![3], vec![2]], &[&[0, 1], &[0, 2]], seed)
}

/// The contributions of `problem`, under hierarchies that have one code more which nothing stands at.
fn with_empty_categories(seed: u64) -> Problem {
    let (hierarchies, contributions) = generate::table(&shape(seed)).unwrap();
    let wider = hierarchies.iter().map(|tree| {
        let mut codes: Vec<(String, Option<usize>)> =
            tree.nodes().map(|n| (tree.code(n).to_owned(), tree.parent(n).map(NodeId::index))).collect();
        codes.push(("empty".to_owned(), Some(0)));
        Hierarchy::new(tree.name(), codes).unwrap()
    });
    // The new code stands last, so the others keep their numbers.
    Problem::from_contributions(wider.collect::<Vec<_>>(), &contributions, &rules(), &Weight::Value).unwrap()
}

/// The same cells with variables swapped, children reversed and codes renamed, figures times `factor`.
fn disguised(problem: &Problem, factor: i64) -> (Problem, Vec<Vec<String>>) {
    let table = problem.table();
    let mut trees = Vec::new();
    for tree in table.hierarchies().iter().rev() {
        let nodes: Vec<NodeId> = tree.nodes().collect();
        let place = |node: NodeId| nodes.len() - 1 - node.index();
        let codes = nodes
            .iter()
            .rev()
            .map(|&node| (format!("x{}", tree.code(node)), tree.parent(node).map(place)))
            .collect();
        trees.push(Hierarchy::new(tree.name(), codes).unwrap());
    }
    let mut names = Vec::new();
    let cells = table
        .cells()
        .map(|cell| {
            let codes: Vec<String> = table.codes(cell).map(|code| format!("x{code}")).rev_collect();
            let at = trees.iter().zip(&codes).map(|(tree, code)| tree.node(code).unwrap()).collect();
            names.push(codes);
            GivenCell {
                at,
                figure: Figure::new(table.figure(cell).open() * factor),
                levels: problem.protection(cell).map(|protection| {
                    (Ratio::whole(protection.lower * factor), Ratio::whole(protection.upper * factor))
                }),
                contributors: None,
            }
        })
        .collect();
    let last = trees.len() - 1;
    let blocks: Vec<VariableSet> =
        table.blocks().sets().iter().map(|block| block.variables().map(|v| last - v).collect()).collect();
    let spanning = Spanning::linked(trees, &blocks).unwrap();
    (Problem::from_cells(spanning, cells, &Weight::Value).unwrap(), names)
}

trait RevCollect {
    fn rev_collect(self) -> Vec<String>;
}

impl<I: Iterator<Item = String>> RevCollect for I {
    fn rev_collect(self) -> Vec<String> {
        let mut all: Vec<String> = self.collect();
        all.reverse();
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_names_and_scale_change_no_verdict_and_no_range(
        seed in 0_u64..10_000,
        factor in 1_i64..50,
        linked in prop::bool::ANY,
    ) {
        let plain = if linked { linked_problem(seed) } else { problem(seed) };
        let found = protected(&plain);
        let (twin, names) = disguised(&plain, factor);
        let mut pattern = Pattern::all_published(twin.table().len());
        let mut same = Vec::new();
        for cell in plain.table().cells() {
            let nodes: Vec<NodeId> = twin
                .table()
                .hierarchies()
                .iter()
                .zip(&names[cell.index()])
                .map(|(tree, code)| tree.node(code).unwrap())
                .collect();
            let there = twin.table().cell(&nodes).unwrap();
            pattern.set(there, found.pattern.status(cell));
            same.push(there);
        }
        prop_assert_eq!(verdict(&twin, &pattern), Verdict::Safe);
        // The same for a pattern that hides the sensitive cells alone, safe or not.
        let (mut bare, mut bare_there) = (pattern.clone(), pattern.clone());
        for cell in plain.table().cells() {
            let status = if plain.protection(cell).is_some() { Status::Primary } else { Status::Published };
            bare.set(cell, status);
            bare_there.set(same[cell.index()], status);
        }
        prop_assert_eq!(verdict(&plain, &bare), verdict(&twin, &bare_there));
        let here = Budget::untimed(|b| ranges(plain.table(), &found.pattern, &Highs, b));
        let there = Budget::untimed(|b| ranges(twin.table(), &pattern, &Highs, b));
        for (cell, range) in here {
            let other = there.iter().find(|other| other.0 == same[cell.index()]).unwrap().1;
            // Ends are rounded outwards to whole units, which the larger figures have finer ones of.
            prop_assert!(range.low * factor <= other.low && other.low < (range.low + 1) * factor);
            prop_assert_eq!(range.high.is_some(), other.high.is_some());
            if let (Some(high), Some(there)) = (range.high, other.high) {
                prop_assert!((high - 1) * factor < there && there <= high * factor);
            }
        }
    }

    #[test]
    fn a_pattern_with_any_secondary_shown_is_judged_by_the_checker_and_the_audit_alike(seed in 0_u64..10_000) {
        let problem = problem(seed);
        let found = protected(&problem);
        for cell in problem.table().cells().filter(|&cell| found.pattern.status(cell) == Status::Secondary) {
            let mut fewer = found.pattern.clone();
            fewer.set(cell, Status::Published);
            let audited = Budget::untimed(|budget| audit(&problem, &fewer, &Highs, budget));
            // A certificate that still checks is a proof: the audit may then find nothing.
            if checker::check(&problem, &fewer, &found.certificate).is_ok() {
                prop_assert_eq!(audited.verdict, Verdict::Safe);
            }
            prop_assert_eq!(audited.verdict == Verdict::Unsafe, !audited.findings.is_empty());
        }
    }

    #[test]
    fn an_empty_category_changes_no_cell_and_no_verdict(seed in 0_u64..10_000) {
        let (plain, wider) = (problem(seed), with_empty_categories(seed));
        let names = |problem: &Problem| -> Vec<String> {
            problem.table().cells().map(|cell| problem.table().describe(cell)).collect()
        };
        prop_assert_eq!(names(&plain), names(&wider));
        // The searches may end in different places: looking at an empty code is work, and work is limited.
        for (found, other) in [(protected(&plain), &wider), (protected(&wider), &plain)] {
            prop_assert!(checker::check(other, &found.pattern, &found.certificate).is_ok());
            prop_assert_eq!(verdict(other, &found.pattern), Verdict::Safe);
        }
    }

    #[test]
    fn the_same_input_gives_the_same_answer(seed in 0_u64..10_000) {
        let (first, second) = (protected(&problem(seed)), protected(&problem(seed)));
        prop_assert_eq!(first.pattern, second.pattern);
        prop_assert_eq!(first.certificate, second.certificate);
    }
}
