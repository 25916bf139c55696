//! Any bytes as a list of awkward inputs.

pub(crate) fn run(bytes: &[u8]) {
    let _ = intake::inputs::answers(bytes);
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let inputs = r#"{"schema":"tearline-inputs/1","base":{"columns":["ally","kind","value"],"contributors":["NO"],"codes":{"kind":["a","b"]},"units":["piece"]},"cases":[{"id":"x","input":"ally,kind,value\nNO,a,1\n"}]}"#;
    vec![inputs.as_bytes().to_vec()]
}
