//! The drawings of a release: by branch, by year, and all cells of two variables at a glance. Ranges are shown as ranges, hidden
//! cells as hidden.

use super::book::{Book, Listed, Variable};
use super::drawing::{Anchor, Drawing, Face, Fill, Stroke};
use crate::report::{self, float, shortened};
use crate::statement::Statement;

/// Width of every drawing in user units: that of a page's text.
pub(super) const WIDTH: f64 = 520.0;
/// Bars of the first drawing.
const BARS_MAX: usize = 40;
/// Panels of the second.
const PANELS_MAX: usize = 24;
/// Years of a panel, columns of the third.
const YEARS_MAX: usize = 16;
/// Rows of the third.
const ROWS_MAX: usize = 48;
const PANELS_ACROSS: usize = 3;

/// All drawings that this release has.
pub(super) fn all(book: &Book) -> Vec<Drawing> {
    let Some(subject) = book.subject() else { return Vec::new() };
    let mut drawings = vec![by_branch(book, subject)];
    if let Some(years) = book.years() {
        drawings.extend(by_year(book, subject, years));
        drawings.extend(at_a_glance(book, subject, years));
    }
    drawings
}

/// The ends of what is said: from, to; `None` for no upper end or nothing at all.
fn ends(said: Statement) -> (Option<i64>, Option<i64>) {
    match said {
        Statement::Exact(value) | Statement::Rounded { value, .. } => (Some(value), Some(value)),
        Statement::Range(range) => (Some(range.low), range.high),
        Statement::Blank => (None, None),
    }
}

fn highest<'a>(said: impl Iterator<Item = &'a Statement>) -> i64 {
    said.flat_map(|said| <[Option<i64>; 2]>::from(ends(*said))).flatten().max().unwrap_or(0).max(1)
}

fn code(variable: &Variable, at: usize) -> Option<&Listed> {
    variable.codes.get(at)
}

/// Codes with something said at `at` when the variable stands at them.
fn stated(book: &Book, variable: usize, at: &[usize]) -> Vec<(usize, Statement)> {
    let codes = book.variables.get(variable).map_or(0, |variable| variable.codes.len());
    let cell = |code: usize| {
        let mut place = at.to_vec();
        place.get_mut(variable).into_iter().for_each(|slot| *slot = code);
        book.cell(&place).map(|row| (code, row.said))
    };
    (0..codes).filter_map(cell).collect()
}

/// One bar a code of the subject, all else at the top.
fn by_branch(book: &Book, subject: usize) -> Drawing {
    let tops = book.tops();
    let mut bars = stated(book, subject, &tops);
    let left_out = bars.len().saturating_sub(BARS_MAX);
    bars.truncate(BARS_MAX);
    let variable = book.variables.get(subject);
    let at = others_at(book, &[Some(subject)]);
    let name = variable.map_or("", |variable| variable.name.as_str());
    let mut drawing = Drawing {
        title: format!("By {name}{at}"),
        alternative: String::new(),
        width: WIDTH,
        height: float(bars.len() as i64) * ROW + 22.0,
        items: Vec::new(),
    };
    let top = highest(bars.iter().map(|(_, said)| said));
    let step = report::step(top);
    let scale = (BAR_RIGHT - BAR_LEFT) / float(top);
    let x = |units: i64| BAR_LEFT + float(units) * scale;
    let bottom = drawing.height - 16.0;
    for tick in (0..=4).map(|number| number * step).take_while(|units| *units <= top) {
        drawing.line((x(tick), 2.0), (x(tick), bottom), if tick == 0 { Stroke::Base } else { Stroke::Grid });
        let text = report::grouped(&book.amount(tick));
        drawing.text((x(tick), bottom + 11.0), 7.0, Anchor::Middle, Face::Soft, text);
    }
    let mut spoken = Vec::new();
    for (row, (at, said)) in bars.iter().enumerate() {
        let y = float(row as i64) * ROW + 3.0;
        let Some(listed) = variable.and_then(|variable| code(variable, *at)) else { continue };
        let indent = 8.0 * float(listed.level as i64);
        let face = if listed.level < 2 { Face::Strong } else { Face::Plain };
        drawing.text((indent, y + 9.5), 8.5, Anchor::Start, face, shortened(&listed.title, 30));
        let end = bar(&mut drawing, *said, y, &x);
        let words = book.words(Some(*said));
        spoken.push(format!("{}: {words}", listed.title));
        let face = if *said == Statement::Blank { Face::Soft } else { Face::Plain };
        drawing.text((end + 4.0, y + 9.5), 8.0, Anchor::Start, face, words);
    }
    if left_out > 0 {
        spoken.push(format!("{left_out} more stand in the table"));
    }
    drawing.alternative = format!("Bar chart. {}.", spoken.join("; "));
    drawing
}

