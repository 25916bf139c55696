//! An alternative as files that `protect` takes: a specification, figures under its codes, code lists.
//!
//! A nested cut becomes one variable whose tree is the cut: `E.MAN` above `E.MAN|2026`. What a cut sums is summed here
//! too, so nothing finer than an atom is in the files, and a hidden remainder has no parts to hide. Attackers, rules and
//! the guarantee are those of the specification; the latest vintage stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use disclosure::breakdown::{Branch, Breakdown, LatticeCell};
use disclosure::guarantee::Family;
use disclosure::hierarchy::{Hierarchy, NodeId};
use intake::spec::{Figures, Method, Source, Weight};

use super::alternatives::{Cut, Scene, Wanted};
use crate::failure::Failure;
use crate::release::unwritten;

/// Files of an alternative, each by its name in the alternative's folder.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// One code of a variable that is written.
struct CodeRow {
    code: String,
    parent: Option<usize>,
    title: String,
    unit: String,
}

/// A variable that is written, with the code of every row.
struct Column {
    name: String,
    codes: Vec<CodeRow>,
}

/// A nested cut with names.
pub(super) struct Named {
    codes: Vec<CodeRow>,
    /// By code: along which variable it goes on, and to which code at which node.
    next: Vec<Option<(usize, BTreeMap<NodeId, usize>)>>,
    roots: BTreeMap<Vec<NodeId>, usize>,
}

impl Named {
    pub(super) fn new(scene: &Scene<'_>, breakdown: &Breakdown) -> Self {
        let mut named = Self { codes: Vec::new(), next: Vec::new(), roots: BTreeMap::new() };
        let mut taken = BTreeSet::new();
        // Several tops are one tree in a code list; without a common unit their top has no total.
        let several = breakdown.branches.len() > 1;
        if several {
            named.push(&mut taken, ("ALL".to_owned(), "all tables".to_owned(), String::new()), None);
        }
        for branch in &breakdown.branches {
            let place = named.add(scene, &mut taken, branch, several.then_some(0));
            named.roots.insert(scene.lattice.nodes(branch.cell), place);
        }
        named
    }

    fn push(
        &mut self,
        taken: &mut BTreeSet<String>,
        (mut code, title, unit): (String, String, String),
        parent: Option<usize>,
    ) -> usize {
        while !taken.insert(code.clone()) {
            code.push('\'');
        }
        self.codes.push(CodeRow { code, parent, title, unit });
        self.next.push(None);
        self.codes.len() - 1
    }

    fn add(
        &mut self,
        scene: &Scene<'_>,
        taken: &mut BTreeSet<String>,
        branch: &Branch,
        parent: Option<usize>,
    ) -> usize {
        let place = self.push(taken, name(scene, branch), parent);
        let Some(variable) = branch.along else { return place };
        let mut next = BTreeMap::new();
        for part in &branch.parts {
            let at = self.add(scene, taken, part, Some(place));
            let cells = if part.remainder.is_empty() { &[part.cell][..] } else { &part.remainder };
            next.extend(cells.iter().map(|&cell| (scene.lattice.node(cell, variable), at)));
        }
        self.next[place] = Some((variable, next));
        place
    }

    /// The code under which a record stands; `None` where its total is withheld.
    fn place(&self, trees: &[Hierarchy], nodes: &[NodeId]) -> Option<usize> {
        let roots: Vec<NodeId> =
            trees.iter().zip(nodes).map(|(tree, &node)| at_level(tree, node, 0)).collect();
        let mut place = *self.roots.get(&roots)?;
        let mut at = roots;
        while let Some((variable, next)) = &self.next[place] {
            let tree = &trees[*variable];
            at[*variable] = at_level(tree, nodes[*variable], tree.depth(at[*variable]) + 1);
            place = *next.get(&at[*variable])?;
        }
        Some(place)
    }

    /// The code of the branch that was added as the `place`-th, remainders included.
    pub(super) fn code(&self, place: usize) -> (&str, &str) {
        self.codes.get(place).map_or(("", ""), |row| (&row.code, &row.title))
    }

    /// How many codes stand above all branches.
    pub(super) fn first(&self) -> usize {
        usize::from(self.roots.len() > 1)
    }
}

