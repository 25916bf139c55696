//! The oracle: every whole-number table that a reader of a tiny release cannot exclude, by enumeration.
//!
//! Relations are made here from codes and blocks alone, not taken from the engine.

use std::collections::BTreeMap;

use disclosure::audit::audit;
use disclosure::budget::Budget;
use disclosure::generate;
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::{Direction, Problem, Requirement};
use disclosure::range::ranges;
use disclosure::solver::Highs;
use disclosure::table::CellId;
use proptest::prelude::*;

use crate::made;

/// Enumerated tables at most; a pattern with more is left to the other tests.
const TABLES_MAX: usize = 400_000;

/// One relation over the hidden cells: `sum of sign * hidden + constant = 0`.
struct Row {
    members: Vec<(usize, i64)>,
    constant: i64,
}

struct Oracle {
    hidden: Vec<CellId>,
    rows: Vec<Row>,
    /// No cell is looked for above this.
    cap: i64,
    tables: usize,
    /// Least and greatest value of each hidden cell over all tables.
    seen: Vec<(i64, i64)>,
}

impl Oracle {
    fn new(problem: &Problem, pattern: &Pattern) -> Self {
        let table = problem.table();
        let hidden: Vec<CellId> = pattern.hidden_cells().collect();
        let place: BTreeMap<CellId, usize> = hidden.iter().copied().zip(0..).collect();
        let at_root = |cell: CellId, v: usize| table.hierarchies()[v].parent(table.node(cell, v)).is_none();
        let mut rows = Vec::new();
        for block in table.blocks().sets() {
            let outside: Vec<usize> = (0..table.hierarchies().len()).filter(|&v| !block.has(v)).collect();
            let inside = table.cells().filter(|&cell| outside.iter().all(|&v| at_root(cell, v)));
            for cell in inside {
                for variable in block.variables() {
                    let tree = &table.hierarchies()[variable];
                    let children = tree.children(table.node(cell, variable));
                    if children.is_empty() {
                        continue;
                    }
                    let mut row = Row { members: Vec::new(), constant: 0 };
                    let mut add = |cell: CellId, sign: i64| match place.get(&cell) {
                        Some(&place) => row.members.push((place, sign)),
                        None => row.constant += sign * table.figure(cell).open(),
                    };
                    add(cell, 1);
                    for &child in children {
                        let mut at = table.coordinates(cell);
                        at[variable] = child;
                        if let Some(part) = table.cell(&at) {
                            add(part, -1);
                        }
                    }
                    rows.push(row);
                }
            }
        }
        let total: i64 = table.cells().map(|cell| table.figure(cell).open()).max().unwrap_or(0);
        let need = problem.requirements().map(|requirement| requirement.need).max().unwrap_or(0);
        let seen = vec![(i64::MAX, i64::MIN); hidden.len()];
        Self { hidden, rows, cap: 2 * total + need, tables: 0, seen }
    }

    /// All tables, unless there are too many.
    fn run(&mut self) -> bool {
        let mut values = vec![None; self.hidden.len()];
        self.descend(&mut values);
        self.tables <= TABLES_MAX
    }

    fn descend(&mut self, values: &mut Vec<Option<i64>>) {
        if self.tables > TABLES_MAX {
            return;
        }
        let mut forced = Vec::new();
        if self.force(values, &mut forced) {
            match values.iter().position(Option::is_none) {
                None => {
                    self.tables += 1;
                    for (seen, value) in self.seen.iter_mut().zip(values.iter().flatten()) {
                        *seen = (seen.0.min(*value), seen.1.max(*value));
                    }
                }
                Some(place) => {
                    for value in 0..=self.cap {
                        values[place] = Some(value);
                        self.descend(values);
                    }
                    values[place] = None;
                }
            }
        }
        for place in forced {
            values[place] = None;
        }
    }

    /// Fills in what relations with one open member force; false where one cannot hold.
    fn force(&self, values: &mut [Option<i64>], forced: &mut Vec<usize>) -> bool {
        loop {
            let before = forced.len();
            for row in &self.rows {
                let known: i64 = row.members.iter().filter_map(|&(p, sign)| Some(sign * values[p]?)).sum();
                let mut open = row.members.iter().filter(|&&(place, _)| values[place].is_none());
                match (open.next(), open.next()) {
                    (None, _) if known + row.constant != 0 => return false,
                    (Some(&(place, sign)), None) => {
                        let value = -sign * (known + row.constant);
                        if !(0..=self.cap).contains(&value) {
                            return false;
                        }
                        values[place] = Some(value);
                        forced.push(place);
                    }
                    _ => {}
                }
            }
            if forced.len() == before {
                return true;
            }
        }
    }

    fn reaches(&self, problem: &Problem, requirement: Requirement) -> bool {
        let Some(place) = self.hidden.iter().position(|&cell| cell == requirement.cell) else { return false };
        let value = problem.table().figure(requirement.cell).open();
        match requirement.direction {
            Direction::Up => self.seen[place].1 >= value + requirement.need,
            Direction::Down => self.seen[place].0 <= value - requirement.need,
        }
    }
}

/// A table of two or three short variables, linked or not, a few sensitive cells, and a pattern that hides them
/// and whatever `more` says.
fn case(layout: usize, figures: &[i64], levels: &[i64], more: &[bool]) -> (Problem, Pattern) {
    let fans: [&[usize]; 3] = [&[2, 2], &[2], &[2]];
    let (variables, blocks): (usize, &[&[usize]]) = match layout {
        0 => (1, &[]),
        1 => (2, &[]),
        2 => (3, &[]),
        3 => (3, &[&[0, 1], &[0, 2]]),
        _ => (3, &[&[0, 1], &[1, 2], &[0, 2]]),
    };
    let trees =
        fans[..variables].iter().zip(made::NAMES).map(|(fan, name)| generate::hierarchy(name, fan).unwrap());
    let problem = made::tiny(trees.collect(), blocks, figures, |key, figure| {
        let level = levels[key % levels.len()];
        (level > 0 && figure > 0).then_some((level.min(figure), level))
    });
    let mut pattern = Pattern::all_published(problem.table().len());
    for (cell, &more) in problem.table().cells().zip(more.iter().cycle()) {
        if problem.protection(cell).is_some() {
            pattern.set(cell, Status::Primary);
        } else if more {
            pattern.set(cell, Status::Secondary);
        }
    }
    (problem, pattern)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_audit_agrees_with_every_table_there_is(
        layout in 0_usize..5,
        figures in prop::collection::vec(0_i64..5, 8),
        levels in prop::collection::vec(prop_oneof![4 => Just(0_i64), 1 => 1_i64..4], 13),
        more in prop::collection::vec(prop::bool::weighted(0.3), 17),
    ) {
        let (problem, pattern) = case(layout, &figures, &levels, &more);
        let mut oracle = Oracle::new(&problem, &pattern);
        prop_assume!(oracle.run());
        let audited = Budget::untimed(|budget| audit(&problem, &pattern, &Highs, budget));
        let broken: Vec<CellId> =
            problem.requirements().filter(|&r| !oracle.reaches(&problem, r)).map(|r| r.cell).collect();
        let found: Vec<CellId> = audited.findings.iter().map(|finding| finding.cells[0]).collect();
        prop_assert_eq!(found, broken);
        for (cell, range) in Budget::untimed(|budget| ranges(problem.table(), &pattern, &Highs, budget)) {
            let (low, high) = oracle.seen[oracle.hidden.iter().position(|&hidden| hidden == cell).unwrap()];
            prop_assert!(range.low <= low && range.high.is_none_or(|end| end >= high));
        }
    }
}
