//! Histories: releases that are safe alone and tell too much together, as specifications and folders.

use serde_json::Value;

use crate::run::Bench;

/// A table of one variable `item` with the codes below `T`, and a unit of 1; `more` is appended.
fn specification(more: &str) -> String {
    format!(
        "schema = \"tearline-spec/1\"\ntitle = \"EXERCISE\"\n[figures]\nfile = \"figures.csv\"\ncontributor = \"who\"\n\
         value = \"value\"\nvintage = \"vintage\"\nunit = \"piece\"\n[[variable]]\nname = \"item\"\ncodes = \"items.csv\"\n\
         [guarantee]\np = 10\n{more}"
    )
}

fn bench(codes: &str, figures: &str) -> Bench {
    let bench = Bench::empty();
    bench.write("spec.toml", &specification(""));
    bench.write("items.csv", &format!("child,parent\n{codes}"));
    bench.write("figures.csv", &format!("who,item,value,vintage\n{figures}"));
    bench
}

const XY: &str = "x,T\ny,T\n";
const FIRST: &str = "DEU,x,40,1\nPOL,x,35,1\nNOR,x,25,1\nDEU,y,10,1\nPOL,y,12,1\nNOR,y,9,1\n";
const AGAIN: &str = "[history]\nreleases = [\"first\"]\n";

/// Releases the first table, then adds figures and asks for a second one.
fn revised(rows: &str) -> Bench {
    let bench = bench(XY, FIRST);
    bench.expect(0, "protect spec.toml --out first");
    bench.edit("figures.csv", |text| text + rows);
    bench.write("spec.toml", &specification(AGAIN));
    bench
}

/// Attacker, victim, quantity and fault of everything exposed.
fn told(union: &Value) -> Vec<String> {
    let exposed = union["exposed"].as_array().unwrap().iter();
    let one = |one: &Value| {
        ["attacker", "victim", "quantity", "fault"].map(|key| one[key].as_str().unwrap()).join(" ")
    };
    exposed.map(one).collect()
}

#[test]
fn a_newcomer_is_the_difference_of_two_totals() {
    let bench = revised("SWE,x,18,2\nSWE,y,7,2\n");
    let before = bench.list();
    let answer = bench.expect(3, "protect spec.toml --out second --json");
    assert_eq!(bench.list(), before, "nothing was written");
    let document = answer.json();
    assert_eq!(document["verdict"], "exposed-by-history");
    let told = told(&document["refusal"]);
    for who in ["outsider", "DEU", "NOR", "POL"] {
        assert!(told.contains(&format!("{who} SWE part exact")), "{who}: {told:?}");
    }
    assert!(told.iter().all(|one| one.contains(" SWE ")), "{told:?}");
    assert!(document["refusal"]["exposed"].as_array().unwrap().iter().all(|one| one["interval"].is_null()));
    let remedies = document["refusal"]["remedies"].as_array().unwrap();
    assert!(remedies[0].as_str().unwrap().starts_with("leave out the totals"), "{remedies:?}");
    assert!(remedies[1].as_str().unwrap().ends_with("so far 1 did"), "{remedies:?}");
    assert_eq!(remedies.last().unwrap(), "ask for a waiver: SWE");
    assert!(answer.err.contains("`outsider` learns the part of `SWE` in cell"), "{}", answer.err);
}

#[test]
fn one_revision_is_the_difference_of_two_totals() {
    let bench = revised("POL,x,41,2\n");
    let document = bench.expect(3, "protect spec.toml --out second --json").json();
    let told = told(&document["refusal"]);
    assert!(told.contains(&"outsider POL change exact".to_owned()), "{told:?}");
    // Levels alone are safe, if that is all that was promised.
    bench.edit("spec.toml", |text| text.replace("p = 10", "p = 10\nfamilies = [\"cells\", \"relations\"]"));
    bench.expect(0, "protect spec.toml --out second");
    bench.expect(0, "certificate check spec.toml --release second");
}