/// Code, title and unit of a branch.
fn name(scene: &Scene<'_>, branch: &Branch) -> (String, String, String) {
    let nodes = scene.lattice.nodes(branch.cell);
    let trees = scene.lattice.hierarchies();
    let is_single_top = |variable: usize| {
        let node = nodes[variable];
        trees[variable].parent(node).is_none()
            && trees[variable].nodes().filter(|&other| trees[variable].parent(other).is_none()).count() == 1
    };
    let mut kept: Vec<usize> = (0..trees.len()).filter(|&variable| !is_single_top(variable)).collect();
    if kept.is_empty() {
        kept = (0..trees.len()).collect();
    }
    let codes: Vec<&str> = kept.iter().map(|&variable| trees[variable].code(nodes[variable])).collect();
    let titles: Vec<&str> =
        kept.iter().map(|&variable| scene.loaded.title(variable, nodes[variable])).collect();
    let (mut code, mut title) = (codes.join("|"), titles.join(", "));
    if !branch.remainder.is_empty() {
        let codes = remainder_codes(scene, branch);
        code.push_str("|rest");
        title = format!("{title}: {} together", codes.join(", "));
    }
    (code, title, scene.listed_unit(&nodes))
}

/// The codes that a remainder sums: in the variable in which they differ from their margin.
pub(super) fn remainder_codes(scene: &Scene<'_>, branch: &Branch) -> Vec<String> {
    let trees = scene.lattice.hierarchies();
    let of = |&cell: &LatticeCell| {
        let differs = (0..trees.len()).find(|&variable| {
            scene.lattice.node(cell, variable) != scene.lattice.node(branch.cell, variable)
        });
        differs.map(|variable| trees[variable].code(scene.lattice.node(cell, variable)).to_owned())
    };
    branch.remainder.iter().filter_map(of).collect()
}

/// The node's ancestor at a level, or the node where it lies above.
fn at_level(tree: &Hierarchy, node: NodeId, level: u32) -> NodeId {
    let mut at = node;
    while tree.depth(at) > level
        && let Some(parent) = tree.parent(at)
    {
        at = parent;
    }
    at
}

impl Scene<'_> {
    fn figures(&self) -> Option<&Figures> {
        match &self.loaded.specification.source {
            Source::Figures(figures) => Some(figures),
            Source::Cells(_) => None,
        }
    }

    /// The unit of a cell where the code lists say it.
    fn listed_unit(&self, nodes: &[NodeId]) -> String {
        let lists = self.loaded.lists.iter().zip(nodes);
        lists.filter_map(|(list, &node)| list.unit(node)).next().unwrap_or_default().to_owned()
    }

    fn has_listed_units(&self) -> bool {
        self.loaded.lists.iter().any(intake::codes::CodeList::has_units)
    }
}

/// The files of an alternative.
pub(crate) fn files(scene: &Scene<'_>, wanted: &Wanted) -> Result<Files, Failure> {
    let trees = scene.lattice.hierarchies();
    let mut sums: BTreeMap<(u32, Vec<usize>), i64> = BTreeMap::new();
    let columns = match &wanted.cut {
        Cut::Branches(breakdown) => {
            let named = Named::new(scene, breakdown);
            for record in &scene.records.latest {
                if let Some(place) = named.place(trees, &scene.records.nodes(record)) {
                    // Parts of totals that fit fit as well.
                    *sums.entry((record.contributor, vec![place])).or_default() += record.figure.open();
                }
            }
            let names: Vec<&str> = trees.iter().map(Hierarchy::name).collect();
            vec![Column { name: scene.column_name(names.join("-by-")), codes: named.codes }]
        }
        Cut::Levels(levels) => {
            let (columns, places): (Vec<Column>, Vec<Vec<usize>>) =
                (0..trees.len()).map(|variable| level_column(scene, variable, levels[variable])).unzip();
            let withheld: BTreeSet<Vec<NodeId>> =
                wanted.withheld.iter().map(|&cell| scene.lattice.nodes(cell)).collect();
            for record in &scene.records.latest {
                let nodes = scene.records.nodes(record);
                let tops = trees.iter().zip(&nodes).map(|(tree, &node)| at_level(tree, node, 0)).collect();
                if withheld.contains::<Vec<NodeId>>(&tops) {
                    continue;
                }
                let at = nodes.iter().enumerate().map(|(variable, &node)| {
                    places[variable][at_level(&trees[variable], node, levels[variable]).index()]
                });
                *sums.entry((record.contributor, at.collect())).or_default() += record.figure.open();
            }
            columns
        }
    };
    let write = || -> Result<Files, csv::Error> {
        let mut files: Files = vec![("figures.csv".to_owned(), figures_file(scene, &columns, &sums)?)];
        for (place, column) in columns.iter().enumerate() {
            files.push((codes_name(place), codes_file(column, scene.has_listed_units())?));
        }
        if scene.figures().is_some_and(|figures| figures.contributors.is_some()) {
            files.push(("contributors.csv".to_owned(), contributors_file(scene)?));
        }
        Ok(files)
    };
    let mut files = write().map_err(|error| unwritten("figures.csv", &error))?;
    let present: BTreeSet<u32> = sums.keys().map(|(contributor, _)| *contributor).collect();
    files.push(("spec.toml".to_owned(), specification(scene, &columns, &present).into_bytes()));
    Ok(files)
}

