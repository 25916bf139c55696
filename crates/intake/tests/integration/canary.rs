//! An improbable figure, as loaded and in every way that a file can be wrong beside it, is in no message.

use crate::scene::{FIGURES, SPECIFICATION, files, read};

const CANARY: &str = "710293847561";

#[test]
fn no_message_contains_a_figure() {
    let rows = [
        "DEU,gun,2030,710293847561,piece\nDEU,gun,2030,710293847561,piece",
        "DEU,gun,2030,-710293847561,piece",
        "DEU,gun,2030,710293847561.5,piece",
        "DEU,gun,2030,\"710.293.847.561,00\",piece",
        "DEU,gun,2030,710293847561x,piece",
        "DEU,gun,2030,710293847561e99,piece",
        "DEU,gun,2030,7102938475617102938475617102938475610,piece",
        "DEU,gun,2030,710293847561,brigade",
        "AUT,sub,2029,710293847561,tonne",
        "DEU,gun,2030,710293847561,piece,more",
        "DEU,gun,2030,\"710293847561,piece",
        "DEU,land,2030,710293847561,piece",
        "DEU,gun,2030,710293847561,piece",
    ];
    let specifications = [
        SPECIFICATION.to_owned(),
        SPECIFICATION.replace("unit_column", "domain = [-1, 5]\nunit_column"),
        SPECIFICATION.replace(
            "[rule]",
            "[[unit_conversion]]\nfrom = \"brigade\"\nto = \"piece\"\nfactor = 12\n[rule]",
        ),
        SPECIFICATION.replace("contributors = [\"DEU\", \"FRA\", \"NOR\", \"USA\"]\n", ""),
    ];
    for specification in &specifications {
        for row in rows {
            let mut files = files();
            files.put("spec.toml", specification.as_str());
            files.put("figures.csv", format!("{FIGURES}{row}\n"));
            let said = match read(&files) {
                Err(faults) => {
                    let messages: Vec<String> = faults
                        .all()
                        .iter()
                        .map(|fault| format!("{fault} {} {fault:?}", fault.advice()))
                        .collect();
                    format!("{faults} {faults:?} {}", messages.concat())
                }
                Ok(loaded) => {
                    let problem = loaded.problem().map(|problem| format!("{problem:?}"));
                    format!("{loaded:?} {problem:?} {:?}", loaded.notes)
                }
            };
            assert!(!said.contains(CANARY) && !said.contains("710.293"), "{row}: {said}");
        }
    }
}
