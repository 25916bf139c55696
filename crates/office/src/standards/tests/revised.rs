//! What the real sequence of snapshots means for a partner that held everything: what is stale, what goes in its place, what it is told.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::PartId;

use super::super::{Because, Change, Date, Held, Registry, Status, fixture, follow_up};
use super::snapshots::{folder, reading};

/// The registry after each snapshot in turn.
fn sequence(folder: &std::path::Path) -> Vec<Registry> {
    let days = [("2017-10", "2017-10-31"), ("2018-08", "2018-08-31"), ("2023-01", "2023-01-29")];
    let mut registries: Vec<Registry> = Vec::new();
    for (snapshot, day) in days {
        let before = registries.last().cloned().unwrap_or_default();
        let change = Change::between(&before, &reading(folder, snapshot).registry, Date::read(day).unwrap());
        registries.push(before.apply(&change));
    }
    registries
}

/// Copies of all that was in force.
fn copies(registry: &Registry) -> BTreeMap<PartId, Held> {
    let in_force = registry.records().values().filter(|record| record.status == Status::Accepted);
    in_force.map(|record| (record.id.clone(), fixture::held(record.id.as_str()))).collect()
}

#[test]
fn a_partner_that_held_everything_in_2018_has_these_stale_copies_in_2023() {
    let Some(folder) = folder() else { return };
    let registries = sequence(&folder);
    let [_, then, now] = registries.as_slice() else { panic!("there are three snapshots") };
    let held = copies(then);
    let stale = follow_up(now, &held, |_| Vec::<()>::new());
    let count = |because| stale.iter().filter(|stale| stale.because == because).count();
    println!(
        "held {}, superseded {}, withdrawn {}, revised {}",
        held.len(),
        count(Because::Superseded),
        count(Because::Withdrawn),
        count(Because::Revised)
    );
    for stale in stale.iter().filter(|stale| stale.because == Because::Superseded).take(12) {
        println!("{} -> {:?}", stale.part, stale.hand_over);
    }
    // Nothing is stale by its own snapshot, but for what that itself says was superseded.
    let at_once = follow_up(then, &held, |_| Vec::<()>::new());
    assert!(at_once.iter().all(|stale| stale.because == Because::Superseded));
    // What stands in the place of a copy is in force, later, and of the same number.
    for one in stale.iter().filter(|stale| stale.because == Because::Superseded) {
        let old = now.record(now.canonical(&one.part).unwrap()).unwrap();
        assert!(one.tell.is_none() && !one.hand_over.is_empty(), "{}", one.part);
        for later in &one.hand_over {
            let later = now.record(later).unwrap();
            assert_eq!(later.status, Status::Accepted);
            assert_eq!(later.base_number.to_lowercase(), old.base_number.to_lowercase(), "{}", later.id);
        }
    }
    // Everything else that went is told, once.
    for one in stale.iter().filter(|stale| stale.because == Because::Withdrawn) {
        assert!(one.tell.is_some() && one.hand_over.is_empty(), "{}", one.part);
        assert_eq!(now.record(now.canonical(&one.part).unwrap()).unwrap().status, Status::Withdrawn);
    }
    // A copy under an id that the source changed since is a copy of the same part, and not stale for that.
    let renamed: BTreeSet<&PartId> = held.keys().filter(|id| now.canonical(id) != Some(*id)).collect();
    assert!(renamed.len() > 100, "{}", renamed.len());
    let fresh = renamed.iter().filter(|id| stale.iter().all(|stale| stale.part != ***id)).count();
    assert!(fresh > 50, "{fresh}");
    assert_eq!(
        [held.len(), count(Because::Superseded), count(Because::Withdrawn), count(Because::Revised)],
        [1164, 22, 244, 0]
    );
}
