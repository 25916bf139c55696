//! What is said of the alternatives: counts, shares, paths, and the branches by name.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::breakdown::{Branch, Breakdown, LatticeCell};
use disclosure::hierarchy::NodeId;

use super::alternatives::{Cut, Scene, Wanted};
use super::recode::{Named, remainder_codes};
use crate::document::error::NoteLines;
use crate::document::report::InputsReport;
use crate::document::suggestions::{
    Alternative, BranchDocument, Kind, LevelCounts, LevelShown, Paths, SCHEMA, Suggestions,
};

/// Combinations of levels that are listed.
const LEVELS_MAX: usize = 40;
/// Cells that follow and are listed by name.
const IMPLIED_MAX: usize = 24;

/// The document. `hidden` says for each alternative what `protect` hid.
pub(crate) fn suggestions(
    scene: &Scene<'_>,
    found: &[Wanted],
    hidden: &[Option<u64>],
    marking: &str,
    inputs: InputsReport,
) -> Suggestions {
    let lattice = &scene.lattice;
    let mut tuples = scene.level_tuples();
    let levels_left_out = tuples.len().saturating_sub(LEVELS_MAX) as u64;
    tuples.truncate(LEVELS_MAX);
    let cells_at: Vec<Vec<LatticeCell>> = tuples
        .iter()
        .map(|levels| lattice.cells().filter(|&cell| lattice.at_levels(cell, levels)).collect())
        .collect();
    let sensitive =
        |cells: &[LatticeCell]| cells.iter().filter(|cell| !scene.safe[cell.index()]).count() as u64;
    let levels = tuples.into_iter().zip(&cells_at);
    let total: u128 = lattice.cells().map(|cell| scene.weights.of(cell)).sum();
    let mut alternatives: Vec<Alternative> = found
        .iter()
        .zip(hidden)
        .enumerate()
        .map(|(place, (one, &hidden))| Alternative {
            folder: (place + 1).to_string(),
            hidden,
            shown: shown_after(one, hidden),
            utility_permille: u64::try_from(one.utility * 1_000 / total.max(1)).unwrap_or(0),
            by_level: cells_at.iter().map(|cells| level_shown(scene, one, cells)).collect(),
            ..alternative(scene, one)
        })
        .collect();
    let is_ranked = |one: &Alternative| one.sensitive == 0 && one.kind != Kind::Structural;
    let counts: Vec<u64> = alternatives.iter().filter(|one| is_ranked(one)).map(|one| one.shown).collect();
    for (one, pair) in alternatives.iter_mut().filter(|one| is_ranked(one)).zip(counts.windows(2)) {
        if let [here, next] = pair {
            one.gives_back = here.checked_signed_diff(*next);
        }
    }
    Suggestions {
        schema: SCHEMA,
        title: scene.loaded.specification.title.clone(),
        marking: marking.to_owned(),
        variables: lattice.hierarchies().iter().map(|tree| tree.name().to_owned()).collect(),
        attackers: scene.attackers.len() as u64,
        least_outsiders: scene.least_outsiders,
        cells: lattice.len() as u64,
        sensitive: scene.safe.iter().filter(|safe| !**safe).count() as u64,
        levels: levels
            .map(|(levels, cells)| LevelCounts {
                levels,
                cells: cells.len() as u64,
                sensitive: sensitive(cells),
            })
            .collect(),
        levels_left_out,
        alternatives,
        notes: NoteLines::from(&scene.loaded.notes),
        inputs,
    }
}

