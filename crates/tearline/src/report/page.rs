//! `report.html`: one file that needs no script, no font and no request, for screen and A4.
//!
//! The template escapes everything it is given. The content security policy admits the one style sheet by its
//! hash and nothing else, so a title that slipped through could still do nothing.

use askama::Template;

use super::demand_figure::DemandFigure;
use super::heat_figure::HeatFigure;
use super::numbers::{coordinate, counted, float, grouped, percent, shortened};
use crate::document::error::FaultLine;
use crate::document::report::{Report, Shown};
use crate::failure::Failure;
use crate::page;

/// Notes of one kind that are printed word for word; `report.json` has all.
const NOTES_MAX: usize = 6;

const STYLE: &str = include_str!("../../templates/report.css");

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    style: &'static str,
    policy: String,
    parts: Vec<Part>,
    figures: Vec<(&'static str, String)>,
    heat: HeatFigure,
    heat_columns: Vec<String>,
    demand: Option<DemandFigure>,
    unit: String,
    notes: Vec<NoteGroup<'a>>,
}

/// Holds or warnings of one kind.
struct NoteGroup<'a> {
    severity: &'static str,
    code: &'a str,
    advice: &'a str,
    first: Vec<&'a FaultLine>,
    more: u64,
}

/// One line of the table of levels.
struct Part {
    variable: String,
    level: String,
    example: String,
    shown: Shown,
    bar: Vec<(&'static str, String, String)>,
}

/// The page of a report.
pub(crate) fn render(report: &Report) -> Result<Vec<u8>, Failure> {
    let page = Page {
        report,
        style: STYLE,
        policy: page::policy(STYLE),
        parts: parts(report),
        figures: key_figures(report),
        heat: HeatFigure::new(&report.heat_map),
        heat_columns: report.heat_map.columns.iter().map(|code| code.title.clone()).collect(),
        demand: report.demand.as_ref().map(|demand| DemandFigure::new(demand, report.decimals)),
        unit: unit(&report.units),
        notes: notes(report),
    };
    page::rendered("report.html", &page)
}

/// Notes of one kind stand together, the first few of them word for word.
fn notes(report: &Report) -> Vec<NoteGroup<'_>> {
    let mut groups: Vec<NoteGroup<'_>> = Vec::new();
    for note in report.notes.holds.iter().chain(&report.notes.warnings) {
        let known =
            groups.iter().position(|group| (group.severity, group.code) == (note.severity, &note.code));
        let place = known.unwrap_or_else(|| {
            let (severity, code, advice) = (note.severity, note.code.as_str(), note.advice.as_str());
            groups.push(NoteGroup { severity, code, advice, first: Vec::new(), more: 0 });
            groups.len() - 1
        });
        if groups[place].first.len() < NOTES_MAX {
            groups[place].first.push(note);
        } else {
            groups[place].more += 1;
        }
    }
    groups
}

fn unit(units: &[String]) -> String {
    match units {
        [] => "no unit declared".to_owned(),
        [one] => one.clone(),
        several => format!("{} (never added up across)", several.join(", ")),
    }
}

fn key_figures(report: &Report) -> Vec<(&'static str, String)> {
    let count = |count: u64| grouped(&count.to_string());
    if let Some(rounding) = &report.rounding {
        return vec![
            ("rounded to multiples of", grouped(&rounding.base)),
            ("at most between a published and a true value", grouped(&rounding.window)),
            ("mean distance", grouped(&rounding.mean_deviation)),
            ("mean distance as a share of the value", percent(rounding.mean_relative_permille)),
        ];
    }
    let mut figures = vec![("shown exactly", count(report.shown.exact))];
    if report.method == "ranges" {
        figures.push(("shown as a range", count(report.shown.ranges)));
    }
    figures.push(("blank", count(report.shown.blanks)));
    figures.push((
        "of the value at the finest level is not shown exactly",
        percent(report.lost.finest_value_permille),
    ));
    figures
}

