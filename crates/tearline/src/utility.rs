//! How much of the figures readers of a release can use, and how far rounding moved them.
//!
//! Opens figures: what leaves it are shares and means over many cells, for the report that stays inside. Source: docs/METHOD.md,
//! "Utility".

use std::collections::BTreeMap;

use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::range::Range;
use disclosure::rounding::Rounded;
use disclosure::table::{CellId, Table};
use intake::capacity::Capacity;

use crate::document::report::{
    Decisions, HeightDeviation, HeightShown, Paths, RoundingReport, Shown, Utility,
};
use crate::statement::{Statement, Statements};

/// A range counts as a value to plan with when its ends lie within this share of the truth: one in ten.
const USABLE: i128 = 10;
/// Digits more than the scale has that a mean is given with.
const MEAN_DECIMALS: u32 = 3;

/// The utility of a release; `years` is the variable of years, where there is one.
pub(crate) fn of(table: &Table, said: &Statements, years: Option<usize>, capacities: &[Capacity]) -> Utility {
    Utility {
        by_height: by_height(table, said),
        paths: years.map(|years| paths(table, said, years)),
        mean_range_width_permille: mean_width(table, said),
        decisions: (!capacities.is_empty()).then(|| decisions(table, said, capacities)),
    }
}

/// What is said of one cell, counted.
pub(crate) fn count(shown: &mut Shown, said: Statement) {
    shown.cells += 1;
    match said {
        Statement::Exact(_) => shown.exact += 1,
        Statement::Rounded { .. } => shown.rounded += 1,
        Statement::Range(range) => {
            shown.ranges += 1;
            shown.open_ranges += u64::from(range.high.is_none());
        }
        Statement::Blank => shown.blanks += 1,
    }
}

/// Levels above the lowest codes below each cell, added up over the variables.
fn cell_heights(table: &Table) -> Vec<u32> {
    let trees: Vec<Vec<u32>> = table.hierarchies().iter().map(node_heights).collect();
    let height = |cell: CellId| {
        trees.iter().enumerate().map(|(variable, heights)| heights[table.node(cell, variable).index()]).sum()
    };
    table.cells().map(height).collect()
}

fn node_heights(tree: &Hierarchy) -> Vec<u32> {
    let mut heights = vec![0; tree.len()];
    let nodes: Vec<NodeId> = tree.nodes().collect();
    for &node in nodes.iter().rev() {
        if let Some(parent) = tree.parent(node) {
            heights[parent.index()] = heights[parent.index()].max(heights[node.index()] + 1);
        }
    }
    heights
}

fn by_height(table: &Table, said: &Statements) -> Vec<HeightShown> {
    // Exact, rounded, range, all.
    let mut found: BTreeMap<u32, (Shown, [i128; 4])> = BTreeMap::new();
    for (cell, height) in table.cells().zip(cell_heights(table)) {
        let (shown, values) = found.entry(height).or_default();
        let value = i128::from(table.figure(cell).open());
        count(shown, said.of(cell));
        values[3] += value;
        match said.of(cell) {
            Statement::Exact(_) => values[0] += value,
            Statement::Rounded { .. } => values[1] += value,
            Statement::Range(_) => values[2] += value,
            Statement::Blank => {}
        }
    }
    let heights = found.into_iter().map(|(height, (shown, values))| {
        let [exact, rounded, range, blank] = shares(values);
        HeightShown {
            height,
            shown,
            exact_value_permille: exact,
            rounded_value_permille: rounded,
            range_value_permille: range,
            blank_value_permille: blank,
        }
    });
    heights.collect()
}

/// Shares in parts of a thousand of what is exact, rounded, in ranges and in blanks, from the first three and the
/// whole. All are rounded down but the last kind that occurs, which takes what is left: what is not shown is never
/// made to look smaller. Without any value, all is exact.
fn shares([exact, rounded, range, whole]: [i128; 4]) -> [u64; 4] {
    if whole == 0 {
        return [1_000, 0, 0, 0];
    }
    let parts = [exact, rounded, range, whole - exact - rounded - range];
    let mut shares = parts.map(|part| u64::try_from(part * 1_000 / whole).unwrap_or(0));
    let left = 1_000 - shares.iter().sum::<u64>();
    if let Some(last) = parts.iter().rposition(|&part| part > 0) {
        shares[last] += left;
    }
    shares
}

/// Whether readers can plan with what is said of the cell.
fn usable(said: Statement, value: i128) -> bool {
    match said {
        Statement::Exact(_) => true,
        Statement::Range(Range { low, high: Some(high) })
        | Statement::Rounded { range: Range { low, high: Some(high) }, .. } => {
            USABLE * (value - i128::from(low)) <= value && USABLE * (i128::from(high) - value) <= value
        }
        Statement::Range(_) | Statement::Rounded { .. } | Statement::Blank => false,
    }
}

