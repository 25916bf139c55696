//! Protected quantities: linear forms of one unit's own records.

use std::collections::{BTreeMap, BTreeSet};

use super::Rational;
use super::form::{Form, RecordId};
use super::statement::{Release, Says, Statement};
use super::world::{Cell, World};
use crate::guarantee::Family;
use crate::problem::UnitId;

/// What is protected, how far, against whom the attackers say.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Per cent of the quantity.
    pub p: Rational,
    /// The least that an interval must reach past the truth.
    pub floor: Rational,
    /// Whether intervals must reach below the truth as well.
    pub two_sided: bool,
    /// Families of protected quantities.
    pub families: BTreeSet<Family>,
    /// Further quantities.
    pub extra: Vec<Extra>,
    /// Whether attackers know that figures are whole.
    pub numbers: super::Numbers,
}

/// A unit's share of a sum of cells.
#[derive(Clone, Debug)]
pub struct Extra {
    /// Whose.
    pub unit: UnitId,
    /// Cells, each at a vintage.
    pub cells: Vec<(Cell, i64)>,
}

/// A protected quantity.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Whose.
    pub unit: UnitId,
    /// What it is.
    pub kind: Kind,
    /// Of the unit's records.
    pub form: Form,
}

/// What a protected quantity is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A share of a cell at a vintage.
    Cell(Cell, i64),
    /// Its change from one vintage to the next.
    Delta(Cell, i64, i64),
    /// A share of the hidden part of a published cell.
    Residual(Cell, i64),
    /// A share of a sum that the policy names: its place there.
    Extra(usize),
    /// A share of a sum of base cells that follows from what was said.
    Derived,
}

/// The vintages that the releases are about, ascending.
#[must_use]
pub fn vintages(releases: &[Release]) -> Vec<i64> {
    let all: BTreeSet<i64> = releases.iter().map(|release| release.vintage).collect();
    if all.is_empty() { vec![1] } else { all.into_iter().collect() }
}

/// The protected quantities of all units, each form of a unit once: named after the smallest cell it belongs to.
///
/// Sums that follow from what was said differ from attacker to attacker and are not here: [`super::derivable`].
#[must_use]
pub fn quantities(world: &World, releases: &[Release], policy: &Policy) -> Vec<Quantity> {
    let mut found = Found { world, seen: BTreeSet::new(), list: Vec::new() };
    let lattice = world.lattice();
    let vintages = vintages(releases);
    if policy.families.contains(&Family::Cells) {
        for vintage in &vintages {
            for cell in &lattice {
                found.shares(&world.records_in(cell, *vintage), &Kind::Cell(cell.clone(), *vintage));
            }
        }
    }
    if policy.families.contains(&Family::Relations) {
        for release in releases {
            found.residuals(release);
        }
    }
    if policy.families.contains(&Family::Deltas) {
        for (from, to) in vintages.iter().zip(vintages.iter().skip(1)) {
            for cell in &lattice {
                let mut changes: BTreeMap<UnitId, Vec<(RecordId, Rational)>> = BTreeMap::new();
                for (unit, old, new) in world.revisions(cell, *from, *to) {
                    changes
                        .entry(unit)
                        .or_default()
                        .extend([(new, Rational::ONE), (old, Rational::whole(-1))]);
                }
                for (unit, terms) in changes {
                    found.add(unit, Kind::Delta(cell.clone(), *from, *to), Form::new(terms));
                }
            }
        }
    }
    for (number, extra) in policy.extra.iter().enumerate() {
        let records = extra.cells.iter().flat_map(|(cell, vintage)| world.records_in(cell, *vintage));
        let own: BTreeSet<RecordId> =
            records.filter(|record| world.unit_of(*record) == Some(extra.unit)).collect();
        found.add(extra.unit, Kind::Extra(number), Form::sum(own));
    }
    found.list
}

struct Found<'a> {
    world: &'a World,
    seen: BTreeSet<(UnitId, Form)>,
    list: Vec<Quantity>,
}

impl Found<'_> {
    fn add(&mut self, unit: UnitId, kind: Kind, form: Form) {
        if !form.is_empty() && self.seen.insert((unit, form.clone())) {
            self.list.push(Quantity { unit, kind, form });
        }
    }

    /// Every unit's share of these records.
    fn shares(&mut self, records: &[RecordId], kind: &Kind) {
        for (unit, form) in shares(self.world, records) {
            self.add(unit, kind.clone(), form);
        }
    }

    /// Every unit's share of what is hidden below each published cell, along each dimension.
    fn residuals(&mut self, release: &Release) {
        let mut said: BTreeMap<&Cell, bool> = BTreeMap::new();
        for statement in &release.statements {
            if let Statement::Cell { cell, says, .. } = statement {
                said.insert(cell, matches!(says, Says::Value(_)));
            }
        }
        let published = |cell: &Cell| said.get(cell) == Some(&true);
        for cell in said.keys().filter(|cell| published(cell)) {
            for children in self.world.children(cell) {
                let hidden = children.iter().filter(|child| !published(child));
                let records: BTreeSet<RecordId> =
                    hidden.flat_map(|child| self.world.records_in(child, release.vintage)).collect();
                let records: Vec<RecordId> = records.into_iter().collect();
                self.shares(&records, &Kind::Residual((*cell).clone(), release.vintage));
            }
        }
    }
}

/// Every unit's share of these records.
pub(crate) fn shares(world: &World, records: &[RecordId]) -> BTreeMap<UnitId, Form> {
    let mut by_unit: BTreeMap<UnitId, Vec<RecordId>> = BTreeMap::new();
    for record in records {
        if let Some(unit) = world.unit_of(*record) {
            by_unit.entry(unit).or_default().push(*record);
        }
    }
    by_unit.into_iter().map(|(unit, records)| (unit, Form::sum(records))).collect()
}
