//! `release/cells.csv`, the one file that may leave, and `internal/pattern.csv`, which may not.
//!
//! A release knows one suppressed status: which hidden cells are primary is classified. Columns: one a variable,
//! then `unit`, `status`, `value`, `low`, `high`. An empty `high` of a suppressed cell with a `low` means that
//! nothing published bounds it. A published cell with a range is a rounded one: its true value lies in it.

use disclosure::pattern::Pattern;
use disclosure::range::Range;
use disclosure::table::Table;
use ledger::Digest;

use crate::code_table::{
    CodeReader, FaultLines, Form, Row, TableReader, TableWriter, UNCHANGED, exact, neutral,
};
use crate::document::error::FaultLine;
use crate::failure::Failure;
use crate::input::Input;
use crate::statement::{Statement, Statements};

/// Where the release stands in the folder.
pub(crate) const CELLS: &str = "release/cells.csv";
/// Where the pattern stands in the folder.
pub(crate) const PATTERN: &str = "internal/pattern.csv";

/// Where the proof of the lower bound stands in the folder.
pub(crate) const BOUND: &str = "internal/bound.json";

const PUBLISHED: &str = "published";
const SUPPRESSED: &str = "suppressed";

/// The bytes of `release/cells.csv`.
pub(crate) fn cells(input: &Input, said: &Statements) -> Result<Vec<u8>, Failure> {
    let table = input.problem.table();
    let write = || -> Result<Vec<u8>, csv::Error> {
        let columns = [UNIT, "status", "value", "low", "high"];
        let mut writer = TableWriter::new(table, Form::Outside, &columns)?;
        for cell in table.cells() {
            let unit = neutral(input.unit(cell));
            let (status, value, low, high) = match said.of(cell) {
                Statement::Exact(value) => (PUBLISHED, Some(value), None, None),
                Statement::Range(Range { low, high }) => (SUPPRESSED, None, Some(low), high),
                Statement::Rounded { value, range: Range { low, high } } => {
                    (PUBLISHED, Some(value), Some(low), high)
                }
                Statement::Blank => (SUPPRESSED, None, None, None),
            };
            let numbers = [value, low, high].map(|n| n.map(|n| input.amount(n)).unwrap_or_default());
            let fields = [unit.as_ref(), status].into_iter().chain(numbers.iter().map(String::as_str));
            writer.row(cell, fields)?;
        }
        writer.into_bytes()
    };
    write().map_err(|error| unwritten(CELLS, &error))
}

/// The bytes of a pattern file: every cell with its status.
pub(crate) fn pattern(table: &Table, pattern: &Pattern) -> Result<Vec<u8>, Failure> {
    let write = || -> Result<Vec<u8>, csv::Error> {
        let mut writer = TableWriter::new(table, Form::Inside, &["status"])?;
        for cell in table.cells() {
            writer.row(cell, [pattern.status(cell).word()])?;
        }
        writer.into_bytes()
    };
    write().map_err(|error| unwritten(PATTERN, &error))
}

/// CSV into memory fails only where memory does.
pub(crate) fn unwritten(name: &str, error: &csv::Error) -> Failure {
    Failure::failed(format!("cannot write `{name}`: {error}"), "free some memory and try again")
}

/// A release as it was read.
#[derive(Debug)]
pub(crate) struct Release {
    /// What it says.
    pub(crate) said: Statements,
    /// Cells of the table that it does not mention.
    pub(crate) missing: usize,
    /// SHA-256 of the file.
    pub(crate) digest: Digest,
}

/// Reads `release/cells.csv` of this table.
pub(crate) fn read(file: &str, bytes: &[u8], table: &Table, decimals: u32) -> Result<Release, FaultLines> {
    let mut reader = TableReader::open(file, bytes, table, Form::Outside)?;
    let found = STATED.map(|name| reader.column(name));
    let [Some(status), Some(value), Some(low), Some(high)] = found else { return Err(reader.into_faults()) };
    let columns = Columns { status, value, low, high };
    let mut said: Vec<Option<Statement>> = vec![None; table.len()];
    reader.rows(|cell, row| {
        said[cell.index()] = Some(columns.statement(row, decimals)?);
        Ok(())
    })?;
    let missing = said.iter().filter(|statement| statement.is_none()).count();
    let said = said.into_iter().map(|statement| statement.unwrap_or(Statement::Blank)).collect();
    Ok(Release { said: Statements::from_parts(said), missing, digest: Digest::of(bytes) })
}

