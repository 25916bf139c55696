//! A draft of what is awkward, and the real files that come of it.
//!
//! Without anything awkward the files are: a specification with the p% rule at 10, the contributors of the base
//! as a roster, one code list a variable with the units of the base, and figures in which every contributor has
//! 5 at every combination of lowest codes. Rows of a draft replace those at the same codes. A code that has a
//! unit but no place in a tree joins its tree, below the root, when the draft names it. Units that measure
//! something (mass, volume, length, time, energy) may have decimals, as many as the rows of the draft show; all
//! others are counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::SPECIFICATION;
use super::world::World;
use crate::files::FilesInMemory;

/// Units of physical measures: fractions of them exist.
const MEASURES: &[&str] = &[
    "tonne",
    "t",
    "kilogram",
    "kg",
    "gram",
    "g",
    "litre",
    "liter",
    "l",
    "hectolitre",
    "m3",
    "barrel",
    "metre",
    "meter",
    "m",
    "kilometre",
    "kilometer",
    "km",
    "hour",
    "h",
    "day",
    "joule",
    "kilowatt",
    "kW",
    "kWh",
    "MWh",
    "percent",
];

const FIGURES: &str = "figures.csv";
const CELLS: &str = "cells.csv";

/// How the text of the figures becomes bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    #[default]
    Plain,
    Latin1,
    Utf16,
    ByteOrderMark,
    CarriageReturns,
}

/// Which figures the base gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Base {
    /// 5 everywhere.
    #[default]
    Even,
    /// Records of the first contributor only.
    OneContributor,
    /// All but two contributors pool; of the two, one has nearly everything.
    Exposed,
}

/// A row of the draft and its vintage.
#[derive(Clone, Debug)]
pub(super) struct DraftRow {
    pub(super) fields: Vec<String>,
    pub(super) vintage: u32,
}

/// A margin with what is said of its parts.
#[derive(Clone, Debug)]
pub(super) struct DraftCells {
    pub(super) variable: usize,
    pub(super) margin: (String, i64),
    pub(super) parts: Vec<String>,
    pub(super) sum: i64,
}

/// How the code list differs from that of an older release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Revision {
    /// A lowest code has two parts now.
    Split,
    /// A code stands below the root that was not there.
    Added(String),
}

/// What is awkward.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) rows: Vec<DraftRow>,
    pub(super) base: Base,
    /// Base rows that contain all of these texts are left out.
    pub(super) removed: Vec<Vec<String>>,
    pub(super) with_vintage: bool,
    /// The code lists say no units: everything adds up.
    pub(super) one_total: bool,
    /// Unit that the codes of the rows have instead of the base's.
    pub(super) unit: Option<String>,
    pub(super) domain: Option<(String, String)>,
    pub(super) conversions: Vec<(String, String, String)>,
    pub(super) without_column: Option<String>,
    pub(super) form: Form,
    /// Texts of an additional text column, and of titles.
    pub(super) notes: Vec<String>,
    /// Codes whose lines are replaced: new parent, or none.
    pub(super) parents: Vec<(String, Vec<Option<String>>)>,
    /// Parameters of the specification.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) attackers: Vec<Vec<String>>,
    pub(super) cells: Option<DraftCells>,
    /// An older release stands under the code list without this.
    pub(super) revision: Option<Revision>,
}

impl Draft {
    /// The files of the older release, where there is one.
    pub(super) fn build_earlier(&self, world: &World) -> Option<FilesInMemory> {
        self.revision.as_ref()?;
        Some(Self { revision: None, ..self.clone() }.build(world))
    }

    /// The files.
    pub(super) fn build(&self, world: &World) -> FilesInMemory {
        let world = self.extended(world);
        let mut files = FilesInMemory::new();
        for codes in &world.variables {
            files.put(&codes_file(&codes.column), self.code_list(&world, &codes.column));
        }
        match &self.cells {
            Some(cells) => files.put(CELLS, cell_file(&world, cells)),
            None => files.put(FIGURES, self.encoded(&self.figures(&world))),
        }
        files.put(SPECIFICATION, self.specification(&world));
        files
    }

