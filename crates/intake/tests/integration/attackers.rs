//! Declared attackers as protected units.

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
