//! What is said over the years: one panel a top-level code, ranges as bands.
//!
//! Only tables with a variable of years have this figure. Years are its lowest codes; periods above them are sums
//! and are not drawn beside what they sum.

use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::range::Range;
use disclosure::table::Table;

use super::heat::{code, crossed, figure_code, said_of, tops};
use crate::document::report::{Demand, DemandPanel, DemandPoint, FigureCode, Said};
use crate::input::Input;
use crate::statement::{Statement, Statements};

/// Panels on a page and a half of A4, three in a row.
const PANELS_MAX: usize = 12;
/// Years in one panel.
const YEARS_MAX: usize = 40;

/// The chart, where a variable is one of years.
pub(super) fn chart(input: &Input, said: &Statements) -> Option<Demand> {
    let table = input.problem.table();
    let trees = table.hierarchies();
    let year_variable = years(table)?;
    let mut years: Vec<NodeId> = leaves(&trees[year_variable]).collect();
    years.sort_by_key(|&node| year(trees[year_variable].code(node)));
    years.truncate(YEARS_MAX);
    // The variable with the most codes is what the table is about; at a tie, the earlier.
    let others = (0..trees.len())
        .filter(|&variable| variable != year_variable && crossed(table, year_variable, variable));
    let panel_variable = others.max_by_key(|&v| (trees[v].len(), std::cmp::Reverse(v)));
    let tops = tops(table, &[Some(year_variable)]);
    let mut panels: Vec<(i64, DemandPanel)> = Vec::new();
    for node in panel_nodes(trees, panel_variable) {
        let mut at = tops.clone();
        if let (Some(variable), Some(node)) = (panel_variable, node) {
            at[variable] = node;
        }
        panels.extend(panel(input, said, (panel_variable, node), &at, (year_variable, &years)));
    }
    let panels_left_out = panels.len().saturating_sub(PANELS_MAX) as u64;
    // The largest say most; those shown keep the order of the code list.
    let mut sizes: Vec<i64> = panels.iter().map(|(size, _)| *size).collect();
    sizes.sort_unstable_by_key(|&size| std::cmp::Reverse(size));
    let least = sizes.get(PANELS_MAX - 1).copied().unwrap_or(i64::MIN);
    let mut kept: Vec<DemandPanel> = Vec::new();
    let mut ties = PANELS_MAX.saturating_sub(sizes.iter().filter(|&&size| size > least).count());
    for (size, panel) in panels {
        let tie = size == least && ties > 0;
        ties -= usize::from(tie);
        if size > least || tie {
            kept.push(panel);
        }
    }
    let fixed = (0..trees.len()).filter(|&v| v != year_variable && Some(v) != panel_variable);
    Some(Demand {
        year_variable: trees[year_variable].name().to_owned(),
        panel_variable: panel_variable.map(|variable| trees[variable].name().to_owned()),
        at: fixed.map(|variable| code(&trees[variable], tops[variable])).collect(),
        years: years.iter().map(|&node| input.loaded.title(year_variable, node).to_owned()).collect(),
        panels: kept,
        panels_left_out,
    })
}

fn leaves(tree: &Hierarchy) -> impl Iterator<Item = NodeId> {
    tree.nodes().filter(|&node| tree.is_leaf(node))
}

/// The first variable of years.
pub(super) fn years(table: &Table) -> Option<usize> {
    table.hierarchies().iter().position(is_years)
}

/// Whether every lowest code names a year, and there are at least two.
pub(crate) fn is_years(tree: &Hierarchy) -> bool {
    leaves(tree).nth(1).is_some() && leaves(tree).all(|node| year(tree.code(node)).is_some())
}

/// The year that a code names: four digits from 1900 to 2199, with at most two letters before them.
pub(crate) fn year(code: &str) -> Option<u16> {
    let digits = code.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let year: u16 = if digits.len() == 4 { digits.parse().ok()? } else { return None };
    (code.len() - digits.len() <= 2 && (1_900..2_200).contains(&year)).then_some(year)
}

/// A single top and the codes below it, or the several tops of a table of several units.
fn panel_nodes(trees: &[Hierarchy], variable: Option<usize>) -> Vec<Option<NodeId>> {
    let Some(tree) = variable.and_then(|variable| trees.get(variable)) else { return vec![None] };
    let roots: Vec<NodeId> = tree.nodes().filter(|&node| tree.parent(node).is_none()).collect();
    match roots[..] {
        [root] => [root].iter().chain(tree.children(root)).copied().map(Some).collect(),
        _ => roots.into_iter().map(Some).collect(),
    }
}

/// A panel and what it is sure to add up to; none where no year has a cell.
fn panel(
    input: &Input,
    said: &Statements,
    (panel_variable, node): (Option<usize>, Option<NodeId>),
    at: &[NodeId],
    (year_variable, years): (usize, &[NodeId]),
) -> Option<(i64, DemandPanel)> {
    let table = input.problem.table();
    let mut at = at.to_vec();
    let (mut size, mut unit, mut points) = (0_i64, None, Vec::new());
    for &year in years {
        at[year_variable] = year;
        let (point, least) = point(input, table, said, &at);
        size = size.saturating_add(least);
        points.push(point);
        if let Some(cell) = table.cell(&at) {
            unit.get_or_insert_with(|| input.unit(cell).to_owned());
        }
    }
    let code = match (panel_variable, node) {
        (Some(variable), Some(node)) => {
            let level = table.hierarchies().get(variable).map_or(0, |tree| tree.depth(node));
            figure_code(input, variable, node, level)
        }
        _ => FigureCode { code: String::new(), title: input.loaded.specification.title.clone(), level: 0 },
    };
    Some((size, DemandPanel { code, unit: unit?, points }))
}

fn point(input: &Input, table: &Table, said: &Statements, at: &[NodeId]) -> (DemandPoint, i64) {
    let (word, cell) = said_of(table, said, at);
    let mut point = DemandPoint { said: word, value: None, low: None, high: None };
    let least = match cell.map(|cell| said.of(cell)) {
        Some(Statement::Exact(value)) => {
            point.value = Some(input.amount(value));
            value
        }
        Some(Statement::Range(Range { low, high })) => {
            point.low = Some(input.amount(low));
            point.high = high.map(|high| input.amount(high));
            low
        }
        Some(Statement::Rounded { value, range: Range { low, high } }) => {
            point.value = Some(input.amount(value));
            point.low = Some(input.amount(low));
            point.high = high.map(|high| input.amount(high));
            value
        }
        Some(Statement::Blank) => 0,
        None => {
            debug_assert_eq!(word, Said::Zero);
            0
        }
    };
    (point, least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_recognised() {
        for (code, expected) in [("2027", Some(2027)), ("Y2027", Some(2027)), ("FY1999", Some(1999))] {
            assert_eq!(year(code), expected);
        }
        for code in ["", "Y26_28", "20270", "FISC2027", "2300", "1776", "ALL", "27", "é2027"] {
            assert_eq!(year(code), None, "{code}");
        }
    }
}
