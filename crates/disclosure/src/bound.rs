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

use crate::component::Relation;
use crate::problem::{Direction, Problem, Requirement};
use crate::table::CellId;

/// Multipliers are whole numbers of this part of a unit of weight.
pub const MULTIPLIER_UNIT: i128 = 1 << 16;
/// Nodes of a proof's tree that are read at most.
const NODES_MAX: usize = 1 << 20;

/// One requirement and the relations, each with a whole factor, that say what its cell's movement has to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The requirement that a pattern violating the cut fails.
    pub requirement: Requirement,
    /// Relations with factors other than 0.
    pub steps: Vec<(Relation, i64)>,
    /// Cells taken as hidden whatever the pattern says, ascending: what they can contribute is taken off the right
    /// side, and coefficients are capped at what is left (Carr, Fleischer, Leung and Phillips, SODA 2000, eq. 2).
    pub assumed: Vec<CellId>,
}

/// A cut worked out: `sum coefficients * hidden >= right`, all positive, no coefficient above `right`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inequality {
    pub(crate) coefficients: Vec<(CellId, i128)>,
    pub(crate) right: i128,
}

/// A case of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Proof {
    /// The cuts that the leaves refer to.
    pub cuts: Vec<Cut>,
    /// The cases; the first is the root. None at all proves the bound 0.
    pub nodes: Vec<Node>,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A cut names a requirement, a relation or a cell that the problem does not have.
    #[error("cut {0} is not of this problem")]
    Foreign(usize),
    /// A cut that every pattern satisfies, or whose numbers do not fit.
    #[error("cut {0} excludes nothing")]
    Vacuous(usize),
    /// The cases do not form a tree with at most 2^20 nodes.
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
        let most = if factor > 0 {
            if problem.protection(cell).is_none() { (factor * i128::from(need)).min(wanted) } else { wanted }
        } else {
            factor.checked_neg()?.checked_mul(i128::from(table.figure(cell).open()))?.min(wanted)
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

/// The weight that no safe pattern of the problem's secondaries can go below, as the proof shows.
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
    let mut least: Option<i128> = None;
    let mut seen = 0;
    let mut open: Vec<(usize, Vec<(CellId, bool)>)> = vec![(0, Vec::new())];
    while let Some((number, decided)) = open.pop() {
        seen += 1;
        match proof.nodes.get(number).ok_or(Fault::Tree(number))? {
            Node::Branch { cell, published, hidden } => {
                if cell.index() >= problem.table().len()
                    || problem.must_hide(*cell)
                    || problem.must_show(*cell)
                {
                    return Err(Fault::Foreign(number));
                }
                // Decided twice, a cell's weight would count twice.
                if decided.iter().any(|(other, _)| other == cell) {
                    return Err(Fault::Tree(number));
                }
                for (place, state) in [(*published, false), (*hidden, true)] {
                    let place = usize::try_from(place).map_err(|_| Fault::Tree(number))?;
                    if place <= number || seen + open.len() > proof.nodes.len() {
                        return Err(Fault::Tree(number));
                    }
                    let mut deeper = decided.clone();
                    deeper.push((*cell, state));
                    open.push((place, deeper));
                }
            }
            Node::Leaf { multipliers } => {
                let bound = leaf(problem, &inequalities, multipliers, &decided, number)?;
                least = Some(least.map_or(bound, |least| least.min(bound)));
            }
        }
    }
    // Weights are whole: what lies between two whole numbers is rounded up.
    let bound = least.unwrap_or(0).max(0);
    Ok(bound.unsigned_abs().div_ceil(MULTIPLIER_UNIT.unsigned_abs()))
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

/// The bound of one leaf, in [`MULTIPLIER_UNIT`]s: multipliers times right sides, plus what each cell's weight leaves
/// over, where the cell is decided that, and else only where it is negative.
fn leaf(
    problem: &Problem,
    inequalities: &[Inequality],
    multipliers: &[(u32, u64)],
    decided: &[(CellId, bool)],
    number: usize,
) -> Result<i128, Fault> {
    let mut bound = 0_i128;
    let mut charged: BTreeMap<CellId, i128> = BTreeMap::new();
    for &(cut, multiplier) in multipliers {
        let inequality = usize::try_from(cut).ok().and_then(|cut| inequalities.get(cut));
        let Inequality { coefficients, right } = inequality.ok_or(Fault::Missing(number))?;
        let multiplier = i128::from(multiplier);
        bound += multiplier;
        for &(cell, coefficient) in coefficients {
            // Rounded up: against the claim.
            let charge = multiplier.checked_mul(coefficient).ok_or(Fault::Overflow(number))?;
            let charge = charge / right + i128::from(charge % right != 0);
            let sum = charged.entry(cell).or_default();
            *sum = sum.checked_add(charge).ok_or(Fault::Overflow(number))?;
        }
    }
    let left_over = |cell: CellId, charged: i128| {
        i128::from(problem.weight(cell)).saturating_mul(MULTIPLIER_UNIT).saturating_sub(charged)
    };
    for &(cell, hidden) in decided {
        let charge = charged.remove(&cell).unwrap_or(0);
        if hidden {
            bound = bound.saturating_add(left_over(cell, charge));
        }
    }
    for (cell, charge) in charged {
        bound = bound.saturating_add(left_over(cell, charge).min(0));
    }
    Ok(bound)
}