fn alternative(scene: &Scene<'_>, one: &Wanted) -> Alternative {
    let name = |&variable: &usize| scene.lattice.hierarchies()[variable].name().to_owned();
    let (mut branches, mut implied, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    match &one.cut {
        Cut::Branches(breakdown) => {
            branches = branch_documents(scene, breakdown);
            implied = unnamed(scene, one, breakdown);
        }
        Cut::Levels(at) => levels.clone_from(at),
    }
    let implied_left_out = implied.len().saturating_sub(IMPLIED_MAX) as u64;
    implied.truncate(IMPLIED_MAX);
    Alternative {
        folder: String::new(),
        kind: one.kind,
        order: one.order.iter().map(name).collect(),
        levels,
        data_dependent: !matches!(one.kind, Kind::Structural | Kind::AsAsked),
        atoms: one.atoms,
        sensitive: one.sensitive,
        hidden: None,
        shown: one.count(),
        utility_permille: 0,
        gives_back: None,
        by_level: Vec::new(),
        paths: paths(scene, one),
        withheld: one.withheld.iter().map(|&cell| describe(scene, cell)).collect(),
        implied: implied.into_iter().map(|cell| describe(scene, cell)).collect(),
        implied_left_out,
        branches,
    }
}

/// Cells shown when `protect` has hidden what it hides.
fn shown_after(one: &Wanted, hidden: Option<u64>) -> u64 {
    match (one.kind, hidden) {
        // Sensitive cells are counted as shown by a breakdown, and as hidden in a crossed table.
        (Kind::LevelsWithBlanks | Kind::AsAsked, Some(hidden)) => {
            (one.count() + one.sensitive).saturating_sub(hidden)
        }
        (Kind::LevelsWithBlanks | Kind::AsAsked, None) => one.count(),
        (_, hidden) => one.count().saturating_sub(hidden.unwrap_or(one.sensitive)),
    }
}

fn level_shown(scene: &Scene<'_>, one: &Wanted, cells: &[LatticeCell]) -> LevelShown {
    let shown = || cells.iter().copied().filter(|cell| one.shown[cell.index()]);
    LevelShown {
        shown: shown().count() as u64,
        value_permille: scene.lattice.value_permille(shown(), cells.iter().copied()),
    }
}

/// The titles of a cell's codes.
pub(super) fn describe(scene: &Scene<'_>, cell: LatticeCell) -> String {
    let nodes = scene.lattice.nodes(cell);
    let titles: Vec<&str> =
        nodes.iter().enumerate().map(|(variable, &node)| scene.loaded.title(variable, node)).collect();
    titles.join(", ")
}

fn branch_documents(scene: &Scene<'_>, breakdown: &Breakdown) -> Vec<BranchDocument> {
    let named = Named::new(scene, breakdown);
    let mut next = named.first();
    breakdown.branches.iter().map(|branch| branch_document(scene, &named, branch, &mut next)).collect()
}

/// Codes were given in the order in which branches are walked.
fn branch_document(scene: &Scene<'_>, named: &Named, branch: &Branch, next: &mut usize) -> BranchDocument {
    let (code, title) = named.code(*next);
    *next += 1;
    BranchDocument {
        code: code.to_owned(),
        title: title.to_owned(),
        along: branch.along.map(|variable| scene.lattice.hierarchies()[variable].name().to_owned()),
        remainder: remainder_codes(scene, branch),
        parts: branch.parts.iter().map(|part| branch_document(scene, named, part, next)).collect(),
    }
}

/// Cells that are shown although no branch is one of them, the largest first.
fn unnamed(scene: &Scene<'_>, one: &Wanted, breakdown: &Breakdown) -> Vec<LatticeCell> {
    fn name(branch: &Branch, named: &mut BTreeSet<LatticeCell>) {
        named.insert(branch.cell);
        branch.parts.iter().for_each(|part| name(part, named));
    }
    let mut named = BTreeSet::new();
    breakdown.branches.iter().for_each(|branch| name(branch, &mut named));
    let mut cells: Vec<LatticeCell> =
        scene.lattice.cells().filter(|cell| one.shown[cell.index()] && !named.contains(cell)).collect();
    cells.sort_by_key(|&cell| std::cmp::Reverse(scene.weights.of(cell)));
    cells
}

/// Codes of the other variables for which every year with a record is shown.
fn paths(scene: &Scene<'_>, one: &Wanted) -> Option<Paths> {
    let (years, _) = scene.years?;
    let tree = &scene.lattice.hierarchies()[years];
    let mut complete: BTreeMap<Vec<NodeId>, bool> = BTreeMap::new();
    for cell in scene.lattice.cells().filter(|&cell| tree.is_leaf(scene.lattice.node(cell, years))) {
        let mut path = scene.lattice.nodes(cell);
        path[years] = NodeId(0);
        *complete.entry(path).or_insert(true) &= one.shown[cell.index()];
    }
    let paths = complete.len() as u64;
    Some(Paths { complete: complete.values().filter(|&&whole| whole).count() as u64, paths })
}
