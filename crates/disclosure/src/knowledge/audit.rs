//! The guarantee, judged exactly: each protected quantity against each attacker, at the level of records.
//!
//! A quantity of value `t` is safe when its interval is no point, reaches `t + need`, and, if two-sided, reaches down
//! to `t - need` or to the least possible value; `need = max(p/100 |t|, floor)`. Reaching is enough: no tolerance.
//! Source: docs/METHOD.md, "The guarantee" and "The exact model".

use std::collections::BTreeSet;

use super::Rational;
use super::attacker::Attacker;
use super::condense::condense;
use super::derivable::derivable;
use super::form::Row;
use super::polytope::Polytope;
use super::proof::{Bound, Demand, Evidence};
use super::quantity::{Kind, Policy, Quantity};
use super::region::{Numbers, Region, RegionError, Side};
use super::statement::{Grain, Release, Untrue, rows};
use super::world::World;
use crate::guarantee::Family;
use crate::problem::UnitId;

/// Records and all that was said of them; every statement is true.
pub struct History<'a> {
    world: &'a World,
    releases: &'a [Release],
    rows: Vec<Row>,
}

/// What was found of one protected quantity.
pub struct Finding<'a> {
    /// The quantity.
    pub quantity: &'a Quantity,
    /// The lower end of its interval; `None` where there is none.
    pub low: Option<Rational>,
    /// The upper end of its interval; `None` where there is none.
    pub high: Option<Rational>,
    /// What is wrong with it, if anything is.
    pub breach: Option<Breach>,
}

/// How a guarantee is broken; the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// The interval is a point.
    Exact,
    /// It does not reach far enough up.
    Upper,
    /// It does not reach far enough down.
    Lower,
}

impl<'a> History<'a> {
    /// The history of these releases.
    ///
    /// # Errors
    /// The first statement that is not true of the records.
    pub fn new(world: &'a World, releases: &'a [Release], grain: Grain) -> Result<Self, Untrue> {
        Ok(Self { world, releases, rows: rows(world, releases, grain)? })
    }

    /// The same history in fewer rows: exactly the same worlds are possible. Worth it where releases have margins or
    /// repeat each other.
    #[must_use]
    pub fn condensed(self) -> Self {
        Self { rows: condense(self.rows), ..self }
    }

    /// The world that it is about.
    #[must_use]
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// Its releases.
    #[must_use]
    pub fn releases(&self) -> &'a [Release] {
        self.releases
    }

    /// The worlds that an attacker cannot rule out, in the numbers that the policy gives it.
    #[must_use]
    pub fn polytope(&self, attacker: &Attacker, numbers: Numbers) -> Polytope {
        let polytope = attacker.polytope(self.world, self.releases, &self.rows);
        if numbers == Numbers::Whole { polytope.in_whole_numbers() } else { polytope }
    }

    /// The units that the attacker comes too close to. Intervals are followed only as far as the verdict needs.
    ///
    /// # Errors
    /// What is known contradicts itself, or whole numbers need too many cases.
    pub fn violated(
        &self,
        attacker: &Attacker,
        policy: &Policy,
        quantities: &[Quantity],
    ) -> Result<BTreeSet<UnitId>, RegionError> {
        let polytope = self.polytope(attacker, policy.numbers);
        let mut region = Region::new(&polytope, policy.numbers)?;
        let mut violated = BTreeSet::new();
        let derived = derived(self.world, &polytope, policy)?;
        for quantity in protected(self.world, attacker, quantities.iter().chain(&derived)) {
            let demand = demand(self.world, policy, quantity);
            if !violated.contains(&quantity.unit) && is_broken(&mut region, quantity, &demand)? {
                violated.insert(quantity.unit);
            }
        }
        Ok(violated)
    }

    /// For each unit that the attacker comes too close to, the first of these quantities with which it does.
    ///
    /// # Errors
    /// As [`History::violated`]; [`RegionError::Stopped`] once `stop` says so, which is asked before each quantity.
    pub fn exposures<'q>(
        &self,
        attacker: &Attacker,
        policy: &Policy,
        quantities: &'q [Quantity],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Finding<'q>>, RegionError> {
        let polytope = self.polytope(attacker, policy.numbers);
        let mut region = Region::new(&polytope, policy.numbers)?;
        let mut exposed = BTreeSet::new();
        let mut findings = Vec::new();
        for quantity in protected(self.world, attacker, quantities) {
            if stop() {
                return Err(RegionError::Stopped);
            }
            let demand = demand(self.world, policy, quantity);
            if exposed.contains(&quantity.unit) || !is_broken(&mut region, quantity, &demand)? {
                continue;
            }
            exposed.insert(quantity.unit);
            let (low, high) = region.interval(&quantity.form)?;
            let breach = breach(low.as_ref(), high.as_ref(), &demand);
            findings.push(Finding { quantity, low, high, breach });
        }
        Ok(findings)
    }

    /// The interval of each of these quantities that is protected from the attacker, and what is wrong with it. Sums
    /// that follow from what was said are for the caller to add: [`super::derivable`].
    ///
    /// # Errors
    /// As [`History::violated`].
    pub fn findings<'q>(
        &self,
        attacker: &Attacker,
        policy: &Policy,
        quantities: &'q [Quantity],
    ) -> Result<Vec<Finding<'q>>, RegionError> {
        let polytope = self.polytope(attacker, policy.numbers);
        let mut region = Region::new(&polytope, policy.numbers)?;
        let mut findings = Vec::new();
        for quantity in protected(self.world, attacker, quantities) {
            let (low, high) = region.interval(&quantity.form)?;
            let demand = demand(self.world, policy, quantity);
            let breach = breach(low.as_ref(), high.as_ref(), &demand);
            findings.push(Finding { quantity, low, high, breach });
        }
        Ok(findings)
    }
}

