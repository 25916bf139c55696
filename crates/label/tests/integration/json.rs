//! The JSON form: the example's shape, and the same label in both forms.

use label::{Code, LabelError, Reading, Root};
use proptest::prelude::*;

use crate::documents::any_document;

/// The shape of the example in OpenTDF, with invented values.
const EXAMPLE: &str = r#"{"Xmlns":"urn:nato:stanag:4774:confidentialitymetadatalabel:1:0","CreationTime":"2026-01-01T00:00:00Z",
"ConfidentialityInformation":{"PolicyIdentifier":"ACME","Classification":"SECRET","Category":{"Type":"PERMISSIVE",
"TagName":"Releasable to","GenericValues":["AAA","BBB"]}}}"#;

#[test]
fn the_examples_shape_is_read_and_written() {
    let reading = Reading::from_bytes(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(reading.document.root, Root::Originator);
    assert_eq!(reading.document.statement.categories[0].values.len(), 2);
    let codes: Vec<_> = reading.findings.iter().map(|f| f.code).collect();
    assert_eq!(codes, [Code::ReviewTimeMissing]);
    assert_eq!(reading.document.to_json().unwrap(), EXAMPLE.replace('\n', ""));
}

#[test]
fn what_is_not_this_form_is_refused() {
    let refuse = |from: &str, to: &str| {
        assert!(EXAMPLE.contains(from), "{from}");
        Reading::from_json(EXAMPLE.replacen(from, to, 1).as_bytes()).unwrap_err()
    };
    let json = |error| assert!(matches!(error, LabelError::NotJson { .. }), "{error}");
    json(refuse("\"Classification\":\"SECRET\",", ""));
    json(refuse("\"Classification\":", "\"Klassification\":\"X\",\"Classification\":"));
    json(refuse("\"Classification\":", "\"Classification\":\"LOW\",\"Classification\":"));
    json(refuse("\"SECRET\"", "1"));
    json(refuse("}}}", "}}}}"));
    json(refuse("[\"AAA\"", &format!("{}[\"AAA\"", "[".repeat(10_000))));
    assert!(matches!(refuse("1:0\"", "2:0\""), LabelError::OutOfPlace { .. }));
    assert!(matches!(refuse("PERMISSIVE", "Permissive"), LabelError::UnknownKind { .. }));
    assert!(matches!(refuse("\"ACME\"", "\"\""), LabelError::Text { .. }));
    assert!(matches!(refuse("\"AAA\"", "\"A\\u202eA\""), LabelError::Text { .. }));
    assert_eq!(refuse("2026-01-01T00:00:00Z", "today"), LabelError::Time);
    let values = format!("{}\"AAA\"", "\"A\",".repeat(300));
    assert!(matches!(refuse("\"AAA\"", &values), LabelError::TooMany { .. }));
    let long = format!("{}{EXAMPLE}", " ".repeat(300_000));
    assert!(matches!(Reading::from_json(long.as_bytes()), Err(LabelError::TooLong { .. })));
    assert!(Reading::from_json(b"\xff").is_err() && Reading::from_json(b"").is_err());
}

proptest! {
    #[test]
    fn a_label_is_the_same_in_both_forms(document in any_document()) {
        let json = Reading::from_bytes(document.to_json().unwrap().as_bytes()).unwrap();
        let xml = Reading::from_bytes(document.to_xml().unwrap().as_bytes()).unwrap();
        prop_assert_eq!(&json.document, &document);
        prop_assert_eq!(json, xml);
    }
}
