//! The structural audit: what follows from the equations alone, whatever the figures.
//!
//! A form is exactly known when it is in the span of the published equations and the attacker's own records. Rank,
//! in exact arithmetic; no figure is looked at but the factors that ratios publish, and records that bounds fix.
//! Source: docs/METHOD.md, "The exact model".

use std::collections::{BTreeMap, BTreeSet};

use super::Rational;
use super::attacker::Attacker;
use super::audit::protected;
use super::form::{Form, RecordId};
use super::polytope::Polytope;
use super::quantity::Quantity;
use super::world::World;
use crate::problem::UnitId;

/// The forms whose value the equations of a polytope give.
pub struct RowSpace<'a> {
    polytope: &'a Polytope,
    /// By record, the first of those with the same factors in all equations.
    alike: Vec<RecordId>,
    /// How many records are alike to this one.
    count: BTreeMap<RecordId, usize>,
    /// By leading record: the rest of an equation, its leading factor one.
    pivots: BTreeMap<RecordId, Form>,
}

impl<'a> RowSpace<'a> {
    /// The span of the polytope's equations, without what the attacker knows itself.
    #[must_use]
    pub fn new(polytope: &'a Polytope) -> Self {
        let equations: Vec<Form> = polytope
            .rows
            .iter()
            .filter(|row| row.is_equation())
            .map(|row| polytope.unknown_part(&row.form).0)
            .collect();
        let mut factors: Vec<Vec<(usize, Rational)>> = vec![Vec::new(); polytope.truth.len()];
        for (number, form) in equations.iter().enumerate() {
            for (record, factor) in form.terms() {
                factors[record.place()].push((number, factor.clone()));
            }
        }
        let mut first: BTreeMap<Vec<(usize, Rational)>, RecordId> = BTreeMap::new();
        let mut space = Self { polytope, alike: Vec::new(), count: BTreeMap::new(), pivots: BTreeMap::new() };
        for (record, factors) in (0_u32..).map(RecordId).zip(factors) {
            let leader = *first.entry(factors).or_insert(record);
            space.alike.push(leader);
            if !polytope.knows(record) {
                *space.count.entry(leader).or_insert(0) += 1;
            }
        }
        for form in equations {
            let leading = Form::new(form.terms().iter().filter(|(record, _)| space.leads(*record)).cloned());
            if let Some((record, rest)) = space.reduce(leading) {
                space.pivots.insert(record, rest);
            }
        }
        space
    }

    fn leads(&self, record: RecordId) -> bool {
        self.alike.get(record.place()) == Some(&record)
    }

    /// Whether the equations give the form's value, the attacker's own records known.
    #[must_use]
    pub fn contains(&self, form: &Form) -> bool {
        let (unknown, _) = self.polytope.unknown_part(form);
        // In the span, records that are alike have equal factors.
        let mut groups: BTreeMap<RecordId, (usize, &Rational)> = BTreeMap::new();
        for (record, factor) in unknown.terms() {
            let Some(leader) = self.alike.get(record.place()) else { return false };
            let (count, common) = groups.entry(*leader).or_insert((0, factor));
            if *common != factor {
                return false;
            }
            *count += 1;
        }
        if groups.iter().any(|(leader, (count, _))| self.count.get(leader) != Some(count)) {
            return false;
        }
        let leading = Form::new(groups.into_iter().map(|(leader, (_, factor))| (leader, factor.clone())));
        self.reduce(leading).is_none()
    }

    /// What is left of a form after all equations, scaled to a leading one; `None` where nothing is.
    fn reduce(&self, form: Form) -> Option<(RecordId, Form)> {
        let mut rest: BTreeMap<RecordId, Rational> = form.terms().iter().cloned().collect();
        while let Some((record, factor)) =
            rest.first_key_value().map(|(record, factor)| (*record, factor.clone()))
        {
            let Some(pivot) = self.pivots.get(&record) else {
                let scale = factor.reciprocal()?;
                let scaled = rest.iter().map(|(record, factor)| (*record, factor * &scale));
                return Some((record, Form::new(scaled)));
            };
            for (other, term) in pivot.terms() {
                let sum = rest.entry(*other).or_insert(Rational::ZERO);
                *sum = &*sum - &(&factor * term);
                if sum.is_zero() {
                    rest.remove(other);
                }
            }
        }
        None
    }
}

/// Units that have a protected quantity whose value the equations give away to the attacker.
#[must_use]
pub fn disclosed(
    world: &World,
    polytope: &Polytope,
    attacker: &Attacker,
    quantities: &[Quantity],
) -> BTreeSet<UnitId> {
    exact(world, polytope, attacker, quantities).iter().map(|quantity| quantity.unit).collect()
}

/// For each unit of which the equations give something away to the attacker, the first such quantity.
#[must_use]
pub fn exact<'q>(
    world: &World,
    polytope: &Polytope,
    attacker: &Attacker,
    quantities: &'q [Quantity],
) -> Vec<&'q Quantity> {
    let space = RowSpace::new(polytope);
    let mut disclosed = BTreeSet::new();
    let mut found = Vec::new();
    for quantity in protected(world, attacker, quantities) {
        let open = quantity.form.terms().iter().any(|(record, _)| !polytope.knows(*record));
        if open && !disclosed.contains(&quantity.unit) && space.contains(&quantity.form) {
            disclosed.insert(quantity.unit);
            found.push(quantity);
        }
    }
    found
}
