//! What attackers and careless programs put into XML is refused, by name.

use label::{
    BINDING_NAMESPACE, Binding, BindingError, CLEARANCE_NAMESPACE, CategoryKind, Clearance, Label,
    LabelError, NAMESPACE, PolicyName, SPIF_NAMESPACE, Spif, SpifError, Statement, TaggedValues, Text,
    XmlError,
};

const GOOD: &str = "<originatorConfidentialityLabel xmlns=\"urn:nato:stanag:4774:confidentialitymetadatalabel:1:0\" \
    ReviewDateTime=\"2031-01-01T00:00:00Z\"><ConfidentialityInformation><PolicyIdentifier>NATO</PolicyIdentifier>\
    <Classification>UNCLASSIFIED</Classification><Category Type=\"PERMISSIVE\" TagName=\"Context\">\
    <GenericValue>NATO</GenericValue></Category></ConfidentialityInformation>\
    <OriginatorID IDType=\"rfc822Name\">office@example.org</OriginatorID>\
    <CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime></originatorConfidentialityLabel>";

fn refuse(from: &str, to: &str) -> LabelError {
    assert!(GOOD.contains(from), "{from}");
    match Label::from_xml(GOOD.replacen(from, to, 1).as_bytes()) {
        Ok(label) => panic!("`{to}` was read as {label:?}"),
        Err(error) => error,
    }
}

fn forbidden(construct: &'static str) -> LabelError {
    LabelError::Forbidden { construct }
}

#[test]
fn the_good_one_is_good_in_any_layout() {
    let label = Label::from_xml(GOOD.as_bytes()).unwrap();
    let spaced = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", GOOD.replace("><", ">\n  <"));
    assert_eq!(Label::from_xml(spaced.as_bytes()).unwrap(), label);
    let prefixed = GOOD.replace("</", "</slab:").replace("xmlns=", "xmlns:slab=");
    let prefixed = prefixed.replace('<', "<slab:").replace("<slab:/slab:", "</slab:");
    assert_eq!(Label::from_xml(prefixed.as_bytes()).unwrap(), label);
    let shouted = GOOD.replace(">UNCLASSIFIED<", "> Unclassified\n<").replace("\"Context\"", "\"CONTEXT\"");
    assert_eq!(Label::from_xml(shouted.as_bytes()).unwrap(), label);
    let referenced = GOOD.replace("office@", "&#111;ffice&#x40;");
    assert_eq!(Label::from_xml(referenced.as_bytes()).unwrap(), label);
}

#[test]
fn document_types_entities_and_the_like_are_refused() {
    let bomb = "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    assert_eq!(Label::from_xml(format!("{bomb}{GOOD}").as_bytes()), Err(forbidden("document type")));
    assert_eq!(refuse(">UNCLASSIFIED<", ">&secret;<"), forbidden("entity"));
    assert_eq!(refuse("\"Context\"", "\"&secret;\""), forbidden("entity"));
    assert_eq!(refuse(">UNCLASSIFIED<", "><![CDATA[UNCLASSIFIED]]><"), forbidden("marked section"));
    assert_eq!(refuse(">UNCLASSIFIED<", ">UN<!-- -->CLASSIFIED<"), forbidden("comment"));
    assert_eq!(refuse(">UNCLASSIFIED<", "><?php x?>UNCLASSIFIED<"), forbidden("processing instruction"));
    let other = forbidden("declaration of another kind of XML");
    for head in ["<?xml version=\"1.1\"?>", "<?xml version=\"1.0\" encoding=\"UTF-16\"?>"] {
        assert_eq!(Label::from_xml(format!("{head}{GOOD}").as_bytes()), Err(other.clone()));
    }
    assert_eq!(refuse("<CreationDateTime>", "<?xml version=\"1.0\"?><CreationDateTime>"), other);
}

#[test]
fn limits_hold() {
    let long = format!("{GOOD}{}", " ".repeat(17_000));
    assert!(matches!(Label::from_xml(long.as_bytes()), Err(LabelError::TooLong { allowed: 16_384, .. })));
    let deep = "<a>".repeat(9);
    let deep = format!("<originatorConfidentialityLabel xmlns=\"{NAMESPACE}\">{deep}");
    assert_eq!(
        Label::from_xml(deep.as_bytes()),
        Err(LabelError::TooMany { what: "levels of elements", allowed: 8 })
    );
    let wide = format!("<originatorConfidentialityLabel xmlns=\"{NAMESPACE}\">{}", "<a/>".repeat(2_000));
    assert_eq!(
        Label::from_xml(wide.as_bytes()),
        Err(LabelError::TooMany { what: "elements", allowed: 1_024 })
    );
    let attributes = (0..9).map(|n| format!(" a{n}=\"\"")).collect::<String>();
    let too_many = LabelError::TooMany { what: "attributes of an element", allowed: 8 };
    assert_eq!(
        refuse("<ConfidentialityInformation", &format!("<ConfidentialityInformation{attributes}")),
        too_many
    );
    let values = (0..300).map(|n| format!("<GenericValue>{n}</GenericValue>")).collect::<String>();
    let too_many = LabelError::TooMany { what: "values in a category", allowed: 256 };
    assert_eq!(refuse("<GenericValue>NATO</GenericValue>", &values), too_many);
}

