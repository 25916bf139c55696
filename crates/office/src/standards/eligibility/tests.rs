//! Every combination of conditions against a second formulation, and laws over it.

use std::collections::BTreeSet;

use ledger::act::{Code, Level, UtcTime};

use super::{Purpose, ReasonCode, may_have, superseded_by};
use crate::standards::plan::tests::world::{World, code, codes, id, now, record, time};
use crate::standards::policy::{
    Agreement, Body, Caveat, Conditions, Consent, ConsentRule, OriginatorRule, Policy, Selection, Superseded,
};
use crate::standards::record::Status;

/// One agreement with the state, with the body itself, with another state, or none; and when.
const AGREEMENTS: [Option<(&str, Level, &str, &str)>; 7] = [
    None,
    Some(("AT", Level::Confidential, "2020-01-01", "2030-01-01")),
    Some(("BODY", Level::Confidential, "2020-01-01", "2030-01-01")),
    Some(("DE", Level::Confidential, "2020-01-01", "2030-01-01")),
    Some(("AT", Level::Unclassified, "2020-01-01", "2030-01-01")),
    Some(("AT", Level::Confidential, "2026-11-28", "2030-01-01")),
    Some(("BODY", Level::Confidential, "2020-01-01", "2026-11-27")),
];
const LEVELS: [Level; 3] = [Level::Unclassified, Level::Restricted, Level::Confidential];
const CAVEATS: [Option<&str>; 4] = [None, Some("AT"), Some("BODY"), Some("EU")];
const STATUSES: [Status; 3] = [Status::Draft, Status::Accepted, Status::Withdrawn];
/// Who originates, and what it said: by the record or by the policy; nobody; agreed, objected, nothing, to others only.
const CONSENTS: [Option<(bool, Option<Consent>, bool)>; 8] = [
    None,
    Some((true, Some(Consent::Agreed), true)),
    Some((false, Some(Consent::Agreed), true)),
    Some((true, Some(Consent::Objected), true)),
    Some((false, Some(Consent::Pending), true)),
    Some((true, None, true)),
    Some((true, Some(Consent::Agreed), false)),
    Some((true, Some(Consent::Objected), false)),
];

fn day(text: &str) -> UtcTime {
    time(&format!("{text}T00:00:00Z"))
}

#[derive(Debug, Clone, Copy)]
struct Case {
    agreement: usize,
    level: usize,
    clearance: usize,
    caveat: usize,
    status: usize,
    consent: usize,
    superseded: bool,
    held: bool,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        let each = [7, 3, 3, 4, 3, 8, 2, 2];
        (0..each.iter().product()).map(move |mut number: usize| {
            let mut next = each.iter().map(|of| {
                let digit = number % of;
                number /= of;
                digit
            });
            let mut digit = || next.next().unwrap();
            Self {
                agreement: digit(),
                level: digit(),
                clearance: digit(),
                caveat: digit(),
                status: digit(),
                consent: digit(),
                superseded: digit() == 1,
                held: digit() == 1,
            }
        })
    }

    fn world(self) -> World {
        let mut policy = Policy::default();
        let clearance = LEVELS[self.clearance];
        policy.conditions.receivers.insert(code("BODY"), Body { state: code("AT"), clearance });
        policy.conditions.receivers.insert(code("OTHER"), Body { state: code("DE"), clearance });
        policy.conditions.groups.insert(code("EU"), codes(&["AT", "DE"]));
        if let Some((party, highest, from, until)) = AGREEMENTS[self.agreement] {
            let (from_utc, until_utc) = (day(from), day(until));
            policy.conditions.agreements.push(Agreement { party: code(party), highest, from_utc, until_utc });
        }
        let mut part = record("part", Some(LEVELS[self.level]));
        part.status = STATUSES[self.status];
        part.releasable_to = CAVEATS[self.caveat].map(|to| codes(&[to]));
        if let Some((by_record, said, to_it)) = CONSENTS[self.consent] {
            let of = Selection { standards: BTreeSet::from([id("part")]), ..Selection::default() };
            if by_record {
                part.originators = codes(&["NO"]);
                // A default that must not count beside the originators that the part names.
                policy.originators.push(OriginatorRule { originator: code("GB"), of: None });
            } else {
                policy.originators.push(OriginatorRule { originator: code("NO"), of: Some(of.clone()) });
            }
            let receivers = Some(if to_it { codes(&["BODY", "AT"]) } else { codes(&["OTHER"]) });
            if let Some(decision) = said {
                policy.consents.rule(ConsentRule { originator: code("NO"), of, decision, receivers });
            }
        }
        if self.held {
            policy.held.insert(code("BODY"), BTreeSet::from([id("part")]));
        }
        let mut world = World { records: vec![part, record("later", None)], edges: Vec::new(), policy };
        if self.superseded {
            world.supersedes("later", "part");
        }
        world
    }

    /// The reasons, said a second time as a table.
    fn expected(self, who: &str, purpose: Purpose) -> BTreeSet<ReasonCode> {
        use ReasonCode::*;
        let body = who == "BODY";
        let mut codes = BTreeSet::new();
        let agreement = match (self.agreement, self.level) {
            (1, _) | (4, 0) => None,
            (2, _) if body => None,
            (5, _) => Some(AgreementNotInForce),
            (6, _) if body => Some(AgreementNotInForce),
            _ => Some(NoAgreement),
        };
        codes.extend(agreement);
        codes.extend((body && self.clearance < self.level).then_some(Clearance));
        codes.extend(match self.caveat {
            2 if !body => Some(Caveat),
            3 => Some(Caveat),
            _ => None,
        });
        codes.extend((self.status != 1).then_some(Status));
        let pending = (purpose == Purpose::Now).then_some(OriginatorPending);
        codes.extend(match self.consent {
            0 => Some(NoOriginator),
            3 => Some(OriginatorObjected),
            1 | 2 => None,
            _ => pending,
        });
        codes.extend(self.superseded.then_some(Superseded));
        codes.extend((self.held && body).then_some(AlreadyHeld));
        codes
    }
}