fn paths(table: &Table, said: &Statements, years: usize) -> Paths {
    let trees = table.hierarchies();
    let mut found: BTreeMap<Vec<NodeId>, bool> = BTreeMap::new();
    for cell in table.cells().filter(|&cell| trees[years].is_leaf(table.node(cell, years))) {
        let mut at = table.coordinates(cell);
        at.remove(years);
        let whole = found.entry(at).or_insert(true);
        // A year without a cell is a zero that everybody knows.
        *whole &= usable(said.of(cell), i128::from(table.figure(cell).open()));
    }
    let mut paths = Paths { paths: 0, complete: 0, finest: 0, finest_complete: 0 };
    for (at, whole) in found {
        let others = trees.iter().enumerate().filter(|&(variable, _)| variable != years);
        let finest = others.zip(&at).all(|((_, tree), &node)| tree.is_leaf(node));
        paths.paths += 1;
        paths.complete += u64::from(whole);
        paths.finest += u64::from(finest);
        paths.finest_complete += u64::from(whole && finest);
    }
    paths
}

/// What readers know of demand against each capacity, from what is said of the cell alone.
fn decisions(table: &Table, said: &Statements, capacities: &[Capacity]) -> Decisions {
    let mut decisions = Decisions { capacities: capacities.len() as u64, ..Decisions::default() };
    for capacity in capacities {
        let amount = capacity.amount.open();
        let (low, high) = match table.find(capacity.key).map(|cell| said.of(cell)) {
            None => (0, Some(0)),
            Some(Statement::Exact(value)) => (value, Some(value)),
            Some(Statement::Range(range) | Statement::Rounded { range, .. }) => (range.low, range.high),
            Some(Statement::Blank) => (0, None),
        };
        if low > amount {
            decisions.above += 1;
        } else if high.is_some_and(|high| high <= amount) {
            decisions.within += 1;
        } else {
            decisions.open += 1;
        }
    }
    decisions
}

fn mean_width(table: &Table, said: &Statements) -> Option<u64> {
    let mut mean = Mean::default();
    for cell in table.cells() {
        let (Statement::Range(range) | Statement::Rounded { range, .. }) = said.of(cell) else { continue };
        if let Some(high) = range.high {
            let width = i128::from(high) - i128::from(range.low);
            mean.add(width, i128::from(table.figure(cell).open()));
        }
    }
    (mean.relative_cells > 0).then(|| mean.relative_permille())
}

/// A mean of amounts, and of their shares of the values beside them.
#[derive(Default)]
struct Mean {
    cells: u64,
    amounts: i128,
    relative_cells: u64,
    /// In billionths, each rounded up.
    relative: i128,
}

impl Mean {
    fn add(&mut self, amount: i128, value: i128) {
        self.cells += 1;
        self.amounts += amount;
        if value > 0 {
            self.relative_cells += 1;
            self.relative += (amount * 1_000_000_000 + value - 1) / value;
        }
    }

    fn relative_permille(&self) -> u64 {
        let cells = i128::from(self.relative_cells.max(1)) * 1_000_000;
        u64::try_from((self.relative + cells - 1) / cells).unwrap_or(u64::MAX)
    }

    /// In the declared scale with a few decimals more, rounded up.
    fn text(&self, decimals: u32) -> String {
        let cells = i128::from(self.cells.max(1));
        let finer = 10_i128.pow(MEAN_DECIMALS);
        let units = (self.amounts * finer + cells - 1) / cells;
        intake::decimal_text(i64::try_from(units).unwrap_or(i64::MAX), decimals + MEAN_DECIMALS)
    }
}

