//! The chart of years as drawings: one small panel a code, bars for values, hatched bands for ranges.

use super::numbers::{coordinate, float, grouped, shortened};
use crate::document::report::{Demand, DemandPanel, DemandPoint, Said};

const WIDTH: f64 = 232.0;
const HEIGHT: f64 = 132.0;
const LEFT: f64 = 47.0;
const RIGHT: f64 = 4.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 18.0;
/// Width of a year's label at its font size; years closer than this are labelled one in several.
const LABEL: f64 = 24.0;

/// One panel.
pub(super) struct PanelFigure {
    pub(super) width: String,
    pub(super) height: String,
    pub(super) title: String,
    pub(super) unit: String,
    pub(super) ticks: Vec<Tick>,
    pub(super) labels: Vec<Tick>,
    pub(super) marks: Vec<Mark>,
    pub(super) left: String,
    pub(super) right: String,
    pub(super) base: String,
}

/// A text on an axis.
pub(super) struct Tick {
    pub(super) x: String,
    pub(super) y: String,
    /// Where its line runs, a little above the text's base.
    pub(super) line: String,
    pub(super) text: String,
}

/// What stands in one year.
pub(super) struct Mark {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    /// Lines at the ends of a range that has them.
    pub(super) edges: Vec<String>,
    pub(super) right: String,
    pub(super) middle: String,
    pub(super) title: String,
}

/// The panels of a chart, and the same as a table: code, unit, one text a year.
pub(super) struct DemandFigure {
    pub(super) panels: Vec<PanelFigure>,
    pub(super) table: Vec<(String, String, Vec<String>)>,
}

impl DemandFigure {
    pub(super) fn new(demand: &Demand, decimals: u32) -> Self {
        let panels = demand.panels.iter().map(|panel| PanelFigure::new(panel, &demand.years, decimals));
        let table = demand.panels.iter().map(|panel| {
            let points = panel.points.iter().map(in_words).collect();
            (panel.code.title.clone(), panel.unit.clone(), points)
        });
        Self { panels: panels.collect(), table: table.collect() }
    }
}

impl PanelFigure {
    fn new(panel: &DemandPanel, years: &[String], decimals: u32) -> Self {
        let step = step(highest(panel));
        let top = highest(panel).div_euclid(step).saturating_add(1).saturating_mul(step);
        let scale = (HEIGHT - TOP - BOTTOM) / float(top);
        let base = HEIGHT - BOTTOM;
        let y = |units: i64| base - float(units) * scale;
        let slot = (WIDTH - LEFT - RIGHT) / float(years.len().max(1) as i64);
        let x = |place: usize| LEFT + slot * float(place as i64);
        let ticks = (0..=4).map(|number| number * step).take_while(|&units| units <= top).map(|units| Tick {
            x: coordinate(LEFT - 4.0),
            y: coordinate(y(units) + 3.0),
            line: coordinate(y(units)),
            text: grouped(&intake::decimal_text(units, decimals)),
        });
        let every = (1..).find(|&every| slot * float(every) >= LABEL).unwrap_or(1);
        let labels = years.iter().enumerate().filter(|(place, _)| *place as i64 % every == 0);
        let labels = labels.map(|(place, year)| Tick {
            x: coordinate(x(place) + slot / 2.0),
            y: coordinate(HEIGHT - 6.0),
            line: coordinate(base),
            text: shortened(year, 6),
        });
        let marks = panel.points.iter().zip(years).enumerate().map(|(place, (point, year))| {
            let (from, to) = (x(place) + slot * 0.12, x(place) + slot * 0.88);
            mark(point, (from, to), base, &y, &format!("{year}: {}", in_words(point)))
        });
        Self {
            width: coordinate(WIDTH),
            height: coordinate(HEIGHT),
            title: shortened(&panel.code.title, 38),
            unit: panel.unit.clone(),
            ticks: ticks.collect(),
            labels: labels.collect(),
            marks: marks.collect(),
            left: coordinate(LEFT),
            right: coordinate(WIDTH - RIGHT),
            base: coordinate(base),
        }
    }
}

