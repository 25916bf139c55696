//! `tearline protect`: from a specification to a release with its proof and its report.
//!
//! Nothing is written unless the exact checker accepted the pattern, and then everything at once.

use std::path::Path;

use disclosure::bound::Proof;
use disclosure::budget::Stopped;
use disclosure::problem::Direction;
use disclosure::protect::{CannotProtect, Protected};
use disclosure::range;
use disclosure::solver::Highs;
use disclosure::table::Table;
use intake::spec::Method;

use crate::certificate_file::{self, CERTIFICATE};
use crate::cli::Protect;
use crate::document;
use crate::document::error::NoteLines;
use crate::document::history::{ExposedDocument, UnionDocument};
use crate::document::protect::{ObstaclesDocument, ProtectDocument, Refusal, SCHEMA};
use crate::document::report::Report;
use crate::failure::{Answer, Failure};
use crate::folder::{self, Existing, Target};
use crate::gap::Gap;
use crate::history::{self, HISTORY};
use crate::input::Input;
use crate::interrupt;
use crate::progress::{Watch, Wishes};
use crate::release::{self, BOUND, CELLS, PATTERN};
use crate::report::{self, Circumstances};
use crate::statement::Statements;
use crate::terminal::{Terminal, Tone, shell_word};

mod rounded;

/// Exposed units that are named on a terminal; `--json` lists all.
const EXPOSED_SAID_MAX: usize = 20;

pub(super) fn run(arguments: &Protect, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let target = arguments.out.as_deref().map(|out| Target::new(out, existing)).transpose()?;
    let pattern_file = arguments.pattern.as_deref();
    let on_stdout = pattern_file == Some(Path::new("-"));
    if on_stdout && terminal.json() {
        let advice = "name a file for the pattern, or leave --json out";
        return Err(Failure::usage("the pattern and the document cannot both go to stdout", advice));
    }
    if let Some(file) = pattern_file.filter(|_| !on_stdout) {
        folder::check_file(file, existing)?;
    }
    let input = Input::read(&arguments.spec)?;
    let notes = NoteLines::from(&input.loaded.notes);
    terminal.notes(&notes);
    if !notes.holds.is_empty() && !arguments.accept_holds {
        return Ok(refused(terminal, "held", held(&notes), notes));
    }
    interrupt::listen()?;
    if let Method::Rounding { base } = input.loaded.specification.method {
        return rounded::run(arguments, &input, target.as_ref(), base, notes, terminal);
    }
    if arguments.suggest_base {
        let advice = "declare [output] method = \"rounding\" with a base to begin with";
        return Err(Failure::usage("only a table that is rounded has a base", advice));
    }
    let time_limit_s = arguments.time_limit_s.unwrap_or(input.loaded.specification.search.time_limit_s);
    let watch = Watch::new(Wishes { time_limit_s, gap: arguments.gap, ..Wishes::of(&input) });
    let protected = match watch.run(|budget| input.protect(budget)) {
        Ok(protected) => protected,
        Err(
            error @ (CannotProtect::Requirement { .. }
            | CannotProtect::Settled { .. }
            | CannotProtect::Unsettled),
        ) => {
            return Ok(refused(terminal, "cannot-be-protected", unprotectable(&input, &error), notes));
        }
        Err(CannotProtect::Stopped { stopped, open }) => {
            let why = stopped.word();
            let message = format!("nothing was written: {why} with {open} requirements still open");
            return Err(Failure::failed(
                message,
                "give it more time: nothing can be released before all are proved",
            ));
        }
        Err(error @ (CannotProtect::Refused { .. } | CannotProtect::Exposed { .. })) => {
            return Err(Failure::failed(format!("nothing was written: {error}"), error.advice()));
        }
    };
    if let Some(union) = history_refuses(&input, &protected)? {
        return Ok(refused(terminal, "exposed-by-history", exposed(&union), notes));
    }
    let marking = arguments.marking.as_str();
    let outputs = Outputs { marking, input: &input, protected: &protected, watch: &watch };
    let report = target.map(|target| outputs.put(&target)).transpose()?;
    if let Some(file) = pattern_file {
        let bytes = release::pattern(input.problem.table(), &protected.pattern)?;
        if on_stdout { terminal.data(&bytes) } else { folder::put_file(file, &bytes)? }
    }
    answer(arguments, &input, &protected, report, notes, terminal);
    Ok(Answer::Yes)
}

