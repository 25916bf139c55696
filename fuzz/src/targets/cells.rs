//! Any bytes as cells already summed: read, or every fault listed.

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

pub(crate) fn run(bytes: &[u8]) {
    let mut files = crate::files();
    files.put("spec.toml", SPECIFICATION);
    files.put("cells.csv", bytes);
    let _ = intake::load("spec.toml", &files).map(|loaded| loaded.problem());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![b"kind,value,primary,lpl,upl\na,10,1,2,2\nb,20,0,0,0\n".to_vec()]
}