fn codes_name(place: usize) -> String {
    format!("codes_{}.csv", place + 1)
}

/// A variable down to a level, and for each of its nodes the place of its code.
fn level_column(scene: &Scene<'_>, variable: usize, level: u32) -> (Column, Vec<usize>) {
    let tree = &scene.lattice.hierarchies()[variable];
    let list = &scene.loaded.lists[variable];
    let tops = tree.nodes().filter(|&node| tree.parent(node).is_none()).count();
    let mut codes = Vec::new();
    if tops > 1 {
        let mut code = "ALL".to_owned();
        while tree.node(&code).is_some() {
            code.push('\'');
        }
        let title = "all of them".to_owned();
        codes.push(CodeRow { code, parent: None, title, unit: String::new() });
    }
    let mut places = vec![0; tree.len()];
    for node in tree.nodes().filter(|&node| tree.depth(node) <= level) {
        let above = tree.parent(node).map(|parent| places[parent.index()]);
        places[node.index()] = codes.len();
        codes.push(CodeRow {
            code: tree.code(node).to_owned(),
            parent: above.or((tops > 1).then_some(0)),
            title: list.title(node).to_owned(),
            unit: list.unit(node).unwrap_or_default().to_owned(),
        });
    }
    (Column { name: tree.name().to_owned(), codes }, places)
}

impl Scene<'_> {
    /// A name that no other column of the figures has.
    fn column_name(&self, mut name: String) -> String {
        let taken = |name: &String| {
            self.figures().is_some_and(|figures| {
                [
                    Some(&figures.contributor),
                    Some(&figures.value),
                    figures.holding.as_ref(),
                    figures.waiver.as_ref(),
                ]
                .contains(&Some(name))
            })
        };
        while taken(&name) {
            name.push('_');
        }
        name
    }
}

