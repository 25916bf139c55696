//! CSV files keyed by codes, one column a variable: what `protect` writes and reads back.
//!
//! Reading is strict and bounded; every fault has line and column. Files that leave the house are opened in
//! spreadsheets, so a text that one of them would take for a formula is written behind an apostrophe.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord, Writer};
use disclosure::Figure;
use disclosure::hierarchy::Hierarchy;
use disclosure::table::{CellId, Table};
use intake::limits::ROWS_MAX;

use crate::document::error::FaultLine;

/// How codes stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For spreadsheets outside: formula starts are neutralised.
    Outside,
    /// For programs inside: codes stand as they are.
    Inside,
}

/// What to do about a file that we would not have written.
pub(crate) const UNCHANGED: &str = "take the file as `protect` wrote it";

/// Faults kept word for word; the rest is counted.
const FAULTS_MAX: usize = 1_000;

/// The faults of one file.
#[derive(Debug, Default)]
pub(crate) struct FaultLines {
    pub(crate) lines: Vec<FaultLine>,
    pub(crate) left_out: u64,
}

impl FaultLines {
    pub(crate) fn push(&mut self, fault: FaultLine) {
        if self.lines.len() < FAULTS_MAX {
            self.lines.push(fault);
        } else {
            self.left_out += 1;
        }
    }
}

/// Characters that make a spreadsheet compute (OWASP, "CSV Injection").
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn starts_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA_STARTS)
}

/// The text behind an apostrophe where a spreadsheet would take it for a formula; [`exact`] takes it back.
pub(crate) fn neutral(text: &str) -> Cow<'_, str> {
    if starts_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`neutral`] was given.
pub(crate) fn exact(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if starts_formula(text) => rest,
        _ => text,
    }
}

/// Writes one line a cell; numbers are the caller's and stand as they are.
pub(crate) struct TableWriter<'t> {
    table: &'t Table,
    form: Form,
    writer: Writer<Vec<u8>>,
}

impl<'t> TableWriter<'t> {
    pub(crate) fn new(table: &'t Table, form: Form, columns: &[&str]) -> Result<Self, csv::Error> {
        let mut writer = Writer::from_writer(Vec::new());
        for tree in table.hierarchies() {
            writer.write_field(written(tree.name(), form).as_ref())?;
        }
        for column in columns {
            writer.write_field(column)?;
        }
        writer.write_record(None::<&[u8]>)?;
        Ok(Self { table, form, writer })
    }

    pub(crate) fn row<'f>(
        &mut self,
        cell: CellId,
        fields: impl IntoIterator<Item = &'f str>,
    ) -> Result<(), csv::Error> {
        for code in self.table.codes(cell) {
            self.writer.write_field(written(code, self.form).as_ref())?;
        }
        for field in fields {
            self.writer.write_field(field)?;
        }
        self.writer.write_record(None::<&[u8]>)
    }

    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, csv::Error> {
        self.writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }
}

fn written(text: &str, form: Form) -> Cow<'_, str> {
    match form {
        Form::Outside => neutral(text),
        Form::Inside => Cow::Borrowed(text),
    }
}

/// A file keyed by codes while it is read, whatever table it is of.
pub(crate) struct CodeReader<'a> {
    file: &'a str,
    form: Form,
    reader: csv::Reader<&'a [u8]>,
    header: Vec<String>,
    codes: Vec<usize>,
    faults: FaultLines,
}

/// The same where the table is known.
pub(crate) struct TableReader<'a> {
    table: &'a Table,
    inner: CodeReader<'a>,
}

/// One line of such a file.
pub(crate) struct Row<'r> {
    file: &'r str,
    line: u64,
    header: &'r [String],
    record: &'r StringRecord,
}

