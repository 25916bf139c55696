//! A trust policy is read, written and read again as the same; judging it by names ends.
#![no_main]

use std::collections::BTreeSet;

use ledger::policy::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(policy) = Policy::parse(bytes) {
        assert_eq!(Policy::parse(policy.to_text().as_bytes()).as_ref(), Ok(&policy));
        let all: BTreeSet<String> = policy.witnesses().iter().map(|witness| witness.name.clone()).collect();
        assert!(policy.satisfied_by_names(&all), "everybody is always enough");
        assert_eq!(policy.satisfied_by_names(&BTreeSet::new()), !policy.needs_witnesses());
    }
});
