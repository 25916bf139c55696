//! Sums contributions to the cells of every crossed level and hands the shares of each to a judge, such as the
//! primary rules.
//!
//! One pass a crossed level: rows are dealt into buckets by cell, then summed by unit within a bucket. Dealing
//! instead of sorting keeps millions of rows and thousands of units linear; where the crossed codes are too many
//! for an array of buckets, the rows are sorted instead.

use std::ops::Range;

use crate::Figure;
use crate::block::{Spanning, VariableSet};
use crate::guarantee::UnitShare;
use crate::hierarchy::{Hierarchy, NodeId};
use crate::problem::{Contributions, UnitId};
use crate::rule::{Protection, Rules, Share};
use crate::table::{self, TableError};

/// One cell with what the judge says of it.
pub(crate) struct Assessed<J> {
    pub(crate) key: u64,
    pub(crate) total: Figure,
    pub(crate) contributors: u32,
    /// Rows of contributions in it.
    pub(crate) rows: u64,
    pub(crate) judged: J,
}

/// Crossed codes up to this many are dealt into an array of buckets: 256 MiB of counts at the most.
const BUCKETS_MAX: u64 = 1 << 26;
/// Buckets up to this many rows are sorted by unit; longer ones are summed in an array over all units.
const SORTED_MAX: usize = 48;

/// Every cell of the blocks that has a contribution, with the protection that the rules ask for it; by ascending key.
pub(crate) fn all_cells(
    spanning: &Spanning,
    contributions: &Contributions,
    rules: &Rules,
) -> Result<Vec<Assessed<Option<Protection>>>, TableError> {
    let mut sorted: Vec<Share> = Vec::new();
    judged_cells(spanning, contributions, |shares| {
        sorted.clear();
        sorted.extend(shares.iter().map(|share| Share { amount: share.amount, waived: share.waived }));
        rules.protection(&mut sorted)
    })
}

/// Every cell of the blocks that has a contribution, with what the judge says of its shares, one a unit and in no
/// order; by ascending key.
pub(crate) fn judged_cells<J>(
    spanning: &Spanning,
    contributions: &Contributions,
    judge: impl FnMut(&[UnitShare]) -> J,
) -> Result<Vec<Assessed<J>>, TableError> {
    let hierarchies = spanning.hierarchies();
    let strides = table::strides(hierarchies)?;
    let space =
        strides.first().zip(hierarchies.first()).map_or(1, |(stride, tree)| stride * tree.len() as u64);
    let units = contributions.units.iter().map(|unit| unit.0 as usize + 1).max().unwrap_or(0);
    let mut assessor = Assessor {
        hierarchies,
        strides: &strides,
        contributions,
        judge,
        amounts: vec![0; units],
        shares: Vec::new(),
        assessed: Vec::new(),
    };
    let mut levels = vec![0_u32; hierarchies.len()];
    loop {
        let below_root: VariableSet = (0..levels.len()).filter(|&variable| levels[variable] > 0).collect();
        if spanning.blocks().cross(below_root) {
            assessor.level(deal(hierarchies, &strides, &levels, contributions, space))?;
        }
        let Some(variable) = (0..levels.len()).find(|&v| levels[v] < hierarchies[v].depth_max()) else {
            break;
        };
        levels[variable] += 1;
        levels[..variable].fill(0);
    }
    let mut assessed = assessor.assessed;
    assessed.sort_unstable_by_key(|cell| cell.key);
    Ok(assessed)
}

/// Rows of one crossed level, those of one cell side by side.
struct Dealt {
    rows: Vec<(UnitId, i64)>,
    cells: Vec<(u64, Range<usize>)>,
}

