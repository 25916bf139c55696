//! Lower bounds: how light any safe pattern can be at best, with a proof in whole numbers.
//!
//! Every requirement gives *cuts*. Multiply relations by whole factors and add up: `sum_j g_j y_j = 0` for every
//! deviation `y`. With the sensitive cell `i` on the left, `|g_i|` times its movement is at most what the other hidden
//! cells can contribute, each bounded by its figure where it falls and by nothing where it rises. If the hidden cells
//! cannot contribute `|g_i| * need`, the pattern is unsafe: a linear inequality over the 0-1 variables "cell is
//! hidden" that every safe pattern satisfies, whatever the factors (Fischetti and Salazar, JASA 95 (2000), section 3).
//!
//! A [`Proof`] is a list of cuts and a tree of case distinctions; each leaf adds cuts up with multipliers of at least 0 to
//! a bound on the weight (linear programming duality). [`verify`] redoes all of it in integers, rounding
//! against the claim, without a solver. The proof note is `bound.proof.md`.

#![forbid(clippy::float_arithmetic)]

use std::collections::BTreeMap;
use std::fmt;

use crate::component::Relation;
use crate::problem::{Direction, Problem, Requirement};
use crate::table::CellId;

#[cfg(test)]
mod tests;

/// Multipliers are whole numbers of this part of a unit of weight.
pub const MULTIPLIER_UNIT: i128 = 1 << 16;
/// Nodes of a proof's tree that are read at most.
const NODES_MAX: usize = 1 << 20;

/// One requirement and the relations, each with a whole factor, that say what its cell's movement has to come from.
#[derive(Clone, PartialEq, Eq)]
pub struct Cut {
    /// The requirement that a pattern violating the cut fails.
    pub requirement: Requirement,
    /// Relations with factors other than 0.
    pub steps: Vec<(Relation, i64)>,
    /// Cells taken as hidden whatever the pattern says, ascending (one out of order may be overlooked, which makes
    /// another cut, as valid): what they can contribute is taken off the right side, and coefficients are capped at
    /// what is left (Carr, Fleischer, Leung and Phillips, SODA 2000, eq. 2).
    pub assumed: Vec<CellId>,
}

/// A cut worked out: `sum coefficients * hidden >= right`, all positive, no coefficient above `right`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Inequality {
    pub(crate) coefficients: Vec<(CellId, i128)>,
    pub(crate) right: i128,
}

/// A case of a proof.
#[derive(Clone, PartialEq, Eq)]
pub enum Node {
    /// Either the cell is published, or it is hidden: two further cases, by place, both later in the list.
    Branch {
        /// The cell.
        cell: CellId,
        /// The case in which it is published.
        published: u32,
        /// The case in which it is hidden.
        hidden: u32,
    },
    /// Cuts, by place, with their multipliers in [`MULTIPLIER_UNIT`]s.
    Leaf {
        /// Cut and multiplier, at least 0.
        multipliers: Vec<(u32, u64)>,
    },
}

/// Why no safe pattern can be lighter.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// The cuts that the leaves refer to.
    pub cuts: Vec<Cut>,
    /// The cases; the first is the root. None at all proves the bound 0.
    pub nodes: Vec<Node>,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A cut names a requirement or a relation that the problem does not have.
    #[error("cut {0} is not of this problem")]
    Foreign(usize),
    /// A cut that every pattern satisfies, or whose numbers do not fit.
    #[error("cut {0} excludes nothing")]
    Vacuous(usize),
    /// The cases do not form a tree over cells that are open, with at most 2^20 nodes.
    #[error("case {0} does not belong to a tree")]
    Tree(usize),
    /// A leaf names a cut that is not there.
    #[error("case {0} names a cut that is not there")]
    Missing(usize),
    /// A number too large for the arithmetic.
    #[error("case {0} has numbers that are too large")]
    Overflow(usize),
}