impl Row<'_> {
    pub(crate) fn field(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    /// The field as whole units of the declared scale.
    pub(crate) fn units(&self, column: usize, decimals: u32) -> Result<i64, FaultLine> {
        units(self.field(column), decimals).ok_or_else(|| {
            let message = format!("not a number of {decimals} decimals");
            self.fault(column, "not-a-number", message, UNCHANGED)
        })
    }

    /// A fault at one field of the line.
    pub(crate) fn fault(&self, column: usize, code: &str, message: String, advice: &str) -> FaultLine {
        let field = self.header.get(column).cloned();
        FaultLine::at(self.file, Some(self.line), Some(column as u64 + 1), field, code, message, advice)
    }
}

impl<'a> CodeReader<'a> {
    /// Reads the header; each variable must have its column.
    pub(crate) fn open(
        file: &'a str,
        bytes: &'a [u8],
        variables: &[&str],
        form: Form,
    ) -> Result<Self, FaultLines> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
        let mut faults = FaultLines::default();
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|name| read_form(name, form).to_owned()).collect(),
            Err(error) => {
                faults.push(csv_fault(file, &error));
                return Err(faults);
            }
        };
        let mut this = Self { file, form, reader, header, codes: Vec::new(), faults };
        let found: Option<Vec<usize>> = variables.iter().map(|name| this.column(name)).collect();
        match found {
            Some(codes) => Ok(Self { codes, ..this }),
            None => Err(this.faults),
        }
    }

    /// The column of a name, or a fault.
    pub(crate) fn column(&mut self, name: &str) -> Option<usize> {
        let found = self.header.iter().position(|column| column == name);
        if found.is_none() {
            let message = format!("there is no column `{name}`; found {}", self.header.join(", "));
            self.fault_at_header("missing-column", message, UNCHANGED);
        }
        found
    }

    /// A fault of the header as a whole.
    pub(crate) fn fault_at_header(&mut self, code: &str, message: String, advice: &str) {
        self.faults.push(FaultLine::at(self.file, Some(1), None, None, code, message, advice));
    }

    /// Whether something is wrong already.
    pub(crate) fn into_faults(self) -> FaultLines {
        self.faults
    }

    /// Hands over every line with its codes, one a variable.
    pub(crate) fn rows(
        mut self,
        mut visit: impl FnMut(&[&str], &Row<'_>) -> Result<(), FaultLine>,
    ) -> Result<(), FaultLines> {
        let mut record = StringRecord::new();
        for count in 0.. {
            match self.reader.read_record(&mut record) {
                Ok(true) if count < ROWS_MAX => {}
                Ok(true) => {
                    let (message, advice) =
                        (format!("more than {ROWS_MAX} rows"), "the file is not of this table");
                    let fault = FaultLine::at(self.file, None, None, None, "too-large", message, advice);
                    self.faults.push(fault);
                    break;
                }
                Ok(false) => break,
                Err(error) => {
                    self.faults.push(csv_fault(self.file, &error));
                    break;
                }
            }
            let line = record.position().map_or(0, csv::Position::line);
            let row = Row { file: self.file, line, header: &self.header, record: &record };
            let taken = if record.len() == self.header.len() {
                let codes: Vec<&str> =
                    self.codes.iter().map(|&column| read_form(row.field(column), self.form)).collect();
                visit(&codes, &row)
            } else {
                let message =
                    format!("the row has {} fields, the header {}", record.len(), self.header.len());
                Err(row.fault(0, "wrong-width", message, UNCHANGED))
            };
            if let Err(fault) = taken {
                self.faults.push(fault);
            }
        }
        if self.faults.lines.is_empty() { Ok(()) } else { Err(self.faults) }
    }
}

impl<'a> TableReader<'a> {
    /// Reads the header; each variable must have its column.
    pub(crate) fn open(
        file: &'a str,
        bytes: &'a [u8],
        table: &'a Table,
        form: Form,
    ) -> Result<Self, FaultLines> {
        let names: Vec<&str> = table.hierarchies().iter().map(Hierarchy::name).collect();
        Ok(Self { table, inner: CodeReader::open(file, bytes, &names, form)? })
    }

