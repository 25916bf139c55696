//! A request to a witness is read and written as the same text, and judged without a panic; nothing of it is cosigned, for no
//! target holds a log's secret.
#![no_main]

use ledger::witness::{Request, WitnessState};
use libfuzzer_sys::fuzz_target;
use tearline_fuzz::TRUST;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::from_bytes(bytes) {
        assert_eq!(request.to_text().as_bytes(), bytes);
        let refusal =
            WitnessState::new().decide(&request, std::slice::from_ref(TRUST.log())).expect_err("unsigned");
        assert!((400..=422).contains(&refusal.status()) && !refusal.body().is_empty());
    }
});
