//! A label that reads prints as a label that reads back equal: ours, and those of any policy.

use label::{Label, Reading};

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(reading) = Reading::from_xml(bytes) {
        let Ok(printed) = reading.document.to_xml() else { return };
        let again = Reading::from_xml(printed.as_bytes()).expect("our own form reads");
        assert_eq!(again.document, reading.document);
    }
    if let Ok(label) = Label::from_xml(bytes) {
        let Ok(printed) = label.to_xml() else { return };
        assert_eq!(Label::from_xml(printed.as_bytes()).expect("our own form reads"), label);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::world::label_xml(&["INDUSTRY"]).into_bytes()]
}
