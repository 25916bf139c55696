//! What the desk puts together is what the rules of the log take: planned, circulated, objected to, delivered, revised.

use std::collections::BTreeSet;

use ledger::Digest;
use ledger::act::{ActBody, Content, Level, PartId, Subject};

use super::super::fixture::{self, id};
use super::super::{Capacity, HandOver, HandOvers, Policy, Registry};
use super::Desk;
use crate::tests::world::{World, code, deliver, digest, entrust, label, minute, roster, tick};

const FIRST: [&str; 9] = [
    "a accepted of=AA",
    "b accepted restricted of=BB",
    "c accepted confidential of=AA",
    "d accepted of=AA",
    "s accepted of=BB",
    "d needs a",
    "d needs b",
    "s covers b",
    "s covers c",
];

/// Two members; ACME may have what is RESTRICTED, BOLT is not cleared for it.
fn world() -> World {
    let mut roster = roster(&["AA", "BB"], &["ACME", "BOLT"]);
    roster.receivers[1].clearance = Level::Unclassified;
    let mut world = World::with(roster);
    world.office(tick(0)).unwrap();
    world.register();
    world
}

fn desk<'w>(world: &'w World, registry: &'w Registry) -> Desk<'w> {
    let state = world.state();
    Desk::new(state, registry, Policy::default(), state.now().unwrap()).unwrap()
}

fn next(world: &World, registry: &Registry) -> HandOvers {
    let capacity = Capacity { per_wave: 100, waves: 1 };
    desk(world, registry).next_wave(capacity).unwrap().1
}

/// A line a release: who gets which parts without what, and what they are told.
fn lines(made: &HandOvers) -> Vec<String> {
    let line = |release: &HandOver| {
        let audience: Vec<&str> = release.audience.iter().map(ledger::act::Code::as_str).collect();
        let mut line = format!("{}:", audience.join(","));
        for (part, what) in &release.wave.parts {
            let lacks: Vec<&str> = what.lacks.iter().map(PartId::as_str).collect();
            line += &format!(" {part}({})", lacks.join(","));
            line += &what.replaces.as_ref().map(|earlier| format!("<{earlier}")).unwrap_or_default();
        }
        line += &release.wave.notices.keys().map(|part| format!(" !{part}")).collect::<String>();
        line
    };
    made.releases.iter().map(line).collect()
}

fn circulate(world: &mut World, name: &str, release: &HandOver) -> Digest {
    let mut draft = world.wave(name, release.wave.clone());
    draft.audience.clone_from(&release.audience);
    draft.history = world.state().history();
    draft.originators = release.originators.iter().map(|member| (member.clone(), digest("shown"))).collect();
    draft.label = label(match release.level {
        Level::Unclassified => label::Classification::NatoUnclassified,
        _ => label::Classification::NatoRestricted,
    });
    world.propose_draft(name, draft).unwrap()
}

fn deliver_all(world: &mut World, name: &str, made: &HandOvers) {
    for (number, release) in made.releases.iter().enumerate() {
        let name = format!("{name} {number}");
        let proposal = circulate(world, &name, release);
        world.approve("AA", proposal).unwrap();
        world.approve("BB", proposal).unwrap();
        let package = digest(&format!("package of {name}"));
        world.seal(proposal, package).unwrap();
        for receiver in &release.audience {
            world.office(deliver(package, receiver.as_str())).unwrap();
        }
    }
}

fn standings(world: &World, registry: &Registry, receiver: &str) -> Vec<String> {
    let overview = desk(world, registry).overview(600);
    let of = overview.receivers.into_iter().find(|of| of.receiver == code(receiver)).unwrap();
    of.parts.iter().map(|part| format!("{} {:?}", part.part, part.standing)).collect()
}

#[test]
fn each_receiver_gets_what_it_may_have_and_the_log_takes_every_release() {
    let (mut world, registry) = (world(), fixture::registry(&FIRST));
    let made = next(&world, &registry);
    // BOLT is not cleared for b, so it does not get d, which needs it; the cover says what it lacks.
    assert_eq!(lines(&made), ["ACME: a() b() d() s(c)", "BOLT: a() s(b,c)"]);
    deliver_all(&mut world, "first", &made);
    assert_eq!(standings(&world, &registry, "ACME"), ["a Current", "b Current", "d Current", "s Current"]);
    assert_eq!(lines(&next(&world, &registry)), [""; 0]);
    let overview = desk(&world, &registry).overview(600);
    let blocked: Vec<Vec<&str>> =
        overview.receivers.iter().map(|of| of.blocked.keys().map(PartId::as_str).collect()).collect();
    assert_eq!(blocked, [vec!["c"], vec!["b", "c"]]);
    assert!(overview.receivers.iter().flat_map(|of| &of.parts).all(|part| !part.overdue));
    world.office(tick(60)).unwrap();
    let late = desk(&world, &registry).overview(600);
    assert!(late.receivers.iter().flat_map(|of| &of.parts).all(|part| part.overdue));
}

