//! Rows of edges, and edges out of the column of covered standards where there is no file of them.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::PartId;

use super::super::finding::{FindingCode, Findings, Origin};
use super::super::record::{Edge, Lifecycle, Obligation, Profile, Relation};
use super::Standards;
use super::cell::{Cells, Columns};
use super::table::{ReadError, Table};

const COLUMNS: [&str; 6] = ["src", "dst", "relation", "obligation", "lifecycle", "derived"];

/// Edges that were kept.
pub(super) struct Edges {
    pub(super) edges: Vec<Edge>,
    /// What the file says covers what, in its own words, also where the edge was left out; none without a file.
    pub(super) covers: Option<BTreeSet<(String, String)>>,
}

/// Reads a file of edges.
pub(super) fn edges(
    file: &str,
    table: &Table,
    read: &Standards,
    profiles: Option<&BTreeMap<PartId, Profile>>,
    findings: &mut Findings,
) -> Result<Edges, ReadError> {
    let columns = Columns::of((file, table), Origin::Edges, COLUMNS, 3, findings)?;
    let mut covers = BTreeSet::new();
    let mut kept: BTreeMap<(PartId, Relation, PartId), Vec<Edge>> = BTreeMap::new();
    for row in table.rows() {
        let cells = columns.row(row).about(columns.row(row).get("src"));
        let Some(edge) = edge(&cells, read, profiles, &mut covers, findings) else { continue };
        let key = (edge.from.clone(), edge.relation, edge.to.clone());
        let same = kept.entry(key).or_default();
        if same.contains(&edge) {
            let message = format!("the edge to {} stands there already", Findings::quote(edge.to.as_str()));
            cells.finding(FindingCode::EdgeDoubled, "dst", message, findings);
            continue;
        }
        if !same.is_empty() {
            let to = Findings::quote(edge.to.as_str());
            let message = format!("it is joined to {to} with another obligation or lifecycle too");
            cells.finding(FindingCode::ObligationAmbiguous, "obligation", message, findings);
        }
        same.push(edge);
    }
    Ok(Edges { edges: kept.into_values().flatten().collect(), covers: Some(covers) })
}

/// One edge, if it can be kept.
fn edge(
    cells: &Cells<'_, { COLUMNS.len() }>,
    read: &Standards,
    profiles: Option<&BTreeMap<PartId, Profile>>,
    covers: &mut BTreeSet<(String, String)>,
    findings: &mut Findings,
) -> Option<Edge> {
    let word = cells.get("relation");
    let Some(relation) = Relation::read(word) else {
        let message = format!("{} is not known", Findings::quote(word));
        cells.finding(FindingCode::RelationUnknown, "relation", message, findings);
        return None;
    };
    if relation == Relation::Covers {
        covers.insert((cells.get("src").to_owned(), cells.get("dst").to_owned()));
    }
    let (from, to) = (cells.id("src", findings)?, cells.id("dst", findings)?);
    let of_profile = relation == Relation::ProfileRequires;
    if from == to && !of_profile {
        let message = format!("it {relation} itself");
        cells.finding(FindingCode::SelfReference, "dst", message, findings);
        return None;
    }
    if !read.knows(&to) {
        let message = format!("{relation} {}, which is not registered", Findings::quote(to.as_str()));
        cells.finding(FindingCode::ReferenceMissing, "dst", message, findings);
        return None;
    }
    if of_profile {
        if profiles.is_some_and(|profiles| !profiles.contains_key(&from)) {
            let message = format!("no profile has the id {}", Findings::quote(from.as_str()));
            cells.finding(FindingCode::ProfileUnknown, "src", message, findings);
        }
    } else if !read.knows(&from) {
        let message = format!("no record has the id {}", Findings::quote(from.as_str()));
        cells.finding(FindingCode::SubjectMissing, "src", message, findings);
        return None;
    }
    let derived = matches!(cells.get("derived"), "yes" | "true" | "1");
    let (obligation, lifecycle) = (obligation(cells, relation, findings), lifecycle(cells, findings));
    Some(Edge { from, relation, to, obligation, lifecycle, derived })
}

fn obligation(
    cells: &Cells<'_, { COLUMNS.len() }>,
    relation: Relation,
    findings: &mut Findings,
) -> Option<Obligation> {
    let text = cells.get("obligation");
    let reference = relation == Relation::References;
    let found = match text.to_ascii_lowercase().as_str() {
        "normative" if reference => Some(Obligation::Mandatory),
        "informative" if reference => Some(Obligation::Optional),
        _ => Obligation::read(text),
    };
    let needed = reference || relation == Relation::ProfileRequires;
    if found.is_none() && (needed || !text.is_empty()) {
        let message = format!("obligation is {}", Findings::quote(text));
        cells.finding(FindingCode::ObligationUnknown, "obligation", message, findings);
    }
    // A reference that may be normative is one.
    found.or(reference.then_some(Obligation::Mandatory))
}

fn lifecycle(cells: &Cells<'_, { COLUMNS.len() }>, findings: &mut Findings) -> Option<Lifecycle> {
    let text = cells.get("lifecycle");
    let found = Lifecycle::read(text);
    if found.is_none() && !text.is_empty() {
        let message = format!("lifecycle is {}", Findings::quote(text));
        cells.finding(FindingCode::LifecycleUnknown, "lifecycle", message, findings);
    }
    found
}

/// Edges out of the column of covered standards alone.
pub(super) fn of_column(read: &Standards, findings: &mut Findings) -> Edges {
    let mut edges = Vec::new();
    for (from, covered) in &read.covers {
        let line = read.lines.get(from).map(|(line, _)| *line);
        for text in covered {
            let known = PartId::new(text).ok().filter(|to| read.knows(to) && to != from);
            let Some(to) = known else {
                let message = format!("covers {}, which is not registered", Findings::quote(text));
                let place = (Origin::Standards, line);
                findings.add(FindingCode::ReferenceMissing, place, (from.as_str(), "covers"), message);
                continue;
            };
            let (relation, from) = (Relation::Covers, from.clone());
            edges.push(Edge { from, relation, to, obligation: None, lifecycle: None, derived: false });
        }
    }
    Edges { edges, covers: None }
}

/// The profiles that were read and those that only edges name.
pub(super) fn profiles_of(mut profiles: BTreeMap<PartId, Profile>, edges: &[Edge]) -> Vec<Profile> {
    for edge in edges.iter().filter(|edge| edge.relation == Relation::ProfileRequires) {
        if !profiles.contains_key(&edge.from) {
            let id = edge.from.clone();
            profiles.insert(id.clone(), Profile { id, title: String::new() });
        }
    }
    profiles.into_values().collect()
}
