//! What an alternative shows as a map: rows are codes of the longest variable, columns those of the next, each place
//! shown, not shown, or a zero that everybody knows.

use disclosure::hierarchy::{Hierarchy, NodeId};

use super::alternatives::{Scene, Wanted};
use crate::report::shortened;

/// Rows and columns that are drawn.
const ROWS_MAX: usize = 90;
const COLUMNS_MAX: usize = 30;
const ROW: usize = 13;
const LEFT: usize = 240;
const TOP: usize = 76;

/// A drawn map.
pub(super) struct Map {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) rows: Vec<Label>,
    pub(super) columns: Vec<Label>,
    pub(super) places: Vec<Place>,
    pub(super) place_width: usize,
    /// The variables of rows and columns.
    pub(super) variables: Vec<String>,
    pub(super) left_out: usize,
}

/// The text of a row or column.
pub(super) struct Label {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) text: String,
    pub(super) class: &'static str,
}

/// One place.
pub(super) struct Place {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) class: &'static str,
    pub(super) title: String,
}

impl Map {
    pub(super) fn new(scene: &Scene<'_>, one: &Wanted) -> Self {
        let trees = scene.lattice.hierarchies();
        let mut longest: Vec<usize> = (0..trees.len()).collect();
        longest.sort_by_key(|&variable| std::cmp::Reverse(trees[variable].len()));
        let row_variable = longest.first().copied().unwrap_or(0);
        let column_variable = longest.get(1).copied();
        let rows = drawn(&trees[row_variable], ROWS_MAX);
        let columns =
            column_variable.map_or(vec![NodeId(0)], |variable| drawn(&trees[variable], COLUMNS_MAX));
        let place_width = (520 / columns.len().max(1)).clamp(14, 60);
        let left_out = trees[row_variable].len() - rows.len()
            + column_variable.map_or(0, |variable| trees[variable].len() - columns.len());
        let mut map = Self {
            width: LEFT + place_width * columns.len() + 4,
            height: TOP + ROW * rows.len() + 4,
            rows: Vec::new(),
            columns: Vec::new(),
            places: Vec::new(),
            place_width: place_width - 1,
            variables: longest.iter().take(2).map(|&variable| trees[variable].name().to_owned()).collect(),
            left_out,
        };
        let class = |depth: u32| if depth == 0 { "strong" } else { "" };
        for (place, &node) in columns.iter().enumerate() {
            let Some(variable) = column_variable else { break };
            let text = shortened(scene.loaded.title(variable, node), 13);
            let x = LEFT + place_width * place + place_width / 2 + 3;
            map.columns.push(Label { x, y: TOP - 5, text, class: class(trees[variable].depth(node)) });
        }
        // Other variables stand at their first top.
        let mut at = vec![NodeId(0); trees.len()];
        for (line, &node) in rows.iter().enumerate() {
            let (depth, y) = (trees[row_variable].depth(node), TOP + ROW * line);
            let indent = 9 * depth.min(8) as usize;
            let text = shortened(scene.loaded.title(row_variable, node), 40 - 2 * depth.min(8) as usize);
            map.rows.push(Label { x: 2 + indent, y: y + ROW - 4, text, class: class(depth) });
            at[row_variable] = node;
            for (place, &column) in columns.iter().enumerate() {
                if let Some(variable) = column_variable {
                    at[variable] = column;
                }
                map.places.push(place_at(scene, one, &at, LEFT + place_width * place, y));
            }
        }
        map
    }
}

fn place_at(scene: &Scene<'_>, one: &Wanted, at: &[NodeId], x: usize, y: usize) -> Place {
    let (class, said) = match scene.lattice.find(at) {
        Some(cell) if one.shown[cell.index()] => ("h4", "shown"),
        Some(_) => ("h1", "not shown"),
        None => ("none", "zero, known to all"),
    };
    let titles: Vec<&str> =
        at.iter().enumerate().map(|(variable, &node)| scene.loaded.title(variable, node)).collect();
    Place { x, y, class, title: format!("{}: {said}", titles.join(", ")) }
}

/// The codes of whole levels, as many levels as there is room for.
fn drawn(tree: &Hierarchy, most: usize) -> Vec<NodeId> {
    let down_to = |level: u32| tree.nodes().filter(move |&node| tree.depth(node) <= level);
    let deepest = (0..=tree.depth_max()).rev().find(|&level| down_to(level).count() <= most);
    down_to(deepest.unwrap_or(0)).take(most).collect()
}
