//! `tearline standards plan`: the best next waves, how good they are for sure, and why the rest is left out.

use ledger::act::{Code, Level, PartId};
use office::standards::plan::{Because, LeftOut, PlanFlag, Planned, PlannedWave};
use office::standards::{Capacity, Plan, Policy, Registry, marking_word, plan};

use super::{held, source};
use crate::cli::standards;
use crate::document::standards::{
    BecauseLine, LeftOutLine, PLAN_SCHEMA, PartLine, PlanDocument, PlannedLine, ReasonLine, WaveLine,
};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Target};
use crate::office_shell::bad_input;
use crate::standards_report::{PLAN_NAMES, groups, plan_files};
use crate::terminal::{Terminal, Tone, printable, shell_word};

/// Groups of what is left out, and parts of each, that a terminal shows.
const GROUPS_MAX: usize = 12;
const EXAMPLES_MAX: usize = 3;

pub(super) fn run(arguments: &standards::Plan, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.form.force { Existing::Replace } else { Existing::Refuse };
    let target = arguments
        .out
        .as_deref()
        .map(|out| Target::of(out, existing, "standards plan", |name| PLAN_NAMES.contains(&name)));
    let target = target.transpose()?;
    let registry = source::registry_quietly(&arguments.source, terminal)?;
    let mut policy = source::policy(&arguments.policy)?;
    if let Some(path) = &arguments.held {
        add_held(&mut policy, &held::read(path)?)?;
    }
    let at = source::time(arguments.at.as_deref(), &policy)?;
    let capacity = Capacity { per_wave: arguments.capacity, waves: arguments.waves };
    let plan = plan(&registry, &policy, at, capacity)
        .map_err(|error| bad_input("the plan", &error, error.advice()))?;
    let document = document(&registry, &policy, &plan, &arguments.form.marking);
    if let Some(target) = target {
        target.put(&plan_files(&document)?)?;
    }
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, terminal);
    }
    match &arguments.out {
        Some(out) => {
            let word = terminal.err_word(Tone::Good, "wrote");
            terminal.say(&format!("{word} {}: {}", shell_word(out), document.marking));
        }
        None => terminal.say("add --out DIR for page, workbook, CSV and document"),
    }
    Ok(Answer::Yes)
}

/// What receivers hold by the document, beside what the policy says they hold.
fn add_held(policy: &mut Policy, view: &crate::document::standards::HeldView) -> Result<(), Failure> {
    for receiver in &view.receivers {
        let code: Code = source::receiver(&receiver.code)?;
        let parts = receiver.parts.iter().map(|held| {
            PartId::new(&held.part.id).map_err(|error| {
                let what = format!("`{}`", printable(&held.part.id));
                bad_input(&what, &error, "take held.json as `tearline standards held` wrote it")
            })
        });
        let parts = parts.collect::<Result<Vec<PartId>, Failure>>()?;
        policy.held.entry(code).or_default().extend(parts);
    }
    Ok(())
}

pub(super) fn document(registry: &Registry, policy: &Policy, plan: &Plan, marking: &str) -> PlanDocument {
    // Millionths as hundredths of one per cent, rounded up: a gap that is shown is never smaller than the true one.
    let hundredths = plan.gap_ppm().div_ceil(100);
    PlanDocument {
        schema: PLAN_SCHEMA,
        marking: marking.to_owned(),
        at: source::day(plan.at),
        receivers: policy.conditions.receivers.keys().map(ToString::to_string).collect(),
        capacity: plan.capacity.per_wave,
        parts: registry.records().len() as u64,
        waves: plan.waves.iter().map(|wave| wave_line(registry, wave)).collect(),
        value: plan.objective,
        bound: plan.bound,
        gap_percent: format!("{}.{:02}", hundredths / 100, hundredths % 100),
        left_out: plan.left_out.iter().map(|left| left_out(registry, left)).collect(),
    }
}

fn wave_line(registry: &Registry, wave: &PlannedWave) -> WaveLine {
    WaveLine {
        number: wave.number,
        effort: wave.effort,
        value: wave.value,
        delivered: wave.delivered,
        at_best: wave.at_best,
        parts: wave.parts.iter().map(|planned| planned_line(registry, planned)).collect(),
    }
}

fn planned_line(registry: &Registry, planned: &Planned) -> PlannedLine {
    let flag = |flag: &PlanFlag| ReasonLine { code: flag.as_str().to_owned(), message: flag.to_string() };
    PlannedLine {
        part: part(registry, &planned.id, planned.level),
        effort: planned.effort,
        value: planned.worth.points(),
        receivers: planned.receivers.iter().map(ToString::to_string).collect(),
        flags: planned.flags.iter().map(flag).collect(),
        because: planned.because.clone(),
        withheld: planned.withheld.iter().map(because).collect(),
    }
}

fn left_out(registry: &Registry, left: &LeftOut) -> LeftOutLine {
    LeftOutLine {
        part: part(registry, &left.id, left.level),
        reasons: left.reasons.iter().map(because).collect(),
    }
}

/// Which part, with the level that it was judged by.
fn part(registry: &Registry, id: &PartId, level: Level) -> PartLine {
    let marking = Some(marking_word(level).to_owned());
    match registry.record(id) {
        Some(record) => PartLine { marking, ..source::part_line(record) },
        None => PartLine { id: id.to_string(), number: String::new(), title: String::new(), marking },
    }
}

fn because(because: &Because) -> BecauseLine {
    BecauseLine {
        code: because.code.as_str().to_owned(),
        receivers: because.receivers.iter().map(ToString::to_string).collect(),
        message: because.message.clone(),
        by: because.by.as_ref().map(ToString::to_string),
        chain: because.chain.iter().map(ToString::to_string).collect(),
        omitted: because.omitted as u64,
    }
}

fn print(document: &PlanDocument, terminal: &Terminal) {
    let planned: usize = document.waves.iter().map(|wave| wave.parts.len()).sum();
    terminal.answer(&format!(
        "{planned} of {} parts in {} waves at {}, for {}",
        document.parts,
        document.waves.len(),
        document.at,
        document.receivers.join(", ")
    ));
    terminal.answer("  wave  parts  effort  points  delivered  at best");
    for wave in &document.waves {
        terminal.answer(&format!(
            "{:>6} {:>6} {:>7} {:>7} {:>10} {:>8}",
            wave.number,
            wave.parts.len(),
            wave.effort,
            wave.value,
            wave.delivered,
            wave.at_best
        ));
    }
    terminal.answer(&format!(
        "value {}, at best {} (proved): at most {} % below the best plan",
        document.value, document.bound, document.gap_percent
    ));
    terminal.answer(&format!("\nleft out: {}", document.left_out.len()));
    let groups = groups(document);
    for group in groups.iter().take(GROUPS_MAX) {
        let root = group.root.map(|root| format!(" by {root}")).unwrap_or_default();
        terminal.answer(&format!("{:>6}  {}{}", group.parts.len(), group.code, printable(&root)));
        for (left, reason) in group.parts.iter().take(EXAMPLES_MAX) {
            let whom = match reason.receivers.is_empty() {
                true => String::new(),
                false => format!(" not to {}", reason.receivers.join(", ")),
            };
            let line = format!("{}{whom} because {}", left.part.id, reason.message);
            terminal.answer(&format!("          {}", printable(&line)));
        }
    }
    if groups.len() > GROUPS_MAX {
        terminal.answer(&format!("        and {} more root causes", groups.len() - GROUPS_MAX));
    }
}
