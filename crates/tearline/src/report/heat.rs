//! The heat map: two variables crossed, at a size that can be read. Each place stands for itself and for all
//! cells below it, so a large table is summarised and not cut.

use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::table::{CellId, Table};

use crate::document::Code;
use crate::document::report::{FigureCode, HeatMap, HeatPlace, Said};
use crate::input::Input;
use crate::statement::{Statement, Statements};

/// Rows that fit a page of A4 beside their titles.
const ROWS_MAX: usize = 54;
/// Columns wide enough for a percentage on a page of A4.
const COLUMNS_MAX: usize = 22;

/// The heat map of a table. Cost: one pass over the cells, `depth x depth` steps each.
pub(super) fn map(input: &Input, said: &Statements) -> HeatMap {
    let table = input.problem.table();
    let trees = table.hierarchies();
    let (row_variable, column_variable) = two_largest(table);
    let rows = Axis::new(table, Some(row_variable), ROWS_MAX);
    let columns = Axis::new(table, column_variable, COLUMNS_MAX);
    let mut places = vec![vec![EMPTY; columns.len()]; rows.len()];
    for cell in table.cells() {
        let hidden = u64::from(matches!(said.of(cell), Statement::Range(_) | Statement::Blank));
        for row in rows.places_above(table, cell) {
            for column in columns.places_above(table, cell) {
                let place = &mut places[row][column];
                place.cells += 1;
                place.hidden += hidden;
            }
        }
    }
    let tops = tops(table, &[Some(row_variable), column_variable]);
    for (row, line) in rows.nodes.iter().zip(&mut places) {
        for (column, place) in columns.nodes.iter().zip(line) {
            let mut at = tops.clone();
            at[row_variable] = *row;
            if let Some(variable) = column_variable {
                at[variable] = *column;
            }
            place.said = said_of(table, said, &at).0;
        }
    }
    let fixed = (0..trees.len()).filter(|&v| v != row_variable && Some(v) != column_variable);
    HeatMap {
        row_variable: trees[row_variable].name().to_owned(),
        column_variable: column_variable.map(|variable| trees[variable].name().to_owned()),
        at: fixed.map(|variable| code(&trees[variable], tops[variable])).collect(),
        rows: rows.codes(input),
        columns: columns.codes(input),
        places,
        codes_left_out: rows.left_out + columns.left_out,
    }
}

const EMPTY: HeatPlace = HeatPlace { said: Said::Zero, cells: 0, hidden: 0 };

/// The cell at the nodes and what is said of it; a place without a cell is a zero that everybody knows.
pub(super) fn said_of(table: &Table, said: &Statements, at: &[NodeId]) -> (Said, Option<CellId>) {
    let Some(cell) = table.cell(at) else { return (Said::Zero, None) };
    let word = match said.of(cell) {
        Statement::Exact(_) => Said::Exact,
        Statement::Range(_) => Said::Range,
        Statement::Rounded { .. } => Said::Rounded,
        Statement::Blank => Said::Blank,
    };
    (word, Some(cell))
}

/// A code as a document names it.
pub(super) fn code(tree: &Hierarchy, node: NodeId) -> Code {
    Code { variable: tree.name().to_owned(), code: tree.code(node).to_owned() }
}

/// One node a variable: the root with the most cells in its first place, so that figures show totals.
///
/// Variables that a figure runs over keep an arbitrary root.
pub(super) fn tops(table: &Table, shown: &[Option<usize>]) -> Vec<NodeId> {
    let trees = table.hierarchies();
    let mut counts: Vec<Vec<u64>> = trees.iter().map(|tree| vec![0; tree.len()]).collect();
    for cell in table.cells() {
        for (variable, counts) in counts.iter_mut().enumerate().filter(|(v, _)| !shown.contains(&Some(*v))) {
            counts[table.node(cell, variable).index()] += 1;
        }
    }
    let best = |tree: &Hierarchy, counts: &[u64]| {
        let roots = tree.nodes().filter(|&node| tree.parent(node).is_none());
        roots.max_by_key(|node| (counts[node.index()], std::cmp::Reverse(*node))).unwrap_or(NodeId(0))
    };
    trees.iter().zip(&counts).map(|(tree, counts)| best(tree, counts)).collect()
}

