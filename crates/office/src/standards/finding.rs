//! What is wrong with a registry as it was read: a closed set of codes, each with its severity and one sentence.
//!
//! A finding never stops an import. `Error` says that a row was left out or that nobody may have the part until it is put right;
//! `Warning`, that the row was kept and somebody should look; `Note`, that it is to be known.

use std::collections::BTreeMap;
use std::fmt;

use ledger::act::PartId;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Left out, or not to be trusted.
    Error,
    /// Kept; somebody should look.
    Warning,
    /// To be known.
    Note,
}

impl Severity {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which of the files a finding is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Standards and cover documents.
    Standards,
    /// Edges.
    Edges,
    /// Events.
    Events,
    /// Profiles.
    Profiles,
    /// Publishers.
    Organizations,
    /// Custodians.
    ResponsibleBodies,
    /// What states say.
    National,
    /// Documents.
    Documents,
}

impl Origin {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standards => "standards",
            Self::Edges => "edges",
            Self::Events => "events",
            Self::Profiles => "profiles",
            Self::Organizations => "organizations",
            Self::ResponsibleBodies => "responsible-bodies",
            Self::National => "national",
            Self::Documents => "documents",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Codes with their words, severities and sentences in one place, so that none is forgotten.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $severity:ident, $about:literal;)*) => {
        /// What is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode {
            $(#[doc = $about] $variant),*
        }

        impl FindingCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its stable word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity),*
                }
            }

            /// What it says, in one sentence.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about),*
                }
            }
        }
    };
}

codes! {
    RowMisshapen = "row-misshapen", Error, "The row has another number of fields than the header and was left out.";
    ColumnUnknown = "column-unknown", Note, "The column has no meaning here and was not read.";
    IdMissing = "id-missing", Error, "The row has no id and was left out.";
    IdMalformed = "id-malformed", Error, "The id is none that an act could name; the row was left out.";
    IdDoubled = "id-doubled", Error, "Another row has this id already; this one was left out.";
    UuidMissing = "uuid-missing", Note, "Without a UUID nothing follows the record through a renaming.";
    UuidMalformed = "uuid-malformed", Warning, "The UUID is none; the record has no UUID now.";
    UuidDoubled = "uuid-doubled", Warning, "Several records have this UUID, so that it tells none of them.";
    KindUnknown = "kind-unknown", Warning, "The kind is unknown; it was taken for a standard.";
    StatusUnknown = "status-unknown", Warning, "The status is unknown; it was taken for a draft.";
    TitleMissing = "title-missing", Warning, "The record has no title.";
    NumberMissing = "number-missing", Note, "The record has no number.";
    NumberDoubled = "number-doubled", Note, "Several records that are not withdrawn have one publisher and one number.";
    TextTooLong = "text-too-long", Warning, "The text was cut to the longest one allowed.";
    TextUnprintable = "text-unprintable", Warning, "Characters that cannot be seen or change the direction of reading became spaces.";
    DateUnreadable = "date-unreadable", Warning, "The text given is no date; the record has none now.";
    DateMissing = "date-missing", Note, "No date is given.";
    DateImpossibleOrder = "date-impossible-order", Warning, "One date precedes another that must come first.";
    WithdrawnWithoutDate = "withdrawn-without-date", Warning, "It is withdrawn, and nothing says since when.";
    WithdrawalDateInForce = "withdrawal-date-in-force", Note, "It has a date of withdrawal and is in force, or in force again.";
    MarkingUnknown = "marking-unknown", Error, "The marking cannot be read; the part counts as top secret until it can.";
    OriginatorMalformed = "originator-malformed", Error, "An originator cannot be read; nobody may have the part until it can.";
    CaveatMalformed = "caveat-malformed", Error, "The states and bodies it is releasable to cannot be read; nobody may have the part until they can.";
    DocumentMalformed = "document-malformed", Warning, "Digest, length or name of the document cannot be read; the record has no document now.";
    DocumentOfUnknown = "document-of-unknown", Warning, "The document belongs to no record.";
    PublisherUnknown = "publisher-unknown", Note, "The publisher is not among the organizations.";
    BodyUnknown = "body-unknown", Note, "The custodian is not among the responsible bodies.";
    CoversColumnDiffers = "covers-column-differs", Warning, "The column of covered standards says something else than the edges.";
    CoverWithoutParts = "cover-without-parts", Warning, "The cover document covers nothing that is registered.";
    CoversByNoCover = "covers-by-no-cover", Warning, "What covers it is no cover document.";
    CoveredByNothing = "covered-by-nothing", Warning, "Volumes of its set are covered, and this one is not.";
    CoverOutdated = "cover-outdated", Note, "The cover document covers an edition whose successor nothing covers.";
    PartAboveCover = "part-above-cover", Warning, "The part is marked higher than its cover document.";
    ReferenceMissing = "reference-missing", Warning, "The edge points at no record and was left out.";
    SubjectMissing = "subject-missing", Warning, "The edge begins at no record and was left out.";
    ProfileUnknown = "profile-unknown", Warning, "The profile is not among the profiles; it was taken without a title.";
    RelationUnknown = "relation-unknown", Error, "The relation is unknown; the edge was left out.";
    ObligationUnknown = "obligation-unknown", Warning, "The obligation is unknown; a reference counts as normative, a requirement as not said.";
    LifecycleUnknown = "lifecycle-unknown", Warning, "Whether the requirement holds already is not said in a known word.";
    SelfReference = "self-reference", Error, "The edge leads from a record to itself and was left out.";
    EdgeDoubled = "edge-doubled", Note, "The edge stands there already; it counts once.";
    ObligationAmbiguous = "obligation-ambiguous", Note, "The same two are joined twice, with different obligations.";
    Cycle = "cycle", Warning, "These need, contain or supersede each other in a circle.";
    EditionOrder = "edition-order", Warning, "What supersedes is dated before what it supersedes.";
    SupersededInForce = "superseded-in-force", Note, "A later edition is in force, and this one is too.";
    EventOfUnknown = "event-of-unknown", Warning, "The event belongs to no record.";
    EventFlagUnknown = "event-flag-unknown", Warning, "What happened is not said in a known word; the event was left out.";
    EventDateUnreadable = "event-date-unreadable", Warning, "The date of the event is none; the event was kept without.";
    EventDateMissing = "event-date-missing", Note, "The event has no date.";
    EventsDiffer = "events-differ", Note, "The events say something else than the record.";
    NationalOfUnknown = "national-of-unknown", Warning, "What a state says is about no record.";
    StanceUnknown = "stance-unknown", Error, "What the state did is not said in a known word; the row was left out.";
    StateMalformed = "state-malformed", Error, "The state is no code; the row was left out.";
}

