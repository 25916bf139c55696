//! The one byte form of an act, and what is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{Digest, key::SigningKey};

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn approve() -> Act {
    let body = ActBody::Approve(Ballot {
        proposal: Digest::of(b"abc"),
        round: RoundNumber::FIRST,
        roster_epoch: Epoch::FIRST,
    });
    Act::new(Code::new("NO").unwrap(), Counter::new(3).unwrap(), body)
}

const APPROVE: &str = concat!(
    r#"{"schema":"tearline-act/2","actor":"NO","counter":3,"body":{"act":"approve","proposal":""#,
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    r#"","round":1,"roster_epoch":1}}"#
);

#[test]
fn an_act_is_written_with_its_keys_in_one_order() {
    assert_eq!(String::from_utf8(approve().to_bytes().unwrap()).unwrap(), APPROVE);
    assert_eq!(Act::from_bytes(APPROVE.as_bytes()).unwrap(), approve());
}

#[test]
fn a_proposal_is_written_with_its_keys_in_one_order() {
    let code = |text| Code::new(text).unwrap();
    let digest = Digest::of(b"abc");
    let body = ActBody::Propose(Propose {
        title: Title::new("Demand \u{e9}t\u{e9} \"26\"").unwrap(),
        subject: Subject::Release(ReleaseDraft {
            content: Content::Figures,
            release: digest,
            certificate: digest,
            history: History { releases: 1, head: digest },
            label: LabelXml::new("<a>\n</a>").unwrap(),
            audience: [code("ACME")].into(),
            originators: [(code("NO"), digest), (code("BE"), digest)].into(),
            supersedes: None,
            wave: None,
        }),
        amends: Some(digest),
        round: RoundNumber::FIRST,
        roster_epoch: Epoch::FIRST,
        deadline_utc: UtcTime::new("2026-03-01T12:00:00Z").unwrap(),
    });
    let act = Act::new(Code::office(), Counter::FIRST, body);
    let expected = concat!(
        r#"{"schema":"tearline-act/2","actor":"OFFICE","counter":1,"body":{"act":"propose","title":"Demand été \"26\"","#,
        r#""subject":{"of":"release","content":"figures","release":"D","certificate":"D","history":{"releases":1,"head":"D"},"#,
        r#""label":"<a>\n</a>","audience":["ACME"],"originators":{"BE":"D","NO":"D"}},"amends":"D","round":1,"roster_epoch":1,"#,
        r#""deadline_utc":"2026-03-01T12:00:00Z"}}"#
    );
    let bytes = act.to_bytes().unwrap();
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        expected.replace("\"D\"", &format!("\"{digest}\""))
    );
    assert_eq!(Act::from_bytes(&bytes).unwrap(), act);
}

/// A digest of which only the place matters, written `D` below.
fn d() -> Digest {
    Digest::of(b"abc")
}

/// The act of `actor` in its one byte form, which reads back as it was.
fn written(actor: &str, body: ActBody) -> String {
    let act = Act::new(Code::new(actor).unwrap(), Counter::FIRST, body);
    let bytes = act.to_bytes().unwrap();
    assert_eq!(Act::from_bytes(&bytes).unwrap(), act);
    String::from_utf8(bytes).unwrap().replace(&format!("\"{}\"", d()), "\"D\"")
}

fn id(text: &str) -> PartId {
    PartId::new(text).unwrap()
}

/// A part that needs nothing, of one member.
fn part() -> Part {
    Part {
        document: d(),
        level: Level::Unclassified,
        originators: [Code::new("NO").unwrap()].into(),
        needs: BTreeSet::new(),
        lacks: BTreeSet::new(),
        replaces: None,
    }
}

#[test]
fn a_wave_is_written_with_its_keys_in_one_order_and_without_what_is_not_there() {
    let whole = Part {
        needs: [id("b"), id("a")].into(),
        lacks: [id("x")].into(),
        replaces: Some(id("c-ed1")),
        ..part()
    };
    let wave = Wave {
        registry: Revision::FIRST,
        parts: [(id("c-ed2"), whole), (id("a"), part())].into(),
        notices: [(id("o"), Notice::Withdrawn), (id("n"), Notice::Superseded { by: id("c-ed2") })].into(),
    };
    let expected = concat!(
        r#"{"registry":1,"parts":{"a":{"document":"D","level":"unclassified","originators":["NO"]},"#,
        r#""c-ed2":{"document":"D","level":"unclassified","originators":["NO"],"needs":["a","b"],"lacks":["x"],"#,
        r#""replaces":"c-ed1"}},"notices":{"n":{"became":"superseded","by":"c-ed2"},"o":{"became":"withdrawn"}}}"#
    );
    let text = serde_json::to_string(&wave).unwrap().replace(&d().to_string(), "D");
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_str::<Wave>(&text.replace("\"D\"", &format!("\"{}\"", d()))).unwrap(), wave);
    let unknown = text.replace(r#""registry":1"#, r#""registry":1,"note":"x""#);
    assert!(serde_json::from_str::<Wave>(&unknown).is_err());
}

