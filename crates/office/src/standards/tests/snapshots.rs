//! The three published snapshots: what is wrong with them, by name and by number, and what changed between them.

use std::path::{Path, PathBuf};

use ledger::act::PartId;

use super::super::{
    Change, Date, Finding, FindingCode, Index, Obligation, Reading, Registry, Relation, Severity, Sources,
    Status, Table, Why, around, counts, difference, read,
};

const SNAPSHOTS: [&str; 3] = ["2017-10", "2018-08", "2023-01"];

/// The folder of snapshots; nothing where it is absent, which CI does not allow.
pub(super) fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/standards");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "../shared must be present in CI");
    println!("skipped: ../shared is not here");
    None
}

/// A snapshot with every file that there is of it.
pub(super) fn reading(folder: &Path, snapshot: &str) -> Reading {
    let file = |name: String| std::fs::read(folder.join(&name)).ok().map(|bytes| (name, bytes));
    let of = |kind: &str| file(format!("nisp_{snapshot}_{kind}.csv"));
    let (standards, edges, events, profiles) = (of("standards"), of("edges"), of("events"), of("profiles"));
    let (organizations, bodies) = (file("organizations.csv".into()), file("responsible_bodies.csv".into()));
    let part = |file: &'_ Option<(String, Vec<u8>)>| -> Option<(&'static str, &'static [u8])> {
        // A test may keep a few megabytes until it ends.
        file.clone().map(|(name, bytes)| (&*name.leak(), &*bytes.leak()))
    };
    let sources = Sources {
        standards: part(&standards),
        edges: part(&edges),
        events: part(&events),
        profiles: part(&profiles),
        organizations: part(&organizations),
        responsible_bodies: part(&bodies),
        ..Sources::default()
    };
    read(&sources).unwrap()
}

fn rows(folder: &Path, snapshot: &str) -> Table {
    let name = format!("nisp_{snapshot}_standards.csv");
    Table::read(&name, &std::fs::read(folder.join(&name)).unwrap()).unwrap()
}

/// Ids of the findings with a code.
fn ids(findings: &[Finding], code: FindingCode) -> Vec<&str> {
    findings.iter().filter(|finding| finding.code == code).map(|finding| finding.id.as_str()).collect()
}

/// Every finding of every snapshot, by code: no row is left out, and nothing that is right is called wrong.
#[test]
fn findings_by_code() {
    let Some(folder) = folder() else { return };
    let expected: [&[(&str, usize)]; 3] = [
        &[
            ("uuid-doubled", 28),
            ("number-missing", 19),
            ("number-doubled", 10),
            ("text-unprintable", 4),
            ("date-unreadable", 8),
            ("date-missing", 160),
            ("withdrawn-without-date", 1),
            ("withdrawal-date-in-force", 63),
            ("publisher-unknown", 378),
            ("body-unknown", 986),
            ("edge-doubled", 10),
            ("obligation-ambiguous", 2),
            ("edition-order", 3),
            ("superseded-in-force", 12),
        ],
        &[
            ("number-missing", 18),
            ("number-doubled", 15),
            ("text-unprintable", 4),
            ("date-unreadable", 7),
            ("date-missing", 139),
            ("withdrawal-date-in-force", 67),
            ("publisher-unknown", 382),
            ("body-unknown", 996),
            ("edge-doubled", 7),
            ("obligation-ambiguous", 3),
            ("edition-order", 2),
            ("superseded-in-force", 11),
        ],
        &[
            ("number-doubled", 18),
            ("text-unprintable", 1),
            ("date-missing", 68),
            ("withdrawal-date-in-force", 86),
            ("covered-by-nothing", 1),
            ("cover-outdated", 2),
            ("part-above-cover", 7),
            ("reference-missing", 3),
            ("edge-doubled", 21),
            ("obligation-ambiguous", 2),
            ("edition-order", 2),
            ("superseded-in-force", 28),
            ("event-date-missing", 1),
        ],
    ];
    for ((snapshot, expected), records) in SNAPSHOTS.into_iter().zip(expected).zip([1_981, 2_016, 1_349]) {
        let reading = reading(&folder, snapshot);
        let found: Vec<(&str, usize)> =
            counts(&reading.findings).into_iter().map(|(code, count)| (code.as_str(), count)).collect();
        assert_eq!(found, expected, "{snapshot}");
        assert!(reading.findings.iter().all(|finding| finding.severity != Severity::Error), "{snapshot}");
        assert_eq!(reading.registry.records().len(), records, "{snapshot}");
    }
}

