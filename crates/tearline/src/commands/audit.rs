//! `tearline audit`: is a pattern of any origin safe, and if not, how is it attacked?

use disclosure::audit::{self, Audit, Fault, Finding, Verdict};
use disclosure::fraction::Fraction;
use disclosure::pattern::Pattern;
use disclosure::problem::Direction;

use crate::cli;
use crate::document::audit::{
    AuditDocument, FindingDocument, Interval, SCHEMA, STRUCTURAL_SCHEMA, Step, StructuralDocument,
};
use crate::document::codes;
use crate::document::error::NoteLines;
use crate::document::history::UnionDocument;
use crate::failure::{Answer, Failure};
use crate::history::{self, Ledger};
use crate::input::Input;
use crate::interrupt;
use crate::progress::{Watch, Wishes};
use crate::statement::Statements;
use crate::terminal::{Terminal, Tone, shell_word};

/// Cells whose findings are spelt out on a terminal; `--json` lists all.
const SPELT_MAX: usize = 20;

pub(super) fn run(arguments: &cli::Audit, terminal: &Terminal) -> Result<Answer, Failure> {
    let input = Input::read(&arguments.spec)?;
    input.refuse_rounding()?;
    let table = input.problem.table();
    let pattern = match &arguments.pattern {
        Some(file) => input.pattern(file)?,
        None => Pattern::all_published(table.len()),
    };
    let notes = NoteLines::from(&input.loaded.notes);
    terminal.notes(&notes);
    interrupt::listen()?;
    let said = Statements::new(table, &pattern, &[]);
    if arguments.structural {
        return structural(&input, &pattern, &said, notes, terminal);
    }
    // The specification limits a search, which may end anywhere; an audit that ends early answers nothing.
    let time_limit_s = arguments.time_limit_s.unwrap_or(u32::MAX);
    let watch = Watch::new(Wishes { time_limit_s, ..Wishes::of(&input) });
    let found = watch.run(|budget| input.audit(&pattern, budget))?;
    let union = input.ledger.as_ref().map(|ledger| ledger.judge(&input, &said)).transpose()?;
    let exposed = union.as_ref().is_some_and(|union| !union.exposed.is_empty());
    let both = if exposed { Verdict::Unsafe } else { found.verdict };
    if terminal.json() {
        let alone = document(&input, &pattern, &found, notes);
        terminal.document(&AuditDocument { verdict: verdict(both), history: union, ..alone });
    } else {
        print(&input, &pattern, &found, terminal);
        if let Some(union) = &union {
            terminal.answer("");
            print_union(union, terminal);
        }
    }
    let spec = shell_word(&arguments.spec);
    match both {
        Verdict::Safe => {
            terminal.say("a pattern has no certificate; a release that `protect` wrote has one");
            terminal.next(&format!("tearline protect {spec} --out DIR"));
            Ok(Answer::Yes)
        }
        Verdict::Unsafe => {
            terminal.say("`protect` hides what is missing, and proves it");
            terminal.next(&format!("tearline protect {spec} --out DIR"));
            Ok(Answer::No)
        }
    }
}

/// What the equations alone give away, to everybody and whatever the figures.
fn structural(
    input: &Input,
    pattern: &Pattern,
    said: &Statements,
    notes: NoteLines,
    terminal: &Terminal,
) -> Result<Answer, Failure> {
    let union = Ledger::structure(input, said)?;
    let safe = union.exposed.is_empty();
    if terminal.json() {
        terminal.document(&StructuralDocument {
            schema: STRUCTURAL_SCHEMA,
            verdict: if safe { "nothing" } else { "something" },
            title: input.loaded.specification.title.clone(),
            inputs_sha256: input.digest.to_string(),
            cells: pattern.len() as u64,
            hidden: pattern.hidden_cells().count() as u64,
            union,
            notes,
        });
    } else {
        print_union(&union, terminal);
    }
    terminal.say("equations alone: what is told too closely but not exactly is not looked for here");
    Ok(if safe { Answer::Yes } else { Answer::No })
}

