//! A plan that was changed is found out, and by what was changed.

use ledger::act::Level::{Confidential, Unclassified};

use super::world::{World, code, id, now};
use crate::standards::plan::{BecauseCode, Plan, Unsound, check};
use crate::standards::policy::Missing;
use crate::standards::record::Obligation;
use crate::standards::{Capacity, PlanError, plan};

/// Two waves of three; d does not fit; e is confidential, and LOW gets what needs it with a flag.
fn world() -> World {
    let mut world = World::new(&["a", "b", "c", "cover", "vol", "z"].map(|part| (part, Unclassified)));
    world.records.push(super::world::record("e", Some(Confidential)));
    world.needs("a", "b").needs("c", "e").covers("cover", "vol");
    world.uses("x", "a", Obligation::Mandatory).uses("x", "c", Obligation::Mandatory);
    world.policy.planning.missing_needs = Missing::Flag;
    world
}

fn judged(change: impl FnOnce(&mut Plan)) -> Result<(), Unsound> {
    let world = world();
    let mut plan = world.plan(3, 2);
    assert_eq!(check(&world.registry(), &world.policy, &plan), Ok(()));
    change(&mut plan);
    check(&world.registry(), &world.policy, &plan)
}

/// Moves a part to another wave, with effort and points as they should be.
fn shift(plan: &mut Plan, part: &str, to: usize) {
    let from =
        plan.waves.iter().position(|wave| wave.parts.iter().any(|planned| planned.id == id(part))).unwrap();
    let place = plan.waves[from].parts.iter().position(|planned| planned.id == id(part)).unwrap();
    let moved = plan.waves[from].parts.remove(place);
    plan.waves[to].parts.push(moved);
    let (mut delivered, mut objective) = (0, 0);
    for wave in &mut plan.waves {
        wave.effort = wave.parts.iter().map(|part| part.effort).sum();
        wave.value = wave.parts.iter().map(|part| part.worth.points()).sum();
        delivered += wave.value;
        wave.delivered = delivered;
        objective += delivered;
    }
    plan.objective = objective;
}

fn planned<'p>(plan: &'p mut Plan, part: &str) -> &'p mut crate::standards::plan::Planned {
    plan.waves.iter_mut().flat_map(|wave| &mut wave.parts).find(|planned| planned.id == id(part)).unwrap()
}

#[test]
fn parts_stand_once() {
    assert_eq!(judged(|plan| drop(plan.left_out.pop())), Err(Unsound::Once { part: id("z") }));
    let twice = |plan: &mut Plan| plan.left_out.push(plan.left_out[0].clone());
    assert_eq!(judged(twice), Err(Unsound::Once { part: id("z") }));
    assert_eq!(
        judged(|plan| planned(plan, "a").id = id("unknown")),
        Err(Unsound::Once { part: id("unknown") })
    );
    assert_eq!(judged(|plan| plan.waves[1].number = 3), Err(Unsound::Numbers));
    assert_eq!(judged(|plan| drop(plan.waves.pop())), Err(Unsound::Numbers));
}

#[test]
fn receivers_are_those_that_may() {
    let none = |plan: &mut Plan| planned(plan, "a").receivers.clear();
    assert_eq!(judged(none), Err(Unsound::Receiver { part: id("a") }));
    let low = |plan: &mut Plan| assert!(planned(plan, "e").receivers.insert(code("LOW")));
    assert_eq!(judged(low), Err(Unsound::Receiver { part: id("e") }));
    let group = |plan: &mut Plan| assert!(planned(plan, "a").receivers.insert(code("EU")));
    assert_eq!(judged(group), Err(Unsound::Receiver { part: id("a") }));
    let fewer = |plan: &mut Plan| assert!(planned(plan, "a").receivers.remove(&code("LOW")));
    assert_eq!(judged(fewer), Err(Unsound::Reason { part: id("a") }));
}

