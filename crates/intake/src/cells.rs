//! Cells already summed and flagged elsewhere: one row a cell, margins included.
//!
//! Every relation is checked exactly here, so that a fault names the relation, the line and both sides; the
//! engine checks again. Protection levels are kept as exact fractions of a unit.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use disclosure::block::{Spanning, VariableSet};
use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::problem::{Cost, GivenCell};
use disclosure::{Figure, Ratio};

use crate::codes::CodeList;
use crate::cost::{self, Costs, Infinite};
use crate::fault::{FaultList, Place, Trouble};
use crate::figures::{Bounds, number_trouble, yes_or_no};
use crate::files::Files;
use crate::grid::{self, Visitor};
use crate::limits::SUGGESTIONS_MAX;
use crate::nearest::nearest;
use crate::number;
use crate::spec::{Cells, Weight};

/// Children of a margin that a message names.
const NAMED_PARTS_MAX: usize = 10;

#[derive(Clone)]
struct Row {
    key: u64,
    units: i64,
    levels: Option<(Ratio, Ratio)>,
    count: Option<u32>,
    cost: Cost,
    line: u64,
}

/// Reads the cells. `None` is always accompanied by a fault that rejects.
pub(crate) fn read(
    cells: &Cells,
    weight: &Weight,
    lists: &[CodeList],
    spanning: &Spanning,
    strides: &[u64],
    files: &dyn Files,
    faults: &mut FaultList,
) -> Option<(Vec<GivenCell>, Costs)> {
    let rejected = faults.rejects();
    let mut reader = CellReader::new(cells, weight, lists, spanning, strides);
    let source = grid::Source { name: &cells.file, sheet: cells.sheet.as_deref() };
    grid::read(&source, files, &mut reader, faults);
    if reader.rows.is_empty() && !faults.rejects() {
        faults.push(Place::file(&cells.file), Trouble::NoRecords);
    }
    reader.rows.sort_by_key(|row| (row.key, row.line));
    reader.push_twice(faults);
    reader.push_outside(faults);
    reader.rows.dedup_by_key(|row| row.key);
    if rejected == faults.rejects() {
        // Sums over cells that could not be read would only repeat the fault.
        reader.push_sums(faults);
    }
    let sizes: Vec<u64> = lists.iter().map(|list| list.hierarchy().len() as u64).collect();
    let given = reader.rows.iter().map(|row| GivenCell {
        at: nodes(row.key, strides, &sizes),
        figure: Figure::new(row.units),
        levels: row.levels,
        contributors: row.count,
    });
    let costs = Costs::from_finest(reader.rows.iter().map(|row| row.cost).collect());
    (rejected || !faults.rejects()).then(|| (given.collect(), costs))
}

fn nodes(key: u64, strides: &[u64], sizes: &[u64]) -> Vec<NodeId> {
    let parts = strides.iter().zip(sizes);
    // A remainder is below the number of codes, which fits 32 bits.
    parts.map(|(stride, size)| NodeId(u32::try_from(key / stride % size).unwrap_or(u32::MAX))).collect()
}

struct CellReader<'s> {
    cells: &'s Cells,
    weight: &'s Weight,
    lists: &'s [CodeList],
    spanning: &'s Spanning,
    strides: &'s [u64],
    codes: Vec<HashMap<String, u64>>,
    columns: Vec<(usize, String)>,
    rows: Vec<Row>,
    suggestions: usize,
}

impl<'s> CellReader<'s> {
    fn new(
        cells: &'s Cells,
        weight: &'s Weight,
        lists: &'s [CodeList],
        spanning: &'s Spanning,
        strides: &'s [u64],
    ) -> Self {
        let index = |(list, &stride): (&CodeList, &u64)| {
            let tree = list.hierarchy();
            tree.nodes().map(|node| (tree.code(node).to_owned(), stride * u64::from(node.0))).collect()
        };
        let codes = lists.iter().zip(strides).map(index).collect();
        let (columns, rows) = (Vec::new(), Vec::new());
        Self { cells, weight, lists, spanning, strides, codes, columns, rows, suggestions: 0 }
    }

    fn place(&self, line: u64, picked: usize) -> Place {
        match self.columns.get(picked) {
            Some((at, name)) => Place::field(&self.cells.file, line, *at, name),
            None => Place::line(&self.cells.file, line),
        }
    }

