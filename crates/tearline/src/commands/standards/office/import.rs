//! `tearline standards import`: what a snapshot would change in the office's registry, for review; nothing takes effect by it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ledger::Digest;
use ledger::act::{PartId, Revision};
use office::standards::{Aspect, Change, Finding, Reading, Registry, Severity, counts};
use package::OpenPublic;

use super::super::source::{Files, registry_of};
use super::Opened;
use crate::cli::standards::office::Import;
use crate::code_table::neutral;
use crate::document::standards::{IMPORT_SCHEMA, ImportDocument};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Readers, Target};
use crate::input;
use crate::office_shell::randomness::OsRandomness;
use crate::office_shell::registry::Documents;
use crate::office_shell::{bad_input, failed};
use crate::report::counted;
use crate::terminal::{Terminal, Tone, printable, shell_word};

/// What is written at the top of the folder.
pub(crate) const OURS: [&str; 3] = ["boxes", "change.csv", "change.json"];
/// Files of a folder of documents that are looked at.
const DOCUMENTS_MAX: usize = 200_000;
/// Rows that a refusal shows.
const SHOWN_MAX: usize = 10;
/// Largest document in bytes.
const DOCUMENT_BYTES_MAX: usize = 256 << 20;

pub(crate) fn run(arguments: &Import, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let target = Target::of(&arguments.out, existing, "standards import", |name| OURS.contains(&name))?;
    let opened = Opened::open(&arguments.office, None)?;
    let files = Files::read(&arguments.source)?;
    let before = opened.chronicle.newest().1;
    let mut documents = Documents::beside(before);
    if let Some(folder) = &arguments.documents {
        seal(folder, &mut documents, opened.key.public())?;
    }
    let table = documents.table();
    let mut sources = files.sources();
    if arguments.documents.is_some() {
        sources.documents = Some(("documents", &table));
    }
    let Reading { registry, findings, .. } = registry_of(&sources)?;
    // A folder may hold some documents only: those of the other parts stay.
    let mut silent = registry.silent().clone();
    silent.insert(Aspect::Documents);
    let registry = registry.silent_on(silent).with_boxes(|digest| documents.box_of(digest));
    let change = Change::between(before, &registry, arguments.as_of);
    let bytes = change.to_bytes();
    let mut written = vec![
        ("change.json".to_owned(), bytes.clone()),
        ("change.csv".to_owned(), table_of(before, &change)?),
    ];
    let boxes = documents.boxes().map(|sealed| (format!("boxes/{}.box", Digest::of(sealed)), sealed.clone()));
    written.extend(boxes);
    let much = change.counts();
    let unread: Vec<&Finding> =
        findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let refused = !unread.is_empty() && !arguments.accept_errors;
    let document = ImportDocument {
        schema: IMPORT_SCHEMA,
        verdict: if refused { "not-imported" } else { "for-review" },
        revision: opened.state.next_revision().map_or(u64::MAX, Revision::get),
        change_sha256: Digest::of(&bytes).to_string(),
        added: much.added as u64,
        changed: much.changed as u64,
        withdrawn: much.withdrawn as u64,
        renamed: much.renamed as u64,
        edges: [change.edges_added().len() as u64, change.edges_removed().len() as u64],
        documents: documents.boxes().len() as u64,
        findings: counts(&findings)
            .into_iter()
            .map(|(code, count)| (code.as_str().to_owned(), count as u64))
            .collect(),
        folder: arguments.out.display().to_string(),
    };
    if terminal.json() {
        terminal.document(&document);
    }
    if refused {
        refuse(&unread, terminal);
        return Ok(Answer::No);
    }
    target.put_for(Readers::Nobody, &written)?;
    print(&document, &arguments.out, terminal);
    Ok(Answer::Yes)
}

/// Seals what lies in a folder.
fn seal(folder: &Path, documents: &mut Documents, office: &OpenPublic) -> Result<(), Failure> {
    let mut randomness = OsRandomness::new()?;
    for (id, file) in listed(folder)? {
        let path = folder.join(&file);
        let bytes = input::read_at_most(&path, DOCUMENT_BYTES_MAX)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let part = PartId::new(&id).ok().filter(|_| !name.contains([',', '"', '\n', '\r']));
        let part = part.ok_or_else(|| {
            let message = format!("`{}` does not name a part's document", path.display());
            Failure::usage(message, "name the file by the id of its part, or list it in documents.csv")
        })?;
        let sealed = documents.add(part, name, &bytes, office, &mut randomness);
        sealed.map_err(|error| failed(&error, error.advice()))?;
    }
    Ok(())
}