/// Evidence for the verdict over one quantity: worlds where it is safe, multipliers where it is not. `None` where a
/// verdict over whole numbers rests on cases and not on multipliers. [`super::proof::verify`] judges it.
///
/// # Errors
/// As [`History::violated`].
pub fn evidence(
    polytope: &Polytope,
    numbers: Numbers,
    quantity: &Quantity,
    demand: &Demand,
) -> Result<Option<Evidence>, RegionError> {
    let mut region = Region::new(polytope, numbers)?;
    if is_broken(&mut region, quantity, demand)? {
        return evidence_of_breach(polytope, quantity, demand, numbers);
    }
    let mut worlds = Vec::new();
    let beyond = |goal: &Rational| if *goal > demand.truth { goal.clone() } else { goal + &Rational::ONE };
    let up = region.extreme(&quantity.form, Side::High, Some(&beyond(&demand.high)))?;
    worlds.extend(up.world);
    let down = demand.low.clone().unwrap_or_else(|| &demand.truth - &Rational::ONE);
    worlds.extend(region.extreme(&quantity.form, Side::Low, Some(&down))?.world);
    Ok(Some(Evidence::Worlds(worlds)))
}

/// Multipliers that show a breach: from the linear program, which is no narrower than whole numbers.
fn evidence_of_breach(
    polytope: &Polytope,
    quantity: &Quantity,
    demand: &Demand,
    numbers: Numbers,
) -> Result<Option<Evidence>, RegionError> {
    let mut region = Region::new(polytope, Numbers::Any)?;
    let mut bound = |side| -> Result<Bound, RegionError> {
        Ok(Bound(region.extreme(&quantity.form, side, None)?.multipliers))
    };
    let (low, high) = (bound(Side::Low)?, bound(Side::High)?);
    let all = [
        Evidence::Exact { low: low.clone(), high: high.clone() },
        Evidence::Upper(high),
        Evidence::Lower(low),
    ];
    let proved =
        all.into_iter().find(|one| super::proof::verify(polytope, numbers, &quantity.form, demand, one));
    Ok(proved)
}

/// What the guarantee asks of a quantity.
#[must_use]
pub fn demand(world: &World, policy: &Policy, quantity: &Quantity) -> Demand {
    let truth = quantity.form.value(world.truth());
    let share = (&truth.abs() * &policy.p).over(&Rational::HUNDRED).unwrap_or(Rational::ZERO);
    let need = share.max(policy.floor.clone());
    let down = &truth - &need;
    // The least that a sum of shares can be is public; a change has no such end.
    let least =
        world.domain().low.as_ref().filter(|_| !matches!(quantity.kind, Kind::Delta(..))).map(|low| {
            let factors = quantity.form.terms().iter().map(|(_, factor)| factor);
            let positive = factors.filter(|factor| factor.is_positive());
            positive.fold(Rational::ZERO, |sum, factor| &sum + &(factor * low))
        });
    let low = policy.two_sided.then(|| least.map_or(down.clone(), |least| least.max(down.clone())));
    Demand { high: &truth + &need, low, truth }
}

fn derived(world: &World, polytope: &Polytope, policy: &Policy) -> Result<Vec<Quantity>, RegionError> {
    if policy.families.contains(&Family::Derivable) { derivable(world, polytope) } else { Ok(Vec::new()) }
}

/// The quantities that are protected from an attacker: not its own members', and not those waived.
pub fn protected<'q>(
    world: &World,
    attacker: &Attacker,
    quantities: impl IntoIterator<Item = &'q Quantity>,
) -> impl Iterator<Item = &'q Quantity> {
    quantities.into_iter().filter(|one| !attacker.members.contains(&one.unit) && !world.waived(one.unit))
}

fn breach(low: Option<&Rational>, high: Option<&Rational>, demand: &Demand) -> Option<Breach> {
    if low.is_some() && low == high {
        return Some(Breach::Exact);
    }
    if high.is_some_and(|high| *high < demand.high) {
        return Some(Breach::Upper);
    }
    let asked = demand.low.as_ref().zip(low);
    asked.is_some_and(|(asked, low)| low > asked).then_some(Breach::Lower)
}

fn is_broken(region: &mut Region<'_>, quantity: &Quantity, demand: &Demand) -> Result<bool, RegionError> {
    let form = &quantity.form;
    if !region.holds_truth() {
        let (low, high) = region.interval(form)?;
        return Ok(breach(low.as_ref(), high.as_ref(), demand).is_some());
    }
    if demand.high > demand.truth {
        // A world beyond the truth, and the truth: no point.
        if !region.reaches(form, Side::High, &demand.high)? {
            return Ok(true);
        }
    } else if !moves(region, form, Side::High, demand)? && !moves(region, form, Side::Low, demand)? {
        return Ok(true);
    }
    match &demand.low {
        Some(low) => Ok(!region.reaches(form, Side::Low, low)?),
        None => Ok(false),
    }
}

/// Whether the form can be beyond the truth at all.
fn moves(
    region: &mut Region<'_>,
    form: &super::Form,
    side: Side,
    demand: &Demand,
) -> Result<bool, RegionError> {
    let step = if side == Side::High { Rational::ONE } else { Rational::whole(-1) };
    let found = region.extreme(form, side, Some(&(&demand.truth + &step)))?;
    Ok(found.reached || found.end.is_none_or(|end| end != demand.truth))
}