#[test]
fn what_is_said_of_parts_and_of_the_registry_is_written_in_one_order() {
    let (proposal, round, roster_epoch) = (d(), RoundNumber::FIRST, Epoch::FIRST);
    let consent = Consent { proposal, round, roster_epoch, parts: [id("b"), id("a")].into() };
    assert_eq!(
        written("NO", ActBody::Consent(consent)),
        concat!(
            r#"{"schema":"tearline-act/2","actor":"NO","counter":1,"body":{"act":"consent","proposal":"D","round":1,"#,
            r#""roster_epoch":1,"parts":["a","b"]}}"#
        )
    );
    let said = |parts| {
        let reason = Reason::new("no").unwrap();
        written("NO", ActBody::Object(Reasoned { proposal, round, roster_epoch, reason, parts }))
    };
    assert!(said(BTreeSet::new()).ends_with(r#""reason":"no"}}"#), "the whole is said by saying nothing");
    assert!(said([id("a")].into()).ends_with(r#""reason":"no","parts":["a"]}}"#));
    let register = Register {
        revision: Revision::FIRST,
        changes: d(),
        blob: d(),
        added: 4,
        changed: 3,
        withdrawn: 2,
        renamed: 1,
    };
    assert_eq!(
        written("OFFICE", ActBody::Register(register)),
        concat!(
            r#"{"schema":"tearline-act/2","actor":"OFFICE","counter":1,"body":{"act":"register","revision":1,"changes":"D","#,
            r#""blob":"D","added":4,"changed":3,"withdrawn":2,"renamed":1}}"#
        )
    );
}

#[test]
fn a_wave_of_a_hundred_and_seventy_parts_fits_into_an_act() {
    // Ids as long as the public registry's longest, each with a need and two originators; beside a label of some length.
    let name = |number: usize| id(&format!("{number:046}"));
    let member = |text: &str| Code::new(text).unwrap();
    let parts = (1..=170).map(|number| {
        let originators = [member("NO"), member("BE")].into();
        (name(number), Part { originators, needs: [name(number - 1)].into(), ..part() })
    });
    let wave = Wave { registry: Revision::FIRST, parts: parts.collect(), notices: BTreeMap::new() };
    let wave = serde_json::to_vec(&wave).unwrap().len();
    println!("{wave} bytes");
    assert!(wave + 4_096 < PAYLOAD_MAX_BYTES, "{wave} bytes");
}

#[test]
fn an_answer_of_the_service_is_written_with_its_keys_in_one_order() {
    let written = |decision, text: &str| {
        let access = KeyAccess {
            proposal: Digest::of(b"abc"),
            package: PackageUuid::new("0d9f5c1e-7a5b-4c3d-9e8f-001122334455").unwrap(),
            receiver: Code::new("ACME").unwrap(),
            client_key: Digest::of(b"abc"),
            decision,
        };
        let act = Act::new(Code::office(), Counter::FIRST, ActBody::KeyAccess(access));
        let expected = concat!(
            r#"{"schema":"tearline-act/2","actor":"OFFICE","counter":1,"body":{"act":"key_access","proposal":"D","#,
            r#""package":"0d9f5c1e-7a5b-4c3d-9e8f-001122334455","receiver":"ACME","client_key":"D","decision":W}}"#
        );
        let expected = expected.replace("\"D\"", &format!("\"{}\"", Digest::of(b"abc"))).replace('W', text);
        assert_eq!(String::from_utf8(act.to_bytes().unwrap()).unwrap(), expected);
        assert_eq!(Act::from_bytes(expected.as_bytes()), Ok(act));
        expected
    };
    written(AccessDecision::Granted, r#""granted""#);
    let refused = written(AccessDecision::Refused(AccessRefusal::NoKey), r#"{"refused":"no_key"}"#);
    for (from, to) in [
        ("no_key", "because"),
        ("no_key", "no_key\",\"note\":\"x"),
        (r#"{"refused":"no_key"}"#, r#"{"granted":null}"#),
        (r#"{"refused":"no_key"}"#, r#""refused""#),
        ("0d9f5c1e", "0D9F5C1E"),
        ("001122334455", "00112233445"),
    ] {
        assert!(Act::from_bytes(refused.replace(from, to).as_bytes()).is_err(), "{to}");
    }
}

#[test]
fn any_other_spelling_of_an_act_is_refused() {
    let spaced = APPROVE.replace(":3", ": 3");
    let escaped = APPROVE.replace("\"NO\"", "\"\\u004eO\"");
    let reordered = APPROVE.replace(r#""actor":"NO","counter":3"#, r#""counter":3,"actor":"NO""#);
    let trailing = format!("{APPROVE}\n");
    for text in [spaced, escaped, reordered, trailing] {
        assert_eq!(Act::from_bytes(text.as_bytes()), Err(ActError::NotCanonical), "{text}");
    }
    let unknown = APPROVE.replace(r#""round":1"#, r#""round":1,"note":"x""#);
    let unknown_outside = APPROVE.replace(r#""counter":3"#, r#""counter":3,"note":"x""#);
    let doubled = APPROVE.replace(r#""round":1"#, r#""round":1,"round":1"#);
    let other_schema = APPROVE.replace("act/2", "act/1");
    let other_act = APPROVE.replace("approve", "veto");
    let zero = APPROVE.replace(":3", ":0");
    let negative = APPROVE.replace(":3", ":-3");
    let real = APPROVE.replace(":3", ":3.0");
    let past_exact = APPROVE.replace(":3", ":9007199254740992");
    let missing = APPROVE.replace(r#","round":1"#, "");
    let two = format!("{APPROVE}{APPROVE}");
    for text in [
        unknown,
        unknown_outside,
        doubled,
        other_schema,
        other_act,
        zero,
        negative,
        real,
        past_exact,
        missing,
        two,
    ] {
        assert!(matches!(Act::from_bytes(text.as_bytes()), Err(ActError::Malformed { .. })), "{text}");
    }
    let long = vec![b' '; PAYLOAD_MAX_BYTES + 1];
    assert_eq!(Act::from_bytes(&long), Err(ActError::TooLong { bytes: PAYLOAD_MAX_BYTES + 1 }));
}

#[test]
fn a_signed_act_is_read_with_the_signers_key_alone() {
    let envelope = approve().sign(&key()).unwrap();
    assert_eq!(Act::verified(&envelope, &key().key()).unwrap(), approve());
    let other = SigningKey::from_seed(&[8; 32]);
    let refused = Act::verified(&envelope, &other.key());
    assert!(matches!(refused, Err(ActError::Signature { .. })));
    let twice = envelope.sign_also(&other).unwrap();
    assert_eq!(Act::verified(&twice, &key().key()), Err(ActError::Signatures { found: 2 }));
    let foreign = Envelope::sign("text/plain", APPROVE.as_bytes(), &key()).unwrap();
    assert!(matches!(Act::claimed(&foreign), Err(ActError::PayloadType { .. })));
}

#[test]
fn a_history_is_a_chain_over_what_was_sealed() {
    let (first, second) = (Digest::of(b"first"), Digest::of(b"second"));
    let history = History::EMPTY.with(&first).with(&second);
    assert_eq!(history.releases, 2);
    let head = Digest::of_parts(&[&[0; 32], first.as_bytes()]);
    assert_eq!(history.head, Digest::of_parts(&[head.as_bytes(), second.as_bytes()]));
    assert_ne!(history, History::EMPTY.with(&second).with(&first));
}

#[test]
fn the_longest_payload_fits_into_an_entry() {
    let payload = vec![b'x'; PAYLOAD_MAX_BYTES];
    let signature = vec![1; crate::act_key::SIGNATURE_BYTES_MAX];
    let envelope = Envelope::signed(PAYLOAD_TYPE, &payload, key().key().id(), signature).unwrap();
    assert!(envelope.to_bytes().len() <= crate::dsse::ENVELOPE_BYTES_MAX);
}

#[test]
fn codes_and_texts_show_what_they_say() {
    for code in ["", "a b", "N\u{d8}", "A/B", "x\n", &"x".repeat(65)] {
        assert_eq!(Code::new(code), Err(FieldError::Code), "{code}");
    }
    assert!(Code::new(&"x".repeat(64)).is_ok());
    for title in ["", " ", "two\nlines", "bell\u{7}", "turned \u{202e}around", &"x".repeat(201)] {
        assert!(Title::new(title).is_err(), "{title}");
    }
    assert!(Title::new(&"\u{e9}".repeat(200)).is_ok());
    assert!(Reason::new("two\n\tlines").is_ok());
    assert!(Reason::new("nul\0").is_err());
}

#[test]
fn times_are_of_one_form_and_exist() {
    for text in
        ["2026-03-01T12:00:00Z", "2024-02-29T00:00:00Z", "2000-02-29T23:59:59Z", "9999-12-31T23:59:59Z"]
    {
        assert_eq!(UtcTime::new(text).unwrap().to_string(), text);
    }
    for text in [
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-03-00T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T23:60:00Z",
        "2026-03-01T23:59:60Z",
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T12:00:00.0Z",
        "2026-03-01 12:00:00Z",
        "2026-03-01t12:00:00z",
        "1969-12-31T23:59:59Z",
        "2026-3-01T012:00:00Z",
        "",
    ] {
        assert_eq!(UtcTime::new(text), Err(FieldError::Time), "{text}");
    }
    let times = ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"];
    assert!(times.map(|text| UtcTime::new(text).unwrap()).is_sorted());
}
