//! The exact judge of a rounded table: is it a rounding of this table, and do the worlds keep the promise?
//!
//! Whole numbers only, no solver, and no code in common with the search for roundings and worlds.
//!
//! # Guarantee
//! If [`check`] says yes, every published value is a multiple of the base within the window of the true one, and every
//! relation of the table holds among them. If [`prove`] says yes, then for each declared attacker, each unit outside it
//! without a waiver, and each cell in which that unit has a share, there is a whole-number table consistent with every
//! published range and with all that the attacker's members contributed, in which the unit's share is as large (and,
//! two-sided, another in which it is as small) as the guarantee asks.
//!
//! Why a table of cells is enough (docs/METHOD.md, "Rounding"): what is left of a base cell after the attacker's own
//! part may belong to any unit outside that has a record there, all of it to one of them.

#![forbid(clippy::float_arithmetic)]

use super::Rounded;
use crate::certificate::World;
use crate::guarantee::{Coalition, Guarantee};
use crate::problem::{Contributions, Direction, Requirement, UnitId};
use crate::table::{CellId, Table};

/// Failures listed at most; the rest is counted.
const FLAWS_MAX: usize = 100;

/// What a release promises of a rounded table.
#[derive(Clone, Copy)]
pub struct Promise<'a> {
    /// Who contributed what; `None` where the cells were summed elsewhere.
    pub contributions: Option<&'a Contributions>,
    /// Who infers, each with the units that pool.
    pub attackers: &'a [Coalition],
    /// What every unit is promised; without it, or without contributions, only `cells` counts.
    pub guarantee: Option<&'a Guarantee>,
    /// How far worlds must move whole cells, against somebody who knows only what is published.
    pub cells: &'a [Requirement],
}

/// A share that some attacker must not know too well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The attacker, by its place among the declared ones.
    pub attacker: usize,
    /// Whose share it is.
    pub unit: UnitId,
    /// In which cell.
    pub cell: CellId,
    /// Which way a world must lie.
    pub direction: Direction,
    /// How far from the truth, in whole units of the scale, at least 1.
    pub need: i64,
}

/// What the worlds were found to prove.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Proved {
    /// Claims of units and requirements of cells, all proved.
    pub claims: usize,
    /// Of these, proved by the true table itself.
    pub by_truth: usize,
    /// Deviations other than zero in all worlds.
    pub deviations: usize,
}

/// Why a rounded table is not one, or does not keep its promise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Flaw {
    /// Another number of cells.
    #[error("{found} cells are rounded, the table has {expected}")]
    Shape {
        /// Cells rounded.
        found: usize,
        /// Cells of the table.
        expected: usize,
    },
    /// The base or the window is none.
    #[error("a base of {base} with a window of {window} is no rounding")]
    Window {
        /// The base.
        base: i64,
        /// The window.
        window: i64,
    },
    /// A value that is no multiple of the base.
    #[error("the published value is no multiple of the base")]
    NotMultiple {
        /// The cell.
        cell: CellId,
    },
    /// A value below zero, or outside of the window around the true one.
    #[error("the published value is too far from the true one")]
    TooFar {
        /// The cell.
        cell: CellId,
    },
    /// Published values that do not add up.
    #[error("the published values do not add up")]
    NotAdditive {
        /// The variable along which the relation runs.
        variable: usize,
        /// The margin of the relation.
        margin: CellId,
    },
    /// A contribution to something that is no cell: linked tables, whose cells nothing adds up to.
    #[error("contributions lie below the cells of linked tables, where worlds of cells prove nothing")]
    NoBaseCells,
    /// A world outside of a published range.
    #[error("world {world} contradicts what is published of the cell")]
    OutOfRange {
        /// The world, from 1.
        world: usize,
        /// The cell.
        cell: CellId,
    },
    /// A world that does not add up.
    #[error("world {world} breaks a relation")]
    RelationBroken {
        /// The world, from 1.
        world: usize,
        /// The variable along which the relation runs.
        variable: usize,
        /// The margin of the relation.
        margin: CellId,
    },
    /// No world moves a unit's share far enough for an attacker.
    #[error("no world moves a unit's share of the cell far enough")]
    Unproved {
        /// What is not proved.
        claim: Claim,
    },
    /// No world moves the cell far enough.
    #[error("no world moves the cell far enough")]
    CellUnproved {
        /// What is not proved.
        requirement: Requirement,
    },
    /// More flaws than are listed.
    #[error("{more} more flaws are not listed")]
    More {
        /// How many.
        more: usize,
    },
}

