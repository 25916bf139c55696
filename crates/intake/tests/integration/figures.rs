use disclosure::problem::UnitId;
use intake::Content;
use intake::figures::Records;

use crate::scene::{FIGURES, SPECIFICATION, files, found, messages, read, with, with_rows};

fn records(files: &intake::FilesInMemory) -> Records {
    match read(files).unwrap().content {
        Content::Figures(records) => records,
        Content::Cells(_) => panic!("figures were declared"),
    }
}

#[test]
fn sound_files_are_accepted_without_a_word() {
    assert_eq!(found(&files()), "");
    let loaded = read(&files()).unwrap();
    let problem = loaded.problem().unwrap();
    let table = problem.table();
    let total = [table.hierarchies()[0].node("total").unwrap(), table.hierarchies()[1].node("all").unwrap()];
    assert_eq!(table.figure(table.cell(&total).unwrap()).open(), 14);
    assert_eq!(loaded.unit(&total), Some("piece"));
    assert_eq!(loaded.title(0, loaded.lists[0].hierarchy().node("gun").unwrap()), "Guns");
}

#[test]
fn each_fault_has_its_line_and_column() {
    let cases = [
        ("DEU,gun,2030,-5,piece", "reject negative-value figures.csv:6:4 quantity\n"),
        ("DEU,submarine,2030,5,piece", "reject unknown-code figures.csv:6:2 capability\n"),
        ("AUT,gun,2030,5,piece", "reject unknown-contributor figures.csv:6:1 ally\n"),
        (",gun,2030,5,piece", "reject missing-contributor figures.csv:6:1 ally\n"),
        ("DEU,tank,2030,5,piece", "reject duplicate-record figures.csv:6:1 ally\n"),
        ("DEU,land,2030,5,piece", "reject not-a-leaf figures.csv:6:2 capability\n"),
        ("DEU,gun,2030,5,brigade", "reject unit-mismatch figures.csv:6:5 unit\n"),
        ("DEU,gun,2030,,piece", "hold missing-value figures.csv:6:4 quantity\n"),
        ("DEU,gun,2030,4611686018427387904,piece", "reject out-of-range figures.csv:6:4 quantity\n"),
        ("DEU,gun,2030,2.5,piece", "reject not-whole figures.csv:6:4 quantity\n"),
        ("DEU,gun,2030,NaN,piece", "reject not-a-number figures.csv:6:4 quantity\n"),
        ("DEU,gun,2030,\"1,000\",piece", "reject ambiguous-number figures.csv:6:4 quantity\n"),
        ("DEU,gun,2029,5,piece", "reject unknown-code figures.csv:6:3 year\n"),
        ("DEU,gun,2030,1,000,piece", "reject wrong-width figures.csv:6:- -\n"),
        ("DEU,gun,2030,5,\"piece", "reject bad-quoting figures.csv:6:- -\n"),
        ("DEU,gun,2030,4611686018427387900,piece", "reject out-of-range figures.csv:-:- -\n"),
        (
            "AUT,submarine,29,x,brigade\n\nDEU,gun,2030,y,piece",
            "reject unknown-contributor figures.csv:6:1 ally\nreject unknown-code figures.csv:6:2 capability\n\
             reject unknown-code figures.csv:6:3 year\nreject not-a-number figures.csv:6:4 quantity\n\
             reject not-a-number figures.csv:8:4 quantity\n",
        ),
    ];
    for (row, expected) in cases {
        assert_eq!(found(&with_rows(row)), expected, "{row}");
    }
}

#[test]
fn a_swallowing_quotation_mark_loses_no_rows() {
    let rows = "DEU,gun,2030,\"5,piece\nFRA,gun,2030,\"6,piece";
    assert_eq!(
        found(&with_rows(rows)),
        "reject bad-quoting figures.csv:6:- -\n",
        "text between the two marks is one field, and text after the second is a fault"
    );
}

#[test]
fn messages_name_what_is_near() {
    let near = messages(&with_rows("GER,tnak,2030,5,piece"));
    assert_eq!(
        near,
        [
            "figures.csv, line 6, column 1 (`ally`): contributor `GER` is not known; nearest is `DEU` or `NOR`",
            "figures.csv, line 6, column 2 (`capability`): `tnak` is not a code of `capability`; nearest is `tank`",
        ]
    );
}

#[test]
fn columns_are_looked_for_by_name() {
    let text = FIGURES.replace("quantity,unit", "quantity,units");
    assert_eq!(found(&with("figures.csv", text.clone())), "reject missing-column figures.csv:1:- unit\n");
    assert_eq!(
        messages(&with("figures.csv", text)),
        [
            "figures.csv, line 1 (`unit`): there is no column `unit`; expected ally, capability, year, quantity, \
          unit; found ally, capability, year, quantity, units"
        ]
    );
    let twice = FIGURES.replace("quantity,unit", "quantity,quantity");
    assert_eq!(found(&with("figures.csv", twice)), "reject duplicate-column figures.csv:1:5 quantity\n");
    assert_eq!(found(&with("figures.csv", "")), "reject empty-file figures.csv:-:- -\n");
    assert_eq!(
        found(&with("figures.csv", "ally,capability,year,quantity,unit\n")),
        "reject no-records figures.csv:-:- -\n"
    );
}

