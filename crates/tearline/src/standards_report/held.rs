//! Who holds what, what of it is stale, what is blocked and why, at a stated time: page, CSV, workbook and document.

use askama::Template;

use super::sheet::{Field, Sheet, workbook};
use super::{Files, Words};
use crate::document::json_file;
use crate::document::standards::{BlockedLine, HeldLine, HeldState, HeldView, ReceiverView};
use crate::failure::Failure;
use crate::page;

/// Lines of one table of the page; the other forms have all.
const LISTED_MAX: usize = 400;

const HELD_JSON: &str = "held.json";
const HELD_CSV: &str = "held.csv";
const HELD_XLSX: &str = "held.xlsx";
const HELD_HTML: &str = "held.html";
/// Names of the files.
pub(crate) const NAMES: [&str; 4] = [HELD_JSON, HELD_CSV, HELD_XLSX, HELD_HTML];

/// All forms of what is held.
pub(crate) fn files(view: &HeldView) -> Result<Files, Failure> {
    let sheets = [summary_sheet(view), held_sheet(view), blocked_sheet(view)];
    let csv = sheets.iter().find(|sheet| sheet.name == "Held").map_or(Ok(Vec::new()), Sheet::csv)?;
    let title = format!("Standards held at {}", view.at_utc);
    Ok(vec![
        (HELD_JSON.to_owned(), json_file(HELD_JSON, view)?),
        (HELD_HTML.to_owned(), page(view)?),
        (HELD_XLSX.to_owned(), workbook(HELD_XLSX, &title, &view.marking, &sheets)?),
        (HELD_CSV.to_owned(), csv),
    ])
}

fn summary_sheet(view: &HeldView) -> Sheet {
    let row = |receiver: &ReceiverView| {
        let mut row = vec![Field::text(&receiver.code), Field::Number(receiver.parts.len() as u64)];
        row.extend(HeldState::ALL.map(|state| Field::Number(receiver.count(state))));
        row.extend([Field::Number(receiver.overdue()), Field::Number(receiver.blocked.len() as u64)]);
        row
    };
    let names = ["receiver", "held", "current", "stale", "withdrawn", "told", "receipts overdue", "blocked"];
    Sheet {
        name: "Receivers",
        columns: names.map(|name| (name, 16.0)).to_vec(),
        rows: view.receivers.iter().map(row).collect(),
    }
}

fn held_sheet(view: &HeldView) -> Sheet {
    let rows = view.receivers.iter().flat_map(|receiver| {
        receiver.parts.iter().map(|held| {
            let text = |text: &Option<String>| Field::text(text.as_deref().unwrap_or_default());
            vec![
                Field::text(&receiver.code),
                Field::text(&held.part.id),
                Field::text(&held.part.number),
                Field::text(&held.part.title),
                text(&held.part.marking),
                Field::text(&held.edition),
                Field::text(held.state.as_str()),
                text(&held.by),
                Field::text(&held.release),
                Field::text(&held.delivered_utc),
                text(&held.acknowledged_utc),
                text(&held.receipt_due_utc),
                Field::text(if held.overdue { "overdue" } else { "" }),
            ]
        })
    });
    let columns = vec![
        ("receiver", 12.0),
        ("id", 28.0),
        ("number", 22.0),
        ("title", 48.0),
        ("marking", 14.0),
        ("edition", 10.0),
        ("state", 12.0),
        ("by", 28.0),
        ("release", 24.0),
        ("delivered", 22.0),
        ("acknowledged", 22.0),
        ("receipt due", 22.0),
        ("receipt", 12.0),
    ];
    Sheet { name: "Held", columns, rows: rows.collect() }
}

