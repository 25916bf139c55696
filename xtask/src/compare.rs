//! `cargo xtask compare`: tau-ARGUS and Tearline on the same tables, in one run, judged by an independent auditor.
//!
//! The peer is pytauargus, installed from the Python registry into an environment under the target folder. Every run has
//! a process and a scratch folder of its own and a hard limit. What was measured is kept as JSON beside the target
//! folder, so that measuring one table again changes its rows alone; `docs/benchmarks.md` and its plot are written from it.
//! It is no test: it takes hours, and its figures are of the machine it ran on.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

mod audit;
mod child;
mod document;
mod machine;
mod measure;
mod plot;
mod results;
mod table;
mod tools;

use machine::Machine;
use results::{Growth, Measured, Outcome, Program, Results};
use tools::Tools;

const DOCUMENT: &str = "docs/benchmarks.md";
const PLOT: &str = "docs/benchmarks.svg";

/// Limits of our own runs, in seconds.
const LIMITS_S: [u32; 3] = [1, 10, 60];
const SECONDS_DEFAULT: u32 = 300;

/// What to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// All when empty.
    tables: Vec<String>,
    peers: Vec<Program>,
    /// A peer's run is killed after this.
    seconds: u32,
    work: Work,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Tables,
    Growth,
    Document,
}

impl Request {
    /// Reads the words after `compare`.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub(crate) fn of(words: &[&str]) -> Result<Self, String> {
        let mut request = Self {
            tables: Vec::new(),
            peers: vec![Program::Mod, Program::Opt],
            seconds: SECONDS_DEFAULT,
            work: Work::Tables,
        };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut value = || words.next().copied().ok_or_else(|| format!("`{word}` needs a value"));
            match word {
                "--tables" => request.tables = value()?.split(',').map(str::to_owned).collect(),
                "--peers" => request.peers = peers(value()?)?,
                "--seconds" => {
                    let seconds = value()?;
                    let parsed = seconds.parse().ok().filter(|&seconds| seconds > 0);
                    request.seconds =
                        parsed.ok_or_else(|| format!("`{seconds}` is not a number of seconds"))?;
                }
                "--growth" => request.work = Work::Growth,
                "--document" => request.work = Work::Document,
                unknown => return Err(format!("no such option: `{unknown}`")),
            }
        }
        Ok(request)
    }
}

fn peers(names: &str) -> Result<Vec<Program>, String> {
    if names == "none" {
        return Ok(Vec::new());
    }
    names
        .split(',')
        .map(|name| match name {
            "MOD" => Ok(Program::Mod),
            "OPT" => Ok(Program::Opt),
            unknown => Err(format!("no such peer: `{unknown}` (there are MOD, OPT and none)")),
        })
        .collect()
}

/// Measures what is asked for in the workspace at `root` and writes the document.
///
/// # Errors
/// When something cannot be built, installed, started, read or written. A program that fails on a table is a result.
pub(crate) fn run(root: &Path, request: &Request) -> anyhow::Result<()> {
    let kept = tools::results(&tools::target(root)?);
    let mut results = Results::load(&kept, Machine::here())?;
    match request.work {
        Work::Document => {}
        Work::Tables => {
            let tools = Tools::ready(root)?;
            results.versions = tools.versions()?;
            measure_tables(root, request, &tools, &mut results)?;
        }
        Work::Growth => {
            let tools = Tools::ready(root)?;
            results.versions = tools.versions()?;
            measure_growth(&tools, &mut results)?;
            results.store(&kept)?;
        }
    }
    write_document(root, &results)
}

fn measure_tables(
    root: &Path,
    request: &Request,
    tools: &Tools,
    results: &mut Results,
) -> anyhow::Result<()> {
    if tools.auditor.is_none() {
        say("../shared is not here: no shared tables, and no independent audit")?;
    }
    let known = tools.names()?;
    let names = if request.tables.is_empty() { &known } else { &request.tables };
    for name in names {
        anyhow::ensure!(known.contains(name), "no such table: `{name}` (there are {})", known.join(", "));
    }
    let ours = LIMITS_S.map(|limit_s| Program::Tearline { limit_s });
    for name in names {
        let table = tools.table(name)?;
        let (cells, primaries) = (table.cells() as u64, table.primaries() as u64);
        let variables = table.variables.len() as u64;
        let fresh = Measured { cells, primaries, variables, runs: std::collections::BTreeMap::new() };
        let measured = results.tables.entry(name.clone()).or_insert_with(|| fresh.clone());
        if (measured.cells, measured.primaries) != (cells, primaries) {
            // Another table of the same name: nothing that is known of it holds.
            *measured = fresh;
        }
        for &program in ours.iter().chain(&request.peers) {
            let run = measure::measure(tools, &table, program, request.seconds)?;
            say(&format!("{name}: {}: {}", program.name(), in_short(&run.outcome)))?;
            results.tables.entry(name.clone()).and_modify(|measured| {
                measured.runs.insert(program, run);
            });
            // After every run: hours of work outlive an interruption.
            results.store(&tools.results())?;
        }
        write_document(root, results)?;
    }
    Ok(())
}

fn measure_growth(tools: &Tools, results: &mut Results) -> anyhow::Result<()> {
    results.growth.clear();
    for cells in tools.invent(&["sizes"])?.lines() {
        let line = tools.invent(&["protect", cells])?;
        let row: Growth =
            serde_json::from_str(&line).with_context(|| format!("not a measurement: {line}"))?;
        say(line.trim())?;
        results.growth.push(Growth { date: machine::today()?, ..row });
    }
    Ok(())
}

fn in_short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Pattern(found) => {
            let audit = found.audit.as_ref().map_or_else(|| "not audited".to_owned(), audit::Audit::words);
            let weight = document::grouped(found.weight);
            format!("{weight} in {} cells, {:.2} s, {audit}", found.secondaries, found.seconds)
        }
        Outcome::Killed => "killed at the limit".to_owned(),
        Outcome::Failed(words) => format!("failed: {words}"),
    }
}

fn write_document(root: &Path, results: &Results) -> anyhow::Result<()> {
    let path = root.join(DOCUMENT);
    let document = std::fs::read_to_string(&path).with_context(|| format!("reading `{DOCUMENT}`"))?;
    std::fs::write(&path, document::written(&document, results)?)?;
    std::fs::write(root.join(PLOT), plot::svg(results))?;
    Ok(())
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_request_are_read() {
        let all = Request::of(&[]).expect("nothing is all");
        assert_eq!((all.tables.len(), all.peers.len(), all.seconds, all.work), (0, 2, 300, Work::Tables));
        let some = Request::of(&["--tables", "a,b", "--peers", "OPT", "--seconds", "60"]).expect("a request");
        assert_eq!(some.tables, ["a", "b"]);
        assert_eq!((some.peers, some.seconds), (vec![Program::Opt], 60));
        assert_eq!(
            Request::of(&["--peers", "none", "--growth"]).map(|request| request.work),
            Ok(Work::Growth)
        );
    }

    #[test]
    fn a_wrong_word_is_named() {
        for (words, named) in [
            (vec!["--table", "a"], "--table"),
            (vec!["--tables"], "--tables"),
            (vec!["--peers", "GH"], "GH"),
            (vec!["--seconds", "0"], "0"),
            (vec!["--seconds", "soon"], "soon"),
        ] {
            let fault = Request::of(&words).expect_err("a wrong word");
            assert!(fault.contains(named), "{fault}");
        }
    }
}
