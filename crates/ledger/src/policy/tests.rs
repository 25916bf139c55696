//! The specification's example, every rule of the file, nested groups against counting by hand, fail closed.

use super::*;
use crate::cosignature::Cosigner;
use crate::key::SigningKey;
use crate::log::LogSigner;
use crate::merkle::leaf_hash;
use crate::mldsa::MlDsaKey;
use crate::note::SignatureLines;
use crate::seeded::Seeded;

fn name(text: &str) -> KeyName {
    KeyName::new(text).unwrap()
}

fn log() -> LogSigner {
    LogSigner::generate(name("office.example/log"), &mut Seeded::new(1)).unwrap()
}

fn witness(n: u8) -> Cosigner {
    let name = name(&format!("witness.example/{n}"));
    Cosigner::both(name, SigningKey::from_seed(&[n; 32]), MlDsaKey::from_seed(&[n; 32]).unwrap())
}

/// The vkey of the witness's Ed25519 key.
fn vkey(n: u8) -> String {
    witness(n).keys()[0].to_string()
}

/// The example of C2SP tlog-policy, with keys: X1 to X3 are 1 to 3, Y1 to Y3 are 4 to 6.
fn example() -> String {
    let witness = |(name, n): (&str, u8)| format!("witness {name} {}\n", vkey(n));
    let x: String = [("X1", 1), ("X2", 2), ("X3", 3)].into_iter().map(witness).collect();
    let y: String = [("Y1", 4), ("Y2", 5), ("Y3", 6)].into_iter().map(witness).collect();
    let log = log().verifier();
    format!(
        "log {}\n\n{x}group X-witnesses 2 X1 X2 X3\n\n{y}group Y-witnesses any Y1 Y2 Y3\n\n\
         group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        log.ed25519()
    )
}

fn parsed(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).unwrap()
}

fn fault(text: &str) -> (usize, PolicyFault) {
    match Policy::parse(text.as_bytes()) {
        Err(PolicyError::Line { line, fault }) => (line, fault),
        other => panic!("{other:?}"),
    }
}

fn checkpoint(cosigners: &[(&Cosigner, u64)]) -> SignedCheckpoint {
    let mut checkpoint = SignedCheckpoint::sign(7, leaf_hash(b"x"), &log()).unwrap();
    for (cosigner, time) in cosigners {
        let lines = cosigner.cosign(checkpoint.unverified(), *time).unwrap();
        checkpoint.add_cosignatures(&SignatureLines::new(lines), &cosigner.keys()).unwrap();
    }
    checkpoint
}

#[test]
fn the_specification_example_is_judged_as_it_says() {
    let policy = parsed(&example());
    assert_eq!(parsed(&policy.to_text()), policy);
    assert_eq!(policy.witnesses().len(), 6);
    let names = ["X1", "X2", "X3", "Y1", "Y2", "Y3"];
    for set in 0..64_u32 {
        let held = |i: usize| set & (1 << i) != 0;
        let cosigned =
            names.iter().enumerate().filter(|(i, _)| held(*i)).map(|(_, n)| (*n).to_owned()).collect();
        let expected = (0..3).filter(|i| held(*i)).count() >= 2 && (3..6).any(held);
        assert_eq!(policy.satisfied_by_names(&cosigned), expected, "{cosigned:?}");
    }
    // Group names are not witnesses.
    assert!(!policy.satisfied_by_names(&BTreeSet::from(["X-and-Y".to_owned(), "X1".to_owned()])));
}