/// The two variables with the most codes, the larger one as rows; at a tie, the earlier. In linked tables, the first
/// and the largest of those that one table crosses with it.
fn two_largest(table: &Table) -> (usize, Option<usize>) {
    let trees = table.hierarchies();
    let mut order: Vec<usize> = (0..trees.len()).collect();
    order.sort_by_key(|&variable| std::cmp::Reverse(trees[variable].len()));
    let first = order.first().copied().unwrap_or(0);
    let second = order.into_iter().skip(1).find(|&variable| crossed(table, first, variable));
    (first, second)
}

/// Whether one table crosses the two variables.
pub(super) fn crossed(table: &Table, one: usize, other: usize) -> bool {
    table.blocks().cross([one, other].into_iter().collect())
}

/// The codes along one side: whole levels from the top, as many as there is room for.
struct Axis {
    /// `None` in tables of one variable: a single column for everything.
    variable: Option<usize>,
    nodes: Vec<NodeId>,
    titles_level: Vec<u32>,
    /// Place of every node of the variable that is drawn.
    place_of: Vec<Option<usize>>,
    parents: Vec<Option<NodeId>>,
    left_out: u64,
}

impl Axis {
    fn new(table: &Table, variable: Option<usize>, most: usize) -> Self {
        let trees = table.hierarchies();
        let Some((variable, tree)) = variable.and_then(|variable| Some((variable, trees.get(variable)?)))
        else {
            let (nodes, place_of) = (vec![NodeId(0)], vec![Some(0)]);
            return Self {
                variable: None,
                nodes,
                titles_level: vec![0],
                place_of,
                parents: vec![None],
                left_out: 0,
            };
        };
        // Codes without a cell at or below them would be empty lines.
        let mut used = vec![false; tree.len()];
        for cell in table.cells() {
            used[table.node(cell, variable).index()] = true;
        }
        let within = |level: u32| tree.nodes().filter(move |&node| tree.depth(node) <= level);
        let drawn = |level: u32| within(level).filter(|node| used[node.index()]);
        let deepest = (0..=tree.depth_max()).rev().find(|&level| drawn(level).count() <= most);
        // Where even the first levels are too many, as many of the second as fit say more than the top alone.
        let level = deepest.filter(|&level| level > 0 || tree.depth_max() == 0).unwrap_or(1);
        let nodes: Vec<NodeId> = drawn(level).take(most).collect();
        let mut place_of = vec![None; tree.len()];
        for (place, node) in nodes.iter().enumerate() {
            place_of[node.index()] = Some(place);
        }
        let left_out = (drawn(level).count() - nodes.len()) as u64;
        let titles_level = nodes.iter().map(|&node| tree.depth(node)).collect();
        let parents = tree.nodes().map(|node| tree.parent(node)).collect();
        Self { variable: Some(variable), nodes, titles_level, place_of, parents, left_out }
    }

    fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Places of the cell's code and of the codes above it.
    fn places_above(&self, table: &Table, cell: CellId) -> impl Iterator<Item = usize> {
        let start = self.variable.map_or(NodeId(0), |variable| table.node(cell, variable));
        let chain =
            std::iter::successors(Some(start), |node| self.parents.get(node.index()).copied().flatten());
        chain.filter_map(|node| self.place_of.get(node.index()).copied().flatten())
    }

    fn codes(&self, input: &Input) -> Vec<FigureCode> {
        let Some(variable) = self.variable else {
            return vec![FigureCode { code: String::new(), title: "all cells".to_owned(), level: 0 }];
        };
        let codes = self.nodes.iter().zip(&self.titles_level);
        codes.map(|(&node, &level)| figure_code(input, variable, node, level)).collect()
    }
}

/// A code with its title.
pub(super) fn figure_code(input: &Input, variable: usize, node: NodeId, level: u32) -> FigureCode {
    let code = input.problem.table().hierarchies().get(variable).map_or("", |tree| tree.code(node));
    FigureCode { code: code.to_owned(), title: input.loaded.title(variable, node).to_owned(), level }
}