fn mark(point: &DemandPoint, (from, to): (f64, f64), base: f64, y: &dyn Fn(i64) -> f64, title: &str) -> Mark {
    let (class, low, high, edges) = match point.said {
        Said::Exact => ("exact", base, units(&point.value).map_or(base, y), Vec::new()),
        Said::Rounded => {
            let ends = [&point.low, &point.high].map(units).into_iter().flatten();
            (
                "rounded",
                base,
                units(&point.value).map_or(base, y),
                ends.map(|end| coordinate(y(end))).collect(),
            )
        }
        Said::Range => {
            let low = units(&point.low).map_or(base, y);
            match units(&point.high).map(y) {
                Some(high) => ("range", low, high, vec![coordinate(low), coordinate(high)]),
                None => ("range", low, TOP, vec![coordinate(low)]),
            }
        }
        Said::Blank => ("blank", base, TOP, Vec::new()),
        Said::Zero => ("zero", base, base - 1.0, Vec::new()),
    };
    Mark {
        class,
        x: coordinate(from),
        y: coordinate(high.min(low)),
        width: coordinate(to - from),
        height: coordinate((low - high).abs()),
        edges,
        right: coordinate(to),
        middle: coordinate(f64::midpoint(from, to)),
        title: title.to_owned(),
    }
}

/// A point as the table beside the chart says it.
fn in_words(point: &DemandPoint) -> String {
    let number = |text: &Option<String>| text.as_deref().map(grouped).unwrap_or_default();
    match (point.said, &point.high) {
        (Said::Exact, _) => format!("{} exact", number(&point.value)),
        (Said::Rounded, _) => {
            format!("{} rounded, {} to {}", number(&point.value), number(&point.low), number(&point.high))
        }
        (Said::Range, Some(_)) => format!("{} to {}, range", number(&point.low), number(&point.high)),
        (Said::Range, None) => format!("at least {}, range", number(&point.low)),
        (Said::Blank, _) => "blank".to_owned(),
        (Said::Zero, _) => "0, known".to_owned(),
    }
}

/// Whole units of the decimal text that the document has.
fn units(text: &Option<String>) -> Option<i64> {
    let digits: String = text.as_ref()?.chars().filter(|c| *c != '.').collect();
    digits.parse().ok()
}

/// The highest end that has to be drawn, at least 1.
fn highest(panel: &DemandPanel) -> i64 {
    let ends = panel.points.iter().flat_map(|point| [&point.value, &point.low, &point.high]);
    ends.filter_map(units).max().unwrap_or(0).max(1)
}

/// A step of 1, 2 or 5 times a power of ten that leaves at most four steps up to `highest`.
pub(crate) fn step(highest: i64) -> i64 {
    let powers = std::iter::successors(Some(1_i64), |power| power.checked_mul(10));
    let steps = powers.flat_map(|power| [power, power.saturating_mul(2), power.saturating_mul(5)]);
    let mut steps = steps.skip_while(|step| highest / step >= 4);
    steps.next().unwrap_or(highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_few() {
        let cases = [
            (1, 1),
            (3, 1),
            (4, 2),
            (9, 5),
            (39, 10),
            (40, 20),
            (437, 200),
            (i64::MAX, 5_000_000_000_000_000_000),
        ];
        for (highest, expected) in cases {
            assert_eq!(step(highest), expected, "{highest}");
        }
    }

    #[test]
    fn points_are_said_with_their_status() {
        let point = |said, value: Option<&str>, low: Option<&str>, high: Option<&str>| {
            let text = |text: Option<&str>| text.map(str::to_owned);
            in_words(&DemandPoint { said, value: text(value), low: text(low), high: text(high) })
        };
        assert_eq!(point(Said::Exact, Some("12"), None, None), "12 exact");
        assert_eq!(point(Said::Range, None, Some("3"), Some("9")), "3 to 9, range");
        assert_eq!(point(Said::Range, None, Some("3"), None), "at least 3, range");
        assert_eq!(point(Said::Blank, None, None, None), "blank");
        assert_eq!(point(Said::Zero, None, None, None), "0, known");
    }
}
