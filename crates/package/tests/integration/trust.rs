//! Trust files: reading, writing, refusing.

use ledger::{
    act::{Epoch, Member},
    cosignature::Cosigner,
    log::{LogSigner, LogVerifier},
    mldsa::MlDsaKey,
    note::KeyName,
    policy::{Policy, PolicyError},
};
use package::{
    Trust,
    trust::{TrustError, TrustedRoster, Use},
};
use serde_json::Value;

use crate::world::{World, code, policy, roster, trust};

fn edited(from: &str, to: &str) -> Result<Trust, TrustError> {
    let json = String::from_utf8(World::new().trust.to_json().unwrap()).unwrap();
    assert!(json.contains(from), "{from}");
    Trust::from_json(json.replacen(from, to, 1).as_bytes())
}

fn changed(change: impl FnOnce(&mut Value)) -> Result<Trust, TrustError> {
    let mut value = serde_json::from_slice::<Value>(&World::new().trust.to_json().unwrap()).unwrap();
    change(&mut value);
    Trust::from_json(value.to_string().as_bytes())
}

#[test]
fn what_is_written_reads_back() {
    let trust = World::new().trust;
    let json = trust.to_json().unwrap();
    assert_eq!(Trust::from_json(&json).unwrap(), trust);
    let text = String::from_utf8(json).unwrap();
    assert!(
        text.starts_with("{\n  \"schema\": \"tearline-trust/2\",\n  \"exercise\": true,\n  \"log\""),
        "{text}"
    );
    let keys = serde_json::from_str::<Value>(&text).unwrap();
    let keys = keys.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys, ["exercise", "log", "rosters", "schema", "seal", "witnesses"]);
}

#[test]
fn rosters_are_found_by_their_epoch() {
    let world = World::new();
    let epochs = [1, 3, 7].map(|epoch| Epoch::new(epoch).unwrap());
    let rosters = epochs.map(|epoch| roster(epoch, [&world.office, &world.clock], &world.members)).to_vec();
    let trust = trust(Use::Real, &world.seal, &world.log, rosters.clone(), world.trust.witnesses().clone());
    assert_eq!(trust.rosters().cloned().collect::<Vec<_>>(), rosters);
    assert_eq!(trust.newest().epoch, epochs[2]);
    assert!(epochs.iter().all(|epoch| trust.roster(*epoch).is_some_and(|roster| roster.epoch == *epoch)));
    assert_eq!(trust.roster(Epoch::new(2).unwrap()), None);
    assert_eq!(Trust::from_json(&trust.to_json().unwrap()).unwrap(), trust);
    assert_eq!(trust.newest().member(&code("NO")).unwrap().quorum.get(), 2);
    assert_eq!(trust.newest().member(&code("XX")), None);
}

#[test]
fn other_schemas_are_refused_by_name() {
    // As the version before wrote it: other fields, so the schema must be looked at first.
    let old = br#"{"schema":"tearline-trust/1","exercise":true,"office":{}}"#;
    assert_eq!(Trust::from_json(old), Err(TrustError::Outdated));
    assert!(TrustError::Outdated.to_string().contains("`tearline-trust/2`"));
    let found = "tearline-trust/3".to_owned();
    assert_eq!(edited("tearline-trust/2", "tearline-trust/3"), Err(TrustError::Schema { found }));
    assert!(matches!(Trust::from_json(b"{}"), Err(TrustError::Json { line: 1, .. })));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let epoch = Epoch::FIRST;
    let wanted = ledger::keyfile::KeyKind::Seal;
    let card = TrustError::Card { whose: "the office".to_owned(), wanted };
    assert_eq!(edited("\"kind\": \"seal\"", "\"kind\": \"open\""), Err(card));
    assert_eq!(edited("\"code\": \"NO\"", "\"code\": \"AA\""), Err(TrustError::Members { epoch }));
    assert_eq!(edited("\"code\": \"NO\"", "\"code\": \"BE\""), Err(TrustError::Members { epoch }));
    assert_eq!(edited("\"code\": \"NO\"", "\"code\": \"OFFICE\""), Err(TrustError::Members { epoch }));
    assert_eq!(
        edited("\"epoch\": 1", "\"epoch\": 0").map_err(|e| matches!(e, TrustError::Json { .. })),
        Err(true)
    );
    assert!(matches!(edited("\"exercise\": true", "\"exercise\": 1"), Err(TrustError::Json { line: 3, .. })));
    assert!(matches!(
        edited("\"exercise\": true,", "\"exercise\": true, \"more\": 1,"),
        Err(TrustError::Json { .. })
    ));
}

