//! Small tables for the tests of this folder: linked or not, with levels that the test chooses.

use disclosure::block::{Spanning, VariableSet};
use disclosure::generate::{self, Shape};
use disclosure::hierarchy::Hierarchy;
use disclosure::problem::{GivenCell, Problem, Weight};
use disclosure::table::Table;
use disclosure::{Figure, Ratio};

use crate::laws::rules;

pub(crate) const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// Blocks as lists of variables; none is one table of all.
pub(crate) fn spanning(trees: Vec<Hierarchy>, blocks: &[&[usize]]) -> Spanning {
    if blocks.is_empty() {
        return trees.into();
    }
    let sets: Vec<VariableSet> = blocks.iter().map(|block| block.iter().copied().collect()).collect();
    Spanning::linked(trees, &sets).unwrap()
}

/// Tables of invented contributions under the p% rule.
pub(crate) fn ruled(fans: &[Vec<usize>], blocks: &[&[usize]], seed: u64) -> Problem {
    let shape = Shape {
        variables: NAMES.into_iter().zip(fans.iter().cloned()).collect(),
        contributors: 9,
        filled_per_mille: 850,
        contributors_per_cell_max: 4,
        seed,
    };
    let (trees, contributions) = generate::table(&shape).unwrap();
    Problem::from_contributions(spanning(trees, blocks), &contributions, &rules(), &Weight::Value).unwrap()
}

/// Cells of `figures` at the lowest codes, in the order of their keys and again from the front when they run out,
/// with every margin of the blocks above them. `level` says what each cell needs, below and above.
pub(crate) fn tiny(
    trees: Vec<Hierarchy>,
    blocks: &[&[usize]],
    figures: &[i64],
    level: impl Fn(usize, i64) -> Option<(i64, i64)>,
) -> Problem {
    let strides = disclosure::table::strides(&trees).unwrap();
    let spanning = spanning(trees, blocks);
    let trees = spanning.hierarchies();
    let mut places: Vec<Vec<u32>> = vec![Vec::new()];
    for tree in trees {
        let nodes = 0..u32::try_from(tree.len()).unwrap();
        places = places
            .iter()
            .flat_map(|place| nodes.clone().map(|node| [&place[..], &[node]].concat()))
            .collect();
    }
    let node = |place: &[u32], variable: usize| disclosure::hierarchy::NodeId(place[variable]);
    let below = |place: &[u32], top: &[u32]| {
        trees.iter().enumerate().all(|(variable, tree)| {
            let mut at = Some(node(place, variable));
            while let Some(here) = at.filter(|&here| here != node(top, variable)) {
                at = tree.parent(here);
            }
            at.is_some()
        })
    };
    let is_leaf = |place: &[u32]| trees.iter().enumerate().all(|(v, tree)| tree.is_leaf(node(place, v)));
    let leaves: Vec<(&Vec<u32>, i64)> =
        places.iter().filter(|place| is_leaf(place)).zip(figures.iter().copied().cycle()).collect();
    let mut cells = Vec::new();
    for place in &places {
        let off_root: VariableSet =
            (0..trees.len()).filter(|&v| trees[v].parent(node(place, v)).is_some()).collect();
        if !spanning.blocks().cross(off_root) {
            continue;
        }
        let figure = leaves.iter().filter(|(leaf, _)| below(leaf, place)).map(|(_, figure)| figure).sum();
        let at = place.iter().map(|&node| disclosure::hierarchy::NodeId(node)).collect();
        let key = Table::key_of(&strides, &Vec::from_iter((0..trees.len()).map(|v| node(place, v))));
        let levels = level(usize::try_from(key).unwrap(), figure);
        let levels = levels.map(|(lower, upper)| (Ratio::whole(lower), Ratio::whole(upper)));
        cells.push(GivenCell { at, figure: Figure::new(figure), levels, contributors: None });
    }
    Problem::from_cells(spanning.clone(), cells, &Weight::Value).unwrap()
}
