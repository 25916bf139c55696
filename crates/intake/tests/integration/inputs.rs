use intake::inputs::answers;

const BASE: &str = "columns ally,capability,year,value,unit; known allies DEU FRA NOR USA; capability tree \
                    total>{land>{tank,gun},air>{jet}}; years 2030,2031; unit of tank,gun,jet = piece; fuel = tonne";

fn answer(base: &str, input: &str) -> String {
    let document = serde_json::json!({
        "schema": "tearline-inputs/1", "base": base, "cases": [{"id": "x", "input": input}],
    });
    let answer = answers(document.to_string().as_bytes()).unwrap().remove("x").unwrap();
    format!("{} {}", answer.severity.as_deref().unwrap_or("-"), answer.code.as_deref().unwrap_or("-"))
}

#[test]
fn phrases_are_understood_by_what_they_say() {
    let cases = [
        ("USA,gun,2031,-17,piece", "reject negative-value"),
        ("measure balance has domain [-20,20]; USA,gun,2031,-17,piece", "accept -"),
        ("measure balance has domain [-10,10]; USA,gun,2031,-17,piece", "reject out-of-range"),
        ("FRA,frigate,2030,5,piece", "reject unknown-code"),
        ("FRA,land,2030,5,piece", "reject not-a-leaf"),
        ("FRA,tank,2030,5,tonne", "reject unit-mismatch"),
        (
            "NOR,jet,2031,3,squadron where the unit is piece and a conversion squadron=18 piece is declared",
            "hold unit-converted",
        ),
        (
            "NOR,jet,2031,3,squadron where the unit is piece and no conversion is declared",
            "reject unit-mismatch",
        ),
        ("NOR,jet,2031,7,piece three times", "reject duplicate-record"),
        ("NOR,jet,2031,7,piece then NOR,jet,2031,8,piece", "reject duplicate-record"),
        ("NOR,jet,2031,7,piece then NOR,jet,2031,8,piece with an earlier vintage", "accept -"),
        ("NOR,fuel,2031,7,tonne and USA,gun,2030,8,piece under one total", "reject mixed-units"),
        ("NOR,tank,2031,7,piece and USA,gun,2030,8,piece under one total", "accept -"),
        ("NOR,fuel,2031,7.25,tonne and USA,fuel,2030,8.5,tonne", "accept -"),
        ("NOR,fuel,2031,7.25,tonne and USA,gun,2030,8.5,piece", "reject not-whole"),
        ("supplied parent air=9 but jet=8", "reject not-additive"),
        ("supplied parent air=8 but jet=8", "accept -"),
        ("supplied parent total=20 but land+air=19", "reject not-additive"),
        ("codes file: jet has no parent and is not the root", "reject orphan-code"),
        ("codes file: land>air, air>land", "reject hierarchy-cycle"),
        ("codes file: tank>gun, gun>tank", "reject hierarchy-cycle"),
        ("codes file: jet under land and under air in one tree", "reject code-in-two-parents"),
        ("codes file: jet twice", "reject duplicate-code"),
        ("codes file: air>gun", "accept -"),
        ("year 2032 (after the last year) or 31", "reject unknown-code"),
        ("year 2031", "accept -"),
        ("ally ITA", "reject unknown-contributor"),
        ("USA,gun,2031,1 000,piece or 1'000", "reject ambiguous-number"),
        ("USA,gun,2031,n/a,piece or -inf", "reject not-a-number"),
        ("USA,gun,2031,,piece", "hold missing-value"),
        ("USA,gun,2031,4611686018427387903,piece", "reject out-of-range"),
        ("header without column value", "reject missing-column"),
        ("file in Latin-1 with \u{d8}resund", "reject not-utf8"),
        ("file with a byte order mark, or CRLF line ends", "accept -"),
        ("a year with no record from anybody", "warn empty-category"),
        ("an ally with no record", "accept -"),
        ("no row for USA,jet,2031", "accept -"),
        ("p = 0", "warn bad-parameter"),
        ("p = 12.5", "accept -"),
        ("q = 0 or pooling = 0", "reject bad-parameter"),
        ("p = 10, p = -0.5", "reject bad-parameter"),
        ("attacker with members DEU, FRA", "accept -"),
        ("attacker with members DEU, GER", "reject bad-attacker"),
        ("revised hierarchy version used with an older release", "accept -"),
        ("drone is new in the revised hierarchy, used with an older release", "hold unmapped-code"),
        ("the moon is full", "- not-understood"),
        ("", "- not-understood"),
    ];
    for (input, expected) in cases {
        assert_eq!(answer(BASE, input), expected, "{input}");
    }
}

#[test]
fn another_base_is_another_world() {
    let base = "columns company,product,value,unit; known companies A B C; product tree all>{steel>{beam,rod},oil}; \
                unit of beam,rod = tonne; oil = barrel";
    assert_eq!(answer(base, "D,beam,1.5,tonne"), "reject unknown-contributor");
    assert_eq!(answer(base, "A,beam,1.5,tonne"), "accept -");
    assert_eq!(answer(base, "A,beam,1.5,barrel"), "reject unit-mismatch");
    assert_eq!(answer(base, "supplied parent steel=12 but beam+rod=11"), "reject not-additive");
}

#[test]
fn the_shared_cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/design/cases/inputs.json");
    let Some(bytes) = crate::instances::shared(path) else { return };
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let answers = answers(&bytes).unwrap();
    for case in document["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let answer = serde_json::to_value(&answers[id]).unwrap();
        assert_eq!(answer["severity"], case["severity"], "{id}");
        assert_eq!(answer["code"], case["code"], "{id}");
    }
}
