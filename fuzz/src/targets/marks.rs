//! A drawn form has one form without marks, whatever marks it came with, and what has none can be marked and read back.

use std::collections::BTreeMap;

use ledger::act::Code;
use package::Content;
use package::content::FileName;
use package::fingerprint::{
    FingerprintKey, Fingerprints, GAP_HTML, GAP_PDF, HTML_HEAD, PDF_MARKER, STAMP_HTML, neutral,
    neutral_stamp,
};

pub(crate) fn run(bytes: &[u8]) {
    let pdf = [b"%PDF-1.7\n%".as_slice(), &PDF_MARKER, bytes].concat();
    let html = [HTML_HEAD.as_bytes(), bytes].concat();
    for (name, form) in [("report.html", html), ("report.pdf", pdf)] {
        let name = FileName::new(name).expect("a plain name");
        let given = Content::new(BTreeMap::from([(name, form)])).expect("one file");
        let clean = neutral(&given);
        assert_eq!(neutral(&clean), clean);
        let key = FingerprintKey::from_secret_bytes(&[1; 32]).expect("32 bytes");
        let prints = Fingerprints::new(&key, &clean).expect("no marks are left");
        let marked = prints.mark(1, &Code::new("ACME").expect("a code")).expect("copy 1");
        assert_eq!(neutral(&marked), clean);
        let leak: Vec<&[u8]> = marked.files().values().map(Vec::as_slice).collect();
        assert!(prints.read(&leak).read() <= prints.positions());
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let (open, close) = STAMP_HTML;
    let html = format!(
        "{open}{}{close}<svg><text dx=\"{GAP_HTML} {GAP_HTML}\" x=\"1\">ab</text></svg>",
        neutral_stamp()
    );
    let stamp: String = neutral_stamp().bytes().map(|byte| format!("{byte:04X}")).collect();
    let pdf = format!("\n<{stamp}>Tj\n1 0 0 1 2 3 Tm [<0041>{GAP_PDF}<0042>]TJ ET\n");
    vec![html.into_bytes(), pdf.into_bytes()]
}
