//! Cells that earlier releases settled: CSV with one column a variable and `status`, published or suppressed.
//!
//! Cells that are not listed are free. The table is not known yet when this is read, so a line is kept with its
//! number and found among the cells later.

use std::borrow::Cow;
use std::collections::BTreeMap;

use disclosure::hierarchy::Hierarchy;
use disclosure::problem::Fixed;

use crate::codes::CodeList;
use crate::fault::{FaultList, Trouble};
use crate::files::Files;
use crate::grid::{self, Visitor};
use crate::key::KeyReader;

/// One line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedCell {
    /// The codes as one number: see [`disclosure::table::Table::key_of`].
    pub key: u64,
    /// What is settled.
    pub fixed: Fixed,
    /// Where it stands.
    pub line: u64,
}

/// Reads the file; faults are in the list.
pub(crate) fn read(
    file: &str,
    lists: &[CodeList],
    strides: &[u64],
    files: &dyn Files,
    faults: &mut FaultList,
) -> Vec<FixedCell> {
    let mut reader = FixedReader {
        lists,
        strides,
        columns: grid::Columns::new(file),
        cells: BTreeMap::new(),
        keys: KeyReader::default(),
    };
    grid::read(&grid::Source { name: file, sheet: None }, files, &mut reader, faults);
    reader.cells.into_values().collect()
}

struct FixedReader<'s> {
    lists: &'s [CodeList],
    strides: &'s [u64],
    columns: grid::Columns<'s>,
    cells: BTreeMap<u64, FixedCell>,
    keys: KeyReader,
}

impl Visitor for FixedReader<'_> {
    fn header(&mut self, header: &[String], faults: &mut FaultList) -> Option<Vec<usize>> {
        let mut wanted: Vec<&str> = self.lists.iter().map(|list| list.hierarchy().name()).collect();
        wanted.push("status");
        self.columns.pick(header, &wanted, faults)
    }

    fn row(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        let at = |picked: usize| self.columns.place(line, picked);
        let status_at = self.lists.len();
        let fixed = match fields.get(status_at).map_or("", Cow::as_ref) {
            "published" => Some(Fixed::Published),
            "suppressed" => Some(Fixed::Blank),
            word => {
                let found = word.chars().take(40).collect();
                faults.push(at(status_at), Trouble::BadStatus { found, allowed: "published or suppressed" });
                None
            }
        };
        let trees = self.lists.iter().map(CodeList::hierarchy);
        let spanning =
            trees.zip(self.strides.iter().copied()).map(|(tree, stride): (&Hierarchy, u64)| (tree, stride));
        let Some(key) = self.keys.key(spanning, fields, at, faults) else { return };
        if let Some(first) = self.cells.get(&key) {
            faults.push(at(0), Trouble::CellTwice { first_line: first.line });
        } else if let Some(fixed) = fixed {
            self.cells.insert(key, FixedCell { key, fixed, line });
        }
    }
}
