//! The font: Noto Sans, measured, and cut down to the glyphs that are used.

use std::collections::{BTreeMap, BTreeSet};

use subsetter::GlyphRemapper;
use ttf_parser::Face;

/// Which of the two fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// For text.
    Regular,
    /// For headings and markings.
    Bold,
}

impl Weight {
    pub(super) const ALL: [Self; 2] = [Self::Regular, Self::Bold];

    /// The name by which pages call it.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Self::Regular => "F1",
            Self::Bold => "F2",
        }
    }

    /// The name of the font; six letters say that it is a subset (ISO 32000-2, 9.9.2).
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Regular => "TEARLN+NotoSans",
            Self::Bold => "TEARLN+NotoSans-Bold",
        }
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => notosans::REGULAR_TTF,
            Self::Bold => notosans::BOLD_TTF,
        }
    }
}

/// A font while pages are written: which characters they use.
pub(super) struct Font {
    pub(super) weight: Weight,
    face: Face<'static>,
    used: BTreeSet<char>,
}

/// A font as it goes into the file. Widths and places in thousandths of the size.
pub(super) struct Embedded {
    pub(super) bytes: Vec<u8>,
    /// Of each used character its glyph in the subset and its width.
    pub(super) glyphs: BTreeMap<u16, (u16, f32)>,
    pub(super) ascent: f32,
    pub(super) descent: f32,
    pub(super) cap_height: f32,
    pub(super) bounds: [f32; 4],
}

impl Font {
    pub(super) fn new(weight: Weight) -> Option<Self> {
        let face = Face::parse(weight.bytes(), 0).ok()?;
        // Whatever a stamp may say later, its glyphs are there.
        let stamps = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_', '.', ' ', '?']);
        Some(Self { weight, face, used: stamps.collect() })
    }

    /// The character that stands for this one: itself where the font has it.
    pub(super) fn fitting(&self, character: char) -> char {
        let has =
            |character: char| u32::from(character) <= 0xffff && self.face.glyph_index(character).is_some();
        match character {
            _ if has(character) => character,
            _ if character.is_whitespace() => ' ',
            _ => '?',
        }
    }

    pub(super) fn note(&mut self, character: char) {
        self.used.insert(character);
    }

    fn units(&self, units: i16) -> f32 {
        f32::from(units) * 1_000.0 / f32::from(self.face.units_per_em())
    }

    fn advance_units(&self, character: char) -> f32 {
        let advance = self.face.glyph_index(character).and_then(|glyph| self.face.glyph_hor_advance(glyph));
        f32::from(advance.unwrap_or(0)) * 1_000.0 / f32::from(self.face.units_per_em())
    }

    /// Width of a character in thousandths of the size.
    pub(super) fn advance(&self, character: char) -> f64 {
        f64::from(self.advance_units(self.fitting(character)))
    }

    pub(super) fn embedded(&self) -> Option<Embedded> {
        let mut remapper = GlyphRemapper::new();
        let mut glyphs = BTreeMap::new();
        for character in &self.used {
            let (Ok(code), Some(glyph)) =
                (u16::try_from(u32::from(*character)), self.face.glyph_index(*character))
            else {
                continue;
            };
            glyphs.insert(code, (remapper.remap(glyph.0), self.advance_units(*character)));
        }
        let bounds = self.face.global_bounding_box();
        Some(Embedded {
            bytes: subsetter::subset(self.weight.bytes(), 0, &remapper).ok()?,
            glyphs,
            ascent: self.units(self.face.ascender()),
            descent: self.units(self.face.descender()),
            cap_height: self.units(self.face.capital_height().unwrap_or_default()),
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|units| self.units(units)),
        })
    }
}