/// Files of the folder, each by its path below it.
pub(crate) type Written = Vec<(&'static str, Vec<u8>)>;

/// What a protected table becomes: release, proof and report.
pub(crate) struct Outputs<'a> {
    /// Banner of every page.
    pub(crate) marking: &'a str,
    /// What was protected.
    pub(crate) input: &'a Input,
    /// How.
    pub(crate) protected: &'a Protected,
    /// Clock and limits.
    pub(crate) watch: &'a Watch,
}

impl Outputs<'_> {
    /// Writes the folder; the report in it is also what `--json` prints.
    fn put(&self, target: &Target) -> Result<Report, Failure> {
        let (files, report) = self.files()?;
        target.put(&files)?;
        Ok(report)
    }

    /// The files of the folder, and the report among them.
    pub(crate) fn files(&self) -> Result<(Written, Report), Failure> {
        let Self { input, protected, .. } = self;
        let table = input.problem.table();
        let ranges = match input.loaded.specification.method {
            Method::Ranges => {
                self.watch.again().run(|budget| range::ranges(table, &protected.pattern, &Highs, budget))
            }
            Method::Blanks | Method::Rounding { .. } => Vec::new(),
        };
        let said = Statements::new(table, &protected.pattern, &ranges);
        let cells = release::cells(input, &said)?;
        let left_behind = history::write(input, &cells)?;
        let mut files = vec![
            (CELLS, cells),
            (PATTERN, release::pattern(table, &protected.pattern)?),
            (CERTIFICATE, certificate_file::write(table, &protected.certificate, input.decimals())?),
            (HISTORY, left_behind),
        ];
        if input.opposition.is_none() {
            files.push((BOUND, bound_file(table, &protected.bound_proof)?));
        }
        let circumstances = Circumstances {
            marking: self.marking,
            time_limit_s: self.watch.wishes().time_limit_s,
            outputs: files.iter().map(|(name, bytes)| report::output_file(name, bytes)).collect(),
        };
        let report = report::facts(input, protected, &said, circumstances);
        let mut json = serde_json::to_vec_pretty(&report)
            .map_err(|error| Failure::failed(format!("cannot write `report.json`: {error}"), "try again"))?;
        json.push(b'\n');
        files.push(("report.html", report::render(&report)?));
        files.push(("report.json", json));
        Ok((files, report))
    }
}

fn bound_file(table: &Table, proof: &Proof) -> Result<Vec<u8>, Failure> {
    intake::bound::write(table, proof)
        .map_err(|error| Failure::failed(format!("cannot write `{BOUND}`: {error}"), error.advice()))
}

/// What this release and the earlier ones tell together, where that is too much.
pub(crate) fn history_refuses(
    input: &Input,
    protected: &Protected,
) -> Result<Option<UnionDocument>, Failure> {
    let Some(ledger) = &input.ledger else { return Ok(None) };
    // Ranges follow from what is published, so they tell nothing beside it.
    let said = Statements::new(input.problem.table(), &protected.pattern, &[]);
    let union = ledger.judge(input, &said)?;
    Ok(Some(union).filter(|union| !union.exposed.is_empty()))
}

fn exposed(union: &UnionDocument) -> Refusal {
    let count = union.exposed.len();
    let who = if count == 1 { "1 unit is exposed" } else { "units are exposed" };
    let times = if count == 1 { String::new() } else { format!(", {count} times") };
    Refusal {
        message: format!("{who} by this release and the earlier ones together{times}"),
        advice: union.remedies.join("; or "),
        // Intervals would be figures.
        exposed: union.exposed.iter().map(|one| ExposedDocument { interval: None, ..one.clone() }).collect(),
        remedies: union.remedies.clone(),
        ..Refusal::default()
    }
}

fn held(notes: &NoteLines) -> Refusal {
    let count = notes.holds.len();
    Refusal {
        message: format!(
            "{count} {} must be decided by a person first",
            if count == 1 { "hold" } else { "holds" }
        ),
        advice: "mend the files, or have it decided by whoever may and add --accept-holds".to_owned(),
        ..Refusal::default()
    }
}

