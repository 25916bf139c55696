//! `tearline certificate check`: judges a release by its certificate, with whole numbers alone.
//!
//! What is hidden is read from `release/cells.csv`, which is what leaves; not from the pattern beside it. A world
//! must be consistent with everything that file says, its ranges included: a range narrower than what follows
//! from the published cells would tell readers more than the certificate covers. Where the folder holds a proof of
//! the bound, that is judged too.

use std::path::Path;

use disclosure::certificate::Certificate;
use disclosure::checker::{self, Checked, Failure as Flaw};
use disclosure::pattern::{Pattern, Status};
use disclosure::table::{CellId, Table};
use intake::spec::Method;
use ledger::Digest;

use crate::certificate_file::{self, CERTIFICATE};
use crate::cli::CertificateCheck;
use crate::document::check::{BoundDocument, CheckDocument, FailureDocument, SCHEMA};
use crate::document::codes;
use crate::failure::{Answer, Failure};
use crate::history;
use crate::input::{self, Input};
use crate::release::{self, CELLS, PATTERN, Release};
use crate::statement::Statement;
use crate::terminal::{Terminal, Tone, shell_word};

mod bound;
mod opposition;
mod rounded;

/// Failures of one kind that are listed; the rest is counted.
const LISTED_MAX: usize = 20;

/// Something wrong, at a cell if it is about one.
pub(crate) struct Wrong {
    cell: Option<CellId>,
    message: String,
    advice: String,
}

impl Wrong {
    /// Something about the bound, which is about no single cell.
    fn of_bound(message: String, advice: &str) -> Self {
        Self { cell: None, message, advice: advice.to_owned() }
    }
}

pub(super) fn check(arguments: &CertificateCheck, terminal: &Terminal) -> Result<Answer, Failure> {
    let input = Input::read(&arguments.spec)?;
    let (document, wrong) = judge_folder(&input, &arguments.release)?;
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, input.problem.table(), &wrong, terminal);
    }
    if wrong.is_empty() {
        if matches!(input.loaded.specification.method, Method::Rounding { .. }) {
            return Ok(Answer::Yes);
        }
        let out = shell_word(&arguments.release);
        terminal.say("an audit does not rely on the certificate");
        terminal.next(&format!("tearline audit {} --pattern {out}/{PATTERN}", shell_word(&arguments.spec)));
        return Ok(Answer::Yes);
    }
    terminal.next(&format!("tearline protect {} --out DIR", shell_word(&arguments.spec)));
    Ok(Answer::No)
}

/// Judges the release in a folder that `protect` wrote.
pub(crate) fn judge_folder(input: &Input, folder: &Path) -> Result<(CheckDocument, Vec<Wrong>), Failure> {
    let table = input.problem.table();
    let cells_path = folder.join(CELLS);
    let certificate_path = folder.join(CERTIFICATE);
    let name = |path: &Path| path.display().to_string();
    let cells_bytes = input::read_file(&cells_path)?;
    let certificate_bytes = input::read_file(&certificate_path)?;
    let release = release::read(&name(&cells_path), &cells_bytes, table, input.decimals())
        .map_err(|faults| Failure::faults(format!("`{}`", cells_path.display()), faults))?;
    let certificate =
        certificate_file::read(&name(&certificate_path), &certificate_bytes, table, input.decimals())
            .map_err(|faults| Failure::faults(format!("`{}`", certificate_path.display()), faults))?;
    if let Method::Rounding { base } = input.loaded.specification.method {
        let digest = Digest::of(&certificate_bytes);
        return Ok(rounded::judge(input, base, &release, &certificate, &digest));
    }
    let pattern = pattern(input, &release);
    let (checked, mut wrong) = judge(input, &pattern, &release, &certificate);
    let pattern_path = folder.join(PATTERN);
    if pattern_path.exists() {
        let beside = input.pattern(&pattern_path)?;
        let differs = table.cells().filter(|&cell| beside.hidden(cell) != pattern.hidden(cell));
        note(
            &mut wrong,
            differs,
            "internal/pattern.csv and release/cells.csv differ on whether the cell is hidden",
        );
    }
    let bound = bound::judge(input, folder, &pattern, &mut wrong)?;
    let document = CheckDocument {
        schema: SCHEMA,
        verdict: if wrong.is_empty() { "valid" } else { "invalid" },
        title: input.loaded.specification.title.clone(),
        inputs_sha256: input.digest.to_string(),
        release_sha256: release.digest.to_string(),
        certificate_sha256: Digest::of(&certificate_bytes).to_string(),
        cells: table.len() as u64,
        hidden: pattern.hidden_cells().count() as u64,
        bound,
        worlds: certificate.worlds.len() as u64,
        requirements: checked.filter(|_| wrong.is_empty()).map_or(0, |checked| checked.requirements as u64),
        failures: wrong.iter().map(|wrong| failure_document(table, wrong)).collect(),
    };
    Ok((document, wrong))
}

/// What the release hides; which of it is primary follows from the specification.
fn pattern(input: &Input, release: &Release) -> Pattern {
    let table = input.problem.table();
    let mut pattern = Pattern::all_published(table.len());
    for cell in table.cells() {
        if matches!(release.said.of(cell), Statement::Range(_) | Statement::Blank) {
            let sensitive = input.problem.protection(cell).is_some();
            pattern.set(cell, if sensitive { Status::Primary } else { Status::Secondary });
        }
    }
    pattern
}

