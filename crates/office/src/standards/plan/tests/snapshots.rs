//! The published snapshots under made-up policies.

use std::path::Path;

use ledger::act::Level;

use super::world::{code, codes, id, now, policy};
use crate::standards::plan::PlanFlag;
use crate::standards::policy::{Covers, Missing, Policy};
use crate::standards::record::{Edge, Obligation, Relation};
use crate::standards::{Capacity, Registry, Sources, plan, read};

/// A snapshot; nothing where it is absent, which CI does not allow.
fn snapshot(name: &str) -> Option<Registry> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/standards");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "../shared must be present in CI");
        println!("skipped: ../shared is not here");
        return None;
    }
    let file = |kind: &str| std::fs::read(folder.join(format!("nisp_{name}_{kind}.csv"))).unwrap();
    let (standards, edges) = (file("standards"), file("edges"));
    let sources = Sources {
        standards: Some(("standards", &standards)),
        edges: Some(("edges", &edges)),
        ..Sources::default()
    };
    Some(read(&sources).unwrap().registry)
}

/// Two receivers of different clearance; one volume of AComP-5651 is confidential.
fn made_up() -> Policy {
    let mut policy = policy();
    policy.consents = Default::default();
    policy.conditions.receivers.remove(&code("HIGH"));
    let body = policy.conditions.receivers[&code("LOW")].clone();
    policy
        .conditions
        .receivers
        .insert(code("OPEN"), crate::standards::policy::Body { clearance: Level::Unclassified, ..body });
    policy.markings.parts.insert(id(SECRET_VOLUME), Level::Confidential);
    policy.review.set(Level::Restricted, 3);
    policy
}

const COVER: &str = "nato-stanag5651ed1";
const SECRET_VOLUME: &str = "nato-acomp-5651-vol1-ed.a-v1";

#[test]
fn twenty_waves_over_the_newest_snapshot() {
    let Some(registry) = snapshot("2023-01") else { return };
    let policy = made_up();
    for (per_wave, waves) in [(60, 20), (40, 20), (150, 8), (37, 5), (100, 12)] {
        let found = plan(&registry, &policy, now(), Capacity { per_wave, waves }).unwrap();
        println!(
            "{waves} waves of {per_wave}: {} of at best {}, {} ppm below at most, {} left out",
            found.objective,
            found.bound,
            found.gap_ppm(),
            found.left_out.len()
        );
        assert!(found.gap_ppm() < 10_000, "{}", found.gap_ppm());
    }
}

#[test]
fn one_volume_stays_and_its_cover_says_so() {
    let Some(registry) = snapshot("2023-01") else { return };
    // All of it is under study.
    let mut policy = made_up();
    policy.planning.statuses.insert(crate::standards::Status::Draft);
    let found = plan(&registry, &policy, now(), Capacity { per_wave: 100, waves: 20 }).unwrap();
    let volume = found.left_out.iter().find(|left| left.id == id(SECRET_VOLUME)).unwrap();
    assert!(
        volume.reasons.iter().all(|because| because.code.as_str() == "clearance"),
        "{:?}",
        volume.reasons
    );
    let mut parts = found.waves.iter().flat_map(|wave| &wave.parts);
    let cover = parts.find(|part| part.id == id(COVER)).unwrap();
    let flag = PlanFlag::CoverIncomplete { part: id(SECRET_VOLUME), receivers: codes(&["LOW", "OPEN"]) };
    assert!(cover.flags.contains(&flag), "{:?}", cover.flags);
}

#[test]
fn made_up_needs_between_real_parts() {
    let Some(registry) = snapshot("2023-01") else { return };
    // Every third part needs the one seven places before it; EXERCISE, the source says nothing of the kind.
    let ids: Vec<_> = registry.records().keys().cloned().collect();
    let mut edges = registry.edges().to_vec();
    for (place, part) in ids.iter().enumerate().skip(7).step_by(3) {
        edges.push(Edge {
            from: part.clone(),
            relation: Relation::References,
            to: ids[place - 7].clone(),
            obligation: Some(Obligation::Mandatory),
            lifecycle: None,
            derived: false,
        });
    }
    let records = registry.records().values().cloned().collect();
    let registry = Registry::new(records, edges, Vec::new(), Vec::new());
    for covers in [Covers::Together, Covers::First] {
        for missing in [Missing::Block, Missing::Flag] {
            let mut policy = made_up();
            policy.planning.covers = covers;
            policy.planning.missing_needs = missing;
            policy.planning.incomplete_covers = missing;
            let found = plan(&registry, &policy, now(), Capacity { per_wave: 60, waves: 20 }).unwrap();
            println!(
                "{covers:?} {missing:?}: {} of {}, {} ppm",
                found.objective,
                found.bound,
                found.gap_ppm()
            );
            assert!(found.gap_ppm() < 10_000, "{}", found.gap_ppm());
        }
    }
}

#[test]
fn older_snapshots_leave_what_is_withdrawn() {
    for name in ["2017-10", "2018-08"] {
        let Some(registry) = snapshot(name) else { return };
        let found = plan(&registry, &made_up(), now(), Capacity { per_wave: 100, waves: 20 }).unwrap();
        let withdrawn = |code: &str| {
            found
                .left_out
                .iter()
                .filter(|left| left.reasons.iter().any(|it| it.code.as_str() == code))
                .count()
        };
        println!(
            "{name}: {} of {}, {} ppm; {} not accepted",
            found.objective,
            found.bound,
            found.gap_ppm(),
            withdrawn("status")
        );
        let not_accepted =
            registry.records().values().filter(|record| record.status != crate::standards::Status::Accepted);
        assert_eq!(withdrawn("status"), not_accepted.count());
        assert!(found.gap_ppm() < 10_000);
    }
}
