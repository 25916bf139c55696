//! `tearline label` as its users meet it.

use crate::run::Bench;

const LABEL: &str = "<originatorConfidentialityLabel xmlns=\"urn:nato:stanag:4774:confidentialitymetadatalabel:1:0\" \
    ReviewDateTime=\"2031-01-01T00:00:00Z\"><ConfidentialityInformation><PolicyIdentifier>NATO</PolicyIdentifier>\
    <Classification>RESTRICTED</Classification><Category Type=\"PERMISSIVE\" TagName=\"Context\">\
    <GenericValue>NATO</GenericValue><GenericValue>Releasable</GenericValue></Category>\
    <Category Type=\"PERMISSIVE\" TagName=\"Releasable To\"><GenericValue>NATO</GenericValue>\
    <GenericValue>EU</GenericValue><GenericValue>CHE</GenericValue></Category></ConfidentialityInformation>\
    <CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime></originatorConfidentialityLabel>";

const AT: &str = "--at 2027-01-01T00:00:00Z";

fn bench() -> Bench {
    let bench = Bench::empty();
    bench.write("label.xml", LABEL);
    bench
}

#[test]
fn a_label_is_shown_with_its_marking_and_what_is_wrong_with_it() {
    let bench = bench();
    let answer = bench.expect(0, &format!("label show label.xml {AT}"));
    let first: Vec<_> = answer.out.lines().take(2).collect();
    assert_eq!(
        first,
        ["EXERCISE EXERCISE EXERCISE", "marking         NATO RESTRICTED Releasable to Switzerland, EU"]
    );
    bench.edit("label.xml", |text| {
        text.replace("<CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime>", "")
    });
    let answer = bench.expect(0, &format!("label show label.xml {AT}"));
    assert!(answer.out.contains("[creation-time-missing]"), "{}", answer.out);
    let document = bench.expect(3, &format!("label check label.xml {AT} --json")).json();
    assert_eq!((&document["verdict"], &document["schema"]), (&"faults".into(), &"tearline-label/1".into()));
    assert_eq!(document["findings"][0]["code"], "creation-time-missing");
    bench.edit("label.xml", |text| text.replace("</Classification>", ""));
    assert!(bench.expect(2, "label show label.xml").err.contains("not well-formed XML"));
}

#[test]
fn time_language_and_place_are_asked_for() {
    let bench = bench();
    bench.expect(0, &format!("label check label.xml {AT}"));
    let late = bench.expect(0, "label check label.xml --at 2032-01-01T00:00:00Z");
    assert!(late.out.contains("[review-due]"));
    let early = bench.expect(3, "label check label.xml --at 2025-01-01T00:00:00Z");
    assert!(early.out.contains("[not-yet-created]"));
    let french = bench.expect(0, "label marking label.xml --language fr-CA --place page-bottom");
    assert_eq!(french.out, "NATO DIFFUSION RESTREINTE Communicable à Suisse, EU\n");
    bench.expect(2, "label check label.xml --at yesterday");
}

#[test]
fn a_clearance_sees_it_or_is_told_why_not() {
    let bench = bench();
    let check = |code, rest: &str| bench.expect(code, &format!("label check label.xml {AT} {rest}"));
    check(0, "--up-to SECRET --holds Context=NATO --holds 'Releasable To=NATO'");
    check(0, "--up-to RESTRICTED --holds Context=Releasable --holds 'releasable to=CHE,JPN'");
    let no =
        check(3, "--up-to UNCLASSIFIED --holds Context=Releasable --holds 'Releasable To=JPN' --json").json();
    assert_eq!(no["verdict"], "withheld");
    let reasons: Vec<_> = no["withheld"].as_array().unwrap().iter().map(|r| r["reason"].clone()).collect();
    assert_eq!(reasons, ["classification", "none-of"]);
    assert!(check(2, "--up-to SEKRET").err.contains("no classification `SEKRET`"));
    assert!(check(2, "--up-to SECRET --holds 'Context=OTAN'").err.contains("`Context` has no value `OTAN`"));
    check(2, "--holds Context=NATO");
    bench.write("clearance.xml", "<ConfidentialityClearance xmlns=\"urn:nato:stanag:4774:confidentialityclearance:1:0\" \
        xmlns:s=\"urn:nato:stanag:4774:confidentialitymetadatalabel:1:0\"><s:PolicyIdentifier>NATO</s:PolicyIdentifier>\
        <ClassificationList><s:Classification>SECRET</s:Classification></ClassificationList></ConfidentialityClearance>");
    let listed = check(3, "--clearance clearance.xml");
    assert!(listed.out.contains("classification `RESTRICTED` is not held"), "a list is no ceiling");
}

