//! The judge of a plan: whether what it says follows from the registry and the policy. It shares no code with the search, the numbering or
//! the decomposition; it trusts `eligibility`, which says who may have what, and [`bound::check`], which judges the proof.
#![forbid(clippy::float_arithmetic)]

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, PartId};

use super::bound;
use super::{BecauseCode, Plan, PlanFlag, Planned};
use crate::standards::eligibility::{Purpose, may_have};
use crate::standards::policy::{Covers, Missing, Policy};
use crate::standards::record::{Obligation, Relation};
use crate::standards::registry::Registry;

mod claim;

use claim::Claim;

/// What of a plan does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// A part stands in no wave and is not left out, or both, or twice, or is not registered.
    #[error("`{part}` does not stand in the plan exactly once")]
    Once {
        /// The part.
        part: PartId,
    },
    /// Waves are not numbered from one, or one too many or too few.
    #[error("the waves are not numbered as planned")]
    Numbers,
    /// A wave takes more than it may, or another effort than it says.
    #[error("wave {wave} does not keep to its effort")]
    Effort {
        /// The wave.
        wave: u32,
    },
    /// A wave, a part or the plan is worth something else than it says.
    #[error("wave {wave} does not add up in points")]
    Value {
        /// The wave; 0 for the whole plan.
        wave: u32,
    },
    /// A part goes to somebody who may not have it, or to nobody.
    #[error("`{part}` goes to somebody who may not have it")]
    Receiver {
        /// The part.
        part: PartId,
    },
    /// A part goes before what it needs, without a flag that the policy allows.
    #[error("`{part}` goes without `{need}`, which it needs")]
    Need {
        /// The part.
        part: PartId,
        /// What it needs.
        need: PartId,
    },
    /// A cover does not travel with what it covers as the policy says.
    #[error("`{cover}` and `{covered}` do not travel as the policy says")]
    Cover {
        /// The cover.
        cover: PartId,
        /// What it covers.
        covered: PartId,
    },
    /// The bound is about something else, or not the one that is proved.
    #[error("the bound is not about this plan")]
    Bound,
    /// A reason is missing or not true.
    #[error("`{part}` is left out or withheld without a reason")]
    Reason {
        /// The part.
        part: PartId,
    },
}

impl Unsound {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        "do not release by this plan; plan again from the same registry and policy"
    }
}

/// Judges a plan.
///
/// # Errors
/// The first thing that does not hold.
///
/// # Guarantee
/// See `../plan.proof.md`.
///
/// Cost: as much as planning without search: questions of eligibility for each part and receiver.
pub fn check(registry: &Registry, policy: &Policy, plan: &Plan) -> Result<(), Unsound> {
    let placed = placed(registry, plan)?;
    let claim = Claim::new(registry, policy, plan.at, plan.capacity);
    for (part, (_, planned)) in &placed {
        let may = |code: &Code| {
            policy.conditions.receivers.contains_key(code)
                && may_have(registry, policy, part, code, plan.at, Purpose::Plan).is_empty()
        };
        if planned.receivers.is_empty() || !planned.receivers.iter().all(may) {
            return Err(Unsound::Receiver { part: (*part).clone() });
        }
        // Who may have it gets it: a plan that forgets a receiver would be worth the same.
        if claim.gets(part) != Some(&planned.receivers) {
            return Err(Unsound::Reason { part: (*part).clone() });
        }
    }
    needs(registry, policy, &placed)?;
    covers(registry, policy, plan, &placed)?;
    sums(policy, registry, plan, &claim)?;
    left_out(policy, plan, &claim)?;
    bounded(plan, &claim)
}

