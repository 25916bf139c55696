//! The example, every key, and faults with their places.

use ledger::act::Level;

use super::{Consent, Covers, Missing, Policy, PolicyError, Superseded, moment};
use crate::standards::plan::tests::world::{code, codes, id, record, time};
use crate::standards::record::{Lifecycle, Obligation, Status};

const EXAMPLE: &str = include_str!("../../../../../docs/example/standards/policy.toml");
const LEAST: &str = "[[receiver]]\ncode = \"A\"\nstate = \"AT\"\nclearance = \"restricted\"\n";

#[test]
fn the_example_says_everything() {
    let policy = Policy::read(EXAMPLE).unwrap();
    assert_eq!(policy.at, Some(time("2026-11-27T00:00:00Z")));
    assert_eq!(policy.review.effort(Level::Confidential), 5);
    assert_eq!(policy.review.effort(Level::Secret), 1);
    assert_eq!(policy.conditions.receivers.len(), 2);
    assert_eq!(policy.conditions.receivers[&code("AT-EXAMPLE-OFFICE")].clearance, Level::Restricted);
    assert_eq!(policy.conditions.agreements.len(), 2);
    assert_eq!(policy.conditions.agreements[1].until_utc, time("2030-01-01T00:00:00Z"));
    assert_eq!(policy.markings.parts[&id("exp-1000-vol2-ed.c-v1")], Level::Restricted);
    assert_eq!(policy.held[&code("DE-EXAMPLE-AGENCY")], [id("exp-1000-vol1-ed.b-v1")].into());
    let mut part = record("x", None);
    assert_eq!(policy.originators(&part), codes(&["GB"]));
    part.series = "exstanag".to_owned();
    assert_eq!(policy.originators(&part), codes(&["NO"]));
    assert_eq!(policy.consents.of(&part, &code("NO"), &code("anybody")), Consent::Agreed);
    part.publisher = "Exercise-Civil".to_owned();
    assert_eq!(policy.consents.of(&part, &code("GB"), &code("DE-EXAMPLE-AGENCY")), Consent::Agreed);
    assert_eq!(policy.consents.of(&part, &code("GB"), &code("AT-EXAMPLE-OFFICE")), Consent::Pending);
    // It spells out what holds without it.
    let least = Policy::read(LEAST).unwrap();
    assert_eq!((policy.value, &policy.planning), (least.value, &least.planning));
}

#[test]
fn every_word_of_planning_is_read() {
    let text = "[planning]\nstatuses = [\"draft\", \"withdrawn\"]\ncovers = \"first\"\nmissing_needs = \"flag\"\nincomplete_covers = \"block\"\nsuperseded = \"send\"\n";
    let planning = Policy::read(&format!("{text}{LEAST}")).unwrap().planning;
    assert_eq!(planning.statuses, [Status::Draft, Status::Withdrawn].into());
    assert_eq!((planning.covers, planning.superseded), (Covers::First, Superseded::Send));
    assert_eq!((planning.missing_needs, planning.incomplete_covers), (Missing::Flag, Missing::Block));
}

#[test]
fn points_follow_obligation_and_lifecycle() {
    let text = "[value]\nbase = 0\nmandatory = 11\nconditional = 12\nrecommended = 13\noptional = 14\ncandidate = 15\nfading = 16\nstale = 17\n";
    let value = Policy::read(&format!("{text}{LEAST}")).unwrap().value;
    assert_eq!((value.base, value.stale), (0, 17));
    let of = |obligation| value.of_use(Some(obligation), Some(Lifecycle::Current));
    use Obligation::{Candidate, Conditional, Fading, Mandatory, Optional, Recommended};
    let all = [Mandatory, Conditional, Recommended, Optional, Candidate, Fading].map(of);
    assert_eq!(all, [11, 12, 13, 14, 15, 16]);
    assert_eq!(value.of_use(Some(Mandatory), Some(Lifecycle::Candidate)), 15);
    assert_eq!(value.of_use(Some(Fading), Some(Lifecycle::Candidate)), 16);
    assert_eq!(value.of_use(None, None), 14);
}

/// The fault of a text with the least policy behind it.
fn fault(text: &str) -> (String, String) {
    let error = Policy::read(&format!("{text}\n{LEAST}")).unwrap_err();
    (error.to_string(), error.advice())
}

