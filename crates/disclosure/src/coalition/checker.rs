//! The exact checker of the guarantee: decides from witness worlds alone whether a pattern is safe from coalitions.
//!
//! Whole numbers only, no solver, and no code in common with the search: everything is worked out again from the
//! contributions. A world is a whole table; it is *possible* for an attacker when it changes nothing published, keeps
//! every lowest cell at or above what the attacker's members have there, and leaves alone what they know entirely.
//! Cost: one addition for every record, cell above it and world. The proof note is `checker.proof.md` beside this file.
//!
//! # Guarantee
//! If [`check`] says yes, then for every coalition, every unit outside of it that has not waived, and every quantity
//! of the families asked for, there are figures of the units outside, equal to the truth in everything published and
//! in all that the coalition knows, that give the unit at least the need more than it has; and its quantity is no
//! single point.

#![forbid(clippy::float_arithmetic)]

use std::collections::{BTreeMap, HashMap};

use super::shares::cells_above;
use crate::certificate::{Certificate, World};
use crate::checker::{self, Failure as Flaw};
use crate::guarantee::{Coalition, Family, Guarantee};
use crate::pattern::Pattern;
use crate::problem::{Contributions, Problem, UnitId};
use crate::table::{CellId, Table};

/// Failures listed at most; the rest is counted.
const FAILURES_MAX: usize = 100;

/// What is claimed to be safe.
pub struct Claim<'a> {
    /// The table, and what is settled of it.
    pub problem: &'a Problem,
    /// What is published.
    pub pattern: &'a Pattern,
    /// From whom.
    pub coalitions: &'a [Coalition],
    /// What is promised.
    pub guarantee: &'a Guarantee,
}

/// What a certificate was found to prove.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Worlds in the certificate.
    pub worlds: usize,
    /// Quantities of units, one a coalition, proved.
    pub quantities: usize,
    /// Nonzero deviations in all worlds.
    pub deviations: usize,
}

/// Which way a quantity is exposed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exposure {
    /// No world gives the unit enough more.
    Above,
    /// No world gives it enough less.
    Below,
    /// Every world gives it the same.
    Exact,
}

/// Why a certificate does not prove a pattern safe.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// A world is no table that the release allows.
    #[error(transparent)]
    World(#[from] Flaw),
    /// A contribution stands at a cell that the table does not have.
    #[error("a contribution stands at no cell of the table")]
    Stray,
    /// A unit's quantity is not covered.
    #[error("no world hides unit {} from coalition {coalition} far enough", unit.0)]
    Exposed {
        /// The coalition, by its place in the list.
        coalition: usize,
        /// The victim.
        unit: UnitId,
        /// The cell, or the published margin whose hidden parts are meant.
        cell: CellId,
        /// For hidden parts of a margin: the variable along which they add up.
        along: Option<usize>,
        /// Which way.
        exposure: Exposure,
    },
    /// More failures than are listed.
    #[error("{more} more failures are not listed")]
    More {
        /// How many.
        more: usize,
    },
}

impl Failure {
    /// What the holder of the release can do.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::World(flaw) => flaw.advice(),
            Self::Stray => "check the release against the specification it was made from",
            Self::Exposed { .. } => "run `tearline audit` to see whether the unit is exposed",
            Self::More { .. } => "mend the ones that are listed first",
        }
    }
}

/// Checks every world and every quantity.
///
/// # Errors
/// Every failure found, the first hundred of them listed.
pub fn check(
    claim: &Claim<'_>,
    contributions: &Contributions,
    certificate: &Certificate,
) -> Result<Checked, Vec<Failure>> {
    let table = claim.problem.table();
    let flaws = checker::check_worlds(claim.problem, claim.pattern, certificate);
    if !flaws.is_empty() {
        return Err(listed(flaws.into_iter().map(Failure::World).collect()));
    }
    let Some(holdings) = Holdings::new(table, contributions) else { return Err(vec![Failure::Stray]) };
    let moved: Vec<Moved> =
        certificate.worlds.iter().map(|world| Moved::new(table, &holdings, world)).collect();
    let relations = hidden_parts(claim, &holdings);
    let mut judge = Judge {
        claim,
        holdings: &holdings,
        moved: &moved,
        relations: &relations,
        failures: Vec::new(),
        quantities: 0,
    };
    for coalition in 0..claim.coalitions.len() {
        judge.judge(coalition);
    }
    if judge.failures.is_empty() {
        let deviations = certificate.worlds.iter().map(|world| world.deviations().len()).sum();
        return Ok(Checked { worlds: certificate.worlds.len(), quantities: judge.quantities, deviations });
    }
    Err(listed(judge.failures))
}

