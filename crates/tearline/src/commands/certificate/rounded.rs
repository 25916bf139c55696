//! Judging a rounded release: whole numbers alone, by what leaves and by the worlds beside it.

use disclosure::certificate::Certificate;
use disclosure::rounding::Rounded;
use disclosure::rounding::checker::{self, Proved};
use disclosure::table::Table;
use ledger::Digest;

use super::{Wrong, failure_document, note};
use crate::document::check::{CheckDocument, SCHEMA};
use crate::input::Input;
use crate::release::{CELLS, Release};
use crate::rounded::Terms;
use crate::statement::Statement;

/// Judges what `release/cells.csv` says of a table that is rounded to multiples of `base`.
pub(super) fn judge(
    input: &Input,
    base: i64,
    release: &Release,
    certificate: &Certificate,
    certificate_digest: &Digest,
) -> (CheckDocument, Vec<Wrong>) {
    let table = input.problem.table();
    let mut wrong = Vec::new();
    if release.missing > 0 {
        wrong.push(Wrong {
            cell: None,
            message: format!("{} cells of the table are not in {CELLS}", release.missing),
            advice: "take the file as `protect` wrote it".to_owned(),
        });
    }
    let rounded = as_rounded(table, base, release, &mut wrong);
    let untrue = table.cells().filter(|&cell| !release.said.holds(table, cell));
    note(&mut wrong, untrue, "what release/cells.csv says of the cell is not true of the figures");
    let terms = Terms::of(input);
    let proved = match checker::prove(table, &terms.promise(), &rounded, &certificate.worlds) {
        Ok(proved) => proved,
        Err(flaws) => {
            wrong.extend(flaws.iter().map(|flaw| Wrong {
                cell: flaw.cell(),
                message: flaw.to_string(),
                advice: flaw.advice().to_owned(),
            }));
            Proved::default()
        }
    };
    let document = CheckDocument {
        schema: SCHEMA,
        verdict: if wrong.is_empty() { "valid" } else { "invalid" },
        title: input.loaded.specification.title.clone(),
        inputs_sha256: input.digest.to_string(),
        release_sha256: release.digest.to_string(),
        certificate_sha256: certificate_digest.to_string(),
        cells: table.len() as u64,
        // Nothing is published exactly.
        hidden: table.len() as u64,
        bound: None,
        worlds: certificate.worlds.len() as u64,
        requirements: if wrong.is_empty() { proved.claims as u64 } else { 0 },
        failures: wrong.iter().map(|wrong| failure_document(table, wrong)).collect(),
    };
    (document, wrong)
}

/// The rounded table that the release is, with the window that its ranges have; every cell must have that range.
fn as_rounded(table: &Table, base: i64, release: &Release, wrong: &mut Vec<Wrong>) -> Rounded {
    let parts = |cell| match release.said.of(cell) {
        Statement::Rounded { value, range } => Some((value, range)),
        Statement::Exact(_) | Statement::Range(_) | Statement::Blank => None,
    };
    let windows = table.cells().filter_map(|cell| {
        let (value, range) = parts(cell)?;
        range.high?.checked_sub(value)
    });
    // A window that is neither of the two is refused by the checker.
    let window = windows.max().unwrap_or(base - 1);
    let values = table.cells().map(|cell| parts(cell).map_or(0, |(value, _)| value)).collect();
    let rounded = Rounded::new(base, window, values);
    let other = table.cells().filter(|&cell| parts(cell) != Some((rounded.value(cell), rounded.range(cell))));
    note(wrong, other, "the cell is not shown as a rounded value with the range that follows from the base");
    rounded
}