fn figures_file(
    scene: &Scene<'_>,
    columns: &[Column],
    sums: &BTreeMap<(u32, Vec<usize>), i64>,
) -> Result<Vec<u8>, csv::Error> {
    let Some(figures) = scene.figures() else { return Ok(Vec::new()) };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec![figures.contributor.as_str()];
    header.extend(columns.iter().map(|column| column.name.as_str()));
    header.push(&figures.value);
    header.extend(figures.holding.as_deref());
    header.extend(figures.waiver.as_deref());
    writer.write_record(&header)?;
    for ((number, places), &sum) in sums {
        let Some(contributor) = scene.records.contributors.get(*number as usize) else { continue };
        let amount = intake::decimal_text(sum, figures.decimals);
        let mut fields = vec![contributor.code.as_str()];
        fields.extend(columns.iter().zip(places).map(|(column, &place)| column.codes[place].code.as_str()));
        fields.push(&amount);
        if figures.holding.is_some() {
            let unit = scene.records.units.get(contributor.unit.0 as usize).map_or("", String::as_str);
            fields.push(if unit == contributor.code { "" } else { unit });
        }
        if figures.waiver.is_some() {
            fields.push(if contributor.waived { "yes" } else { "no" });
        }
        writer.write_record(&fields)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn codes_file(column: &Column, with_units: bool) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = ["code", "parent", "title", "unit"];
    let width = if with_units { 4 } else { 3 };
    writer.write_record(&columns[..width])?;
    for row in &column.codes {
        let parent = row.parent.and_then(|parent| column.codes.get(parent)).map_or("", |row| &row.code);
        writer.write_record(&[&row.code, parent, &row.title, &row.unit][..width])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn contributors_file(scene: &Scene<'_>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["code", "title"])?;
    for contributor in &scene.records.contributors {
        writer.write_record([&contributor.code, &contributor.title])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// Text as a TOML string: JSON's escapes are TOML's, but for one control character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = texts.map(quoted).collect();
    format!("[{}]", quoted.join(", "))
}

/// The specification; writing to text never fails.
fn specification(scene: &Scene<'_>, columns: &[Column], present: &BTreeSet<u32>) -> String {
    let mut text =
        String::from("# Written by `tearline suggest`. Beside it: the figures under these codes.\n");
    let asked = &scene.loaded.specification;
    let _ = writeln!(text, "schema = {}\ntitle = {}\n", quoted(intake::spec::SCHEMA), quoted(&asked.title));
    if let Some(figures) = scene.figures() {
        figures_section(&mut text, scene, figures);
    }
    for (place, column) in columns.iter().enumerate() {
        let codes = quoted(&codes_name(place));
        let _ = writeln!(text, "[[variable]]\nname = {}\ncodes = {codes}\n", quoted(&column.name));
    }
    rule_sections(&mut text, scene);
    for coalition in &scene.loaded.coalitions {
        // Who has no figure here knows none: without members here an attacker is the outsider.
        let has_roster = scene.figures().is_some_and(|figures| figures.contributors.is_some());
        let codes = coalition.codes.iter().filter(|code| {
            scene.records.contributor(code).is_some_and(|number| has_roster || present.contains(&number))
        });
        let codes: Vec<&str> = codes.map(String::as_str).collect();
        let everyone = present.iter().all(|number| coalition.members.contains(number));
        if !codes.is_empty() && !everyone {
            let members = list(codes.into_iter());
            let _ = writeln!(text, "[[attacker]]\nid = {}\nmembers = {members}\n", quoted(&coalition.id));
        }
    }
    search_sections(&mut text, scene);
    text
}

fn figures_section(text: &mut String, scene: &Scene<'_>, figures: &Figures) {
    let _ = writeln!(text, "[figures]\nfile = \"figures.csv\"");
    let _ =
        writeln!(text, "contributor = {}\nvalue = {}", quoted(&figures.contributor), quoted(&figures.value));
    let _ = writeln!(text, "decimals = {}", figures.decimals);
    let unit = figures.unit.as_ref().or(scene.records.unit.as_ref());
    if let Some(unit) = unit.filter(|_| !scene.has_listed_units()) {
        let _ = writeln!(text, "unit = {}", quoted(unit));
    }
    if !figures.whole_units.is_empty() {
        let _ = writeln!(text, "whole_units = {}", list(figures.whole_units.iter().map(String::as_str)));
    }
    for (key, column) in [("holding", &figures.holding), ("waiver", &figures.waiver)] {
        if let Some(column) = column {
            let _ = writeln!(text, "{key} = {}", quoted(column));
        }
    }
    if figures.contributors.is_some() {
        let _ = writeln!(text, "contributors = \"contributors.csv\"");
    }
    text.push('\n');
}

fn rule_sections(text: &mut String, scene: &Scene<'_>) {
    let asked = &scene.loaded.specification;
    let rules = &asked.rules;
    if *rules != disclosure::rule::Rules::default() {
        text.push_str("[rule]\n");
        if let Some(p) = rules.p {
            let _ = writeln!(text, "p = \"{}\"\npooling = {}", p.p, p.pooling);
            if p.q != disclosure::Ratio::whole(100) {
                let _ = writeln!(text, "q = \"{}\"", p.q);
            }
        }
        if let Some(least) = rules.minimum_frequency {
            let _ = writeln!(text, "minimum_frequency = {least}");
        }
        let _ = writeln!(text, "zero = {}\n", rules.zero);
        for rule in &rules.dominance {
            let _ = writeln!(text, "[[rule.dominance]]\nn = {}\nk = \"{}\"\n", rule.n, rule.k);
        }
    }
    if let Some(guarantee) = &asked.guarantee {
        let families = guarantee.families.iter().map(|family| match family {
            Family::Cells => "cells",
            Family::Deltas => "deltas",
            Family::Relations => "relations",
            Family::Derivable => "derivable",
        });
        let floor = intake::decimal_text(guarantee.floor, asked.decimals());
        let _ = writeln!(text, "[guarantee]\np = \"{}\"\nfloor = \"{floor}\"", guarantee.p);
        let _ = writeln!(text, "pooling = {}", asked.pooling);
        let _ = writeln!(text, "two_sided = {}\nfamilies = {}\n", guarantee.two_sided, list(families));
    }
}

fn search_sections(text: &mut String, scene: &Scene<'_>) {
    let asked = &scene.loaded.specification;
    let weight = match asked.search.weight {
        Weight::Count => "count",
        Weight::Log => "log",
        // Costs of single contributions say nothing of their sums.
        Weight::Value | Weight::Column(_) => "value",
    };
    let _ = writeln!(text, "[search]\nweight = \"{weight}\"\ntime_limit_s = {}", asked.search.time_limit_s);
    if let Some(threads) = asked.search.threads {
        let _ = writeln!(text, "threads = {threads}");
    }
    let _ = writeln!(text, "seed = {}\n", asked.search.seed);
    let _ = match asked.method {
        Method::Blanks => writeln!(text, "[output]\nmethod = \"blanks\""),
        Method::Ranges => writeln!(text, "[output]\nmethod = \"ranges\""),
        Method::Rounding { base } => {
            let base = intake::decimal_text(base, asked.decimals());
            writeln!(text, "[output]\nmethod = \"rounding\"\nbase = \"{base}\"")
        }
    };
}
