//! The independent auditor beside the repository: `../shared/check/audit.py`.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::child::{self, Ended};

/// Every sensitive cell is attacked up to this many, else a sample of so many, drawn with a fixed seed.
const SAMPLE: u32 = 3_000;
/// The auditor stops by itself after this many seconds and says how far it came.
const SECONDS_MAX: u32 = 300;
/// A single one of its linear programs may overrun that.
const KILLED_AFTER_S: f64 = 1_200.0;

/// What the auditor found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Audit {
    /// Sensitive cells that were published.
    pub(super) exposed: u64,
    /// Sensitive cells whose interval is too narrow.
    pub(super) violations: u64,
    /// Sensitive cells attacked.
    pub(super) checked: u64,
    /// Sensitive cells that are hidden.
    pub(super) sensitive_hidden: u64,
    /// Why there is no verdict, where there is none.
    #[serde(default)]
    pub(super) trouble: Option<String>,
}

impl Audit {
    /// How many sensitive cells the pattern fails, as far as was looked.
    pub(super) const fn broken(&self) -> u64 {
        self.exposed + self.violations
    }

    /// The verdict in words.
    pub(super) fn words(&self) -> String {
        let Self { checked, sensitive_hidden, trouble, .. } = self;
        if let Some(trouble) = trouble {
            return format!("no verdict: {trouble}");
        }
        let partly = checked < sensitive_hidden;
        match (self.broken(), partly) {
            (0, false) => "safe".to_owned(),
            (0, true) => format!("safe ({checked} of {sensitive_hidden} attacked)"),
            (broken, false) => format!("**unsafe: {broken}**"),
            (broken, true) => format!("**unsafe: {broken}** ({checked} of {sensitive_hidden} attacked)"),
        }
    }
}

/// Audits one pattern of one table. An auditor that fails is a result too: the comparison goes on without its verdict.
///
/// # Errors
/// When the auditor cannot be started.
pub(super) fn audit(
    python: &Path,
    script: &Path,
    instance: &Path,
    pattern: &Path,
    work: &Path,
) -> anyhow::Result<Audit> {
    let answer = work.join("audit.json");
    let mut command = Command::new(python);
    command.arg(script).arg(instance).arg(pattern).args(["--sample", &SAMPLE.to_string()]);
    command.args(["--max-seconds", &SECONDS_MAX.to_string()]).arg("--json").arg(&answer);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let trouble = match child::run_limited(&mut command, work, KILLED_AFTER_S)?.ended {
        Ended::Itself { last_words, .. } => match std::fs::read(&answer) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(audit) => return Ok(audit),
                Err(error) => error.to_string(),
            },
            Err(_) => last_words,
        },
        Ended::Killed => format!("killed after {KILLED_AFTER_S} s"),
    };
    Ok(Audit { exposed: 0, violations: 0, checked: 0, sensitive_hidden: 0, trouble: Some(trouble) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_says_how_much_was_looked_at() {
        let audit = |exposed, violations, checked| Audit {
            exposed,
            violations,
            checked,
            sensitive_hidden: 10,
            trouble: None,
        };
        assert_eq!(audit(0, 0, 10).words(), "safe");
        let none = Audit { trouble: Some("it crashed".to_owned()), ..audit(0, 0, 0) };
        assert_eq!(none.words(), "no verdict: it crashed");
        assert_eq!(audit(0, 0, 4).words(), "safe (4 of 10 attacked)");
        assert_eq!(audit(1, 2, 10).words(), "**unsafe: 3**");
        assert_eq!(audit(0, 2, 4).words(), "**unsafe: 2** (4 of 10 attacked)");
    }

    #[test]
    fn the_auditors_answer_is_read() {
        let text = r#"{"cells": 9, "exposed": 0, "violations": 2, "checked": 5, "sensitive_hidden": 5, "worst": []}"#;
        let audit: Audit = serde_json::from_str(text).expect("an answer");
        assert_eq!(
            audit,
            Audit { exposed: 0, violations: 2, checked: 5, sensitive_hidden: 5, trouble: None }
        );
    }
}
