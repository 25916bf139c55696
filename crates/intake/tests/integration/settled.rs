//! Linked tables, given costs and settled cells as specifications state them.

use disclosure::problem::Fixed;
use disclosure::table::TableError;
use intake::{FilesInMemory, ProblemError};

use crate::scene::{FIGURES, SPECIFICATION, files, found, read, with};

const REGION: &str = "child,parent\nnorth,all\nsouth,all\n";

/// The small table with a third variable, which has a table of its own.
fn linked(tables: &str) -> FilesInMemory {
    let region = "[[variable]]\nname = \"region\"\ncodes = \"region.csv\"\n";
    let mut files = with("spec.toml", SPECIFICATION.replace("[rule]", &format!("{region}{tables}[rule]")));
    files.put("region.csv", REGION);
    let rows = FIGURES.lines().zip(["region", "north", "south", "north", "south"]);
    files.put("figures.csv", rows.map(|(row, region)| format!("{row},{region}\n")).collect::<String>());
    files
}

fn searching(search: &str, more: &[(&str, &str)]) -> FilesInMemory {
    let mut files = with("spec.toml", format!("{SPECIFICATION}[search]\n{search}\n"));
    for (name, text) in more {
        files.put(name, *text);
    }
    files
}

#[test]
fn linked_tables_have_the_cells_of_their_blocks() {
    let all = read(&linked("")).unwrap().problem().unwrap();
    let tables = "[[table]]\nvariables = [\"capability\", \"year\"]\n[[table]]\nvariables = [\"region\"]\n";
    assert_eq!(found(&linked(tables)), "");
    let linked = read(&linked(tables)).unwrap().problem().unwrap();
    let two = read(&files()).unwrap().problem().unwrap();
    assert_eq!(linked.table().len(), two.table().len() + 2, "north and south beside the table of two");
    assert!(all.table().len() > linked.table().len());
}

#[test]
fn tables_name_known_variables_once_and_leave_none_out() {
    let cases = [
        "[[table]]\nvariables = [\"capability\", \"yaer\"]\n",
        "[[table]]\nvariables = [\"year\", \"year\"]\n",
        "[[table]]\nvariables = []\n",
        "[[table]]\nvariables = [\"capability\", \"year\"]\n",
    ];
    for tables in cases {
        let said = found(&linked(tables));
        assert!(said.starts_with("reject bad-parameter spec.toml:"), "{tables} {said}");
    }
    assert!(found(&linked("[[table]]\n")).starts_with("reject missing-key spec.toml:"));
}

#[test]
fn cells_of_no_table_are_named_by_line() {
    let spec = "schema = \"tearline-spec/1\"\ntitle = \"t\"\n[cells]\nfile = \"cells.csv\"\nvalue = \"value\"\n\
                primary = \"primary\"\nlower = \"lpl\"\nupper = \"upl\"\n[[variable]]\nname = \"a\"\n\
                codes = \"a.csv\"\n[[variable]]\nname = \"b\"\ncodes = \"b.csv\"\n[[table]]\nvariables = [\"a\"]\n\
                [[table]]\nvariables = [\"b\"]\n";
    let mut files = FilesInMemory::new();
    files.put("spec.toml", spec);
    files.put("a.csv", "child,parent\nx,all\n");
    files.put("b.csv", "child,parent\ny,all\n");
    let cells = "a,b,value,primary,lpl,upl\nall,all,5,0,,\nx,all,5,0,,\nall,y,5,0,,\n";
    files.put("cells.csv", cells);
    assert_eq!(found(&files), "");
    assert_eq!(read(&files).unwrap().problem().unwrap().table().len(), 3);
    files.put("cells.csv", format!("{cells}x,y,5,0,,\n"));
    assert_eq!(found(&files), "reject outside-tables cells.csv:5:1 a\n");
}

#[test]
fn costs_of_figures_are_added_up_exactly() {
    let costs = ["cost", "2.5", "0", "1", "0.25"];
    let rows = FIGURES.lines().zip(costs).map(|(row, cost)| format!("{row},{cost}\n")).collect::<String>();
    let files = searching("weight = \"cost\"", &[("figures.csv", &rows)]);
    let loaded = read(&files).unwrap();
    assert_eq!(loaded.costs.decimals, 2);
    let problem = loaded.problem().unwrap();
    let root = problem.table().cells().map(|cell| problem.weight(cell)).max();
    assert_eq!(root, Some(375), "2.5 + 0 + 1 + 0.25 in hundredths");
    for (cost, column) in [("never", 6), ("-1", 6), ("", 6)] {
        let rows = rows.replace(",2.5\n", &format!(",{cost}\n"));
        let files = searching("weight = \"cost\"", &[("figures.csv", &rows)]);
        assert_eq!(found(&files), format!("reject bad-cost figures.csv:2:{column} cost\n"), "{cost}");
    }
}

#[test]
fn settled_cells_are_read_and_each_fault_has_its_line() {
    let settled = |text: &str| searching("fixed = \"fixed.csv\"", &[("fixed.csv", text)]);
    let text = "capability,year,status\ngun,2030,suppressed\ntotal,all,published\ngun,2031,published\n";
    let loaded = read(&settled(text)).unwrap();
    let fixed: Vec<(u64, Fixed)> = loaded.fixed.iter().map(|cell| (cell.line, cell.fixed)).collect();
    assert_eq!(fixed, [(3, Fixed::Published), (2, Fixed::Blank), (4, Fixed::Published)]);
    let text = "capability,year,status\ngnu,2030,suppressed\ngun,2030,secondary\ngun,2030,published\n\
                gun,2030,suppressed\n";
    let expected = "reject unknown-code fixed.csv:2:1 capability\nreject bad-status fixed.csv:3:3 status\n\
                    reject duplicate-cell fixed.csv:5:1 capability\n";
    assert_eq!(found(&settled(text)), expected);
    assert_eq!(found(&searching("fixed = \"fixed.csv\"", &[])), "reject file-missing fixed.csv:-:- -\n");
}

#[test]
fn settled_cells_that_cannot_be_are_refused_with_the_cell() {
    let problem = |text: &str| {
        let files = searching("fixed = \"fixed.csv\"", &[("fixed.csv", text)]);
        read(&files).unwrap().problem().err()
    };
    // One ally alone: sensitive.
    let Some(ProblemError::Table(error)) = problem("capability,year,status\ntank,2030,published\n") else {
        panic!("a sensitive cell is out")
    };
    assert!(matches!(error, TableError::SensitiveShown { .. }));
    assert_eq!(error.to_string(), "sensitive cell `tank|2030` is published already");
    let unknown = problem("capability,year,status\ngun,2031,suppressed\n");
    assert_eq!(unknown, Some(ProblemError::FixedUnknown { file: "fixed.csv".to_owned(), line: 2 }));
    let allowed = problem("capability,year,status\ngun,2031,published\n");
    assert_eq!(allowed, None, "a zero that everybody knows");
}
