//! Worlds for tests: a few parts with edges, a policy, and random ones.

use std::collections::BTreeSet;

use ledger::act::{Code, Level, PartId, UtcTime};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;

use crate::standards::policy::{
    Agreement, Body, Consent, ConsentRule, Covers, Missing, OriginatorRule, Policy, Selection, Superseded,
};
use crate::standards::record::{Edge, Kind, Obligation, Record, Relation, Status};
use crate::standards::registry::Registry;
use crate::standards::{Capacity, Plan, plan};

pub(in crate::standards) fn id(text: &str) -> PartId {
    PartId::new(text).unwrap()
}

pub(in crate::standards) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(in crate::standards) fn codes(texts: &[&str]) -> BTreeSet<Code> {
    texts.iter().map(|text| code(text)).collect()
}

pub(in crate::standards) fn time(text: &str) -> UtcTime {
    UtcTime::new(text).unwrap()
}

pub(in crate::standards) fn now() -> UtcTime {
    time("2026-11-27T00:00:00Z")
}

pub(in crate::standards) fn record(text: &str, marking: Option<Level>) -> Record {
    Record {
        id: id(text),
        uuid: None,
        kind: Kind::Standard,
        publisher: "exercise".to_owned(),
        number: text.to_owned(),
        series: "EXERCISE".to_owned(),
        base_number: text.to_owned(),
        edition: String::new(),
        version: String::new(),
        title: format!("EXERCISE {text}"),
        date: None,
        custodian: "team".to_owned(),
        status: Status::Accepted,
        added: None,
        changed: None,
        withdrawn: None,
        marking,
        originators: BTreeSet::new(),
        releasable_to: None,
        uri: String::new(),
        summary: String::new(),
        document: None,
        history: Vec::new(),
    }
}

/// Two receivers, `LOW` of state AT cleared for restricted and `HIGH` of state DE cleared for secret; agreements for both up to secret; NO
/// originates everything and agreed.
pub(in crate::standards) fn policy() -> Policy {
    let mut policy = Policy::default();
    let body = |state: &str, clearance| Body { state: code(state), clearance };
    policy.conditions.receivers.insert(code("LOW"), body("AT", Level::Restricted));
    policy.conditions.receivers.insert(code("HIGH"), body("DE", Level::Secret));
    policy.conditions.groups.insert(code("EU"), codes(&["AT", "DE"]));
    for state in ["AT", "DE"] {
        policy.conditions.agreements.push(Agreement {
            party: code(state),
            highest: Level::Secret,
            from_utc: time("2020-01-01T00:00:00Z"),
            until_utc: time("2030-01-01T00:00:00Z"),
        });
    }
    policy.originators.push(OriginatorRule { originator: code("NO"), of: None });
    policy.consents.rule(ConsentRule {
        originator: code("NO"),
        of: Selection { publisher: BTreeSet::from(["exercise".to_owned()]), ..Selection::default() },
        decision: Consent::Agreed,
        receivers: None,
    });
    policy
}

/// A registry and a policy that grow line by line.
#[derive(Debug, Clone)]
pub(in crate::standards) struct World {
    pub(in crate::standards) records: Vec<Record>,
    pub(in crate::standards) edges: Vec<Edge>,
    pub(in crate::standards) policy: Policy,
}

impl World {
    pub(in crate::standards) fn new(parts: &[(&str, Level)]) -> Self {
        let records = parts.iter().map(|(part, level)| record(part, Some(*level))).collect();
        Self { records, edges: Vec::new(), policy: policy() }
    }

    pub(in crate::standards) fn edge(
        &mut self,
        from: &str,
        relation: Relation,
        to: &str,
        obligation: Option<Obligation>,
    ) -> &mut Self {
        let (from, to) = (id(from), id(to));
        self.edges.push(Edge { from, relation, to, obligation, lifecycle: None, derived: false });
        self
    }

    pub(in crate::standards) fn needs(&mut self, from: &str, to: &str) -> &mut Self {
        self.edge(from, Relation::References, to, Some(Obligation::Mandatory))
    }

    pub(in crate::standards) fn covers(&mut self, from: &str, to: &str) -> &mut Self {
        self.edge(from, Relation::Covers, to, None)
    }

    pub(in crate::standards) fn supersedes(&mut self, from: &str, to: &str) -> &mut Self {
        self.edge(from, Relation::Supersedes, to, None)
    }

