//! What a registry, a policy and an id are read from: one reader for all commands.

use std::path::Path;

use intake::nearest;
use ledger::act::{Code, PartId, UtcTime};
use office::standards::policy::moment;
use office::standards::{BYTES_MAX, Policy, Reading, Record, Registry, Severity, Sources, Table, read};

use crate::cli::standards::SourceArgs;
use crate::document::standards::PartLine;
use crate::failure::Failure;
use crate::input;
use crate::office_shell::bad_input;
use crate::office_shell::clock::{Clock as _, SystemClock};
use crate::terminal::{Terminal, printable};

/// A file: the name that findings call it by, and its bytes.
type File = (String, Vec<u8>);

fn file(path: &Path) -> Result<File, Failure> {
    Ok((path.display().to_string(), input::read_at_most(path, BYTES_MAX)?))
}

fn borrowed(file: &Option<File>) -> Option<(&str, &[u8])> {
    file.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
}

/// The files of a snapshot in memory.
pub(super) struct Files {
    standards: Option<File>,
    edges: Option<File>,
    events: Option<File>,
    profiles: Option<File>,
    organizations: Option<File>,
    bodies: Option<File>,
    national: Option<File>,
}

impl Files {
    pub(super) fn read(arguments: &SourceArgs) -> Result<Self, Failure> {
        let optional = |path: &Option<std::path::PathBuf>| path.as_deref().map(file).transpose();
        Ok(Self {
            standards: Some(file(&arguments.standards)?),
            edges: optional(&arguments.edges)?,
            events: optional(&arguments.events)?,
            profiles: optional(&arguments.profiles)?,
            organizations: optional(&arguments.organizations)?,
            bodies: optional(&arguments.bodies)?,
            national: optional(&arguments.national)?,
        })
    }

    pub(super) fn sources(&self) -> Sources<'_> {
        Sources {
            standards: borrowed(&self.standards),
            edges: borrowed(&self.edges),
            events: borrowed(&self.events),
            profiles: borrowed(&self.profiles),
            organizations: borrowed(&self.organizations),
            responsible_bodies: borrowed(&self.bodies),
            national: borrowed(&self.national),
            documents: None,
        }
    }
}

/// Reads a registry from files.
pub(super) fn registry(arguments: &SourceArgs) -> Result<Reading, Failure> {
    registry_of(&Files::read(arguments)?.sources())
}

/// The same, from what is in memory.
pub(super) fn registry_of(sources: &Sources<'_>) -> Result<Reading, Failure> {
    read(sources).map_err(|error| bad_input("the registry", &error, error.advice()))
}

/// The same, for commands whose answer is not the findings: these are counted in words.
pub(super) fn registry_quietly(arguments: &SourceArgs, terminal: &Terminal) -> Result<Registry, Failure> {
    let reading = registry(arguments)?;
    let count = |severity| reading.findings.iter().filter(|finding| finding.severity == severity).count();
    let words = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        several => Some(format!("{several} {word}s")),
    };
    let found = [words(count(Severity::Error), "error"), words(count(Severity::Warning), "warning")];
    let found: Vec<String> = found.into_iter().flatten().collect();
    if !found.is_empty() {
        let found = found.join(" and ");
        terminal.say(&format!("note: {found} in the registry; `tearline standards check` lists them"));
    }
    Ok(reading.registry)
}

/// Reads the rows of a snapshot.
pub(super) fn table(path: &Path) -> Result<Table, Failure> {
    let (name, bytes) = file(path)?;
    Table::read(&name, &bytes).map_err(|error| bad_input("the snapshot", &error, error.advice()))
}

/// Reads a policy.
pub(super) fn policy(path: &Path) -> Result<Policy, Failure> {
    let bytes = input::read_file(path)?;
    let shown = format!("`{}`", path.display());
    let text =
        std::str::from_utf8(&bytes).map_err(|error| bad_input(&shown, &error, "save the file as UTF-8"))?;
    Policy::read(text).map_err(|error| bad_input(&shown, &error, &error.advice()))
}

/// The time to judge at: asked for, else the policy's, else now.
pub(super) fn time(asked: Option<&str>, policy: &Policy) -> Result<UtcTime, Failure> {
    match (asked, policy.at) {
        (Some(text), _) => moment(text).ok_or_else(|| {
            Failure::usage(
                format!("--at: `{text}` is no date"),
                "write a day as 2026-11-27, or a second as 2026-11-27T12:00:00Z",
            )
        }),
        (None, Some(at)) => Ok(at),
        (None, None) => SystemClock.now(),
    }
}

/// A time as its day, where it is the first second of one.
pub(super) fn day(at: UtcTime) -> String {
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}

/// The record of an id; of a mistyped one, those that were probably meant.
pub(super) fn record<'r>(registry: &'r Registry, id: &str) -> Result<&'r Record, Failure> {
    let known = PartId::new(id).ok();
    let found = known.as_ref().and_then(|id| registry.canonical(id)).and_then(|id| registry.record(id));
    found.ok_or_else(|| {
        let near = nearest(id, registry.records().keys().map(PartId::as_str));
        let near: Vec<String> = near.iter().map(|id| format!("`{id}`")).collect();
        let search = "`tearline standards search` finds ids by number and words";
        let advice = match near.is_empty() {
            true => search.to_owned(),
            false => format!("did you mean {}? {search}", near.join(" or ")),
        };
        Failure::usage(format!("the registry has no part `{}`", printable(id)), advice)
    })
}

/// A code of a body or state.
pub(super) fn receiver(code: &str) -> Result<Code, Failure> {
    Code::new(code)
        .map_err(|error| bad_input(&format!("`{}`", printable(code)), &error, "name a body or a state"))
}

/// Which part.
pub(super) fn part_line(record: &Record) -> PartLine {
    PartLine {
        id: record.id.to_string(),
        number: record.number.clone(),
        title: record.title.clone(),
        marking: record.marking.map(|level| office::standards::marking_word(level).to_owned()),
    }
}

/// A part on one line of a terminal.
pub(super) fn part_words(part: &PartLine) -> String {
    printable(&format!("{}  {}", part.id, part.name()))
}
