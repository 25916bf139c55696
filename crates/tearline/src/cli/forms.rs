//! Arguments of the commands around the forms of a release and their marks.

use std::path::PathBuf;

use clap::{Args, ValueHint};

const FORMS_EXAMPLES: &str = "\
Examples:
  tearline forms out --title 'Demand 2027-2034' --label label.xml --codes capability=capability.csv --out forms
  tearline forms out/release/cells.csv --title Demand --label label.xml --exercise --out forms

RELEASE is the folder that `protect` wrote, or its release/cells.csv; nothing else in the folder is read.
The forms are what is proposed, agreed to and sealed: README.txt, cells.csv, cells.json with its schema, cells.xlsx, report.html,
report.pdf, and the code lists.";

/// `tearline forms`
#[derive(Debug, Args)]
#[command(before_help = FORMS_EXAMPLES)]
pub struct Forms {
    /// Folder that `protect` wrote, or its release/cells.csv.
    #[arg(value_name = "RELEASE", value_hint = ValueHint::AnyPath)]
    pub release: PathBuf,

    /// Title of the release, as the proposal will have it.
    #[arg(long, value_name = "TEXT")]
    pub title: String,

    /// The label (STANAG 4774 XML), whose marking stands on every page and sheet.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub label: PathBuf,

    /// Code list of a variable (CSV: code or child, parent, title), as VARIABLE=FILE; once for each variable that has one.
    #[arg(long, value_name = "VARIABLE=FILE", value_hint = ValueHint::FilePath)]
    pub codes: Vec<String>,

    /// Folder for the forms; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// Put EXERCISE in front of the marking.
    #[arg(long)]
    pub exercise: bool,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,
}

const TRACE_EXAMPLES: &str = "\
Examples:
  tearline trace leaked.pdf --release forms --key office.trace.key --packages sent --trust trust.json
  tearline trace leaked/ --release forms --key office.trace.key --packages sent --trust trust.json --ledger ledger
  tearline trace piece.html --release forms --key office.trace.key --packages sent --trust trust.json --error 1e-9

Names a receiver only if the chance of naming any that had no part is below --error. Exit code 3 when nobody can be named.
Files are read as they were in a package, or parts of them; pictures and text that was typed again carry no marks.";

/// `tearline trace`
#[derive(Debug, Args)]
#[command(before_help = TRACE_EXAMPLES)]
pub struct Trace {
    /// What leaked: a page, a PDF, a part of one, or a folder of such files from one leak.
    #[arg(value_name = "LEAK", value_hint = ValueHint::AnyPath)]
    pub leak: PathBuf,

    /// Folder with the content that was agreed to and sealed, without marks: what `tearline forms` wrote.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub release: PathBuf,

    /// The key with which the copies were marked (kind trace).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: PathBuf,

    /// Folder with all sealed packages of the release; their statements say who got which copy, and commit to its marks.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub packages: PathBuf,

    /// Whom you trust, as receivers do: packages that do not verify are not believed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,

    /// Folder of the log: every package must have been logged, which binds the marks to the time before delivery.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub ledger: Option<PathBuf>,

    /// Chance of naming a receiver that had no part, at most; from 1e-9 to 0.01.
    #[arg(long, value_name = "CHANCE", default_value = "1e-6", value_parser = chance)]
    pub error: u32,

    /// File with the passphrase on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
}

/// A chance in parts of 10^9, rounded down.
fn chance(text: &str) -> Result<u32, String> {
    let parts = text.parse::<f64>().map(|chance| (chance * 1e9 + 1e-3).floor());
    match parts {
        Ok(parts) if (1.0..=1e7).contains(&parts) => Ok(parts as u32),
        _ => Err("a chance is a number from 1e-9 to 0.01, for example 1e-6".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_parts_of_a_thousand_million() {
        for (text, parts) in [("1e-6", 1_000), ("0.01", 10_000_000), ("1e-9", 1), ("0.0000015", 1_500)] {
            assert_eq!(chance(text), Ok(parts), "{text}");
        }
        for text in ["0", "1", "-1e-6", "1e-10", "NaN", "inf", "", "one"] {
            assert!(chance(text).is_err(), "{text}");
        }
    }
}
