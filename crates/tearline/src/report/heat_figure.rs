//! The heat map as a drawing: places, sizes and texts of an inline SVG, and nothing that the document lacks.

use super::numbers::{coordinate, float, shortened};
use crate::document::report::{FigureCode, HeatMap, HeatPlace, Said};

const WIDTH: f64 = 700.0;
const LABELS: f64 = 188.0;
const HEADER_MIN: f64 = 30.0;
/// Height of a column's title for each of its characters, turned by 62 degrees.
const HEADER_CHARACTER: f64 = 4.6;
const ROW_MIN: f64 = 16.0;
const ROW_MAX: f64 = 24.0;
/// Height that the rows may fill before they get lower.
const ROWS: f64 = 640.0;
const COLUMN_MAX: f64 = 60.0;
const INDENT: f64 = 9.0;
/// Characters that fit beside a row, and above a column.
const ROW_TEXT: usize = 31;
const COLUMN_TEXT: usize = 17;

/// The drawing.
pub(super) struct HeatFigure {
    pub(super) width: String,
    pub(super) height: String,
    pub(super) rows: Vec<Label>,
    pub(super) columns: Vec<Label>,
    pub(super) places: Vec<Place>,
    /// The same as a table: one line a row.
    pub(super) table: Vec<(String, Vec<String>)>,
}

/// A row's or column's title at its place.
pub(super) struct Label {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// One rectangle.
pub(super) struct Place {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) class: &'static str,
    pub(super) text: Option<Label>,
    /// Corners of the mark of a hidden place: hollow for a range, filled for a blank.
    pub(super) mark: Option<(&'static str, String)>,
    pub(super) title: String,
}

impl HeatFigure {
    pub(super) fn new(map: &HeatMap) -> Self {
        let column = ((WIDTH - LABELS) / length(map.columns.len().max(1))).min(COLUMN_MAX);
        let row = (ROWS / length(map.rows.len().max(1))).clamp(ROW_MIN, ROW_MAX);
        let longest = map.columns.iter().map(|code| label(code).chars().count().min(COLUMN_TEXT)).max();
        let header = HEADER_MIN + HEADER_CHARACTER * length(longest.unwrap_or(0));
        let x = |place: usize| LABELS + column * length(place);
        let y = |place: usize| header + row * length(place);
        let rows = map.rows.iter().enumerate().map(|(place, code)| Label {
            x: coordinate(INDENT * float(i64::from(code.level.min(6)))),
            y: coordinate(y(place) + row / 2.0 + 3.2),
            class: if code.level == 0 { "strong" } else { "" },
            text: shortened(&label(code), ROW_TEXT.saturating_sub(code.level.min(6) as usize * 2)),
        });
        let columns = map.columns.iter().enumerate().map(|(place, code)| Label {
            x: coordinate(x(place) + column / 2.0 + 3.0),
            y: coordinate(header - 5.0),
            class: if code.level == 0 { "strong" } else { "" },
            text: shortened(&label(code), COLUMN_TEXT),
        });
        let mut places = Vec::new();
        for (down, line) in map.places.iter().enumerate() {
            for (across, place) in line.iter().enumerate() {
                let titles = (map.rows.get(down), map.columns.get(across));
                places.push(Place::new(*place, (x(across), y(down)), (column, row), titles));
            }
        }
        Self {
            width: coordinate(WIDTH),
            height: coordinate(y(map.rows.len()) + 2.0),
            rows: rows.collect(),
            columns: columns.collect(),
            places,
            table: table(map),
        }
    }
}

/// A count as a length.
fn length(count: usize) -> f64 {
    float(i64::try_from(count).unwrap_or(i64::MAX))
}

fn label(code: &FigureCode) -> String {
    if code.title.is_empty() { code.code.clone() } else { code.title.clone() }
}

impl Place {
    fn new(
        place: HeatPlace,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        (row, column): (Option<&FigureCode>, Option<&FigureCode>),
    ) -> Self {
        let class = class(place);
        // A single cell has no share: its mark says all.
        let text = (place.cells > 1).then(|| Label {
            x: coordinate(x + width / 2.0),
            y: coordinate(y + height / 2.0 + 3.0),
            class: if matches!(class, "h4" | "h5") { "light" } else { "" },
            text: share(place).to_string(),
        });
        let (right, bottom) = (x + width - 0.5, y + height - 0.5);
        let corner = || {
            let points = [(right - 6.0, bottom), (right, bottom - 6.0), (right, bottom)];
            let points = points.map(|(x, y)| format!("{},{}", coordinate(x), coordinate(y)));
            points.join(" ")
        };
        let mark = match place.said {
            Said::Range => Some(("hollow", corner())),
            Said::Blank => Some(("filled", corner())),
            Said::Exact | Said::Rounded | Said::Zero => None,
        };
        let title = format!(
            "{}, {}: {}",
            row.map(label).unwrap_or_default(),
            column.map(label).unwrap_or_default(),
            in_words(place)
        );
        Self {
            x: coordinate(x),
            y: coordinate(y),
            width: coordinate(width),
            height: coordinate(height),
            class,
            text,
            mark,
            title,
        }
    }
}

/// Hidden per cent, rounded up: 0 means none.
fn share(place: HeatPlace) -> u64 {
    if place.cells == 0 { 0 } else { (place.hidden * 100).div_ceil(place.cells) }
}

fn class(place: HeatPlace) -> &'static str {
    match (place.cells, share(place)) {
        (0, _) => "none",
        (_, 0) => "h0",
        (_, 1..=20) => "h1",
        (_, 21..=40) => "h2",
        (_, 41..=60) => "h3",
        (_, 61..=80) => "h4",
        _ => "h5",
    }
}

fn in_words(place: HeatPlace) -> String {
    let said = match place.said {
        Said::Exact => "exact",
        Said::Range => "range",
        Said::Rounded => "rounded",
        Said::Blank => "blank",
        Said::Zero if place.cells == 0 => return "zero".to_owned(),
        Said::Zero => "no total",
    };
    match place.cells {
        1 => said.to_owned(),
        cells => format!("{said}; {} % of {cells} cells hidden", share(place)),
    }
}

fn table(map: &HeatMap) -> Vec<(String, Vec<String>)> {
    let lines = map.rows.iter().zip(&map.places);
    lines.map(|(code, line)| (label(code), line.iter().map(|&place| in_words(place)).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_up_and_classed() {
        let place = |hidden, cells| HeatPlace { said: Said::Exact, cells, hidden };
        assert_eq!(share(place(0, 300)), 0);
        assert_eq!(share(place(1, 300)), 1);
        let classes: Vec<&str> =
            [0, 1, 20, 21, 60, 61, 100].into_iter().map(|n| class(place(n, 100))).collect();
        assert_eq!(classes, ["h0", "h1", "h1", "h2", "h3", "h4", "h5"]);
        assert_eq!(class(place(0, 0)), "none");
    }
}
