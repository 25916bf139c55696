//! Trust files: reading, writing, refusing.

use package::{Trust, trust::TrustError};

use crate::world::World;

fn edited(from: &str, to: &str) -> Result<Trust, TrustError> {
    let json = String::from_utf8(World::new().trust.to_json().unwrap()).unwrap();
    assert!(json.contains(from), "{from}");
    Trust::from_json(json.replacen(from, to, 1).as_bytes())
}

#[test]
fn what_is_written_reads_back() {
    let trust = World::new().trust;
    let json = trust.to_json().unwrap();
    assert_eq!(Trust::from_json(&json).unwrap(), trust);
    let text = String::from_utf8(json).unwrap();
    assert!(
        text.starts_with("{\n  \"schema\": \"tearline-trust/1\",\n  \"exercise\": true,\n  \"log\""),
        "{text}"
    );
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let card = |whose: &str, wanted| TrustError::Card { whose: whose.to_owned(), wanted };
    use ledger::keyfile::KeyKind::{Act, Seal};
    assert!(matches!(edited("tearline-trust/1", "tearline-trust/2"), Err(TrustError::Schema { .. })));
    assert!(matches!(edited("\"origin\": \"office", "\"origin\": \"oFFice"), Err(TrustError::Origin { .. })));
    assert_eq!(edited("\"quorum\": 0", "\"quorum\": 2"), Err(TrustError::Witnesses { quorum: 2 }));
    assert_eq!(edited("\"code\": \"NO\"", "\"code\": \"AA\""), Err(TrustError::Roster));
    assert_eq!(edited("\"code\": \"NO\"", "\"code\": \"BE\""), Err(TrustError::Roster));
    assert_eq!(edited("\"code\": \"NO\"", "\"code\": \"OFFICE\""), Err(TrustError::Roster));
    assert_eq!(edited("\"kind\": \"act\"", "\"kind\": \"log\""), Err(card("the office", Act)));
    assert_eq!(edited("\"kind\": \"seal\"", "\"kind\": \"open\""), Err(card("the office", Seal)));
    assert!(matches!(edited("\"exercise\": true", "\"exercise\": 1"), Err(TrustError::Json { line: 3, .. })));
    assert!(matches!(
        edited("\"exercise\": true,", "\"exercise\": true, \"more\": 1,"),
        Err(TrustError::Json { .. })
    ));
}

#[test]
fn one_key_cannot_speak_for_two() {
    let world = World::new();
    let json = String::from_utf8(world.trust.to_json().unwrap()).unwrap();
    let mut value = serde_json::from_str::<serde_json::Value>(&json).unwrap();
    let members = value["roster"]["members"].as_array_mut().unwrap();
    members[1]["key"] = members[0]["key"].clone();
    assert_eq!(Trust::from_json(value.to_string().as_bytes()), Err(TrustError::Roster));
}
