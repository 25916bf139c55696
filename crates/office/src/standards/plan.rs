//! What goes next: waves of parts, each within a capacity of review, so that as much as possible is there as early as possible; with a proved
//! bound on what any plan could deliver, and for every part left out the reasons.
//!
//! # What is solved
//! A receiver gets a part only if it may have it (`eligibility`) and gets or holds all that it normatively needs; parts go to all their receivers
//! in one wave. What a part needs goes no later; a cover goes in one wave with what it covers, or no later than it. Parts that have to travel in one
//! wave (covers with what they cover, cycles of needs) are one unit; units over the capacity are left out, with what hangs on them.
//! Reviewing a part takes effort by its level; the effort of a wave is at most the capacity.
//!
//! A part is worth a base, points for each profile that requires it, and points where a receiver holds an edition that it supersedes. Nothing is added for the number of
//! receivers, for their importance or for what states ratified. A plan's *objective* is the sum over waves of what has been delivered after each: a
//! point counts in every wave in which it is already there. This is scheduling with precedences, one capacity and fixed periods (C-PIT), which
//! contains the knapsack, so that plans are proved to be near the best rather than best: [`Plan::gap_ppm`].
//!
//! The search proposes; [`check()`] judges the plan, [`bound::check`] the bound, neither with code of the search. See `plan.proof.md` and `plan/bound.proof.md`.
//!
//! # Source
//! Chicoisne, Espinoza, Goycoolea, Moreno and Rubio, Operations Research 60 (3), 2012, pp. 517-528: the formulation, multipliers at which the
//! relaxation breaks, and filling periods in an order that respects precedences. Closures: Picard 1976. Blocks: Sidney 1975; Margot, Queyranne and Wang 2003.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ledger::act::{Code, Level, PartId, UtcTime};

use super::policy::Policy;
use super::registry::Registry;

pub mod bound;
mod check;
mod explain;
mod flow;
mod ground;
mod network;
mod prove;
mod reason;
mod search;
mod sidney;
#[cfg(test)]
pub(in crate::standards) mod tests;
mod worth;

pub use check::{Unsound, check};
pub use reason::{Because, BecauseCode, PlanFlag};
pub use worth::Worth;

use bound::{BoundError, BoundProof, Relaxation, Unit};
use ground::Ground;
use network::Network;

/// How much can be reviewed, and for how long is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Effort of one wave, in the unit of the policy's `review`.
    pub per_wave: u64,
    /// Waves.
    pub waves: u32,
}

impl Capacity {
    /// Largest effort of one wave.
    pub const PER_WAVE_MAX: u64 = 1_000_000_000;
    /// Most waves.
    pub const WAVES_MAX: u32 = 1_000;
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The time at which was judged who may have what.
    pub at: UtcTime,
    /// What it was planned for.
    pub capacity: Capacity,
    /// The waves, all of them, also empty ones.
    pub waves: Vec<PlannedWave>,
    /// The sum over waves of what has been delivered after each, in points.
    pub objective: u64,
    /// No plan under the same policy and capacity has a greater one.
    pub bound: u64,
    /// Parts in no wave, ascending by id.
    pub left_out: Vec<LeftOut>,
    /// What the bound is about.
    pub relaxation: Relaxation,
    /// What proves it.
    pub proof: BoundProof,
}

impl Plan {
    /// By how much the plan is at most below the best one, in millionths of the bound, rounded up.
    #[must_use]
    pub fn gap_ppm(&self) -> u64 {
        let missing = u128::from(self.bound.saturating_sub(self.objective)) * 1_000_000;
        u64::try_from(missing.div_ceil(u128::from(self.bound.max(1)))).unwrap_or(1_000_000)
    }
}

/// A wave of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedWave {
    /// Its number, from 1.
    pub number: u32,
    /// Effort of reviewing it.
    pub effort: u64,
    /// What its parts are worth, in points.
    pub value: u64,
    /// What has been delivered after it, in points.
    pub delivered: u64,
    /// What any plan can have delivered after it at best, in points.
    pub at_best: u64,
    /// Its parts, ascending by id.
    pub parts: Vec<Planned>,
}

impl PlannedWave {
    /// The parts by who gets them, each once. One release has one audience, so that this is how a wave is split into releases.
    #[must_use]
    pub fn by_receivers(&self) -> BTreeMap<&BTreeSet<Code>, Vec<&Planned>> {
        let mut split: BTreeMap<&BTreeSet<Code>, Vec<&Planned>> = BTreeMap::new();
        for part in &self.parts {
            split.entry(&part.receivers).or_default().push(part);
        }
        split
    }
}

