//! The form for spreadsheets: what is said, with the marking above, below and in the print of every sheet.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::Heading;
use super::book::{Book, Row};
use crate::failure::Failure;
use crate::statement::Statement;

/// Numbers beyond are written as text: a spreadsheet would round them (IEEE 754, 53 bits).
const EXACT_MAX: i64 = 1 << 53;
/// Rows of one sheet; the format has room for 2^20.
const ROWS_MAX: usize = 1_000_000;

/// `cells.xlsx`.
pub(super) fn write(book: &Book, heading: &Heading<'_>) -> Result<Vec<u8>, Failure> {
    let write = || -> Result<Vec<u8>, XlsxError> {
        let mut workbook = empty(heading)?;
        about(workbook.add_worksheet(), book, heading)?;
        cells(workbook.add_worksheet(), book, heading)?;
        for variable in &book.variables {
            codes(workbook.add_worksheet(), variable, heading)?;
        }
        workbook.save_to_buffer()
    };
    write().map_err(|error| {
        Failure::failed(format!("cannot write `cells.xlsx`: {error}"), "free some memory and try again")
    })
}

/// A workbook without sheets.
pub(crate) fn empty(heading: &Heading<'_>) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    // Same input, same bytes: the time is that of no day.
    let properties = DocProperties::new()
        .set_title(heading.title)
        .set_comment(heading.marking)
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    Ok(workbook)
}

/// A sheet with its name, print and first line.
pub(crate) fn begun<'s>(
    sheet: &'s mut Worksheet,
    name: &str,
    heading: &Heading<'_>,
    last: u16,
) -> Result<&'s mut Worksheet, XlsxError> {
    // An ampersand begins a code in headers.
    let marking = heading.marking.replace('&', "&&");
    sheet
        .set_name(name)?
        .set_paper_size(9)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_header(format!("&C&\"Arial,Bold\"{marking}"))
        .set_footer(format!("&C&\"Arial,Bold\"{marking}&RPage &P of &N"));
    banner(sheet, 0, last, heading.marking)?;
    Ok(sheet)
}

/// The marking across a row, up to the last column.
pub(crate) fn banner(sheet: &mut Worksheet, row: u32, last: u16, marking: &str) -> Result<(), XlsxError> {
    let format = Format::new()
        .set_bold()
        .set_font_color("#FFFFFF")
        .set_background_color("#23262B")
        .set_align(FormatAlign::Center);
    if last == 0 {
        sheet.write_string_with_format(row, 0, marking, &format)?;
    } else {
        sheet.merge_range(row, 0, row, last, marking, &format)?;
    }
    Ok(())
}

fn bold() -> Format {
    Format::new().set_bold()
}

fn about(sheet: &mut Worksheet, book: &Book, heading: &Heading<'_>) -> Result<(), XlsxError> {
    let sheet = begun(sheet, "About", heading, 0)?;
    sheet.set_column_width(0, 100)?;
    sheet.write_string_with_format(1, 0, heading.title, &bold())?;
    let lines = [
        format!("{} cells. Unit: {}.", book.rows.len(), book.units().join(", ")),
        "Sums over all contributors; no contributor is named anywhere in this release.".to_owned(),
        "status published: `value` is the sum; with `low` and `high` it is a value near it, and the sum lies between them.".to_owned(),
        "status suppressed: the sum lies from `low` to `high`, which follow from what is published; without either, nothing is said.".to_owned(),
        "A range is no forecast and its middle is no estimate. A cell that is missing is zero, and known to be.".to_owned(),
        format!("The same as cells.csv, SHA-256 {}.", book.sha256),
    ];
    for (line, row) in lines.iter().zip(2..) {
        sheet.write_string_with_format(row, 0, line, &Format::new().set_text_wrap())?;
    }
    banner(sheet, 2 + lines.len() as u32, 0, heading.marking)
}

fn cells(sheet: &mut Worksheet, book: &Book, heading: &Heading<'_>) -> Result<(), XlsxError> {
    let mut columns: Vec<(String, f64)> = Vec::new();
    for variable in &book.variables {
        columns.push((variable.name.clone(), 16.0));
        columns.push((format!("{} title", variable.name), 28.0));
    }
    for (name, width) in [("unit", 12.0), ("status", 14.0), ("value", 14.0), ("low", 14.0), ("high", 14.0)] {
        columns.push((name.to_owned(), width));
    }
    let last = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let sheet = begun(sheet, "Cells", heading, last)?;
    for ((name, width), column) in columns.iter().zip(0..) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(1, column, name, &bold())?;
    }
    let digits = if book.decimals == 0 {
        "#,##0".to_owned()
    } else {
        format!("#,##0.{}", "0".repeat(book.decimals as usize))
    };
    let number = Format::new().set_num_format(digits);
    for (row, at) in book.rows.iter().take(ROWS_MAX).zip(2..) {
        cell(sheet, book, row, at, &number)?;
    }
    let end = 2 + book.rows.len().min(ROWS_MAX) as u32;
    sheet.autofilter(1, 0, end - 1, last)?;
    sheet.set_freeze_panes(2, 0)?;
    sheet.set_repeat_rows(0, 1)?;
    banner(sheet, end, last, heading.marking)
}

fn cell(sheet: &mut Worksheet, book: &Book, row: &Row, at: u32, number: &Format) -> Result<(), XlsxError> {
    let (codes, titles) = (super::codes(book, row), super::titles(book, row));
    let texts = codes.into_iter().zip(titles).flat_map(|(code, title)| [code, title]);
    let texts = texts.chain([row.unit.clone(), super::status(row.said).to_owned()]);
    let mut column = 0;
    for text in texts {
        // As a string: a spreadsheet makes no formula of it.
        sheet.write_string(at, column, text)?;
        column += 1;
    }
    let (value, low, high) = match row.said {
        Statement::Exact(value) => (Some(value), None, None),
        Statement::Rounded { value, range } => (Some(value), Some(range.low), range.high),
        Statement::Range(range) => (None, Some(range.low), range.high),
        Statement::Blank => (None, None, None),
    };
    for (units, column) in [value, low, high].into_iter().zip(column..) {
        let Some(units) = units else { continue };
        let text = book.amount(units);
        match text.parse::<f64>() {
            Ok(float) if units.abs() < EXACT_MAX => {
                sheet.write_number_with_format(at, column, float, number)?
            }
            _ => sheet.write_string(at, column, text)?,
        };
    }
    Ok(())
}

fn codes(
    sheet: &mut Worksheet,
    variable: &super::book::Variable,
    heading: &Heading<'_>,
) -> Result<(), XlsxError> {
    // The format allows 31 characters without some of the punctuation.
    let plain = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let name: String = format!("Codes {}", variable.name).chars().filter(plain).take(31).collect();
    let sheet = begun(sheet, &name, heading, 2)?;
    for ((name, width), column) in [("code", 20), ("parent", 20), ("title", 40)].into_iter().zip(0..) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(1, column, name, &bold())?;
    }
    for (listed, row) in variable.codes.iter().zip(2..) {
        let parent =
            listed.parent.and_then(|at| variable.codes.get(at)).map_or("", |parent| parent.code.as_str());
        for (text, column) in [&listed.code, parent, &listed.title].into_iter().zip(0..) {
            sheet.write_string(row, column, text)?;
        }
    }
    sheet.set_freeze_panes(2, 0)?;
    banner(sheet, 2 + variable.codes.len() as u32, 2, heading.marking)
}
