//! `tearline protect` where everything is rounded: the rounding, its audit, and what is written.

use disclosure::guarantee::Coalition;
use disclosure::problem::Direction;
use disclosure::rounding::audit::{self, Audited, Exposed};
use disclosure::rounding::checker::{self, Proved};
use disclosure::rounding::claims::Asked;
use disclosure::rounding::{self, CannotRound, Rounded};
use disclosure::solver::Highs;
use intake::Content;

use super::{Written, refused};
use crate::certificate_file::{self, CERTIFICATE};
use crate::cli::Protect;
use crate::document;
use crate::document::error::NoteLines;
use crate::document::protect::{ProtectDocument, Refusal, SCHEMA, Suggestion, TriedBase};
use crate::document::report::Report;
use crate::failure::{Answer, Failure};
use crate::folder::Target;
use crate::history::{self, HISTORY};
use crate::input::Input;
use crate::progress::{Watch, Wishes};
use crate::release::{self, CELLS};
use crate::report::{self, Circumstances};
use crate::rounded::Terms;
use crate::statement::Statements;
use crate::terminal::{Terminal, Tone, shell_word};

/// Exposures looked for before the audit of an unsafe table ends.
const EXPOSED_MAX: usize = 1_000;

/// A rounded table that the exact checker accepted.
struct Safe {
    rounded: Rounded,
    audited: Audited,
    proved: Proved,
}

/// Why a base did not do.
enum Unsafe {
    /// There is no such rounding, or none was found.
    Rounding(CannotRound),
    /// Somebody is exposed.
    Exposed(Vec<Exposed>),
}

/// Rounds, proves, writes.
pub(super) fn run(
    arguments: &Protect,
    input: &Input,
    target: Option<&Target>,
    base: i64,
    notes: NoteLines,
    terminal: &Terminal,
) -> Result<Answer, Failure> {
    if arguments.pattern.is_some() {
        let advice = "leave --pattern out, or choose \"ranges\" or \"blanks\"";
        return Err(Failure::usage("a rounded table hides nothing, so it has no pattern", advice));
    }
    let time_limit_s = arguments.time_limit_s.unwrap_or(input.loaded.specification.search.time_limit_s);
    let wishes = Wishes { time_limit_s, ..Wishes::of(input) };
    let terms = Terms::of(input);
    if arguments.suggest_base {
        return suggest(arguments, input, &terms, wishes, notes, terminal);
    }
    let watch = Watch::new(wishes);
    let safe = match attempt(input, &terms, base, &watch, EXPOSED_MAX)? {
        Ok(safe) => safe,
        Err(refusal) => {
            let refusal = refusal.document(input, &terms, base);
            return Ok(refused(terminal, "cannot-be-protected", refusal, notes));
        }
    };
    let marking = arguments.marking.as_str();
    let (files, report) = files(input, &terms, &safe, marking, &watch)?;
    if let Some(target) = target {
        target.put(&files)?;
    }
    answer(arguments, input, &safe, report, notes, terminal);
    Ok(Answer::Yes)
}

fn attempt(
    input: &Input,
    terms: &Terms,
    base: i64,
    watch: &Watch,
    exposed_max: usize,
) -> Result<Result<Safe, Unsafe>, Failure> {
    let table = input.problem.table();
    let rounded = match watch.run(|budget| rounding::round(table, base, &Highs, budget)) {
        Ok(rounded) => rounded,
        Err(error) => return Ok(Err(Unsafe::Rounding(error))),
    };
    let promise = terms.promise();
    let audited = watch
        .again()
        .run(|budget| audit::audit(table, promise, &rounded, &Highs, budget, exposed_max))
        .map_err(|error| {
            let message = format!("a rounded release cannot be proved: {error}");
            Failure::usage(message, checker::Flaw::NoBaseCells.advice())
        })?;
    if !audited.exposed.is_empty() {
        return Ok(Err(Unsafe::Exposed(audited.exposed)));
    }
    match checker::prove(table, &promise, &rounded, &audited.worlds) {
        Ok(proved) => Ok(Ok(Safe { rounded, audited, proved })),
        Err(flaws) => {
            let why = flaws.first().map(ToString::to_string).unwrap_or_default();
            let message = format!("nothing was written: the exact checker refused the rounded table: {why}");
            Err(Failure::failed(message, "report this: the search and the checker disagree"))
        }
    }
}

