//! A drawing before it is SVG or PDF: texts, boxes and lines at places. Both forms draw the same.

/// Where a text is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// At its beginning.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

/// How a text looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// What is read first.
    Strong,
    /// Values and names.
    Plain,
    /// Scales and remarks.
    Soft,
    /// On dark ground.
    Light,
}

/// What a box stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// An exact value.
    Exact,
    /// A rounded value.
    Rounded,
    /// From low to high.
    Range,
    /// Nothing is said.
    Hidden,
    /// A place of a value in a table.
    Pale,
    /// A place of a range in a table.
    PaleRange,
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    /// Of a scale.
    Grid,
    /// Zero.
    Base,
    /// An end of a range.
    Edge,
}

/// A part of a drawing. Lengths in user units; y runs down.
pub(super) enum Item {
    /// A text on its base line.
    Text { x: f64, y: f64, size: f64, anchor: Anchor, face: Face, text: String },
    /// A box.
    Box { x: f64, y: f64, width: f64, height: f64, fill: Fill },
    /// A straight line.
    Line { from: (f64, f64), to: (f64, f64), stroke: Stroke },
}

/// A drawing with what it shows in words.
pub(super) struct Drawing {
    pub(super) title: String,
    /// What a reader who cannot see it is told.
    pub(super) alternative: String,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) items: Vec<Item>,
}

impl Drawing {
    pub(super) fn text(
        &mut self,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        face: Face,
        text: impl Into<String>,
    ) {
        self.items.push(Item::Text { x, y, size, anchor, face, text: text.into() });
    }

    pub(super) fn boxed(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: Fill) {
        self.items.push(Item::Box { x, y, width, height, fill });
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.items.push(Item::Line { from, to, stroke });
    }
}
