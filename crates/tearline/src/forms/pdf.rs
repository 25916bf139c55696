//! The form for paper: A4, with the marking on every page, tagged for screen readers, its font inside.
//!
//! Pages are not compressed and their texts are written in one way, since marks are found by how they are spelt
//! (`package::fingerprint`). Layout is ours; `pdf-writer` writes the objects.
//!
//! # Source
//! ISO 32000-2: 9.4 (text), 9.7 (composite fonts), 14.6 and 14.7 (marked content, structure), 14.8 (tags).

use super::book::Book;
use super::charts::WIDTH;
use super::drawing::{Anchor, Drawing, Face, Fill, Item, Stroke};
use super::{Heading, TABLE_ROWS_MAX};
use crate::failure::Failure;
use crate::report::{float, shortened};

mod canvas;
mod file;
mod font;
mod tree;

use canvas::{Canvas, Colour, Texture};
use font::Weight;
use tree::Role;

/// A4 in points.
const PAGE: (f64, f64) = (595.0, 842.0);
/// Where text begins and ends, from the left and from the top.
const LEFT: f64 = 37.5;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 796.0;
/// Line of body text.
const LINE: f64 = 12.5;
const BODY: f64 = 9.0;
/// Glyphs between two gaps in the table of all cells, where there are many; one elsewhere.
const TABLE_GAP: usize = 3;

/// `report.pdf`.
pub(super) fn render(book: &Book, heading: &Heading<'_>, drawings: &[Drawing]) -> Result<Vec<u8>, Failure> {
    let broken = || {
        Failure::failed(
            "cannot write `report.pdf`: the font does not read",
            "report this: the program was built wrong",
        )
    };
    let mut canvas = Canvas::new().ok_or_else(broken)?;
    let mut flow = Flow { canvas: &mut canvas, y: BOTTOM };
    flow.page();
    title(&mut flow, book, heading);
    drawings.iter().for_each(|drawing| figure(&mut flow, drawing));
    table(&mut flow, book);
    closing(&mut flow, book);
    furniture(&mut canvas, heading);
    file::write(canvas, heading).ok_or_else(broken)
}

/// Where on which page comes next.
struct Flow<'c> {
    canvas: &'c mut Canvas,
    y: f64,
}

impl Flow<'_> {
    fn page(&mut self) {
        self.canvas.add_page();
        self.y = TOP;
    }

    /// A new page unless there is so much room.
    fn room(&mut self, height: f64) {
        if self.y + height > BOTTOM {
            self.page();
        }
    }

    fn heading(&mut self, role: Role, text: &str, size: f64) {
        self.room(size * 4.0);
        self.y += size * 1.6;
        let lines = self.canvas.wrapped(text, Weight::Bold, size, WIDTH);
        self.canvas.begin(role, None);
        for (number, line) in lines.iter().enumerate() {
            self.y += if number > 0 { size * 1.25 } else { 0.0 };
            self.canvas.text((LEFT, self.y), size, Weight::Bold, Colour::Ink, line, 1);
        }
        self.canvas.end();
        self.y += size * 0.4;
    }

    fn paragraph(&mut self, text: &str, colour: Colour) {
        let lines = self.canvas.wrapped(text, Weight::Regular, BODY, WIDTH);
        self.room(LINE * float(lines.len() as i64));
        self.canvas.begin(Role::P, None);
        for line in lines {
            self.y += LINE;
            self.canvas.text((LEFT, self.y), BODY, Weight::Regular, colour, &line, 1);
        }
        self.canvas.end();
        self.y += 4.0;
    }
}

