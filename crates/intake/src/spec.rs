//! The specification of a release: schema `tearline-spec/1`, a TOML file.
//!
//! It says where the figures are, how they break down, which rules and attackers hold, and what leaves the
//! house. Reading is strict: an unknown key is refused with the nearest known one, and every fault of the file is
//! listed. Parameters are read from their decimal text, never through a float: 0.1 is one tenth.

use disclosure::Ratio;
use disclosure::block::{Spanning, VariableSet};
pub use disclosure::guarantee::{Family, Guarantee};
use disclosure::hierarchy::Hierarchy;
use disclosure::rule::Rules;

use crate::fault::{FaultList, Faults, Notes};

mod read;
mod sections;

/// The schema this crate reads.
pub const SCHEMA: &str = "tearline-spec/1";

/// A whole specification.
#[derive(Clone, Debug)]
pub struct Specification {
    /// What the release is called.
    pub title: String,
    /// Where the figures are.
    pub source: Source,
    /// The spanning variables, in the order of the table.
    pub variables: Vec<Variable>,
    /// Linked tables, each the places of the variables it crosses; none is one table of all variables.
    pub tables: Vec<VariableSet>,
    /// Primary rules that stand together.
    pub rules: Rules,
    /// The guarantee against declared attackers; `None` is the classical problem.
    pub guarantee: Option<Guarantee>,
    /// How many units may pool what they know, any of them: 1 is each alone.
    pub pooling: usize,
    /// Attackers beside the outsider and each contributor alone.
    pub attackers: Vec<Attacker>,
    /// How the search goes about it.
    pub search: Search,
    /// Folders of earlier releases that the readers may hold.
    pub history: Vec<String>,
    /// What is written in place of blanks.
    pub method: Method,
    /// File of declared capacities, with which the report compares what readers learn.
    pub capacity: Option<String>,
}

/// Contributions, or cells already summed.
#[derive(Clone, Debug)]
pub enum Source {
    /// One row a contribution.
    Figures(Figures),
    /// One row a cell, summed and flagged elsewhere.
    Cells(Cells),
}

/// `[figures]`: one row a contribution.
#[derive(Clone, Debug)]
pub struct Figures {
    /// File name relative to the specification.
    pub file: String,
    /// Sheet of a workbook; the first when not named.
    pub sheet: Option<String>,
    /// Column of the contributor.
    pub contributor: String,
    /// Column of the figure.
    pub value: String,
    /// Digits after the point that a figure may have.
    pub decimals: u32,
    /// The unit of all figures.
    pub unit: Option<String>,
    /// Column of the unit.
    pub unit_column: Option<String>,
    /// Units that are counted: figures in them are whole whatever `decimals` says.
    pub whole_units: Vec<String>,
    /// Column of the holding that the contributor belongs to.
    pub holding: Option<String>,
    /// Column that says whether the contributor waives its protection.
    pub waiver: Option<String>,
    /// Column of the vintage; the latest stands.
    pub vintage: Option<String>,
    /// Who may contribute; anybody when not declared.
    pub contributors: Option<Roster>,
    /// What several rows of one contributor at the same codes mean.
    pub repeated: Repeated,
    /// Public bounds of every figure, in whole units of the scale; without them figures are at least 0.
    pub domain: Option<(i64, i64)>,
    /// Declared conversions between units.
    pub conversions: Vec<UnitConversion>,
}

/// Who may contribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roster {
    /// Named in the specification.
    Listed(Vec<String>),
    /// A file with a column `code`, or its first column, and optionally `title`.
    File(String),
}

/// What several rows of one contributor at the same codes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// A mistake. The default where contributors are declared: allies deposit one figure a cell.
    Reject,
    /// Parts to be added up, with a warning. The default otherwise: statistical microdata.
    Sum,
}

/// One unit in terms of another, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitConversion {
    /// The unit of the record.
    pub from: String,
    /// The unit of the table.
    pub to: String,
    /// How many of `to` one of `from` is.
    pub factor: Ratio,
}

