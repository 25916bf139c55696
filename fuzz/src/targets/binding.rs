//! A binding is refused while nobody is trusted, whatever its bytes; a clearance that reads prints as one that reads back equal.

use label::{Binding, Clearance};

pub(crate) fn run(bytes: &[u8]) {
    assert!(Binding::open(bytes, &[]).is_err());
    if let Ok(clearance) = Clearance::from_xml(bytes) {
        let Ok(printed) = clearance.to_xml() else { return };
        assert_eq!(Clearance::from_xml(printed.as_bytes()).expect("our own form reads"), clearance);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let [nato, ..] = label::exercise::policies().expect("policies of ours");
    let clearance = Clearance::up_to(&nato, "SECRET", Vec::new()).expect("a classification of the policy");
    vec![clearance.to_xml().expect("a short clearance").into_bytes()]
}