fn deal(
    hierarchies: &[Hierarchy],
    strides: &[u64],
    levels: &[u32],
    contributions: &Contributions,
    space: u64,
) -> Dealt {
    // For each variable and node: what its ancestor at this level adds to a key.
    let parts: Vec<Vec<Option<u64>>> = hierarchies
        .iter()
        .zip(levels)
        .zip(strides)
        .map(|((tree, &level), stride)| {
            let ancestors = tree.ancestors_at(level).into_iter();
            ancestors.map(|ancestor| ancestor.map(|node| stride * u64::from(node.0))).collect()
        })
        .collect();
    let keys = || {
        contributions.nodes.chunks_exact(contributions.variables).map(|nodes| {
            nodes.iter().zip(&parts).map(|(node, parts)| parts[node.index()]).sum::<Option<u64>>()
        })
    };
    let row = |place: usize| (contributions.units[place], contributions.figures[place].open());
    if space > BUCKETS_MAX {
        let mut order: Vec<(u64, usize)> =
            keys().enumerate().filter_map(|(place, key)| Some((key?, place))).collect();
        order.sort_unstable();
        let mut cells: Vec<(u64, Range<usize>)> = Vec::new();
        for (position, &(key, _)) in order.iter().enumerate() {
            match cells.last_mut() {
                Some((last, range)) if *last == key => range.end = position + 1,
                _ => cells.push((key, position..position + 1)),
            }
        }
        return Dealt { rows: order.into_iter().map(|(_, place)| row(place)).collect(), cells };
    }
    let mut counts = vec![0_u32; usize::try_from(space).unwrap_or(0)];
    for key in keys().flatten() {
        counts[bucket(key)] += 1;
    }
    let mut cells = Vec::new();
    let mut start = 0_usize;
    for (key, count) in (0_u64..).zip(&mut counts) {
        let rows = *count as usize;
        // From here on the count is where the next row of the cell goes.
        *count = u32::try_from(start).unwrap_or(u32::MAX);
        if rows > 0 {
            cells.push((key, start..start + rows));
            start += rows;
        }
    }
    let mut rows = vec![(UnitId(0), 0_i64); start];
    for (place, key) in keys().enumerate() {
        if let Some(key) = key {
            let next = &mut counts[bucket(key)];
            rows[*next as usize] = row(place);
            *next += 1;
        }
    }
    Dealt { rows, cells }
}

/// Keys are below the number of buckets, which fits the address space.
fn bucket(key: u64) -> usize {
    usize::try_from(key).unwrap_or(usize::MAX)
}

struct Assessor<'a, J, F> {
    hierarchies: &'a [Hierarchy],
    strides: &'a [u64],
    contributions: &'a Contributions,
    judge: F,
    /// By unit; all zero between cells.
    amounts: Vec<i64>,
    shares: Vec<UnitShare>,
    assessed: Vec<Assessed<J>>,
}

impl<J, F: FnMut(&[UnitShare]) -> J> Assessor<'_, J, F> {
    fn level(&mut self, mut dealt: Dealt) -> Result<(), TableError> {
        self.assessed.reserve(dealt.cells.len());
        for (key, range) in dealt.cells {
            let rows = range.len() as u64;
            let total = self.sum_by_unit(&mut dealt.rows[range]);
            let Some(total) = total.filter(|&total| total < Figure::LIMIT) else {
                return Err(TableError::OutOfRange { cell: describe(self.hierarchies, self.strides, key) });
            };
            self.assessed.push(Assessed {
                key,
                total: Figure::new(total),
                contributors: u32::try_from(self.shares.len()).unwrap_or(u32::MAX),
                rows,
                judged: (self.judge)(&self.shares),
            });
        }
        Ok(())
    }

    /// Fills `shares` with one share a unit; the cell's total, unless it overflows.
    fn sum_by_unit(&mut self, rows: &mut [(UnitId, i64)]) -> Option<i64> {
        self.shares.clear();
        let mut total = 0_i64;
        for &(_, amount) in &*rows {
            total = total.checked_add(amount)?;
        }
        let waived = &self.contributions.waived;
        let share = |unit: UnitId, amount: i64| {
            let waived = waived.get(unit.0 as usize).copied().unwrap_or(false);
            UnitShare { unit, amount, waived }
        };
        if rows.len() <= SORTED_MAX {
            rows.sort_unstable();
            for unit in rows.chunk_by(|a, b| a.0 == b.0) {
                // Parts of a sum that fits fit as well: figures are not negative.
                self.shares.push(share(unit[0].0, unit.iter().map(|row| row.1).sum()));
            }
            return Some(total);
        }
        // One is added to every sum that has begun, so that a unit whose figures are all zero is seen as well.
        let mut seen: Vec<UnitId> = Vec::new();
        for &(unit, amount) in &*rows {
            let sum = &mut self.amounts[unit.0 as usize];
            if *sum == 0 {
                seen.push(unit);
                *sum = 1;
            }
            *sum += amount;
        }
        for unit in seen {
            let sum = std::mem::take(&mut self.amounts[unit.0 as usize]);
            self.shares.push(share(unit, sum - 1));
        }
        Some(total)
    }
}

fn describe(hierarchies: &[Hierarchy], strides: &[u64], key: u64) -> String {
    let codes: Vec<&str> = hierarchies
        .iter()
        .zip(strides)
        .map(|(hierarchy, stride)| {
            let node = key / stride % hierarchy.len() as u64;
            hierarchy.code(NodeId(u32::try_from(node).unwrap_or(0)))
        })
        .collect();
    codes.join("|")
}
