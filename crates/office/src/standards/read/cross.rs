//! What is wrong between records: doubled UUIDs and numbers, covers, markings, circles, the order of dates and editions.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Level, PartId};

use super::super::finding::{FindingCode, Findings, Origin};
use super::super::record::{Edge, Flag, Kind, Obligation, Record, Relation, Status, marking_word};
use super::super::registry::{Aspect, Registry};
use super::Standards;
use super::graph::circles;

/// Most ids that one message names.
const NAMED_MAX: usize = 20;

/// Records whose publisher or custodian is not among the ids.
pub(super) fn unknown_bodies(
    read: &Standards,
    ids: &BTreeSet<String>,
    code: FindingCode,
    findings: &mut Findings,
) {
    for (line, place) in read.lines.values() {
        let Some(record) = read.records.get(*place) else { continue };
        let (field, text) = match code {
            FindingCode::PublisherUnknown => ("publisher", &record.publisher),
            _ => ("responsible_body", &record.custodian),
        };
        if ids.contains(text) {
            continue;
        }
        let alike = ids.iter().find(|id| id.eq_ignore_ascii_case(text));
        let message = match alike {
            Some(alike) => format!("{} is not listed, {} is", Findings::quote(text), Findings::quote(alike)),
            None => format!("{} is not listed", Findings::quote(text)),
        };
        findings.add(code, (Origin::Standards, Some(*line)), (record.id.as_str(), field), message);
    }
}

/// Looks at everything that takes more than one row to see.
pub(super) fn check(
    registry: &Registry,
    lines: &BTreeMap<PartId, (u64, usize)>,
    covers: &BTreeMap<PartId, Vec<String>>,
    edges_cover: Option<&BTreeSet<(String, String)>>,
    findings: &mut Findings,
) {
    let mut look = Look { registry, lines, findings };
    look.doubled();
    for record in registry.records().values() {
        look.dates(record);
        look.cover(record);
    }
    if let Some(edges_cover) = edges_cover {
        look.covers_column(covers, edges_cover);
    }
    look.uncovered_volumes();
    look.editions();
    look.circles();
}

struct Look<'a> {
    registry: &'a Registry,
    lines: &'a BTreeMap<PartId, (u64, usize)>,
    findings: &'a mut Findings,
}

impl<'a> Look<'a> {
    fn add(&mut self, code: FindingCode, id: &PartId, field: &str, message: String) {
        let line = self.lines.get(id).map(|(line, _)| *line);
        self.findings.add(code, (Origin::Standards, line), (id.as_str(), field), message);
    }

    /// Records with one UUID, and records in one number that are not withdrawn.
    fn doubled(&mut self) {
        let mut uuids: BTreeMap<String, Vec<&PartId>> = BTreeMap::new();
        let mut numbers: BTreeMap<(&str, &str), Vec<&PartId>> = BTreeMap::new();
        for record in self.registry.records().values() {
            if let Some(uuid) = record.uuid {
                uuids.entry(uuid.to_string()).or_default().push(&record.id);
            }
            if !record.number.is_empty() && record.status != Status::Withdrawn {
                numbers.entry((&record.publisher, &record.number)).or_default().push(&record.id);
            }
        }
        let groups = uuids.into_values().map(|ids| (FindingCode::UuidDoubled, "uuid", ids));
        let numbers = numbers.into_values().map(|ids| (FindingCode::NumberDoubled, "pub_number", ids));
        for (code, field, ids) in groups.chain(numbers).filter(|(.., ids)| ids.len() > 1) {
            for id in &ids {
                let others: Vec<&PartId> = ids.iter().copied().filter(|other| other != id).collect();
                self.add(code, id, field, format!("so has {}", named(&others)));
            }
        }
    }

    fn dates(&mut self, record: &Record) {
        let pairs = [
            ("registry_added", record.added, "registry_withdrawn", record.withdrawn),
            ("registry_added", record.added, "registry_last_change", record.changed),
            ("registry_withdrawn", record.withdrawn, "registry_last_change", record.changed),
        ];
        for (first, earlier, second, later) in pairs {
            if let (Some(earlier), Some(later)) = (earlier, later)
                && later < earlier
            {
                let message = format!("{second} {later} is before {first} {earlier}");
                self.add(FindingCode::DateImpossibleOrder, &record.id, second, message);
            }
        }
        match (record.status, record.withdrawn) {
            (Status::Withdrawn, None) => {
                let message = "nothing says when it was withdrawn".to_owned();
                self.add(FindingCode::WithdrawnWithoutDate, &record.id, "registry_withdrawn", message);
            }
            (Status::Accepted | Status::Draft, Some(date)) => {
                let later = record.history.iter().filter_map(|event| event.date).any(|event| event > date);
                let since = if later { "more was done since" } else { "nothing was done since" };
                let message = format!("withdrawn on {date}, and {}; {since}", record.status);
                self.add(FindingCode::WithdrawalDateInForce, &record.id, "registry_withdrawn", message);
            }
            _ => {}
        }
        if !self.registry.silent().contains(&Aspect::History) {
            self.events(record);
        }
    }

