//! Labels of any policy: read with their deviations named, written back as they were.

use std::fs;

use label::{
    CategoryKind, Code, Document, Finding, Label, LabelError, NAMESPACE, OriginatorKind, OriginatorName,
    PolicyName, Reading, Replacement, Root, Severity, Statement, TaggedValues, Text, UtcTime,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::samples::shared;

fn document(root: &str, attributes: &str, inside: &str) -> String {
    format!(
        "<{root} xmlns=\"{NAMESPACE}\"{attributes}><ConfidentialityInformation>\
         <PolicyIdentifier URI=\"urn:oid:1.2.3\">TLP</PolicyIdentifier><Classification>AMBER</Classification>{inside}\
         </ConfidentialityInformation><CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime></{root}>"
    )
}

const REVIEW: &str = " ReviewDateTime=\"2031-01-01T00:00:00Z\"";

fn codes(xml: &str) -> Vec<Code> {
    Reading::from_xml(xml.as_bytes()).unwrap().findings.into_iter().map(|f| f.code).collect()
}

#[test]
fn the_three_roots_are_read_and_others_are_not() {
    for root in Root::ALL {
        let reading = Reading::from_xml(document(root.name(), REVIEW, "").as_bytes()).unwrap();
        assert_eq!((reading.document.root, reading.findings), (root, Vec::new()));
        assert_eq!(reading.document.statement.policy.name.as_str(), "TLP");
    }
    for root in ["OriginatorConfidentialityLabel", "confidentialityLabel", "label"] {
        let refused = Reading::from_xml(document(root, REVIEW, "").as_bytes());
        assert!(matches!(refused, Err(LabelError::OutOfPlace { .. })), "{root}");
    }
}

#[test]
fn deviations_are_named_and_the_label_is_read_all_the_same() {
    let root = Root::Originator.name();
    let plain = document(root, REVIEW, "");
    let tag = "<Category Type=\"PERMISSIVE\" TagName=\"To\">";
    let category = |values: &str| document(root, REVIEW, &format!("{tag}{values}</Category>"));
    let cases = [
        (plain.replace("URI=", "URL="), Code::AttributeUrl),
        (plain.replace(REVIEW, ""), Code::ReviewTimeMissing),
        (
            plain.replace("<CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime>", ""),
            Code::CreationTimeMissing,
        ),
        (plain.replace("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z"), Code::TimeForm),
        (plain.replace("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"), Code::TimeForm),
        (plain.replace("<Classification>", "<Classification URI=\"urn:x\">"), Code::ClassificationIdentifier),
        (plain.replace("<CreationDateTime>", "<OriginatorID>me</OriginatorID><CreationDateTime>"), {
            Code::OriginatorKindMissing
        }),
        (category(""), Code::CategoryEmpty),
        (category("<GenericValue>EU</GenericValue><GenericValue>eu</GenericValue>"), Code::ValueTwice),
        (category("<GenericValue> EU\n</GenericValue>"), Code::WhiteSpace),
        (
            document(root, REVIEW, &format!("{tag}<GenericValue>A</GenericValue></Category>").repeat(2)),
            Code::CategoryTwice,
        ),
        (plain.replace(" xmlns=", " xmlns:x=\"urn:x\" xmlns="), Code::ForeignNamespace),
    ];
    for (xml, code) in cases {
        assert_eq!(codes(&xml), [code], "{xml}");
        assert!(Label::from_xml(xml.as_bytes()).is_err());
    }
    let hinted = plain.replace(" xmlns=", " xmlns:xsi=\"urn:xsi\" xsi:schemaLocation=\"a b\" xmlns=");
    assert_eq!(codes(&hinted), [Code::ForeignNamespace, Code::ForeignAttribute]);
}

#[test]
fn one_tag_set_may_hold_tags_of_two_types() {
    let inside = "<Category Type=\"PERMISSIVE\" TagName=\"S\"><GenericValue>A</GenericValue></Category>\
                  <Category Type=\"INFORMATIVE\" TagName=\"S\"><GenericValue>A</GenericValue></Category>";
    assert_eq!(codes(&document(Root::Originator.name(), REVIEW, inside)), []);
}

#[test]
fn what_cannot_be_understood_is_refused() {
    let plain = document(Root::Originator.name(), REVIEW, "");
    let refuse = |from: &str, to: &str| {
        assert!(plain.contains(from), "{from}");
        Reading::from_xml(plain.replacen(from, to, 1).as_bytes()).unwrap_err()
    };
    assert_eq!(refuse("2026-01-01T00:00:00Z", "2026-01-01T00:00:00"), LabelError::Time);
    assert_eq!(refuse("2026-01-01T00:00:00Z", "yesterday"), LabelError::Time);
    assert!(matches!(refuse("AMBER", "AM\u{202E}BER"), LabelError::Text { .. }));
    assert!(matches!(refuse("URI=", "URL=\"u\" URI="), LabelError::OutOfPlace { .. }));
    assert!(matches!(refuse("<CreationDateTime>", "<x/><CreationDateTime>"), LabelError::OutOfPlace { .. }));
    assert!(matches!(refuse("<CreationDateTime>", "text<CreationDateTime>"), LabelError::OutOfPlace { .. }));
    assert!(matches!(refuse("<Classification>", "<y:Classification>"), LabelError::OutOfPlace { .. }));
    let other =
        refuse("<Classification>AMBER</Classification>", "<Classification xmlns=\"\">AMBER</Classification>");
    assert_eq!(other, LabelError::Missing { what: "classification" });
    let twice = " xmlns:a=\"urn:x\" xmlns:b=\"urn:x\" a:n=\"\" b:n=\"\" xmlns=";
    assert!(matches!(refuse(" xmlns=", twice), LabelError::NotXml { .. }));
    for reserved in ["xmlns:xml=\"urn:x\"", "xmlns:xmlns=\"urn:x\"", "xmlns:x=\"\"", "xmlns:=\"urn:x\""] {
        assert!(matches!(refuse(" xmlns=", &format!(" {reserved} xmlns=")), LabelError::NotXml { .. }));
    }
}

#[test]
fn a_prefix_means_what_the_nearest_element_declares() {
    let xml = document(Root::Originator.name(), REVIEW, "");
    let own = xml.replace(
        "<Classification>AMBER</Classification>",
        &format!("<x:Classification xmlns:x=\"{NAMESPACE}\">AMBER</x:Classification>"),
    );
    assert_eq!(codes(&own), []);
    let gone =
        own.replace("<CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime>", "<x:CreationDateTime/>");
    assert!(matches!(Reading::from_xml(gone.as_bytes()), Err(LabelError::OutOfPlace { .. })));
}

#[test]
fn the_published_samples_are_labels_with_two_or_three_deviations() {
    let Some(shared) = shared() else { return };
    for n in 1..=6 {
        let bytes = fs::read(shared.join(format!("label-4774/nato-4774-17-{n}.nato"))).unwrap();
        let reading = Reading::from_xml(&bytes).unwrap();
        let codes: Vec<_> = reading.findings.iter().map(|f| f.code).collect();
        let url = if n == 1 { &[Code::AttributeUrl][..] } else { &[] };
        assert_eq!(codes, [url, &[Code::CreationTimeMissing, Code::ReviewTimeMissing]].concat());
        let again = Reading::from_xml(reading.document.to_xml().unwrap().as_bytes()).unwrap();
        assert_eq!(again.document, reading.document);
    }
}

#[test]
fn time_decides_what_a_label_says() {
    let time = |text: &str| text.parse::<UtcTime>().unwrap();
    let root = Root::Originator.name();
    let inner = "<ConfidentialityInformation><PolicyIdentifier>TLP</PolicyIdentifier>\
                 <Classification>WHITE</Classification></ConfidentialityInformation>\
                 <CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime>";
    let end = format!("</{root}>");
    let xml = document(root, REVIEW, "").replace(
        &end,
        &format!(
            "<SuccessionHandling><SuccessionDateTime>2028-01-01T00:00:00Z</SuccessionDateTime>\
         <SuccessorConfidentialityLabel>{inner}</SuccessorConfidentialityLabel></SuccessionHandling>{end}"
        ),
    );
    let document = Reading::from_xml(xml.as_bytes()).unwrap().document;
    let at = |text: &str| {
        let findings: Vec<_> = document.findings_at(time(text)).into_iter().map(|f| f.code).collect();
        (document.statement_at(time(text)).classification.as_str().to_owned(), findings)
    };
    assert_eq!(at("2025-12-31T23:59:59Z"), ("AMBER".to_owned(), vec![Code::NotYetCreated]));
    assert_eq!(at("2026-01-01T00:00:00Z"), ("AMBER".to_owned(), vec![]));
    assert_eq!(at("2027-12-31T23:59:59Z"), ("AMBER".to_owned(), vec![]));
    assert_eq!(at("2028-01-01T00:00:00Z"), ("WHITE".to_owned(), vec![Code::Succeeded]));
    let plain = Reading::from_xml(self::document(root, REVIEW, "").as_bytes()).unwrap().document;
    assert_eq!(plain.findings_at(time("2030-12-31T23:59:59Z")), []);
    assert_eq!(plain.findings_at(time("2031-01-01T00:00:00Z"))[0].code, Code::ReviewDue);
}

#[test]
fn codes_are_distinct_words_with_advice() {
    let mut words: Vec<_> = Code::ALL.iter().map(|c| c.name()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Code::ALL.len());
    for code in Code::ALL {
        assert!(code.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        assert!(!code.advice().is_empty() && !code.meaning().is_empty());
        assert!(Severity::Note < Severity::Fault);
    }
    let finding =
        Finding { code: Code::AttributeUrl, place: "Category".to_owned(), found: "urn:x".to_owned() };
    assert_eq!(finding.to_string(), "Category `urn:x`: the attribute is `URL` where the standard has `URI`");
}

fn text() -> impl Strategy<Value = Text> {
    "[ -~äÅ中&<>\"']{1,20}".prop_filter_map("a text of a label", |t| Text::new(&t).ok())
}

/// Policy, classification and the like, where white space is collapsed.
fn word() -> impl Strategy<Value = Text> {
    "[!-~äÅ中&<>\"']{1,20}".prop_filter_map("a word of a label", |t| Text::new(&t).ok())
}

fn time() -> impl Strategy<Value = UtcTime> {
    (1970_u16..=9998, 1_u8..=12, 1_u8..=28)
        .prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}T12:30:59Z").parse().unwrap())
}

fn statement() -> impl Strategy<Value = Statement> {
    let category = (select(CategoryKind::ALL.to_vec()), text(), option::of(text()), vec(text(), 0..4))
        .prop_map(|(kind, tag, identifier, values)| TaggedValues { kind, tag, identifier, values });
    let originator = (option::of(select(OriginatorKind::ALL.to_vec())), text())
        .prop_map(|(kind, id)| OriginatorName { kind, id });
    let policy = (word(), option::of(text())).prop_map(|(name, identifier)| PolicyName { name, identifier });
    let all =
        (policy, word(), option::of(text()), vec(category, 0..4), option::of(originator), option::of(time()));
    all.prop_map(|(policy, classification, privacy_mark, categories, originator, created_utc)| Statement {
        policy,
        classification,
        privacy_mark,
        categories,
        originator,
        created_utc,
    })
}

pub(crate) fn any_document() -> impl Strategy<Value = Document> {
    let succession = (time(), statement()).prop_map(|(at_utc, successor)| Replacement { at_utc, successor });
    (select(Root::ALL.to_vec()), statement(), option::of(time()), option::of(succession)).prop_map(
        |(root, statement, review_utc, succession)| Document { root, statement, review_utc, succession },
    )
}

proptest! {
    #[test]
    fn any_document_reads_back_with_its_own_findings(document in any_document()) {
        let xml = document.to_xml().unwrap();
        let reading = Reading::from_xml(xml.as_bytes()).unwrap();
        prop_assert_eq!(&reading.document, &document);
        prop_assert_eq!(reading.findings, document.findings());
        prop_assert_eq!(reading.document.to_xml().unwrap(), xml);
    }

    #[test]
    fn a_label_is_a_document_without_findings(document in any_document()) {
        if let Ok(label) = Label::try_from(&document) {
            let own = Document::from(&label);
            prop_assert_eq!(own.findings(), vec![]);
            prop_assert_eq!(Label::try_from(&own).unwrap(), label);
        }
    }
}
