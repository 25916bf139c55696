//! Any bytes as a specification: read, or every fault listed.

pub(crate) fn run(bytes: &[u8]) {
    let mut files = crate::files();
    files.put("spec.toml", bytes);
    let _ = intake::load("spec.toml", &files).map(|loaded| loaded.problem());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::SPECIFICATION.as_bytes().to_vec()]
}
