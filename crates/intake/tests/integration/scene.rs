//! A small sound table, and the one door of most tests: change a file, list what is found.

use intake::fault::{Fault, Faults};
use intake::{FilesInMemory, Loaded, load};

pub(crate) const SPECIFICATION: &str = r#"
schema = "tearline-spec/1"
title = "demand"
[figures]
file = "figures.csv"
contributor = "ally"
value = "quantity"
unit_column = "unit"
contributors = ["DEU", "FRA", "NOR", "USA"]
[[variable]]
name = "capability"
codes = "capability.csv"
[[variable]]
name = "year"
codes = "year.csv"
[rule]
p = 10
"#;

pub(crate) const CAPABILITY: &str = "code,parent,title,unit
total,,All,
land,total,Land,
tank,land,Tanks,piece
gun,land,Guns,piece
air,total,Air,
jet,air,Jets,piece
";

pub(crate) const YEAR: &str = "child,parent\n2030,all\n2031,all\n";

pub(crate) const FIGURES: &str = "ally,capability,year,quantity,unit
DEU,tank,2030,5,piece
FRA,tank,2031,4,piece
NOR,gun,2030,3,piece
USA,jet,2031,2,piece
";

pub(crate) fn files() -> FilesInMemory {
    let mut files = FilesInMemory::new();
    files.put("spec.toml", SPECIFICATION);
    files.put("capability.csv", CAPABILITY);
    files.put("year.csv", YEAR);
    files.put("figures.csv", FIGURES);
    files
}

/// The files with one of them replaced.
pub(crate) fn with(name: &str, text: impl Into<Vec<u8>>) -> FilesInMemory {
    let mut files = files();
    files.put(name, text);
    files
}

/// The figures with rows added.
pub(crate) fn with_rows(rows: &str) -> FilesInMemory {
    with("figures.csv", format!("{FIGURES}{rows}\n"))
}

pub(crate) fn read(files: &FilesInMemory) -> Result<Loaded, Faults> {
    load("spec.toml", files)
}

/// One line a fault: severity, code, file, line, column and field.
pub(crate) fn lines(faults: &[Fault]) -> String {
    let line = |fault: &Fault| {
        let number = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
        let place = &fault.place;
        assert!(!fault.advice().is_empty());
        let field = place.field.as_deref().unwrap_or("-");
        let at = format!("{}:{}:{} {field}", place.file, number(place.line), number(place.column));
        format!("{} {} {at}\n", fault.severity().word(), fault.code())
    };
    faults.iter().map(line).collect()
}

/// Everything that is found, whatever its severity.
pub(crate) fn found(files: &FilesInMemory) -> String {
    match read(files) {
        Err(faults) => lines(faults.all()),
        Ok(loaded) => lines(&loaded.notes.holds) + &lines(&loaded.notes.warnings),
    }
}

/// The messages of everything that is found.
pub(crate) fn messages(files: &FilesInMemory) -> Vec<String> {
    let all = |faults: &[Fault]| faults.iter().map(ToString::to_string).collect::<Vec<_>>();
    match read(files) {
        Err(faults) => all(faults.all()),
        Ok(loaded) => [all(&loaded.notes.holds), all(&loaded.notes.warnings)].concat(),
    }
}
