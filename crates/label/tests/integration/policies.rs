//! Policy files: every line of the public test data that is about the policies at hand, and what is refused in a file.
//!
//! Part of those labels and clearances are in the syntax of the library that the data comes from, with numbers in place of
//! names. Nothing else reads that syntax, so that it is adapted here.

use std::{collections::BTreeMap, fs, path::Path};

use label::{
    CategoryKind, Clearance, Code, Place, PolicyName, Reading, Severity, Spif, SpifError, SpifVersion,
    Statement, TaggedValues, Text,
};

use crate::samples::shared;

/// One element: its name and attributes. The test data has one a line or several, and no text.
fn elements(xml: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut found = Vec::new();
    let mut rest = xml;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").unwrap().1;
            continue;
        }
        let (inside, after) = after.split_once('>').unwrap();
        rest = after;
        let inside = inside.trim_end_matches('/');
        let (name, mut attributes) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
        let mut all = BTreeMap::new();
        while let Some((key, after)) = attributes.split_once('=') {
            let quote = after.chars().next().unwrap();
            let (value, after) = after.strip_prefix(quote).unwrap().split_once(quote).unwrap();
            all.insert(key.trim().to_owned(), value.to_owned());
            attributes = after;
        }
        found.push((name.to_owned(), all));
    }
    found
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

/// Policies by object identifier.
type Site = BTreeMap<String, Spif>;

/// A label or clearance in the syntax of the test data: its policy, classifications and values by name.
fn adapted(xml: &str, site: &Site) -> (Text, Vec<Text>, Vec<TaggedValues>) {
    let all = elements(xml);
    let policy = &all.iter().find(|(name, _)| name == "policy").unwrap().1["id"];
    let spif = &site[policy];
    let (mut grades, mut categories) = (Vec::new(), Vec::new());
    for (name, attributes) in &all {
        let lacv = || attributes["lacv"].parse::<u64>().unwrap();
        match name.as_str() {
            "classification" => {
                grades.push(spif.grades().iter().find(|g| g.lacv == lacv()).unwrap().name.clone());
            }
            "tag" => {
                let kind = match attributes["type"].as_str() {
                    "restrictive" | "enumeratedRestrictive" => CategoryKind::Restrictive,
                    "permissive" | "enumeratedPermissive" => CategoryKind::Permissive,
                    _ => CategoryKind::Informative,
                };
                let set = spif.tag_sets().iter().find(|s| s.id.as_str() == attributes["id"]).unwrap();
                let mut values = set.tags.iter().filter(|t| t.kind == kind).flat_map(|t| &t.values);
                let value = values.find(|v| v.lacv == lacv()).unwrap();
                let (tag, values) = (set.name.clone(), vec![value.name.clone()]);
                categories.push(TaggedValues { kind, tag, identifier: None, values });
            }
            _ => {}
        }
    }
    (spif.name().clone(), grades, categories)
}

fn label(path: &Path, site: &Site) -> Statement {
    let bytes = fs::read(path).unwrap();
    if let Ok(reading) = Reading::from_xml(&bytes) {
        return reading.document.statement;
    }
    let (name, grades, categories) = adapted(str::from_utf8(&bytes).unwrap(), site);
    Statement {
        policy: PolicyName { name, identifier: None },
        classification: grades[0].clone(),
        privacy_mark: None,
        categories,
        originator: None,
        created_utc: None,
    }
}

fn clearance(path: &Path, site: &Site) -> Clearance {
    let (name, classifications, categories) = adapted(&fs::read_to_string(path).unwrap(), site);
    Clearance { policy: PolicyName { name, identifier: None }, classifications, categories }
}

fn policy_of<'s>(statement: &Statement, site: &'s Site) -> &'s Spif {
    site.values().find(|s| s.governs(statement)).unwrap()
}

