//! Any bytes as the proof of a bound: read and judged, or refused.

use std::sync::LazyLock;

use disclosure::problem::Problem;

static PROBLEM: LazyLock<Problem> = LazyLock::new(|| {
    let loaded = intake::load("spec.toml", &crate::files()).expect("a sound specification");
    loaded.problem().expect("a table")
});

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(proof) = intake::bound::read(bytes, &PROBLEM) {
        let _ = disclosure::bound::verify(&PROBLEM, &proof);
        // What was read can be written, and is the same when read again.
        let written = intake::bound::write(PROBLEM.table(), &proof).expect("a proof that was read");
        assert_eq!(intake::bound::read(&written, &PROBLEM).expect("our own file"), proof);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![Vec::new()]
}