#[test]
fn what_has_no_place_is_refused() {
    let out = |e: LabelError| assert!(matches!(e, LabelError::OutOfPlace { .. }), "{e}");
    out(refuse("</ConfidentialityInformation>", "<Extra/></ConfidentialityInformation>"));
    out(refuse("<CreationDateTime>", "<CreationDateTime at=\"1\">"));
    out(refuse("<Classification>", "<Classification URI=\"urn:oid:1\">"));
    out(refuse("<ConfidentialityInformation>", "<ConfidentialityInformation>text"));
    out(refuse("<GenericValue>NATO<", "<GenericValue><b/>NATO<"));
    out(refuse(
        "originatorConfidentialityLabel xmlns=\"urn:nato",
        "originatorConfidentialityLabel xmlns=\"urn:otan",
    ));
    out(refuse(" ReviewDateTime", " xmlns:x=\"urn:x\" ReviewDateTime"));
    out(refuse(
        "<CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime>",
        "<x:CreationDateTime></x:CreationDateTime>",
    ));
    out(refuse(
        "<GenericValue>NATO</GenericValue>",
        "<GenericValue>NATO</GenericValue><GenericValue>nato</GenericValue>",
    ));
    out(refuse("rfc822Name", "RFC822NAME"));
    let swapped = GOOD.replace("<Classification>UNCLASSIFIED</Classification>", "");
    let swapped = swapped
        .replace("<PolicyIdentifier>", "<Classification>UNCLASSIFIED</Classification><PolicyIdentifier>");
    assert_eq!(Label::from_xml(swapped.as_bytes()), Err(LabelError::Missing { what: "policy" }));
}

#[test]
fn values_outside_the_closed_sets_are_refused() {
    assert!(matches!(refuse(">NATO</P", ">OTAN</P"), LabelError::UnknownPolicy { .. }));
    assert!(matches!(refuse(">UNCLASSIFIED<", ">UNCLASIFIED<"), LabelError::UnknownClassification { .. }));
    assert_eq!(refuse(">UNCLASSIFIED<", "><"), LabelError::Missing { what: "classification" });
    assert!(matches!(refuse("\"Context\"", "\"Kontext\""), LabelError::UnknownCategory { .. }));
    assert!(matches!(refuse("PERMISSIVE", "RESTRICTIVE"), LabelError::UnknownCategory { .. }));
    assert!(matches!(refuse("PERMISSIVE", "permissive"), LabelError::UnknownKind { .. }));
    let wrong = refuse("<PolicyIdentifier>", "<PolicyIdentifier URI=\"urn:oid:1.2.3\">");
    assert!(matches!(wrong, LabelError::WrongIdentifier { what: "NATO", .. }));
    assert_eq!(refuse("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"), LabelError::Time);
    assert!(matches!(refuse(" ReviewDateTime=\"2031-01-01T00:00:00Z\"", ""), LabelError::Missing { .. }));
    assert!(matches!(refuse("office@example.org", "office\u{202E}@example.org"), LabelError::Text { .. }));
}

#[test]
fn cut_anywhere_it_is_refused() {
    for end in 0..GOOD.len() {
        assert!(Label::from_xml(&GOOD.as_bytes()[..end]).is_err(), "cut at {end}");
    }
    assert!(Label::from_xml(format!("{GOOD}{GOOD}").as_bytes()).is_err());
    assert!(Label::from_xml(format!("{GOOD}x").as_bytes()).is_err());
    assert!(Label::from_xml(b"\xff\xfe").is_err());
}

/// A policy file with something repeated in it.
fn policy_with(inside: &str) -> String {
    format!(
        "<SPIF xmlns=\"{SPIF_NAMESPACE}\" schemaVersion=\"2.1\"><securityPolicyId name=\"A\" id=\"1.2\"/>\
         <securityClassifications><securityClassification name=\"LOW\" lacv=\"1\" hierarchy=\"1\"/>\
         </securityClassifications>{inside}</SPIF>"
    )
}

