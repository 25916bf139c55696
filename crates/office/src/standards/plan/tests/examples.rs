//! Plans worked out by hand.

use ledger::act::Level::{Confidential, Restricted, Unclassified};

use super::world::{World, code, codes, id, waves};
use crate::standards::plan::{Because, BecauseCode, PlanFlag};
use crate::standards::policy::{Covers, Missing, Superseded};
use crate::standards::record::{Obligation, Relation, Status};
use crate::standards::{Plan, ReasonCode};

fn left<'p>(plan: &'p Plan, part: &str) -> &'p [Because] {
    &plan.left_out.iter().find(|left| left.id == id(part)).unwrap().reasons
}

fn codes_of(because: &[Because]) -> Vec<&str> {
    because.iter().map(|because| because.code.as_str()).collect()
}

fn planned<'p>(plan: &'p Plan, part: &str) -> &'p crate::standards::plan::Planned {
    plan.waves.iter().flat_map(|wave| &wave.parts).find(|planned| planned.id == id(part)).unwrap()
}

#[test]
fn what_is_most_used_goes_first_with_what_it_needs() {
    // a is worth 1 + 3 * 4 = 13 and needs b (1): 14 for two; c is worth 1 + 4 = 5; d is worth 1.
    let mut world = World::new(&["a", "b", "c", "d"].map(|part| (part, Unclassified)));
    world.needs("a", "b").uses("x", "c", Obligation::Mandatory);
    for profile in ["x", "y", "z"] {
        world.uses(profile, "a", Obligation::Mandatory);
    }
    let plan = world.plan(2, 2);
    assert_eq!(waves(&plan), [vec!["a", "b"], vec!["c", "d"]]);
    // 14 after the first wave, 20 after the second.
    assert_eq!((plan.objective, plan.bound, plan.gap_ppm()), (34, 34, 0));
    assert_eq!(planned(&plan, "a").needs, [id("b")].into());
    assert!(
        planned(&plan, "a")
            .because
            .starts_with("13 points for an effort of 1: 1 as a part, 12 for 3 profiles")
    );
    // One at a time: b alone is worth 1 at first, and still better than waiting with a: 1 + 14 + 19 + 20; c first would be 5 + 6 + 19 + 20.
    let plan = world.plan(1, 4);
    assert_eq!(waves(&plan), [["b"], ["a"], ["c"], ["d"]]);
    assert_eq!(plan.objective, 54);
}

#[test]
fn the_highest_requirement_of_a_profile_counts_once() {
    let mut world = World::new(&[("a", Unclassified)]);
    world.uses("x", "a", Obligation::Optional).uses("x", "a", Obligation::Mandatory);
    world.uses("x", "a", Obligation::Conditional).uses("y", "a", Obligation::Fading);
    let plan = world.plan(1, 1);
    let worth = planned(&plan, "a").worth;
    assert_eq!((worth.base, worth.profiles, worth.uses, worth.points()), (1, 2, 4, 5));
}

#[test]
fn a_chain_is_spelt_out_to_its_root() {
    let mut world = World::new(&[("a", Unclassified), ("b", Unclassified), ("c", Confidential)]);
    world.needs("a", "b").edge("b", Relation::HasPart, "c", None);
    let plan = world.plan(10, 1);
    // HIGH gets all; LOW is cleared for restricted and gets neither c nor what leads there.
    assert_eq!(waves(&plan), [["a", "b", "c"]]);
    let a = planned(&plan, "a");
    assert_eq!(a.receivers, codes(&["HIGH"]));
    let [because] = a.withheld.as_slice() else { panic!("{:?}", a.withheld) };
    assert_eq!(because.code, BecauseCode::NeedsBlocked);
    assert_eq!((&because.receivers, &because.by), (&codes(&["LOW"]), &Some(id("c"))));
    assert_eq!(because.chain, [id("b"), id("c")]);
    assert_eq!(
        because.message,
        "it needs `b`, which needs `c`, and of that one: cleared for restricted, and the part is confidential"
    );
    // With a flag instead, LOW gets a and b, and b says what it lacks.
    world.policy.planning.missing_needs = Missing::Flag;
    let plan = world.plan(10, 1);
    assert_eq!(planned(&plan, "a").receivers, codes(&["HIGH", "LOW"]));
    let b = planned(&plan, "b");
    assert_eq!(b.flags, [PlanFlag::Lacks { part: id("c"), receivers: codes(&["LOW"]) }]);
    assert_eq!((&b.lacks, b.needs.len()), (&[id("c")].into(), 0));
}

