//! Where marks stand in a drawn form: found by their spelling alone, so that finding does not depend on what they say.
//!
//! # Guarantee
//! [`Places::of`] gives the same places for a form and for every copy of it: all spellings of a gap have one length, all stamps
//! have one length, and the scan asks of neither which of its spellings it is.

use super::{COPY_MAX, FORM_BYTES_MAX};

/// How a drawn HTML page begins.
pub const HTML_HEAD: &str = "<!DOCTYPE html><!-- tearline-form/1 -->";
/// The four bytes in the comment on a drawn PDF's second line; all are above 127, as ISO 32000-2, 7.5.2 asks of binary files.
pub const PDF_MARKER: [u8; 4] = [0xD4, 0xC5, 0xC1, 0xD2];
/// A gap of an HTML page that says nothing.
pub const GAP_HTML: &str = "+0.00";
/// A gap of a PDF that says nothing.
pub const GAP_PDF: &str = "+000";
/// What stands before and behind a stamp in HTML.
pub const STAMP_HTML: (&str, &str) = ("<b class=\"copy\">", "</b>");

const PDF_HEAD: &[u8] = b"%PDF-1.7\n%";
const CARRIER_HTML: &[u8] = b"<text dx=\"";
const CARRIER_PDF: &[u8] = b"[<";
const CARRIER_PDF_END: &[u8] = b"]TJ";
const STAMP_PDF_END: &[u8] = b">Tj";

/// Digits of a copy's number on a page.
const NUMBER_LEN: usize = 6;
/// Characters of a receiver's code on a page.
const RECEIVER_LEN: usize = 24;
const STAMP_START: &str = "COPY ";
const STAMP_MIDDLE: &str = " FOR ";
/// Characters of a stamp.
const STAMP_LEN: usize = STAMP_START.len() + NUMBER_LEN + STAMP_MIDDLE.len() + RECEIVER_LEN;

/// What kind of drawn form a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page with drawings.
    Html,
    /// A PDF.
    Pdf,
}

impl Form {
    /// The kind of a file by its name and its first bytes; `None` for files that carry no marks, whatever is in them.
    #[must_use]
    pub fn of(name: &str, bytes: &[u8]) -> Option<Self> {
        if bytes.len() > FORM_BYTES_MAX {
            return None;
        }
        let pdf =
            |bytes: &[u8]| bytes.strip_prefix(PDF_HEAD).is_some_and(|rest| rest.starts_with(&PDF_MARKER));
        if name.ends_with(".html") && bytes.starts_with(HTML_HEAD.as_bytes()) {
            Some(Self::Html)
        } else if name.ends_with(".pdf") && pdf(bytes) {
            Some(Self::Pdf)
        } else {
            None
        }
    }

    /// The spellings of a gap: nothing, one, zero.
    fn spellings(self) -> [&'static [u8]; 3] {
        match self {
            Self::Html => [GAP_HTML.as_bytes(), b"+0.10", b"-0.10"],
            Self::Pdf => [GAP_PDF.as_bytes(), b"+012", b"-012"],
        }
    }

    /// A stamp as it stands in the file.
    fn spell(self, stamp: &str) -> Vec<u8> {
        match self {
            Self::Html => stamp.as_bytes().to_vec(),
            Self::Pdf => stamp.bytes().flat_map(|byte| format!("{byte:04X}").into_bytes()).collect(),
        }
    }

    fn stamp_bytes(self) -> usize {
        match self {
            Self::Html => STAMP_LEN,
            Self::Pdf => 4 * STAMP_LEN,
        }
    }
}

/// The stamp of no copy.
#[must_use]
pub fn neutral_stamp() -> String {
    format!("{STAMP_START}{:0NUMBER_LEN$}{STAMP_MIDDLE}{}", 0, "-".repeat(RECEIVER_LEN))
}

/// The stamp of a copy; `None` for a number that has no room. A longer code is cut: the number tells the copy.
pub(super) fn stamp(copy: u32, receiver: &str) -> Option<String> {
    let receiver = receiver.chars().take(RECEIVER_LEN).collect::<String>();
    let fits = (1..=COPY_MAX).contains(&copy);
    fits.then(|| format!("{STAMP_START}{copy:0NUMBER_LEN$}{STAMP_MIDDLE}{receiver:RECEIVER_LEN$}"))
}

/// The number of a copy in a stamp; `None` for the stamp of no copy and for what is none.
pub(super) fn copy_of(stamp: &str) -> Option<u32> {
    let digits = stamp.strip_prefix(STAMP_START)?.get(..NUMBER_LEN)?;
    digits.parse().ok().filter(|copy| *copy > 0)
}

