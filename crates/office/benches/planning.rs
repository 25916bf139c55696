//! Planning twenty waves over invented standards, and over one in which everything hangs together; judging is part of it.
//!
//! `cargo bench -p office --bench planning`. Before each measurement a line says how near the plan is to its proved bound.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at a fault and says what it measures"
)]

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ledger::act::{Code, Level, PartId, UtcTime};
use office::standards::exercise::invent;
use office::standards::policy::{Agreement, Body, Consent, ConsentRule, OriginatorRule, Selection};
use office::standards::{Capacity, Edge, Obligation, Policy, Purpose, Registry, Relation, may_have, plan};

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn time(text: &str) -> UtcTime {
    UtcTime::new(text).unwrap()
}

/// Three receivers of different clearance under two states.
fn policy() -> Policy {
    let mut policy = Policy::default();
    for (receiver, state, clearance) in [
        ("AT-OFFICE", "AT", Level::Restricted),
        ("DE-AGENCY", "DE", Level::Confidential),
        ("DE-FIRM", "DE", Level::Unclassified),
    ] {
        policy.conditions.receivers.insert(code(receiver), Body { state: code(state), clearance });
    }
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
        originator: code("GB"),
        of: Selection { custodian: BTreeSet::from(["exercise-team-3".to_owned()]), ..Selection::default() },
        decision: Consent::Objected,
        receivers: None,
    });
    policy.review.set(Level::Restricted, 2);
    policy.review.set(Level::Confidential, 5);
    policy
}

/// Every part needs two of the two hundred before it: one component of everything.
fn entangled(records: usize) -> Registry {
    let invented = invent(records, 7);
    let ids: Vec<PartId> = invented.records.iter().map(|record| record.id.clone()).collect();
    let mut edges: Vec<Edge> =
        invented.edges.into_iter().filter(|edge| edge.relation == Relation::ProfileRequires).collect();
    let mut state = 1_u64;
    for (place, id) in ids.iter().enumerate().skip(1) {
        for _ in 0..2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let back = 1 + (state >> 33) as usize % place.min(200);
            edges.push(Edge {
                from: id.clone(),
                relation: Relation::References,
                to: ids[place - back].clone(),
                obligation: Some(Obligation::Mandatory),
                lifecycle: None,
                derived: false,
            });
        }
    }
    let mut records = invented.records;
    for record in &mut records {
        record.status = office::standards::Status::Accepted;
        record.marking = None;
        record.releasable_to = None;
        record.custodian = String::new();
    }
    Registry::new(records, edges, invented.profiles, Vec::new())
}

fn benches(criterion: &mut Criterion) {
    let at = time("2026-11-27T00:00:00Z");
    let policy = policy();
    let mut group = criterion.benchmark_group("plan");
    group.sample_size(10);
    for (name, registry, per_wave) in [
        ("2,000 parts, 20 waves", invent(2_000, 1).registry(), 80),
        ("100,000 parts, 20 waves", invent(100_000, 1).registry(), 4_000),
        ("2,000 parts that hang together, 20 waves", entangled(2_000), 80),
        ("100,000 parts that hang together, 20 waves", entangled(100_000), 4_000),
    ] {
        let capacity = Capacity { per_wave, waves: 20 };
        let found = plan(&registry, &policy, at, capacity).unwrap();
        println!(
            "{name}: {} points of at best {}, at most {} ppm below; {} units, {} left out",
            found.objective,
            found.bound,
            found.gap_ppm(),
            found.relaxation.units.len(),
            found.left_out.len()
        );
        group.bench_function(name, |bencher| {
            bencher.iter(|| plan(black_box(&registry), &policy, at, capacity).unwrap());
        });
        let part = registry.records().keys().next_back().unwrap().clone();
        group.bench_function(format!("{name}: one question of eligibility"), |bencher| {
            bencher.iter(|| {
                may_have(black_box(&registry), &policy, &part, &code("AT-OFFICE"), at, Purpose::Now)
            });
        });
    }
    group.finish();
}

criterion_group!(planning, benches);
criterion_main!(planning);