    pub(in crate::standards) fn uses(
        &mut self,
        profile: &str,
        part: &str,
        obligation: Obligation,
    ) -> &mut Self {
        self.edge(profile, Relation::ProfileRequires, part, Some(obligation))
    }

    pub(in crate::standards) fn record(&mut self, part: &str) -> &mut Record {
        self.records.iter_mut().find(|record| record.id.as_str() == part).unwrap()
    }

    pub(in crate::standards) fn registry(&self) -> Registry {
        Registry::new(self.records.clone(), self.edges.clone(), Vec::new(), Vec::new())
    }

    /// The plan; one that its own judge refuses fails the test.
    pub(in crate::standards) fn plan(&self, per_wave: u64, waves: u32) -> Plan {
        plan(&self.registry(), &self.policy, now(), Capacity { per_wave, waves }).unwrap()
    }
}

/// Ids of the parts of each wave.
pub(in crate::standards) fn waves(plan: &Plan) -> Vec<Vec<&str>> {
    plan.waves.iter().map(|wave| wave.parts.iter().map(|part| part.id.as_str()).collect()).collect()
}

/// What may stand in a random world.
#[derive(Debug, Clone, Copy)]
pub(in crate::standards) struct Shape {
    pub(in crate::standards) parts: usize,
    /// Percent of parts that carry an edge of each kind.
    pub(in crate::standards) edges: u32,
    /// Whether needs may lead anywhere, in circles too.
    pub(in crate::standards) circles: bool,
    /// Whether statuses, levels and what is held vary.
    pub(in crate::standards) varied: bool,
}

/// A random world, the same for the same seed.
pub(in crate::standards) fn random(seed: u64, shape: Shape) -> World {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let names: Vec<String> = (0..shape.parts).map(|part| format!("p{part:03}")).collect();
    let levels = [Level::Unclassified, Level::Restricted, Level::Confidential, Level::Secret];
    let mut world = World { records: Vec::new(), edges: Vec::new(), policy: policy() };
    for name in &names {
        let level =
            if shape.varied { levels[rng.random_range(0..4)] } else { levels[rng.random_range(0..2)] };
        let mut record = record(name, rng.random_ratio(4, 5).then_some(level));
        if shape.varied && rng.random_ratio(1, 12) {
            record.status = if rng.random_ratio(1, 2) { Status::Draft } else { Status::Withdrawn };
        }
        if shape.varied && rng.random_ratio(1, 15) {
            record.releasable_to = Some(codes(&[["LOW", "DE", "FR"][rng.random_range(0..3)]]));
        }
        world.records.push(record);
    }
    for (place, name) in names.iter().enumerate() {
        let other = |rng: &mut ChaCha12Rng| {
            let range = if shape.circles { shape.parts } else { place };
            (range > 0).then(|| names[rng.random_range(0..range)].clone())
        };
        for relation in [Relation::References, Relation::HasPart, Relation::Covers, Relation::Supersedes] {
            let often = if relation == Relation::Supersedes { shape.edges / 3 } else { shape.edges };
            if rng.random_range(0..100) < often
                && let Some(to) = other(&mut rng)
            {
                let obligation =
                    if rng.random_ratio(3, 4) { Obligation::Mandatory } else { Obligation::Optional };
                world.edge(name, relation, &to, (relation == Relation::References).then_some(obligation));
            }
        }
        for profile in 0..rng.random_range(0..4) {
            let obligation =
                [Obligation::Mandatory, Obligation::Optional, Obligation::Fading][rng.random_range(0..3)];
            world.uses(&format!("profile{profile}"), name, obligation);
        }
    }
    let planning = &mut world.policy.planning;
    if shape.varied {
        let missing = [Missing::Block, Missing::Flag];
        planning.covers = [Covers::Together, Covers::First][rng.random_range(0..2)];
        planning.missing_needs = missing[rng.random_range(0..2)];
        planning.incomplete_covers = missing[rng.random_range(0..2)];
        planning.superseded = [Superseded::Leave, Superseded::Send][rng.random_range(0..2)];
        for receiver in ["LOW", "HIGH"] {
            let held = names.iter().filter(|_| rng.random_ratio(1, 8)).map(|name| id(name)).collect();
            world.policy.held.insert(code(receiver), held);
        }
    }
    for level in levels {
        world.policy.review.set(level, rng.random_range(1..5));
    }
    world
}
