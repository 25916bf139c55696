//! The best of all schedules of tiny worlds: never above the bound, never below the plan.

use crate::standards::plan::bound::{Relaxation, check};
use crate::standards::plan::tests::world::{Shape, random};
use crate::standards::{Capacity, Plan};

/// The greatest objective of any schedule of these units: every unit in every wave or in none.
pub(super) fn best(relaxation: &Relaxation, capacity: Capacity) -> u64 {
    let units = relaxation.units.len();
    let choices = capacity.waves + 1;
    let all = (choices as usize).pow(units as u32);
    let mut best = 0;
    let mut schedule = vec![0_u32; units];
    'all: for mut number in 0..all {
        let mut efforts = vec![0_u64; capacity.waves as usize];
        let mut value = 0;
        for (unit, wave) in schedule.iter_mut().enumerate() {
            *wave = (number % choices as usize) as u32;
            number /= choices as usize;
            if *wave < capacity.waves {
                efforts[*wave as usize] += relaxation.units[unit].effort;
                if efforts[*wave as usize] > capacity.per_wave {
                    continue 'all;
                }
                value += relaxation.units[unit].value * u64::from(capacity.waves - *wave);
            }
        }
        // The last wave is none: what is in it is not delivered, nor what needs it.
        if relaxation.needs.iter().all(|(unit, need)| schedule[*need] <= schedule[*unit]) {
            best = best.max(value);
        }
    }
    best
}

/// A plan of at most seven units, so that all schedules can be looked at.
fn tiny(seed: u64) -> Option<(Plan, Capacity)> {
    let shape =
        Shape { parts: 7, edges: 35, circles: seed.is_multiple_of(3), varied: seed.is_multiple_of(2) };
    let capacity = Capacity { per_wave: 3 + seed % 6, waves: 1 + (seed % 3) as u32 };
    let plan = random(seed, shape).plan(capacity.per_wave, capacity.waves);
    (plan.relaxation.units.len() > 1).then_some((plan, capacity))
}

#[test]
fn no_schedule_is_above_the_bound_and_few_are_above_the_plan() {
    let (mut worlds, mut reached, mut tight, mut worst) = (0, 0, 0, 0);
    for (plan, capacity) in (0..600).filter_map(tiny) {
        let best = best(&plan.relaxation, capacity);
        assert!(plan.objective <= best && best <= plan.bound, "{} {best} {}", plan.objective, plan.bound);
        worlds += 1;
        reached += u32::from(plan.objective == best);
        tight += u32::from(best == plan.bound);
        worst = worst.max((best - plan.objective) * 1000 / best.max(1));
    }
    println!(
        "{worlds} worlds: the best reached in {reached}, proved in {tight}; at worst {worst} thousandths below"
    );
    assert!(worlds > 300, "{worlds}");
    assert!(reached * 100 >= worlds * 90, "{reached} of {worlds}");
}

#[test]
fn any_multiplier_and_any_flow_bound_every_schedule() {
    for seed in 0..200 {
        let Some((plan, capacity)) = tiny(seed) else { continue };
        let best = best(&plan.relaxation, capacity);
        let mut proof = plan.proof.clone();
        for (place, multiplier) in proof.multipliers.iter_mut().enumerate() {
            multiplier.value = (seed * 7 + place as u64) % 11;
            multiplier.effort = 1 + seed % 5;
            for flow in &mut multiplier.flows {
                flow.amount = i128::from(seed % 13);
            }
        }
        let bound = check(&plan.relaxation, capacity, &proof).unwrap();
        assert!(best <= bound.objective, "{seed}");
        assert!(plan.bound <= bound.objective, "a worse multiplier cannot bound better: {seed}");
    }
}
