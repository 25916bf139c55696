//! `suggestions.json`: breakdowns that may be published, side by side; also what `tearline suggest --json` prints.
//!
//! For those who hold the figures: which breakdown is safe depends on them. Nothing in it is a figure, only shares of
//! cells and of the value.

use schemars::JsonSchema;
use serde::Serialize;

use super::error::NoteLines;
use super::report::InputsReport;

/// The document's schema.
pub const SCHEMA: &str = "tearline-suggestions/1";

/// What `suggest` found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Suggestions {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Title of the specification.
    pub title: String,
    /// Banner of every page.
    pub marking: String,
    /// Names of the spanning variables.
    pub variables: Vec<String>,
    /// Attackers that every atom must withstand: the outsider, each unit alone, those declared.
    pub attackers: u64,
    /// Units with a record that every attacker must face in the structural alternative.
    pub least_outsiders: u32,
    /// Cells of all levels that have a record.
    pub cells: u64,
    /// Of these, cells that may not be published.
    pub sensitive: u64,
    /// The same at each combination of levels.
    pub levels: Vec<LevelCounts>,
    /// Combinations of levels that are not listed.
    pub levels_left_out: u64,
    /// Complete breakdowns first, the one that shows most at the top.
    pub alternatives: Vec<Alternative>,
    /// Holds and warnings of the input.
    pub notes: NoteLines,
    /// What it was made from.
    pub inputs: InputsReport,
}

/// All cells at one level of each variable.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LevelCounts {
    /// One a variable; 0 is the top. A branch that ends above its level counts at its end.
    pub levels: Vec<u32>,
    /// Cells with a record.
    pub cells: u64,
    /// Of these, may not be published.
    pub sensitive: u64,
}

/// What an alternative is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Each branch is cut along the variable that shows most there; siblings too small to be shown stand in sum.
    BranchesWithRemainders,
    /// Each branch is cut along the variable that shows most there.
    Branches,
    /// A cut through one variable, in each of its branches a cut through the next.
    Nested,
    /// One level of each variable for the whole table.
    Levels,
    /// Decided by who has records alone, not by figures.
    Structural,
    /// One level of each variable, a little too fine: `protect` hides cells.
    LevelsWithBlanks,
    /// As specified: `protect` hides cells.
    AsAsked,
}

/// One alternative, ready for `protect`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Alternative {
    /// Its folder below the one that was written.
    pub folder: String,
    /// What it is.
    pub kind: Kind,
    /// The variables from the outermost, where their order was given.
    pub order: Vec<String>,
    /// The level of each variable, where there is one for the whole table.
    pub levels: Vec<u32>,
    /// Whether choosing it depends on figures.
    pub data_dependent: bool,
    /// Its finest cells.
    pub atoms: u64,
    /// Of its cells, those that may not be published: `protect` hides at least so many.
    pub sensitive: u64,
    /// What `protect` hid when it was tried; absent where the table is large or asks for more than `protect` takes.
    pub hidden: Option<u64>,
    /// Cells of the specified table, at all levels, that are shown or follow. At most so many where cells are sensitive
    /// and it is not known how many are hidden, and in the structural alternative with blanks.
    pub shown: u64,
    /// What that is worth of everything, in parts of a thousand, rounded down; with blanks, at most.
    pub utility_permille: u64,
    /// Cells shown beyond the next alternative in the list, where neither needs a blank.
    pub gives_back: Option<i64>,
    /// The same at each combination of levels, in the order of the document's list.
    pub by_level: Vec<LevelShown>,
    /// Paths over the years.
    pub paths: Option<Paths>,
    /// Totals of which nothing can be shown.
    pub withheld: Vec<String>,
    /// Cells that follow although no branch names them, such as a column that all branches share.
    pub implied: Vec<String>,
    /// Such cells that are not listed.
    pub implied_left_out: u64,
    /// What is shown, branch by branch; empty where one level holds for the whole table.
    pub branches: Vec<BranchDocument>,
}

/// What is shown of the cells at one level of each variable.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct LevelShown {
    /// Cells shown.
    pub shown: u64,
    /// Share of the value in them, in parts of a thousand, rounded down.
    pub value_permille: u64,
}

/// Paths over the years: codes of the other variables with every year shown.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Paths {
    /// Complete ones, at all levels.
    pub complete: u64,
    /// All.
    pub paths: u64,
}

/// A part of a breakdown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BranchDocument {
    /// Its code in the combined variable.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The variable along which it is broken down; absent where it is not.
    pub along: Option<String>,
    /// Codes that a remainder sums.
    pub remainder: Vec<String>,
    /// What it is broken down into.
    pub parts: Vec<BranchDocument>,
}