#[test]
fn a_label_is_said_in_another_policy_and_another_syntax() {
    let bench = bench();
    let answer = bench.expect(0, &format!("label translate label.xml --to EU --out eu.xml {AT}"));
    assert_eq!(answer.out, "");
    let answer = bench.expect(0, &format!("label marking eu.xml {AT}"));
    assert_eq!(answer.out, "RESTREINT UE/EU RESTRICTED HELD BY NATO RELEASABLE TO Switzerland, NATO, EU\n");
    bench.expect(2, &format!("label translate label.xml --to EU --out eu.xml {AT}"));
    let no = bench.expect(3, &format!("label translate label.xml --to PUBLIC {AT} --json")).json();
    assert_eq!(no["verdict"], "no-equivalent");
    assert!(bench.expect(2, "label translate label.xml --to UE").err.contains("no policy `UE`"));
    let json = bench.expect(0, "label convert label.xml --form json").out;
    // A label with faults is not passed on under another name.
    bench.write("old.xml", &LABEL.replace(" ReviewDateTime=\"2031-01-01T00:00:00Z\"", ""));
    let faults = bench.expect(3, &format!("label translate old.xml --to EU {AT}"));
    assert!(faults.out.contains("the label has faults"), "{}", faults.out);
    bench.write("label.json", &json);
    assert_eq!(bench.expect(0, "label convert label.json --form xml").out, format!("{LABEL}\n"));
}

#[test]
fn a_policy_file_of_ones_own_takes_the_place_of_the_exercise_policies() {
    let bench = bench();
    bench.write("own.xml", "<SPIF xmlns=\"http://www.xmlspif.org/spif\" schemaVersion=\"2.1\"><securityPolicyId name=\"OWN\" \
        id=\"1.2.3\"/><securityClassifications><securityClassification name=\"LOW\" lacv=\"1\" hierarchy=\"1\"/>\
        </securityClassifications></SPIF>");
    let document = bench.expect(3, &format!("label check label.xml --policy own.xml {AT} --json")).json();
    assert_eq!(document["findings"][0]["code"], "policy-other");
    assert_eq!(document["exercise"], false);
    bench.edit("own.xml", |text| text.replace("lacv=\"1\"", "lacv=\"one\""));
    let answer = bench.expect(2, "label check label.xml --policy own.xml");
    assert!(answer.err.contains("`one` is not a value of `lacv`"), "{}", answer.err);
}

#[test]
fn a_label_is_bound_to_a_file_and_taken_off_again() {
    let bench = bench();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let parameters = rcgen::CertificateParams::new(vec!["exercise.invalid".to_owned()]).unwrap();
    bench.write("key.pem", &key.serialize_pem());
    bench.write("cert.pem", &parameters.self_signed(&key).unwrap().pem());
    bench.write("report.txt", "EXERCISE report\n");
    let bind = "label bind report.txt --label label.xml --key key.pem --certificate cert.pem";
    bench.write("old.xml", &LABEL.replace(" ReviewDateTime=\"2031-01-01T00:00:00Z\"", ""));
    let fault = bench.expect(3, &format!("{bind} --out report.bdi").replace("label.xml", "old.xml"));
    assert!(fault.out.contains("neither a review time nor a successor"), "{}", fault.out);
    bench.expect(0, &format!("{bind} --out report.bdi"));
    bench.expect(2, &format!("{bind} --out report.bdi"));
    let unbind = "label unbind report.bdi --certificate cert.pem";
    let document = bench.expect(0, &format!("{unbind} --label-out off.xml --json")).json();
    assert_eq!((&document["verdict"], &document["beside"]), (&"bound".into(), &"report.txt".into()));
    assert_eq!(bench.read("off.xml"), format!("{LABEL}\n"));
    bench.edit("report.txt", |text| text.replace("report", "Report"));
    let answer = bench.expect(3, unbind);
    assert!(answer.out.contains("not the file that the label is bound to"), "{}", answer.out);
    bench.expect(0, &format!("{bind} --embed --out inside.bdi"));
    bench.expect(0, "label unbind inside.bdi --certificate cert.pem --out again.txt");
    assert_eq!(bench.read("again.txt"), bench.read("report.txt"));
    bench.edit("inside.bdi", |text| text.replace("RESTRICTED", "UNCLASSIFIED"));
    let refused = bench.expect(3, "label unbind inside.bdi --certificate cert.pem --out never.txt");
    assert!(refused.out.contains("the signature does not hold"));
    assert!(!bench.path("never.txt").exists());
    let unknown = bench.expect(2, &format!("{unbind} --certificate report.txt"));
    assert!(unknown.err.contains("not an X.509 certificate"));
}
