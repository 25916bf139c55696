//! Pages while they are written: operators of ISO 32000-2 as text, one text a line.

use std::fmt::Write as _;

use package::fingerprint::{GAP_PDF, neutral_stamp};

use super::PAGE;
use super::font::{Font, Weight};
use super::tree::{Kid, Role, Tree};

/// Colours, as three shares of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Ink,
    Soft,
    White,
    Grid,
    Band,
    Exact,
    Rounded,
    Range,
    Hidden,
    Pale,
    PaleRange,
}

impl Colour {
    fn shares(self) -> &'static str {
        match self {
            Self::Ink => "0.106 0.114 0.129",
            Self::Soft => "0.325 0.341 0.373",
            Self::White => "1 1 1",
            Self::Grid => "0.87 0.88 0.89",
            Self::Band => "0.137 0.149 0.169",
            Self::Exact => "0.122 0.353 0.549",
            Self::Rounded => "0.482 0.651 0.788",
            Self::Range => "0.706 0.373 0.024",
            Self::Hidden => "0.227 0.239 0.267",
            Self::Pale => "0.863 0.910 0.949",
            Self::PaleRange => "0.984 0.902 0.812",
        }
    }
}

/// How a box is filled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Texture {
    Plain(Colour),
    /// Lines over a light ground: seen on a grey print too.
    Hatched,
}

/// A page: its operators, and the element of each stretch.
#[derive(Default)]
pub(super) struct Page {
    pub(super) content: String,
    pub(super) owners: Vec<usize>,
}

/// All pages with their fonts and structure.
pub(super) struct Canvas {
    pub(super) pages: Vec<Page>,
    pub(super) fonts: [Font; 2],
    pub(super) tree: Tree,
    current: usize,
    /// Whether the stretch that is open is an element's.
    tagged: bool,
}

impl Canvas {
    pub(super) fn new() -> Option<Self> {
        let [regular, bold] = Weight::ALL.map(Font::new);
        Some(Self {
            pages: Vec::new(),
            fonts: [regular?, bold?],
            tree: Tree::new(),
            current: 0,
            tagged: false,
        })
    }

    pub(super) fn pages(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn add_page(&mut self) {
        self.pages.push(Page::default());
        self.current = self.pages.len() - 1;
    }

    /// Goes on at the end of a page.
    pub(super) fn on(&mut self, page: usize) {
        self.current = page;
    }

    fn write(&mut self, line: std::fmt::Arguments<'_>) {
        if let Some(page) = self.pages.get_mut(self.current) {
            // Writing to a string does not fail.
            page.content.write_fmt(line).unwrap_or_default();
        }
    }

    /// Begins an element that holds others.
    pub(super) fn open(&mut self, role: Role) {
        self.tree.open(role, None);
    }

    /// Ends it.
    pub(super) fn close(&mut self) {
        self.tree.close();
    }

    /// Begins an element that is a stretch of this page.
    pub(super) fn begin(&mut self, role: Role, alternative: Option<&str>) {
        let element = self.tree.open(role, alternative);
        let (page, id) = (self.current, self.pages.get(self.current).map_or(0, |page| page.owners.len()));
        let id = i32::try_from(id).unwrap_or(i32::MAX);
        self.tree.add(element, Kid::Content { page, id });
        self.pages.get_mut(page).into_iter().for_each(|page| page.owners.push(element));
        self.write(format_args!("/{} <</MCID {id}>> BDC\n", role.tag()));
        self.tagged = true;
    }

    /// Begins a stretch that is not read aloud.
    pub(super) fn artifact(&mut self) {
        self.write(format_args!("/Artifact BMC\n"));
        self.tagged = false;
    }

    /// Ends the stretch.
    pub(super) fn end(&mut self) {
        self.write(format_args!("EMC\n"));
        if std::mem::take(&mut self.tagged) {
            self.tree.close();
        }
    }

    fn font(&self, weight: Weight) -> &Font {
        let [regular, bold] = &self.fonts;
        match weight {
            Weight::Regular => regular,
            Weight::Bold => bold,
        }
    }

    /// Width of a text.
    pub(super) fn width(&self, text: &str, weight: Weight, size: f64) -> f64 {
        let font = self.font(weight);
        text.chars().map(|character| font.advance(character)).sum::<f64>() * size / 1_000.0
    }

    /// Lines of a text that fit into a width; a word that does not is cut nowhere and stands out.
    pub(super) fn wrapped(&self, text: &str, weight: Weight, size: f64, width: f64) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let Some(line) = lines.last_mut() else { break };
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if line.is_empty() || self.width(&longer, weight, size) <= width {
                *line = longer;
            } else {
                lines.push(word.to_owned());
            }
        }
        lines
    }

    /// A text on its base line, with a gap that can carry a mark behind every so many glyphs.
    pub(super) fn text(
        &mut self,
        (x, y): (f64, f64),
        size: f64,
        weight: Weight,
        colour: Colour,
        text: &str,
        gap_every: usize,
    ) {
        let mut codes = String::new();
        let fitting: Vec<char> = text.chars().map(|character| self.font(weight).fitting(character)).collect();
        for (place, character) in fitting.iter().enumerate() {
            if place > 0 && place % gap_every == 0 {
                codes.push_str(&format!(">{GAP_PDF}<"));
            }
            codes.push_str(&format!("{:04X}", u32::from(*character)));
        }
        let [regular, bold] = &mut self.fonts;
        let font = if weight == Weight::Bold { bold } else { regular };
        fitting.iter().for_each(|character| font.note(*character));
        if codes.is_empty() {
            return;
        }
        let place = self.place((x, y));
        self.write(format_args!(
            "{} rg BT /{} {size:.2} Tf 1 0 0 1 {place} Tm [<{codes}>]TJ ET\n",
            colour.shares(),
            weight.resource()
        ));
    }

    /// The stamp of a copy. It is no text of the others' kind, so that it is found as a stamp.
    pub(super) fn stamp(&mut self, at: (f64, f64), size: f64) {
        let codes: String = neutral_stamp().bytes().map(|byte| format!("{byte:04X}")).collect();
        let place = self.place(at);
        self.write(format_args!(
            "{} rg BT /F1 {size:.2} Tf 1 0 0 1 {place} Tm <{codes}>Tj ET\n",
            Colour::Soft.shares()
        ));
    }

    /// A place as operands. A hundredth of a point a page tells the same place of two pages apart, for tracing.
    fn place(&self, (x, y): (f64, f64)) -> String {
        format!("{x:.2} {:.2}", PAGE.1 - y + 0.01 * crate::report::float(self.current as i64 % 100))
    }

    pub(super) fn block(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), texture: Texture) {
        let bottom = PAGE.1 - y - height;
        match texture {
            Texture::Plain(colour) => {
                self.write(format_args!(
                    "{} rg {x:.2} {bottom:.2} {width:.2} {height:.2} re f\n",
                    colour.shares()
                ));
            }
            Texture::Hatched => {
                self.write(format_args!(
                    "/Pattern cs /P1 scn {x:.2} {bottom:.2} {width:.2} {height:.2} re f\n"
                ));
            }
        }
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: Colour, width: f64) {
        let [(x1, y1), (x2, y2)] = [from, to].map(|(x, y)| (x, PAGE.1 - y));
        self.write(format_args!(
            "{} RG {width:.2} w {x1:.2} {y1:.2} m {x2:.2} {y2:.2} l S\n",
            colour.shares()
        ));
    }
}