/// What all releases together tell.
fn print_union(union: &UnionDocument, terminal: &Terminal) {
    let UnionDocument { releases, attackers, quantities, exposed, remedies } = union;
    let (tone, word) = if exposed.is_empty() { (Tone::Good, "safe") } else { (Tone::Bad, "unsafe") };
    let word = terminal.out_word(tone, word);
    let together = match releases.len() {
        0 => "this table alone".to_owned(),
        1 => "this table and 1 earlier release".to_owned(),
        several => format!("this table and {several} earlier releases"),
    };
    terminal.answer(&format!(
        "{word}: {together}, {quantities} quantities, {attackers} attackers, {} exposed",
        exposed.len()
    ));
    for one in exposed.iter().take(SPELT_MAX) {
        terminal.answer(&format!("  {}", history::line(one)));
        if let Some(interval) = &one.interval {
            let high = interval.high.as_deref().unwrap_or("no upper end");
            terminal.answer(&format!("    attacker's interval: {} to {high}", interval.low));
        }
    }
    let more = exposed.len().saturating_sub(SPELT_MAX);
    if more > 0 {
        terminal.answer(&format!("  and {more} more; --json lists all"));
    }
    for remedy in remedies {
        terminal.answer(&format!("  remedy: {remedy}"));
    }
}

fn document(input: &Input, pattern: &Pattern, found: &Audit, notes: NoteLines) -> AuditDocument {
    AuditDocument {
        schema: SCHEMA,
        verdict: verdict(found.verdict),
        title: input.loaded.specification.title.clone(),
        inputs_sha256: input.digest.to_string(),
        cells: pattern.len() as u64,
        hidden: pattern.hidden_cells().count() as u64,
        requirements: found.requirements as u64,
        proved: found.proved as u64,
        components: found.components as u64,
        programs: found.programs as u64,
        stopped: found.stopped.word(),
        findings: found
            .findings
            .iter()
            .map(|finding| finding_document(input, pattern, found, finding))
            .collect(),
        history: None,
        notes,
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Safe => "safe",
        Verdict::Unsafe => "unsafe",
    }
}

fn finding_document(input: &Input, pattern: &Pattern, found: &Audit, finding: &Finding) -> FindingDocument {
    let table = input.problem.table();
    let mut document = FindingDocument {
        cell: finding.cells.first().map(|&cell| codes(table, cell)).unwrap_or_default(),
        with: finding.cells.iter().skip(1).map(|&cell| codes(table, cell)).collect(),
        fault: "published",
        attacker: input.attacker(finding).to_owned(),
        victim: input.victim(finding).to_owned(),
        direction: None,
        need: None,
        interval: audit::interval(found, finding).map(|(low, high)| Interval {
            low: input.fraction(low),
            high: high.map(|high| input.fraction(high)),
        }),
        attack: audit::spell_out(found, &input.problem, pattern, finding, &|f| input.fraction(f)),
        steps: Vec::new(),
    };
    match &finding.fault {
        Fault::Published => {}
        Fault::Narrow { direction, need, attack, .. } => {
            document.fault = "narrow";
            document.direction = Some(direction.word());
            document.need = Some(input.amount(*need));
            let steps = attack.steps.iter().map(|&(relation, factor)| Step {
                factor: factor.to_string(),
                variable: table.hierarchies()[relation.variable].name().to_owned(),
                margin: codes(table, relation.margin),
            });
            document.steps = steps.collect();
        }
        Fault::Unproved { direction, need, .. } => {
            document.fault = "unproved";
            document.direction = Some(direction.word());
            document.need = Some(input.amount(*need));
        }
    }
    document
}

