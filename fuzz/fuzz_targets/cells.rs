//! Any bytes as cells already summed: read, or every fault listed.
#![no_main]

use libfuzzer_sys::fuzz_target;

const SPECIFICATION: &str = r#"
schema = "tearline-spec/1"
title = "EXERCISE"
[cells]
file = "cells.csv"
value = "value"
primary = "primary"
lower = "lpl"
upper = "upl"
decimals = 0
unit = "piece"
[[variable]]
name = "kind"
codes = "kind.csv"
"#;

fuzz_target!(|bytes: &[u8]| {
    let mut files = tearline_fuzz::files();
    files.put("spec.toml", SPECIFICATION);
    files.put("cells.csv", bytes);
    let _ = intake::load("spec.toml", &files).map(|loaded| loaded.problem());
});