#[test]
fn encodings_and_line_ends() {
    assert_eq!(found(&with("figures.csv", format!("\u{feff}{}", FIGURES.replace('\n', "\r\n")))), "");
    let mut latin: Vec<u8> = FIGURES.bytes().collect();
    latin.extend(b"T\xfcrkiye,gun,2030,5,piece\n");
    let faults = read(&with("figures.csv", latin)).unwrap_err();
    assert_eq!(
        faults.to_string(),
        format!("figures.csv, line 6: the text is not UTF-8: wrong byte at offset {}", FIGURES.len() + 1)
    );
}

#[test]
fn vintages_keep_the_latest_and_all_earlier_ones() {
    let specification = SPECIFICATION.replace(
        "[[variable]]\nname = \"capability\"",
        "vintage = \"vintage\"\n[[variable]]\nname = \"capability\"",
    );
    let figures = "ally,capability,year,quantity,unit,vintage
DEU,tank,2030,7,piece,10
DEU,tank,2030,5,piece,9
FRA,gun,2031,4,piece,9
NOR,jet,2031,4,piece,9
";
    let mut files = with("spec.toml", specification);
    files.put("figures.csv", figures);
    let records = records(&files);
    assert_eq!(records.vintages, ["9", "10"], "numbers in the order of numbers");
    assert_eq!(records.superseded.len(), 1);
    assert_eq!(records.superseded[0].figure.open(), 5);
    assert_eq!(records.superseded[0].vintage, 0);
    assert_eq!(records.latest.iter().map(|record| record.figure.open()).sum::<i64>(), 15);
    files.put("figures.csv", format!("{figures}DEU,tank,2030,8,piece,10\n"));
    assert_eq!(found(&files), "reject duplicate-record figures.csv:6:1 ally\n");
}

#[test]
fn repeated_rows_are_summed_without_a_roster() {
    let specification = SPECIFICATION.replace("contributors = [\"DEU\", \"FRA\", \"NOR\", \"USA\"]\n", "");
    let mut files = with_rows("DEU,tank,2030,6,piece\nDEU,tank,2030,7,piece");
    files.put("spec.toml", specification.clone());
    assert_eq!(found(&files), "warn repeated-rows figures.csv:-:- -\n");
    assert_eq!(records(&files).latest[0].figure.open(), 18);
    let strict = specification.replace("unit_column", "repeated = \"reject\"\nunit_column");
    files.put("spec.toml", strict);
    assert_eq!(
        found(&files),
        "reject duplicate-record figures.csv:6:1 ally\nreject duplicate-record figures.csv:7:1 ally\n"
    );
}

#[test]
fn holdings_and_waivers_belong_to_units() {
    let specification =
        SPECIFICATION.replace("unit_column", "holding = \"group\"\nwaiver = \"waiver\"\nunit_column");
    let mut files = with("spec.toml", specification);
    let header = "ally,capability,year,quantity,unit,group,waiver\n";
    files.put(
        "figures.csv",
        format!("{header}DEU,tank,2030,5,piece,G,yes\nFRA,gun,2031,4,piece,G,yes\nNOR,jet,2031,4,piece,,no\nUSA,jet,2030,1,piece,,yes\n"),
    );
    let records = records(&files);
    let units: Vec<UnitId> = records.contributors.iter().map(|contributor| contributor.unit).collect();
    assert_eq!(units, [UnitId(0), UnitId(0), UnitId(1), UnitId(2)]);
    assert_eq!(records.units, ["G", "NOR", "USA"]);
    assert_eq!(records.waived_units(), [true, false, true]);
    files.put(
        "figures.csv",
        format!(
            "{header}DEU,tank,2030,5,piece,G,yes\nDEU,gun,2031,4,piece,H,no\nNOR,jet,2031,4,piece,,maybe\n"
        ),
    );
    assert_eq!(
        found(&files),
        "reject two-holdings figures.csv:3:6 group\nreject bad-flag figures.csv:4:7 waiver\n\
         warn partial-waiver figures.csv:-:- -\n"
    );
}

#[test]
fn units_govern_what_adds_up() {
    let capability = crate::scene::CAPABILITY.replace("jet,air,Jets,piece", "jet,air,Jets,tonne");
    let mut files = with("capability.csv", capability);
    files.put("figures.csv", FIGURES.replace("jet,2031,2,piece", "jet,2031,2,tonne"));
    assert_eq!(found(&files), "");
    let loaded = read(&files).unwrap();
    let tree = loaded.lists[0].hierarchy();
    assert_eq!(tree.node("total"), None, "a total over pieces and tonnes is left out");
    assert_eq!(loaded.lists[0].left_out()["total"].units, ["piece", "tonne"]);
    assert_eq!(loaded.unit(&[tree.node("air").unwrap()]), Some("tonne"));
    assert_eq!(loaded.unit(&[tree.node("land").unwrap()]), Some("piece"));
    loaded.problem().unwrap();

    let no_units = crate::scene::CAPABILITY.replace(",piece", ",");
    files.put("capability.csv", no_units);
    assert_eq!(found(&files), "reject mixed-units figures.csv:5:5 unit\n");
    assert_eq!(
        messages(&files),
        ["figures.csv, line 5, column 5 (`unit`): `total` would add up piece and tonne"]
    );
}