#[test]
fn a_checkpoint_is_believed_only_with_its_quorum() {
    let policy = parsed(&example());
    let [x1, x2, y3] = [1, 2, 6].map(witness);
    let quorum =
        policy.satisfied_by(&checkpoint(&[(&x1, 50), (&x2, 60), (&x1, 70), (&x1, 40), (&y3, 9)])).unwrap();
    let expected = [("X1", 70), ("X2", 60), ("Y3", 9)].map(|(name, time)| (name.to_owned(), time));
    assert_eq!(quorum.cosigned, BTreeMap::from(expected));
    let missing = |checkpoint: &SignedCheckpoint| match policy.satisfied_by(checkpoint) {
        Err(PolicyError::Missing { witnesses }) => witnesses.join(" "),
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(&checkpoint(&[])), "X1 X2 X3 Y1 Y2 Y3");
    assert_eq!(missing(&checkpoint(&[(&x1, 50), (&x2, 60)])), "X3 Y1 Y2 Y3");
    assert_eq!(missing(&checkpoint(&[(&x1, 50), (&y3, 60)])), "X2 X3 Y1 Y2");
    // A time of zero says nothing, and an unknown witness is nobody.
    assert_eq!(missing(&checkpoint(&[(&x1, 50), (&x2, 0), (&y3, 9)])), "X2 X3 Y1 Y2");
    assert_eq!(missing(&checkpoint(&[(&x1, 50), (&witness(9), 5), (&y3, 9)])), "X2 X3 Y1 Y2");
    let error = policy.satisfied_by(&checkpoint(&[(&x1, 50), (&x2, 60)])).unwrap_err();
    let message = "the quorum of witnesses is not reached: `X3`, `Y1`, `Y2`, `Y3` have not cosigned";
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_known_signature_that_does_not_hold_spoils_even_a_full_quorum() {
    let policy = parsed(&example());
    let [x1, x2, x3, y3] = [1, 2, 3, 6].map(witness);
    let good = checkpoint(&[(&x1, 50), (&x2, 60), (&y3, 9)]);
    let other = SignedCheckpoint::sign(8, leaf_hash(b"x"), &log()).unwrap();
    let line = SignatureLines::new(x3.cosign(other.unverified(), 5).unwrap());
    let spoilt = SignedCheckpoint::from_text(&(good.to_text() + &line.to_text())).unwrap();
    assert!(policy.satisfied_by(&good).is_ok());
    assert!(matches!(policy.satisfied_by(&spoilt), Err(PolicyError::Checkpoint(_))));
}

#[test]
fn only_the_logs_of_the_policy_are_believed() {
    let verifier = log().verifier();
    let (ed25519, ml_dsa) = (verifier.ed25519(), verifier.ml_dsa().unwrap());
    let good = checkpoint(&[]);
    for key in [ed25519.to_string(), ml_dsa.to_string()] {
        assert!(parsed(&format!("log {key}\nquorum none\n")).satisfied_by(&good).is_ok());
    }
    let both = parsed(&format!("log {ed25519}\nlog {ml_dsa} https://office.example/\nquorum none\n"));
    assert!(both.satisfied_by(&good).is_ok() && !both.needs_witnesses());
    assert_eq!(both.logs()[1].url.as_deref(), Some("https://office.example/"));
    let text = good.to_text();
    let last = text.rfind('\u{2014}').unwrap();
    let alone = SignedCheckpoint::from_text(
        &text.chars().take(text.chars().count() - (text.len() - last - 2)).collect::<String>(),
    );
    assert!(both.satisfied_by(&alone.unwrap()).is_ok(), "either key of a log suffices");
    let no_log = parsed("quorum none\n");
    assert_eq!(no_log.satisfied_by(&good), Err(PolicyError::NoLog));
    assert_eq!(no_log.cosigned(&good).unwrap().cosigned, BTreeMap::new());
    let stranger = LogSigner::generate(name("office.example/log"), &mut Seeded::new(2)).unwrap().verifier();
    let other = parsed(&format!("log {}\nquorum none\n", stranger.ed25519()));
    assert!(matches!(other.satisfied_by(&good), Err(PolicyError::OtherLog { .. })));
    // The same key under another name is another log.
    let renamed = NoteVerifier::new(name("other.example/log"), *ed25519.key());
    let renamed = parsed(&format!("log {renamed}\nquorum none\n"));
    assert!(matches!(renamed.satisfied_by(&good), Err(PolicyError::OtherLog { .. })));
}

#[test]
fn a_witness_of_two_keys_cosigned_when_both_did() {
    let [no, se] = [1, 2].map(witness);
    let (no_keys, se_keys) = (no.keys(), se.keys());
    let url = Some("https://no.example/witness/");
    let keys = [
        WitnessKeys { name: "NO", keys: &no_keys, url },
        WitnessKeys { name: "SE", keys: &se_keys[..1], url: None },
    ];
    let policy = Policy::of_witnesses(&log().verifier(), &keys, 2).unwrap();
    let names: Vec<&str> = policy.witnesses().iter().map(|witness| witness.name.as_str()).collect();
    assert_eq!(names, ["NO-ed25519", "NO-ml-dsa-44", "SE"]);
    assert_eq!(policy.witnesses()[1].url.as_deref(), url);
    assert!(policy.satisfied_by(&checkpoint(&[(&no, 5), (&se, 6)])).is_ok());
    let half = Cosigner::ed25519(no.name().clone(), SigningKey::from_seed(&[1; 32]));
    let missing = PolicyError::Missing { witnesses: vec!["NO-ml-dsa-44".to_owned()] };
    assert_eq!(policy.satisfied_by(&checkpoint(&[(&half, 5), (&se, 6)])), Err(missing));
    assert!(!Policy::of_witnesses(&log().verifier(), &keys, 0).unwrap().needs_witnesses());
    assert!(Policy::of_witnesses(&log().verifier(), &keys, 3).is_err());
    let spaced = [WitnessKeys { name: "N O", ..keys[0] }];
    assert!(Policy::of_witnesses(&log().verifier(), &spaced, 1).is_err());
    let twice = [keys[0], WitnessKeys { name: "FI", ..keys[0] }];
    assert!(Policy::of_witnesses(&log().verifier(), &twice, 1).is_err());
}

#[test]
fn an_alliance_of_32_witnesses_with_two_keys_each_fits() {
    let allies: Vec<(String, Cosigner)> = (1..=32).map(|n| (format!("ally{n}"), witness(n))).collect();
    let keys: Vec<Vec<CosignerKey>> = allies.iter().map(|(_, ally)| ally.keys()).collect();
    let url = Some("https://witness.example/of/an/ally/");
    let witnesses: Vec<WitnessKeys<'_>> =
        allies.iter().zip(&keys).map(|((name, _), keys)| WitnessKeys { name, keys, url }).collect();
    let policy = Policy::of_witnesses(&log().verifier(), &witnesses, 32).unwrap();
    assert_eq!(parsed(&policy.to_text()), policy);
    let all: Vec<(&Cosigner, u64)> = allies.iter().map(|(_, ally)| (ally, 5)).collect();
    let cosigned = SignedCheckpoint::from_text(&checkpoint(&all).to_text()).unwrap();
    assert_eq!(policy.satisfied_by(&cosigned).unwrap().cosigned.len(), 64);
    let missing =
        PolicyError::Missing { witnesses: vec!["ally32-ed25519".into(), "ally32-ml-dsa-44".into()] };
    assert_eq!(policy.satisfied_by(&checkpoint(&all[..31])), Err(missing));
}

#[test]
fn white_space_comments_and_order_do_not_matter() {
    let (a, b) = (vkey(1), vkey(2));
    let text = format!(
        "# a comment with \u{e9}\n \t # another\n\n\t witness\tb  {b} \t\nwitness a {a} http://a.example\n\
         group g 1 a b\nquorum g\nlog {}\n",
        log().verifier().ed25519()
    );
    let mut latin = text.clone().into_bytes();
    latin.splice(2..2, [0xe9]);
    let policy = Policy::parse(&latin).unwrap();
    assert_eq!(policy, parsed(&text));
    assert!(policy.to_text().contains("\ngroup g any a b\nquorum g\n"));
    // Names are octets: a Kelvin sign is not a K.
    let kelvin = parsed(&format!("witness K {a}\nwitness \u{212a} {b}\nquorum \u{212a}\n"));
    assert!(!kelvin.satisfied_by_names(&BTreeSet::from(["K".to_owned()])));
}

#[test]
fn every_rule_of_the_file_is_kept() {
    let (a, b) = (vkey(1), vkey(2));
    let two = format!("witness a {a}\nwitness b {b}\n");
    let taken = |name: &str| PolicyFault::NameTaken { name: name.to_owned() };
    let unknown = |name: &str| PolicyFault::UnknownName { name: name.to_owned() };
    let twice = |name: &str| PolicyFault::MemberTwice { name: name.to_owned() };
    for (lines, line, expected) in [
        ("quorum a", 3, PolicyFault::Characters),
        ("quorum\u{b}a\n", 3, PolicyFault::Characters),
        ("quorum a\r\n", 3, PolicyFault::Characters),
        ("quorum a\u{7f}\n", 3, PolicyFault::Characters),
        ("quorums a\n", 3, PolicyFault::Form),
        ("quorum\n", 3, PolicyFault::Form),
        ("quorum a b\n", 3, PolicyFault::Form),
        ("quorum a # why\n", 3, PolicyFault::Form),
        ("group g all\n", 3, PolicyFault::Form),
        ("quorum c\n", 3, unknown("c")),
        ("quorum g\ngroup g all a\n", 3, unknown("g")),
        ("group g all g\n", 3, unknown("g")),
        ("group g all none\n", 3, unknown("none")),
        ("group none all a\n", 3, taken("none")),
        ("group a all b\n", 3, taken("a")),
        ("group g all a a\n", 3, twice("a")),
        ("group g all a\ngroup h all a b\n", 4, twice("a")),
        ("group g 0 a b\n", 3, PolicyFault::Threshold { members: 2 }),
        ("group g 3 a b\n", 3, PolicyFault::Threshold { members: 2 }),
        ("group g 01 a b\n", 3, PolicyFault::Threshold { members: 2 }),
        ("group g most a b\n", 3, PolicyFault::Threshold { members: 2 }),
        ("quorum a\nquorum a\n", 4, PolicyFault::QuorumTwice),
        ("quorum none\nquorum a\n", 4, PolicyFault::QuorumTwice),
    ] {
        assert_eq!(fault(&format!("{two}{lines}")), (line, expected.clone()), "{lines}");
        assert!(!expected.advice().is_empty());
    }
    assert_eq!(fault(&format!("witness none {a}\n")), (1, taken("none")));
    assert_eq!(fault(&format!("witness a {a}\nwitness a {b}\n")), (2, taken("a")));
    assert_eq!(Policy::parse(two.as_bytes()), Err(PolicyError::NoQuorum));
    assert_eq!(Policy::parse(b""), Err(PolicyError::NoQuorum));
    let not_utf8 = [b"quorum ".as_slice(), &[0xff], b"\n"].concat();
    let refused = Policy::parse(&not_utf8);
    assert_eq!(refused, Err(PolicyError::Line { line: 1, fault: PolicyFault::Utf8 }));
}

#[test]
fn a_policy_can_be_asked_for_without_some_addresses() {
    let addresses = ["https://a.example", "https://b.example"];
    let text = format!(
        "witness a {} {}\nwitness b {} {}\ngroup both all a b\nquorum both\n",
        vkey(1),
        addresses[0],
        vkey(2),
        addresses[1]
    );
    let policy = parsed(&text);
    let without = policy.without_urls(|url| url == addresses[0]);
    assert_eq!(without.to_text(), text.replace(&format!(" {}", addresses[0]), ""));
    assert_eq!(policy.without_urls(|_| false), policy);
    let all = ["a".to_owned(), "b".to_owned()].into();
    assert!(without.satisfied_by_names(&all) && !without.satisfied_by_names(&["b".to_owned()].into()));
}

#[test]
fn keys_must_be_of_the_right_type_and_count_once() {
    let verifier = log().verifier();
    let (ed25519, ml_dsa) = (verifier.ed25519(), verifier.ml_dsa().unwrap());
    let of_type = |found| PolicyFault::Key(NoteError::SignatureType { found });
    assert_eq!(fault(&format!("witness a {ed25519}\n")), (1, of_type(1)));
    assert_eq!(fault(&format!("log {}\n", vkey(1))), (1, of_type(4)));
    assert_eq!(fault("log nonsense\n"), (1, PolicyFault::Key(NoteError::VerifierKey)));
    // The same public key under another name, hence with another id.
    let renamed = NoteVerifier::new(name("other"), *ed25519.key());
    assert_eq!(fault(&format!("log {ed25519}\nlog {renamed}\n")), (2, PolicyFault::DuplicateKey));
    let again = CosignerKey::ed25519(name("other"), SigningKey::from_seed(&[1; 32]).verifying_key());
    let text = format!("witness a {}\nwitness b {again}\n", vkey(1));
    assert_eq!(fault(&text), (2, PolicyFault::DuplicateKey));
    // A log may witness another: its key in both roles is none too much.
    assert!(Policy::parse(format!("log {ml_dsa}\nwitness a {ml_dsa}\nquorum a\n").as_bytes()).is_ok());
}

#[test]
fn sizes_are_bounded() {
    let witness = |i: usize| {
        let key = SigningKey::from_seed(&[i as u8; 32]).verifying_key();
        format!("witness w{i} {}\n", CosignerKey::ed25519(name("w"), key))
    };
    let log = |i: usize| {
        let key = SigningKey::from_seed(&[i as u8; 32]).verifying_key();
        format!("log {}\n", NoteVerifier::new(name("l"), key))
    };
    let witnesses = |n: usize| (0..n).map(witness).collect::<String>();
    let groups = |n: usize| (0..n).map(|i| format!("group g{i} any w{i}\n")).collect::<String>();
    let logs = |n: usize| (0..n).map(log).collect::<String>();
    let most = format!("{}{}{}quorum g63\n", logs(64), witnesses(64), groups(64));
    assert_eq!(parsed(&parsed(&most).to_text()), parsed(&most));
    assert_eq!(fault(&logs(65)), (65, PolicyFault::TooMany));
    assert_eq!(fault(&witnesses(65)), (65, PolicyFault::TooMany));
    let chain: String = (1..65).map(|i| format!("group h{i} any h{}\n", i - 1)).collect();
    let text = format!("{}group h0 any w0\n{chain}", witnesses(1));
    assert_eq!(fault(&text), (66, PolicyFault::TooMany));
    let long = vec![b'\n'; POLICY_BYTES_MAX + 1];
    assert_eq!(Policy::parse(&long), Err(PolicyError::TooLong { found: POLICY_BYTES_MAX + 1 }));
}