/// The cut worked out exactly; `None` where it excludes nothing or does not belong to the problem.
pub(crate) fn inequality(problem: &Problem, cut: &Cut) -> Option<Inequality> {
    let table = problem.table();
    let Requirement { cell: target, direction, need } = cut.requirement;
    let mut terms: Vec<(CellId, i128)> = Vec::new();
    for &(relation, factor) in &cut.steps {
        terms.push((relation.margin, i128::from(factor)));
        terms.extend(
            table.children(relation.variable, relation.margin).map(|part| (part, -i128::from(factor))),
        );
    }
    terms.sort_unstable_by_key(|&(cell, _)| cell);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms.retain(|&(cell, factor)| factor != 0 && !problem.must_show(cell));
    let own = terms.iter().find(|&&(cell, _)| cell == target).map(|&(_, factor)| factor)?;
    // Solved for the target's movement in the wanted direction, |own| * movement = sum of turn * factor * deviation.
    let upward = direction == Direction::Up;
    let turn = if (own > 0) == upward { -1 } else { 1 };
    let wanted = own.checked_abs()?.checked_mul(i128::from(need))?;
    let mut right = wanted;
    let mut coefficients = Vec::with_capacity(terms.len());
    for (cell, factor) in terms.into_iter().filter(|&(cell, _)| cell != target) {
        let factor = factor.checked_mul(turn)?;
        // No cell has an upper bound, and in three variables a witness may have to move another cell further than
        // the target: what rises may contribute all that is wanted.
        let most = if factor > 0 {
            wanted
        } else {
            let fall = factor.checked_neg()?.checked_mul(i128::from(table.figure(cell).open()));
            fall.map_or(wanted, |fall| fall.min(wanted))
        };
        if problem.must_hide(cell) || cut.assumed.binary_search(&cell).is_ok() {
            right -= most;
            if right <= 0 {
                return None;
            }
        } else if most > 0 {
            coefficients.push((cell, most));
        }
    }
    for (_, coefficient) in &mut coefficients {
        *coefficient = (*coefficient).min(right);
    }
    (right > 0).then_some(Inequality { coefficients, right })
}

/// The weight that the secondaries of no safe pattern can go below, as the proof shows; of patterns that leave blank
/// and published what the problem has settled.
///
/// # Errors
/// The first fault, by cut, then by case.
pub fn verify(problem: &Problem, proof: &Proof) -> Result<u128, Fault> {
    let mut inequalities = Vec::with_capacity(proof.cuts.len());
    for (number, cut) in proof.cuts.iter().enumerate() {
        if !belongs(problem, cut) {
            return Err(Fault::Foreign(number));
        }
        inequalities.push(inequality(problem, cut).ok_or(Fault::Vacuous(number))?);
    }
    if proof.nodes.is_empty() {
        return Ok(0);
    }
    if proof.nodes.len() > NODES_MAX {
        return Err(Fault::Tree(NODES_MAX));
    }
    let least = Walk { problem, inequalities: &inequalities, decided: BTreeMap::new(), hidden_weight: 0 }
        .least(&proof.nodes)?;
    // Weights are whole: what lies between two whole numbers is rounded up.
    Ok(least.max(0).unsigned_abs().div_ceil(MULTIPLIER_UNIT.unsigned_abs()))
}

fn belongs(problem: &Problem, cut: &Cut) -> bool {
    let table = problem.table();
    let Requirement { cell, direction, need } = cut.requirement;
    cell.index() < table.len()
        && need > 0
        && need == problem.need(cell, direction)
        && cut.steps.iter().all(|&(relation, _)| {
            relation.margin.index() < table.len()
                && relation.variable < table.hierarchies().len()
                && table.is_margin(relation.variable, relation.margin)
        })
}

/// Going through the cases, depth first: what is decided on the way to the present one.
struct Walk<'a> {
    problem: &'a Problem,
    inequalities: &'a [Inequality],
    /// By cell: whether it is hidden.
    decided: BTreeMap<CellId, bool>,
    /// Weight of the cells decided to be hidden, in [`MULTIPLIER_UNIT`]s.
    hidden_weight: i128,
}

/// What is still to do on the way.
enum Step {
    Enter(usize),
    Decide(CellId, bool),
    Undo(CellId),
}

