//! Tables of text, whatever file they come in: a header of column names, then rows of fields.
//!
//! CSV, XLSX and Parquet are told apart by their first bytes, not by the file's name. A reader hands over only
//! the columns that its visitor asked for, in the order asked, as text; it never holds the whole table. Lines
//! count from 1, the header is line 1 (in Parquet, which has no lines, the first record is line 2 as well).

use std::borrow::Cow;

use crate::fault::{FaultList, Place, Trouble};
use crate::files::{FileError, Files};
use crate::limits::{COLUMNS_MAX, FIELD_BYTES_MAX, FILE_BYTES_MAX, ROWS_MAX};

mod csv;
mod parquet;
mod xlsx;

/// Stands for a binary number that the file cannot hold exactly; not a text that anybody writes.
pub(crate) const INEXACT: &str = "\u{fffc}inexact";

/// What takes the rows of a file.
pub(crate) trait Visitor {
    /// Picks columns by the header; `None` refuses the file, after saying why.
    fn header(&mut self, header: &[String], faults: &mut FaultList) -> Option<Vec<usize>>;

    /// Takes one row: the fields of the picked columns in the order they were picked.
    fn row(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList);
}

/// A file to read.
pub(crate) struct Source<'s> {
    pub(crate) name: &'s str,
    /// The sheet of a workbook; the first when not named.
    pub(crate) sheet: Option<&'s str>,
}

/// Reads the file's rows into the visitor.
pub(crate) fn read(
    source: &Source<'_>,
    files: &dyn Files,
    visitor: &mut dyn Visitor,
    faults: &mut FaultList,
) {
    let Some(bytes) = bytes_of(source.name, files, FILE_BYTES_MAX, faults) else { return };
    if bytes.starts_with(b"PK\x03\x04") {
        xlsx::read(source, bytes, visitor, faults);
    } else if bytes.starts_with(b"PAR1") {
        parquet::read(source, bytes, visitor, faults);
    } else if let Some(text) = utf8(source.name, &bytes, faults) {
        csv::read(source.name, text, visitor, faults);
    }
}

/// The file's bytes, unless it is not there, cannot be read or is too large.
pub(crate) fn bytes_of(
    name: &str,
    files: &dyn Files,
    bytes_max: usize,
    faults: &mut FaultList,
) -> Option<Vec<u8>> {
    match files.read(name) {
        Ok(bytes) if bytes.len() <= bytes_max => return Some(bytes),
        Ok(_) => faults.push(Place::file(name), Trouble::TooLarge { what: "bytes", limit: bytes_max as u64 }),
        Err(FileError::Missing) => faults.push(Place::file(name), Trouble::FileMissing),
        Err(FileError::Unreadable(_)) => {
            faults.push(Place::file(name), Trouble::FileUnreadable { format: "a file" });
        }
    }
    None
}

/// The text of UTF-8 bytes without a byte order mark.
pub(crate) fn utf8<'b>(name: &str, bytes: &'b [u8], faults: &mut FaultList) -> Option<&'b str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let valid = error.valid_up_to();
            let line = bytes.get(..valid).unwrap_or_default().iter().filter(|&&byte| byte == b'\n').count();
            let place = Place::line(name, line as u64 + 1);
            faults.push(place, Trouble::NotUtf8 { offset: valid as u64 });
            None
        }
    }
}

/// The column of a name, or a fault that lists what was found and what is expected.
pub(crate) fn column(
    file: &str,
    header: &[String],
    wanted: &str,
    expected: &[&str],
    faults: &mut FaultList,
) -> Option<usize> {
    let found = header.iter().position(|name| name == wanted);
    if found.is_none() {
        let place = Place { field: Some(wanted.to_owned()), ..Place::line(file, 1) };
        let expected = expected.iter().map(|&name| name.to_owned()).collect();
        let trouble = Trouble::ColumnMissing { column: wanted.to_owned(), found: header.to_vec(), expected };
        faults.push(place, trouble);
    }
    found
}

/// The columns that a reader picked by their names, and where a fault in one of them stands.
pub(crate) struct Columns<'f> {
    file: &'f str,
    picked: Vec<(usize, String)>,
}

impl<'f> Columns<'f> {
    pub(crate) const fn new(file: &'f str) -> Self {
        Self { file, picked: Vec::new() }
    }

    /// Picks columns in the order in which they are wanted; `None`, and a fault for each that is missing, unless all
    /// are there.
    pub(crate) fn pick(
        &mut self,
        header: &[String],
        wanted: &[&str],
        faults: &mut FaultList,
    ) -> Option<Vec<usize>> {
        for &name in wanted {
            if let Some(at) = column(self.file, header, name, wanted, faults) {
                self.picked.push((at, name.to_owned()));
            }
        }
        (self.picked.len() == wanted.len()).then(|| self.picked.iter().map(|&(at, _)| at).collect())
    }

    /// The field of the column that was wanted in this place.
    pub(crate) fn place(&self, line: u64, wanted: usize) -> Place {
        match self.picked.get(wanted) {
            Some((at, name)) => Place::field(self.file, line, *at, name),
            None => Place::line(self.file, line),
        }
    }
}

/// Refuses headers that are too wide or name a column twice.
fn accept_header(file: &str, header: &[String], faults: &mut FaultList) -> bool {
    if header.len() > COLUMNS_MAX {
        faults.push(Place::line(file, 1), Trouble::TooLarge { what: "columns", limit: COLUMNS_MAX as u64 });
        return false;
    }
    let mut names: Vec<(&String, usize)> = header.iter().zip(0..).collect();
    names.sort_unstable();
    let mut accepted = true;
    for pair in names.windows(2) {
        if let [(first, _), (second, column)] = pair
            && first == second
            && !first.is_empty()
        {
            let trouble = Trouble::ColumnTwice { column: (*second).clone() };
            faults.push(Place::field(file, 1, *column, second), trouble);
            accepted = false;
        }
    }
    accepted
}

/// Refuses a field that is too long.
fn accept_field(file: &str, line: u64, column: usize, field: &str, faults: &mut FaultList) -> bool {
    let accepted = field.len() <= FIELD_BYTES_MAX;
    if !accepted {
        let place = Place { column: Some(column as u64 + 1), ..Place::line(file, line) };
        faults.push(place, Trouble::TooLarge { what: "bytes in one field", limit: FIELD_BYTES_MAX as u64 });
    }
    accepted
}

/// Refuses the row after the last that is taken.
fn accept_row(file: &str, line: u64, rows: u64, faults: &mut FaultList) -> bool {
    let accepted = rows < ROWS_MAX;
    if !accepted {
        faults.push(Place::line(file, line), Trouble::TooLarge { what: "rows", limit: ROWS_MAX });
    }
    accepted
}