impl Unsafe {
    fn document(self, input: &Input, terms: &Terms, base: i64) -> Refusal {
        match self {
            Self::Rounding(error) => Refusal {
                message: error.to_string(),
                advice: error.advice().to_owned(),
                ..Refusal::default()
            },
            Self::Exposed(exposed) => told(input, &terms.attackers, base, &exposed),
        }
    }
}

/// The exposure that needs most, and how many there are.
fn told(input: &Input, attackers: &[Coalition], base: i64, exposed: &[Exposed]) -> Refusal {
    let base = input.amount(base);
    let advice =
        "choose a larger base (--suggest-base finds one), a coarser breakdown around the cell, or \"ranges\"";
    let Some(worst) = exposed.iter().max_by_key(|exposed| exposed.asked.need() - exposed.reach) else {
        let message = format!("a base of {base} was not proved safe");
        return Refusal { message, advice: advice.to_owned(), ..Refusal::default() };
    };
    let table = input.problem.table();
    let cell = worst.asked.cell();
    let described = table.describe(cell);
    let (way, direction) = match worst.asked.direction() {
        Direction::Up => ("above", Direction::Up.word()),
        Direction::Down => ("below", Direction::Down.word()),
    };
    let need = input.amount(worst.asked.need());
    let whom = match worst.asked {
        Asked::Share(claim) => {
            let unit = match &input.loaded.content {
                Content::Figures(records) => records.units.get(claim.unit.0 as usize).map(String::as_str),
                Content::Cells(_) => None,
            };
            let attacker = attackers.get(claim.attacker).map_or("the outsider", |known| known.id.as_str());
            format!("`{attacker}` learns too much of `{}` in cell `{described}`", unit.unwrap_or_default())
        }
        Asked::Cell(_) => format!("an outsider learns too much of cell `{described}`"),
    };
    let found = match worst.settled {
        true => format!(
            "no world lies more than {} {way} the truth, and {need} is needed",
            input.amount(worst.reach)
        ),
        false => format!("no world was found that lies {need} {way} the truth"),
    };
    let more = match exposed.len() - 1 {
        0 => String::new(),
        more => format!(
            "; {more} more shares are exposed{}",
            if exposed.len() >= EXPOSED_MAX { " at least" } else { "" }
        ),
    };
    Refusal {
        message: format!("rounded to multiples of {base}, {whom}: {found}{more}"),
        advice: advice.to_owned(),
        cell: Some(document::codes(table, cell)),
        direction: Some(direction),
        need: Some(need),
        ..Refusal::default()
    }
}

fn files(
    input: &Input,
    terms: &Terms,
    safe: &Safe,
    marking: &str,
    watch: &Watch,
) -> Result<(Written, Report), Failure> {
    let table = input.problem.table();
    let said = Statements::rounded(table, &safe.rounded);
    let certificate = disclosure::certificate::Certificate { worlds: safe.audited.worlds.clone() };
    let cells = release::cells(input, &said)?;
    let left_behind = history::write(input, &cells)?;
    let mut files = vec![
        (CELLS, cells),
        (CERTIFICATE, certificate_file::write(table, &certificate, input.decimals())?),
        (HISTORY, left_behind),
    ];
    let circumstances = Circumstances {
        marking,
        time_limit_s: watch.wishes().time_limit_s,
        outputs: files.iter().map(|(name, bytes)| report::output_file(name, bytes)).collect(),
    };
    let attackers = terms.attackers.len();
    let report = report::rounded_facts(
        input,
        (&safe.rounded, attackers),
        &safe.proved,
        certificate.worlds.len(),
        &said,
        circumstances,
    );
    let mut json = serde_json::to_vec_pretty(&report)
        .map_err(|error| Failure::failed(format!("cannot write `report.json`: {error}"), "try again"))?;
    json.push(b'\n');
    files.push(("report.html", report::render(&report)?));
    files.push(("report.json", json));
    Ok((files, report))
}

