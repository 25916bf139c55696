//! The one byte form of a change: JSON without spaces, keys and lists in one order. What is written otherwise is not read, so that a
//! digest of the bytes names the change.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Digest;
use ledger::act::{Code, Level, PartId};
use serde::{Deserialize, Serialize};

use super::super::finding::is_plain;
use super::super::read::{BYTES_MAX, ROWS_MAX};
use super::super::record::{
    Date, Document, Edge, Flag, History, Kind, Lifecycle, National, Obligation, Profile, Record, Relation,
    Stance, Status, Uuid,
};
use super::{Act, Change, Put};

/// The form that is written and read.
const SCHEMA: &str = "tearline-registry-change/1";

/// Why bytes are no change of the registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Too long.
    #[error("a change of the registry has at most {BYTES_MAX} bytes and {ROWS_MAX} entries of each kind")]
    Size,
    /// No JSON, or not of this shape.
    #[error("a change of the registry has another shape: {why}")]
    Shape {
        /// What the reader met, and where.
        why: String,
    },
    /// A field holds what it cannot hold.
    #[error("`{field}` of a change of the registry cannot be `{text}`")]
    Field {
        /// Which field.
        field: &'static str,
        /// What it holds, its first characters.
        text: String,
    },
    /// It says the same as a change, in other bytes.
    #[error("the change of the registry is not written in its one form")]
    Form,
}

impl ChangeError {
    /// What to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Size => "import the snapshot in pieces",
            Self::Shape { .. } | Self::Field { .. } | Self::Form => {
                "take the file as `standards import` wrote it; nobody writes one by hand"
            }
        }
    }
}