#[test]
fn a_revision_makes_copies_stale_and_the_delta_ends_that() {
    let (mut world, before) = (world(), fixture::registry(&FIRST));
    let made = next(&world, &before);
    deliver_all(&mut world, "first", &made);
    let after = fixture::registry(&[
        "a withdrawn of=AA",
        "a2 accepted of=AA",
        "a2 > a",
        "b accepted restricted of=BB",
        "b2 accepted confidential of=BB",
        "b2 > b",
        "c accepted confidential of=AA",
        "d accepted of=AA",
        "s withdrawn of=BB",
    ]);
    world.register();
    let of = |world: &World, receiver| standings(world, &after, receiver);
    assert_eq!(of(&world, "ACME"), ["a Stale", "b Stale", "d Current", "s Withdrawn"]);
    assert_eq!(of(&world, "BOLT"), ["a Stale", "s Withdrawn"]);
    // The edition that ACME may not have is not named to it: it is told that its copy is no more.
    let delta = desk(&world, &after).delta();
    assert_eq!(lines(&delta), ["ACME: a2()<a !b !s", "BOLT: a2()<a !s"]);
    deliver_all(&mut world, "delta", &delta);
    assert_eq!(of(&world, "ACME"), ["a Told", "a2 Current", "b Told", "d Current", "s Told"]);
    assert_eq!(of(&world, "BOLT"), ["a Told", "a2 Current", "s Told"]);
    assert_eq!(lines(&desk(&world, &after).delta()), [""; 0]);
    // By the registry of that day nothing was stale, and the log of that day says so too.
    let copies = |receiver| standings(&world, &before, receiver);
    assert!(copies("BOLT").contains(&"s Told".to_owned()));
}

#[test]
fn an_objection_leaves_the_other_parts_for_the_next_round_and_bars_its_own_from_plans() {
    let (mut world, registry) = (world(), fixture::registry(&FIRST));
    let made = next(&world, &registry);
    let [acme, bolt] = made.releases.as_slice() else { panic!("{made:?}") };
    let proposal = circulate(&mut world, "wave", acme);
    assert!(desk(&world, &registry).again(&proposal).is_none(), "it circulates");
    world.object_to("BB", proposal, &["b"]).unwrap();
    let (left, taken_out) = desk(&world, &registry).again(&proposal).unwrap();
    // d needs b and goes with it; the cover stays, and says that it lacks b now.
    assert_eq!(lines(&left), ["ACME: a() s(b,c)"]);
    assert_eq!(taken_out.taken_out.keys().map(PartId::as_str).collect::<Vec<_>>(), ["b", "d"]);
    let again = circulate(&mut world, "wave", &left.releases[0]);
    world.approve("AA", again).unwrap();
    world.approve("BB", again).unwrap();
    assert!(world.state().agreed(&again).is_some());
    // Nobody plans it again while its document is the same; of others nothing is said.
    assert_eq!(lines(&next(&world, &registry))[0], "ACME,BOLT: a() s(b,c)");
    assert_eq!(bolt.wave.parts.len(), 2);
    let policy = Policy::read(
        "[[receiver]]\ncode = \"X\"\nstate = \"XX\"\nclearance = \"public\"\n[[consent]]\noriginator = \"BB\"\nstandards = [\"b\"]\ndecision = \"agreed\"",
    );
    let state = world.state();
    let agreed = Desk::new(state, &registry, policy.unwrap(), state.now().unwrap()).unwrap();
    let made = agreed.next_wave(Capacity { per_wave: 100, waves: 1 }).unwrap().1;
    assert_eq!(lines(&made), ["ACME: a() b() d() s(c)", "BOLT: a() s(b,c)"]);
}

#[test]
fn in_bulk_goes_what_is_unclassified_and_was_consented_to_beforehand() {
    let (mut world, registry) = (world(), fixture::registry(&FIRST));
    let bulk = desk(&world, &registry).bulk(minute(100));
    assert!(bulk.hand_overs.releases.is_empty());
    assert_eq!(bulk.awaiting[&id("a")], BTreeSet::from([code("AA")]));
    for member in ["AA", "BB"] {
        let terms = ledger::act::Entrust { contents: [Content::Standards].into(), ..entrust() };
        world.acts(member, ActBody::Entrust(terms)).unwrap();
    }
    let bulk = desk(&world, &registry).bulk(minute(100));
    // d needs b, which is restricted: it does not go without it.
    assert_eq!(lines(&bulk.hand_overs), ["ACME,BOLT: a() s(b,c)"]);
    assert!(bulk.awaiting.is_empty());
    // A round that outlasts the consents is not covered by them.
    assert!(desk(&world, &registry).bulk(minute(1000)).hand_overs.releases.is_empty());
    // Nobody need sign: the round closes in silence.
    let mut draft = world.wave("bulk", bulk.hand_overs.releases[0].wave.clone());
    draft.label = label(label::Classification::NatoUnclassified);
    let mut propose = world.circulate("bulk", Subject::Release(draft));
    propose.deadline_utc = minute(100);
    let proposal = world.propose(propose).unwrap();
    world.office(tick(100)).unwrap();
    assert!(world.state().agreed(&proposal).is_some());
}