/// How far rounding moved the cells.
pub(crate) fn movement(table: &Table, rounded: &Rounded, attackers: usize, decimals: u32) -> RoundingReport {
    let (mut all, mut unmoved, mut greatest) = (Mean::default(), 0, 0_i128);
    let mut heights: BTreeMap<u32, Mean> = BTreeMap::new();
    for (cell, height) in table.cells().zip(cell_heights(table)) {
        let value = i128::from(table.figure(cell).open());
        let moved = (i128::from(rounded.value(cell)) - value).abs();
        all.add(moved, value);
        heights.entry(height).or_default().add(moved, value);
        unmoved += u64::from(moved == 0);
        greatest = greatest.max(moved);
    }
    RoundingReport {
        base: intake::decimal_text(rounded.base(), decimals),
        window: intake::decimal_text(rounded.window(), decimals),
        zero_restricted: rounded.is_zero_restricted(),
        attackers: attackers as u64,
        unmoved,
        mean_deviation: all.text(decimals),
        greatest_deviation: intake::decimal_text(i64::try_from(greatest).unwrap_or(i64::MAX), decimals),
        mean_relative_permille: all.relative_permille(),
        by_height: heights
            .into_iter()
            .map(|(height, mean)| HeightDeviation {
                height,
                cells: mean.cells,
                mean_deviation: mean.text(decimals),
                mean_relative_permille: mean.relative_permille(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use disclosure::Figure;

    use super::*;

    /// 2027: a 20, b 100; 2028: a 21, b 0; with their sums.
    fn table() -> Table {
        let tree = |name: &str, codes: [&str; 3]| {
            let parents = [None, Some(0), Some(0)];
            let codes = codes.map(str::to_owned).into_iter().zip(parents).collect();
            Hierarchy::new(name, codes).unwrap()
        };
        let trees = vec![tree("capability", ["T", "a", "b"]), tree("year", ["ALL", "2027", "2028"])];
        let values = [141, 120, 21, 41, 20, 21, 100, 100, 0];
        let cells = values.into_iter().zip(0..).map(|(value, key)| (key, Figure::new(value))).collect();
        Table::new(trees, cells).unwrap()
    }

    fn exact(table: &Table, other: &[(u32, Statement)]) -> Statements {
        let said = |cell: CellId| {
            let known = other.iter().find(|(at, _)| *at == cell.0).map(|(_, said)| *said);
            known.unwrap_or(Statement::Exact(table.figure(cell).open()))
        };
        Statements::from_parts(table.cells().map(said).collect())
    }

    #[test]
    fn a_path_is_complete_within_a_tenth_and_no_further() {
        let table = table();
        let range = |low, high| Statement::Range(Range { low, high: Some(high) });
        let complete = |at: u32, said: Statement| paths(&table, &exact(&table, &[(at, said)]), 1).complete;
        assert_eq!(
            paths(&table, &exact(&table, &[]), 1),
            Paths { paths: 3, complete: 3, finest: 2, finest_complete: 2 }
        );
        assert_eq!(
            [complete(4, range(18, 22)), complete(4, range(17, 22)), complete(4, range(18, 23))],
            [3, 2, 2]
        );
        // Nothing lies within a tenth of a zero but itself.
        assert_eq!([complete(8, range(0, 0)), complete(8, range(0, 1))], [3, 2]);
        assert_eq!(complete(4, Statement::Range(Range { low: 20, high: None })), 2);
        assert_eq!(complete(4, Statement::Blank), 2);
        // A sum over the years is not one of them.
        assert_eq!(complete(3, Statement::Blank), 3);
    }

    #[test]
    fn shares_of_value_add_up_level_by_level() {
        let table = table();
        let range = Statement::Range(Range { low: 0, high: Some(30) });
        let found = of(&table, &exact(&table, &[(4, range), (5, Statement::Blank)]), None, &[]);
        assert_eq!(found.paths, None);
        assert_eq!(found.mean_range_width_permille, Some(1_500));
        let finest = &found.by_height[0];
        assert_eq!(
            (finest.height, finest.shown.cells, finest.shown.ranges, finest.shown.blanks),
            (0, 4, 1, 1)
        );
        // 100 of 141 exact, 20 in a range; the blank takes what rounding down leaves.
        let shares = [finest.exact_value_permille, finest.range_value_permille, finest.blank_value_permille];
        assert_eq!(shares, [709, 141, 150]);
        assert_eq!(super::shares([120, 0, 21, 141]), [851, 0, 149, 0]);
        assert_eq!(super::shares([0, 0, 0, 0]), [1_000, 0, 0, 0]);
    }

    #[test]
    fn decisions_are_settled_where_a_range_ends_on_one_side() {
        let table = table();
        let range = Statement::Range(Range { low: 10, high: Some(30) });
        let said = exact(&table, &[(4, range), (5, Statement::Blank)]);
        let count = |key: u64, amount: i64| {
            let found = of(&table, &said, None, &[Capacity { key, amount: Figure::new(amount) }]).decisions;
            found.map(|found| [found.above, found.within, found.open])
        };
        assert_eq!(
            [count(4, 9), count(4, 10), count(4, 29), count(4, 30)],
            [Some([1, 0, 0]), Some([0, 0, 1]), Some([0, 0, 1]), Some([0, 1, 0])]
        );
        // Exact 141; a blank; no cell at all.
        assert_eq!([count(0, 140), count(0, 141)], [Some([1, 0, 0]), Some([0, 1, 0])]);
        assert_eq!([count(5, 1_000), count(99, 0)], [Some([0, 0, 1]), Some([0, 1, 0])]);
        assert_eq!(of(&table, &said, None, &[]).decisions, None);
    }

    #[test]
    fn movement_is_measured_and_rounded_up() {
        let table = table();
        let rounded = Rounded::new(10, 9, vec![140, 120, 20, 40, 20, 20, 100, 100, 0]);
        let found = movement(&table, &rounded, 3, 1);
        assert_eq!((found.base.as_str(), found.window.as_str(), found.zero_restricted), ("1.0", "0.9", true));
        assert_eq!((found.unmoved, found.greatest_deviation.as_str()), (5, "0.1"));
        // Four cells of nine move by 1.
        assert_eq!(found.mean_deviation, "0.0445");
        // 1/141 + 1/21 + 1/41 + 1/21 over eight cells above zero.
        assert_eq!(found.mean_relative_permille, 16);
        assert_eq!(found.by_height.iter().map(|height| height.cells).collect::<Vec<_>>(), [4, 4, 1]);
    }
}
