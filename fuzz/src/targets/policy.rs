//! A trust policy is read, written and read again as the same; judging it by names ends.

use std::collections::BTreeSet;

use ledger::policy::Policy;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(policy) = Policy::parse(bytes) {
        assert_eq!(Policy::parse(policy.to_text().as_bytes()).as_ref(), Ok(&policy));
        let all: BTreeSet<String> = policy.witnesses().iter().map(|witness| witness.name.clone()).collect();
        assert!(policy.satisfied_by_names(&all), "everybody is always enough");
        assert_eq!(policy.satisfied_by_names(&BTreeSet::new()), !policy.needs_witnesses());
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::seeds::world().trust.witnesses().to_text().into_bytes()]
}
