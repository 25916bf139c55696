//! Rows of the file to numbered rows, with a fault for every field that is wrong.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use disclosure::Figure;
use disclosure::hierarchy::NodeId;

use super::value::{Bounds, number_trouble, yes_or_no};
use crate::codes::CodeList;
use crate::cost::{self, Infinite};
use crate::fault::{FaultList, Place, Trouble};
use crate::grid::{self, Visitor};
use crate::limits::SUGGESTIONS_MAX;
use crate::nearest::nearest;
use crate::number::{self, NumberError};
use crate::spec::{Figures, Weight};

/// One accepted row.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) contributor: u32,
    pub(super) vintage: u32,
    pub(super) key: u64,
    pub(super) units: i64,
    /// In units of `10^-COST_DECIMALS_MAX`.
    pub(super) cost: u64,
    pub(super) line: u64,
}

/// What is known of a contributor from its rows.
#[derive(Clone, Default)]
pub(super) struct Standing {
    pub(super) rows: u64,
    pub(super) waived_rows: u64,
    pub(super) holding: Option<(u32, u64)>,
}

/// Names to numbers in order of appearance.
#[derive(Default)]
pub(super) struct Names {
    pub(super) names: Vec<String>,
    index: HashMap<String, u32>,
}

impl Names {
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    pub(super) fn intern(&mut self, name: &str) -> u32 {
        if let Some(known) = self.find(name) {
            return known;
        }
        // Rows are bounded far below 2^32.
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.index.insert(name.to_owned(), number);
        number
    }
}

#[derive(Clone, Copy)]
enum Code {
    /// Part of the key, and the unit of the code as an index.
    Leaf {
        node: NodeId,
        part: u64,
        unit: Option<u32>,
    },
    Total,
}

struct Column {
    /// Position in the file.
    at: usize,
    name: String,
}

pub(super) struct RecordReader<'s> {
    pub(super) figures: &'s Figures,
    weight: &'s Weight,
    lists: &'s [CodeList],
    has_roster: bool,
    codes: Vec<HashMap<String, Code>>,
    /// Leaves of each variable that have a record.
    seen: Vec<Vec<bool>>,
    pub(super) strides: &'s [u64],
    pub(super) contributors: Names,
    pub(super) standings: Vec<Standing>,
    pub(super) holdings: Names,
    pub(super) vintages: Names,
    unit_names: Names,
    /// Units of records where neither code list nor specification says the unit, with their first lines.
    pub(super) units_seen: BTreeMap<String, u64>,
    pub(super) bounds: Bounds,
    columns: Vec<Column>,
    /// Positions among the picked columns.
    unit: Option<usize>,
    holding: Option<usize>,
    waiver: Option<usize>,
    vintage: Option<usize>,
    cost: Option<usize>,
    pub(super) rows: Vec<Row>,
    read_rows: u64,
    suggestions: usize,
}

impl<'s> RecordReader<'s> {
    pub(super) fn new(
        figures: &'s Figures,
        weight: &'s Weight,
        lists: &'s [CodeList],
        strides: &'s [u64],
        roster: Option<&BTreeMap<String, String>>,
    ) -> Self {
        let mut unit_names = Names::default();
        let codes =
            lists.iter().zip(strides).map(|(list, &stride)| code_index(list, stride, &mut unit_names));
        let codes = codes.collect();
        let mut contributors = Names::default();
        for code in roster.into_iter().flat_map(BTreeMap::keys) {
            contributors.intern(code);
        }
        let (low, high) = figures.domain.unwrap_or((0, Figure::LIMIT - 1));
        Self {
            figures,
            weight,
            lists,
            has_roster: roster.is_some(),
            codes,
            seen: lists.iter().map(|list| vec![false; list.hierarchy().len()]).collect(),
            strides,
            standings: vec![Standing::default(); contributors.names.len()],
            contributors,
            holdings: Names::default(),
            vintages: Names::default(),
            unit_names,
            units_seen: BTreeMap::new(),
            bounds: Bounds { low, high, decimals: figures.decimals },
            columns: Vec::new(),
            unit: None,
            holding: None,
            waiver: None,
            vintage: None,
            cost: None,
            rows: Vec::new(),
            read_rows: 0,
            suggestions: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.read_rows == 0
    }

    pub(super) fn lists(&self) -> &[CodeList] {
        self.lists
    }

    /// Place of a picked column.
    pub(super) fn place(&self, line: u64, picked: usize) -> Place {
        match self.columns.get(picked) {
            Some(column) => Place::field(&self.figures.file, line, column.at, &column.name),
            None => Place::line(&self.figures.file, line),
        }
    }

    fn suggest<'k>(&mut self, wanted: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<String> {
        self.suggestions += 1;
        if self.suggestions > SUGGESTIONS_MAX { Vec::new() } else { nearest(wanted, known) }
    }

