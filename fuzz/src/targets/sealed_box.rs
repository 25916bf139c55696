//! No bytes but a sealed box open, and none of these were sealed.

use crate::OPEN;

pub(crate) fn run(bytes: &[u8]) {
    assert!(package::wrap::open_box(&OPEN, b"place", bytes).is_err());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    // Sealed to another key, so that it never opens; its shape is the real one.
    let to = [crate::seeds::world().company.public()];
    let sealed = package::wrap::seal_to(&to, b"place", b"figures", &mut crate::world::Seeded::new(3));
    vec![sealed.expect("one receiver")]
}
