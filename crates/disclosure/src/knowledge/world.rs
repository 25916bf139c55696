//! The world of the record-level model: who has a record where, at which vintage, and what the codes cover.
//!
//! Shapes: one leaf a dimension is a base cell; a contributor has at most one record a base cell and vintage. A record
//! that has no newer vintage carries over; one without an amount is withdrawn from its vintage on. No record is a
//! public zero, a record of zero is a secret one. Contributors of one holding are one unit.
//!
//! Amounts are exact and cannot be printed. Source: docs/METHOD.md, "The exact model".

use std::collections::{BTreeMap, BTreeSet};

use super::Rational;
use super::form::RecordId;
use crate::problem::UnitId;

/// What the codes of a dimension are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What figures are broken down by.
    Breakdown,
    /// The contributors themselves and groups of them.
    Contributors,
}

/// A dimension: codes and what they group. Codes that group nothing are leaves; groupings may overlap.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// What its codes are.
    pub role: Role,
    /// Each grouping code with the codes below it.
    pub groups: Vec<(String, Vec<String>)>,
}

/// Somebody with records.
#[derive(Clone, Debug)]
pub struct Contributor {
    /// Its name.
    pub name: String,
    /// The unit it is part of, if it is not one of its own.
    pub holding: Option<String>,
    /// Whether it waived its protection; its whole unit then has.
    pub waiver: bool,
    /// Whether it asked for protection.
    pub request: bool,
}

/// One record at one vintage.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose.
    pub contributor: String,
    /// A leaf for every dimension that breaks down, in their order.
    pub at: Vec<String>,
    /// From which vintage on.
    pub vintage: i64,
    /// How much; `None` where the record is withdrawn.
    pub amount: Option<Rational>,
}

/// Public bounds of every figure.
#[derive(Clone, Debug)]
pub struct Domain {
    /// No figure is below this.
    pub low: Option<Rational>,
    /// No figure is above this.
    pub high: Option<Rational>,
}

/// A cell: a code of every dimension, in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell(pub(crate) Vec<u32>);

/// Why there is no such world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// A code is below itself.
    #[error("the code `{code}` of dimension {dimension} is below itself")]
    Cycle {
        /// Place of the dimension.
        dimension: usize,
        /// The code.
        code: String,
    },
    /// A code groups twice.
    #[error("the code `{code}` of dimension {dimension} stands twice")]
    CodeTwice {
        /// Place of the dimension.
        dimension: usize,
        /// The code.
        code: String,
    },
    /// Two dimensions are contributors.
    #[error("dimension {dimension} is a second one of contributors")]
    RoleTwice {
        /// Place of the dimension.
        dimension: usize,
    },
    /// Two contributors have one name.
    #[error("the contributor `{name}` stands twice")]
    ContributorTwice {
        /// The name.
        name: String,
    },
    /// A record of somebody who is no contributor.
    #[error("record {record} is of nobody known")]
    UnknownContributor {
        /// Place of the record.
        record: usize,
    },
    /// A record that is not at one leaf of each dimension.
    #[error("record {record} is not at one leaf of each dimension")]
    NotABaseCell {
        /// Place of the record.
        record: usize,
    },
    /// A second record of one contributor at one place and vintage.
    #[error("record {record} stands twice")]
    RecordTwice {
        /// Place of the record.
        record: usize,
    },
    /// A record outside the public bounds: they would be untrue.
    #[error("record {record} is outside the public bounds of every figure")]
    OutsideDomain {
        /// Place of the record.
        record: usize,
    },
}

/// Contributors, codes and records. One item a record in every list of amounts.
#[derive(Clone, Debug)]
pub struct World {
    dimensions: Vec<Codes>,
    contributors: Vec<Contributor>,
    units: Vec<String>,
    /// By contributor.
    unit_of: Vec<UnitId>,
    waived: BTreeSet<UnitId>,
    domain: Domain,
    truth: Vec<Rational>,
    /// By record: contributor, and leaf of every dimension.
    records: Vec<(usize, Vec<u32>)>,
    /// By contributor and base cell: the record of each vintage, absent where withdrawn.
    histories: Vec<(usize, BTreeMap<i64, Option<RecordId>>)>,
}