/// Everything that is wrong, and what was proved if nothing is.
fn judge(
    input: &Input,
    pattern: &Pattern,
    release: &Release,
    certificate: &Certificate,
) -> (Option<Checked>, Vec<Wrong>) {
    let table = input.problem.table();
    let mut wrong = Vec::new();
    if release.missing > 0 {
        wrong.push(Wrong {
            cell: None,
            message: format!("{} cells of the table are not in {CELLS}", release.missing),
            advice: "take the file as `protect` wrote it".to_owned(),
        });
    }
    let untrue = table.cells().filter(|&cell| !release.said.holds(table, cell));
    note(&mut wrong, untrue, "what release/cells.csv says of the cell is not true of the figures");
    let rounded = table.cells().filter(|&cell| matches!(release.said.of(cell), Statement::Rounded { .. }));
    note(&mut wrong, rounded, "the cell is rounded, which the specification does not say");
    for (number, world) in (1..).zip(&certificate.worlds) {
        if let Some(cell) = release.said.allows_world(table, world) {
            wrong.push(Wrong {
                cell: Some(cell),
                message: format!(
                    "world {number} of the certificate contradicts what the release says of the cell"
                ),
                advice: "the certificate does not cover this release: do not release it".to_owned(),
            });
        }
    }
    let withstood = opposition::judge(input, pattern, certificate, &mut wrong);
    exposed_by_history(input, release, &mut wrong);
    match checker::check(&input.problem, pattern, certificate) {
        Ok(checked) => (Some(Checked { requirements: checked.requirements + withstood, ..checked }), wrong),
        Err(flaws) => {
            wrong.extend(flaws.iter().map(|flaw| Wrong {
                cell: cell_of(flaw),
                message: flaw.to_string(),
                advice: flaw.advice().to_owned(),
            }));
            (None, wrong)
        }
    }
}

/// Who is exposed by this release and the earlier ones together: judged anew, a certificate is about one release.
fn exposed_by_history(input: &Input, release: &Release, wrong: &mut Vec<Wrong>) {
    let Some(ledger) = &input.ledger else { return };
    match ledger.judge(input, &release.said) {
        Ok(union) => wrong.extend(union.exposed.iter().map(|one| Wrong {
            cell: None,
            message: format!("with the earlier releases, {}", history::line(one)),
            advice: union.remedies.join("; or "),
        })),
        Err(error) => {
            wrong.push(Wrong { cell: None, message: error.to_string(), advice: error.advice() });
        }
    }
}

/// The first of the cells, each with the message; the rest is counted.
fn note(wrong: &mut Vec<Wrong>, cells: impl Iterator<Item = CellId>, message: &str) {
    let cells: Vec<CellId> = cells.collect();
    let advice = "take the file as `protect` wrote it, with the specification it was made from";
    for &cell in cells.iter().take(LISTED_MAX) {
        wrong.push(Wrong { cell: Some(cell), message: message.to_owned(), advice: advice.to_owned() });
    }
    let more = cells.len().saturating_sub(LISTED_MAX);
    if more > 0 {
        let message = format!("the same of {more} more cells");
        wrong.push(Wrong { cell: None, message, advice: advice.to_owned() });
    }
}

fn cell_of(flaw: &Flaw) -> Option<CellId> {
    match flaw {
        Flaw::PrimaryPublished { cell }
        | Flaw::FixedHidden { cell }
        | Flaw::FixedPublished { cell }
        | Flaw::PublishedMoved { cell, .. }
        | Flaw::BelowZero { cell, .. } => Some(*cell),
        Flaw::RelationBroken { margin, .. } => Some(*margin),
        Flaw::Unproved { requirement } => Some(requirement.cell),
        Flaw::Shape { .. } | Flaw::More { .. } => None,
    }
}

fn failure_document(table: &Table, wrong: &Wrong) -> FailureDocument {
    FailureDocument {
        cell: wrong.cell.filter(|cell| cell.index() < table.len()).map(|cell| codes(table, cell)),
        message: wrong.message.clone(),
        advice: wrong.advice.clone(),
    }
}

fn bound_line(found: &BoundDocument) -> String {
    let BoundDocument { weight, bound, gap } = found;
    let words = match gap.as_str() {
        "0.00" => "no safe pattern is lighter".to_owned(),
        _ => format!("no safe pattern can weigh less than {bound}"),
    };
    format!("weight {weight}, bound {bound}, gap {gap} %: {words}")
}

fn print(document: &CheckDocument, table: &Table, wrong: &[Wrong], terminal: &Terminal) {
    if wrong.is_empty() {
        let word = terminal.out_word(Tone::Good, "valid");
        terminal.answer(&format!(
            "{word}: {} requirements proved by {} worlds; {} of {} cells shown exactly",
            document.requirements,
            document.worlds,
            document.cells - document.hidden,
            document.cells
        ));
        if let Some(bound) = &document.bound {
            terminal.answer(&bound_line(bound));
        }
        return;
    }
    let word = terminal.out_word(Tone::Bad, "invalid");
    let count = wrong.len();
    terminal.answer(&format!("{word}: {count} {} wrong", if count == 1 { "thing is" } else { "things are" }));
    let mut advised: Vec<&str> = Vec::new();
    for wrong in wrong {
        let cell = wrong.cell.filter(|cell| cell.index() < table.len());
        let at = cell.map(|cell| format!("cell {}: ", table.describe(cell))).unwrap_or_default();
        terminal.answer(&format!("  {at}{}", wrong.message));
        if !advised.contains(&wrong.advice.as_str()) {
            advised.push(&wrong.advice);
            terminal.answer(&format!("    advice: {}", wrong.advice));
        }
    }
}
