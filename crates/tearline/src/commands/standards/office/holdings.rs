//! `tearline standards holdings`: what each receiver holds, what of it is stale and what is blocked, now or at any past time of the log.

use ledger::act::{PartId, UtcTime};
use office::State;
use office::standards::{Desk, HeldPart, Overview, Registry, Standing, marking_word};

use super::super::{held, source};
use super::Opened;
use crate::cli::standards::office::Holdings;
use crate::document::standards::{
    BlockedLine, HELD_SCHEMA, HeldLine, HeldState, HeldView, PartLine, ReasonLine, ReceiverView,
};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Target};
use crate::office_shell::clock::days_after;
use crate::standards_report::{HELD_NAMES, held_files};
use crate::terminal::{Terminal, Tone, shell_word};

const DAY: u64 = 86_400;

pub(crate) fn run(arguments: &Holdings, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let ours = |name: &str| HELD_NAMES.contains(&name);
    let target = arguments.out.as_deref().map(|out| Target::of(out, existing, "standards holdings", ours));
    let target = target.transpose()?;
    let opened = Opened::open(&arguments.office, arguments.at)?;
    let at = arguments.at.map_or_else(|| opened.now(), Ok)?;
    let desk = opened.desk(source::policy(&arguments.policy)?, at)?;
    let mut view =
        view(&opened.state, opened.registry()?, &desk, arguments.receipt_days, &arguments.marking)?;
    if let Some(code) = &arguments.receiver {
        view = held::of_receiver(&view, code)?;
    }
    if let (Some(target), Some(out)) = (target, &arguments.out) {
        target.put(&held_files(&view)?)?;
        let word = terminal.err_word(Tone::Good, "wrote");
        terminal.say(&format!("{word} {}: {}", shell_word(out), view.marking));
    }
    held::print(&view, terminal);
    Ok(Answer::Yes)
}

/// What the desk says, as reports are made from it.
pub(crate) fn view(
    state: &State,
    registry: &Registry,
    desk: &Desk<'_>,
    receipt_days: u32,
    marking: &str,
) -> Result<HeldView, Failure> {
    let Overview { at, revision, receivers } = desk.overview(u64::from(receipt_days) * DAY);
    let roster = state.roster();
    let mut views = Vec::new();
    for receiver in receivers {
        let name = roster.and_then(|roster| roster.receivers().get(&receiver.receiver));
        let parts = receiver
            .parts
            .iter()
            .map(|part| held_line(state, registry, desk, &receiver.receiver, part, receipt_days));
        let blocked = receiver.blocked.iter().map(|(id, reasons)| BlockedLine {
            part: part_line(registry, desk, id),
            reasons: reasons
                .iter()
                .map(|reason| ReasonLine {
                    code: reason.code().as_str().to_owned(),
                    message: reason.to_string(),
                })
                .collect(),
        });
        views.push(ReceiverView {
            code: receiver.receiver.to_string(),
            name: name.map(|known| known.name.to_string()).unwrap_or_default(),
            parts: parts.collect::<Result<_, Failure>>()?,
            blocked: blocked.collect(),
        });
    }
    Ok(HeldView {
        schema: HELD_SCHEMA.to_owned(),
        marking: marking.to_owned(),
        at_utc: at.to_string(),
        registry_revision: revision.get(),
        receivers: views,
    })
}

fn held_line(
    state: &State,
    registry: &Registry,
    desk: &Desk<'_>,
    receiver: &ledger::act::Code,
    part: &HeldPart,
    receipt_days: u32,
) -> Result<HeldLine, Failure> {
    let record = registry.canonical(&part.part).and_then(|id| registry.record(id));
    let wave = desk.holdings().of(receiver).get(&part.part).map(|held| held.copy.wave);
    let release = wave.and_then(|wave| state.title(&wave)).map(ToString::to_string).unwrap_or_default();
    let time = |at: Option<UtcTime>| at.map(|at| at.to_string()).unwrap_or_default();
    let due = match (part.acknowledged, part.delivered.at) {
        (None, Some(delivered)) => Some(days_after(delivered, i64::from(receipt_days))?.to_string()),
        _ => None,
    };
    Ok(HeldLine {
        part: part_line(registry, desk, &part.part),
        edition: record.map(|record| record.edition.clone()).unwrap_or_default(),
        state: match part.standing {
            Standing::Current => HeldState::Current,
            Standing::Stale => HeldState::Stale,
            Standing::Withdrawn => HeldState::Withdrawn,
            Standing::Told => HeldState::Told,
        },
        by: (!part.by.is_empty()).then(|| part.by.iter().map(PartId::as_str).collect::<Vec<_>>().join(", ")),
        delivered_utc: time(part.delivered.at),
        release,
        acknowledged_utc: part.acknowledged.and_then(|stamp| stamp.at).map(|at| at.to_string()),
        receipt_due_utc: due,
        overdue: part.overdue,
    })
}

/// Which part; by its id alone where the registry does not know it.
fn part_line(registry: &Registry, desk: &Desk<'_>, id: &PartId) -> PartLine {
    let record = registry.canonical(id).and_then(|id| registry.record(id));
    let unknown = PartLine { id: id.to_string(), number: String::new(), title: String::new(), marking: None };
    record.map_or(unknown, |record| {
        let marking = Some(marking_word(desk.policy().level(record)).to_owned());
        PartLine { id: id.to_string(), marking, ..source::part_line(record) }
    })
}