#[test]
fn rosters_have_bounds_and_an_order() {
    let epoch = Epoch::FIRST;
    let world = World::new();
    let make = |rosters: Vec<TrustedRoster>| {
        let card = world.trust.office_seal().clone();
        Trust::new(Use::Exercise, world.log.verifier(), card, rosters, world.trust.witnesses().clone())
    };
    let good = world.trust.newest().clone();
    assert_eq!(make(Vec::new()), Err(TrustError::Rosters));
    assert_eq!(make(vec![good.clone(); 2]), Err(TrustError::Rosters));
    let many = (1..=257).map(|epoch| TrustedRoster { epoch: Epoch::new(epoch).unwrap(), ..good.clone() });
    assert_eq!(make(many.clone().collect()), Err(TrustError::Rosters));
    assert!(make(many.take(256).collect()).is_ok());
    assert_eq!(
        make(vec![TrustedRoster { members: Vec::new(), ..good.clone() }]),
        Err(TrustError::Members { epoch })
    );

    let with = |party: &str, change: &dyn Fn(&mut ledger::act::Delegation)| {
        let mut roster = good.clone();
        match roster.members.iter_mut().find(|member| member.code.as_str() == party) {
            Some(Member { delegation, .. }) => change(delegation),
            None => change(&mut roster.office),
        }
        make(vec![roster]).map(drop)
    };
    for party in ["NO", "OFFICE"] {
        let delegates = Err(TrustError::Delegates { epoch, party: code(party) });
        assert_eq!(with(party, &|d| d.delegates.clear()), delegates);
        assert_eq!(with(party, &|d| d.delegates.reverse()), delegates);
        assert_eq!(with(party, &|d| d.delegates[1].id = d.delegates[0].id.clone()), delegates);
        assert_eq!(with(party, &|d| d.delegates = vec![d.delegates[0].clone(); 65]), delegates);
        let quorum = Err(TrustError::Quorum { epoch, party: code(party) });
        assert_eq!(with(party, &|d| d.quorum = ledger::act::Quorum::new(5).unwrap()), quorum);
        let again = Err(TrustError::KeyTwice { epoch, party: code(party) });
        assert_eq!(with(party, &|d| d.delegates[1].key = d.delegates[0].key.clone()), again);
    }
    // Four keys, of which three may agree.
    let quorum = |n| move |d: &mut ledger::act::Delegation| d.quorum = ledger::act::Quorum::new(n).unwrap();
    assert_eq!(with("NO", &quorum(3)), Ok(()));
    assert_eq!(with("NO", &quorum(4)), Err(TrustError::Quorum { epoch, party: code("NO") }));
    let clock_alone = Err(TrustError::Quorum { epoch, party: code("OFFICE") });
    assert_eq!(with("OFFICE", &|d| drop(d.delegates.pop())), clock_alone);
}

#[test]
fn one_key_cannot_speak_for_two() {
    let epoch = Epoch::FIRST;
    let key = |value: &Value, member: usize| {
        value["rosters"][0]["members"][member]["delegation"]["delegates"][0]["key"].clone()
    };
    let refused = changed(|value| {
        value["rosters"][0]["members"][1]["delegation"]["delegates"][0]["key"] = key(value, 0);
    });
    assert_eq!(refused, Err(TrustError::KeyTwice { epoch, party: code("NO") }));
    let refused = changed(|value| value["rosters"][0]["office"]["delegates"][0]["key"] = key(value, 2));
    assert_eq!(refused, Err(TrustError::KeyTwice { epoch, party: code("US") }));
}

#[test]
fn the_log_has_one_or_two_keys_of_its_own_name() {
    let none = Err(TrustError::LogKeys { fault: None });
    assert_eq!(edited("\"origin\": \"office", "\"origin\": \"oFFice"), none);
    assert_eq!(changed(|value| value["log"]["vkeys"] = Value::Array(Vec::new())), none);
    let key = |value: &Value, n: usize| value["log"]["vkeys"][n].clone();
    assert_eq!(changed(|value| value["log"]["vkeys"] = vec![key(value, 0); 3].into()), none);
    let fault = |refused: Result<Trust, TrustError>| {
        assert!(matches!(refused, Err(TrustError::LogKeys { fault: Some(_) })), "{refused:?}");
    };
    fault(changed(|value| value["log"]["vkeys"] = vec![key(value, 1), key(value, 0)].into()));
    fault(changed(|value| value["log"]["vkeys"] = vec![key(value, 0); 2].into()));
    let other =
        Cosigner::ml_dsa_44(KeyName::new("other.example").unwrap(), MlDsaKey::from_seed(&[5; 32]).unwrap());
    fault(changed(|value| value["log"]["vkeys"][1] = other.keys()[0].to_string().into()));
    // With one key only that one is asked for; the policy must not name the other.
    assert_eq!(
        changed(|value| value["log"]["vkeys"] = vec![key(value, 0)].into()),
        Err(TrustError::OtherLog)
    );
    let alone = changed(|value| {
        value["log"]["vkeys"] = vec![key(value, 0)].into();
        value["witnesses"] = "quorum none\n".into();
    });
    let ed25519 = World::new().log.verifier().ed25519().clone();
    assert_eq!(alone.unwrap().log(), &LogVerifier::ed25519_alone(ed25519));
}

#[test]
fn the_policy_is_on_this_log_and_by_others() {
    let world = World::new();
    let make = |policy: Policy| {
        let (card, rosters) = (world.trust.office_seal().clone(), world.trust.rosters().cloned().collect());
        Trust::new(Use::Exercise, world.log.verifier(), card, rosters, policy).map(drop)
    };
    for seeds in [[8, 9], [1, 2]] {
        let [a, b] = seeds.map(|seed| [seed; 32]);
        let other = LogSigner::from_seeds(world.log.origin().clone(), &a, &b).unwrap();
        assert_eq!(make(policy(&other, &world.witnesses, 2)), Err(TrustError::OtherLog));
    }
    assert_eq!(make(Policy::parse(b"quorum none\n").unwrap()), Ok(()));
    let own = world.log.verifier().ml_dsa().unwrap().to_string();
    let own = Policy::parse(format!("witness mine {own}\nquorum mine\n").as_bytes()).unwrap();
    assert_eq!(make(own), Err(TrustError::OwnWitness { witness: "mine".to_owned() }));
    let unread = changed(|value| value["witnesses"] = "".into());
    assert_eq!(unread, Err(TrustError::Policy(PolicyError::NoQuorum)));
}
