//! The labels of ADatP-4774, table 17, and the markings expected for them, from the public test data in `../shared`.

use std::{collections::BTreeMap, fs, path::PathBuf};

use label::{Classification, Information, Label, LabelError, Tag};

pub(crate) fn shared() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/formats"));
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "../shared is not here");
    println!("skipped: ../shared is not here");
    None
}

/// The samples predate the standard's schema: they lack the creation time and write `URL` for `URI`.
fn modern(sample: &str) -> String {
    let end = "</originatorConfidentialityLabel>";
    sample
        .replace(" URL=", " URI=")
        .replace(
            "<originatorConfidentialityLabel ",
            "<originatorConfidentialityLabel ReviewDateTime=\"2031-11-22T00:00:00Z\" ",
        )
        .replace(end, &format!("<CreationDateTime>2026-11-22T00:00:00Z</CreationDateTime>{end}"))
}

/// English phrases of a policy file's values: enough of its syntax for the public sample.
fn phrases(policy: &str) -> BTreeMap<String, String> {
    let attribute = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let mut phrases = BTreeMap::new();
    let mut value = None;
    for line in policy.lines() {
        if line.contains("<spif:tagCategory ") {
            value = attribute(line, " name");
        }
        let english = line.contains("<spif:markingData ") && !line.contains("xml:lang=\"fr\"");
        if let (true, Some(value), Some(phrase)) = (english, value.clone(), attribute(line, " phrase")) {
            phrases.entry(value).or_insert(phrase);
        }
    }
    phrases
}

#[test]
fn the_standards_samples_read_print_and_mark_as_expected() {
    let Some(shared) = shared() else { return };
    let policy = fs::read_to_string(shared.join("spif/nato-4774-policy.xml")).unwrap();
    let phrases = phrases(&policy);
    let expected = [
        ("17-1", "NATO UNCLASSIFIED Releasable to ISAF, KFOR, RESOLUTE SUPPORT"),
        ("17-2", "NATO UNCLASSIFIED"),
        ("17-3", "NATO UNCLASSIFIED - STAFF"),
        ("17-4", "NATO RESTRICTED Releasable to Japan, Switzerland, Ukraine"),
        ("17-6", "NATO/KFOR CONFIDENTIAL Ireland, Sweden, Ukraine, NATO ONLY"),
    ];
    let tests = fs::read_to_string(shared.join("label-4774/tests.xml")).unwrap();
    for (name, marking) in expected {
        assert!(
            tests.contains(&format!("label-marking=\"{marking}\"")),
            "{name} is expected as the test data has it"
        );
        let sample = fs::read_to_string(shared.join(format!("label-4774/nato-4774-{name}.nato"))).unwrap();
        assert!(
            Label::from_xml(sample.as_bytes()).is_err(),
            "{name} as published is not a label of the standard"
        );
        let label = Label::from_xml(modern(&sample).as_bytes()).unwrap();
        assert_eq!(label.information().marking(&|v| phrases.get(v).cloned()), marking, "{name}");
        let printed = label.to_xml().unwrap();
        assert_eq!(Label::from_xml(printed.as_bytes()).unwrap(), label, "{name}");
    }
}

#[test]
fn cosmic_and_public_have_their_own_words() {
    let cosmic = Information::nato(Classification::NatoTopSecret, &[]).unwrap();
    assert_eq!(cosmic.marking(&|_| None), "COSMIC TOP SECRET");
    let public = Information::new(Classification::PublicUnmarked, None, Vec::new()).unwrap();
    assert_eq!(public.marking(&|_| None), "PUBLIC");
}

#[test]
fn a_releasable_label_says_so_in_its_context() {
    let information = Information::nato(Classification::NatoUnclassified, &["INDUSTRY", "nato"]).unwrap();
    assert_eq!(information.marking(&|_| None), "NATO UNCLASSIFIED Releasable to INDUSTRY");
    assert!(information.category(Tag::Context).unwrap().has("RELEASABLE"));
    assert!(information.category(Tag::ReleasableTo).unwrap().has("Industry"));
}

#[test]
fn a_nato_label_without_context_and_a_public_one_with_categories_are_refused() {
    let missing = LabelError::Missing { what: "category Context, which every NATO label has" };
    assert_eq!(Information::new(Classification::NatoSecret, None, Vec::new()), Err(missing));
    let categories = Information::nato(Classification::NatoSecret, &[]).unwrap().categories().to_vec();
    let refused = Information::new(Classification::PublicUnmarked, None, categories).unwrap_err();
    assert!(matches!(refused, LabelError::UnknownCategory { policy: "PUBLIC", .. }), "{refused}");
}

#[test]
fn classifications_ascend_and_every_error_has_advice() {
    assert!(Classification::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(!LabelError::Time.advice().is_empty());
}