const ROW: f64 = 15.0;
const BAR_LEFT: f64 = 165.0;
const BAR_RIGHT: f64 = 440.0;

/// Draws what is said as a bar that starts there; where its end is.
fn bar(drawing: &mut Drawing, said: Statement, y: f64, x: &dyn Fn(i64) -> f64) -> f64 {
    let (low, high) = ends(said);
    let from = low.map_or(x(0), x);
    let to = high.map_or(BAR_RIGHT, x);
    match said {
        Statement::Exact(_) => drawing.boxed((x(0), y), (to - x(0), 11.0), Fill::Exact),
        Statement::Rounded { range, .. } => {
            drawing.boxed((x(0), y), (to - x(0), 11.0), Fill::Rounded);
            for end in [Some(range.low), range.high].into_iter().flatten() {
                drawing.line((x(end), y), (x(end), y + 11.0), Stroke::Edge);
            }
        }
        Statement::Range(_) => {
            drawing.boxed((from, y), ((to - from).max(1.0), 11.0), Fill::Range);
            drawing.line((from, y), (from, y + 11.0), Stroke::Edge);
            if high.is_some() {
                drawing.line((to, y), (to, y + 11.0), Stroke::Edge);
            }
        }
        Statement::Blank => {
            drawing.boxed((x(0), y), (BAR_RIGHT - x(0), 11.0), Fill::Hidden);
            return BAR_RIGHT;
        }
    }
    to
}

/// Where the other variables stand, in words.
fn others_at(book: &Book, drawn: &[Option<usize>]) -> String {
    let tops = book.tops();
    let others = book.variables.iter().enumerate().filter(|(at, _)| !drawn.contains(&Some(*at)));
    let words: Vec<&str> = others
        .filter_map(|(at, variable)| code(variable, *tops.get(at)?).map(|listed| listed.title.as_str()))
        .collect();
    if words.is_empty() { String::new() } else { format!(", {}", words.join(", ")) }
}

/// The lowest codes of the years, in their order.
fn year_codes(book: &Book, years: usize) -> Vec<usize> {
    let Some(variable) = book.variables.get(years) else { return Vec::new() };
    let mut codes = variable.lowest();
    codes.sort_by_key(|at| code(variable, *at).and_then(|listed| report::year(&listed.code)));
    codes.truncate(YEARS_MAX);
    codes
}

