//! A release as its readers have it: what `cells.csv` says, and the titles of its codes. Nothing else is known here, so nothing
//! else can get into a form.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};
use intake::limits::ROWS_MAX;
use ledger::Digest;

use crate::code_table::{FaultLines, exact};
use crate::document::error::FaultLine;
use crate::release::{self, UNIT};
use crate::report;
use crate::statement::Statement;

/// Name of the file that everything comes from.
pub(super) const CELLS: &str = "cells.csv";
/// Most digits after the point that are read; figures have fewer.
const DECIMALS_MAX: usize = 18;

/// What a release says, for its forms.
pub(super) struct Book {
    /// Spanning variables, in the order of the file.
    pub(super) variables: Vec<Variable>,
    /// One a cell, in the order of the file.
    pub(super) rows: Vec<Row>,
    /// Digits after the point.
    pub(super) decimals: u32,
    /// Digest of `cells.csv`.
    pub(super) sha256: Digest,
    /// Row of each cell, by its codes.
    by_codes: BTreeMap<Vec<usize>, usize>,
}

/// A spanning variable.
pub(super) struct Variable {
    /// Its name, the column's.
    pub(super) name: String,
    /// Its codes in the order of the code list; those that no list has come last.
    pub(super) codes: Vec<Listed>,
}

/// A code.
pub(super) struct Listed {
    /// The code.
    pub(super) code: String,
    /// What it stands for; the code where no list says.
    pub(super) title: String,
    /// Code above it.
    pub(super) parent: Option<usize>,
    /// Codes above it, counted to the top.
    pub(super) level: usize,
}

/// A cell.
pub(super) struct Row {
    /// Its codes, one a variable, as indices.
    pub(super) codes: Vec<usize>,
    /// Its unit.
    pub(super) unit: String,
    /// What is said of it.
    pub(super) said: Statement,
}

/// A code list: name of the variable, name of the file, bytes.
pub(crate) type CodeList<'a> = (&'a str, &'a str, &'a [u8]);

impl Book {
    /// Reads a release and the lists of its codes.
    pub(super) fn read(cells: &[u8], lists: &[CodeList<'_>]) -> Result<Self, FaultLines> {
        let (names, decimals) = shape(cells)?;
        let mut variables = Vec::new();
        for name in &names {
            let list = lists.iter().find(|(variable, ..)| variable == name);
            let codes = list.map(|(_, file, bytes)| listed(file, bytes)).transpose()?.unwrap_or_default();
            variables.push(Variable { name: name.clone(), codes });
        }
        if let Some((unknown, file, _)) = lists.iter().find(|(name, ..)| !names.iter().any(|n| n == name)) {
            let message = format!("`{CELLS}` has no variable `{unknown}`; it has {}", names.join(", "));
            return Err(fault(
                file,
                "unknown-variable",
                message,
                "name a variable of the release before `=`",
            ));
        }
        let mut index: Vec<BTreeMap<String, usize>> = variables.iter().map(Variable::index).collect();
        let mut rows = Vec::new();
        let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
        release::visit_coded(CELLS, cells, &borrowed, decimals, |codes, unit, said| {
            let places = codes.iter().zip(variables.iter_mut().zip(&mut index));
            let codes = places.map(|(code, (variable, index))| variable.place(code, index)).collect();
            rows.push(Row { codes, unit: unit.to_owned(), said });
        })?;
        let by_codes = rows.iter().enumerate().map(|(at, row)| (row.codes.clone(), at)).collect();
        Ok(Self { variables, rows, decimals, sha256: Digest::of(cells), by_codes })
    }

    /// The cell at these codes.
    pub(super) fn cell(&self, codes: &[usize]) -> Option<&Row> {
        self.by_codes.get(codes).and_then(|at| self.rows.get(*at))
    }

    /// The variable of years, if there is one.
    pub(super) fn years(&self) -> Option<usize> {
        self.variables.iter().position(Variable::is_years)
    }

    /// The variable that the table is about: of those that are no years the one with most codes; at a tie, the earlier.
    pub(super) fn subject(&self) -> Option<usize> {
        let years = self.years();
        let others = (0..self.variables.len()).filter(|at| Some(*at) != years);
        others.max_by_key(|at| (self.variables.get(*at).map_or(0, |v| v.codes.len()), std::cmp::Reverse(*at)))
    }

    /// The first top code of every variable.
    pub(super) fn tops(&self) -> Vec<usize> {
        let top =
            |variable: &Variable| variable.codes.iter().position(|code| code.parent.is_none()).unwrap_or(0);
        self.variables.iter().map(top).collect()
    }

    /// A number of the release as text.
    pub(super) fn amount(&self, units: i64) -> String {
        intake::decimal_text(units, self.decimals)
    }

    /// A statement in words.
    pub(super) fn words(&self, said: Option<Statement>) -> String {
        let number = |units: i64| report::grouped(&self.amount(units));
        match said {
            Some(Statement::Exact(value)) => number(value),
            Some(Statement::Range(range)) => match range.high {
                Some(high) => format!("{} to {}", number(range.low), number(high)),
                None => format!("{} or more", number(range.low)),
            },
            Some(Statement::Rounded { value, range }) => match range.high {
                Some(high) => format!("{} ({} to {})", number(value), number(range.low), number(high)),
                None => format!("{} ({} or more)", number(value), number(range.low)),
            },
            Some(Statement::Blank) => "hidden".to_owned(),
            None => String::new(),
        }
    }

    /// The units that occur, each once.
    pub(super) fn units(&self) -> Vec<&str> {
        let mut units: Vec<&str> = self.rows.iter().map(|row| row.unit.as_str()).collect();
        units.sort_unstable();
        units.dedup();
        units
    }
}

impl Variable {
    fn index(&self) -> BTreeMap<String, usize> {
        self.codes.iter().enumerate().map(|(at, listed)| (listed.code.clone(), at)).collect()
    }

