//! Targets for every parser of hostile bytes, and what several of them need.

use std::sync::LazyLock;

use intake::FilesInMemory;
use package::key::OpenKey;

mod seeds;
mod targets;
#[allow(dead_code, reason = "made for the tests of `package`, which need more of it")]
#[path = "../../crates/package/tests/integration/world.rs"]
mod world;

pub use targets::{TARGETS, Target};

/// A key that opens boxes, to which no seed is sealed.
static OPEN: LazyLock<OpenKey> =
    LazyLock::new(|| OpenKey::generate(&mut world::Seeded::new(77)).expect("the provider makes keys"));

const SPECIFICATION: &str = r#"
schema = "tearline-spec/1"
title = "EXERCISE"
[figures]
file = "figures.csv"
contributor = "ally"
value = "value"
decimals = 1
unit = "piece"
[[variable]]
name = "kind"
codes = "kind.csv"
[rule]
p = 10
"#;

/// A small sound specification with its files, of which a target replaces one.
fn files() -> FilesInMemory {
    let mut files = FilesInMemory::new();
    files.put("spec.toml", SPECIFICATION);
    files.put("kind.csv", "child,parent\na,all\nb,all\n");
    files.put("figures.csv", "ally,kind,value\nNO,a,1.5\nDE,b,2\n");
    files
}