#[test]
fn needs_come_no_later_or_are_flagged() {
    let late = |plan: &mut Plan| {
        let other = usize::from(plan.waves[0].parts.iter().any(|part| part.id == id("b")));
        shift(plan, "a", 0);
        shift(plan, "b", 1);
        assert!(other <= 1);
    };
    assert_eq!(judged(late), Err(Unsound::Need { part: id("a"), need: id("b") }));
    let silent = |plan: &mut Plan| planned(plan, "c").flags.clear();
    assert_eq!(judged(silent), Err(Unsound::Need { part: id("c"), need: id("e") }));
    let hidden = |plan: &mut Plan| planned(plan, "a").needs.clear();
    assert_eq!(judged(hidden), Err(Unsound::Need { part: id("a"), need: id("b") }));
    let made_up = |plan: &mut Plan| assert!(planned(plan, "b").needs.insert(id("c")));
    assert_eq!(judged(made_up), Err(Unsound::Need { part: id("b"), need: id("c") }));
    // What the policy blocks cannot be flagged away.
    let mut world = world();
    let plan = world.plan(3, 2);
    world.policy.planning.missing_needs = Missing::Block;
    assert!(check(&world.registry(), &world.policy, &plan).is_err());
}

#[test]
fn covers_stay_with_what_they_cover() {
    let apart = |plan: &mut Plan| {
        let here = usize::from(plan.waves[1].parts.iter().any(|part| part.id == id("cover")));
        shift(plan, "cover", 1 - here);
    };
    assert_eq!(judged(apart), Err(Unsound::Cover { cover: id("cover"), covered: id("vol") }));
}

#[test]
fn numbers_add_up() {
    let crowded = |plan: &mut Plan| {
        let second = plan.waves[1].parts.iter().map(|part| part.id.as_str().to_owned()).collect::<Vec<_>>();
        second.iter().for_each(|part| shift(plan, part, 0));
    };
    assert_eq!(judged(crowded), Err(Unsound::Effort { wave: 1 }));
    assert_eq!(judged(|plan| planned(plan, "a").effort = 0), Err(Unsound::Effort { wave: 1 }));
    assert_eq!(judged(|plan| planned(plan, "a").level = Confidential), Err(Unsound::Effort { wave: 1 }));
    assert_eq!(judged(|plan| planned(plan, "a").worth.base += 1), Err(Unsound::Value { wave: 1 }));
    assert_eq!(judged(|plan| plan.waves[1].delivered += 1), Err(Unsound::Value { wave: 2 }));
    assert_eq!(judged(|plan| plan.objective += 1), Err(Unsound::Value { wave: 0 }));
}

#[test]
fn the_bound_is_the_proved_one_about_these_parts() {
    assert_eq!(judged(|plan| plan.bound -= 1), Err(Unsound::Bound));
    assert_eq!(judged(|plan| plan.waves[0].at_best += 1), Err(Unsound::Bound));
    assert_eq!(judged(|plan| drop(plan.relaxation.units.pop())), Err(Unsound::Bound));
    assert_eq!(judged(|plan| plan.relaxation.units[0].value += 1), Err(Unsound::Bound));
    assert_eq!(judged(|plan| plan.relaxation.units[0].effort += 1), Err(Unsound::Bound));
    assert_eq!(judged(|plan| plan.relaxation.needs.push((1, 0))), Err(Unsound::Bound));
    assert_eq!(judged(|plan| plan.relaxation.needs.clear()), Err(Unsound::Bound));
    assert_eq!(judged(|plan| plan.proof.waves[0] = 99), Err(Unsound::Bound));
    assert_eq!(judged(|plan| plan.proof.multipliers[0].effort = 0), Err(Unsound::Bound));
}

#[test]
fn everybody_who_does_not_get_a_part_is_told_why() {
    assert_eq!(judged(|plan| planned(plan, "e").withheld.clear()), Err(Unsound::Reason { part: id("e") }));
    assert_eq!(judged(|plan| plan.left_out[0].reasons.clear()), Err(Unsound::Reason { part: id("z") }));
    // "No room" is no reason for what nobody may have.
    let mut world = world();
    world.record("z").marking = Some(ledger::act::Level::TopSecret);
    let mut plan = world.plan(3, 2);
    plan.left_out[0].reasons[0].code = BecauseCode::BeyondTheWaves;
    assert!(check(&world.registry(), &world.policy, &plan).is_err());
}

#[test]
fn limits_are_in_the_message() {
    let world = world();
    let planned =
        |per_wave, waves| plan(&world.registry(), &world.policy, now(), Capacity { per_wave, waves });
    assert!(planned(Capacity::PER_WAVE_MAX, 3).is_ok());
    let error = planned(Capacity::PER_WAVE_MAX + 1, 3).unwrap_err();
    assert_eq!(error.to_string(), "an effort of 1000000001 for each wave is more than 1000000000");
    assert!(matches!(planned(1, 1001), Err(PlanError::Waves { found: 1001, max: 1000 })));
    assert!(planned(1, 1000).is_ok());
}
