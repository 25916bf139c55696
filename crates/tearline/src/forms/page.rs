//! The form for browsers: one file that needs no script, no font and no request, with drawings that carry marks.

use std::fmt::Write as _;

use askama::Template;
use package::fingerprint::{GAP_HTML, HTML_HEAD, STAMP_HTML, neutral_stamp};

use super::book::Book;
use super::drawing::{Anchor, Drawing, Face, Fill, Item, Stroke};
use super::{Heading, TABLE_ROWS_MAX};
use crate::failure::Failure;
use crate::page;
use crate::report::counted;
use crate::statement::Statement;

const STYLE: &str = include_str!("../../templates/forms.css");

#[derive(Template)]
#[template(path = "forms.html")]
struct Page<'a> {
    head: &'static str,
    heading: &'a Heading<'a>,
    style: &'static str,
    policy: String,
    stamp: String,
    units: String,
    cells: String,
    sha256: String,
    rounded: bool,
    figures: Vec<Figure>,
    names: Vec<&'a str>,
    rows: Vec<TableRow>,
    left_out: usize,
}

/// A drawing as SVG.
struct Figure {
    title: String,
    alternative: String,
    svg: String,
}

/// A line of the table of all cells.
struct TableRow {
    codes: Vec<String>,
    unit: String,
    status: &'static str,
    words: String,
}

/// `report.html`.
pub(super) fn render(book: &Book, heading: &Heading<'_>, drawings: &[Drawing]) -> Result<Vec<u8>, Failure> {
    let (open, close) = STAMP_HTML;
    let page = Page {
        head: HTML_HEAD,
        heading,
        style: STYLE,
        policy: page::policy(STYLE),
        stamp: format!("{open}{}{close}", neutral_stamp()),
        units: book.units().join(", "),
        cells: counted(book.rows.len() as u64, "cell", "cells"),
        sha256: book.sha256.to_string(),
        rounded: book.rows.iter().any(|row| matches!(row.said, Statement::Rounded { .. })),
        figures: drawings.iter().enumerate().map(|(number, drawing)| figure(number, drawing)).collect(),
        names: book.variables.iter().map(|variable| variable.name.as_str()).collect(),
        rows: rows(book),
        left_out: book.rows.len().saturating_sub(TABLE_ROWS_MAX),
    };
    page::rendered("report.html", &page)
}

fn rows(book: &Book) -> Vec<TableRow> {
    let row = |row: &super::book::Row| TableRow {
        codes: super::titles(book, row),
        unit: row.unit.clone(),
        status: super::status(row.said),
        words: book.words(Some(row.said)),
    };
    book.rows.iter().take(TABLE_ROWS_MAX).map(row).collect()
}

/// Every drawing has a stretch of the y axis for itself, so that a text and its place are found only once in the page.
fn figure(number: usize, drawing: &Drawing) -> Figure {
    let from = crate::report::float(number as i64) * 10_000.0;
    let mut svg = format!(
        "<svg viewBox=\"0 {from:.1} {:.1} {:.1}\" role=\"img\" aria-label=\"{}; said in words below\">\n",
        drawing.width,
        drawing.height,
        escaped(&drawing.title)
    );
    for item in &drawing.items {
        draw(&mut svg, item, from);
    }
    svg.push_str("</svg>");
    Figure { title: drawing.title.clone(), alternative: drawing.alternative.clone(), svg }
}

fn draw(svg: &mut String, item: &Item, from: f64) {
    let written = match item {
        Item::Text { x, y, size, anchor, face, text } => {
            let gaps = vec![GAP_HTML; text.chars().count().max(1)].join(" ");
            let (anchor, face) = (anchor_class(*anchor), face_class(*face));
            let y = y + from;
            // The gaps come first: that is the form in which marks are found.
            writeln!(
                svg,
                "<text dx=\"{gaps}\" x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size:.1}\" class=\"{anchor} {face}\">{}</text>",
                escaped(text)
            )
        }
        Item::Box { x, y, width, height, fill } => writeln!(
            svg,
            "<rect class=\"{}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>",
            fill_class(*fill),
            y + from
        ),
        Item::Line { from: (x1, y1), to: (x2, y2), stroke } => writeln!(
            svg,
            "<line class=\"{}\" x1=\"{x1:.1}\" y1=\"{:.1}\" x2=\"{x2:.1}\" y2=\"{:.1}\"/>",
            stroke_class(*stroke),
            y1 + from,
            y2 + from
        ),
    };
    // Writing to a string does not fail.
    written.unwrap_or_default();
}

fn anchor_class(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Start => "s",
        Anchor::Middle => "m",
        Anchor::End => "e",
    }
}

fn face_class(face: Face) -> &'static str {
    match face {
        Face::Strong => "strong",
        Face::Plain => "plain",
        Face::Soft => "soft",
        Face::Light => "light",
    }
}

fn fill_class(fill: Fill) -> &'static str {
    match fill {
        Fill::Exact => "exact",
        Fill::Rounded => "rounded",
        Fill::Range => "range",
        Fill::Hidden => "hidden",
        Fill::Pale => "pale",
        Fill::PaleRange => "pale-range",
    }
}

fn stroke_class(stroke: Stroke) -> &'static str {
    match stroke {
        Stroke::Grid => "grid",
        Stroke::Base => "base",
        Stroke::Edge => "edge",
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
