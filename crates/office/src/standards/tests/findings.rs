//! Every code of a finding: the smallest files that have it, and nothing else wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Level, PartId};

use super::super::{FindingCode, Obligation, Reading, Record, Relation, Severity, Sources, Status, read};

/// Reads files given by name, each as lines.
fn reading(files: &[(&'static str, &str)]) -> Reading {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let file = |name: &'static str| files.get(name).map(|text| (name, text.as_bytes()));
    let sources = Sources {
        standards: file("standards"),
        edges: file("edges"),
        events: file("events"),
        profiles: file("profiles"),
        organizations: file("organizations"),
        responsible_bodies: file("bodies"),
        national: file("national"),
        documents: file("documents"),
    };
    read(&sources).unwrap()
}

/// Findings as `code id field`, without those that any file without dates has.
fn found(reading: &Reading) -> Vec<String> {
    let dateless = |code| matches!(code, FindingCode::DateMissing);
    let findings = reading.findings.iter().filter(|finding| !dateless(finding.code));
    findings.map(|f| format!("{} {} {}", f.code, f.id, f.field)).collect()
}

fn record<'a>(reading: &'a Reading, id: &str) -> &'a Record {
    reading.registry.record(&PartId::new(id).unwrap()).unwrap()
}

const EDGES: &str = "src,dst,relation,obligation,lifecycle\n";
const U1: &str = "00000000-0000-4000-8000-000000000001";
const U2: &str = "00000000-0000-4000-8000-000000000002";

/// Rows of standards, with what is found in them.
#[test]
fn what_is_wrong_with_rows() {
    let cases: &[(&str, &[&str])] = &[
        ("id\na\n,\n", &["row-misshapen  "]),
        ("id,colour\na,red\n", &["column-unknown  colour"]),
        ("id,title\n,T\n", &["id-missing  id"]),
        ("id\na b\n", &["id-malformed a b id"]),
        ("id\na\na\n", &["id-doubled a id"]),
        ("id,uuid\na,\n", &["uuid-missing a uuid"]),
        ("id,uuid\na,1-2\n", &["uuid-malformed a uuid"]),
        ("id,kind\na,letter\n", &["kind-unknown a kind"]),
        ("id,registry_status\na,maybe\n", &["status-unknown a registry_status"]),
        ("id,title\na,\n", &["title-missing a title"]),
        ("id,pub_number\na,\n", &["number-missing a pub_number"]),
        (
            "id,publisher,pub_number\na,p,1\nb,p,1\nc,q,1\n",
            &["number-doubled a pub_number", "number-doubled b pub_number"],
        ),
        ("id,title\na,x\u{202e}y\n", &["text-unprintable a title"]),
        ("id,doc_date\na,2002-21-1\n", &["date-unreadable a doc_date"]),
        ("id,doc_date,doc_date_raw\na,,2017-xx-xx\n", &["date-unreadable a doc_date_raw"]),
        (
            "id,registry_added,registry_withdrawn,registry_status\na,2020-02,2020-01,withdrawn\n",
            &["date-impossible-order a registry_withdrawn"],
        ),
        (
            "id,registry_added,registry_last_change\na,2020-02-02,2020-02-01\n",
            &["date-impossible-order a registry_last_change"],
        ),
        ("id,registry_status\na,withdrawn\n", &["withdrawn-without-date a registry_withdrawn"]),
        ("id,registry_withdrawn\na,2020\n", &["withdrawal-date-in-force a registry_withdrawn"]),
        ("id,marking\na,HUSH\n", &["marking-unknown a marking"]),
        ("id,originators\na,NO;D E/\n", &["originator-malformed a originators"]),
        ("id,releasable_to\na,;\n", &["caveat-malformed a releasable_to"]),
        ("id,document_sha256,document_bytes\na,12,3\n", &["document-malformed a document_sha256"]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&reading(&[("standards", text)])), *expected, "{text}");
    }
    let doubled = format!("id,uuid\na,{U1}\nb,{U1}\nc,{U2}\n");
    assert_eq!(found(&reading(&[("standards", &doubled)])), ["uuid-doubled a uuid", "uuid-doubled b uuid"]);
    let long = format!("id,title\na,{}é\n", "x".repeat(Record::TEXT_BYTES_MAX - 1));
    let read = reading(&[("standards", &long)]);
    assert_eq!(found(&read), ["text-too-long a title"]);
    assert_eq!(record(&read, "a").title.len(), Record::TEXT_BYTES_MAX - 1);
    let fits = format!("id,title\na,{}\n", "x".repeat(Record::TEXT_BYTES_MAX));
    assert!(found(&reading(&[("standards", &fits)])).is_empty());
}

