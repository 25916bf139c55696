//! Rules of manifests: versions are stated once, in the root manifest, and every crate takes the house's lints.

use toml::{Table, Value};

use super::Fault;
use super::source::Source;

pub(super) fn check(source: &Source, faults: &mut Vec<Fault>) {
    if !(source.path.starts_with("crates/") || source.path.starts_with("xtask/"))
        || !source.path.ends_with("/Cargo.toml")
    {
        return;
    }
    let Some(text) = source.text.as_deref() else { return };
    let manifest = match text.parse::<Table>() {
        Ok(manifest) => manifest,
        Err(error) => {
            faults.push(source.fault_of_file("manifest", format!("not a manifest: {}", error.message())));
            return;
        }
    };
    let mut report = |key: &str, advice: String| {
        let at = text.find(key).unwrap_or_default();
        faults.push(source.fault(at, "manifest", advice));
    };
    if !inherits(manifest.get("lints")) {
        report("[lints]", "write `[lints]` with `workspace = true`".to_owned());
    }
    let package = manifest.get("package").and_then(Value::as_table);
    for key in ["version", "edition", "rust-version", "license", "publish"] {
        if !inherits(package.and_then(|package| package.get(key))) {
            report(key, format!("write `{key}.workspace = true` in `[package]`"));
        }
    }
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    for table in tables.chain([&manifest]) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let listed = table.get(kind).and_then(Value::as_table);
            for (name, value) in listed.into_iter().flatten() {
                // A crate may name itself to switch a feature on for its own tests.
                let itself =
                    package.and_then(|package| package.get("name")).and_then(Value::as_str) == Some(name);
                if !inherits(Some(value)) && !itself {
                    let advice = format!(
                        "`{name}`: state its version in the root manifest and write `workspace = true`"
                    );
                    report(name, advice);
                }
            }
        }
    }
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}