/// `[cells]`: a table already summed and flagged.
#[derive(Clone, Debug)]
pub struct Cells {
    /// File name relative to the specification.
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
    pub decimals: u32,
    /// The unit of all cells.
    pub unit: Option<String>,
}

/// `[[variable]]`: a spanning variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name, which is the column's.
    pub name: String,
    /// The file of its codes.
    pub codes: String,
}

/// `[[attacker]]`: several contributors pooling what they know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attacker {
    /// Its name.
    pub id: String,
    /// Who pools.
    pub members: Members,
    /// Line of its declaration in the specification.
    pub line: u64,
}

/// Who pools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Members {
    /// Named.
    Listed(Vec<String>),
    /// The lowest codes below a code of a code list.
    Below {
        /// The code list.
        file: String,
        /// The code above them.
        code: String,
    },
}

/// `[search]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What a blank costs.
    pub weight: Weight,
    /// File of cells that earlier releases settled.
    pub fixed: Option<String>,
    /// Seconds to search at most.
    pub time_limit_s: u32,
    /// Threads to use; as many as the machine has where none are named.
    pub threads: Option<u32>,
    /// Seed of the search.
    pub seed: u64,
}

impl Default for Search {
    fn default() -> Self {
        Self { weight: Weight::Value, fixed: None, time_limit_s: 60, threads: None, seed: 1 }
    }
}

/// What a blank costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The value of the cell.
    Value,
    /// One.
    Count,
    /// The logarithm of the value.
    Log,
    /// A column of the file, added up over the records of a cell.
    Column(String),
}

/// `[output]`: what is written in place of a hidden value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Nothing.
    Blanks,
    /// The range that anybody can work out.
    Ranges,
    /// All values are rounded to a base, in whole units of the scale.
    Rounding {
        /// The base.
        base: i64,
    },
}

impl Specification {
    /// Reads a specification; `name` is what faults call the file.
    ///
    /// ```
    /// let text = br#"
    /// schema = "tearline-spec/1"
    /// title = "demand"
    /// [figures]
    /// file = "figures.csv"
    /// contributor = "ally"
    /// value = "quantity"
    /// unit = "piece"
    /// [[variable]]
    /// name = "year"
    /// codes = "years.csv"
    /// [rule]
    /// p = 12.5
    /// "#;
    /// let (spec, notes) = intake::spec::Specification::parse("spec.toml", text)?;
    /// assert_eq!(spec.rules.p.unwrap().p.to_string(), "25/2");
    /// assert!(notes.warnings.is_empty());
    /// # Ok::<(), intake::fault::Faults>(())
    /// ```
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<(Self, Notes), Faults> {
        let mut faults = FaultList::default();
        let specification = Self::parse_into(name, bytes, &mut faults);
        let notes = faults.finish()?;
        // Without a rejecting fault every part was there.
        specification.map(|specification| (specification, notes)).ok_or_else(Faults::default)
    }

    pub(crate) fn parse_into(name: &str, bytes: &[u8], faults: &mut FaultList) -> Option<Self> {
        sections::specification(name, bytes, faults)
    }

    /// Digits after the point of every figure.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        match &self.source {
            Source::Figures(figures) => figures.decimals,
            Source::Cells(cells) => cells.decimals,
        }
    }

    /// What the table spans: these variables, crossed as `[[table]]` says.
    #[must_use]
    pub fn spanning(&self, hierarchies: Vec<Hierarchy>) -> Spanning {
        // A specification that was read has sound sets; without any there is one table.
        Spanning::linked(hierarchies.clone(), &self.tables).unwrap_or_else(|_| hierarchies.into())
    }

    /// The file of the figures.
    #[must_use]
    pub fn file(&self) -> &str {
        match &self.source {
            Source::Figures(figures) => &figures.file,
            Source::Cells(cells) => &cells.file,
        }
    }
}