#[test]
fn whoever_revised_beside_another_sees_its_change() {
    let bench = revised("POL,x,41,2\nNOR,x,23,2\n");
    bench.write("all.csv", "item,status\n");
    let answer = bench.expect(3, "audit spec.toml --pattern all.csv --json");
    let document = answer.json();
    assert_eq!(document["verdict"], "unsafe");
    assert_eq!(document["findings"].as_array().unwrap().len(), 0, "each release is safe alone");
    assert_eq!(told(&document["history"]), ["NOR POL change exact", "POL NOR change exact"]);
    let change = &document["history"]["exposed"][0];
    assert_eq!((&change["interval"]["low"], &change["interval"]["high"]), (&"6".into(), &"6".into()));
    assert_eq!(change["vintages"], serde_json::json!(["1", "2"]));
    let structural = bench.expect(3, "audit spec.toml --structural --json").json();
    assert_eq!(told(&structural["union"]), ["NOR POL change equations", "POL NOR change equations"]);
}

#[test]
fn three_that_revise_tell_nothing_exactly_and_a_waiver_counts() {
    let bench = revised("POL,x,41,2\nNOR,x,23,2\nDEU,x,47,2\n");
    bench.expect(0, "audit spec.toml --structural");
    let bench = revised("POL,x,41,2\n");
    bench.edit("figures.csv", |text| {
        let lines = text.lines().enumerate().map(|(at, line)| match at {
            0 => format!("{line},waived\n"),
            _ => format!("{line},{}\n", if line.starts_with("POL") { "1" } else { "0" }),
        });
        lines.collect()
    });
    bench.edit("spec.toml", |text| text.replace("vintage = ", "waiver = \"waived\"\nvintage = "));
    bench.expect(0, "protect spec.toml --out second");
}

const ABCD: &str = "a,T\nb,T\nc,T\nd,T\n";
const FOUR: &str = "DEU,a,30,1\nNOR,a,2,1\nDEU,b,10,1\nFRA,b,12,1\nNOR,b,11,1\nDEU,c,15,1\nFRA,c,14,1\nNOR,c,13,1\n\
                    DEU,d,20,1\nFRA,d,20,1\nNOR,d,20,1\n";

/// A folder without what newer ones leave behind.
fn old_release(bench: &Bench, folder: &str, rows: &str) {
    std::fs::create_dir_all(bench.path(&format!("{folder}/release"))).unwrap();
    bench.write(&format!("{folder}/release/cells.csv"), &format!("item,unit,status,value,low,high\n{rows}"));
}

#[test]
fn a_new_pattern_opens_the_old_blanks() {
    let bench = bench(ABCD, FOUR);
    old_release(
        &bench,
        "first",
        "T,piece,published,167,,\na,piece,suppressed,,,\nb,piece,suppressed,,,\nc,piece,published,42,,\nd,piece,published,60,,\n",
    );
    bench.write("spec.toml", &specification(AGAIN));
    bench.write("new.csv", "item,status\na,primary\nc,secondary\n");
    let document = bench.expect(3, "audit spec.toml --pattern new.csv --json").json();
    let told = told(&document["history"]);
    assert!(told.contains(&"outsider DEU part up".to_owned()), "{told:?}");
    let remedies = document["history"]["remedies"].as_array().unwrap();
    assert!(remedies[0].as_str().unwrap().starts_with("use the old pattern again"), "{remedies:?}");
    // The search does so by itself.
    bench.edit("spec.toml", |text| text.replace("p = 10", "p = 5"));
    bench.expect(0, "protect spec.toml --out second");
    let cells = bench.read("second/release/cells.csv");
    for line in ["\na,piece,suppressed", "\nb,piece,suppressed", "\nc,piece,published", "\nd,piece,published"]
    {
        assert!(cells.contains(line), "{line} in {cells}");
    }
    bench.expect(0, "certificate check spec.toml --release second");
}