impl Flaw {
    /// What the holder of the release can do.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Shape { .. } | Self::Window { .. } => {
                "check the release against the specification it was made from"
            }
            Self::NotMultiple { .. } | Self::TooFar { .. } | Self::NotAdditive { .. } => {
                "do not release this table; run `tearline protect` again"
            }
            Self::NoBaseCells => "round the linked tables one by one, or choose \"ranges\"",
            Self::OutOfRange { .. } | Self::RelationBroken { .. } => {
                "the certificate is not of this release or was changed; do not rely on it"
            }
            Self::Unproved { .. } | Self::CellUnproved { .. } => {
                "choose a larger base, or a coarser breakdown around the cell"
            }
            Self::More { .. } => "mend the ones that are listed first",
        }
    }

    /// The cell it is about, if it is about one.
    #[must_use]
    pub const fn cell(&self) -> Option<CellId> {
        match self {
            Self::NotMultiple { cell } | Self::TooFar { cell } | Self::OutOfRange { cell, .. } => Some(*cell),
            Self::NotAdditive { margin, .. } | Self::RelationBroken { margin, .. } => Some(*margin),
            Self::Unproved { claim } => Some(claim.cell),
            Self::CellUnproved { requirement } => Some(requirement.cell),
            Self::Shape { .. } | Self::Window { .. } | Self::NoBaseCells | Self::More { .. } => None,
        }
    }
}

/// Whether this is a controlled rounding of the table. Cost: one pass over the cells a variable.
///
/// # Errors
/// Every flaw, the first hundred of them listed.
pub fn check(table: &Table, rounded: &Rounded) -> Result<(), Vec<Flaw>> {
    if rounded.len() != table.len() {
        return Err(vec![Flaw::Shape { found: rounded.len(), expected: table.len() }]);
    }
    let (base, window) = (rounded.base(), rounded.window());
    let windows = [1, 2].map(|factor| i128::from(base) * factor - 1);
    if base < 2 || !windows.contains(&i128::from(window)) {
        return Err(vec![Flaw::Window { base, window }]);
    }
    let mut flaws = Vec::new();
    for cell in table.cells() {
        let value = rounded.value(cell);
        let moved = i128::from(value) - i128::from(table.figure(cell).open());
        if value % base != 0 {
            flaws.push(Flaw::NotMultiple { cell });
        }
        if value < 0 || moved.abs() > i128::from(window) {
            flaws.push(Flaw::TooFar { cell });
        }
    }
    let values = |cell: CellId| i128::from(rounded.value(cell));
    let broken = relations_broken(table, values).into_iter();
    flaws.extend(broken.map(|(variable, margin)| Flaw::NotAdditive { variable, margin }));
    finish(flaws)
}

/// The relations in which a margin is not the sum of its parts.
fn relations_broken(table: &Table, value: impl Fn(CellId) -> i128) -> Vec<(usize, CellId)> {
    let mut broken = Vec::new();
    for variable in 0..table.hierarchies().len() {
        let mut sums = vec![0_i128; table.len()];
        for cell in table.cells() {
            if let Some(margin) = table.parent(variable, cell) {
                sums[margin.index()] += value(cell);
            }
        }
        let margins = table.cells().filter(|&cell| table.is_margin(variable, cell));
        broken.extend(
            margins.filter(|&cell| sums[cell.index()] != value(cell)).map(|margin| (variable, margin)),
        );
    }
    broken
}

fn finish(mut flaws: Vec<Flaw>) -> Result<(), Vec<Flaw>> {
    let more = flaws.len().saturating_sub(FLAWS_MAX);
    if more > 0 {
        flaws.truncate(FLAWS_MAX);
        flaws.push(Flaw::More { more });
    }
    if flaws.is_empty() { Ok(()) } else { Err(flaws) }
}