impl Walk<'_> {
    /// The least bound of any leaf, in [`MULTIPLIER_UNIT`]s. Time and memory grow with the length of the proof alone,
    /// however deep its tree is.
    fn least(mut self, nodes: &[Node]) -> Result<i128, Fault> {
        let mut least: Option<i128> = None;
        let mut seen = vec![false; nodes.len()];
        let mut steps = vec![Step::Enter(0)];
        while let Some(step) = steps.pop() {
            let number = match step {
                Step::Enter(number) => number,
                Step::Decide(cell, hidden) => {
                    self.decided.insert(cell, hidden);
                    self.hidden_weight += if hidden { self.weight(cell) } else { 0 };
                    continue;
                }
                Step::Undo(cell) => {
                    let hidden = self.decided.remove(&cell) == Some(true);
                    self.hidden_weight -= if hidden { self.weight(cell) } else { 0 };
                    continue;
                }
            };
            // Read twice, a case could make the work exponential.
            let first = seen.get_mut(number).is_some_and(|seen| !std::mem::replace(seen, true));
            match nodes.get(number).filter(|_| first).ok_or(Fault::Tree(number))? {
                Node::Branch { cell, published, hidden } => {
                    // Decided twice, a cell's weight would count twice.
                    if !self.is_candidate(*cell) || self.decided.contains_key(cell) {
                        return Err(Fault::Tree(number));
                    }
                    for (place, hidden) in [(*published, false), (*hidden, true)] {
                        let place = usize::try_from(place).map_err(|_| Fault::Tree(number))?;
                        if place <= number {
                            return Err(Fault::Tree(number));
                        }
                        steps.extend([Step::Undo(*cell), Step::Enter(place), Step::Decide(*cell, hidden)]);
                    }
                }
                Node::Leaf { multipliers } => {
                    let bound = self.leaf(multipliers, number)?;
                    least = Some(least.map_or(bound, |least| least.min(bound)));
                }
            }
        }
        Ok(least.unwrap_or(0))
    }

    fn is_candidate(&self, cell: CellId) -> bool {
        cell.index() < self.problem.table().len()
            && !self.problem.must_hide(cell)
            && !self.problem.must_show(cell)
    }

    fn weight(&self, cell: CellId) -> i128 {
        i128::from(self.problem.weight(cell)) * MULTIPLIER_UNIT
    }

    /// The bound of one leaf, in [`MULTIPLIER_UNIT`]s: multipliers, since right sides are scaled to 1, plus what the
    /// cuts leave over of each cell's weight, where the cell is decided that, and else only where it is negative.
    fn leaf(&self, multipliers: &[(u32, u64)], number: usize) -> Result<i128, Fault> {
        let too_large = Fault::Overflow(number);
        let mut bound = self.hidden_weight;
        let mut charged: BTreeMap<CellId, i128> = BTreeMap::new();
        for &(cut, multiplier) in multipliers {
            let inequality = usize::try_from(cut).ok().and_then(|cut| self.inequalities.get(cut));
            let Inequality { coefficients, right } = inequality.ok_or(Fault::Missing(number))?;
            let multiplier = i128::from(multiplier);
            bound = bound.checked_add(multiplier).ok_or(too_large)?;
            for &(cell, coefficient) in coefficients {
                // Rounded up: against the claim.
                let charge = multiplier.checked_mul(coefficient).ok_or(too_large)?;
                let charge = charge / right + i128::from(charge % right != 0);
                let sum = charged.entry(cell).or_default();
                *sum = sum.checked_add(charge).ok_or(too_large)?;
            }
        }
        for (cell, charge) in charged {
            let change = match self.decided.get(&cell) {
                Some(false) => 0,
                // Its weight is in the bound already.
                Some(true) => -charge,
                None => self.weight(cell).checked_sub(charge).ok_or(too_large)?.min(0),
            };
            bound = bound.checked_add(change).ok_or(too_large)?;
        }
        Ok(bound)
    }
}

// Multipliers are prices in units of weight, and coefficients are figures: only shapes are printed.

impl fmt::Debug for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cut of {} relations, {} cells assumed", self.steps.len(), self.assumed.len())
    }
}

impl fmt::Debug for Inequality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inequality of {} cells", self.coefficients.len())
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch { .. } => f.write_str("Branch"),
            Self::Leaf { multipliers } => write!(f, "Leaf of {} cuts", multipliers.len()),
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof of {} cuts and {} cases", self.cuts.len(), self.nodes.len())
    }
}