    fn contributor(&mut self, line: u64, code: &str, faults: &mut FaultList) -> Option<u32> {
        if code.is_empty() {
            faults.push(self.place(line, 0), Trouble::ContributorMissing);
            return None;
        }
        if self.has_roster {
            let found = self.contributors.find(code);
            if found.is_none() {
                let names = std::mem::take(&mut self.contributors.names);
                let near = self.suggest(code, names.iter().map(String::as_str));
                self.contributors.names = names;
                let trouble = Trouble::UnknownContributor { contributor: code.to_owned(), near };
                faults.push(self.place(line, 0), trouble);
            }
            return found;
        }
        let number = self.contributors.intern(code);
        self.standings.resize(self.contributors.names.len(), Standing::default());
        Some(number)
    }

    /// Key of the codes, and the unit that the code lists ask for. Every code of the row is looked at.
    fn codes(
        &mut self,
        line: u64,
        fields: &[Cow<'_, str>],
        faults: &mut FaultList,
    ) -> Option<(u64, Option<u32>)> {
        let mut key = Some(0_u64);
        let mut due = None;
        let mut leaves = [NodeId(0); disclosure::table::Table::VARIABLES_MAX];
        for variable in 0..self.codes.len() {
            let text = fields.get(variable + 1).map_or("", Cow::as_ref);
            match self.codes.get(variable).and_then(|codes| codes.get(text)).copied() {
                Some(Code::Leaf { node, part, unit }) => {
                    due = due.or(unit);
                    key = key.map(|key| key + part);
                    if let Some(leaf) = leaves.get_mut(variable) {
                        *leaf = node;
                    }
                }
                Some(Code::Total) => {
                    key = None;
                    let trouble =
                        Trouble::NotALeaf { variable: self.variable(variable), code: text.to_owned() };
                    faults.push(self.place(line, variable + 1), trouble);
                }
                None => {
                    key = None;
                    let list = self.lists.get(variable).map(CodeList::hierarchy);
                    let known = list.into_iter().flat_map(|tree| tree.nodes().map(|node| tree.code(node)));
                    let near = self.suggest(text, known);
                    let variable_name = self.variable(variable);
                    let trouble =
                        Trouble::UnknownCode { variable: variable_name, code: text.to_owned(), near };
                    faults.push(self.place(line, variable + 1), trouble);
                }
            }
        }
        if key.is_some() {
            for (seen, leaf) in self.seen.iter_mut().zip(leaves) {
                if let Some(seen) = seen.get_mut(leaf.index()) {
                    *seen = true;
                }
            }
        }
        key.map(|key| (key, due))
    }

    fn variable(&self, position: usize) -> String {
        self.lists.get(position).map(|list| list.hierarchy().name().to_owned()).unwrap_or_default()
    }

    /// The figure in the unit that is due.
    fn figure(
        &mut self,
        line: u64,
        fields: &[Cow<'_, str>],
        due: Option<u32>,
        faults: &mut FaultList,
    ) -> Option<i64> {
        let value_at = self.codes.len() + 1;
        let text = fields.get(value_at).map_or("", Cow::as_ref);
        let found = self.unit.and_then(|unit| fields.get(unit)).map(Cow::as_ref);
        let due = due.and_then(|due| self.unit_names.names.get(due as usize)).map(String::as_str);
        let due = due.or(self.figures.unit.as_deref()).map(str::to_owned);
        let given = self.given_units(found.or(due.as_deref()), text);
        let units = match given {
            Ok(units) => Some(units),
            Err((error, decimals)) => {
                let trouble = number_trouble(error, text, decimals, self.bounds);
                faults.push(self.place(line, value_at), trouble);
                None
            }
        };
        let units = match found {
            Some(found) => self.in_unit_due(line, found, due.as_deref(), units, faults)?,
            None => units?,
        };
        if let Some(trouble) = self.bounds.check(units) {
            faults.push(self.place(line, value_at), trouble);
            return None;
        }
        Some(units)
    }

    /// The figure as given, in the scale of the table, or why not and how many decimals were allowed.
    fn given_units(&self, unit: Option<&str>, text: &str) -> Result<i64, (NumberError, u32)> {
        let whole = unit.is_some_and(|unit| self.figures.whole_units.iter().any(|whole| whole == unit));
        let decimals = if whole { 0 } else { self.figures.decimals };
        let units = number::parse_units(text, decimals).map_err(|error| (error, decimals))?;
        let scale = 10_i64.checked_pow(self.figures.decimals - decimals);
        let scaled =
            scale.and_then(|scale| units.checked_mul(scale)).filter(|units| units.abs() < Figure::LIMIT);
        scaled.ok_or((NumberError::OutOfRange, decimals))
    }

    fn in_unit_due(
        &mut self,
        line: u64,
        found: &str,
        due: Option<&str>,
        units: Option<i64>,
        faults: &mut FaultList,
    ) -> Option<i64> {
        let unit_at = self.unit.unwrap_or_default();
        if due == Some(found) {
            return units;
        }
        let fits = |to: &str| due.is_none_or(|due| due == to);
        let conversion = self.figures.conversions.iter().find(|rule| rule.from == found && fits(&rule.to));
        let Some(conversion) = conversion else {
            if let Some(due) = due {
                let trouble = Trouble::UnitMismatch { found: found.to_owned(), expected: due.to_owned() };
                faults.push(self.place(line, unit_at), trouble);
                return None;
            }
            if !self.units_seen.contains_key(found) && self.units_seen.len() < crate::limits::LIST_MAX {
                self.units_seen.insert(found.to_owned(), line);
            }
            return units;
        };
        let before = units?;
        let after = match number::times(before, conversion.factor) {
            Ok(after) => after,
            Err(error) => {
                let decimals = self.figures.decimals;
                faults.push(self.place(line, unit_at), number_trouble(error, "", decimals, self.bounds));
                return None;
            }
        };
        let trouble = Trouble::UnitConverted {
            from: conversion.from.clone(),
            to: conversion.to.clone(),
            factor: conversion.factor.to_string(),
            before: Figure::new(before),
            after: Figure::new(after),
        };
        faults.push(self.place(line, unit_at), trouble);
        if due.is_none() {
            self.units_seen.entry(conversion.to.clone()).or_insert(line);
        }
        Some(after)
    }

    fn holding(&mut self, line: u64, contributor: u32, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        let Some(picked) = self.holding else { return };
        let name = fields.get(picked).map_or("", Cow::as_ref);
        let code = self.contributors.names.get(contributor as usize).cloned().unwrap_or_default();
        // An empty holding is the contributor itself, under a name that no holding can have.
        let own = format!("\u{0}{code}");
        let number = self.holdings.intern(if name.is_empty() { &own } else { name });
        let Some(standing) = self.standings.get_mut(contributor as usize) else { return };
        match standing.holding {
            None => standing.holding = Some((number, line)),
            Some((known, first_line)) if known != number => {
                faults.push(self.place(line, picked), Trouble::TwoHoldings { contributor: code, first_line });
            }
            Some(_) => {}
        }
    }

    fn waiver(&mut self, line: u64, contributor: u32, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        let waived = match self.waiver.and_then(|picked| fields.get(picked)) {
            Some(text) => yes_or_no(text),
            None => Ok(false),
        };
        match waived {
            Ok(waived) => {
                if let Some(standing) = self.standings.get_mut(contributor as usize) {
                    standing.rows += 1;
                    standing.waived_rows += u64::from(waived);
                }
            }
            Err(trouble) => faults.push(self.place(line, self.waiver.unwrap_or_default()), trouble),
        }
    }

    /// What the row adds to the cost of its cells; 0 where the specification names no column.
    fn cost(&self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) -> Option<u64> {
        let Some(picked) = self.cost else { return Some(0) };
        match cost::parse(fields.get(picked).map_or("", Cow::as_ref), Infinite::Refused) {
            Ok(cost) => cost,
            Err(trouble) => {
                faults.push(self.place(line, picked), trouble);
                None
            }
        }
    }

    /// Units under one total, and codes without any record.
    pub(super) fn push_units_and_categories(&mut self, faults: &mut FaultList) {
        if self.units_seen.len() > 1 {
            let mut by_line: Vec<(u64, String)> =
                self.units_seen.iter().map(|(unit, &line)| (line, unit.clone())).collect();
            by_line.sort_unstable();
            let top = self.lists.first().map(CodeList::hierarchy);
            let parent = top.map_or("", |tree| tree.code(NodeId(0))).to_owned();
            let first = by_line.first().map(|(_, unit)| unit.clone()).unwrap_or_default();
            for (line, unit) in by_line.into_iter().skip(1) {
                let trouble =
                    Trouble::MixedUnits { parent: parent.clone(), units: vec![first.clone(), unit] };
                faults.push(self.place(line, self.unit.unwrap_or_default()), trouble);
            }
        }
        if self.is_empty() {
            return;
        }
        for (list, seen) in self.lists.iter().zip(&self.seen) {
            let tree = list.hierarchy();
            let codes: Vec<String> = tree
                .nodes()
                .zip(seen)
                .filter(|&(node, &seen)| tree.is_leaf(node) && !seen)
                .map(|(node, _)| tree.code(node).to_owned())
                .collect();
            if !codes.is_empty() {
                let variable = tree.name().to_owned();
                let place = Place { field: Some(variable.clone()), ..Place::file(&self.figures.file) };
                faults.push(place, Trouble::EmptyCategory { variable, codes });
            }
        }
    }
}

fn code_index(list: &CodeList, stride: u64, unit_names: &mut Names) -> HashMap<String, Code> {
    let tree = list.hierarchy();
    let mut codes = HashMap::with_capacity(tree.len());
    for node in tree.nodes() {
        let code = if tree.is_leaf(node) {
            let unit = list.unit(node).map(|unit| unit_names.intern(unit));
            Code::Leaf { node, part: stride * u64::from(node.0), unit }
        } else {
            Code::Total
        };
        codes.insert(tree.code(node).to_owned(), code);
    }
    for code in list.left_out().keys() {
        codes.insert(code.clone(), Code::Total);
    }
    codes
}

impl Visitor for RecordReader<'_> {
    fn header(&mut self, header: &[String], faults: &mut FaultList) -> Option<Vec<usize>> {
        let figures = self.figures;
        let mut wanted: Vec<&str> = vec![&figures.contributor];
        wanted.extend(self.lists.iter().map(|list| list.hierarchy().name()));
        wanted.push(&figures.value);
        let optional = [
            (&mut self.unit, &figures.unit_column),
            (&mut self.holding, &figures.holding),
            (&mut self.waiver, &figures.waiver),
            (&mut self.vintage, &figures.vintage),
        ];
        for (slot, name) in optional {
            if let Some(name) = name {
                *slot = Some(wanted.len());
                wanted.push(name);
            }
        }
        if let Weight::Column(name) = self.weight {
            self.cost = Some(wanted.len());
            wanted.push(name);
        }
        let mut picked = Vec::with_capacity(wanted.len());
        for name in &wanted {
            if let Some(at) = grid::column(&figures.file, header, name, &wanted, faults) {
                picked.push(at);
                self.columns.push(Column { at, name: (*name).to_owned() });
            }
        }
        (picked.len() == wanted.len()).then_some(picked)
    }

    fn row(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        self.read_rows += 1;
        let contributor = self.contributor(line, fields.first().map_or("", Cow::as_ref), faults);
        let codes = self.codes(line, fields, faults);
        let units = self.figure(line, fields, codes.and_then(|(_, due)| due), faults);
        let vintage = match self.vintage.and_then(|picked| fields.get(picked)) {
            Some(text) => self.vintages.intern(text),
            None => 0,
        };
        let Some(contributor) = contributor else { return };
        self.holding(line, contributor, fields, faults);
        self.waiver(line, contributor, fields, faults);
        let cost = self.cost(line, fields, faults);
        if let (Some((key, _)), Some(units), Some(cost)) = (codes, units, cost) {
            self.rows.push(Row { contributor, vintage, key, units, cost, line });
        }
    }
}