/// A small panel a code, a bar or band a year.
fn by_year(book: &Book, subject: usize, years: usize) -> Option<Drawing> {
    let columns = year_codes(book, years);
    let variable = book.variables.get(subject)?;
    let cell = |row: usize, year: usize| {
        let mut at = book.tops();
        at.get_mut(subject).into_iter().for_each(|slot| *slot = row);
        at.get_mut(years).into_iter().for_each(|slot| *slot = year);
        book.cell(&at)
    };
    let shown =
        (0..variable.codes.len()).filter(|row| columns.iter().any(|year| cell(*row, *year).is_some()));
    let rows: Vec<usize> = shown.collect();
    let (rows, left_out) = rows.split_at(rows.len().min(PANELS_MAX));
    let lines = rows.len().div_ceil(PANELS_ACROSS);
    let years_name = &book.variables.get(years)?.name;
    let mut drawing = Drawing {
        title: format!(
            "By {} and {years_name}{}",
            variable.name,
            others_at(book, &[Some(subject), Some(years)])
        ),
        alternative: String::new(),
        width: WIDTH,
        height: float(lines as i64) * PANEL_HEIGHT,
        items: Vec::new(),
    };
    let mut spoken = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let origin = (
            float((place % PANELS_ACROSS) as i64) * PANEL_WIDTH,
            float((place / PANELS_ACROSS) as i64) * PANEL_HEIGHT,
        );
        let cells: Vec<Option<Statement>> =
            columns.iter().map(|year| cell(*row, *year).map(|row| row.said)).collect();
        let listed = code(variable, *row)?;
        let unit = columns.iter().find_map(|year| cell(*row, *year)).map_or("", |row| row.unit.as_str());
        let labels: Vec<&str> = columns
            .iter()
            .filter_map(|year| Some(code(book.variables.get(years)?, *year)?.title.as_str()))
            .collect();
        panel(&mut drawing, book, origin, (&listed.title, unit), &labels, &cells);
        let years: Vec<String> = labels
            .iter()
            .zip(&cells)
            .filter(|(_, said)| said.is_some())
            .map(|(year, said)| format!("{year} {}", book.words(*said)))
            .collect();
        spoken.push(format!("{}: {}", listed.title, years.join(", ")));
    }
    if !left_out.is_empty() {
        spoken.push(format!("{} more stand in the table", left_out.len()));
    }
    drawing.alternative = format!("Bars and bands over the years. {}.", spoken.join("; "));
    Some(drawing)
}

const PANEL_WIDTH: f64 = WIDTH / PANELS_ACROSS as f64;
const PANEL_HEIGHT: f64 = 104.0;

fn panel(
    drawing: &mut Drawing,
    book: &Book,
    (left, upper): (f64, f64),
    (title, unit): (&str, &str),
    years: &[&str],
    cells: &[Option<Statement>],
) {
    let (from, to) = (left + 34.0, left + PANEL_WIDTH - 10.0);
    let (ceiling, base) = (upper + 24.0, upper + 86.0);
    drawing.text((left, upper + 9.0), 8.5, Anchor::Start, Face::Strong, shortened(title, 30));
    drawing.text((left, upper + 18.0), 7.0, Anchor::Start, Face::Soft, unit);
    let highest = highest(cells.iter().flatten());
    let step = report::step(highest);
    let top = highest.div_euclid(step).saturating_add(1).saturating_mul(step);
    let y = |units: i64| base - float(units) * (base - ceiling) / float(top);
    for tick in (0..=4).map(|number| number * step).take_while(|units| *units <= top) {
        drawing.line((from, y(tick)), (to, y(tick)), if tick == 0 { Stroke::Base } else { Stroke::Grid });
        let text = report::grouped(&book.amount(tick));
        drawing.text((from - 3.0, y(tick) + 2.5), 6.5, Anchor::End, Face::Soft, text);
    }
    let slot = (to - from) / float(years.len().max(1) as i64);
    let every = (1..).find(|every| slot * float(*every) >= 20.0).unwrap_or(1);
    for (place, (year, said)) in years.iter().zip(cells).enumerate() {
        let start = from + slot * float(place as i64);
        let (x, width) = (start + slot * 0.12, slot * 0.76);
        if place as i64 % every == 0 {
            drawing.text(
                (start + slot / 2.0, base + 9.0),
                6.5,
                Anchor::Middle,
                Face::Soft,
                shortened(year, 6),
            );
        }
        match said {
            Some(Statement::Exact(value)) => {
                drawing.boxed((x, y(*value)), (width, base - y(*value)), Fill::Exact)
            }
            Some(Statement::Rounded { value, range }) => {
                drawing.boxed((x, y(*value)), (width, base - y(*value)), Fill::Rounded);
                for end in [Some(range.low), range.high].into_iter().flatten() {
                    drawing.line((x, y(end)), (x + width, y(end)), Stroke::Edge);
                }
            }
            Some(Statement::Range(range)) => {
                let high = range.high.map_or(ceiling, &y);
                drawing.boxed((x, high), (width, (y(range.low) - high).max(1.0)), Fill::Range);
                drawing.line((x, y(range.low)), (x + width, y(range.low)), Stroke::Edge);
                if range.high.is_some() {
                    drawing.line((x, high), (x + width, high), Stroke::Edge);
                }
            }
            Some(Statement::Blank) => {
                drawing.boxed((x, ceiling), (width, base - ceiling), Fill::Hidden);
                drawing.text((x + width / 2.0, base - 4.0), 8.0, Anchor::Middle, Face::Plain, "?");
            }
            None => {}
        }
    }
}