    fn key(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) -> Option<u64> {
        let mut key = Some(0_u64);
        for (variable, list) in self.lists.iter().enumerate() {
            let text = fields.get(variable).map_or("", Cow::as_ref);
            if let Some(part) = self.codes.get(variable).and_then(|codes| codes.get(text)) {
                key = key.map(|key| key + part);
                continue;
            }
            key = None;
            let trouble = match list.left_out().get(text) {
                Some(left_out) => {
                    Trouble::MixedUnits { parent: text.to_owned(), units: left_out.units.clone() }
                }
                None => {
                    self.suggestions += 1;
                    let tree = list.hierarchy();
                    let known = tree.nodes().map(|node| tree.code(node));
                    let near =
                        if self.suggestions > SUGGESTIONS_MAX { Vec::new() } else { nearest(text, known) };
                    Trouble::UnknownCode { variable: tree.name().to_owned(), code: text.to_owned(), near }
                }
            };
            faults.push(self.place(line, variable), trouble);
        }
        key
    }

    fn units(&self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) -> Option<i64> {
        let picked = self.lists.len();
        let text = fields.get(picked).map_or("", Cow::as_ref);
        let decimals = self.cells.decimals;
        let bounds = Bounds { low: 0, high: Figure::LIMIT - 1, decimals };
        let trouble = match number::parse_units(text, decimals) {
            Ok(units) => match bounds.check(units) {
                None => return Some(units),
                Some(trouble) => trouble,
            },
            Err(error) => number_trouble(error, text, decimals, bounds),
        };
        faults.push(self.place(line, picked), trouble);
        None
    }