    /// Changes the tree as the revision has it; new codes are counted like the lowest one before them.
    fn revise(&self, world: &mut World) {
        let tree = world.tree();
        let Some(codes) = world.variables.get_mut(tree) else { return };
        let Some(lowest) = codes.leaves().into_iter().next() else { return };
        let added = match &self.revision {
            None => return,
            Some(Revision::Split) => {
                [1, 2].map(|part| (format!("{lowest}-{part}"), Some(lowest.clone()))).to_vec()
            }
            Some(Revision::Added(code)) => vec![(code.clone(), Some(codes.root().to_owned()))],
        };
        for (code, parent) in added {
            if let Some(unit) = world.units.get(&lowest).cloned() {
                world.units.insert(code.clone(), unit);
            }
            codes.lines.push((code, parent));
        }
    }

    /// The base with codes that join a tree because the draft names them, and with its units.
    fn extended(&self, world: &World) -> World {
        let mut world = world.clone();
        let tree = world.tree();
        let named = self.rows.iter().flat_map(|row| &row.fields);
        let homeless: Vec<String> = named
            .filter(|text| world.units.contains_key(*text) && world.variable_of(text).is_none())
            .cloned()
            .collect();
        for code in homeless {
            if let Some(codes) = world.variables.get_mut(tree)
                && !codes.has(&code)
            {
                let root = codes.root().to_owned();
                codes.lines.push((code, Some(root)));
            }
        }
        self.revise(&mut world);
        if let Some(unit) = &self.unit {
            for text in self.rows.iter().flat_map(|row| &row.fields) {
                if world.variable_of(text) == Some(tree) {
                    world.units.insert(text.clone(), unit.clone());
                }
            }
        }
        world
    }

    fn code_list(&self, world: &World, column: &str) -> String {
        let mut text = String::from("code,parent,title,unit\n");
        let Some(codes) = world.variables.iter().find(|codes| codes.column == column) else { return text };
        let is_tree = world.variables.get(world.tree()).is_some_and(|tree| tree.column == column);
        let mut lines: Vec<(String, Option<String>)> = Vec::new();
        for (code, parent) in &codes.lines {
            match self.parents.iter().find(|(replaced, _)| replaced == code) {
                Some((_, parents)) => {
                    lines.extend(parents.iter().map(|parent| (code.clone(), parent.clone())))
                }
                None => lines.push((code.clone(), parent.clone())),
            }
        }
        if is_tree {
            for (code, parents) in &self.parents {
                if world.variable_of(code).is_none() {
                    lines.extend(parents.iter().map(|parent| (code.clone(), parent.clone())));
                }
            }
        }
        // Cells that are summed already stand in one unit.
        let has_units = is_tree && !self.one_total && self.cells.is_none();
        for (position, (code, parent)) in lines.iter().enumerate() {
            let note = self.notes.get(position % self.notes.len().max(1)).map_or("", String::as_str);
            // An unplaced code of an edited tree has no unit of its own; that of its neighbours keeps the fault
            // to the tree.
            let is_leaf = !lines.iter().any(|(_, parent)| parent.as_ref() == Some(code));
            let unit = world.units.get(code).or(world.units.values().next());
            let unit = unit.filter(|_| has_units && is_leaf).map_or("", String::as_str);
            push_row(&mut text, &[code, parent.as_deref().unwrap_or_default(), note, unit]);
        }
        text
    }

