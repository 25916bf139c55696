//! `tearline standards eligible`: may this body or state have this part at this date, and if not, why.

use std::collections::BTreeMap;

use intake::nearest;
use ledger::act::{Code, UtcTime};
use office::standards::{Policy, Purpose, ReasonCode, Record, Registry, may_have};

use super::source;
use crate::cli::standards::Eligible;
use crate::document::standards::{AnswerLine, ELIGIBLE_SCHEMA, EligibleDocument, PartLine, ReasonLine};
use crate::failure::{Answer, Failure};
use crate::terminal::{Terminal, Tone};

pub(super) fn run(arguments: &Eligible, terminal: &Terminal) -> Result<Answer, Failure> {
    let registry = source::registry_quietly(&arguments.source, terminal)?;
    let policy = source::policy(&arguments.policy)?;
    let at = source::time(arguments.at.as_deref(), &policy)?;
    let receivers: Vec<Code> = match &arguments.receiver {
        Some(code) => vec![source::receiver(code)?],
        None => policy.conditions.receivers.keys().cloned().collect(),
    };
    let records: Vec<&Record> = match arguments.ids.is_empty() {
        true => registry.records().values().collect(),
        false => arguments.ids.iter().map(|id| source::record(&registry, id)).collect::<Result<_, _>>()?,
    };
    let answers = records
        .iter()
        .flat_map(|record| receivers.iter().map(|receiver| answer(&registry, &policy, record, receiver, at)));
    let document =
        EligibleDocument { schema: ELIGIBLE_SCHEMA, at: source::day(at), answers: answers.collect() };
    suggest(&document, &policy, terminal);
    let asked = !arguments.ids.is_empty();
    if terminal.json() {
        terminal.document(&document);
    } else if asked {
        list(&document, terminal);
    } else {
        summarize(&document, terminal);
    }
    let no = asked && document.answers.iter().any(|answer| !answer.may);
    Ok(if no { Answer::No } else { Answer::Yes })
}

fn answer(registry: &Registry, policy: &Policy, record: &Record, receiver: &Code, at: UtcTime) -> AnswerLine {
    let reasons = may_have(registry, policy, &record.id, receiver, at, Purpose::Now);
    let line = |reason: &office::standards::Reason| ReasonLine {
        code: reason.code().as_str().to_owned(),
        message: reason.to_string(),
    };
    let marking = office::standards::marking_word(policy.level(record)).to_owned();
    AnswerLine {
        part: PartLine { marking: Some(marking), ..source::part_line(record) },
        receiver: receiver.to_string(),
        may: reasons.is_empty(),
        reasons: reasons.iter().map(line).collect(),
    }
}

/// Of a receiver that nobody is, the one that was probably meant.
fn suggest(document: &EligibleDocument, policy: &Policy, terminal: &Terminal) {
    let unknown = ReasonCode::UnknownReceiver.as_str();
    let unknown = document.answers.iter().find(|answer| answer.reasons.iter().any(|r| r.code == unknown));
    if let Some(answer) = unknown {
        let near = nearest(&answer.receiver, policy.conditions.receivers.keys().map(Code::as_str));
        if let Some(near) = near.first() {
            terminal.say(&format!("nobody is called `{}`; did you mean `{near}`?", answer.receiver));
        }
    }
}

fn list(document: &EligibleDocument, terminal: &Terminal) {
    let width = document.answers.iter().map(|answer| answer.receiver.len()).max().unwrap_or(0);
    for answer in &document.answers {
        let (tone, word) = if answer.may { (Tone::Good, "yes") } else { (Tone::Bad, "no ") };
        let part = source::part_words(&answer.part);
        terminal.answer(&format!("{} {:<width$}  {part}", terminal.out_word(tone, word), answer.receiver));
        for reason in &answer.reasons {
            terminal.answer(&format!("    because {} [{}]", reason.message, reason.code));
        }
    }
}

/// By receiver, how many parts it may have, and how often each reason stands against one.
fn summarize(document: &EligibleDocument, terminal: &Terminal) {
    let mut by_receiver: BTreeMap<&str, (u64, u64, BTreeMap<&str, u64>)> = BTreeMap::new();
    for answer in &document.answers {
        let (all, may, reasons) = by_receiver.entry(answer.receiver.as_str()).or_default();
        *all += 1;
        *may += u64::from(answer.may);
        for reason in &answer.reasons {
            *reasons.entry(reason.code.as_str()).or_default() += 1;
        }
    }
    for (receiver, (all, may, reasons)) in by_receiver {
        terminal.answer(&format!("{receiver:<12} may have {may} of {all} parts at {}", document.at));
        for (code, count) in reasons {
            terminal.answer(&format!("  {count:>6}  {code}"));
        }
    }
}
