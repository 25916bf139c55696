//! Invented tables for comparisons with other programs, the same on every machine: EXERCISE figures.
//!
//! `invented list` prints a name a line; `invented write NAME FOLDER` writes the table in the form of the shared
//! instances (`instance.json`, `hier_*.csv`, `cells.csv`); `invented sizes` prints the cells of the growing family, and
//! `invented protect CELLS` protects one of them and prints one line of JSON: what it took, and how much of it.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a tool of measurement stops at a fault")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use disclosure::Ratio;
use disclosure::budget::{Budget, WORK_LIMIT_DEFAULT};
use disclosure::generate::{self, Shape};
use disclosure::pattern::Status;
use disclosure::problem::{Problem, Weight};
use disclosure::protect::protect;
use disclosure::rule::{PPercent, Rules};
use disclosure::solver::Highs;

/// Names with the children at each level of each variable, and the most contributors of a cell.
type Named = (&'static str, &'static [&'static [usize]], u32);

/// The shapes of the tables on which the method was first measured.
const TABLES: [Named; 6] = [
    ("own-20x20", &[&[20], &[20]], 16),
    ("own-26x26", &[&[5, 4], &[5, 4]], 18),
    ("own-11x111", &[&[10], &[10, 10]], 18),
    ("own-45x11x7", &[&[4, 10], &[10], &[6]], 32),
    ("own-111x126", &[&[10, 10], &[5, 24]], 19),
    ("own-445x11x7", &[&[4, 10, 10], &[10], &[6]], 16),
];

/// The scale of an office, from a hundredth of it: two hierarchies, about 15 per cent of the cells sensitive.
const GROWING: [(u64, &[&[usize]]); 5] = [
    (12_321, &[&[10, 10], &[10, 10]]),
    (34_521, &[&[10, 10], &[10, 10, 2]]),
    (123_321, &[&[10, 10], &[10, 10, 10]]),
    (345_521, &[&[10, 10, 2], &[10, 10, 10]]),
    (1_234_321, &[&[10, 10, 10], &[10, 10, 10]]),
];

const VARIABLES: [&str; 3] = ["A", "B", "C"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["list"] => TABLES.iter().for_each(|(name, _, _)| println!("{name}")),
        ["write", name, folder] => {
            let (_, fans, most) = TABLES.iter().find(|(known, _, _)| known == name).expect("a known name");
            write(&problem(fans, *most), name, Path::new(folder));
        }
        ["sizes"] => GROWING.iter().for_each(|(cells, _)| println!("{cells}")),
        ["protect", cells] => {
            let cells: u64 = cells.parse().expect("a number of cells");
            let (_, fans) = GROWING.iter().find(|(known, _)| *known == cells).expect("a known size");
            measure(fans);
        }
        _ => println!("invented list | write NAME FOLDER | sizes | protect CELLS"),
    }
}

fn problem(fans: &[&[usize]], contributors_per_cell_max: u32) -> Problem {
    let variables = VARIABLES.iter().zip(fans).map(|(&name, fan)| (name, fan.to_vec())).collect();
    let shape = Shape { variables, contributors_per_cell_max, ..Shape::office_scale() };
    let (hierarchies, contributions) = generate::table(&shape).expect("the shape is sound");
    let p = PPercent { p: Ratio::whole(10), q: Ratio::whole(100), pooling: 1 };
    let rules = Rules { p: Some(p), ..Rules::default() };
    Problem::from_contributions(hierarchies, &contributions, &rules, &Weight::Value).expect("a sound table")
}

fn write(problem: &Problem, name: &str, folder: &Path) {
    let table = problem.table();
    let names: Vec<&str> = table.hierarchies().iter().map(|tree| tree.name()).collect();
    let dims = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let meta = format!(
        "{{\"name\": \"{name}\", \"kind\": \"given\", \"dims\": [{dims}], \"nonneg\": true, \"decimals\": 0,\n \
         \"rule\": {{\"type\": \"given\", \"range_pct\": 10}}, \"source\": \"invented\"}}\n"
    );
    std::fs::create_dir_all(folder).expect("a writable folder");
    let put = |file: &str, text: String| std::fs::write(folder.join(file), text).expect("a writable folder");
    put("instance.json", meta);
    for tree in table.hierarchies() {
        let pairs = tree.nodes().filter_map(|node| Some((tree.code(node), tree.code(tree.parent(node)?))));
        let rows: String = pairs.map(|(child, parent)| format!("{child},{parent}\n")).collect();
        put(&format!("hier_{}.csv", tree.name()), format!("child,parent\n{rows}"));
    }
    let mut cells = format!("{},value,n,top1,top2,primary,lpl,upl\n", names.join(","));
    for cell in table.cells() {
        let codes = table.codes(cell).collect::<Vec<_>>().join(",");
        let levels = problem.protection(cell);
        let (lower, upper) = levels.map_or((0, 0), |levels| (levels.lower, levels.upper));
        let (value, sensitive) = (table.figure(cell).open(), u8::from(levels.is_some()));
        // The contributors themselves stay out of the file; the independent auditor reads the columns and uses the levels.
        writeln!(cells, "{codes},{value},0,0,0,{sensitive},{lower},{upper}").expect("text grows");
    }
    put("cells.csv", cells);
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn measure(fans: &[&[usize]]) {
    let problem = problem(fans, Shape::office_scale().contributors_per_cell_max);
    let cancel = AtomicBool::new(false);
    let start = Instant::now();
    let elapsed = || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    // A limit of nothing: the first pattern that is proved, and no search for a lighter one.
    let budget = Budget {
        elapsed_ms: &elapsed,
        time_limit_ms: 0,
        cancel: &cancel,
        progress: &|_| (),
        work_limit: WORK_LIMIT_DEFAULT,
        threads: 2,
        gap_ppm: 0,
    };
    let protected = protect(&problem, &Highs, &budget).expect("every table here can be protected");
    let seconds = start.elapsed().as_secs_f64();
    let checked = disclosure::checker::check(&problem, &protected.pattern, &protected.certificate);
    let check_seconds = start.elapsed().as_secs_f64() - seconds;
    assert!(checked.is_ok(), "the checker takes back what it said");
    println!(
        "{{\"cells\": {}, \"primaries\": {}, \"secondaries\": {}, \"weight\": {}, \"protect_s\": {seconds:.3}, \
         \"check_s\": {check_seconds:.3}, \"peak_mib\": {}}}",
        problem.table().len(),
        protected.pattern.count(Status::Primary),
        protected.pattern.count(Status::Secondary),
        protected.weight,
        peak_mebibytes(),
    );
}

/// The most memory that this process ever held, generating the figures included.
fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
