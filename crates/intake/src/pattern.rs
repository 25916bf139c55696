//! A suppression pattern of any origin: CSV with one column a variable and `status`.
//!
//! Only hidden cells need be listed; a cell that is not listed is published.

use std::borrow::Cow;
use std::collections::BTreeMap;

use disclosure::hierarchy::Hierarchy;
use disclosure::pattern::{Pattern, Status};
use disclosure::table::Table;

use crate::fault::{FaultList, Faults, Trouble};
use crate::files::Files;
use crate::grid::{self, Visitor};
use crate::key::KeyReader;

/// Reads the pattern of a table.
///
/// # Errors
/// Every fault of the file: unknown codes, cells named twice, cells that the table does not have unless they
/// are said to be published, unknown statuses.
pub fn read(file: &str, files: &dyn Files, table: &Table) -> Result<Pattern, Faults> {
    let mut faults = FaultList::default();
    let mut reader = PatternReader {
        table,
        columns: grid::Columns::new(file),
        lines: BTreeMap::new(),
        pattern: Pattern::all_published(table.len()),
        keys: KeyReader::default(),
    };
    grid::read(&grid::Source { name: file, sheet: None }, files, &mut reader, &mut faults);
    let pattern = reader.pattern;
    faults.finish().map(|_| pattern)
}

struct PatternReader<'t> {
    table: &'t Table,
    columns: grid::Columns<'t>,
    /// First line of each key named.
    lines: BTreeMap<u64, u64>,
    pattern: Pattern,
    keys: KeyReader,
}

impl Visitor for PatternReader<'_> {
    fn header(&mut self, header: &[String], faults: &mut FaultList) -> Option<Vec<usize>> {
        let mut wanted: Vec<&str> = self.table.hierarchies().iter().map(Hierarchy::name).collect();
        wanted.push("status");
        self.columns.pick(header, &wanted, faults)
    }

    fn row(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        let status_at = self.table.hierarchies().len();
        let word = fields.get(status_at).map_or("", Cow::as_ref);
        let status = Status::from_word(word);
        if status.is_none() {
            let found = word.chars().take(40).collect();
            let allowed = "published, primary or secondary";
            faults.push(self.columns.place(line, status_at), Trouble::BadStatus { found, allowed });
        }
        let trees = self.table.hierarchies().iter().zip(self.table.strides().iter().copied());
        let at = |variable| self.columns.place(line, variable);
        let Some(key) = self.keys.key(trees, fields, at, faults) else { return };
        if let Some(&first_line) = self.lines.get(&key) {
            faults.push(self.columns.place(line, 0), Trouble::CellTwice { first_line });
            return;
        }
        self.lines.insert(key, line);
        match (self.table.find(key), status) {
            (Some(cell), Some(status)) => self.pattern.set(cell, status),
            (None, Some(Status::Primary | Status::Secondary)) => {
                faults.push(self.columns.place(line, 0), Trouble::UnknownCell);
            }
            _ => {}
        }
    }
}