#[test]
fn every_combination_gives_exactly_its_reasons() {
    let (mut cases, mut yes) = (0, 0);
    for case in Case::all() {
        let (world, at) = (case.world(), now());
        let registry = world.registry();
        for (who, purpose) in [("BODY", Purpose::Now), ("BODY", Purpose::Plan), ("AT", Purpose::Now)] {
            let reasons = may_have(&registry, &world.policy, &id("part"), &code(who), at, purpose);
            let codes: BTreeSet<ReasonCode> = reasons.iter().map(|reason| reason.code()).collect();
            assert_eq!(codes, case.expected(who, purpose), "{case:?} {who} {purpose:?}");
            assert_eq!(codes.len(), reasons.len(), "one reason of a kind here: {reasons:?}");
            yes += u32::from(reasons.is_empty());
            cases += 1;
        }
        let group = may_have(&registry, &world.policy, &id("part"), &code("EU"), at, Purpose::Plan);
        assert!(group.iter().any(|reason| reason.code() == ReasonCode::Group), "{case:?}");
    }
    assert!(yes > 100, "{yes} of {cases}");
}

/// A change that must never turn a yes into a no.
fn better(policy: &Policy) -> Vec<Policy> {
    let mut all = Vec::new();
    let mut cleared = policy.clone();
    cleared.conditions.receivers.get_mut(&code("BODY")).unwrap().clearance = Level::TopSecret;
    all.push(cleared);
    for (party, highest, from, until) in [
        ("AT", Level::Unclassified, "1999-01-01", "2000-01-01"),
        ("AT", Level::Secret, "2020-01-01", "2030-01-01"),
        ("BODY", Level::Public, "2020-01-01", "2030-01-01"),
        ("EU", Level::Secret, "2020-01-01", "2030-01-01"),
    ] {
        let mut agreed = policy.clone();
        let (from_utc, until_utc) = (day(from), day(until));
        agreed.conditions.agreements.push(Agreement { party: code(party), highest, from_utc, until_utc });
        all.push(agreed);
    }
    let mut consented = policy.clone();
    consented.consents.record(id("part"), code("NO"), Consent::Agreed);
    all.push(consented);
    all
}

#[test]
fn more_clearance_agreements_and_consent_never_take_away() {
    for case in Case::all().step_by(3) {
        let world = case.world();
        let registry = world.registry();
        for who in ["BODY", "AT"] {
            let ask =
                |policy: &Policy| may_have(&registry, policy, &id("part"), &code(who), now(), Purpose::Now);
            let before = ask(&world.policy);
            for policy in better(&world.policy) {
                let after = ask(&policy);
                assert!(after.len() <= before.len(), "{case:?}: {before:?}, then {after:?}");
            }
        }
    }
}

#[test]
fn an_agreement_with_a_group_is_none() {
    let mut world = World::new(&[("part", Level::Restricted)]);
    let (from_utc, until_utc) = (day("2020-01-01"), day("2030-01-01"));
    world.policy.conditions.agreements =
        vec![Agreement { party: code("EU"), highest: Level::Secret, from_utc, until_utc }];
    // Even a receiver that calls itself by the group's code, or that claims it for its state.
    world
        .policy
        .conditions
        .receivers
        .insert(code("EU"), Body { state: code("EU"), clearance: Level::Secret });
    world
        .policy
        .conditions
        .receivers
        .insert(code("EDA"), Body { state: code("EU"), clearance: Level::Secret });
    for who in ["LOW", "HIGH", "AT", "EU", "EDA"] {
        let reasons =
            may_have(&world.registry(), &world.policy, &id("part"), &code(who), now(), Purpose::Plan);
        assert!(!reasons.is_empty(), "{who}");
    }
}

fn words(world: &World, who: &str, at: &str) -> Vec<String> {
    let reasons = may_have(&world.registry(), &world.policy, &id("part"), &code(who), time(at), Purpose::Now);
    reasons.iter().map(ToString::to_string).collect()
}