fn unprotectable(input: &Input, error: &CannotProtect) -> Refusal {
    let (message, advice) = (error.to_string(), error.advice().to_owned());
    let CannotProtect::Requirement { attacker, cell: described, direction, need, obstacles } = error else {
        return Refusal { message, advice, ..Refusal::default() };
    };
    let table = input.problem.table();
    let cell = table.cells().find(|&cell| table.describe(cell) == *described);
    let way = match direction {
        Direction::Up => "upwards",
        Direction::Down => "downwards",
    };
    let need = input.amount(*need);
    let from = attacker.as_ref().map(|attacker| format!(" from `{attacker}`")).unwrap_or_default();
    let named = obstacles.nearest.join("`, `");
    let in_the_way = match obstacles.count {
        0 => String::new(),
        1 => format!("; cell `{named}` stands in the way, which must stay published"),
        count => {
            let which = if count > obstacles.nearest.len() { "the nearest " } else { "" };
            format!("; {count} cells stand in the way that must stay published: {which}`{named}`")
        }
    };
    Refusal {
        message: format!(
            "cell `{described}` cannot be protected {way}{from}: no consistent table moves it by {need} or more{in_the_way}"
        ),
        advice,
        cell: cell.map(|cell| document::codes(table, cell)),
        direction: Some(direction.word()),
        need: Some(need),
        obstacles: Some(ObstaclesDocument {
            count: obstacles.count as u64,
            nearest: obstacles.nearest.clone(),
        }),
        ..Refusal::default()
    }
}

/// Says no: nothing was written.
fn refused(terminal: &Terminal, verdict: &'static str, refusal: Refusal, notes: NoteLines) -> Answer {
    terminal.say(&format!("{}: {}", terminal.err_word(Tone::Bad, "refused"), refusal.message));
    for exposed in refusal.exposed.iter().take(EXPOSED_SAID_MAX) {
        terminal.say(&format!("  {}", history::line(exposed)));
    }
    if let Some(more) = refusal.exposed.len().checked_sub(EXPOSED_SAID_MAX).filter(|more| *more > 0) {
        terminal.say(&format!("  and {more} more; --json lists all"));
    }
    terminal.say(&format!("advice: {}", refusal.advice));
    terminal.say("nothing was written");
    if terminal.json() {
        let refusal = Some(refusal);
        terminal.document(&ProtectDocument {
            schema: SCHEMA,
            verdict,
            out: None,
            pattern: None,
            refusal,
            suggestion: None,
            notes,
            report: None,
        });
    }
    Answer::No
}

fn answer(
    arguments: &Protect,
    input: &Input,
    protected: &Protected,
    report: Option<Report>,
    notes: NoteLines,
    terminal: &Terminal,
) {
    let (cells, hidden) = (input.problem.table().len(), protected.pattern.hidden_cells().count());
    let word = terminal.err_word(Tone::Good, "protected");
    terminal.say(&format!("{word}: {}", input.loaded.specification.title));
    terminal.say(&format!("  {cells} cells, {hidden} hidden, {} shown exactly", cells - hidden));
    terminal.say(&format!(
        "  {} requirements proved by {} worlds and accepted by the exact checker",
        protected.checked.requirements, protected.checked.worlds
    ));
    let stopped = protected.stopped.word();
    let note = match protected.stopped {
        Stopped::Finished | Stopped::Optimal | Stopped::GoodEnough => "",
        Stopped::WorkLimit | Stopped::TimeLimit | Stopped::Cancelled => {
            ": the best certified pattern so far was kept"
        }
    };
    let [weight, bound] =
        [protected.weight, protected.bound].map(|weight| report::weight_text(input, weight));
    let gap = Gap::between(protected.weight, protected.bound);
    terminal.say(&match &input.opposition {
        None => format!("  weight of secondaries {weight}, bound {bound}, gap {gap}"),
        Some(_) => format!("  weight of secondaries {weight}; no bound is worked out against attackers"),
    });
    terminal.say(&format!("  search {stopped}{note}"));
    let spec = shell_word(&arguments.spec);
    if let Some(out) = &arguments.out {
        let out = shell_word(out);
        terminal.say(&format!(
            "  wrote {out}: release/ may leave; report.html, report.json and internal/ may not"
        ));
        terminal.next(&format!("tearline certificate check {spec} --release {out}"));
    } else if let Some(pattern) = &arguments.pattern {
        terminal.next(&format!("tearline audit {spec} --pattern {}", shell_word(pattern)));
    }
    if terminal.json() {
        let shown = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
        terminal.document(&ProtectDocument {
            schema: SCHEMA,
            verdict: "protected",
            out: shown(&arguments.out),
            pattern: shown(&arguments.pattern),
            refusal: None,
            suggestion: None,
            notes,
            report,
        });
    }
}