fn title(flow: &mut Flow<'_>, book: &Book, heading: &Heading<'_>) {
    flow.heading(Role::H1, heading.title, 17.0);
    let units = book.units().join(", ");
    let unit = if units.is_empty() { String::new() } else { format!(" Unit: {units}.") };
    let cells = book.rows.len();
    flow.paragraph(
        &format!("{cells} cells.{unit} Sums over all contributors; no contributor is named anywhere in this release."),
        Colour::Soft,
    );
    flow.heading(Role::H2, "How to read it", 12.0);
    for (fill, words) in super::legend(book) {
        flow.room(LINE);
        flow.y += LINE;
        let y = flow.y;
        flow.canvas.begin(Role::P, None);
        block(flow.canvas, (LEFT, y - 8.0), (20.0, 9.0), fill);
        flow.canvas.text((LEFT + 26.0, y), BODY, Weight::Regular, Colour::Ink, words, 1);
        flow.canvas.end();
    }
    flow.y += 4.0;
    flow.paragraph(
        "A range is no forecast and its middle is no estimate: plan for both ends. A cell that is missing is zero, and known to be.",
        Colour::Ink,
    );
}

fn figure(flow: &mut Flow<'_>, drawing: &Drawing) {
    let head = 12.0 * 2.2;
    let most = BOTTOM - TOP - head;
    let scale = if drawing.height > most { most / drawing.height } else { 1.0 };
    if flow.y + head + drawing.height * scale > BOTTOM {
        flow.page();
    }
    flow.heading(Role::H2, &drawing.title, 12.0);
    let (left, top) = (LEFT, flow.y);
    flow.canvas.begin(Role::Figure, Some(&drawing.alternative));
    for item in &drawing.items {
        item_at(flow.canvas, item, (left, top), scale);
    }
    flow.canvas.end();
    flow.y += drawing.height * scale + 6.0;
}

fn item_at(canvas: &mut Canvas, item: &Item, (left, top): (f64, f64), scale: f64) {
    match item {
        Item::Text { x, y, size, anchor, face, text } => {
            let (weight, colour) = match face {
                Face::Strong => (Weight::Bold, Colour::Ink),
                Face::Plain => (Weight::Regular, Colour::Ink),
                Face::Soft => (Weight::Regular, Colour::Soft),
                Face::Light => (Weight::Regular, Colour::White),
            };
            let size = size * scale;
            let width = canvas.width(text, weight, size);
            let start = match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => width / 2.0,
                Anchor::End => width,
            };
            canvas.text((left + x * scale - start, top + y * scale), size, weight, colour, text, 1);
        }
        Item::Box { x, y, width, height, fill } => {
            block(canvas, (left + x * scale, top + y * scale), (width * scale, height * scale), *fill);
        }
        Item::Line { from, to, stroke } => {
            let at = |(x, y): (f64, f64)| (left + x * scale, top + y * scale);
            let (colour, width) = match stroke {
                Stroke::Grid => (Colour::Grid, 0.5),
                Stroke::Base => (Colour::Ink, 0.7),
                Stroke::Edge => (Colour::Range, 1.1),
            };
            canvas.line(at(*from), at(*to), colour, width);
        }
    }
}

fn block(canvas: &mut Canvas, at: (f64, f64), size: (f64, f64), fill: Fill) {
    let texture = match fill {
        Fill::Exact => Texture::Plain(Colour::Exact),
        Fill::Rounded => Texture::Plain(Colour::Rounded),
        Fill::Pale => Texture::Plain(Colour::Pale),
        Fill::PaleRange => Texture::Plain(Colour::PaleRange),
        Fill::Hidden => Texture::Plain(Colour::Hidden),
        Fill::Range => Texture::Hatched,
    };
    canvas.block(at, size, texture);
}

