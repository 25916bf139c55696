//! Files as rows: both forms, byte order marks and line ends, limits, and what is no table.

use proptest::prelude::*;

use super::super::{
    COLUMNS_MAX, Change, Date, FIELD_BYTES_MAX, ReadError, Registry, Severity, Sources, Table, difference,
    read,
};

fn rows(table: &Table) -> Vec<Vec<&str>> {
    let fields =
        |row: &'_ super::super::Row| (0..table.columns().len()).map(|at| row.field(at).to_owned()).collect();
    let rows: Vec<Vec<String>> = table.rows().iter().map(fields).collect();
    rows.iter().map(|row| row.iter().map(|field| &*String::leak(field.clone())).collect()).collect()
}

#[test]
fn both_forms_read_alike() {
    let csv =
        Table::read("a.csv", "\u{feff}id,title,n\r\na,\"x, \"\"y\"\"\nz\",1\r\nb,,\r\n".as_bytes()).unwrap();
    let json =
        Table::read("a.json", br#" [{"id":"a","title":"x, \"y\"\nz","n":1},{"n":null,"id":"b"}]"#).unwrap();
    assert_eq!(csv.columns(), json.columns());
    assert_eq!(rows(&csv), rows(&json));
    assert_eq!(rows(&csv), [["a", "x, \"y\"\nz", "1"], ["b", "", ""]]);
    assert_eq!(csv.rows().iter().map(|row| row.line()).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(json.rows().iter().map(|row| row.line()).collect::<Vec<_>>(), [1, 2]);
    let lists = Table::read("l", br#"[{"id":"a","l":["x","y"],"t":true,"m":-4}]"#).unwrap();
    assert_eq!(rows(&lists), [["a", "x;y", "yes", "-4"]]);
}

#[test]
fn rows_of_another_length_are_left_out_and_named() {
    let table = Table::read("a", b"id,title\na,b,c\nd\ne,f\n").unwrap();
    assert_eq!(table.misshapen(), [(2, 3), (3, 1)]);
    assert_eq!(rows(&table), [["e", "f"]]);
}

#[test]
fn what_is_no_table_is_an_error() {
    let error = |bytes: &[u8]| Table::read("f", bytes).unwrap_err();
    let file = "f".to_owned();
    assert_eq!(error(b"id\n\xff"), ReadError::Text { file: file.clone() });
    assert_eq!(error(b"id,id\n"), ReadError::ColumnDoubled { file: file.clone(), column: "id".into() });
    for json in
        ["[1]", "[{\"a\":{}}]", "[{\"a\":1,\"a\":2}]", "[{\"a\":1}", "[]x", "[{\"a\":[1]}]", "[{\"a\":1.5}]"]
    {
        assert!(matches!(error(json.as_bytes()), ReadError::Json { .. }), "{json}");
    }
    let columns = |n: usize| (0..n).map(|n| format!("c{n}")).collect::<Vec<_>>();
    assert!(Table::read("f", columns(COLUMNS_MAX).join(",").as_bytes()).is_ok());
    assert_eq!(
        error(columns(COLUMNS_MAX + 1).join(",").as_bytes()),
        ReadError::Columns { file: file.clone() }
    );
    let object = |n: usize| {
        format!("[{{{}}}]", columns(n).iter().map(|c| format!("\"{c}\":0")).collect::<Vec<_>>().join(","))
    };
    assert!(Table::read("f", object(COLUMNS_MAX).as_bytes()).is_ok());
    assert_eq!(error(object(COLUMNS_MAX + 1).as_bytes()), ReadError::Columns { file: file.clone() });
    // An open quote swallows the rest of the file.
    let open = |n: usize| format!("id\nb\n\"{}", "x".repeat(n));
    assert!(Table::read("f", open(FIELD_BYTES_MAX).as_bytes()).is_ok());
    assert_eq!(error(open(FIELD_BYTES_MAX + 1).as_bytes()), ReadError::Field { file: file.clone(), line: 3 });
    let long = format!("[{{\"id\":\"{}\"}}]", "x".repeat(FIELD_BYTES_MAX + 1));
    assert_eq!(error(long.as_bytes()), ReadError::Field { file, line: 1 });
}

#[test]
fn columns_without_which_nothing_can_be_made_of_a_file() {
    let standards = Some(("s.csv", b"id\na\n".as_slice()));
    let missing = |sources: Sources<'_>| match read(&sources) {
        Err(ReadError::ColumnMissing { column, .. }) => column,
        other => panic!("{other:?}"),
    };
    let table = Some(("t.csv", b"x,src,state,flag\n".as_slice()));
    assert_eq!(read(&Sources::default()), Err(ReadError::NoStandards));
    assert_eq!(missing(Sources { standards: table, ..Sources::default() }), "id");
    assert_eq!(missing(Sources { standards: Some(("empty", b"")), ..Sources::default() }), "id");
    assert_eq!(missing(Sources { standards, edges: table, ..Sources::default() }), "dst");
    assert_eq!(missing(Sources { standards, events: table, ..Sources::default() }), "id");
    assert_eq!(missing(Sources { standards, national: table, ..Sources::default() }), "id");
    assert_eq!(missing(Sources { standards, profiles: table, ..Sources::default() }), "id");
    assert_eq!(missing(Sources { standards, documents: table, ..Sources::default() }), "id");
    assert_eq!(missing(Sources { standards, organizations: table, ..Sources::default() }), "id");
}

proptest! {
    /// Whatever comes, it is read or refused, and what is read obeys the limits.
    #[test]
    fn any_bytes_are_read_or_refused(text in "[\\[\\]{}\":,;a-c0-9\n\r -]{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        for bytes in [text.as_bytes(), &bytes, &[b"id,relation,src,dst,flag,state,stance\n", text.as_bytes()].concat()] {
            let file = Some(("f", bytes));
            let sources = Sources {
                standards: file, edges: file, events: file, profiles: file, organizations: file, responsible_bodies: file,
                national: file, documents: None,
            };
            if let Ok(reading) = read(&sources) {
                prop_assert!(reading.registry.records().len() <= reading.rows.rows().len());
                prop_assert!(reading.findings.windows(2).all(|pair| pair[0] < pair[1]));
                let errors = reading.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
                prop_assert!(reading.registry.records().len() + errors >= reading.rows.rows().len());
                prop_assert!(difference(&reading.rows, &reading.rows).is_empty());
                let date = Date::read("2024").unwrap();
                let change = Change::between(&Registry::default(), &reading.registry, date);
                let again = Change::from_bytes(&change.to_bytes());
                prop_assert_eq!(again.as_ref(), Ok(&change));
                let after = Registry::default().apply(&change);
                prop_assert!(Change::between(&after, &reading.registry, date).is_empty());
            }
        }
    }

    #[test]
    fn rows_come_back_as_they_were_written(fields in prop::collection::vec(("[a-z ,\"\n;é]{0,12}", "[a-z ,\"\r\n]{0,12}"), 1..8)) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let lines = fields.iter().map(|(a, b)| format!("{},{}\n", quoted(a), quoted(b)));
        let text: String = std::iter::once("id,title\n".to_owned()).chain(lines).collect();
        let table = Table::read("f", text.as_bytes()).unwrap();
        let expected: Vec<Vec<&str>> = fields.iter().map(|(a, b)| vec![a.as_str(), b.as_str()]).collect();
        prop_assert_eq!(rows(&table), expected);
    }
}
