//! Connected components of blanks: cells that share no relation with hidden cells of another component cannot
//! help to protect them (docs/METHOD.md, "Audit").

use std::collections::BTreeMap;

use crate::table::{CellId, Table};

/// A relation with more than no hidden cell: `margin = sum of its parts` along one variable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Relation {
    /// The variable along which the parts are added.
    pub variable: usize,
    /// The margin.
    pub margin: CellId,
}

impl Relation {
    /// The parts, then the margin.
    pub(crate) fn members(self, table: &Table) -> impl Iterator<Item = CellId> {
        table.children(self.variable, self.margin).chain([self.margin])
    }
}

/// Hidden cells, and the relations among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Component {
    /// Ascending.
    pub(crate) cells: Vec<CellId>,
    /// Ascending; each with the places of its hidden members in `cells` and their coefficients: 1 for the
    /// margin, -1 for a part.
    pub(crate) relations: Vec<(Relation, Vec<(usize, i8)>)>,
}

impl Component {
    /// The component formed by these cells alone: every other cell is taken as fixed.
    pub(crate) fn of_cells(table: &Table, mut cells: Vec<CellId>) -> Self {
        cells.sort_unstable();
        cells.dedup();
        let mut members: Vec<(Relation, usize, i8)> = Vec::with_capacity(cells.len() * 4);
        for (place, &cell) in cells.iter().enumerate() {
            members.extend(relations_of(table, cell).map(|(relation, sign)| (relation, place, sign)));
        }
        members.sort_unstable();
        let relations = members
            .chunk_by(|one, next| one.0 == next.0)
            .map(|members| (members[0].0, members.iter().map(|&(_, place, sign)| (place, sign)).collect()))
            .collect();
        Self { cells, relations }
    }

    /// The place of a cell, if it is in the component.
    pub(crate) fn place(&self, cell: CellId) -> Option<usize> {
        self.cells.binary_search(&cell).ok()
    }
}

/// The relations that the cell is in, with its coefficient.
pub(crate) fn relations_of(table: &Table, cell: CellId) -> impl Iterator<Item = (Relation, i8)> {
    (0..table.hierarchies().len()).flat_map(move |variable| {
        let as_margin = table.is_margin(variable, cell).then_some((Relation { variable, margin: cell }, 1));
        let as_part = table.parent(variable, cell).map(|margin| (Relation { variable, margin }, -1));
        as_margin.into_iter().chain(as_part)
    })
}

/// Splits the hidden cells into components, in the order of their first cells.
pub(crate) fn components(table: &Table, hidden: impl Iterator<Item = CellId>) -> Vec<Component> {
    let cells: Vec<CellId> = hidden.collect();
    let mut place_of = vec![usize::MAX; table.len()];
    for (place, cell) in cells.iter().enumerate() {
        place_of[cell.index()] = place;
    }
    let mut roots: Vec<usize> = (0..cells.len()).collect();
    for variable in 0..table.hierarchies().len() {
        // One representative a relation is enough to join all its hidden members.
        let mut first_part = vec![usize::MAX; table.len()];
        for (place, &cell) in cells.iter().enumerate() {
            if let Some(margin) = table.parent(variable, cell) {
                let first = first_part[margin.index()];
                if first != usize::MAX {
                    join(&mut roots, first, place);
                } else {
                    first_part[margin.index()] = place;
                }
                let margin_place = place_of[margin.index()];
                if margin_place != usize::MAX {
                    join(&mut roots, margin_place, place);
                }
            }
        }
    }
    let mut members: BTreeMap<usize, Vec<CellId>> = BTreeMap::new();
    for (place, &cell) in cells.iter().enumerate() {
        members.entry(find(&mut roots, place)).or_default().push(cell);
    }
    members.into_values().map(|cells| Component::of_cells(table, cells)).collect()
}

fn find(roots: &mut [usize], mut place: usize) -> usize {
    while roots[place] != place {
        roots[place] = roots[roots[place]];
        place = roots[place];
    }
    place
}

fn join(roots: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(roots, a), find(roots, b));
    // The smaller place is the root, so the order of components does not depend on the order of joins.
    roots[a.max(b)] = a.min(b);
}
