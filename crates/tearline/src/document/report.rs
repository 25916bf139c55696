//! `report.json`: what was decided about a table, why it is safe, and what it cost; for the office that answers
//! for the release. `report.html` shows the same facts.
//!
//! Which hidden cells are primary is not said, only how many there are. Codes, titles and units are those of the
//! specification's files.

use schemars::JsonSchema;
use serde::Serialize;

use super::Code;
use super::error::NoteLines;

/// The document's schema.
pub const SCHEMA: &str = "tearline-report/1";

/// The banner of a report nobody gave a marking for.
pub const MARKING_DEFAULT: &str = "INTERNAL: HANDLE AS THE FIGURES IT WAS MADE FROM";

/// The report of one release.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Title of the specification.
    pub title: String,
    /// Banner of every page.
    pub marking: String,
    /// Units of the cells, in the order they occur first; empty where none is declared.
    pub units: Vec<String>,
    /// Digits after the point of every figure.
    pub decimals: u32,
    /// What stands in place of hidden values.
    #[schemars(extend("enum" = ["blanks", "ranges", "rounding"]))]
    pub method: &'static str,
    /// What is said of the cells, all together.
    pub shown: Shown,
    /// The same by level of each variable.
    pub variables: Vec<VariableReport>,
    /// What readers do not get.
    pub lost: Lost,
    /// How many cells a rule hides, and how many protect those.
    pub hidden: Hidden,
    /// How the search went; absent where nothing is hidden because everything is rounded.
    pub search: Option<SearchReport>,
    /// What rounding did to the table, where it is rounded.
    pub rounding: Option<RoundingReport>,
    /// How much of the figures readers can use.
    pub utility: Utility,
    /// Why the release is safe.
    pub proof: ProofReport,
    /// What it was made from.
    pub inputs: InputsReport,
    /// Digests of what was written.
    pub outputs: Vec<OutputFile>,
    /// Holds and warnings of the input.
    pub notes: NoteLines,
    /// Where cells are hidden.
    pub heat_map: HeatMap,
    /// What is said over the years, where a variable is one of years.
    pub demand: Option<Demand>,
}

/// What is said of a group of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Shown {
    /// Cells with a figure; other code combinations are zeros that everybody knows.
    pub cells: u64,
    /// Shown exactly.
    pub exact: u64,
    /// Shown rounded, with the range that follows from the base.
    pub rounded: u64,
    /// Shown as a range.
    pub ranges: u64,
    /// Of the ranges, those without an upper end.
    pub open_ranges: u64,
    /// Not shown.
    pub blanks: u64,
}

/// One variable, level by level.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VariableReport {
    /// Its name.
    pub variable: String,
    /// Its codes.
    pub codes: u64,
    /// From the top.
    pub levels: Vec<LevelReport>,
}

/// One level of a variable.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LevelReport {
    /// 0 at the top.
    pub level: u32,
    /// Codes at this level.
    pub codes: u64,
    /// The first of them.
    pub example: String,
    /// What is said of all cells at these codes.
    pub shown: Shown,
}

/// What readers do not get, in parts of a thousand, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Lost {
    /// Share of all cells that is not shown exactly.
    pub cells_permille: u64,
    /// Cells that nothing breaks down further: at the lowest codes of every variable, or of those that a linked
    /// table crosses.
    pub finest_cells: u64,
    /// Of these, not shown exactly.
    pub finest_hidden: u64,
    /// The same as a share.
    pub finest_cells_permille: u64,
    /// Share of the value at the lowest codes that stands in cells not shown exactly.
    pub finest_value_permille: u64,
}

/// How many cells are hidden, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Hidden {
    /// By a rule.
    pub primary: u64,
    /// To protect those.
    pub secondary: u64,
}