#[test]
fn a_long_chain_is_cut_short_in_the_middle() {
    let names: Vec<String> = (0..30).map(|part| format!("p{part:02}")).collect();
    let parts: Vec<(&str, _)> = names.iter().map(|name| (name.as_str(), Unclassified)).collect();
    let mut world = World::new(&parts);
    for pair in names.windows(2) {
        world.needs(&pair[0], &pair[1]);
    }
    world.record("p29").status = Status::Withdrawn;
    let plan = world.plan(100, 1);
    assert_eq!(plan.left_out.len(), 30);
    let [because] = left(&plan, "p00") else { panic!() };
    assert_eq!(because.receivers, codes(&["HIGH", "LOW"]));
    assert_eq!((because.chain.len(), because.omitted), (8, 21));
    assert_eq!(because.chain[6], id("p07"));
    assert_eq!(because.by, Some(id("p29")));
    assert!(
        because.message.contains("over 21 more to `p29`, and of that one: the part is withdrawn"),
        "{}",
        because.message
    );
    let [near] = left(&plan, "p20") else { panic!() };
    assert_eq!((near.chain.len(), near.omitted), (8, 1));
    let [near] = left(&plan, "p21") else { panic!() };
    assert_eq!((near.chain.len(), near.omitted), (8, 0));
    let [near] = left(&plan, "p22") else { panic!() };
    assert_eq!((near.chain.len(), near.omitted), (7, 0));
}

#[test]
fn a_cover_and_what_it_covers_travel_together_or_the_cover_first() {
    let mut world = World::new(&["cover", "vol1", "vol2", "vol3"].map(|part| (part, Unclassified)));
    world.covers("cover", "vol1").covers("cover", "vol2").covers("cover", "vol3");
    let plan = world.plan(4, 2);
    assert_eq!(waves(&plan), [vec!["cover", "vol1", "vol2", "vol3"], vec![]]);
    // Three at a time do not hold four.
    let plan = world.plan(3, 2);
    assert_eq!(plan.left_out.len(), 4);
    let [because] = left(&plan, "vol2") else { panic!() };
    assert_eq!(because.code, BecauseCode::GroupOverCapacity);
    assert_eq!(
        because.message,
        "it travels in one wave with 3 others, which takes 4, and a wave holds 3; `covers = \"first\"` lets a cover go before the rest"
    );
    world.policy.planning.covers = Covers::First;
    let plan = world.plan(3, 2);
    assert_eq!(waves(&plan), [vec!["cover", "vol1", "vol2"], vec!["vol3"]]);
    assert_eq!(planned(&plan, "cover").flags, [PlanFlag::CoverAhead { part: id("vol3") }]);
}

#[test]
fn a_cover_goes_flagged_or_not_at_all_where_a_volume_may_not() {
    let mut world = World::new(&[("cover", Unclassified), ("vol1", Unclassified), ("vol2", Confidential)]);
    world.covers("cover", "vol1").covers("cover", "vol2");
    world.policy.conditions.receivers.remove(&code("HIGH"));
    let plan = world.plan(9, 1);
    assert_eq!(waves(&plan), [["cover", "vol1"]]);
    let flag = PlanFlag::CoverIncomplete { part: id("vol2"), receivers: codes(&["LOW"]) };
    assert_eq!(planned(&plan, "cover").flags, [flag]);
    assert_eq!(codes_of(left(&plan, "vol2")), ["clearance"]);
    world.policy.planning.incomplete_covers = Missing::Block;
    let plan = world.plan(9, 1);
    assert_eq!(waves(&plan), [Vec::<&str>::new()]);
    assert_eq!(codes_of(left(&plan, "cover")), ["cover-blocked"]);
    assert_eq!(left(&plan, "vol1")[0].chain, [id("cover"), id("vol2")]);
    assert_eq!(
        left(&plan, "vol1")[0].message,
        "it is covered by `cover`, which covers `vol2`, and of that one: cleared for restricted, and the part is confidential"
    );
    // A withdrawn volume is not missed.
    world.record("vol2").status = Status::Withdrawn;
    assert_eq!(waves(&world.plan(9, 1)), [["cover", "vol1"]]);
    // A cover that may not go is missed by what it covers.
    world.record("vol2").status = Status::Accepted;
    world.record("vol2").marking = None;
    world.record("cover").marking = Some(Confidential);
    assert_eq!(codes_of(left(&world.plan(9, 1), "vol1")), ["cover-blocked"]);
    world.policy.planning.incomplete_covers = Missing::Flag;
    let plan = world.plan(9, 1);
    let flag = PlanFlag::WithoutCover { cover: id("cover"), receivers: codes(&["LOW"]) };
    assert_eq!(planned(&plan, "vol1").flags, [flag]);
}

#[test]
fn a_circle_of_needs_goes_in_one_wave_with_a_flag() {
    let mut world = World::new(&["a", "b", "c", "d"].map(|part| (part, Unclassified)));
    world.needs("a", "b").needs("b", "c").needs("c", "a").needs("d", "a");
    let plan = world.plan(3, 2);
    assert_eq!(waves(&plan), [vec!["a", "b", "c"], vec!["d"]]);
    assert_eq!(planned(&plan, "a").flags, [PlanFlag::Cycle { with: vec![id("b"), id("c")], more: 0 }]);
    assert!(planned(&plan, "d").flags.is_empty());
    // d hangs on a group that is too large.
    let plan = world.plan(2, 9);
    assert_eq!(codes_of(left(&plan, "a")), ["group-over-capacity"]);
    assert_eq!(codes_of(left(&plan, "d")), ["needs-blocked"]);
    assert!(
        left(&plan, "d")[0]
            .message
            .starts_with("it needs `a`, and of that one: it travels in one wave with 2 others")
    );
}

