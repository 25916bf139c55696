//! Faults: what is wrong with a file, where, and what its owner can do.
//!
//! A fault carries a place (file, line, column, field) and a [`Trouble`] with a code that is part of the
//! interface. In tables a column is the number of the field, from 1, as in a spreadsheet; in a specification it
//! is the number of the character. No message and no `Debug` contains a figure: those that the owner must see
//! (both sides of a sum that does not hold) stay in [`Figure`]s behind [`Fault::figures`].

use disclosure::Figure;

use crate::limits::FAULTS_MAX;

mod trouble;

pub use trouble::{AttackerTrouble, Trouble};

/// What follows from a fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Goes on; shown in the report.
    Warn,
    /// Read, but nothing may be released until a person has decided.
    Hold,
    /// Nothing is computed or stored.
    Reject,
}

impl Severity {
    /// The word used in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Hold => "hold",
            Self::Reject => "reject",
        }
    }
}

/// Where a fault lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, named as the specification names it.
    pub file: String,
    /// Line or row, from 1; the header is line 1.
    pub line: Option<u64>,
    /// Field of a table or character of a specification, from 1.
    pub column: Option<u64>,
    /// The column's name, or the key.
    pub field: Option<String>,
}

impl Place {
    /// A file as a whole.
    #[must_use]
    pub fn file(name: &str) -> Self {
        Self { file: name.to_owned(), ..Self::default() }
    }

    /// A line of a file.
    #[must_use]
    pub fn line(name: &str, line: u64) -> Self {
        Self { line: Some(line), ..Self::file(name) }
    }

    /// A field of a table; `column` counts from 0 here and from 1 in the place.
    #[must_use]
    pub fn field(name: &str, line: u64, column: usize, field: &str) -> Self {
        Self { column: Some(column as u64 + 1), field: Some(field.to_owned()), ..Self::line(name, line) }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        if let Some(field) = &self.field {
            write!(f, " (`{field}`)")?;
        }
        Ok(())
    }
}

/// One fault.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{place}: {trouble}")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub trouble: Trouble,
}

impl Fault {
    /// What follows from it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.trouble.severity()
    }

    /// Its code, part of the interface.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.trouble.code()
    }

    /// What the owner of the file can do.
    #[must_use]
    pub fn advice(&self) -> String {
        self.trouble.advice()
    }

    /// The figures that the owner of the file needs to see beside the message, each with what it is. They are
    /// classified and never part of the message.
    #[must_use]
    pub fn figures(&self) -> Vec<(&'static str, Figure)> {
        self.trouble.figures()
    }
}

/// Every fault of the files that were refused; at least one rejects them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    faults: Vec<Fault>,
    left_out: u64,
}

impl Faults {
    /// The faults by file, line and column.
    #[must_use]
    pub fn all(&self) -> &[Fault] {
        &self.faults
    }

    /// How many more there are than [`Self::all`] holds.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What to do about the first fault that rejects the files.
    #[must_use]
    pub fn advice(&self) -> String {
        let first = self.faults.iter().find(|fault| fault.severity() == Severity::Reject);
        first.or(self.faults.first()).map(Fault::advice).unwrap_or_default()
    }
}

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.faults.len() as u64 + self.left_out;
        match self.faults.iter().find(|fault| fault.severity() == Severity::Reject) {
            Some(first) if count == 1 => write!(f, "{first}"),
            Some(first) => write!(f, "{count} faults, the first: {first}"),
            None => f.write_str("the files are refused"),
        }
    }
}

impl std::error::Error for Faults {}

/// Faults as they are found, at most [`FAULTS_MAX`] of a severity; the rest is counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultList {
    faults: Vec<Fault>,
    kept: [usize; 3],
    left_out: [u64; 3],
}

impl FaultList {
    pub(crate) fn push(&mut self, place: Place, trouble: Trouble) {
        let class = trouble.severity() as usize;
        if self.kept[class] < FAULTS_MAX {
            self.kept[class] += 1;
            self.faults.push(Fault { place, trouble });
        } else {
            self.left_out[class] += 1;
        }
    }

    pub(crate) fn rejects(&self) -> bool {
        self.kept[Severity::Reject as usize] > 0 || self.left_out[Severity::Reject as usize] > 0
    }

    /// Whether a person must decide about something.
    pub(crate) fn holds(&self) -> bool {
        self.kept[Severity::Hold as usize] > 0
    }

    /// Adds what was found elsewhere.
    pub(crate) fn append(&mut self, other: Self) {
        for fault in other.faults {
            self.push(fault.place, fault.trouble);
        }
        for (mine, theirs) in self.left_out.iter_mut().zip(other.left_out) {
            *mine += theirs;
        }
    }

    /// Everything found, when something rejects; otherwise the holds and warnings.
    pub(crate) fn finish(mut self) -> Result<Notes, Faults> {
        let mut order: Vec<String> = Vec::new();
        for fault in &self.faults {
            if !order.contains(&fault.place.file) {
                order.push(fault.place.file.clone());
            }
        }
        self.faults.sort_by_cached_key(|fault| {
            let file = order.iter().position(|name| *name == fault.place.file);
            (file, fault.place.line.unwrap_or(u64::MAX), fault.place.column)
        });
        if self.rejects() {
            return Err(Faults { left_out: self.left_out.iter().sum(), faults: self.faults });
        }
        let (holds, warnings) = self.faults.into_iter().partition(|fault| fault.severity() == Severity::Hold);
        Ok(Notes {
            holds,
            warnings,
            holds_left_out: self.left_out[Severity::Hold as usize],
            warnings_left_out: self.left_out[Severity::Warn as usize],
        })
    }
}

/// What was found in files that are accepted.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// A person must decide about each before anything is released.
    pub holds: Vec<Fault>,
    /// Shown in the report.
    pub warnings: Vec<Fault>,
    /// Holds past the most that are kept.
    pub holds_left_out: u64,
    /// Warnings past the most that are kept.
    pub warnings_left_out: u64,
}
