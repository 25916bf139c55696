//! What waits for whom, from circulation to receipt, and when it becomes pressing.

use std::collections::BTreeMap;

use ledger::act::{self, ActBody, Succession};

use super::*;
use crate::tests::world::{
    MEMBER_SCOPES, World, acknowledge, approve_of, ballot_of, code, consent_of, delegation, deliver, digest,
    eligibility, minute, new_keys, roster, tick, title, wave_of,
};

fn of(world: &World, party: &str) -> Vec<Item> {
    inbox(world.state(), &code(party))
}

fn matters(world: &World, party: &str) -> Vec<Matter> {
    of(world, party).into_iter().map(|item| item.matter).collect()
}

#[test]
fn a_yes_that_is_needed_waits_until_it_is_given() {
    let mut world = World::pairs();
    let mut draft = world.release("demand");
    draft.originators.retain(|code, _| code.as_str() == "AA");
    let propose = world.circulate("demand", act::Subject::Release(draft));
    let proposal = world.propose(propose).unwrap();
    let consent = |given| Matter::Consent {
        proposal,
        title: title("demand"),
        given,
        wanted: 2,
        parts: BTreeMap::new(),
    };
    assert_eq!(matters(&world, "AA"), [consent(0)]);
    assert_eq!(matters(&world, "BB"), [Matter::Silence { proposal, title: title("demand") }]);
    assert_eq!(matters(&world, "ACME"), []);
    assert_eq!(of(&world, "AA")[0].due_utc, Some(minute(100)));
    world.approve("AA", proposal).unwrap();
    assert_eq!(matters(&world, "AA"), [consent(1)], "one key of two");
    let waive = ActBody::Waive(ballot_of(world.state(), proposal));
    world.acts_by("AA", "AA.2", waive).unwrap();
    assert_eq!(matters(&world, "AA"), [consent(1)], "waiving is no yes");
    let body = approve_of(world.state(), proposal);
    world.acts_by("AA", "AA.3", body).unwrap();
    assert_eq!(matters(&world, "AA"), []);
    world.approve("BB", proposal).unwrap();
    let told = Matter::Outcome { proposal, title: title("demand"), outcome: Outcome::Agreed };
    for party in ["AA", "BB"] {
        assert_eq!(matters(&world, party), std::slice::from_ref(&told));
    }
    assert_eq!(of(&world, "AA")[0].urgency, Urgency::Notice);
}

#[test]
fn it_becomes_pressing_at_half_time_and_on_the_last_day() {
    let day = 24 * 60;
    let mut world = World::small();
    let proposal = world.propose(world.circulate_until("demand", 10 * day)).unwrap();
    let cases = [
        (0, Urgency::Open),
        (5 * day - 1, Urgency::Open),
        (5 * day, Urgency::Reminder),
        (9 * day - 1, Urgency::Reminder),
        (9 * day, Urgency::LastDay),
        (10 * day - 1, Urgency::LastDay),
    ];
    for (minutes, urgency) in cases {
        world.office(tick(minutes)).unwrap();
        assert_eq!(of(&world, "AA")[0].urgency, urgency, "minute {minutes}");
        let reminded = reminders(world.state());
        let who: Vec<&str> = reminded.iter().map(|(code, _)| code.as_str()).collect();
        let expected: &[&str] = if urgency >= Urgency::Reminder { &["AA", "BB"] } else { &[] };
        assert_eq!(who, expected, "minute {minutes}");
    }
    world.approve("AA", proposal).unwrap();
    let reminded = reminders(world.state());
    assert!(reminded.iter().all(|(who, _)| who.as_str() == "BB") && reminded.len() == 1);
    world.office(tick(10 * day)).unwrap();
    assert_eq!(reminders(world.state()), [], "nobody can speak any more");
}

#[test]
fn outcomes_are_told_for_a_month() {
    let day = 24 * 60;
    let mut world = World::small();
    world.agree("demand");
    for (minutes, told) in [(30 * day - 1, 1), (30 * day, 0)] {
        world.office(tick(minutes)).unwrap();
        assert_eq!(of(&world, "AA").len(), told, "minute {minutes}");
    }
}

#[test]
fn an_endorsement_waits_for_the_party_whose_keys_change() {
    let mut world = World::small();
    let change = new_keys("BB", Succession::Rotate, delegation(1, &["BB.2"], &MEMBER_SCOPES));
    let reform = world.reform("rotation", vec![change]);
    let proposal = world.propose(reform).unwrap();
    let sides = |world: &World| -> Vec<Side> {
        let sides = matters(world, "BB").into_iter().filter_map(|matter| match matter {
            Matter::Endorsement { side, .. } => Some(side),
            _ => None,
        });
        sides.collect()
    };
    assert_eq!(sides(&world), [Side::Old, Side::New, Side::Possession]);
    assert!(matters(&world, "AA").iter().all(|matter| matches!(matter, Matter::Silence { .. })));
    world.endorse("BB", "BB", proposal).unwrap();
    assert_eq!(sides(&world), [Side::New, Side::Possession]);
    world.endorse("BB", "BB.2", proposal).unwrap();
    assert_eq!(sides(&world), []);
}