/// Whether characters are those of a stamp, of whatever copy.
fn is_stamp(text: &[u8]) -> bool {
    let code = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b' ');
    let read = || {
        let rest = text.strip_prefix(STAMP_START.as_bytes())?;
        let (number, rest) = rest.split_at_checked(NUMBER_LEN)?;
        let receiver = rest.strip_prefix(STAMP_MIDDLE.as_bytes())?;
        Some(
            number.iter().all(u8::is_ascii_digit)
                && receiver.len() == RECEIVER_LEN
                && receiver.iter().all(code),
        )
    };
    read().unwrap_or(false)
}

/// Where the marks of a form stand, by offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    form: Form,
    stamps: Vec<usize>,
    gaps: Vec<usize>,
    carriers: Vec<Carrier>,
}

/// Gaps that stand in one drawn text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Carrier {
    /// Offset of its first byte.
    pub(super) from: usize,
    /// Offset behind its last byte.
    pub(super) to: usize,
    /// Index of its first gap.
    pub(super) first: usize,
    /// How many it has.
    pub(super) count: usize,
}

impl Places {
    /// Finds all marks of a form, in one pass.
    pub(super) fn of(form: Form, bytes: &[u8]) -> Self {
        let mut places = Self { form, stamps: Vec::new(), gaps: Vec::new(), carriers: Vec::new() };
        let mut at = 0;
        // Everything of interest begins with `<` or `[`; what does not read as a mark is passed over byte by byte.
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            at += match form {
                Form::Html => places.html(rest, at),
                Form::Pdf => places.pdf(rest, at),
            };
        }
        places
    }

    /// Takes what stands at the beginning of `rest`; how many bytes it was.
    fn html(&mut self, rest: &[u8], at: usize) -> usize {
        if let Some(gaps) = rest.strip_prefix(CARRIER_HTML) {
            let mut read = 0;
            let first = self.gaps.len();
            while gap(self.form, gaps, read) {
                self.gaps.push(at + CARRIER_HTML.len() + read);
                read += GAP_HTML.len();
                match gaps.get(read) {
                    Some(b' ') => read += 1,
                    Some(b'"') => return self.carrier(at, at + CARRIER_HTML.len() + read + 1, first),
                    _ => break,
                }
            }
            self.gaps.truncate(first);
        } else if let Some(stamp) = rest.strip_prefix(STAMP_HTML.0.as_bytes()) {
            let inside = stamp.get(..STAMP_LEN).filter(|text| is_stamp(text));
            let closed = stamp.get(STAMP_LEN..).is_some_and(|rest| rest.starts_with(STAMP_HTML.1.as_bytes()));
            if inside.is_some() && closed {
                self.stamps.push(at + STAMP_HTML.0.len());
                return STAMP_HTML.0.len() + STAMP_LEN;
            }
        }
        1
    }

    fn pdf(&mut self, rest: &[u8], at: usize) -> usize {
        if let Some(inside) = rest.strip_prefix(CARRIER_PDF) {
            let first = self.gaps.len();
            let mut read = hex_run(inside, 0);
            while inside.get(read) == Some(&b'>')
                && gap(self.form, inside, read + 1)
                && inside.get(read + 1 + GAP_PDF.len()) == Some(&b'<')
            {
                self.gaps.push(at + CARRIER_PDF.len() + read + 1);
                read = hex_run(inside, read + GAP_PDF.len() + 2);
            }
            let end = inside.get(read..).and_then(|rest| rest.strip_prefix(b">"));
            if end.is_some_and(|rest| rest.starts_with(CARRIER_PDF_END)) && self.gaps.len() > first {
                return self.carrier(at, at + CARRIER_PDF.len() + read + 1 + CARRIER_PDF_END.len(), first);
            }
            self.gaps.truncate(first);
        } else if rest.first() == Some(&b'<') {
            let inside = rest.get(1..1 + 4 * STAMP_LEN).and_then(from_hex);
            let closed = rest.get(1 + 4 * STAMP_LEN..).is_some_and(|rest| rest.starts_with(STAMP_PDF_END));
            if closed && inside.is_some_and(|text| is_stamp(&text)) {
                self.stamps.push(at + 1);
                return 1 + 4 * STAMP_LEN;
            }
        }
        1
    }

    fn carrier(&mut self, from: usize, to: usize, first: usize) -> usize {
        self.carriers.push(Carrier { from, to, first, count: self.gaps.len() - first });
        to - from
    }

    /// What kind of form it is.
    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// What a carrier says and where on the page it stands, without what its gaps say: the same in every copy. Bounded.
    pub(super) fn context(&self, bytes: &[u8], carrier: &Carrier, bytes_max: usize) -> Vec<u8> {
        match self.form {
            // Attributes and text stand behind the gaps.
            Form::Html => {
                let behind = bytes.get(carrier.to..).unwrap_or_default();
                let behind = behind.get(..bytes_max).unwrap_or(behind);
                let end = behind.iter().position(|byte| *byte == b'<').unwrap_or(behind.len());
                behind.get(..end).unwrap_or_default().to_vec()
            }
            // The position stands before on the same line, the text between the gaps.
            Form::Pdf => {
                let before =
                    bytes.get(carrier.from.saturating_sub(bytes_max)..carrier.from).unwrap_or_default();
                let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                let mut context = before.get(line..).unwrap_or_default().to_vec();
                let text = bytes.get(carrier.from..carrier.to).unwrap_or_default();
                context.extend(
                    text.split(|byte| *byte == b'<')
                        .flat_map(|run| run.get(..hex_run(run, 0)).unwrap_or_default()),
                );
                context
            }
        }
    }

    /// Offsets of the gaps, ascending.
    pub(super) fn gaps(&self) -> &[usize] {
        &self.gaps
    }

    /// The drawn texts that have gaps.
    pub(super) fn carriers(&self) -> &[Carrier] {
        &self.carriers
    }

    /// What the stamps say.
    pub(super) fn stamps(&self, bytes: &[u8]) -> Vec<String> {
        let read = |at: &usize| {
            let spelt = bytes.get(*at..at + self.form.stamp_bytes())?;
            let text = match self.form {
                Form::Html => spelt.to_vec(),
                Form::Pdf => from_hex(spelt)?,
            };
            String::from_utf8(text).ok()
        };
        self.stamps.iter().filter_map(read).collect()
    }

    /// What a gap says: one, zero, or nothing.
    pub(super) fn bit(&self, bytes: &[u8], gap: usize) -> Option<bool> {
        let [_, one, zero] = self.form.spellings();
        let at = *self.gaps.get(gap)?;
        let found = bytes.get(at..at + one.len())?;
        if found == one {
            Some(true)
        } else if found == zero {
            Some(false)
        } else {
            None
        }
    }

    /// Whether no mark says anything.
    pub(super) fn is_clear(&self, bytes: &[u8]) -> bool {
        let [nothing, ..] = self.form.spellings();
        let spelt = self.form.spell(&neutral_stamp());
        let says =
            |at: &usize, expected: &[u8]| bytes.get(*at..).is_some_and(|rest| rest.starts_with(expected));
        self.gaps.iter().all(|at| says(at, nothing)) && self.stamps.iter().all(|at| says(at, &spelt))
    }

    /// Takes every mark out.
    pub(super) fn clear(&self, bytes: &mut [u8]) {
        let [nothing, ..] = self.form.spellings();
        let spelt = self.form.spell(&neutral_stamp());
        self.gaps.iter().for_each(|at| put(bytes, *at, nothing));
        self.stamps.iter().for_each(|at| put(bytes, *at, &spelt));
    }

    /// Writes a stamp, and a code into these gaps; the others say nothing.
    pub(super) fn write(&self, bytes: &mut [u8], stamp: &str, carrying: &[usize], bits: &[bool]) {
        let [_, one, zero] = self.form.spellings();
        let spelt = self.form.spell(stamp);
        self.stamps.iter().for_each(|at| put(bytes, *at, &spelt));
        for (gap, bit) in carrying.iter().zip(bits) {
            let Some(at) = self.gaps.get(*gap) else { continue };
            put(bytes, *at, if *bit { one } else { zero });
        }
    }
}

fn put(bytes: &mut [u8], at: usize, text: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + text.len()) {
        place.copy_from_slice(text);
    }
}

/// Whether a gap stands there, whatever it says.
fn gap(form: Form, bytes: &[u8], at: usize) -> bool {
    let found = bytes.get(at..).unwrap_or_default();
    form.spellings().iter().any(|spelling| found.starts_with(spelling))
}

/// Where a run of hexadecimal digits that starts there ends.
fn hex_run(bytes: &[u8], from: usize) -> usize {
    let run = bytes.get(from..).unwrap_or_default();
    from + run.iter().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F')).count()
}

/// Characters below 128 from four capital hexadecimal digits each.
fn from_hex(spelt: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let character = |four: &[u8]| match *four {
        [b'0', b'0', high @ b'0'..=b'7', low] => Some(16 * digit(high)? + digit(low)?),
        _ => None,
    };
    spelt.chunks(4).map(character).collect()
}
