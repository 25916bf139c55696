//! Declared attackers as protected units.

use disclosure::Ratio;
use disclosure::breakdown::{Lattice, Safety};
use disclosure::guarantee::{Coalition, Family, Guarantee};

use crate::instances::shared;
use crate::scene::{FIGURES, SPECIFICATION, files, read};

/// Each attacker with the names of its units.
fn named(specification: &str, figures: &str) -> Vec<(String, Vec<String>)> {
    let mut files = files();
    files.put("spec.toml", specification);
    files.put("figures.csv", figures);
    let loaded = read(&files).unwrap();
    let intake::Content::Figures(records) = &loaded.content else { panic!("figures were given") };
    let name = |unit: &disclosure::problem::UnitId| records.units[unit.0 as usize].clone();
    let coalitions = loaded.coalitions_of_units();
    coalitions.into_iter().map(|one| (one.id, one.members.iter().map(name).collect())).collect()
}

#[test]
fn the_outsider_comes_first_then_each_unit_then_what_was_declared() {
    let attacker = "[[attacker]]\nid = \"EU\"\nmembers = [\"FRA\", \"DEU\"]\n";
    let found = named(&format!("{SPECIFICATION}{attacker}"), FIGURES);
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["outsider", "DEU", "FRA", "NOR", "USA", "EU"]);
    assert!(found[0].1.is_empty());
    assert_eq!(found[3].1, ["NOR"]);
    assert_eq!(found[5].1, ["DEU", "FRA"]);
}

#[test]
fn a_member_brings_its_whole_holding() {
    let specification = SPECIFICATION.replace("unit_column", "holding = \"group\"\nunit_column");
    let attacker = "[[attacker]]\nid = \"pair\"\nmembers = [\"DEU\", \"USA\"]\n";
    let figures = "ally,capability,year,quantity,unit,group
DEU,tank,2030,5,piece,works
FRA,tank,2031,4,piece,works
NOR,gun,2030,3,piece,
USA,jet,2031,2,piece,
";
    let found = named(&format!("{specification}{attacker}"), figures);
    let pair = found.iter().find(|(id, _)| id == "pair").unwrap();
    let mut members = pair.1.clone();
    members.sort();
    assert_eq!(members, ["USA", "works"]);
    // The holding is one attacker alone, not two.
    assert_eq!(found.iter().filter(|(id, _)| id == "works" || id == "FRA" || id == "DEU").count(), 1);
}

/// Cells of the lattice at these levels, of which the rule, the union alone, and either of the two hide so many.
fn hidden(loaded: &intake::Loaded, levels: [u32; 2]) -> [usize; 4] {
    let intake::Content::Figures(records) = &loaded.content else { panic!("figures were given") };
    let lattice = Lattice::new(loaded.hierarchies(), &records.contributions()).unwrap();
    let union: Vec<Coalition> =
        loaded.coalitions_of_units().into_iter().filter(|one| one.id == "EU").collect();
    let promised =
        Guarantee { p: Ratio::whole(10), floor: 0, two_sided: false, families: vec![Family::Cells] };
    let rules = loaded.rules();
    let by_rule = lattice.judge(&Safety::against(&[]).with_rules(&rules));
    let by_union = lattice.judge(&Safety::against(&union).with_guarantee(&promised));
    let cells: Vec<_> = lattice.cells().filter(|&cell| lattice.at_levels(cell, &levels)).collect();
    let count =
        |is_hidden: &dyn Fn(usize) -> bool| cells.iter().filter(|cell| is_hidden(cell.index())).count();
    [
        cells.len(),
        count(&|cell| !by_rule[cell]),
        count(&|cell| !by_union[cell]),
        count(&|cell| !by_rule[cell] || !by_union[cell]),
    ]
}

/// Orders of ten years, added up across units: no total of anything, but the counts that are known of it.
#[test]
fn a_pooling_union_sees_through_more_cells_than_the_rule_does() {
    let targets = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/targets");
    let text =
        |name: &str| shared(&format!("{targets}/{name}")).map(|bytes| String::from_utf8(bytes).unwrap());
    let Some(figures) = text("orders_2016_2025.csv") else { return };
    let Some(capabilities) = text("hierarchy_capability.csv") else { return };
    let Some(allies) = text("hierarchy_ally_eu.csv") else { return };
    let mut files = intake::FilesInMemory::new();
    files.put("orders.csv", figures);
    files.put("allies.csv", allies);
    let codes: Vec<&str> = capabilities
        .lines()
        .map(|line| line.split(',').next().unwrap())
        .filter(|code| *code != "code")
        .collect();
    let parent = |code: &str| {
        capabilities.lines().find_map(|line| line.strip_prefix(code)?.strip_prefix(',')?.split(',').next())
    };
    let list: String =
        codes.iter().map(|code| format!("{code},{}\n", parent(code).unwrap_or_default())).collect();
    files.put("capability.csv", format!("code,parent\n{list}"));
    let years: String = (2016..=2025).map(|year| format!("{year},ALL\n")).collect();
    files.put("year.csv", format!("child,parent\n{years}"));
    files.put(
        "spec.toml",
        "schema = \"tearline-spec/1\"\ntitle = \"EXERCISE: orders\"\n[figures]\nfile = \"orders.csv\"
contributor = \"ally\"\nvalue = \"quantity\"\n[[variable]]\nname = \"capability_code\"
codes = \"capability.csv\"\n[[variable]]\nname = \"year\"\ncodes = \"year.csv\"\n[rule]\np = 10
[[attacker]]\nid = \"EU\"\nmembers_from = { file = \"allies.csv\", below = \"EU\" }\n",
    );
    let loaded = read(&files).unwrap();
    assert_eq!(hidden(&loaded, [2, 0]), [24, 1, 4, 4]);
    assert_eq!(hidden(&loaded, [3, 0]), [56, 4, 16, 18]);
    assert_eq!(hidden(&loaded, [3, 1]), [385, 273, 139, 324]);
}
