//! Forms of an invented release, read back: the same bytes again, the marking everywhere, nothing hidden shown.

use std::collections::BTreeMap;
use std::io::Read as _;

use ledger::act::Code;
use package::Content;
use package::content::FileName;
use package::fingerprint::{FingerprintKey, Fingerprints, neutral};

use super::*;

const MARKING: &str = "EXERCISE EXERCISE EXERCISE NATO UNCLASSIFIED Releasable to INDUSTRY";

/// Two branches over three years: shown, in a range, in a range without an upper end, hidden.
const CELLS: &str = "\
capability,year,unit,status,value,low,high
ALL,2027-2029,piece,published,91823,,
ALL,2027,piece,published,40007,,
ALL,2028,piece,suppressed,,3,
ALL,2029,piece,suppressed,,,
LAND,2027,piece,suppressed,,12,640
LAND,2028,piece,published,11,,
SEA,2027,piece,published,17,,
";
const CAPABILITIES: &str = "code,parent,title\nALL,,All of it\nLAND,ALL,Land\nSEA,ALL,Sea & <b>air</b>\n";
const YEARS: &str = "child,parent\n2027,2027-2029\n2028,2027-2029\n2029,2027-2029\n";

fn lists() -> [CodeList<'static>; 2] {
    [("capability", "capability.csv", CAPABILITIES.as_bytes()), ("year", "year.csv", YEARS.as_bytes())]
}

fn made(cells: &str, lists: &[CodeList<'_>]) -> BTreeMap<String, Vec<u8>> {
    let heading = Heading { title: "Demand (invented)", marking: MARKING };
    all(&heading, cells.as_bytes(), lists).unwrap().into_iter().collect()
}

fn text(forms: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8_lossy(&forms[name]).into_owned()
}

fn hex(text: &str) -> Vec<String> {
    text.chars().map(|character| format!("{:04X}", u32::from(character))).collect()
}

/// A text as pages have it, with gaps that say nothing.
fn drawn(text: &str) -> String {
    hex(text).join(">+000<")
}

fn sheets(workbook: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut sheets = BTreeMap::new();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).unwrap();
        let mut text = String::new();
        member.read_to_string(&mut text).unwrap();
        sheets.insert(member.name().unwrap().into_owned(), text);
    }
    sheets
}

#[test]
fn same_input_gives_the_same_bytes() {
    assert_eq!(made(CELLS, &lists()), made(CELLS, &lists()));
}

#[test]
fn the_marking_is_on_every_page_and_sheet_above_and_below() {
    let forms = made(CELLS, &lists());
    let pdf = text(&forms, "report.pdf");
    let pages = pdf.matches("/Type /Page\n").count();
    assert!(pages >= 2);
    assert_eq!(pdf.matches(&drawn(MARKING)).count(), 2 * pages);
    assert_eq!(pdf.matches(&hex("COPY 000000 FOR ").concat()).count(), 2 * pages);
    let html = text(&forms, "report.html");
    assert_eq!(html.matches(&format!("<span>{MARKING}</span>")).count(), 2);
    assert_eq!(html.matches("COPY 000000 FOR ").count(), 2);
    let members = sheets(&forms["cells.xlsx"]);
    let worksheets = members.iter().filter(|(name, _)| name.starts_with("xl/worksheets/"));
    let mut count = 0;
    for (name, sheet) in worksheets {
        count += 1;
        assert!(sheet.contains(&format!("<oddHeader>&amp;C&amp;\"Arial,Bold\"{MARKING}")), "{name}");
        assert!(sheet.contains(&format!("<oddFooter>&amp;C&amp;\"Arial,Bold\"{MARKING}")), "{name}");
    }
    assert_eq!(count, 4);
    for name in ["README.txt", "cells.json"] {
        assert!(text(&forms, name).contains(MARKING), "{name}");
    }
}