fn parts(report: &Report) -> Vec<Part> {
    let whole = Part {
        variable: "whole table".to_owned(),
        level: String::new(),
        example: String::new(),
        shown: report.shown,
        bar: bar(report.shown),
    };
    let mut parts = vec![whole];
    for variable in &report.variables {
        for (place, level) in variable.levels.iter().enumerate() {
            let example = match level.codes {
                1 => level.example.clone(),
                codes => {
                    format!("{}, such as {}", counted(codes, "code", "codes"), shortened(&level.example, 28))
                }
            };
            parts.push(Part {
                variable: if place == 0 { variable.variable.clone() } else { String::new() },
                level: level.level.to_string(),
                example,
                shown: level.shown,
                bar: bar(level.shown),
            });
        }
    }
    parts
}

/// Class, start and width of each part of a bar of 100.
fn bar(shown: Shown) -> Vec<(&'static str, String, String)> {
    let mut start = 0.0;
    let mut parts = Vec::new();
    let kinds = [
        ("exact", shown.exact),
        ("rounded", shown.rounded),
        ("range", shown.ranges),
        ("blank", shown.blanks),
    ];
    for (class, count) in kinds {
        if count == 0 {
            continue;
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let width = 100.0 * float(count) / float(i64::try_from(shown.cells).unwrap_or(i64::MAX).max(1));
        parts.push((class, coordinate(start), coordinate(width)));
        start += width;
    }
    parts
}

impl Page<'_> {
    fn marking(&self) -> &str {
        &self.report.marking
    }

    fn number(&self, number: &u64) -> String {
        grouped(&number.to_string())
    }

    fn decimal(&self, text: &str) -> String {
        grouped(text)
    }

    fn share(&self, permille: &u64) -> String {
        percent(*permille)
    }

    fn counted(&self, count: &u64, one: &str, several: &str) -> String {
        counted(*count, one, several)
    }

    /// The codes at which the other variables of a figure stand, in words.
    fn at(&self, codes: &[crate::document::Code]) -> String {
        let parts: Vec<String> =
            codes.iter().map(|code| format!("{} = {}", code.variable, code.code)).collect();
        parts.join(", ")
    }

    /// A digest in two lines of groups, so that an eye finds its place again.
    fn digest(&self, hex: &str) -> String {
        let characters: Vec<char> = hex.chars().collect();
        let groups: Vec<String> = characters.chunks(8).map(|group| group.iter().collect()).collect();
        let lines: Vec<String> = groups.chunks(4).map(|line| line.join(" ")).collect();
        lines.join("\n")
    }

    fn why_stopped(&self) -> &'static str {
        match self.report.search.as_ref().map_or("", |search| search.stopped) {
            "finished" => "nothing was left to try",
            "proven optimal" => "there is nothing lighter to look for",
            "good enough" => "it is as close to the lightest as was asked for",
            "work limit" => "the work limit was reached; more work might find a lighter pattern",
            "time limit" => "the time limit was reached; more time might find a lighter pattern",
            _ => "somebody cancelled it; the best certified pattern was kept",
        }
    }

    /// What the bound says of the weight.
    fn how_light(&self) -> String {
        let Some(search) = &self.report.search else { return String::new() };
        match search.gap.as_str() {
            "0.00" => "Proven: no safe pattern is lighter.".to_owned(),
            "100.00" => "How light a safe pattern can be is not known.".to_owned(),
            gap => format!(
                "No safe pattern can weigh less than {}: this one is within {gap}\u{202f}%, proved.",
                grouped(&search.bound)
            ),
        }
    }

    fn weight_in_words(&self) -> &'static str {
        match self.report.search.as_ref().map_or("", |search| search.weight) {
            "value" => "the value of a cell",
            "count" => "1 a cell",
            "column" => "a cost that the files give",
            _ => "the logarithm of a cell's value, in sixteenths",
        }
    }
}