/// How the search went.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SearchReport {
    /// What hiding a cell costs.
    #[schemars(extend("enum" = ["value", "count", "log", "column"]))]
    pub weight: &'static str,
    /// Summed weight of the secondaries.
    pub secondaries_weight: String,
    /// No safe pattern has a smaller weight; `internal/bound.json` says why.
    pub bound: String,
    /// Share of the weight that lies above the bound, in per cent with two decimals, rounded up.
    pub gap: String,
    /// Seconds until the first safe pattern stood, with three decimals: the one field that differs from run to run.
    pub first_certified_s: String,
    /// Why the search ended.
    #[schemars(extend("enum" = [
        "finished", "proven optimal", "good enough", "work limit", "time limit", "cancelled"
    ]))]
    pub stopped: &'static str,
    /// Seconds it might have taken.
    pub time_limit_s: u32,
    /// Candidate cells looked at.
    pub work: u64,
}

/// What rounding did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RoundingReport {
    /// What every published value is a multiple of, in the declared scale.
    pub base: String,
    /// How far a true value may lie from the published one.
    pub window: String,
    /// Whether every cell moved by less than the base; otherwise by less than twice the base.
    pub zero_restricted: bool,
    /// Who the table withstands: attackers, each outsider and coalition counted once.
    pub attackers: u64,
    /// Cells that are published as they are.
    pub unmoved: u64,
    /// Mean distance of published from true values over all cells, in the declared scale with three decimals more,
    /// rounded up.
    pub mean_deviation: String,
    /// The greatest of these distances.
    pub greatest_deviation: String,
    /// Mean of the distance as a share of the true value, over cells above zero, in parts of a thousand, rounded up.
    pub mean_relative_permille: u64,
    /// The same by how many levels the cell stands above the lowest codes, all variables together.
    pub by_height: Vec<HeightDeviation>,
}

/// Movement of the cells of one height.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HeightDeviation {
    /// Levels above the lowest codes below the cell, added up over the variables: 0 at the finest level.
    pub height: u32,
    /// Cells of that height.
    pub cells: u64,
    /// Mean distance.
    pub mean_deviation: String,
    /// Mean distance as a share of the value, in parts of a thousand, rounded up.
    pub mean_relative_permille: u64,
}

/// How much of the figures readers can use (adversary model in docs/METHOD.md, "Utility").
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Utility {
    /// Shares of cells and of their value, by how many levels a cell stands above the lowest codes.
    pub by_height: Vec<HeightShown>,
    /// Rows over the years that readers can follow, where a variable is one of years.
    pub paths: Option<Paths>,
    /// Mean width of the ranges as a share of the true value, over ranges with an upper end and a value above zero,
    /// in parts of a thousand, rounded up; absent without any.
    pub mean_range_width_permille: Option<u64>,
    /// Cells whose demand readers can compare with a declared capacity, where any is declared.
    pub decisions: Option<Decisions>,
}

/// What is said of the cells of one height, and of the value in them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HeightShown {
    /// Levels above the lowest codes below the cell, added up over the variables: 0 at the finest level.
    pub height: u32,
    /// What is said of the cells.
    pub shown: Shown,
    /// Share of the cells' value that is shown exactly, in parts of a thousand.
    pub exact_value_permille: u64,
    /// Rounded.
    pub rounded_value_permille: u64,
    /// In ranges.
    pub range_value_permille: u64,
    /// In blanks: the rest, so that the four are 1000.
    pub blank_value_permille: u64,
}

/// Rows over the years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Paths {
    /// Code tuples of the other variables that have a cell in some year.
    pub paths: u64,
    /// Of these, with every year exact, or in a range whose ends lie within ten per cent of the true value.
    pub complete: u64,
    /// Paths at the lowest codes of all other variables.
    pub finest: u64,
    /// Of these, complete.
    pub finest_complete: u64,
}

/// Comparisons of demand with declared capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Decisions {
    /// Capacities declared.
    pub capacities: u64,
    /// Readers know that demand is above it.
    pub above: u64,
    /// Readers know that demand is not above it; where the table has no cell, demand is a zero that everybody knows.
    pub within: u64,
    /// Readers cannot tell.
    pub open: u64,
}

