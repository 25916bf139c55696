//! What is shown, as range, blank: all together, and by level of each variable.

use disclosure::table::Table;

use crate::document::report::{LevelReport, Shown, VariableReport};
use crate::input::Input;
use crate::statement::Statements;
use crate::utility::count;

/// All cells together.
pub(super) fn all(table: &Table, said: &Statements) -> Shown {
    let mut shown = Shown::default();
    for cell in table.cells() {
        count(&mut shown, said.of(cell));
    }
    shown
}

/// Every variable, level by level. Cost: one pass over the cells a variable.
pub(super) fn variables(input: &Input, said: &Statements) -> Vec<VariableReport> {
    let table = input.problem.table();
    let reports = table.hierarchies().iter().enumerate().map(|(variable, tree)| {
        let mut levels: Vec<LevelReport> = (0..=tree.depth_max())
            .map(|level| LevelReport { level, codes: 0, example: String::new(), shown: Shown::default() })
            .collect();
        for node in tree.nodes() {
            let Some(level) = levels.get_mut(tree.depth(node) as usize) else { continue };
            if level.codes == 0 {
                level.example = input.loaded.title(variable, node).to_owned();
            }
            level.codes += 1;
        }
        for cell in table.cells() {
            let level = tree.depth(table.node(cell, variable)) as usize;
            if let Some(level) = levels.get_mut(level) {
                count(&mut level.shown, said.of(cell));
            }
        }
        VariableReport { variable: tree.name().to_owned(), codes: tree.len() as u64, levels }
    });
    reports.collect()
}
