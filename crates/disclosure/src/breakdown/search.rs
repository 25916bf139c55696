//! The search: the best cut of every cell from those of the cells below it.
//!
//! Cells are visited from the last to the first, so the parts of a cell are done before it. A cell with a best cut is
//! one that can be covered by safe atoms. Of equal cuts the one of fewer atoms is kept, then the one met first.
//!
//! Cost: `O(s d n b)` for `n` cells of `d` variables, `b` codes below one, and `s` stages of the order: 1 or `d`.

use super::lattice::{Lattice, LatticeCell, together};
use super::safety::Safety;
use super::shown::Weights;

/// Which variable is cut where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each cell is cut along the variable that shows most there.
    Free,
    /// A cut through the first variable, in each of its branches a cut through the second, and so on; every variable
    /// once.
    Nested(Vec<usize>),
}

/// Whether siblings that may not be published one by one may be published in sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remainders {
    /// They may: the sum of some siblings stands beside the others.
    Shown,
    /// They may not: all siblings are shown, or their sum alone.
    None,
}

/// A part of a breakdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The cell; of a remainder, the margin that it is part of.
    pub cell: LatticeCell,
    /// The siblings that a remainder sums; empty otherwise.
    pub remainder: Vec<LatticeCell>,
    /// The variable along which it is cut; `None` is an atom.
    pub along: Option<usize>,
    /// What it is cut into.
    pub parts: Vec<Branch>,
}

/// A breakdown of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// One for each combination of roots that can be shown.
    pub branches: Vec<Branch>,
    /// Totals that no cut makes safe: nothing of them is shown.
    pub withheld: Vec<LatticeCell>,
}

impl Branch {
    fn atom(cell: LatticeCell) -> Self {
        Self { cell, remainder: Vec::new(), along: None, parts: Vec::new() }
    }

    /// The atoms at and below the branch, from left to right.
    #[must_use]
    pub fn atoms(&self) -> Vec<&Branch> {
        if self.parts.is_empty() { vec![self] } else { self.parts.iter().flat_map(Self::atoms).collect() }
    }
}

impl Breakdown {
    /// All atoms.
    #[must_use]
    pub fn atoms(&self) -> Vec<&Branch> {
        self.branches.iter().flat_map(Branch::atoms).collect()
    }
}

/// How the best cut of a cell goes on.
#[derive(Clone, Copy)]
enum Choice {
    Atom,
    /// As at the next stage.
    Onward,
    Split(usize),
    /// Split with a remainder, by its place among the remainders.
    SplitWith(usize, usize),
}

#[derive(Clone, Copy)]
struct Best {
    gain: u128,
    atoms: u64,
    choice: Choice,
}

struct Search<'a> {
    lattice: &'a Lattice,
    safety: &'a Safety<'a>,
    safe: &'a [bool],
    weights: &'a Weights,
    with_remainders: bool,
    /// By stage, from the last; within a stage by cell.
    best: Vec<Vec<Option<Best>>>,
    remainders: Vec<Vec<LatticeCell>>,
}

/// The breakdown that shows most. `safe` is what [`Lattice::judge`] says by `safety`.
#[must_use]
pub fn finest(
    lattice: &Lattice,
    safety: &Safety<'_>,
    safe: &[bool],
    weights: &Weights,
    order: &Order,
    remainders: Remainders,
) -> Breakdown {
    let stages: Vec<Vec<usize>> = match order {
        Order::Free => vec![(0..lattice.hierarchies().len()).collect()],
        Order::Nested(variables) => variables.iter().map(|&variable| vec![variable]).collect(),
    };
    let mut search = Search {
        lattice,
        safety,
        safe,
        weights,
        with_remainders: remainders == Remainders::Shown,
        best: Vec::new(),
        remainders: Vec::new(),
    };
    for variables in stages.iter().rev() {
        search.stage(variables);
    }
    let last = search.best.len() - 1;
    let (mut branches, mut withheld) = (Vec::new(), Vec::new());
    for root in lattice.roots() {
        match search.branch(last, root) {
            Some(branch) => branches.push(branch),
            None => withheld.push(root),
        }
    }
    Breakdown { branches, withheld }
}