#[test]
fn known_defects_come_out_by_name() {
    let Some(folder) = folder() else { return };
    let newest = reading(&folder, "2023-01");
    let missing: Vec<&str> = newest
        .findings
        .iter()
        .filter(|finding| finding.code == FindingCode::ReferenceMissing)
        .map(|finding| finding.message.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(missing, ["mip-v4.2", "xmpp-xep-0131", "xmpp-xep-0128"]);
    assert_eq!(ids(&newest.findings, FindingCode::CoveredByNothing), ["nato-acomp-5651-vol11-ed.a-v1"]);
    let undated =
        |finding: &&Finding| finding.code == FindingCode::DateMissing && finding.field == "doc_date";
    assert_eq!(newest.findings.iter().filter(undated).count(), 67);
    let above = ids(&newest.findings, FindingCode::PartAboveCover);
    let volumes = [12, 14, 3, 4, 5, 7, 9].map(|volume| format!("nato-acomp-5651-vol{volume}-ed.a-v1"));
    assert_eq!(above, volumes);

    let oldest = reading(&folder, "2017-10");
    let raw: Vec<&str> = oldest
        .findings
        .iter()
        .filter(|finding| finding.code == FindingCode::DateUnreadable)
        .map(|finding| finding.message.split('`').nth(1).unwrap())
        .collect();
    let expected = [
        "2013-07-30 ?",
        "200607",
        "2010-01-1",
        "2017-xx-xx",
        "2002-21-1",
        "20020902",
        "20141028",
        "20140617",
    ];
    assert_eq!(raw, expected);
    // A month without a day is a date.
    let date =
        |id: &str| newest.registry.record(&PartId::new(id).unwrap()).unwrap().date.unwrap().to_string();
    assert_eq!(date("acm-2002-rest-toit"), "2000");
}

#[test]
fn both_forms_of_a_snapshot_read_alike() {
    let Some(folder) = folder() else { return };
    let one = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        read(&Sources { standards: Some((name, &bytes)), ..Sources::default() }).unwrap()
    };
    let (csv, json) = (one("nisp_2023-01_standards.csv"), one("nisp_2023-01_standards.json"));
    assert_eq!(csv.registry, json.registry);
    assert!(difference(&csv.rows, &json.rows).is_empty());
    // Without a file of edges, the column says what covers what.
    let covers = csv.registry.edges().iter().filter(|edge| edge.relation == Relation::Covers);
    assert_eq!(covers.count(), 149);
}

#[test]
fn differences_between_snapshots() {
    let Some(folder) = folder() else { return };
    let [first, second, third] = SNAPSHOTS.map(|snapshot| rows(&folder, snapshot));
    for (old, new, expected) in
        [(&first, &second, [37, 2, 173, 21]), (&second, &third, [420, 1_087, 888, 156])]
    {
        let found = difference(old, new);
        assert_eq!(
            [found.added.len(), found.withdrawn.len(), found.changed.len(), found.renamed.len()],
            expected
        );
        assert_eq!(old.rows().len() - found.withdrawn.len(), new.rows().len() - found.added.len());
    }
    let found = difference(&second, &third);
    let (id, status) = (second.column("id").unwrap(), second.column("registry_status").unwrap());
    // Drafts too: 261 and 3.
    let live = second.rows().iter().filter(|row| row.field(status) != "withdrawn");
    let dropped = live.filter(|row| found.withdrawn.iter().any(|id_| id_ == row.field(id)));
    assert_eq!(dropped.count(), 264);
}

