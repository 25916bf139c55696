//! A table as CSV and as a sheet of a workbook: the same rows in both, never a formula.

use csv::WriterBuilder;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::code_table::neutral;
use crate::failure::Failure;
use crate::forms::Heading;
use crate::forms::workbook::{banner, begun, empty};

/// Numbers beyond are written as text: a spreadsheet would round them (IEEE 754, 53 bits).
const EXACT_MAX: u64 = 1 << 53;
/// Rows of one sheet; the format has room for 2^20.
const ROWS_MAX: usize = 1_000_000;
/// Characters of one field of a workbook, as its format allows.
const FIELD_CHARS_MAX: usize = 32_767;

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Words, ids, dates.
    Text(String),
    /// A whole number.
    Number(u64),
}

impl Field {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// A table with its name and columns: name and width in characters.
pub(super) struct Sheet {
    pub(super) name: &'static str,
    pub(super) columns: Vec<(&'static str, f64)>,
    pub(super) rows: Vec<Vec<Field>>,
}

impl Sheet {
    /// The table as CSV. What a spreadsheet would take for a formula stands behind an apostrophe.
    pub(super) fn csv(&self) -> Result<Vec<u8>, Failure> {
        let failed = |error: &dyn std::error::Error| {
            Failure::failed(format!("cannot write the table `{}`: {error}", self.name), "try again")
        };
        let mut writer = WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|(name, _)| *name)).map_err(|e| failed(&e))?;
        for row in &self.rows {
            let fields = row.iter().map(|field| match field {
                Field::Text(text) => neutral(text).into_owned(),
                Field::Number(number) => number.to_string(),
            });
            writer.write_record(fields).map_err(|e| failed(&e))?;
        }
        writer.into_inner().map_err(|e| failed(&e))
    }
}

/// Sheets as a workbook, the marking above, below and in the print of every one.
pub(super) fn workbook(name: &str, title: &str, marking: &str, sheets: &[Sheet]) -> Result<Vec<u8>, Failure> {
    let write = || -> Result<Vec<u8>, XlsxError> {
        let heading = Heading { title, marking };
        let mut workbook = empty(&heading)?;
        for sheet in sheets {
            fill(workbook.add_worksheet(), sheet, &heading)?;
        }
        workbook.save_to_buffer()
    };
    write().map_err(|error| {
        Failure::failed(format!("cannot write `{name}`: {error}"), "free some memory and try again")
    })
}

fn fill(to: &mut Worksheet, sheet: &Sheet, heading: &Heading<'_>) -> Result<(), XlsxError> {
    let last = u16::try_from(sheet.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let to = begun(to, sheet.name, heading, last)?;
    let bold = Format::new().set_bold();
    for ((name, width), column) in sheet.columns.iter().zip(0..) {
        to.set_column_width(column, *width)?;
        to.write_string_with_format(1, column, *name, &bold)?;
    }
    for (row, at) in sheet.rows.iter().take(ROWS_MAX).zip(2..) {
        for (field, column) in row.iter().zip(0..) {
            put(to, at, column, field)?;
        }
    }
    let end = 2 + u32::try_from(sheet.rows.len().min(ROWS_MAX)).unwrap_or(u32::MAX);
    to.autofilter(1, 0, end.saturating_sub(1), last)?;
    to.set_freeze_panes(2, 0)?;
    to.set_repeat_rows(0, 1)?;
    banner(to, end, last, heading.marking)
}

fn put(to: &mut Worksheet, row: u32, column: u16, field: &Field) -> Result<(), XlsxError> {
    match field {
        // As a string: a spreadsheet makes no formula of it.
        Field::Text(text) if text.chars().count() > FIELD_CHARS_MAX => {
            to.write_string(row, column, crate::report::shortened(text, FIELD_CHARS_MAX))?
        }
        Field::Text(text) => to.write_string(row, column, text)?,
        Field::Number(number) if *number < EXACT_MAX => {
            to.write_number(row, column, crate::report::float(i64::try_from(*number).unwrap_or(i64::MAX)))?
        }
        Field::Number(number) => to.write_string(row, column, number.to_string())?,
    };
    Ok(())
}