#[derive(Clone, Debug)]
struct Codes {
    role: Role,
    names: Vec<String>,
    places: BTreeMap<String, u32>,
    /// By code, the codes below it; none for a leaf.
    below: Vec<Option<Vec<u32>>>,
    /// By code, the leaves it covers.
    covers: Vec<BTreeSet<u32>>,
}

impl World {
    /// A world of these records.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn new(
        dimensions: &[Dimension],
        contributors: Vec<Contributor>,
        records: &[Entry],
        domain: Domain,
    ) -> Result<Self, WorldError> {
        let codes = dimensions.iter().enumerate().map(|(number, one)| Codes::new(number, one));
        let dimensions = codes.collect::<Result<Vec<_>, _>>()?;
        let roles = dimensions.iter().enumerate().filter(|(_, codes)| codes.role == Role::Contributors);
        if let Some((dimension, _)) = roles.skip(1).last() {
            return Err(WorldError::RoleTwice { dimension });
        }
        let mut world = Self {
            dimensions,
            contributors: Vec::new(),
            units: Vec::new(),
            unit_of: Vec::new(),
            waived: BTreeSet::new(),
            domain,
            truth: Vec::new(),
            records: Vec::new(),
            histories: Vec::new(),
        };
        for contributor in contributors {
            world.add_contributor(contributor)?;
        }
        world.add_records(records)?;
        Ok(world)
    }

    fn add_contributor(&mut self, contributor: Contributor) -> Result<(), WorldError> {
        if self.contributors.iter().any(|other| other.name == contributor.name) {
            return Err(WorldError::ContributorTwice { name: contributor.name });
        }
        let name = contributor.holding.as_ref().unwrap_or(&contributor.name);
        let known = self.units.iter().position(|unit| unit == name);
        let place = known.unwrap_or(self.units.len());
        if known.is_none() {
            self.units.push(name.clone());
        }
        let unit = UnitId(u32::try_from(place).unwrap_or(u32::MAX));
        if contributor.waiver {
            self.waived.insert(unit);
        }
        self.unit_of.push(unit);
        self.contributors.push(contributor);
        Ok(())
    }

    fn add_records(&mut self, records: &[Entry]) -> Result<(), WorldError> {
        let mut places: BTreeMap<(usize, Vec<u32>), usize> = BTreeMap::new();
        for (record, entry) in records.iter().enumerate() {
            let who = self.contributors.iter().position(|one| one.name == entry.contributor);
            let who = who.ok_or(WorldError::UnknownContributor { record })?;
            let at = self.leaves(entry).ok_or(WorldError::NotABaseCell { record })?;
            let next = self.histories.len();
            let place = *places.entry((who, at.clone())).or_insert(next);
            if place == next {
                self.histories.push((who, BTreeMap::new()));
            }
            let id = RecordId(u32::try_from(self.truth.len()).unwrap_or(u32::MAX));
            let version = entry.amount.as_ref().map(|_| id);
            let history = self.histories.get_mut(place).map(|(_, history)| history);
            if history.is_some_and(|history| history.insert(entry.vintage, version).is_some()) {
                return Err(WorldError::RecordTwice { record });
            }
            if let Some(amount) = &entry.amount {
                let below = self.domain.low.as_ref().is_some_and(|low| amount < low);
                if below || self.domain.high.as_ref().is_some_and(|high| amount > high) {
                    return Err(WorldError::OutsideDomain { record });
                }
                self.truth.push(amount.clone());
                self.records.push((who, at));
            }
        }
        Ok(())
    }

    /// The leaf of every dimension, that of contributors included.
    fn leaves(&self, entry: &Entry) -> Option<Vec<u32>> {
        let mut given = entry.at.iter();
        let leaves = self.dimensions.iter().map(|codes| {
            let name = if codes.role == Role::Contributors { Some(&entry.contributor) } else { given.next() };
            codes.places.get(name?).copied().filter(|code| codes.group(*code).is_none())
        });
        let leaves = leaves.collect::<Option<Vec<u32>>>()?;
        given.next().is_none().then_some(leaves)
    }

    /// The cell of these codes, one a dimension; `None` for other codes.
    pub fn cell<'a>(&self, codes: impl IntoIterator<Item = &'a str>) -> Option<Cell> {
        let mut given = codes.into_iter();
        let places = self.dimensions.iter().map(|codes| codes.places.get(given.next()?).copied());
        let places = places.collect::<Option<Vec<u32>>>()?;
        given.next().is_none().then_some(Cell(places))
    }

    /// The codes of a cell, one a dimension.
    pub fn codes<'a>(&'a self, cell: &'a Cell) -> impl Iterator<Item = &'a str> {
        let pairs = self.dimensions.iter().zip(&cell.0);
        pairs.filter_map(|(codes, place)| codes.names.get(*place as usize).map(String::as_str))
    }

    /// Every cell: each code of each dimension with each of the others. Those that cover fewer base cells come first.
    #[must_use]
    pub fn lattice(&self) -> Vec<Cell> {
        let mut cells = vec![(1_usize, Vec::new())];
        for codes in &self.dimensions {
            let mut longer = Vec::with_capacity(cells.len() * codes.names.len());
            for (size, cell) in cells {
                for (place, covered) in (0_u32..).zip(&codes.covers) {
                    let mut cell: Vec<u32> = cell.clone();
                    cell.push(place);
                    longer.push((size.saturating_mul(covered.len()), cell));
                }
            }
            cells = longer;
        }
        cells.sort_by_key(|(size, _)| *size);
        cells.into_iter().map(|(_, cell)| Cell(cell)).collect()
    }

    /// How many cells the lattice has, as far as it can be counted.
    #[must_use]
    pub fn lattice_len(&self) -> usize {
        self.dimensions.iter().fold(1, |cells, codes| cells.saturating_mul(codes.names.len()))
    }

    /// The cells right below a cell along each dimension in which it is a group.
    pub(crate) fn children<'a>(&'a self, cell: &'a Cell) -> impl Iterator<Item = Vec<Cell>> + 'a {
        let pairs = self.dimensions.iter().zip(&cell.0).enumerate();
        pairs.filter_map(|(dimension, (codes, place))| {
            let below = codes.group(*place)?;
            let child = |child: &u32| {
                let mut codes = cell.0.clone();
                codes[dimension] = *child;
                Cell(codes)
            };
            Some(below.iter().map(child).collect())
        })
    }

    /// The records in a cell as they stood at a vintage, ascending.
    #[must_use]
    pub fn records_in(&self, cell: &Cell, vintage: i64) -> Vec<RecordId> {
        let current = self.histories.iter().filter_map(|(_, history)| at_vintage(history, vintage));
        let mut inside: Vec<RecordId> = current.filter(|record| self.is_in(*record, cell)).collect();
        inside.sort_unstable();
        inside
    }

    fn is_in(&self, record: RecordId, cell: &Cell) -> bool {
        let leaves =
            self.records.get(record.place()).map(|(_, leaves)| leaves.as_slice()).unwrap_or_default();
        let pairs = self.dimensions.iter().zip(leaves).zip(&cell.0);
        let mut covered = pairs.map(|((codes, leaf), code)| {
            codes.covers.get(*code as usize).is_some_and(|covered| covered.contains(leaf))
        });
        covered.all(|covered| covered)
    }

    /// Pairs of records that stand for one another at two vintages: revised in between, and in the cell at both.
    pub(crate) fn revisions(&self, cell: &Cell, from: i64, to: i64) -> Vec<(UnitId, RecordId, RecordId)> {
        let pairs = self.histories.iter().filter_map(|(who, history)| {
            let (old, new) = (at_vintage(history, from)?, at_vintage(history, to)?);
            (old != new && self.is_in(old, cell)).then(|| (self.unit_of[*who], old, new))
        });
        pairs.collect()
    }

    /// The records as they are, by record.
    #[must_use]
    pub fn truth(&self) -> &[Rational] {
        &self.truth
    }

    /// Public bounds of every figure.
    #[must_use]
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The units, by id: holdings, and contributors of none.
    #[must_use]
    pub fn units(&self) -> &[String] {
        &self.units
    }

    /// Every unit.
    pub fn unit_ids(&self) -> impl Iterator<Item = UnitId> + use<> {
        (0..u32::try_from(self.units.len()).unwrap_or(u32::MAX)).map(UnitId)
    }

    /// The unit of this name.
    #[must_use]
    pub fn unit(&self, name: &str) -> Option<UnitId> {
        let place = self.units.iter().position(|unit| unit == name)?;
        u32::try_from(place).ok().map(UnitId)
    }

    /// The unit that a contributor or a unit of this name belongs to.
    #[must_use]
    pub fn unit_behind(&self, name: &str) -> Option<UnitId> {
        let contributor = self.contributors.iter().position(|one| one.name == name);
        contributor.and_then(|place| self.unit_of.get(place).copied()).or_else(|| self.unit(name))
    }

    /// Whether the unit waived its protection.
    #[must_use]
    pub fn waived(&self, unit: UnitId) -> bool {
        self.waived.contains(&unit)
    }

    /// The contributors, in their order.
    #[must_use]
    pub fn contributors(&self) -> &[Contributor] {
        &self.contributors
    }

    /// Whose record it is: its place among the contributors.
    #[must_use]
    pub fn contributor_of(&self, record: RecordId) -> Option<usize> {
        self.records.get(record.place()).map(|(who, _)| *who)
    }

    /// Whose record it is.
    #[must_use]
    pub fn unit_of(&self, record: RecordId) -> Option<UnitId> {
        self.contributor_of(record).and_then(|who| self.unit_of.get(who).copied())
    }

    /// The leaf of every dimension that the record is at.
    pub(crate) fn base_cell(&self, record: RecordId) -> &[u32] {
        self.records.get(record.place()).map(|(_, leaves)| leaves.as_slice()).unwrap_or_default()
    }
}

