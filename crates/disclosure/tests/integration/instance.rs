//! Reads the shared instances: a test's own small reader, for files whose shape is known to be plain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::problem::{Contributions, GivenCell, Problem, UnitId, Weight};
use disclosure::rule::{PPercent, Rules};
use disclosure::{Figure, Ratio};

/// Where the data shared with other projects lies, beside the repository.
pub(crate) fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")
}

/// The problem of one instance folder.
#[allow(dead_code, reason = "the benchmarks and tests that share this file each use their part of it")]
pub(crate) fn load(folder: &Path) -> Problem {
    read(folder).0
}

/// The problem of an instance folder of contributions, with these.
#[allow(dead_code, reason = "the benchmarks and tests that share this file each use their part of it")]
pub(crate) fn load_micro(folder: &Path) -> (Problem, Contributions) {
    let (problem, contributions) = read(folder);
    (problem, contributions.expect("an instance of contributions"))
}

fn read(folder: &Path) -> (Problem, Option<Contributions>) {
    let meta = std::fs::read_to_string(folder.join("instance.json")).expect("an instance folder");
    let dims: Vec<String> = after(&meta, "\"dims\"")
        .split(']')
        .next()
        .unwrap_or_default()
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    let hierarchies: Vec<Hierarchy> = dims.iter().map(|dim| hierarchy(folder, dim)).collect();
    if after(&meta, "\"kind\"").split('"').nth(1) == Some("micro") {
        let (problem, contributions) = micro(folder, &dims, hierarchies);
        (problem, Some(contributions))
    } else {
        (given(folder, &dims, hierarchies), None)
    }
}

fn after<'a>(text: &'a str, key: &str) -> &'a str {
    text.split_once(key).map_or("", |(_, rest)| rest)
}

fn rows(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<String>>());
    (lines.next().unwrap_or_default(), lines.collect())
}

fn hierarchy(folder: &Path, dim: &str) -> Hierarchy {
    let (_, pairs) = rows(&folder.join(format!("hier_{dim}.csv")));
    let mut place: BTreeMap<String, usize> = BTreeMap::new();
    let mut codes: Vec<(String, Option<usize>)> = Vec::new();
    for code in pairs.iter().flat_map(|pair| [&pair[1], &pair[0]]) {
        if !place.contains_key(code) {
            place.insert(code.clone(), codes.len());
            codes.push((code.clone(), None));
        }
    }
    for pair in &pairs {
        codes[place[&pair[0]]].1 = Some(place[&pair[1]]);
    }
    Hierarchy::new(dim, codes).expect("a sound hierarchy")
}

fn nodes(hierarchies: &[Hierarchy], codes: &[String]) -> Vec<NodeId> {
    hierarchies.iter().zip(codes).map(|(tree, code)| tree.node(code).expect("a known code")).collect()
}

fn micro(folder: &Path, dims: &[String], hierarchies: Vec<Hierarchy>) -> (Problem, Contributions) {
    let (_, rows) = rows(&folder.join("micro.csv"));
    let mut units: BTreeMap<String, u32> = BTreeMap::new();
    let mut contributions = Contributions::new(dims.len(), Vec::new());
    for row in &rows {
        let next = u32::try_from(units.len()).expect("few units");
        let unit = *units.entry(row[0].clone()).or_insert(next);
        let figure = Figure::new(row[dims.len() + 1].parse().expect("a whole number"));
        contributions.push(UnitId(unit), &nodes(&hierarchies, &row[1..=dims.len()]), figure);
    }
    let p = Ratio::whole(10);
    let rules = Rules { p: Some(PPercent { p, q: Ratio::whole(100), pooling: 1 }), ..Rules::default() };
    let problem = Problem::from_contributions(hierarchies, &contributions, &rules, &Weight::Value);
    (problem.expect("a sound table"), contributions)
}

fn given(folder: &Path, dims: &[String], hierarchies: Vec<Hierarchy>) -> Problem {
    let (head, rows) = rows(&folder.join("cells.csv"));
    let column = |name: &str| head.iter().position(|found| found == name).expect("a known column");
    let (value, primary, lower, upper) = (column("value"), column("primary"), column("lpl"), column("upl"));
    let cells = rows
        .iter()
        .map(|row| GivenCell {
            at: nodes(&hierarchies, &row[..dims.len()]),
            figure: Figure::new(row[value].parse().expect("a whole number")),
            levels: (row[primary] == "1").then(|| (decimal(&row[lower]), decimal(&row[upper]))),
            contributors: None,
        })
        .collect();
    Problem::from_cells(hierarchies, cells, &Weight::Value).expect("a sound table")
}

fn decimal(text: &str) -> Ratio {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = 10_i64.pow(u32::try_from(fraction.len()).expect("few decimals"));
    let fraction: i64 = if fraction.is_empty() { 0 } else { fraction.parse().expect("digits") };
    Ratio::new(whole.parse::<i64>().expect("digits") * scale + fraction, scale).expect("a ratio")
}