#[test]
fn conversions_are_exact_and_held() {
    let conversion = "[[unit_conversion]]\nfrom = \"brigade\"\nto = \"piece\"\nfactor = 120\n[rule]";
    let mut files = with_rows("DEU,gun,2030,2,brigade");
    files.put("spec.toml", SPECIFICATION.replace("[rule]", conversion));
    assert_eq!(found(&files), "hold unit-converted figures.csv:6:5 unit\n");
    let loaded = read(&files).unwrap();
    let shown: Vec<i64> = loaded.notes.holds[0].figures().iter().map(|(_, figure)| figure.open()).collect();
    assert_eq!(shown, [2, 240]);
}

#[test]
fn signed_measures_need_a_domain() {
    let mut files = with_rows("DEU,gun,2030,-5,piece");
    files.put("spec.toml", SPECIFICATION.replace("unit_column", "domain = [-50, 200]\nunit_column"));
    assert_eq!(found(&files), "");
    let rules = read(&files).unwrap().rules();
    assert!(rules.p.is_none());
    assert_eq!(rules.minimum_frequency, Some(3));
    files.put("spec.toml", SPECIFICATION.replace("unit_column", "domain = [-4, 200]\nunit_column"));
    assert_eq!(
        messages(&files),
        ["figures.csv, line 6, column 4 (`quantity`): the figure is not from -4 to 200"]
    );
}

#[test]
fn empty_categories_are_named() {
    let figures = FIGURES.replace("USA,jet,2031,2,piece\n", "USA,gun,2031,2,piece\n");
    assert_eq!(found(&with("figures.csv", figures)), "warn empty-category figures.csv:-:- capability\n");
}

#[test]
fn attackers_are_contributors_and_never_all() {
    let attacker = |members: &str| {
        with("spec.toml", format!("{SPECIFICATION}[[attacker]]\nid = \"EU\"\nmembers = [{members}]\n"))
    };
    assert_eq!(read(&attacker("\"DEU\", \"FRA\"")).unwrap().coalitions[0].members, [0, 1]);
    for members in ["\"DEU\", \"GER\"", "\"DEU\", \"FRA\", \"NOR\", \"USA\"", ""] {
        assert_eq!(found(&attacker(members)), "reject bad-attacker spec.toml:18:- attacker\n", "{members}");
    }
    let from = "[[attacker]]\nid = \"EU\"\nmembers_from = { file = \"eu.csv\", below = \"EU\" }\n";
    let mut files = with("spec.toml", format!("{SPECIFICATION}{from}"));
    files.put("eu.csv", "child,parent\nEU,ALL\nNON,ALL\nDEU,EU\nFRA,EU\nNOR,NON\n");
    assert_eq!(read(&files).unwrap().coalitions[0].codes, ["DEU", "FRA"]);
}

#[test]
fn totals_that_are_never_hidden_are_looked_at() {
    let figures = "ally,capability,year,quantity,unit\nDEU,tank,2030,5,piece\nFRA,gun,2031,4,piece\n\
                   NOR,jet,2030,1,piece\nUSA,jet,2031,2000,piece\n";
    let attacker = "[[attacker]]\nid = \"two\"\nmembers = [\"DEU\", \"FRA\"]\n";
    let mut files = with("spec.toml", format!("{SPECIFICATION}{attacker}"));
    files.put("figures.csv", figures);
    assert_eq!(
        messages(&files),
        [
            "figures.csv: attacker `two` learns too much of `USA` from the total `total|all`, which is never hidden"
        ]
    );
    // At 10 per cent a rest of 200 is a tie, and safe.
    files.put("figures.csv", figures.replace("2030,1,", "2030,200,"));
    assert_eq!(found(&files), "");
    files.put("figures.csv", figures.replace("2030,1,", "2030,199,"));
    assert_eq!(found(&files), "hold root-sensitive figures.csv:-:- -\n");
    let single = "ally,capability,year,quantity,unit\nDEU,tank,2030,5,piece\nDEU,gun,2031,4,piece\nDEU,jet,2031,4,piece\n";
    assert_eq!(found(&with("figures.csv", single)), "hold nothing-to-protect-with figures.csv:-:- -\n");
}

#[test]
fn faults_past_the_most_kept_are_counted() {
    let rows = "DEU,gun,2030,x,piece\n".repeat(1_500);
    let faults = read(&with_rows(&rows)).unwrap_err();
    assert_eq!(faults.all().len(), 1_000);
    assert_eq!(faults.left_out(), 500);
    assert!(faults.to_string().starts_with("1500 faults, the first: figures.csv, line 6, column 4"));
}