/// Ids of parts and the files of their documents.
fn listed(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let list = folder.join("documents.csv");
    let mut files = BTreeMap::new();
    if list.is_file() {
        let bytes = input::read_file(&list)?;
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
        let advice = "write the header `id,file` and one line a document";
        for record in reader.deserialize::<(String, String)>() {
            let (id, file) = record.map_err(|error| bad_input(&shell_word(&list), &error, advice))?;
            if Path::new(&file).components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
                return Err(Failure::usage(
                    format!("`{file}` does not stay in the folder of documents"),
                    advice,
                ));
            }
            files.insert(id, file);
        }
        return Ok(files);
    }
    let unreadable = |error| Failure::unreadable(folder, &error);
    for entry in fs::read_dir(folder).map_err(unreadable)?.take(DOCUMENTS_MAX) {
        let path = entry.map_err(unreadable)?.path();
        let names = path.file_stem().zip(path.file_name()).filter(|_| path.is_file());
        files.extend(
            names.map(|(id, name)| (id.to_string_lossy().into_owned(), name.to_string_lossy().into_owned())),
        );
    }
    Ok(files)
}

/// The change as a table that a person reads: what becomes of each part.
fn table_of(before: &Registry, change: &Change) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unwritten = |error: csv::Error| {
        Failure::failed(
            format!("cannot write the table of the change: {error}"),
            "free some memory and try again",
        )
    };
    writer.write_record(["what", "id", "was", "number", "title", "fields"]).map_err(unwritten)?;
    for line in change.lines(before) {
        let record = change.puts().get(&line.id).map(|put| &put.record);
        let (number, title) = record.map_or(("", ""), |record| (&record.number, &record.title));
        let (was, fields) = (line.before.as_ref().map_or("", PartId::as_str), line.fields.join(";"));
        let row = [line.act.as_str(), line.id.as_str(), was, number, title, &fields];
        writer.write_record(row.map(|text| neutral(text).into_owned())).map_err(unwritten)?;
    }
    writer.into_inner().map_err(|error| {
        Failure::failed(
            format!("cannot write the table of the change: {error}"),
            "free some memory and try again",
        )
    })
}

/// What cannot be read would be taken for what is not there any more, and be withdrawn.
fn refuse(unread: &[&Finding], terminal: &Terminal) {
    if terminal.json() {
        return;
    }
    let word = terminal.out_word(Tone::Bad, "not imported");
    let rows = counted(unread.len() as u64, "row or edge", "rows or edges");
    terminal.answer(&format!("{word}: {rows} of the snapshot cannot be read, and would be withdrawn"));
    for finding in unread.iter().take(SHOWN_MAX) {
        terminal.answer(&printable(&format!(
            "  {} {}: {}",
            finding.code.as_str(),
            finding.id,
            finding.message
        )));
    }
    terminal.say(
        "mend the snapshot (`tearline standards check` lists all), or withdraw them with --accept-errors",
    );
}

fn print(document: &ImportDocument, out: &Path, terminal: &Terminal) {
    if terminal.json() {
        return;
    }
    let word = terminal.out_word(Tone::Good, "for review");
    let ImportDocument { revision, added, changed, withdrawn, renamed, .. } = document;
    terminal.answer(&format!(
        "{word}: revision {revision} would add {added} parts, change {changed}, withdraw {withdrawn} and rename {renamed}"
    ));
    let [new, gone] = document.edges;
    terminal.answer(&format!("  edges: {new} new, {gone} gone"));
    let findings: u64 = document.findings.values().sum();
    terminal.answer(&format!("  {findings} findings (`tearline standards check` lists them)"));
    if document.documents > 0 {
        terminal.answer(&format!("  {} documents are sealed to the office", document.documents));
    }
    let out = shell_word(out);
    terminal.answer(&format!("  read {out}/change.csv; SHA-256 of change.json: {}", document.change_sha256));
    terminal.next(&format!(
        "tearline act prepare register --change {out}/change.json --box {out}/change.box --to CARD --ledger DIR --trust FILE --card FILE --out FILE"
    ));
}