#[test]
fn every_line_of_the_test_data_comes_out_as_it_says() {
    let Some(shared) = shared() else { return };
    let tests = fs::read_to_string(shared.join("label-4774/tests.xml")).unwrap();
    let (mut site, mut lines, mut files_missing) = (Site::new(), 0, 0);
    for (name, attributes) in elements(&tests) {
        match name.as_str() {
            "sequence" => site.clear(),
            "policy" => {
                // The first two sequences are about a policy on food that is not among the samples.
                let path = shared.join("spif").join(&attributes["spif"]);
                if let Ok(bytes) = fs::read(path) {
                    let spif = Spif::from_xml(&bytes).unwrap();
                    site.insert(spif.id().to_string(), spif);
                }
            }
            "test" => {
                let path = shared.join("label-4774").join(&attributes["label"]);
                if !path.exists() || site.is_empty() {
                    files_missing += 1;
                    continue;
                }
                line(&shared, &path, &attributes, &site);
                lines += 1;
            }
            _ => {}
        }
    }
    assert_eq!((lines, files_missing), (17, 8));
}

fn line(shared: &Path, path: &Path, attributes: &BTreeMap<String, String>, site: &Site) {
    let (place, language) = (Place::PageTop, attributes.get("xml:lang").map_or("", String::as_str));
    let mut statement = label(path, site);
    let mut policy = policy_of(&statement, site);
    if let Some(valid) = attributes.get("valid") {
        assert_eq!(policy.allows(&statement), valid == "true", "{attributes:?}");
    }
    if let Some(marking) = attributes.get("label-marking") {
        assert_eq!(&policy.marking(&statement, language, place).unwrap(), marking, "{attributes:?}");
    }
    if let Some(id) = attributes.get("encrypt") {
        let other = &site[id];
        statement = policy.encrypt(&statement, other).unwrap().statement;
        policy = other;
    }
    if let Some(marking) = attributes.get("encrypt-marking") {
        assert_eq!(&policy.marking(&statement, language, place).unwrap(), marking, "{attributes:?}");
    }
    if let Some(name) = attributes.get("clearance") {
        let clearance = clearance(&shared.join("label-4774").join(name), site);
        let marking = &attributes["clearance-marking"];
        assert_eq!(&clearance.marking(policy, language, place).unwrap(), marking, "{attributes:?}");
        let sees = clearance.withheld(&statement, policy).unwrap().is_empty();
        assert_eq!(sees, attributes["acdf-result"] == "1", "{attributes:?}");
    }
}

#[test]
fn the_label_left_out_of_the_test_data_is_not_allowed() {
    let Some(shared) = shared() else { return };
    let spif = Spif::from_xml(&fs::read(shared.join("spif/nato-4774-policy.xml")).unwrap()).unwrap();
    assert_eq!((spif.version(), spif.grades().len()), (SpifVersion::V21, 5));
    let sample = fs::read(shared.join("label-4774/nato-4774-17-5.nato")).unwrap();
    let statement = Reading::from_xml(&sample).unwrap().document.statement;
    let findings = spif.findings(&statement, None);
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::ClassExcluded; 2]);
    let marking = spif.marking(&statement, "", Place::PageTop).unwrap();
    assert_eq!(marking, "NATO/EAPC CONFIDENTIAL Releasable to EAPC, ISAF");
}

#[test]
fn cosmic_is_cosmic_in_french_too() {
    let Some(shared) = shared() else { return };
    let spif = Spif::from_xml(&fs::read(shared.join("spif/nato-4774-policy.xml")).unwrap()).unwrap();
    let id = spif.id().to_string();
    let path = shared.join("label-4774/nato-4774-extra-1.xml");
    let site = Site::from([(id, spif.clone())]);
    let statement = label(&path, &site);
    assert_eq!(spif.marking(&statement, "fr-BE", Place::PageBottom).unwrap(), "COSMIC TRES SECRET");
}

#[test]
fn a_sample_that_is_cut_off_is_refused() {
    let Some(shared) = shared() else { return };
    let refused = Spif::from_xml(&fs::read(shared.join("spif/bsi-commercial.xml")).unwrap());
    assert!(matches!(refused, Err(SpifError::Xml(_))), "{refused:?}");
}

