//! Arbitrary bytes in any file: an answer, never a panic.

use proptest::prelude::*;

use crate::scene::{CAPABILITY, FIGURES, SPECIFICATION, files, read};

fn judged(name: &str, bytes: Vec<u8>) {
    let mut files = files();
    files.put(name, bytes);
    match read(&files) {
        Ok(loaded) => {
            let _ = loaded.problem();
        }
        Err(faults) => assert!(!faults.all().is_empty(), "a refusal says why"),
    }
}

/// A text with a few bytes replaced, which reaches deeper than noise does.
fn damaged(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let position = 0..text.len();
    let marks =
        prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'='), Just(b'['), any::<u8>()];
    proptest::collection::vec((position, marks), 1..6).prop_map(move |changes| {
        let mut bytes = text.as_bytes().to_vec();
        for (position, mark) in changes {
            bytes[position] = mark;
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn noise_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), magic in 0_usize..3) {
        let start: &[u8] = [&b""[..], b"PK\x03\x04", b"PAR1"][magic];
        for name in ["spec.toml", "capability.csv", "figures.csv"] {
            judged(name, [start, &bytes].concat());
        }
    }

    #[test]
    fn damaged_specifications(bytes in damaged(SPECIFICATION)) {
        judged("spec.toml", bytes);
    }

    #[test]
    fn damaged_codes(bytes in damaged(CAPABILITY)) {
        judged("capability.csv", bytes);
    }

    #[test]
    fn damaged_figures(bytes in damaged(FIGURES)) {
        judged("figures.csv", bytes);
    }

    #[test]
    fn any_phrase_has_an_answer(input in ".{0,80}") {
        let base = "columns ally,capability,value,unit; known allies A B C; capability tree t>{x,y}; x,y = piece";
        let document = serde_json::json!({
            "schema": "tearline-inputs/1", "base": base, "cases": [{"id": "x", "input": input}],
        });
        prop_assert!(intake::inputs::answers(document.to_string().as_bytes()).is_ok());
    }

    /// The order of rows changes nothing.
    #[test]
    fn rows_in_any_order(shuffled in Just(FIGURES.lines().skip(1).collect::<Vec<_>>()).prop_shuffle()) {
        let header = FIGURES.lines().next().unwrap_or_default();
        let mut files = files();
        files.put("figures.csv", format!("{header}\n{}\n", shuffled.join("\n")));
        let problem = read(&files).unwrap().problem().unwrap();
        let plain = read(&crate::scene::files()).unwrap().problem().unwrap();
        let figures = |problem: &disclosure::problem::Problem| -> Vec<(u64, i64)> {
            let table = problem.table();
            table.cells().map(|cell| (table.key(cell), table.figure(cell).open())).collect()
        };
        prop_assert_eq!(figures(&problem), figures(&plain));
    }
}
