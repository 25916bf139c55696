//! Invented standards as the files that an importer meets.

use std::collections::BTreeSet;
use std::fmt::Display;

use ledger::act::Code;

use super::super::read::Sources;
use super::super::record::{Kind, Relation, marking_word};
use super::Invented;

/// The files, as comma separated values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// Standards and cover documents.
    pub standards: String,
    /// Edges.
    pub edges: String,
    /// Events.
    pub events: String,
    /// Profiles.
    pub profiles: String,
    /// What states said.
    pub national: String,
}

impl Texts {
    /// All of them as what [`super::super::read()`] takes.
    #[must_use]
    pub fn sources(&self) -> Sources<'_> {
        Sources {
            standards: Some(("standards.csv", self.standards.as_bytes())),
            edges: Some(("edges.csv", self.edges.as_bytes())),
            events: Some(("events.csv", self.events.as_bytes())),
            profiles: Some(("profiles.csv", self.profiles.as_bytes())),
            national: Some(("national.csv", self.national.as_bytes())),
            ..Sources::default()
        }
    }
}

const STANDARDS: [&str; 28] = [
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
    "registry_status",
    "registry_added",
    "registry_last_change",
    "registry_withdrawn",
    "marking",
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
    "marking_in_title",
];

impl Invented {
    /// The files.
    #[must_use]
    pub fn to_csv(&self) -> Texts {
        Texts {
            standards: self.standards(),
            edges: self.edges(),
            events: self.events(),
            profiles: text(
                &["id", "title"],
                self.profiles.iter().map(|p| vec![word(&p.id), p.title.clone()]),
            ),
            national: text(
                &["id", "state", "stance", "date", "note"],
                self.national.iter().map(|said| {
                    vec![
                        word(&said.part),
                        word(&said.state),
                        word(said.stance),
                        maybe(said.date),
                        said.note.clone(),
                    ]
                }),
            ),
        }
    }

    fn standards(&self) -> String {
        let row = |record: &super::Record| {
            let covers: Vec<&str> = if record.kind == Kind::CoverDocument {
                let begin = self.edges.partition_point(|edge| edge.from < record.id);
                let edges = self.edges.iter().skip(begin).take_while(|edge| edge.from == record.id);
                edges.filter(|edge| edge.relation == Relation::Covers).map(|edge| edge.to.as_str()).collect()
            } else {
                Vec::new()
            };
            let document = record.document.as_ref();
            vec![
                word(&record.id),
                word(record.kind),
                record.publisher.clone(),
                record.number.clone(),
                record.series.clone(),
                record.base_number.clone(),
                record.edition.clone(),
                record.version.clone(),
                record.title.clone(),
                maybe(record.date),
                maybe(record.date),
                record.custodian.clone(),
                word(record.status),
                maybe(record.added),
                maybe(record.changed),
                maybe(record.withdrawn),
                record.marking.map(marking_word).unwrap_or_default().to_owned(),
                codes(&record.originators),
                record.releasable_to.as_ref().map(codes).unwrap_or_default(),
                maybe(document.map(|document| document.digest)),
                maybe(document.map(|document| document.bytes)),
                document.map(|document| document.name.clone()).unwrap_or_default(),
                record.history.len().to_string(),
                covers.join(";"),
                record.uri.clone(),
                maybe(record.uuid),
                record.summary.clone(),
                String::new(),
            ]
        };
        text(&STANDARDS, self.records.iter().map(row))
    }

    fn edges(&self) -> String {
        let row = |edge: &super::Edge| {
            vec![
                word(&edge.from),
                word(&edge.to),
                word(edge.relation),
                maybe(edge.obligation),
                maybe(edge.lifecycle),
                if edge.derived { "yes" } else { "no" }.to_owned(),
            ]
        };
        text(&["src", "dst", "relation", "obligation", "lifecycle", "derived"], self.edges.iter().map(row))
    }

    fn events(&self) -> String {
        let rows = self.records.iter().flat_map(|record| {
            record.history.iter().map(|event| {
                vec![
                    word(&record.id),
                    word(event.flag),
                    maybe(event.date),
                    event.proposal.clone(),
                    event.version.clone(),
                ]
            })
        });
        text(&["id", "flag", "date", "change_proposal", "registry_version"], rows)
    }
}

fn word(value: impl Display) -> String {
    value.to_string()
}

fn maybe(value: Option<impl Display>) -> String {
    value.map(word).unwrap_or_default()
}

fn codes(codes: &BTreeSet<Code>) -> String {
    codes.iter().map(Code::as_str).collect::<Vec<_>>().join(";")
}

fn text(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = columns.join(",");
    text.push('\n');
    for row in rows {
        for (at, field) in row.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            if field.contains(['"', ',', '\n', '\r']) {
                text.push('"');
                text.push_str(&field.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(field);
            }
        }
        text.push('\n');
    }
    text
}