const SMALL: &str = r#"<SPIF xmlns="http://www.xmlspif.org/spif" schemaVersion="3.0">
  <securityPolicyId name="TEST" id="1.2.3"/>
  <securityClassifications>
    <securityClassification name="LOW" lacv="1" hierarchy="1"/>
    <securityClassification name="HIGH" lacv="2" hierarchy="2" obsolete="true">
      <requiredCategory operation="oneOrMore"><categoryGroup tagSetRef="Set" tagType="restrictive"/></requiredCategory>
      <excludedCategory tagSetRef="Set" tagType="tagType7" lacv="1"/>
    </securityClassification>
  </securityClassifications>
  <securityCategoryTagSets>
    <securityCategoryTagSet name="Set" id="1.2.3.1">
      <securityCategoryTag name="R" tagType="restrictive" singleSelection="true">
        <tagCategory name="A" lacv="1" requiredClass="HIGH"/>
        <tagCategory name="B" lacv="2" obsolete="true"><excludedClass>LOW</excludedClass></tagCategory>
      </securityCategoryTag>
      <securityCategoryTag name="I" tagType="tagType7" tag7Encoding="bitSetAttributes" minSelection="2">
        <tagCategory name="X" lacv="1"/>
        <tagCategory name="Y" lacv="2"><requiredCategory><categoryGroup tagSetRef="Set" tagType="tagType7" lacv="3"/></requiredCategory></tagCategory>
        <tagCategory name="Z" lacv="3"/>
        <tagCategory name="until" lacv="4" userInput="date"/>
      </securityCategoryTag>
    </securityCategoryTagSet>
  </securityCategoryTagSets>
  <privacyMarks><privacyMark name="PERSONAL"/></privacyMarks>
</SPIF>"#;

fn stated(grade: &str, restrictive: &[&str], informative: &[&str]) -> Statement {
    let category = |kind, values: &[&str]| TaggedValues {
        kind,
        tag: text("Set"),
        identifier: Some(text("urn:oid:1.2.3.1")),
        values: values.iter().map(|v| text(v)).collect(),
    };
    let both =
        [category(CategoryKind::Restrictive, restrictive), category(CategoryKind::Informative, informative)];
    Statement {
        policy: PolicyName { name: text("test"), identifier: Some(text("1.2.3")) },
        classification: text(grade),
        privacy_mark: None,
        categories: both.into_iter().filter(|c| !c.values.is_empty()).collect(),
        originator: None,
        created_utc: None,
    }
}

#[test]
fn each_rule_of_a_policy_is_found_broken() {
    let spif = Spif::from_xml(SMALL.as_bytes()).unwrap();
    let codes = |s: &Statement| spif.findings(s, None).into_iter().map(|f| f.code).collect::<Vec<_>>();
    assert_eq!(codes(&stated("low", &[], &[])), []);
    assert_eq!(codes(&stated("HIGH", &["A"], &[])), [Code::ClassificationObsolete]);
    assert_eq!(codes(&stated("HIGH", &[], &[])), [Code::ClassificationObsolete, Code::CategoryRequired]);
    let clash = codes(&stated("HIGH", &["a"], &["x", "z"]));
    assert_eq!(clash, [Code::ClassificationObsolete, Code::CategoryExcluded]);
    assert_eq!(codes(&stated("LOW", &["A"], &[])), [Code::ClassExcluded]);
    assert_eq!(codes(&stated("LOW", &["B"], &[])), [Code::ValueObsolete, Code::ClassExcluded]);
    let both = codes(&stated("HIGH", &["A", "B"], &[]));
    assert_eq!(both, [Code::ClassificationObsolete, Code::ValueObsolete, Code::TooManyValues]);
    assert_eq!(codes(&stated("LOW", &[], &["X"])), [Code::TooFewValues]);
    assert_eq!(codes(&stated("LOW", &[], &["X", "Y"])), [Code::CategoryRequired]);
    assert_eq!(codes(&stated("LOW", &[], &["Y", "Z"])), []);
    // What is no name is what people wrote for the free value.
    assert_eq!(codes(&stated("LOW", &[], &["X", "2031-01-01"])), []);
    assert_eq!(codes(&stated("LOW", &["C"], &[])), [Code::ValueUnknown]);
    assert_eq!(codes(&stated("TOP", &[], &[])), [Code::ClassificationUnknown]);
    let mut other = stated("LOW", &[], &[]);
    other.privacy_mark = Some(text("PRIVATE"));
    assert_eq!(codes(&other), [Code::PrivacyMarkUnknown]);
    other.privacy_mark = Some(text("personal"));
    assert_eq!(codes(&other), []);
    other.policy.identifier = Some(text("urn:oid:1.2.4"));
    assert_eq!(codes(&other), [Code::IdentifierOther]);
    other.policy.name = text("OTHER");
    assert_eq!(codes(&other), [Code::PolicyOther]);
    let mut wrong = stated("HIGH", &["A"], &[]);
    wrong.categories[0].kind = CategoryKind::Permissive;
    assert!(codes(&wrong).contains(&Code::CategoryKind));
    wrong.categories[0].tag = text("Other");
    assert!(codes(&wrong).contains(&Code::CategoryUnknown));
    assert!(spif.marking(&wrong, "", Place::PageTop).is_err(), "a marking that leaves a value out is none");
    assert!(codes(&wrong).iter().any(|c| c.severity() == Severity::Fault));
}

