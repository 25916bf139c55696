//! `exposure.html`: what attackers can tell of one contributor's figures, drawn. One file that needs no script, no font
//! and no request; drawn from the document and from nothing else, so the page cannot say more than it does.

use askama::Template;

use crate::document::exposure::{ExposedCell, ExposureDocument};
use crate::failure::Failure;
use crate::page;
use crate::report::{counted, grouped};

const STYLE: &str = include_str!("../templates/report.css");
/// Cells that are drawn; the document lists all.
const DRAWN_MAX: usize = 300;
/// Width of a drawing.
const WIDTH: f64 = 300.0;

#[derive(Template)]
#[template(path = "exposure.html")]
struct Page<'a> {
    document: &'a ExposureDocument,
    style: &'static str,
    policy: String,
    rows: Vec<Row<'a>>,
}

/// One cell with its drawing: places from 0 to the width.
struct Row<'a> {
    cell: &'a ExposedCell,
    name: String,
    low: f64,
    reach: f64,
    own: f64,
    need: f64,
    open: bool,
}

/// The page.
pub(crate) fn render(document: &ExposureDocument) -> Result<Vec<u8>, Failure> {
    let mut cells: Vec<&ExposedCell> = document.cells.iter().collect();
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.broken_by.len()));
    let page = Page {
        document,
        style: STYLE,
        policy: page::policy(STYLE),
        rows: cells.into_iter().take(DRAWN_MAX).map(row).collect(),
    };
    page::rendered("exposure.html", &page)
}

fn row(cell: &ExposedCell) -> Row<'_> {
    let codes: Vec<&str> = cell.cell.iter().map(|code| code.code.as_str()).collect();
    let (own, need, low) = (number(&cell.own), number(&cell.need), number(&cell.outsider.low));
    let high = cell.outsider.high.as_deref().map(number);
    // A drawing reaches to the end of the interval, but no further than lets one see the own figure.
    let most = high.unwrap_or(f64::INFINITY).min(4.0 * (own + need)).max(own + need).max(1.0);
    let place = |value: f64| (value / most * WIDTH).clamp(0.0, WIDTH);
    let open = high.is_none_or(|high| high > most);
    Row {
        cell,
        name: codes.join(" | "),
        low: place(low),
        reach: place(high.unwrap_or(most)) - place(low),
        own: place(own),
        need: place(own + need),
        open,
    }
}

/// A decimal or fraction as a place in a drawing.
fn number(text: &str) -> f64 {
    let part = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    text.split_once('/').map_or_else(|| part(text), |(above, below)| part(above) / part(below).max(1.0))
}

impl Page<'_> {
    fn marking(&self) -> &str {
        &self.document.marking
    }

    fn counted(&self, count: usize, one: &str, several: &str) -> String {
        counted(count as u64, one, several)
    }

    fn decimal(&self, text: &str) -> String {
        grouped(text)
    }

    fn broken(&self) -> usize {
        self.document.cells.iter().filter(|cell| !cell.broken_by.is_empty()).count()
    }

    fn place(&self, value: &f64) -> String {
        format!("{value:.1}")
    }
}
