//! Invented standards: read back from their files they are the same, and nothing about them is an error.

use super::super::exercise::{Invented, invent, invent_for};
use super::super::{Relation, Severity, Status, read};
use ledger::Digest;
use ledger::act::Code;

#[test]
fn invented_standards_read_back_from_their_files() {
    for (records, seed) in [(0, 1), (1, 1), (2, 7), (57, 3), (2_000, 9)] {
        let invented = invent(records, seed);
        assert_eq!(invented.records.len(), records);
        let texts = invented.to_csv();
        let reading = read(&texts.sources()).unwrap();
        let bad: Vec<_> = reading.findings.iter().filter(|f| f.severity == Severity::Error).collect();
        assert!(bad.is_empty(), "{bad:?}");
        assert_eq!(reading.registry, invented.registry());
        assert_eq!(reading.registry.edges().len(), invented.edges.len());
        assert_eq!(reading.registry.national().len(), invented.national.len());
        assert!(reading.registry.silent().is_empty());
    }
}

#[test]
fn invented_standards_have_everything_that_a_plan_meets() {
    let invented = invent(2_000, 1);
    assert_eq!(invented, invent(2_000, 1));
    assert_ne!(invented, invent(2_000, 2));
    for relation in Relation::ALL {
        assert!(invented.edges.iter().any(|edge| edge.relation == *relation), "{relation}");
    }
    for status in Status::ALL {
        assert!(invented.records.iter().any(|record| record.status == *status), "{status}");
    }
    let levels: std::collections::BTreeSet<_> =
        invented.records.iter().map(|record| record.marking).collect();
    assert!(levels.len() >= 5);
    assert!(invented.records.iter().all(|record| record.title.starts_with("EXERCISE ")));
    for record in &invented.records {
        let document = record.document.as_ref().unwrap();
        let bytes = Invented::document(record);
        assert_eq!((document.digest, document.bytes), (Digest::of(&bytes), bytes.len() as u64));
    }
    // Few are referred to by many: the most popular tenth has more than a third of the references.
    let mut uses: Vec<usize> = {
        let mut uses = std::collections::BTreeMap::new();
        for edge in invented.edges.iter().filter(|edge| edge.relation == Relation::References) {
            *uses.entry(&edge.to).or_insert(0) += 1;
        }
        uses.into_values().collect()
    };
    uses.sort_unstable_by(|a, b| b.cmp(a));
    let top: usize = uses.iter().take(200).sum();
    assert!(3 * top > uses.iter().sum(), "{top} of {}", uses.iter().sum::<usize>());
}

#[test]
fn originators_are_out_of_the_codes_of_the_caller() {
    let codes = ["AA", "BB"].map(|code| Code::new(code).unwrap());
    let invented = invent_for(300, 5, &codes);
    assert!(invented.records.iter().flat_map(|record| &record.originators).all(|code| codes.contains(code)));
    assert!(invent_for(300, 5, &[]).records.iter().all(|record| record.originators.is_empty()));
}