    fn figures(&self, world: &World) -> String {
        let mut columns: Vec<&str> = world.columns.iter().map(String::as_str).collect();
        let dropped = self.without_column.as_deref().and_then(|column| world.position(column));
        let vintages = self.with_vintage.then_some("vintage");
        let notes = (!self.notes.is_empty()).then_some("note");
        columns.extend(vintages.into_iter().chain(notes));
        let mut text = String::new();
        let keep = |fields: &[&str]| -> Vec<String> {
            let kept = fields.iter().enumerate().filter(|&(at, _)| Some(at) != dropped);
            kept.map(|(_, field)| (*field).to_owned()).collect()
        };
        push_row(&mut text, &keep(&columns));
        let base = base_rows(world, self.base).into_iter().filter(|row| !self.replaces(world, row));
        let base = base.map(|fields| DraftRow { fields, vintage: 1 });
        for (position, row) in base.chain(self.rows.iter().cloned()).enumerate() {
            let mut fields: Vec<&str> = row.fields.iter().map(String::as_str).collect();
            let vintage = row.vintage.to_string();
            if self.with_vintage {
                fields.push(&vintage);
            }
            if !self.notes.is_empty() {
                fields.push(self.notes.get(position % self.notes.len()).map_or("", String::as_str));
            }
            push_row(&mut text, &keep(&fields));
        }
        text
    }

    /// Whether a base row gives way: removed, or a row of the draft stands at the same codes.
    fn replaces(&self, world: &World, base: &[String]) -> bool {
        let removed = self.removed.iter().any(|texts| texts.iter().all(|text| base.contains(text)));
        let mut key = vec![world.contributor.as_str()];
        key.extend(world.variables.iter().map(|codes| codes.column.as_str()));
        let same = |row: &DraftRow| {
            key.iter().all(|column| {
                let at = world.position(column);
                at.and_then(|at| row.fields.get(at)) == at.and_then(|at| base.get(at))
            })
        };
        removed || self.rows.iter().any(same)
    }

    fn encoded(&self, text: &str) -> Vec<u8> {
        match self.form {
            Form::Plain => text.as_bytes().to_vec(),
            // Characters past Latin-1 cannot be written in it.
            Form::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
            Form::Utf16 => {
                let units = std::iter::once(0xfeff_u16).chain(text.encode_utf16());
                units.flat_map(u16::to_le_bytes).collect()
            }
            Form::ByteOrderMark => ["\u{feff}", text].concat().into_bytes(),
            Form::CarriageReturns => text.replace('\n', "\r\n").into_bytes(),
        }
    }