    /// Whether the history says the same as the record's own dates.
    fn events(&mut self, record: &Record) {
        let mut dated = record.history.iter().filter(|event| event.date.is_some());
        let first = dated.clone().find(|event| event.flag == Flag::Added).and_then(|event| event.date);
        let deleted = dated.rfind(|event| event.flag == Flag::Deleted).and_then(|event| event.date);
        for (field, own, event) in
            [("registry_added", record.added, first), ("registry_withdrawn", record.withdrawn, deleted)]
        {
            if own != event {
                let word = |date: Option<_>| {
                    date.map_or("nothing".to_owned(), |date: super::super::record::Date| date.to_string())
                };
                let message = format!("the record says {}, the events {}", word(own), word(event));
                self.add(FindingCode::EventsDiffer, &record.id, field, message);
            }
        }
    }

    fn covered_by(&self, record: &'a Record) -> impl Iterator<Item = &'a Edge> + use<'a> {
        self.registry.edges_from(&record.id).filter(|edge| edge.relation == Relation::Covers)
    }

    fn cover(&mut self, record: &'a Record) {
        let edges: Vec<&Edge> = self.covered_by(record).collect();
        if record.kind == Kind::CoverDocument && edges.is_empty() && record.status != Status::Withdrawn {
            let message = "it is a cover document and covers nothing".to_owned();
            self.add(FindingCode::CoverWithoutParts, &record.id, "covers", message);
        }
        if record.kind != Kind::CoverDocument
            && let Some(edge) = edges.first()
        {
            let message = format!("it covers {} and is no cover document", Findings::quote(edge.to.as_str()));
            self.add(FindingCode::CoversByNoCover, &record.id, "kind", message);
        }
        let own = record.marking.unwrap_or(Level::Unclassified);
        for edge in edges {
            let Some(part) = self.registry.record(&edge.to) else { continue };
            if let Some(marking) = part.marking.filter(|marking| *marking > own) {
                let said = if record.marking.is_none() { ", which carries no marking" } else { "" };
                let (marking, own) = (marking_word(marking), marking_word(own));
                let message = format!("{marking}, above {own} of its cover `{}`{said}", record.id);
                self.add(FindingCode::PartAboveCover, &part.id, "marking", message);
            }
        }
    }

    /// Compares the column with the file of edges, in their own words.
    fn covers_column(&mut self, column: &BTreeMap<PartId, Vec<String>>, edges: &BTreeSet<(String, String)>) {
        let mut by_cover: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (cover, part) in edges {
            by_cover.entry(cover).or_default().insert(part);
        }
        let ids: BTreeSet<&PartId> = self.registry.records().keys().collect();
        for id in ids {
            let said: Option<BTreeSet<&str>> =
                column.get(id).map(|ids| ids.iter().map(String::as_str).collect());
            let (said, edges) = (said.unwrap_or_default(), by_cover.remove(id.as_str()).unwrap_or_default());
            // A file without the column says nothing.
            if said != edges && !column.is_empty() {
                let only = |a: &BTreeSet<&str>, b: &BTreeSet<&str>| {
                    a.difference(b)
                        .take(NAMED_MAX)
                        .map(|id| Findings::quote(id))
                        .collect::<Vec<_>>()
                        .join(", ")
                };
                let message = format!(
                    "only in the column: {}; only in the edges: {}",
                    only(&said, &edges),
                    only(&edges, &said)
                );
                self.add(FindingCode::CoversColumnDiffers, id, "covers", message);
            }
        }
    }

    /// Volumes of one numbered set of which two or more are covered by one document and this one by none.
    fn uncovered_volumes(&mut self) {
        let mut covers: BTreeMap<&PartId, BTreeSet<&PartId>> = BTreeMap::new();
        for edge in self.registry.edges().iter().filter(|edge| edge.relation == Relation::Covers) {
            covers.entry(&edge.to).or_default().insert(&edge.from);
        }
        let mut sets: BTreeMap<(&str, &str, String), Vec<&PartId>> = BTreeMap::new();
        for record in self.registry.records().values().filter(|record| record.kind == Kind::Standard) {
            if let Some(set) = numbered_set(&record.number) {
                sets.entry((&record.publisher, &record.edition, set)).or_default().push(&record.id);
            }
        }
        for volumes in sets.into_values() {
            let mut by_cover: BTreeMap<&PartId, usize> = BTreeMap::new();
            for cover in volumes.iter().filter_map(|volume| covers.get(volume)).flatten() {
                *by_cover.entry(cover).or_default() += 1;
            }
            let Some((cover, count)) = by_cover.into_iter().find(|(_, count)| *count > 1) else { continue };
            for volume in volumes.iter().filter(|volume| !covers.contains_key(*volume)) {
                let message = format!("`{cover}` covers {count} of the {} volumes of its set", volumes.len());
                self.add(FindingCode::CoveredByNothing, volume, "covers", message);
            }
        }
    }