fn listed(mut failures: Vec<Failure>) -> Vec<Failure> {
    let more = failures.len().saturating_sub(FAILURES_MAX);
    if more > 0 {
        failures.truncate(FAILURES_MAX);
        failures.push(Failure::More { more });
    }
    failures
}

/// Who has what: one holding a unit and lowest cell, and where each counts.
struct Holdings<'a> {
    contributions: &'a Contributions,
    /// By holding.
    of: Vec<(CellId, UnitId, i64)>,
    /// By holding: the numbers of its unit in the cells above.
    above: Vec<Vec<u32>>,
    /// Number of a unit in a cell.
    numbers: HashMap<(CellId, UnitId), u32>,
    /// By that number.
    places: Vec<(CellId, UnitId)>,
    by_leaf: HashMap<CellId, Vec<u32>>,
}

impl<'a> Holdings<'a> {
    fn new(table: &Table, contributions: &'a Contributions) -> Option<Self> {
        let mut sums: BTreeMap<(CellId, UnitId), i64> = BTreeMap::new();
        let leaves = contributions.nodes.chunks_exact(contributions.variables.max(1));
        for ((leaf, &unit), figure) in leaves.zip(&contributions.units).zip(&contributions.figures) {
            *sums.entry((table.cell(leaf)?, unit)).or_default() += figure.open();
        }
        let mut holdings = Self {
            contributions,
            of: sums.into_iter().map(|((leaf, unit), amount)| (leaf, unit, amount)).collect(),
            above: Vec::new(),
            numbers: HashMap::new(),
            places: Vec::new(),
            by_leaf: HashMap::new(),
        };
        for number in 0..holdings.of.len() {
            let (leaf, unit, _) = holdings.of[number];
            let mut above = Vec::new();
            for cell in cells_above(table, leaf) {
                let next = u32::try_from(holdings.places.len()).ok()?;
                let place = *holdings.numbers.entry((cell, unit)).or_insert(next);
                if place == next {
                    holdings.places.push((cell, unit));
                }
                above.push(place);
            }
            holdings.above.push(above);
            holdings.by_leaf.entry(leaf).or_default().push(u32::try_from(number).ok()?);
        }
        Some(holdings)
    }

    fn waived(&self, unit: UnitId) -> bool {
        self.contributions.waived.get(unit.0 as usize).copied().unwrap_or(false)
    }
}

/// One world: how far each lowest cell moves, and each unit's cells where it has records.
struct Moved {
    leaves: Vec<(CellId, i64)>,
    /// By the number of a unit in a cell, ascending: the sum over lowest cells where the unit has a record.
    sums: Vec<(u32, i64)>,
}

impl Moved {
    fn new(table: &Table, holdings: &Holdings<'_>, world: &World) -> Self {
        let is_leaf = |cell: CellId| table.margin_along(cell).variables().next().is_none();
        let leaves: Vec<(CellId, i64)> =
            world.deviations().iter().copied().filter(|&(cell, _)| is_leaf(cell)).collect();
        let mut sums: HashMap<u32, i64> = HashMap::new();
        for &(leaf, deviation) in &leaves {
            for &holding in holdings.by_leaf.get(&leaf).into_iter().flatten() {
                for &place in &holdings.above[holding as usize] {
                    *sums.entry(place).or_default() += deviation;
                }
            }
        }
        let mut sums: Vec<(u32, i64)> = sums.into_iter().collect();
        sums.sort_unstable();
        Self { leaves, sums }
    }
}