    fn parameter(&self, key: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    fn specification(&self, world: &World) -> String {
        let mut text = String::from("schema = \"tearline-spec/1\"\ntitle = \"scenario\"\n");
        match &self.cells {
            Some(_) => {
                let _ =
                    writeln!(text, "[cells]\nfile = \"{CELLS}\"\nvalue = \"value\"\nprimary = \"primary\"");
                text.push_str("lower = \"lower\"\nupper = \"upper\"\n");
            }
            None => self.figures_section(world, &mut text),
        }
        for codes in &world.variables {
            let (name, file) = (quoted(&codes.column), quoted(&codes_file(&codes.column)));
            let _ = writeln!(text, "[[variable]]\nname = {name}\ncodes = {file}");
        }
        for (from, factor, to) in &self.conversions {
            let (from, to, factor) = (quoted(from), quoted(to), toml_value(factor));
            let _ = writeln!(text, "[[unit_conversion]]\nfrom = {from}\nto = {to}\nfactor = {factor}");
        }
        self.parameter_sections(&mut text);
        for (number, members) in self.attackers.iter().enumerate() {
            let members: Vec<String> = members.iter().map(|member| quoted(member)).collect();
            let members = members.join(", ");
            let _ = writeln!(text, "[[attacker]]\nid = \"coalition {number}\"\nmembers = [{members}]");
        }
        text
    }

    fn figures_section(&self, world: &World, text: &mut String) {
        let contributor = quoted(&world.contributor);
        let _ = writeln!(text, "[figures]\nfile = \"{FIGURES}\"\ncontributor = {contributor}");
        let roster: Vec<String> = world.contributors.iter().map(|name| quoted(name)).collect();
        let _ = writeln!(text, "value = \"{}\"\ncontributors = [{}]", World::VALUE, roster.join(", "));
        if world.position(World::UNIT).is_some() {
            let _ = writeln!(text, "unit_column = \"{}\"", World::UNIT);
        }
        let decimals = self.decimals(world).to_string();
        let _ = writeln!(text, "decimals = {}", toml_value(self.parameter("decimals").unwrap_or(&decimals)));
        let _ = writeln!(text, "whole_units = [{}]", self.whole_units(world).join(", "));
        if self.with_vintage {
            text.push_str("vintage = \"vintage\"\n");
        }
        if let Some((low, high)) = &self.domain {
            let _ = writeln!(text, "domain = [{}, {}]", toml_value(low), toml_value(high));
        }
    }

    fn parameter_sections(&self, text: &mut String) {
        let get = |key: &str| self.parameter(key).map(toml_value);
        let _ = writeln!(text, "[rule]\np = {}", get("p").unwrap_or_else(|| "10".to_owned()));
        for key in ["q", "pooling", "minimum_frequency"] {
            if let Some(value) = get(key) {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
        if get("n").is_some() || get("k").is_some() {
            let n = get("n").unwrap_or_else(|| "1".to_owned());
            let k = get("k").unwrap_or_else(|| "85".to_owned());
            let _ = writeln!(text, "dominance = [{{ n = {n}, k = {k} }}]");
        }
        if let Some(floor) = get("floor") {
            let _ = writeln!(text, "[guarantee]\np = 10\nfloor = {floor}");
        }
        if let Some(base) = get("base") {
            let _ = writeln!(text, "[output]\nmethod = \"rounding\"\nbase = {base}");
        }
        let search = ["time_limit_s", "threads", "seed"].into_iter().filter_map(|key| Some((key, get(key)?)));
        let search: Vec<String> = search.map(|(key, value)| format!("{key} = {value}\n")).collect();
        if !search.is_empty() {
            let _ = write!(text, "[search]\n{}", search.concat());
        }
    }

    /// Most decimals of a measured value among the rows.
    fn decimals(&self, world: &World) -> usize {
        const DECIMALS_MAX: usize = 15;
        let (Some(value), Some(unit)) = (world.position(World::VALUE), world.position(World::UNIT)) else {
            return 0;
        };
        let measured = self
            .rows
            .iter()
            .filter(|row| row.fields.get(unit).is_some_and(|unit| MEASURES.contains(&unit.as_str())));
        let values = measured.filter_map(|row| row.fields.get(value)?.split_once('.'));
        let digits = values.map(|(_, fraction)| fraction.bytes().take_while(u8::is_ascii_digit).count());
        digits.max().unwrap_or(0).min(DECIMALS_MAX)
    }

    fn whole_units(&self, world: &World) -> Vec<String> {
        let unit = world.position(World::UNIT);
        let of_rows = self.rows.iter().filter_map(|row| row.fields.get(unit?));
        let mut units: Vec<&String> = world.units.values().chain(of_rows).collect();
        units.sort_unstable();
        units.dedup();
        units.into_iter().filter(|unit| !MEASURES.contains(&unit.as_str())).map(|unit| quoted(unit)).collect()
    }
}

fn codes_file(column: &str) -> String {
    format!("codes_{column}.csv")
}

/// One row a contributor and combination of lowest codes.
fn base_rows(world: &World, base: Base) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let exposed_from = world.contributors.len().saturating_sub(2);
    for (number, contributor) in world.contributors.iter().enumerate() {
        let value = match base {
            Base::OneContributor if number > 0 => continue,
            Base::Exposed if number == exposed_from => "1000",
            Base::Exposed if number > exposed_from => "1",
            _ => "5",
        };
        let mut combinations: Vec<BTreeMap<&str, String>> = vec![BTreeMap::new()];
        for codes in &world.variables {
            let mut longer = Vec::new();
            for known in &combinations {
                for leaf in codes.leaves() {
                    let mut known = known.clone();
                    known.insert(&codes.column, leaf);
                    longer.push(known);
                }
            }
            combinations = longer;
        }
        for codes in combinations {
            let unit = codes.values().find_map(|code| world.units.get(code));
            let field = |column: &String| match column.as_str() {
                World::VALUE => value.to_owned(),
                World::UNIT => unit.cloned().unwrap_or_default(),
                name if name == world.contributor => contributor.clone(),
                name => codes.get(name).cloned().unwrap_or_default(),
            };
            rows.push(world.columns.iter().map(field).collect());
        }
    }
    rows
}

/// The margin and its parts as said, 5 at every other lowest code, and every other margin the sum of its parts.
/// The other variables have one code each, with everything above it.
fn cell_file(world: &World, cells: &DraftCells) -> String {
    let mut header: Vec<&str> = world.variables.iter().map(|codes| codes.column.as_str()).collect();
    header.extend(["value", "primary", "lower", "upper"]);
    let mut text = String::new();
    push_row(&mut text, &header);
    let mut places: Vec<(Vec<String>, i64)> = vec![(Vec::new(), 0)];
    for (variable, codes) in world.variables.iter().enumerate() {
        let here: Vec<(String, i64)> = if variable == cells.variable {
            codes.lines.iter().map(|(code, _)| (code.clone(), value_at(world, cells, code, 0))).collect()
        } else {
            let mut chain: Vec<(String, i64)> = Vec::new();
            let mut at = codes.leaves().first().cloned();
            while let Some(code) = at {
                at = codes
                    .lines
                    .iter()
                    .find(|(known, _)| *known == code)
                    .and_then(|(_, parent)| parent.clone());
                chain.push((code, 0));
            }
            chain
        };
        let extend = |(codes, value): &(Vec<String>, i64)| {
            let (codes, value) = (codes.clone(), *value);
            here.iter()
                .map(move |(code, more)| ([codes.clone(), vec![code.clone()]].concat(), value + more))
                .collect::<Vec<_>>()
        };
        places = places.iter().flat_map(extend).collect();
    }
    for (mut codes, value) in places {
        codes.extend([value.to_string(), "0".to_owned(), String::new(), String::new()]);
        push_row(&mut text, &codes);
    }
    text
}

fn value_at(world: &World, cells: &DraftCells, code: &str, depth: usize) -> i64 {
    const DEPTH_MAX: usize = 64;
    if code == cells.margin.0 {
        return cells.margin.1;
    }
    if let Some(position) = cells.parts.iter().position(|part| part == code) {
        // All but the first part have 1, as far as the sum goes.
        let others = (cells.parts.len() as i64 - 1).min(cells.sum.max(0));
        return if position == 0 { cells.sum - others } else { i64::from((position as i64) <= others) };
    }
    let Some(codes) = world.variables.get(cells.variable) else { return 0 };
    let children: Vec<&str> = codes.children(code).collect();
    if children.is_empty() || depth > DEPTH_MAX {
        let below_margin = codes.children(&cells.margin.0).any(|child| child == code);
        return if below_margin { 0 } else { 5 };
    }
    children.iter().map(|child| value_at(world, cells, child, depth + 1)).sum()
}

fn push_row(text: &mut String, fields: &[impl AsRef<str>]) {
    for (position, field) in fields.iter().map(AsRef::as_ref).enumerate() {
        if position > 0 {
            text.push(',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            let _ = write!(text, "\"{}\"", field.replace('"', "\"\""));
        } else {
            text.push_str(field);
        }
    }
    text.push('\n');
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// A number as it stands where TOML takes it as a number, otherwise a string.
fn toml_value(text: &str) -> String {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let plain = is_digits(whole) && is_digits(fraction) && is_digits(exponent);
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if plain && !leading_zero { text.to_owned() } else { quoted(text) }
}
