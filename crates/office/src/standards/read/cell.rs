//! Single fields of a row as values, with a finding where they are none.

use std::collections::BTreeSet;

use ledger::Digest;
use ledger::act::{Code, Level, PartId};

use super::super::finding::{FindingCode, Findings, Origin, is_plain};
use super::super::record::{Date, Document, Record, read_marking};
use super::table::{ReadError, Row, Table};

/// Places of the columns that have a meaning, by their names.
pub(super) struct Columns<'a, const N: usize> {
    origin: Origin,
    places: [(&'a str, Option<usize>); N],
}

impl<'a, const N: usize> Columns<'a, N> {
    /// Looks the columns up. The first `needed` of them must be there; others of the file are a note each.
    pub(super) fn of(
        (file, table): (&str, &Table),
        origin: Origin,
        names: [&'static str; N],
        needed: usize,
        findings: &mut Findings,
    ) -> Result<Self, ReadError> {
        if let Some(column) = names.iter().take(needed).find(|name| table.column(name).is_none()) {
            return Err(ReadError::ColumnMissing { file: file.to_owned(), column });
        }
        for column in table.columns().iter().filter(|column| !names.contains(&column.as_str())) {
            let message = format!("column {} is not read", Findings::quote(column));
            findings.add(FindingCode::ColumnUnknown, (origin, Some(1)), ("", column), message);
        }
        for (line, fields) in table.misshapen() {
            let message = format!("the row has {fields} fields, the header {}", table.columns().len());
            findings.add(FindingCode::RowMisshapen, (origin, Some(*line)), ("", ""), message);
        }
        Ok(Self { origin, places: names.map(|name| (name, table.column(name))) })
    }

    /// Whether the file has this column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == name).and_then(|(_, place)| *place)
    }

    /// The row as fields by name.
    pub(super) fn row<'b>(&'b self, row: &'b Row) -> Cells<'b, N> {
        Cells { columns: self, row, id: "" }
    }
}

/// A row by the names of its columns.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a, const N: usize> {
    columns: &'a Columns<'a, N>,
    row: &'a Row,
    id: &'a str,
}

impl<'a, const N: usize> Cells<'a, N> {
    /// The same row, whose findings name this id.
    pub(super) fn about(self, id: &'a str) -> Self {
        Self { id, ..self }
    }

    pub(super) fn line(&self) -> u64 {
        self.row.line()
    }

    /// The field, without space around it; empty where the file has no such column.
    pub(super) fn get(&self, name: &str) -> &'a str {
        self.columns.place(name).map_or("", |place| self.row.field(place)).trim()
    }

    pub(super) fn finding(&self, code: FindingCode, field: &str, message: String, findings: &mut Findings) {
        findings.add(code, (self.columns.origin, Some(self.row.line())), (self.id, field), message);
    }

    /// The id in this column, if it is one.
    pub(super) fn id(&self, field: &str, findings: &mut Findings) -> Option<PartId> {
        let text = self.get(field);
        if text.is_empty() {
            self.finding(FindingCode::IdMissing, field, "no id is given".to_owned(), findings);
            return None;
        }
        let id = PartId::new(text);
        if let Err(why) = &id {
            let message = format!("{} is no id: {why}", Findings::quote(text));
            self.about(text).finding(FindingCode::IdMalformed, field, message, findings);
        }
        id.ok()
    }

    /// A text that shows what it says, within the longest one allowed. Line ends and tabs are spaces.
    pub(super) fn text(&self, field: &str, findings: &mut Findings) -> String {
        let text = self.get(field);
        let plain = text.chars().all(is_plain);
        if plain && text.len() <= Record::TEXT_BYTES_MAX {
            return text.to_owned();
        }
        let space = |c: char| matches!(c, '\n' | '\r' | '\t');
        if text.chars().any(|c| !is_plain(c) && !space(c)) {
            let message = format!("{field} has characters that cannot be seen");
            self.finding(FindingCode::TextUnprintable, field, message, findings);
        }
        let mut kept = String::with_capacity(text.len().min(Record::TEXT_BYTES_MAX));
        for c in text.chars().map(|c| if is_plain(c) { c } else { ' ' }) {
            if kept.len() + c.len_utf8() > Record::TEXT_BYTES_MAX {
                let message =
                    format!("{field} has {} bytes, more than {}", text.len(), Record::TEXT_BYTES_MAX);
                self.finding(FindingCode::TextTooLong, field, message, findings);
                break;
            }
            kept.push(c);
        }
        kept.trim().to_owned()
    }

    /// A date; what is none is a finding with `code`.
    pub(super) fn date(&self, field: &str, code: FindingCode, findings: &mut Findings) -> Option<Date> {
        let text = self.get(field);
        if text.is_empty() {
            return None;
        }
        // A source that knows only the month or the year writes zeros for the rest.
        let zeros = text.strip_suffix("-00").unwrap_or(text);
        let date = Date::read(zeros.strip_suffix("-00").unwrap_or(zeros));
        if date.is_none() {
            let message = format!("{} is no date", Findings::quote(text));
            self.finding(code, field, message, findings);
        }
        date
    }

    /// A marking; one that cannot be read is the highest there is.
    pub(super) fn marking(&self, field: &str, findings: &mut Findings) -> Option<Level> {
        let text = self.get(field);
        if text.is_empty() {
            return None;
        }
        let level = read_marking(text);
        if level.is_none() {
            let message = format!("marking {} is unknown; counts as top secret", Findings::quote(text));
            self.finding(FindingCode::MarkingUnknown, field, message, findings);
        }
        level.or(Some(Level::TopSecret))
    }

    /// Codes with `;`, `,` or space between; nothing where one of them is none, or where there is none at all in a field that is not
    /// empty.
    pub(super) fn codes(
        &self,
        field: &str,
        code: FindingCode,
        findings: &mut Findings,
    ) -> Option<BTreeSet<Code>> {
        let text = self.get(field);
        let words = split(text);
        let codes: Result<BTreeSet<Code>, _> = words.iter().map(|word| Code::new(word)).collect();
        match codes {
            Ok(codes) if text.is_empty() || !codes.is_empty() => Some(codes),
            _ => {
                let message = format!("{} are no codes; nobody may have the part", Findings::quote(text));
                self.finding(code, field, message, findings);
                None
            }
        }
    }

    /// A document, if there is one.
    pub(super) fn document(&self, id: &PartId, findings: &mut Findings) -> Option<Document> {
        let (digest, bytes, name) =
            (self.get("document_sha256"), self.get("document_bytes"), self.get("document_name"));
        if digest.is_empty() && bytes.is_empty() && name.is_empty() {
            return None;
        }
        let name = if name.is_empty() { id.as_str() } else { name };
        let document = digest.parse::<Digest>().ok().zip(bytes.parse::<u64>().ok());
        let found = document.filter(|_| Document::names(name));
        if found.is_none() {
            let message = format!(
                "digest {}, length {} and name {} are no document",
                Findings::quote(digest),
                Findings::quote(bytes),
                Findings::quote(name)
            );
            self.finding(FindingCode::DocumentMalformed, "document_sha256", message, findings);
        }
        found.map(|(digest, bytes)| Document { digest, bytes, name: name.to_owned(), sealed: None })
    }
}

/// The pieces of a list.
pub(super) fn split(text: &str) -> Vec<&str> {
    text.split(|c: char| matches!(c, ';' | ',') || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect()
}