/// Texts, what is said of each, and what to do about it.
const FAULTS: &[(&str, &str, &str)] = &[
    ("planing = 1", "line 1, column 1: `planing` is no key of a policy", "did you mean `planning`?"),
    (
        "[value]\nbase = 1\nmandatry = 2",
        "line 3, column 1: `value.mandatry` is no key of a policy",
        "did you mean `mandatory`?",
    ),
    (
        "[planning]\ncovers = \"later\"",
        "line 2, column 10: `planning.covers` is `later`, expected `together` or `first`",
        "write `together` or `first`",
    ),
    (
        "[value]\nbase = 1001",
        "line 2, column 8: `value.base` is `1001`, expected a whole number from 0 to 1000",
        "write a whole number from 0 to 1000",
    ),
    (
        "[review]\nsecret = 0",
        "line 2, column 10: `review.secret` is `0`, expected a whole number from 1 to 1000",
        "write a whole number from 1 to 1000",
    ),
    (
        "[value]\nbase = 1.5",
        "line 2, column 8: `value.base` is float, expected a whole number",
        "write a whole number",
    ),
    (
        "at = \"tomorrow\"",
        "line 1, column 6: `at` is `tomorrow`, expected a day, `YYYY-MM-DD`, or a second in UTC, `YYYY-MM-DDTHH:MM:SSZ`",
        "",
    ),
    (
        "schema = \"tearline-standards-policy/2\"",
        "line 1, column 10: `schema` is `tearline-standards-policy/2`, expected `tearline-standards-policy/1`",
        "",
    ),
    (
        "[[agreement]]\nparty = \"AT\"\nhighest = \"restricted\"\nfrom = \"2026-01-01\"\nuntil = \"2026-01-01\"",
        "line 1, column 1: the agreement ends no later than it begins",
        "let `until` be the day after the last one",
    ),
    (
        "[[agreement]]\nparty = \"AT\"\nhighest = \"restricted\"\nfrom = \"2026-01-01\"",
        "line 1, column 1: `agreement.until` is missing",
        "",
    ),
    (
        "[[group]]\ncode = \"EU\"\n[[agreement]]\nparty = \"EU\"",
        "line 4, column 9: `EU` is a group, and nothing is ever released to a group",
        "name the states or receivers one by one",
    ),
    (
        "[[group]]\ncode = \"EU\"\n[[caveat]]\nreleasable_to = [\"AT\", \"EU\"]",
        "line 4, column 24: `EU` is a group, and nothing is ever released to a group",
        "",
    ),
    (
        "[[group]]\ncode = \"AT\"",
        "line 5, column 9: `AT` is a group, and nothing is ever released to a group",
        "",
    ),
    (
        "[[held]]\nreceiver = \"B\"\nstandards = []",
        "line 2, column 12: `B` is no receiver of this policy",
        "did you mean `A`?",
    ),
    (
        "[[receiver]]\ncode = \"A\"\nstate = \"DE\"\nclearance = \"secret\"",
        "line 6, column 8: `A` stands here for the second time",
        "keep one of the two",
    ),
    ("[[originator]]\ncode = \"NO\"", "line 1, column 1: `originator` selects no parts", ""),
    (
        "[[originator]]\ncode = \"N O\"",
        "line 2, column 8: `originator.code` is `N O`, expected a code of 1 to 64 letters, digits, `-`, `_` and `.`",
        "",
    ),
    (
        "[markings.parts]\n\"a b\" = \"secret\"",
        "line 2, column 1: `parts.a b` is `a b`, expected the id of a part",
        "",
    ),
    (
        "[markings]\nunmarked = \"cosmic\"",
        "line 2, column 12: `markings.unmarked` is `cosmic`, expected `public`, `unclassified`, `restricted`, `confidential`, `secret` or `top-secret`",
        "",
    ),
    (
        "[[consent]]\noriginator = \"NO\"\nstandards = [\"x\"]",
        "line 1, column 1: `consent.decision` is missing",
        "",
    ),
    ("receiver = 1", "line 2, column 3: not a TOML file: ", ""),
];

#[test]
fn faults_have_a_place_and_advice() {
    for (text, says, advice) in FAULTS {
        let (said, advised) = fault(text);
        assert!(said.starts_with(says), "{text}\n{said}");
        assert!(advised.starts_with(advice), "{text}\n{advised}");
        assert!(!advised.is_empty());
    }
    let error = Policy::read("").unwrap_err();
    assert_eq!(error.to_string(), "line 1, column 1: `receiver` is missing");
    assert!(matches!(Policy::read(&"#".repeat(5 << 20)), Err(PolicyError::TooLarge { .. })));
    let many = "[[receiver]]\ncode = \"A\"\nstate = \"AT\"\nclearance = \"secret\"\n".repeat(65);
    assert!(matches!(Policy::read(&many), Err(PolicyError::TooMany { max: 64, .. })));
}

#[test]
fn moments_are_days_or_seconds() {
    assert_eq!(moment("2026-11-27"), Some(time("2026-11-27T00:00:00Z")));
    assert_eq!(moment("2026-11-27T08:09:10Z"), Some(time("2026-11-27T08:09:10Z")));
    assert_eq!(["2026-11", "2026-02-30", "27.11.2026", "1969-12-31", ""].map(moment), [None; 5]);
    // A date of TOML, without quotation marks, too.
    assert_eq!(Policy::read(&format!("at = 2026-11-27\n{LEAST}")).unwrap().at, moment("2026-11-27"));
}
