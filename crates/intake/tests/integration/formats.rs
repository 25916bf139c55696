//! The same table as CSV, XLSX and Parquet.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use intake::{Content, FilesInMemory};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use zip::write::SimpleFileOptions;

use crate::scene::{FIGURES, found, read, with};

/// A workbook with one sheet: texts as inline strings, numbers as numbers.
fn workbook(rows: &[Vec<&str>]) -> Vec<u8> {
    let mut sheet = String::from(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>",
    );
    for (number, row) in rows.iter().enumerate() {
        let _ = write!(sheet, "<row r=\"{}\">", number + 1);
        for (column, text) in row.iter().enumerate() {
            let at = format!("{}{}", char::from(b'A' + u8::try_from(column).unwrap()), number + 1);
            let _ = if text.parse::<f64>().is_ok() {
                write!(sheet, "<c r=\"{at}\"><v>{text}</v></c>")
            } else {
                write!(sheet, "<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
            };
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let files = [
        ("[Content_Types].xml", "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned()),
        ("_rels/.rels", format!("<?xml version=\"1.0\"?><Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>")),
        ("xl/workbook.xml", format!("<?xml version=\"1.0\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{relations}\"><sheets><sheet name=\"Data\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>")),
        ("xl/_rels/workbook.xml.rels", format!("<?xml version=\"1.0\"?><Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>")),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, text) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn rows() -> Vec<Vec<&'static str>> {
    FIGURES.lines().map(|line| line.split(',').collect()).collect()
}

fn total(files: &FilesInMemory) -> i64 {
    match read(files).unwrap().content {
        Content::Figures(records) => records.latest.iter().map(|record| record.figure.open()).sum(),
        Content::Cells(_) => 0,
    }
}

#[test]
fn a_workbook_reads_like_csv() {
    let files = with("figures.csv", workbook(&rows()));
    assert_eq!(found(&files), "");
    assert_eq!(total(&files), 14);
}

#[test]
fn faults_of_a_workbook_have_row_and_column() {
    let mut rows = rows();
    rows.push(vec!["DEU", "gun", "2030", "2.5", "piece"]);
    rows.push(vec!["DEU", "gun", "2031", "9007199254740993", "piece"]);
    rows.push(vec!["FRA", "gun", "2031", "", "piece"]);
    assert_eq!(
        found(&with("figures.csv", workbook(&rows))),
        "reject not-whole figures.csv:6:4 quantity\nreject inexact-number figures.csv:7:4 quantity\n\
         hold missing-value figures.csv:8:4 quantity\n"
    );
}

#[test]
fn sheets_are_named() {
    let text = crate::scene::SPECIFICATION.replace("unit_column", "sheet = \"Datum\"\nunit_column");
    let mut files = with("spec.toml", text);
    files.put("figures.csv", workbook(&rows()));
    assert_eq!(found(&files), "reject sheet-missing figures.csv:-:- -\n");
}

/// The figures as Parquet, their values as integers or floats.
fn parquet(values: &[f64], as_float: bool) -> Vec<u8> {
    let kind = if as_float { "DOUBLE" } else { "INT64" };
    let schema = format!(
        "message figures {{ REQUIRED BYTE_ARRAY ally (UTF8); REQUIRED BYTE_ARRAY capability (UTF8); \
         REQUIRED BYTE_ARRAY year (UTF8); REQUIRED {kind} quantity; REQUIRED BYTE_ARRAY unit (UTF8); }}"
    );
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let rows = rows();
    let mut column = 0;
    while let Some(mut writer) = group.next_column().unwrap() {
        if column == 3 && as_float {
            writer.typed::<DoubleType>().write_batch(values, None, None).unwrap();
        } else if column == 3 {
            let values: Vec<i64> = values.iter().map(|value| format!("{value}").parse().unwrap()).collect();
            writer.typed::<Int64Type>().write_batch(&values, None, None).unwrap();
        } else {
            let texts: Vec<ByteArray> = rows[1..].iter().map(|row| ByteArray::from(row[column])).collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
        }
        writer.close().unwrap();
        column += 1;
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_reads_like_csv() {
    for as_float in [false, true] {
        let files = with("figures.csv", parquet(&[5.0, 4.0, 3.0, 2.0], as_float));
        assert_eq!(found(&files), "");
        assert_eq!(total(&files), 14);
    }
    let fractions = with("figures.csv", parquet(&[5.0, 4.5, 3.0, 1e17], true));
    assert_eq!(
        found(&fractions),
        "reject not-whole figures.csv:3:4 quantity\nreject inexact-number figures.csv:5:4 quantity\n"
    );
}

#[test]
fn damaged_files_are_unreadable() {
    let mut bytes = parquet(&[5.0, 4.0, 3.0, 2.0], false);
    bytes.truncate(bytes.len() / 2);
    assert_eq!(found(&with("figures.csv", bytes)), "reject unreadable-file figures.csv:-:- -\n");
    let mut bytes = workbook(&rows());
    bytes.truncate(bytes.len() / 2);
    assert_eq!(found(&with("figures.csv", bytes)), "reject unreadable-file figures.csv:-:- -\n");
}
