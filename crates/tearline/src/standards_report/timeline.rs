//! The plan of waves as a page, as CSV and as a workbook: what goes when, to whom, what it is worth against what could be reached at
//! best, and what is left out, by root cause.

use std::collections::BTreeMap;

use askama::Template;

use super::sheet::{Field, Sheet, workbook};
use super::{Files, Words};
use crate::document::json_file;
use crate::document::standards::{BecauseLine, LeftOutLine, PartLine, PlanDocument, PlannedLine, WaveLine};
use crate::failure::Failure;
use crate::page;
use crate::report::{counted, float, grouped, step};

/// Parts of one group of what is left out that the page lists; the other forms have all.
const LISTED_MAX: usize = 40;
/// Width and height of the drawing, and its margins.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 40.0;

const PLAN_JSON: &str = "plan.json";
const WAVES_CSV: &str = "waves.csv";
const LEFT_OUT_CSV: &str = "left-out.csv";
const PLAN_XLSX: &str = "plan.xlsx";
const PLAN_HTML: &str = "plan.html";
/// Names of the files.
pub(crate) const NAMES: [&str; 5] = [PLAN_JSON, WAVES_CSV, LEFT_OUT_CSV, PLAN_XLSX, PLAN_HTML];

/// All forms of a plan.
pub(crate) fn files(document: &PlanDocument) -> Result<Files, Failure> {
    let (waves, parts, left_out) = (waves_sheet(document), parts_sheet(document), left_out_sheet(document));
    let (waves_csv, left_out_csv) = (parts.csv()?, left_out.csv()?);
    let sheets = [waves, parts, left_out];
    Ok(vec![
        (PLAN_JSON.to_owned(), json_file(PLAN_JSON, document)?),
        (PLAN_HTML.to_owned(), page(document)?),
        (PLAN_XLSX.to_owned(), workbook(PLAN_XLSX, "Waves of standards", &document.marking, &sheets)?),
        (WAVES_CSV.to_owned(), waves_csv),
        (LEFT_OUT_CSV.to_owned(), left_out_csv),
    ])
}

fn waves_sheet(document: &PlanDocument) -> Sheet {
    let row = |wave: &WaveLine| {
        let numbers = [
            u64::from(wave.number),
            wave.parts.len() as u64,
            wave.effort,
            document.capacity,
            wave.value,
            wave.delivered,
            wave.at_best,
        ];
        numbers.into_iter().map(Field::Number).collect()
    };
    Sheet {
        name: "Waves",
        columns: ["wave", "parts", "effort", "capacity", "value", "delivered", "at best"]
            .map(|name| (name, 12.0))
            .to_vec(),
        rows: document.waves.iter().map(row).collect(),
    }
}

fn part_fields(part: &PartLine) -> [Field; 4] {
    let level = part.marking.as_deref().unwrap_or_default();
    [Field::text(&part.id), Field::text(&part.number), Field::text(&part.title), Field::text(level)]
}

const PART_COLUMNS: [(&str, f64); 4] = [("id", 28.0), ("number", 22.0), ("title", 48.0), ("marking", 14.0)];

fn parts_sheet(document: &PlanDocument) -> Sheet {
    let rows = document.waves.iter().flat_map(|wave| {
        wave.parts.iter().map(|planned| {
            let mut row = vec![Field::Number(u64::from(wave.number))];
            row.extend(part_fields(&planned.part));
            row.extend([Field::Number(planned.effort), Field::Number(planned.value)]);
            row.extend([
                Field::text(planned.receivers.join("; ")),
                Field::text(flags(planned)),
                Field::text(&planned.because),
                Field::text(planned.withheld.iter().map(reason_words).collect::<Vec<_>>().join("; ")),
            ]);
            row
        })
    });
    let mut columns = vec![("wave", 8.0)];
    columns.extend(PART_COLUMNS);
    columns.extend([
        ("effort", 8.0),
        ("value", 8.0),
        ("receivers", 24.0),
        ("flags", 32.0),
        ("because", 48.0),
        ("withheld", 48.0),
    ]);
    Sheet { name: "Parts", columns, rows: rows.collect() }
}

