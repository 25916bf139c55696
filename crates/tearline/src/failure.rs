//! How a command ends: an answer, or a failure with advice.
//!
//! *No* is an answer, not a failure. No message here or below contains a classified figure.

use std::path::Path;

use crate::code_table::FaultLines;
use crate::document::error::FaultLine;

/// What a command answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done, or yes: exit code 0.
    Yes,
    /// Unsafe, cannot be protected, refused, invalid: exit code 3.
    No,
}

/// Why a command gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Input with faults, all of them listed: exit code 2.
    #[error("{what} cannot be used: {}", count(faults.len() as u64 + left_out))]
    Faults {
        /// What was read.
        what: String,
        /// What is wrong with it.
        faults: Vec<FaultLine>,
        /// Faults that are not listed.
        left_out: u64,
    },
    /// Something asked for that cannot be: exit code 2.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
    },
    /// Something that should have worked did not: exit code 1.
    #[error("{message}")]
    Failed {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
    },
}

fn count(faults: u64) -> String {
    match faults {
        1 => "1 fault".to_owned(),
        several => format!("{several} faults"),
    }
}

impl Failure {
    /// Bad usage.
    #[must_use]
    pub fn usage(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), advice: advice.into() }
    }

    /// Something that should have worked.
    #[must_use]
    pub fn failed(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), advice: advice.into() }
    }

    /// A file with faults.
    pub(crate) fn faults(what: String, faults: impl Into<FaultLines>) -> Self {
        let FaultLines { lines: faults, left_out } = faults.into();
        Self::Faults { what, faults, left_out }
    }

    /// A file that cannot be read: bad input.
    #[must_use]
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let message = format!("cannot read `{}`: {error}", path.display());
        Self::usage(message, "check the path, and that you may read it")
    }

    /// A file that cannot be written.
    #[must_use]
    pub fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        let message = format!("cannot write `{}`: {error}", path.display());
        Self::failed(
            message,
            "check that there is room and that you may write there; nothing was left half-written",
        )
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Faults { faults, .. } => {
                let first = faults.iter().find(|fault| fault.severity == "reject");
                first.map(|fault| fault.advice.clone()).unwrap_or_default()
            }
            Self::Usage { advice, .. } | Self::Failed { advice, .. } => advice.clone(),
        }
    }

    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed { .. } => 1,
            Self::Faults { .. } | Self::Usage { .. } => 2,
        }
    }

    /// The kind, as documents name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Faults { .. } => "bad-input",
            Self::Usage { .. } => "usage",
            Self::Failed { .. } => "failed",
        }
    }
}