impl Search<'_> {
    fn stage(&mut self, variables: &[usize]) {
        let place = self.best.len();
        self.best.push(vec![None; self.lattice.len()]);
        for cell in self.lattice.cells().rev() {
            let found = self.cell(place, cell, variables);
            self.best[place][cell.index()] = found;
        }
    }

    fn cell(&mut self, place: usize, cell: LatticeCell, variables: &[usize]) -> Option<Best> {
        let mut best = match place.checked_sub(1) {
            Some(next) => self.best[next][cell.index()].map(|best| Best { choice: Choice::Onward, ..best }),
            None => self.safe[cell.index()].then_some(Best { gain: 0, atoms: 1, choice: Choice::Atom }),
        };
        for &variable in variables {
            let split = self.split(place, cell, variable);
            if let Some(split) = split
                && best.is_none_or(|best| {
                    split.gain > best.gain || (split.gain == best.gain && split.atoms < best.atoms)
                })
            {
                best = Some(split);
            }
        }
        best
    }

    /// The best cut into the codes one level below.
    fn split(&mut self, place: usize, cell: LatticeCell, variable: usize) -> Option<Best> {
        let (mut gain, mut atoms) = (0_u128, 0_u64);
        let (mut shown, mut short) = (Vec::new(), Vec::new());
        for child in self.lattice.children(cell, variable) {
            match self.best[place][child.index()] {
                Some(best) => {
                    gain += best.gain + self.weights.of(child);
                    atoms += best.atoms;
                    shown.push(child);
                }
                None => short.push(child),
            }
        }
        if short.is_empty() {
            return (!shown.is_empty()).then_some(Best { gain, atoms, choice: Choice::Split(variable) });
        }
        // If all parts of a cell could be covered by safe atoms, so could the cell: it would be safe itself.
        if !self.with_remainders || !self.safe[cell.index()] {
            return None;
        }
        let taken = self.remainder(place, &mut shown, &mut short)?;
        gain = gain - taken.gain + self.weights.of_remainder(&short);
        atoms = atoms - taken.atoms + 1;
        short.sort_unstable();
        self.remainders.push(short);
        Some(Best { gain, atoms, choice: Choice::SplitWith(variable, self.remainders.len() - 1) })
    }

    /// Moves siblings to those that may not be shown until these are safe in sum, the least valuable first unless a
    /// single one suffices; at least one stays. What was moved, added up.
    fn remainder(
        &self,
        place: usize,
        shown: &mut Vec<LatticeCell>,
        short: &mut Vec<LatticeCell>,
    ) -> Option<Best> {
        let value = |child: LatticeCell| {
            self.best[place][child.index()].map_or(0, |best| best.gain) + self.weights.of(child)
        };
        let mut moved = Best { gain: 0, atoms: 0, choice: Choice::Atom };
        shown.sort_by_key(|&child| (value(child), child));
        loop {
            if self.safety.holds(&together(self.lattice, short)) {
                return (!shown.is_empty()).then_some(moved);
            }
            if shown.len() < 2 {
                return None;
            }
            let suffices = |&&child: &&LatticeCell| {
                let with: Vec<LatticeCell> = short.iter().copied().chain([child]).collect();
                self.safety.holds(&together(self.lattice, &with))
            };
            let single = shown.iter().take(SINGLES_MAX).find(suffices).copied();
            let next = single.or(shown.first().copied())?;
            moved.gain += value(next);
            moved.atoms += self.best[place][next.index()].map_or(0, |best| best.atoms);
            shown.retain(|&child| child != next);
            short.push(next);
        }
    }

    fn branch(&self, place: usize, cell: LatticeCell) -> Option<Branch> {
        let part = |child: LatticeCell| self.branch(place, child);
        Some(match self.best[place][cell.index()]?.choice {
            Choice::Atom => Branch::atom(cell),
            Choice::Onward => self.branch(place.checked_sub(1)?, cell)?,
            Choice::Split(variable) => {
                let parts = self.lattice.children(cell, variable).filter_map(part).collect();
                Branch { along: Some(variable), parts, ..Branch::atom(cell) }
            }
            Choice::SplitWith(variable, remainder) => {
                let remainder = &self.remainders[remainder];
                let children = self.lattice.children(cell, variable);
                let shown = children.filter(|child| remainder.binary_search(child).is_err());
                let mut parts: Vec<Branch> = shown.filter_map(part).collect();
                parts.push(Branch { remainder: remainder.clone(), ..Branch::atom(cell) });
                Branch { along: Some(variable), parts, ..Branch::atom(cell) }
            }
        })
    }
}

/// Siblings that are tried one by one before several are moved: long flat code lists would cost their square.
const SINGLES_MAX: usize = 64;

/// The breakdown at one level of each variable, ragged branches at their leaves, with its atoms in ascending order;
/// totals whose atoms are not all safe are withheld.
#[must_use]
pub fn uniform(lattice: &Lattice, safe: &[bool], levels: &[u32]) -> Breakdown {
    let (mut branches, mut withheld) = (Vec::new(), Vec::new());
    for root in lattice.roots() {
        match uniform_branch(lattice, safe, levels, root, 0) {
            Some(branch) => branches.push(branch),
            None => withheld.push(root),
        }
    }
    Breakdown { branches, withheld }
}

fn uniform_branch(
    lattice: &Lattice,
    safe: &[bool],
    levels: &[u32],
    cell: LatticeCell,
    from: usize,
) -> Option<Branch> {
    let trees = lattice.hierarchies();
    let cut = |&variable: &usize| {
        let node = lattice.node(cell, variable);
        trees[variable].depth(node) < levels[variable] && !trees[variable].is_leaf(node)
    };
    let Some(variable) = (from..trees.len()).find(cut) else {
        return safe[cell.index()].then(|| Branch::atom(cell));
    };
    let below = lattice.children(cell, variable);
    let parts: Option<Vec<Branch>> =
        below.map(|child| uniform_branch(lattice, safe, levels, child, variable)).collect();
    Some(Branch { along: Some(variable), parts: parts?, ..Branch::atom(cell) })
}