#[test]
fn groups_of_two_code_lists_that_differ_by_one() {
    let ally = |code: &str, value: u32| format!("{code},{code},{value},1\n");
    let figures: String =
        [("USA", 50), ("CAN", 20), ("MEX", 45), ("DEU", 30), ("FRA", 28), ("NOR", 9), ("TUR", 33)]
            .map(|(code, value)| ally(code, value))
            .concat();
    let bench = bench("USA,ALL\nCAN,ALL\nMEX,ALL\nEUR,ALL\nDEU,EUR\nFRA,EUR\nNOR,EUR\nTUR,EUR\n", &figures);
    let families = |more: &str| specification(more).replace("p = 10", "p = 10\nfamilies = [\"cells\"]");
    bench.write("spec.toml", &families(""));
    bench.expect(0, "protect spec.toml --out first");
    assert!(bench.read("first/release/cells.csv").contains("EUR,piece,published,100"));
    bench.write(
        "items.csv",
        "child,parent\nUSA,ALL\nCAN,ALL\nMEX,ALL\nTUR,ALL\nEEA,ALL\nDEU,EEA\nFRA,EEA\nNOR,EEA\n",
    );
    bench.write("spec.toml", &families(AGAIN));
    let hidden =
        ["USA", "CAN", "MEX", "TUR", "DEU", "FRA", "NOR"].map(|code| format!("{code},primary\n")).concat();
    bench.write("new.csv", &format!("item,status\n{hidden}"));
    let structural = bench.expect(3, "audit spec.toml --structural --pattern new.csv --json").json();
    assert!(told(&structural["union"]).contains(&"outsider TUR part equations".to_owned()), "{structural}");
    let document = bench.expect(3, "audit spec.toml --pattern new.csv --json").json();
    assert!(told(&document["history"]).contains(&"outsider TUR part exact".to_owned()), "{document}");
}

#[test]
fn what_was_said_must_be_true_and_known() {
    let untrue = "T,piece,published,168,,\nx,piece,published,100,,\ny,piece,published,31,,\n";
    let bench = bench(XY, FIRST);
    bench.write("spec.toml", &specification(AGAIN));
    let words = bench.expect(2, "protect spec.toml --out second").err;
    assert!(words.contains("first/release/cells.csv"), "{words}");
    old_release(&bench, "first", untrue);
    let words = bench.expect(2, "protect spec.toml --out second").err;
    assert!(words.contains("does not say its vintage, and is true of 0 of them"), "{words}");
    old_release(&bench, "first", "T,piece,published,131,,\nz,piece,published,100,,\n");
    let words = bench.expect(2, "protect spec.toml --out second").err;
    assert!(words.contains("unmapped-code") && words.contains("`z`"), "{words}");
    // A folder of ours that was changed.
    bench.write("spec.toml", &specification(""));
    bench.expect(0, "protect spec.toml --out ours");
    bench.edit("ours/release/cells.csv", |text| text.replace("131", "132"));
    bench.write("spec.toml", &specification("[history]\nreleases = [\"ours\"]\n"));
    let words = bench.expect(2, "protect spec.toml --out second").err;
    assert!(words.contains("was changed since"), "{words}");
}

#[test]
fn a_year_more_of_the_same_is_no_change() {
    let bench = bench(XY, FIRST);
    bench.expect(0, "protect spec.toml --out first");
    let left: Value = serde_json::from_str(&bench.read("first/internal/history.json")).unwrap();
    assert_eq!((&left["schema"], &left["vintage"]), (&"tearline-history/1".into(), &"1".into()));
    assert_eq!(left["attackers"][0]["id"], "outsider");
    // A code that is new, with figures of its own: what was said before keeps its meaning.
    bench.edit("items.csv", |text| text + "z,T\n");
    bench.edit("figures.csv", |text| text + "DEU,z,50,2\nPOL,z,45,2\nNOR,z,40,2\n");
    bench.write("spec.toml", &specification(AGAIN));
    bench.expect(0, "protect spec.toml --out second");
    bench.expect(0, "certificate check spec.toml --release second");
    let left: Value = serde_json::from_str(&bench.read("second/internal/history.json")).unwrap();
    assert_eq!(left["earlier_sha256"].as_array().unwrap().len(), 1);
    bench.write("spec.toml", &specification("[history]\nreleases = [\"first\", \"second\"]\n"));
    bench.expect(0, "audit spec.toml --pattern second/internal/pattern.csv");
}