/// A part in a wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub id: PartId,
    /// How highly it is classified.
    pub level: Level,
    /// Effort of reviewing it.
    pub effort: u64,
    /// What it is worth.
    pub worth: Worth,
    /// Who gets it; never empty.
    pub receivers: BTreeSet<Code>,
    /// What it normatively needs and every one of them holds by then.
    pub needs: BTreeSet<PartId>,
    /// What it normatively needs as well and some of them do not get; there is a flag about each.
    pub lacks: BTreeSet<PartId>,
    /// An edition that it supersedes and one of them holds.
    pub replaces: Option<PartId>,
    /// What somebody should know before it goes.
    pub flags: Vec<PlanFlag>,
    /// Why it is worth a place and with what it travels.
    pub because: String,
    /// Why the other receivers do not get it.
    pub withheld: Vec<Because>,
    /// Its unit, a place in [`Relaxation::units`].
    pub unit: usize,
}

/// A part in no wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Which.
    pub id: PartId,
    /// How highly it is classified.
    pub level: Level,
    /// Why, for each receiver at least one reason; without receivers where the reason is the part's alone.
    pub reasons: Vec<Because>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Too many waves.
    #[error("{found} waves are more than {max}")]
    Waves {
        /// Asked for.
        found: u32,
        /// At most.
        max: u32,
    },
    /// Too much effort in one wave.
    #[error("an effort of {found} for each wave is more than {max}")]
    PerWave {
        /// Asked for.
        found: u64,
        /// At most.
        max: u64,
    },
    /// Too many receivers.
    #[error("{found} receivers are more than {max}")]
    Receivers {
        /// Of the policy.
        found: usize,
        /// At most.
        max: usize,
    },
    /// The plan that was found does not pass its judge: a defect of the program, and no plan is given out.
    #[error("the plan that was found does not hold")]
    Unsound(#[from] Unsound),
    /// The bound that was found does not pass its judge.
    #[error("the bound that was found does not hold")]
    Bound(#[from] BoundError),
}

impl PlanError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Waves { .. } => "plan fewer waves, and plan again when they are done",
            Self::PerWave { .. } => "count effort in a larger unit",
            Self::Receivers { .. } => "plan for some of the receivers at a time",
            Self::Unsound(_) | Self::Bound(_) => {
                "report it with the registry and the policy; nothing was planned"
            }
        }
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} waves of {}", self.waves, self.per_wave)
    }
}

/// Plans waves of what receivers may have and do not hold.
///
/// # Errors
/// A [`PlanError`]; a search that found less than the best is none.
///
/// # Guarantee
/// What is returned passed [`check()`]: no receiver gets what it may not have or before what it needs, unless flagged; the bound is proved.
///
/// Cost: questions of eligibility for each part and receiver; a minimum cut for each piece of the decomposition and each multiplier of the proof;
/// exchanges within a fixed number of steps.
pub fn plan(
    registry: &Registry,
    policy: &Policy,
    at: UtcTime,
    capacity: Capacity,
) -> Result<Plan, PlanError> {
    let receivers = policy.conditions.receivers.len();
    if capacity.waves > Capacity::WAVES_MAX {
        return Err(PlanError::Waves { found: capacity.waves, max: Capacity::WAVES_MAX });
    }
    if capacity.per_wave > Capacity::PER_WAVE_MAX {
        return Err(PlanError::PerWave { found: capacity.per_wave, max: Capacity::PER_WAVE_MAX });
    }
    if receivers > ground::RECEIVERS_MAX {
        return Err(PlanError::Receivers { found: receivers, max: ground::RECEIVERS_MAX });
    }
    let mut ground = Ground::new(registry, policy, at);
    let (mut network, gets) = Network::contract(&mut ground, capacity.per_wave);
    let worths = worth::worths(&ground, &gets);
    let value = |parts: &Vec<usize>| parts.iter().map(|part| worths[*part].points()).sum();
    network.values = network.parts.iter().map(value).collect();
    let blocks = sidney::decompose(&network);
    let schedule = search::search(&network, &blocks, capacity);
    let beyond = search::beyond(&network, &blocks, capacity, &schedule);
    let proof = prove::prove(&network, &blocks, capacity);
    let relaxation = relaxation(&ground, &network);
    let bound = bound::check(&relaxation, capacity, &proof)?;
    let (waves, left_out) = explain::explain(&explain::Found {
        ground: &ground,
        network,
        gets,
        worths,
        schedule,
        beyond,
        capacity,
    });
    let mut plan =
        Plan { at, capacity, waves, objective: 0, bound: bound.objective, left_out, relaxation, proof };
    let mut delivered = 0;
    for (wave, at_best) in plan.waves.iter_mut().zip(bound.at_best) {
        delivered += wave.value;
        (wave.delivered, wave.at_best) = (delivered, at_best);
        plan.objective += delivered;
    }
    check(registry, policy, &plan)?;
    Ok(plan)
}

fn relaxation(ground: &Ground<'_>, network: &Network) -> Relaxation {
    let unit = |unit: usize| Unit {
        parts: network.parts[unit].iter().map(|part| ground.ids[*part].clone()).collect(),
        effort: network.efforts[unit],
        value: network.values[unit],
    };
    let arcs = |unit: usize| network.needs[unit].iter().map(move |need| (unit, *need));
    Relaxation {
        units: (0..network.len()).map(unit).collect(),
        needs: (0..network.len()).flat_map(arcs).collect(),
    }
}