impl Change {
    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Maps have text keys and nothing here fails to be written.
        serde_json::to_vec(&Wire::from(self)).unwrap_or_default()
    }

    /// # Errors
    /// [`ChangeError`] for other bytes than [`Change::to_bytes`] gives.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ChangeError> {
        if bytes.len() > BYTES_MAX {
            return Err(ChangeError::Size);
        }
        let wire: Wire =
            serde_json::from_slice(bytes).map_err(|why| ChangeError::Shape { why: why.to_string() })?;
        let change = wire.read()?;
        if change.to_bytes() == bytes { Ok(change) } else { Err(ChangeError::Form) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    as_of: String,
    records: Vec<WirePut>,
    removed: BTreeSet<PartId>,
    aliases: BTreeMap<PartId, PartId>,
    edges_added: Vec<WireEdge>,
    edges_removed: Vec<WireEdge>,
    profiles: BTreeMap<PartId, String>,
    profiles_removed: BTreeSet<PartId>,
    national_added: Vec<WireNational>,
    national_removed: Vec<WireNational>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePut {
    act: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<PartId>,
    record: WireRecord,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRecord {
    id: PartId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uuid: Option<String>,
    kind: String,
    publisher: String,
    number: String,
    series: String,
    base_number: String,
    edition: String,
    version: String,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    custodian: String,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    added: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marking: Option<Level>,
    originators: BTreeSet<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    releasable_to: Option<BTreeSet<Code>>,
    uri: String,
    summary: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<WireDocument>,
    history: Vec<WireHistory>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDocument {
    sha256: Digest,
    bytes: u64,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<Digest>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHistory {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    flag: String,
    proposal: String,
    version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEdge {
    from: PartId,
    relation: String,
    to: PartId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    obligation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifecycle: Option<String>,
    derived: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireNational {
    part: PartId,
    state: Code,
    stance: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    note: String,
}

impl From<&Change> for Wire {
    fn from(change: &Change) -> Self {
        let title = |(id, profile): (&PartId, &Profile)| (id.clone(), profile.title.clone());
        Self {
            schema: SCHEMA.to_owned(),
            as_of: change.as_of.to_string(),
            records: change.puts.values().map(WirePut::from).collect(),
            removed: change.removed.clone(),
            aliases: change.aliases.clone(),
            edges_added: change.edges_added.iter().map(WireEdge::from).collect(),
            edges_removed: change.edges_removed.iter().map(WireEdge::from).collect(),
            profiles: change.profiles.iter().map(title).collect(),
            profiles_removed: change.profiles_removed.clone(),
            national_added: change.national_added.iter().map(WireNational::from).collect(),
            national_removed: change.national_removed.iter().map(WireNational::from).collect(),
        }
    }
}

impl From<&Put> for WirePut {
    fn from(put: &Put) -> Self {
        let (record, day) = (&put.record, |date: Option<Date>| date.map(|date| date.to_string()));
        let document = record.document.as_ref().map(|document| WireDocument {
            sha256: document.digest,
            bytes: document.bytes,
            name: document.name.clone(),
            sealed: document.sealed,
        });
        let event = |event: &History| WireHistory {
            date: day(event.date),
            flag: event.flag.to_string(),
            proposal: event.proposal.clone(),
            version: event.version.clone(),
        };
        let record = WireRecord {
            id: record.id.clone(),
            uuid: record.uuid.map(|uuid| uuid.to_string()),
            kind: record.kind.to_string(),
            publisher: record.publisher.clone(),
            number: record.number.clone(),
            series: record.series.clone(),
            base_number: record.base_number.clone(),
            edition: record.edition.clone(),
            version: record.version.clone(),
            title: record.title.clone(),
            date: day(record.date),
            custodian: record.custodian.clone(),
            status: record.status.to_string(),
            added: day(record.added),
            changed: day(record.changed),
            withdrawn: day(record.withdrawn),
            marking: record.marking,
            originators: record.originators.clone(),
            releasable_to: record.releasable_to.clone(),
            uri: record.uri.clone(),
            summary: record.summary.clone(),
            document,
            history: record.history.iter().map(event).collect(),
        };
        Self { act: put.act.as_str().to_owned(), before: put.before.clone(), record }
    }
}

impl From<&Edge> for WireEdge {
    fn from(edge: &Edge) -> Self {
        Self {
            from: edge.from.clone(),
            relation: edge.relation.to_string(),
            to: edge.to.clone(),
            obligation: edge.obligation.map(|obligation| obligation.to_string()),
            lifecycle: edge.lifecycle.map(|lifecycle| lifecycle.to_string()),
            derived: edge.derived,
        }
    }
}

impl From<&National> for WireNational {
    fn from(said: &National) -> Self {
        Self {
            part: said.part.clone(),
            state: said.state.clone(),
            stance: said.stance.to_string(),
            date: said.date.map(|date| date.to_string()),
            note: said.note.clone(),
        }
    }
}

fn wrong(field: &'static str, text: &str) -> ChangeError {
    let text = text.chars().map(|c| if is_plain(c) { c } else { ' ' }).take(80).collect();
    ChangeError::Field { field, text }
}

fn word<T>(field: &'static str, text: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, ChangeError> {
    read(text).ok_or_else(|| wrong(field, text))
}

fn maybe<T>(
    field: &'static str,
    text: Option<&String>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ChangeError> {
    text.map(|text| word(field, text, read)).transpose()
}

fn text(field: &'static str, text: String) -> Result<String, ChangeError> {
    let plain = text.len() <= Record::TEXT_BYTES_MAX && text.chars().all(is_plain);
    if plain { Ok(text) } else { Err(wrong(field, &text)) }
}

impl Wire {
    fn read(self) -> Result<Change, ChangeError> {
        if self.schema != SCHEMA {
            return Err(wrong("schema", &self.schema));
        }
        let sizes = [
            self.records.len(),
            self.removed.len(),
            self.aliases.len(),
            self.edges_added.len(),
            self.edges_removed.len(),
            self.profiles.len(),
            self.profiles_removed.len(),
            self.national_added.len(),
            self.national_removed.len(),
        ];
        if sizes.iter().any(|size| *size > ROWS_MAX) {
            return Err(ChangeError::Size);
        }
        let puts = self.records.into_iter().map(WirePut::read).collect::<Result<Vec<_>, _>>()?;
        let profile =
            |(id, title): (PartId, String)| Ok((id.clone(), Profile { id, title: text("title", title)? }));
        let edges = |edges: Vec<WireEdge>| edges.into_iter().map(WireEdge::read).collect::<Result<_, _>>();
        let said =
            |said: Vec<WireNational>| said.into_iter().map(WireNational::read).collect::<Result<_, _>>();
        Ok(Change {
            as_of: word("as_of", &self.as_of, Date::read)?,
            puts: puts.into_iter().map(|put| (put.record.id.clone(), put)).collect(),
            removed: self.removed,
            aliases: self.aliases,
            edges_added: edges(self.edges_added)?,
            edges_removed: edges(self.edges_removed)?,
            profiles: self.profiles.into_iter().map(profile).collect::<Result<_, ChangeError>>()?,
            profiles_removed: self.profiles_removed,
            national_added: said(self.national_added)?,
            national_removed: said(self.national_removed)?,
        })
    }
}

impl WirePut {
    fn read(self) -> Result<Put, ChangeError> {
        let act = word("act", &self.act, |text| Act::ALL.into_iter().find(|act| act.as_str() == text))?;
        Ok(Put { act, before: self.before, record: self.record.read()? })
    }
}

impl WireRecord {
    fn read(self) -> Result<Record, ChangeError> {
        let document = self.document.map(WireDocument::read).transpose()?;
        Ok(Record {
            uuid: maybe("uuid", self.uuid.as_ref(), Uuid::read)?,
            kind: word("kind", &self.kind, Kind::read)?,
            publisher: text("publisher", self.publisher)?,
            number: text("number", self.number)?,
            series: text("series", self.series)?,
            base_number: text("base_number", self.base_number)?,
            edition: text("edition", self.edition)?,
            version: text("version", self.version)?,
            title: text("title", self.title)?,
            date: maybe("date", self.date.as_ref(), Date::read)?,
            custodian: text("custodian", self.custodian)?,
            status: word("status", &self.status, Status::read)?,
            added: maybe("added", self.added.as_ref(), Date::read)?,
            changed: maybe("changed", self.changed.as_ref(), Date::read)?,
            withdrawn: maybe("withdrawn", self.withdrawn.as_ref(), Date::read)?,
            marking: self.marking,
            originators: self.originators,
            releasable_to: self.releasable_to,
            uri: text("uri", self.uri)?,
            summary: text("summary", self.summary)?,
            document,
            history: self.history.into_iter().map(WireHistory::read).collect::<Result<_, _>>()?,
            id: self.id,
        })
    }
}

impl WireDocument {
    fn read(self) -> Result<Document, ChangeError> {
        if !Document::names(&self.name) {
            return Err(wrong("document.name", &self.name));
        }
        Ok(Document { digest: self.sha256, bytes: self.bytes, name: self.name, sealed: self.sealed })
    }
}

impl WireHistory {
    fn read(self) -> Result<History, ChangeError> {
        Ok(History {
            date: maybe("history.date", self.date.as_ref(), Date::read)?,
            flag: word("history.flag", &self.flag, Flag::read)?,
            proposal: text("history.proposal", self.proposal)?,
            version: text("history.version", self.version)?,
        })
    }
}

impl WireEdge {
    fn read(self) -> Result<Edge, ChangeError> {
        Ok(Edge {
            relation: word("relation", &self.relation, Relation::read)?,
            obligation: maybe("obligation", self.obligation.as_ref(), Obligation::read)?,
            lifecycle: maybe("lifecycle", self.lifecycle.as_ref(), Lifecycle::read)?,
            from: self.from,
            to: self.to,
            derived: self.derived,
        })
    }
}

impl WireNational {
    fn read(self) -> Result<National, ChangeError> {
        Ok(National {
            stance: word("stance", &self.stance, Stance::read)?,
            date: maybe("national.date", self.date.as_ref(), Date::read)?,
            note: text("note", self.note)?,
            part: self.part,
            state: self.state,
        })
    }
}
