//! Every trouble a file can have, with its code, severity, message and advice.

use std::fmt;

use disclosure::Figure;

use super::Severity;

/// Why an attacker cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttackerTrouble {
    /// A member that is not a contributor.
    UnknownMember {
        /// The member.
        member: String,
        /// Known contributors like it.
        near: Vec<String>,
    },
    /// No member at all.
    Empty,
    /// All contributors: nobody is left to be protected.
    Everyone,
    /// The code below which its members stand is not in the file.
    UnknownGroup {
        /// The code.
        code: String,
        /// Known codes like it.
        near: Vec<String>,
    },
    /// Another attacker has the same id.
    SameId,
}

impl AttackerTrouble {
    fn advice(&self) -> String {
        match self {
            Self::UnknownMember { near, .. } => near_advice(near, "declare it among the contributors"),
            Self::UnknownGroup { near, .. } => near_advice(near, "add it to the code list"),
            Self::Empty => "name its members; the outsider is always there".to_owned(),
            Self::Everyone => {
                "leave out at least one contributor: an attacker holding everyone has no victim".to_owned()
            }
            Self::SameId => "rename one of the two".to_owned(),
        }
    }
}

impl fmt::Display for AttackerTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownMember { member, near } => {
                write!(f, "has the member `{member}`, who is not a contributor{}", Near(near))
            }
            Self::Empty => f.write_str("has no member"),
            Self::Everyone => f.write_str("has every contributor as a member"),
            Self::UnknownGroup { code, near } => {
                write!(f, "takes its members from `{code}`, which is not a code there{}", Near(near))
            }
            Self::SameId => f.write_str("is declared twice"),
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// A file that is named but not there.
    FileMissing,
    /// A file that its reader refuses.
    FileUnreadable {
        /// What it was taken for.
        format: &'static str,
    },
    /// A sheet that is not in the workbook.
    SheetMissing {
        /// The sheet looked for.
        sheet: String,
        /// The sheets there are.
        found: Vec<String>,
    },
    /// A bound of [`crate::limits`] is passed.
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The most that is taken.
        limit: u64,
    },
    /// Text in another encoding.
    NotUtf8 {
        /// Position of the first wrong byte, from 0.
        offset: u64,
    },
    /// Quotes against RFC 4180.
    BadQuoting,
    /// A row of another width than the header.
    WrongWidth {
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// A file without a header.
    NoHeader,
    /// A file with a header only.
    NoRecords,
    /// A declared column is not in the header.
    ColumnMissing {
        /// The column looked for.
        column: String,
        /// The columns there are.
        found: Vec<String>,
        /// All columns looked for.
        expected: Vec<String>,
    },
    /// Two columns of one name.
    ColumnTwice {
        /// The column.
        column: String,
    },
    /// A specification that is not TOML.
    BadToml {
        /// What the TOML parser says.
        reason: String,
    },
    /// A specification of another schema.
    WrongSchema {
        /// The schema named.
        found: String,
    },
    /// A key that the specification does not have.
    KeyUnknown {
        /// The key.
        key: String,
        /// Known keys like it.
        near: Vec<String>,
    },
    /// A key that must be there.
    KeyMissing {
        /// The key.
        key: String,
    },
    /// Two keys of which only one may stand.
    KeysConflict {
        /// One key.
        one: String,
        /// The other.
        other: String,
    },
    /// A value of another type.
    WrongType {
        /// What is expected.
        expected: &'static str,
        /// What was found.
        found: &'static str,
    },
    /// A parameter out of its bounds.
    BadParameter {
        /// The value.
        found: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A p of zero.
    ZeroParameter,
    /// Nothing is to be protected.
    NoRule,
    /// An attacker that cannot be.
    AttackerBad {
        /// The attacker.
        id: String,
        /// Why.
        why: AttackerTrouble,
    },
    /// A member of an attacker without a record; it adds nothing if it is spelt right.
    MemberWithoutRecord {
        /// The attacker.
        id: String,
        /// The member.
        member: String,
    },
    /// A code outside the tree.
    OrphanCode {
        /// The code.
        code: String,
        /// The parent that is not there.
        parent: Option<String>,
        /// Known codes like the parent.
        near: Vec<String>,
    },
    /// Codes above each other.
    HierarchyCycle {
        /// Each code stands above the next, the last is the first again.
        cycle: Vec<String>,
    },
    /// A code that would count twice.
    CodeInTwoParents {
        /// The code.
        code: String,
        /// One parent.
        first: String,
        /// The other.
        second: String,
    },
    /// The same code and parent twice.
    DuplicateCode {
        /// The code.
        code: String,
        /// Where it stood first.
        first_line: u64,
    },
    /// An empty code.
    CodeMissing,
    /// Two code lists with units.
    UnitListsTwo {
        /// One variable.
        first: String,
        /// The other.
        second: String,
    },
    /// A code without a unit in a list with units.
    UnitMissing {
        /// The code.
        code: String,
    },
    /// Different units under one total.
    MixedUnits {
        /// The total.
        parent: String,
        /// The units below it.
        units: Vec<String>,
    },
    /// A record in another unit than its code's.
    UnitMismatch {
        /// The unit of the record.
        found: String,
        /// The unit that is due.
        expected: String,
    },
    /// A code of one version of a list that the other version knows nothing of.
    UnmappedCode {
        /// The variable.
        variable: String,
        /// The code.
        code: String,
    },
    /// A declared conversion was applied.
    UnitConverted {
        /// The unit of the record.
        from: String,
        /// The unit of the table.
        to: String,
        /// What one of the first is in the second.
        factor: String,
        /// The figure as given, in the scale of the table.
        before: Figure,
        /// The figure taken.
        after: Figure,
    },
    /// A code that is not in the code list.
    UnknownCode {
        /// The variable.
        variable: String,
        /// The code.
        code: String,
        /// Known codes like it.
        near: Vec<String>,
    },
    /// A record at a total.
    NotALeaf {
        /// The variable.
        variable: String,
        /// The code.
        code: String,
    },
    /// A contributor that is not declared.
    UnknownContributor {
        /// The contributor.
        contributor: String,
        /// Known contributors like it.
        near: Vec<String>,
    },
    /// A record of nobody.
    ContributorMissing,
    /// A contributor in two holdings.
    TwoHoldings {
        /// The contributor.
        contributor: String,
        /// Where it had the other holding.
        first_line: u64,
    },
    /// A waiver in some rows of a contributor.
    PartialWaiver {
        /// The contributor.
        contributor: String,
    },
    /// The same record twice.
    DuplicateRecord {
        /// Where it stood first.
        first_line: u64,
    },
    /// Rows of one contributor in one cell.
    RepeatedRows {
        /// How many rows were added to an earlier one.
        rows: u64,
    },
    /// Neither a figure nor zero.
    MissingValue,
    /// A negative figure without declared bounds.
    NegativeValue,
    /// A fraction of something counted.
    NotWhole,
    /// More decimals than declared.
    TooManyDecimals {
        /// The declared number.
        decimals: u32,
    },
    /// Not a number.
    NotANumber {
        /// The text, where it has no digit.
        text: String,
    },
    /// Thousands separators.
    AmbiguousNumber,
    /// A figure that the file itself cannot hold exactly.
    InexactNumber,
    /// A figure past a limit.
    OutOfRange {
        /// The lowest allowed.
        low: String,
        /// The highest allowed.
        high: String,
    },
    /// A total past the limit.
    TotalOutOfRange {
        /// The codes of the total.
        cell: String,
        /// The limit.
        limit: String,
    },
    /// Neither yes nor no.
    BadFlag,
    /// Codes of one variable without any record.
    EmptyCategory {
        /// The variable.
        variable: String,
        /// The codes, at least one.
        codes: Vec<String>,
    },
    /// A table of one contributor.
    NothingToProtectWith,
    /// A grand total that a coalition takes apart.
    RootSensitive {
        /// The attacker.
        attacker: String,
        /// Who is exposed.
        contributor: String,
        /// The total.
        cell: String,
    },
    /// The same cell twice.
    CellTwice {
        /// Where it stood first.
        first_line: u64,
    },
    /// A cell whose total is missing.
    MarginMissing {
        /// Along which variable.
        variable: String,
        /// The code above.
        parent: String,
    },
    /// A margin that is not the sum of its parts.
    NotAdditive {
        /// The total and its parts.
        relation: String,
        /// The total as given.
        total: Figure,
        /// What its parts add up to.
        sum: Figure,
    },
    /// A flagged cell without a level.
    LevelMissing,
    /// An unknown status.
    BadStatus {
        /// The word.
        found: String,
        /// The words that are.
        allowed: &'static str,
    },
    /// A cell that no linked table has.
    OutsideTables,
    /// Neither a cost nor `never`.
    BadCost,
    /// A hidden cell that the table does not have.
    UnknownCell,
}

impl Trouble {
    /// What follows from it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::ZeroParameter
            | Self::NoRule
            | Self::MemberWithoutRecord { .. }
            | Self::PartialWaiver { .. }
            | Self::RepeatedRows { .. }
            | Self::EmptyCategory { .. } => Severity::Warn,
            Self::UnitConverted { .. }
            | Self::UnmappedCode { .. }
            | Self::MissingValue
            | Self::NothingToProtectWith
            | Self::RootSensitive { .. } => Severity::Hold,
            _ => Severity::Reject,
        }
    }

    /// Its code, part of the interface.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FileMissing => "file-missing",
            Self::FileUnreadable { .. } => "unreadable-file",
            Self::SheetMissing { .. } => "sheet-missing",
            Self::TooLarge { .. } => "too-large",
            Self::NotUtf8 { .. } => "not-utf8",
            Self::BadQuoting => "bad-quoting",
            Self::WrongWidth { .. } => "wrong-width",
            Self::NoHeader => "empty-file",
            Self::NoRecords => "no-records",
            Self::ColumnMissing { .. } => "missing-column",
            Self::ColumnTwice { .. } => "duplicate-column",
            Self::BadToml { .. } => "bad-toml",
            Self::WrongSchema { .. } => "wrong-schema",
            Self::KeyUnknown { .. } => "unknown-key",
            Self::KeyMissing { .. } => "missing-key",
            Self::KeysConflict { .. } => "conflicting-keys",
            Self::WrongType { .. } => "wrong-type",
            Self::BadParameter { .. } | Self::ZeroParameter => "bad-parameter",
            Self::NoRule => "no-rule",
            Self::AttackerBad { .. } => "bad-attacker",
            Self::MemberWithoutRecord { .. } => "unknown-member",
            Self::OrphanCode { .. } => "orphan-code",
            Self::HierarchyCycle { .. } => "hierarchy-cycle",
            Self::CodeInTwoParents { .. } => "code-in-two-parents",
            Self::DuplicateCode { .. } => "duplicate-code",
            Self::CodeMissing => "missing-code",
            Self::UnitListsTwo { .. } => "two-unit-lists",
            Self::UnitMissing { .. } => "missing-unit",
            Self::MixedUnits { .. } => "mixed-units",
            Self::UnitMismatch { .. } => "unit-mismatch",
            Self::UnitConverted { .. } => "unit-converted",
            Self::UnmappedCode { .. } => "unmapped-code",
            Self::UnknownCode { .. } => "unknown-code",
            Self::NotALeaf { .. } => "not-a-leaf",
            Self::UnknownContributor { .. } => "unknown-contributor",
            Self::ContributorMissing => "missing-contributor",
            Self::TwoHoldings { .. } => "two-holdings",
            Self::PartialWaiver { .. } => "partial-waiver",
            Self::DuplicateRecord { .. } => "duplicate-record",
            Self::RepeatedRows { .. } => "repeated-rows",
            Self::MissingValue => "missing-value",
            Self::NegativeValue => "negative-value",
            Self::NotWhole => "not-whole",
            Self::TooManyDecimals { .. } => "too-many-decimals",
            Self::NotANumber { .. } => "not-a-number",
            Self::AmbiguousNumber => "ambiguous-number",
            Self::InexactNumber => "inexact-number",
            Self::OutOfRange { .. } | Self::TotalOutOfRange { .. } => "out-of-range",
            Self::BadFlag => "bad-flag",
            Self::EmptyCategory { .. } => "empty-category",
            Self::NothingToProtectWith => "nothing-to-protect-with",
            Self::RootSensitive { .. } => "root-sensitive",
            Self::CellTwice { .. } => "duplicate-cell",
            Self::MarginMissing { .. } => "missing-margin",
            Self::NotAdditive { .. } => "not-additive",
            Self::LevelMissing => "missing-level",
            Self::BadStatus { .. } => "bad-status",
            Self::OutsideTables => "outside-tables",
            Self::BadCost => "bad-cost",
            Self::UnknownCell => "unknown-cell",
        }
    }

    /// What the owner of the file can do.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one line a trouble")]
    pub fn advice(&self) -> String {
        let fixed = match self {
            Self::FileMissing => "put the file beside the specification, or correct its name",
            Self::FileUnreadable { .. } => "save it again from the program that made it, or export it as CSV",
            Self::TooLarge { .. } => "split the file",
            Self::NotUtf8 { .. } => "save the file as UTF-8; with or without a byte order mark",
            Self::BadQuoting => "put the whole field in quotation marks and double those inside it",
            Self::WrongWidth { .. } => "a field that contains a comma must stand in quotation marks",
            Self::NoHeader => "begin the file with the names of its columns",
            Self::NoRecords => "give at least one record",
            Self::ColumnMissing { .. } => "name the columns as the specification does, separated by commas",
            Self::ColumnTwice { .. } => "rename one of the two",
            Self::BadToml { .. } => "correct the line; strings stand in quotation marks",
            Self::WrongSchema { .. } => "write schema = \"tearline-spec/1\"",
            Self::ZeroParameter => "choose p above 0 unless an attacker may come as close as one unit",
            Self::NoRule => "add [rule] or [guarantee]",
            Self::MemberWithoutRecord { .. } => {
                "declare the contributors in [figures] contributors, so that a mistyped member is refused"
            }
            Self::HierarchyCycle { .. } => "give one code of the cycle another parent",
            Self::CodeInTwoParents { .. } => {
                "keep one parent; an overlapping grouping is a variable of its own"
            }
            Self::DuplicateCode { .. } => "remove one of the two lines",
            Self::CodeMissing => "write the code",
            Self::UnitListsTwo { .. } => "keep the unit column in one code list",
            Self::UnitMissing { .. } => "write the unit of the code, or of a code above it",
            Self::MixedUnits { .. } => {
                "give the code list a unit column, so that such totals are left out, or make one table per unit"
            }
            Self::UnitConverted { .. } => {
                "confirm the conversion, or have the originator give the figure in the unit of the table"
            }
            Self::UnmappedCode { .. } => {
                "say what became of the code: keep it as a group of its parts, or below its old total"
            }
            Self::NotALeaf { .. } => {
                "break the figure down to the codes below, or declare the table under [cells]"
            }
            Self::ContributorMissing => "say whose figure it is",
            Self::TwoHoldings { .. } => {
                "a contributor belongs to one holding; write the same in all its rows"
            }
            Self::PartialWaiver { .. } => "write the waiver in all rows of the contributor or in none",
            Self::DuplicateRecord { .. } => {
                "remove one; rows are added up only with repeated = \"sum\", a revision needs a vintage"
            }
            Self::RepeatedRows { .. } => "write repeated = \"reject\" if each contributor has one row a cell",
            Self::MissingValue => "the originator says zero (secret), or removes the row (not applicable)",
            Self::NegativeValue => {
                "concentration rules need figures of at least 0; declare public bounds with domain = [low, high] if the measure has both signs"
            }
            Self::NotWhole => "give whole units, or declare decimals",
            Self::TooManyDecimals { .. } => {
                "figures are never rounded here: declare more decimals or give fewer"
            }
            Self::NotANumber { .. } => {
                "write digits with a point before the decimals, such as 1234.5; leave the field empty if the figure is not known"
            }
            Self::AmbiguousNumber => "write 1000 or 1000.5: no separators, a point before the decimals",
            Self::InexactNumber => "store the column as text, as a decimal or as an integer",
            Self::OutOfRange { .. } => "declare a larger unit or fewer decimals",
            Self::TotalOutOfRange { .. } => "declare a larger unit or fewer decimals",
            Self::BadFlag => "write 1, yes or true, or 0, no or false",
            Self::EmptyCategory { .. } => "nothing if there is none; it is published as zero, not as a blank",
            Self::NothingToProtectWith => "wait for other contributors, or ask for a waiver",
            Self::RootSensitive { .. } => {
                "ask the contributor for a waiver, take coarser groups, or publish rounded"
            }
            Self::CellTwice { .. } => "keep one of the two",
            Self::MarginMissing { .. } => "add the margin: every cell needs its totals",
            Self::NotAdditive { .. } => "correct the margin or its parts; no tolerance is assumed",
            Self::LevelMissing => "write the protection level of every flagged cell",
            Self::BadStatus { allowed, .. } => return format!("write {allowed}"),
            Self::OutsideTables => "remove the line, or add a [[table]] that crosses these variables",
            Self::BadCost => {
                "write a number of at least 0 with at most 6 decimals; under [cells], `never` for a cell that must stay published"
            }
            Self::UnknownCell => {
                "remove the line: cells that are not in the table are zeros that everybody knows"
            }
            Self::SheetMissing { found, .. } => return format!("name one of: {}", found.join(", ")),
            Self::KeyUnknown { near, .. } => return near_advice(near, "remove the key"),
            Self::KeyMissing { key } => return format!("add `{key}`"),
            Self::KeysConflict { one, other } => return format!("keep `{one}` or `{other}`"),
            Self::WrongType { expected, .. } => return format!("write {expected}"),
            Self::BadParameter { allowed, .. } => return format!("choose a value: {allowed}"),
            Self::AttackerBad { why, .. } => return why.advice(),
            Self::OrphanCode { near, .. } => {
                return near_advice(near, "give it a parent; only the root has none");
            }
            Self::UnitMismatch { found, expected } => {
                return format!(
                    "give the figure in `{expected}`, or declare a [[unit_conversion]] from `{found}`"
                );
            }
            Self::UnknownCode { near, .. } => return near_advice(near, "add it to the code list"),
            Self::UnknownContributor { near, .. } => {
                return near_advice(near, "declare it among the contributors");
            }
        };
        fixed.to_owned()
    }

    /// Figures that belong to it; see [`super::Fault::figures`].
    #[must_use]
    pub fn figures(&self) -> Vec<(&'static str, Figure)> {
        match self {
            Self::UnitConverted { before, after, .. } => vec![("given", *before), ("taken", *after)],
            Self::NotAdditive { total, sum, .. } => vec![("total", *total), ("sum of its parts", *sum)],
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Trouble {
    #[expect(clippy::too_many_lines, reason = "one line a trouble")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileMissing => f.write_str("the file is not there"),
            Self::FileUnreadable { format } => write!(f, "the file cannot be read as {format}"),
            Self::SheetMissing { sheet, found } => {
                write!(f, "there is no sheet `{sheet}`; found {}", found.join(", "))
            }
            Self::TooLarge { what, limit } => write!(f, "more than {limit} {what}"),
            Self::NotUtf8 { offset } => write!(f, "the text is not UTF-8: wrong byte at offset {offset}"),
            Self::BadQuoting => f.write_str("a quotation mark stands inside a field, or is never closed"),
            Self::WrongWidth { found, expected } => {
                write!(f, "the row has {found} fields, the header {expected}")
            }
            Self::NoHeader => f.write_str("the file has no header line"),
            Self::NoRecords => f.write_str("the file has no records"),
            Self::ColumnMissing { column, found, expected } => write!(
                f,
                "there is no column `{column}`; expected {}; found {}",
                expected.join(", "),
                found.join(", ")
            ),
            Self::ColumnTwice { column } => write!(f, "column `{column}` stands twice"),
            Self::BadToml { reason } => write!(f, "not TOML: {reason}"),
            Self::WrongSchema { found } => write!(f, "schema `{found}` is not known"),
            Self::KeyUnknown { key, near } => write!(f, "key `{key}` is not known here{}", Near(near)),
            Self::KeyMissing { key } => write!(f, "key `{key}` is missing"),
            Self::KeysConflict { one, other } => write!(f, "`{one}` and `{other}` cannot stand together"),
            Self::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::BadParameter { found, allowed } => write!(f, "`{found}` is not allowed: {allowed}"),
            Self::ZeroParameter => f.write_str("p is 0: only exact disclosure is prevented"),
            Self::NoRule => f.write_str("neither a rule nor a guarantee is declared: no cell is sensitive"),
            Self::AttackerBad { id, why } => write!(f, "attacker `{id}` {why}"),
            Self::MemberWithoutRecord { id, member } => {
                write!(f, "member `{member}` of attacker `{id}` has no record")
            }
            Self::OrphanCode { code, parent, near } => match parent {
                Some(parent) => {
                    write!(f, "code `{code}` stands under `{parent}`, which is not in the tree{}", Near(near))
                }
                None => write!(f, "code `{code}` has no parent and is not the root"),
            },
            Self::HierarchyCycle { cycle } => {
                write!(f, "codes stand above each other: {}", cycle.join(" > "))
            }
            Self::CodeInTwoParents { code, first, second } => {
                write!(f, "code `{code}` stands under `{first}` and under `{second}`")
            }
            Self::DuplicateCode { code, first_line } => {
                write!(f, "code `{code}` stands on line {first_line} already")
            }
            Self::CodeMissing => f.write_str("the code is empty"),
            Self::UnitListsTwo { first, second } => {
                write!(f, "the code lists of `{first}` and `{second}` both have units")
            }
            Self::UnitMissing { code } => write!(f, "code `{code}` has no unit, and none stands above it"),
            Self::MixedUnits { parent, units } => {
                write!(f, "`{parent}` would add up {}", units.join(" and "))
            }
            Self::UnitMismatch { found, expected } => {
                write!(f, "the unit is `{found}`, expected `{expected}`")
            }
            Self::UnmappedCode { variable, code } => {
                write!(f, "`{code}` of `{variable}` has no counterpart in the other version of the code list")
            }
            Self::UnitConverted { from, to, factor, .. } => {
                write!(f, "converted from `{from}` to `{to}`, times {factor}")
            }
            Self::UnknownCode { variable, code, near } => {
                write!(f, "`{code}` is not a code of `{variable}`{}", Near(near))
            }
            Self::NotALeaf { variable, code } => {
                write!(f, "`{code}` of `{variable}` is a total, and records stand at the lowest codes")
            }
            Self::UnknownContributor { contributor, near } => {
                write!(f, "contributor `{contributor}` is not known{}", Near(near))
            }
            Self::ContributorMissing => f.write_str("the contributor is empty"),
            Self::TwoHoldings { contributor, first_line } => {
                write!(f, "contributor `{contributor}` has another holding on line {first_line}")
            }
            Self::PartialWaiver { contributor } => {
                write!(f, "`{contributor}` waives its protection in some rows only; taken as no waiver")
            }
            Self::DuplicateRecord { first_line } => {
                write!(f, "the same contributor and codes stand on line {first_line} already")
            }
            Self::RepeatedRows { rows } => {
                write!(f, "{rows} rows repeat contributor and codes and were added up")
            }
            Self::MissingValue => f.write_str("the figure is empty"),
            Self::NegativeValue => f.write_str("the figure is negative"),
            Self::NotWhole => f.write_str("the figure is not a whole number"),
            Self::TooManyDecimals { decimals } => write!(f, "the figure has more than {decimals} decimals"),
            Self::NotANumber { text } => {
                if text.is_empty() {
                    f.write_str("the figure is not a number")
                } else {
                    write!(f, "`{text}` is not a number")
                }
            }
            Self::AmbiguousNumber => {
                f.write_str("the figure has marks that mean thousands in one country and decimals in another")
            }
            Self::InexactNumber => f.write_str(
                "the figure is stored as a binary number of 2^53 or more, and may have lost digits",
            ),
            Self::OutOfRange { low, high } => write!(f, "the figure is not from {low} to {high}"),
            Self::TotalOutOfRange { cell, limit } => write!(f, "the total of `{cell}` is not below {limit}"),
            Self::BadFlag => f.write_str("expected yes or no"),
            Self::EmptyCategory { variable, codes } => {
                const NAMED: usize = 5;
                let named: Vec<String> = codes.iter().take(NAMED).map(|code| format!("`{code}`")).collect();
                write!(f, "no record at {}", named.join(", "))?;
                if codes.len() > NAMED {
                    write!(f, " and {} more codes", codes.len() - NAMED)?;
                }
                write!(f, " of `{variable}`: their cells are zeros that everybody knows")
            }
            Self::NothingToProtectWith => {
                f.write_str("there is one contributor in all: even the grand total is its own figure")
            }
            Self::RootSensitive { attacker, contributor, cell } => write!(
                f,
                "attacker `{attacker}` learns too much of `{contributor}` from the total `{cell}`, which is never hidden"
            ),
            Self::CellTwice { first_line } => write!(f, "the cell stands on line {first_line} already"),
            Self::MarginMissing { variable, parent } => {
                write!(f, "the margin at `{parent}` of `{variable}` is not in the file")
            }
            Self::NotAdditive { relation, .. } => write!(f, "{relation} does not hold"),
            Self::LevelMissing => f.write_str("the cell is flagged and has no protection level"),
            Self::BadStatus { found, allowed } => write!(f, "status `{found}` is not {allowed}"),
            Self::OutsideTables => {
                f.write_str("no [[table]] crosses the variables that are broken down here")
            }
            Self::BadCost => f.write_str("the cost is not a number of at least 0"),
            Self::UnknownCell => f.write_str("the cell is not in the table"),
        }
    }
}

struct Near<'a>(&'a [String]);

impl fmt::Display for Near<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, name) in self.0.iter().enumerate() {
            f.write_str(if position == 0 { "; nearest is `" } else { " or `" })?;
            write!(f, "{name}`")?;
        }
        Ok(())
    }
}

fn near_advice(near: &[String], otherwise: &str) -> String {
    match near {
        [] => otherwise.to_owned(),
        [one] => format!("write `{one}` if that is meant; otherwise {otherwise}"),
        several => format!("write one of `{}` if that is meant; otherwise {otherwise}", several.join("`, `")),
    }
}
