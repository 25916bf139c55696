//! The manifest against the public JSON schemas of OpenTDF, in `../shared`.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::world::{World, members};

fn schema(name: &str) -> Option<Value> {
    let folder =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/formats/opentdf-schema"));
    if folder.exists() {
        return Some(serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap());
    }
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "../shared is not here");
    println!("skipped: ../shared is not here");
    None
}

/// The part of JSON Schema that these schemas use. `required` beside `items` is a slip in them: it belongs to the items.
fn violations(at: &str, schema: &Value, value: &Value, found: &mut Vec<String>) {
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !types.is_empty() && !types.iter().any(|t| t == kind) {
        found.push(format!("{at}: {kind}"));
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        found.push(format!("{at}: {value} not allowed"));
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().filter(|choice| {
            let mut inner = Vec::new();
            violations(at, choice, value, &mut inner);
            inner.is_empty()
        });
        if fitting.count() != 1 {
            found.push(format!("{at}: fits not exactly one choice"));
        }
    }
    let required = |schema: &Value| schema["required"].as_array().cloned().unwrap_or_default();
    if let Some(items) = value.as_array() {
        for (n, item) in items.iter().enumerate() {
            let at = format!("{at}[{n}]");
            violations(&at, &schema["items"], item, found);
            let missing =
                required(schema).into_iter().filter(|key| item.get(key.as_str().unwrap()).is_none());
            found.extend(missing.map(|key| format!("{at}: no {key}")));
        }
        return;
    }
    let missing = required(schema).into_iter().filter(|key| value.get(key.as_str().unwrap()).is_none());
    found.extend(missing.map(|key| format!("{at}: no {key}")));
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(key) {
            violations(&format!("{at}.{key}"), inner, value, found);
        }
    }
}

fn check(name: &str) -> Option<Vec<String>> {
    let schema = schema(name)?;
    let members = members(&World::new().package());
    let (_, manifest) = members.iter().find(|(name, _)| name == "0.manifest.json").unwrap();
    let mut found = Vec::new();
    violations("manifest", &schema, &serde_json::from_slice(manifest).unwrap(), &mut found);
    Some(found)
}

#[test]
fn it_is_a_manifest_for_the_platforms_clients() {
    for name in ["manifest-platform-sdk.schema.json", "manifest-platform-sdk-lax.schema.json"] {
        if let Some(found) = check(name) {
            assert_eq!(found, Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn it_departs_from_the_specification_where_the_clients_do() {
    let Some(found) = check("manifest-spec-4.3.0.schema.json") else { return };
    assert_eq!(
        found,
        [
            "manifest.encryptionInformation.keyAccess[0].type: \"hybrid-wrapped\" not allowed",
            "manifest.payload: no \"tdf_spec_version\"",
        ]
    );
}

#[test]
fn the_checker_of_this_test_does_find_faults() {
    let Some(schema) = schema("manifest-platform-sdk.schema.json") else { return };
    let mut found = Vec::new();
    let bad = serde_json::json!({"payload": {"type": 1, "url": "", "protocol": "zip"}, "assertions": [{}]});
    violations("manifest", &schema, &bad, &mut found);
    assert!(found.contains(&"manifest.payload.type: number".to_owned()), "{found:?}");
    assert!(found.contains(&"manifest.payload: no \"isEncrypted\"".to_owned()), "{found:?}");
    assert!(found.contains(&"manifest: no \"encryptionInformation\"".to_owned()), "{found:?}");
    assert!(found.contains(&"manifest.assertions[0]: no \"scope\"".to_owned()), "{found:?}");
}