/// What the exact checker found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProofReport {
    /// The checker's verdict; without it there is no report.
    #[schemars(extend("enum" = ["accepted"]))]
    pub verdict: &'static str,
    /// Requirements, one a sensitive cell and direction, all proved.
    pub requirements: u64,
    /// Alternative whole-number tables that prove them.
    pub worlds: u64,
    /// Cells in which these differ from the true table, all together.
    pub deviations: u64,
    /// Who cannot learn too much, where the specification declares attackers or a guarantee; otherwise an outsider.
    pub attackers: Option<AttackersReport>,
}

/// Whom a release was proved safe from, and what was promised.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AttackersReport {
    /// The outsider, each contributor or holding alone, and groups of them.
    pub count: u64,
    /// Groups that were declared, with how many members each has.
    pub declared: Vec<DeclaredAttacker>,
    /// How many of which any may pool what they know: 1 is each alone.
    pub pooling: u64,
    /// Per cent that each interval reaches past the truth.
    pub p: String,
    /// The least that it reaches past the truth.
    pub floor: String,
    /// Whether it reaches below the truth as well.
    pub two_sided: bool,
}

/// A declared attacker.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeclaredAttacker {
    /// Its name.
    pub id: String,
    /// Its members.
    pub members: u64,
}

/// What a release was made from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InputsReport {
    /// SHA-256 over the lines of hexadecimal digests below, each ended by a line feed.
    pub sha256: String,
    /// The specification, then the files in the order they were read.
    pub files: Vec<InputFile>,
}

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InputFile {
    /// As the specification names it.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// One file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OutputFile {
    /// Its path below the folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// A code as it stands in a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FigureCode {
    /// The code.
    pub code: String,
    /// Its title; the code again where it has none.
    pub title: String,
    /// Levels above it.
    pub level: u32,
}

/// What is said of one place of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// The value.
    Exact,
    /// A range.
    Range,
    /// A rounded value with its range.
    Rounded,
    /// Nothing.
    Blank,
    /// There is no cell: a zero that everybody knows.
    Zero,
}

/// Two variables crossed; each place also stands for the cells below it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HeatMap {
    /// Variable of the rows.
    pub row_variable: String,
    /// Variable of the columns; absent in tables of one variable.
    pub column_variable: Option<String>,
    /// Codes of the other variables at which the places themselves stand.
    pub at: Vec<Code>,
    /// Rows, each code above those it sums.
    pub rows: Vec<FigureCode>,
    /// Columns.
    pub columns: Vec<FigureCode>,
    /// One list a row, one place a column.
    pub places: Vec<Vec<HeatPlace>>,
    /// Codes that are not drawn, in rows and columns.
    pub codes_left_out: u64,
}

/// One place of a heat map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeatPlace {
    /// What is said of the place itself.
    pub said: Said,
    /// Cells at and below it, across all codes of the other variables.
    pub cells: u64,
    /// Of these, not shown exactly.
    pub hidden: u64,
}

/// What is said over the years, code by code.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Demand {
    /// The variable of years.
    pub year_variable: String,
    /// The variable whose codes have a panel each; absent in tables of years alone.
    pub panel_variable: Option<String>,
    /// Codes of the other variables.
    pub at: Vec<Code>,
    /// The years, ascending.
    pub years: Vec<String>,
    /// One a code.
    pub panels: Vec<DemandPanel>,
    /// Codes without a panel.
    pub panels_left_out: u64,
}

/// One code over the years.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DemandPanel {
    /// The code.
    pub code: FigureCode,
    /// Its unit; empty where none is declared.
    pub unit: String,
    /// One a year.
    pub points: Vec<DemandPoint>,
}

/// What is said of one code in one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DemandPoint {
    /// What kind of statement.
    pub said: Said,
    /// The value, where it is said.
    pub value: Option<String>,
    /// Lower end of a range.
    pub low: Option<String>,
    /// Upper end of a range that has one.
    pub high: Option<String>,
}