/// The table of all cells, its head again on every page.
fn table(flow: &mut Flow<'_>, book: &Book) {
    let mut names: Vec<String> = book.variables.iter().map(|variable| variable.name.clone()).collect();
    names.extend(["unit", "status", "value or range"].map(str::to_owned));
    let narrow = 70.0;
    let wide = (WIDTH - 2.0 * narrow - 100.0) / float(book.variables.len().max(1) as i64);
    let widths: Vec<f64> =
        std::iter::repeat_n(wide, book.variables.len()).chain([narrow, narrow, 100.0]).collect();
    flow.page();
    flow.heading(Role::H2, "All cells", 12.0);
    flow.canvas.open(Role::Table);
    line(flow, &names, &widths, Role::Th);
    for row in book.rows.iter().take(TABLE_ROWS_MAX) {
        if flow.y + 11.0 > BOTTOM {
            flow.page();
            line(flow, &names, &widths, Role::Th);
        }
        let mut fields = super::titles(book, row);
        fields.extend([row.unit.clone(), super::status(row.said).to_owned(), book.words(Some(row.said))]);
        line(flow, &fields, &widths, Role::Td);
    }
    flow.canvas.close();
    let left_out = book.rows.len().saturating_sub(TABLE_ROWS_MAX);
    if left_out > 0 {
        flow.paragraph(&format!("{left_out} more cells stand in cells.csv."), Colour::Soft);
    }
}

fn line(flow: &mut Flow<'_>, fields: &[String], widths: &[f64], role: Role) {
    const SIZE: f64 = 7.5;
    flow.y += 11.0;
    let weight = if role == Role::Th { Weight::Bold } else { Weight::Regular };
    flow.canvas.open(Role::Tr);
    let mut x = LEFT;
    let last = fields.len().saturating_sub(1);
    for (place, (field, width)) in fields.iter().zip(widths).enumerate() {
        // Four and a half points a character, so that a column does not run into the next.
        let text = shortened(field, (width / 3.9) as usize);
        let start = if place == last { x + width - flow.canvas.width(&text, weight, SIZE) } else { x };
        flow.canvas.begin(role, None);
        flow.canvas.text((start, flow.y), SIZE, weight, Colour::Ink, &text, TABLE_GAP);
        flow.canvas.end();
        x += width;
    }
    flow.canvas.close();
    flow.canvas.artifact();
    flow.canvas.line((LEFT, flow.y + 2.8), (LEFT + WIDTH, flow.y + 2.8), Colour::Grid, 0.4);
    flow.canvas.end();
}

fn closing(flow: &mut Flow<'_>, book: &Book) {
    flow.y += 8.0;
    flow.paragraph(
        &format!(
            "Every form of this release says the same: cells.csv for programs (SHA-256 {}), cells.json with its schema, cells.xlsx, \
             report.html, and these pages.",
            book.sha256
        ),
        Colour::Soft,
    );
    flow.paragraph(super::ABOUT_MARKS, Colour::Soft);
}

/// Marking, copy and number of every page; not part of what is read aloud.
fn furniture(canvas: &mut Canvas, heading: &Heading<'_>) {
    let pages = canvas.pages();
    for page in 0..pages {
        canvas.on(page);
        canvas.artifact();
        let mut size = 8.5;
        while canvas.width(heading.marking, Weight::Bold, size) > PAGE.0 - 24.0 && size > 4.0 {
            size -= 0.5;
        }
        let start = (PAGE.0 - canvas.width(heading.marking, Weight::Bold, size)) / 2.0;
        for (top, base) in [(0.0, 14.5), (PAGE.1 - 22.0, PAGE.1 - 7.5)] {
            canvas.block((0.0, top), (PAGE.0, 22.0), Texture::Plain(Colour::Band));
            canvas.text((start, base), size, Weight::Bold, Colour::White, heading.marking, 1);
        }
        for base in [33.0, PAGE.1 - 27.0] {
            canvas.stamp((LEFT, base), 6.5);
        }
        let number = format!("page {} of {pages}", page + 1);
        let end = LEFT + WIDTH - canvas.width(&number, Weight::Regular, 6.5);
        canvas.text((end, PAGE.1 - 27.0), 6.5, Weight::Regular, Colour::Soft, &number, 1);
        canvas.end();
    }
}