/// All cells of subject and years as a drawn table.
fn at_a_glance(book: &Book, subject: usize, years: usize) -> Option<Drawing> {
    let columns = year_codes(book, years);
    let (variable, year_variable) = (book.variables.get(subject)?, book.variables.get(years)?);
    let cell = |row: usize, year: usize| {
        let mut at = book.tops();
        at.get_mut(subject).into_iter().for_each(|slot| *slot = row);
        at.get_mut(years).into_iter().for_each(|slot| *slot = year);
        book.cell(&at)
    };
    let rows: Vec<usize> = (0..variable.codes.len())
        .filter(|row| columns.iter().any(|year| cell(*row, *year).is_some()))
        .take(ROWS_MAX)
        .collect();
    let mut drawing = Drawing {
        title: format!(
            "At a glance: {} and {}{}",
            variable.name,
            year_variable.name,
            others_at(book, &[Some(subject), Some(years)])
        ),
        alternative:
            "The values of the drawing before, as a drawn table; the table of all cells says the same."
                .to_owned(),
        width: WIDTH,
        height: float(rows.len() as i64) * LINE + 16.0,
        items: Vec::new(),
    };
    let slot = (WIDTH - NAMES) / float(columns.len().max(1) as i64);
    let size = if slot < 42.0 { 5.6 } else { 6.6 };
    for (place, year) in columns.iter().enumerate() {
        let x = NAMES + slot * (float(place as i64) + 0.5);
        drawing.text((x, 9.0), 7.0, Anchor::Middle, Face::Strong, code(year_variable, *year)?.title.clone());
    }
    for (line, row) in rows.iter().enumerate() {
        let y = 14.0 + float(line as i64) * LINE;
        let listed = code(variable, *row)?;
        let face = if listed.level < 2 { Face::Strong } else { Face::Plain };
        drawing.text(
            (5.0 * float(listed.level as i64), y + 9.0),
            7.0,
            Anchor::Start,
            face,
            shortened(&listed.title, 24),
        );
        for (place, year) in columns.iter().enumerate() {
            let Some(row) = cell(*row, *year) else { continue };
            let x = NAMES + slot * float(place as i64);
            let (fill, face) = match row.said {
                Statement::Exact(_) | Statement::Rounded { .. } => (Fill::Pale, Face::Plain),
                Statement::Range(_) => (Fill::PaleRange, Face::Plain),
                Statement::Blank => (Fill::Hidden, Face::Light),
            };
            drawing.boxed((x + 0.6, y + 0.6), (slot - 1.2, LINE - 1.2), fill);
            let words = match row.said {
                Statement::Rounded { value, .. } => report::grouped(&book.amount(value)),
                Statement::Range(range) => match range.high {
                    Some(high) => format!("{}–{}", book.amount(range.low), book.amount(high)),
                    None => format!("≥ {}", book.amount(range.low)),
                },
                said => book.words(Some(said)),
            };
            drawing.text((x + slot / 2.0, y + 8.8), size, Anchor::Middle, face, words);
        }
    }
    Some(drawing)
}

const LINE: f64 = 13.0;
const NAMES: f64 = 118.0;