/// Flags in words.
fn flags(planned: &PlannedLine) -> String {
    planned.flags.iter().map(|flag| flag.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// A reason in words, with for whom it is one.
fn reason_words(reason: &BecauseLine) -> String {
    match reason.receivers.is_empty() {
        true => reason.message.clone(),
        false => format!("not to {}: {}", reason.receivers.join(", "), reason.message),
    }
}

/// The way to the root; the message says the same in words.
fn chain_words(reason: &BecauseLine) -> String {
    let Some((last, before)) = reason.chain.split_last() else { return String::new() };
    let mut steps: Vec<String> = before.to_vec();
    if reason.omitted > 0 {
        steps.push(format!("({} more)", reason.omitted));
    }
    steps.push(last.clone());
    steps.join(" > ")
}

/// One line for each reason.
fn left_out_sheet(document: &PlanDocument) -> Sheet {
    let rows = document.left_out.iter().flat_map(|left| {
        left.reasons.iter().map(|reason| {
            let mut row = part_fields(&left.part).to_vec();
            row.extend([
                Field::text(&reason.code),
                Field::text(reason.receivers.join("; ")),
                Field::text(&reason.message),
                Field::text(reason.by.as_deref().unwrap_or_default()),
                Field::text(chain_words(reason)),
            ]);
            row
        })
    });
    let mut columns = PART_COLUMNS.to_vec();
    columns.extend([("reason", 22.0), ("receivers", 24.0), ("message", 60.0), ("by", 28.0), ("chain", 48.0)]);
    Sheet { name: "Left out", columns, rows: rows.collect() }
}

/// Parts that are left out for one root cause.
pub(crate) struct Group<'a> {
    /// The word of the reason.
    pub(crate) code: &'a str,
    /// The part at the root, where another part is in the way.
    pub(crate) root: Option<&'a str>,
    /// The parts, each with the reason that put it here.
    pub(crate) parts: Vec<(&'a LeftOutLine, &'a BecauseLine)>,
}

/// What is left out, each part once by its first reason, the largest group first.
pub(crate) fn groups(document: &PlanDocument) -> Vec<Group<'_>> {
    let mut found: BTreeMap<(&str, Option<&str>), Group<'_>> = BTreeMap::new();
    for left in &document.left_out {
        let Some(reason) = left.reasons.first() else { continue };
        let root = reason.by.as_deref().or(reason.chain.last().map(String::as_str));
        let root = root.filter(|root| *root != left.part.id);
        let code = reason.code.as_str();
        let group = found.entry((code, root)).or_insert_with(|| Group { code, root, parts: Vec::new() });
        group.parts.push((left, reason));
    }
    let mut groups: Vec<Group<'_>> = found.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.parts.len()));
    groups
}

#[derive(Template)]
#[template(path = "standards-timeline.html")]
struct Page<'a> {
    document: &'a PlanDocument,
    style: &'static str,
    policy: String,
    curve: Curve,
    planned: usize,
    receivers: Vec<(String, Vec<usize>, usize)>,
    groups: Vec<Shown<'a>>,
}

/// A group as the page shows it.
struct Shown<'a> {
    heading: String,
    count: String,
    listed: Vec<(&'a LeftOutLine, &'a BecauseLine)>,
    more: usize,
}

/// The drawing of what is delivered: places of lines and words.
struct Curve {
    done: String,
    best: String,
    points: Vec<(String, String, String)>,
    grid: Vec<(String, String)>,
    marks: Vec<(String, u32)>,
}

