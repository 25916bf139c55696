//! XLSX workbooks: one sheet, cell by cell, so that a cell in the last corner costs nothing.
//!
//! Spreadsheets hold numbers as binary floats. Below 2^53 the shortest decimal text that gives the float back is
//! what the user typed (up to 15 digits); from 2^53 on digits may be lost already, and such a cell is handed
//! over as [`super::INEXACT`], which no number parser takes.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};

use super::{Source, Visitor, accept_field, accept_header, accept_row};
use crate::fault::{FaultList, Place, Trouble};
use crate::limits::{COLUMNS_MAX, XLSX_BYTES_MAX, XLSX_UNPACKED_BYTES_MAX};

/// Reads the sheet's rows into the visitor. Rows without any cell are passed over.
pub(super) fn read(source: &Source<'_>, bytes: Vec<u8>, visitor: &mut dyn Visitor, faults: &mut FaultList) {
    let place = Place::file(source.name);
    if bytes.len() > XLSX_BYTES_MAX {
        faults.push(place, Trouble::TooLarge { what: "bytes of a workbook", limit: XLSX_BYTES_MAX as u64 });
        return;
    }
    // The readers of foreign formats are not ours: a panic on hostile bytes is one more unreadable file. What
    // the closure had touched is thrown away with the refusal.
    let outcome =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read_sheet(source, bytes, visitor, faults)));
    if !matches!(outcome, Ok(Some(()))) {
        faults.push(place, Trouble::FileUnreadable { format: "an XLSX workbook" });
    }
}

/// `None` where the reader refuses the file.
fn read_sheet(
    source: &Source<'_>,
    bytes: Vec<u8>,
    visitor: &mut dyn Visitor,
    faults: &mut FaultList,
) -> Option<()> {
    if unpacked_bytes(&bytes)? > XLSX_UNPACKED_BYTES_MAX {
        let limit = XLSX_UNPACKED_BYTES_MAX;
        faults.push(Place::file(source.name), Trouble::TooLarge { what: "bytes once unpacked", limit });
        return Some(());
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
    let sheets = book.sheet_names();
    let sheet = match source.sheet {
        Some(wanted) => sheets.iter().find(|name| *name == wanted),
        None => sheets.first(),
    };
    let Some(sheet) = sheet.cloned() else {
        let sheet = source.sheet.unwrap_or_default().to_owned();
        faults.push(Place::file(source.name), Trouble::SheetMissing { sheet, found: sheets });
        return Some(());
    };
    let mut cells = book.worksheet_cells_reader(&sheet).ok()?;
    let mut rows = Rows { source, visitor, faults, header: None, rows: 0 };
    let mut row: Vec<Cow<'_, str>> = Vec::new();
    let mut at = 0_u32;
    while let Some(cell) = cells.next_cell().ok()? {
        let (line, column) = cell.get_position();
        if line != at {
            if !rows.take(u64::from(at) + 1, &mut row) {
                return Some(());
            }
            row.clear();
            at = line;
        }
        let text = text_of(cell.get_value());
        let column = column as usize;
        if column >= COLUMNS_MAX {
            if !text.is_empty() {
                let place = Place::line(source.name, u64::from(line) + 1);
                rows.faults.push(place, Trouble::TooLarge { what: "columns", limit: COLUMNS_MAX as u64 });
                return Some(());
            }
            continue;
        }
        if row.len() <= column {
            row.resize(column + 1, Cow::Borrowed(""));
        }
        if let Some(field) = row.get_mut(column) {
            *field = Cow::Owned(text.into_owned());
        }
    }
    if rows.take(u64::from(at) + 1, &mut row) && rows.header.is_none() {
        rows.faults.push(Place::file(source.name), Trouble::NoHeader);
    }
    Some(())
}

/// What the directory of the archive says its files will take; a lie is met by the row and field bounds only.
fn unpacked_bytes(bytes: &[u8]) -> Option<u64> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut sum = 0_u64;
    for index in 0..archive.len() {
        sum = sum.saturating_add(archive.by_index_raw(index).ok()?.size());
    }
    Some(sum)
}

struct Rows<'r> {
    source: &'r Source<'r>,
    visitor: &'r mut dyn Visitor,
    faults: &'r mut FaultList,
    /// Width of the header, and the columns picked.
    header: Option<(usize, Vec<usize>)>,
    rows: u64,
}

impl Rows<'_> {
    /// Whether reading goes on.
    fn take(&mut self, line: u64, row: &mut Vec<Cow<'_, str>>) -> bool {
        if row.iter().all(|field| field.is_empty()) {
            return true;
        }
        let name = self.source.name;
        let Some((width, picked)) = &self.header else {
            while row.last().is_some_and(|field| field.is_empty()) {
                row.pop();
            }
            let header: Vec<String> = row.iter().map(|field| field.clone().into_owned()).collect();
            if !accept_header(name, &header, self.faults) {
                return false;
            }
            let picked = self.visitor.header(&header, self.faults);
            self.header = picked.map(|picked| (header.len(), picked));
            return self.header.is_some();
        };
        if !accept_row(name, line, self.rows, self.faults) {
            return false;
        }
        self.rows += 1;
        let found = row.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last + 1);
        if found > *width {
            let trouble = Trouble::WrongWidth { found, expected: *width };
            self.faults.push(Place::line(name, line), trouble);
            return true;
        }
        row.resize(*width, Cow::Borrowed(""));
        let faults = &mut *self.faults;
        if row.iter().enumerate().all(|(column, field)| accept_field(name, line, column, field, faults)) {
            let fields: Vec<Cow<'_, str>> =
                picked.iter().filter_map(|&column| row.get(column).cloned()).collect();
            self.visitor.row(line, &fields, self.faults);
        }
        true
    }
}

fn text_of<'c>(value: &'c DataRef<'_>) -> Cow<'c, str> {
    match value {
        DataRef::Int(whole) => Cow::Owned(whole.to_string()),
        DataRef::Float(float) => float_text(*float),
        DataRef::String(text) => Cow::Borrowed(text),
        DataRef::SharedString(text) => Cow::Borrowed(text),
        DataRef::Bool(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
        DataRef::DateTime(time) => float_text(time.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cow::Borrowed(text),
        DataRef::Error(_) => Cow::Borrowed("#ERROR"),
        DataRef::Empty => Cow::Borrowed(""),
    }
}

/// The shortest decimal text of a float, or [`super::INEXACT`] from 2^53 on.
pub(super) fn float_text(float: f64) -> Cow<'static, str> {
    const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;
    if float.is_finite() && float.abs() >= EXACT_BELOW {
        return Cow::Borrowed(super::INEXACT);
    }
    Cow::Owned(float.to_string())
}
