//! Declared capacities of cells: CSV with one column a variable and `capacity`, in the declared scale, at least 0.
//!
//! They are compared with what a release says (docs/METHOD.md, "Utility") and change nothing else. A cell that is
//! not listed has no capacity; a line may name a cell that the table does not have.

use std::borrow::Cow;
use std::collections::BTreeMap;

use disclosure::Figure;
use disclosure::hierarchy::Hierarchy;

use crate::codes::CodeList;
use crate::fault::{FaultList, Trouble};
use crate::figures::{Bounds, number_trouble};
use crate::files::Files;
use crate::grid::{self, Visitor};
use crate::key::KeyReader;
use crate::number;

/// One line of the file.
#[derive(Clone, Copy)]
pub struct Capacity {
    /// The codes as one number: see [`disclosure::table::Table::key_of`].
    pub key: u64,
    /// What can be supplied, in whole units of the scale.
    pub amount: Figure,
}

/// Reads the file; faults are in the list.
pub(crate) fn read(
    file: &str,
    decimals: u32,
    (lists, strides): (&[CodeList], &[u64]),
    files: &dyn Files,
    faults: &mut FaultList,
) -> Vec<Capacity> {
    let mut reader = CapacityReader {
        lists,
        strides,
        decimals,
        columns: grid::Columns::new(file),
        cells: BTreeMap::new(),
        keys: KeyReader::default(),
    };
    grid::read(&grid::Source { name: file, sheet: None }, files, &mut reader, faults);
    reader.cells.into_iter().map(|(key, (amount, _))| Capacity { key, amount }).collect()
}

struct CapacityReader<'s> {
    lists: &'s [CodeList],
    strides: &'s [u64],
    decimals: u32,
    columns: grid::Columns<'s>,
    /// By key: the capacity and its line.
    cells: BTreeMap<u64, (Figure, u64)>,
    keys: KeyReader,
}

impl Visitor for CapacityReader<'_> {
    fn header(&mut self, header: &[String], faults: &mut FaultList) -> Option<Vec<usize>> {
        let mut wanted: Vec<&str> = self.lists.iter().map(|list| list.hierarchy().name()).collect();
        wanted.push("capacity");
        self.columns.pick(header, &wanted, faults)
    }

    fn row(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        let at = |picked: usize| self.columns.place(line, picked);
        let amount_at = self.lists.len();
        let text = fields.get(amount_at).map_or("", Cow::as_ref);
        let bounds = Bounds { low: 0, high: Figure::LIMIT - 1, decimals: self.decimals };
        let amount = match number::parse_units(text, self.decimals) {
            Ok(units) => match bounds.check(units) {
                None => Some(Figure::new(units)),
                Some(trouble) => {
                    faults.push(at(amount_at), trouble);
                    None
                }
            },
            Err(error) => {
                faults.push(at(amount_at), number_trouble(error, text, self.decimals, bounds));
                None
            }
        };
        let trees = self.lists.iter().map(CodeList::hierarchy);
        let spanning =
            trees.zip(self.strides.iter().copied()).map(|(tree, stride): (&Hierarchy, u64)| (tree, stride));
        let Some(key) = self.keys.key(spanning, fields, at, faults) else { return };
        if let Some(&(_, first_line)) = self.cells.get(&key) {
            faults.push(at(0), Trouble::CellTwice { first_line });
        } else if let Some(amount) = amount {
            self.cells.insert(key, (amount, line));
        }
    }
}
