//! Any bytes as a case of the exact model; a small one is answered too.

pub(crate) fn run(bytes: &[u8]) {
    // Past a few records time is spent on programs, not on parsing.
    if let Ok(case) = intake::case::read(bytes)
        && bytes.len() < 4_096
    {
        let _ = case.answers();
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let case = r#"{"schema":"tearline-case/1","id":"x","integral":true,"records":[],"statements":[],"attackers":[],"queries":[]}"#;
    vec![case.as_bytes().to_vec()]
}