/// One unit's quantity as a coalition sees it.
#[derive(Clone, Copy, Default)]
struct Known {
    amount: i64,
    /// What all units outside have where this unit has a record: as much can be its own.
    reach: i64,
    /// What it has where nobody else outside has a record: as much it must have.
    alone: i64,
    /// Whether the present totals alone leave its amount open.
    loose: bool,
}

/// What worlds add to a quantity.
#[derive(Clone, Copy, Default)]
struct Range {
    most: i64,
    least: i64,
    /// The least over cells where the unit is alone.
    least_alone: i64,
}

impl Range {
    fn take(&mut self, moved: i64) {
        self.most = self.most.max(moved);
        self.least = self.least.min(moved);
    }
}

/// The hidden parts of a published margin, and the numbers of each unit in them.
struct Relation {
    margin: CellId,
    along: usize,
    places: Vec<(UnitId, Vec<u32>)>,
}

fn hidden_parts(claim: &Claim<'_>, holdings: &Holdings<'_>) -> Vec<Relation> {
    if !claim.guarantee.families.contains(&Family::Relations) {
        return Vec::new();
    }
    let (table, pattern) = (claim.problem.table(), claim.pattern);
    let mut units_in: HashMap<CellId, Vec<(UnitId, u32)>> = HashMap::new();
    for (place, &(cell, unit)) in (0_u32..).zip(&holdings.places) {
        units_in.entry(cell).or_default().push((unit, place));
    }
    let mut relations = Vec::new();
    for margin in table.cells().filter(|&cell| !pattern.hidden(cell)) {
        for along in (0..table.hierarchies().len()).filter(|&v| table.is_margin(v, margin)) {
            let parts = table.children(along, margin).filter(|&part| pattern.hidden(part));
            let mut places: BTreeMap<UnitId, Vec<u32>> = BTreeMap::new();
            for &(unit, place) in parts.filter_map(|part| units_in.get(&part)).flatten() {
                places.entry(unit).or_default().push(place);
            }
            if !places.is_empty() {
                relations.push(Relation { margin, along, places: places.into_iter().collect() });
            }
        }
    }
    relations
}

struct Judge<'a> {
    claim: &'a Claim<'a>,
    holdings: &'a Holdings<'a>,
    moved: &'a [Moved],
    relations: &'a [Relation],
    failures: Vec<Failure>,
    quantities: usize,
}

