//! A policy file is read or refused; a label of any policy is then judged and shown without harm.

use label::{Clearance, Place, PolicyName, Spif, Statement, TaggedValues};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(spif) = Spif::from_xml(bytes) else { return };
    // A label that has the first value of every tag.
    let tags = spif.tag_sets().iter().flat_map(|set| set.tags.iter().map(move |tag| (set, tag)));
    let categories = tags.filter_map(|(set, tag)| {
        Some(TaggedValues {
            kind: tag.kind,
            tag: set.name.clone(),
            identifier: None,
            values: vec![tag.values.first()?.name.clone()],
        })
    });
    let categories: Vec<_> = categories.collect();
    for grade in spif.grades() {
        let statement = Statement {
            policy: PolicyName { name: spif.name().clone(), identifier: None },
            classification: grade.name.clone(),
            privacy_mark: None,
            categories: categories.clone(),
            originator: None,
            created_utc: None,
        };
        let _ = spif.findings(&statement, None);
        for place in Place::ALL {
            let _ = spif.marking(&statement, "fr-CA", place);
        }
        let clearance = Clearance::up_to(&spif, grade.name.as_str(), categories.clone());
        let clearance = clearance.expect("a classification of the policy");
        if let Ok(reasons) = clearance.withheld(&statement, &spif) {
            assert!(reasons.is_empty(), "a label's own values suffice: {reasons:?}");
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let files: [&[u8]; 3] = [
        include_bytes!("../../../crates/label/policies/nato.xml"),
        include_bytes!("../../../crates/label/policies/eu.xml"),
        include_bytes!("../../../crates/label/policies/public.xml"),
    ];
    files.map(<[u8]>::to_vec).to_vec()
}
