//! The guard lets nothing in that was made without the office's key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;

use ledger::act::Code;
use package::transfer::{Side, import};
use tearline_fuzz::TRUST;

fuzz_target!(|bytes: &[u8]| {
    let name = Code::new("PORTAL").expect("a code");
    let highest = label::Classification::PublicUnmarked;
    let side = Side { name, highest, releasable_to: BTreeSet::new() };
    assert!(import(bytes, &side, 1, &TRUST).is_err());
});
