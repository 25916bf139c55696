//! What is known of a part of the standards, of its edges, of the profiles that use it, and of what states say of it.
//!
//! These are values, not files: what does not read as one of them became a finding before (`read`). Texts are kept as the source has
//! them, at most [`Record::TEXT_BYTES_MAX`] bytes each.

use std::collections::BTreeSet;
use std::fmt;

use ledger::Digest;
use ledger::act::{Code, Level, PartId, days_in_month};

/// Words of a closed set, as files and documents have them: `as_str`, `read` and `ALL`.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// All of them, ascending.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }

            /// Reads its word, in either case, with `-`, `_` or a space between the halves of a word.
            #[must_use]
            pub fn read(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| same_word(text, known.as_str()))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Whether two words differ in case and in what joins their halves at most.
pub(super) fn same_word(one: &str, other: &str) -> bool {
    let plain = |b: u8| match b {
        b'_' | b' ' => b'-',
        b => b.to_ascii_lowercase(),
    };
    one.trim().bytes().map(plain).eq(other.bytes().map(plain))
}

/// The word of a marking.
#[must_use]
pub const fn marking_word(level: Level) -> &'static str {
    match level {
        Level::Public => "public",
        Level::Unclassified => "unclassified",
        Level::Restricted => "restricted",
        Level::Confidential => "confidential",
        Level::Secret => "secret",
        Level::TopSecret => "top-secret",
    }
}

/// Reads the word of a marking, in either case, also with `NATO` in front or `COSMIC` before `TOP SECRET`.
#[must_use]
pub fn read_marking(text: &str) -> Option<Level> {
    const LEVELS: [Level; 6] = [
        Level::Public,
        Level::Unclassified,
        Level::Restricted,
        Level::Confidential,
        Level::Secret,
        Level::TopSecret,
    ];
    LEVELS.into_iter().find(|level| {
        let word = marking_word(*level);
        let cosmic = *level == Level::TopSecret && same_word(text, "cosmic-top-secret");
        cosmic || same_word(text, word) || same_word(text, &format!("nato-{word}"))
    })
}

/// A day, a month or a year. The order is that of the earliest day meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    // INVARIANT: 0 for none; a day only in a month, and one that exists.
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; nothing for any other form or a date that does not exist.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let number = |text: &str, length: usize| {
            let digits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
            if digits { text.parse::<u16>().ok() } else { None }
        };
        let mut fields = text.split('-');
        let year = number(fields.next()?, 4)?;
        let month =
            fields.next().map_or(Some(0), |text| number(text, 2).filter(|month| (1..=12).contains(month)))?;
        let day = match fields.next() {
            None => 0,
            Some(text) => number(text, 2)
                .filter(|day| (1..=days_in_month(year.into(), month.into())).contains(&u32::from(*day)))?,
        };
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        fields.next().is_none().then_some(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

/// A UUID in lower-case text, whatever its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 36]);

impl Uuid {
    /// Reads 8, 4, 4, 4 and 12 hexadecimal digits with `-` between them, in either case.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes: [u8; 36] = text.as_bytes().try_into().ok()?;
        bytes.make_ascii_lowercase();
        let shaped = bytes.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
        shaped.then_some(Self(bytes))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| fmt::Write::write_char(f, char::from(*b)))
    }
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The agreement to implement one or more standards, distinct from what it covers (a STANAG).
    CoverDocument,
    /// A standard, or a volume of one.
    Standard,
}

words! { Kind { CoverDocument = "cover_document", Standard = "standard" } }

/// Where a part is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Under study, in ratification, expected.
    Draft,
    /// In force.
    Accepted,
    /// Cancelled, deleted, obsolete.
    Withdrawn,
}

words! { Status { Draft = "draft", Accepted = "accepted", Withdrawn = "withdrawn" } }

/// One step in the history of a part's status.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct History {
    /// When; none where the source has no readable date.
    pub date: Option<Date>,
    /// What happened.
    pub flag: Flag,
    /// The change proposal that asked for it; empty where none is named.
    pub proposal: String,
    /// The version of the registry in which it took effect, as the source writes it.
    pub version: String,
}

/// What happened to a part in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// It was added.
    Added,
    /// It was changed.
    Changed,
    /// It was withdrawn (the source says deleted).
    Deleted,
}

words! { Flag { Added = "added", Changed = "changed", Deleted = "deleted" } }

/// The document of a part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Document {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// The file name that receivers get.
    pub name: String,
    /// The sealed box in the office's store that holds it, where the office has it. No file of a registry says this.
    pub sealed: Option<Digest>,
}

