//! What any command prints with `--json` when it fails, and the faults of files as documents list them.

use intake::fault::{Fault, Faults, Notes};
use schemars::JsonSchema;
use serde::Serialize;

use crate::code_table::FaultLines;
use crate::failure::Failure;

/// The document's schema.
pub const SCHEMA: &str = "tearline-error/1";

/// Why a command gave no answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ErrorDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// `bad-input` or `usage` (exit code 2), `failed` (exit code 1).
    #[schemars(extend("enum" = ["bad-input", "usage", "failed"]))]
    pub kind: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// Every fault of the files.
    pub faults: Vec<FaultLine>,
    /// Faults that are not listed.
    pub faults_left_out: u64,
}

/// One fault of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FaultLine {
    /// The file, as the specification or the command line names it.
    pub file: String,
    /// Line, from 1; the header is line 1.
    pub line: Option<u64>,
    /// Field of a table, or character of a specification, from 1.
    pub column: Option<u64>,
    /// Name of the column, or key.
    pub field: Option<String>,
    /// `warn`, `hold` or `reject`.
    #[schemars(extend("enum" = ["warn", "hold", "reject"]))]
    pub severity: &'static str,
    /// What kind of fault; a closed set.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: String,
}

impl FaultLine {
    /// A fault that rejects a file.
    pub(crate) fn at(
        file: &str,
        line: Option<u64>,
        column: Option<u64>,
        field: Option<String>,
        code: &str,
        message: String,
        advice: &str,
    ) -> Self {
        let (file, code, advice) = (file.to_owned(), code.to_owned(), advice.to_owned());
        Self { file, line, column, field, severity: "reject", code, message, advice }
    }

    /// `file:line:column (field)`, as editors understand it.
    #[must_use]
    pub fn place(&self) -> String {
        let mut text = self.file.clone();
        for number in [self.line, self.line.and(self.column)].into_iter().flatten() {
            text.push_str(&format!(":{number}"));
        }
        if let Some(field) = &self.field {
            text.push_str(&format!(" ({field})"));
        }
        text
    }
}

impl From<&Fault> for FaultLine {
    fn from(fault: &Fault) -> Self {
        Self {
            file: fault.place.file.clone(),
            line: fault.place.line,
            column: fault.place.column,
            field: fault.place.field.clone(),
            severity: fault.severity().word(),
            code: fault.code().to_owned(),
            message: fault.trouble.to_string(),
            advice: fault.advice(),
        }
    }
}

impl From<Faults> for FaultLines {
    fn from(faults: Faults) -> Self {
        Self { lines: lines(faults.all()), left_out: faults.left_out() }
    }
}

/// Faults as documents list them.
pub(crate) fn lines(faults: &[Fault]) -> Vec<FaultLine> {
    faults.iter().map(FaultLine::from).collect()
}

/// Holds and warnings as documents list them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NoteLines {
    /// A person must decide about each before anything is released.
    pub holds: Vec<FaultLine>,
    /// Worth knowing.
    pub warnings: Vec<FaultLine>,
    /// Holds and warnings that are not listed.
    pub left_out: u64,
}

impl From<&Notes> for NoteLines {
    fn from(notes: &Notes) -> Self {
        Self {
            holds: lines(&notes.holds),
            warnings: lines(&notes.warnings),
            left_out: notes.holds_left_out + notes.warnings_left_out,
        }
    }
}

impl ErrorDocument {
    /// The document of a failure.
    #[must_use]
    pub fn of(failure: &Failure) -> Self {
        let (faults, faults_left_out) = match failure {
            Failure::Faults { faults, left_out, .. } => (faults.clone(), *left_out),
            Failure::Usage { .. } | Failure::Failed { .. } => (Vec::new(), 0),
        };
        Self {
            schema: SCHEMA,
            kind: failure.kind(),
            message: failure.to_string(),
            advice: failure.advice(),
            faults,
            faults_left_out,
        }
    }

    /// The document of a command line that could not be parsed.
    #[must_use]
    pub fn usage(message: &str) -> Self {
        Self {
            schema: SCHEMA,
            kind: "usage",
            message: message.to_owned(),
            advice: "run `tearline --help`".to_owned(),
            faults: Vec::new(),
            faults_left_out: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_editors_write_them() {
        let place = |line, column, field: Option<&str>| {
            FaultLine::at("a.csv", line, column, field.map(str::to_owned), "", String::new(), "").place()
        };
        assert_eq!(place(None, None, None), "a.csv");
        assert_eq!(place(Some(3), None, None), "a.csv:3");
        assert_eq!(place(Some(3), Some(2), Some("value")), "a.csv:3:2 (value)");
    }
}
