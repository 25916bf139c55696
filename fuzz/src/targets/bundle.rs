//! The guard lets nothing in but the bundle that the office made, whatever is changed in a real one.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use ledger::act::Code;
use package::transfer::{Side, export, import};

use crate::seeds::world;

/// What may be on the other side.
fn side() -> Side {
    let releasable_to = BTreeSet::from(["INDUSTRY".to_owned()]);
    Side {
        name: Code::new("PORTAL").expect("a code"),
        highest: label::Classification::NatoUnclassified,
        releasable_to,
    }
}

static BUNDLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let (package, made_utc) = (world().package(), crate::world::at("2026-11-23T10:00:00Z"));
    export(&[&package], &side(), 1, made_utc, &world().seal, &world().trust).expect("a package for that side")
});

pub(crate) fn run(bytes: &[u8]) {
    assert_eq!(import(bytes, &side(), 1, &world().trust).is_ok(), bytes == *BUNDLE);
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![BUNDLE.clone()]
}