/// Whether the worlds, and the true table beside them, keep the promise.
///
/// Cost: `O(a w s)` at worst for `a` attackers, `w` worlds and `s` pairs of a contribution and a cell above it; most
/// claims are proved by the true table, and worlds are looked at only for units that have others.
///
/// # Errors
/// Every flaw, the first hundred of them listed.
pub fn prove(
    table: &Table,
    promise: &Promise<'_>,
    rounded: &Rounded,
    worlds: &[World],
) -> Result<Proved, Vec<Flaw>> {
    check(table, rounded)?;
    let mut flaws = Vec::new();
    let truth = vec![0_i64; table.len()];
    let mut deviations = vec![truth];
    let mut proved = Proved::default();
    for (number, world) in (1..).zip(worlds) {
        proved.deviations += world.deviations().len();
        deviations.extend(sound(table, rounded, number, world, &mut flaws));
    }
    for &requirement in promise.cells {
        proved.claims += 1;
        let reached = |world: &Vec<i64>| {
            let deviation = world.get(requirement.cell.index()).copied().unwrap_or(0);
            match requirement.direction {
                Direction::Up => deviation >= requirement.need,
                Direction::Down => deviation <= -requirement.need,
            }
        };
        if !deviations.iter().any(reached) {
            flaws.push(Flaw::CellUnproved { requirement });
        }
    }
    if let (Some(contributions), Some(guarantee)) = (promise.contributions, promise.guarantee) {
        match Shares::new(table, contributions) {
            Some(shares) => {
                for (attacker, coalition) in promise.attackers.iter().enumerate() {
                    let court = Court { table, shares: &shares, guarantee, coalition, attacker };
                    court.judge(&deviations, &mut proved, &mut flaws);
                }
            }
            None => flaws.push(Flaw::NoBaseCells),
        }
    }
    finish(flaws).map(|()| proved)
}

/// The world's deviation of every cell, if it is a table inside every range.
fn sound(
    table: &Table,
    rounded: &Rounded,
    number: usize,
    world: &World,
    flaws: &mut Vec<Flaw>,
) -> Option<Vec<i64>> {
    let before = flaws.len();
    let mut dense = vec![0_i64; table.len()];
    for &(cell, deviation) in world.deviations() {
        let Some(place) = dense.get_mut(cell.index()) else {
            flaws.push(Flaw::Shape { found: cell.index() + 1, expected: table.len() });
            return None;
        };
        *place = deviation;
        let value = i128::from(table.figure(cell).open()) + i128::from(deviation);
        let range = rounded.range(cell);
        let above = range.high.is_some_and(|high| value > i128::from(high));
        if value < i128::from(range.low) || above {
            flaws.push(Flaw::OutOfRange { world: number, cell });
        }
    }
    // The true table is additive, so the world is exactly when its deviations are.
    let broken = relations_broken(table, |cell| i128::from(dense[cell.index()]));
    flaws.extend(broken.into_iter().map(|(variable, margin)| Flaw::RelationBroken {
        world: number,
        variable,
        margin,
    }));
    (flaws.len() == before).then_some(dense)
}

/// Who has what in which base cell.
struct Shares {
    /// By unit.
    units: Vec<Unit>,
    /// By cell: whether anybody contributed to it.
    is_base: Vec<bool>,
}

/// One unit's part of the table.
#[derive(Default)]
struct Unit {
    waived: bool,
    /// Base cells with the amount, ascending, each once.
    rows: Vec<(CellId, i64)>,
    /// Every cell that a row counts in, ascending.
    cells: Vec<CellId>,
    /// By row: the places among `cells` of those that it counts in.
    places: Vec<Vec<usize>>,
}

impl Shares {
    fn new(table: &Table, contributions: &Contributions) -> Option<Self> {
        let count = contributions.units.iter().map(|unit| unit.0 as usize + 1).max().unwrap_or(0);
        let mut rows: Vec<Vec<(CellId, i64)>> = vec![Vec::new(); count];
        let mut is_base = vec![false; table.len()];
        let codes = contributions.nodes.chunks_exact(contributions.variables.max(1));
        for ((nodes, unit), figure) in codes.zip(&contributions.units).zip(&contributions.figures) {
            let cell = table.cell(nodes)?;
            rows[unit.0 as usize].push((cell, figure.open()));
            is_base[cell.index()] = true;
        }
        let waived = |unit: usize| contributions.waived.get(unit).copied().unwrap_or(false);
        let units = rows.into_iter().enumerate();
        Some(Self {
            units: units.map(|(unit, rows)| Unit::new(table, rows, waived(unit))).collect(),
            is_base,
        })
    }
}

impl Unit {
    fn new(table: &Table, mut rows: Vec<(CellId, i64)>, waived: bool) -> Self {
        rows.sort_unstable_by_key(|&(cell, _)| cell);
        rows.dedup_by(|next, first| {
            let same = next.0 == first.0;
            first.1 += if same { next.1 } else { 0 };
            same
        });
        let above: Vec<Vec<CellId>> = rows.iter().map(|&(cell, _)| cells_above(table, cell)).collect();
        let mut cells: Vec<CellId> = above.iter().flatten().copied().collect();
        cells.sort_unstable();
        cells.dedup();
        let place = |cell: &CellId| cells.binary_search(cell).unwrap_or(usize::MAX);
        let places = above.iter().map(|above| above.iter().map(place).collect()).collect();
        Self { waived, rows, cells, places }
    }