impl FindingCode {
    /// Reads its word.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something wrong with a registry. The order is that of the files, their lines, then codes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Which file.
    pub origin: Origin,
    /// Which line of it; of JSON which object; none for what is about a whole file or several rows.
    pub line: Option<u64>,
    /// What is wrong.
    pub code: FindingCode,
    /// How bad it is.
    pub severity: Severity,
    /// Whose: the id as the file has it; empty where there is none.
    pub id: String,
    /// Which column.
    pub field: String,
    /// What was found, in words.
    pub message: String,
}

/// How many findings have each code; codes without a finding are absent.
#[must_use]
pub fn counts(findings: &[Finding]) -> BTreeMap<FindingCode, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.code).or_insert(0) += 1;
    }
    counts
}

/// Findings as they are gathered.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Longest piece of a file that a message repeats, in characters.
    const QUOTE_CHARS_MAX: usize = 80;

    pub(super) fn add(
        &mut self,
        code: FindingCode,
        place: (Origin, Option<u64>),
        (id, field): (&str, &str),
        message: String,
    ) {
        let (origin, line) = place;
        let (id, field) = (Self::plain(id, PartId::BYTES_MAX), Self::plain(field, Self::QUOTE_CHARS_MAX));
        self.0.push(Finding { origin, line, code, severity: code.severity(), id, field, message });
    }

    /// A piece of a file, in backticks, short and without characters that hide what it says.
    pub(super) fn quote(text: &str) -> String {
        format!("`{}`", Self::plain(text, Self::QUOTE_CHARS_MAX))
    }

    fn plain(text: &str, chars_max: usize) -> String {
        let mut chars = text.chars().map(|c| if is_plain(c) { c } else { ' ' });
        let mut plain: String = chars.by_ref().take(chars_max).collect();
        if chars.next().is_some() {
            plain.push('…');
        }
        plain
    }

    /// All of them in order.
    pub(super) fn done(mut self) -> Vec<Finding> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// Whether a character can be seen, or is a space, and leaves the direction of reading alone.
pub(super) fn is_plain(c: char) -> bool {
    let directional =
        matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !directional
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_codes_are_kebab_case_and_differ() {
        let mut words: Vec<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), FindingCode::ALL.len());
        for code in FindingCode::ALL {
            assert_eq!(FindingCode::read(code.as_str()), Some(*code));
            assert!(code.about().ends_with('.') && code.about().len() > 10, "{code}");
        }
    }

    #[test]
    fn what_a_message_repeats_is_short_and_visible() {
        assert_eq!(Findings::quote("a\u{202e}b\n"), "`a b `");
        assert_eq!(Findings::quote(&"x".repeat(100)), format!("`{}…`", "x".repeat(80)));
    }
}
