//! The files of a wave of standards: what its receivers get, and what each originator is shown of its own parts before it agrees.
//!
//! `wave.json`, `wave.html` and `wave.csv` say the same; `documents/` holds one file a part, as the office has it. Nothing but the wave and
//! the records of its own parts is an argument here, so nothing else can stand in a file.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use ledger::Digest;
use ledger::act::{Code, Notice, Part, PartId, Receiver};
use office::standards::{HandOver, Kind, Record, marking_word};
use package::content::FileName;

use crate::code_table::neutral;
use crate::document::json_file;
use crate::document::wave::{
    SCHEMA, SHOWN_SCHEMA, ShownDocument, ShownReceiver, WaveDocument, WaveNotice, WavePart,
};
use crate::failure::Failure;
use crate::forms::Heading;
use crate::page;
use crate::report::counted;

const STYLE: &str = include_str!("../templates/report.css");
/// Where the documents of the parts are.
const DOCUMENTS: &str = "documents";
/// Characters of an id that file names keep; longer ones are told apart by their digest.
const NAME_CHARS_MAX: usize = 60;
const COLUMNS: [&str; 11] = [
    "id",
    "number",
    "title",
    "kind",
    "edition",
    "level",
    "replaces",
    "needs",
    "lacks",
    "file",
    "document_sha256",
];

#[derive(Template)]
#[template(path = "wave.html")]
struct Page<'a> {
    wave: &'a WaveDocument,
    style: &'static str,
    policy: String,
}

impl Page<'_> {
    fn marking(&self) -> &str {
        &self.wave.marking
    }

    fn counted(&self, count: usize, one: &str, several: &str) -> String {
        counted(count as u64, one, several)
    }
}

/// What receivers get, each file with its path. `documents` has the bytes of each part's document.
pub(crate) fn content(
    heading: &Heading<'_>,
    release: &HandOver,
    records: &BTreeMap<PartId, &Record>,
    documents: &BTreeMap<PartId, Vec<u8>>,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let document = document(heading, release, records);
    let mut files = vec![
        ("wave.json".to_owned(), json_file("wave.json", &document)?),
        ("wave.html".to_owned(), rendered(&document)?),
        ("wave.csv".to_owned(), csv(&document)?),
    ];
    let files_of = files_of(release, records);
    for (id, part) in &release.wave.parts {
        let bytes = documents.get(id).filter(|bytes| Digest::of(bytes) == part.document);
        let bytes = bytes.ok_or_else(|| {
            let message = format!("the document of {id} is not the one that is registered");
            Failure::failed(message, "restore the store from a copy that has it, or register it again")
        })?;
        // Parts with one document share its file.
        let file = files_of.get(&part.document).cloned().unwrap_or_default();
        if !files.iter().any(|(name, _)| *name == file) {
            files.push((file, bytes.clone()));
        }
    }
    Ok(files)
}

/// What each originator is shown, by its code.
pub(crate) fn shown(
    heading: &Heading<'_>,
    release: &HandOver,
    records: &BTreeMap<PartId, &Record>,
    receivers: &BTreeMap<Code, Receiver>,
) -> Result<BTreeMap<Code, Vec<u8>>, Failure> {
    let receiver = |code: &Code| {
        let known = receivers.get(code);
        ShownReceiver {
            code: code.to_string(),
            state: known.map(|known| known.state.to_string()).unwrap_or_default(),
            clearance: known.map(|known| marking_word(known.clearance).to_owned()).unwrap_or_default(),
        }
    };
    let files = files_of(release, records);
    let mut shown = BTreeMap::new();
    for member in &release.originators {
        let own = release.wave.parts.iter().filter(|(_, part)| part.originators.contains(member));
        let parts: Vec<WavePart> =
            own.map(|(id, part)| part_of(id, part, records.get(id).copied(), &files)).collect();
        let document = ShownDocument {
            schema: SHOWN_SCHEMA,
            title: heading.title.to_owned(),
            marking: heading.marking.to_owned(),
            member: member.to_string(),
            receivers: release.audience.iter().map(receiver).collect(),
            others: release.wave.parts.len() - parts.len(),
            parts,
        };
        shown.insert(member.clone(), json_file(&format!("{member}.json"), &document)?);
    }
    Ok(shown)
}