/// One line for each reason.
fn blocked_sheet(view: &HeldView) -> Sheet {
    let rows = view.receivers.iter().flat_map(|receiver| {
        receiver.blocked.iter().flat_map(|blocked| {
            blocked.reasons.iter().map(|reason| {
                vec![
                    Field::text(&receiver.code),
                    Field::text(&blocked.part.id),
                    Field::text(&blocked.part.number),
                    Field::text(&blocked.part.title),
                    Field::text(blocked.part.marking.as_deref().unwrap_or_default()),
                    Field::text(&reason.code),
                    Field::text(&reason.message),
                ]
            })
        })
    });
    let columns = vec![
        ("receiver", 12.0),
        ("id", 28.0),
        ("number", 22.0),
        ("title", 48.0),
        ("marking", 14.0),
        ("reason", 22.0),
        ("message", 60.0),
    ];
    Sheet { name: "Blocked", columns, rows: rows.collect() }
}

#[derive(Template)]
#[template(path = "standards-held.html")]
struct Page<'a> {
    view: &'a HeldView,
    style: &'static str,
    policy: String,
    receivers: Vec<Shown<'a>>,
    totals: [u64; 7],
    /// Lines with parts that receivers may not have stand on the page.
    internal: bool,
}

/// A receiver as the page shows it: what needs somebody first.
struct Shown<'a> {
    receiver: &'a ReceiverView,
    parts: Vec<&'a HeldLine>,
    parts_more: usize,
    blocked: &'a [BlockedLine],
    blocked_more: usize,
    numbers: [u64; 7],
}

fn page(view: &HeldView) -> Result<Vec<u8>, Failure> {
    let receivers: Vec<Shown<'_>> = view.receivers.iter().map(shown).collect();
    let mut totals = [0; 7];
    for receiver in &receivers {
        for (total, number) in totals.iter_mut().zip(receiver.numbers) {
            *total += number;
        }
    }
    let internal = view.receivers.iter().any(|receiver| !receiver.blocked.is_empty()) || receivers.len() > 1;
    let page =
        Page { view, style: super::STYLE, policy: page::policy(super::STYLE), receivers, totals, internal };
    page::rendered(HELD_HTML, &page)
}

fn shown(receiver: &ReceiverView) -> Shown<'_> {
    // Late receipts and stale copies before what is in order.
    let urgency = |held: &HeldLine| match (held.overdue, held.state) {
        (true, _) => 0,
        (_, HeldState::Stale) => 1,
        (_, HeldState::Withdrawn) => 2,
        (_, HeldState::Told) => 3,
        (_, HeldState::Current) => 4,
    };
    let mut parts: Vec<&HeldLine> = receiver.parts.iter().collect();
    parts.sort_by_key(|held| urgency(held));
    let [current, stale, withdrawn, told] = HeldState::ALL.map(|state| receiver.count(state));
    let held = receiver.parts.len() as u64;
    Shown {
        receiver,
        parts_more: parts.len().saturating_sub(LISTED_MAX),
        parts: parts.into_iter().take(LISTED_MAX).collect(),
        blocked_more: receiver.blocked.len().saturating_sub(LISTED_MAX),
        blocked: receiver.blocked.get(..LISTED_MAX).unwrap_or(&receiver.blocked),
        numbers: [held, current, stale, withdrawn, told, receiver.overdue(), receiver.blocked.len() as u64],
    }
}

impl Words for Page<'_> {}

impl Page<'_> {
    fn marking(&self) -> &str {
        &self.view.marking
    }

    /// The state in words, with the part that took its place.
    fn state(&self, held: &HeldLine) -> String {
        let by = held.by.as_ref().map(|by| format!(": {by} took its place")).unwrap_or_default();
        match held.state {
            HeldState::Current => "in force".to_owned(),
            HeldState::Stale => format!("stale, not told{by}"),
            HeldState::Withdrawn => "withdrawn, not told".to_owned(),
            HeldState::Told => match held.by {
                Some(_) => format!("stale, told{by}"),
                None => "stale or withdrawn, told".to_owned(),
            },
        }
    }

    /// The receipt in words.
    fn receipt(&self, held: &HeldLine) -> String {
        match (&held.acknowledged_utc, &held.receipt_due_utc) {
            (Some(at), _) => format!("acknowledged {at}"),
            (None, Some(due)) if held.overdue => format!("overdue since {due}"),
            (None, Some(due)) => format!("due {due}"),
            (None, None) => "none".to_owned(),
        }
    }
}