/// Edges and the other files, over records `a`, `b`, `c` and the cover `k`.
#[test]
fn what_is_wrong_with_edges_and_lists() {
    let standards = "id,kind\na,standard\nb,standard\nc,standard\nk,cover_document\n";
    let covered = "k,a,covers,,\n";
    let cases: &[(&str, String, &[&str])] = &[
        ("edges", format!("{EDGES}{covered}a,z,references,normative,\n"), &["reference-missing a dst"]),
        ("edges", format!("{EDGES}{covered}z,a,references,normative,\n"), &["subject-missing z src"]),
        ("edges", format!("{EDGES}{covered}a,b,likes,,\n"), &["relation-unknown a relation"]),
        (
            "edges",
            format!("{EDGES}{covered}a,b,references,sometimes,\n"),
            &["obligation-unknown a obligation"],
        ),
        ("edges", format!("{EDGES}{covered}a,b,references,,\n"), &["obligation-unknown a obligation"]),
        (
            "edges",
            format!("{EDGES}{covered}p,b,profile_requires,mandatory,soon\n"),
            &["lifecycle-unknown p lifecycle"],
        ),
        ("edges", format!("{EDGES}{covered}a,a,references,normative,\n"), &["self-reference a dst"]),
        ("edges", format!("{EDGES}{covered}{covered}"), &["edge-doubled k dst"]),
        (
            "edges",
            format!("{EDGES}{covered}a,b,references,normative,\na,b,references,informative,\n"),
            &["obligation-ambiguous a obligation"],
        ),
        (
            "edges",
            format!("{EDGES}{covered}a,b,references,normative,\nb,c,has_part,,\nc,a,references,normative,\n"),
            &["cycle a relation"],
        ),
        ("edges", format!("{EDGES}{covered}a,b,references,informative,\nb,a,references,normative,\n"), &[]),
        (
            "edges",
            format!("{EDGES}{covered}a,b,supersedes,,\nb,a,supersedes,,\n"),
            &[
                "cover-outdated k covers",
                "cycle a relation",
                "superseded-in-force a registry_status",
                "superseded-in-force b registry_status",
            ],
        ),
        ("edges", EDGES.to_owned(), &["cover-without-parts k covers"]),
        ("edges", format!("{EDGES}{covered}a,b,covers,,\n"), &["covers-by-no-cover a kind"]),
        ("edges", format!("{EDGES}{covered}a b,b,covers,,\n"), &["id-malformed a b src"]),
    ];
    for (name, text, expected) in cases {
        let mut found = found(&reading(&[("standards", standards), (name, text)]));
        found.sort();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn what_is_wrong_with_lists() {
    let standards = "id,kind\na,standard\nk,cover_document\n";
    let edges = ("edges", "src,dst,relation\nk,a,covers\n");
    let lists: &[(&'static str, &str, &[&str])] = &[
        ("events", "id,flag,date\nz,added,2020\n", &["event-of-unknown z id"]),
        ("events", "id,flag,date\na,praised,2020\n", &["event-flag-unknown a flag"]),
        ("events", "id,flag,date\na,changed,soon\n", &["event-date-unreadable a date"]),
        ("events", "id,flag,date\na,changed,\n", &["event-date-missing a date"]),
        ("profiles", "id,title\np,P\np,Q\n", &["id-doubled p id"]),
        ("national", "id,state,stance\nz,DE,ratified\n", &["national-of-unknown z id"]),
        ("national", "id,state,stance\na,DE,liked\n", &["stance-unknown a stance"]),
        ("national", "id,state,stance\na,D E,ratified\n", &["state-malformed a state"]),
        ("national", "id,state,stance,date\na,DE,ratified,soon\n", &["date-unreadable a date"]),
        ("documents", "id,document_sha256,document_bytes\nz,,\n", &["document-of-unknown z id"]),
    ];
    for (name, text, expected) in lists {
        assert_eq!(found(&reading(&[("standards", standards), edges, (name, text)])), *expected, "{text}");
    }
    let profiles = [
        ("standards", standards),
        ("profiles", "id\np\n"),
        ("edges", "src,dst,relation,obligation\nq,a,profile_requires,mandatory\nk,a,covers,\n"),
    ];
    assert_eq!(found(&reading(&profiles)), ["profile-unknown q src"]);
}

#[test]
fn what_is_wrong_between_files_and_records() {
    let standards = "id,kind,publisher,responsible_body,covers\nk,cover_document,Nato,team,a\na,standard,nato,other,\nb,standard,nato,team,\n";
    let differing = [("standards", standards), ("edges", "src,dst,relation\nk,b,covers\n")];
    assert_eq!(found(&reading(&differing)), ["covers-column-differs k covers"]);
    let bodies = [("standards", standards), ("organizations", "id\nnato\n"), ("bodies", "id\nteam\n")];
    let read = reading(&bodies);
    assert_eq!(found(&read), ["publisher-unknown k publisher", "body-unknown a responsible_body"]);
    assert!(read.findings.iter().any(|finding| finding.message.contains("`nato` is")));

    let events =
        [("standards", "id,registry_added\na,2020-01\n"), ("events", "id,flag,date\na,added,2020-02\n")];
    assert_eq!(found(&reading(&events)), ["events-differ a registry_added"]);

    let marked = "id,kind,marking\nk,cover_document,restricted\nl,cover_document,\na,standard,secret\nb,standard,Restricted\nc,standard,NATO UNCLASSIFIED\n";
    let edges = "src,dst,relation\nk,a,covers\nk,b,covers\nl,b,covers\nl,c,covers\n";
    assert_eq!(
        found(&reading(&[("standards", marked), ("edges", edges)])),
        ["part-above-cover a marking", "part-above-cover b marking"]
    );

    let editions = "id,doc_date,registry_status\na,2019,accepted\nb,2020,draft\nc,2021,accepted\n";
    let edges = "src,dst,relation\na,b,supersedes\nc,a,supersedes\n";
    assert_eq!(
        found(&reading(&[("standards", editions), ("edges", edges)])),
        ["edition-order a doc_date", "superseded-in-force a registry_status"]
    );
}

/// The rule of volumes: two or more of one set and edition under one cover, and one under none.
#[test]
fn a_volume_beside_covered_ones_is_covered_by_nothing() {
    let standards = "id,kind,edition,pub_number\nk,cover_document,,S 1\nv1,standard,A,X-1 Ed A - Vol 1\nv2,standard,A,X-1 Ed A - Vol 2\nv3,standard,A,X-1 Ed A - Vol 3\nw3,standard,B,X-1 Ed B - Vol 3\ny3,standard,A,Y-1 Ed A - Vol 3\n";
    let edges = |covered: &[&str]| {
        let lines = covered.iter().map(|id| format!("k,{id},covers\n"));
        std::iter::once("src,dst,relation\n".to_owned()).chain(lines).collect::<String>()
    };
    let codes = |covered: &[&str]| found(&reading(&[("standards", standards), ("edges", &edges(covered))]));
    assert_eq!(codes(&["v1", "v2"]), ["covered-by-nothing v3 covers"]);
    assert!(codes(&["v1", "v2", "v3"]).is_empty());
    // One volume under a cover of its own says nothing of the others.
    assert!(codes(&["v1"]).is_empty());
    assert!(codes(&["w3", "y3"]).is_empty());
}

/// Doubt never widens who may have a part.
#[test]
fn doubt_closes() {
    let text = "id,marking,originators,releasable_to,registry_status\na,HUSH,NO,,accepted\nb,,N/O,SE,accepted\nc,,,S/E,accepted\nd,,,,perhaps\ne,,NO; DE,SE;FI,Accepted\n";
    let read = reading(&[("standards", text)]);
    assert_eq!(record(&read, "a").marking, Some(Level::TopSecret));
    assert_eq!(record(&read, "b").releasable_to, Some(BTreeSet::new()));
    assert_eq!(record(&read, "c").releasable_to, Some(BTreeSet::new()));
    assert_eq!(record(&read, "d").status, Status::Draft);
    let fine = record(&read, "e");
    assert_eq!(
        (fine.originators.len(), fine.releasable_to.as_ref().unwrap().len(), fine.status),
        (2, 2, Status::Accepted)
    );
    assert_eq!(record(&read, "a").releasable_to, None);
    let edges = format!("{EDGES}a,b,references,perhaps,\na,c,references,informative,\n");
    let read = reading(&[("standards", text), ("edges", &edges)]);
    let obligations: Vec<_> =
        read.registry.edges().iter().map(|edge| (edge.relation, edge.obligation)).collect();
    assert_eq!(
        obligations,
        [
            (Relation::References, Some(Obligation::Mandatory)),
            (Relation::References, Some(Obligation::Optional))
        ]
    );
}

#[test]
fn markings_and_dates_are_read_as_people_write_them() {
    let text = "id,marking,marking_in_title,doc_date_raw\na,nato restricted,,2008-05-00\nb,,CONFIDENTIAL,2008-00-00\nc,COSMIC TOP SECRET,restricted,2008-02-30\nd,Unclassified,SECRET,0000\n";
    let read = reading(&[("standards", text)]);
    let is = |id: &str| (record(&read, id).marking, record(&read, id).date.map(|date| date.to_string()));
    assert_eq!(is("a"), (Some(Level::Restricted), Some("2008-05".to_owned())));
    assert_eq!(is("b"), (Some(Level::Confidential), Some("2008".to_owned())));
    assert_eq!(is("c"), (Some(Level::TopSecret), None));
    assert_eq!(is("d").0, Some(Level::Unclassified));
}

#[test]
fn an_error_leaves_out_or_closes_and_nothing_else_does() {
    for code in FindingCode::ALL {
        let about = code.about();
        let says = about.contains("left out") || about.contains("nobody") || about.contains("top secret");
        if code.severity() == Severity::Error {
            assert!(says, "{code}");
        }
    }
}

#[test]
fn documents_win_over_columns_and_have_names_of_one_folder() {
    let digest = |text: &str| ledger::Digest::of(text.as_bytes()).to_string();
    let (one, other) = (digest("1"), digest("2"));
    let standards = format!(
        "id,document_sha256,document_bytes,document_name\na,{one},1,a.pdf\nb,{one},1,\nc,{one},1,../c\nd,{one},-1,\ne,,,\nf,{one},1,.f\n"
    );
    let documents = format!("id,document_sha256,document_bytes\na,{other},2\na,{one},1\n");
    let read = reading(&[("standards", &standards), ("documents", &documents)]);
    assert_eq!(
        found(&read),
        [
            "document-malformed c document_sha256",
            "document-malformed d document_sha256",
            "document-malformed f document_sha256",
            "id-doubled a id"
        ]
    );
    let is = |id: &str| {
        record(&read, id).document.as_ref().map(|d| (d.digest.to_string(), d.bytes, d.name.clone()))
    };
    assert_eq!(is("a"), Some((other, 2, "a".to_owned())));
    assert_eq!(is("b"), Some((one, 1, "b".to_owned())));
    assert_eq!((is("c"), is("d"), is("e"), is("f")), (None, None, None, None));
}
