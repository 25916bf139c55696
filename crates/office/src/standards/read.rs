//! From files to a registry: rows are read, what is wrong with them becomes findings, and what is safe to keep is kept.
//!
//! Only what is no table at all is an error ([`ReadError`]). Doubt never widens who may have a part: a marking that cannot be read counts
//! as top secret, an originator or a caveat that cannot be read closes the part to everybody, a status that is unknown is a draft, an
//! obligation of a reference that is unknown is normative. Texts lose what cannot be seen and what is past
//! [`Record::TEXT_BYTES_MAX`]. Cost: O(n log n) in rows.

use std::collections::BTreeMap;

use ledger::act::PartId;

use super::finding::{Finding, FindingCode, Findings, Origin};
use super::record::Record;
use super::registry::{Aspect, Registry};

mod cell;
mod cross;
mod edges;
mod graph;
mod lists;
mod standards;
mod table;

pub use table::{BYTES_MAX, COLUMNS_MAX, FIELD_BYTES_MAX, ROWS_MAX, ReadError, Row, Table};

/// Files by what they hold, each with its name and its bytes, as CSV or JSON. All but the standards may be absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// Standards and cover documents: `id` and, as far as known, `kind`, `publisher`, `pub_number`, `series`, `base_number`, `edition`,
    /// `version`, `title`, `doc_date` (or `doc_date_raw`), `responsible_body` (or `custodian`), `registry_status`, `registry_added`,
    /// `registry_last_change`, `registry_withdrawn`, `marking` (or `marking_in_title`), `originators` and `releasable_to` (codes with `;`
    /// between), `document_sha256`, `document_bytes`, `document_name`, `n_events`, `covers`, `uri`, `uuid`, `abstract`.
    pub standards: Option<(&'a str, &'a [u8])>,
    /// Edges: `src`, `dst`, `relation`; `obligation`, `lifecycle`, `derived`.
    pub edges: Option<(&'a str, &'a [u8])>,
    /// What happened: `id`, `flag`; `date`, `change_proposal`, `registry_version`.
    pub events: Option<(&'a str, &'a [u8])>,
    /// Profiles: `id`; `title`.
    pub profiles: Option<(&'a str, &'a [u8])>,
    /// Publishers: `id`.
    pub organizations: Option<(&'a str, &'a [u8])>,
    /// Custodians: `id`.
    pub responsible_bodies: Option<(&'a str, &'a [u8])>,
    /// What states say: `id`, `state`, `stance`; `date`, `note`.
    pub national: Option<(&'a str, &'a [u8])>,
    /// Documents: `id`, `document_sha256`, `document_bytes`; `document_name`. They win over the same columns of the standards.
    pub documents: Option<(&'a str, &'a [u8])>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The registry of what was kept.
    pub registry: Registry,
    /// What is wrong, by file, line and code.
    pub findings: Vec<Finding>,
    /// The rows of the standards, for [`super::difference()`].
    pub rows: Table,
}

/// Reads a registry.
///
/// # Errors
/// [`ReadError`] where a file is no table, is past a limit, or lacks a column without which nothing can be made of it.
pub fn read(sources: &Sources<'_>) -> Result<Reading, ReadError> {
    let (name, bytes) = sources.standards.ok_or(ReadError::NoStandards)?;
    let mut findings = Findings::default();
    let rows = Table::read(name, bytes)?;
    let mut read = standards::standards(name, &rows, &mut findings)?;

    if let Some((name, bytes)) = sources.events {
        lists::events(name, &Table::read(name, bytes)?, &mut read, &mut findings)?;
    } else {
        read.silent.insert(Aspect::History);
    }
    if let Some((name, bytes)) = sources.documents {
        lists::documents(name, &Table::read(name, bytes)?, &mut read, &mut findings)?;
        read.silent.remove(&Aspect::Documents);
    }
    let profiles = match sources.profiles {
        Some((name, bytes)) => Some(lists::profiles(name, &Table::read(name, bytes)?, &mut findings)?),
        None => {
            read.silent.insert(Aspect::Profiles);
            None
        }
    };
    let national = match sources.national {
        Some((name, bytes)) => lists::national(name, &Table::read(name, bytes)?, &read, &mut findings)?,
        None => {
            read.silent.insert(Aspect::National);
            Vec::new()
        }
    };
    let edges = match sources.edges {
        Some((name, bytes)) => {
            edges::edges(name, &Table::read(name, bytes)?, &read, profiles.as_ref(), &mut findings)?
        }
        None => {
            read.silent.insert(Aspect::Edges);
            edges::of_column(&read, &mut findings)
        }
    };
    for (file, known, code) in [
        (sources.organizations, Origin::Organizations, FindingCode::PublisherUnknown),
        (sources.responsible_bodies, Origin::ResponsibleBodies, FindingCode::BodyUnknown),
    ] {
        if let Some((name, bytes)) = file {
            let ids = lists::ids(name, &Table::read(name, bytes)?, known, &mut findings)?;
            cross::unknown_bodies(&read, &ids, code, &mut findings);
        }
    }
    let profiles = edges::profiles_of(profiles.unwrap_or_default(), &edges.edges);
    let Standards { records, lines, covers, silent } = read;
    let registry = Registry::new(records, edges.edges, profiles, national).silent_on(silent);
    cross::check(&registry, &lines, &covers, edges.covers.as_ref(), &mut findings);
    Ok(Reading { registry, findings: findings.done(), rows })
}

/// Records as they are read, each with its line, and with what the column of covered standards says.
struct Standards {
    records: Vec<Record>,
    /// Line, and place in `records`.
    lines: BTreeMap<PartId, (u64, usize)>,
    /// By the id of a cover, texts.
    covers: BTreeMap<PartId, Vec<String>>,
    silent: std::collections::BTreeSet<Aspect>,
}

impl Standards {
    fn place(&self, id: &str) -> Option<usize> {
        let id = PartId::new(id.trim()).ok()?;
        self.lines.get(&id).map(|(_, place)| *place)
    }

    fn knows(&self, id: &PartId) -> bool {
        self.lines.contains_key(id)
    }
}