    /// For every cell that a row counts in: what these rows add up to.
    fn sums(&self, of: impl Fn(CellId, i64) -> i128) -> Vec<i128> {
        let mut sums = vec![0_i128; self.cells.len()];
        for (&(cell, amount), places) in self.rows.iter().zip(&self.places) {
            let amount = of(cell, amount);
            for &place in places {
                sums[place] += amount;
            }
        }
        sums
    }
}

/// The cell and every cell that sums it, each once.
fn cells_above(table: &Table, cell: CellId) -> Vec<CellId> {
    let mut cells = vec![cell];
    for variable in 0..table.hierarchies().len() {
        for place in 0..cells.len() {
            let mut at = cells[place];
            while let Some(margin) = table.parent(variable, at) {
                cells.push(margin);
                at = margin;
            }
        }
    }
    cells
}

/// What one attacker knows, put to the worlds.
struct Court<'a> {
    table: &'a Table,
    shares: &'a Shares,
    guarantee: &'a Guarantee,
    coalition: &'a Coalition,
    attacker: usize,
}

impl Court<'_> {
    fn judge(&self, worlds: &[Vec<i64>], proved: &mut Proved, flaws: &mut Vec<Flaw>) {
        let mut own = vec![0_i64; self.table.len()];
        let mut outsiders = vec![0_u32; self.table.len()];
        for (id, unit) in self.units() {
            for &(cell, amount) in &unit.rows {
                if self.coalition.has(id) {
                    own[cell.index()] += amount;
                } else {
                    outsiders[cell.index()] += 1;
                }
            }
        }
        let left = |world: &[i64], cell: CellId| {
            i128::from(self.table.figure(cell).open()) + i128::from(world[cell.index()])
                - i128::from(own[cell.index()])
        };
        // What is left for others is never negative, and nothing where there are none.
        let possible = |world: &Vec<i64>| {
            self.table.cells().filter(|cell| self.shares.is_base[cell.index()]).all(|cell| {
                let rest = left(world, cell);
                if outsiders[cell.index()] == 0 { rest == 0 } else { rest >= 0 }
            })
        };
        let worlds: Vec<(usize, &Vec<i64>)> =
            worlds.iter().enumerate().filter(|(_, world)| possible(world)).collect();
        for (id, unit) in self.units().filter(|(id, unit)| !self.coalition.has(*id) && !unit.waived) {
            let mut open = self.claims(id, unit);
            proved.claims += open.len();
            for &(number, world) in &worlds {
                if open.is_empty() {
                    break;
                }
                let most = unit.sums(|cell, _| left(world, cell));
                let alone = |cell: CellId| outsiders[cell.index()] == 1;
                let least = match self.guarantee.two_sided {
                    true => unit.sums(|cell, _| if alone(cell) { left(world, cell) } else { 0 }),
                    false => Vec::new(),
                };
                let before = open.len();
                open.retain(|(claim, place, truth)| match claim.direction {
                    Direction::Up => most[*place] < truth + i128::from(claim.need),
                    Direction::Down => least[*place] > (truth - i128::from(claim.need)).max(0),
                });
                proved.by_truth += if number == 0 { before - open.len() } else { 0 };
            }
            flaws.extend(open.into_iter().map(|(claim, ..)| Flaw::Unproved { claim }));
        }
    }

    fn units(&self) -> impl Iterator<Item = (UnitId, &Unit)> {
        (0_u32..).map(UnitId).zip(&self.shares.units)
    }

    /// Every claim of a unit, with the place of its cell among the unit's and the true share.
    fn claims(&self, id: UnitId, unit: &Unit) -> Vec<(Claim, usize, i128)> {
        let directions = &[Direction::Up, Direction::Down][..if self.guarantee.two_sided { 2 } else { 1 }];
        let truths = unit.sums(|_, amount| i128::from(amount));
        let cells = unit.cells.iter().zip(truths).enumerate();
        let claims = cells.flat_map(|(place, (&cell, truth))| {
            // A sum of figures of one cell is below the limit.
            let need = self.guarantee.need(i64::try_from(truth).unwrap_or(i64::MAX)).max(1);
            directions.iter().map(move |&direction| {
                (Claim { attacker: self.attacker, unit: id, cell, direction, need }, place, truth)
            })
        });
        claims.collect()
    }
}