/// What is replaced by what, and whether the error is the one for it.
type Wrong = (&'static str, &'static str, fn(&SpifError) -> bool);

#[test]
fn what_is_wrong_in_a_file_is_named() {
    let refuse = |from: &str, to: &str| {
        assert!(SMALL.contains(from), "{from}");
        match Spif::from_xml(SMALL.replacen(from, to, 1).as_bytes()) {
            Ok(_) => panic!("`{to}` was read"),
            Err(error) => error,
        }
    };
    let cases: &[Wrong] = &[
        ("\"3.0\"", "\"4.0\"", |e| matches!(e, SpifError::Word { attribute: "schemaVersion", .. })),
        ("spif\"", "spiff\"", |e| matches!(e, SpifError::OutOfPlace { .. })),
        ("name=\"TEST\"", "", |e| matches!(e, SpifError::Missing { what: "name", .. })),
        ("name=\"TEST\"", "name=\"TE\u{202E}ST\"", |e| matches!(e, SpifError::Text { .. })),
        ("name=\"HIGH\" lacv", "name=\"low\" lacv", |e| matches!(e, SpifError::Twice { .. })),
        ("lacv=\"2\" hierarchy", "lacv=\"1\" hierarchy", |e| matches!(e, SpifError::Twice { .. })),
        ("lacv=\"2\" hierarchy", "lacv=\"-2\" hierarchy", |e| matches!(e, SpifError::Word { .. })),
        ("lacv=\"2\" hierarchy", "lacv=\"99999999999999999999\" hierarchy", |e| {
            matches!(e, SpifError::Word { .. })
        }),
        ("name=\"B\"", "name=\"a\"", |e| matches!(e, SpifError::Twice { .. })),
        ("<excludedClass>LOW", "<excludedClass>NONE", |e| matches!(e, SpifError::Dangling { .. })),
        ("requiredClass=\"HIGH\"", "requiredClass=\"NONE\"", |e| matches!(e, SpifError::Dangling { .. })),
        ("lacv=\"3\"/></req", "lacv=\"9\"/></req", |e| matches!(e, SpifError::Dangling { .. })),
        ("tagSetRef=\"Set\"", "tagSetRef=\"Sat\"", |e| matches!(e, SpifError::Dangling { .. })),
        ("tagSetRef=\"Set\" tagType=\"restrictive\"", "tagSetRef=\"Set\" tagType=\"permissive\"", |e| {
            matches!(e, SpifError::Dangling { .. })
        }),
        ("oneOrMore", "several", |e| matches!(e, SpifError::Word { attribute: "operation", .. })),
        ("tagType=\"restrictive\" single", "tagType=\"enumerated\" single", |e| {
            matches!(e, SpifError::Missing { what: "enumType", .. })
        }),
        ("<privacyMarks>", "<rule/><privacyMarks>", |e| matches!(e, SpifError::OutOfPlace { .. })),
        ("obsolete=\"true\">\n", "obsolete=\"yes\">\n", |e| matches!(e, SpifError::Word { .. })),
        ("singleSelection", "unheardOf", |e| matches!(e, SpifError::OutOfPlace { .. })),
        ("<SPIF", "<!DOCTYPE SPIF []><SPIF", |e| matches!(e, SpifError::Xml(_))),
        ("<securityPolicyId name", "<securityPolicyId id=\"1\" name", |e| matches!(e, SpifError::Xml(_))),
    ];
    for (from, to, expected) in cases {
        let error = refuse(from, to);
        assert!(expected(&error), "{to}: {error}");
        assert!(!error.advice().is_empty());
    }
    for end in (0..SMALL.len()).step_by(7) {
        assert!(Spif::from_xml(&SMALL.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn dates_of_values_are_held_against_the_time() {
    let dated = "<tagCategory name=\"Z\" lacv=\"3\" notBefore=\"2026-01-01T00:00:00Z\" notAfter=\"2026-12-31T01:00:00+01:00\"/>";
    let spif =
        Spif::from_xml(SMALL.replace("<tagCategory name=\"Z\" lacv=\"3\"/>", dated).as_bytes()).unwrap();
    let statement = stated("LOW", &[], &["Y", "Z"]);
    let codes = |time: Option<&str>| {
        let now = time.map(|t| t.parse().unwrap());
        spif.findings(&statement, now).into_iter().map(|f| f.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(None), []);
    assert_eq!(codes(Some("2025-12-31T23:59:59Z")), [Code::ValueOutOfDate]);
    assert_eq!(codes(Some("2026-01-01T00:00:00Z")), []);
    assert_eq!(codes(Some("2026-12-31T00:00:00Z")), []);
    assert_eq!(codes(Some("2026-12-31T00:00:01Z")), [Code::ValueOutOfDate]);
}

#[test]
fn a_marking_depends_on_place_and_language() {
    let shown = "<tagCategory name=\"X\" lacv=\"1\">\
        <markingData phrase=\"TOP\"><code>pageTop</code></markingData>\
        <markingData phrase=\"BOTTOM\"><code>pageBottom</code></markingData>\
        <markingData xml:lang=\"fr\" phrase=\"HAUT\"><code>pageTop</code></markingData>\
        <markingData><code>documentStart</code><code>noNameDisplay</code></markingData>\
        <markingData phrase=\"ALONE\"><code>documentEnd</code><code>suppressClassName</code></markingData></tagCategory>";
    let joined = "<markingQualifier markingCode=\"pageTop\"><qualifier markingQualifier=\"[\" qualifierCode=\"prefix\"/>\
        <qualifier xml:lang=\"fr\" markingQualifier=\"«\" qualifierCode=\"prefix\"/>\
        <qualifier markingQualifier=\"]\" qualifierCode=\"suffix\"/></markingQualifier>\
        <markingQualifier markingCode=\"pageBottom\"><qualifier markingQualifier=\"(\" qualifierCode=\"prefix\"/></markingQualifier>";
    let until = "<tagCategory name=\"until\" lacv=\"4\" userInput=\"date\"/>";
    let xml = SMALL.replace("<tagCategory name=\"X\" lacv=\"1\"/>", shown);
    let xml = xml.replace(until, &format!("{until}{joined}"));
    let spif = Spif::from_xml(xml.as_bytes()).unwrap();
    let statement = stated("LOW", &[], &["X", "2031"]);
    let marking = |language: &str, place| spif.marking(&statement, language, place).unwrap();
    assert_eq!(marking("", Place::PageTop), "TEST LOW [TOP/2031]");
    assert_eq!(marking("fr-CA", Place::PageTop), "TEST LOW «HAUT/2031]");
    assert_eq!(marking("de", Place::PageBottom), "TEST LOW (BOTTOM/2031]");
    assert_eq!(marking("", Place::DocumentStart), "TEST LOW [2031]");
    assert_eq!(marking("", Place::DocumentEnd), "TEST [ALONE/2031]");
}
