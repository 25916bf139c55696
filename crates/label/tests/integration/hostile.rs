//! What attackers and careless programs put into XML is refused, by name.

use label::{Label, LabelError, NAMESPACE};

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
    assert!(matches!(refuse(">UNCLASSIFIED<", "><"), LabelError::UnknownClassification { .. }));
    assert!(matches!(refuse("\"Context\"", "\"Kontext\""), LabelError::UnknownCategory { .. }));
    assert!(matches!(refuse("PERMISSIVE", "RESTRICTIVE"), LabelError::UnknownCategory { .. }));
    assert!(matches!(refuse("PERMISSIVE", "permissive"), LabelError::UnknownCategory { .. }));
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
