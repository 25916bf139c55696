//! Any bytes as figures (CSV, XLSX or Parquet): read, or every fault listed.

pub(crate) fn run(bytes: &[u8]) {
    let mut files = crate::files();
    files.put("figures.csv", bytes);
    let _ = intake::load("spec.toml", &files).map(|loaded| loaded.problem());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![b"ally,kind,value\nNO,a,1.5\nDE,b,2\n".to_vec()]
}