/// A cell of any table by its codes, and what a release says of it.
pub(crate) type Coded = (Vec<String>, Statement);

/// Reads `release/cells.csv` of a table that is no longer at hand: each cell with its codes, one a variable.
pub(crate) fn read_coded(
    file: &str,
    bytes: &[u8],
    variables: &[&str],
    decimals: u32,
) -> Result<Vec<Coded>, FaultLines> {
    let mut said = Vec::new();
    visit_coded(file, bytes, variables, decimals, |codes, _, statement| {
        said.push((codes.iter().map(|code| (*code).to_owned()).collect(), statement));
    })?;
    Ok(said)
}

/// The same, handing over each cell's codes, unit and statement.
pub(crate) fn visit_coded(
    file: &str,
    bytes: &[u8],
    variables: &[&str],
    decimals: u32,
    mut visit: impl FnMut(&[&str], &str, Statement),
) -> Result<(), FaultLines> {
    let mut reader = CodeReader::open(file, bytes, variables, Form::Outside)?;
    let found = [UNIT].into_iter().chain(STATED).map(|name| reader.column(name)).collect::<Vec<_>>();
    let [Some(unit), Some(status), Some(value), Some(low), Some(high)] = found[..] else {
        return Err(reader.into_faults());
    };
    let columns = Columns { status, value, low, high };
    reader.rows(|codes, row| {
        visit(codes, exact(row.field(unit)), columns.statement(row, decimals)?);
        Ok(())
    })
}

/// The column behind those of the variables.
pub(crate) const UNIT: &str = "unit";

/// The columns that say something of a cell.
const STATED: [&str; 4] = ["status", "value", "low", "high"];

/// Where they stand.
struct Columns {
    status: usize,
    value: usize,
    low: usize,
    high: usize,
}

impl Columns {
    fn statement(&self, row: &Row<'_>, decimals: u32) -> Result<Statement, FaultLine> {
        let Self { status, value, low, high } = *self;
        match row.field(status) {
            PUBLISHED => {
                let value = number(row, value, decimals)?.ok_or_else(|| missing_number(row, status))?;
                match (number(row, low, decimals)?, number(row, high, decimals)?) {
                    (None, None) => Ok(Statement::Exact(value)),
                    (Some(low), high @ Some(_)) => {
                        Ok(Statement::Rounded { value, range: Range { low, high } })
                    }
                    _ => Err(half_range(row, status)),
                }
            }
            SUPPRESSED => {
                empty(row, value)?;
                match (number(row, low, decimals)?, number(row, high, decimals)?) {
                    (None, None) => Ok(Statement::Blank),
                    (low, high) => Ok(Statement::Range(Range { low: low.unwrap_or(0), high })),
                }
            }
            other => {
                let other: String = other.chars().take(40).collect();
                let message = format!("status `{other}` is not {PUBLISHED} or {SUPPRESSED}");
                Err(row.fault(status, "bad-status", message, UNCHANGED))
            }
        }
    }
}

fn missing_number(row: &Row<'_>, column: usize) -> FaultLine {
    let message = "a published cell has no value".to_owned();
    row.fault(column, "missing-value", message, UNCHANGED)
}

fn half_range(row: &Row<'_>, column: usize) -> FaultLine {
    let message = "a published cell has one end of a range without the other".to_owned();
    row.fault(column, "missing-value", message, UNCHANGED)
}

fn empty(row: &Row<'_>, column: usize) -> Result<(), FaultLine> {
    if row.field(column).is_empty() {
        return Ok(());
    }
    let message = "the field must be empty at this status".to_owned();
    Err(row.fault(column, "bad-status", message, "do not send this file: it says more than it should"))
}

fn number(row: &Row<'_>, column: usize, decimals: u32) -> Result<Option<i64>, FaultLine> {
    if row.field(column).is_empty() { Ok(None) } else { row.units(column, decimals).map(Some) }
}
