//! A label in JSON prints as one that reads back equal, and says the same in XML.

use label::Reading;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(reading) = Reading::from_json(bytes) else { return };
    let Ok(printed) = reading.document.to_json() else { return };
    let again = Reading::from_json(printed.as_bytes()).expect("our own form reads");
    assert_eq!(again.document, reading.document);
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let label = crate::world::label_xml(&["INDUSTRY"]);
    let reading = Reading::from_xml(label.as_bytes()).expect("a label");
    vec![reading.document.to_json().expect("a short label").into_bytes()]
}
