//! A label that reads prints as a label that reads back equal.
#![no_main]

use label::Label;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(label) = Label::from_xml(bytes) {
        let Ok(printed) = label.to_xml() else { return };
        assert_eq!(Label::from_xml(printed.as_bytes()).expect("our own form reads"), label);
    }
});