fn document(heading: &Heading<'_>, release: &HandOver, records: &BTreeMap<PartId, &Record>) -> WaveDocument {
    let (wave, files) = (&release.wave, files_of(release, records));
    let notice = |(id, notice): (&PartId, &Notice)| {
        let (became, by) = match notice {
            Notice::Superseded { by } => ("superseded", Some(by.to_string())),
            Notice::Withdrawn => ("withdrawn", None),
        };
        WaveNotice { id: id.to_string(), became, by }
    };
    WaveDocument {
        schema: SCHEMA,
        title: heading.title.to_owned(),
        marking: heading.marking.to_owned(),
        registry: wave.registry.get(),
        parts: wave
            .parts
            .iter()
            .map(|(id, part)| part_of(id, part, records.get(id).copied(), &files))
            .collect(),
        notices: wave.notices.iter().map(notice).collect(),
    }
}

fn part_of(id: &PartId, part: &Part, record: Option<&Record>, files: &BTreeMap<Digest, String>) -> WavePart {
    let ids = |ids: &BTreeSet<PartId>| ids.iter().map(ToString::to_string).collect();
    let text = |of: fn(&Record) -> String| record.map(of).unwrap_or_default();
    WavePart {
        id: id.to_string(),
        number: text(|record| record.number.clone()),
        title: text(|record| record.title.clone()),
        kind: text(|record| match record.kind {
            Kind::CoverDocument => "cover-document".to_owned(),
            Kind::Standard => "standard".to_owned(),
        }),
        edition: text(|record| record.edition.clone()),
        version: text(|record| record.version.clone()),
        date: text(|record| record.date.map(|date| date.to_string()).unwrap_or_default()),
        custodian: text(|record| record.custodian.clone()),
        level: marking_word(part.level).to_owned(),
        file: files.get(&part.document).cloned().unwrap_or_default(),
        document_sha256: part.document.to_string(),
        needs: ids(&part.needs),
        lacks: ids(&part.lacks),
        replaces: part.replaces.as_ref().map(ToString::to_string),
    }
}

/// Where each document stands: with the first of the parts that have it.
fn files_of(release: &HandOver, records: &BTreeMap<PartId, &Record>) -> BTreeMap<Digest, String> {
    let mut files = BTreeMap::new();
    for (id, part) in &release.wave.parts {
        files.entry(part.document).or_insert_with(|| file_of(id, records.get(id).copied()));
    }
    files
}

/// Where the document of a part stands: a folder by its id, so that names of documents never meet.
fn file_of(id: &PartId, record: Option<&Record>) -> String {
    let name =
        record.and_then(|record| record.document.as_ref()).map_or("document", |document| &document.name);
    format!("{DOCUMENTS}/{}/{}", plain(id.as_str()), plain(name))
}

/// A text as a part of a file name of a release.
fn plain(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let kept: String = text.chars().map(|c| if fits(c) { c } else { '_' }).take(NAME_CHARS_MAX).collect();
    let kept = kept.trim_end_matches('.');
    if kept == text && FileName::new(kept).is_ok() {
        return kept.to_owned();
    }
    // Two texts that look alike once they are plain must not share a name.
    let digest: String = Digest::of(text.as_bytes()).to_string().chars().take(8).collect();
    format!("x{digest}-{}", kept.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()))
}

fn rendered(wave: &WaveDocument) -> Result<Vec<u8>, Failure> {
    page::rendered("wave.html", &Page { wave, style: STYLE, policy: page::policy(STYLE) })
}

fn csv(wave: &WaveDocument) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut put = |fields: [&str; COLUMNS.len()]| {
        let fields = fields.map(|field| neutral(field).into_owned());
        writer.write_record(fields).map_err(|error| unwritten(&error))
    };
    put(COLUMNS)?;
    for part in &wave.parts {
        let (needs, lacks) = (part.needs.join(";"), part.lacks.join(";"));
        let replaces = part.replaces.as_deref().unwrap_or_default();
        put([
            &part.id,
            &part.number,
            &part.title,
            &part.kind,
            &part.edition,
            &part.level,
            replaces,
            &needs,
            &lacks,
            &part.file,
            &part.document_sha256,
        ])?;
    }
    writer.into_inner().map_err(|error| unwritten(&error))
}

fn unwritten(error: &dyn std::error::Error) -> Failure {
    Failure::failed(format!("cannot write the files of a wave: {error}"), "free some memory and try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_plain_and_never_meet() {
        assert_eq!(plain("ex-avoc-9002-ed.a-v1"), "ex-avoc-9002-ed.a-v1");
        let names =
            ["iso:8601", "iso_8601", "iso+8601", "..", "a..", "-a", "CON", &"long-".repeat(30)].map(plain);
        let apart: BTreeSet<&String> = names.iter().collect();
        assert_eq!(apart.len(), names.len());
        for name in names {
            let name = format!("{DOCUMENTS}/{name}/{name}");
            assert!(FileName::new(&name).is_ok(), "{name}");
        }
    }
}
