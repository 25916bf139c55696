//! Any bytes as a policy of a hand-over: refused with a place, or a plan under it passes its judge.

use ledger::act::UtcTime;
use office::standards::{Capacity, Policy, exercise, plan};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Policy::read(text) {
        Err(error) => assert!(!error.to_string().is_empty() && !error.advice().is_empty()),
        Ok(policy) => {
            let registry = exercise::invent(40, 1).registry();
            let at = policy.at.or_else(|| UtcTime::new("2026-11-27T00:00:00Z").ok());
            let at = at.expect("a time is a time");
            let capacity = Capacity { per_wave: 12, waves: 3 };
            plan(&registry, &policy, at, capacity).expect("a policy that reads is planned by");
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../docs/example/standards/policy.toml").to_vec()]
}
