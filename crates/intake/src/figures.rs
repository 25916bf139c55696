//! Contributions: one row a figure of one contributor at the lowest codes.
//!
//! Shapes: a record is a contributor, one leaf a variable, and a figure in whole units of the declared scale.
//! Contributors are numbered in ascending order of their codes, records sorted by contributor and codes, so the
//! order of the file's rows changes nothing. No record is a zero that everybody knows; a record of 0 is a secret.
//!
//! Cost: one hash lookup a field, one sort of all rows; 40 bytes a row.

use std::collections::BTreeMap;

use disclosure::Figure;
use disclosure::hierarchy::NodeId;
use disclosure::problem::{Contributions, UnitId};

use crate::codes::CodeList;
use crate::cost::Costs;
use crate::fault::{FaultList, Place, Trouble};
use crate::files::Files;
use crate::grid;
use crate::roster;
use crate::spec::{Figures, Weight};

mod reader;
mod settle;
mod value;

pub(crate) use settle::roots;
pub(crate) use value::{Bounds, number_trouble, yes_or_no};

/// Who stands behind figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributor {
    /// Its code.
    pub code: String,
    /// Its title; may be empty.
    pub title: String,
    /// The protected unit it belongs to: itself, or its holding.
    pub unit: UnitId,
    /// Whether it waives its protection.
    pub waived: bool,
    /// Whether it has a record.
    pub has_records: bool,
}

/// One figure.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Index into [`Records::contributors`].
    pub contributor: u32,
    /// The codes as one number: see [`disclosure::table::Table::key_of`].
    pub key: u64,
    /// The figure.
    pub figure: Figure,
    /// Since when it stands: index into [`Records::vintages`], 0 without a vintage column.
    pub vintage: u32,
    /// Line of the file; the first one where rows were added up.
    pub line: u64,
}

/// All contributions of a file.
#[derive(Clone)]
pub struct Records {
    /// In ascending order of their codes; with a roster, also those without a record.
    pub contributors: Vec<Contributor>,
    /// What the protected units are called: the holding, or the contributor.
    pub units: Vec<String>,
    /// The latest vintage, by contributor and codes.
    pub latest: Vec<Record>,
    /// Earlier vintages, by contributor, codes and vintage.
    pub superseded: Vec<Record>,
    /// The vintages, oldest first; empty without a vintage column.
    pub vintages: Vec<String>,
    /// The unit of all records, where neither code list nor specification says it but the records do.
    pub unit: Option<String>,
    strides: Vec<u64>,
    sizes: Vec<u64>,
}

impl Records {
    /// The codes of a record, one node a variable.
    #[must_use]
    pub fn nodes(&self, record: &Record) -> Vec<NodeId> {
        let mut nodes = Vec::with_capacity(self.strides.len());
        self.nodes_into(record.key, &mut nodes);
        nodes
    }

    fn nodes_into(&self, key: u64, nodes: &mut Vec<NodeId>) {
        nodes.clear();
        let parts = self.strides.iter().zip(&self.sizes);
        // A remainder is below the number of codes, which fits 32 bits.
        nodes.extend(
            parts.map(|(stride, size)| NodeId(u32::try_from(key / stride % size).unwrap_or(u32::MAX))),
        );
    }

    /// Which protected units waived their protection: all contributors of the unit with records must have.
    #[must_use]
    pub fn waived_units(&self) -> Vec<bool> {
        let mut waived = vec![true; self.units.len()];
        for contributor in self.contributors.iter().filter(|contributor| contributor.has_records) {
            if let Some(unit) = waived.get_mut(contributor.unit.0 as usize) {
                *unit &= contributor.waived;
            }
        }
        waived
    }

    /// The latest vintage as the engine takes it.
    #[must_use]
    pub fn contributions(&self) -> Contributions {
        let mut contributions = Contributions::new(self.strides.len(), self.waived_units());
        let mut nodes = Vec::new();
        for record in &self.latest {
            let Some(contributor) = self.contributors.get(record.contributor as usize) else { continue };
            self.nodes_into(record.key, &mut nodes);
            contributions.push(contributor.unit, &nodes, record.figure);
        }
        contributions
    }

    /// The contributor of a code.
    #[must_use]
    pub fn contributor(&self, code: &str) -> Option<u32> {
        let position = self.contributors.binary_search_by(|known| known.code.as_str().cmp(code)).ok()?;
        u32::try_from(position).ok()
    }
}

impl std::fmt::Debug for Records {
    // Who contributes is classified as well as how much.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} records of {} contributors", self.latest.len(), self.contributors.len())
    }
}

/// Reads the records, and what each adds to the cost of its cells. `None` is always accompanied by a fault that rejects.
pub(crate) fn read(
    figures: &Figures,
    weight: &Weight,
    lists: &[CodeList],
    strides: &[u64],
    files: &dyn Files,
    faults: &mut FaultList,
) -> Option<(Records, Costs)> {
    let roster: Option<BTreeMap<String, String>> =
        figures.contributors.as_ref().map(|roster| roster::read(roster, files, faults));
    let mut reader = reader::RecordReader::new(figures, weight, lists, strides, roster.as_ref());
    let source = grid::Source { name: &figures.file, sheet: figures.sheet.as_deref() };
    let rejected = faults.rejects();
    grid::read(&source, files, &mut reader, faults);
    if reader.is_empty() && !faults.rejects() && !faults.holds() {
        faults.push(Place::file(&figures.file), Trouble::NoRecords);
    }
    reader.push_units_and_categories(faults);
    let records = settle::settle(reader, roster, faults);
    (rejected || !faults.rejects()).then_some(records)
}