fn page(document: &PlanDocument) -> Result<Vec<u8>, Failure> {
    let receivers = document.receivers.iter().map(|code| {
        let gets = |wave: &WaveLine| wave.parts.iter().filter(|part| part.receivers.contains(code)).count();
        let counts: Vec<usize> = document.waves.iter().map(gets).collect();
        let sum = counts.iter().sum();
        (code.clone(), counts, sum)
    });
    let page = Page {
        document,
        style: super::STYLE,
        policy: page::policy(super::STYLE),
        curve: curve(document),
        planned: document.waves.iter().map(|wave| wave.parts.len()).sum(),
        receivers: receivers.collect(),
        groups: groups(document).into_iter().map(|group| shown(document, group)).collect(),
    };
    page::rendered(PLAN_HTML, &page)
}

fn shown<'a>(document: &'a PlanDocument, group: Group<'a>) -> Shown<'a> {
    Shown {
        heading: heading(document, &group),
        count: counted(group.parts.len() as u64, "part", "parts"),
        more: group.parts.len().saturating_sub(LISTED_MAX),
        listed: group.parts.into_iter().take(LISTED_MAX).collect(),
    }
}

/// What a group is called: the reason's word as words, and the part at the root.
fn heading(document: &PlanDocument, group: &Group<'_>) -> String {
    let words = group.code.replace('-', " ");
    let name = |id: &str| {
        let left = document.left_out.iter().map(|left| &left.part);
        let planned = document.waves.iter().flat_map(|wave| wave.parts.iter().map(|planned| &planned.part));
        left.chain(planned).find(|part| part.id == id).map_or_else(|| id.to_owned(), PartLine::name)
    };
    match group.root {
        Some(root) => format!("{words}: {}", name(root)),
        None => words,
    }
}

fn curve(document: &PlanDocument) -> Curve {
    let most = document.waves.iter().map(|wave| wave.at_best.max(wave.delivered)).max().unwrap_or(0).max(1);
    let last = float(document.waves.len().max(1) as i64);
    let span = |value: u64| float(i64::try_from(value).unwrap_or(i64::MAX));
    let x = |wave: usize| LEFT + (WIDTH - LEFT - 20.0) * float(wave as i64) / last;
    let y = |value: u64| HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * span(value) / span(most);
    let line = |value: fn(&WaveLine) -> u64| {
        let mut places = vec![format!("{:.1},{:.1}", x(0), y(0))];
        places.extend(
            document.waves.iter().zip(1..).map(|(wave, at)| format!("{:.1},{:.1}", x(at), y(value(wave)))),
        );
        places.join(" ")
    };
    // Marks that would run into each other are left out.
    let every = document.waves.len().div_ceil(25).max(1);
    let numbered = document.waves.iter().zip(1_usize..);
    let point = |(wave, at): (&WaveLine, usize)| {
        let words = format!(
            "wave {}: {} delivered of at best {}",
            wave.number,
            grouped(&wave.delivered.to_string()),
            grouped(&wave.at_best.to_string())
        );
        (format!("{:.1}", x(at)), format!("{:.1}", y(wave.delivered)), words)
    };
    let mark = |(wave, at): (&WaveLine, usize)| (format!("{:.1}", x(at)), wave.number);
    let by = u64::try_from(step(i64::try_from(most).unwrap_or(i64::MAX))).unwrap_or(most).max(1);
    let grid =
        (0..=most / by).take(20).map(|at| (format!("{:.1}", y(at * by)), grouped(&(at * by).to_string())));
    Curve {
        done: line(|wave| wave.delivered),
        best: line(|wave| wave.at_best),
        points: numbered.clone().map(point).collect(),
        grid: grid.collect(),
        marks: numbered.filter(|(_, at)| at % every == 0).map(mark).collect(),
    }
}

impl Words for Page<'_> {}

impl Page<'_> {
    fn marking(&self) -> &str {
        &self.document.marking
    }

    fn joined(&self, words: &[String]) -> String {
        words.join(", ")
    }

    /// A reason in words, with for whom it is one.
    fn reason(&self, reason: &BecauseLine) -> String {
        reason_words(reason)
    }
}