impl Document {
    /// Whether this can be the name of a document: one to 200 bytes that can be seen, of one folder, and no hidden file.
    #[must_use]
    pub fn names(text: &str) -> bool {
        let apart = |c: char| matches!(c, '/' | '\\' | ':') || !super::finding::is_plain(c);
        (1..=200).contains(&text.len())
            && !text.starts_with('.')
            && text.trim() == text
            && !text.contains(apart)
    }
}

/// A part of the standards.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its id in this edition.
    pub id: PartId,
    /// What follows it through renamings.
    pub uuid: Option<Uuid>,
    /// What it is.
    pub kind: Kind,
    /// Who publishes it.
    pub publisher: String,
    /// Its number as published.
    pub number: String,
    /// Series, number without edition, edition, version, as far as they are known.
    pub series: String,
    /// The number without edition and version.
    pub base_number: String,
    /// Edition.
    pub edition: String,
    /// Version.
    pub version: String,
    /// Title.
    pub title: String,
    /// Date of the document.
    pub date: Option<Date>,
    /// The custodian: the body responsible for it.
    pub custodian: String,
    /// Where it is in its life.
    pub status: Status,
    /// When it was added to the registry.
    pub added: Option<Date>,
    /// When it was last changed there.
    pub changed: Option<Date>,
    /// When it was last withdrawn there; it may be in force again since.
    pub withdrawn: Option<Date>,
    /// Its marking; none where nothing is said, and a policy says what that means.
    pub marking: Option<Level>,
    /// Members whose consent it takes; empty where the source says nothing, and a policy says whose.
    pub originators: BTreeSet<Code>,
    /// States and bodies that alone may have it, where it carries such a caveat; an empty set is nobody, which is also what a caveat
    /// or an originator that could not be read becomes.
    pub releasable_to: Option<BTreeSet<Code>>,
    /// Where it is published.
    pub uri: String,
    /// What it is about.
    pub summary: String,
    /// Its document, where the office has it.
    pub document: Option<Document>,
    /// The history of its status, oldest first.
    pub history: Vec<History>,
}

impl Record {
    /// Longest text of a field in bytes.
    pub const TEXT_BYTES_MAX: usize = 16 * 1024;
}

/// What an edge says. The first end is the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// A cover document covers a standard: they travel together.
    Covers,
    /// A whole has a part: the whole is not complete without it.
    HasPart,
    /// One refers to another: with [`Obligation::Mandatory`] normatively, otherwise for information.
    References,
    /// A later one takes the place of an earlier one.
    Supersedes,
    /// A profile, not a part, requires a standard: its use.
    ProfileRequires,
}

words! {
    Relation {
        Covers = "covers",
        HasPart = "has_part",
        References = "references",
        Supersedes = "supersedes",
        ProfileRequires = "profile_requires",
    }
}

/// How binding a reference or the requirement of a profile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obligation {
    /// Binding; of a reference: normative.
    Mandatory,
    /// Binding under a condition.
    Conditional,
    /// Advised.
    Recommended,
    /// Left open; of a reference: informative.
    Optional,
    /// About to be binding (older sources; newer ones say so by the lifecycle).
    Candidate,
    /// About to go.
    Fading,
}

words! {
    Obligation {
        Mandatory = "mandatory",
        Conditional = "conditional",
        Recommended = "recommended",
        Optional = "optional",
        Candidate = "candidate",
        Fading = "fading",
    }
}

/// Whether a requirement holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifecycle {
    /// It holds.
    Current,
    /// It is to come.
    Candidate,
}

words! { Lifecycle { Current = "current", Candidate = "candidate" } }

/// An edge of the reference graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// The subject; of [`Relation::ProfileRequires`] the id of a profile.
    pub from: PartId,
    /// What it says.
    pub relation: Relation,
    /// The object.
    pub to: PartId,
    /// How binding it is.
    pub obligation: Option<Obligation>,
    /// Whether it holds already.
    pub lifecycle: Option<Lifecycle>,
    /// Whether it was worked out from numbers and editions, not read in the source.
    pub derived: bool,
}

/// A profile: a set of standards for one use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Its id.
    pub id: PartId,
    /// Title.
    pub title: String,
}

/// What a state did about a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// It ratified it.
    Ratified,
    /// It ratified it with a reservation, in the note.
    Reserved,
    /// It will not.
    NotRatifying,
    /// It implemented it.
    Implemented,
}

words! {
    Stance {
        Ratified = "ratified",
        Reserved = "reserved",
        NotRatifying = "not-ratifying",
        Implemented = "implemented",
    }
}

/// What a state says of a part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct National {
    /// The part.
    pub part: PartId,
    /// The state.
    pub state: Code,
    /// What it did.
    pub stance: Stance,
    /// When.
    pub date: Option<Date>,
    /// Its words, for example the reservation.
    pub note: String,
}
