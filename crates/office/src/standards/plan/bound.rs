//! What waves could deliver at best, proved: the judge of a [`BoundProof`], in whole numbers and with no code in common with the search.
//!
//! After wave `w` a plan has delivered units that are closed under needs and whose effort is at most `w` times the capacity. For any multiplier
//! `value / effort` and any flows on arcs of needs, the value of every such set is at most what [`check`] computes; see `bound.proof.md`.
//! A poor multiplier or flow gives a poor bound, never a false one.
#![forbid(clippy::float_arithmetic)]

use ledger::act::PartId;

use super::Capacity;

/// What a bound is about: units, which are parts that have to travel in one wave, and what they need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relaxation {
    /// Units.
    pub units: Vec<Unit>,
    /// Arcs: a unit, and one that goes no later; ascending.
    pub needs: Vec<(usize, usize)>,
}

/// Parts that have to travel in one wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its parts, ascending.
    pub parts: Vec<PartId>,
    /// Effort of reviewing them.
    pub effort: u64,
    /// What they are worth, in points.
    pub value: u64,
}

/// Why no plan can deliver more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoundProof {
    /// Multipliers with their flows.
    pub multipliers: Vec<Multiplier>,
    /// For each wave, the place of its multiplier.
    pub waves: Vec<usize>,
}

/// A price of effort, and flows that show that no closure is worth more than its price by much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multiplier {
    /// Points.
    pub value: u64,
    /// For this much effort; not zero.
    pub effort: u64,
    /// Flows.
    pub flows: Vec<Flow>,
}

/// Worth that a unit hands on to one that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The unit.
    pub unit: usize,
    /// What it needs.
    pub need: usize,
    /// How much, in points times the multiplier's effort; not negative.
    pub amount: i128,
}

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// For each wave the most that can have been delivered after it, in points.
    pub at_best: Vec<u64>,
    /// Their sum: the most that any plan can reach.
    pub objective: u64,
}

/// Why a proof shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoundError {
    /// A wave without a multiplier, or one too many.
    #[error("the proof is about {found} waves, not {expected}")]
    Waves {
        /// Waves of the proof.
        found: usize,
        /// Waves of the plan.
        expected: u32,
    },
    /// A place that holds no multiplier.
    #[error("multiplier {place} is not there")]
    NoMultiplier {
        /// The place.
        place: usize,
    },
    /// A price for no effort.
    #[error("multiplier {place} has no effort")]
    NoEffort {
        /// The place.
        place: usize,
    },
    /// A flow where nothing is needed, or a negative one.
    #[error("multiplier {place} has a flow from unit {unit} to unit {need} that no need carries")]
    Flow {
        /// The multiplier.
        place: usize,
        /// The unit.
        unit: usize,
        /// Where to.
        need: usize,
    },
    /// A number past 128 bits.
    #[error("a number of the proof is too large")]
    TooLarge,
}

impl BoundError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        "plan again; a proof that another program made does not fit this plan"
    }
}

/// Judges a proof.
///
/// # Errors
/// Why it shows nothing.
///
/// # Guarantee
/// No plan of these units with this capacity has delivered more than `at_best` after any wave.
///
/// Cost: `O((units + flows log needs) * multipliers + waves)`.
pub fn check(relaxation: &Relaxation, capacity: Capacity, proof: &BoundProof) -> Result<Bound, BoundError> {
    if u32::try_from(proof.waves.len()) != Ok(capacity.waves) {
        return Err(BoundError::Waves { found: proof.waves.len(), expected: capacity.waves });
    }
    let excess = |(place, multiplier)| excess(relaxation, place, multiplier);
    let excesses = proof.multipliers.iter().enumerate().map(excess).collect::<Result<Vec<_>, _>>()?;
    let mut bound = Bound { at_best: Vec::with_capacity(proof.waves.len()), objective: 0 };
    for (number, place) in (1_u64..).zip(&proof.waves) {
        let none = BoundError::NoMultiplier { place: *place };
        let (multiplier, excess) = proof.multipliers.get(*place).zip(excesses.get(*place)).ok_or(none)?;
        let effort = u128::from(capacity.per_wave) * u128::from(number);
        let price = u128::from(multiplier.value).checked_mul(effort).ok_or(BoundError::TooLarge)?;
        let most = price.checked_add(*excess).ok_or(BoundError::TooLarge)? / u128::from(multiplier.effort);
        let most = u64::try_from(most).map_err(|_| BoundError::TooLarge)?;
        bound.at_best.push(most);
        bound.objective = bound.objective.checked_add(most).ok_or(BoundError::TooLarge)?;
    }
    Ok(bound)
}

/// By how much the weight of any closure can exceed the price of its effort.
fn excess(relaxation: &Relaxation, place: usize, multiplier: &Multiplier) -> Result<u128, BoundError> {
    if multiplier.effort == 0 {
        return Err(BoundError::NoEffort { place });
    }
    let weight = |unit: &Unit| {
        let worth = i128::from(unit.value).checked_mul(i128::from(multiplier.effort))?;
        worth.checked_sub(i128::from(unit.effort).checked_mul(i128::from(multiplier.value))?)
    };
    let weights: Option<Vec<i128>> = relaxation.units.iter().map(weight).collect();
    let mut weights = weights.ok_or(BoundError::TooLarge)?;
    for Flow { unit, need, amount } in &multiplier.flows {
        let none = BoundError::Flow { place, unit: *unit, need: *need };
        if *amount < 0 || relaxation.needs.binary_search(&(*unit, *need)).is_err() {
            return Err(none);
        }
        let from = weights.get_mut(*unit).ok_or(none.clone())?;
        *from = from.checked_sub(*amount).ok_or(BoundError::TooLarge)?;
        let to = weights.get_mut(*need).ok_or(none)?;
        *to = to.checked_add(*amount).ok_or(BoundError::TooLarge)?;
    }
    let positive = weights.iter().filter_map(|weight| u128::try_from(*weight).ok());
    positive.into_iter().try_fold(0_u128, u128::checked_add).ok_or(BoundError::TooLarge)
}
