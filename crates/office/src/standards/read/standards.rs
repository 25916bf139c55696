//! Rows of standards and cover documents as records.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::PartId;

use super::super::finding::{FindingCode, Findings, Origin};
use super::super::record::{Kind, Record, Status, Uuid};
use super::super::registry::Aspect;
use super::Standards;
use super::cell::{Cells, Columns, split};
use super::table::{ReadError, Table};

const COLUMNS: [&str; 29] = [
    "id",
    "kind",
    "publisher",
    "pub_number",
    "series",
    "base_number",
    "edition",
    "version",
    "title",
    "doc_date",
    "doc_date_raw",
    "responsible_body",
    "custodian",
    "registry_status",
    "registry_added",
    "registry_last_change",
    "registry_withdrawn",
    "marking",
    "marking_in_title",
    "originators",
    "releasable_to",
    "document_sha256",
    "document_bytes",
    "document_name",
    "n_events",
    "covers",
    "uri",
    "uuid",
    "abstract",
];

type StandardCells<'a> = Cells<'a, { COLUMNS.len() }>;

/// Reads them all.
pub(super) fn standards(file: &str, table: &Table, findings: &mut Findings) -> Result<Standards, ReadError> {
    let columns = Columns::of((file, table), Origin::Standards, COLUMNS, 1, findings)?;
    let mut read = Standards {
        records: Vec::with_capacity(table.rows().len()),
        lines: BTreeMap::new(),
        covers: BTreeMap::new(),
        silent: silent(&columns),
    };
    for row in table.rows() {
        let cells = columns.row(row);
        let Some(id) = cells.id("id", findings) else { continue };
        let cells = cells.about(cells.get("id"));
        if let Some((line, _)) = read.lines.get(&id) {
            let message = format!("line {line} has this id already");
            cells.finding(FindingCode::IdDoubled, "id", message, findings);
            continue;
        }
        read.lines.insert(id.clone(), (cells.line(), read.records.len()));
        let covered = split(cells.get("covers"));
        if !covered.is_empty() {
            read.covers.insert(id.clone(), covered.into_iter().map(str::to_owned).collect());
        }
        read.records.push(record(id, &cells, &columns, findings));
    }
    Ok(read)
}

/// What a file without certain columns says nothing of.
fn silent<const N: usize>(columns: &Columns<'_, N>) -> BTreeSet<Aspect> {
    let aspects = [
        ("marking", Aspect::Markings),
        ("originators", Aspect::Originators),
        ("releasable_to", Aspect::Caveats),
        ("document_sha256", Aspect::Documents),
    ];
    aspects.into_iter().filter(|(name, _)| !columns.has(name)).map(|(_, aspect)| aspect).collect()
}

fn record<const N: usize>(
    id: PartId,
    cells: &StandardCells<'_>,
    columns: &Columns<'_, N>,
    findings: &mut Findings,
) -> Record {
    let kind = word(cells, columns, ("kind", FindingCode::KindUnknown), Kind::read, findings);
    let status =
        word(cells, columns, ("registry_status", FindingCode::StatusUnknown), Status::read, findings);
    let unsaid = if columns.has("registry_status") { Status::Draft } else { Status::Accepted };
    let unreadable = FindingCode::DateUnreadable;
    let date = document_date(cells, findings);
    let added = cells.date("registry_added", unreadable, findings);
    if columns.has("registry_added") && cells.get("registry_added").is_empty() {
        let message = "nothing says when it was added".to_owned();
        cells.finding(FindingCode::DateMissing, "registry_added", message, findings);
    }
    let marking = cells.marking("marking", findings).or_else(|| cells.marking("marking_in_title", findings));
    let originators = cells.codes("originators", FindingCode::OriginatorMalformed, findings);
    let releasable_to = cells.codes("releasable_to", FindingCode::CaveatMalformed, findings);
    let closed = originators.is_none() || releasable_to.is_none();
    let caveat = releasable_to.filter(|codes| !codes.is_empty());
    let custodian = if cells.get("custodian").is_empty() { "responsible_body" } else { "custodian" };
    let document = cells.document(&id, findings);
    let record = Record {
        uuid: uuid(cells, columns, findings),
        kind: kind.unwrap_or(Kind::Standard),
        publisher: cells.text("publisher", findings),
        number: cells.text("pub_number", findings),
        series: cells.text("series", findings),
        base_number: cells.text("base_number", findings),
        edition: cells.text("edition", findings),
        version: cells.text("version", findings),
        title: cells.text("title", findings),
        date,
        custodian: cells.text(custodian, findings),
        status: status.unwrap_or(unsaid),
        added,
        changed: cells.date("registry_last_change", unreadable, findings),
        withdrawn: cells.date("registry_withdrawn", unreadable, findings),
        marking,
        originators: originators.unwrap_or_default(),
        releasable_to: if closed { Some(BTreeSet::new()) } else { caveat },
        uri: cells.text("uri", findings),
        summary: cells.text("abstract", findings),
        document,
        history: Vec::new(),
        id,
    };
    for (field, text, code) in [
        ("title", &record.title, FindingCode::TitleMissing),
        ("pub_number", &record.number, FindingCode::NumberMissing),
    ] {
        if text.is_empty() && columns.has(field) {
            cells.finding(code, field, format!("{field} is empty"), findings);
        }
    }
    record
}

/// A word of a closed set; what is none is a finding where the file has the column.
fn word<T, const N: usize>(
    cells: &StandardCells<'_>,
    columns: &Columns<'_, N>,
    (field, code): (&str, FindingCode),
    read: fn(&str) -> Option<T>,
    findings: &mut Findings,
) -> Option<T> {
    let text = cells.get(field);
    let read = read(text);
    if read.is_none() && columns.has(field) {
        cells.finding(code, field, format!("{field} is {}", Findings::quote(text)), findings);
    }
    read
}

/// The date as it was worked out, else as the source has it.
fn document_date(cells: &StandardCells<'_>, findings: &mut Findings) -> Option<super::super::record::Date> {
    let field = if cells.get("doc_date").is_empty() { "doc_date_raw" } else { "doc_date" };
    if cells.get(field).is_empty() {
        let message = "the document has no date".to_owned();
        cells.finding(FindingCode::DateMissing, "doc_date", message, findings);
    }
    cells.date(field, FindingCode::DateUnreadable, findings)
}

fn uuid<const N: usize>(
    cells: &StandardCells<'_>,
    columns: &Columns<'_, N>,
    findings: &mut Findings,
) -> Option<Uuid> {
    let text = cells.get("uuid");
    if text.is_empty() {
        if columns.has("uuid") {
            cells.finding(FindingCode::UuidMissing, "uuid", "no UUID is given".to_owned(), findings);
        }
        return None;
    }
    let uuid = Uuid::read(text);
    if uuid.is_none() {
        let message = format!("{} is no UUID", Findings::quote(text));
        cells.finding(FindingCode::UuidMalformed, "uuid", message, findings);
    }
    uuid
}
