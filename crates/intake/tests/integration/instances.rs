//! Every public instance becomes the table that its own `cells.csv` describes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use intake::{FileError, Files, load};

/// A file of `../shared`; nothing, after saying so, where it is not there. Continuous integration must have it.
pub(crate) fn shared(path: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok();
    if bytes.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "{path} is missing");
        println!("skipped: ../shared is not here");
    }
    bytes
}

struct Folder {
    folder: PathBuf,
    specification: String,
}

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>, FileError> {
        if name == "spec.toml" {
            return Ok(self.specification.clone().into_bytes());
        }
        std::fs::read(self.folder.join(name)).map_err(|_| FileError::Missing)
    }
}

fn specification(instance: &serde_json::Value) -> String {
    let mut text = String::from("schema = \"tearline-spec/1\"\ntitle = \"instance\"\n");
    if instance["kind"] == "micro" {
        text.push_str("[figures]\nfile = \"micro.csv\"\ncontributor = \"contributor\"\nvalue = \"value\"\n[rule]\np = 10\n");
    } else {
        text.push_str("[cells]\nfile = \"cells.csv\"\nvalue = \"value\"\nprimary = \"primary\"\nlower = \"lpl\"\nupper = \"upl\"\n");
    }
    for variable in instance["dims"].as_array().unwrap() {
        let name = variable.as_str().unwrap();
        let _ = writeln!(text, "[[variable]]\nname = \"{name}\"\ncodes = \"hier_{name}.csv\"");
    }
    text
}

/// Value, and upper protection level rounded up where the cell is sensitive, by the codes joined with a bar.
fn expected(folder: &Path, variables: usize) -> BTreeMap<String, (i64, Option<i64>)> {
    let text = std::fs::read_to_string(folder.join("cells.csv")).unwrap();
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let whole = |text: &str| {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            whole.parse::<i64>().unwrap() + i64::from(fraction.bytes().any(|digit| digit != b'0'))
        };
        let primary = fields[variables + 4] == "1";
        let upper = primary.then(|| whole(fields[variables + 6]).max(1));
        (fields[..variables].join("|"), (whole(fields[variables]), upper))
    };
    text.lines().skip(1).map(row).collect()
}

fn check(name: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/instances");
    let folder = Path::new(folder).join(name);
    let Some(instance) = shared(folder.join("instance.json").to_str().unwrap()) else { return };
    let instance: serde_json::Value = serde_json::from_slice(&instance).unwrap();
    let files = Folder { folder: folder.clone(), specification: specification(&instance) };
    let loaded = load("spec.toml", &files).unwrap();
    assert!(loaded.notes.holds.is_empty());
    let problem = loaded.problem().unwrap();
    let table = problem.table();
    let expected = expected(&folder, instance["dims"].as_array().unwrap().len());
    assert_eq!(table.len(), expected.len());
    for cell in table.cells() {
        let found = (table.figure(cell).open(), problem.protection(cell).map(|protection| protection.upper));
        assert_eq!(Some(&found), expected.get(&table.describe(cell)), "{}", table.describe(cell));
    }
}

#[test]
fn allies() {
    check("allies");
}

#[test]
fn rt_act_nuts_size() {
    check("rt_act_nuts_size");
}

#[test]
fn rt_act_size() {
    check("rt_act_size");
}

#[test]
fn rt_flat1() {
    check("rt_flat1");
}

#[test]
fn rt_ind_act_nuts() {
    check("rt_ind_act_nuts");
}

#[test]
fn rt_nuts_cj() {
    check("rt_nuts_cj");
}

#[test]
fn s1e3() {
    check("s1e3");
}

#[test]
fn s1e4() {
    check("s1e4");
}

#[test]
fn s1e5() {
    check("s1e5");
}

#[test]
fn stand_in_targets_have_one_unit_a_cell() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/targets");
    if shared(&format!("{folder}/targets_standin.csv")).is_none() {
        return;
    }
    let specification = r#"
schema = "tearline-spec/1"
title = "stand-in"
[figures]
file = "targets_standin.csv"
contributor = "ally"
value = "quantity"
unit_column = "unit"
[[variable]]
name = "capability_code"
codes = "hierarchy_capability.csv"
[[variable]]
name = "target_year"
codes = "hierarchy_year.csv"
[rule]
p = 10
[[attacker]]
id = "EU"
members_from = { file = "hierarchy_ally_eu.csv", below = "EU" }
"#;
    let files = Folder { folder: PathBuf::from(folder), specification: specification.to_owned() };
    let loaded = load("spec.toml", &files).unwrap();
    assert_eq!(loaded.coalitions[0].codes.len(), 23);
    let problem = loaded.problem().unwrap();
    let table = problem.table();
    assert!(table.hierarchies()[0].node("ALL").is_none());
    for cell in table.cells() {
        assert!(loaded.unit(&table.coordinates(cell)).is_some(), "{}", table.describe(cell));
    }
}