fn print(input: &Input, pattern: &Pattern, found: &Audit, terminal: &Terminal) {
    let tone = match found.verdict {
        Verdict::Safe => Tone::Good,
        Verdict::Unsafe => Tone::Bad,
    };
    let word = terminal.out_word(tone, verdict(found.verdict));
    terminal.answer(&format!(
        "{word}: {} of {} requirements proved, {} broken ({} cells, {} hidden)",
        found.proved,
        found.requirements,
        found.findings.len(),
        pattern.len(),
        pattern.hidden_cells().count()
    ));
    if found.stopped.word() != "finished" {
        terminal.answer(&format!(
            "the audit was stopped ({}): what it did not reach counts as unsafe",
            found.stopped.word()
        ));
    }
    let same =
        |one: &Finding, other: &Finding| (one.coalition, &one.cells) == (other.coalition, &other.cells);
    let mut cells = found.findings.chunk_by(same);
    for findings in cells.by_ref().take(SPELT_MAX) {
        terminal.answer("");
        spell(input, pattern, found, findings, terminal);
    }
    let more = cells.count();
    if more > 0 {
        terminal.answer(&format!("\nand {more} more cells; --json lists all"));
    }
}

/// One cell with everything that is wrong with it; the same attack is spelt out once.
fn spell(input: &Input, pattern: &Pattern, found: &Audit, findings: &[Finding], terminal: &Terminal) {
    let table = input.problem.table();
    let Some(first) = findings.first() else { return };
    let names: Vec<String> = first.cells.iter().map(|&cell| table.describe(cell)).collect();
    let what = if names.len() == 1 { "cell" } else { "the sum of cells" };
    let name = terminal.out_word(Tone::Strong, &format!("{what} {}", names.join(" + ")));
    let described = match first.cells.as_slice() {
        [cell] => {
            let codes = codes(table, *cell).into_iter();
            let codes: Vec<String> = codes.map(|code| format!("{} {}", code.variable, code.code)).collect();
            format!(" ({})", codes.join(", "))
        }
        _ => String::new(),
    };
    terminal.answer(&format!("{name}{described}"));
    terminal.answer(&format!("  attacker: {}; exposed: {}", input.attacker(first), input.victim(first)));
    let (mut said, mut spelt) = (String::new(), Vec::new());
    for finding in findings {
        match &finding.fault {
            Fault::Published if finding.coalition.is_none() => {
                terminal.answer("  it is sensitive and published: anybody reads it");
                continue;
            }
            Fault::Published => {}
            Fault::Narrow { direction, need, .. } => {
                let (end, side) = ends(*direction);
                let need = input.amount(*need);
                let (low, high) = audit::interval(found, finding).unwrap_or((Fraction::ZERO, None));
                let high = high.map_or("no upper end".to_owned(), |high| input.fraction(high));
                let interval = format!("  attacker's interval: {} to {high}", input.fraction(low));
                if interval != said {
                    terminal.answer(&interval);
                    said = interval;
                }
                terminal.answer(&format!(
                    "  too narrow: its {end} end must lie at least {need} {side} the true value"
                ));
            }
            Fault::Unproved { direction, need, .. } => {
                let (end, side) = ends(*direction);
                let need = input.amount(*need);
                terminal.answer(&format!(
                    "  not proved that its {end} end lies at least {need} {side} the true value:"
                ));
            }
        }
        let lines = audit::spell_out(found, &input.problem, pattern, finding, &|f| input.fraction(f));
        if lines == spelt {
            terminal.answer("  by the same attack");
            continue;
        }
        if matches!(finding.fault, Fault::Narrow { .. }) {
            terminal.answer(match finding.coalition {
                None => "  the attack, from published numbers alone:",
                Some(_) => "  the attack, all numbers less what the attacker has itself:",
            });
        }
        for line in &lines {
            terminal.answer(&format!("    {line}"));
        }
        spelt = lines;
    }
}

/// The end of the interval that a direction is about, and on which side of the true value it lies.
fn ends(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Up => ("upper", "above"),
        Direction::Down => ("lower", "below"),
    }
}