    /// Names and places of the columns that hold no code.
    pub(crate) fn other_columns(&self) -> Vec<(usize, String)> {
        let others = self.inner.header.iter().cloned().enumerate();
        others.filter(|(column, _)| !self.inner.codes.contains(column)).collect()
    }

    /// The column of a name, or a fault.
    pub(crate) fn column(&mut self, name: &str) -> Option<usize> {
        self.inner.column(name)
    }

    /// A fault of the header as a whole.
    pub(crate) fn fault_at_header(&mut self, code: &str, message: String, advice: &str) {
        self.inner.fault_at_header(code, message, advice);
    }

    /// Whether something is wrong already.
    pub(crate) fn into_faults(self) -> FaultLines {
        self.inner.into_faults()
    }

    /// Hands over every line with its cell, each cell once.
    pub(crate) fn rows(
        self,
        mut visit: impl FnMut(CellId, &Row<'_>) -> Result<(), FaultLine>,
    ) -> Result<(), FaultLines> {
        let Self { table, inner } = self;
        let columns = inner.codes.clone();
        let mut seen = vec![0_u64; table.len()];
        inner.rows(|codes, row| {
            let cell = cell(table, &columns, codes, row)?;
            let first = std::mem::replace(&mut seen[cell.index()], row.line);
            match first {
                0 => visit(cell, row),
                first => Err(row.fault(
                    0,
                    "duplicate-cell",
                    format!("the cell stands on line {first} already"),
                    "keep one of the two",
                )),
            }
        })
    }
}

fn cell(table: &Table, columns: &[usize], codes: &[&str], row: &Row<'_>) -> Result<CellId, FaultLine> {
    let mut key = 0;
    let trees = table.hierarchies().iter().zip(table.strides());
    for (((tree, stride), code), &column) in trees.zip(codes).zip(columns) {
        let Some(node) = tree.node(code) else {
            let message = format!("`{}` is not a code of `{}`", row.field(column), tree.name());
            return Err(row.fault(column, "unknown-code", message, "the file is not of this table"));
        };
        key += stride * u64::from(node.0);
    }
    let missing = || {
        let message = "the cell is not in the table".to_owned();
        row.fault(0, "unknown-cell", message, "the file is not of this table")
    };
    table.find(key).ok_or_else(missing)
}

fn read_form(text: &str, form: Form) -> &str {
    match form {
        Form::Outside => exact(text),
        Form::Inside => text,
    }
}

/// The exact inverse of `decimal_text`, bounded: other spellings of a number are refused.
fn units(text: &str, decimals: u32) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let digits: String = digits.chars().filter(|c| *c != '.').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size: i64 = digits.parse().ok()?;
    (size < Figure::LIMIT && intake::decimal_text(sign * size, decimals) == text).then_some(sign * size)
}

fn csv_fault(file: &str, error: &csv::Error) -> FaultLine {
    let line = error.position().map(csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8".to_owned(),
        _ => "the line is not CSV".to_owned(),
    };
    FaultLine::at(file, line, None, None, "unreadable-file", message, UNCHANGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(units("12", 0), Some(12));
        assert_eq!(units("-12", 0), Some(-12));
        assert_eq!(units("0.30", 2), Some(30));
        for text in ["", "-", "-0", "1.0", "01", "1e3", " 1", "+1", "4611686018427387904"] {
            assert_eq!(units(text, 0), None, "{text}");
        }
    }

    #[test]
    fn formula_starts_are_neutralised_and_come_back() {
        for text in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "'=1", "''-2"] {
            let safe = neutral(text);
            assert!(safe.starts_with('\''), "{text}");
            assert_eq!(exact(&safe), text);
        }
        for text in ["", "a", "a=1", "'a", "'"] {
            assert_eq!(neutral(text), text);
            assert_eq!(exact(text), text);
        }
    }
}
