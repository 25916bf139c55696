//! Where the six members of a package stand in its file.
//!
//! First what every copy of a release shares, so that thousands of copies cost one encryption: payload, label, decision, together the
//! *prefix*. Then what is each copy's own, the *tail*: manifest, statement, signatures, directory. The payload's checksum stands behind
//! it, because a stream is written before its checksum is known; all else is as in every archive of ours.
//!
//! # Guarantee
//! [`Layout::read`] accepts a file only if its headers, its descriptor, its directory and its end are, byte for byte, those of an archive
//! of six members with these contents, and nothing stands between or behind them.
//!
//! # Source
//! APPNOTE.TXT 6.3.10, as [`crate::zip`].

use std::io;

use crate::{
    source::{Source, read_part},
    zip::{
        DESCRIPTOR_LEN, DIRECTORY_LEN, END_LEN, Facts, LOCAL_LEN, Place, descriptor, directory_entry,
        end_record, local_header,
    },
};

/// The encrypted content. The specification says `payload`; clients write and read this.
pub(crate) const PAYLOAD: &str = "0.payload";
/// The manifest. The specification says `manifest.json`; clients write and read this.
pub(crate) const MANIFEST: &str = "0.manifest.json";
pub(crate) const LABEL: &str = "label.xml";
pub(crate) const DECISION: &str = "decision.json";
pub(crate) const STATEMENT: &str = "release.json";
pub(crate) const SIGNATURES: &str = "signatures.json";

/// The members of a package, in their order.
pub(crate) const MEMBERS: [&str; 6] = [PAYLOAD, LABEL, DECISION, MANIFEST, STATEMENT, SIGNATURES];
/// How many of them every copy shares.
pub(crate) const SHARED: usize = 3;

/// A member: where its content stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    pub(crate) facts: Facts,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) members: [Span; 6],
    /// Length of the prefix.
    pub(crate) prefix: u64,
    /// Length of the file.
    pub(crate) bytes: u64,
}

/// Why a file is not laid out as a package.
#[derive(Debug)]
pub(crate) enum LayoutError {
    /// It could not be read.
    Io(io::Error),
    /// It was read; this is wrong with it.
    Fault(String),
}

impl From<io::Error> for LayoutError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Length of the directory of six members.
fn directory_bytes() -> usize {
    MEMBERS.iter().map(|name| DIRECTORY_LEN + name.len()).sum()
}

fn place(member: usize) -> Place {
    if member == 0 { Place::Behind } else { Place::Before }
}

impl Layout {
    /// The one layout of six members; `None` when the file would be longer than an archive may be.
    pub(crate) fn of(facts: [Facts; 6]) -> Option<Self> {
        let mut offset = 0_u64;
        let mut prefix = 0;
        let mut member = 0;
        let members = facts.map(|facts| {
            let name = MEMBERS.get(member).map_or(0, |name| name.len());
            let start = offset + (LOCAL_LEN + name) as u64;
            let behind = if place(member) == Place::Behind { DESCRIPTOR_LEN } else { 0 };
            offset = start + u64::from(facts.bytes) + behind as u64;
            member += 1;
            if member == SHARED {
                prefix = offset;
            }
            Span { offset: start, facts }
        });
        let bytes = offset + (directory_bytes() + END_LEN) as u64;
        (bytes <= crate::zip::ARCHIVE_BYTES_MAX).then_some(Self { members, prefix, bytes })
    }

    /// The local header of a member.
    pub(crate) fn header(member: usize, facts: Facts) -> Vec<u8> {
        MEMBERS.get(member).map(|name| local_header(name, facts, place(member))).unwrap_or_default()
    }

    /// Directory and end record.
    pub(crate) fn directory(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(directory_bytes() + END_LEN);
        for ((name, span), member) in MEMBERS.iter().zip(&self.members).zip(0..) {
            // INVARIANT: every offset is below the length of an archive, which `of` checks.
            let offset = (span.offset - (LOCAL_LEN + name.len()) as u64) as u32;
            out.extend(directory_entry(name, span.facts, place(member), offset));
        }
        let start = (self.bytes - (directory_bytes() + END_LEN) as u64) as u32;
        out.extend(end_record(MEMBERS.len(), directory_bytes() as u32, start));
        out
    }

    /// The layout of a file. Contents are not looked at.
    pub(crate) fn read(source: &dyn Source) -> Result<Self, LayoutError> {
        let fault = |text: &str| LayoutError::Fault(text.to_owned());
        let end = directory_bytes() + END_LEN;
        let start =
            source.bytes().checked_sub(end as u64).ok_or_else(|| fault("it is too short for a package"))?;
        let found = read_part(source, start, end)?;
        let facts = facts(&found)
            .ok_or_else(|| fault("it does not end with the directory of a package's six members"))?;
        let layout =
            Self::of(facts).ok_or_else(|| fault("its directory speaks of more than an archive may hold"))?;
        if layout.bytes != source.bytes() {
            let (expected, found) = (layout.bytes, source.bytes());
            return Err(LayoutError::Fault(format!(
                "{found} bytes where its directory speaks of {expected}"
            )));
        }
        differ(&layout.directory(), &found, start, "its directory")?;
        for (member, span) in layout.members.iter().enumerate() {
            let header = Self::header(member, span.facts);
            let at = span.offset - header.len() as u64;
            let name = MEMBERS.get(member).unwrap_or(&"");
            differ(&header, &read_part(source, at, header.len())?, at, &format!("the header of `{name}`"))?;
            if place(member) == Place::Behind {
                let at = span.offset + u64::from(span.facts.bytes);
                let found = read_part(source, at, DESCRIPTOR_LEN)?;
                differ(&descriptor(span.facts), &found, at, &format!("the descriptor of `{name}`"))?;
            }
        }
        Ok(layout)
    }
}

/// Checksums and sizes in a directory of six entries with the names of a package's members; nothing else in it is looked at.
fn facts(directory: &[u8]) -> Option<[Facts; 6]> {
    let mut rest = directory;
    let mut out = [Facts::NONE; 6];
    for (name, facts) in MEMBERS.iter().zip(&mut out) {
        let (entry, after) = rest.split_first_chunk::<DIRECTORY_LEN>()?;
        let (found, after) = after.split_at_checked(name.len())?;
        let word =
            |at: usize| entry.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
        // APPNOTE, section 4.3.12: the checksum at byte 16, the uncompressed size at 24.
        *facts = Facts::new(word(16)?, word(24)?.into())?;
        if found != name.as_bytes() {
            return None;
        }
        rest = after;
    }
    Some(out)
}

/// Says where two byte strings of one length differ.
fn differ(expected: &[u8], found: &[u8], start: u64, what: &str) -> Result<(), LayoutError> {
    match expected.iter().zip(found).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(at) => {
            let at = start + at as u64;
            Err(LayoutError::Fault(format!("byte {at}, in {what}, is not what a package has there")))
        }
    }
}