/// The record that stood at a vintage.
fn at_vintage(history: &BTreeMap<i64, Option<RecordId>>, vintage: i64) -> Option<RecordId> {
    history.range(..=vintage).next_back().and_then(|(_, record)| *record)
}

impl Codes {
    fn new(dimension: usize, given: &Dimension) -> Result<Self, WorldError> {
        let mut codes = Self {
            role: given.role,
            names: Vec::new(),
            places: BTreeMap::new(),
            below: Vec::new(),
            covers: Vec::new(),
        };
        for (parent, children) in &given.groups {
            let parent_place = codes.place(parent);
            let children: Vec<u32> = children.iter().map(|child| codes.place(child)).collect();
            let twice = children.iter().collect::<BTreeSet<_>>().len() < children.len();
            let slot = codes.below.get_mut(parent_place as usize);
            if twice || slot.is_none_or(|slot| slot.replace(children).is_some()) {
                return Err(WorldError::CodeTwice { dimension, code: parent.clone() });
            }
        }
        let mut states = vec![State::Unseen; codes.names.len()];
        codes.covers = vec![BTreeSet::new(); codes.names.len()];
        for code in 0..u32::try_from(codes.names.len()).unwrap_or(u32::MAX) {
            if let Err(code) = codes.cover(code, &mut states) {
                let code = codes.names.get(code as usize).cloned().unwrap_or_default();
                return Err(WorldError::Cycle { dimension, code });
            }
        }
        Ok(codes)
    }

    fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        self.below.push(None);
        place
    }

    fn group(&self, code: u32) -> Option<&[u32]> {
        self.below.get(code as usize).and_then(|below| below.as_deref())
    }

    /// Fills in what a code and all below it cover, without recursion: trees of hostile depth must not cost a stack.
    fn cover(&mut self, code: u32, states: &mut [State]) -> Result<(), u32> {
        let mut open = vec![code];
        while let Some(&code) = open.last() {
            let at = code as usize;
            match states[at] {
                State::Done => {
                    open.pop();
                }
                State::Unseen => {
                    states[at] = State::Open;
                    for child in self.group(code).unwrap_or_default() {
                        match states[*child as usize] {
                            State::Unseen => open.push(*child),
                            State::Open => return Err(*child),
                            State::Done => {}
                        }
                    }
                }
                State::Open => {
                    let mut covered = BTreeSet::new();
                    match self.group(code) {
                        None => {
                            covered.insert(code);
                        }
                        Some(children) => {
                            for child in children {
                                covered.extend(&self.covers[*child as usize]);
                            }
                        }
                    }
                    self.covers[at] = covered;
                    states[at] = State::Done;
                    open.pop();
                }
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    Open,
    Done,
}