    fn place(&mut self, code: &str, index: &mut BTreeMap<String, usize>) -> usize {
        *index.entry(code.to_owned()).or_insert_with(|| {
            let (code, title) = (code.to_owned(), code.to_owned());
            self.codes.push(Listed { code, title, parent: None, level: 0 });
            self.codes.len() - 1
        })
    }

    /// Codes that nothing stands below.
    pub(super) fn lowest(&self) -> Vec<usize> {
        let above = |at: usize| self.codes.iter().any(|code| code.parent == Some(at));
        (0..self.codes.len()).filter(|at| !above(*at)).collect()
    }

    fn is_years(&self) -> bool {
        let lowest = self.lowest();
        let year =
            |at: &usize| self.codes.get(*at).is_some_and(|listed| report::year(&listed.code).is_some());
        lowest.len() >= 2 && lowest.iter().all(year)
    }
}

/// Names of the variables, and the digits after the point, which are the same in all numbers of the file.
fn shape(cells: &[u8]) -> Result<(Vec<String>, u32), FaultLines> {
    let bad = |message: String| {
        fault(CELLS, "unreadable-file", message, "take `release/cells.csv` as `protect` wrote it")
    };
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(cells);
    let header = reader.headers().map_err(|error| bad(error.to_string()))?.clone();
    let names: Vec<String> =
        header.iter().map(exact).take_while(|name| *name != UNIT).map(str::to_owned).collect();
    if names.is_empty() || names.len() == header.len() {
        return Err(bad(format!("there are no variables before a column `{UNIT}`")));
    }
    let mut record = StringRecord::new();
    let mut decimals = 0;
    for _ in 0..ROWS_MAX {
        if !reader.read_record(&mut record).map_err(|error| bad(error.to_string()))? {
            break;
        }
        let digits = record.iter().skip(names.len() + 2).filter_map(|number| number.split_once('.'));
        decimals = digits.map(|(_, digits)| digits.len()).fold(decimals, usize::max);
    }
    match u32::try_from(decimals.min(DECIMALS_MAX + 1)) {
        Ok(decimals) if decimals as usize <= DECIMALS_MAX => Ok((names, decimals)),
        _ => Err(bad(format!("a number has more than {DECIMALS_MAX} digits after the point"))),
    }
}

/// A code list: columns `code` or `child`, `parent`, `title`; others are passed over.
fn listed(file: &str, bytes: &[u8]) -> Result<Vec<Listed>, FaultLines> {
    let advice = "take the code list that the specification names";
    let bad = |message: String| fault(file, "unreadable-file", message, advice);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(|error| bad(error.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|found| found == name);
    let code = column("code")
        .or(column("child"))
        .ok_or_else(|| bad("there is no column `code` or `child`".to_owned()))?;
    let (parent, title) = (column("parent"), column("title"));
    let mut found: Vec<(String, String, String)> = Vec::new();
    for (record, _) in reader.records().zip(0..ROWS_MAX) {
        let record = record.map_err(|error| bad(error.to_string()))?;
        let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default().to_owned();
        found.push((field(Some(code)), field(parent), field(title)));
    }
    // A list of children names its top as a parent only.
    let known: Vec<String> = found.iter().map(|(code, ..)| code.clone()).collect();
    let mut tops: Vec<(String, String, String)> = Vec::new();
    for (_, parent, _) in &found {
        if !parent.is_empty() && !known.contains(parent) && !tops.iter().any(|(code, ..)| code == parent) {
            tops.push((parent.clone(), String::new(), String::new()));
        }
    }
    tops.extend(found);
    let place: BTreeMap<String, usize> =
        tops.iter().enumerate().map(|(at, (code, ..))| (code.clone(), at)).collect();
    let parents: Vec<Option<usize>> = tops.iter().map(|(_, parent, _)| place.get(parent).copied()).collect();
    let level = |at: usize| {
        std::iter::successors(parents.get(at).copied().flatten(), |up| parents.get(*up).copied().flatten())
    };
    let codes = tops.iter().enumerate().map(|(at, (code, _, title))| Listed {
        code: code.clone(),
        title: if title.is_empty() { code.clone() } else { title.clone() },
        parent: parents.get(at).copied().flatten(),
        // A list that goes round in circles has no level to speak of.
        level: level(at).take(LEVELS_MAX).count(),
    });
    Ok(codes.collect())
}

/// Deepest level that indents a line.
const LEVELS_MAX: usize = 16;

fn fault(file: &str, code: &str, message: String, advice: &str) -> FaultLines {
    let mut faults = FaultLines::default();
    faults.push(FaultLine::at(file, None, None, None, code, message, advice));
    faults
}