#[test]
fn the_office_seals_what_is_agreed_and_receivers_acknowledge_what_they_got() {
    let mut world = World::witnessed();
    let proposal = world.agree("demand");
    let seal = |witnessed| Matter::Seal { proposal, title: title("demand"), witnessed };
    assert!(matters(&world, act::OFFICE).contains(&seal(false)));
    world.witness(&["W1", "W2"]).unwrap();
    assert!(matters(&world, act::OFFICE).contains(&seal(true)));
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    assert!(!matters(&world, act::OFFICE).iter().any(|matter| matches!(matter, Matter::Seal { .. })));
    assert_eq!(matters(&world, "ACME"), []);
    world.office(deliver(package, "ACME")).unwrap();
    assert_eq!(
        matters(&world, "ACME"),
        [Matter::Acknowledge { package, title: title("demand"), since: Some(minute(0)) }]
    );
    assert_eq!(matters(&world, "BOLT"), []);
    world.acts("ACME", acknowledge(package)).unwrap();
    assert_eq!(matters(&world, "ACME"), []);
}

#[test]
fn a_receipt_that_is_overdue_is_asked_after_by_the_office() {
    let fortnight = 14 * 24 * 60;
    let mut world = World::small();
    let proposal = world.agree("demand");
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    world.office(deliver(package, "ACME")).unwrap();
    let urgency = |world: &World| of(world, "ACME").first().map(|item| item.urgency);
    world.office(tick(fortnight)).unwrap();
    assert_eq!(urgency(&world), Some(Urgency::Open));
    assert!(!matters(&world, act::OFFICE).iter().any(|matter| matches!(matter, Matter::Receipt { .. })));
    world.office(tick(fortnight + 1)).unwrap();
    assert_eq!(urgency(&world), Some(Urgency::Reminder));
    let receiver = code("ACME");
    let asked = Matter::Receipt { package, title: title("demand"), receiver, since: Some(minute(0)) };
    assert!(matters(&world, act::OFFICE).contains(&asked));
    assert!(reminders(world.state()).iter().any(|(party, _)| *party == code("ACME")));
    world.acts("ACME", acknowledge(package)).unwrap();
    assert!(!matters(&world, act::OFFICE).contains(&asked));
}

#[test]
fn parts_that_wait_for_a_yes_are_named_with_the_keys_that_gave_it() {
    let mut world = World::pairs();
    world.register();
    let names = ["A", "B", "C", "D", "E", "F"];
    let all: Vec<(&str, &[&str])> = names.iter().map(|name| (*name, &["AA"][..])).collect();
    let proposal = world.propose_wave("wave", wave_of(1, &all)).unwrap();
    let told = |world: &World| of(world, "AA")[0].matter.to_string();
    let none = "(0 of 2 keys)";
    let expected =
        format!("`wave` waits for your yes to A {none}, B {none}, C {none}, D {none}, E {none} and 1 more");
    assert_eq!(told(&world), expected);
    world.consent("AA", proposal, &["A", "B", "C", "D"]).unwrap();
    let body = consent_of(world.state(), proposal, &["A", "B", "D", "E", "F"]);
    world.acts_by("AA", "AA.2", body).unwrap();
    assert_eq!(
        told(&world),
        "`wave` waits for your yes to C (1 of 2 keys), E (1 of 2 keys), F (1 of 2 keys)"
    );
    let body = approve_of(world.state(), proposal);
    world.acts_by("AA", "AA.3", body).unwrap();
    assert_eq!(of(&world, "AA").len(), 0);
}

#[test]
fn keys_that_expire_soon_are_told_the_most_pressing_first() {
    let day = 24 * 60;
    let mut wire = roster(&["AA", "BB"], &["ACME"]);
    let delegates = &mut wire.members[0].delegation.delegates;
    delegates[0].expires_utc = minute(31 * day - 1);
    let mut world = World::with(wire);
    assert_eq!(matters(&world, "AA"), []);
    world.office(tick(day)).unwrap();
    let expiry = of(&world, "AA");
    assert!(matches!(&expiry[..], [Item { matter: Matter::Expiry { delegate, .. }, .. }]
        if delegate.as_str() == "AA"));
    assert_eq!(expiry[0].urgency, Urgency::Reminder, "no other key governs");
    assert_eq!(matters(&world, "BB"), []);
    let line = act::Change::RemoveEligibility(eligibility());
    let mut reform = world.reform("less", vec![line]);
    reform.deadline_utc = minute(2 * day);
    world.propose(reform).unwrap();
    world.office(tick(day + day / 2)).unwrap();
    let pressing: Vec<Urgency> = of(&world, "AA").iter().map(|item| item.urgency).collect();
    assert_eq!(pressing, [Urgency::LastDay, Urgency::Reminder]);
    world.revoke("AA", "AA", "AA").unwrap();
    assert!(!matters(&world, "AA").iter().any(|matter| matches!(matter, Matter::Expiry { .. })));
}

#[test]
fn nobody_else_has_an_inbox() {
    let world = World::small();
    assert_eq!(of(&world, "ZZ"), []);
    assert_eq!(inbox(&State::default(), &code("AA")), []);
    assert_eq!(reminders(&State::default()), []);
}
