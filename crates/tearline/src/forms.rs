//! The forms of a release that people and programs read: a page with drawings, a PDF, a workbook, JSON with its schema, and
//! `cells.csv` as it is.
//!
//! Everything comes from `release/cells.csv` and the titles of its codes. Figures, patterns and certificates are not arguments here
//! and cannot get in. Same input, same bytes. Page and PDF have room for the marks of copies (`package::fingerprint`); as they are
//! written here they have none.

use crate::document::cells::{CellDocument, CellsDocument, CodeDocument, SCHEMA, VariableDocument};
use crate::document::{DOCUMENTS, Named};
use crate::failure::Failure;
use crate::statement::Statement;

mod book;
mod charts;
mod drawing;
mod page;
mod pdf;
pub(crate) mod workbook;

pub(crate) use book::CodeList;
use book::{Book, Row};
use drawing::Fill;

/// Rows of the table in page and PDF; programs read the other forms.
const TABLE_ROWS_MAX: usize = 2_000;
/// Said on every form that carries marks.
const ABOUT_MARKS: &str = "Each copy has its number and receiver on every page, and the spacing of drawn text differs a little between \
                           copies, so that a copy that is passed on can be traced. Figures and words are the same in all copies. \
                           Whoever types a page again, or takes the spacing out, is not traced.";

/// What stands over every form.
pub(crate) struct Heading<'a> {
    /// Title of the release.
    pub(crate) title: &'a str,
    /// The marking, with `EXERCISE` in front where it is one: on every page and sheet, above and below.
    pub(crate) marking: &'a str,
}

/// The forms, each by its name.
pub(crate) type Forms = Vec<(String, Vec<u8>)>;

/// All forms of a release, from the bytes of its `cells.csv` and the lists of its codes.
pub(crate) fn all(heading: &Heading<'_>, cells: &[u8], lists: &[CodeList<'_>]) -> Result<Forms, Failure> {
    let book =
        Book::read(cells, lists).map_err(|faults| Failure::faults("the release".to_owned(), faults))?;
    let drawings = charts::all(&book);
    let mut forms = vec![
        ("README.txt".to_owned(), readme(&book, heading, lists).into_bytes()),
        ("cells.csv".to_owned(), cells.to_vec()),
        ("cells.json".to_owned(), json(&document(&book, heading))?),
        ("cells.schema.json".to_owned(), json(&schema())?),
        ("cells.xlsx".to_owned(), workbook::write(&book, heading)?),
        ("report.html".to_owned(), page::render(&book, heading, &drawings)?),
        ("report.pdf".to_owned(), pdf::render(&book, heading, &drawings)?),
    ];
    for (_, file, bytes) in lists {
        forms.push(((*file).to_owned(), bytes.to_vec()));
    }
    forms.sort();
    Ok(forms)
}

fn json(document: &impl serde::Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(document)
        .map_err(|error| Failure::failed(format!("cannot write `cells.json`: {error}"), "try again"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// What `cells.json` is described by: the same that `tearline schema cells` prints.
fn schema() -> Option<schemars::Schema> {
    DOCUMENTS.iter().find(|document| document.id == SCHEMA).map(Named::described)
}

/// What a receiver reads first.
fn readme(book: &Book, heading: &Heading<'_>, lists: &[CodeList<'_>]) -> String {
    let Heading { title, marking } = heading;
    let names: Vec<&str> = book.variables.iter().map(|variable| variable.name.as_str()).collect();
    let mut files = vec![
        ("report.html".to_owned(), "drawings and all cells, for a browser".to_owned()),
        ("report.pdf".to_owned(), "the same for paper".to_owned()),
        ("cells.xlsx".to_owned(), "all cells and codes, for a spreadsheet".to_owned()),
        (
            "cells.csv".to_owned(),
            format!("one line a cell: {}, unit, status, value, low, high", names.join(", ")),
        ),
        (
            "cells.json".to_owned(),
            "the same with the titles of the codes; cells.schema.json describes it".to_owned(),
        ),
    ];
    files.extend(
        lists.iter().map(|(variable, file, _)| {
            ((*file).to_owned(), format!("what the codes of {variable} stand for"))
        }),
    );
    let width = files.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let files: String = files.iter().map(|(name, what)| format!("{name:width$}  {what}\n")).collect();
    format!(
        "{marking}\n\n{title}\n\n{files}\n\
         status published: `value` is the sum over all contributors; with `low` and `high` it is near the sum, which lies between\n\
         them. status suppressed: the sum is not said; it lies from `low` to `high`, and these follow from what is published.\n\
         Nothing in this package names a contributor.\n\n{ABOUT_MARKS}\n\n{marking}\n"
    )
}

fn document(book: &Book, heading: &Heading<'_>) -> CellsDocument {
    let variables = book.variables.iter().map(|variable| {
        let parent =
            |at: Option<usize>| at.and_then(|at| variable.codes.get(at)).map(|parent| parent.code.clone());
        let codes = variable.codes.iter().map(|listed| CodeDocument {
            code: listed.code.clone(),
            parent: parent(listed.parent),
            title: listed.title.clone(),
        });
        VariableDocument { name: variable.name.clone(), codes: codes.collect() }
    });
    let cells = book.rows.iter().map(|row| {
        let names = book.variables.iter().map(|variable| variable.name.clone());
        let amount = |units: Option<i64>| units.map(|units| book.amount(units));
        let (value, low, high) = match row.said {
            Statement::Exact(value) => (Some(value), None, None),
            Statement::Rounded { value, range } => (Some(value), Some(range.low), range.high),
            Statement::Range(range) => (None, Some(range.low), range.high),
            Statement::Blank => (None, None, None),
        };
        CellDocument {
            codes: names.zip(codes(book, row)).collect(),
            unit: row.unit.clone(),
            status: status(row.said),
            value: amount(value),
            low: amount(low),
            high: amount(high),
        }
    });
    CellsDocument {
        schema: SCHEMA,
        marking: heading.marking.to_owned(),
        title: heading.title.to_owned(),
        cells_sha256: book.sha256.to_string(),
        variables: variables.collect(),
        cells: cells.collect(),
    }
}

/// The codes of a cell.
fn codes(book: &Book, row: &Row) -> Vec<String> {
    listed(book, row, |listed| &listed.code)
}

/// What the codes of a cell stand for.
fn titles(book: &Book, row: &Row) -> Vec<String> {
    listed(book, row, |listed| &listed.title)
}

fn listed(book: &Book, row: &Row, field: impl Fn(&book::Listed) -> &String) -> Vec<String> {
    let places = book.variables.iter().zip(&row.codes);
    places.map(|(variable, at)| variable.codes.get(*at).map(&field).cloned().unwrap_or_default()).collect()
}

/// The status, as `cells.csv` has it.
fn status(said: Statement) -> &'static str {
    match said {
        Statement::Exact(_) | Statement::Rounded { .. } => "published",
        Statement::Range(_) | Statement::Blank => "suppressed",
    }
}

/// What the fillings of the drawings mean.
fn legend(book: &Book) -> Vec<(Fill, &'static str)> {
    if book.rows.iter().any(|row| matches!(row.said, Statement::Rounded { .. })) {
        return vec![(
            Fill::Rounded,
            "rounded: a value near the true one, and the ends between which that lies",
        )];
    }
    vec![
        (Fill::Exact, "exact: the sum itself"),
        (Fill::Range, "range: the sum lies from the one end to the other, which follows from what is shown"),
        (Fill::Hidden, "hidden: nothing is said"),
    ]
}

#[cfg(test)]
mod tests;