    /// What supersedes what, by dates and statuses, and covers that stayed behind.
    fn editions(&mut self) {
        let covered: BTreeMap<&PartId, &PartId> = self
            .registry
            .edges()
            .iter()
            .filter(|edge| edge.relation == Relation::Covers)
            .map(|edge| (&edge.to, &edge.from))
            .collect();
        for edge in self.registry.edges().iter().filter(|edge| edge.relation == Relation::Supersedes) {
            let record = |id| self.registry.record(id);
            let (Some(later), Some(earlier)) = (record(&edge.from), record(&edge.to)) else { continue };
            if let (Some(date), Some(before)) = (later.date, earlier.date)
                && date < before
            {
                let message = format!("dated {date}, and supersedes `{}` of {before}", earlier.id);
                self.add(FindingCode::EditionOrder, &later.id, "doc_date", message);
            }
            if later.status == Status::Accepted && earlier.status == Status::Accepted {
                let message = format!("`{}` supersedes it, and both are in force", later.id);
                self.add(FindingCode::SupersededInForce, &earlier.id, "registry_status", message);
            }
            if let Some(cover) = covered.get(&earlier.id)
                && !covered.contains_key(&later.id)
            {
                let message = format!("covers `{}`, which `{}` supersedes", earlier.id, later.id);
                self.add(FindingCode::CoverOutdated, cover, "covers", message);
            }
        }
    }

    /// Circles of what needs, covers and supersedes what.
    fn circles(&mut self) {
        let ids: Vec<&PartId> = self.registry.records().keys().collect();
        for verb in ["need", "cover", "supersede"] {
            let of = |edge: &Edge| match edge.relation {
                Relation::References => verb == "need" && edge.obligation == Some(Obligation::Mandatory),
                Relation::HasPart => verb == "need",
                Relation::Covers => verb == "cover",
                Relation::Supersedes => verb == "supersede",
                Relation::ProfileRequires => false,
            };
            let place = |id: &PartId| ids.binary_search(&id).ok();
            let edges = self.registry.edges().iter().filter(|edge| of(edge));
            let ends = edges.filter_map(|edge| place(&edge.from).zip(place(&edge.to))).collect();
            for circle in circles(ids.len(), ends) {
                let on: Vec<&PartId> = circle.iter().filter_map(|place| ids.get(*place).copied()).collect();
                let Some(first) = on.first() else { continue };
                let message = format!("{} {verb} each other in a circle", named(&on));
                self.add(FindingCode::Cycle, first, "relation", message);
            }
        }
    }
}

/// The first ids of a list, and how many more.
fn named(ids: &[&PartId]) -> String {
    let mut text: Vec<String> = ids.iter().take(NAMED_MAX).map(|id| format!("`{id}`")).collect();
    if ids.len() > NAMED_MAX {
        text.push(format!("{} more", ids.len() - NAMED_MAX));
    }
    text.join(", ")
}

/// The number of a volume without the volume's own: what its set has in common. None for what is no volume.
///
/// A volume is told by the word `vol`, `volume`, `part` or `pt` with a number behind it.
fn numbered_set(number: &str) -> Option<String> {
    let lower = number.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let mut set = Vec::new();
    let mut volume = false;
    let mut at = words.iter().peekable();
    while let Some(word) = at.next() {
        let name = ["volume", "vol", "part", "pt"]
            .into_iter()
            .find(|name| word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || digits(rest)));
        let Some(name) = name.filter(|_| !volume) else {
            set.push(*word);
            continue;
        };
        let inside = word.len() > name.len();
        let behind = !inside && at.peek().is_some_and(|next| digits(next));
        if behind {
            at.next();
        }
        volume = inside || behind;
        set.push(if volume { "#" } else { word });
    }
    volume.then(|| set.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_a_number_without_its_volume() {
        for (number, set) in [
            ("AComP-5651 (Study) Ed A Ver 1 - Vol 10", Some("acomp 5651 study ed a ver 1 #")),
            ("AComP-5651 (Study) Ed A Ver 1 - Vol 1", Some("acomp 5651 study ed a ver 1 #")),
            ("AMP-11Vol05", None),
            ("X Part 2", Some("x #")),
            ("X Pt2 Part 3", Some("x # part 3")),
            ("X Part", None),
            ("Partial 3", None),
            ("RFC 1", None),
        ] {
            assert_eq!(numbered_set(number).as_deref(), set, "{number}");
        }
    }
}