/// The sequence as it was published, each snapshot as a change that goes through its bytes.
#[test]
fn the_sequence_of_snapshots_leads_to_the_last() {
    let Some(folder) = folder() else { return };
    let mut registry = Registry::default();
    let mut found = Vec::new();
    for snapshot in SNAPSHOTS {
        let after = reading(&folder, snapshot).registry;
        let change = Change::between(&registry, &after, Date::read(snapshot).unwrap());
        let change = Change::from_bytes(&change.to_bytes()).unwrap();
        let counts = change.counts();
        found.push([counts.added, counts.changed, counts.withdrawn, counts.renamed]);
        registry = registry.apply(&change);
        assert_eq!(registry.apply(&change), registry, "{snapshot}");
        for (id, record) in registry.records() {
            match after.record(id) {
                Some(expected) => {
                    assert_eq!(record.title, expected.title);
                    assert_eq!(record.status, expected.status);
                }
                None => assert_eq!(record.status, Status::Withdrawn, "{id}"),
            }
        }
        assert!(after.edges().iter().all(|edge| registry.edges().contains(edge)));
    }
    // As in the files, but that one of the two which the second has no more was withdrawn before, and that histories count too.
    assert_eq!(found, [[1_981, 0, 0, 0], [37, 173, 1, 21], [420, 889, 264, 156]]);
    let last = reading(&folder, "2023-01").registry;
    let live = registry.records().values().filter(|record| record.status != Status::Withdrawn);
    let expected = last.records().values().filter(|record| record.status != Status::Withdrawn);
    assert!(live.eq(expected));

    // Ids of the first snapshot still lead to their parts, through two renamings where there were two.
    let first = reading(&folder, "2017-10").registry;
    assert!(first.records().keys().all(|id| registry.canonical(id).is_some()));
    let (old, new) = (rows(&folder, "2018-08"), rows(&folder, "2023-01"));
    let renamed = difference(&old, &new).renamed;
    let leads = |id: &str| registry.canonical(&PartId::new(id).unwrap()).unwrap().to_string();
    assert!(renamed.iter().all(|renamed| leads(&renamed.from) == renamed.to));

    // How many editions that only the registry still knows the last snapshot supersedes, by numbers and editions.
    let gone = registry.edges().iter().filter(|edge| {
        let known = last.record(&edge.from).is_some() && last.record(&edge.to).is_none();
        edge.relation == Relation::Supersedes && edge.derived && known
    });
    assert_eq!(gone.count(), 29);
    // One id went to another record, by its UUID; the record that had it is set aside.
    let aside = PartId::new("iso-iec-19794-6:withdrawn-2023-01").unwrap();
    assert_eq!(registry.record(&aside).unwrap().status, Status::Withdrawn);
    assert_eq!(leads("iso-19794-6"), "iso-iec-19794-6");

    // An edition that a later snapshot has no more is superseded by the next one that it has, whatever kind that is of.
    for (earlier, later) in [
        ("nso-stanag4545ed1", "nato-stanag4545ed2"),
        ("nso-stanag5602ed.3", "nato-stanag5602ed4"),
        ("nso-stanag4444ed1", "nato-stanag4444ed2"),
    ] {
        let earlier = PartId::new(earlier).unwrap();
        let mut edges = registry.edges_to(&earlier).filter(|edge| edge.relation == Relation::Supersedes);
        assert!(edges.any(|edge| edge.from.as_str() == later), "{earlier}");
    }
}

#[test]
fn questions_about_the_newest_snapshot() {
    let Some(folder) = folder() else { return };
    let registry = reading(&folder, "2023-01").registry;
    let index = Index::new(&registry);
    for (query, id) in [
        ("RFC2328", "ietf-rfc2328"),
        ("stanag 5651", "nato-stanag5651ed1"),
        ("AComP-5651 Ed A Ver 1 Vol 11", "nato-acomp-5651-vol11-ed.a-v1"),
    ] {
        let hits = index.search(query, 5);
        assert_eq!(hits.first().map(|hit| (hit.id.as_str(), hit.why)), Some((id, Why::Number)), "{query}");
    }
    let cover = PartId::new("nato-stanag5651ed1").unwrap();
    let found = around(&registry, &cover, 1, 100);
    assert_eq!((found.nodes.len(), found.edges.len(), found.cut), (14, 13, 0));
    let found = around(&registry, &cover, 1, 5);
    assert_eq!((found.nodes.len(), found.edges.len(), found.cut), (5, 4, 9));
    let mandatory = |id: &str| {
        let id = PartId::new(id).unwrap();
        registry.edges_to(&id).filter(|edge| edge.obligation == Some(Obligation::Mandatory)).count()
    };
    assert!(mandatory("nato-acomp-5651-vol11-ed.a-v1") > 0);
}
