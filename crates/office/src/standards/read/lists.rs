//! The files beside the standards and edges: events, documents, profiles, what states say, who publishes and who is responsible.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, PartId};

use super::super::finding::{FindingCode, Findings, Origin};
use super::super::record::{Flag, History, National, Profile, Stance};
use super::Standards;
use super::cell::Columns;
use super::table::{ReadError, Table};

/// Gives every record its history, oldest first; dates that its own columns do not give come from there.
pub(super) fn events(
    file: &str,
    table: &Table,
    read: &mut Standards,
    findings: &mut Findings,
) -> Result<(), ReadError> {
    let names = ["id", "flag", "date", "change_proposal", "registry_version"];
    let columns = Columns::of((file, table), Origin::Events, names, 2, findings)?;
    for row in table.rows() {
        let id = columns.row(row).get("id");
        let cells = columns.row(row).about(id);
        let Some(place) = read.place(id) else {
            let message = format!("no record has the id {}", Findings::quote(id));
            cells.finding(FindingCode::EventOfUnknown, "id", message, findings);
            continue;
        };
        let Some(flag) = Flag::read(cells.get("flag")) else {
            let message = format!("{} is not known", Findings::quote(cells.get("flag")));
            cells.finding(FindingCode::EventFlagUnknown, "flag", message, findings);
            continue;
        };
        let date = cells.date("date", FindingCode::EventDateUnreadable, findings);
        if cells.get("date").is_empty() {
            let message = format!("nothing says when it was {flag}");
            cells.finding(FindingCode::EventDateMissing, "date", message, findings);
        }
        let proposal = cells.text("change_proposal", findings);
        let version = cells.text("registry_version", findings);
        if let Some(record) = read.records.get_mut(place) {
            record.history.push(History { date, flag, proposal, version });
        }
    }
    for record in &mut read.records {
        record.history.sort_by_key(|event| event.date);
        let mut of = record.history.iter().filter(|event| event.date.is_some());
        let last = of.clone().next_back().and_then(|event| event.date);
        let deleted = of.clone().rfind(|event| event.flag == Flag::Deleted).and_then(|event| event.date);
        record.added =
            record.added.or(of.find(|event| event.flag == Flag::Added).and_then(|event| event.date));
        record.changed = record.changed.or(last);
        record.withdrawn = record.withdrawn.or(deleted);
    }
    Ok(())
}

/// Gives records their documents.
pub(super) fn documents(
    file: &str,
    table: &Table,
    read: &mut Standards,
    findings: &mut Findings,
) -> Result<(), ReadError> {
    let names = ["id", "document_sha256", "document_bytes", "document_name"];
    let columns = Columns::of((file, table), Origin::Documents, names, 3, findings)?;
    let mut seen: BTreeMap<usize, u64> = BTreeMap::new();
    for row in table.rows() {
        let id = columns.row(row).get("id");
        let cells = columns.row(row).about(id);
        let Some(place) = read.place(id) else {
            let message = format!("no record has the id {}", Findings::quote(id));
            cells.finding(FindingCode::DocumentOfUnknown, "id", message, findings);
            continue;
        };
        if let Some(line) = seen.get(&place) {
            let message = format!("line {line} has a document of it already");
            cells.finding(FindingCode::IdDoubled, "id", message, findings);
            continue;
        }
        seen.insert(place, cells.line());
        if let Some(record) = read.records.get_mut(place)
            && let Some(document) = cells.document(&record.id, findings)
        {
            record.document = Some(document);
        }
    }
    Ok(())
}

/// Profiles by id.
pub(super) fn profiles(
    file: &str,
    table: &Table,
    findings: &mut Findings,
) -> Result<BTreeMap<PartId, Profile>, ReadError> {
    // What describes a profile further is known and not needed here.
    let names = ["id", "title", "profile_type", "spec", "taxonomy", "uuid"];
    let columns = Columns::of((file, table), Origin::Profiles, names, 1, findings)?;
    let mut profiles = BTreeMap::new();
    for row in table.rows() {
        let cells = columns.row(row);
        let Some(id) = cells.id("id", findings) else { continue };
        let cells = cells.about(cells.get("id"));
        if profiles.contains_key(&id) {
            let message = "another profile has this id already".to_owned();
            cells.finding(FindingCode::IdDoubled, "id", message, findings);
            continue;
        }
        let title = cells.text("title", findings);
        profiles.insert(id.clone(), Profile { id, title });
    }
    Ok(profiles)
}

/// What states say of records.
pub(super) fn national(
    file: &str,
    table: &Table,
    read: &Standards,
    findings: &mut Findings,
) -> Result<Vec<National>, ReadError> {
    let names = ["id", "state", "stance", "date", "note"];
    let columns = Columns::of((file, table), Origin::National, names, 3, findings)?;
    let mut national = Vec::with_capacity(table.rows().len());
    for row in table.rows() {
        let text = columns.row(row).get("id");
        let cells = columns.row(row).about(text);
        let Some(part) = PartId::new(text).ok().filter(|id| read.knows(id)) else {
            let message = format!("no record has the id {}", Findings::quote(text));
            cells.finding(FindingCode::NationalOfUnknown, "id", message, findings);
            continue;
        };
        let Ok(state) = Code::new(cells.get("state")) else {
            let message = format!("{} is no code of a state", Findings::quote(cells.get("state")));
            cells.finding(FindingCode::StateMalformed, "state", message, findings);
            continue;
        };
        let Some(stance) = Stance::read(cells.get("stance")) else {
            let message = format!("{} is not known", Findings::quote(cells.get("stance")));
            cells.finding(FindingCode::StanceUnknown, "stance", message, findings);
            continue;
        };
        let date = cells.date("date", FindingCode::DateUnreadable, findings);
        national.push(National { part, state, stance, date, note: cells.text("note", findings) });
    }
    Ok(national)
}

/// Ids of a list of which nothing else is read.
pub(super) fn ids(
    file: &str,
    table: &Table,
    origin: Origin,
    findings: &mut Findings,
) -> Result<BTreeSet<String>, ReadError> {
    let columns = Columns::of((file, table), origin, ["id", "short", "name", "uri"], 1, findings)?;
    Ok(table.rows().iter().map(|row| columns.row(row).get("id").to_owned()).collect())
}
