//! Sums that a pattern makes: the hidden parts of a published margin are together as good as published.
//!
//! Source: docs/METHOD.md, "Coalitions", family `relations`; Daalmans and de Waal, Trans. Data Privacy 3 (2010).

use std::collections::BTreeMap;

use super::{Opponents, Quantity};
use crate::component::Relation;
use crate::pattern::Pattern;
use crate::problem::{Aggregate, Problem};
use crate::table::CellId;

/// What a pattern leaves open for one coalition: a unit's part of the hidden parts of some published margin is not
/// covered by what units outside have. Each sum of cells once, with the largest need.
pub(crate) fn uncovered(
    opponents: &Opponents<'_>,
    base: &Problem,
    number: usize,
    pattern: &Pattern,
    pruned: bool,
) -> Vec<Aggregate> {
    let (shares, table) = (opponents.shares, base.table());
    let remainder = shares.remainder(table, &opponents.coalitions[number]);
    let quantities = shares.quantities(&remainder);
    let mut sums: BTreeMap<Vec<CellId>, (i64, i64)> = BTreeMap::new();
    for margin in table.cells().filter(|&cell| !pattern.hidden(cell)) {
        for variable in (0..table.hierarchies().len()).filter(|&variable| table.is_margin(variable, margin)) {
            let parts: Vec<CellId> = hidden_parts(base, Relation { variable, margin }, pattern);
            let open: u32 = parts.iter().map(|part| remainder.open_leaves[part.index()]).sum();
            let mut of_units: BTreeMap<u32, (Quantity, Vec<usize>)> = BTreeMap::new();
            for pair in parts.iter().flat_map(|&part| shares.pairs_of(part)) {
                let unit = of_units.entry(shares.unit(pair)).or_default();
                unit.0.add(&quantities[pair]);
                unit.1.push(pair);
            }
            for (victim, (quantity, pairs)) in of_units {
                // A unit in one of the parts alone has no other quantity here than there.
                if pairs.len() < 2 || !opponents.is_victim(number, victim, pruned) {
                    continue;
                }
                let upper = quantity.missing_above(opponents.guarantee);
                let lower = quantity.missing_below(opponents.guarantee);
                if upper > 0 {
                    let cells = if quantity.leaves == open {
                        parts.iter().copied().filter(|part| remainder.open_leaves[part.index()] > 0).collect()
                    } else {
                        lowest(pairs.iter().map(|&pair| shares.leaves(pair, |_| true)))
                    };
                    let present = sums.entry(cells).or_default();
                    present.0 = present.0.max(upper);
                }
                if lower > 0 {
                    let alone = |entry: usize| remainder.outsiders[entry] == 1;
                    let cells = lowest(pairs.iter().map(|&pair| shares.leaves(pair, alone)));
                    let present = sums.entry(cells).or_default();
                    present.1 = present.1.max(lower);
                }
            }
        }
    }
    sums.into_iter().map(|(cells, (upper, lower))| Aggregate { cells, upper, lower }).collect()
}

/// The parts of a relation that the pattern hides.
pub(crate) fn hidden_parts(base: &Problem, relation: Relation, pattern: &Pattern) -> Vec<CellId> {
    let parts = base.table().children(relation.variable, relation.margin);
    parts.filter(|&part| pattern.hidden(part)).collect()
}

fn lowest(leaves: impl Iterator<Item = Vec<CellId>>) -> Vec<CellId> {
    let mut cells: Vec<CellId> = leaves.flatten().collect();
    cells.sort_unstable();
    cells
}