#[test]
fn a_newer_edition_is_worth_more_where_the_old_one_is_held() {
    let mut world = World::new(&["ed1", "ed2", "ed3"].map(|part| (part, Unclassified)));
    world.supersedes("ed3", "ed2").supersedes("ed2", "ed1");
    let plan = world.plan(9, 1);
    assert_eq!(waves(&plan), [["ed3"]]);
    assert_eq!(codes_of(left(&plan, "ed1")), ["superseded"]);
    assert_eq!(left(&plan, "ed1")[0].message, "`ed2` stands in its place");
    assert_eq!(planned(&plan, "ed3").worth.points(), 1);
    world.policy.held.insert(code("LOW"), [id("ed1")].into());
    let plan = world.plan(9, 1);
    assert_eq!(planned(&plan, "ed3").worth.points(), 9);
    assert_eq!(planned(&plan, "ed3").replaces, Some(id("ed1")));
    // HIGH may not have the old one, LOW has it.
    assert_eq!(codes_of(left(&plan, "ed1")), ["superseded", "already-held"]);
    world.policy.planning.superseded = Superseded::Send;
    let plan = world.plan(9, 1);
    assert_eq!(waves(&plan), [["ed1", "ed2", "ed3"]]);
    assert_eq!(planned(&plan, "ed1").receivers, codes(&["HIGH"]));
    assert_eq!(codes_of(&planned(&plan, "ed1").withheld), ["already-held"]);
    // A draft of the next edition takes nobody's place.
    world.policy.planning.superseded = Superseded::Leave;
    world.record("ed3").status = Status::Draft;
    assert_eq!(waves(&world.plan(9, 1)), [["ed2"]]);
}

#[test]
fn what_is_held_meets_a_need_and_does_not_go_again() {
    let mut world = World::new(&[("a", Unclassified), ("b", Confidential)]);
    world.needs("a", "b");
    world.policy.held.insert(code("LOW"), [id("b")].into());
    let plan = world.plan(9, 1);
    assert_eq!(planned(&plan, "a").receivers, codes(&["HIGH", "LOW"]));
    assert_eq!(planned(&plan, "b").receivers, codes(&["HIGH"]));
    assert!(planned(&plan, "a").flags.is_empty());
}

#[test]
fn what_does_not_fit_says_when_it_could_come() {
    let mut world = World::new(&["a", "b", "c", "d", "e"].map(|part| (part, Restricted)));
    world.policy.review.set(Restricted, 2);
    let plan = world.plan(5, 1);
    assert_eq!(waves(&plan), [["a", "b"]]);
    let said: Vec<&str> = ["c", "d", "e"].map(|part| left(&plan, part)[0].message.as_str()).into();
    let when = |wave| format!("the waves are full; it could come in wave {wave} if they went on");
    assert_eq!(said, [when(2), when(2), when(3)]);
    let plan = world.plan(5, 0);
    assert_eq!((plan.objective, plan.bound, plan.left_out.len()), (0, 0, 5));
    assert_eq!(left(&plan, "a")[0].message, "no waves are planned");
    let plan = world.plan(1, 3);
    assert_eq!(codes_of(left(&plan, "a")), ["group-over-capacity"]);
    assert_eq!(left(&plan, "a")[0].message, "reviewing it takes 2, and a wave holds 1");
}

#[test]
fn the_most_valued_that_fits_goes_where_the_order_leaves_room() {
    // By value per effort a (5 for 3) comes before b and c (3 for 2 each); two of two fill a wave of four better than one of three.
    let mut world = World::new(&[("a", Restricted), ("b", Unclassified), ("c", Unclassified)]);
    world.policy.review.set(Restricted, 3);
    world.policy.review.set(Unclassified, 2);
    world.policy.value.base = 3;
    world.policy.value.optional = 2;
    world.uses("x", "a", Obligation::Optional);
    let plan = world.plan(4, 1);
    assert_eq!(waves(&plan), [["b", "c"]]);
    assert_eq!(plan.objective, 6);
    // At best 5 for a and half of b: 5 + 3 / 2, rounded down.
    assert_eq!(plan.bound, 6);
}

#[test]
fn words_are_stable_and_told_apart() {
    let words: Vec<&str> = BecauseCode::all().map(BecauseCode::as_str).collect();
    let mut sorted = words.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), words.len());
    assert_eq!(words.len(), ReasonCode::ALL.len() + 5);
    assert!(
        words
            .iter()
            .chain(&PlanFlag::ALL)
            .all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
    );
}

#[test]
fn without_receivers_nothing_goes() {
    let mut world = World::new(&[("a", Unclassified)]);
    world.policy.conditions.receivers.clear();
    assert_eq!(codes_of(left(&world.plan(9, 1), "a")), ["no-receivers"]);
}