    /// The levels of a flagged cell, lower first; `None` where it is not flagged.
    fn levels(
        &self,
        line: u64,
        fields: &[Cow<'_, str>],
        faults: &mut FaultList,
    ) -> Result<Option<(Ratio, Ratio)>, Refused> {
        let flag_at = self.lists.len() + 1;
        match yes_or_no(fields.get(flag_at).map_or("", Cow::as_ref)) {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(trouble) => {
                faults.push(self.place(line, flag_at), trouble);
                return Err(Refused);
            }
        }
        let lower = self.level(line, fields, flag_at + 1, faults);
        let upper = self.level(line, fields, flag_at + 2, faults);
        match (lower, upper) {
            (Some(lower), Some(upper)) => Ok(Some((lower, upper))),
            _ => Err(Refused),
        }
    }

    fn level(
        &self,
        line: u64,
        fields: &[Cow<'_, str>],
        picked: usize,
        faults: &mut FaultList,
    ) -> Option<Ratio> {
        let text = fields.get(picked).map_or("", Cow::as_ref);
        let decimals = self.cells.decimals;
        let trouble = match number::parse_level(text, decimals) {
            Ok(level) => return Some(level),
            Err(number::NumberError::Empty) => Trouble::LevelMissing,
            Err(error) => {
                let bounds = Bounds { low: 0, high: Figure::LIMIT - 1, decimals };
                number_trouble(error, text, decimals, bounds)
            }
        };
        faults.push(self.place(line, picked), trouble);
        None
    }

    fn count(&self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) -> Option<u32> {
        self.cells.count.as_ref()?;
        let picked = self.lists.len() + 4;
        let text = fields.get(picked).map_or("", Cow::as_ref);
        if text.is_empty() {
            return None;
        }
        let count = number::parse_units(text, 0).ok().and_then(|count| u32::try_from(count).ok());
        if count.is_none() {
            let high = i64::from(u32::MAX);
            faults.push(self.place(line, picked), Bounds { low: 0, high, decimals: 0 }.trouble());
        }
        count
    }

    /// The cost in the column that the specification names; 0 where it names none.
    fn cost(&self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) -> Result<Cost, Refused> {
        let Weight::Column(_) = self.weight else { return Ok(Some(0)) };
        let picked = self.lists.len() + 4 + usize::from(self.cells.count.is_some());
        cost::parse(fields.get(picked).map_or("", Cow::as_ref), Infinite::Allowed).map_err(|trouble| {
            faults.push(self.place(line, picked), trouble);
            Refused
        })
    }

    /// The variables in which a key lies below a root.
    fn below_root(&self, key: u64) -> VariableSet {
        let parts = self.lists.iter().map(CodeList::hierarchy).zip(self.strides).enumerate();
        let below = parts.filter(|(_, (tree, stride))| {
            let node = key / *stride % tree.len() as u64;
            tree.parent(NodeId(u32::try_from(node).unwrap_or(u32::MAX))).is_some()
        });
        below.map(|(variable, _)| variable).collect()
    }

    fn push_outside(&self, faults: &mut FaultList) {
        for row in self.rows.iter().filter(|row| !self.spanning.blocks().cross(self.below_root(row.key))) {
            faults.push(self.place(row.line, 0), Trouble::OutsideTables);
        }
    }

    fn push_twice(&self, faults: &mut FaultList) {
        for cell in self.rows.chunk_by(|a, b| a.key == b.key) {
            if let [first, more @ ..] = cell {
                for row in more {
                    faults.push(self.place(row.line, 0), Trouble::CellTwice { first_line: first.line });
                }
            }
        }
    }

    /// Missing margins, and margins that are not the sum of their parts.
    fn push_sums(&self, faults: &mut FaultList) {
        for (variable, list) in self.lists.iter().enumerate() {
            let tree = list.hierarchy();
            let (Some(&stride), size) = (self.strides.get(variable), tree.len() as u64) else { continue };
            let node = |key: u64| NodeId(u32::try_from(key / stride % size).unwrap_or(u32::MAX));
            let mut sums: BTreeMap<u64, i128> = BTreeMap::new();
            let mut missing: BTreeSet<u64> = BTreeSet::new();
            for row in &self.rows {
                let here = node(row.key);
                let Some(parent) = tree.parent(here) else { continue };
                let above = row.key - u64::from(here.0 - parent.0) * stride;
                *sums.entry(above).or_default() += i128::from(row.units);
                let found = self.rows.binary_search_by_key(&above, |row| row.key).is_ok();
                if !found && missing.insert(above) {
                    let trouble = Trouble::MarginMissing {
                        variable: tree.name().to_owned(),
                        parent: self.describe(above),
                    };
                    faults.push(self.place(row.line, variable), trouble);
                }
            }
            let crossed = |key: u64| self.spanning.blocks().cross(self.below_root(key).with(variable));
            let inner = self.rows.iter().filter(|row| !tree.is_leaf(node(row.key)));
            for row in inner.filter(|row| crossed(row.key)) {
                let sum = sums.get(&row.key).copied().unwrap_or(0);
                if sum != i128::from(row.units) {
                    let trouble = Trouble::NotAdditive {
                        relation: self.relation(row.key, tree, node(row.key)),
                        total: Figure::new(row.units),
                        // Out of 64 bits is out of range of any figure; the difference then shows as that.
                        sum: Figure::new(i64::try_from(sum).unwrap_or(i64::MAX)),
                    };
                    faults.push(self.place(row.line, self.lists.len()), trouble);
                }
            }
        }
    }

    fn describe(&self, key: u64) -> String {
        let parts = self.lists.iter().map(CodeList::hierarchy).zip(self.strides);
        let codes = parts.map(|(tree, stride)| {
            let node = key / stride % tree.len() as u64;
            tree.code(NodeId(u32::try_from(node).unwrap_or(u32::MAX)))
        });
        codes.collect::<Vec<_>>().join("|")
    }

    fn relation(&self, key: u64, tree: &Hierarchy, node: NodeId) -> String {
        let children = tree.children(node);
        let named = children.iter().take(NAMED_PARTS_MAX).map(|&child| tree.code(child));
        let mut parts = named.collect::<Vec<_>>().join(" + ");
        if children.len() > NAMED_PARTS_MAX {
            parts.push_str(" + ...");
        }
        format!("`{} = {parts}` at `{}`", tree.code(node), self.describe(key))
    }
}

/// The fault is in the list already.
struct Refused;

impl Visitor for CellReader<'_> {
    fn header(&mut self, header: &[String], faults: &mut FaultList) -> Option<Vec<usize>> {
        let cells = self.cells;
        let mut wanted: Vec<&str> = self.lists.iter().map(|list| list.hierarchy().name()).collect();
        wanted.extend([&cells.value, &cells.primary, &cells.lower, &cells.upper].map(String::as_str));
        wanted.extend(cells.count.as_deref());
        if let Weight::Column(name) = self.weight {
            wanted.push(name);
        }
        let mut picked = Vec::with_capacity(wanted.len());
        for name in &wanted {
            if let Some(at) = grid::column(&cells.file, header, name, &wanted, faults) {
                picked.push(at);
                self.columns.push((at, (*name).to_owned()));
            }
        }
        (picked.len() == wanted.len()).then_some(picked)
    }

    fn row(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        let key = self.key(line, fields, faults);
        let units = self.units(line, fields, faults);
        let levels = self.levels(line, fields, faults);
        let count = self.count(line, fields, faults);
        let cost = self.cost(line, fields, faults);
        if let (Some(key), Some(units), Ok(levels), Ok(cost)) = (key, units, levels, cost) {
            self.rows.push(Row { key, units, levels, count, cost, line });
        }
    }
}
