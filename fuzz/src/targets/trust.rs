//! A trust file that reads is written and read as the same trust.

use package::trust::Trust;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(trust) = Trust::from_json(bytes) {
        let written = trust.to_json().expect("what was read is written");
        assert!(Trust::from_json(&written).expect("our own form reads") == trust);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::seeds::world().trust.to_json().expect("a trust file")]
}
