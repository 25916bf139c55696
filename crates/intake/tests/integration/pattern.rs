use disclosure::pattern::Status;

use crate::scene::{files, lines, read};

fn pattern(text: &str) -> Result<(usize, usize), String> {
    let mut files = files();
    files.put("pattern.csv", text);
    let problem = read(&files).unwrap().problem().unwrap();
    let pattern = intake::pattern::read("pattern.csv", &files, problem.table());
    let count = |pattern: disclosure::pattern::Pattern| {
        (pattern.count(Status::Primary), pattern.count(Status::Secondary))
    };
    pattern.map(count).map_err(|faults| lines(faults.all()))
}

#[test]
fn hidden_cells_are_enough() {
    let text = "capability,year,status\ntank,2030,primary\ngun,2030,secondary\ntotal,all,published\n";
    assert_eq!(pattern(text), Ok((1, 1)));
    assert_eq!(pattern("status,year,capability\n"), Ok((0, 0)));
    assert_eq!(pattern("capability,year,status\ngun,2031,published\n"), Ok((0, 0)), "a known zero");
}

#[test]
fn each_fault_has_its_line_and_column() {
    let text = "capability,year,status\ntank,2030,primary\ntank,2030,secondary\ngun,2031,primary\n\
                tnak,2030,primary\ntank,2031,suppressed\n";
    assert_eq!(
        pattern(text),
        Err("reject duplicate-cell pattern.csv:3:1 capability\n\
             reject unknown-cell pattern.csv:4:1 capability\n\
             reject unknown-code pattern.csv:5:1 capability\n\
             reject bad-status pattern.csv:6:3 status\n"
            .to_owned())
    );
    assert_eq!(
        pattern("capability,status\n"),
        Err("reject missing-column pattern.csv:1:- year\n".to_owned())
    );
}
