//! Any bytes as a code list: read, or every fault listed.

pub(crate) fn run(bytes: &[u8]) {
    let mut files = crate::files();
    files.put("kind.csv", bytes);
    let _ = intake::load("spec.toml", &files).map(|loaded| loaded.problem());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![
        b"child,parent\na,all\nb,all\n".to_vec(),
        b"code,title,parent\nall,All,\na,A,all\nb,B,all\n".to_vec(),
    ]
}
