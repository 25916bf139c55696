//! `tearline inbox`: what waits for whom, read from a log.

use ledger::Digest;
use ledger::act::{Code, PartId};
use office::inbox::{self, Item, Matter};

use crate::cli::act::Inbox;
use crate::document::act::{INBOX_SCHEMA, InboxDocument, InboxItem, PartLine};
use crate::failure::{Answer, Failure};
use crate::office_shell::log_folder::ReadLog;
use crate::terminal::Terminal;

pub(super) fn run(arguments: &Inbox, terminal: &Terminal) -> Result<Answer, Failure> {
    let log = ReadLog::read(&arguments.source.ledger, &arguments.source.trust)?;
    let state = log.fold().state();
    let items: Vec<InboxItem> = match &arguments.party {
        Some(party) => {
            if state.roster().is_none_or(|roster| roster.party(party).is_none()) {
                let message = format!("`{party}` is not on the roster of this log");
                return Err(Failure::usage(message, "give the code of the office, a member or a receiver"));
            }
            inbox::inbox(state, party).iter().map(|item| line(party, item)).collect()
        }
        None => inbox::reminders(state).iter().map(|(party, item)| line(party, item)).collect(),
    };
    let document = InboxDocument {
        schema: INBOX_SCHEMA,
        time_utc: state.now().map(|now| now.to_string()),
        party: arguments.party.as_ref().map(ToString::to_string),
        items,
    };
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, terminal);
    }
    Ok(Answer::Yes)
}

fn line(party: &Code, item: &Item) -> InboxItem {
    let (matter, proposal, package, key) = particulars(&item.matter);
    InboxItem {
        party: party.to_string(),
        matter,
        words: item.matter.to_string(),
        urgency: item.urgency.to_string(),
        due_utc: item.due_utc.map(|due| due.to_string()),
        proposal_sha256: proposal.map(|digest| digest.to_string()),
        package_sha256: package.map(|digest| digest.to_string()),
        key,
        parts: parts(&item.matter),
    }
}

/// Of a wave that waits for a yes, the parts that it waits for.
fn parts(matter: &Matter) -> Vec<PartLine> {
    let Matter::Consent { wanted, parts, .. } = matter else { return Vec::new() };
    let line =
        |(part, given): (&PartId, &usize)| PartLine { id: part.to_string(), given: *given, wanted: *wanted };
    parts.iter().map(line).collect()
}

type Particulars = (&'static str, Option<Digest>, Option<Digest>, Option<String>);

fn particulars(matter: &Matter) -> Particulars {
    match matter {
        Matter::Consent { proposal, .. } => ("consent", Some(*proposal), None, None),
        Matter::Silence { proposal, .. } => ("silence", Some(*proposal), None, None),
        Matter::Endorsement { proposal, .. } => ("endorsement", Some(*proposal), None, None),
        Matter::Outcome { proposal, .. } => ("outcome", Some(*proposal), None, None),
        Matter::Seal { proposal, .. } => ("seal", Some(*proposal), None, None),
        Matter::Receipt { package, .. } => ("receipt", None, Some(*package), None),
        Matter::Acknowledge { package, .. } => ("acknowledge", None, Some(*package), None),
        Matter::Expiry { key, .. } => ("expiry", None, None, Some(key.to_string())),
    }
}

fn print(document: &InboxDocument, terminal: &Terminal) {
    let time = document.time_utc.as_deref().unwrap_or("an unknown time");
    if document.items.is_empty() {
        terminal.answer(&format!("nothing waits at {time}"));
    }
    for InboxItem { party, words, urgency, due_utc, .. } in &document.items {
        let due = due_utc.as_ref().map(|due| format!(", until {due}")).unwrap_or_default();
        let whom = if document.party.is_some() { String::new() } else { format!("{party}: ") };
        terminal.answer(&format!("{urgency:<9} {whom}{words}{due}"));
    }
}
