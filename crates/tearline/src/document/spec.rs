//! The shape of a specification, for `tearline schema spec`: editors check and complete TOML by it.
//!
//! These types describe; nothing is parsed into them. `intake` reads specifications, and a test holds that it
//! accepts every key that stands here. Percentages and levels are exact: write decimals, or fractions as text.

use schemars::JsonSchema;

/// The document's schema.
pub const SCHEMA: &str = "tearline-spec/1";

/// A specification: where the figures are, how they break down, which rules hold, what leaves the house.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Spec {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// What the release is called.
    pub title: String,
    /// One row a contribution; either this or `cells`.
    pub figures: Option<Figures>,
    /// A table already summed and flagged; either this or `figures`.
    pub cells: Option<Cells>,
    /// The spanning variables, in the order of the table.
    pub variable: Vec<Variable>,
    /// Linked tables; without any, one table crosses all variables.
    pub table: Option<Vec<Table>>,
    /// Declared conversions between units.
    pub unit_conversion: Option<Vec<UnitConversion>>,
    /// Primary rules; several may stand together.
    pub rule: Option<Rule>,
    /// The guarantee against declared attackers; refused by this version.
    pub guarantee: Option<Guarantee>,
    /// Attackers beside the outsider; refused by this version.
    pub attacker: Option<Vec<Attacker>>,
    /// How the search goes about it.
    pub search: Option<Search>,
    /// Earlier releases; refused by this version.
    pub history: Option<History>,
    /// What stands in place of hidden values.
    pub output: Option<Output>,
}

/// One row a contribution, at the lowest codes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Figures {
    /// CSV, XLSX or Parquet, relative to the specification.
    pub file: String,
    /// Sheet of a workbook; the first when not named.
    pub sheet: Option<String>,
    /// Column of the contributor.
    pub contributor: String,
    /// Column of the figure.
    pub value: String,
    /// Digits after the point that a figure may have.
    #[schemars(range(min = 0, max = 15))]
    pub decimals: Option<u32>,
    /// The unit of all figures.
    pub unit: Option<String>,
    /// Column of the unit.
    pub unit_column: Option<String>,
    /// Units that are counted: figures in them are whole.
    pub whole_units: Option<Vec<String>>,
    /// Column of the holding.
    pub holding: Option<String>,
    /// Column that says whether the contributor waives its protection.
    pub waiver: Option<String>,
    /// Column of the vintage; the latest stands.
    pub vintage: Option<String>,
    /// Who may contribute: codes, or the name of a file.
    pub contributors: Option<Contributors>,
    /// What several rows of one contributor at the same codes mean.
    #[schemars(extend("enum" = ["reject", "sum"]))]
    pub repeated: Option<String>,
    /// Public bounds of every figure, the lower first.
    #[schemars(length(min = 2, max = 2))]
    pub domain: Option<Vec<Number>>,
}

/// A list, or the name of a file with a column `code`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Contributors {
    /// The codes.
    Listed(Vec<String>),
    /// The file.
    File(String),
}

/// A number, or text that holds an exact decimal or a fraction `a/b`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Number {
    /// A number as TOML writes it.
    Plain(f64),
    /// Text.
    Text(String),
}

/// A table already summed and flagged; every margin is among its rows.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cells {
    /// CSV, XLSX or Parquet, relative to the specification.
    pub file: String,
    /// Sheet of a workbook; the first when not named.
    pub sheet: Option<String>,
    /// Column of the total.
    pub value: String,
    /// Column that flags sensitive cells.
    pub primary: String,
    /// Column of the lower protection level.
    pub lower: String,
    /// Column of the upper protection level.
    pub upper: String,
    /// Column of the number of contributors.
    pub count: Option<String>,
    /// Digits after the point that a figure may have.
    #[schemars(range(min = 0, max = 15))]
    pub decimals: Option<u32>,
    /// The unit of all cells.
    pub unit: Option<String>,
}

/// A spanning variable.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Variable {
    /// Its name, which is the column's.
    pub name: String,
    /// Its code list: `child,parent`, or `code,parent[,level][,title][,unit]`.
    pub codes: String,
}

/// One of several linked tables. What two of them share, such as a total, is one cell.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Table {
    /// Names of the variables that it crosses; the others stand at their total.
    pub variables: Vec<String>,
}

/// One unit in terms of another, exactly.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UnitConversion {
    /// The unit of the record.
    pub from: String,
    /// The unit of the table.
    pub to: String,
    /// How many of `to` one of `from` is.
    pub factor: Number,
}

/// Primary rules.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rule {
    /// The p% rule.
    pub p: Option<Number>,
    /// What attackers know beforehand, in per cent; 100 unless the p/q rule is meant.
    pub q: Option<Number>,
    /// How many contributors pool what they know.
    #[schemars(range(min = 1, max = 1_000))]
    pub pooling: Option<u32>,
    /// (n,k) dominance.
    pub dominance: Option<Vec<Dominance>>,
    /// Fewer nonzero contributors than this are too few.
    #[schemars(range(min = 1, max = 1_000))]
    pub minimum_frequency: Option<u32>,
    /// Whether a cell of zeros only is sensitive.
    pub zero: Option<bool>,
}

/// The `n` largest contribute more than `k` per cent.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Dominance {
    /// How many of the largest.
    #[schemars(range(min = 1, max = 1_000))]
    pub n: u32,
    /// Per cent of the total.
    pub k: Number,
}

/// The guarantee G(p, floor).
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Guarantee {
    /// Per cent of a protected quantity.
    pub p: Number,
    /// The least that an interval must reach past the truth.
    pub floor: Option<Number>,
    /// Whether intervals must reach below the truth as well.
    pub two_sided: Option<bool>,
    /// Which quantities are protected.
    pub families: Option<Vec<Family>>,
    /// How many contributors may pool what they know, any of them: 1 (the default) to 3.
    pub pooling: Option<u8>,
}

