//! Sums of base cells that nobody published and everybody can compute: on a cycle of blanks, one row and another
//! less a column.
//!
//! Such a sum is as good as published, so each unit's share of it is a protected quantity. Small sums are searched,
//! one part of the polytope at a time. Source: docs/METHOD.md, "The exact model"; Daalmans and de Waal, Trans. Data
//! Privacy 3 (2010).

use std::collections::{BTreeMap, BTreeSet};

use super::form::{Form, RecordId};
use super::polytope::Polytope;
use super::quantity::{Kind, Quantity, shares};
use super::region::RegionError;
use super::structure::RowSpace;
use super::world::World;

/// Base cells that are added up at most.
pub const CELLS_MAX: usize = 4;
/// Sums that are tried at most in one part: all of four among 48 base cells.
pub const SUMS_MAX: usize = 220_000;

/// Each unit's share of every sum of two to [`CELLS_MAX`] base cells that the equations give away to this attacker.
///
/// # Errors
/// [`RegionError::TooManySums`] where not all of them can be tried.
pub fn derivable(world: &World, polytope: &Polytope) -> Result<Vec<Quantity>, RegionError> {
    let space = RowSpace::new(polytope);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for atoms in parts(world, polytope) {
        let mut tried = 0_usize;
        let mut open: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new())];
        while let Some((from, chosen)) = open.pop() {
            for next in from..atoms.len() {
                let mut chosen = chosen.clone();
                chosen.push(next);
                tried += 1;
                if tried > SUMS_MAX {
                    return Err(RegionError::TooManySums);
                }
                let records: Vec<RecordId> = chosen.iter().flat_map(|atom| atoms[*atom].clone()).collect();
                if chosen.len() > 1 && space.contains(&Form::sum(records.iter().copied())) {
                    for (unit, form) in shares(world, &records) {
                        if seen.insert((unit, form.clone())) {
                            found.push(Quantity { unit, kind: Kind::Derived, form });
                        }
                    }
                }
                if chosen.len() < CELLS_MAX {
                    open.push((next + 1, chosen));
                }
            }
        }
    }
    Ok(found)
}

/// Base cells of unknown records, those that share an equation together. A base cell has one record of a contributor
/// for each vintage, and those of other vintages are other figures.
fn parts(world: &World, polytope: &Polytope) -> Vec<Vec<Vec<RecordId>>> {
    // Records alike in all equations are one atom where they are in one base cell.
    let mut atoms: BTreeMap<(&[u32], Vec<usize>), Vec<RecordId>> = BTreeMap::new();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); polytope.truth.len()];
    for (number, row) in polytope.rows.iter().enumerate().filter(|(_, row)| row.is_equation()) {
        for (record, _) in row.form.terms() {
            rows[record.place()].push(number);
        }
    }
    for (record, rows) in (0_u32..).map(RecordId).zip(&rows) {
        if !polytope.knows(record) && !rows.is_empty() {
            atoms.entry((world.base_cell(record), rows.clone())).or_default().push(record);
        }
    }
    let mut parts: Vec<(BTreeSet<usize>, Vec<Vec<RecordId>>)> = Vec::new();
    for ((_, rows), records) in atoms {
        let mut rows: BTreeSet<usize> = rows.into_iter().collect();
        let mut members = vec![records];
        let (joined, apart): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|(other, _)| !other.is_disjoint(&rows));
        for (other, atoms) in joined {
            rows.extend(other);
            members.extend(atoms);
        }
        parts = apart;
        parts.push((rows, members));
    }
    parts.into_iter().map(|(_, atoms)| atoms).collect()
}