type Placed<'p> = BTreeMap<&'p PartId, (u32, &'p Planned)>;

/// Parts by wave, once each; and everything else left out, once each.
fn placed<'p>(registry: &Registry, plan: &'p Plan) -> Result<Placed<'p>, Unsound> {
    let mut placed = Placed::new();
    let mut seen = BTreeSet::new();
    if plan.waves.len() != plan.capacity.waves as usize {
        return Err(Unsound::Numbers);
    }
    for (number, wave) in (1..).zip(&plan.waves) {
        if wave.number != number {
            return Err(Unsound::Numbers);
        }
        for part in &wave.parts {
            placed.insert(&part.id, (number, part));
        }
    }
    let planned = plan.waves.iter().flat_map(|wave| wave.parts.iter().map(|part| &part.id));
    for part in planned.chain(plan.left_out.iter().map(|left| &left.id)) {
        if !seen.insert(part) || registry.record(part).is_none() {
            return Err(Unsound::Once { part: part.clone() });
        }
    }
    match registry.records().keys().find(|id| !seen.contains(id)) {
        Some(part) => Err(Unsound::Once { part: part.clone() }),
        None => Ok(placed),
    }
}

/// Every need of every receiver of every part: held, in an earlier wave or this one, or flagged where the policy allows it.
fn needs(registry: &Registry, policy: &Policy, placed: &Placed<'_>) -> Result<(), Unsound> {
    for (part, (wave, planned)) in placed {
        let mut all = BTreeSet::new();
        for edge in registry.edges_from(part) {
            let normative =
                edge.relation == Relation::References && edge.obligation == Some(Obligation::Mandatory);
            if !(normative || edge.relation == Relation::HasPart) || edge.to == edge.from {
                continue;
            }
            all.insert(&edge.to);
            let has = |receiver: &Code| {
                let in_time = |(at, need): &(u32, &Planned)| at <= wave && need.receivers.contains(receiver);
                policy.holds(receiver, &edge.to) || placed.get(&edge.to).is_some_and(in_time)
            };
            let lacking: BTreeSet<Code> =
                planned.receivers.iter().filter(|code| !has(code)).cloned().collect();
            let flag = PlanFlag::Lacks { part: edge.to.clone(), receivers: lacking.clone() };
            let flagged = planned.flags.contains(&flag) && planned.lacks.contains(&edge.to);
            let fits = if lacking.is_empty() {
                planned.needs.contains(&edge.to)
            } else {
                flagged && policy.planning.missing_needs == Missing::Flag
            };
            if !fits {
                return Err(Unsound::Need { part: (*part).clone(), need: edge.to.clone() });
            }
        }
        if let Some(other) = planned.needs.iter().chain(&planned.lacks).find(|need| !all.contains(need)) {
            return Err(Unsound::Need { part: (*part).clone(), need: other.clone() });
        }
    }
    Ok(())
}

/// Covers travel with what they cover, by receiver.
fn covers(registry: &Registry, policy: &Policy, plan: &Plan, placed: &Placed<'_>) -> Result<(), Unsound> {
    let mut waiting: BTreeMap<&PartId, &BTreeSet<Code>> = BTreeMap::new();
    for left in &plan.left_out {
        let beyond = left.reasons.iter().find(|because| because.code == BecauseCode::BeyondTheWaves);
        waiting.extend(beyond.map(|because| (&left.id, &because.receivers)));
    }
    for edge in
        registry.edges().iter().filter(|edge| edge.relation == Relation::Covers && edge.from != edge.to)
    {
        let (cover, covered) = (&edge.from, &edge.to);
        let who = |part: &PartId| -> (u32, Option<&BTreeSet<Code>>) {
            match (placed.get(part), waiting.get(part)) {
                (Some((wave, planned)), _) => (*wave, Some(&planned.receivers)),
                (None, Some(receivers)) => (u32::MAX, Some(receivers)),
                (None, None) => (u32::MAX, None),
            }
        };
        let ((first, of_cover), (then, of_covered)) = (who(cover), who(covered));
        let fault = || Unsound::Cover { cover: cover.clone(), covered: covered.clone() };
        if let (Some(a), Some(b)) = (of_cover, of_covered)
            && !a.is_disjoint(b)
        {
            let fits = match policy.planning.covers {
                Covers::Together => first == then,
                Covers::First => first <= then,
            };
            if !fits {
                return Err(fault());
            }
        }
        let Some((_, planned)) = placed.get(cover) else { continue };
        let missing = |code: &&Code| {
            !policy.holds(code, covered) && of_covered.is_none_or(|receivers| !receivers.contains(*code))
        };
        let lacking: BTreeSet<Code> = planned.receivers.iter().filter(missing).cloned().collect();
        let flag = PlanFlag::CoverIncomplete { part: covered.clone(), receivers: lacking.clone() };
        if !lacking.is_empty() && !planned.flags.contains(&flag) {
            return Err(fault());
        }
    }
    Ok(())
}

