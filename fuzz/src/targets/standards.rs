//! Any bytes as every file of a registry, as two of its tables and as a change of it: read or refused, by the laws of each.

use office::standards::{Change, Date, Index, Registry, Severity, Sources, Table, difference, exercise, read};

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(change) = Change::from_bytes(bytes) {
        assert_eq!(change.to_bytes(), bytes, "a change has one form");
        let once = Registry::default().apply(&change);
        assert_eq!(once.apply(&change), once, "applying twice is applying once");
    }
    let file = Some(("file", bytes));
    let sources = Sources {
        standards: file,
        edges: file,
        events: file,
        profiles: file,
        organizations: file,
        responsible_bodies: file,
        national: file,
        documents: None,
    };
    for sources in [sources, Sources { standards: file, ..Sources::default() }] {
        let Ok(reading) = read(&sources) else { continue };
        let errors = reading.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let rows = reading.rows.rows().len();
        assert!(reading.registry.records().len() + errors >= rows, "a row is kept or an error says why not");
        assert!(difference(&reading.rows, &reading.rows).is_empty());
        let _ = Index::new(&reading.registry).search("a b 1", 5);
        let date = Date::read("2024").unwrap_or_else(|| unreachable!("a year is a date"));
        let change = Change::between(&Registry::default(), &reading.registry, date);
        assert_eq!(Change::from_bytes(&change.to_bytes()).as_ref(), Ok(&change));
        let after = Registry::default().apply(&change);
        assert!(Change::between(&after, &reading.registry, date).is_empty());
    }
    let _ = Table::read("file", bytes);
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let invented = exercise::invent(5, 1);
    let texts = invented.to_csv();
    let mut seeds: Vec<Vec<u8>> =
        [texts.standards, texts.edges, texts.events].map(String::into_bytes).into_iter().collect();
    seeds.push(b"[{\"id\":\"a\",\"title\":\"A\",\"originators\":[\"NO\"]}]".to_vec());
    seeds.push(b"id,src,dst,relation,flag,state,stance,date\na,a,b,covers,added,NO,ratified,2020\nb,b,a,references,,,,\n".to_vec());
    if let Some(date) = Date::read("2024-05") {
        seeds.push(Change::between(&Registry::default(), &invented.registry(), date).to_bytes());
    }
    seeds
}