fn limited(result: Result<Spif, SpifError>) -> XmlError {
    match result {
        Err(SpifError::Xml(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn policy_files_are_bounded_too() {
    let read = |xml: &str| Spif::from_xml(xml.as_bytes());
    assert!(read(&policy_with("")).is_ok());
    let deep = policy_with(&format!("{}{}", "<extensions>".repeat(100_000), "</extensions>".repeat(100_000)));
    assert_eq!(limited(read(&deep)), XmlError::TooMany { what: "levels of elements", allowed: 32 });
    let many = policy_with(&format!("<extensions>{}</extensions>", "<a/>".repeat(140_000)));
    assert_eq!(limited(read(&many)), XmlError::TooMany { what: "elements", allowed: 131_072 });
    let attributes = (0..30_000).map(|n| format!(" a{n}=\"\"")).collect::<String>();
    let wide = policy_with(&format!("<extensions{attributes}/>"));
    let too_many = XmlError::TooMany { what: "attributes of an element", allowed: 24 };
    assert_eq!(limited(read(&wide)), too_many);
    let long = policy_with(&" ".repeat(5_000_000));
    assert!(matches!(limited(read(&long)), XmlError::TooLong { allowed: 4_194_304, .. }));
    // One huge attribute costs its own length, and is no name.
    let name = policy_with(&format!(
        "<equivalentPolicies><equivalentPolicy name=\"{}\" id=\"1\"/></equivalentPolicies>",
        "A".repeat(4_000_000)
    ));
    assert!(matches!(read(&name), Err(SpifError::Text { .. })));
    for bomb in [
        "<!DOCTYPE S [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>",
        "<!DOCTYPE S SYSTEM \"file:///etc/passwd\">",
        "<?xml-stylesheet href=\"x\"?>",
    ] {
        assert!(matches!(limited(read(&format!("{bomb}{}", policy_with("")))), XmlError::Forbidden { .. }));
    }
    assert!(matches!(limited(read(&policy_with("&x;"))), XmlError::Forbidden { construct: "entity" }));
    assert!(read(&policy_with("<!-- a comment is left out -->")).is_ok());
}

#[test]
fn many_values_with_many_rules_are_judged_in_one_pass() {
    // As many values and rules as a file may have, each referring to a value: every value of a long label is looked up.
    let rule = "<requiredCategory operation=\"all\"><categoryGroup tagSetRef=\"S\" tagType=\"restrictive\" lacv=\"0\"/>\
                </requiredCategory>";
    let values = (0..30_000).map(|n| format!("<tagCategory name=\"V{n}\" lacv=\"{n}\">{rule}</tagCategory>"));
    let xml = policy_with(&format!(
        "<securityCategoryTagSets><securityCategoryTagSet name=\"S\" id=\"1.2.1\"><securityCategoryTag name=\"S\" \
         tagType=\"restrictive\">{}</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets>",
        values.collect::<String>()
    ));
    let Err(error) = Spif::from_xml(xml.as_bytes()) else { panic!("more bytes than allowed") };
    assert!(matches!(error, SpifError::Xml(XmlError::TooLong { .. })));
    let fewer = xml.len() / 4_194_304 + 1;
    let values =
        (0..30_000 / fewer).map(|n| format!("<tagCategory name=\"V{n}\" lacv=\"{n}\">{rule}</tagCategory>"));
    let xml = policy_with(&format!(
        "<securityCategoryTagSets><securityCategoryTagSet name=\"S\" id=\"1.2.1\"><securityCategoryTag name=\"S\" \
         tagType=\"restrictive\">{}</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets>",
        values.collect::<String>()
    ));
    let spif = Spif::from_xml(xml.as_bytes()).unwrap();
    let text = |text: &str| Text::new(text).unwrap();
    let category = |from: usize| TaggedValues {
        kind: CategoryKind::Restrictive,
        tag: text("S"),
        identifier: None,
        values: (from..from + 256).map(|n| text(&format!("V{n}"))).collect(),
    };
    let statement = Statement {
        policy: PolicyName { name: text("A"), identifier: None },
        classification: text("LOW"),
        privacy_mark: None,
        categories: (1..17).map(|n| category(n * 256)).collect(),
        originator: None,
        created_utc: None,
    };
    let findings = spif.findings(&statement, None);
    assert_eq!(findings.len(), 4_096, "each of its values wants V0, which it has not");
}

#[test]
fn bindings_and_clearances_are_bounded_too() {
    let deep = format!("<mb:BindingInformation xmlns:mb=\"{BINDING_NAMESPACE}\">{}", "<mb:a>".repeat(50_000));
    let error = Binding::open(deep.as_bytes(), &[]).unwrap_err();
    assert!(matches!(error, BindingError::Xml(XmlError::TooMany { what: "levels of elements", .. })));
    let wide =
        format!("<mb:BindingInformation xmlns:mb=\"{BINDING_NAMESPACE}\">{}", "<mb:a/>".repeat(50_000));
    let error = Binding::open(wide.as_bytes(), &[]).unwrap_err();
    assert!(matches!(error, BindingError::Xml(XmlError::TooMany { what: "elements", .. })));
    let many = format!("<ConfidentialityClearance xmlns=\"{CLEARANCE_NAMESPACE}\">{}", "<a/>".repeat(50_000));
    assert!(matches!(Clearance::from_xml(many.as_bytes()), Err(LabelError::TooMany { .. })));
    assert!(Clearance::from_xml(GOOD.as_bytes()).is_err() && Binding::open(GOOD.as_bytes(), &[]).is_err());
}

proptest::proptest! {
    #[test]
    fn a_changed_policy_is_read_or_refused(
        at in proptest::prelude::any::<proptest::prelude::prop::sample::Index>(),
        byte in proptest::prelude::any::<u8>(),
    ) {
        let mut bytes = label::exercise::FILES[1].1.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(spif) = Spif::from_xml(&bytes) {
            // Its own classifications are always known to it.
            for grade in spif.grades() {
                assert!(Clearance::up_to(&spif, grade.name.as_str(), Vec::new()).is_ok());
            }
        }
    }
}