/// Effort and points of parts, waves and the whole.
fn sums(policy: &Policy, registry: &Registry, plan: &Plan, claim: &Claim<'_>) -> Result<(), Unsound> {
    let (mut delivered, mut objective) = (0, 0);
    for wave in &plan.waves {
        let (mut effort, mut value) = (0, 0);
        for part in &wave.parts {
            let level = registry.record(&part.id).map(|record| policy.level(record));
            if level != Some(part.level) || part.effort != policy.review.effort(part.level) {
                return Err(Unsound::Effort { wave: wave.number });
            }
            if Some(part.worth.points()) != claim.points(&part.id) {
                return Err(Unsound::Value { wave: wave.number });
            }
            effort += part.effort;
            value += part.worth.points();
        }
        if effort != wave.effort || effort > plan.capacity.per_wave {
            return Err(Unsound::Effort { wave: wave.number });
        }
        delivered += value;
        objective += delivered;
        if value != wave.value || delivered != wave.delivered {
            return Err(Unsound::Value { wave: wave.number });
        }
    }
    if objective == plan.objective { Ok(()) } else { Err(Unsound::Value { wave: 0 }) }
}

/// Every receiver of the policy has a reason for each part that it does not get.
fn left_out(policy: &Policy, plan: &Plan, claim: &Claim<'_>) -> Result<(), Unsound> {
    let withheld = plan.waves.iter().flat_map(|wave| &wave.parts);
    let withheld = withheld.map(|part| (&part.id, &part.withheld, Some(&part.receivers)));
    let left_out = plan.left_out.iter().map(|left| (&left.id, &left.reasons, None));
    for (part, reasons, receivers) in withheld.chain(left_out) {
        let gets = |code: &Code| receivers.is_some_and(|receivers: &BTreeSet<Code>| receivers.contains(code));
        let told = |code: &Code| reasons.iter().any(|because| because.receivers.contains(code));
        let all = policy.conditions.receivers.keys().all(|code| gets(code) != told(code));
        let beyond = reasons.iter().find(|because| because.code == BecauseCode::BeyondTheWaves);
        let waits = beyond.map(|because| &because.receivers);
        if !all || reasons.is_empty() && receivers.is_none() || receivers.or(waits) != claim.gets(part) {
            return Err(Unsound::Reason { part: part.clone() });
        }
    }
    Ok(())
}

/// The bound is about these parts in these units, and it is proved.
fn bounded(plan: &Plan, claim: &Claim<'_>) -> Result<(), Unsound> {
    if !claim.is(&plan.relaxation) {
        return Err(Unsound::Bound);
    }
    let bound = bound::check(&plan.relaxation, plan.capacity, &plan.proof).map_err(|_| Unsound::Bound)?;
    let waves = plan.waves.iter().zip(&bound.at_best);
    let fits =
        |(wave, at_best): (&super::PlannedWave, &u64)| wave.at_best == *at_best && wave.delivered <= *at_best;
    if plan.bound == bound.objective && plan.objective <= plan.bound && waves.into_iter().all(fits) {
        Ok(())
    } else {
        Err(Unsound::Bound)
    }
}