#[test]
fn every_form_says_what_the_cells_say() {
    let forms = made(CELLS, &lists());
    assert_eq!(text(&forms, "cells.csv"), CELLS);
    let json: serde_json::Value = serde_json::from_slice(&forms["cells.json"]).unwrap();
    assert_eq!(json["cells"].as_array().unwrap().len(), 7);
    assert_eq!(json["cells"][4]["low"], "12");
    assert_eq!(json["cells"][4]["high"], "640");
    assert!(json["cells"][3].get("low").is_none() && json["cells"][3].get("value").is_none());
    assert_eq!(json["variables"][1]["codes"][0]["code"], "2027-2029");
    let html = text(&forms, "report.html");
    for words in ["91\u{202f}823", "12 to 640", "3 or more", "hidden", "Sea &#38; &#60;b&#62;air&#60;/b&#62;"]
    {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("<b>air") && !html.contains("<script"));
    let pdf = text(&forms, "report.pdf");
    assert!(pdf.contains(&drawn("12–640")) && pdf.contains(&drawn("hidden")));
    let shared = &sheets(&forms["cells.xlsx"])["xl/sharedStrings.xml"];
    assert!(shared.contains("Sea &amp; &lt;b&gt;air&lt;/b&gt;"));
}

#[test]
fn formulas_and_rounded_tables_are_taken_as_they_are() {
    let cells = "\
sector,unit,status,value,low,high
'=1+1,,published,1.25,1.00,1.50
'@top,,published,-2.50,-3.00,
";
    // A number needs both ends of its range.
    let heading = Heading { title: "t", marking: "m" };
    assert!(all(&heading, cells.as_bytes(), &[]).is_err());
    let forms = made(&cells.replace("-3.00,\n", "-3.00,-2.00\n"), &[]);
    let json: serde_json::Value = serde_json::from_slice(&forms["cells.json"]).unwrap();
    assert_eq!(json["cells"][0]["codes"]["sector"], "=1+1");
    assert_eq!(json["cells"][1]["value"], "-2.50");
    let members = sheets(&forms["cells.xlsx"]);
    assert!(members.values().all(|sheet| !sheet.contains("<f>")));
    assert!(text(&forms, "report.html").contains("rounded: a value near the true one"));
}

#[test]
fn what_is_no_release_is_refused_with_its_place() {
    let heading = Heading { title: "t", marking: "m" };
    for (cells, lists) in [
        ("", vec![]),
        ("unit,status,value,low,high\n", vec![]),
        ("a,status,value,low,high\n", vec![]),
        ("a,unit,status,value,low,high\nx,,published,,,\n", vec![]),
        ("a,unit,status,value,low,high\nx,,published,0.1234567890123456789,,\n", vec![]),
        ("a,unit,status,value,low,high\nx,,suppressed,5,,\n", vec![]),
        ("a,unit,status,value,low,high\nx,,published,1,,\n", vec![("b", "b.csv", b"code\n".as_slice())]),
        ("a,unit,status,value,low,high\nx,,published,1,,\n", vec![("a", "a.csv", b"title\n".as_slice())]),
    ] {
        let failure = all(&heading, cells.as_bytes(), &lists).unwrap_err();
        assert_eq!(failure.exit_code(), 2, "{cells}");
        assert!(!failure.advice().is_empty(), "{cells}");
    }
}

#[test]
fn lists_that_go_in_circles_end() {
    let circle = "code,parent\nALL,LAND\nLAND,ALL\nSEA,SEA\n";
    let forms = made(CELLS, &[("capability", "capability.csv", circle.as_bytes())]);
    assert!(forms.contains_key("report.pdf"));
}

#[test]
fn copies_differ_in_marks_alone() {
    let forms = made(CELLS, &lists());
    let named = forms.into_iter().map(|(name, bytes)| (FileName::new(&name).unwrap(), bytes));
    let content = Content::new(named.collect()).unwrap();
    let key = FingerprintKey::from_secret_bytes(&[5; 32]).unwrap();
    let prints = Fingerprints::new(&key, &content).unwrap();
    assert!(prints.positions() > 1_000, "{}", prints.positions());
    let marked = prints.mark(3, &Code::new("AURORA").unwrap()).unwrap();
    assert_eq!(neutral(&marked), content);
    let differing = content.files().iter().filter(|(name, bytes)| marked.files()[*name] != **bytes);
    let differing: Vec<&str> = differing.map(|(name, _)| name.as_str()).collect();
    assert_eq!(differing, ["report.html", "report.pdf"]);
    let html = String::from_utf8_lossy(&marked.files()[&FileName::new("report.html").unwrap()]).into_owned();
    assert_eq!(html.matches("COPY 000003 FOR AURORA").count(), 2);
    let traced = prints.trace(&prints.read(&[html.as_bytes()]), &[1, 2, 3, 4], 1_000);
    assert_eq!(traced.accused.iter().map(|accused| accused.copy).collect::<Vec<_>>(), [3]);
}