#[test]
fn reasons_say_what_is_so_and_until_when() {
    let mut world = World::new(&[("part", Level::Confidential)]);
    let at = "2026-11-27T00:00:00Z";
    assert_eq!(words(&world, "LOW", at), ["cleared for restricted, and the part is confidential"]);
    assert!(words(&world, "HIGH", at).is_empty());
    // An agreement holds from its first second until before its last.
    assert!(words(&world, "HIGH", "2020-01-01T00:00:00Z").is_empty());
    assert!(words(&world, "HIGH", "2029-12-31T23:59:59Z").is_empty());
    let before = words(&world, "HIGH", "2019-12-31T23:59:59Z");
    assert_eq!(before, ["the agreement with DE for confidential begins on 2020-01-01"]);
    let after = words(&world, "HIGH", "2030-01-01T00:00:00Z");
    assert_eq!(after, ["the agreement with DE for confidential ended on 2030-01-01"]);
    world.record("part").marking = Some(Level::TopSecret);
    assert_eq!(
        words(&world, "DE", at),
        ["no agreement with DE reaches top-secret; the highest goes to secret"]
    );
    assert_eq!(
        words(&world, "EU", at),
        ["a group never receives; ask about each of its members (AT, DE) or a body under one"]
    );
    assert_eq!(words(&world, "NOBODY", at), ["nobody of this code receives, and no state has it"]);
    let unknown = may_have(&world.registry(), &world.policy, &id("none"), &code("DE"), now(), Purpose::Now);
    assert_eq!(unknown.iter().map(|reason| reason.code()).collect::<Vec<_>>(), [ReasonCode::UnknownPart]);
}

#[test]
fn caveats_and_consents_of_a_policy_add_up() {
    let mut world = World::new(&[("part", Level::Restricted), ("free", Level::Restricted)]);
    let of = Selection { custodian: BTreeSet::from(["team".to_owned()]), ..Selection::default() };
    world.policy.caveats.push(Caveat { of: of.clone(), releasable_to: codes(&["DE"]) });
    world.policy.caveats.push(Caveat { of: of.clone(), releasable_to: codes(&["AT", "DE"]) });
    world.record("part").releasable_to = Some(codes(&["HIGH"]));
    let at = "2026-11-27T00:00:00Z";
    assert_eq!(
        words(&world, "LOW", at),
        ["a caveat lets only DE have the part", "a caveat lets only HIGH have the part"]
    );
    assert!(words(&world, "HIGH", at).is_empty());
    world.record("part").releasable_to = Some(BTreeSet::new());
    assert_eq!(words(&world, "HIGH", at), ["a caveat lets only nobody have the part"]);
    world.record("part").releasable_to = None;
    // The last line that fits counts, and a decision on record before every line.
    let rule =
        |decision, receivers| ConsentRule { originator: code("NO"), of: of.clone(), decision, receivers };
    world.policy.consents.rule(rule(Consent::Objected, Some(codes(&["HIGH"]))));
    assert_eq!(words(&world, "HIGH", at), ["its originator NO objected"]);
    world.policy.consents.rule(rule(Consent::Pending, None));
    assert_eq!(words(&world, "HIGH", at), ["its originator NO has not consented yet"]);
    world.policy.consents.record(id("part"), code("NO"), Consent::Agreed);
    assert!(words(&world, "HIGH", at).is_empty());
}

#[test]
fn the_higher_marking_counts() {
    let mut world = World::new(&[("part", Level::Restricted)]);
    let level = |world: &World| world.policy.level(&world.records[0]);
    world.policy.markings.parts.insert(id("part"), Level::Public);
    assert_eq!(level(&world), Level::Restricted);
    world.policy.markings.parts.insert(id("part"), Level::Secret);
    assert_eq!(level(&world), Level::Secret);
    world.record("part").marking = None;
    assert_eq!(level(&world), Level::Secret);
    world.policy.markings.parts.clear();
    assert_eq!(level(&world), Level::Unclassified);
}

#[test]
fn only_accepted_parts_take_a_place() {
    let mut world = World::new(&["old", "new", "newer"].map(|part| (part, Level::Public)));
    world.supersedes("new", "old").supersedes("newer", "old").supersedes("old", "old");
    assert_eq!(superseded_by(&world.registry(), &id("old")), Some(&id("newer")));
    world.record("newer").status = Status::Withdrawn;
    assert_eq!(superseded_by(&world.registry(), &id("old")), Some(&id("new")));
    world.record("new").status = Status::Draft;
    assert_eq!(superseded_by(&world.registry(), &id("old")), None);
    world.record("newer").status = Status::Accepted;
    world.policy.planning.superseded = Superseded::Send;
    let may = may_have(&world.registry(), &world.policy, &id("old"), &code("HIGH"), now(), Purpose::Plan);
    assert!(may.is_empty());
}

#[test]
fn states_are_known_by_bodies_agreements_and_groups() {
    let world = World::new(&[]);
    let conditions: &Conditions = &world.policy.conditions;
    let known = |text: &str| conditions.is_state(&Code::new(text).unwrap());
    assert_eq!(["AT", "DE", "EU", "LOW", "FR"].map(known), [true, true, false, false, false]);
}