/// A family of protected quantities.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Family {
    /// A contributor's share of each cell.
    Cells,
    /// Its change between vintages.
    Deltas,
    /// Its share of the suppressed part of a published margin.
    Relations,
    /// Its share of any sum that follows from what is published.
    Derivable,
}

/// Several contributors pooling what they know.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Attacker {
    /// Its name.
    pub id: String,
    /// Who pools; either this or `members_from`.
    pub members: Option<Vec<String>>,
    /// The lowest codes below a code of a code list.
    pub members_from: Option<MembersFrom>,
}

/// The lowest codes below a code of a code list.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MembersFrom {
    /// The code list.
    pub file: String,
    /// The code above them.
    pub below: String,
}

/// How the search goes about it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Search {
    /// What hiding a cell costs: `value`, `count`, `log`, or a column of the file: decimals of at least 0, which
    /// figures add up over a cell; in cells also `never`, for a cell that must stay published.
    pub weight: Option<String>,
    /// Cells that earlier releases settled: CSV of one column a variable and `status`, published or suppressed.
    pub fixed: Option<String>,
    /// Seconds to search at most.
    #[schemars(range(min = 1, max = 604_800))]
    pub time_limit_s: Option<u32>,
    /// Threads that may be used, as many as the machine has where none are named; the result does not depend on it.
    #[schemars(range(min = 1, max = 1_024))]
    pub threads: Option<u32>,
    /// Seed of the search; this version draws nothing.
    pub seed: Option<u64>,
}

/// All that was ever said to an audience these readers can reach.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct History {
    /// Folders that `protect` wrote.
    pub releases: Option<Vec<String>>,
}

/// What stands in place of hidden values.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Output {
    /// `ranges` unless said otherwise.
    #[schemars(extend("enum" = ["blanks", "ranges", "rounding"]))]
    pub method: Option<String>,
    /// Base of rounding.
    pub base: Option<Number>,
    /// File of capacities with which the report compares what readers learn: one column a variable and `capacity`.
    pub capacity: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use intake::spec::Specification;

    use super::*;

    const FIGURES: &str = r#"
schema = "tearline-spec/1"
title = "EXERCISE"
[figures]
file = "f.csv"
sheet = "s"
contributor = "c"
value = "v"
decimals = 1
unit = "u"
unit_column = "uc"
whole_units = ["piece"]
holding = "h"
waiver = "w"
vintage = "n"
contributors = ["A", "B"]
repeated = "sum"
domain = [0, 10]
[[variable]]
name = "x"
codes = "x.csv"
[[table]]
variables = ["x"]
[[unit_conversion]]
from = "a"
to = "b"
factor = 12
[rule]
p = 10
q = 100
pooling = 1
dominance = [{ n = 1, k = 85 }]
minimum_frequency = 3
zero = true
[guarantee]
p = 10
floor = 0
two_sided = false
families = ["cells", "deltas", "relations", "derivable"]
[[attacker]]
id = "X"
members = ["A"]
[[attacker]]
id = "Y"
members_from = { file = "e.csv", below = "EU" }
[search]
weight = "value"
fixed = "fixed.csv"
time_limit_s = 60
threads = 2
seed = 1
[history]
releases = ["../before"]
[output]
method = "rounding"
base = 5
capacity = "capacity.csv"
"#;

    const CELLS: &str = r#"
schema = "tearline-spec/1"
title = "EXERCISE"
[cells]
file = "f.csv"
sheet = "s"
value = "v"
primary = "p"
lower = "l"
upper = "u"
count = "n"
decimals = 1
unit = "t"
[[variable]]
name = "x"
codes = "x.csv"
"#;

    /// The keys that the schema knows, by section; `""` is the top.
    fn keys() -> BTreeMap<String, Vec<String>> {
        let schema = crate::document::schema_of::<Spec>();
        let properties = |schema: Option<&serde_json::Value>| {
            let properties =
                schema.and_then(|schema| schema.get("properties")).and_then(|found| found.as_object());
            properties.into_iter().flat_map(|found| found.keys().cloned()).collect::<Vec<String>>()
        };
        let definitions = schema.get("$defs").and_then(|found| found.as_object());
        let sections = definitions
            .into_iter()
            .flatten()
            .map(|(name, section)| (name.clone(), properties(Some(section))));
        sections.chain([(String::new(), properties(Some(schema.as_value())))]).collect()
    }

    /// Whether a key stands in a text, at the beginning of a line, of a section or inside braces.
    fn has(text: &str, key: &str) -> bool {
        text.lines().any(|line| {
            let line = line.trim_start_matches('[');
            line.starts_with(&format!("{key} ="))
                || line.starts_with(&format!("{key}]"))
                || line.contains(&format!(" {key} ="))
        })
    }

    #[test]
    fn intake_takes_every_key_of_the_schema_and_knows_no_other() {
        for text in [FIGURES, CELLS] {
            let read = Specification::parse("spec.toml", text.as_bytes());
            assert!(read.is_ok(), "{}", read.err().unwrap());
        }
        let keys = keys();
        assert!(keys.len() > 10, "{keys:?}");
        for (section, keys) in &keys {
            for key in keys {
                assert!(has(FIGURES, key) || has(CELLS, key), "{section}: {key}");
            }
        }
        let known: Vec<&String> = keys.values().flatten().collect();
        for line in [FIGURES, CELLS].iter().flat_map(|text| text.lines()) {
            let key = line.trim_matches(['[', ']']).split(" =").next().unwrap_or_default();
            assert!(key.is_empty() || known.iter().any(|known| *known == key), "{key}");
        }
    }
}