/// Tries 2, 5, 10, 20, 50 and so on, and says which is the first that is safe.
fn suggest(
    arguments: &Protect,
    input: &Input,
    terms: &Terms,
    wishes: Wishes,
    notes: NoteLines,
    terminal: &Terminal,
) -> Result<Answer, Failure> {
    let mut suggestion = Suggestion { base: None, tried: Vec::new() };
    let powers = std::iter::successors(Some(1_i64), |power| power.checked_mul(10));
    let bases = powers.flat_map(|power| [2, 5, 10].map(|step| power.saturating_mul(step)));
    for base in bases {
        let watch = Watch::new(wishes);
        let verdict = match attempt(input, terms, base, &watch, 1)? {
            Ok(_) => "safe",
            Err(Unsafe::Exposed(exposed)) if exposed.iter().all(|exposed| exposed.settled) => "unsafe",
            Err(Unsafe::Rounding(CannotRound::TooLarge { .. })) => break,
            Err(Unsafe::Exposed(_) | Unsafe::Rounding(_)) => "unknown",
        };
        let text = input.amount(base);
        terminal.say(&format!("  base {text}: {verdict}"));
        suggestion.tried.push(TriedBase { base: text.clone(), verdict });
        if verdict == "safe" {
            suggestion.base = Some(text);
            break;
        }
    }
    let found = suggestion.base.clone();
    match &found {
        Some(base) => {
            let word = terminal.err_word(Tone::Good, "suggested");
            terminal.say(&format!("{word}: base = {base} is the smallest of these that is safe"));
            terminal.next(&format!("tearline protect {} --out DIR", shell_word(&arguments.spec)));
        }
        None => terminal.say("no base that was tried is safe"),
    }
    if terminal.json() {
        terminal.document(&ProtectDocument {
            schema: SCHEMA,
            verdict: if found.is_some() { "suggested" } else { "cannot-be-protected" },
            out: None,
            pattern: None,
            refusal: None,
            suggestion: Some(suggestion),
            notes,
            report: None,
        });
    }
    Ok(if found.is_some() { Answer::Yes } else { Answer::No })
}

fn answer(
    arguments: &Protect,
    input: &Input,
    safe: &Safe,
    report: Report,
    notes: NoteLines,
    terminal: &Terminal,
) {
    let word = terminal.err_word(Tone::Good, "protected");
    terminal.say(&format!("{word}: {}", input.loaded.specification.title));
    let rounded = &safe.rounded;
    let (base, window) = (input.amount(rounded.base()), input.amount(rounded.window()));
    let further = if rounded.is_zero_restricted() { "" } else { ", twice the usual: nothing closer adds up" };
    let cells = rounded.len();
    terminal.say(&format!("  {cells} cells rounded to multiples of {base}, each within {window}{further}"));
    terminal.say(&format!(
        "  {} claims proved, {} of them by the true table, the others by {} worlds; accepted by the exact checker",
        safe.proved.claims,
        safe.proved.by_truth,
        safe.audited.worlds.len()
    ));
    if let Some(rounding) = &report.rounding {
        let (whole, tenth) = (rounding.mean_relative_permille / 10, rounding.mean_relative_permille % 10);
        terminal.say(&format!(
            "  moved by {} in the mean, {whole}.{tenth} % of the value; at most by {}",
            rounding.mean_deviation, rounding.greatest_deviation
        ));
    }
    if let Some(out) = &arguments.out {
        let out = shell_word(out);
        terminal.say(&format!(
            "  wrote {out}: release/ may leave; report.html, report.json and internal/ may not"
        ));
        let spec = shell_word(&arguments.spec);
        terminal.next(&format!("tearline certificate check {spec} --release {out}"));
    }
    if terminal.json() {
        terminal.document(&ProtectDocument {
            schema: SCHEMA,
            verdict: "protected",
            out: arguments.out.as_ref().map(|path| path.display().to_string()),
            pattern: None,
            refusal: None,
            suggestion: None,
            notes,
            report: Some(report),
        });
    }
}