impl Judge<'_> {
    fn judge(&mut self, number: usize) {
        let coalition = &self.claim.coalitions[number];
        let holdings = self.holdings;
        let mut left: HashMap<CellId, (i64, u32)> = HashMap::new();
        for &(leaf, _, amount) in holdings.of.iter().filter(|holding| !coalition.has(holding.1)) {
            let here = left.entry(leaf).or_default();
            *here = (here.0 + amount, here.1 + 1);
        }
        let mut known = vec![Known::default(); holdings.places.len()];
        for (&(leaf, unit, amount), above) in holdings.of.iter().zip(&holdings.above) {
            if coalition.has(unit) {
                continue;
            }
            let (rest, units) = left[&leaf];
            for &place in above {
                let quantity = &mut known[place as usize];
                quantity.amount += amount;
                quantity.reach += rest;
                quantity.alone += if units == 1 { amount } else { 0 };
                quantity.loose |= units > 1 && rest > 0;
            }
        }
        let possible: Vec<usize> = (0..self.moved.len())
            .filter(|&world| {
                self.moved[world]
                    .leaves
                    .iter()
                    .all(|(leaf, deviation)| left.get(leaf).is_some_and(|&(rest, _)| rest + deviation >= 0))
            })
            .collect();
        let mut ranges = vec![Range::default(); known.len()];
        for &world in &possible {
            for &(place, moved) in &self.moved[world].sums {
                ranges[place as usize].take(moved);
            }
        }
        if self.claim.guarantee.two_sided {
            self.look_down(&possible, &left, &mut ranges);
        }
        if self.claim.guarantee.families.contains(&Family::Cells) {
            for (place, &(cell, unit)) in holdings.places.iter().enumerate() {
                if !coalition.has(unit) && !holdings.waived(unit) {
                    self.weigh(number, unit, cell, None, known[place], ranges[place]);
                }
            }
        }
        for relation in self.relations {
            for (unit, places) in &relation.places {
                if coalition.has(*unit) || holdings.waived(*unit) {
                    continue;
                }
                let sum = self.add_up(places, &known);
                let range = if self.holds(sum, Range::default()) {
                    Range::default()
                } else {
                    self.range_of(places, &possible, &left)
                };
                self.weigh(number, *unit, relation.margin, Some(relation.along), sum, range);
            }
        }
    }

    /// Whether the present totals alone, or these worlds, cover a quantity.
    fn holds(&self, known: Known, range: Range) -> bool {
        let guarantee = self.claim.guarantee;
        let need = guarantee.need(known.amount);
        let low = known.amount.saturating_sub(need).max(0);
        known.reach + range.most >= known.amount.saturating_add(need)
            && (known.loose || range.most != 0 || range.least != 0)
            && (!guarantee.two_sided || known.alone + range.least_alone <= low)
    }

    /// How far the cells where a unit is alone can fall together.
    fn look_down(&self, possible: &[usize], left: &HashMap<CellId, (i64, u32)>, ranges: &mut [Range]) {
        for &world in possible {
            let mut falls: BTreeMap<u32, i64> = BTreeMap::new();
            for &(leaf, deviation) in &self.moved[world].leaves {
                for &place in self.only_holder(leaf, left).into_iter().flat_map(|h| &self.holdings.above[h]) {
                    *falls.entry(place).or_default() += deviation;
                }
            }
            for (place, moved) in falls {
                let range = &mut ranges[place as usize];
                range.least_alone = range.least_alone.min(moved);
            }
        }
    }

    /// The holding of the only unit outside with a record in the cell. Units of the coalition are told from it by
    /// what is left: nothing is left of a cell that has none.
    fn only_holder(&self, leaf: CellId, left: &HashMap<CellId, (i64, u32)>) -> Vec<usize> {
        match left.get(&leaf) {
            Some((_, 1)) => {
                let here = self.holdings.by_leaf.get(&leaf).into_iter().flatten();
                here.map(|&holding| holding as usize).collect()
            }
            _ => Vec::new(),
        }
    }

    fn weigh(
        &mut self,
        coalition: usize,
        unit: UnitId,
        cell: CellId,
        along: Option<usize>,
        known: Known,
        range: Range,
    ) {
        self.quantities += 1;
        let need = self.claim.guarantee.need(known.amount);
        let exposed = |exposure| Failure::Exposed { coalition, unit, cell, along, exposure };
        if known.reach + range.most < known.amount.saturating_add(need) {
            self.failures.push(exposed(Exposure::Above));
        } else if !known.loose && range.most == 0 && range.least == 0 {
            self.failures.push(exposed(Exposure::Exact));
        }
        let low = known.amount.saturating_sub(need).max(0);
        if self.claim.guarantee.two_sided && known.alone + range.least_alone > low {
            self.failures.push(exposed(Exposure::Below));
        }
    }

    fn add_up(&self, places: &[u32], known: &[Known]) -> Known {
        places.iter().map(|&place| known[place as usize]).fold(Known::default(), |sum, next| Known {
            amount: sum.amount + next.amount,
            reach: sum.reach + next.reach,
            alone: sum.alone + next.alone,
            loose: sum.loose || next.loose,
        })
    }

    fn range_of(&self, places: &[u32], possible: &[usize], left: &HashMap<CellId, (i64, u32)>) -> Range {
        let mut range = Range::default();
        for &world in possible {
            let sums = &self.moved[world].sums;
            let of = |place: &u32| {
                sums.binary_search_by_key(place, |&(place, _)| place).map_or(0, |found| sums[found].1)
            };
            range.take(places.iter().map(of).sum());
            if self.claim.guarantee.two_sided {
                let leaves = self.moved[world].leaves.iter();
                let counts =
                    |holding: &usize| self.holdings.above[*holding].iter().any(|p| places.contains(p));
                let fall: i64 = leaves
                    .map(|&(leaf, moved)| moved * i64::from(self.only_holder(leaf, left).iter().any(counts)))
                    .sum();
                range.least_alone = range.least_alone.min(fall);
            }
        }
        range
    }
}
